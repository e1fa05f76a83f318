"""How words stand in their sentence, and how strong a claim it makes."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acuext.clauses import Clauses
from acuext.grammar import Hedge, Judgement, Sentence, Stance, Strength, judge
from acuext.lexicon import lexicon, members
from acuext.text import fold

ASSERTED = Stance(0)
NEGATED, QUESTIONED, HYPOTHETICAL = Stance.NEGATED, Stance.QUESTIONED, Stance.HYPOTHETICAL
QUOTED, MENTIONED = Stance.QUOTED, Stance.MENTIONED
ATTRIBUTED, HEDGED = Stance.ATTRIBUTED, Stance.HEDGED


def stance_of(sentence: str, words: str) -> Stance:
    text = fold(sentence).text
    start = text.index(words)
    return Sentence(text).stance(start, start + len(words))


DENIED = [
    ("There is no cure for osteoarthritis.", "cure"),
    ("It does not cure or prevent migraine.", "prevent"),
    ("It is not meant to diagnose, treat, cure or prevent any disease.", "cure"),
    ("It doesn’t cure migraine.", "cure"),
    ("It hasn't been\nproven to help.", "proven"),
    ("It is not true that acupuncture cures cancer.", "cures"),
    ("There is no evidence that acupuncture cures cancer.", "cures"),
    ("Acupuncture is unlikely to cure arthritis.", "cure"),
    ("There is a lack of guaranteed results.", "guaranteed"),
    ("That acupuncture cures cancer is a myth.", "cures"),
    ("Claims that acupuncture cures cancer are false.", "cures"),
    ("That it cures cancer has not been shown.", "cures"),
    ("A cure cannot be guaranteed.", "cure"),
    ("Results can’t be guaranteed.", "guaranteed"),
    ("Nobody can guarantee relief.", "guarantee"),
    ("No treatment is completely safe.", "completely safe"),
    ("No treatment that cures migraine exists.", "cures"),
    ("We did not find that it cures migraine.", "cures"),
    ("Tests have never shown that it cures pain.", "cures"),
    ("Acupuncture failed to cure the pain.", "cure"),
    ("It is far from proven.", "proven"),
    ("There is no proof that needles, such as these, cure anything.", "cure"),
    ("Neither heat nor rest cures it.", "cures"),
]

CLAIMED = [
    ("It is not cheap but it cures migraine.", "cures"),
    ("It is not cheap, it cures migraine.", "cures"),
    ("It is not expensive and cures migraine.", "cures"),
    ("It does not reduce pain, but it cures migraine.", "cures"),
    ("Acupuncture, which is not cheap, cures migraine.", "cures"),
    ("Without delay, acupuncture cures pain.", "cures"),
    ("No side effects, and it cures migraine.", "cures"),
    ("Those who do not smoke are cured.", "cured"),
    ("Acupuncture is not only proven but safe.", "proven"),
    ("Not just proven: guaranteed.", "guaranteed"),
    ("No doubt it cures.", "cures"),
    ("There is no doubt that it cures.", "cures"),
    ("Without doubt, it cures.", "cures"),
    ("Nothing works better to cure pain.", "cure"),
    ("Acupuncture cannot fail to cure pain.", "cure"),
    ("It never fails to cure pain.", "cure"),
    ("Why not let acupuncture cure you?", "cure"),
    ("It cures pain, doesn't it?", "cures"),
    ("It can cure pain.", "cure"),
    ("If you are in pain, acupuncture cures it.", "cures"),
    ('A "miracle cure" for pain!', "miracle"),
    ("In other words, it cures.", "cures"),
    # a denial among the words themselves does not deny them
    ("There is no need for a doctor.", "no need for a doctor"),
    ("There are no side effects.", "no side effects"),
    ("There is absolutely no risk.", "absolutely no risk"),
    # a heading or a label, not the word named
    ("Label proven to work", "proven to work"),
    ("Term proven to work", "proven"),
]

COLOURED = [
    ("Can acupuncture cure migraine?", "cure", QUESTIONED),
    ("Does it really cure pain?", "cure", QUESTIONED),
    ("If it cures, tell us.", "cures", HYPOTHETICAL),
    ("We wanted to find out whether it cures pain.", "cures", HYPOTHETICAL),
    ("One theory is that it releases endorphins.", "releases", HYPOTHETICAL),
    ('The advert said "a miracle cure".', "miracle", QUOTED),
    ("The clinic claimed: 'It cures cancer.'", "cures", QUOTED),
    ("'Proven' is a word to avoid.", "Proven", MENTIONED),
    ("The word 'cure' is strong.", "cure", MENTIONED),
    ("Avoid words such as cure, proven or miracle.", "miracle", MENTIONED),
    ("We avoid the term miracle.", "miracle", MENTIONED),
    ("Practitioners believe that it restores energy.", "restores", ATTRIBUTED),
    ("Traditional Chinese medicine describes energy flow.", "energy", ATTRIBUTED),
    ("Energy is said to flow.", "flow", ATTRIBUTED),
    ("In theory it releases blocked energy.", "releases", ATTRIBUTED),
    ("The review found that it reduced pain.", "reduced", ATTRIBUTED),
    ("The reviewers found that acupuncture reduces pain.", "reduces", ATTRIBUTED),
    ("Qi is said to flow through the body.", "Qi", ATTRIBUTED),
    ("An analysis found a large reduction in pain.", "found a large reduction", ATTRIBUTED),
    ("A later one found a change in pain.", "change", ATTRIBUTED),
    ("In a pooled analysis of 39 trials, people had less pain.", "less pain", ATTRIBUTED),
    ("The same page says that it can cause serious harm.", "harm", ATTRIBUTED),
    ("A UK guideline cited 27 studies in which pain got better.", "better", ATTRIBUTED),
    ("It relieves pain, according to tradition.", "relieves", ATTRIBUTED),
    ("It may relieve pain.", "relieve", HEDGED),
    ("It probably relieves pain.", "relieves", HEDGED),
    ("Some evidence suggests it relieves pain.", "relieves", HEDGED),
    ("It appears to relieve pain.", "relieve", HEDGED),
]


@pytest.mark.parametrize(("sentence", "words"), DENIED)
def test_denied_words(sentence: str, words: str) -> None:
    assert NEGATED in stance_of(sentence, words)


@pytest.mark.parametrize(("sentence", "words"), CLAIMED)
def test_words_that_only_look_denied(sentence: str, words: str) -> None:
    assert stance_of(sentence, words) == ASSERTED


@pytest.mark.parametrize(("sentence", "words", "stance"), COLOURED)
def test_words_asked_imagined_quoted_named_or_hedged(
    sentence: str, words: str, stance: Stance
) -> None:
    found = stance_of(sentence, words)
    assert stance in found
    assert NEGATED not in found or stance is MENTIONED


@pytest.mark.parametrize(
    ("sentence", "words"),
    [("It may help. ", "help"), ("It is not a cure", "It"), ("cure", "cure"), ("??", "?")],
)
def test_stance_of_words_at_the_edges(sentence: str, words: str) -> None:
    assert isinstance(stance_of(sentence, words), Stance)


# --- The strength of a claim ----------------------------------------------------------------

STRENGTHS = [
    # one sentence a frame, in the order of acuext/frames.py
    ("Acupuncture reduces pain.", Strength.CAUSAL),
    ("Acupuncture reduced pain in adults.", Strength.CAUSAL),
    ("Massage has improved their sleep.", Strength.CAUSAL),
    ("Swelling is reduced by cold.", Strength.CAUSAL),
    ("Needles were shown to relieve pain.", Strength.CAUSAL),
    ("Smoking leads to cancer.", Strength.CAUSAL),
    ("Exercise had an effect on sleep.", Strength.CAUSAL),
    ("Acupuncture is effective for migraine.", Strength.CAUSAL),
    ("Needles release toxins, easing pain.", Strength.CAUSAL),
    ("Stress is a cause of headache.", Strength.CAUSAL),
    ("Relieve your back pain!", Strength.CAUSAL),
    ("Acupuncture works.", Strength.CAUSAL),
    ("Acupuncture is a great way to relieve pain.", Strength.CAUSAL),
    ("Scientists found a new way of preventing infection.", Strength.CAUSAL),
    ("Researchers identified a key cause of stroke.", Strength.CAUSAL),
    ("Sleep is vital for recovery.", Strength.CAUSAL),
    ("Tea cuts the risk of stroke: it could save lives.", Strength.CAUSAL),
    ("Acupuncture can relieve pain.", Strength.CAN),
    ("Herbs are able to prevent infection.", Strength.CAN),
    ("Acupuncture may reduce pain.", Strength.CONDITIONAL),
    ("Acupuncture might be effective.", Strength.CONDITIONAL),
    ("Yoga appears to improve sleep.", Strength.CONDITIONAL),
    ("Yoga probably improves sleep.", Strength.CONDITIONAL),
    ("Massage could spare many people the pain.", Strength.CONDITIONAL),
    ("Acupuncture always relieves pain.", Strength.ABSOLUTE),
    ("Needles are proven to relieve pain.", Strength.ABSOLUTE),
    ("Sleep is associated with mood.", Strength.CORRELATIONAL),
    ("Sleep was strongly and clearly linked to mood.", Strength.CORRELATIONAL),
    ("Age predicts recovery in adults.", Strength.CORRELATIONAL),
    ("Smoking is a risk factor for stroke.", Strength.CORRELATIONAL),
    ("Women had lower scores.", Strength.CORRELATIONAL),
    ("Pain was more common in older people than in young people.", Strength.CORRELATIONAL),
    ("The risk was reduced in smokers.", Strength.CORRELATIONAL),
    ("Pain decreased during treatment.", Strength.CORRELATIONAL),
    ("Doctors found less pain compared with sham treatment.", Strength.CORRELATIONAL),
    ("", Strength.NONE),
    ("Tea and risk of stroke: a cohort study", Strength.NONE),
    ("Migraine, compared with usual care alone", Strength.NONE),
    ("Vitamin deficiency is common in older people.", Strength.NONE),
    ("Patients should know the link between sleep and mood.", Strength.NONE),
    ("Serious harm is rare, but it does happen.", Strength.NONE),
    ("Pooled studies found serious harm in about 1 of 10,000 people.", Strength.NONE),
    ("Half of the side effects were bleeding or redness.", Strength.NONE),
    ("Any such effect was gone by six months.", Strength.NONE),
    ("Acupuncture means putting thin needles through the skin.", Strength.NONE),
    ("people treated by doctors in Germany", Strength.NONE),
    ("It has accepted claims of short-term relief for five kinds of pain.", Strength.NONE),
    ("Acupuncture began in China.", Strength.NONE),
    ("Needles are thin and sterile.", Strength.NONE),
    ("Ask your doctor before you start.", Strength.NONE),
    ("People should reduce their salt.", Strength.NONE),
    ("More trials are needed to reduce uncertainty.", Strength.NONE),
    ("Does acupuncture reduce pain?", Strength.NONE),
    ("We studied whether acupuncture reduces pain.", Strength.NONE),
    ("These findings support the idea.", Strength.NONE),
    ("The migraine affects one in seven people.", Strength.NONE),
    ("Twenty patients were treated at home.", Strength.NONE),
    ("The cache reduces the build time of the documentation.", Strength.NONE),
    ("This option may cause warnings in LaTeX output.", Strength.NONE),
]


@pytest.mark.parametrize(("sentence", "strength"), STRENGTHS)
def test_strength(sentence: str, strength: Strength) -> None:
    assert judge(sentence).strength is strength


@pytest.mark.parametrize(
    ("sentence", "hedge"),
    [
        ("Acupuncture reduces pain.", Hedge.NONE),
        ("Acupuncture can reduce pain.", Hedge.NONE),
        ("Acupuncture probably reduces pain.", Hedge.PROBABLE),
        ("Acupuncture is likely to reduce pain.", Hedge.PROBABLE),
        ("Acupuncture may reduce pain.", Hedge.POSSIBLE),
        ("Acupuncture could possibly reduce pain.", Hedge.POSSIBLE),
        ("Acupuncture seems to reduce pain.", Hedge.POSSIBLE),
    ],
)
def test_hedge(sentence: str, hedge: Hedge) -> None:
    assert judge(sentence).hedge is hedge


@pytest.mark.parametrize(
    ("sentence", "strength"),
    [
        ("Acupuncture does not reduce pain.", Strength.CAUSAL),
        ("Acupuncture had no effect on pain.", Strength.CAUSAL),
        ("It is not associated with pain.", Strength.CORRELATIONAL),
        ("Massage offers no protection against colds.", Strength.CAUSAL),
        ("Needles cannot prevent cancer.", Strength.CAUSAL),
    ],
)
def test_what_is_denied_keeps_its_strength(sentence: str, strength: Strength) -> None:
    made = judge(sentence)
    assert made.negated
    assert made.strength in (strength, Strength.CAN)


def test_what_something_is_compared_with_does_not_deny_the_difference() -> None:
    made = judge("Compared with no acupuncture, pain was lower by 0.55 standard deviations.")
    assert (made.strength, made.negated) == (Strength.CORRELATIONAL, False)


def test_cues_are_the_words_that_decided() -> None:
    sentence = "It’s  true: acupuncture\u00a0re\u00adduces pain."
    ((start, end),) = judge(sentence).cues
    assert sentence[start:end] == "re\u00adduces"


# --- Properties -----------------------------------------------------------------------------

SUBJECTS = ["Acupuncture", "Massage", "This herbal tea", "Regular exercise", "Vitamin D"]
VERBS = ["reduces", "relieves", "prevents", "improves", "worsens", "causes", "lowers"]
OBJECTS = ["pain", "back pain", "the risk of stroke", "sleep in adults", "anxiety"]
BASES = {
    "reduces": "reduce",
    "relieves": "relieve",
    "prevents": "prevent",
    "improves": "improve",
    "worsens": "worsen",
    "causes": "cause",
    "lowers": "lower",
}
sentence_parts = st.tuples(
    st.sampled_from(SUBJECTS), st.sampled_from(VERBS), st.sampled_from(OBJECTS)
)


def kernel(made: Judgement) -> tuple[Strength, Hedge, bool]:
    return made.strength, made.hedge, made.negated


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    sentence_parts,
    st.sampled_from(
        [
            str.upper,
            str.lower,
            lambda text: text.replace(" ", "  "),
            lambda text: text.replace(" ", "\n"),
            lambda text: text.replace(" ", "\u00a0"),
            lambda text: re.sub("([a-z])", "\\1\u200b", text),
            lambda text: text.replace("i", "ı\u0307".replace("ı\u0307", "i\u0307")),
            lambda text: text.replace("e", "\u0435"),
            lambda text: f"“{text}”",
            lambda text: f"In our view, {text}",
            lambda text: f"{text[:-1]}, and the clinic opens at nine.",
            lambda text: f"{text[:-1]} (see the table).",
            lambda text: f"The clinic opens at nine; {text}",
        ]
    ),
)
def test_what_does_not_matter_does_not_change_the_verdict(parts, change) -> None:  # type: ignore[no-untyped-def]
    sentence = f"{' '.join(parts)}."
    assert kernel(judge(change(sentence))) == kernel(judge(sentence))


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    sentence_parts,
    st.sampled_from(
        [
            "{subject} does not {base} {object}.",
            "{subject} doesn’t {base} {object}.",
            "{subject} never {verb} {object}.",
            "There is no evidence that {subject} {verb} {object}.",
            "It is not true that {subject} {verb} {object}.",
            "{subject} is unlikely to {base} {object}.",
        ],
    ),
)
def test_a_denial_is_seen(parts: tuple[str, str, str], pattern: str) -> None:
    subject, verb, thing = parts
    plain = judge(f"{subject} {verb} {thing}.")
    denied = judge(pattern.format(subject=subject, verb=verb, base=BASES[verb], object=thing))
    assert not plain.negated
    assert denied.negated
    assert denied.strength in (plain.strength, Strength.CONDITIONAL)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(sentence_parts)
def test_a_hedge_softens_and_a_question_claims_nothing(parts: tuple[str, str, str]) -> None:
    subject, verb, thing = parts
    assert judge(f"{subject} {verb} {thing}.").strength is Strength.CAUSAL
    assert judge(f"{subject} may {BASES[verb]} {thing}.").strength is Strength.CONDITIONAL
    assert judge(f"{subject} can {BASES[verb]} {thing}.").strength is Strength.CAN
    assert judge(f"Does {subject} {BASES[verb]} {thing}?").strength is Strength.NONE


CUES = sorted(word for word in lexicon().words if word.isalpha())[::7]


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(CUES),
            st.sampled_from(["not", "no", "that", ",", ".", "'", '"', "(", ")", "-", "to", "is"]),
            st.text(max_size=4),
        ),
        max_size=25,
    )
)
def test_any_words_are_judged_without_fail(words: list[str]) -> None:
    text = " ".join(words)
    made = judge(text)
    assert all(0 <= start < end <= len(text) for start, end in made.cues)
    folded = fold(text).text
    sentence = Sentence(folded)
    for start in range(0, len(folded), 9):
        assert isinstance(sentence.stance(start, min(len(folded), start + 5)), Stance)


@pytest.mark.parametrize(
    "unit",
    [
        "acupuncture reduces pain and ",
        "not that it may, or ",
        "'cure' ",
        "(x) improved ",
        "more likely than ",
        "the effect of x on y is ",
        "no, no evidence that, ",
        "caused by ",
    ],
)
def test_time_grows_with_length_alone(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        sentence = Sentence(text)
        begun = time.process_time()
        judge(text)
        for start in range(0, size - 60, size // 50):
            sentence.stance(start, start + 5)
        return time.process_time() - begun

    small, large = seconds(3_000), seconds(30_000)
    assert large < 0.2 + 40 * small  # ten times the text; a square would be a hundred times


# --- The lexicon ----------------------------------------------------------------------------


def test_every_class_says_what_it_is_and_its_example_shows_it() -> None:
    from importlib.resources import files
    from tomllib import loads

    folder = files("acuext") / "lexicon"
    shown = 0
    for name in ("en-function", "en-stance", "en-strength", "en-health"):
        for title, table in loads((folder / f"{name}.toml").read_text("utf-8")).items():
            if title in ("forms", "affix"):
                continue
            assert table["about"], title
            words = re.findall(r"\*([^*]+)\*", table["example"])
            assert words, title
            bit = lexicon().bits[title]
            for example in words:
                parts = Clauses(fold(example).text)
                found = parts._parts()
                shown += any(mask & bit for mask in found) or title in ("retraction", "usage")
    assert shown > 70


def test_an_unknown_class_is_an_error() -> None:
    with pytest.raises(KeyError):
        members("no such class")


@pytest.mark.parametrize(
    "sentence",
    [
        "It is uncertain whether needling reduces pain at two weeks, compared with no treatment.",
        "We do not know whether needling reduces pain, compared with sham.",
    ],
)
def test_a_comparison_belongs_to_the_question_before_it(sentence: str) -> None:
    assert judge(sentence).strength is Strength.NONE
