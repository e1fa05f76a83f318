"""Findings to text: a module for each format, all from a review and its context."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from acuext.reports.context import (
    DOCUMENTATION,
    LEVELS,
    Context,
    baseline_line,
    counted,
    log_line,
    one_line,
    rule_address,
)
from acuext.reports.findings_json import json_pieces, json_schemas
from acuext.reports.github import github, github_summary
from acuext.reports.gitlab import gitlab
from acuext.reports.junit import junit
from acuext.reports.rdjson import rdjson
from acuext.reports.sarif import sarif
from acuext.reports.terminal import text
from acuext.review import Review

__all__ = [
    "DOCUMENTATION",
    "FORMATS",
    "LEVELS",
    "Context",
    "baseline_line",
    "counted",
    "github_summary",
    "json_pieces",
    "json_schemas",
    "log_line",
    "one_line",
    "rule_address",
]

Format = Callable[[Review, Context], Iterator[str]]

#: Every format by its name on the command line; each yields the report in pieces.
FORMATS: Final[Mapping[str, Format]] = {
    "text": text,
    "json": lambda review, context: json_pieces(review),
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "rdjson": rdjson,
    "junit": junit,
}
