"""Rules as text for people: one rule in full, all in a table, and whether their examples hold."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from acuext.matches import Passage
from acuext.reports import one_line
from acuext.rules import WORDLESS, Rule, Rules, severities

WIDTH: Final = 80
_STATUS: Final = {
    "seen": "we have seen it",
    "second-hand": "quoted by others; we have not seen it",
    "own": "our own",
}


def rule_text(rule: Rule) -> Iterator[tuple[str, str]]:
    """A rule in full, at most 80 columns wide.

    Args:
        rule: the rule.

    Yields:
        A heading and the text below it, several lines where need be; the first is the title.
    """
    in_profiles = ", ".join(
        f"{said} in {profile}"
        for profile in ("core", "health-page")
        if (said := " or ".join(severities(rule, profile)) or "off")
    )
    yield f"{rule.id}  {rule.name}", _wrapped(f"{rule.title}.") + f"\n{_wrapped(in_profiles + '.')}"
    yield "Why it matters", "\n\n".join(_wrapped(part) for part in rule.why.strip().split("\n\n"))
    swaps = [swap for trigger in rule.trigger for swap in trigger.swap.items()]
    instead = [*rule.instead, *(words for trigger in rule.trigger for words in trigger.instead)]
    yield "What to write instead", _listed(dict.fromkeys(instead))
    yield "Plainer words", _wrapped("; ".join(f"{phrase}: {words}" for phrase, words in swaps))
    yield "Flagged", _listed(rule.fires)
    yield "Still fine", _listed(rule.quiet)
    yield "Known limits", _wrapped(rule.limits)
    yield (
        "Sources",
        _listed(
            f"{source.text} ({f'{source.date}; ' if source.date else ''}{_STATUS[source.status]})"
            + (f" {source.url}" if source.url else "")
            for source in rule.sources
        ),
    )


def rules_table(rules: Sequence[Rule]) -> Iterator[str]:
    """A line for each rule: id, name, severities in `core` and in `health-page`.

    Args:
        rules: the rules.
    """
    rows = [("rule", "name", "core", "health-page")]
    rows += [
        (
            rule.id,
            rule.name,
            " or ".join(severities(rule, "core")) or "off",
            " or ".join(severities(rule, "health-page")),
        )
        for rule in rules
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


class BrokenExample(msgspec.Struct, frozen=True):
    """A sentence of a rule on which it does not do what the pack says."""

    rule: str
    sentence: str
    #: Whether the rule should find something in it.
    fires: bool


def broken_examples(rules: Rules, chosen: Iterable[Rule]) -> Iterator[BrokenExample]:
    """Hold rules against their own examples.

    Args:
        rules: all rules that are loaded.
        chosen: those to test. Rules about no words are left out: their examples are told.
    """
    # To explain a rule nothing is read.
    from acuext.engine import check_page

    for rule in chosen:
        if rule.kind in WORDLESS:
            continue
        for fires, sentences in ((True, rule.fires), (False, rule.quiet)):
            for sentence in sentences:
                found = {match.rule for match in check_page([Passage(sentence)], rules)}
                if (rule.id in found) is not fires:
                    yield BrokenExample(rule.id, sentence, fires)


def _wrapped(text: str) -> str:
    return textwrap.fill(
        one_line(text), WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _listed(texts: Iterable[str]) -> str:
    """A list; lines that an example has of its own stay."""
    return "\n".join(
        textwrap.fill(
            one_line(line), WIDTH, initial_indent="  - " if first else "    ",
            subsequent_indent="    ", break_long_words=False, break_on_hyphens=False,
        )
        for text in texts
        for first, line in _numbered(text)
    )  # fmt: skip


def _numbered(text: str) -> Iterator[tuple[bool, str]]:
    for number, line in enumerate(text.strip().splitlines()):
        yield number == 0, line
