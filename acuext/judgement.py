"""What is said of a sentence: how strong its claim is, and how words stand in it."""

from __future__ import annotations

from enum import Enum, Flag, auto

import msgspec

__all__ = ["Hedge", "Judgement", "Stance", "Strength"]


class Strength(Enum):
    """What relation between two things a sentence states, weakest first.

    ``NONE``, ``CORRELATIONAL``, ``CONDITIONAL`` and ``CAUSAL`` are the four classes of Yu, Li and
    Wang 2019 (conclusions of PubMed abstracts) and Yu et al. 2020 (press releases). ``CAN`` is kept
    apart from its neighbours: those two count "can" as causal, while in the sets of Sumner et al.
    2014 and Adams et al. 2017 it is no more than conditional; readers tell direct cause,
    "can cause" and "might" apart (Adams et al. 2017, DOI 10.1037/xap0000100). ``ABSOLUTE`` is
    ours: all of them count it as causal.
    """

    NONE = "none"  #: no relation: background, prevalence, method, advice, an aim
    CORRELATIONAL = "correlational"  #: they go together: "is associated with", "predicts"
    CONDITIONAL = "conditional"  #: a cause softened: "may reduce", "appears to help"
    CAN = "can"  #: an ability: "can reduce"
    CAUSAL = "causal"  #: a plain cause: "reduces", "led to"
    ABSOLUTE = "absolute"  #: a cause without exception or doubt: "always cures", "proven to"


class Hedge(Enum):
    """How far a sentence takes its own statement back."""

    NONE = "none"  #: not at all
    PROBABLE = "probable"  #: probably, likely
    POSSIBLE = "possible"  #: may, might, could, appears to
    UNCERTAIN = "uncertain"  #: it is unclear, nobody knows


class Stance(Flag):
    """How words stand in their sentence; ``Stance(0)`` is plainly asserted."""

    NEGATED = auto()  #: "there is no cure"
    QUESTIONED = auto()  #: "does it cure?"
    HYPOTHETICAL = auto()  #: "whether it cures"
    QUOTED = auto()  #: 'the advert said "a cure"'
    MENTIONED = auto()  #: "the word cure"
    ATTRIBUTED = auto()  #: "practitioners believe it cures"
    HEDGED = auto()  #: "may cure"


class Judgement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a sentence claims."""

    strength: Strength  #: the relation it states
    hedge: Hedge  #: how far it takes it back
    negated: bool  #: whether the relation is denied; the strength is that of what is denied
    cues: tuple[tuple[int, int], ...]  #: spans of the words that decided, in the text given
