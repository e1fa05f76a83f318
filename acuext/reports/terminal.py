"""Format `text`: findings as a person reads them, in 80 columns."""

from __future__ import annotations

import functools
import itertools
import re
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Final

from acuext.reports.context import LEVELS, Context, baseline_line, counted, one_line
from acuext.review import Finding, Review
from acuext.rules import Severity

_WIDTH: Final = 80
#: How far around the beginning of the words their line is looked at, in characters.
_REACH: Final = 4 * _WIDTH
_COLORS: Final[dict[Severity, str]] = {"error": "red", "warning": "yellow", "info": "blue"}
#: How many wordings are offered; all of them stand on the rule's page.
_OFFERED: Final = 2
#: How a comment opens in the files that can hold a waiver.
_COMMENTS: Final = dict.fromkeys((".md", ".markdown", ".myst", ".ipynb"), "%") | dict.fromkeys(
    (".rst", ".rest", ".txt", ".inc", ".py"), ".."
)
#: Characters without a look of their own: joiners, soft hyphens.
_UNSEEN: Final = "\u200c\u200d\u00ad\ufeff"


def text(review: Review, context: Context) -> Iterator[str]:
    """The findings with their words under a caret, and a summary.

    Args:
        review: what was found.
        context: where it is read.

    Yields:
        A finding at a time; those of one severity on one line share its heading.
    """
    shown = (found for found in review.findings if context.notes or found.severity != "info")
    places = itertools.groupby(shown, lambda found: (found.path, found.line, found.severity))
    for (path, line, severity), found in places:
        place = _no_command(one_line(context.from_cwd(path)), "./")
        yield _heading(f"{place}:{line}", severity, context)
        for finding in found:
            yield from _finding(finding, context)
    yield from _summary(review, context)


def waiver_for(finding: Finding, context: Context) -> str:
    """The comment that waives a finding in its file; empty when none can."""
    rule = context.rules.get(finding.rule)
    comment = _COMMENTS.get(PurePosixPath(finding.path).suffix.lower())
    never = {finding.rule, finding.name} & set(context.never_waive)
    if rule is None or comment is None or never or rule.kind == "waiver":
        return ""
    verb = "ignore-file" if rule.kind == "disclose" else "ignore"
    return f"{comment} acuext: {verb} {finding.rule} -- reason"


def _heading(place: str, severity: Severity, context: Context) -> str:
    level = f"{LEVELS[severity]} ({severity})"
    gap = " " * max(_WIDTH - len(place) - len(level), 2)
    return (
        f"{_style(context, place, bold=True)}{gap}"
        f"{_style(context, level, fg=_COLORS[severity], bold=True)}\n\n"
    )


def _finding(finding: Finding, context: Context) -> Iterator[str]:
    color = _COLORS[finding.severity]
    for number, line in enumerate(_excerpt(finding, context)):
        yield (_style(context, line, fg=color) if number % 2 else line) + "\n"
    yield _labelled(context, finding.rule, one_line(finding.message))
    for number, words in enumerate(finding.suggestions[:_OFFERED]):
        yield _labelled(context, "" if number else "Try", f'"{one_line(words)}"')
    if waiver := waiver_for(finding, context):
        where = "on the page" if "ignore-file" in waiver else "above the block"
        yield _labelled(context, "Keep?", f"{where}: {waiver}")
    yield _labelled(context, "More", f"acuext explain {finding.rule}") + "\n"


def _labelled(context: Context, label: str, said: str) -> str:
    # Most of it is short, and wrapping costs more than all else.
    room = _WIDTH - 14
    short = len(said) <= room
    lines = [said] if short else textwrap.wrap(said, room, break_on_hyphens=False)
    first = f"    {_style(context, f'{label:<8}', dim=label != label.upper())}{lines[0]}\n"
    return first + "".join(f"{'':12}{_no_command(line, '… ')}\n" for line in lines[1:])


def _no_command(line: str, before: str) -> str:
    """A line that GitHub, which overlooks the blanks before it, takes for no command."""
    return before + line if line.startswith("::") else line


def _style(context: Context, words: str, **how: bool | str) -> str:
    if not context.color:
        return words
    import click

    return click.style(words, **how)  # type: ignore[arg-type]


# -- the line and its carets -------------------------------------------------------------------


def _excerpt(finding: Finding, context: Context) -> tuple[str, str]:
    """The words in their line, shortened around them, and the carets below them."""
    line = context.source_line(finding.path, finding.line)
    start = finding.column - 1
    end = finding.end_column - 1 if finding.end_line == finding.line else len(line or "")
    if line is None or not start < end <= len(line):
        # The file is another by now, or the finding is about no words.
        line, start, end = finding.text.split("\n")[0], 0, len(finding.text.split("\n")[0])
    # A paragraph may be one line of a million characters, with a finding in each sentence.
    begin = max(start - _REACH, 0)
    cells = _cells(line[begin : start + _REACH])
    start, end = start - begin, end - begin
    # The bar also keeps the line from being a command to GitHub.
    gutter = f"{finding.line:>5} | "
    first, last = _window(cells, start, end, _WIDTH - len(gutter))
    before = "…" if first or begin else ""
    after = "…" if begin + last < len(line) else ""
    seen = before + "".join(shown for shown, _ in cells[first:last]).rstrip() + after
    indent = len(before) + sum(width for _, width in cells[first:start])
    carets = sum(width for _, width in cells[max(start, first) : min(end, last)])
    return gutter + seen, " " * (len(gutter) - 2) + "| " + " " * indent + "^" * max(carets, 1)


def _cells(line: str) -> list[tuple[str, int]]:
    """What a terminal shows for each character, and how many columns it takes."""
    cells = [_cell(character) for character in line]
    for command in re.finditer(r"(?<=##)\[", line):
        # As in `one_line`.
        cells[command.start()] = (" [", 2)
    return cells


@functools.lru_cache(maxsize=4096)
def _cell(character: str) -> tuple[str, int]:
    if character in _UNSEEN or unicodedata.category(character) in ("Mn", "Me"):
        return "" if character in _UNSEEN else character, 0
    if character.isspace():
        return " ", 1
    if not character.isprintable():
        shown = f"<{ord(character):02X}>"
        return shown, len(shown)
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _window(cells: Sequence[tuple[str, int]], start: int, end: int, room: int) -> tuple[int, int]:
    """The part of a line to show: the words, and as many as there is room for around them."""
    widths = [width for _, width in cells]
    if sum(widths) <= room:
        return 0, len(cells)
    room -= len("……")
    first = last = start
    while last < min(end, len(cells)) and widths[last] <= room:
        room -= widths[last]
        last += 1
    while True:
        left = first > 0 and widths[first - 1] <= room
        right = last < len(cells) and widths[last] <= room
        # By turns, so that the words stand in the middle.
        if left and (not right or start - first <= last - end):
            first -= 1
            room -= widths[first]
        elif right:
            room -= widths[last]
            last += 1
        else:
            break
    # No word is cut that need not be.
    blanks = [index for index in range(first, last) if cells[index][0] == " "]
    if first > 0:
        first = next((index + 1 for index in blanks if index < start), first)
    if last < len(cells):
        last = next((index for index in reversed(blanks) if index >= end), last)
    return first, last


# -- the summary -------------------------------------------------------------------------------


def _summary(review: Review, context: Context) -> Iterator[str]:
    errors, warnings, notes = (review.count(level) for level in LEVELS)
    counts = [f"{errors:,} must fix", f"{warnings:,} to consider", counted(notes, "note")]
    if notes and not context.notes:
        counts[2] += f" (--notes shows {'it' if notes == 1 else 'them'})"
    if review.waived:
        ends = min((waived.until for waived in review.waived if waived.until), default=None)
        nearest = f" (the next ends on {ends})" if ends else ""
        counts.append(f"{len(review.waived):,} waived{nearest}")
    mood: dict[str, bool | str] = {"fg": "green", "bold": True}
    if errors or warnings:
        mood["fg"] = _COLORS["error" if errors else "warning"]
    for line in textwrap.wrap(", ".join(counts) + ".", _WIDTH):
        yield _style(context, line, **mood) + "\n"
    if review.baseline or review.outdated:
        yield f"{baseline_line(review)}.\n"
    yield (
        f"{counted(review.pages, 'page')}, {counted(review.passages, 'passage')} read. "
        "What is not flagged is not thereby true.\n"
    )
