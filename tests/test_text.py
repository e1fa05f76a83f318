"""Folding and cutting sentences: what they give, and that the way back is right."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acuext.text import fold, sentences

SOFT, ZERO, NBSP = "\u00ad", "\u200b", "\u00a0"


@pytest.mark.parametrize(
    ("given_text", "folded"),
    [
        ("It’s “proven”.", 'It\'s "proven".'),
        ("risk‑free — always", "risk-free  -  always"),
        (f"pro{SOFT}ven c{ZERO}ure", "proven cure"),
        (f"no{NBSP}risk\u2003at\tall", "no risk at all"),
        ("ﬁxes ＣＵＲＥ", "fixes CURE"),
        ("café naïve", "cafe naive"),
        ("cafe\u0301", "cafe"),
        ("ϲure ½", "cure 1/2"),
        ("\u0441ure \u0440ain", "cure pain"),
        ("боль", "боль"),
        ("proven¹ cure™", "proven  cure "),
        ("line\nbreak", "line\nbreak"),
        ("a \ufffc b", "a \ufffc b"),
        ("", ""),
    ],
)
def test_fold(given_text: str, folded: str) -> None:
    assert fold(given_text).text == folded


def test_plain_text_is_returned_as_it_is() -> None:
    text = "Acupuncture may reduce pain."
    assert fold(text).text is text
    assert fold(text).origin(12, 15) == (12, 15)


@pytest.mark.parametrize(
    ("text", "word", "source"),
    [
        (f"a pro{SOFT}ven cure", "proven", f"pro{SOFT}ven"),
        ("the ﬁx", "fix", "ﬁx"),
        ("cafe\u0301 cure", "cafe", "cafe\u0301"),
        ("“proven”", "proven", "proven"),
        ("pain—cure", "cure", "cure"),
        (f"c{ZERO}ure{ZERO} it", "cure", f"c{ZERO}ure"),
    ],
)
def test_origin_gives_the_words_back(text: str, word: str, source: str) -> None:
    folded = fold(text)
    start = folded.text.index(word)
    first, last = folded.origin(start, start + len(word))
    assert text[first:last] == source


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.text(max_size=60))
def test_spans_lie_in_the_text_and_in_order(text: str) -> None:
    folded = fold(text)
    size = len(folded.text)
    places = [folded.origin(at, at + 1) for at in range(size)]
    assert all(0 <= first <= last <= len(text) for first, last in places)
    assert places == sorted(places)
    assert folded.origin(0, size) == ((places[0][0], places[-1][1]) if size else (0, 0))


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.text(max_size=60))
def test_folding_again_changes_nothing_that_can_be_read(text: str) -> None:
    once = fold(text).text
    again = fold(once).text
    assert again.split() == once.split()


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.text(alphabet="abcdéñüöåç ", max_size=40), st.sampled_from(["NFC", "NFD"]))
def test_unicode_forms_fold_alike(text: str, form: str) -> None:
    assert fold(unicodedata.normalize(form, text)).text == fold(text).text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It helps. It is safe.", ["It helps.", "It is safe."]),
        ("Ask Dr. Smith, e.g. by phone.", ["Ask Dr. Smith, e.g. by phone."]),
        ("Acupuncture vs. sham was tried.", ["Acupuncture vs. sham was tried."]),
        ("It fell by 3.5 points. Good.", ["It fell by 3.5 points.", "Good."]),
        ("Smith et al. found less pain.", ["Smith et al. found less pain."]),
        ("Take vitamin C. It helps.", ["Take vitamin C.", "It helps."]),
        ("Really? Yes! Always.", ["Really?", "Yes!", "Always."]),
        ('He said "It cures." Then he left.', ['He said "It cures."', "Then he left."]),
        ("a soft\nbreak goes on. Next", ["a soft\nbreak goes on.", "Next"]),
        ("One paragraph\n\nAnother one", ["One paragraph", "Another one"]),
        ("1. Rest. 2. Walk.", ["1. Rest.", "2. Walk."]),
        ("See U.S. rules at 9 a.m. tomorrow.", ["See U.S. rules at 9 a.m. tomorrow."]),
        ("See fig. 3 and no. 4.", ["See fig. 3 and no. 4."]),
        ("  \n ", []),
        ("", []),
        ("It helps... Perhaps.", ["It helps...", "Perhaps."]),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == parts


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.text(alphabet="ab A.!?\n\"')1 ", max_size=60))
def test_sentences_lose_nothing_but_blanks(text: str) -> None:
    spans = sentences(text)
    assert spans == sorted(spans)
    assert all(text[start:end].strip(" \n") == text[start:end] != "" for start, end in spans)
    between = 0
    for start, end in [*spans, (len(text), len(text))]:
        assert not text[between:start].strip(" \n")
        between = end


@pytest.mark.parametrize("unit", ["It helps. ", "5. ", "a.' ", "\n\n", "...", "e.g. ", "é. ", '"('])
def test_time_grows_with_length_alone(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        begun = time.process_time()
        sentences(fold(text).text)
        return time.process_time() - begun

    small, large = seconds(10_000), seconds(100_000)
    assert large < 0.2 + 40 * small  # ten times the text; a square would be a hundred times
