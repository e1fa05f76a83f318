"""Bad input gets one clear line, in bounded time, and the other findings still come."""

from __future__ import annotations

import time
from typing import Any

import pytest
from conftest import CLAIM, CLEAN, Project
from test_builds import HOUSE

from acuext import check
from acuext.extension import SettingsError, today


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"acuext_gate": "blok"}, "conf.py: acuext_gate must be 'block' or 'report', not 'blok'; did you mean 'block'?"),
        ({"acuext_profile": "health_page"}, "did you mean 'health-page'?"),
        ({"acuext_gate": None}, "acuext_gate must be"),
        ({"acuext_packs": "house.toml"}, "conf.py: acuext_packs must be a list or tuple, not 'house.toml'"),
        ({"acuext_packs": [3]}, "acuext_packs: 3 is not a text"),
        ({"acuext_rules": ["ACU101"]}, "acuext_rules must be a dict"),
        ({"acuext_rules": {"ACU1O1": "off"}}, "acuext_rules: no rule 'ACU1O1'; did you mean 'ACU1"),
        ({"acuext_rules": {"proof-languag": "off"}}, "did you mean 'proof-language'?"),
        ({"acuext_rules": {"ACU101": "eror"}}, "did you mean 'error'?"),
        ({"acuext_rules": {"": "off"}}, "acuext_rules: no rule ''"),
        ({"acuext_rules": {1: "off"}}, "acuext_rules: no rule 1"),
        ({"acuext_never_waive": ["ACU999"]}, "acuext_never_waive: no rule 'ACU999'"),
        ({"acuext_gates": "block"}, "conf.py: unknown setting 'acuext_gates'; did you mean 'acuext_gate'?"),
        ({"acuext_packs": ["missing.toml"]}, "missing.toml: cannot be read: No such file"),
        ({"acuext_packs": ["."]}, "cannot be read: Is a directory"),
        ({"acuext_packs": ["a\0b"]}, "cannot be the name of a file"),
        ({"acuext_packs": ["a\nb"]}, "cannot be read: No such file"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_one_line_and_exit_2(
    project: Project, settings: dict[str, Any], says: str
) -> None:
    project.write({"index.md": CLEAN})
    project.configure(**settings)
    built = project.build()
    assert built.status == 2
    said = [line for line in built.err.splitlines() if line.strip()]
    assert len(said) == 1
    assert said[0].startswith("ERROR: conf.py: ") or "acuext_packs: " in said[0]
    assert says in said[0]


@pytest.mark.parametrize(
    ("pack", "says"),
    [
        ("language = ", "house.toml: not TOML: Invalid value (at end of document)"),
        (b"\xff\xfe", "house.toml: not UTF-8 at byte 0; save the file as UTF-8"),
        (HOUSE.replace("why =", "wy ="), "house.toml: rule HSE101: unknown key 'wy'; did you mean 'why'?"),
        (HOUSE.replace("fires = ", "fired = "), "rule HSE101: unknown key 'fired'; did you mean 'fires'?"),
        (HOUSE.replace('fires = ["It is balmy."]\n', ""), "rule HSE101: key 'fires' is missing"),
        (HOUSE.replace('quiet = ["It is warm."]', "quiet = []"), "rule HSE101: quiet"),
        (HOUSE.replace('"error"', '"fatal"'), "rule HSE101: severity"),
        (HOUSE.replace('"HSE101"', '"house1"'), "house.toml: rule house1: id"),
        (HOUSE.replace('"house-word"', '"proof-language"'), "is also in proof-and-promise.toml as ACU101"),
        (HOUSE.replace('"HSE101"', '"ACU101"'), "rule ACU101 (house-word) is also in proof-and-promise.toml"),
        (HOUSE.replace('terms = ["balmy"]', 'terms = ["(balmy"]'), "phrase '(balmy': a '(' without its ')'"),
        (HOUSE.replace('terms = ["balmy"]', 'terms = ["balmy)"]'), "phrase 'balmy)': a ')' without its '('"),
        (HOUSE.replace('terms = ["balmy"]', 'terms = ["{therapi}"]'), "no list 'therapi'; did you mean 'therapy'?"),
        (HOUSE.replace('terms = ["balmy"]', 'terms = ["(a)?"]'), "would match nothing at all"),
        (HOUSE.replace('terms = ["balmy"]', 'terms = [""]'), "phrase '': empty"),
        (HOUSE.replace('terms = ["balmy"]', 'terms = ["' + "(" * 5000 + '"]'), "HSE101"),
        (HOUSE.replace('terms = ["balmy"]', "patterns = ['(?<=x)y']"), "not an RE2 expression"),
        (HOUSE.replace('terms = ["balmy"]', "patterns = ['(a{1000}){1000}']"), "not an RE2 expression"),
        (HOUSE.replace('terms = ["balmy"]', "patterns = ['[']"), "pattern '[': not an RE2 expression"),
        (HOUSE.replace('terms = ["balmy"]', ""), "a trigger needs terms"),
        (HOUSE.replace("{text}", "{words}"), "message: only {text} may stand in braces"),
        (HOUSE + "\n[lists]\na = ['{a}']\n", None),
        ('language = "en"\nrule = 3\n', "rule"),
        ("rule = []", "house.toml: key 'language' is missing"),
        ("x = " + "[" * 3000, "house.toml: "),
        ("x = " + "9" * 5000, "house.toml: not TOML: "),
    ],
)  # fmt: skip
def test_a_broken_pack_names_file_rule_and_reason(
    project: Project, pack: str | bytes, says: str | None
) -> None:
    project.write({"index.md": CLEAN, "house.toml": pack})
    project.configure(acuext_packs=["house.toml"])
    built = project.build()
    assert "Traceback" not in built.err
    if says is None:
        assert built.status == 0
        return
    assert built.status == 2
    said = [line for line in built.err.splitlines() if line.strip()]
    assert len(said) == 1
    assert says in said[0]
    assert "house.toml" in said[0]


def test_an_empty_page_is_no_page_to_judge(project: Project) -> None:
    project.write(
        {"index.md": CLEAN, "empty.md": "", "blank.md": "\n\n \n", "code.md": "```\nx\n```\n"}
    )
    assert project.build().findings == []


def test_markup_and_control_characters_in_words_stay_words(project: Project) -> None:
    project.configure(acuext_packs=["house.toml"])
    words = "balmy <script>alert(1)</script> 100 % %s %(x)s \x1b[31m balmy"
    project.write(
        {
            "index.md": CLEAN + f"\n`x` {words}\n",
            "house.toml": HOUSE.replace('terms = ["balmy"]', "patterns = ['balmy.*']"),
        }
    )
    built = project.build()
    assert built.status == 1
    [finding] = built.findings
    assert "100 % %s %(x)s" in finding["message"]
    assert "\x1b[31m" not in built.err.split("HSE101")[1]
    assert built.err.count("\n") == 1


def test_a_pattern_made_to_backtrack_takes_linear_time(project: Project) -> None:
    project.configure(acuext_packs=["house.toml"])
    project.write(
        {
            "index.md": CLEAN + "\n" + "a" * 20_000 + " proven\n",
            "house.toml": HOUSE.replace(
                'terms = ["balmy"]', r"patterns = ['(a+)+$', '(\w+\s?)+cure$']"
            ),
        }
    )
    started = time.monotonic()
    project.build()
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "unit", ["word ", "proven ", "not ", "(", "[", "*a ", "&shy;", "“a ", "a.b-", "é́ "]
)
def test_long_text_takes_linear_time(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        started = time.perf_counter()
        check(text)
        return time.perf_counter() - started

    seconds(1000)
    small, large = seconds(4_000), seconds(40_000)
    # Ten times the text; a quadratic step would take a hundred times as long.
    assert large < 30 * small + 0.3


@pytest.mark.slow
def test_a_page_of_a_megabyte_and_thousands_of_findings(project: Project) -> None:
    paragraph = "Acupuncture may help some people with back pain, and trials are small. " * 12
    block = f"{paragraph}\n\nIt is proven to work, {{}}.\n\n"
    page = CLEAN + "\n" + "".join(block.format(number) for number in range(1000))
    assert len(page) > 850_000
    project.write({"index.md": page})
    project.configure(acuext_rules={"ACU1": "off", "ACU101": "error"})
    built = project.build()
    assert len(built.findings) == 1000
    assert [f["line"] for f in built.findings][:2] == [10, 14]


@pytest.mark.slow
def test_a_paragraph_with_thousands_of_findings(project: Project) -> None:
    lines = "".join(f"it is **proven** to work {n},\n" for n in range(5000))
    project.write({"index.md": CLEAN + "\n" + lines})
    project.configure(acuext_rules={"ACU1": "off", "ACU101": "error"})
    found = project.build().findings
    assert len(found) == 5000
    assert (found[-1]["line"], found[-1]["column"]) == (8 + 4999, 4)


@pytest.mark.parametrize("depth", [15, 100])
def test_deep_nesting_loses_no_other_finding(project: Project, depth: int) -> None:
    quotes = "".join("> " * n + "a\n" for n in range(1, depth)) + "> " * depth + "It is proven.\n"
    lists = "".join("  " * n + "* a\n\n" for n in range(depth)) + "  " * depth + "It is proven.\n"
    project.write(
        {
            "index.md": CLEAN,
            "before.md": CLAIM + "\n" + quotes,
            "rest.rst": f"Title\n=====\n\n.. consult-professional::\n\nIs proven.\n\n{lists}",
        }
    )
    built = project.build()
    assert "Traceback" not in built.err
    found = [f["path"] for f in built.findings if f["rule"] == "ACU101"]
    assert found.count("before.md") >= 1
    assert found.count("rest.rst") == 2


def test_a_page_that_is_not_utf_8_stops_sphinx_or_is_judged(project: Project) -> None:
    project.write({"index.md": CLEAN, "page.md": CLAIM.encode() + b"\n\xe9 proven\n"})
    built = project.build()
    # Sphinx 9 stops at such a page and names it; Sphinx 8 reads it with a warning.
    assert built.status == 2 or "ACU101" in built.rules()
    assert "page" in built.err


def test_a_clock_that_is_none_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for epoch in ("soon", "99999999999999"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        with pytest.raises(SettingsError, match="is no number of seconds"):
            today()


def test_a_report_that_cannot_be_written_is_one_line(project: Project) -> None:
    project.write({"index.md": CLEAN, "_build/acuext/acuext": "a file"})
    built = project.build()
    assert built.status == 2
    assert built.err.count("\n") == 1
    assert "cannot be written" in built.err
