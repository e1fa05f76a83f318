"""The gate: nothing gets past it, whatever the builder and whatever was built before."""

from __future__ import annotations

import pytest
from conftest import CLAIM, CLEAN, Project

BUILDERS = ["html", "dirhtml", "singlehtml", "latex", "epub", "text", "man", "gettext", "dummy"]


def clean_and_claim() -> dict[str, str]:
    return {"index.md": CLEAN + "\n```{toctree}\npage\n```\n", "page.md": CLAIM}


@pytest.mark.parametrize("builder", [*BUILDERS, "acuext", "linkcheck"])
def test_a_claim_fails_every_builder_on_every_build(project: Project, builder: str) -> None:
    project.write(clean_and_claim())
    first = project.build(builder=builder)
    second = project.build(builder=builder)
    assert (first.status, second.status) == (1, 1)
    assert "page.md:3: ERROR: ACU101" in first.err
    assert "page.md:3: ERROR: ACU101" in second.err
    assert first.report_bytes == second.report_bytes


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_clean_project_builds_without_a_warning(project: Project, builder: str) -> None:
    project.configure(version="1", copyright="nobody")
    project.write({"index.md": CLEAN})
    for _ in range(2):
        built = project.build("-W", builder=builder)
        assert built.err == ""
        assert (built.status, built.findings) == (0, [])


def test_nothing_is_read_again_when_nothing_changed(project: Project) -> None:
    project.write(clean_and_claim())
    project.build(builder="html")
    built = project.build(builder="html")
    assert "0 added, 0 changed, 0 removed" in built.out
    project.configure(acuext_gate="report", acuext_rules={"ACU101": "info"})
    assert "0 added, 0 changed, 0 removed" in project.build(builder="html").out


def test_a_rule_that_is_switched_on_is_looked_for_on_every_page(project: Project) -> None:
    project.write(clean_and_claim())
    project.configure(acuext_rules={"ACU101": "off", "ACU102": "off"})
    assert project.build().findings == []
    project.configure(acuext_rules={"ACU102": "off"})
    assert project.build().rules() == ["ACU101"]


def test_another_profile_is_looked_for_on_every_page(project: Project) -> None:
    project.write({"index.md": f"{CLEAN}\nAcupuncture relieves pain in 6 of 10 people.\n"})
    found = {"ACU202", "ACU208"}
    assert found.isdisjoint(project.build().rules())
    project.configure(acuext_profile="health-page")
    assert found <= {*project.build().rules()}


def test_mending_the_page_opens_the_gate(project: Project) -> None:
    project.write(clean_and_claim())
    assert project.build().status == 1
    project.write({"page.md": CLEAN})
    assert project.build().status == 0
    project.write({"page.md": CLAIM})
    assert project.build().status == 1


def test_deleting_and_renaming_pages_leaves_no_finding_behind(project: Project) -> None:
    project.write(clean_and_claim() | {"other.md": CLAIM})
    assert [f["path"] for f in project.build().findings if f["rule"] == "ACU101"] == [
        "other.md",
        "page.md",
    ]
    project.write({"other.md": None, "page.md": None, "index.md": CLEAN, "renamed.md": CLAIM})
    built = project.build()
    assert built.status == 1
    assert {f["path"] for f in built.findings} == {"renamed.md"}
    project.write({"renamed.md": None})
    assert project.build().status == 0


def test_any_sequence_of_edits_equals_a_fresh_build(project: Project) -> None:
    steps: list[dict[str, str | bytes | None]] = [
        {"index.md": CLEAN, "a.md": CLAIM, "b.md": CLEAN},
        {"b.md": CLAIM, "a.md": CLEAN},
        {"c.md": CLAIM, "a.md": None},
        {"index.md": CLAIM},
        {"b.md": "# No notice\n\nNothing here.\n"},
        {"c.md": None, "b.md": CLEAN},
    ]
    for number, step in enumerate(steps):
        project.write(step)
        incremental = project.build(out="incremental")
        fresh = project.build(out=f"fresh-{number}")
        assert incremental.report_bytes == fresh.report_bytes
        assert incremental.status == fresh.status


def test_parallel_equals_serial(project: Project) -> None:
    project.write({"index.md": CLEAN})
    project.write({f"page{n}.md": CLAIM if n % 3 else CLEAN for n in range(15)})
    serial = project.build("-j", "1", out="serial", builder="dummy")
    parallel = project.build("-j", "2", out="parallel", builder="dummy")
    assert serial.status == parallel.status == 1
    assert serial.report_bytes == parallel.report_bytes
    assert serial.err == parallel.err
    project.write({"page1.md": CLEAN, "page3.md": CLAIM})
    after = project.build("-j", "2", out="parallel", builder="dummy")
    assert after.report_bytes == project.build("-E", out="serial", builder="dummy").report_bytes


def test_suppressed_warnings_hide_the_log_and_not_the_gate(project: Project) -> None:
    project.write(clean_and_claim())
    project.configure(suppress_warnings=["acuext"])
    for _ in range(2):
        built = project.build()
        assert built.status == 1
        assert built.err == ""
        assert "ACU101" in built.rules()
        assert "suppress_warnings" in built.out


def test_a_silent_build_fails_too(project: Project) -> None:
    project.write(clean_and_claim())
    built = project.build("-Q")
    assert (built.status, built.err) == (1, "")
    assert "ACU101" in built.rules()


def test_two_builders_share_one_doctree_folder(project: Project) -> None:
    project.write(clean_and_claim())
    reports = {
        project.build(builder=builder, doctrees="shared").report_bytes
        for builder in ("html", "latex", "text", "dirhtml", "html")
    }
    assert len(reports) == 1


def test_an_exception_to_a_build_does_not_lose_the_finding(project: Project) -> None:
    project.write(clean_and_claim())
    assert project.build("--exception-on-warning", builder="html").status != 0
    assert project.build(builder="html").status == 1


def test_building_one_page_judges_all(project: Project) -> None:
    project.write(clean_and_claim())
    built = project.build(builder="html")
    assert built.status == 1
    from sphinx.cmd.build import build_main

    trees = project.path / "_build" / "trees-html"
    arguments = ["-q", "-b", "html", "-d", str(trees), str(project.path)]
    arguments += [str(project.path / "_build" / "html"), str(project.path / "index.md")]
    assert build_main(arguments) == 1


def test_the_report_gate_logs_and_lets_through(project: Project) -> None:
    project.write({"index.md": CLAIM + "\n```{toctree}\npage\n```\n", "page.md": CLAIM})
    project.configure(acuext_gate="report")
    for _ in range(2):
        built = project.build("-W", builder="html")
        assert (built.status, built.err) == (0, "")
        for page in ("index.md", "page.md"):
            assert f"\n{project.path / page}:3: ERROR: ACU101" in built.out
        assert built.rules("error").count("ACU101") == 2


def test_an_included_file_is_judged_again_when_it_changes(project: Project) -> None:
    page = CLEAN + "\n```{include} parts/claim.md\n```\n"
    project.write({"index.md": page, "two.md": page, "parts/claim.md": "It may help a little.\n"})
    assert project.build().status == 0
    project.write({"parts/claim.md": "First.\n\nIt is proven to work.\n"})
    built = project.build()
    assert built.status == 1
    [finding] = [f for f in built.findings if f["rule"] == "ACU101"]
    assert (finding["path"], finding["line"]) == ("parts/claim.md", 3)
    assert finding["pages"] == ["index", "two"]


HOUSE = """
language = "en"

[[rule]]
id = "HSE101"
name = "house-word"
title = "A word of the house"
kind = "forbid"
severity = "error"
message = '"{text}" is not our word.'
why = "We have agreed so."
instead = ["soothing"]
sources = [{ text = "The house's own style" }]
fires = ["It is balmy."]
quiet = ["It is warm."]

[[rule.trigger]]
terms = ["balmy"]
"""


def test_a_changed_pack_is_noticed(project: Project) -> None:
    page = CLEAN + "\nA balmy, mellow day.\n"
    project.write({"index.md": page, "packs/house.toml": HOUSE})
    project.configure(acuext_packs=["packs/house.toml"])
    assert project.build().rules() == ["HSE101"]
    project.write({"packs/house.toml": HOUSE.replace('terms = ["balmy"]', 'terms = ["mellow"]')})
    [finding] = project.build().findings
    assert finding["text"] == "mellow"
    project.configure(acuext_packs=[])
    assert project.build().findings == []


@pytest.mark.parametrize(
    ("settings", "severities"),
    [
        ({}, ["error"]),
        ({"ACU101": "warning"}, ["warning"]),
        ({"ACU": "info"}, ["info"]),
        ({"ACU101": "error", "proof-language": "off", "ACU": "info"}, ["error"]),
        ({"proof-language": "off", "ACU1": "error"}, []),
        ({"ACU": "off", "ACU10": "warning"}, ["warning"]),
    ],
)
def test_a_changed_severity_acts_on_a_build_with_nothing_to_do(
    project: Project, settings: dict[str, str], severities: list[str]
) -> None:
    project.write({"index.md": CLEAN + "\nIt is proven to work.\n"})
    project.build()
    project.configure(acuext_rules=settings)
    built = project.build()
    assert [f["severity"] for f in built.findings if f["rule"] == "ACU101"] == severities
    assert built.status == (
        1 if "error" in built.report["summary"] and severities == ["error"] else 0
    )


def test_a_missing_notice_points_at_the_title(project: Project) -> None:
    project.write({"index.md": "Preface.\n\n# Needles\n\nAcupuncture is old.\n"})
    built = project.build()
    assert built.status == 1
    [finding] = built.findings
    assert finding["rule"] == "ACU201"
    assert (finding["line"], finding["column"], finding["text"]) == (3, 3, "Needles")


def test_a_missing_notice_says_how_to_add_one_whatever_the_markup(project: Project) -> None:
    project.write({"index.md": "# Needles\n\nOld.\n"})
    [finding] = project.build().findings
    tried = finding["suggestions"][0]
    # Without an extension of MyST `:::` is text, and formats of one line would join two lines.
    assert "```{consult-professional} in Markdown" in tried
    assert ".. consult-professional:: in reStructuredText" in tried
    assert "\n" not in tried


@pytest.mark.parametrize(
    ("page", "missing"),
    [
        (":::{consult-professional}\n:::", False),
        (":::{consult-professional}\nTalk to your doctor first.\n:::", False),
        ("```{eval-rst}\n.. consult-professional::\n```", False),
        (":::{note}\nAsk a doctor or pharmacist before you try it.\n:::", False),
        (":::{admonition} See your doctor\nFirst of all.\n:::", False),
        ("> Ask a doctor.", True),
        ("Ask a doctor.", True),
        ("% Ask a doctor.", True),
        ("```\n:::{note}\nAsk a doctor.\n:::\n```", True),
        (":::{note}\nYou do not need to see a doctor.\n:::", True),
        (":::{note}\nNeedles are thin.\n:::", True),
        ("```{only} latex\n:::{consult-professional}\n:::\n```", True),
        ("<div class='admonition'>Ask a doctor.</div>", True),
    ],
)
def test_the_notice_must_be_seen_and_must_say_so(
    project: Project, page: str, missing: bool
) -> None:
    project.write({"index.md": f"# Needles\n\n{page}\n"})
    assert ("ACU201" in project.build().rules()) is missing


@pytest.mark.parametrize(
    ("said", "exempt"),
    [
        ("acuext:\n  health: false", True),
        ("acuext:\n  health: no", True),
        ("acuext:\n  health: 'no'", False),
        ("acuext:\n  health: 0", False),
        ("acuext:\n  health:", False),
        ("acuext: false", False),
        ("health: false", False),
    ],
)
def test_only_a_plain_false_exempts_a_page(project: Project, said: str, exempt: bool) -> None:
    project.write({"index.md": f"---\n{said}\n---\n# Tool\n\nIt is proven to work.\n"})
    rules = project.build().rules()
    assert ("ACU201" not in rules) is exempt
    assert "ACU101" in rules


def test_rst_pages_exempt_themselves_by_a_field(project: Project) -> None:
    project.write(
        {
            "index.rst": ":acuext-health: false\n\nTool\n====\n\nWords.\n",
            "page.rst": ":acuext-health: maybe\n:orphan:\n\nTool\n====\n\nWords.\n",
        }
    )
    project.configure(extensions=["acuext"])
    [finding] = project.build().findings
    assert (finding["rule"], finding["path"]) == ("ACU201", "page.rst")


def test_health_pages_are_chosen_by_globs(project: Project) -> None:
    bare = "# Bare\n\nWords.\n"
    project.write({"index.md": bare, "posts/a.md": bare, "posts/deep/b.md": bare, "ref/c.md": bare})
    project.configure(acuext_health_pages=["posts/**"])
    assert [f["path"] for f in project.build().findings] == ["posts/a.md", "posts/deep/b.md"]
    project.configure(acuext_health_pages=["*"])
    assert [f["path"] for f in project.build().findings] == ["index.md"]


def test_another_language_has_no_rules_and_says_so(project: Project) -> None:
    project.write({"index.md": "# Nadeln\n\nproven to work, garantiert.\n", "b.md": CLAIM})
    project.configure(language="de")
    built = project.build()
    assert "no rules for de" in built.out
    assert [(f["rule"], f["path"]) for f in built.findings] == [("ACU201", "index.md")]


def test_rules_of_a_language_are_those_of_its_regions(project: Project) -> None:
    project.write({"index.md": CLAIM})
    project.configure(language="en_GB")
    assert "ACU101" in project.build().rules()


def test_titles_in_a_bibliography_are_not_our_words(project: Project) -> None:
    project.configure(
        extensions=["myst_parser", "sphinxcontrib.bibtex", "acuext"], bibtex_bibfiles=["all.bib"]
    )
    source = "@article{a, title={It is proven: cures}, author={A. B.}, journal={C}, year={2001}}\n"
    body = "\nNot much{footcite:p}`a` and [^own].\n\n[^own]: It is proven.\n\n```{footbibliography}\n```\n"
    project.write({"index.md": CLEAN + body, "all.bib": source})
    assert [(f["rule"], f["line"]) for f in project.build().findings] == [("ACU101", 10)]
