"""When a rule fires: words, their company, their stance, and citations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from acuext import check
from acuext.engine import check_page
from acuext.matches import Match, Passage
from acuext.rules import Rules, load_rules
from acuext.text import fold

HEAD = """
language = "en"

[[rule]]
id = "TST101"
name = "under-test"
title = "A rule under test"
severity = "error"
message = '"{text}" is found.'
why = "Why not."
instead = ["otherwise"]
sources = [{ text = "the tests" }]
fires = ["x"]
quiet = ["y"]
"""

Find = Callable[..., list[str]]


@pytest.fixture
def find(tmp_path: Path) -> Callable[[str], Find]:
    """Make a finder of words from the rest of a rule."""

    def make(rest: str) -> Find:
        rules = alone(tmp_path, rest)

        def run(*passages: str | Passage) -> list[str]:
            made = [Passage(p) if isinstance(p, str) else p for p in passages]
            matches = [m for m in check_page(made, rules) if m.rule == "TST101"]
            return [made[m.passage].text[m.start : m.end] for m in matches]

        return run

    return make


def alone(folder: Path, rest: str) -> Rules:
    """The rule under test without any other, so that nothing else is compiled."""
    (folder / "rule.toml").write_text(HEAD + rest)
    rules = load_rules("en", [folder / "rule.toml"])
    tested = tuple(rule for rule in rules.rules if rule.id == "TST101")
    return replace(rules, rules=tested, fingerprint=rest)


FORBID = 'kind = "forbid"\n[[rule.trigger]]\nterms = ["balm", "soft balm"]\n'


def test_words_are_found_whole_and_in_any_case(find) -> None:
    run = find(FORBID)
    assert run("Balm, balmy, embalm, BALM; ébalm balmé _balm_ balm-like.") == [
        "Balm",
        "BALM",
        "balm",
        "balm",
    ]


def test_of_overlapping_matches_the_longest_stays(find) -> None:
    assert find(FORBID)("A soft balm.") == ["soft balm"]


def test_no_phrase_reaches_across_passages_sentences_or_objects(find) -> None:
    run = find('kind = "forbid"\n[[rule.trigger]]\nterms = ["soft ... balm"]\n')
    assert run("So soft", "balm.") == []
    assert run("It is soft. Balm is nice.") == []
    assert run("It is soft \ufffc balm.") == []
    assert run("It is soft, warm\nand good balm, soft\u00a0balm.") == ["soft\u00a0balm"]
    assert run("It is soft warm\nand good balm.") == ["soft warm\nand good balm"]


@pytest.mark.parametrize(
    ("company", "quiet", "loud"),
    [
        ('unless = ["lip balm"]', "A lip balm.", "Balm for the lip."),
        ('unless_sentence = ["tested"]', "The balm was tested.", "A balm. It was tested."),
        ('unless_next = ["tested"]', "A balm. It was tested.", "A balm. So. It was tested."),
        ('unless_block = ["tested"]', "A balm. So. It was tested.", "A balm."),
        ('only_with = ["cheap"]', "A balm.", "A cheap balm."),
    ],
)
def test_company_keeps_a_rule_quiet(find, company: str, quiet: str, loud: str) -> None:
    run = find(f'kind = "forbid"\n[[rule.trigger]]\nterms = ["balm"]\n{company}\n')
    assert run(quiet) == []
    assert [word.lower() for word in run(loud)] == ["balm"]


def test_only_some_places(find) -> None:
    run = find('kind = "forbid"\n[[rule.trigger]]\nterms = ["balm"]\nonly_in = ["heading"]\n')
    assert run("balm", Passage("balm", "heading"), Passage("balm", "cell")) == ["balm"]


def test_what_must_be_proven_is_quiet_with_a_citation_in_its_sentence(find) -> None:
    run = find('kind = "prove"\n[[rule.trigger]]\nterms = ["balm"]\n')
    text = "Balm is good. Rest is good."
    assert run(text) == ["Balm"]
    assert run(Passage(text, citations=(12,))) == []
    assert run(Passage(text, citations=(13,))) == []
    assert run(Passage(text, citations=(27,))) == ["Balm"]


def test_a_citation_in_the_same_item_or_row_counts(find) -> None:
    run = find('kind = "prove"\n[[rule.trigger]]\nterms = ["balm"]\n')
    cited = Passage("See this.", citations=(9,), group=1)
    assert run(Passage("Balm.", group=1), cited) == []
    assert run(Passage("Balm.", group=2), cited) == ["Balm"]
    assert run(Passage("Balm.", group=0), cited) == ["Balm"]


def test_plainer_words_are_suggested(tmp_path: Path) -> None:
    rest = 'kind = "prefer"\n[[rule.trigger]]\nswap = { "utilis(e|es)" = "use", "efficacy" = "effect" }\n'
    rules = alone(tmp_path, rest)
    found = [m for m in check_page([Passage("Efficacy utilises.")], rules) if m.rule == "TST101"]
    assert [m.suggestions for m in found] == [("effect",), ("use",)]


def test_long_sentences_are_found_whole(find) -> None:
    run = find('kind = "prefer"\n[[rule.trigger]]\nlonger_than = 4\n')
    assert run("One two three four. One two three four five. Six.") == ["One two three four five."]


@pytest.mark.parametrize(
    ("stance", "text"),
    [
        ("negated", "It is not a balm."),
        ("questioned", "Is it a balm?"),
        ("mentioned", "The word 'balm' is old."),
        ("hedged", "It may be a balm."),
    ],
)
def test_each_rule_says_in_which_stance_it_is_quiet(find, stance: str, text: str) -> None:
    assert find(f'kind = "forbid"\nquiet_if = ["{stance}"]\n{FORBID[16:]}')(text) == []
    assert find(f'kind = "forbid"\nquiet_if = []\n{FORBID[16:]}')(text) == ["balm"]


def test_a_marked_mention_and_an_attributed_block_quote_claim_nothing(find) -> None:
    run = find(FORBID)
    assert run(Passage("A balm, balm.", mentions=((2, 6),))) == ["balm"]
    assert run(Passage("A balm.", quoted=True)) == []


def test_hidden_characters_do_not_hide_words_nor_show_in_messages(tmp_path: Path) -> None:
    rules = alone(tmp_path, FORBID)
    [match] = [m for m in check_page([Passage("A b\u00ada\u200blm.")], rules) if m.rule == "TST101"]
    assert match.message == '"balm" is found.'


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.text(st.sampled_from("proven cures 100% safe\n.,'\"“”’—éа\u00ad\ufffcﬁ ?!-()"), max_size=80)
)
def test_spans_of_findings_hold_their_words(text: str) -> None:
    lines = text.split("\n")
    for finding in check(text):
        if finding.line == finding.end_line:
            held = lines[finding.line - 1][finding.column - 1 : finding.end_column - 1]
        else:
            held = "\n".join(
                [
                    lines[finding.line - 1][finding.column - 1 :],
                    *lines[finding.line : finding.end_line - 1],
                    lines[finding.end_line - 1][: finding.end_column - 1],
                ]
            )
        assert held == finding.text
        assert fold(held).text.strip()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(["It is proven.", "It is old.", "It cures migraine."]), max_size=6))
def test_checking_paragraphs_together_is_checking_each(paragraphs: list[str]) -> None:
    together = [(f.rule, f.text) for f in check("\n\n".join(paragraphs))]
    apart = [(f.rule, f.text) for paragraph in paragraphs for f in check(paragraph)]
    assert together == apart


def test_matches_are_plain_values() -> None:
    import pickle

    [match, *_] = check_page([Passage("It is proven to work.")], load_rules("en"))
    assert isinstance(match, Match)
    assert pickle.loads(pickle.dumps(match)) == match


def test_phrases_with_marks_meet_words_with_marks(find) -> None:
    run = find('kind = "forbid"\n[[rule.trigger]]\nterms = ["na\\u00efve cure", "fa\\u00e7ade"]\n')
    assert run("A naïve cure, a facade, a fac\u0327ade.") == [
        "naïve cure",
        "facade",
        "fac\u0327ade",
    ]
