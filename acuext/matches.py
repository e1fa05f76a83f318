"""What a page says as its reader meets it, and what is found there; made without judging."""

from __future__ import annotations

from typing import Final

import msgspec

from acuext.judgement import Judgement
from acuext.rules import Severity

__all__ = ["OBJECT", "Claim", "Match", "Passage"]

#: Stands in a passage for what is seen but not read: code, mathematics, images.
OBJECT: Final = "\ufffc"


class Passage(msgspec.Struct, frozen=True, gc=False):
    """A stretch of text a reader meets."""

    text: str
    #: Where it stands: "paragraph", "heading", "list-item", "cell", "quote", "alt", …
    kind: str = "paragraph"
    #: Offsets in the text at which a citation stands.
    citations: tuple[int, ...] = ()
    #: Spans of words that are discussed, not claimed.
    mentions: tuple[tuple[int, int], ...] = ()
    #: Number of the list item or table row that it belongs to; 0 for none.
    group: int = 0
    #: Whether it stands in a block quote that names who said it.
    quoted: bool = False
    #: Offsets at which evidence is pointed at, each with the key of the entry.
    evidence: tuple[tuple[int, str], ...] = ()


class Match(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Words of a passage on which a rule fires, before settings and waivers are looked at."""

    rule: str
    #: Index of the passage, and the span of the words in its text.
    passage: int
    start: int
    end: int
    #: Severity in the profiles `core` and `health-page`.
    severity: Severity
    strict: Severity
    message: str
    suggestions: tuple[str, ...]


class Claim(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A sentence that points at its evidence."""

    #: Key of the evidence entry.
    entry: str
    #: Index of the passage, where the evidence is pointed at, and the span of the sentence.
    passage: int
    at: int
    start: int
    end: int
    judgement: Judgement
    #: The words that decided the judgement; empty when nothing is claimed.
    verb: str
    #: Whether the sentence says whose finding it reports.
    attributed: bool
