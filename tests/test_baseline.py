"""Findings of an old site that do not gate: recorded once, known again, and never made up."""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import CLAIM, CLEAN, Built, Project
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import validate
from msgspec.structs import replace
from test_reports import SCHEMAS

from acuext.baseline import (
    ABOUT_PAGES,
    BASELINE,
    EMPTY,
    Baseline,
    BaselineError,
    fingerprints,
    load_baseline,
    prune,
    split,
    update,
    written,
)
from acuext.reports import baseline_line
from acuext.review import Finding, Review
from acuext.rules import load_rules

FINDING = Finding(
    "a.md", 3, 1, 3, 7, "ACU101", "proof-language", "error", "claims proof", "proven", (), ("a",)
)
OLD = CLAIM + "\nIt cures migraine. Relief is guaranteed.\n"


def finding(text: str = "proven", line: int = 3, **changes: Any) -> Finding:
    return replace(FINDING, text=text, line=line, end_line=line, **changes)


def findings_of(built: Built) -> list[Finding]:
    report = built.report
    return msgspec.convert([*report["findings"], *report["baseline"]], list[Finding])


@pytest.fixture
def old(project: Project) -> Project:
    """A site whose findings, three errors, are all recorded."""
    project.write({"index.md": OLD})
    built = project.build()
    assert built.rules("error") == ["ACU101", "ACU102", "ACU103"]
    project.write({BASELINE: written(update(findings_of(built)))})
    return project


# -- builds ------------------------------------------------------------------------------------


def test_recorded_findings_do_not_gate(old: Project) -> None:
    for options in ((), ("-W",), ("-W", "-j", "2"), ("-W", "-E")):
        built = old.build(*options)
        assert (built.status, built.err, built.rules("error", "warning")) == (0, "", [])
        assert [f["rule"] for f in built.report["baseline"]] == ["ACU101", "ACU102", "ACU103"]
        assert "acuext: 3 findings in the baseline\n" in built.out


def test_a_new_finding_gates_and_is_the_only_one_that_is_shown(old: Project) -> None:
    old.write({"index.md": OLD + "\nIt is a miracle cure.\n"})
    built = old.build()
    assert built.status == 1
    assert {f["line"] for f in built.findings if f["severity"] == "error"} == {10}
    assert len(built.report["baseline"]) == 3
    assert re.findall(r"index\.md:(\d+):", built.err) == ["10"] * built.err.count("\n")


def test_the_same_words_once_more_are_new(old: Project) -> None:
    old.write({"index.md": OLD + "\nIt cures migraine.\n"})
    built = old.build()
    assert (built.status, built.rules("error")) == (1, ["ACU102"])
    assert built.findings[-1]["line"] == 10


def test_the_same_words_on_another_page_are_new(old: Project) -> None:
    old.write({"other.md": "---\norphan: true\n---\n" + CLAIM})
    built = old.build()
    assert [(f["rule"], f["path"]) for f in built.findings] == [("ACU101", "other.md")]


@pytest.mark.parametrize(
    "text",
    [
        OLD.replace("# Needles\n", "# Needles\n\nA new paragraph.\n\nAnother one.\n"),
        OLD.replace("is proven to cure", "is\nproven   to\ncure"),
        OLD.replace("Acupuncture is proven to cure", "> Acupuncture is *proven\n> to* cure"),
        "\n\n".join([*OLD.split("\n\n")[:1], *reversed(OLD.split("\n\n")[1:])]),
        OLD.replace("\n", "\r\n"),
        OLD.replace("# Needles", "# Needles and pins"),
    ],
    ids=["moved", "wrapped", "quoted", "turned round", "CRLF", "another title"],
)
def test_recorded_findings_are_known_again(old: Project, text: str) -> None:
    old.write({"index.md": text})
    for options in ((), ("-E",)):
        built = old.build(*options)
        assert (built.rules("error", "warning"), built.report["summary"]["outdated"]) == ([], 0)
        assert built.report["summary"]["baseline"] == 3


def test_a_missing_notice_is_known_again_when_the_title_changes(project: Project) -> None:
    project.write({"index.md": "# Needles\n\nWords.\n"})
    project.write({BASELINE: written(update(findings_of(project.build())))})
    project.write({"index.md": "# Of needles\n\nWords.\n"})
    built = project.build("-W")
    assert built.status == 0
    assert [f["rule"] for f in built.report["baseline"]] == ["ACU201"]


def test_mending_a_finding_never_breaks_the_build(old: Project) -> None:
    old.write({"index.md": CLEAN})
    for options in (("-W",), ("-W",), ("-W", "-E", "-j", "2")):
        built = old.build(*options)
        assert (built.status, built.err) == (0, "")
        assert built.report["summary"]["baseline"] == 0
        assert built.report["summary"]["outdated"] == 3
        line = "acuext: 3 of 3 findings in the baseline are gone; run acuext baseline prune\n"
        assert line in built.out


def test_a_changed_baseline_acts_without_reading_a_page_again(old: Project) -> None:
    assert old.build().status == 0
    recorded = (old.path / BASELINE).read_text()
    for content, status in ((None, 1), (recorded, 0), (written(EMPTY), 1), (recorded, 0)):
        old.write({BASELINE: content})
        built = old.build()
        assert (built.status, "0 added, 0 changed, 0 removed" in built.out) == (status, True)


def test_fresh_incremental_and_parallel_builds_say_the_same(old: Project) -> None:
    old.write({f"p{number}.md": f"---\norphan: true\n---\n{OLD}" for number in range(12)})
    old.write({BASELINE: written(update(findings_of(old.build()))), "p3.md": CLEAN})
    old.write({"p4.md": f"---\norphan: true\n---\n{OLD}\nIt is proven to work.\n"})
    incremental = old.build().report_bytes
    assert old.build("-E").report_bytes == incremental
    assert old.build("-E", "-j", "4", out="parallel").report_bytes == incremental
    summary = json.loads(incremental)["summary"]
    assert (summary["baseline"], summary["outdated"], summary["error"]) == (36, 3, 1)


def test_a_waived_finding_is_waived_and_not_in_the_baseline(old: Project) -> None:
    waiver = "% acuext: ignore ACU101 -- their own words\n\n"
    old.write({"index.md": OLD.replace("Acupuncture is", f"{waiver}Acupuncture is")})
    built = old.build("-W")
    assert (built.status, built.rules("error", "warning")) == (0, [])
    summary = built.report["summary"]
    assert (summary["waived"], summary["baseline"], summary["outdated"]) == (1, 2, 1)


def test_what_was_waived_is_not_recorded_and_gates_when_the_waiver_ends(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795305600")  # 2026-11-22
    waiver = "% acuext: ignore ACU101 until 2026-12-31 -- their own words\n\n"
    project.write({"index.md": CLAIM.replace("Acupuncture is", f"{waiver}Acupuncture is")})
    project.write({BASELINE: written(update(findings_of(project.build())))})
    assert project.build("-W").status == 0
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")  # 2027-01-15
    built = project.build()
    assert (built.status, built.rules("error")) == (1, ["ACU904", "ACU101"])


def test_a_lighter_severity_does_not_take_a_finding_out_of_the_baseline(old: Project) -> None:
    old.configure(acuext_rules={"ACU101": "info"})
    summary = old.build().report["summary"]
    assert (summary["baseline"], summary["outdated"]) == (3, 0)


def test_without_a_baseline_all_findings_are_there_again(old: Project) -> None:
    built = old.build("-D", "acuext_baseline=")
    assert built.rules("error") == ["ACU101", "ACU102", "ACU103"]
    assert (built.status, built.report["baseline"]) == (1, [])


def test_a_baseline_of_another_name_must_be_there(old: Project) -> None:
    (old.path / BASELINE).rename(old.path / "known.json")
    old.configure(acuext_baseline="known.json")
    assert old.build().status == 0
    old.configure(acuext_baseline="knwon.json")
    built = old.build()
    assert (built.status, built.err.count("\n")) == (2, 1)
    assert 'acuext_baseline: knwon.json: no such file; make it with "acuext baseline' in built.err


def test_a_preview_counts_the_baseline_too(old: Project) -> None:
    old.configure(acuext_gate="report")
    old.write({"index.md": OLD.replace("It cures migraine. ", "")})
    built = old.build("-W")
    assert built.status == 0
    assert "acuext: 1 of 3 findings in the baseline is gone; run acuext baseline" in built.out


def test_words_of_a_page_do_no_harm_in_the_file(project: Project, tmp_path: Path) -> None:
    text = 'It is proven\u202e \u0007to "work"\\`x`. Ça guérit \U0001f600.'
    project.write({"index.md": f"{CLEAN}\n{text}\n"})
    made = written(update(findings_of(project.build())))
    assert all(char.isprintable() or char == "\n" for char in made)
    project.write({BASELINE: made})
    assert project.build("-W").status == 0


# -- properties --------------------------------------------------------------------------------

SITES = st.lists(
    st.builds(
        finding,
        st.sampled_from(["proven", "Proven", "cures", "cures\n> all", "100 %", "…", "Ünïcode"]),
        st.integers(1, 50),
        path=st.sampled_from(["a.md", "b/c.rst", "ü.md"]),
        rule=st.sampled_from(["ACU101", "ACU102", "ACU201", "HOUSE1001"]),
        severity=st.sampled_from(["error", "warning"]),
    ),
    max_size=12,
)


@given(SITES)
def test_all_that_is_recorded_is_known_again_in_any_order(found: list[Finding]) -> None:
    baseline = update(found)
    new, recorded, outdated = split(baseline, reversed(found))
    assert (new, Counter(recorded), outdated) == ((), Counter(found), ())
    assert update(reversed(found)) == baseline


@given(SITES, SITES)
def test_no_finding_is_lost_and_no_entry_forgotten(
    before: list[Finding], after: list[Finding]
) -> None:
    baseline = update(before)
    new, recorded, outdated = split(baseline, after)
    assert Counter(new) + Counter(recorded) == Counter(after)
    assert len(recorded) + sum(entry.count for entry in outdated) == len(before)
    # Pruning makes nothing new, and leaves nothing to prune.
    assert split(prune(baseline, outdated), after) == (new, recorded, ())


@given(SITES)
def test_a_baseline_is_read_as_it_was_written(found: list[Finding]) -> None:
    baseline = update(found)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / BASELINE
        file.write_text(written(baseline), encoding="utf-8", newline="\n")
        assert load_baseline(file) == baseline
    validate(
        json.loads(written(baseline)), json.loads((SCHEMAS / "baseline.schema.json").read_text())
    )


@given(SITES, st.integers(0, 11))
def test_fingerprints_differ_and_outlive_their_neighbours(found: list[Finding], gone: int) -> None:
    whole = fingerprints(found)
    assert len(set(whole)) == len(found)
    assert set(fingerprints(found[:gone] + found[gone + 1 :])) <= set(whole)
    moved = [replace(each, line=each.line + 5, column=9) for each in found]
    assert fingerprints(moved) == whole


# -- what is recorded --------------------------------------------------------------------------


def test_findings_of_severity_info_and_about_waivers_are_not_recorded() -> None:
    found = [finding(severity="info"), finding(rule="ACU904"), finding(rule="ACU901")]
    assert update(found) == EMPTY


def test_findings_about_a_whole_page_are_recorded_without_their_words() -> None:
    wordless = {rule.id for rule in load_rules("en").rules if rule.kind == "disclose"}
    about_a_table_or_the_notice = {"ACU210", "ACU212"}
    assert set(ABOUT_PAGES) == wordless - about_a_table_or_the_notice


def test_the_file_has_one_sorted_line_an_entry() -> None:
    found = [
        finding(rule="ACU102", text="It *cures*"),
        finding(),
        finding(line=9),
        finding(path="ä.md"),
    ]
    assert written(update(found)) == """\
{
  "schema": 1,
  "findings": [
    {"path": "a.md", "rule": "ACU101", "text": "proven", "count": 2},
    {"path": "a.md", "rule": "ACU102", "text": "it cures"},
    {"path": "ä.md", "rule": "ACU101", "text": "proven"}
  ]
}
"""  # fmt: skip


def test_nobody_has_to_write_the_words_as_we_do(tmp_path: Path) -> None:
    (tmp_path / BASELINE).write_text(
        '{"schema": 1, "findings": [{"path": "a.md", "rule": "ACU101", "text": "Is **Proven**!"}]}'
    )
    [entry] = load_baseline(tmp_path / BASELINE).findings
    assert split(Baseline(1, (entry,)), [finding("is proven")])[0] == ()


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ([], "1 of 1 finding in the baseline is gone; run acuext baseline prune"),
        ([finding()], "1 finding in the baseline"),
    ],
)
def test_one_finding_is_counted_as_one(after: list[Finding], says: str) -> None:
    new, recorded, outdated = split(update([finding()]), after)
    assert baseline_line(Review(new, (), recorded, outdated, 1, 1)) == says


# -- files that cannot be used -----------------------------------------------------------------

ENTRY = '{"path": "a.md", "rule": "ACU101", "text": "proven"}'


def file_of(*entries: str) -> str:
    return f'{{"schema": 1, "findings": [{", ".join(entries)}]}}'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "line 1: not JSON: Expecting value; mend the line, or make the file anew"),
        (f"<<<<<<< HEAD\n{file_of()}", "line 1: not JSON"),
        (file_of(ENTRY).replace("}]", "},\n]"), "line 2: not JSON"),
        ("[" * 100_000, "not made by"),
        ("1" * 5_000, "not made by"),
        (b'{"schema": 1, "findings": ["\xff"]}', "not UTF-8 at byte 28"),
        ("[]", "expected `object`, got `array`"),
        ("{}", "key 'schema' is missing"),
        ('{"schema": 1}', "key 'findings' is missing"),
        ('{"schema": 2, "findings": []}', "schema: 2 is not 1; this acuext cannot read it"),
        ('{"schema": "1", "findings": []}', "schema: expected `int`, got `str`"),
        ('{"schema": 1, "finding": []}', "unknown key 'finding'; did you mean 'findings'?"),
        ('{"schema": 1, "findings": [], "zzz": 1}', "unknown key 'zzz'; delete it"),
        ('{"schema": 1, "findings": {}}', "findings: expected `array`, got `object`"),
        (file_of(ENTRY, "3"), "entry 2: expected `object`, got `int`"),
        (file_of(ENTRY.replace("rule", "rulle")), "entry 1: unknown key 'rulle'; did you mean 'rule'?"),
        (file_of('{"path": "a.md"}'), "entry 1: key 'rule' is missing"),
        (file_of(ENTRY.replace("ACU101", "proof")), "entry 1: rule: expected `str` matching"),
        (file_of(ENTRY.replace("a.md", "")), "entry 1: path: expected `str` of length >= 1"),
        (file_of(ENTRY.replace('"proven"', '"x", "count": 0')), "entry 1: count: expected `int` >= 1"),
        (file_of(ENTRY, ENTRY.replace("proven", "*Proven*")), "entry 2: ACU101 in these words stands twice for a.md; keep one"),
        (file_of(ENTRY.replace("ACU101", "ACU904")), "entry 1: rule: ACU904 is about a waiver"),
    ],
)  # fmt: skip
def test_a_broken_baseline_names_file_entry_and_reason(
    tmp_path: Path, content: str | bytes, says: str
) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    (tmp_path / BASELINE).write_bytes(data)
    with pytest.raises(BaselineError) as caught:
        load_baseline(tmp_path / BASELINE)
    message = str(caught.value)
    assert message.startswith(f"{BASELINE}: ")
    assert says in message
    assert "\n" not in message


def test_a_broken_baseline_ends_the_build_in_one_line(old: Project) -> None:
    old.write({BASELINE: file_of('{"path": "a.md\\u001b[31m"}')})
    built = old.build()
    assert (built.status, built.err.count("\n")) == (2, 1)
    assert f"acuext_baseline: {BASELINE}: entry 1: key 'rule' is missing" in built.err


def test_a_folder_in_its_place_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / BASELINE).mkdir()
    with pytest.raises(BaselineError, match=f"{BASELINE}: cannot be read: Is a directory"):
        load_baseline(tmp_path / BASELINE)


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / BASELINE).write_bytes(b"\xef\xbb\xbf" + file_of(ENTRY).encode())
    assert len(load_baseline(tmp_path / BASELINE).findings) == 1
