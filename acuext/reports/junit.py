"""Format `junit`: JUnit's XML, for CI systems that show tests."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from acuext.reports.context import Context, advice, counted, one_line
from acuext.review import Finding, Review


def junit(review: Review, context: Context) -> Iterator[str]:
    """A test for each file with findings; it fails when one of them must be fixed.

    One a file, because CI systems tell tests apart by name: a test for each finding would change
    its name whenever a line moves. One failure in a test, because several are not shown by all.

    Args:
        review: what was found.
        context: where it is read; paths count from the root of the repository.

    Yields:
        A finding at a time.
    """
    grave_there = [
        any(finding.severity == "error" for finding in found) for _path, found in _files(review)
    ]
    # Some systems take a report without tests for one that got lost.
    tests = len(grave_there) + 1
    totals = f'tests="{tests}" failures="{sum(grave_there)}" errors="0" skipped="0"'
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites {totals}>\n<testsuite name="acuext" {totals}>\n'
    yield from _test("all pages", [f"{counted(review.pages, 'page')} read"], [], 0, "")
    for path, found in _files(review):
        findings = list(found)
        grave = [finding for finding in findings if finding.severity == "error"]
        others = [finding for finding in findings if finding.severity != "error"]
        name = context.from_root(path)
        yield from _test(name, _lines(others, name), _lines(grave, name), len(grave), name)
    yield "</testsuite>\n</testsuites>\n"


def _files(review: Review) -> Iterator[tuple[str, Iterator[Finding]]]:
    return itertools.groupby(review.findings, lambda finding: finding.path)


def _lines(findings: Sequence[Finding], name: str) -> Iterator[str]:
    for finding in findings:
        place = f"{one_line(name)}:{finding.line}:{finding.column}"
        yield f"{place}: {finding.rule} {advice(finding)}"


def _test(
    name: str, said: Iterable[str], failures: Iterable[str], failed: int, file: str
) -> Iterator[str]:
    place = f' file="{escape(one_line(file))}"' if file else ""
    yield f'<testcase classname="acuext" name="{escape(one_line(name))}"{place} time="0">\n'
    yield from _element(f'failure message="{failed:,} must fix" type="error"', failures)
    yield from _element("system-out", said)
    yield "</testcase>\n"


def _element(opened: str, lines: Iterable[str]) -> Iterator[str]:
    """An element with lines in it; nothing without lines."""
    before = f"<{opened}>"
    for line in lines:
        yield before + escape(line, quote=False)
        before = "\n"
    if before == "\n":
        yield f"</{opened.partition(' ')[0]}>\n"
