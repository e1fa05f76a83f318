"""Format `gitlab`: the code quality report of a merge request on GitLab."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acuext.reports.context import Context, advice, json_around, marked
from acuext.review import Review
from acuext.rules import Severity

_SEVERITY: Final[dict[Severity, str]] = {"error": "blocker", "warning": "minor", "info": "info"}


def gitlab(review: Review, context: Context) -> Iterator[str]:
    """The findings as a list of GitLab's code quality entries.

    GitLab keeps one of several entries with the same fingerprint; ours are all different.

    Args:
        review: what was found.
        context: where it is read; paths count from the root of the repository.

    Yields:
        An entry at a time.
    """
    yield from json_around(
        [],
        (
            {
                "description": advice(finding),
                "check_name": f"{finding.rule} {finding.name}",
                "fingerprint": mark,
                "severity": _SEVERITY[finding.severity],
                "location": {
                    "path": context.from_root(finding.path),
                    "lines": {"begin": finding.line, "end": finding.end_line},
                },
            }
            for finding, mark in marked(review.findings)
        ),
    )
