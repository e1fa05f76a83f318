"""Reports say the same as the findings, and keep to their schemas."""

from __future__ import annotations

import errno
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import CLAIM, CLEAN, Project
from jsonschema import validate
from sphinx.util.docutils import docutils_namespace

import acuext
from acuext import extension
from acuext.reports import json_schemas, one_line

SCHEMAS = Path(acuext.__file__).parent / "schemas"


@pytest.mark.parametrize(
    "name",
    ["baseline.schema.json", "evidence.schema.json", "findings.schema.json", "pack.schema.json"],
)
def test_published_schemas_are_those_of_the_code(name: str) -> None:
    assert (SCHEMAS / name).read_text() == json_schemas()[name]
    assert {path.name for path in SCHEMAS.iterdir()} == set(json_schemas())


def test_the_report_keeps_to_its_schema_and_counts_right(project: Project) -> None:
    waiver = "% acuext: ignore ACU102 until 2999-01-01 -- quoted\n\nIt cures migraine.\n"
    project.write({"index.md": f"{CLAIM}\n{waiver}"})
    report = project.build().report
    validate(report, json.loads((SCHEMAS / "findings.schema.json").read_text()))
    assert report["schema"] == 1
    assert report["summary"]["pages"] == 1
    for severity in ("error", "warning", "info"):
        counted = sum(f["severity"] == severity for f in report["findings"])
        assert report["summary"][severity] == counted
    [waived] = report["waived"]
    assert (waived["rule"], waived["reason"], waived["until"]) == ("ACU102", "quoted", "2999-01-01")
    assert report["summary"]["waived"] == 1


def test_findings_are_sorted_and_say_what_the_promised_keys_say(project: Project) -> None:
    project.write({"index.md": CLAIM + "\nIt cures migraine and is guaranteed to work.\n"})
    findings = project.build().findings
    places = [(f["path"], f["line"], f["column"], f["rule"]) for f in findings]
    assert places == sorted(set(places))
    assert set(findings[0]) == {
        "path", "line", "column", "end_line", "end_column", "rule", "name", "severity", "message",
        "text", "suggestions", "pages",
    }  # fmt: skip


def test_a_report_of_any_length_is_written_piece_by_piece(tmp_path: Path) -> None:
    report = tmp_path / "findings.json"
    tracemalloc.start()
    extension._write_whole(report, ("x" * 10_000 for _ in range(1000)))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.stat().st_size == 10_000_000
    assert most < 1_000_000


def test_when_writing_fails_neither_half_a_report_nor_the_last_is_left(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write({"index.md": CLAIM})
    project.build()
    folder = project.path / "_build" / "acuext" / "acuext"
    (folder / "findings.json").write_text("{}", encoding="utf-8")

    def pieces(_review: object) -> Iterator[str]:
        yield "{" * 100_000
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(extension, "json_pieces", pieces)
    built = project.build()
    assert built.status == 2
    assert "findings.json: cannot be written: No space left on device" in built.err
    assert list(folder.iterdir()) == []


def test_text_from_a_page_is_one_harmless_line() -> None:
    assert one_line("a\nb\x1b[31mc\u2028d\x00e\u202ef") == "a b [31mc d e f"


# The applications would leave their directives to the tests that follow.
@docutils_namespace()
def test_two_applications_in_one_process_keep_apart(project: Project) -> None:
    from io import StringIO

    from sphinx.application import Sphinx

    project.write({"one/index.md": CLAIM, "two/index.md": "# Tool\n\nWords.\n"})

    def app(name: str, **settings: object) -> Sphinx:
        return Sphinx(
            str(project.path / name), None, str(project.path / f"_{name}"),
            str(project.path / f"_{name}" / "trees"), "acuext", status=StringIO(),
            warning=StringIO(), confoverrides={"extensions": ["myst_parser", "acuext"],
            "myst_enable_extensions": ["colon_fence"], **settings},
        )  # fmt: skip

    one = app("one")
    two = app("two", acuext_health_pages=[])
    two.build()
    one.build()
    two.build()
    assert (one.statuscode, two.statuscode) == (1, 0)
    project.write({"one/index.md": CLEAN})
    one.build()
    assert one.statuscode == 0
    project.write({"one/index.md": CLAIM})
    one.build()
    assert one.statuscode == 1
    for name, empty in (("_one", False), ("_two", True)):
        report = json.loads((project.path / name / "acuext" / "findings.json").read_text())
        assert (report["findings"] == []) is empty
