"""Fast is kept: work grows with the text alone, and what is published comes from the record."""

from __future__ import annotations

import csv
import importlib
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from conftest import CLEAN, Project
from docutils.core import publish_doctree
from making import ROOT
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from acuext import check
from acuext.engine import check_page
from acuext.extension import Gate
from acuext.matches import Passage
from acuext.passages import page_of
from acuext.rules import load_rules, read_phrase
from acuext.source import align

sys.path.append(str(ROOT / "benchmarks"))
pages = importlib.import_module("pages")
speed = importlib.import_module("speed")

SHOWN = ROOT / "docs/explanation"
CORPUS = ROOT / "docs/howto/corpus.py"
SENTENCES = [sentence for rule in load_rules("en").rules for sentence in (*rule.fires, *rule.quiet)]


def work(job: Callable[[], object]) -> int:
    """How many functions a job calls, those of C included."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        job()
    finally:
        sys.setprofile(None)
    return calls


# -- work grows with the text ------------------------------------------------------------------

TEXTS = {
    "many sentences": " ".join(SENTENCES),
    "one sentence without end": " ".join(SENTENCES).translate(str.maketrans(".?!", "   ")),
    "the same claim": "It cures pain, and " * 500,
    "letters that are not ASCII": "The naïve tea cures the pain — “always”. " * 300,
    "brackets": "([" * 5000,
    "quotation marks": '"it \'cures" ' * 800,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_twice_the_paragraph_is_twice_the_work(text: str) -> None:
    rules = load_rules("en")
    once, twice = [Passage(text)], [Passage(f"{text} {text}")]
    check_page(twice, rules)  # what is made once is made
    assert work(lambda: check_page(twice, rules)) < 2.2 * work(lambda: check_page(once, rules))


def test_twice_the_page_is_twice_the_work() -> None:
    rules = load_rules("en")
    page = [Passage(sentence, group=number // 3) for number, sentence in enumerate(SENTENCES)]
    check_page(page, rules)
    once, twice = work(lambda: check_page(page, rules)), work(lambda: check_page(page * 2, rules))
    assert twice < 2.5 * once  # a group of the one is a longer group of the other


#: Parts of pages that are walked through: what one of them asks for may not go through them all.
PARTS = {
    "all that a page may have": pages.page("walk", "rst").replace("[#n", "[#"),
    "waivers": ".. acuext: ignore ACU101 -- because\n\nIt is proven.\n\n" * 100,
    "headings": "".join(f"Part {n}\n=======\n\nIt is proven.\n\n" for n in range(100)),
}


@pytest.mark.parametrize("text", PARTS.values(), ids=PARTS)
def test_twice_the_page_is_twice_the_walk(text: str) -> None:
    once, twice = (
        publish_doctree(text * n, settings_overrides={"report_level": 5}) for n in (1, 2)
    )
    assert work(lambda: page_of(twice)) < 2.2 * work(lambda: page_of(once))


def test_twice_the_waivers_are_twice_the_work(project: Project) -> None:
    text = "".join(
        f"% acuext: ignore ACU101 -- because of {n}\n\nIt is proven to work.\n\n"
        for n in range(200)
    )
    standard: list[int] = []
    judged = Gate.on_env_updated

    def count(gate: Gate, app: Sphinx, env: BuildEnvironment) -> None:
        standard.append(work(lambda: judged(gate, app, env)))

    for n in (1, 2):
        project.write({"index.md": "# Title\n\n" + text * n})
        with patch.object(Gate, "on_env_updated", count):
            project.build()
    assert standard[1] < 2.2 * standard[0]


def test_twice_the_block_is_twice_the_way_back() -> None:
    seen, written = "the tea cures all " * 300, "the **tea** cures `all` " * 300
    once = work(lambda: align(seen, written))
    assert work(lambda: align(seen * 2, written * 2)) < 2.2 * once


def test_a_check_keeps_no_page_in_memory(project: Project) -> None:
    kept: list[int] = []

    def count(gate: Gate, app: Sphinx, env: BuildEnvironment) -> None:
        kept.append(len(env._write_doc_doctree_cache))

    project.write({f"page{number}.md": CLEAN for number in range(4)} | {"index.md": CLEAN})
    with patch.object(Gate, "on_env_updated", count):
        project.build()
        project.build(builder="html")
    assert kept == [1, 5]


# -- what is passed over -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "needs"),
    [
        ("cure(s|d)? all", [{"cure", "cures", "cured"}, {"all"}]),
        ("(very)? safe", [{"safe"}]),
        ("safe (and)* sound", [{"safe"}, {"sound"}]),
        ("electro-therapies", [{"electrotherapies", "therapies"}]),
        ("heal* _ # pain", [{"pain"}]),
        ("(no|never) harm", [{"no", "never"}, {"harm"}]),
        ("(heal*|cure)", []),
        ("cures?", []),
        ("no (pain)*", []),
        ("don't wait", [{"don"}, {"wait"}]),
        ("work ... wonders", [{"work"}, {"wonders"}]),
    ],
)
def test_a_phrase_needs_these_words(phrase: str, needs: list[set[str]]) -> None:
    assert [set(words) for words in read_phrase(phrase).needs] == needs


def test_a_phrase_with_a_comma_reaches_into_another_clause() -> None:
    assert read_phrase("gentle, natural").apart
    assert not read_phrase("gentle natural").apart


@pytest.mark.parametrize(
    "text",
    [
        "It is PROVEN to work.",
        "It is pro\u00adven to work.",
        "It is proven\u00b9 to work.",
        "It is (proven) to work.",
        "It is\nclinically-proven.",
        "“Clinically proven”, they say: clinically proven!",
        "100% natural and no. 1 choice.",
    ],
)
def test_words_are_found_however_they_are_written(text: str) -> None:
    every = [f.text for f in check(text)]
    assert every
    assert every == [f.text for f in check(f"Some words.\n\n{text}") if f.line > 2]


# -- the pages that are measured ---------------------------------------------------------------


@pytest.mark.parametrize("markup", ["md", "rst"])
def test_the_same_seed_gives_the_same_page(markup: str) -> None:
    assert pages.page("1", markup) == pages.page("1", markup) != pages.page("2", markup)


@pytest.mark.parametrize("markup", ["md", "rst"])
def test_generated_pages_build_without_a_word_but_ours(project: Project, markup: str) -> None:
    pages.write_pages(project.path, 2, markup)
    pages.configure(project.path, ["myst_parser", "acuext"], exclude_patterns=["_build"])
    built = project.build()
    said = [line for line in built.err.splitlines() if "WARNING" in line or "ERROR" in line]
    assert [line for line in said if "[acuext." not in line] == []
    assert built.findings


# -- what is published -------------------------------------------------------------------------


def test_the_tables_are_made_of_the_record() -> None:
    record = json.loads((SHOWN / "speed.json").read_text(encoding="utf-8"))
    for name, rows in speed.tables(record).items():
        with (SHOWN / name).open(encoding="utf-8", newline="") as file:
            assert list(csv.reader(file)) == rows


def test_the_page_shows_every_table() -> None:
    page = (SHOWN / "speed.md").read_text(encoding="utf-8")
    record = json.loads((SHOWN / "speed.json").read_text(encoding="utf-8"))
    assert all(f":file: {name}" in page for name in speed.tables(record))


@pytest.mark.slow
def test_what_review_pages_take_can_be_measured(tmp_path: Path) -> None:
    made = speed.project(tmp_path, 2, "md", html_theme="basic")
    assert speed.apart(made, "--site")[1].cpu > 0 == speed.apart(made, "--bare-site")[1].cpu


def test_an_aim_is_reached_or_not() -> None:
    pairs = [(speed.Cost(3, 3), speed.Cost(2, 1)), (speed.Cost(2, 2), speed.Cost(2, 1))]
    figure = speed.ratio("Work", 10, pairs, 1.2)
    assert (figure.cpu, figure.least, figure.most, figure.wall) == (1.25, 1.0, 1.5, 2.5)
    assert figure.row()[-2:] == ["at most 1.20", "no"]
    assert speed.Figure("Rate", 0, 9, 9, 9, 9, 1, 5, rate=True).reached == "yes"


def test_what_could_not_be_measured_says_so() -> None:
    row = speed.Figure("Work", 100, None, None, None, None, 0, 0.02).row()
    assert row == ["Work", "100", "not measured", "", "", "", "at most 0.02", ""]


def test_the_findings_that_reports_are_measured_with_are_there(tmp_path: Path) -> None:
    for on_a_page in (5, 40):
        found = speed.found_in(tmp_path, 40, on_a_page).findings
        assert len(found) == 40
        for finding in found:
            [line] = (tmp_path / finding.path).read_text(encoding="utf-8").splitlines()
            assert line[finding.column - 1 : finding.end_column - 1] == finding.text


# -- beyond one machine ------------------------------------------------------------------------


def test_check_and_its_findings_travel_to_other_processes() -> None:
    found = check("It is proven to work.")
    assert pickle.loads(pickle.dumps(check)) is check
    assert pickle.loads(pickle.dumps(found)) == found
    assert check("It is proven to work.") == found


@pytest.mark.slow
def test_a_corpus_gives_the_same_table_whatever_the_number_of_workers(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number in range(8):
        (corpus / f"{number}.txt").write_text("Fine.\n\nIt is proven to work.", encoding="utf-8")
    tables = []
    for workers in ("1", "2"):
        table = tmp_path / f"{workers}.csv"
        command = [sys.executable, CORPUS, corpus, table, "--workers", workers]
        subprocess.run(command, check=True)
        tables.append(table.read_text(encoding="utf-8"))
    assert tables[0] == tables[1]
    rows = list(csv.DictReader(tables[0].splitlines()))
    assert [row["document"] for row in rows] == [f"{number}.txt" for number in range(8)]
    assert {(row["rule"], row["line"], row["column"]) for row in rows} == {("ACU101", "3", "4")}
