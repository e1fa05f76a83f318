"""The page that shows what was found in the original of the post, and what stands there now."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from conftest import CLEAN, Project

ROOT = Path(__file__).parents[1]
SEED = ROOT / "tests" / "seed" / "acupuncture.md"
POST = "posts/acupuncture-pain-management.md"
PAGE = "explanation/review-of-the-post.md"

ORIGINAL = """
# Needles

Acupuncture is proven to cure pain. It is an old practice.
It has a holistic approach.
"""
ROWS = """
[[sentence]]
original = "Acupuncture is proven to cure pain."
reviewed = ["Acupuncture may help some people with back pain."]
evidence = ["harms"]
left_out = "{mention}`cure`. We found no evidence."
"""
EVIDENCE = """
[back]
statement = "Acupuncture may reduce back pain."
certainty = "low"
references = ["somebody2020"]
comparator = "usual care"
population = "adults"

[harms]
statement = "A study found bruises."
certainty = "not-rated"
references = ["anybody2021"]
comparator = "nothing"
population = "adults"
"""
REVIEW = """
# The review

```{review-of-post} index
:sentences: rows.toml
```
"""


HOUSE = """
language = "en"
title = "House rules"

[[rule]]
id = "HOUSE101"
name = "curing"
title = "Curing"
kind = "forbid"
severity = "info"
message = '"{text}" promises too much.'
why = "Nobody can know."
instead = []
sources = [{ text = "House style", status = "own" }]
fires = ["They cure pain."]
quiet = ["They help."]

[[rule.trigger]]
terms = ["cure pain"]
"""


@pytest.fixture
def pages(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A post, its original, and the page that compares them."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    project.configure(
        extensions=["myst_parser", "acuext", "review_of_post"],
        review_of_post_original="original.txt",
        acuext_health_pages=["index"],
    )
    post = CLEAN.replace("back pain.", "back pain {evidence}`back`.")
    project.write(
        {
            "index.md": f"{post}\nAfter a session{{evidence}}`harms`.\n\n"
            "```{toctree}\nreview\n```\n",
            "review.md": REVIEW,
            "rows.toml": ROWS,
            "original.txt": ORIGINAL,
            "evidence.toml": EVIDENCE,
        }
    )
    return project


def said(project: Project) -> str:
    """The page as text, each run of blanks as one."""
    page = (project.path / "_build" / "text" / "review.txt").read_text(encoding="utf-8")
    return " ".join(page.split())


def test_it_shows_sentence_finding_reviewed_sentence_and_source(pages: Project) -> None:
    built = pages.build("-W", builder="text")
    assert (built.status, built.err) == (0, "")
    page = said(pages)
    for words in (
        (
            "The original has 4 sentences, headings among them. Rules fire on 2 of them, with 2 "
            "findings: 1 of severity error, 0 of severity warning and 1 of severity info."
        ),
        "-[ Sentence 2 ]- Acupuncture is proven to cure pain.",
        'error "ACU101" "is proven to cure" claims proof.',
        "**Now** Acupuncture may help some people with back pain. Low somebody2020 · in the post",
        "**What is known:** A study found bruises. Not rated anybody2021",
        "**Left out:** cure. We found no evidence.",
    ):
        assert words in page
    # It has no row, and needs none.
    assert "holistic" not in page


def test_the_words_that_are_flagged_are_marked(pages: Project) -> None:
    pages.build("-W", builder="html")
    page = (pages.path / "_build" / "html" / "review.html").read_text(encoding="utf-8")
    assert "Acupuncture <mark>is proven to cure</mark> pain." in page
    assert re.search(r'href="index.html#evidence-1">in the post<', page)


def test_what_is_shown_is_no_claim_of_the_page(pages: Project) -> None:
    pages.configure(acuext_profile="core", acuext_rules={"ACU": "error"})
    assert [f for f in pages.build().findings if f["path"] == "review.md"] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            "rows.toml",
            "to cure pain.",
            "to heal pain.",
            '"Acupuncture is proven to heal pain." is no sentence of the original; did you mean',
        ),
        (
            "rows.toml",
            "[[sentence]]",
            '[[sentence]]\noriginal = "It is an old practice."\nleft_out = "x"\n[[sentence]]',
            '"It is an old practice." has no finding any more: delete its row',
        ),
        (
            "rows.toml",
            "[[sentence]]",
            (
                '[[sentence]]\noriginal = "Acupuncture is proven to cure pain."\nleft_out = "x"\n'
                "[[sentence]]"
            ),
            '"Acupuncture is proven to cure pain." has two rows: delete one',
        ),
        (
            "rows.toml",
            ROWS[ROWS.index("reviewed") :],
            "",
            '"Acupuncture is proven to cure pain." needs "reviewed", or "left_out" with the reason',
        ),
        (
            "rows.toml",
            '["harms"]',
            '["harm"]',
            "there is no evidence 'harm'; did you mean 'harms'?",
        ),
        ("rows.toml", "left_out", "leftout", "unknown field `leftout`"),
        ("rows.toml", '"harms"]', '"harms"', "it cannot be compared: "),
        (
            "original.txt",
            "It is an old practice.",
            "It is a miracle cure.",
            '"It is a miracle cure." is flagged in the original: add a row for it',
        ),
        (
            "original.txt",
            "is proven to cure",
            "is used for",
            '"Acupuncture is proven to cure pain." is no sentence of the original',
        ),
        (
            "index.md",
            "may help some people with",
            "may help a few people with",
            '"Acupuncture may help some people with back pain." is no sentence of the post any more',
        ),
        (
            "index.md",
            "back pain {evidence}",
            "back pain, and others {evidence}",
            '"Acupuncture may help some people with back pain." is no sentence of the post any more',
        ),
    ],
)
def test_what_does_not_fit_together_fails_every_build(
    pages: Project, file: str, old: str, new: str, problem: str
) -> None:
    pages.build(builder="text")
    text = (pages.path / file).read_text(encoding="utf-8")
    assert old in text
    pages.write({file: text.replace(old, new)})
    # The second build reads no page again.
    for _ in range(2):
        built = pages.build("-W", builder="text")
        assert built.status == 1
        lines = built.err.splitlines()
        assert [line for line in lines if problem in line] == lines[:1]
        assert all(line.startswith(f"{pages.path / 'rows.toml'}:1: WARNING: ") for line in lines)
    pages.write({file: text})
    assert pages.build("-W", builder="text").status == 0


@pytest.mark.parametrize("file", ["rows.toml", "original.txt"])
def test_a_missing_file_is_one_line(pages: Project, file: str) -> None:
    pages.write({file: None})
    built = pages.build("-W", builder="text")
    assert built.status == 1
    assert len(built.err.splitlines()) == 1
    assert "it cannot be compared: " in built.err


def test_a_post_that_is_gone_is_seen(pages: Project) -> None:
    pages.write({"review.md": REVIEW.replace("index", "indexes")})
    assert "is no sentence of the post any more" in pages.build("-W", builder="text").err


def test_an_entry_that_the_post_points_at_and_is_gone_fails_the_build(pages: Project) -> None:
    pages.build(builder="text")
    pages.write({"evidence.toml": EVIDENCE.replace("[back]", "[neck]")})
    built = pages.build("-W", builder="text")
    assert built.status == 1
    assert 'there is no evidence "back"' in built.err


@pytest.mark.parametrize(
    ("file", "old", "new", "shown"),
    [
        ("evidence.toml", '"low"', '"very-low"', "Very low somebody2020"),
        ("rows.toml", "We found no", "There is no", "There is no evidence."),
        ("original.txt", "cure pain. It", "cure pain. A line more. It", "has 5 sentences"),
        ("index.md", "{evidence}`back`", "{evidence}`harms`", "Not rated anybody2021 · in"),
        ("house.toml", "promises too much", "is a house rule", "is a house rule"),
    ],
)
def test_the_page_follows_what_it_is_made_of(
    pages: Project, file: str, old: str, new: str, shown: str
) -> None:
    pages.write({"house.toml": HOUSE})
    if file == "house.toml":
        pages.configure(acuext_packs=["house.toml"])
    pages.build(builder="text")
    assert shown not in said(pages)
    text = (pages.path / file).read_text(encoding="utf-8")
    pages.write({file: text.replace(old, new)})
    pages.build(builder="text")
    assert shown in said(pages)


def test_with_nothing_changed_nothing_is_written_again(pages: Project) -> None:
    pages.build(builder="text")
    page = pages.path / "_build" / "text" / "review.txt"
    written = page.stat().st_mtime_ns
    pages.build(builder="text")
    assert page.stat().st_mtime_ns == written


def test_every_flagged_sentence_of_the_post_is_shown(pages: Project) -> None:
    import review_of_post

    from acuext.rules import load_rules

    for name in (PAGE, Path(PAGE).with_suffix(".toml"), POST, "evidence.toml", "references.bib"):
        (pages.path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "docs" / name, pages.path / name)
    pages.write(
        {
            "index.md": f"# Site\n\n```{{toctree}}\n{POST[:-3]}\n{PAGE[:-3]}\n```\n",
            "review.md": None,
        }
    )
    pages.configure(
        extensions=["myst_parser", "sphinxcontrib.bibtex", "acuext", "review_of_post"],
        myst_enable_extensions=["colon_fence", "deflist"],
        myst_heading_anchors=3,
        bibtex_bibfiles=["references.bib"],
        review_of_post_original=str(SEED),
        acuext_profile="health-page",
        acuext_health_pages=["posts/**"],
    )
    built = pages.build("-W", builder="text")
    assert (built.status, built.err) == (0, "")
    page = (pages.path / "_build" / "text" / PAGE).with_suffix(".txt").read_text(encoding="utf-8")
    shown = review_of_post.plain(page)
    read = review_of_post.read_original(SEED.read_text(encoding="utf-8"), load_rules("en"))
    assert sum(sentence.flagged for sentence in read) >= 19
    missing = [s.text for s in read if s.flagged and review_of_post.plain(s.text) not in shown]
    assert missing == []
