"""What a page said at its last approved version: asks git, and compares words."""

from __future__ import annotations

import difflib
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from acuext.changes import git_environment

#: A block begins here even where no empty line stands above: list items, headings, rows, fences.
_OPENS: Final = re.compile(r"\s*(?:[-*+]\s|\d+[.)]\s|#{1,6}\s|\||```|~~~|:::|\.\.\s)")
#: How much alike two blocks must be to be one that was edited.
_ALIKE: Final = 0.5
#: Comparing each with each takes the square of their number.
_MOST_BLOCKS: Final = 60
_MOST_WORDS: Final = 2000
#: How long git may take.
_SECONDS: Final = 60


class RevisionError(ValueError):
    """A revision that nothing can be compared with, in one line."""

    def __init__(self, reason: str, *, mistaken: bool) -> None:
        super().__init__(reason)
        #: Whether the name is wrong; else there is only no history to look at.
        self.mistaken = mistaken


class Revision(msgspec.Struct, frozen=True):
    """A revision of the repository that a page's source is compared with."""

    #: As the setting names it.
    name: str
    commit: str
    #: The day of the commit, as 2027-02-01.
    day: str
    #: Top of the working copy.
    root: Path
    #: The files at that revision, and those that differ from it now; from the top, POSIX.
    files: frozenset[str]
    changed: frozenset[str]

    @classmethod
    def of(cls, name: str, folder: Path) -> Revision:
        """Look a revision up.

        Args:
            name: a tag, a branch or a commit.
            folder: a folder of the working copy.

        Raises:
            RevisionError: there is no such revision, no repository or no git.
        """
        try:
            root = Path(_git(folder, "rev-parse", "--show-toplevel").strip())
        except (OSError, subprocess.SubprocessError):
            raise RevisionError(
                "there is no git repository to look it up in", mistaken=False
            ) from None
        try:
            wanted = f"{name}^{{commit}}"
            commit = _git(
                root, "rev-parse", "--quiet", "--verify", "--end-of-options", wanted
            ).strip()
            day = _git(root, "show", "--no-patch", "--format=%cs", commit).strip()
            files = _git(root, "ls-tree", "-r", "-z", "--name-only", commit)
            changed = _git(
                root, "diff", "--no-ext-diff", "--no-renames", "--name-only", "-z", commit, "--"
            )
        except (OSError, subprocess.SubprocessError):
            if _is_shallow(root):
                hint = "this copy of the repository has no history; run: git fetch --unshallow"
                raise RevisionError(hint, mistaken=False) from None
            raise RevisionError(f"git knows no revision {name!r}", mistaken=True) from None
        return cls(name, commit, day, root, _paths(files), _paths(changed))

    def path(self, file: Path) -> str:
        """The path of a file from the top; empty when it lies elsewhere."""
        try:
            return file.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return ""

    def text(self, path: str) -> str:
        """What a file said; empty when it was not there."""
        try:
            return _git(self.root, "cat-file", "blob", f"{self.commit}:{path}")
        except (OSError, subprocess.SubprocessError):
            return ""


def _git(folder: Path, *arguments: str) -> str:
    # Nothing may ask, wait, lock the index or start another program.
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    done = subprocess.run(  # noqa: S603 (the arguments are ours, or a revision that git verifies)
        ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments],  # noqa: S607
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=_SECONDS,
        env=git_environment() | quiet,
    )
    return done.stdout.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")


def _is_shallow(root: Path) -> bool:
    try:
        return _git(root, "rev-parse", "--is-shallow-repository").strip() == "true"
    except (OSError, subprocess.SubprocessError):
        return False


def _paths(listed: str) -> frozenset[str]:
    return frozenset(path for path in listed.split("\0") if path)


# -- comparing -----------------------------------------------------------------------------------


class Piece(msgspec.Struct, frozen=True):
    """Words that stayed, came or went."""

    kind: Literal["same", "added", "removed"]
    text: str


class Change(msgspec.Struct, frozen=True):
    """A paragraph, heading, list item or row of a table that is not as it was."""

    kind: Literal["changed", "added", "removed"]
    #: Its lines now, the last included; of a removed one the line that it stood before.
    line: int
    end_line: int
    pieces: tuple[Piece, ...]


class _Block(msgspec.Struct, frozen=True):
    line: int
    end_line: int
    words: tuple[str, ...]


def changes(old: str, new: str) -> list[Change]:
    """Compare two texts of a page by their words; how lines are broken does not count.

    Args:
        old: the source as it was.
        new: the source as it is.

    Returns:
        The blocks that differ, in the order of their lines, removed ones where they stood.
    """
    was, now = list(_blocks(old)), list(_blocks(new))
    matcher = difflib.SequenceMatcher(
        None, [block.words for block in was], [block.words for block in now], autojunk=False
    )
    end = len(new.splitlines()) + 1
    found: list[Change] = []
    for what, first, last, begin, stop in matcher.get_opcodes():
        if what == "equal":
            continue
        left, fresh = was[first:last], now[begin:stop]
        following = now[stop].line if stop < len(now) else end
        place = 0
        for block, mate in zip(fresh, _mates(left, fresh), strict=True):
            if mate is None:
                found.append(_whole("added", block.line, block.end_line, block))
                continue
            found += [_whole("removed", block.line, block.line, b) for b in left[place:mate]]
            place = mate + 1
            pieces = tuple(_pieces(left[mate].words, block.words))
            found.append(Change("changed", block.line, block.end_line, pieces))
        found += [_whole("removed", following, following, block) for block in left[place:]]
    return found


def _whole(kind: Literal["added", "removed"], line: int, end_line: int, block: _Block) -> Change:
    return Change(kind, line, end_line, (Piece(kind, " ".join(block.words)),))


def _blocks(text: str) -> Iterator[_Block]:
    """The blocks of a source, whatever markup it is written in."""
    lines: list[str] = []
    first = 0
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if lines and (not line.strip() or _OPENS.match(line)):
            yield _Block(first, number - 1, tuple(" ".join(lines).split()))
            lines = []
        if line.strip():
            first = first if lines else number
            lines.append(line)


def _mates(left: Sequence[_Block], fresh: Sequence[_Block]) -> list[int | None]:
    """For each new block the old one that it was made from, in order."""
    if len(left) == len(fresh) == 1 and min(len(left[0].words), len(fresh[0].words)) > 2:
        return [0 if _alike(left[0], fresh[0]) > _ALIKE / 2 else None]
    mates: list[int | None] = []
    place = 0
    for block in fresh:
        candidates = range(place, min(len(left), place + _MOST_BLOCKS))
        best = max(candidates, key=lambda i: (_alike(left[i], block), -i), default=None)
        if best is not None and _alike(left[best], block) < _ALIKE:
            best = None
        mates.append(best)
        place = place if best is None else best + 1
    return mates


def _alike(old: _Block, new: _Block) -> float:
    if max(len(old.words), len(new.words)) > _MOST_WORDS:
        return 0.0
    matcher = difflib.SequenceMatcher(None, old.words, new.words, autojunk=False)
    # Upper bounds, which are quick to work out.
    if matcher.real_quick_ratio() < _ALIKE / 2 or matcher.quick_ratio() < _ALIKE / 2:
        return 0.0
    return matcher.ratio()


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for what, first, last, begin, stop in matcher.get_opcodes():
        if what == "equal":
            yield Piece("same", " ".join(new[begin:stop]))
            continue
        if last > first:
            yield Piece("removed", " ".join(old[first:last]))
        if stop > begin:
            yield Piece("added", " ".join(new[begin:stop]))
