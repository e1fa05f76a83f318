"""Every rule against its own examples and the fixtures of the rules' review; bad packs."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from acuext.engine import check_page
from acuext.matches import Match, Passage
from acuext.rules import (
    PackError,
    Rule,
    Rules,
    check_phrases,
    compile_pattern,
    load_rules,
    phrase_pattern,
)

#: Kinds of rules that judge words; the examples of the others are told in words.
WORDED = ("forbid", "prove", "prefer", "strength")

#: Rule, a sentence on which it must fire, and one on which it must stay quiet.
FIXTURES = [
    (
        "ACU101",
        "Acupuncture has proven to be effective.",
        "Acupuncture has not been proven to work for nerve pain.",
    ),
    ("ACU102", "It cures migraine.", "There is no cure for osteoarthritis."),
    ("ACU103", "Relief is guaranteed.", "No one can guarantee relief."),
    (
        "ACU104",
        "It is completely safe, with no side effects.",
        (
            "It is generally considered safe with sterile needles; about 9 in 100 people bleed, "
            "bruise or have another side effect."
        ),
    ),
    ("ACU105", "A breakthrough for your back.", "Breakthrough pain can happen between doses."),
    (
        "ACU106",
        "The most effective treatment for pain.",
        "The best available evidence is a 2016 review.",
    ),
    (
        "ACU107",
        "Enjoy permanent relief.",
        "Tell them about a permanent pacemaker, for instance.",
    ),
    (
        "ACU108",
        "Used for 3,000 years, so you know it works.",
        "The practice began in China.",
    ),
    ("ACU109", "It detoxifies and boosts immunity.", "A balanced account lists harms."),
    (
        "ACU110",
        "Needles unblock your energy.",
        "Traditional theory describes a vital energy called qi.",
    ),
    (
        "ACU111",
        "Needling releases endorphins, which stops pain.",
        "One idea, tested in mice, is that adenosine is released.",
    ),
    (
        "ACU112",
        "Choose needles instead of painkillers.",
        "Do not use acupuncture instead of a prescribed medicine.",
    ),
    ("ACU113", "Studies show it works.", "Few studies have looked at dental pain."),
    ("ACU114", "Doctors agree it works.", "Tell your doctor."),
    ("ACU115", '"My pain vanished!" - Jo, 52', "Testimonials are not evidence."),
    (
        "ACU116",
        "It cuts attacks by 50%.",
        "Attacks halved in 41 of 100 people, against 17 of 100.",
    ),
    (
        "ACU117",
        "Acupuncture relieves back pain.",
        "Acupuncture may relieve hip pain slightly.",
    ),
    ("ACU118", "Results are promising.", "One trial of 35 people is too small to tell."),
    (
        "ACU119",
        "It helps everything from migraine to asthma.",
        "It has been studied for migraine; see the table.",
    ),
    (
        "ACU120",
        "It gave significant relief.",
        "The change was statistically significant but too small to matter: 0.9 points of 20.",
    ),
    (
        "ACU121",
        "Act now, before it is too late.",
        "Call an ambulance now if you have chest pain.",
    ),
    ("ACU122", "People had less pain.", "People had less pain than with no treatment."),
]

#: Double turns and other traps: rule, sentence, whether the rule fires.
TRICKY = [
    ("ACU101", "It is not only proven but popular.", True),
    ("ACU106", "Nothing works better.", True),
    ("ACU102", "There is no doubt it cures migraine.", True),
    ("ACU102", "No doubt it cures.", True),
    ("ACU102", "It is not true that acupuncture cures cancer.", False),
    ("ACU103", "Acupuncture never fails.", True),
    ("ACU103", "It cannot fail.", True),
    ("ACU101", "'Proven' is a word to avoid.", False),
    ("ACU101", "The word \u201cproven\u201d is best left out.", False),
    ("ACU102", "It is a myth that acupuncture cures cancer.", False),
    ("ACU102", "Can acupuncture cure migraine?", False),
    ("ACU102", "It is\u00a0a\u00a0cure for arth\u00adritis.", True),
    ("ACU104", "It is risk\u2011free relief: a risk\u2010free treatment.", True),
    ("ACU104", "A side\u2010effect\u2010free treatment.", True),
    ("ACU104", "It is not risk-free.", False),
    ("ACU101", "\uff23linically proven relief.", True),
    ("ACU112", "Do not stop taking your medicine without talking to your doctor.", False),
    ("ACU117", "Acupuncture might relieve pain.", False),
    ("ACU117", "Acupuncture can relieve back pain.", True),
    ("ACU117", "Whether acupuncture relieves pain is not known.", False),
]

#: Sentences as careful pages have them; no rule may find more in them than a note.
CAREFUL = [
    "There is no cure for rheumatoid arthritis at present, so the treatments aim to relieve pain.",
    "We are uncertain whether acupuncture improves pain compared with sham.",
    "Acupuncture may help some people with long-lasting back pain.",
    "Talk to your doctor before you stop taking any prescribed medicine.",
    "It is not clear how well yoga works for anxiety.",
    "No serious side effects were reported in the trials.",
    "Your doctor may suggest physiotherapy, exercise or pain medicine.",
    "Breakthrough bleeding is common in the first months.",
    "If you feel dizzy after treatment, sit down and tell the practitioner.",
    "The NHS does not recommend acupuncture for osteoarthritis.",
    "The trials were small, and the results may not be reliable.",
    "Some people try herbal remedies, but there is little evidence that they work.",
]


@functools.cache
def _rules() -> Rules:
    return load_rules("en")


def _fired(text: str, kind: str = "paragraph") -> list[Match]:
    return check_page([Passage(text, kind=kind)], _rules())


def _worded() -> list[Rule]:
    return [rule for rule in _rules().rules if rule.kind in WORDED]


@pytest.mark.parametrize("rule", _worded(), ids=lambda rule: rule.id)
def test_a_rule_fires_on_its_examples(rule: Rule) -> None:
    missed = [text for text in rule.fires if rule.id not in {m.rule for m in _fired(text)}]
    assert not missed, f"{rule.id} must fire on: {missed}"


@pytest.mark.parametrize("rule", _worded(), ids=lambda rule: rule.id)
def test_a_rule_is_quiet_on_its_counterexamples(rule: Rule) -> None:
    fired = [
        (text, text[m.start : m.end])
        for text in rule.quiet
        for m in _fired(text)
        if m.rule == rule.id
    ]
    assert not fired, f"{rule.id} must stay quiet on: {fired}"


@pytest.mark.parametrize(
    ("rule", "text", "fires"),
    [(rule, text, True) for rule, text, _ in FIXTURES]
    + [(rule, text, False) for rule, _, text in FIXTURES]
    + TRICKY,
)
def test_the_fixtures_of_the_review(rule: str, text: str, fires: bool) -> None:
    assert (rule in {match.rule for match in _fired(text)}) is fires, f"{rule}: {text}"


@pytest.mark.parametrize("text", CAREFUL)
def test_careful_wording_gets_no_more_than_a_note(text: str) -> None:
    core = {rule.id for rule in _rules().rules if rule.profile == "core"}
    fired = (m for m in _fired(text) if m.rule in core and m.severity != "info")
    blamed = [(m.rule, text[m.start : m.end]) for m in fired]
    assert not blamed


def test_a_citation_answers_the_appeal_to_research() -> None:
    text = "Studies show it works."
    cited = check_page([Passage(text, citations=(len(text) - 1,))], _rules())
    assert "ACU113" in {match.rule for match in _fired(text)}
    assert "ACU113" not in {match.rule for match in cited}


def test_a_relative_effect_is_answered_anywhere_in_its_paragraph() -> None:
    text = "It cuts attacks by 50%. That is from 8 in 100 people to 4 in 100."
    assert "ACU116" not in {match.rule for match in _fired(text)}


def test_plainer_words_are_suggested_one_by_one() -> None:
    matches = [m for m in _fired("Utilise it prior to the analgesia.") if m.rule == "ACU124"]
    assert [m.suggestions for m in matches] == [("use",), ("before",), ("pain relief",)]


def test_ids_and_names_are_used_once_and_follow_the_scheme() -> None:
    rules = _rules().rules
    assert len({rule.id for rule in rules}) == len({rule.name for rule in rules}) == len(rules)
    language = [f"ACU{number}" for number in range(101, 125)]
    structure = [f"ACU{number}" for number in (*range(201, 214), 215)]
    waivers = [f"ACU{number}" for number in range(901, 906)]
    assert [rule.id for rule in rules] == [*language, *structure, *waivers]


@pytest.mark.parametrize("rule", _rules().rules, ids=lambda rule: rule.id)
def test_a_rule_says_all_that_its_page_shows(rule: Rule) -> None:
    for field in ("title", "message", "why", "instead", "sources", "fires", "quiet", "limits"):
        assert getattr(rule, field), f"{rule.id}: {field} is empty"
    assert rule.since == "0.1"
    assert rule.id not in rule.message
    assert all(source.date for source in rule.sources), f"{rule.id}: a source has no date"
    assert all(source.url or source.status for source in rule.sources)


@pytest.mark.parametrize("rule", _rules().rules, ids=lambda rule: rule.id)
def test_the_phrases_of_a_rule_compile(rule: Rule) -> None:
    check_phrases(rule, _rules().origins[rule.id], _rules().lists)


def test_rules_about_no_words_apply_in_every_language() -> None:
    rules = load_rules("de")
    assert not rules.known
    assert {rule.id for rule in rules.rules} == {
        *("ACU201", *(f"ACU{number}" for number in range(203, 214)), "ACU215"),
        *(f"ACU90{n}" for n in range(1, 6)),
    }


@pytest.mark.parametrize(
    ("text", "sends"),
    [
        ("Talk to your doctor before you try this.", True),
        ("Ask a doctor or pharmacist.", True),
        ("Always consult a qualified health professional.", True),
        ("Speak to your GP first.", True),
        ("If the pain gets worse, see a doctor.", True),
        ("Check with your healthcare provider.", True),
        ("Seek medical advice if you are pregnant.", True),
        ("It is best to discuss this with your midwife.", True),
        ("Contact NHS 111.", True),
        ("Talk to the person who prescribed it.", True),
        ("Talk to your friends about it.", False),
        ("Doctors sometimes use needles.", False),
        ("This page gives general information.", False),
    ],
)
def test_phrases_that_send_the_reader_to_a_professional(text: str, sends: bool) -> None:
    pattern = compile_pattern(phrase_pattern("{consult-professional}", _rules().lists))
    assert bool(pattern.search(text)) is sends


@pytest.mark.parametrize(
    ("phrase", "text", "matches"),
    [
        ("risk free", "risk-free", True),
        ("side-effect", "side effect", True),
        ("side-effect", "sideeffect", True),
        ("cure(s|d)?", "cured", True),
        ("cure(s|d)?", "curedly", False),
        ("(the)? best x", "best x", True),
        ("(a|b)* x", "a b a x", True),
        ("(a|b)* x", "a b a b x", False),
        ("a (b (c)?|d) e", "a b e", True),
        ("a (b (c)?|d) e", "a b c e", True),
        ("a (b (c)?|d) e", "a c e", False),
        ("a ... e", "a b c d e", True),
        ("a ... e", "a b, c e", False),
        ("a (b ... c|d)", "a b x y c", True),
        ("# in _", "1,000 in town", True),
        ("heal*", "healing", True),
    ],
)
def test_phrases_mean_what_their_syntax_says(phrase: str, text: str, matches: bool) -> None:
    assert bool(compile_pattern(phrase_pattern(phrase)).fullmatch(text)) is matches


def test_a_fragment_counts_only_where_it_opens_its_sentence(tmp_path: Path) -> None:
    house = tmp_path / "house.toml"
    trigger = '[[rule.trigger]]\nat_start = true\nterms = ["melt* pain"]\n'
    house.write_text(_pack(trigger=trigger), encoding="utf-8")
    rules = load_rules("en", [house])
    texts = ["Melts pain.", "2. Melts pain.", "New. Melts pain away.", "Now it melts pain."]
    found = check_page([Passage(text) for text in texts], rules)
    assert [m.passage for m in found if m.rule == "HOUSE001"] == [0, 1, 2]


# -- packs that cannot be used -------------------------------------------------------------------

RULE = """
id = "HOUSE001"
name = "house-word"
title = "A word of ours"
kind = "forbid"
severity = "warning"
message = '"{text}" is not our word.'
why = "We say it otherwise."
instead = ["another word"]
sources = [{ text = "Our style guide", date = "2026" }]
fires = ["Snake oil."]
quiet = ["Oil."]
"""
TRIGGER = '[[rule.trigger]]\nterms = ["snake oil"]\n'


def _pack(rule: str = RULE, trigger: str = TRIGGER, head: str = 'language = "en"') -> str:
    return f"{head}\n[[rule]]{rule}{trigger}"


def test_a_house_pack_adds_a_rule(tmp_path: Path) -> None:
    house = tmp_path / "house.toml"
    house.write_text(_pack(), encoding="utf-8")
    rules = load_rules("en", [house])
    (found,) = (m for m in check_page([Passage("Snake oil.")], rules) if m.rule == "HOUSE001")
    assert (found.message, found.suggestions) == ('"Snake oil" is not our word.', ("another word",))
    assert rules.fingerprint != _rules().fingerprint


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (_pack(RULE + 'severty = "info"\n'), ("HOUSE001", "severty", "severity")),
        (_pack(trigger='[[rule.trigger]]\nterm = ["x"]\n'), ("HOUSE001", "term", "terms")),
        (_pack(head='langage = "en"'), ("langage", "language")),
        (_pack(RULE.replace('fires = ["Snake oil."]', "")), ("HOUSE001", "fires", "missing")),
        (_pack(RULE.replace('quiet = ["Oil."]', "")), ("HOUSE001", "quiet", "missing")),
        (_pack(RULE.replace('fires = ["Snake oil."]', "fires = []")), ("HOUSE001", "fires")),
        (_pack(RULE.replace('"warning"', '"grave"')), ("HOUSE001", "severity", "grave")),
        (_pack(RULE.replace("HOUSE001", "house1")), ("house1", "id")),
        (_pack(RULE.replace('{text}"', '{word}"')), ("HOUSE001", "message", "{text}")),
        (_pack(trigger=""), ("HOUSE001", "trigger")),
        (_pack(trigger="[[rule.trigger]]\nunless_cited = true\n"), ("HOUSE001", "terms")),
        (_pack(trigger="[[rule.trigger]]\nterms = ['(a|b']\n"), ("HOUSE001", "(a|b", "')'")),
        (_pack(trigger="[[rule.trigger]]\nterms = ['a) b']\n"), ("HOUSE001", "a) b", "'('")),
        (_pack(trigger="[[rule.trigger]]\nterms = ['']\n"), ("HOUSE001", "empty")),
        (_pack(trigger="[[rule.trigger]]\nterms = ['(a)?']\n"), ("HOUSE001", "nothing")),
        (_pack(trigger="[[rule.trigger]]\npatterns = ['(?=x)']\n"), ("HOUSE001", "RE2")),
        (_pack(trigger="[[rule.trigger]]\npatterns = ['(x']\n"), ("HOUSE001", "(x")),
        (
            _pack(trigger="[[rule.trigger]]\nterms = ['{therapie} x']\n"),
            ("HOUSE001", "therapie", "did you mean 'therapy'"),
        ),
        (_pack(RULE.replace("HOUSE001", "ACU101")), ("ACU101", "proof-and-promise.toml")),
        (_pack(RULE.replace("house-word", "proof-language")), ("ACU101", "HOUSE001")),
        (
            _pack(RULE + 'needs_page_finding = ["ACU100"]\n'),
            ("HOUSE001", "ACU100", "did you mean"),
        ),
        ('language = "en"\n[lists]\ntherapy = ["x"]\n', ("therapy", "words.toml")),
        ("language = ", ("not TOML",)),
        (_pack().encode("utf-16"), ("not UTF-8",)),
        ("", ("language", "missing")),
    ],
)
def test_a_bad_pack_is_refused_in_one_line(
    tmp_path: Path, content: str | bytes, parts: tuple[str, ...]
) -> None:
    house = tmp_path / "house.toml"
    house.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(PackError) as refused:
        load_rules("en", [house])
    message = str(refused.value)
    assert "\n" not in message
    for part in ("house.toml", *parts):
        assert part in message


def test_a_pack_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"nowhere\.toml: cannot be read: No such file"):
        load_rules("en", [tmp_path / "nowhere.toml"])
