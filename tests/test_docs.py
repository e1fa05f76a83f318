"""What the documentation shows is what the code does: pages rendered from data, and examples."""

from __future__ import annotations

import datetime
import doctest
import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from click.testing import CliRunner
from conftest import CLEAN, Project
from making import ROOT

import acuext
from acuext.cli import cli
from acuext.engine import check_page
from acuext.extension import SETTINGS
from acuext.matches import Passage
from acuext.reports import FORMATS, Context, github_summary
from acuext.review import Finding, Review
from acuext.rules import (
    Kind,
    Pack,
    Place,
    Rule,
    Source,
    StanceName,
    Trigger,
    compile_pattern,
    load_pack,
    load_rules,
    phrase_pattern,
)

DOCS = ROOT / "docs"
RULES = load_rules("en")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(name: str) -> dict[str, str]:
    """Caption to content of a page's code blocks."""
    fenced = re.findall(
        r"^```\{code-block\} \w+\n:caption: ([^\n]*)\n\n(.*?)^```",
        page(name),
        re.MULTILINE | re.DOTALL,
    )
    return dict(fenced)


# -- rendered from data ------------------------------------------------------------------------


def test_every_rule_has_its_page_and_no_page_is_without_a_rule() -> None:
    pages = {file.stem: file.read_text() for file in (DOCS / "reference/rules").glob("[A-Z]*.md")}
    assert pages == {rule.id: f"```{{acuext-rule}} {rule.id}\n```\n" for rule in RULES.rules}


HOSTILE = """
language = "en"

[[rule]]
id = "HOUSE101"
name = "hostile"
title = "Is proven <script>alert(1)</script> *and*"
kind = "forbid"
severity = "error"
strict = "warning"
message = '"{text}" <b>'
why = '''
First |x| `proven`.

Second paragraph, proven to work.'''
instead = ["one\\n  two", "<i>"]
sources = [
  { text = "Proven <u>", url = "javascript:alert(2)", date = "1999", status = "second-hand" },
  { text = "Linked", url = "https://example.org/?a=1&b=2", status = "seen" },
]
fires = ["Flibber & <em>flobber</em> is proven."]
quiet = ["Nothing.", "``x``"]
limits = "It cures nothing."
since = "0.9"
needs_page_finding = ["ACU101"]

[[rule.trigger]]
terms = ["flibber"]

[[rule.trigger]]
swap = { "flobber" = "<plain>" }
severity = "info"
strict = "error"
"""
REFERENCE = """
# Rules

```{acuext-rules} HOUSE
```

```{acuext-rules} ACU9
```

See {ref}`house101` and {confval}`acuext_gate`.

```{acuext-rule} hostile
```

```{acuext-settings}
```
"""


def test_rules_and_settings_are_rendered_in_any_project(project: Project) -> None:
    project.write({"house.toml": HOSTILE, "index.md": REFERENCE, "a.md": CLEAN, "b.md": CLEAN})
    project.write({"other.rst": "Other\n=====\n\n.. acuext-rule:: ACU904\n"})
    project.configure(acuext_packs=["house.toml"], acuext_health_pages=[], nitpicky=True)
    project.configure(suppress_warnings=["toc"])
    built = project.build("-W", "-j", "2", builder="html")
    assert (built.status, built.err, built.findings) == (0, "", [])
    made = (project.path / "_build/html/index.html").read_text()
    body = made[made.index("<h1>Rules") : made.index('class="sphinxsidebar"')]
    assert not re.search(r"<(script|u|i|b|plain)>|href=\"javascript", body)
    shown = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", body)))
    for words in (
        "HOUSE101: Is proven <script>alert(1)</script> *and*",
        "First |x| `proven`.",
        "Flibber & <em>flobber</em> is proven.",
        "one two",
        "error or info",
        "error or warning",
        "Proven <u> (1999; quoted by others; we have not seen it)",
        "It cures nothing.",
    ):
        assert words in shown
    assert '<section id="house101">' in body
    assert 'href="#house101"' in body
    assert 'href="https://example.org/?a=1&amp;b=2"' in body
    # A rule without a page of its own is named and not linked; one on another page is linked.
    assert "ACU905" in shown
    assert "#acu905" not in body
    assert 'href="other.html#acu904"' in body
    for setting in SETTINGS:
        assert f'<dt id="{setting.name}">' in body
        assert setting.meaning.replace("``", "") in shown.replace("’", "'")


def test_a_rule_page_follows_its_pack(project: Project) -> None:
    project.write({"house.toml": HOSTILE, "index.md": REFERENCE})
    project.configure(acuext_packs=["house.toml"], acuext_health_pages=[])
    project.build(builder="text")
    project.write({"house.toml": HOSTILE.replace("cures nothing", "follows the pack")})
    project.build(builder="text")
    made = (project.path / "_build/text/index.txt").read_text()
    assert "It follows the pack." in made
    # The columns of its tables are wide enough for what they hold.
    assert re.search(
        r'^\| "HOUSE101" +\| Is proven <script>.* \| error or info +\|', made, re.MULTILINE
    )


@pytest.mark.parametrize(
    ("directive", "said"),
    [
        ("acuext-rule} ACU1O1", "there is no rule 'ACU1O1'; did you mean"),
        ("acuext-rules} XYZ", "no rule begins with 'XYZ'"),
    ],
)
def test_an_unknown_rule_is_one_clear_line(project: Project, directive: str, said: str) -> None:
    project.write({"index.md": f"{CLEAN}\n```{{{directive}\n```\n"})
    assert said in project.build().err


def test_what_a_rule_says_of_itself_is_not_flagged(project: Project) -> None:
    fences = "".join(f"```{{acuext-rule}} {rule.id}\n```\n\n" for rule in RULES.rules)
    project.write({"index.md": f"# Rules\n\n{fences}```{{acuext-rules}}\n```\n"})
    project.configure(
        acuext_health_pages=[],
        acuext_rules={"ACU": "error"},
        suppress_warnings=["myst.header"],
    )
    built = project.build()
    assert (built.findings, built.err) == ([], "")


# -- written by hand ---------------------------------------------------------------------------


def test_the_tutorial_prints_what_it_says(
    project: Project, in_folder: Callable[[Path], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACUEXT_CACHE_DIR", str(project.path.parent / "cache"))
    shown = blocks("tutorial.md")
    conf: dict[str, Any] = {}
    exec(shown["conf.py"], conf)
    project.settings = {name: conf[name] for name in ("extensions", "myst_enable_extensions")}
    for source, log, status in (
        ("index.md", "What the build prints", 1),
        ("index.md, mended", "What the build prints now", 1),
        ("index.md, with the notice", None, 0),
    ):
        project.write({"index.md": shown[source]})
        built = project.build(builder="html", out="build")
        assert built.status == status
        lines = (shown[log] if log else "build succeeded.\n").splitlines()
        said = (built.err + built.out).replace(f"{project.path}/", "/home/you/first-page/")
        said = re.sub(r"all are in \S*/_build/", "all are in ", said)
        assert [line for line in lines if line not in said.splitlines()] == []
        if source == "index.md":
            findings = {f["rule"]: f for f in built.findings}
            assert sum(line.startswith("/home") for line in lines) == len(findings)
            example = blocks("reference/findings.md")["A finding"]
            assert json.loads(example) == findings["ACU101"]
            with in_folder(project.path):
                checked = CliRunner().invoke(cli, ["check"])
            assert shown["A finding, as acuext check prints it"] in checked.stdout


@pytest.mark.parametrize(
    ("name", "number", "flagged"),
    [
        ("explanation/limits.md", 0, False),
        ("explanation/limits.md", 1, True),
        ("explanation/no-autofix.md", 0, True),
        ("explanation/no-autofix.md", 1, False),
    ],
)
def test_what_is_said_to_slip_through_does_and_no_more(
    name: str, number: int, flagged: bool
) -> None:
    shown = re.findall(r"^```text\n(.*?)^```", page(name), re.MULTILINE | re.DOTALL)[number]
    for sentence in shown.splitlines():
        assert bool(acuext.check(sentence)) is flagged, sentence


@pytest.mark.parametrize(
    ("name", "caption", "language"),
    [
        ("howto/house-rules.md", "house.toml", "en"),
        ("howto/languages.md", "deutsch.toml", "de"),
    ],
)
def test_the_packs_shown_do_what_they_say(
    tmp_path: Path, name: str, caption: str, language: str
) -> None:
    (tmp_path / caption).write_text(blocks(name)[caption], encoding="utf-8")
    rules = load_rules(language, [tmp_path / caption])
    ours = [rule for rule in rules.rules if not rule.id.startswith("ACU")]
    assert ours
    for rule in ours:
        for sentence in (*rule.fires, *rule.quiet):
            found = {match.rule for match in check_page([Passage(sentence)], rules)}
            assert (rule.id in found) is (sentence in rule.fires), sentence


def test_the_test_of_a_house_pack_works(tmp_path: Path) -> None:
    pack = tmp_path / "house.toml"
    shown = blocks("howto/house-rules.md")["house.toml"]
    pack.write_text(shown, encoding="utf-8")
    holds = CliRunner().invoke(cli, ["rules", "--test", str(pack)])
    assert (holds.exit_code, holds.stdout in page("howto/house-rules.md")) == (0, True)
    first = load_pack(pack).rule[0].fires[0]
    pack.write_text(shown.replace(first, "We can see you in a fortnight."), encoding="utf-8")
    breaks = CliRunner().invoke(cli, ["rules", "--test", str(pack)])
    assert (breaks.exit_code, breaks.stdout in page("howto/house-rules.md")) == (1, True)


def test_a_notice_in_the_words_of_a_house_pack_counts(project: Project) -> None:
    project.write(
        {
            "deutsch.toml": blocks("howto/languages.md")["deutsch.toml"],
            "index.md": "# Titel\n\n```{note}\nFragen Sie Ihre Ärztin.\n```\n",
        }
    )
    project.configure(language="de", acuext_packs=["deutsch.toml"])
    assert project.build().findings == []


def test_phrases_find_what_their_table_says() -> None:
    rows = re.findall(r"^\| `([^{`]*)` \| (`.*) \|$", page("reference/packs.md"), re.MULTILINE)
    assert len(rows) == 10
    for phrase, finds in rows:
        pattern = compile_pattern(phrase_pattern(phrase.replace("\\|", "|")))
        for text in re.findall("`([^`]*)`", finds):
            assert pattern.fullmatch(text), (phrase, text)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("reference/packs.md", Pack.__struct_fields__),
        ("reference/packs.md", Rule.__struct_fields__),
        ("reference/packs.md", Trigger.__struct_fields__),
        ("reference/packs.md", Source.__struct_fields__),
        ("reference/packs.md", get_args(Kind)),
        ("reference/packs.md", get_args(Place)),
        ("reference/findings.md", tuple(Finding.__struct_fields__)),
        ("reference/python.md", [name for name in acuext.__all__ if name != "setup"]),
        ("reference/python.md", [f"{strength.value}" for strength in acuext.Strength]),
        ("reference/python.md", [f"{hedge.value}" for hedge in acuext.Hedge]),
        (
            "howto/waive.md",
            ["acuext_never_waive", "ACU901", "ACU902", "ACU903", "ACU904", "ACU905"],
        ),
    ],
)
def test_a_reference_page_names_every_key(name: str, keys: list[str]) -> None:
    text = page(name)
    assert [key for key in keys if not re.search(rf"\b{re.escape(key)}\b", text)] == []


def test_the_stances_are_explained() -> None:
    terms = re.findall(r"^(\w+)\n: ", page("reference/reading.md"), re.MULTILINE)
    assert terms == list(get_args(StanceName))


def test_the_report_has_the_keys_that_its_page_names(project: Project) -> None:
    project.write({"index.md": CLEAN})
    report = project.build().report
    text = page("reference/findings.md")
    assert [key for key in (*report, *report["summary"]) if f"`{key}`" not in text] == []


def test_python_examples_give_what_they_show() -> None:
    source = "\n".join(
        re.findall(r"^```pycon\n(.*?)^```", page("reference/python.md"), re.MULTILINE | re.DOTALL)
    )
    example = doctest.DocTestParser().get_doctest(source, {}, "python.md", None, 0)
    assert len(example.examples) >= 5
    assert doctest.DocTestRunner().run(example).failed == 0


def test_links_between_pages_lead_somewhere() -> None:
    files = [*DOCS.glob("*.md"), *DOCS.glob("[!p]*/**/*.md")]
    links = [
        (file, target)
        for file in files
        for target in re.findall(r"\]\(([^)#:\s]+)(?=[)#])", file.read_text(encoding="utf-8"))
    ]
    assert len(links) > 40
    assert [(f.name, target) for f, target in links if not (f.parent / target).is_file()] == []


# -- the report formats ------------------------------------------------------------------------


def test_the_examples_of_formats_are_what_is_written(project: Project) -> None:
    examples = blocks("reference/formats.md")
    project.write({"index.md": examples.pop("index.md")})
    report = project.build().report
    findings = tuple(msgspec.convert(report["findings"], list[Finding]))
    review = Review(findings, (), (), (), 1, report["summary"]["passages"])
    context = Context(*[project.path] * 3, RULES, datetime.date(2026, 11, 22))
    writers = {**FORMATS, "the summary": github_summary}
    assert examples.keys() | {"json"} == writers.keys()
    for name, example in examples.items():
        written = "".join(writers[name](review, context))
        if name in ("sarif", "gitlab", "rdjson"):
            assert example.rstrip() in written
        else:
            assert example == written


# -- where things are ----------------------------------------------------------------------------


def modules_by_table() -> list[set[str]]:
    """What each table of the page on the code names."""
    tables = page("howto/change-acuext.md").split("\n## ")[2:]
    return [
        {
            name.rstrip("/")
            for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
            for name in re.findall(r"`([\w/]+)`", row)
        }
        for table in tables
    ]


def test_the_page_on_the_code_names_every_module_once() -> None:
    there = {
        entry.stem
        for entry in (ROOT / "acuext").iterdir()
        if not entry.name.startswith(("__init__", "__pycache__", "py.typed"))
    }
    tables = modules_by_table()
    assert set().union(*tables) == there
    assert sum(map(len, tables)) == len(there)


def test_no_module_needs_one_from_a_later_table() -> None:
    tables = modules_by_table()
    place = {name: number for number, names in enumerate(tables) for name in names}
    for file in [*(ROOT / "acuext").rglob("*.py")]:
        name = file.relative_to(ROOT / "acuext").parts[0].removesuffix(".py")
        if name not in place:
            continue
        for needed in re.findall(
            r"^from acuext\.(\w+)", file.read_text(encoding="utf-8"), re.MULTILINE
        ):
            assert place[needed] <= place[name], f"{file.name} imports {needed}"
