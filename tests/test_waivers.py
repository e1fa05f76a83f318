"""Waivers accept findings of a rule in the next block or on a page, with a reason and an end."""

from __future__ import annotations

import pytest
from conftest import CLEAN, Project

IGNORE = "acuext: ignore ACU101 -- the manufacturer's own words"


@pytest.fixture
def findings(project: Project, monkeypatch: pytest.MonkeyPatch):
    """Build a page below the clean one; give rule and line of each finding, and of each waived."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795305600")  # 2026-11-22

    def build(body: str, suffix: str = "md", **settings: object):
        if suffix == "md":
            project.write({"index.md": CLEAN + "\n" + body})
        else:
            project.write({"index.rst": body})
        project.configure(acuext_health_pages=[], **settings)
        built = project.build()
        found = [(f["rule"], f["line"] - (7 if suffix == "md" else 0)) for f in built.findings]
        waived = [(f["rule"], f["reason"], f["until"]) for f in built.report["waived"]]
        return found, waived

    return build


@pytest.mark.parametrize(
    "block",
    [
        "It is proven.",
        "It is\nproven.",
        "- one\n- is proven\n\n  and proven",
        "| a | b |\n|---|---|\n| x | is proven |",
        "> It is proven.",
        "## Is proven",
        "```{figure} x.png\n:alt: is proven\n\nIs proven.\n```",
        ":::{note}\nIt is proven.\n:::",
        "Term\n: is proven",
        "(label)=\n\nIt is proven.",
        "```{list-table}\n* - is proven\n```",
    ],
)
def test_a_waiver_covers_the_next_block_of_any_kind(findings, block: str) -> None:
    found, waived = findings(
        f"% {IGNORE}\n\n{block}\n",
        myst_enable_extensions=["colon_fence", "deflist"],
        suppress_warnings=["image"],
    )
    assert found == []
    assert waived
    assert {entry[0] for entry in waived} == {"ACU101"}


def test_a_waiver_covers_no_more_than_the_next_block(findings) -> None:
    found, waived = findings(f"% {IGNORE}\n\nIt is proven.\n\nIt is proven.\n")
    assert found == [("ACU101", 5)]
    assert len(waived) == 1


def test_a_waiver_before_a_heading_covers_the_heading_only(findings) -> None:
    found, waived = findings(f"Text.\n\n% {IGNORE}\n\n## Is proven\n\nIt is proven.\n")
    assert found == [("ACU101", 7)]
    assert len(waived) == 1


def test_waivers_may_follow_each_other_and_name_rules_by_name(findings) -> None:
    found, waived = findings(
        "% acuext: ignore proof-language -- a reason\n"
        "% acuext: ignore ACU102, ACU103 -- another reason\n\n"
        "It is proven. It cures migraine. Relief is guaranteed.\n"
    )
    assert found == []
    assert sorted(waived) == [
        ("ACU101", "a reason", None),
        ("ACU102", "another reason", None),
        ("ACU103", "another reason", None),
    ]


def test_a_waiver_in_a_list_item_covers_its_next_block(findings) -> None:
    found, waived = findings(f"- one\n\n  % {IGNORE}\n\n  It is proven.\n\n- It is proven.\n")
    assert found == [("ACU101", 7)]
    assert len(waived) == 1


def test_rst_comments_are_waivers(findings) -> None:
    found, waived = findings(
        f"Page\n====\n\n.. {IGNORE}\n\nIt is proven.\n\nIt is proven.\n", suffix="rst"
    )
    assert found == [("ACU101", 8)]
    assert waived == [("ACU101", "the manufacturer's own words", None)]


def test_a_waiver_for_the_page_covers_all_of_it(findings) -> None:
    found, waived = findings(
        "It is proven.\n\nMore.\n\n% acuext: ignore-file ACU101 -- a page of quotations\n\nIt is proven.\n"
    )
    assert found == []
    assert len(waived) == 2


def test_a_waiver_ends_after_its_last_day(findings) -> None:
    text = "% acuext: ignore ACU101 until {} -- a reason\n\nIt is proven.\n"
    found, waived = findings(text.format("2026-11-22"))
    assert (found, waived) == ([], [("ACU101", "a reason", "2026-11-22")])
    found, waived = findings(text.format("2026-11-21"))
    assert (found, waived) == ([("ACU904", 1), ("ACU101", 3)], [])


@pytest.mark.parametrize(
    ("comment", "rule"),
    [
        ("ignore ACU101", "ACU902"),
        ("ignore ACU101 --", "ACU902"),
        ("ignore ACU1O1 -- a reason", "ACU903"),
        ("ignore no-such-rule -- a reason", "ACU903"),
        ("ignore ACU901 -- a reason", "ACU903"),
        ("ignore -- a reason", "ACU905"),
        ("ignor ACU101 -- a reason", "ACU905"),
        ("ignore ACU101 until tomorrow -- a reason", "ACU905"),
        ("ignore ACU101 until 2027-02-30 -- a reason", "ACU905"),
        ("", "ACU905"),
        ("ignore ACU101 til 2027-02-01 -- a reason", "ACU905"),
        ("ignore ACU101, ACU1O2 -- a reason", "ACU903"),
    ],
)
def test_a_waiver_in_disorder_is_void_and_is_a_finding(findings, comment: str, rule: str) -> None:
    found, waived = findings(f"% acuext: {comment}\n\nIt is proven.\n")
    assert found == [(rule, 1), ("ACU101", 3)]
    assert waived == []


def test_an_unused_waiver_is_a_warning(findings) -> None:
    found, waived = findings(f"% {IGNORE}\n\nIt may help.\n")
    assert (found, waived) == ([("ACU901", 1)], [])


def test_a_waiver_for_a_rule_that_is_off_is_not_called_unused(findings) -> None:
    found, _ = findings(f"% {IGNORE}\n\nIt is proven.\n", acuext_rules={"ACU101": "off"})
    assert found == []


def test_a_slip_in_a_waiver_gets_the_nearest_rule_that_can_be_waived(project: Project) -> None:
    project.write({"index.md": f"{CLEAN}\n% acuext: ignore unused-wavier -- a reason\n\nWords.\n"})
    [finding] = project.build().findings
    assert 'there is no rule "unused-wavier"' in finding["message"]
    assert "'unused-waiver'" not in finding["message"]
    project.write({"index.md": f"{CLEAN}\n% acuext: ignore proof-langage -- a reason\n\nWords.\n"})
    [finding] = project.build().findings
    assert finding["message"].endswith("\"proof-langage\"; did you mean 'proof-language'?")


@pytest.mark.parametrize("key", ["ACU101", "proof-language"])
def test_some_rules_may_never_be_waived(findings, key: str) -> None:
    found, waived = findings(f"% {IGNORE}\n\nIt is proven.\n", acuext_never_waive=[key])
    assert found == [("ACU903", 1), ("ACU101", 3)]
    assert waived == []


def test_a_health_page_may_not_waive_the_gravest_rules(findings) -> None:
    found, _ = findings(f"% {IGNORE}\n\nIt is proven.\n", acuext_profile="health-page")
    assert found == [("ACU903", 1), ("ACU101", 3)]


def test_a_waiver_in_code_is_text(findings) -> None:
    found, _ = findings(f"```\n% {IGNORE}\n```\n\nIt is proven.\n")
    assert found == [("ACU101", 5)]


def test_a_finding_about_the_page_is_waived_for_the_page(project: Project) -> None:
    project.write({"index.md": "% acuext: ignore-file ACU201 -- a list\n\n# Title\n\nText.\n"})
    built = project.build()
    assert built.findings == []
    assert [f["rule"] for f in built.report["waived"]] == ["ACU201"]


def test_a_waiver_finding_stands_on_its_comment(findings, project: Project) -> None:
    findings("% first line\n% acuext: ignore ACU101\n\nIt is proven.\n")
    finding = next(f for f in project.build().findings if f["rule"] == "ACU902")
    assert finding["text"] == "acuext: ignore ACU101"
    assert (finding["line"], finding["column"]) == (9, 3)


@pytest.mark.parametrize(
    "comment",
    [
        "% acuext: ignore ACU101 UNTIL 2027-02-01 -- a reason",
        "% ACUEXT : ignore ACU101, proof-language -- a reason",
        "% acuext: ignore ACU101 — a reason",
        "% acuext: ignore ACU101 -- a\n% reason",
        "<!-- acuext: ignore ACU101 -- a reason -->",
    ],
)
def test_a_waiver_may_be_written_in_several_ways(findings, comment: str) -> None:
    found, waived = findings(f"{comment}\n\nIt is proven.\n")
    assert found == []
    assert [entry[:2] for entry in waived] == [("ACU101", "a reason")]


def test_a_waiver_before_a_footnote_covers_the_footnote(findings) -> None:
    found, waived = findings(f"x[^1]\n\n% {IGNORE}\n\n[^1]: It is proven.\n\nIt is proven.\n")
    assert found == [("ACU101", 7)]
    assert len(waived) == 1


def test_directives_that_show_nothing_do_not_part_a_waiver_from_its_block(findings) -> None:
    found, _ = findings(
        f"Page\n====\n\n.. {IGNORE}\n\n.. highlight:: python\n\nIt is proven.\n", suffix="rst"
    )
    assert found == []
