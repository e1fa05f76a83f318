"""Badges, ledgers, figures and review records, as readers of each builder meet them."""

from __future__ import annotations

import csv
import html
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from conftest import CLEAN, Built, Project

from acuext.evidence import Effect
from acuext.figures import Axis, words

EVIDENCE = """
[migraine-prevention]
topic = "Migraine"
statement = "Added to usual care, acupuncture probably reduces how often attacks happen."
certainty = "moderate"
references = ["linde2016"]
comparator = "usual care"
population = "adults with migraine"
searched = "2016-01"
people = 4985
trials = 22
second_hand = true

[[migraine-prevention.effect]]
measure = "attacks"
estimate = -0.5
interval = [-0.75, -0.25]
unit = "standard deviations"
comparator = "usual care"
favours = "negative"

[pain-sham]
topic = "Pain"
statement = "Acupuncture may reduce pain slightly, compared with sham."
certainty = "low"
references = ["vickers2018"]
comparator = "sham"
population = "adults with long-lasting pain"

[[pain-sham.effect]]
measure = "pain"
estimate = -0.2
interval = [-0.3, -0.1]
unit = "standard deviations"
comparator = "sham"
favours = "negative"

[bleeding]
topic = "Harms"
harm = true
statement = "A study found bleeding in about 6 of 100 people."
certainty = "not-rated"
references = ["witt2009"]
comparator = "none"
population = "adults"

[[bleeding.effect]]
measure = "bleeding"
estimate = 610
interval = [0, 700.5]
unit = "per 10,000 people"
"""
BIBLIOGRAPHY = """
@article{linde2016,
  author = {Linde, Klaus and Allais, Gianni and Brinkhaus, Benno},
  title = {Acupuncture for {Migraine} \\& more}, year = {2016}, journal = {J}, doi = {10.1002/14651858.CD001218}}
@article{vickers2018,
  author = {Vickers, Andrew}, title = {Pain}, journal = {J}, year = {2018}, url = {javascript:alert(1)}}
@misc{witt2009, title = {Safety}, year = {2009}, url = {https://example.org/witt}}
"""
RECORD = """
---
acuext:
  author: A. Writer
  editor: B. Editor
  clinician: nobody yet
  reviewed: "2026-01-05"
  review_due: "2099-01-05"
  searched: January 2026
  funding: none
  interests: none
---
"""
MIGRAINE = (
    "Added to usual care, acupuncture probably reduces attacks {evidence}`migraine-prevention`."
)
INDEX = f"""{CLEAN}
{MIGRAINE}

```{{toctree}}
other
```
"""
OTHER = """
# Another page

Compared with sham, acupuncture may reduce pain {evidence}`pain-sham`.

Acupuncture probably reduces attacks {evidence}`migraine-prevention`.

:::{consult-professional}
:::
"""
FIGURE = """
```{evidence-plot} migraine-prevention pain-sham
Attacks were fewer, and pain was slightly lower.
```
"""
TABLE = """
```{evidence-table}
```
"""
#: Each says so in its own way that nothing went wrong.
BUILDERS = "html dirhtml singlehtml text latex epub man texinfo xml gettext dummy".split()


@pytest.fixture
def pages(project: Project) -> Project:
    """Two pages, an evidence file and a bibliography; findings do not stop a build."""
    project.configure(
        extensions=["myst_parser", "sphinxcontrib.bibtex", "acuext"],
        bibtex_bibfiles=["references.bib"],
        acuext_gate="report",
        copyright="2026, the authors",
        version="1",
    )
    project.write(
        {
            "references.bib": BIBLIOGRAPHY,
            "evidence.toml": EVIDENCE,
            "index.md": RECORD.lstrip() + INDEX,
            "other.md": OTHER + FIGURE + TABLE,
        }
    )
    return project


def written(project: Project, name: str) -> str:
    return (project.path / "_build" / name).read_text(encoding="utf-8")


def make(project: Project, builder: str, *options: str) -> Built:
    built = project.build("-W", *options, builder=builder)
    assert built.status == 0, built.err
    return built


def seen(markup: str) -> str:
    """What a reader sees of some HTML."""
    text = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]*>", " ", markup, flags=re.DOTALL)
    return " ".join(html.unescape(text).split())


def card_of(page: str, key: str) -> str:
    found = re.search(
        rf'<div [^>]*id="evidence-card-{key}".*?Close</button></div>', page, re.DOTALL
    )
    assert found, key
    return found[0]


@pytest.mark.parametrize("builder", BUILDERS)
def test_every_builder_shows_evidence(pages: Project, builder: str) -> None:
    make(pages, builder)


def test_a_badge_opens_what_is_known_without_a_script(pages: Project) -> None:
    make(pages, "html")
    page = written(pages, "html/index.html")
    [badge] = re.findall(r"<button [^>]*acuext-badge.*?</button>", page)
    assert 'aria-label="Evidence certainty: Moderate. Show why."' in badge
    assert 'popovertarget="evidence-card-migraine-prevention"' in badge
    assert 'id="evidence-1"' in badge
    assert '<span class="acuext-dots" aria-hidden="true">●●●○</span> moderate' in badge
    card = card_of(page, "migraine-prevention")
    assert 'popover="auto"' in card
    said = seen(card)
    for part in (
        "Added to usual care, acupuncture probably reduces how often attacks happen.",
        "Moderate. The result is probably close to the truth",
        "22 trials, 4,985 people",
        "Compared with : usual care",
        "Who took part : adults with migraine",
        "Linde and others 2016: Acupuncture for Migraine & more",
        "(as summarised by others; we have not seen it ourselves)",
        "Searched to : January 2016",
        "Used in : Another page",
    ):
        assert part in said
    assert 'href="https://doi.org/10.1002/14651858.CD001218"' in card
    assert 'href="other.html#evidence-2"' in card
    assert 'id="evidence-2"' in written(pages, "html/other.html")


def test_without_a_browser_a_badge_is_a_note_and_a_list(pages: Project) -> None:
    make(pages, "text")
    page = written(pages, "text/index.txt")
    said = " ".join(page.split())
    assert "probably reduces attacks (moderate certainty)." in said
    assert "Evidence used on this page ========================== * **Added to usual care" in said
    assert "Studies: 22 trials, 4,985 people" in said
    make(pages, "epub")
    [book] = (pages.path / "_build" / "epub").glob("*.epub")
    with zipfile.ZipFile(book) as parts:
        chapters = "".join(
            parts.read(name).decode() for name in parts.namelist() if name.endswith(".xhtml")
        )
    assert "(moderate certainty)" in chapters
    assert "popover" not in chapters
    assert "<svg" not in chapters
    make(pages, "latex")
    [tex] = (pages.path / "_build" / "latex").glob("*.tex")
    book_text = tex.read_text(encoding="utf-8")
    assert book_text.count("(moderate certainty)") == 2
    # Each page has its own list, and links lead from one page to the other.
    assert book_text.count("{Evidence used on this page}") == 2
    assert r"\hyperref[\detokenize{other:evidence-2}]" in book_text
    assert r"\label{\detokenize{other:evidence-2}}" in book_text


def test_pages_of_one_document_keep_their_ids_apart(pages: Project) -> None:
    make(pages, "singlehtml")
    page = written(pages, "singlehtml/index.html")
    ids = re.findall(r'\sid="([^"]*(?:evidence|acuext)[^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert {"index-evidence-1", "other-evidence-1", "other-evidence-2"} <= set(ids)
    targets = re.findall(
        r'(?:popovertarget="|href="#)([^"]*(?:evidence|acuext-record)[^"]*)"', page
    )
    assert targets
    assert set(targets) <= set(ids)


@pytest.mark.parametrize("builder", ["html", "text", "latex", "epub", "man", "xml"])
def test_a_missing_entry_is_shown_as_text(pages: Project, builder: str) -> None:
    pages.write({"index.md": INDEX + "\nIt may help {evidence}`<b>no-such</b>`.\n"})
    make(pages, builder)
    if builder == "html":
        page = written(pages, "html/index.html")
        assert "[&lt;b&gt;no-such&lt;/b&gt;]" in page
        assert "<b>no-such" not in page


def test_everything_is_escaped(pages: Project) -> None:
    hostile = EVIDENCE.replace("usual care", "</script><img src=x onerror=alert(1)>")
    bad = BIBLIOGRAPHY.replace("Pain}", "<b>Pain</b>}").replace("Linde,", "<i>Linde</i>,")
    index = RECORD.lstrip().replace("A. Writer", "</dl><script>alert(1)</script>")
    index = index.replace("nobody yet", "</script><script>alert(2)</script>") + INDEX
    pages.write({"evidence.toml": hostile, "references.bib": bad, "index.md": index})
    make(pages, "html")
    for name in ("index", "other"):
        page = written(pages, f"html/{name}.html")
        for markup in ("<img src=x", "<b>Pain", "<i>Linde", "<script>alert", "javascript:alert"):
            assert markup not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in written(pages, "html/other.html")


def test_a_badge_in_a_title_stays_out_of_lists_of_titles(pages: Project) -> None:
    titled = OTHER.replace("# Another page", "# Another page {evidence}`pain-sham`")
    pages.write({"other.md": titled})
    for builder in ("html", "text", "latex"):
        make(pages, builder)
    assert (
        "acuext-badge"
        not in re.findall(
            r'<div class="toctree-wrapper.*?</div>', written(pages, "html/index.html"), re.DOTALL
        )[0]
    )


# -- tables and figures --------------------------------------------------------------------------


def test_the_ledger_says_what_is_known_and_where_it_is_used(pages: Project) -> None:
    make(pages, "html")
    page = written(pages, "html/other.html")
    [table] = re.findall(r"<table [^>]*acuext-table.*?</table>", page, re.DOTALL)
    rows = [seen(row) for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)]
    assert rows[0] == "What is known Certainty Compared with People Source Used in"
    assert len(rows) == 4
    for part in ("Moderate", "usual care", "22 trials, 4,985 people", "Searched to January 2016."):
        assert part in rows[1]
    assert 'href="index.html#evidence-1"' in table
    assert rows[3].endswith("Used in –")
    assert 'href="_downloads/acuext/evidence.csv"' in page
    rows_csv = list(
        csv.DictReader(written(pages, "html/_downloads/acuext/evidence.csv").splitlines())
    )
    assert [row["key"] for row in rows_csv] == ["migraine-prevention", "pain-sham", "bleeding"]
    assert rows_csv[0]["used_in"] == "index other"
    assert rows_csv[0]["addresses"] == "https://doi.org/10.1002/14651858.CD001218"
    make(pages, "text")
    assert "CSV" not in written(pages, "text/other.txt")


def test_a_ledger_can_be_of_one_topic_or_of_some_entries(pages: Project) -> None:
    pages.write({"other.md": OTHER + TABLE.replace("}", "}\n:topic: Pain", 1)})
    make(pages, "text")
    table = written(pages, "text/other.txt").partition("What is known")[2]
    assert "compared with sham" in " ".join(table.partition("Evidence used")[0].split())
    assert "bleeding" not in table
    pages.write({"other.md": OTHER + TABLE.replace("}", "}\n:keys: bleeding", 1)})
    make(pages, "html")
    [name] = (pages.path / "_build/html/_downloads/acuext").glob("evidence-*.csv")
    assert "bleeding" in name.read_text(encoding="utf-8")
    assert "pain-sham" not in name.read_text(encoding="utf-8")


def test_a_figure_is_a_table_with_a_picture_a_row(pages: Project) -> None:
    make(pages, "html")
    page = written(pages, "html/other.html")
    [table] = re.findall(r"<table [^>]*acuext-plot.*?</table>", page, re.DOTALL)
    assert "Attacks were fewer, and pain was slightly lower." in seen(
        re.findall(r"<caption>.*?</caption>", table, re.DOTALL)[0]
    )
    head, first, second, scale = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    assert "Standard deviations (95 % interval)" in seen(head)
    assert "\u22120.50 (\u22120.75 to \u22120.25)" in seen(first)
    assert '<rect class="acuext-mark"' in first
    assert '<circle class="acuext-mark"' in second
    assert "<th" in first
    assert table.count('<svg aria-hidden="true"') == 3
    assert "Left of 0 is better than the comparison." in seen(scale)
    make(pages, "text")
    said = written(pages, "text/other.txt")
    assert "\u22120.50 (\u22120.75 to \u22120.25)" in said
    assert "Scale" not in said


HARM = FIGURE.replace("migraine-prevention pain-sham", "bleeding")


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        (
            FIGURE.replace("pain-sham", "bleeding"),
            "one axis cannot show two units: 'migraine-prevention' is in 'standard deviations', 'bleeding' in 'per 10,000 people'; make a figure of each",
        ),
        (FIGURE.replace("pain-sham", "pane-sham"), "there is no evidence 'pane-sham'"),
        (
            FIGURE.replace("Attacks", ":log:\n\nAttacks"),
            "evidence 'migraine-prevention': −0.5 has no place on a log axis",
        ),
        (TABLE.replace("}", "}\n:topic: Migrane", 1), "there is no evidence on 'Migrane'"),
    ],
)
def test_what_cannot_be_shown_is_a_warning_on_every_build(
    pages: Project, markup: str, said: str
) -> None:
    pages.write({"other.md": OTHER + markup})
    for _ in range(2):
        built = pages.build(builder="html")
        [warning] = [one for one in built.err.splitlines() if "WARNING" in one]
        assert f"{pages.path / 'other.md'}:10: WARNING: {said}" in warning
        assert "[acuext.evidence-list]" in warning
    assert said.partition(":")[0] in seen(written(pages, "html/other.html"))


def test_a_figure_of_harms_has_a_log_axis(pages: Project) -> None:
    pages.write({"other.md": OTHER + HARM.replace("Attacks", ":log:\n\nAttacks")})
    make(pages, "html")
    [table] = re.findall(
        r"<table [^>]*acuext-plot.*?</table>", written(pages, "html/other.html"), re.DOTALL
    )
    assert "610.0 (0 to 700.5)" in seen(table)
    assert ">1,000</text>" in table


def effect(**values: Any) -> Effect:
    return Effect(measure="pain", unit="points", **values)


def test_marks_lie_where_their_numbers_are() -> None:
    axis = Axis([effect(estimate=-1.0, interval=(-2.0, 0.0))], log=False)
    assert axis.at(-2) == 8
    assert axis.at(-1) == 50
    assert axis.at(0) == 92
    axis = Axis([effect(estimate=10.0), effect(estimate=1000.0), effect(estimate=0.1)], log=True)
    assert axis.at(0.1) == axis.at(0) == 8
    assert axis.at(10) == 50
    assert axis.at(1000) == 92
    # One number alone, and none at all, still make an axis.
    assert Axis([effect(estimate=0.0)], log=False).at(0) == 8
    assert Axis([effect(estimate=1.0)], log=True).at(1) == 8


def test_numbers_are_said_with_the_same_precision() -> None:
    assert words(effect(estimate=-10.26, interval=(-17.11, -3.4))) == "−10.26 (−17.11 to −3.40)"
    assert words(effect(estimate=41, control=17, of=100)) == "41 of 100, compared with 17 of 100"
    assert words(effect(estimate=1234567)) == "1,234,567"


# -- the review record ---------------------------------------------------------------------------


def test_the_record_is_shown_and_said_to_machines(pages: Project) -> None:
    make(pages, "html")
    page = written(pages, "html/index.html")
    [line] = re.findall(r'<p class="acuext-status">.*?</p>', page)
    assert seen(line) == (
        "Editor checked · Last checked 5 January 2026 · Next check due 5 January 2099 · "
        "Who checked this, and how"
    )
    assert '<time datetime="2099-01-05">' in line
    assert 'href="#acuext-record"' in line
    assert page.index("</h1>") < page.index(line) < page.index("probably reduces")
    record = seen(page[page.index('id="acuext-record"') :])
    assert "Clinician : Nobody yet" in record
    assert "Written by : A. Writer" in record
    assert "Funding : None" in record
    [script] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    data = json.loads(script)
    assert data["@type"] == "MedicalWebPage"
    assert data["name"] == "Needles"
    assert data["lastReviewed"] == "2026-01-05"
    assert "reviewedBy" not in data
    [cited] = data["citation"]
    assert cited["name"] in seen(page)
    other = written(pages, "html/other.html")
    assert "acuext-status" not in other
    assert "ld+json" not in other


@pytest.mark.parametrize(
    ("was", "now", "pill"),
    [
        ("clinician: nobody yet", "clinician: Dr C. Example, GP", "Clinician reviewed"),
        ('reviewed: "2026-01-05"\n', "\n", "Draft"),
        ("editor: B. Editor", "editor: nobody yet", "Draft"),
        ("2099-01-05", "2026-02-05", "Review overdue"),
    ],
)
def test_the_pill_says_no_more_than_was_done(pages: Project, was: str, now: str, pill: str) -> None:
    pages.write({"index.md": RECORD.lstrip().replace(was, now) + INDEX})
    make(pages, "html")
    page = written(pages, "html/index.html")
    assert re.findall(r'<strong class="acuext-pill[^>]*>(.*?)</strong>', page) == [pill]
    assert ("reviewedBy" in page) == (pill == "Clinician reviewed")


def test_the_record_is_the_last_thing_on_a_page(pages: Project) -> None:
    cited = "\nA review{footcite:p}`linde2016`.\n\n```{footbibliography}\n```\n"
    pages.write({"index.md": RECORD.lstrip() + INDEX + cited})
    make(pages, "html")
    page = written(pages, "html/index.html")
    assert page.index('class="footnote') < page.index('id="acuext-record"')
    make(pages, "text")
    assert written(pages, "text/index.txt").rstrip().endswith("Interests:\n   None")


def test_a_record_in_restructuredtext(pages: Project) -> None:
    page = ":acuext-reviewed: 2026-01-05\n:acuext-editor: B. Editor\n\nTitle\n=====\n\nWords.\n"
    pages.write({"third.rst": ":orphan:\n" + page})
    make(pages, "text")
    said = written(pages, "text/third.txt")
    assert said.startswith("Title\n*****\n\n**Editor checked** · Last checked 5 January 2026")
    assert "Funding:\n   Not said" in said


# -- rebuilds ------------------------------------------------------------------------------------


def pages_of(project: Project, folder: str) -> dict[str, bytes]:
    root = project.path / "_build" / folder
    found = [*root.rglob("*.html"), *root.rglob("*.csv")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(found)}


def written_again(project: Project) -> list[str]:
    """Build; the pages that were written."""
    root = project.path / "_build" / "html"
    before = {path: path.stat().st_mtime_ns for path in root.glob("*.html")}
    make(project, "html")
    return [
        name
        for name in ("index", "other", "plain")
        if (root / f"{name}.html").stat().st_mtime_ns != before[root / f"{name}.html"]
    ]


def test_pages_are_written_again_when_what_they_show_changes_elsewhere(pages: Project) -> None:
    plain = "---\norphan: true\n---\n# Plain\n\n"
    pain = "Compared with sham, acupuncture may reduce pain {evidence}`pain-sham`.\n"
    pages.write({"plain.md": plain + pain})
    make(pages, "html")
    assert written_again(pages) == []
    pages.write({"evidence.toml": EVIDENCE.replace("22", "23")})
    assert written_again(pages) == ["index", "other"]
    assert "23 trials" in seen(written(pages, "html/index.html"))
    pages.write({"references.bib": BIBLIOGRAPHY.replace("Linde,", "Lind,")})
    assert written_again(pages) == ["index", "other"]
    assert "Lind and others" in seen(written(pages, "html/index.html"))
    # An entry that only the table shows; Sphinx writes "index" again, which has it in its toctree.
    pages.write({"evidence.toml": EVIDENCE.replace("6 of 100", "7 of 100").replace("22", "23")})
    assert written_again(pages) == ["index", "other"]
    # A claim more, and a title, on another page.
    pages.write({"plain.md": plain + pain + MIGRAINE + "\n"})
    assert written_again(pages) == ["index", "other", "plain"]
    assert "Plain" in seen(card_of(written(pages, "html/index.html"), "migraine-prevention"))
    pages.write({"plain.md": plain.replace("Plain", "Plane") + pain + MIGRAINE + "\n"})
    assert written_again(pages) == ["index", "other", "plain"]
    # A page that goes.
    pages.write({"plain.md": None})
    make(pages, "html")
    assert "Plane" not in seen(written(pages, "html/index.html"))
    grown = pages_of(pages, "html")
    grown.pop("plain.html")
    pages.forget()
    make(pages, "html")
    assert grown == pages_of(pages, "html")


def test_another_builder_on_the_same_doctrees_hides_no_change(pages: Project) -> None:
    for builder in ("html", "text"):
        pages.build(builder=builder, doctrees="shared")
    pages.write({"evidence.toml": EVIDENCE.replace("22", "23")})
    for builder in ("text", "html"):
        pages.build(builder=builder, doctrees="shared")
    assert "23 trials" in written(pages, "text/index.txt")
    assert "23 trials" in seen(written(pages, "html/index.html"))


def test_a_page_says_that_it_is_overdue_once_it_is(
    pages: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780000000")  # 28 May 2026
    pages.write({"index.md": RECORD.lstrip().replace("2099", "2027") + INDEX})
    make(pages, "html")
    assert "Editor checked" in written(pages, "html/index.html")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")  # 15 January 2027
    make(pages, "html")
    assert "Review overdue" in written(pages, "html/index.html")


def test_parallel_builds_write_the_same(pages: Project) -> None:
    pages.write(
        {
            f"page{number}.md": f"---\norphan: true\n---\n{CLEAN}\n{MIGRAINE}\n"
            for number in range(12)
        }
    )
    make(pages, "html", "-j", "2")
    parallel = pages_of(pages, "html")
    assert "and 8 more pages" in seen(written(pages, "html/page0.html"))
    pages.forget()
    make(pages, "html")
    assert parallel == pages_of(pages, "html")


def test_without_a_bibliography_keys_stand_for_sources(project: Project) -> None:
    project.configure(acuext_gate="report")
    project.write({"evidence.toml": EVIDENCE, "index.md": f"{CLEAN}\n{MIGRAINE}\n"})
    make(project, "html")
    assert "Source : linde2016" in seen(written(project, "html/index.html"))


def test_a_language_without_rules_has_badges_too(project: Project) -> None:
    project.configure(language="de", acuext_gate="report")
    project.write({"evidence.toml": EVIDENCE, "index.md": f"{CLEAN}\n{MIGRAINE}\n"})
    make(project, "html")
    assert "acuext-badge" in written(project, "html/index.html")


def test_the_style_sheet_is_there(pages: Project) -> None:
    make(pages, "html")
    assert "_static/acuext.css" in written(pages, "html/index.html")
    assert Path(pages.path / "_build/html/_static/acuext.css").read_text(encoding="utf-8")
