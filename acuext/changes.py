"""What changed in a git repository since a revision: files and their lines."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from acuext.reports import one_line

#: The lines of the old and of the new file that a part of a difference is about.
_HUNK: Final = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
#: Settings of a user or a repository must not change how the difference is written.
_DIFF: Final = (
    "-c", "core.quotePath=true", "diff", "--unified=0", "--inter-hunk-context=0", "--no-color",
    "--no-ext-diff", "--no-textconv", "--find-renames", "--ignore-submodules",
    "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip


class ChangesError(Exception):
    """Git cannot say what changed; the message is one line."""


#: More lines than a file has.
_WHOLE: Final = range(1, 1 << 40)


class Changes(msgspec.Struct, frozen=True):
    """Files that changed, with the lines that did: spans of line numbers, the end exclusive.

    A file that has only lost lines has no span.
    """

    lines: Mapping[Path, tuple[range, ...]]

    def touches(self, path: Path, first: int, last: int) -> bool:
        """Whether a line from `first` to `last`, both counted, changed in a file."""
        return any(span.start <= last and first < span.stop for span in self.lines.get(path, ()))

    def has(self, path: Path) -> bool:
        """Whether anything of a file changed."""
        return path in self.lines


def changes_since(revision: str, folder: Path) -> Changes:
    """Find what changed since work left a revision: committed, staged, or only saved.

    Lines that changed on the side of the revision alone do not count: the comparison is with
    the last commit that both have. A new file counts as a whole, also before git knows it, and one
    that git is told to ignore does not.

    Args:
        revision: whatever git takes for a commit: `main`, `v1.2`, `HEAD~3`.
        folder: a folder of the repository.

    Raises:
        ChangesError: there is no git, no repository, or no such revision.
    """
    top = Path(_line(_git(folder, "rev-parse", "--show-toplevel"))).resolve()
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    try:
        base = _line(_git(top, *asked))
    except ChangesError:
        raise ChangesError(f"git knows no revision {revision!r} in {top}") from None
    # A clone without its history knows no commit that both have.
    with contextlib.suppress(ChangesError):
        base = _line(_git(top, "merge-base", base, "HEAD"))
    lines = _changed(_git(top, *_DIFF, base, "--"), top)
    for name in _git(top, "ls-files", "--others", "--exclude-standard", "-z").split(b"\0"):
        if name:
            lines[top / os.fsdecode(name)] = (_WHOLE,)
    return Changes(lines)


def _changed(difference: bytes, top: Path) -> dict[Path, tuple[range, ...]]:
    """Read what `git diff` writes."""
    found: dict[Path, tuple[range, ...]] = {}
    path: Path | None = None
    # Lines of a file may look like anything; they are counted, and not looked at.
    left = 0
    for line in difference.split(b"\n"):
        if left and line[:1] in b"+-":
            left -= 1
        elif line.startswith(b"+++ "):
            path = _path(line[4:], top)
            if path:
                found[path] = ()
        elif path and (hunk := _HUNK.match(line)):
            lost, first, new = (int(part) if part else 1 for part in hunk.groups())
            left = lost + new
            if new:
                found[path] += (range(first, first + new),)
    return found


def _path(name: bytes, top: Path) -> Path | None:
    """The path behind `+++`; None when the file is deleted."""
    name = name.removesuffix(b"\t")
    if name.startswith(b'"'):
        # Git writes such a name as C does, which Python reads the same way.
        name = ast.literal_eval(f"b{name.decode('ascii')}")
    return top / os.fsdecode(name[2:]) if name.startswith(b"b/") else None


def _line(said: bytes) -> str:
    return os.fsdecode(said.removesuffix(b"\n"))


def git_environment() -> dict[str, str]:
    """The environment for git, so that it finds the repository of the folder it is called in.

    A hook in a second working copy is told where the repository is, but not where its files are;
    git then takes any folder for their top.
    """
    told = dict(os.environ)
    if "GIT_WORK_TREE" not in told:
        told.pop("GIT_DIR", None)
    return told


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 (no shell, and no argument that git could misread)
            ["git", *arguments],  # noqa: S607 (whichever git the user has)
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            env=git_environment(),
        )
    except OSError as error:
        raise ChangesError(f"git cannot be run: {error.strerror}") from None
    except ValueError:
        raise ChangesError("a null character can be no part of a revision") from None
    if done.returncode:
        said = one_line(os.fsdecode(done.stderr)) or "git found nothing"
        raise ChangesError(said)
    return done.stdout
