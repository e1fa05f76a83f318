"""What a health page must carry, each rule both ways."""

from __future__ import annotations

import re

import pytest
from conftest import Project

EVIDENCE = """
[headache]
statement = "Acupuncture probably reduces how often attacks happen."
certainty = "moderate"
references = ["review"]
comparator = "usual care"
population = "adults with migraine"

[bruises]
statement = "About 6 of 100 people had bleeding or bruising."
certainty = "not-rated"
references = ["review"]
comparator = "none"
population = "patients of doctors"
harm = true
"""
REFERENCES = """
@article{review, title = {A review}, author = {Doe, Jane}, year = {2024}, doi = {10.1/1}}
@article{older, title = {An older review}, author = {Doe, Jane}, year = {2009}, doi = {10.1/2}}
@article{replaced, title = {A review}, author = {Doe, Jane}, year = {2022}, doi = {10.1/3}, superseded_by = {review}}
@misc{against, title = {A guideline}, author = {Body, A.}, year = {2021}, url = {https://example.org/}}
@misc{lost, title = {A thing nobody finds}, author = {Doe, Jane}, year = {2024}}
"""
#: A page that has all that the profile `health-page` asks for.
PAGE = """
---
myst:
  html_meta:
    description: What is known about acupuncture for migraine.
acuext:
  author: A. Writer
  editor: B. Editor
  clinician: nobody yet
  reviewed: 2026-11-22
  review_due: 2027-11-22
  searched: up to March 2026
  funding: none
  interests: none
---
# Acupuncture for migraine

:::{consult-professional}
:::

## At a glance

It probably reduces how often attacks happen {evidence}`headache`.
Side effects are mostly mild.

## What the research shows

Added to usual care, acupuncture probably reduces how often attacks happen {evidence}`headache`.

## Harms

Bleeding or bruising was reported by about 6 of 100 people in a large study {evidence}`bruises`.
Serious harm is rare, but it does happen.

## Who should take extra care

Ask a doctor first if you take a blood thinner, have a pacemaker, are pregnant, or have an infection.

## See a doctor first if

A headache that is sudden and severe needs emergency help.

## References

```{bibliography}
```
"""


@pytest.fixture
def found(project: Project, monkeypatch: pytest.MonkeyPatch):
    """Build the page, changed, and give the rules about structure that fire."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795305600")  # 2026-11-22
    project.configure(
        acuext_profile="health-page",
        extensions=["myst_parser", "sphinxcontrib.bibtex", "sphinx_design", "acuext"],
        bibtex_bibfiles=["references.bib"],
    )

    def build(*changes: tuple[str, str], evidence: str = EVIDENCE) -> list[tuple[str, str]]:
        page = PAGE
        for old, new in changes:
            assert old in page, old
            page = page.replace(old, new)
        project.write({"index.md": page, "evidence.toml": evidence, "references.bib": REFERENCES})
        built = project.build()
        assert not re.search("Traceback|could not find", built.err)
        return [
            (finding["rule"], finding["message"])
            for finding in built.findings
            if finding["rule"].startswith("ACU2")
        ]

    return build


def rules(found: list[tuple[str, str]]) -> list[str]:
    return [rule for rule, _ in found]


def test_a_page_that_has_everything_is_quiet(found) -> None:
    assert found() == []


def section(heading: str) -> str:
    """A section of the page, as it stands there."""
    text = re.search(rf"## {heading}\n.*?(?=\n## |\Z)", PAGE, re.DOTALL)
    assert text, heading
    return text[0]


HARMS = section("Harms")
CARE = section("Who should take extra care")
SIGNS = section("See a doctor first if")
NOTICE = ":::{consult-professional}\n:::\n"


def test_an_effect_or_a_number_needs_a_source(found) -> None:
    assert rules(found(("happen {evidence}`headache`.\nSide", "happen.\nSide"))) == ["ACU202"]
    assert rules(found((" study {evidence}`bruises`", " study"))) == ["ACU203", "ACU202"]


def test_a_source_counts_for_its_list_item_and_its_table_row(found) -> None:
    row = "| What | How many |\n|---|---|\n| Bruises | 6 of 100 people {evidence}`bruises` |\n"
    assert found((HARMS, f"{HARMS}\n{row}")) == []
    bare = row.replace(" {evidence}`bruises`", "")
    assert rules(found((HARMS, f"{HARMS}\n{bare}"))) == ["ACU202"]
    item = "- 6 of 100 people had bruises. They healed {evidence}`bruises`.\n"
    assert found((HARMS, f"{HARMS}\n{item}")) == []


def test_benefits_are_not_told_without_harms(found) -> None:
    [(rule, message)] = found(
        (HARMS, "## Practice\n\nIt is said {evidence}`bruises` that some people bled.\n")
    )
    assert (rule, "no section tells of harms" in message) == ("ACU207", True)


def test_harms_stand_as_high_as_benefits(found) -> None:
    [(rule, message)] = found(("## Harms", "## More\n\n### Harms"))
    assert (rule, "lower level" in message) == ("ACU207", True)


def test_harms_are_not_folded_away(found) -> None:
    # A fold cannot hold a heading, but may hold a box with a title.
    text = HARMS.removeprefix("## Harms\n")
    box = f"::::{{dropdown}} More\n:::{{admonition}} Harms\n{text}:::\n::::\n"
    said = [message for rule, message in found((HARMS, box)) if rule == "ACU207"]
    assert any("hidden" in message for message in said)


def test_a_word_or_two_about_harms_is_not_enough(found) -> None:
    more = "It was tried in many places and at many times by many people. " * 40
    [(rule, message)] = found(("## Harms", f"{more}\n\n## Harms"))
    assert (rule, "15 % is the least" in message) == ("ACU207", True)


def test_the_summary_names_a_harm(found) -> None:
    [(rule, message)] = found(("Side effects are mostly mild.\n", ""))
    assert (rule, '"At a glance" names no harm' in message) == ("ACU207", True)


def test_the_page_says_who_should_take_care(found) -> None:
    [(rule, message)] = found((CARE, "\n"))
    assert (rule, "take extra care" in message) == ("ACU208", True)
    [(rule, message)] = found(("are pregnant, ", ""))
    assert (rule, message.endswith("do not name pregnancy.")) == ("ACU208", True)


def test_cautions_of_needling_are_asked_of_pages_on_needling_alone(found) -> None:
    assert (
        found(("# Acupuncture for migraine", "# Yoga for migraine"), ("are pregnant, ", "")) == []
    )


def test_the_page_says_when_to_see_a_doctor_first(found) -> None:
    [(rule, message)] = found((SIGNS, "\n"))
    assert (rule, "when to see a doctor" in message) == ("ACU208", True)
    [(rule, message)] = found(("needs emergency help", "needs a scan"))
    assert (rule, "emergency" in message) == ("ACU208", True)


WHOLE = """
| Who | Compared with | Outcome | Time | Effect (attacks) | Interval | People | Certainty | Source |
|---|---|---|---|---|---|---|---|---|
| adults | usual care | attacks | 3 months | 2 fewer | 1 to 3 | 100 | moderate | {evidence}`headache` |
"""


def test_a_table_of_evidence_is_whole(found) -> None:
    assert found((HARMS, f"{WHOLE}\n{HARMS}")) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Compared with", "Notes", "no column for comparator"),
        ("| 100 |", "| |", "a cell is empty"),
        ("Effect (attacks)", "Effect", "quiet"),
        ("2 fewer", "-2", "quiet"),
    ],
)
def test_a_table_of_evidence_with_a_gap_is_found(found, old: str, new: str, said: str) -> None:
    messages = [message for _, message in found((HARMS, f"{WHOLE.replace(old, new)}\n{HARMS}"))]
    assert [said in message for message in messages] == ([] if said == "quiet" else [True])


def test_an_effect_in_a_table_has_its_unit(found) -> None:
    table = WHOLE.replace("Effect (attacks)", "Effect").replace("2 fewer", "-2")
    [(rule, message)] = found((HARMS, f"{table}\n{HARMS}"))
    assert (rule, "give its unit" in message) == ("ACU210", True)


def test_other_tables_are_left_alone(found) -> None:
    table = "| When | What |\n|---|---|\n| Monday | |\n"
    assert found((HARMS, f"{table}\n{HARMS}")) == []


def test_the_page_says_how_far_its_sources_looked(found) -> None:
    assert rules(found(("  searched: up to March 2026\n", ""))) == ["ACU211"]


def test_a_source_that_was_superseded_is_found_unless_the_newer_one_is_cited(found) -> None:
    headache, bruises = EVIDENCE.split("[bruises]")
    only_old = headache + "[bruises]" + bruises.replace('["review"]', '["replaced"]')
    assert found(evidence=only_old) == []
    assert rules(found(evidence=only_old.replace('["review"]', '["replaced"]'))) == ["ACU211"]


def test_an_old_source_is_a_note_for_the_editor(found, project: Project) -> None:
    evidence = EVIDENCE.replace('["review"]', '["older"]', 1)
    assert rules(found(evidence=evidence)) == ["ACU211"]
    assert "ACU211" not in project.build().rules("error", "warning")


def test_a_notice_that_must_be_opened_does_not_do(found) -> None:
    folded = ":::{consult-professional}\n:class: dropdown\n:::\n"
    assert rules(found((NOTICE, folded))) == ["ACU212"]
    nested = f"::::{{dropdown}} Please note\n{NOTICE}::::\n"
    assert rules(found((NOTICE, nested))) == ["ACU212"]


def test_a_notice_stands_above_the_first_claim(found) -> None:
    assert rules(found((NOTICE, ""), ("## Harms", f"{NOTICE}\n## Harms"))) == ["ACU212"]


def test_a_guideline_that_disagrees_is_named(found) -> None:
    evidence = EVIDENCE.replace("[bruises]", 'disagrees = ["against"]\n\n[bruises]')
    assert rules(found(evidence=evidence)) == ["ACU213"]
    assert (
        found(("Serious harm", "Not all agree {cite:p}`against`. Serious harm"), evidence=evidence)
        == []
    )
    assert (
        found(
            ("Serious harm", "Not all agree {footcite:p}`against`. Serious harm"), evidence=evidence
        )
        == []
    )


def test_a_page_describes_itself(found) -> None:
    assert rules(
        found(("    description: What is known about acupuncture for migraine.", "    a: b"))
    ) == ["ACU215"]


@pytest.mark.parametrize(
    ("told", "right"),
    [
        ("author: Somebody Else", "author: A. Writer"),
        ("last-reviewed: '2020-01-01'", "last-reviewed: '2026-11-22'"),
        ("reviewedBy: Dr Nobody", "keywords: migraine"),
    ],
)
def test_machines_are_told_what_readers_see(found, told: str, right: str) -> None:
    assert rules(found(("    description:", f"    {told}\n    description:"))) == ["ACU215"]
    assert found(("    description:", f"    {right}\n    description:")) == []


def test_linked_data_of_the_page_itself_is_held_against_the_record(found) -> None:
    data = '{"@type": "MedicalWebPage", "reviewedBy": {"@type": "Person", "name": "Dr Nobody"}}'
    raw = f'```{{raw}} html\n<script type="application/ld+json">{data}</script>\n```\n'
    assert rules(found(("## Harms", f"{raw}\n## Harms"))) == ["ACU215"]


def test_a_source_that_nobody_can_find_is_found(found) -> None:
    evidence = EVIDENCE.replace('["review"]', '["lost"]', 1)
    [(rule, message)] = found(evidence=evidence)
    assert (rule, "no DOI" in message) == ("ACU203", True)


def test_two_entries_that_say_the_same_are_found(found) -> None:
    twin = EVIDENCE.split("[bruises]", maxsplit=1)[0].replace("[headache]", "[twin]")
    used = ("Serious harm", "So it is {evidence}`twin`. Serious harm")
    [(rule, message)] = found(used, evidence=EVIDENCE + twin)
    assert (rule, "says the same as `headache`" in message) == ("ACU203", True)


def test_pages_that_are_no_health_pages_need_none_of_it(found, project: Project) -> None:
    project.configure(acuext_health_pages=["posts/**"])
    assert found((CARE, "\n"), (SIGNS, "\n"), (HARMS, "\n"), (NOTICE, "\n")) == [
        ("ACU203", "The evidence does not hold together: no page uses the evidence `bruises`.")
    ]


def test_the_profile_core_asks_for_none_of_it(found, project: Project) -> None:
    project.configure(acuext_profile="core")
    assert found((CARE, "\n"), (SIGNS, "\n"), ("## Harms", "### Harms")) == []


@pytest.mark.parametrize(
    ("heading", "rule"),
    [
        ("Harms", "Risks and complications"),
        ("Harms", "Is acupuncture safe?"),
        ("Harms", "What could go wrong?"),
        ("Harms", "Hazards"),
        ("Harms", "Possible side effects"),
        ("Harms", "Pros and cons"),
        ("Who should take extra care", "Who can and cannot have it"),
        ("Who should take extra care", "Before having acupuncture"),
        ("Who should take extra care", "Warnings"),
        ("Who should take extra care", "Who shouldn’t have it"),
        ("Who should take extra care", "Is it safe in pregnancy?"),
        ("See a doctor first if", "When should I see a doctor?"),
        ("See a doctor first if", "Call 999 or go to A&E if"),
        ("See a doctor first if", "Immediate action required"),
        ("See a doctor first if", "When to get medical help"),
    ],
)
def test_sections_are_known_by_what_health_services_call_them(found, heading, rule) -> None:
    assert found((f"## {heading}", f"## {rule}")) == []


@pytest.mark.parametrize(
    "heading",
    ["Risk factors", "Sleep problems", "Risk of bias", "Who is at risk?", "Complications of gout"],
)
def test_sections_about_the_illness_tell_no_harms_of_the_treatment(found, heading: str) -> None:
    [(rule, message)] = found(("## Harms", f"## {heading}"))
    assert (rule, "no section tells of harms" in message) == ("ACU207", True)


def test_when_to_come_again_is_no_sign_of_danger(found) -> None:
    assert rules(found(("## See a doctor first if", "## When to get your next session"))) == [
        "ACU208"
    ]


def test_a_claim_on_a_page_without_sections_asks_for_harms(found) -> None:
    parts = (section("At a glance"), section("What the research shows"), HARMS, CARE, SIGNS)
    changes = [(part, "") for part in parts[1:]]
    said = found((parts[0], "It may help {evidence}`headache`.\n"), *changes)
    assert any("no section tells of harms" in message for _, message in said)


def test_a_section_with_both_sides_in_sections_of_their_own_is_in_balance(found) -> None:
    assert (
        found(("## What the", "## Is it for me?\n\n### What the"), ("## Harms", "### Harms")) == []
    )


@pytest.mark.parametrize(
    ("opening", "hidden"), [(":::{dropdown} Harms", True), (":::{card} Harms", False)]
)
def test_a_box_or_fold_with_a_title_is_a_part_of_the_page(found, opening, hidden) -> None:
    body = HARMS.removeprefix("## Harms\n")
    said = [message for _, message in found((HARMS, f"{opening}\n{body}:::\n"))]
    assert not any("no section tells of harms" in message for message in said)
    assert any("hidden" in message for message in said) == hidden


@pytest.mark.parametrize(("tabs", "found_rules"), [("An", []), ("No", ["ACU212"])])
def test_the_first_tab_is_open(found, tabs: str, found_rules: list[str]) -> None:
    first = "" if tabs == "An" else ":::{tab-item} First\nText.\n:::\n"
    tab = f"::::::{{tab-set}}\n{first}:::::{{tab-item}} Note\n{NOTICE}:::::\n::::::\n"
    assert rules(found((NOTICE, tab))) == found_rules


def test_a_head_may_name_two_columns(found) -> None:
    table = re.sub(r"Effect \(attacks\) \| Interval", "Effect (95 % CI)", WHOLE)
    table = table.replace("|---|---|", "|---|", 1).replace("2 fewer | 1 to 3", "2 fewer (1 to 3)")
    assert found((HARMS, f"{table}\n{HARMS}")) == []


def test_a_row_with_one_cell_is_a_heading_of_rows(found) -> None:
    table = WHOLE.replace("| adults |", "| **Migraine** | | | | | | | | |\n| adults |")
    assert found((HARMS, f"{table}\n{HARMS}")) == []


def test_a_table_without_a_head_is_read_by_its_first_row(found) -> None:
    cells = ["Outcome", "Effect", "Certainty", "Source", "attacks", "2 fewer", "low", "a review"]
    lines = [f"{'* -' if i % 4 == 0 else '  -'} {cell}" for i, cell in enumerate(cells)]
    table = "```{list-table}\n" + "\n".join(lines) + "\n```\n"
    [(rule, message)] = found((HARMS, f"{table}\n{HARMS}"))
    assert (rule, "no column for population" in message) == ("ACU210", True)


def test_a_cell_that_spans_columns_is_not_empty(found) -> None:
    table = """
```{eval-rst}
+----------+-----------+-------------------+
| Outcome  | Certainty | Result            |
|          |           +---------+---------+
|          |           | Effect  | Range   |
+==========+===========+=========+=========+
| attacks  | low       | not reported      |
+----------+-----------+-------------------+
```
"""
    said = [message for _, message in found((HARMS, f"{table}\n{HARMS}"))]
    assert [("no column for" in message, "empty" in message) for message in said] == [(True, False)]


def test_a_description_for_machines_needs_no_source(found) -> None:
    plain = "What is known about acupuncture for migraine."
    assert found((plain, "How acupuncture may reduce pain.")) == []


def test_a_guideline_that_is_not_in_the_bibliography_is_found(found) -> None:
    evidence = EVIDENCE.replace("[bruises]", 'disagrees = ["againts"]\n\n[bruises]')
    [(rule, message)] = found(evidence=evidence)
    assert (rule, "did you mean 'against'" in message) == ("ACU203", True)


@pytest.mark.parametrize("newer", ["nowhere", "replaced"])
def test_what_took_the_place_of_a_source_is_in_the_bibliography(
    found, monkeypatch: pytest.MonkeyPatch, newer: str
) -> None:
    changed = REFERENCES.replace("superseded_by = {review}", f"superseded_by = {{{newer}}}")
    monkeypatch.setitem(globals(), "REFERENCES", changed)
    [(rule, message)] = found(evidence=EVIDENCE.replace('["review"]', '["replaced"]', 1))
    assert (rule, "is superseded by" in message) == ("ACU203", True)


def test_a_superseded_source_is_found_also_where_no_evidence_stands_between(found) -> None:
    evidence = EVIDENCE.replace('["review"]', '["against"]')
    said = found(("Serious harm", "So says {cite:p}`replaced`. Serious harm"), evidence=evidence)
    assert rules(said) == ["ACU211"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("editor: B. Editor", "editor: A. Writer, nurse", "must be its editor"),
        ("clinician: nobody yet", "clinician: A. Writer, nurse", "must be its clinician"),
        ("clinician: nobody yet", "clinician: TBD", "name its clinician"),
        ("author: A. Writer", "author: nobody yet", "name its author"),
        ("funding: none", "funding: '?'", "say its funding"),
        ("review_due: 2027-11-22", "review_due: 2026-01-01", "before the last one"),
        ("reviewed: 2026-11-22", "reviewed: 22/11/2026", "is no date"),
    ],
)
def test_a_record_that_says_nothing_is_found(found, old: str, new: str, said: str) -> None:
    [(_, message)] = found((old, new))
    assert said in message


LINKED = '```{{raw}} html\n<script type="application/ld+json">{}</script>\n```\n'


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        ('{"lastReviewed": "2026-11-22T00:00:00Z"}', 0),
        ('{"lastReviewed": 20200101}', 1),
        ('{"author": [{"name": "A. Writer"}]}', 0),
        ('{"author": [{"name": "Dr Nobody"}]}', 1),
        ('{"author": ["Dr Nobody"]}', 1),
        ('{"citation": {"author": {"name": "Doe, Jane"}}}', 0),
        ('{"author": ', 1),
    ],
)
def test_linked_data_is_read_as_search_engines_read_it(found, data: str, messages: int) -> None:
    raw = LINKED.format(data)
    assert rules(found(("## Harms", f"{raw}\n## Harms"))) == ["ACU215"] * messages


def test_a_name_may_be_told_without_its_role(found) -> None:
    told = ("    description:", "    author: A. Writer\n    description:")
    assert found(told, ("author: A. Writer\n  editor", "author: A. Writer, nurse\n  editor")) == []


def test_a_clinician_is_nobody_however_it_is_written(found, project: Project) -> None:
    found(("clinician: nobody yet", "clinician: Nobody yet."))
    project.build(builder="html")
    page = (project.path / "_build" / "html" / "index.html").read_text(encoding="utf-8")
    assert '"reviewedBy"' not in page


def test_a_cell_of_its_own_is_the_source_of_its_row(found) -> None:
    table = "| What | Source |\n|---|---|\n| Acupuncture may ease attacks | {} |\n"
    known = table.format("{evidence}`headache`")
    assert found((HARMS, f"{known}\n{HARMS}")) == []
    [(rule, message)] = found((HARMS, f"{table.format('{evidence}`haedache`')}\n{HARMS}"))
    assert (rule, "did you mean 'headache'" in message) == ("ACU203", True)


def test_evidence_in_a_cell_of_its_own_is_used(found) -> None:
    table = "| What | Source |\n|---|---|\n| Bleeding | {evidence}`bruises` |\n"
    assert found(
        (" {evidence}`bruises`", ""), ("Bleeding or bruising was", f"{table}\nIt was")
    ) == [("ACU202", '"6 of 100 people" needs a source.')]


def test_harms_whose_text_is_folded_away_are_hidden(found) -> None:
    text = HARMS.removeprefix("## Harms\n")
    [(rule, message)] = found((HARMS, f"## Harms\n\n:::{{dropdown}} Read more\n{text}:::\n"))
    assert (rule, "hidden" in message) == ("ACU207", True)


def test_a_page_without_a_title_is_marked_at_its_first_words(found, project: Project) -> None:
    found(
        (PAGE.partition("---\n# ")[2], "x"), ("---\n# x", "---\nAcupuncture needs thin needles.\n")
    )
    marked = {one["text"] for one in project.build().findings if one["rule"] == "ACU208"}
    assert marked == {"Acupuncture needs thin needles."}
