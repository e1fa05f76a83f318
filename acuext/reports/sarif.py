"""Format `sarif`: SARIF 2.1.0, for code scanning on GitHub and for editors that read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import acuext
from acuext.reports.context import (
    DOCUMENTATION,
    Context,
    advice,
    in_markdown,
    json_around,
    marked,
    one_line,
    rule_address,
)
from acuext.review import Finding, Review
from acuext.rules import Rule, Severity, Source

_LEVEL: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "info": "note"}
_ROOT: Final = "%SRCROOT%"
#: How many examples of each kind stand in the help of a rule.
_EXAMPLES: Final = 3


def sarif(review: Review, context: Context) -> Iterator[str]:
    """The findings as one run of SARIF, a result a line.

    Waived findings and those of the baseline are left out: GitHub takes no notice of
    `suppressions` and would show them as open.

    Args:
        review: what was found.
        context: where it is read; paths count from the root of the repository.

    Yields:
        The file in pieces.
    """
    found = {finding.rule for finding in review.findings}
    rules = [rule for rule in context.rules.rules if rule.id in found]
    driver = {
        "name": "acuext",
        "version": acuext.__version__,
        "semanticVersion": acuext.__version__,
        "informationUri": DOCUMENTATION,
        "rules": [_descriptor(rule, context) for rule in rules],
    }
    root = {"description": {"text": "The root of the repository."}}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: root},
        "results": [],
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    indexes = {rule.id: index for index, rule in enumerate(rules)}
    results = (
        _result(finding, mark, indexes, context) for finding, mark in marked(review.findings)
    )
    yield from json_around(log, results)


def _result(
    finding: Finding, mark: str, indexes: dict[str, int], context: Context
) -> dict[str, Any]:
    uri = quote(context.from_root(finding.path))
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
    }
    place = {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}, "region": region}
    return {
        "ruleId": finding.rule,
        "ruleIndex": indexes[finding.rule],
        "level": _LEVEL[finding.severity],
        "message": {"text": _message(advice(finding))},
        "locations": [{"physicalLocation": place}],
        # Not as `primaryLocationLineHash`: GitHub's upload computes that itself, and logs a
        # warning for each result in which it finds another.
        "partialFingerprints": {"acuext/v1": mark},
    }


def _message(text: str) -> str:
    """Text in which nothing is a link or a placeholder."""
    return re.sub(r"[\\[\]]", r"\\\g<0>", text).replace("{", "{{").replace("}", "}}")


# -- rules -------------------------------------------------------------------------------------


def _descriptor(rule: Rule, context: Context) -> dict[str, Any]:
    address = rule_address(context.rules, rule.id)
    about = {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": _message(_sentence(rule.title))},
        "fullDescription": {"text": _message(_sentence(" ".join(rule.why.split())))},
        "help": {"text": _help(rule, markdown=False), "markdown": _help(rule, markdown=True)},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        "properties": {"tags": ["health", "writing", rule.kind]},
    }
    return about | ({"helpUri": address} if address else {})


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _help(rule: Rule, markdown: bool) -> str:
    """The parts of a rule's page that fit beside a finding."""
    show = in_markdown if markdown else one_line
    parts = [
        ("Write instead", rule.instead),
        ("Flagged", rule.fires[:_EXAMPLES]),
        ("Still fine", rule.quiet[:_EXAMPLES]),
        ("Known limits", [rule.limits] if rule.limits else []),
    ]
    written = [show(rule.why)]
    listed = [(title, [show(item) for item in items]) for title, items in parts]
    listed.append(("Sources", [_source(source, markdown) for source in rule.sources]))
    for title, items in listed:
        if items:
            head = f"**{title}**\n" if markdown else f"{title}:"
            written.append("\n".join([head, *(f"- {item}" for item in items)]))
    return "\n\n".join(written)


def _source(source: Source, markdown: bool) -> str:
    date = f" ({one_line(source.date)})" if source.date else ""
    text = in_markdown(source.text) if markdown else one_line(source.text)
    # Any other scheme, in somebody's pack, could run a script.
    if not re.fullmatch(r"https?://[^\s<>]+", source.url):
        return text + date
    return f"[{text}](<{source.url}>){date}" if markdown else f"{text}{date}: {source.url}"
