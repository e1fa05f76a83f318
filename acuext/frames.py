"""The frames in which a sentence claims that one thing acts on, or goes with, another.

Each frame is one method of :class:`Frames`: a verb with its subject and object, a noun of
effect that something has, an adjective after a form of be, a noun that names a cause, a word of
going together, a comparison. A frame reads one cue and gives a claim, or nothing.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Final

import msgspec

from acuext.clauses import Clauses
from acuext.judgement import Strength
from acuext.lexicon import classes, lexicon, members

__all__ = ["CUES", "Claim", "Frames", "Strength", "rank"]


_NEGATION: Final = classes("negation")
_TURN: Final = classes("turn")
_REPORTED: Final = classes("reported")
_PAST: Final = classes("past")
_THIRD: Final = classes("third")
_HEDGE: Final = classes("hedge_probable", "hedge_possible", "hedge_uncertain", "hedge_report")
_FINITE: Final = classes("be", "have", "do", "will", "can", "may", "would", "should")
_PRONOUN: Final = classes("pronoun")
_COORDINATOR: Final = classes("coordinator")
_DIVIDER: Final = classes("divider")
_RELATIVE: Final = classes("relative")
_PREPOSITION: Final = classes("preposition")
_STOPS: Final = frozenset(".;:!?()[]-\ufffc")
_CAUSE: Final = classes("cause")
_INTRANSITIVE: Final = classes("intransitive")
_MOVEMENT: Final = classes("movement")
_NOUN_TOO: Final = classes("noun_too")
_OUTCOME: Final = classes("outcome")
_EFFECT_NOUN: Final = classes("effect_noun")
_HAVING: Final = classes("having")
_EFFECTIVE: Final = classes("effective")
_SUBSTANCE: Final = classes("substance")
_EVALUATIVE: Final = classes("evaluative")
_SOFTENING: Final = classes("may", "hedge_probable", "hedge_possible", "hedge_uncertain")
_CORRELATE: Final = classes("correlate")
_FAINT: Final = classes("faint")
_CONTRAST: Final = classes("contrast")
_RAISING: Final = classes("raising")
_AIM: Final = classes("aim")
_DIRECTION: Final = classes("direction")
_AGENT_NOUN: Final = classes("agent_noun")
_ADVICE: Final = classes("advice")
_ABSOLUTE: Final = classes("absolute")
_DETERMINER: Final = classes("determiner")
_ADVERB: Final = classes("adverb")
_BE: Final = classes("be")
_HAVE: Final = classes("have")
_CAN: Final = classes("can")
_MAY: Final = classes("may")
_SHOULD: Final = classes("should")
_BASE: Final = classes("base")
_PARTICIPLE: Final = classes("participle")
_ING: Final = classes("ing")
_SHAPES: Final = _BASE | _THIRD | _PAST | _PARTICIPLE | _ING
_TO: Final = classes("infinitive")
_RAISED: Final = classes("raised")
_COMPARE: Final = classes("comparing")
_COLOURS: Final = _FINITE | _HEDGE | _ADVERB | _NEGATION | _TURN | _ABSOLUTE
CUES: Final = (
    _CAUSE
    | _OUTCOME
    | _EFFECT_NOUN
    | _EFFECTIVE
    | _EVALUATIVE
    | _CORRELATE
    | _MOVEMENT
    | _COMPARE
    | _AGENT_NOUN
    | _CONTRAST
    | _MAY
    | _CAN
)
_PREDICATES: Final = _FINITE | _HAVING | _CAUSE | _MOVEMENT | _CONTRAST | _REPORTED
_HEALTH: Final = classes("health")
_PEOPLE: Final = classes("people")
_TECHNICAL: Final = classes("technical")
_DOUBLE: Final = classes("double")
_SIGNS: Final = frozenset("#_{@\ufffc")
_EXTENT: Final = classes("extent")
_MEANS: Final = classes("means")
_DESIGN: Final = classes("design")
_STUDY: Final = classes("study")
_BACKGROUND: Final = classes("background")
_USE: Final = classes("use")
_THESE: Final = frozenset("this these those".split())
_PLACES: Final = frozenset(
    [
        "into",
        "at risk",
        "in danger",
        "off",
        "at greater risk",
        "at higher risk",
        "at increased risk",
        "at high risk",
    ]
)
_RISKS: Final = frozenset(
    "risk risks odds level levels rate rates chance chances mortality incidence".split()
)
_ENQUIRING: Final = classes("enquiring")
_TOUCHED: Final = classes("touched")
_JOINED: Final = classes("joined")
_ADJUNCT: Final = classes("adjunct")
_CHANGING: Final = classes("changing")
_BRINGING: Final = classes("bringing")
_NEEDED: Final = classes("needed")
_LIGHT: Final = frozenset("make makes made making keep keeps kept keeping".split())
_LIGHT_OBJECTS: Final = members("light_object")
_ADJECTIVAL: Final = ("al", "ive", "ous", "ic", "ful", "able", "ible", "ary")
_PROMISES: Final = members("promise")
_ASKING: Final = frozenset("what who which where when why how".split())
_LINKING: Final = classes("linking")
_INERT: Final = classes("inert")
_KNOWN: Final = (
    _CAUSE
    | _OUTCOME
    | _CORRELATE
    | _INERT
    | _AIM
    | _ADVICE
    | _PREPOSITION
    | _DETERMINER
    | _PRONOUN
    | _COORDINATOR
    | _REPORTED
    | _ENQUIRING
)
_EXPECTED: Final = frozenset(
    "previously expected thought originally once ever half one two three four five six seven"
    " eight nine ten twice a average just recommended usual normal".split()
)
_QUALITIES: Final = frozenset("thin calm dull blunt numb".split())  # adjectives as well
_COUNTS: Final = frozenset(
    "one two three four five about around approximately millions thousands hundreds nearly over"
    " almost up half".split()
)
_BURDEN: Final = frozenset(
    "affect affects affected kill kills killed cause causes caused harm harmed".split()
)
_THAT: Final = frozenset("evidence hypothesis conclusion idea theory notion concept fact".split())
_MODAL: Final = _MAY | _CAN | classes("would", "will", "do", "should")
_ATTRIBUTING: Final = _DETERMINER | _PREPOSITION | _HAVING | _CONTRAST
_LINKS: Final = (" to", " with", " between", " of", " for")
_WORKING: Final = frozenset("effective efficacious beneficial successful helpful".split())
_GIVING: Final = frozenset("give gives gave given giving".split())
_LOWER_PARTS: Final = members("lower_part")
_PARTS_PLAYED: Final = frozenset("importance role roles importances".split())
_TARGETS: Final = frozenset("on in for".split())
_THERE: Final = frozenset(["there is no", "there are no", "there was no", "there were no"])
_COMPLETE: Final = frozenset("help helps helped heals cures".split())
_SOMEONE: Final = frozenset("us them me him kids bacteria".split())
_HEADLINE: Final = 20  # parts; longer sentences are no headlines
_PUTTING: Final = frozenset(
    "put puts putting place places placed placing leave leaves left leaving".split()
)
_BETWEEN: Final = frozenset("between with of to on in for from among".split())
_PREFIXES: Final = frozenset("down up over re co".split())


class Claim(msgspec.Struct, frozen=True):
    """One reading of one cue."""

    strength: Strength
    level: int  #: 3 in a main clause, 2 beside it, 1 in a phrase
    first: int
    last: int
    seen: int  #: classes of what colours it


_ORDER: Final = {
    Strength.NONE: 0,
    Strength.CORRELATIONAL: 1,
    Strength.CAUSAL: 2,
    Strength.CAN: 3,
    Strength.CONDITIONAL: 4,
    Strength.ABSOLUTE: 5,
}


def rank(claim: Claim) -> tuple[int, int, int]:
    """Order claims: the main clause first, then the kind, then the place."""
    return claim.level, _ORDER[claim.strength], -claim.first


class _Verb(msgspec.Struct, frozen=True):
    """A verb of cause and what stands around it."""

    index: int
    mask: int
    shape: int  #: its shapes, as bits
    seen: int  #: classes of its auxiliaries and adverbs
    at: int  #: where the verb group begins
    level: int
    before: int  #: classes of what stands before the group
    head: str  #: and its word
    following: str
    bound: bool
    has_object: bool
    attributive: bool  #: whether what stands before makes it an adjective or a noun


class Frames(Clauses):
    """A sentence that can say what it claims."""

    __slots__ = ()

    def _claims(self) -> list[Claim]:
        """Read the frame around every cue."""
        claims: list[Claim] = []
        masks = self._parts()
        known = self._known
        if not known & CUES:
            return claims
        # A headline has no finite verb; only there does a bare phrase claim anything.
        told = (
            known & (_FINITE | _ADVICE)
            or any(mask & _STUDY for mask in masks[:4])
            or (known & _DESIGN and self._is_title())
        )
        least = 2 if told else 1
        for index in [place for place, mask in enumerate(masks) if mask & CUES]:
            claim = self._claim(index, masks[index])
            if claim is None:
                continue
            if known & _BACKGROUND and any(
                other & _BACKGROUND for other in masks[slice(*self._clause(index))]
            ):
                claim = msgspec.structs.replace(claim, level=1)
            if claim.level >= least:
                claims.append(claim)
        if claims and (known & _NEEDED or "?" in self._raw):
            void = self._void()
            claims = [claim for claim in claims if not void[claim.first]]
        return claims

    def _is_title(self) -> bool:
        """Say whether the sentence is the title of a study, its design after a colon."""
        words = self._words
        return ":" in words and any(mask & _DESIGN for mask in self._masks[words.index(":") :])

    def _void(self) -> bytearray:
        """Mark the parts that claim nothing: questions, and calls for more research."""
        masks, words = self._masks, self._words
        void = bytearray(len(masks))
        begin = 0
        agenda = asked = False
        for index, mask in enumerate(masks):
            word = words[index]
            if index == begin:
                asked = bool(mask & _FINITE) or word in _ASKING
            if mask & _NEEDED and (
                " " in word or (index and masks[index - 1] & (_FINITE | _ADVERB))
            ):
                agenda = True
            if word in _STOPS or mask & _DIVIDER or (word == "," and agenda):
                if agenda or (word == "?" and asked):
                    void[begin:index] = b"\1" * (index - begin)
                begin, agenda = index + 1, False
        if agenda:
            void[begin:] = b"\1" * (len(void) - begin)
        return void

    def _claim(self, index: int, mask: int) -> Claim | None:
        """Read the frame around one cue: the first that fits of those its classes allow."""
        if mask & _OUTCOME:
            return self._verb(index, mask, bound=True)
        claim: Claim | None = None
        if mask & _CAUSE:
            claim = self._verb(index, mask, bound=False)
        if claim is None and mask & _EFFECT_NOUN:
            claim = self._effect(index)
        if claim is None and mask & (_EFFECTIVE | _EVALUATIVE):
            claim = self._copula(index)
        if claim is None and mask & _AGENT_NOUN:
            claim = self._named(index)
        if claim is None and mask & _CORRELATE:
            claim = self._relation(index, mask)
        if claim is None and mask & _CONTRAST:
            claim = self._compared(index)
        if claim is None and mask & _MOVEMENT:
            claim = self._moved(index, mask)
        if claim is None and mask & (_MAY | _CAN):
            claim = self._open(index)
        if claim is None and mask & _COMPARE:
            claim = self._comparison(index)
        return claim

    def _verb(self, index: int, mask: int, *, bound: bool) -> Claim | None:
        """Read a verb of cause, and leave it to the frame of its shape.

        Args:
            index: the part that holds the verb.
            mask: its classes.
            bound: whether the phrase holds what the verb needs, so no object is asked for.
        """
        masks, words = self._masks, self._words
        if self._is_second_half(index) and words[index - 1] not in _PREFIXES:
            return None  # "lipid-lowering"
        seen, at = self._group(index)
        level = self._level(at)
        at = self._left_of_asides(at)
        before = masks[at - 1] if at else 0
        head = words[at - 1] if at else ""
        shape = mask & _SHAPES
        if bound and not shape:
            shape = self._shape_of(words[index].split()[0])
        if head == "that":
            before &= ~_DETERMINER
        elif head in _THESE and self._alone(index, shape):
            before = 0
        if before & _DETERMINER and words[index] == "results in":
            return None
        following = words[index + 1] if index + 1 < len(words) else ""
        if self._is_idle(index, following) or (
            not mask & _OUTCOME
            and head != ","
            and any(other & _STUDY for other in masks[max(0, at - 2) : at])
        ):
            return None
        verb = _Verb(
            index,
            mask,
            shape,
            seen,
            at,
            level,
            before,
            head,
            following,
            bound,
            has_object=bound
            or self._is_object(index + 1)
            or (words[index] in _COMPLETE and (not following or following in _STOPS)),
            attributive=not bound
            and bool(before & _ATTRIBUTING or (before & _CORRELATE and head.endswith(_LINKS))),
        )
        modal = seen & _MODAL
        if (bound and not shape) or mask & (_JOINED | _ADJUNCT):
            return self._phrase(verb)
        if shape & _ING and not shape & _BASE:
            return self._ing(verb)
        passive = seen & _BE and shape & _PARTICIPLE
        if shape & (_PAST | _PARTICIPLE) and not seen & _TO and (passive or not modal):
            return self._past(verb)
        if shape & _THIRD and not modal:
            return self._present(verb)
        if modal:
            return self._after_modal(verb)
        if seen & _TO:
            return self._infinitive(verb)
        return self._bare(verb)

    def _left_of_asides(self, at: int) -> int:
        """Step left over quotation marks and a bracket, to the head of the subject."""
        words = self._words
        while at and words[at - 1] in "'\"":
            at -= 1
        if at > 2 and words[at - 1] == ")" and "(" in words[max(0, at - 8) : at]:
            while words[at - 1] != "(":
                at -= 1
            at -= 1
        return at

    def _alone(self, index: int, shape: int) -> bool:
        """Say whether "this" before a verb is its subject: "this reduces pain"."""
        if shape & _THIRD:
            return True
        after = self._masks[index + 1] if index + 1 < len(self._masks) else 0
        return bool(shape & _PAST and after & (_DETERMINER | _PRONOUN))

    def _is_idle(self, index: int, following: str) -> bool:
        """Say whether the object shows that the verb changes nothing in anyone's health."""
        masks, words = self._masks, self._words
        word = words[index]
        if word in _BURDEN and (following in _COUNTS or following[:1].isdigit()):
            return not following.endswith("%")  # how many have it: "affects 1 in 40"
        if word in _LIGHT:
            if following in _LIGHT_OBJECTS:
                return True
            after = masks[index + 1] if index + 1 < len(masks) else 0
            if word[0] == "m" and not (
                after & (_HEALTH | _PEOPLE | _PRONOUN | _CONTRAST) or following in _SOMEONE
            ):
                return True
        if word in _PUTTING and _PLACES.isdisjoint(words[index + 1 : index + 11]):
            return True
        if word.startswith("stop") and following.endswith("ing"):
            return True
        return self._is_thought(index)

    def _read(
        self, verb: _Verb, level: int | None = None, strength: Strength = Strength.CAUSAL
    ) -> Claim | None:
        level = verb.level if level is None else level
        return self._made(verb.index, verb.index + 1, verb.seen, level, strength)

    def _phrase(self, verb: _Verb) -> Claim | None:
        """Read a phrase without a verb of its own: "due to", "caused by"."""
        if (
            verb.mask & _JOINED
            and not verb.seen & _BE
            and (len(self._masks) > _HEADLINE or self._known & _FINITE)
        ):
            return None
        return self._read(verb, min(verb.level, 2) if verb.mask & _ADJUNCT else verb.level)

    def _ing(self, verb: _Verb) -> Claim | None:
        """Read "is reducing", and the result in ", reducing …"."""
        if not verb.has_object:
            return None
        if verb.seen & _BE:
            return self._read(verb)
        thereby = verb.head in ("thereby", "thus") or "thereby" in self._words[verb.at : verb.index]
        if thereby or (verb.head == "," and verb.at > 3):
            return self._read(verb, min(verb.level, 2))
        if verb.head == "of" and verb.at > 1 and self._masks[verb.at - 2] & _MEANS:
            return self._way(verb)
        if verb.head == "in" and not _PARTS_PLAYED.isdisjoint(
            self._words[max(0, verb.at - 10) : verb.at]
        ):
            return self._read(verb, 2)
        return self._read(verb, 1) if verb.head == "by" else None

    def _past(self, verb: _Verb) -> Claim | None:
        """Read a past form: a passive, a perfect, a plain past, or an adjective."""
        index, mask, seen = verb.index, verb.mask, verb.seen
        if seen & _BE:
            if self._agent(index) or verb.bound or seen & (_MAY | _CAN) or mask & _TOUCHED:
                return self._read(verb)
            # "The risk was reduced" tells what was seen, not who did it.
            return self._read(verb, None, Strength.CORRELATIONAL) if mask & _DIRECTION else None
        if not verb.has_object and self._agent(index) and verb.head and not self._has_finite(index):
            return None if self._is_care(verb) else self._read(verb)
        if seen & _HAVE:
            if mask & _DIRECTION and verb.following in _RISKS:
                return Claim(Strength.CORRELATIONAL, verb.level, index, index + 1, seen)
        elif mask & _DIRECTION and self._is_seen(verb):
            return Claim(Strength.CORRELATIONAL, min(2, verb.level), index, index + 1, seen)
        elif not verb.bound and (
            verb.attributive
            or not verb.head
            or not verb.head[0].isalnum()
            or self._has_verb(verb.at)
            or self._opens_clause(verb.at)
            or (verb.before & _COORDINATOR and not self._acted_before(verb.at))
        ):
            return None
        if verb.has_object:
            return self._read(verb)
        if mask & _INTRANSITIVE and not verb.bound:
            return self._read(verb, None, Strength.CORRELATIONAL)
        return None

    def _is_care(self, verb: _Verb) -> bool:
        """Say whether it is told who was in care: "people treated by doctors"."""
        return bool(verb.before & _PEOPLE) and self._words[verb.index] == "treated"

    def _acted_before(self, at: int) -> bool:
        """Say whether a verb of cause stands before "and", so that another one may follow."""
        begin, _ = self._clause(at - 1)
        return any(
            mask & (_CAUSE | _OUTCOME | _HAVING | _PRONOUN) and mask & (_PAST | _THIRD | _PRONOUN)
            for mask in self._masks[begin : at - 1]
        )

    def _is_seen(self, verb: _Verb) -> bool:
        """Say whether an adjective of amount is what was found: "showed elevated rates"."""
        if verb.before & _HAVING and verb.before & _SHAPES:
            return True
        masks, words = self._masks, self._words
        for at in range(verb.index + 1, min(verb.index + 7, len(words) - 1)):
            if words[at] in _RISKS or words[at].endswith("risk"):
                return any(
                    masks[at + 1] & _BE and masks[found] & _REPORTED
                    for found in range(at + 2, min(at + 5, len(words)))
                )
        return False

    def _opens_clause(self, at: int) -> bool:
        """Say whether a that-clause begins at ``at``, which leaves no subject before it."""
        masks = self._masks
        return (
            at > 1
            and self._words[at - 1] == "that"
            and bool(masks[at - 2] & _REPORTED or self._words[at - 2] in _THAT)
        )

    def _present(self, verb: _Verb) -> Claim | None:
        """Read the third person: "reduces pain"; many such forms are plural nouns as well."""
        if verb.head == "it" and verb.at > 1 and not verb.mask & _INTRANSITIVE:
            return self._read(verb)  # the object may stand before: "the ills it cures"
        noun = verb.mask & _NOUN_TOO and not verb.bound
        if noun and (verb.attributive or verb.following == "that" or not verb.has_object):
            return None
        if verb.has_object:
            return self._read(verb)
        if verb.mask & _INTRANSITIVE:
            return self._read(verb, None, Strength.CORRELATIONAL)
        return None

    def _after_modal(self, verb: _Verb) -> Claim | None:
        """Read "may reduce pain"; without an object, "may change" tells of no cause."""
        if verb.has_object:
            return self._read(verb)
        if verb.mask & _INTRANSITIVE and not verb.bound:
            return self._read(verb, None, Strength.CORRELATIONAL)
        return None

    def _infinitive(self, verb: _Verb) -> Claim | None:
        """Read "to reduce pain": an aim, unless what it is said of carries it."""
        if not verb.has_object or "too" in self._words[max(0, verb.at - 3) : verb.at]:
            return None
        if verb.seen & _RAISED:
            return self._read(verb)
        masks = self._masks
        if verb.before & _MEANS:
            return self._way(verb)
        for at in range(verb.at - 1, max(-1, verb.at - 20), -1):
            if self._words[at] in _STOPS:
                break
            if masks[at] & _USE:  # "it can be used alongside tablets to reduce pain"
                seen, first = self._group(at)
                if seen & _BE and seen & (_MAY | _CAN):
                    index = verb.index
                    return self._made(index, index + 1, seen, min(2, self._level(first)))
        return self._read(verb, 1)

    def _way(self, verb: _Verb) -> Claim | None:
        """Read "a way to reduce pain": what is, or was found to be, a means does it."""
        masks, words = self._masks, self._words
        for at in range(verb.at - 2, max(-1, verb.at - 9), -1):
            mask = masks[at]
            if words[at] in _STOPS or mask & (_DIVIDER | _RELATIVE | _AIM):
                break
            if mask & (_BE | _MAY | _CAN | _LINKING | _HAVING | _REPORTED):
                seen, first = self._group(at + 1)
                for between in masks[at : verb.at]:
                    seen |= between
                return self._made(verb.index, verb.index + 1, seen, self._level(first))
        return self._read(verb, 1)

    def _bare(self, verb: _Verb) -> Claim | None:
        """Read a bare form: a plural subject's verb, one of a row of infinitives, or a noun."""
        masks, words = self._masks, self._words
        index, head = verb.index, verb.head
        if verb.seen & (_HAVE | _BE) or verb.attributive or not verb.has_object:
            return None
        if words[index] == "lower" and verb.following.split(" ")[0] in _LOWER_PARTS:
            return None
        if words[index] in _QUALITIES and not masks[index + 1] & _DETERMINER:
            return None
        if not head and (verb.bound or words[index] in _PROMISES):
            return self._read(verb, 2)
        if verb.mask & _NOUN_TOO and head.endswith(_ADJECTIVAL):
            return None
        if verb.before & _COORDINATOR or head == ",":
            row = self._row(verb.at - 1)
            after = masks[index + 1] if index + 1 < len(masks) else 0
            plain = after & _DETERMINER and not row & _TO
            level = verb.level if row & _MODAL or plain else 1
            return self._made(index, index + 1, verb.seen | row, level)
        if not head or not head[0].isalnum():
            return None
        if verb.mask & _NOUN_TOO and not (
            head.endswith("s")
            or verb.before & _PRONOUN
            or (index + 1 < len(masks) and masks[index + 1] & _DETERMINER)
            or not self._has_finite(index)
        ):
            return None
        return self._read(verb)

    def _made(
        self,
        first: int,
        last: int,
        seen: int,
        level: int,
        strength: Strength = Strength.CAUSAL,
    ) -> Claim | None:
        """Soften or sharpen a claim by what colours it."""
        if seen & _SHOULD or (seen & _USE and not seen & (_MAY | _CAN | _BE)):
            return None
        if strength is Strength.CAUSAL:
            if seen & _SOFTENING:
                strength = Strength.CONDITIONAL
            elif seen & _CAN:
                strength = Strength.CAN
            elif seen & _ABSOLUTE:
                strength = Strength.ABSOLUTE
        return Claim(strength, level, first, last, seen)

    def _effect(self, index: int) -> Claim | None:
        """Read a noun of effect: what has, shows or produces it, or what is said of it."""
        masks, words = self._masks, self._words
        begin, end = self._clause(index)
        change = bool(masks[index] & _CHANGING)
        between = words[index + 1 : min(end, index + 14)]
        if self._is_counted(index):
            return None
        if not change and between[:1] == ["of"] and not _TARGETS.isdisjoint(between):
            around = 0
            for other in masks[begin:end]:
                around |= other
            if not self._known & _ADVICE:
                for other in masks[max(begin, index - 3) : index]:
                    around |= other & _HEDGE
                seen, _ = self._group(index)
                return self._made(index, index + 1, seen | around & (_MAY | _HEDGE), 2)
        strength = Strength.CORRELATIONAL if change else Strength.CAUSAL
        for at in range(index - 1, max(begin - 1, index - 9), -1):
            mask = masks[at]
            there = (mask & _BE and at and words[at - 1] == "there") or words[at] in _THERE
            if mask & _HAVING or there:
                seen, first = self._group(at)
                if mask & _HAVE and masks[at + 1] & _INERT and masks[at + 1] & _PAST:
                    return None  # "has accepted claims of relief"
                if mask & _BASE and not seen and first and masks[first - 1] & _COORDINATOR:
                    return None
                if words[at] == "given" and not seen & (_BE | _HAVE):
                    return None
                if seen & _TO and not seen & _RAISED:
                    return None
                if mask & _BRINGING:
                    strength = Strength.CAUSAL
                return self._made(at, index + 1, seen, self._level(first), strength)
            if mask & _AIM:
                return None
        for at in range(index + 1, min(end, index + 12)):
            mask = masks[at]
            if mask & _AIM:
                return None
            if mask & (_BE | _MAY):
                seen = 0
                if (
                    at + 1 < end
                    and mask & _MAY
                    and masks[at + 1] & _INERT
                    and not masks[at + 1] & _BE
                ):
                    return None
                for after in masks[at : at + 5]:
                    if after & (_AIM | _SHOULD | _EXTENT):
                        return None
                    seen |= after
                return self._made(index, index + 1, seen, self._level(index), strength)
        if words[index] == "relief" and not self._known & _FINITE and len(masks) <= _HEADLINE:
            return self._made(index, index + 1, 0, 1)
        return None

    def _is_counted(self, index: int) -> bool:
        """Say whether it is counted who has it: "harm in 1 of 1,000", "half of the effects"."""
        words = self._words
        if words[index + 1 : index + 2] == ["in"] and index + 2 < len(words):
            following = words[index + 2]
            if following in _COUNTS or following[0].isdigit():
                return True
        start = index - 2 if words[index - 1] == "the" else index - 1
        return start > 0 and words[start] == "of" and words[start - 1] in _COUNTS

    def _copula(self, index: int) -> Claim | None:
        """Read an adjective that says something works: after be, seem, prove and the like."""
        masks, words = self._masks, self._words
        if words[index] == "works":
            closing = words[index + 1] if index + 1 < len(words) else "."
            if index and closing in _STOPS and not masks[index - 1] & _ATTRIBUTING:
                return self._made(index, index + 1, self._group(index)[0], self._level(index))
            return None
        potent = any(mask & _SUBSTANCE for mask in masks[index + 1 : index + 4])
        for at in range(index - 1, max(-1, index - 6), -1):
            mask = masks[at]
            if words[at] in _STOPS or words[at] == "," or mask & (_RELATIVE | _OUTCOME | _JOINED):
                break
            if mask & _PREPOSITION and words[at] != "as":
                break
            if mask & (_BE | _RAISING) or (potent and mask & (_HAVE | _HAVING)):
                seen, first = self._group(at + 1)
                if seen & _TO and not seen & _RAISED:
                    return None
                for between in masks[at:index]:
                    seen |= between
                if not masks[index] & _EFFECTIVE and not seen & _SOFTENING:
                    return None
                return self._made(index, index + 1, seen, self._level(first))
        after = masks[index + 1] if index + 1 < len(masks) else _PREPOSITION
        headline = not self._known & _FINITE and len(masks) <= _HEADLINE
        ends = after & (_PREPOSITION | _COORDINATOR) or words[index + 1] in _STOPS
        if headline and masks[index] & _EFFECTIVE and (potent or ends):
            return self._made(index, index + 1, self._group(index)[0], 1)
        return None

    def _relation(self, index: int, mask: int) -> Claim | None:
        """Read a word that says two things go together."""
        masks, words = self._masks, self._words
        begin, end = self._clause(index)
        level = self._level(index)
        seen, _ = self._group(index)
        if self._known & _SHOULD and any(o & _SHOULD for o in masks[begin:index]):
            return None
        if words[index].startswith("chance"):
            for at in range(index - 1, max(begin - 1, index - 8), -1):
                if words[at] in _GIVING:
                    coloured, first = self._group(at)
                    return self._made(at, at + 1, coloured, self._level(first))
        if words[index].startswith("at "):
            for at in range(index - 1, max(begin - 1, index - 7), -1):
                if words[at] in _PUTTING:
                    coloured, first = self._group(at)
                    return self._made(at, index + 1, coloured, self._level(first))
        if (
            mask & _JOINED
            and not self._predicated(index)
            and (words[index] == "associated" or self._has_finite(index))
        ):
            return None
        if words[index].startswith("compared") and not self._known & _PREDICATES:
            return None
        if mask & _FAINT and self._predicated(index):
            return Claim(Strength.CORRELATIONAL, level, index, index + 1, seen)
        if mask & _FAINT:
            around = 0
            for other in masks[begin:end]:
                around |= other
            if around & (_AIM | _ADVICE):
                return None
            level = min(level, 2)
            if not around & (_FINITE | _HAVING | _REPORTED):
                if not words[index].endswith(_LINKS) and _BETWEEN.isdisjoint(
                    words[index + 1 : index + 12]
                ):
                    return None
                level = 1
        return Claim(Strength.CORRELATIONAL, level, index, index + 1, seen)

    def _named(self, index: int) -> Claim | None:
        """Read a noun that names a cause: something is, may be or was found to be one."""
        masks, words = self._masks, self._words
        for at in range(index - 1, max(-1, index - 13), -1):
            mask = masks[at]
            if words[at] in _STOPS or mask & (_DIVIDER | _RELATIVE | _AIM):
                return None
            if mask & (_BE | _MAY | _CAN | _LINKING | _HAVING | _REPORTED):
                seen, first = self._group(at + 1)
                for between in masks[at:index]:
                    seen |= between
                return self._made(index, index + 1, seen, self._level(first))
        if not self._has_finite(index):
            return self._made(index, index + 1, self._group(index)[0], 1)
        return None

    def _open(self, index: int) -> Claim | None:
        """Read "may" or "can" before a verb the lexicon lacks, which has an object."""
        masks, words = self._masks, self._words
        at = index + 1
        seen = masks[index]
        while at < len(masks) and (masks[at] & _COLOURS or words[at].endswith("ly")):
            seen |= masks[at]
            at += 1
        if at >= len(masks) or seen & _BE or seen & _HAVE:
            return None
        mask, word = masks[at], words[at]
        if mask & _KNOWN or not word.isalpha() or not self._is_object(at + 1):
            return None
        group, first = self._group(index + 1)
        if any(other & _STUDY for other in masks[max(0, first - 2) : first]):
            return None
        return self._made(at, at + 1, seen | group, min(2, self._level(first)))

    def _moved(self, index: int, mask: int) -> Claim | None:
        if mask & (_PAST | _THIRD) and not self._is_object(index + 1):
            seen, at = self._group(index)
            return Claim(Strength.CORRELATIONAL, min(2, self._level(at)), index, index + 1, seen)
        return None

    def _compared(self, index: int) -> Claim | None:
        """Read a comparative that is predicated: "were older", "had lower scores"."""
        masks, words = self._masks, self._words
        for at in range(index - 1, max(-1, index - 4), -1):
            mask = masks[at]
            if mask & _BE or (mask & _HAVING and mask & _SHAPES) or mask & _HAVE:
                seen, first = self._group(at + 1)
                if seen & _SHOULD or (mask & _BE and masks[index - 1] & _DETERMINER):
                    return None
                level = min(2, self._level(first))
                return Claim(Strength.CORRELATIONAL, level, index, index + 1, seen)
            if not (mask & _ADVERB or mask & _DETERMINER or words[at].endswith("ly")):
                return None
        return None

    def _comparison(self, index: int) -> Claim | None:
        """Read "more … than": a difference, unless only a number is compared."""
        masks, words = self._masks, self._words
        following = words[index + 1] if index + 1 < len(words) else "0"
        if following[0].isdigit() or following in _EXPECTED:
            return None
        for at in range(index - 1, max(-1, index - 12), -1):
            if words[at] in _STOPS:
                return None
            if masks[at] & _CONTRAST:
                if not _WORKING.isdisjoint(words[at:index]):
                    return self._made(at, index + 1, self._group(at)[0], self._level(at))
                return Claim(Strength.CORRELATIONAL, self._level(at), at, index + 1, 0)
        return None

    def _about_health(self, claim: Claim) -> bool:
        """Say whether the sentence is about people, bodies or disease, not about software."""
        strong = not self._masks[claim.first] & (_ADJUNCT | _MAY | _CAN)
        matters = reduce(or_, self._kinds)
        signs = not _SIGNS.isdisjoint(self._raw) or "'s" in self._low
        if strong and not signs and not matters & (_TECHNICAL | _DOUBLE):
            return True
        begins, ends = lexicon().begins, lexicon().ends
        health = people = technical = double = 0
        known = lexicon().words
        for word, kind in zip(self._raw, self._kinds, strict=True):
            mask = kind | known.get(word[:-2], 0) if word.endswith("'s") else kind
            if mask & _HEALTH or (
                len(word) > 6 and (word.startswith(begins) or word.endswith(ends))
            ):
                health += 1
            elif mask & _DOUBLE:
                double += 1
            elif mask & _TECHNICAL or word in _SIGNS:
                technical += 1
            elif mask & _PEOPLE:
                people += 1
        if technical or double > 1:
            return 3 * health > technical + double
        if double:
            return bool(health or people)
        return bool(health or people or strong)
