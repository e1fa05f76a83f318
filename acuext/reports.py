"""Findings to text, one function a format; each returns a string."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from acuext.baseline import Baseline
from acuext.evidence import Entry, EntryKey
from acuext.review import Finding, Review, Waived
from acuext.rules import Pack


class Summary(msgspec.Struct, frozen=True):
    """How many findings have each severity, how many do not count, and what was read."""

    error: int
    warning: int
    info: int
    waived: int
    #: Findings that the baseline has recorded.
    baseline: int
    #: Findings that the baseline has recorded and no page has any more.
    outdated: int
    pages: int
    passages: int


class Report(msgspec.Struct, frozen=True):
    """What `findings.json` holds."""

    #: Raised when the meaning of a key changes.
    schema: Literal[1]
    findings: tuple[Finding, ...]
    waived: tuple[Waived, ...]
    baseline: tuple[Finding, ...]
    summary: Summary


def report_of(review: Review) -> Report:
    """The outcome of a build, counted."""
    summary = Summary(
        error=review.count("error"),
        warning=review.count("warning"),
        info=review.count("info"),
        waived=len(review.waived),
        baseline=len(review.baseline),
        outdated=review.gone,
        pages=review.pages,
        passages=review.passages,
    )
    return Report(1, review.findings, review.waived, review.baseline, summary)


def json_report(review: Review) -> str:
    """All findings, waived ones and the summary as JSON."""
    encoded = msgspec.json.encode(report_of(review))
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def json_schemas() -> dict[str, str]:
    """The JSON Schemas that we publish, by the name of their file."""
    schemas: dict[str, Any] = {
        "baseline.schema.json": Baseline,
        "evidence.schema.json": dict[EntryKey, Entry],
        "findings.schema.json": Report,
        "pack.schema.json": Pack,
    }
    return {
        name: msgspec.json.format(msgspec.json.encode(msgspec.json.schema(kind))).decode() + "\n"
        for name, kind in schemas.items()
    }


def log_line(finding: Finding) -> str:
    """A finding in one line, without its path and line, for Sphinx's log."""
    tries = f' Try "{finding.suggestions[0]}".' if finding.suggestions else ""
    return one_line(f"{finding.rule} {finding.message}{tries} (column {finding.column})")


def baseline_line(review: Review) -> str:
    """How far the baseline is worked off, in one line."""
    total = len(review.baseline) + review.gone
    findings = "1 finding" if total == 1 else f"{total} findings"
    if not review.gone:
        return f"{findings} in the baseline"
    are = "is" if review.gone == 1 else "are"
    return f"{review.gone} of {findings} in the baseline {are} gone; run acuext baseline prune"


def one_line(text: str) -> str:
    """Text from a page made safe for a line of a log: no control characters, no line breaks."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
