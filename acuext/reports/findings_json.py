"""Format `json`: findings.json, and the JSON Schemas that we publish."""

from __future__ import annotations

from collections.abc import Iterator
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


def json_pieces(review: Review) -> Iterator[str]:
    """All findings, waived ones and the summary as JSON, a finding a piece."""
    report = report_of(review)
    for number, key in enumerate(report.__struct_fields__):
        value = getattr(report, key)
        yield f'{"," if number else "{"}\n  "{key}": '
        if isinstance(value, tuple) and value:
            for index, finding in enumerate(value):
                yield f"{',' if index else '['}\n    {_indented(finding, 4)}"
            yield "\n  ]"
        else:
            yield _indented(value, 2)
    yield "\n}\n"


def _indented(value: object, columns: int) -> str:
    lines = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    # JSON has no line break inside a string.
    return lines.replace("\n", "\n" + " " * columns)


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
