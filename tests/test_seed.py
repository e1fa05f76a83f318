"""The post as it was first written must be found out; the reviewed wording must pass."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

from acuext.engine import check_page
from acuext.matches import Match, Passage
from acuext.rules import load_rules

SEED = Path(__file__).parent / "seed" / "acupuncture.md"

#: Words of the seed, and the rules of which at least one must fire on each place they stand in.
ORACLE = [
    ("stimulate energy flow and promote healing", "ACU110 ACU119", 1),
    ("widely known for its effects on various health conditions", "ACU113 ACU119", 1),
    ("has proven to be particularly effective", "ACU101 ACU106", 1),
    ("has been found to stimulate the release of endorphins", "ACU111 ACU113", 1),
    ("has been shown to influence the autonomic nervous system", "ACU111 ACU113", 1),
    ("improve overall well-being", "ACU109", 1),
    ("promote overall well-being", "ACU109", 1),
    ("improved well-being", "ACU109", 1),
    ("Conditions Benefiting from Acupuncture", "ACU119", 1),
    ("has shown promising results", "ACU118 ACU113", 1),
    ("long-term pain relief", "ACU107", 1),
    ("reduce reliance on pain medications", "ACU112", 1),
    ("minimize the need for strong pain medications", "ACU112", 1),
    ("promote faster healing", "ACU107", 1),
    ("restore balance", "ACU109 ACU110", 1),
    ("Holistic Approach", "ACU109", 1),
    ("holistic approach", "ACU109", 1),
    ("minimal side effects compared to medications", "ACU104 ACU106 ACU122", 1),
    ("minimal side effects", "ACU104", 2),
    ("enhance pain relief and improve overall outcomes", "ACU117", 1),
    ("significant relief for chronic and acute pain", "ACU117 ACU120", 1),
    ("journey towards pain relief", "ACU119", 1),
]

#: Words of the seed on which rules must stay quiet; "" is every rule.
CAREFUL = [
    ("It may help inhibit the transmission of pain signals", "ACU117"),
    ("generally considered safe when performed by a trained acupuncturist", ""),
    (
        (
            "It is important to communicate with healthcare providers and inform them about any "
            "acupuncture treatments being received."
        ),
        "",
    ),
]

#: The wording that the review of the post proposes, paragraph by paragraph.
REVIEWED = [
    (
        "Acupuncture means putting thin needles through the skin at chosen points. It comes from "
        "traditional Chinese medicine, which describes it as guiding a vital energy called qi. That "
        "is the tradition's explanation. Researchers look instead at nerves, the brain, and what "
        "people expect from treatment."
    ),
    (
        "A pooled analysis of 39 trials found that people with some kinds of long-lasting pain had "
        "less pain, on average, after acupuncture than people who had none. Compared with sham "
        "(pretend) acupuncture the difference was much smaller."
    ),
    (
        "This page looks at how acupuncture might affect pain, what trials found for each condition, "
        "and what the risks are."
    ),
    (
        "How acupuncture might work is not settled. The ideas below come from laboratory and small "
        "human studies. They do not show that acupuncture helps any one person."
    ),
    (
        "One idea is that needling makes the body release its own opioid-like chemicals "
        "(endorphins). Researchers who tested it in people with fibromyalgia described it as largely "
        "unproven in humans, and noted that placebo pain relief acts on the same system. In mice, "
        "needling also released adenosine, a chemical that dampens pain signals nearby."
    ),
    (
        "Other brain chemicals, such as serotonin and noradrenaline, have also been studied, mostly "
        "in animals."
    ),
    (
        "It is uncertain whether acupuncture shifts the body from a stress state to a resting state. "
        "A 2010 review of 12 trials found no clear effect compared with sham; a 2023 review of nine "
        "trials found a change but advised caution."
    ),
    "Whether such a change affects pain or muscle tension is not known.",
    (
        "Small brain-imaging studies have found differences between real and sham acupuncture in "
        "areas that handle pain. Such studies cannot show that these differences cause pain relief."
    ),
    (
        "It is not known whether acupuncture reduces central sensitisation, a state in which the "
        "nervous system overreacts to pain."
    ),
    "What trials found, condition by condition",
    (
        "For long-lasting low back pain, acupuncture probably reduces pain compared with no "
        "treatment. Compared with usual care it may reduce pain slightly; reviewers judged that "
        "difference too small to matter much to patients."
    ),
    (
        "A review made for the World Health Organization was less sure and found little or no "
        "difference for most outcomes."
    ),
    (
        "In osteoarthritis, acupuncture was slightly better than sham over a few weeks, by less than "
        "reviewers had said would matter to patients."
    ),
    "For the hip, acupuncture probably makes little or no difference compared with sham.",
    (
        "Acupuncture probably reduces how often migraine attacks happen. Attacks were at least "
        "halved in 41 of 100 people who added it to usual care, compared with 17 of 100 who did not; "
        "and in 50 of 100, compared with 41 of 100 after sham."
    ),
    (
        "For frequent tension-type headache, headaches were halved in 52 of 100 people after "
        "acupuncture and 43 of 100 after sham."
    ),
    (
        "In fibromyalgia, acupuncture probably makes little or no difference compared with sham. It "
        "may improve pain and stiffness compared with no treatment; any effect was gone by six "
        "months."
    ),
    "It is uncertain whether acupuncture helps nerve pain: the trials are few and small.",
    (
        "In trials that followed people for longer, most of the difference from no acupuncture was "
        "still there a year later; about half of the smaller difference from sham was lost. It is "
        "uncertain whether acupuncture changes how much pain medicine people with chronic pain need. "
        "Do not stop or cut down a prescribed medicine without talking to the person who prescribed "
        "it."
    ),
    (
        "After surgery, acupuncture may reduce pain on the first day; reviews of knee replacement "
        "disagree. For pain after an injury there are too few trials to say."
    ),
    (
        "Some trials found people used less opioid medicine on the first day after surgery; results "
        "after knee replacement are mixed. Take pain medicines as your surgical team advises."
    ),
    (
        "Pain affects mood, sleep and daily life, and a session usually includes time to talk about "
        "these. Practitioners in the Chinese tradition describe their aim as restoring balance. "
        "Trials have not shown that acupuncture treats these wider problems."
    ),
    (
        "Acupuncture is generally considered safe when a well-trained practitioner uses sterile, "
        "single-use needles. Mild effects such as bleeding or bruising are common; serious harm is "
        "rare but does happen. Medicines have their own risks; which risk matters more depends on "
        "you, so ask a doctor or pharmacist."
    ),
    (
        "Practitioners usually choose points for each person after asking about the pain, general "
        "health and preferences. Trials have not shown that one style of choosing points works "
        "better than another."
    ),
    (
        "Acupuncture is best seen as something to use as well as, not in place of, other care. "
        "Adding it to usual care helped in headache trials and may help in hip and back pain. Tell "
        "your doctor and your acupuncturist about all the treatments and medicines you use."
    ),
    (
        "Acupuncture is a reasonable option for some people with some kinds of long-lasting pain, if "
        "they want to try it."
    ),
    "On average the benefit over no treatment is moderate at most, and over sham it is small.",
    (
        "New or unexplained pain should be checked by a doctor first. If you then want to try "
        "acupuncture, choose a practitioner who is registered or licensed where you live, ask about "
        "training, sterile single-use needles and cost, and agree beforehand when you will stop if "
        "it is not helping."
    ),
    "Guidelines disagree, mainly because they weigh the sham comparison differently.",
    (
        "In a German study of 229,230 people, about 9 in 100 had at least one side effect, most often "
        "bleeding or bruising, and 2 in 100 had one that needed treatment. Two people had a collapsed "
        "lung. Serious harm is rare, about 1 in 10,000 people in pooled studies."
    ),
    (
        "Do not stop or change a prescribed medicine because you are having acupuncture. Talk to the "
        "person who prescribed it first."
    ),
]


@functools.cache
def _seed() -> tuple[tuple[Passage, ...], tuple[Match, ...]]:
    """The passages of the seed, and what is found in them."""
    passages = []
    for line in SEED.read_text(encoding="utf-8").splitlines():
        text = re.sub(r"^\s*\d+\.\s+", "", line).replace("**", "").lstrip("# ")
        if text:
            kind = "heading" if line.startswith("#") else "paragraph"
            kind = "list-item" if re.match(r"\s*\d+\.", line) else kind
            passages.append(Passage(text, kind=kind))
    return tuple(passages), tuple(check_page(passages, load_rules("en")))


def _found_on(words: str) -> list[list[Match]]:
    """What is found on each place in the seed that has these words."""
    passages, found = _seed()
    return [
        [m for m in found if m.passage == index and m.start < place.end() and place.start() < m.end]
        for index, passage in enumerate(passages)
        for place in re.finditer(re.escape(words), passage.text)
    ]


@pytest.mark.parametrize(("words", "rules", "places"), ORACLE, ids=[row[0] for row in ORACLE])
def test_the_seed_is_found_out(words: str, rules: str, places: int) -> None:
    found = _found_on(words)
    assert len(found) == places
    for matches in found:
        assert {m.rule for m in matches} & set(rules.split()), f"{words!r}: none of {rules} fires"


@pytest.mark.parametrize(("words", "rule"), CAREFUL, ids=[row[0][:40] for row in CAREFUL])
def test_careful_words_of_the_seed_are_left_alone(words: str, rule: str) -> None:
    (found,) = _found_on(words)
    blamed = [m for m in found if m.severity != "info" and (not rule or m.rule == rule)]
    assert not blamed


def test_an_error_in_the_seed_stops_the_build() -> None:
    assert any(match.severity == "error" for match in _seed()[1])


@pytest.mark.parametrize("text", REVIEWED, ids=[text[:40] for text in REVIEWED])
def test_the_reviewed_wording_passes(text: str) -> None:
    ends = tuple(match.start() for match in re.finditer(r"[.](?=\s|$)", text))
    found = check_page([Passage(text, citations=ends)], load_rules("en"))
    blamed = [
        (m.rule, text[m.start : m.end])
        for m in found
        if m.severity != "info" or m.strict in ("error", "warning")
    ]
    assert not blamed
