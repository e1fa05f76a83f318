"""A page as an editor reads it: rows of text, each with the cards of what is found in it."""

from __future__ import annotations

import heapq
import itertools
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec
from docutils import nodes
from sphinx.locale import get_translation

from acuext.approved import Change
from acuext.matches import OBJECT
from acuext.passages import Page
from acuext.review import Finding, Review, Waived
from acuext.rules import SEVERITIES, Rule, Severity

_ = get_translation("acuext")

_QUOTED: Final = 60
_MOST_LINES: Final = 12

Level = Literal["must", "consider", "note", "waived", "baseline"]
LEVELS: Final[Mapping[Severity, Level]] = {"error": "must", "warning": "consider", "info": "note"}
LEVEL_WORDS: Final[Mapping[Level, str]] = {
    "must": _("Must fix"),
    "consider": _("Consider"),
    "note": _("Note"),
    "waived": _("Waived"),
    "baseline": _("In the baseline"),
}
COUNTED: Final[Mapping[Level, str]] = {
    "must": _("{number} must fix"),
    "consider": _("{number} to consider"),
    "note": _("{number} to note"),
    "waived": _("{number} waived"),
    "baseline": _("{number} in the baseline"),
}
#: What stands above words that are no running text.
_LABELS: Final = {
    "alt": _("Text of a picture"),
    "caption": _("Caption"),
    "description": _("Description for search engines"),
    "quote": _("Quotation"),
}
_UNREAD_LABELS: Final = {
    "bibliography": _("List of references"),
    "desc_signature": _("Code"),
    "doctest_block": _("Code"),
    "footbibliography": _("List of references"),
    "image": _("Picture"),
    "literal_block": _("Code"),
    "math_block": _("Formula"),
    "paragraph": _("Nothing to read"),
    "raw": _("Markup of its own"),
}


class Segment(msgspec.Struct, frozen=True):
    """A stretch of a passage that looks the same throughout."""

    text: str
    #: Whether it is seen, but not read.
    unread: bool = False
    #: The finding that it leads to; 0 for none, with its level.
    number: int = 0
    level: Level = "note"
    #: Findings whose words begin here for the first time, and those whose words end here.
    opens: tuple[int, ...] = ()
    closes: tuple[int, ...] = ()
    #: Keys of the evidence that is pointed at before it.
    evidence: tuple[str, ...] = ()


class Card(msgspec.Struct):
    """A finding as it stands beside the words."""

    number: int
    level: Level
    finding: Finding
    rule: Rule | None
    #: Address of the rule's page, and of the editor for the source; empty where there is none.
    explained: str
    edit: str
    #: Whether its words are marked in the text.
    marked: bool = False

    @property
    def title(self) -> str:
        """What the rule is about."""
        return self.rule.title if self.rule else self.finding.name

    @property
    def why(self) -> str:
        """Why it matters, in a sentence."""
        text = " ".join(self.rule.why.split()) if self.rule else ""
        first = re.match(r".*?[.!?](?=[\s\"]|$)", text)
        return first[0] if first else text

    @property
    def quoted(self) -> str:
        """The words, not too many."""
        return cut(self.finding.text)


class Row(msgspec.Struct):
    """A passage, or some that stand side by side, with the findings about them."""

    kind: str
    label: str = ""
    #: One for each passage.
    parts: list[list[Segment]] = []
    #: What is not read, as text.
    code: str = ""
    cards: list[Card] = []
    changes: list[Change] = []


class Found(msgspec.Struct):
    """All findings that a page shows."""

    findings: list[Finding] = []
    waived: list[Waived] = []
    baseline: list[Finding] = []

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def all(self) -> Iterator[tuple[Level, Finding]]:
        """Findings with their levels, in the order of their places."""
        for finding in self.findings:
            yield LEVELS[finding.severity], finding
        for finding in self.waived:
            yield "waived", finding
        for finding in self.baseline:
            yield "baseline", finding


def by_page(outcome: Review) -> dict[str, Found]:
    """Findings by the pages that show them; those about files stand under the empty name."""
    pages: dict[str, Found] = {}
    for finding in outcome.findings:
        for docname in finding.pages or ("",):
            pages.setdefault(docname, Found()).findings.append(finding)
    for waived in outcome.waived:
        for docname in waived.pages:
            pages.setdefault(docname, Found()).waived.append(waived)
    for finding in outcome.baseline:
        for docname in finding.pages or ("",):
            pages.setdefault(docname, Found()).baseline.append(finding)
    return pages


def counted(level: Level, number: int) -> str:
    """How many findings there are of a level, in words."""
    return str(COUNTED[level]).format(number=number)


def verdict(found: Found) -> str:
    """The outcome in a line."""
    errors, warnings, notes = (found.count(severity) for severity in SEVERITIES)
    counts: dict[Level, int] = {"must": errors, "consider": warnings}
    if not errors and not warnings:
        counts = {"note": notes}
    said = ", ".join(counted(level, number) for level, number in counts.items() if number)
    if errors:
        return str(_("Not ready: {counted}.")).format(counted=said)
    caution = str(_("That is not a statement that the text is true."))
    if said:
        return str(_("Nothing must be fixed: {counted}. {caution}")).format(
            counted=said, caution=caution
        )
    return f"{_('Nothing to fix.')} {caution}"


def rows_of(page: Page, cards: Mapping[int, Sequence[tuple[Card, int, int]]]) -> list[Row]:
    """A page from its first passage to its last, with the cards where they belong.

    Args:
        page: what a reader meets.
        cards: passage to findings, each with the span of its words; those about the whole page
            stand under -1.
    """
    rows: list[Row] = []
    if -1 in cards:
        rows.append(Row("page", cards=[card for card, _start, _end in cards[-1]]))
    unread = iter(page.unread)
    waiting = next(unread, None)
    group = 0
    opened: set[int] = set()
    shown: set[int] = set()
    for index, passage in enumerate(page.passages):
        while waiting is not None and waiting[0] <= index:
            rows += _unread_row(waiting[1])
            waiting = next(unread, None)
        placed = sorted(cards.get(index, ()), key=lambda item: (item[1], item[2], item[0].number))
        if not (passage.kind == "cell" and passage.group == group and rows[-1].kind == "cell"):
            rows.append(Row(passage.kind, str(_LABELS.get(passage.kind, ""))))
            shown = set()
        group = passage.group
        objects = page.objects.get(index, ())
        rows[-1].parts.append(_segments(passage.text, passage.evidence, placed, objects, opened))
        for card, _start, _end in placed:
            if card.number not in shown:
                shown.add(card.number)
                rows[-1].cards.append(card)
    while waiting is not None:
        rows += _unread_row(waiting[1])
        waiting = next(unread, None)
    return rows


def _unread_row(node: nodes.Element) -> list[Row]:
    label = _UNREAD_LABELS.get(node.tagname)
    if label is None or (node.tagname == "paragraph" and next(node.findall(nodes.image), None)):
        return []
    text = posixpath.basename(str(node.get("uri", ""))) or node.astext().strip("\n")
    if node.tagname == "raw" and text.lstrip().startswith("<!--"):
        return []
    lines = text.split("\n")
    if len(lines) > _MOST_LINES + 3:
        more = str(_("… and {number} more lines")).format(number=len(lines) - _MOST_LINES)
        lines[_MOST_LINES:] = [more]
    code = "\n".join(lines)
    return (
        [Row("unread", str(label), code=code)] if code.strip() or "biblio" in node.tagname else []
    )


def _segments(
    text: str,
    evidence: Sequence[tuple[int, str]],
    cards: Sequence[tuple[Card, int, int]],
    objects: Sequence[str],
    opened: set[int],
) -> list[Segment]:
    """Cut a passage where something begins or ends."""
    spans = [(card, start, min(end, len(text))) for card, start, end in cards]
    begins: dict[int, list[int]] = {}
    closes: dict[int, list[int]] = {}
    for index, (card, start, end) in enumerate(spans):
        if start < end:
            card.marked = True
            begins.setdefault(start, []).append(index)
            closes.setdefault(end, []).append(card.number)
    holes = [match.start() for match in re.finditer(OBJECT, text)]
    seen = dict(zip(holes, itertools.chain(objects, itertools.repeat("…")), strict=False))
    badges: dict[int, list[str]] = {}
    for at, key in evidence:
        badges.setdefault(at, []).append(key)
    cuts = {0, len(text), *badges, *begins, *closes, *holes, *(hole + 1 for hole in holes)}
    ordered = sorted(cut for cut in cuts if 0 <= cut <= len(text))
    made: list[Segment] = []
    # Words that several findings are about lead to the one that begins last and ends first.
    covering: list[tuple[int, int, int]] = []
    for start, end in zip(ordered, [*ordered[1:], len(text)], strict=True):
        keys = tuple(badges.get(start, ()))
        if start == end and not keys:
            continue
        here = begins.get(start, ())
        for index in here:
            heapq.heappush(covering, (-start, spans[index][2], index))
        while covering and covering[0][1] <= start:
            heapq.heappop(covering)
        top = spans[covering[0][2]][0] if covering else None
        numbers = [spans[index][0].number for index in here]
        opens = tuple(number for number in numbers if number not in opened)
        opened.update(opens)
        made.append(
            Segment(
                seen.get(start, text[start:end]),
                start in seen,
                top.number if top else 0,
                top.level if top else "note",
                opens,
                tuple(closes.get(end, ())) if start < end else (),
                keys,
            )
        )
    return made


def cut(text: str, most: int = _QUOTED) -> str:
    """A text on one line, its end left out where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
