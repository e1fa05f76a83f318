"""The review pages: what an editor sees beside the words, and when they are written anew."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from conftest import CLAIM, CLEAN, Project
from docutils.core import publish_doctree

from acuext.approved import changes
from acuext.matches import Passage
from acuext.passages import page_of
from acuext.reading_age import reading_age
from acuext.review import Finding
from acuext.review_pages.rows import Card, Row, rows_of
from acuext.review_pages.site import Site

NOVEMBER, DECEMBER = "1795305600", "1796169600"  # 22 November and 2 December 2026
PAGE = """
# Needles

Acupuncture is proven to cure back pain, and it is a miracle.

Nobody has to believe `all of this`, see https://example.org.

% acuext: ignore ACU110 until 2026-12-20 -- told as <b>tradition</b> tells it

It lets qi flow through the body.

- A first item.
- Studies show that it works.

| Who | What |
|---|---|
| Ann | It always works |

```python
print("proven to cure")
```

![A needle that cures](needle.png)

:::{consult-professional}
:::
"""


@pytest.fixture(autouse=True)
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOVEMBER)


@pytest.fixture
def pages(project: Project) -> Project:
    project.configure(suppress_warnings=["image.not_readable"])
    project.write(
        {
            "index.md": CLEAN + "\n```{toctree}\nneedles\n```\n",
            "needles.md": PAGE,
            "needle.png": b"",
        }
    )
    return project


def review(project: Project, name: str = "needles", out: str = "html") -> BeautifulSoup:
    file = project.path / "_build" / out / "_review" / f"{name}.html"
    parsed = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
    found = parsed.select_one(".acuext-review")
    assert isinstance(found, Tag)
    return parsed


def texts(page: BeautifulSoup | Tag, selector: str) -> list[str]:
    return [" ".join(tag.get_text().split()) for tag in page.select(selector)]


def written(project: Project, out: str = "html") -> dict[str, bytes]:
    folder = project.path / "_build" / out / "_review"
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def times(project: Project) -> dict[str, int]:
    folder = project.path / "_build" / "html" / "_review"
    return {p.relative_to(folder).as_posix(): p.stat().st_mtime_ns for p in folder.rglob("*.html")}


# -- a page --------------------------------------------------------------------------------------


def test_it_opens_with_the_outcome(pages: Project) -> None:
    pages.build(builder="html")
    assert texts(review(pages), ".acuext-verdict") == ["Not ready: 2 must fix, 2 to consider."]
    clean = "Nothing to fix. That is not a statement that the text is true."
    assert texts(review(pages, "index-page"), ".acuext-verdict") == [clean]


def test_marked_words_lead_to_their_card_and_back(pages: Project) -> None:
    pages.build(builder="html")
    page = review(pages)
    links = page.select("mark a")
    assert links
    for link in links:
        card = page.select_one(link["href"])
        assert isinstance(card, Tag)
        assert card["class"][0] == "acuext-finding"
    for back in page.select('.acuext-actions a[href^="#words-"]'):
        assert page.select_one(str(back["href"])) is not None
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))


def test_a_card_says_what_why_and_what_to_write(pages: Project) -> None:
    pages.build(builder="html")
    card = review(pages).select_one("#finding-1")
    assert isinstance(card, Tag)
    assert texts(card, ".acuext-level") == ["Must fix"]
    assert texts(card, "h3") == ["Says that something is proven"]
    assert '"is proven to cure" claims proof. Proof is settled for good' in texts(card, "p")[1]
    assert texts(card, ".acuext-try")[0].startswith("Try: “")
    assert texts(card, ".acuext-place") == ["needles.md:3"]
    why = card.select_one('a[href^="https://acuext.readthedocs.io/"]')
    assert isinstance(why, Tag)
    assert why.get_text() == "Why: ACU101"


def test_cards_follow_their_paragraph_in_reading_order(pages: Project) -> None:
    pages.build(builder="html")
    rows = review(pages).select(".acuext-row")
    with_cards = [texts(row, ".acuext-words")[0] for row in rows if row.select(".acuext-cards")]
    assert [text.split()[0] for text in with_cards] == ["Acupuncture", "It", "Studies", "Ann"]
    numbers = [int(n.split()[-1]) for row in rows for n in texts(row, ".acuext-number")]
    assert numbers == sorted(numbers)


class Place(int):
    """A place in a passage that counts how often it is compared."""

    compared = 0

    def __lt__(self, other: int) -> bool:
        Place.compared += 1
        return int(self) < int(other)

    def __le__(self, other: int) -> bool:
        Place.compared += 1
        return int(self) <= int(other)

    def __gt__(self, other: int) -> bool:
        Place.compared += 1
        return int(self) > int(other)

    __hash__ = int.__hash__


def rows_with(number: int) -> list[Row]:
    """The rows of a paragraph with so many findings in it, one of which is about all of it."""
    words = "It cures. "
    page = page_of(publish_doctree(words * number))
    about = Finding("", 1, 1, 1, 1, "", "", "error", "", "", (), ())
    spans = [(0, len(words) * number - 1)]
    spans += [(start, start + 8) for start in range(0, len(words) * number, len(words))]
    cards = [
        (Card(nth, "must", about, None, "", ""), Place(start), Place(end))
        for nth, (start, end) in enumerate(spans, 1)
    ]
    return rows_of(page, {0: cards})


def test_twice_the_findings_in_a_paragraph_are_twice_the_work() -> None:
    compared = []
    for number in (200, 400):
        Place.compared = 0
        [row] = rows_with(number)
        compared.append(Place.compared)
        assert len(row.cards) == number + 1
        assert sum(len(segment.closes) for segment in row.parts[0]) == number + 1
        assert [segment.number for segment in row.parts[0]][:4] == [2, 1, 3, 1]
    assert compared[0] > 0
    assert compared[1] < 2.5 * compared[0]


def test_the_rest_of_the_page_is_shown_as_it_stands(pages: Project) -> None:
    pages.build(builder="html")
    page = review(pages)
    assert texts(page, ".acuext-words > h3")[0] == "Needles"
    assert "see https://example.org." in " ".join(texts(page, ".acuext-words"))
    assert "all of this" in texts(page, ".acuext-unread")
    assert texts(page, "pre") == ['print("proven to cure")']
    assert "Ann It always works5" in texts(page, ".acuext-cells")
    assert "A needle that cures" in " ".join(texts(page, ".acuext-row-alt"))


def test_a_waived_finding_says_why_and_for_how_long(pages: Project) -> None:
    pages.build(builder="html")
    page = review(pages)
    [card] = page.select("article.acuext-level-waived")
    said = " ".join(card.get_text().split())
    assert "Waived because: told as <b>tradition</b> tells it" in said
    assert "Ends: 20 December 2026 (28 days left)" in said
    assert texts(page, "#waivers + table td")[2] == "told as <b>tradition</b> tells it"


def test_facts_name_claims_dates_and_words(project: Project) -> None:
    project.write(
        {
            "evidence.toml": EVIDENCE,
            "index.md": "---\nacuext:\n  reviewed: 2026-01-05\n  review_due: 2026-11-01\n---\n"
            + CLEAN.replace("back pain.", "back pain {evidence}`back`."),
        }
    )
    project.build(builder="html")
    page = review(project, "index-page")
    facts = dict(zip(texts(page, "dl dt"), texts(page, "dl dd"), strict=True))
    assert facts["Claims with evidence"] == "1: 1 low"
    assert facts["Last checked"] == "5 January 2026"
    assert facts["Next check due"] == "1 November 2026 Overdue"
    assert facts["Reading age"].startswith("Not measured")
    assert texts(page, "#claims + table td")[1:] == ["low", "It may help. back"]
    # The certainty stands in the sentence as well.
    assert texts(page, ".acuext-words .acuext-pill") == ["low"]


EVIDENCE = """
[back]
statement = "It may help."
certainty = "low"
references = ["x"]
comparator = "usual care"
population = "adults"
"""


def test_words_of_an_included_file_are_on_each_page_that_shows_them(project: Project) -> None:
    page = CLEAN + "\n```{include} parts/cure.md\n```\n"
    project.write({"index.md": page, "other.md": page, "parts/cure.md": "It is proven.\n"})
    project.build(builder="html")
    for name in ("index-page", "other"):
        assert texts(review(project, name), ".acuext-place") == ["parts/cure.md:1"]
        assert texts(review(project, name), "mark") == ["proven1"]


def test_findings_in_the_baseline_are_told_apart(pages: Project) -> None:
    pages.configure(acuext_gate="report")
    found = pages.build(builder="html").findings
    entries = [
        {"path": "needles.md", "rule": "ACU101", "text": "is proven to cure"},
        {"path": "needles.md", "rule": "ACU105", "text": "gone"},
    ]
    assert "ACU101" in [finding["rule"] for finding in found]
    baseline = json.dumps({"schema": 1, "findings": entries})
    pages.write({"acuext-baseline.json": baseline})
    pages.build(builder="html")
    assert texts(review(pages), "article.acuext-level-baseline h3") == [
        "Says that something is proven"
    ]
    facts = dict(
        zip(texts(review(pages, "index"), "dt"), texts(review(pages, "index"), "dd"), strict=True)
    )
    assert facts["In the baseline"] == "1 still to be mended, 1 mended since it was recorded"


# -- text is data --------------------------------------------------------------------------------

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def test_text_from_pages_is_escaped_wherever_it_stands(project: Project) -> None:
    spelt = html.escape(HOSTILE)
    project.write(
        {
            "index.rst": f"""
            :acuext-author: {HOSTILE}

            {HOSTILE}
            {"=" * 80}

            Is proven to cure {HOSTILE}.

            .. acuext: ignore ACU110 -- {HOSTILE}

            Qi {HOSTILE}.

            .. code:: text

               {HOSTILE}

            .. consult-professional::
            """,
        }
    )
    project.configure(extensions=["acuext"], html_theme="furo")
    project.build(builder="html")
    for name in ("index-page", "index"):
        page = review(project, name)
        inside = page.select_one(".acuext-review")
        assert isinstance(inside, Tag)
        assert not inside.select("script, img")
        assert spelt.split("&gt;")[0] in str(inside)


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        (
            {
                "html_theme_options": {
                    "source_repository": "https://github.com/o/r/",
                    "source_branch": "main",
                    "source_directory": "docs/",
                }
            },
            "https://github.com/o/r/edit/main/docs/needles.md#L3",
        ),
        (
            {
                "html_theme_options": {
                    "source_repository": "https://gitlab.com/o/r",
                    "source_branch": "main",
                }
            },
            "https://gitlab.com/o/r/-/edit/main/needles.md#L3",
        ),
        (
            {"html_theme_options": {"source_edit_link": "https://x.org/e?f={filename}"}},
            "https://x.org/e?f=needles.md#L3",
        ),
        (
            {
                "html_context": {
                    "display_github": True,
                    "github_user": "o",
                    "github_repo": "r",
                    "github_version": "main",
                    "conf_py_path": "/docs/",
                }
            },
            "https://github.com/o/r/edit/main/docs/needles.md#L3",
        ),
        (
            {
                "html_context": {
                    "gitlab_url": "https://git.example.org",
                    "gitlab_user": "o",
                    "gitlab_repo": "r",
                    "gitlab_version": "main",
                    "doc_path": "docs",
                }
            },
            "https://git.example.org/o/r/-/edit/main/docs/needles.md#L3",
        ),
        ({"html_theme_options": {"source_edit_link": "javascript:alert(1)//{filename}"}}, None),
        ({"html_theme_options": {"source_repository": "https://github.com/o/r"}}, None),
    ],
)
def test_edit_links_come_from_the_settings_of_the_theme(
    pages: Project, settings: dict[str, object], address: str | None
) -> None:
    # Options of other themes are warned about, and do no harm.
    pages.configure(html_theme="furo", **settings)
    pages.write({"index.md": CLEAN, "needles.md": CLAIM})
    # The theme itself makes nothing of these two settings, or stops.
    theme = "alabaster" if address is None else "furo"
    pages.configure(html_theme=theme)
    pages.build(builder="html")
    links = [link["href"] for link in review(pages).select(".acuext-edit")]
    assert links == ([address] if address else [])
    assert "javascript:" not in str(review(pages).select_one(".acuext-review"))
    if address is None:
        assert texts(review(pages), ".acuext-place") == ["needles.md:3"]


# -- the overview --------------------------------------------------------------------------------


def test_the_overview_has_the_worst_page_first_and_all_waivers(pages: Project) -> None:
    pages.write(
        {
            "better.md": CLEAN.replace("may help", "is a miracle for"),
            "worse.md": CLAIM + "It is a miracle.\n",
        }
    )
    pages.build(builder="html")
    page = review(pages, "index")
    assert texts(page, "dl.acuext-facts dd")[0] == "4"
    rows = [row.select("td") for row in page.select("table")[0].select("tbody tr")]
    names = [texts(row[0], ".acuext-quiet")[0] for row in rows]
    assert names == ["needles", "worse", "better"]
    assert texts(rows[0][1], ".acuext-level") == ["2 must fix", "2 to consider", "1 waived"]
    waivers = page.select("table")[1]
    assert "ACU110" in texts(waivers, "td")
    assert "20 December 2026 (28 days left)" in texts(waivers, "td")
    assert texts(page, "details li") == ["Needles"]
    assert [a["href"] for a in page.select("details a")] == ["index-page.html"]


def test_findings_about_the_evidence_file_are_on_the_overview(project: Project) -> None:
    project.write({"index.md": CLEAN, "evidence.toml": EVIDENCE})
    project.configure(acuext_rules={"ACU203": "error"})
    project.build(builder="html")
    page = review(project, "index")
    assert texts(page, ".acuext-file-cards .acuext-place") == ["evidence.toml:1"]


# -- where they are, and where not ---------------------------------------------------------------


@pytest.mark.parametrize("theme", ["alabaster", "furo", "classic"])
@pytest.mark.parametrize("builder", ["html", "dirhtml"])
def test_they_are_kept_from_search_and_from_the_pages_of_readers(
    pages: Project, theme: str, builder: str
) -> None:
    pages.configure(html_theme=theme)
    built = pages.build(builder=builder)
    assert "Read them in context: " in built.out
    out = pages.path / "_build" / builder
    for file in out.rglob("*.html"):
        ours = "_review" in file.relative_to(out).parts
        text = file.read_text(encoding="utf-8")
        assert ('<meta name="robots" content="noindex, nofollow">' in text) == ours
        if not ours:
            assert "_review" not in text
    index = (out / "searchindex.js").read_text(encoding="utf-8")
    assert "_review" not in index
    assert "Must fix" not in index
    # Every link between them leads somewhere.
    for file in out.joinpath("_review").rglob("*.html"):
        for link in BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser").select(
            ".acuext-review a[href], .toctree-l1 a[href]"
        ):
            target = str(link["href"]).partition("#")[0]
            if target and not target.startswith("https://"):
                assert (file.parent / target).exists()


@pytest.mark.parametrize("builder", ["singlehtml", "epub", "latex", "text"])
def test_other_builders_have_none(pages: Project, builder: str) -> None:
    pages.build(builder=builder)
    assert not list((pages.path / "_build" / builder).rglob("*_review*"))


@pytest.mark.parametrize("name", ["_review.md", "_review/index.md", "_review/other.md"])
def test_a_page_of_the_project_is_never_overwritten(pages: Project, name: str) -> None:
    pages.write({name: CLEAN})
    built = pages.build(builder="dirhtml")
    docname = name.removesuffix(".md")
    assert f"acuext: {docname} is in the way of the review pages" in built.err
    assert "acuext-verdict" not in "".join(
        file.read_text(encoding="utf-8")
        for file in (pages.path / "_build" / "dirhtml").rglob("*.html")
    )


def test_a_preview_points_from_each_page_to_its_review(pages: Project) -> None:
    pages.build(builder="html")
    page = pages.path / "_build" / "html" / "needles.html"
    assert "acuext-preview" not in page.read_text(encoding="utf-8")
    pages.configure(acuext_gate="report")
    pages.build(builder="html")
    banner = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one(
        ".acuext-preview a"
    )
    assert isinstance(banner, Tag)
    assert banner["href"] == "_review/needles.html"


def test_sitemaps_leave_them_out(pages: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(pages.path))
    # As sphinx-sitemap registers its setting.
    pages.write(
        {
            "sitemap_of_pages.py": """
            def setup(app):
                app.add_config_value("sitemap_excludes", ["search.html"], "")
                app.connect("build-finished", say)

            def say(app, _):
                app.outdir.joinpath("excluded").write_text(" ".join(app.config.sitemap_excludes))
            """
        }
    )
    pages.configure(extensions=["myst_parser", "acuext", "sitemap_of_pages"])
    pages.build(builder="html")
    said = (pages.path / "_build" / "html" / "excluded").read_text()
    assert said == "search.html _review/*"


# -- again and again -----------------------------------------------------------------------------


def test_fresh_incremental_and_parallel_builds_give_the_same_bytes(pages: Project) -> None:
    pages.write({f"page{number}.md": CLAIM for number in range(8)})
    pages.build(builder="html", out="one")
    pages.write({"needles.md": PAGE.replace("miracle", "cure"), "page3.md": CLEAN})
    pages.build(builder="html", out="one")
    pages.build("-j", "4", builder="html", out="two")
    pages.build(builder="html", out="three")
    assert written(pages, "one") == written(pages, "two") == written(pages, "three")


def test_no_tree_of_a_page_is_kept_when_its_review_is_written(
    pages: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[set[str]] = []
    page = Site.page

    def watched(self: Site, docname: str) -> object:
        made = page(self, docname)
        kept.append({docname} & set(self.env._pickled_doctree_cache))
        return made

    monkeypatch.setattr(Site, "page", watched)
    pages.build(builder="html")
    assert kept == [set(), set()]


def test_nothing_is_rendered_again_when_nothing_changed(pages: Project) -> None:
    pages.build(builder="html")
    before = times(pages)
    built = pages.build(builder="html")
    assert times(pages) == before
    assert "no targets are out of date" in built.out


def test_an_edited_page_is_rendered_again_and_no_other(pages: Project) -> None:
    pages.build(builder="html")
    before = times(pages)
    pages.write({"needles.md": PAGE.replace("proven to cure", "good for")})
    pages.build(builder="html")
    changed = {name for name, time in times(pages).items() if before[name] != time}
    assert changed == {"needles.html", "index.html"}
    assert "proven" not in " ".join(texts(review(pages), "mark"))


def test_days_left_are_counted_anew_though_no_page_was_read(
    pages: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.build(builder="html")
    before = times(pages)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DECEMBER)
    built = pages.build(builder="html")
    assert "0 added, 0 changed, 0 removed" in built.out
    changed = {name for name, time in times(pages).items() if before[name] != time}
    assert changed == {"needles.html", "index.html"}
    assert "(18 days left)" in review(pages).get_text()


def test_a_changed_setting_or_evidence_file_shows_at_once(project: Project) -> None:
    cited = CLEAN.replace("back pain.", "back pain {evidence}`back`.")
    project.write({"index.md": cited, "claim.md": CLAIM, "evidence.toml": EVIDENCE})
    project.build(builder="html")
    project.configure(acuext_rules={"ACU101": "info"})
    project.build(builder="html")
    assert texts(review(project, "claim"), "article .acuext-level")[0] == "Note"
    before = times(project)
    project.write({"evidence.toml": EVIDENCE.replace('"low"', '"moderate"')})
    built = project.build(builder="html")
    assert "0 added, 0 changed, 0 removed" in built.out
    assert texts(review(project, "index-page"), "#claims + table .acuext-pill") == ["moderate"]
    assert times(project)["claim.html"] == before["claim.html"]


def test_the_review_of_a_deleted_page_goes(pages: Project) -> None:
    pages.write({"index.md": CLEAN})
    pages.build(builder="html")
    pages.write({"needles.md": None})
    pages.build(builder="html")
    assert set(times(pages)) == {"index.html", "index-page.html"}
    assert "needles" not in str(review(pages, "index"))


def test_a_review_page_that_is_gone_comes_back(pages: Project) -> None:
    pages.build(builder="html")
    (pages.path / "_build" / "html" / "_review" / "needles.html").unlink()
    pages.build(builder="html")
    assert "needles.html" in times(pages)


# -- what has changed ----------------------------------------------------------------------------

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(project: Project, *arguments: str) -> None:
    names = ["-c", "user.name=E", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(project.path), *names, *arguments]
    subprocess.run(command, check=True, capture_output=True)


@needs_git
def test_words_that_came_and_went_since_a_revision_are_shown(pages: Project) -> None:
    git(pages, "init", "-q")
    git(pages, "add", "index.md", "needles.md")
    git(pages, "commit", "-q", "-m", "one")
    git(pages, "tag", "approved")
    pages.configure(acuext_since="approved")
    changed = PAGE.replace("and it is a miracle", "and a marvel").replace("- A first item.\n", "")
    pages.write({"needles.md": changed, "new.md": CLEAN})
    pages.build(builder="html")
    page = review(pages)
    facts = dict(zip(texts(page, "dl dt"), texts(page, "dl dd"), strict=True))
    assert re.fullmatch(r"approved \([0-9a-f]{10}, .*\)", facts["Compared with"])
    # For those who cannot see a line through words.
    assert texts(page, "del")[:2] == ["Removed: it is", "Removed: miracle."]
    assert texts(page, "ins")[:1] == ["Added: marvel."]
    rows = [" ".join(row.get_text().split()) for row in page.select(".acuext-row")]
    gone = next(i for i, row in enumerate(rows) if "Removed: - A first item." in row)
    assert "flow through the body" in rows[gone - 1]
    assert "Studies show" in rows[gone + 1]
    assert "this page was not there then" in review(pages, "new").get_text()
    assert not review(pages, "index-page").select("ins, del")


@needs_git
def test_an_unknown_revision_is_one_clear_line(pages: Project) -> None:
    git(pages, "init", "-q")
    git(pages, "add", "index.md")
    git(pages, "commit", "-q", "-m", "one")
    for name in ("nowhere", "--output=x", "HEAD; rm -rf x"):
        pages.configure(acuext_since=name)
        built = pages.build(builder="html")
        assert built.status == 2
        assert f"acuext_since: git knows no revision {name!r}" in built.err
        assert "Traceback" not in built.err


def test_without_a_repository_there_is_a_notice_and_no_difference(
    pages: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(pages.path.parent))
    pages.configure(acuext_since="approved")
    built = pages.build(builder="html")
    assert "acuext_since: there is no git repository to look it up in" in built.out
    assert not review(pages).select("ins, del")


def test_line_breaks_are_no_changes() -> None:
    assert changes("One two\nthree.\n\nFour.", "One\ntwo three.\n\n\nFour.\n") == []


def test_blocks_are_compared_with_those_they_were_made_from() -> None:
    old = "# Title\n\nFirst things stay here.\n\nThis goes away for good.\n\nLast words of it.\n"
    new = "# Title\n\nFirst things stay there.\n\nLast words of it.\n\nQuite another ending now.\n"
    found = [(change.kind, change.line, len(change.pieces)) for change in changes(old, new)]
    assert found == [("changed", 3, 3), ("removed", 5, 1), ("added", 7, 1)]


# -- reading age ---------------------------------------------------------------------------------

PLAIN = "The cat sat on the mat. It was a good day for the cat. "
LEARNED = (
    "Methodological heterogeneity considerably complicates the interpretation of pooled "
    "estimates, notwithstanding statistical adjustments for publication characteristics. "
)


def test_plain_words_and_short_sentences_are_for_younger_readers() -> None:
    plain, learned = (reading_age([Passage(text * 12)]) for text in (PLAIN, LEARNED))
    assert plain is not None
    assert learned is not None
    assert (plain.words, plain.sentences) == (168, 24)
    # 0.39 x 168/24 + 11.8 x 168/168 - 15.59: every word has one syllable.
    assert plain.grade == -1.1
    assert plain.age == 5
    assert learned.age > 20


def test_only_running_text_is_measured() -> None:
    running = [Passage(PLAIN * 12)]
    beside = [Passage(LEARNED * 9, kind) for kind in ("heading", "cell", "alt", "caption")]
    assert reading_age([*running, *beside]) == reading_age(running)


def test_short_pages_and_other_languages_are_not_measured() -> None:
    assert reading_age([Passage(PLAIN * 7)]) is None
    assert reading_age([Passage(PLAIN * 12)], "de") is None
    assert reading_age([Passage(PLAIN * 12)], "en-GB") is not None


def test_reading_age_needs_no_sphinx() -> None:
    source = Path(__file__).resolve().parents[1] / "acuext" / "reading_age.py"
    assert "sphinx" not in source.read_text(encoding="utf-8").lower()
