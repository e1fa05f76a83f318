"""Findings to text, one function a format; each returns a string."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from acuext.review import SEVERITIES, Finding, Review

#: Raised when the meaning of a key in `findings.json` changes.
SCHEMA: Final = 1


def json_report(review: Review) -> str:
    """All findings, waived ones and the summary: what `findings.json` holds."""
    report: dict[str, object] = {
        "schema": SCHEMA,
        "findings": review.findings,
        "waived": [
            {**_plain(entry.finding), "reason": entry.reason, "until": entry.until}
            for entry in review.waived
        ],
        "summary": {
            **{str(severity): review.count(severity) for severity in SEVERITIES},
            "waived": len(review.waived),
            "pages": review.pages,
            "passages": review.passages,
        },
    }
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"


def _plain(finding: Finding) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(finding)
    return plain


def log_line(finding: Finding) -> str:
    """A finding in one line, without its path and line, for Sphinx's log."""
    tries = f' Try "{finding.suggestions[0]}".' if finding.suggestions else ""
    return one_line(f"{finding.rule} {finding.message}{tries} (column {finding.column})")


def one_line(text: str) -> str:
    """Text from a page made safe for a line of a log: no control characters, no line breaks."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
