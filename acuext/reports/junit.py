"""Format `junit`: JUnit's XML, for CI systems that show tests."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
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
        A test at a time.
    """
    paths = {finding.path for finding in review.findings}
    failed = {finding.path for finding in review.findings if finding.severity == "error"}
    # Some systems take a report without tests for one that got lost.
    totals = f'tests="{len(paths) + 1}" failures="{len(failed)}" errors="0" skipped="0"'
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites {totals}>\n<testsuite name="acuext" {totals}>\n'
    yield _test("all pages", [f"{counted(review.pages, 'page')} read"], [], "")
    for path, found in itertools.groupby(review.findings, lambda finding: finding.path):
        findings = list(found)
        grave = [finding for finding in findings if finding.severity == "error"]
        others = [finding for finding in findings if finding.severity != "error"]
        name = context.from_root(path)
        yield _test(name, _lines(others, name), _lines(grave, name), name)
    yield "</testsuite>\n</testsuites>\n"


def _lines(findings: Sequence[Finding], name: str) -> list[str]:
    return [
        f"{one_line(name)}:{finding.line}:{finding.column}: {finding.rule} {advice(finding)}"
        for finding in findings
    ]


def _test(name: str, said: Sequence[str], failures: Sequence[str], file: str) -> str:
    place = f' file="{escape(one_line(file))}"' if file else ""
    made = f'<testcase classname="acuext" name="{escape(one_line(name))}"{place} time="0">\n'
    if failures:
        listed = escape("\n".join(failures), quote=False)
        made += f'<failure message="{len(failures):,} must fix" type="error">{listed}</failure>\n'
    if said:
        listed = escape("\n".join(said), quote=False)
        made += f"<system-out>{listed}</system-out>\n"
    return made + "</testcase>\n"
