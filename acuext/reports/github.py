"""Format `github`: annotations on a pull request, and the summary of a job."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

from acuext.reports.context import (
    LEVELS,
    Context,
    advice,
    baseline_line,
    counted,
    ending_soon,
    in_markdown,
    one_line,
    rule_address,
    worst_first,
)
from acuext.review import Finding, Review
from acuext.rules import Severity

_KINDS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "info": "notice"}
#: GitHub shows ten annotations of each kind from a step, and drops the others without a word.
_SHOWN: Final = 10
#: GitHub refuses the summary of a step that is larger than 1 MiB; the rest is room for its end.
_ROOM: Final = 1_000_000
_WAIVERS: Final = 50


def github(review: Review, context: Context) -> Iterator[str]:
    """The findings as workflow commands: ten of each kind, the last of which counts the rest.

    Args:
        review: what was found.
        context: where it is read; paths count from the root of the repository.

    Yields:
        A line at a time.
    """
    for severity, kind in _KINDS.items():
        found = (finding for finding in review.findings if finding.severity == severity)
        more = review.count(severity) - _SHOWN
        for number, finding in enumerate(itertools.islice(found, _SHOWN), start=1):
            message = advice(finding)
            if number == _SHOWN and more > 0:
                message += f" And {more:,} more like this ({LEVELS[severity]}): see the summary."
            where = {
                "file": context.from_root(finding.path),
                "line": finding.line,
                "endLine": finding.end_line,
                "col": finding.column,
                "endColumn": finding.end_column,
                "title": f"{LEVELS[severity]}: {finding.rule} {finding.name}",
            }
            if finding.line != finding.end_line:
                # Columns may only be given within a line.
                del where["col"], where["endColumn"]
            said = ",".join(f"{key}={_property(str(value))}" for key, value in where.items())
            yield f"::{kind} {said}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


# -- the summary -------------------------------------------------------------------------------


def github_summary(review: Review, context: Context) -> Iterator[str]:
    """The summary of a job in Markdown, small enough for GitHub to take it.

    Args:
        review: what was found.
        context: where it is read; paths count from the root of the repository.

    Yields:
        A row at a time: counts, findings worst first, waivers that end soon.
    """
    end = "".join(_waivers(review, context))
    end += (
        f"\n{counted(review.pages, 'page')}, {counted(review.passages, 'passage')} read. "
        "What is not flagged is not thereby true.\n"
    )
    size = len(end.encode())
    left = len(review.findings)
    for piece in _findings(review, context):
        size += len(piece.encode())
        if size > _ROOM:
            yield f"\nAnd {counted(left, 'more finding')}, for which there is no room here.\n"
            break
        yield piece
        left -= piece.startswith("| ") and not piece.startswith("| Page")
    yield end


def _findings(review: Review, context: Context) -> Iterator[str]:
    errors, warnings, notes = (review.count(level) for level in LEVELS)
    yield "## Editorial review\n\n"
    counts = [f"**{errors:,} must fix**", f"{warnings:,} to consider", counted(notes, "note")]
    counts.append(f"{len(review.waived):,} waived")
    yield f"{', '.join(counts)}.\n"
    if review.baseline or review.outdated:
        yield f"\n{baseline_line(review)}.\n"
    if review.findings:
        yield "\n| Page | Line | | Words | Why | Try |\n| --- | ---: | --- | --- | --- | --- |\n"
    for finding in worst_first(review.findings):
        yield _row(
            in_markdown(context.from_root(finding.path)),
            str(finding.line),
            LEVELS[finding.severity],
            _words(finding),
            f"{in_markdown(finding.message)} ({_rule(finding.rule, context)})",
            in_markdown(finding.suggestions[0]) if finding.suggestions else "",
        )


def _rule(rule_id: str, context: Context) -> str:
    address = rule_address(context.rules, rule_id)
    return f"[{rule_id}](<{address}>)" if address else rule_id


def _words(finding: Finding) -> str:
    text = one_line(finding.text)
    return in_markdown(text if len(text) <= 200 else f"{text[:200]}…")


def _waivers(review: Review, context: Context) -> Iterator[str]:
    ending = ending_soon(review, context.today)
    if not ending:
        return
    yield "\n### Waivers that end within 30 days\n\n"
    yield "| Page | Line | Rule | Reason | Ends |\n| --- | ---: | --- | --- | --- |\n"
    for waived in ending[:_WAIVERS]:
        yield _row(
            in_markdown(context.from_root(waived.path)),
            str(waived.line),
            waived.rule,
            in_markdown(waived.reason[:200]),
            str(waived.until),
        )
    if len(ending) > _WAIVERS:
        yield f"\nAnd {len(ending) - _WAIVERS:,} more.\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"
