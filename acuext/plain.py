"""Plain text in, findings out: no page, no project, no settings."""

from __future__ import annotations

import bisect
import datetime
import functools
import re

import msgspec

from acuext.engine import check_page
from acuext.matches import Passage
from acuext.review import Finding, Record, Settings, Spot, review
from acuext.rules import Profile, Rules, load_rules


def check(text: str, language: str = "en", profile: Profile = "core") -> tuple[Finding, ...]:
    """Find what the language rules have to say about plain text.

    Args:
        text: paragraphs, parted by empty lines.
        language: its language code.
        profile: "core" or "health-page"; a finding's severity depends on it.

    Returns:
        Findings in the order of their places, lines and columns counted in the text; `path` and
        `pages` are empty. There are none in a language without rules.
    """
    # No page that could carry sources.
    settings = Settings(profile, health_pages=())
    rules = _rules_of(language, profile)
    if not rules.known:
        return ()
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    paragraphs = [match.span() for match in re.finditer(r"\S(?:.|\n(?!\s*\n))*", text)]
    matches = check_page([Passage(text[start:end]) for start, end in paragraphs], rules)
    if not matches:
        return ()

    def position(offset: int) -> tuple[int, int]:
        line = bisect.bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    located = []
    for match in matches:
        begin = paragraphs[match.passage][0]
        start, end = begin + match.start, begin + match.end
        located.append((match, Spot("", (*position(start), *position(end)), text[start:end])))
    record = Record("", tuple(located), (), (), Spot("", (1, 1, 1, 1), ""), -1, True, 0)
    outcome = review([record], rules, settings, datetime.date.min)
    return tuple(msgspec.structs.replace(finding, pages=()) for finding in outcome.findings)


@functools.lru_cache(maxsize=8)
def _rules_of(language: str, profile: Profile) -> Rules:
    return Settings(profile).in_force(load_rules(language))
