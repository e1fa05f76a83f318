"""Format `rdjson`: what reviewdog reads, with suggestions to accept by a click."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from acuext.reports.context import Context, advice, json_around, rule_address
from acuext.review import Finding, Review
from acuext.rules import Severity

_SEVERITY: Final[dict[Severity, str]] = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


def rdjson(review: Review, context: Context) -> Iterator[str]:
    """The findings as one of reviewdog's diagnostic results.

    Args:
        review: what was found.
        context: where it is read; paths count from the root of the repository.

    Yields:
        A diagnostic at a time.
    """
    result = {"source": {"name": "acuext"}, "diagnostics": []}
    yield from json_around(result, (_diagnostic(found, context) for found in review.findings))


def _diagnostic(finding: Finding, context: Context) -> dict[str, Any]:
    address = rule_address(context.rules, finding.rule)
    place = {
        "start": _position(finding.path, finding.line, finding.column, context),
        "end": _position(finding.path, finding.end_line, finding.end_column, context),
    }
    diagnostic: dict[str, Any] = {
        "message": advice(finding),
        "location": {"path": context.from_root(finding.path), "range": place},
        "severity": _SEVERITY[finding.severity],
        "code": {"value": finding.rule} | ({"url": address} if address else {}),
    }
    if words := replacements(finding, context):
        diagnostic["suggestions"] = [{"range": place, "text": text} for text in words]
    return diagnostic


def _position(path: str, line: int, column: int, context: Context) -> dict[str, int]:
    """A position as reviewdog counts: columns in bytes of UTF-8."""
    return {"line": line, "column": max(column, context.bytes_before(path, line, column) + 1)}


def replacements(finding: Finding, context: Context) -> list[str]:
    """The suggestions that can stand in place of the words as they are.

    Only a swap is made for that: the words that a rule of kind `prefer` gives for a phrase. All
    other suggestions are patterns to fill in, or say what to do. Words with markup in them are
    left alone, for half of it could be lost.
    """
    rule = context.rules.get(finding.rule)
    line = context.source_line(finding.path, finding.line) or ""
    there = line[finding.column - 1 : finding.end_column - 1]
    if (
        rule is None
        or finding.line != finding.end_line
        or finding.text != there
        or not re.fullmatch(r"[^\W_](?:[\w ’'-]*[^\W_])?", there)
    ):
        return []
    swaps = {words for trigger in rule.trigger for words in trigger.swap.values()}
    return [
        words[0].upper() + words[1:] if there[0].isupper() else words
        for words in finding.suggestions
        if words in swaps
    ]
