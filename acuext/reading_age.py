"""How old a reader has to be for a page, by a formula from the length of words and sentences."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from acuext.matches import OBJECT, Passage
from acuext.text import fold, sentences

#: With fewer words one long sentence decides the result.
FEWEST_WORDS: Final = 100
#: Running text; headings, captions and cells are no sentences.
_RUNNING: Final = frozenset({"paragraph", "list-item", "quote"})
_WORD: Final = re.compile(r"[^\W\d_]+(?:['.-][^\W\d_]+)*")


class ReadingAge(msgspec.Struct, frozen=True):
    """The result of the formula of Flesch and Kincaid for English."""

    #: The year of an American school whose pupils can read the text.
    grade: float
    words: int
    sentences: int

    @property
    def age(self) -> int:
        """The age of these pupils: American children are six in their first year."""
        return max(math.floor(self.grade + 5.5), 5)


def reading_age(passages: Sequence[Passage], language: str = "en") -> ReadingAge | None:
    """Measure how hard a page is to read.

    Args:
        passages: all that a reader meets on the page; paragraphs, list items and quotations count.
        language: its language code; the formula holds for English only.

    Returns:
        None where nothing can be measured: in other languages, and in fewer than 100 words.
    """
    if language.partition("-")[0].partition("_")[0] != "en":
        return None
    # Reads its list of words when it is imported.
    import syllapy

    words = count = syllables = 0
    for passage in passages:
        if passage.kind not in _RUNNING:
            continue
        text = fold(passage.text).text.replace(OBJECT, " ")
        for start, end in sentences(text):
            said = _WORD.findall(text, start, end)
            count += bool(said)
            words += len(said)
            syllables += sum(syllapy.count(word) or 1 for word in said)
    if words < FEWEST_WORDS:
        return None
    grade = 0.39 * words / count + 11.8 * syllables / words - 15.59
    return ReadingAge(round(grade, 1), words, count)
