"""Wording may not be stronger than the evidence; entries and sources hold together."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import CLEAN, Project
from hypothesis import given
from hypothesis import strategies as st

from acuext import Hedge, Judgement, Strength
from acuext.evidence import (
    CERTAINTY_WORDS,
    Certainty,
    Entry,
    Evidence,
    EvidenceError,
    allowed,
    claimed,
    load_evidence,
)
from acuext.matches import Claim
from acuext.review import Record, Settings, Spot, Use, review
from acuext.rules import load_rules

ENTRY = """
[migraine-prevention]
statement = "Added to usual care, acupuncture probably reduces how often attacks happen."
certainty = "moderate"
references = ["linde"]
comparator = "usual care"
population = "adults with migraine"
"""
RISING: list[Certainty] = ["very-low", "low", "moderate", "high"]
VERBS = list(Strength)
HEDGES = [Hedge.UNCERTAIN, Hedge.POSSIBLE, Hedge.PROBABLE, Hedge.NONE]


@pytest.mark.parametrize("attributed", [False, True])
@pytest.mark.parametrize("negated", [False, True])
def test_more_certainty_allows_more_and_stronger_words_claim_more(
    attributed: bool, negated: bool
) -> None:
    bounds = [allowed(certainty, attributed) for certainty in RISING]
    assert bounds == sorted(bounds)
    for strength in VERBS:
        said = [claimed(Judgement(strength, hedge, negated, ())) for hedge in HEDGES]
        assert said == sorted(said)
    for hedge in HEDGES:
        said = [claimed(Judgement(strength, hedge, negated, ())) for strength in VERBS]
        assert said == sorted(said)
    assert set(CERTAINTY_WORDS) == {*RISING, "not-rated"}


def page(sentence: str) -> str:
    return f"{CLEAN}\n{sentence}\n"


@pytest.mark.parametrize(
    ("certainty", "fine", "strong"),
    [
        ("high", "Acupuncture reduces migraine attacks", None),
        (
            "moderate",
            "Acupuncture probably reduces migraine attacks",
            "Acupuncture reduces migraine attacks",
        ),
        (
            "low",
            "Acupuncture may reduce migraine attacks",
            "Acupuncture probably reduces migraine attacks",
        ),
        (
            "very-low",
            "It is uncertain whether acupuncture reduces migraine attacks",
            "Acupuncture may reduce migraine attacks",
        ),
        (
            "not-rated",
            "A review of 22 trials found that acupuncture reduced migraine attacks",
            "Acupuncture reduces migraine attacks",
        ),
    ],
)
def test_a_sentence_is_held_against_the_certainty_of_its_evidence(
    project: Project, certainty: str, fine: str, strong: str | None
) -> None:
    project.configure(acuext_rules={"ACU117": "off"})
    project.write({"evidence.toml": ENTRY.replace("moderate", certainty)})
    project.write({"index.md": page(f"{fine} {{evidence}}`migraine-prevention`.")})
    assert project.build().findings == []
    if strong:
        project.write({"index.md": page(f"First.\n{strong} {{evidence}}`migraine-prevention`.")})
        [finding] = project.build().findings
        assert (finding["rule"], finding["line"], finding["column"]) == ("ACU209", 9, 1)
        assert finding["message"].endswith(f" is {CERTAINTY_WORDS[certainty]}.")


def test_the_message_says_what_to_write(project: Project) -> None:
    project.configure(acuext_rules={"ACU117": "off"})
    sentence = "Acupuncture relieves migraine {evidence}`migraine-prevention`."
    project.write({"evidence.toml": ENTRY, "index.md": page(sentence)})
    [finding] = project.build().findings
    assert finding["message"] == (
        '"relieves" is for high certainty; `migraine-prevention` is moderate.'
    )
    assert finding["suggestions"] == ["probably relieves"]
    project.write({"evidence.toml": ENTRY.replace("moderate", "low")})
    assert project.build().findings[0]["suggestions"] == ["may relieve"]


def test_a_changed_evidence_file_is_noticed_without_reading_pages(project: Project) -> None:
    sentence = "Acupuncture probably reduces attacks {evidence}`migraine-prevention`."
    project.write({"evidence.toml": ENTRY, "index.md": page(sentence)})
    assert project.build().status == 0
    project.write({"evidence.toml": ENTRY.replace("moderate", "low")})
    built = project.build()
    assert "0 added, 0 changed, 0 removed" in built.out
    assert (built.status, built.rules()) == (1, ["ACU209"])
    project.write({"evidence.toml": ENTRY.replace("[migraine-", "[headache-")})
    built = project.build()
    assert "0 added, 0 changed, 0 removed" in built.out
    said = [(f["rule"], f["severity"], f["path"], f["line"]) for f in built.findings]
    assert said == [
        ("ACU203", "warning", "evidence.toml", 1),
        ("ACU203", "error", "index.md", 8),
    ]
    assert 'there is no evidence "migraine-prevention"' in built.findings[1]["message"]


def test_an_edit_of_one_page_leaves_an_entry_unused(project: Project) -> None:
    sentence = "Acupuncture probably reduces attacks {evidence}`migraine-prevention`."
    project.write({"evidence.toml": ENTRY, "index.md": CLEAN, "a.md": page(sentence)})
    assert project.build().findings == []
    project.write({"a.md": None})
    [finding] = project.build().findings
    assert (finding["rule"], finding["text"]) == ("ACU203", "[migraine-prevention]")


def test_references_must_be_in_the_bibliography(project: Project) -> None:
    project.configure(
        extensions=["myst_parser", "sphinxcontrib.bibtex", "acuext"], bibtex_bibfiles=["all.bib"]
    )
    source = "@article{lindee, title={T}, author={A. B.}, journal={C}, year={2001}}\n"
    sentence = "Acupuncture probably reduces attacks {evidence}`migraine-prevention`."
    project.write({"all.bib": source, "evidence.toml": ENTRY, "index.md": page(sentence)})
    [finding] = project.build().findings
    assert (finding["rule"], finding["path"], finding["line"]) == ("ACU203", "evidence.toml", 1)
    assert finding["message"].endswith("is not in the bibliography; did you mean 'lindee'?.")


SPOT = Spot("index.md", (1, 1, 1, 2), "x")


def too_strong(judgement: Judgement, certainty: Certainty, attributed: bool) -> bool:
    """Whether a review finds ACU209 for a sentence worded so, with evidence of this certainty."""
    claim = Claim("entry", 0, 9, 0, 9, judgement, "reduces", attributed)
    record = Record("index", (), (), (Use(claim, SPOT, ""),), SPOT, 0, True, 1)
    entry = Entry(
        statement="It is so.",
        certainty=certainty,
        references=("x",),
        comparator="sham",
        population="adults",
    )
    evidence = Evidence("evidence.toml", {"entry": entry}, {}, ("[entry]",))
    outcome = review([record], load_rules("en"), Settings(), date.min, evidence)
    return "ACU209" in {finding.rule for finding in outcome.findings}


@given(st.sampled_from(VERBS), st.sampled_from(HEDGES), st.booleans(), st.booleans())
def test_raising_the_certainty_adds_no_finding(
    strength: Strength, hedge: Hedge, negated: bool, attributed: bool
) -> None:
    judgement = Judgement(strength, hedge, negated, ((0, 3),))
    found = [too_strong(judgement, certainty, attributed) for certainty in RISING]
    assert found == sorted(found, reverse=True)


@given(st.sampled_from(RISING), st.sampled_from(HEDGES), st.booleans(), st.booleans())
def test_strengthening_the_verb_removes_no_finding(
    certainty: Certainty, hedge: Hedge, negated: bool, attributed: bool
) -> None:
    found = [
        too_strong(Judgement(strength, hedge, negated, ((0, 3),)), certainty, attributed)
        for strength in VERBS
    ]
    assert found == sorted(found)


def test_two_claims_in_a_paragraph_are_judged_apart(project: Project) -> None:
    text = (
        "Acupuncture may reduce attacks {evidence}`migraine-prevention`.\n"
        "Acupuncture stops attacks {evidence}`migraine-prevention`. It is old."
    )
    project.configure(acuext_rules={"ACU1": "off"})
    project.write({"evidence.toml": ENTRY, "index.md": page(text)})
    [finding] = project.build().findings
    assert (finding["rule"], finding["line"]) == ("ACU209", 9)


def test_evidence_that_is_pointed_at_counts_as_a_citation(project: Project) -> None:
    project.write({"index.md": page("Studies show that it may help {evidence}`x`.")})
    assert "ACU113" not in project.build().rules()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1", "evidence.toml: entry 'x': expected `object`, got `int`"),
        (
            ENTRY.replace("certainty", "certanty"),
            "unknown key 'certanty'; did you mean 'certainty'?",
        ),
        (ENTRY.replace('"moderate"', '"medium"'), "certainty: 'medium' is not known"),
        (ENTRY.replace('references = ["linde"]\n', ""), "key 'references' is missing"),
        (ENTRY.replace('["linde"]', "[]"), "references: expected `array` of length >= 1"),
        (ENTRY.replace("[migraine-prevention]", '["Migraine!"]'), "entry 'Migraine!': write lower"),
        (ENTRY + ENTRY, "not TOML: Cannot declare"),
        (ENTRY + "[[migraine-prevention.effect]]\nestimat = 3\n", "effect[0]: "),
        (ENTRY.replace("population", 'searched = "soon"\npopulation'), "searched: "),
    ],
)
def test_a_broken_evidence_file_names_entry_key_and_reason(
    tmp_path: Path, project: Project, text: str, says: str
) -> None:
    (tmp_path / "evidence.toml").write_text(text)
    with pytest.raises(EvidenceError) as caught:
        load_evidence(tmp_path / "evidence.toml")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    project.write({"index.md": CLEAN, "evidence.toml": text})
    built = project.build()
    assert (built.status, built.err.count("\n")) == (2, 1)


def test_a_named_evidence_file_must_be_there(project: Project) -> None:
    project.write({"index.md": CLEAN})
    project.configure(acuext_evidence="claims.toml")
    built = project.build()
    assert built.status == 2
    assert "acuext_evidence: claims.toml: cannot be read: No such file" in built.err
