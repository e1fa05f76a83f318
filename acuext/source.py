"""Finds line and column in the file to edit, which the doctree does not know."""

from __future__ import annotations

import ast
import bisect
import html
import re
from pathlib import Path
from typing import Final

import msgspec

from acuext.matches import OBJECT
from acuext.passages import Origin
from acuext.text import fold, read_source

#: What stands before and behind a block on its lines: nothing, or markup.
_OPENS: Final = re.compile(r"""(?:^|[|:,"'*>.)\]}\[+-])\s*$|\s{2}$""")
_CLOSES: Final = re.compile(r"""\s*(?:$|[|,"'\]}<`:+])|\s{2}""")
#: How many lines docutils may be off.
_NEAR: Final = 5

#: line, column, end line, end column; 1-based, the end exclusive.
Region = tuple[int, int, int, int]


class Placed(msgspec.Struct, frozen=True, gc=False):
    """Words with their place in a file."""

    region: Region
    #: The words as they stand in the file, or as the reader sees them when they do not.
    text: str


class SourceFile:
    """A file that writers edit, in which blocks and words can be found.

    Blocks are looked for near the line that docutils gives, and taken once each, so that equal
    blocks get different places when they are asked for in reading order.
    """

    def __init__(self, text: str, starts: list[int] | None = None) -> None:
        self.text = text
        self._starts = starts or [0, *(match.end() for match in re.finditer("\n", text))]
        #: Spans found so far, in order: of blocks, of options in them, of words without a block.
        self._blocks: list[tuple[int, int]] = []
        self._options: list[tuple[int, int]] = []
        self._words: list[tuple[int, int]] = []
        self._cells = 0

    @classmethod
    def read(cls, path: Path) -> SourceFile:
        """Read a file; one that is not there is empty."""
        return cls(read_source(path))

    def afresh(self) -> SourceFile:
        """The same file, with nothing found in it yet."""
        return SourceFile(self.text, self._starts)

    def line_region(self, line: int) -> Region:
        """A whole line; of empty ones, the line with words above."""
        line = min(max(line, 1), len(self._starts))
        while line > 1 and not self._line(line).strip():
            line -= 1
        return (line, 1, line, len(self._line(line)) + 1)

    def region(self, start: int, end: int) -> Region:
        """The span between two offsets of the file's text."""
        return (*self._position(start), *self._position(end))

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def _line(self, line: int) -> str:
        end = self._starts[line] - 1 if line < len(self._starts) else len(self.text)
        return self.text[self._starts[line - 1] : end]

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column - 1

    def _offset_of(self, line: int) -> int:
        return self._starts[min(max(line, 1), len(self._starts)) - 1]

    # -- blocks ------------------------------------------------------------------------------

    def block(self, origin: Origin) -> list[int] | None:
        """Find a block.

        Args:
            origin: its source text, and the line near which it stands.

        Returns:
            The offset in the file of each character of the block's source text; None when the
            text is not in the file.
        """
        lines = origin.raw.split("\n")
        first = next((index for index, line in enumerate(lines) if line.strip()), None)
        if first is None:
            return None
        anchor = self._offset_of(origin.line)
        if not origin.exact:
            anchor = max(anchor, self._cells)
        places = self._near(lines[first].strip(), anchor, forward=not origin.exact)
        ranked = sorted(
            enumerate(places),
            key=lambda entry: self._doubt(entry[1], lines[first], origin, entry[0]),
        )
        for _, start in ranked:
            offsets = self._follow(lines, first, start)
            if offsets is None or _overlaps(self._words, start, offsets[-1] + 1):
                continue
            if _take(self._options if origin.label else self._blocks, start, offsets[-1] + 1):
                if not origin.exact:
                    self._cells = offsets[-1] + 1
                return offsets
        return None

    def _doubt(self, start: int, words: str, origin: Origin, order: int) -> tuple[int, ...]:
        """How little a place looks like that of a block; places are tried by it."""
        row = bisect.bisect_right(self._starts, start)
        begin = self._starts[row - 1]
        before, after = (
            self.text[begin:start],
            self._line(row)[start - begin + len(words.strip()) :],
        )
        named = origin.label in before.lower() or before.endswith("![")
        far = (row < origin.line, row) if not origin.exact else (abs(row - origin.line) > _NEAR,)
        doubt = (_OPENS.search(before) is None) + (_CLOSES.match(after) is None)
        return not named, *far, doubt, order

    def _near(self, words: str, anchor: int, forward: bool) -> list[int]:
        """Offsets of the words, the nearest to the anchor first."""
        text, size = self.text, len(words)
        after = text.find(words, anchor)
        before = text.rfind(words, 0, anchor + size - 1)
        found: list[int] = []
        # Few tries: behind the first places there is only text that happens to look the same.
        while (after >= 0 or before >= 0) and len(found) < 64:
            behind = after - anchor if after >= 0 else len(text) + 1
            ahead = anchor - before if before >= 0 else len(text) + 1
            if forward and after >= 0:
                ahead = len(text) + 1
            if behind <= ahead:
                found.append(after)
                after = text.find(words, after + 1)
            else:
                found.append(before)
                before = text.rfind(words, 0, before + size - 1) if before else -1
        return found

    def _follow(self, lines: list[str], first: int, start: int) -> list[int] | None:
        """Offsets of all characters of a block whose first line with words starts here."""
        offsets: list[int] = []
        at = start
        row = bisect.bisect_right(self._starts, start)
        for index, line in enumerate(lines):
            words = line.strip()
            if index > first:
                row += 1
                if row > len(self._starts):
                    return None
                column = self._line(row).find(words)
                if column < 0:
                    return None
                at = self._starts[row - 1] + column
            indent = len(line) - len(line.lstrip())
            offsets.extend(max(offset, 0) for offset in range(at - indent, at))
            offsets.extend(range(at, at + len(line) - indent))
            offsets.append(at + len(words))
        return offsets[:-1] if len(offsets) > 1 else offsets

    # -- words -------------------------------------------------------------------------------

    def place(self, text: str, origin: Origin, spans: list[tuple[int, int]]) -> list[Placed]:
        """Find words of a passage.

        Args:
            text: the passage as the reader sees it.
            origin: where its block comes from.
            spans: the words, as spans in the text.

        Returns:
            A place for each span. Words that are not in the file are placed on the line that
            brings them in, from its first column to its end.
        """
        line = min(max(origin.line, 1), len(self._starts))
        if not origin.in_source:
            return [Placed(self.line_region(line), text[start:end]) for start, end in spans]
        offsets = self.block(origin)
        if offsets is None:
            placed = [self._by_context(text, start, end, line) for start, end in spans]
            # Only now: two rules may have found the same words.
            for one in placed:
                begin, stop = (self._offset(*half) for half in (one.region[:2], one.region[2:]))
                _take(self._words, begin, stop)
            return placed
        if not spans:
            return []
        # What stands behind the words, and a little more, does not tell where they are.
        far = text.find(" ", max(end for _, end in spans) + _BEHIND)
        table = align(text if far < 0 else text[:far], origin.raw)
        return [self._placed(text, table, offsets, start, end) for start, end in spans]

    def _by_context(self, text: str, start: int, end: int, line: int) -> Placed:
        """Find words by those around them, where docutils does not tell the block as written."""
        before = re.findall(r"\w+", text[max(start - _BESIDE, 0) : start])[-2:]
        words = re.findall(r"\w+", text[start:end])
        after = re.findall(r"\w+", text[end : end + _BESIDE])[:2]
        begin = self._offset_of(line - 2)
        window = self.text[begin : begin + _AHEAD + 2 * len(text)]
        apart = r"[^\w\n]{0,12}\n?[^\w\n]{1,12}"
        for left, right in ((before, after), ([], after), (before, []), ([], [])):
            if not words:
                break
            if not left and not right:
                # With nothing around them words are trusted only where the block should be.
                window = window[: self._offset_of(line + 3) - begin]
            parts = [map(re.escape, part) for part in (left, words, right)]
            pieces = [apart.join(part) for part in parts]
            pieces[1] = f"({pieces[1]})"
            for found in re.finditer(apart.join(filter(None, pieces)), window):
                first, last = begin + found.start(1), begin + found.end(1)
                if not any(_overlaps(t, first, last) for t in (self._words, self._blocks)):
                    return Placed(self.region(first, last), self.text[first:last])
        return Placed(self.line_region(line), text[start:end])

    def _placed(
        self, text: str, table: list[tuple[int, int]], offsets: list[int], start: int, end: int
    ) -> Placed:
        def written(index: int) -> tuple[int, int] | None:
            first, last = table[index]
            return (offsets[first], offsets[last - 1] + 1) if first >= 0 else None

        found = [
            written(index)
            for index in range(start, end)
            if not text[index].isspace() and text[index] != OBJECT
        ]
        places = [place for place in found if place is not None]
        if found and len(places) == len(found):
            region = self.region(places[0][0], places[-1][1])
            return Placed(region, self.text[places[0][0] : places[-1][1]])
        line = self._position(offsets[0])[0]
        if places:
            line = self._position(places[0][0])[0]
        elif before := next(
            filter(None, map(written, reversed(range(len(table))[: start + 1]))), None
        ):
            gap = re.compile(r"\s*").match(self.text, before[1])
            line = self._position(min(gap.end() if gap else before[1], len(self.text) - 1))[0]
        return Placed(self.line_region(line), text[start:end])


def _overlaps(taken: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a span overlaps one of those taken, which are in order and apart."""
    at = bisect.bisect_left(taken, (start, end))
    near = taken[max(at - 1, 0) : at + 1]
    return any(first < end and start < last for first, last in near)


def _take(taken: list[tuple[int, int]], start: int, end: int) -> bool:
    """Take a span; False when it is somebody else's."""
    if _overlaps(taken, start, end):
        return False
    bisect.insort(taken, (start, end))
    return True


# -- from what is seen to what is written ------------------------------------------------------

#: What stands in the source of a line of text and is not seen, in MyST or in reStructuredText.
_MARKUP: Final = re.compile(
    r"""
      \]\((?:[^()\n]|\([^()\n]*\))*\)           # ](target)
    | \]\[[^\]\n]*\]                            # ][target]
    | \[\^[^\]\n]*\]                            # [^note]
    | !?\[ | \]
    | \{[^{}\n]*\}                              # {role} or {attributes}
    | :[\w:+.-]+:(?=`)                          # :role:
    | [ ]?<[^<>\n]*>(?=`)                       # `text <target>`
    | [ ]?\([^()\n]*\)(?=`)                     # `abbreviation (explanation)`
    | <!--.*?--> | </?[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*>     # HTML
    | \[[\w#*-]+\]_
    | \\[ ]? | [*_`~|^$#=]+
    """,
    re.VERBOSE | re.DOTALL,
)
#: What stands in the source for an object: code, mathematics, an image, a bare reference.
_THING: Final = re.compile(
    r"""
    (?: [\s*_] | \]\([^()\n]*\) | \]\[[^\]\n]*\] | (?<=[)\]`])\{[^{}\n]*\} )*
    (?: \{[^{}\n]*\}(?P<a>`+).+?(?P=a) | :[\w:+.-]+:`[^`]+`
      | (?P<b>`+).+?(?P=b)_{0,2} | \$[^$]+\$ | !\[[^\]]*\]\([^)\n]*\)
      | \[[^\]\n]*\]\([^)\n]*\) | <[^<>\s]+> | \|[^|\n]+\| | https?://\S+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_ENTITY: Final = re.compile(r"&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_DASHES: Final = {"–": ("--", "-"), "—": ("---", "--"), "…": ("...",)}
#: A word, or the rest of one.
_SEEN: Final = re.compile(rf"[^\s{OBJECT}]+")
#: How far ahead a place is looked for where text and source part.
_AHEAD: Final = 4000
#: How far to both sides of words others are looked for.
_BESIDE: Final = 400
#: How far behind words their text is looked at.
_BEHIND: Final = 40


def align(seen: str, written: str) -> list[tuple[int, int]]:
    """Find each character that is seen in what is written.

    Args:
        seen: the text of a block, with markup taken away and characters replaced.
        written: its source text.

    Returns:
        For each character of `seen` its span in `written`, in order; (-1, -1) for characters that
        are not written there: substituted or generated. Takes time linear in both.
    """
    table: list[tuple[int, int]] = [(-1, -1)] * len(seen)
    i = j = 0
    tried = 0
    while i < len(seen):
        if seen[i] == OBJECT and (thing := _THING.match(written, j)):
            j = thing.end()
        if seen[i].isspace() or seen[i] == OBJECT:
            i += 1
            continue
        while j < len(written) and written[j].isspace():
            j += 1
        if i >= tried and (word := _SEEN.match(seen, i)):
            # Most words are written as they are seen: no need to go letter by letter.
            tried = word.end()
            if written.startswith(word[0], j):
                table[i:tried] = [(at, at + 1) for at in range(j, j + tried - i)]
                i, j = tried, j + tried - i
                continue
        width = _same(seen, i, written, j)
        if width is not None:
            table[i] = (j, j + width[1])
            for extra in range(1, width[0]):
                table[i + extra] = (j, j + width[1])
            i, j = i + width[0], j + width[1]
            continue
        skipped = _skip(seen, i, written, j)
        if skipped is None:
            skipped = _meet_again(seen, i, written, j)
        if skipped is not None:
            j = skipped
        elif seen[i].isalnum():
            i = _next_word(seen, i)
        else:
            i += 1
    return table


def _same(seen: str, i: int, written: str, j: int) -> tuple[int, int] | None:
    """How many characters of both stand for each other here; None when they differ."""
    if j >= len(written):
        return None
    if seen[i] == written[j]:
        return 1, 1
    for dashes in _DASHES.get(seen[i], ()):
        if written.startswith(dashes, j):
            return 1, len(dashes)
    if written[j] == "&" and (entity := _ENTITY.match(written, j)):
        character = html.unescape(entity[0])
        if character != entity[0] and seen.startswith(character, i):
            return len(character), len(entity[0])
    if (
        not (seen[i].isascii() and written[j].isascii())
        and fold(seen[i]).text == fold(written[j]).text != ""
    ):
        return 1, 1
    return None


def _skip(seen: str, i: int, written: str, j: int) -> int | None:
    """Where the source goes on when nothing but markup stands between; None when it does not."""
    steps = 0
    while steps < 12 and (markup := _MARKUP.match(written, j)):
        j = markup.end()
        steps += 1
        while j < len(written) and written[j].isspace():
            j += 1
        if _same(seen, i, written, j) is not None and _agrees(seen, i, written, j):
            return j
    return None


def _agrees(seen: str, i: int, written: str, j: int) -> bool:
    """Whether the next few characters are the same too, so that a meeting is no accident."""
    for _ in range(3):
        width = _same(seen, i, written, j)
        if width is None:
            return _MARKUP.match(written, j) is not None
        i, j = i + width[0], j + width[1]
        if i >= len(seen) or seen[i].isspace() or seen[i] == OBJECT:
            return True
    return True


def _meet_again(seen: str, i: int, written: str, j: int) -> int | None:
    """Where the next word that is seen, or its beginning, is written further on."""
    word = seen[i : _next_word(seen, i)].rstrip(f" \n{OBJECT}")
    for part in dict.fromkeys((word, word[:3])):
        at = written.find(part, j, j + _AHEAD + len(part)) if part else -1
        while at >= 0:
            torn = at > 0 and written[at - 1].isalnum() and part[0].isalnum()
            if not torn and _agrees(seen, i, written, at):
                return at
            at = written.find(part, at + 1, j + _AHEAD + len(part))
    return None


def _next_word(seen: str, i: int) -> int:
    """Offset of the next word."""
    while i < len(seen) and not seen[i].isspace() and seen[i] != OBJECT:
        i += 1
    while i < len(seen) and (seen[i].isspace() or seen[i] == OBJECT):
        i += 1
    return i


# -- docstrings --------------------------------------------------------------------------------


def docstring_line(text: str, name: str) -> int:
    """The line on which the docstring of a Python object starts.

    Args:
        text: the module's source.
        name: the object's dotted name, the module's included.

    Returns:
        The line, 1-based; 1 when there is no such object.
    """
    try:
        node: ast.AST = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return 1
    # The module's own name may have any number of parts: leave out what names nothing in it.
    for part in name.split("."):
        inner = [
            child
            for child in getattr(node, "body", [])
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and child.name == part
        ]
        node = inner[-1] if inner else node
    body = getattr(node, "body", [])
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        return int(body[0].lineno)
    return int(getattr(node, "lineno", 1))
