"""Every format says the same findings, keeps to its schema, and nothing in a page can act in it."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from making import ROOT
from markdown_it import MarkdownIt
from msgspec.structs import replace
from reporting import COMMAND, FILES, HTML, PAGE, PLAINER, context, found, review

import acuext
from acuext.reports import FORMATS, Context, github_summary
from acuext.reports.terminal import waiver_for
from acuext.review import Finding, Review

GOLDEN = Path(__file__).parent / "golden"
FILE_NAMES = {
    "text": "review.txt",
    "json": "review.json",
    "sarif": "review.sarif",
    "github": "review.github.txt",
    "gitlab": "review.gitlab.json",
    "rdjson": "review.rdjson",
    "junit": "review.junit.xml",
    "summary": "review.summary.md",
}
WRITERS = {**FORMATS, "summary": github_summary}


@pytest.fixture(autouse=True)
def version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release does not change the golden files."""
    monkeypatch.setattr(acuext, "__version__", "1.2.3")


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., str]:
    """The review in a format; `folder=...` changes the context, `review=...` the review."""

    def write(name: str, made: Review | None = None, **other: object) -> str:
        return "".join(WRITERS[name](made or review(), context(tmp_path, **other)))

    return write


def many(number: int, severity: str = "error") -> Review:
    """A review of equal findings, a line each."""
    one = found("part.rst", "proven", severity=severity)
    findings = tuple(replace(one, line=line, end_line=line) for line in range(1, number + 1))
    return Review(findings, (), (), (), 1, 1)


NOTHING = Review((), (), (), (), 3, 40)


# -- all formats -------------------------------------------------------------------------------


def test_every_format_has_a_golden_file() -> None:
    assert set(WRITERS) == set(FILE_NAMES)
    assert {file.name for file in GOLDEN.iterdir()} == set(FILE_NAMES.values())


@pytest.mark.parametrize("name", FILE_NAMES)
def test_a_format_is_written_as_it_was(name: str, written: Callable[..., str]) -> None:
    """After a wanted change: `UPDATE_GOLDEN=1 pytest tests/test_formats.py`, and read the diff."""
    golden = GOLDEN / FILE_NAMES[name]
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(written(name), encoding="utf-8", newline="\n")
    assert written(name) == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in FILE_NAMES if name != "json"])
def test_nothing_but_printable_text_and_line_breaks_is_written(
    name: str, written: Callable[..., str]
) -> None:
    seen = set(written(name))
    assert [c for c in seen if not c.isprintable() and c != "\n"] == []
    assert not re.search(r"(?m)^\s*::error file=x", written(name))
    if name != "rdjson":
        assert "##[" not in written(name)


@pytest.mark.parametrize("name", FILE_NAMES)
def test_a_long_report_comes_in_small_pieces(name: str, tmp_path: Path) -> None:
    pieces = [*WRITERS[name](many(500), context(tmp_path))]
    longest = max(map(len, pieces))
    if name == "sarif":
        # The rules come first, in one piece.
        assert longest == len(pieces[0]) < 20_000
        assert len(pieces) > 500
    else:
        assert longest < 2_000


class Watched(str):
    """A line that counts the characters taken out of it."""

    __slots__ = ()
    taken = 0

    def __getitem__(self, where: object) -> str:
        part = super().__getitem__(where)
        Watched.taken += len(part)
        return part

    def encode(self, *how: str) -> bytes:
        Watched.taken += len(self)
        return super().encode(*how)


def taken(name: str, number: int, around: Context) -> int:
    """How many characters of a line, with so many findings in it, a format takes."""
    line, one = "éa 😀 proven analgesia, ", found("part.rst", "proven", PLAINER)
    spots = [len(line) * nth + line.index("analgesia") + 1 for nth in range(number)]
    findings = tuple(
        replace(one, column=spot, end_column=spot + len("analgesia"), text="analgesia")
        for spot in spots
    )
    around._read.update({"part.rst": [Watched(line * number)]})
    Watched.taken = 0
    for _piece in WRITERS[name](Review(findings, (), (), (), 1, 1), around):
        pass
    return Watched.taken


@pytest.mark.parametrize("name", FILE_NAMES)
def test_twice_the_line_with_twice_the_findings_is_twice_the_work(
    name: str, tmp_path: Path
) -> None:
    once, twice = (taken(name, number, context(tmp_path)) for number in (400, 800))
    assert twice <= 2.2 * once
    assert once > 0 or name not in ("text", "rdjson")


@pytest.mark.parametrize("name", FILE_NAMES)
def test_a_clean_review_is_a_whole_report(name: str, written: Callable[..., str]) -> None:
    clean = written(name, NOTHING)
    if name in ("json", "sarif", "gitlab", "rdjson"):
        json.loads(clean)
    if name == "junit":
        assert ElementTree.fromstring(clean).get("tests") == "1"
    if name == "github":
        assert clean == ""
    if name in ("text", "summary"):
        assert "0 must fix" in clean
        assert "What is not flagged is not thereby true." in clean


@pytest.mark.parametrize("name", [name for name in FILE_NAMES if name != "json"])
def test_paths_are_those_a_reader_knows(name: str, tmp_path: Path) -> None:
    around = context(tmp_path)
    inside = replace(around, root=tmp_path.parent, cwd=around.srcdir)
    said = "".join(WRITERS[name](many(1), inside)).replace("\\", "")
    expected = "part.rst" if name == "text" else f"{tmp_path.name}/docs/part.rst"
    assert re.search(rf"(?<![\w/]){re.escape(expected)}", said)


# -- text --------------------------------------------------------------------------------------


def columns(line: str) -> int:
    """How wide a terminal shows a line."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line)
    return len(line) + wide - sum(unicodedata.category(c) in ("Mn", "Me") for c in line)


def shown(finding: Finding, tmp_path: Path, **other: object) -> list[str]:
    """The lines about one finding."""
    alone = Review((finding,), (), (), (), 1, 1)
    return "".join(FORMATS["text"](alone, context(tmp_path, **other))).split("\n")


def test_text_keeps_to_80_columns(written: Callable[..., str]) -> None:
    assert [line for line in written("text", notes=True).split("\n") if columns(line) > 80] == []


@pytest.mark.parametrize("finding", review().findings, ids=lambda finding: finding.text[:12])
def test_the_carets_stand_under_the_words(finding: Finding, tmp_path: Path) -> None:
    lines = shown(finding, tmp_path, notes=True)
    line, carets = lines[2], lines[3]
    start, width = carets.index("^"), carets.count("^")
    under, seen = "", 0
    for character in line:
        if start <= seen < start + width:
            under += character
        seen += columns(character)
    words = finding.text.split("\n")[0].replace("\x1b", "<1B>")
    assert under.strip("…") in words
    assert words[:20] in under


def test_words_longer_than_a_line_are_shortened(tmp_path: Path) -> None:
    text = FILES[PAGE]
    words = text[text.index("A long line") : text.index(" to its end")]
    line, carets = shown(found(PAGE, words), tmp_path)[2:4]
    assert line.startswith("    8 | A long line")
    assert line.endswith("…")
    assert len(line) <= 80
    assert carets.count("^") >= 65


def test_a_very_long_line_is_shown_around_the_words_alone(tmp_path: Path) -> None:
    around = context(tmp_path)
    line = "and so on " * 1000 + "it was proven " + "and so on " * 1000
    (around.srcdir / "long.rst").write_text(line)
    start = line.index("proven") + 1
    finding = replace(
        found("part.rst", "proven"), path="long.rst", column=start, end_column=start + 6
    )
    alone = Review((finding,), (), (), (), 1, 1)
    shown, carets = "".join(FORMATS["text"](alone, around)).split("\n")[2:4]
    assert re.fullmatch(r"    1 \| ….*so on it was proven and so.*…", shown)
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "proven"
    assert len(shown) <= 80


def test_words_that_are_not_in_the_file_any_more_are_shown_all_the_same(tmp_path: Path) -> None:
    gone = replace(found("part.rst", "proven"), line=99, end_line=99, text="some words")
    assert shown(gone, tmp_path)[2:4] == ["   99 | some words", "      | ^^^^^^^^^^"]


def test_findings_on_one_line_share_its_heading(tmp_path: Path) -> None:
    two = (found("part.rst", "It"), found("part.rst", "proven"))
    text = "".join(FORMATS["text"](Review(two, (), (), (), 1, 1), context(tmp_path)))
    assert text.count("docs/part.rst:1 ") == 1
    assert text.count("1 | * It was proven.") == 2


@pytest.mark.parametrize(
    ("finding", "comment"),
    [
        (found(PAGE, "proven"), "% acuext: ignore TST101 -- reason"),
        (found("part.rst", "proven"), ".. acuext: ignore TST101 -- reason"),
        (review().findings[0], "% acuext: ignore-file TST201 -- reason"),
        (found("evidence.toml", "[nobody-uses-it]"), ""),
        (review().findings[8], ""),
    ],
    ids=["markdown", "rst", "about the page", "no comments", "about a waiver"],
)
def test_the_way_out_is_a_comment_of_that_file(
    finding: Finding, comment: str, tmp_path: Path
) -> None:
    assert waiver_for(finding, context(tmp_path)) == comment


@pytest.mark.parametrize("key", ["TST101", "proof"])
def test_there_is_no_way_out_of_a_rule_that_may_not_be_waived(key: str, tmp_path: Path) -> None:
    finding = found(PAGE, "proven")
    assert waiver_for(finding, context(tmp_path, never_waive=(key,))) == ""
    assert not any("Keep?" in line for line in shown(finding, tmp_path, never_waive=(key,)))


def test_notes_are_counted_and_shown_when_asked_for(written: Callable[..., str]) -> None:
    notes = many(2, "info")
    assert written("text", notes).startswith(
        "0 must fix, 0 to consider, 2 notes (--notes shows them).\n"
    )
    assert written("text", notes, notes=True).count("note (info)") == 2


def test_colour_is_only_for_a_terminal_and_changes_no_word(written: Callable[..., str]) -> None:
    coloured = written("text", color=True)
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == written("text")


def test_no_line_of_the_text_is_a_command_to_github(tmp_path: Path) -> None:
    words = replace(found("part.rst", "proven"), message=f"{'so ' * 21}{COMMAND} {'so ' * 21}")
    lines = shown(words, tmp_path) + shown(replace(words, path=f"{COMMAND}.md"), tmp_path)
    assert sum(COMMAND in line for line in lines) == 3
    assert not [line for line in lines if line.lstrip().startswith("::")]


# -- json --------------------------------------------------------------------------------------


def test_json_has_the_findings_in_the_order_of_their_places(written: Callable[..., str]) -> None:
    assert [f["text"] for f in json.loads(written("json"))["findings"]] == [
        finding.text for finding in review().findings
    ]


# -- sarif -------------------------------------------------------------------------------------


def test_sarif_has_a_result_a_line_with_its_place_and_rule(written: Callable[..., str]) -> None:
    text = written("sarif")
    [run] = json.loads(text)["runs"]
    results = [line for line in text.split("\n") if line.startswith('{"ruleId"')]
    assert len(results) == len(run["results"]) == len(review().findings)
    rules = run["tool"]["driver"]["rules"]
    for result, finding in zip(run["results"], review().findings, strict=True):
        place = result["locations"][0]["physicalLocation"]
        assert unquote(place["artifactLocation"]["uri"]) == f"docs/{finding.path}"
        assert place["region"]["startColumn"] == finding.column
        assert rules[result["ruleIndex"]]["id"] == finding.rule
    assert {result["level"] for result in run["results"]} == {"error", "warning", "note"}
    # Waived findings and those of the baseline are left out.
    marks = [result["partialFingerprints"]["acuext/v1"] for result in run["results"]]
    assert len(set(marks)) == len(marks)


def test_sarif_rules_say_what_their_pages_say(written: Callable[..., str]) -> None:
    [run] = json.loads(written("sarif"))["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert rules["TST101"]["helpUri"].endswith("/reference/rules/TST101.html")
    assert rules["TST901"]["helpUri"] == "https://example.org/a"
    help_text = rules["TST101"]["help"]
    assert "A guide & [more] (2022): https://example.org/a" in help_text["text"]
    assert "javascript:" not in help_text["markdown"].replace(r"\:", "")
    rendered = MarkdownIt("commonmark").render(help_text["markdown"])
    assert re.findall(r"<a href=\"([^\"]*)", rendered) == ["https://example.org/a"]
    assert "<script" not in rendered


# -- github ------------------------------------------------------------------------------------


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Workflow commands as GitHub's runner reads them: kind, properties, message."""
    read = []
    for line in text.splitlines():
        kind, properties, message = re.fullmatch(r"::(\w+) (.*?)::(.*)", line).groups()
        pairs = (pair.split("=", 1) for pair in properties.split(","))
        read.append((kind, {key: unquote(value) for key, value in pairs}, unquote(message)))
    return read


def test_github_reads_back_what_was_written(written: Callable[..., str]) -> None:
    read = commands(written("github"))
    by_place = {(said["file"], said["line"], said["title"]): kind for kind, said, _ in read}
    for finding in review().findings:
        level = {"error": "must fix", "warning": "consider", "info": "note"}[finding.severity]
        title = f"{level}: {finding.rule} {finding.name}"
        kind = by_place[(f"docs/{finding.path}", str(finding.line), title)]
        assert kind == {"info": "notice"}.get(finding.severity, finding.severity)
    assert any("%0A" in message for _, _, message in read)


def test_github_gets_ten_of_a_kind_and_the_number_of_the_rest(written: Callable[..., str]) -> None:
    errors, notes = many(24).findings, many(10, "info").findings
    read = commands(written("github", Review((*errors, *notes), (), (), (), 1, 1)))
    kinds = [kind for kind, _, _ in read]
    assert kinds == ["error"] * 10 + ["notice"] * 10
    assert read[9][2].endswith("And 14 more like this (must fix): see the summary.")
    assert "more like this" not in read[8][2] + read[19][2]


def test_a_command_in_a_page_is_no_command(written: Callable[..., str]) -> None:
    assert all(line.startswith("::") for line in written("github").splitlines())
    assert not any(line.startswith(COMMAND) for line in written("github").splitlines())


def test_the_summary_shows_words_as_they_are(written: Callable[..., str]) -> None:
    rendered = MarkdownIt("gfm-like", {"linkify": False}).render(written("summary"))
    assert "<script" not in rendered
    assert "&lt;script&gt;alert('x')&lt;/script&gt;" in rendered.replace("&#x27;", "'")
    assert rendered.count("<tr>") == 1 + len(review().findings) + 2
    assert {row.count("<td") for row in re.findall(r"<tr>\n<td.*?</tr>", rendered, re.DOTALL)} == {
        5,
        6,
    }
    links = set(re.findall(r'href="([^"]*)"', rendered))
    assert all("/reference/rules/TST" in link or link == "https://example.org/a" for link in links)


def test_the_summary_has_the_worst_first_and_what_ends_soon(written: Callable[..., str]) -> None:
    text = written("summary")
    order = re.findall(r"\| (must fix|consider|note) \|", text)
    assert order == sorted(order, key=["must fix", "consider", "note"].index)
    assert "### Waivers that end within 30 days" in text
    assert text.count("2026-12-01") == 1


def test_a_summary_is_small_enough_for_github(written: Callable[..., str]) -> None:
    text = written("summary", many(20_000))
    assert 900_000 < len(text.encode()) < 1024 * 1024
    rows = text.count("| must fix |")
    assert f"And {20_000 - rows:,} more findings, for which there is no room here." in text
    assert text.endswith("What is not flagged is not thereby true.\n")


# -- gitlab ------------------------------------------------------------------------------------

#: The keys that GitLab's page on code quality asks for; it publishes no schema.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^/.]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def test_gitlab_gets_the_keys_that_it_reads(written: Callable[..., str]) -> None:
    entries = json.loads(written("gitlab"))
    assert list(Draft202012Validator(GITLAB).iter_errors(entries)) == []
    assert len(entries) == len(review().findings)


def test_no_two_entries_for_gitlab_have_one_fingerprint(written: Callable[..., str]) -> None:
    marks = [entry["fingerprint"] for entry in json.loads(written("gitlab", many(50)))]
    assert len(set(marks)) == 50


# -- rdjson ------------------------------------------------------------------------------------


def diagnostics(text: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(text)["diagnostics"]
    return listed


def test_columns_for_reviewdog_count_bytes(written: Callable[..., str]) -> None:
    for said, finding in zip(diagnostics(written("rdjson")), review().findings, strict=True):
        lines = FILES[finding.path].encode().split(b"\n")
        start, end = (said["location"]["range"][half] for half in ("start", "end"))
        first, last = lines[start["line"] - 1], lines[end["line"] - 1]
        if start["line"] == end["line"]:
            assert first[start["column"] - 1 : end["column"] - 1].decode() == finding.text
        else:
            assert first[start["column"] - 1 :].decode() == finding.text.split("\n")[0]
            assert last[: end["column"] - 1].decode() == finding.text.split("\n")[-1]


def test_bytes_are_counted_alike_wherever_a_line_is_asked_for_them(tmp_path: Path) -> None:
    around = context(tmp_path)
    line = "aé針😀 " * 700
    (around.srcdir / "part.rst").write_text(f"one\n{line}\n", encoding="utf-8")
    for column in (1, 2, 1024, 1025, 1026, 2048, 2049, len(line), len(line) + 1, len(line) + 9):
        assert around.bytes_before("part.rst", 2, column) == len(line[: column - 1].encode())
    assert around.bytes_before("part.rst", 1, 3) == 2
    assert around.bytes_before("part.rst", 9, 3) == 0


def test_only_words_that_can_stand_there_are_suggested(written: Callable[..., str]) -> None:
    suggested = {
        finding.text: [one["text"] for one in said["suggestions"]]
        for said, finding in zip(diagnostics(written("rdjson")), review().findings, strict=True)
        if "suggestions" in said
    }
    # Not for a pattern to fill in, an instruction, or words with markup in them.
    assert suggested == {"analgesia": ["pain relief"], "Analgesia": ["Pain relief"]}


def test_a_suggestion_stays_away_when_the_file_has_changed(tmp_path: Path) -> None:
    around = context(tmp_path)
    finding = review().findings[4]
    (around.srcdir / finding.path).write_text("Other words.\n")
    alone = Review((finding,), (), (), (), 1, 1)
    [said] = diagnostics("".join(FORMATS["rdjson"](alone, around)))
    assert "suggestions" not in said


# -- junit -------------------------------------------------------------------------------------


def test_junit_has_a_test_a_file_and_fails_those_to_be_mended(written: Callable[..., str]) -> None:
    suites = ElementTree.fromstring(written("junit"))
    cases = {case.get("name"): case for case in suites.iter("testcase")}
    must_fix = {f"docs/{f.path}" for f in review().findings if f.severity == "error"}
    assert set(cases) == {"all pages", *(f"docs/{finding.path}" for finding in review().findings)}
    assert {name for name, case in cases.items() if case.find("failure") is not None} == must_fix
    for element in (suites, suites[0]):
        assert int(element.get("tests")) == len(cases)
        assert int(element.get("failures")) == len(must_fix)
    failure = cases[f"docs/{PAGE}"].find("failure")
    assert HTML in failure.text
    assert len(failure.text.splitlines()) == 4


# -- the judges of others ----------------------------------------------------------------------


@pytest.fixture(scope="session")
def tools() -> Path:
    """Programs by others that judge what we write; `make test-all` installs them with npm."""
    folder = ROOT / os.environ.get("BUILDDIR", "build") / "npm" / "node_modules"
    if not folder.is_dir():
        pytest.skip("needs programs from npm: make npm")
    return folder


def multitool(tools: Path, text: str, folder: Path) -> list[tuple[str, str]]:
    """What Microsoft's multitool says of SARIF, by its own rules and by those of GitHub."""
    log, verdict = folder / "review.sarif", folder / "verdict.sarif"
    log.write_text(text, encoding="utf-8")
    said = subprocess.run(
        # Its starter hands the arguments to a shell.
        [tools / ".bin" / "sarif-multitool", "validate", log, "--rule-kind", "'Sarif;Ghas'",
         "--output", verdict, "--log", "ForceOverwrite"],
        check=False, capture_output=True, text=True, timeout=120,
        # Without this it asks for libraries of languages, which not every machine has.
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
    )  # fmt: skip
    assert verdict.is_file(), said.stdout + said.stderr
    [run] = json.loads(verdict.read_text(encoding="utf-8-sig"))["runs"]
    return [(result["ruleId"], result["message"].get("id", "")) for result in run["results"]]


@pytest.mark.npm
@pytest.mark.slow
def test_microsofts_multitool_finds_nothing_wrong_with_our_sarif(
    tools: Path, written: Callable[..., str], tmp_path: Path
) -> None:
    assert multitool(tools, written("sarif"), tmp_path) == []
    assert multitool(tools, written("sarif", NOTHING), tmp_path) == []
    # It does look: what GitHub asks of a rule is missed.
    broken = json.loads(written("sarif"))
    del broken["runs"][0]["tool"]["driver"]["rules"][0]["fullDescription"]
    assert multitool(tools, json.dumps(broken), tmp_path) != []


@pytest.mark.npm
@pytest.mark.slow
def test_sarif_keeps_to_its_schema(tools: Path, written: Callable[..., str]) -> None:
    [file] = itertools.islice(tools.glob("@microsoft/sarif-multitool-*/sarif-2.1.0.json"), 1)
    schema = json.loads(file.read_text(encoding="utf-8-sig"))
    errors = Draft202012Validator(schema).iter_errors(json.loads(written("sarif")))
    assert [error.message for error in errors] == []


@pytest.mark.npm
@pytest.mark.slow
def test_rdjson_keeps_to_the_format_of_reviewdog(
    tools: Path, written: Callable[..., str], tmp_path: Path
) -> None:
    def judged(text: str) -> int:
        file = tmp_path / "review.rdjson"
        file.write_text(text)
        program = tools / ".bin" / "rdformat-validator"
        strict = ["--strict", "--no-extra-fields"]
        return subprocess.run([program, *strict, file], check=False, timeout=60).returncode

    assert judged(written("rdjson")) == 0
    assert judged(written("rdjson").replace('"message"', '"said"', 1)) != 0
