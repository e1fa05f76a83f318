"""What a health page must carry, beside its words: harms, cautions, red flags, whole tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from acuext.engine import listed
from acuext.matches import Match, Passage
from acuext.rules import Rules, words_of
from acuext.text import fold

BALANCE: Final = "ACU207"
CAUTIONS: Final = "ACU208"
TABLES: Final = "ACU210"
PLACEMENT: Final = "ACU212"
#: The least share of words about harms among those about benefits and harms, in per cent.
LEAST_HARMS: Final = 15
#: What a page on needling has to warn of: the name of a list, and what it is about.
NEEDLING_CAUTIONS: Final = {
    "caution-bleeding": "bleeding and blood thinners",
    "caution-implants": "pacemakers and other electrical implants",
    "caution-pregnancy": "pregnancy",
    "caution-infection": "infection and weak immunity",
}
#: What a table of evidence tells: the name of a list, and what the column is called.
COLUMNS: Final = {
    f"column-{name}": name
    for name in (
        *("population", "comparator", "outcome", "time", "effect"),
        *("interval", "people", "certainty", "source"),
    )
}
#: A table that has one of these and, with it, this many of all is a table of evidence.
_TELLING: Final = frozenset({"effect", "interval", "certainty"})
_ENOUGH: Final = 4


class Part(msgspec.Struct, frozen=True, gc=False):
    """A stretch of a page under a heading: a section, or a box, fold or tab with a title."""

    heading: str
    #: How many parts it stands in, its own included.
    level: int
    #: Its passages, up to and not including `last`; the heading is among them.
    first: int
    last: int


class Table(msgspec.Struct, frozen=True, gc=False):
    """A table; one that marks no row as its head is read as if its first row were."""

    #: The heads of each column, one below the other.
    head: tuple[str, ...]
    #: What spans several columns or rows is told in each of them.
    rows: tuple[tuple[str, ...], ...]
    #: Index of its first passage.
    first: int


class Outline(msgspec.Struct, frozen=True, gc=False):
    """How a page is put together."""

    #: Index of the passage that is the page's title; none when negative.
    title: int
    parts: Sequence[Part]
    tables: Sequence[Table]
    #: Spans of passages that a reader sees only after a click: folds and tabs.
    hidden: Sequence[tuple[int, int]]
    #: Spans of passages in admonitions that send the reader to a health professional.
    notices: Sequence[tuple[int, int]]


def check_structure(passages: Sequence[Passage], outline: Outline, rules: Rules) -> list[Match]:
    """Find what a health page lacks.

    Args:
        passages: all that a reader meets on the page.
        outline: how they are put together.
        rules: the rules of the page's language; their lists say how headings are worded.

    Returns:
        Matches of the rules about structure; those about the whole page are at its title. None in
        a language without rules.
    """
    if not (
        passages and rules.known and any(map(rules.get, (BALANCE, CAUTIONS, TABLES, PLACEMENT)))
    ):
        return []
    page = _Page(passages, outline, rules)
    found = [
        *((BALANCE, page.title, detail) for detail in page.balance()),
        *((CAUTIONS, page.title, detail) for detail in page.cautions()),
        *((TABLES, at, detail) for at, detail in page.tables()),
        *((PLACEMENT, at, detail) for at, detail in page.placement()),
    ]
    return [match for one in found if (match := _match(*one, passages, rules))]


def _match(
    rule_id: str, at: int, detail: str, passages: Sequence[Passage], rules: Rules
) -> Match | None:
    rule = rules.get(rule_id)
    if rule is None:
        return None
    return Match(
        rule=rule_id,
        passage=at,
        start=0,
        end=len(passages[at].text),
        severity=rule.severity,
        strict=rule.strict or rule.severity,
        message=rule.message.replace("{text}", detail),
        suggestions=rule.instead,
    )


class _Page:
    def __init__(self, passages: Sequence[Passage], outline: Outline, rules: Rules) -> None:
        self.passages, self.outline, self.rules = passages, outline, rules
        self.title = top_of(passages, outline.title)
        # The title names the page, and no part of it.
        self.parts = [part for part in outline.parts if part.first != outline.title]
        self._headings = {part: self._without_others(part.heading) for part in self.parts}
        self._inner = dict(_inner(self.parts))
        #: To each passage the innermost part that it is in.
        self._owner: dict[int, Part] = {}
        for part in self.parts:
            for index in range(part.first, part.last):
                self._owner.setdefault(index, part)
        #: The parts that have a claim of their own, and whether one stands in none.
        claimed = [index for index, passage in enumerate(passages) if passage.evidence]
        self._claiming = {self._owner[index] for index in claimed if index in self._owner}
        self.told_at_large = any(index not in self._owner for index in claimed)
        self.harms = self._under("harms-heading")
        self._harmful = frozenset(self.harms)
        self.careful = self._under("cautions-heading")
        ill = [*self.harms, *self.careful, *self._under("red-flags-heading")]
        summed_up = self._under("summary-heading")
        apart = {part for one in (*ill, *summed_up) for part in (one, *self._inner[one])}
        self.benefits = [
            part for part in self.parts if part not in apart and self._tells_benefits(part)
        ]

    def _under(self, name: str) -> list[Part]:
        """The parts whose heading is in this list of headings."""
        return [part for part in self.parts if self._says(name, self._headings[part])]

    def _without_others(self, heading: str) -> str:
        """A heading without the words that only look like those of our lists."""
        text = fold(heading).text
        for start, end in reversed(listed(self.rules, "other-heading").spans(text, words_of(text))):
            text = f"{text[:start]}|{text[end:]}"
        return text

    def _says(self, name: str, text: str) -> bool:
        folded = fold(text).text
        return listed(self.rules, name).met(folded, words_of(folded))

    def _tells_benefits(self, part: Part) -> bool:
        # One that holds both sides, each in a section of its own, is on neither.
        both = not self._harmful.isdisjoint(self._inner[part])
        told = not both and self._says("benefits-heading", self._headings[part])
        return told or part in self._claiming

    def _text(self, part: Part) -> str:
        return "\n".join(passage.text for passage in self.passages[part.first : part.last])

    def _is_hidden(self, first: int, last: int) -> bool:
        return any(a <= first and last <= b for a, b in self.outline.hidden)

    def _is_folded(self, part: Part) -> bool:
        """Whether all that stands below the heading of a part is hidden."""
        below = range(part.first + 1, part.last)
        return all(self._is_hidden(index, index + 1) for index in below or [part.first])

    def _words(self, parts: Iterable[Part]) -> int:
        indexes = {index for part in parts for index in range(part.first, part.last)}
        return sum(len(self.passages[index].text.split()) for index in indexes)

    # -- the rules -------------------------------------------------------------------------------

    def balance(self) -> Iterator[str]:
        """Benefits are never told without harms."""
        if not self.benefits and not self.told_at_large:
            return
        if not self.harms:
            yield "it tells of benefits, and no section tells of harms"
            return
        if all(self._is_folded(part) for part in self.harms):
            yield "the harms are hidden until the reader opens a fold or a tab"
        highest = min(self.benefits, key=lambda part: part.level, default=None)
        if highest and min(part.level for part in self.harms) > highest.level:
            yield f'harms stand at a lower level than "{_one_line(highest.heading)}"'
        about_harms = self._words([*self.harms, *self.careful])
        share = (
            100 * about_harms / max(self._words([*self.benefits, *self.harms, *self.careful]), 1)
        )
        if share < LEAST_HARMS:
            yield (
                f"{share:.0f} % of the words about benefits and harms are about harms; "
                f"{LEAST_HARMS} % is the least"
            )
        for summary in self._under("summary-heading"):
            if not self._says("harm", self._text(summary)):
                yield f'"{_one_line(summary.heading)}" names no harm'

    def cautions(self) -> Iterator[str]:
        """Who should take care, and when not to wait, is said."""
        if not self.careful:
            yield "no section says who should take extra care"
        elif self._says("needling", self.passages[self.title].text):
            said = "\n".join(self._text(part) for part in self.careful)
            missing = [
                what for name, what in NEEDLING_CAUTIONS.items() if not self._says(name, said)
            ]
            if missing:
                yield f"the cautions do not name {', '.join(missing)}"
        red_flags = self._under("red-flags-heading")
        if not red_flags:
            yield "no section says when to see a doctor first"
        elif not any(self._says("emergency", self._text(part)) for part in red_flags):
            yield "it does not say which signs need emergency help"

    def tables(self) -> Iterator[tuple[int, str]]:
        """A table of evidence tells all that is needed to read a number."""
        for table in self.outline.tables:
            # A head such as "Effect (95 % CI)" names two.
            columns = [
                {what for name, what in COLUMNS.items() if self._says(name, cell)}
                for cell in table.head
            ]
            known = set().union(*columns)
            if len(known) < _ENOUGH or not known & _TELLING:
                continue
            missing = [what for what in COLUMNS.values() if what not in known]
            if missing:
                yield table.first, f"no column for {', '.join(missing)}"
            # A row with a single cell is a heading of the rows below it.
            told = [row for row in table.rows if len({*filter(str.strip, row)}) > 1]
            if any(not cell.strip() for row in told for cell in row):
                yield table.first, 'a cell is empty: write "not reported"'
            for head, column, *cells in zip(table.head, columns, *table.rows, strict=False):
                # A head such as "Effect (points of 100)" gives the unit for all.
                unit = "effect" not in column or re.search(r"[(,%]", head)
                if not unit and any(map(_is_bare_number, cells)):
                    yield table.first, "an effect is a bare number: give its unit"

    def placement(self) -> Iterator[tuple[int, str]]:
        """The notice stands where every reader meets it before the first claim."""
        notices = self.outline.notices
        if not notices:
            return
        seen = [first for first, last in notices if not self._is_hidden(first, last)]
        if not seen:
            yield notices[0][0], "readers meet it only when they open a fold or a tab"
            return
        claims = (index for index, passage in enumerate(self.passages) if passage.evidence)
        first_claim = next(claims, len(self.passages))
        if first_claim < min(seen):
            yield min(seen), "it stands below the first claim; put it above"


def top_of(passages: Sequence[Passage], title: int) -> int:
    """Index of the passage at which findings about the whole page stand.

    Args:
        passages: all that a reader meets on the page.
        title: index of its title; none when negative.
    """
    if title >= 0:
        return title
    # What stands first may be a description, which readers do not see.
    return next((i for i, passage in enumerate(passages) if passage.kind != "description"), 0)


def _is_bare_number(cell: str) -> bool:
    return bool(re.search(r"\d", cell)) and not re.search(r"[^\W\d_]|%", cell)


def _inner(parts: Sequence[Part]) -> Iterator[tuple[Part, list[Part]]]:
    """Each part with those in it; parts come in the order in which they end, the inner first."""
    for number, part in enumerate(parts):
        outer = (before for before in range(number - 1, -1, -1) if parts[before].first < part.first)
        yield part, list(parts[next(outer, -1) + 1 : number])


def _one_line(text: str) -> str:
    return " ".join(text.split())
