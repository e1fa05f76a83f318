"""How words stand in their sentence, and how strong a claim the sentence makes."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import Enum, Flag, auto
from functools import cache
from importlib.resources import files
from typing import Final

from acuext.text import fold

__all__ = ["Hedge", "Judgement", "Sentence", "Stance", "Strength", "judge"]


class Strength(Enum):
    """What relation between two things a sentence states, weakest first.

    The first two and the fifth are the classes of Yu, Li and Wang 2019; ``CAN`` is kept apart
    from ``CONDITIONAL`` and ``CAUSAL`` because readers tell them apart (Adams et al. 2017).
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


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a sentence claims."""

    strength: Strength  #: the relation it states
    hedge: Hedge  #: how far it takes it back
    negated: bool  #: whether the relation is denied; the strength is that of what is denied
    cues: tuple[tuple[int, int], ...]  #: spans of the words that decided, in the text given


# --- The lexicon ---------------------------------------------------------------------------

_FILES: Final = (
    "en-function.toml",
    "en-stance.toml",
    "en-strength.toml",
    "en-health.toml",
)
_AFTER: Final = frozenset({"retraction", "usage", "coaxing"})
# A word, a figure, or a mark; a hyphen between letters parts words as a blank does.
_PART: Final = re.compile(
    r"\d+(?:[.,:]\d+)*%?|[^\W_]+(?:'[^\W_]+)*|\.{2,}|(?!(?<=\w)[-_]\w)[^\w\s]"
)


def _forms(base: str, irregular: dict[str, list[str]]) -> tuple[str, str, str, str, str]:
    """Give base, third person, past, participle and -ing form of a verb."""
    if base in irregular:
        third, past, participle, ing = irregular[base]
        return base, third, past, participle, ing
    if base.endswith("e"):
        ing = base[:-1] + "ing" if not base.endswith(("ee", "oe", "ye")) else base + "ing"
        return base, base + "s", base + "d", base + "d", ing
    if base.endswith("y") and base[-2] not in "aeiou":
        return base, base[:-1] + "ies", base[:-1] + "ied", base[:-1] + "ied", base + "ing"
    third = base + ("es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")
    return base, third, base + "ed", base + "ed", base + "ing"


@dataclass(frozen=True, slots=True)
class _Lexicon:
    words: dict[str, int]  #: word -> classes, as bits
    phrases: dict[str, tuple[tuple[tuple[str, ...], int], ...]]  #: by first word, longest first
    after: dict[str, tuple[tuple[tuple[str, ...], int], ...]]  #: what is said of words before it
    bits: dict[str, int]
    members: dict[str, list[str]]  #: class -> its words as written
    shapes: dict[str, int]  #: verb form -> its shapes, as bits
    begins: tuple[str, ...]  #: how medical words begin
    ends: tuple[str, ...]  #: how medical words end


@cache
def _lexicon() -> _Lexicon:
    folder = files("acuext") / "lexicon"
    tables: dict[str, dict[str, list[str]]] = {}
    for name in _FILES:
        tables |= tomllib.loads((folder / name).read_text(encoding="utf-8"))
    irregular = tables.pop("forms")
    irregular.pop("about")
    affix = tables.pop("affix")
    bits = {name: 1 << index for index, name in enumerate(tables)}
    shapes = ("base", "third", "past", "participle", "ing")
    extra = (*shapes, "infinitive", "raised", "comparing")
    bits |= {name: 1 << (len(tables) + index) for index, name in enumerate(extra)}
    words: dict[str, int] = {}
    phrases: dict[tuple[str, ...], int] = {}
    after: dict[tuple[str, ...], int] = {}
    for name, table in tables.items():
        for base in table.get("verbs", ()):
            for shape, form in zip(shapes, _forms(base, irregular), strict=True):
                words[form] = words.get(form, 0) | bits[name] | bits[shape]
        for entry in table.get("words", ()):
            for spelt in _spelt(entry, irregular):
                if name in _AFTER:
                    after[spelt] = after.get(spelt, 0) | bits[name]
                elif len(spelt) == 1:
                    words[spelt[0]] = words.get(spelt[0], 0) | bits[name]
                else:
                    phrases[spelt] = phrases.get(spelt, 0) | bits[name]
    words["than"] = words.get("than", 0) | bits["comparing"]
    members = {name: table.get("words", []) for name, table in tables.items()}
    shape_bits: dict[str, int] = {}
    bases = set(irregular)
    bases.update(base for table in tables.values() for base in table.get("verbs", ()))
    for table in tables.values():
        for entry in table.get("words", ()):
            bases.update(part[1:-1] for part in entry.split() if part[0] == "<")
    for base in bases:
        for shape, form in zip(shapes, _forms(base, irregular), strict=True):
            shape_bits[form] = shape_bits.get(form, 0) | bits[shape]
    return _Lexicon(words, _by_first(phrases), _by_first(after), bits, members, shape_bits,
        tuple(affix["begins"]), tuple(affix["ends"]))


def _spelt(entry: str, irregular: dict[str, list[str]]) -> list[tuple[str, ...]]:
    made: list[tuple[str, ...]] = [()]
    for part in entry.replace("-", " ").split():
        choices = set(_forms(part[1:-1], irregular)) if part[0] == "<" else {part}
        made = [(*head, choice) for head in made for choice in choices]
    return made


def _by_first(
    phrases: dict[tuple[str, ...], int],
) -> dict[str, tuple[tuple[tuple[str, ...], int], ...]]:
    grouped: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for phrase, mask in phrases.items():
        grouped.setdefault(phrase[0], []).append((phrase, mask))
    return {
        first: tuple(sorted(group, key=lambda item: -len(item[0])))
        for first, group in grouped.items()
    }


_BITS: Final = _lexicon().bits


def _mask(*names: str) -> int:
    """Join classes of the lexicon into one mask; a name it lacks is an error at import."""
    mask = 0
    for name in names:
        mask |= _BITS[name]
    return mask


_NEGATION: Final = _mask("negation")
_EXCLUSIVE: Final = _mask("exclusive")
_DENIAL: Final = _mask("denial")
_TURN: Final = _mask("turn")
_COMPARATIVE: Final = _mask("comparative")
_CONDITION: Final = _mask("condition")
_INQUIRY: Final = _mask("inquiry")
_SPEECH: Final = _mask("speech")
_MENTION: Final = _mask("mention")
_ATTRIBUTION: Final = _mask("attribution")
_REPORTER: Final = _mask("reporter")
_REPORTED: Final = _mask("reported")
_PAST: Final = _mask("past")
_THIRD: Final = _mask("third")
_HEDGE: Final = _mask("hedge_probable", "hedge_possible", "hedge_uncertain")
_FINITE: Final = _mask("be", "have", "do", "will", "can", "may", "would", "should")
_PRONOUN: Final = _mask("pronoun")
_COORDINATOR: Final = _mask("coordinator")
_DIVIDER: Final = _mask("divider")
_RELATIVE: Final = _mask("relative")
_PREPOSITION: Final = _mask("preposition")
_RETRACTION: Final = _mask("retraction")
_USAGE: Final = _mask("usage")
_COAXING: Final = _mask("coaxing")

_STOPS: Final = frozenset(".;:!?()[]-\ufffc")
_REACH: Final = 7  # words a plain negation reaches; NegEx and its followers use five to seven
_FAR: Final = 60  # parts looked at in any case, so that time grows with the length alone
_LONG_REACH: Final = 16  # words a denial of a whole statement, or a list, reaches


class Sentence:
    """One sentence, taken apart once; nothing is worked out before it is asked for.

    Args:
        text: a sentence as :func:`acuext.text.fold` gives it.
    """

    __slots__ = ("_ends", "_masks", "_quotes", "_raw", "_starts", "_words", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._words: list[str] = []
        self._raw: list[str] = []
        self._masks: list[int] | None = None
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._quotes: list[tuple[int, int]] | None = None

    def _parts(self) -> list[int]:
        """Cut the sentence into words and known phrases, and give the classes of each."""
        if self._masks is not None:
            return self._masks
        words, starts, ends = [], [], []
        for match in _PART.finditer(self.text.lower()):
            words.append(match.group())
            starts.append(match.start())
            ends.append(match.end())
        self._raw = words
        lexicon = _lexicon()
        phrases, known = lexicon.phrases, lexicon.words
        masks: list[int] = []
        index, size = 0, len(words)
        while index < size:
            word = words[index]
            step = 1
            mask = known.get(word, 0)
            for phrase, phrase_mask in phrases.get(word, ()):
                if tuple(words[index : index + len(phrase)]) == phrase:
                    step, mask = len(phrase), phrase_mask
                    word = " ".join(phrase)
                    break
            self._words.append(word)
            self._starts.append(starts[index])
            self._ends.append(ends[index + step - 1])
            masks.append(mask)
            index += step
        self._masks = masks
        return masks

    def stance(self, start: int, end: int) -> Stance:
        """Say how the words at ``[start, end)`` stand in this sentence.

        Args:
            start: offset of the first character of the words, in this sentence's text.
            end: offset after their last character.

        Returns:
            The flags that hold; ``Stance(0)`` when the words are plainly asserted.
        """
        masks = self._parts()
        first, last = self._covered(start, end)
        found = Stance(0)
        if self._asks():
            found |= Stance.QUESTIONED
        found |= self._quotation(start, end)
        if first == last:
            return found
        if self._denied(first, last, start):
            found |= Stance.NEGATED
        seen = self._before(first)
        if seen & _CONDITION or seen & _INQUIRY:
            found |= Stance.HYPOTHETICAL
        if seen & _ATTRIBUTION or self._attributed_after(last):
            found |= Stance.ATTRIBUTED
        if self._reported(first):
            found |= Stance.ATTRIBUTED
        adverb = self._words[last] if last < len(masks) else ""
        if seen & _HEDGE or (adverb.endswith(("ly", "ps")) and masks[last] & _HEDGE):
            found |= Stance.HEDGED
        if self._mentioned(first):
            found |= Stance.MENTIONED
        return found

    # -- where words are --

    def _covered(self, start: int, end: int) -> tuple[int, int]:
        """Give the range of parts that the characters ``[start, end)`` touch."""
        first = bisect_right(self._ends, start)
        return first, max(first, bisect_left(self._starts, end))

    def _asks(self) -> bool:
        """Say whether the sentence is a question that wants an answer."""
        words = self._words
        final = len(words) - 1
        while final > 0 and words[final] in "\"')]":
            final -= 1
        if final < 1 or words[final] != "?":
            return False
        opening = 0
        while opening < final and not words[opening][0].isalnum():
            opening += 1
        if self._said_at(opening, _COAXING) or words[opening] in ("why not", "why don't you"):
            return False
        # "…, doesn't it?" asks for assent, not for an answer.
        tag = words[max(0, final - 3) : final]
        return not (len(tag) == 3 and tag[0] == "," and tag[1].endswith("n't"))

    def _said_at(self, index: int, wanted: int) -> bool:
        """Say whether a phrase said of earlier words, of a wanted class, begins at a part."""
        flat = " ".join(self._words[index : index + 6]).split()
        if not flat:
            return False
        return any(
            mask & wanted and tuple(flat[: len(phrase)]) == phrase
            for phrase, mask in _lexicon().after.get(flat[0], ())
        )

    # -- negation --

    def _denied(self, first: int, last: int, start: int) -> bool:
        """Say whether a negation governs the parts ``[first, last)``."""
        masks = self._masks or []
        # The words may be the end of a known phrase: "cure" in "no cure".
        if self._starts[first] < start and masks[first] & (_NEGATION | _DENIAL):
            return not masks[first] & _TURN
        return self._denied_before(first) or self._denied_after(last)

    def _denied_before(self, first: int) -> bool:
        masks, words = self._masks or [], self._words
        gone = 0  # words passed
        # An "or" joins a list, in which a denial reaches across commas.
        listing = any(word in ("or", "nor") for word in words[first + 1 : first + 5])
        clause = 0  # clauses left behind through that, which, who
        reporting = False  # passed a verb of saying, so "not" reaches through that
        finite = False  # passed a finite verb that "not" before it cannot govern
        for index in range(first - 1, -1, -1):
            mask, word = masks[index], words[index]
            if mask & _DENIAL and gone <= _LONG_REACH:
                return True
            if mask & _NEGATION and not finite:
                far = _LONG_REACH if listing or reporting or mask & _EXCLUSIVE and clause else _REACH
                crossing = clause == 0 or mask & _EXCLUSIVE or reporting
                if gone <= far and crossing and not self._praises(index, first):
                    return True
            if word in _STOPS or gone > _LONG_REACH:
                return False
            if word == ",":
                if not listing and words[index + 1] not in ("or", "nor"):
                    return False
                continue
            if mask & _COORDINATOR:
                if word in ("or", "nor"):
                    listing = True
                elif self._new_clause(index + 1, first):
                    finite = True
            elif mask & _RELATIVE and word != "where" and index + 1 < first:
                clause += 1
                reporting = bool(index and masks[index - 1] & _REPORTED)
            elif mask & _DIVIDER:
                return False
            elif mask & _PRONOUN and index and masks[index - 1] & _REPORTED:
                reporting = True
            gone += 1
        return False

    def _new_clause(self, index: int, first: int) -> bool:
        """Say whether a finite verb or a subject follows "and", so that a clause begins."""
        masks = self._masks or []
        mask = masks[index] if index < len(masks) else 0
        if mask & (_FINITE | _PRONOUN):
            return True
        word = self._words[index] if index < len(masks) else ""
        return bool(mask & _THIRD) or (index == first and word.endswith("s") and len(word) > 3)

    def _praises(self, negator: int, first: int) -> bool:
        """Say whether a comparison turns "nothing" or "no other" into praise."""
        masks = self._masks or []
        if not masks[negator] & _EXCLUSIVE or masks[negator + 1] & _COMPARATIVE:
            return False
        return any(mask & _COMPARATIVE for mask in masks[negator + 1 : first + 6])

    def _denied_after(self, last: int) -> bool:
        masks, words = self._masks or [], self._words
        for index in range(last, min(last + 12, len(words))):
            mask, word = masks[index], words[index]
            if self._said_at(index, _RETRACTION):
                return True
            if index - last <= 5 and mask & _FINITE:
                # The words stand in the subject: "a cure is not known".
                return self._negated_auxiliary(index)
            if word in _STOPS or word == "," or mask & (_DIVIDER | _RELATIVE):
                return False
            if mask & _COORDINATOR and self._new_clause(index + 1, -1):
                return False
        return False

    def _negated_auxiliary(self, index: int) -> bool:
        masks = self._masks or []
        for mask in masks[index : index + 3]:
            if mask & _TURN:
                return False
            if mask & _NEGATION:
                return True
        return False

    # -- what stands before the words and colours them --

    def _before(self, first: int) -> int:
        """Join the classes of the parts that colour what stands at ``first``.

        A condition colours its own clause, up to a comma; inquiry and attribution colour the
        rest of the sentence; a hedge colours its clause.
        """
        masks, words = self._masks or [], self._words
        seen = 0
        closed = False  # a comma was passed: conditions before it are closed
        other = False  # a clause border was passed: hedges before it belong elsewhere
        for index in range(first - 1, max(-1, first - _FAR), -1):
            mask, word = masks[index], words[index]
            if word in ";.!?":
                break
            if word in (",", ":", "-"):
                closed = True
            if mask & _DIVIDER or (mask & _COORDINATOR and self._new_clause(index + 1, first)):
                other = True
                if mask & _DIVIDER and word in ("but", "however", "yet", "although", "though"):
                    break
            if mask & _CONDITION and not closed:
                seen |= _CONDITION
            if mask & _INQUIRY and not (closed and index == 0):
                seen |= _INQUIRY
            if mask & _ATTRIBUTION:
                seen |= _ATTRIBUTION
            if mask & _HEDGE and not other:
                seen |= _HEDGE
        return seen

    def _attributed_after(self, last: int) -> bool:
        masks, words = self._masks or [], self._words
        for index in range(last, min(last + _FAR, len(words))):
            if words[index] in ";.:" or masks[index] & _DIVIDER:
                return False
            if words[index] == "according to":
                return True
            if words[index] == "," and any(
                mask & _SPEECH or mask & _ATTRIBUTION for mask in masks[index + 1 : index + 4]
            ):
                return True
        return False

    def _reported(self, first: int) -> bool:
        """Say whether a study or its authors are said, in the past, to have found it."""
        masks = self._masks or []
        for index in range(first - 1, max(-1, first - _FAR), -1):
            mask = masks[index]
            if self._words[index] in ";." or mask & _DIVIDER:
                return False
            if mask & _REPORTED and mask & _PAST:
                return any(m & _REPORTER for m in masks[max(0, index - 8) : index])
        return False

    # -- quotation and mention --

    def _quoted_spans(self) -> list[tuple[int, int]]:
        """Find what stands between quotation marks, the marks left out."""
        if self._quotes is None:
            self._quotes = []
            text = self.text
            opened = -1
            mark = ""
            for match in re.finditer("[\"']", text):
                at, char = match.start(), match.group()
                before = text[at - 1] if at else " "
                after = text[at + 1] if at + 1 < len(text) else " "
                if opened < 0:
                    if not after.isspace() and not before.isalnum():
                        opened, mark = at + 1, char
                elif char == mark and (char == '"' or not after.isalnum()):
                    if not before.isspace():
                        self._quotes.append((opened, at))
                    opened = -1
        return self._quotes

    def _quotation(self, start: int, end: int) -> Stance:
        masks = self._masks or []
        spans = self._quoted_spans()
        nearest = bisect_right(spans, (start, len(self.text)))
        for opened, closed in spans[max(0, nearest - 1) : nearest]:
            if end <= closed:
                inside_first, inside_last = self._covered(opened, closed)
                before = masks[max(0, inside_first - 6) : inside_first]
                if any(mask & _MENTION for mask in before) or any(
                    self._said_at(index, _USAGE)
                    for index in range(inside_last, min(inside_last + 3, len(masks)))
                ):
                    return Stance.MENTIONED
                outside = masks[max(0, inside_first - _FAR) : inside_first]
                outside += masks[inside_last : inside_last + _FAR]
                if any(mask & _SPEECH for mask in outside):
                    return Stance.QUOTED
        return Stance(0)

    def _mentioned(self, first: int) -> bool:
        """Say whether words without quotation marks are named as words."""
        masks, words = self._masks or [], self._words
        gone = 0
        listed = False
        for index in range(first - 1, max(-1, first - 16), -1):
            mask, word = masks[index], words[index]
            if mask & _MENTION and word != "called":
                return gone == 0 or listed
            if word in ("such as", "like", ":"):
                listed = True
            elif word in _STOPS or mask & (_FINITE | _DIVIDER | _PRONOUN):
                return False
            elif word not in ("'", '"', ",") and not mask & _COORDINATOR:
                gone += 1
        return False

    # -- the claim --

    def judgement(self) -> Judgement:
        """Say what the sentence claims; the cues are spans of this sentence's text."""
        claims = self._claims()
        if not claims:
            return _NOTHING
        best = max(claims, key=_rank)
        if not self._about_health(best):
            return _NOTHING
        start, end = self._starts[best.first], self._ends[best.last - 1]
        seen = best.seen
        hedge = Hedge.NONE
        for wanted, found in _HEDGES:
            if seen & wanted:
                hedge = found
        negated = self._denied(best.first, best.last, start) or (
            best.last - best.first > 1 and self._denied(best.last - 1, best.last, start)
        )
        return Judgement(best.strength, hedge, negated, ((start, end),))

    def _about_health(self, claim: _Claim) -> bool:
        """Say whether the sentence is about people, bodies or disease, not about software."""
        lexicon = _lexicon()
        known, begins, ends = lexicon.words, lexicon.begins, lexicon.ends
        health = people = technical = double = 0
        for word in self._raw:
            mask = known.get(word, 0)
            if not mask & _MATTERS and word[-1] == "s":
                mask = known.get(word[:-1], 0)
            if mask & _HEALTH or (len(word) > 6 and word.startswith(begins)) or (
                len(word) > 6 and word.endswith(ends)
            ):
                health += 1
            elif mask & _DOUBLE:
                double += 1
            elif mask & _TECHNICAL or word in _SIGNS:
                technical += 1
            elif mask & _PEOPLE:
                people += 1
        if double > 1 or technical:
            technical += double
        if technical:
            return 3 * health > technical
        strong = not (self._masks or [])[claim.first] & (_ADJUNCT | _MAY | _CAN)
        return bool(health or people or strong)

    def _claims(self) -> list[_Claim]:
        """Read the frame around every cue."""
        claims: list[_Claim] = []
        masks = self._parts()
        told = any(mask & (_FINITE | _STUDY | _ADVICE) for mask in masks)
        least = 2 if told else 1
        void = self._void()
        for index, mask in enumerate(masks):
            if mask & _CUES:
                claim = self._claim(index, mask)
                if claim is not None and claim.level >= least and not any(
                    begin <= index < end for begin, end in void
                ):
                    claims.append(claim)
        return claims

    def _void(self) -> list[tuple[int, int]]:
        """Find the stretches that claim nothing: questions, and calls for more research."""
        masks, words = self._masks or [], self._words
        void: list[tuple[int, int]] = []
        begin = 0
        agenda = asked = False
        for index, mask in enumerate(masks):
            word = words[index]
            if index == begin:
                asked = bool(mask & _FINITE) or word in _ASKING
            if mask & _NEEDED and (" " in word or (index and masks[index - 1] & (_FINITE | _ADVERB))):
                agenda = True
            if word in _STOPS or mask & _DIVIDER or (word == "," and agenda):
                if agenda or (word == "?" and asked):
                    void.append((begin, index))
                begin, agenda = index + 1, False
        if agenda:
            void.append((begin, len(masks)))
        return void

    def _claim(self, index: int, mask: int) -> _Claim | None:
        """Read the frame around one cue: the first that fits of those its classes allow."""
        if mask & _OUTCOME:
            return self._verb(index, mask, bound=True)
        claim: _Claim | None = None
        if mask & _CAUSE:
            claim = self._verb(index, mask, bound=False)
        if claim is None and mask & _EFFECT_NOUN:
            claim = self._effect(index)
        if claim is None and mask & _EFFECTIVE:
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

    def _group(self, index: int) -> tuple[int, int]:
        """Walk left over auxiliaries, adverbs and the like: what colours the verb at ``index``.

        Returns:
            The joined classes of the verb group, and where it begins.
        """
        masks, words = self._masks or [], self._words
        seen = 0
        at = index
        while at > 0:
            mask, word = masks[at - 1], words[at - 1]
            if word == "to":
                seen |= _TO
            elif word.endswith(" to") and mask & (_AIM | _ADVICE):
                seen |= _TO
                break
            elif word in "'\"" and at > 1 and masks[at - 2] & (_FINITE | _TO):
                pass
            elif mask & _RAISING and (words[at] == "to" or mask & _CAUSE):
                seen |= mask | _RAISED
            elif mask & _COLOURS or (word.endswith("ly") and not mask & _CORRELATE):
                seen |= mask
            else:
                break
            at -= 1
        return seen, at

    def _level(self, at: int) -> int:
        """Say how much weight the clause before ``at`` carries: 3 main, 2 beside, 0 none."""
        masks, words = self._masks or [], self._words
        closed = False
        for index in range(at - 1, max(-1, at - 40), -1):
            mask, word = masks[index], words[index]
            if word in _STOPS:
                return 3
            if word == ",":
                closed = True
            if mask & _CONDITION and not closed:
                return 0 if word.startswith("whether") else 1
            if mask & _RELATIVE:
                if word == "that" and index and (
                    masks[index - 1] & (_REPORTED | _REPORTER | _DENIAL) or words[index - 1] in _THAT
                ):
                    continue
                return 2
            if mask & _DIVIDER and word in _BESIDE:
                return 2
        return 3

    def _is_object(self, index: int) -> bool:
        """Say whether a noun phrase begins at ``index``."""
        masks, words = self._masks or [], self._words
        while index < len(masks) and (
            words[index].endswith(("ly", "...")) or masks[index] & _ADVERB and not masks[index] & _DETERMINER
        ):
            index += 1
        if index >= len(masks):
            return False
        mask = masks[index]
        if mask & _DETERMINER or mask & _PRONOUN:
            return True
        if mask & (_PREPOSITION | _COORDINATOR | _RELATIVE | _DIVIDER | _FINITE):
            return False
        return words[index][0].isalnum() or words[index][0] in "'\"("

    def _verb(self, index: int, mask: int, *, bound: bool) -> _Claim | None:
        """Read a verb of cause in its frame: active, passive, infinitive or participle.

        Args:
            index: the part that holds the verb.
            mask: its classes.
            bound: whether the phrase holds what the verb needs, so no object is asked for.
        """
        masks, words = self._masks or [], self._words
        if index and self._starts[index] == self._ends[index - 1] + 1:
            if self.text[self._ends[index - 1]] == "-" and words[index - 1] not in _PREFIXES:
                return None
        seen, at = self._group(index)
        level = self._level(at)
        shape_hint = mask & _SHAPES
        while at and words[at - 1] in "'\"":
            at -= 1
        if at > 2 and words[at - 1] == ")" and "(" in words[max(0, at - 8) : at]:
            at -= words[at - 1 :: -1].index("(") + 1
        before = masks[at - 1] if at else 0
        head = words[at - 1] if at else ""
        if head == "that":
            before &= ~_DETERMINER
        if head in _THESE and shape_hint & (_THIRD | _PAST):
            after = masks[index + 1] if index + 1 < len(masks) else 0
            if shape_hint & _THIRD or after & (_DETERMINER | _PRONOUN):
                before = 0
        if self._is_thought(index):
            return None
        if words[index] in _PUTTING and not any(
            word in _PLACES for word in words[index + 1 : index + 11]
        ):
            return None
        last = index + 1
        if not mask & _OUTCOME and any(other & _STUDY for other in masks[max(0, at - 2) : at]):
            return None
        if bound and not mask & _SHAPES:
            shape = self._shape_of(words[index].split()[0])
        else:
            shape = mask & _SHAPES
        has_object = bound or self._is_object(index + 1)
        following = words[index + 1] if index + 1 < len(words) else ""
        if words[index] in _LIGHT and (
            following in _LIGHT_OBJECTS or words[index + 2 : index + 3] == ["decisions"]
        ):
            return None
        if words[index].startswith("stop") and following.endswith("ing"):
            return None
        open_verb = bool(mask & _INTRANSITIVE) and not bound
        if bound and not shape:
            if mask & _JOINED and not seen & _BE and (
                len(masks) > 20 or any(other & _FINITE for other in masks)
            ):
                return None
            if mask & _ADJUNCT:
                level = min(level, 2)
            return self._made(index, last, seen, level)
        if shape & _ING and not shape & _BASE:
            if seen & _BE:
                return self._made(index, last, seen, level) if has_object else None
            if head == "," or "thereby" in words[at:index] or head in ("thereby", "thus"):
                return self._made(index, last, seen, min(level, 2)) if has_object else None
            return self._made(index, last, seen, 1) if has_object and head == "by" else None
        modal = seen & (_MAY | _CAN | _WOULD | _WILL | _DO | _SHOULD)
        if modal and seen & _BE and shape & _PARTICIPLE:
            modal = 0
        if shape & (_PAST | _PARTICIPLE) and not modal and not seen & _TO:
            if seen & _BE:
                if self._agent(index) or bound or seen & (_MAY | _CAN) or mask & _TOUCHED:
                    return self._made(index, last, seen, level)
                if mask & _DIRECTION:
                    return self._made(index, last, seen, level, Strength.CORRELATIONAL)
                return None
            if not has_object and self._agent(index) and head and not self._has_finite(index):
                return self._made(index, last, seen, level)
            if seen & _HAVE and mask & _DIRECTION and following in _RISKS:
                return _Claim(Strength.CORRELATIONAL, level, index, last, seen)
            if not seen & _HAVE:
                if not bound and self._has_verb(at):
                    return None
                if before & (_DETERMINER | _PREPOSITION | _HAVING | _CONTRAST) and not bound:
                    return None
                if (not head or not head[0].isalnum()) and not bound:
                    return None
            if has_object:
                return self._made(index, last, seen, level)
            if open_verb:
                return self._made(index, last, seen, level, Strength.CORRELATIONAL)
            return None
        if shape & _THIRD and not modal:
            if not bound and mask & _NOUN_TOO and (
                before & (_DETERMINER | _PREPOSITION | _HAVING | _CONTRAST)
                or not has_object
            ):
                return None
            if has_object:
                return self._made(index, last, seen, level)
            if open_verb:
                return self._made(index, last, seen, level, Strength.CORRELATIONAL)
            return None
        if modal:
            if not has_object and not open_verb:
                return None
            return self._made(index, last, seen, level)
        if seen & _TO:
            if seen & _RAISED:
                return self._made(index, last, seen, level) if has_object else None
            return self._made(index, last, seen, 1) if has_object else None
        # A bare form: a plural subject's verb, one of a row of infinitives, or a noun.
        if before & (_DETERMINER | _PREPOSITION | _HAVING | _CONTRAST) or not has_object:
            return None
        if not head and words[index] in _PROMISES:
            return self._made(index, last, seen, 2)
        if mask & _NOUN_TOO and head.endswith(_ADJECTIVAL):
            return None
        if before & _COORDINATOR or head == ",":
            row = self._row(at - 1)
            if row & (_MAY | _CAN | _WOULD | _WILL | _DO | _SHOULD):
                return self._made(index, last, seen | row, level)
            return self._made(index, last, seen | row, 1)
        if not head or not head[0].isalnum():
            return None
        if mask & _NOUN_TOO and not (
            head.endswith("s")
            or before & _PRONOUN
            or (index + 1 < len(masks) and masks[index + 1] & _DETERMINER)
            or not self._has_finite(index)
        ):
            return None
        return self._made(index, last, seen, level)

    def _agent(self, index: int) -> bool:
        """Say whether "by" and who did it follow; "by a third" is an amount."""
        words = self._words
        for at in range(index + 1, min(index + 5, len(words) - 1)):
            if words[at] == "by":
                after = words[at + 1]
                return not after[0].isdigit() and after not in _AMOUNTS
        return False

    def _is_thought(self, index: int) -> bool:
        """Say whether what the verb acts on is an object of thought: "our understanding"."""
        masks, words = self._masks or [], self._words
        for at in range(index + 1, min(index + 6, len(words))):
            mask = masks[at]
            if mask & _DISCOURSE:
                return True
            if at == index + 1 and mask & _ENQUIRING and words[index].startswith("help"):
                return True
            if at > index + 1 and mask & _PREPOSITION and words[at] not in ("of", "to"):
                return False
            if words[at] in _STOPS or words[at] == "," or mask & (_RELATIVE | _DIVIDER):
                return False
        return False

    def _has_verb(self, at: int) -> bool:
        """Say whether the clause has its finite verb before ``at``: one is all it may have."""
        masks, words = self._masks or [], self._words
        if at and masks[at - 1] & _PRONOUN:
            return False
        for index in range(at - 1, max(-1, at - 30), -1):
            mask = masks[index]
            if words[index] in _STOPS or mask & (_DIVIDER | _RELATIVE):
                return False
            if mask & _REPORTED and not mask & _FINITE:
                # "found statins reduced pain": a clause without that, with its own subject
                return at - index < 2
            if mask & _FINITE or (
                mask & _CORRELATE and not mask & _FAINT
            ):
                opener = masks[index - 1] if index else 0
                return not opener & _RELATIVE
        return False

    def _has_finite(self, index: int) -> bool:
        """Say whether the clause has a finite verb other than the part at ``index``."""
        begin, end = self._clause(index)
        masks = self._masks or []
        return any(
            masks[at] & _FINITE
            or (masks[at] & (_REPORTED | _CAUSE | _HAVING) and masks[at] & (_PAST | _THIRD)
                and not masks[at] & _NOUN_TOO)
            for at in range(begin, end)
            if at != index
        )

    def _shape_of(self, word: str) -> int:
        return _lexicon().shapes.get(word, 0)

    def _row(self, at: int) -> int:
        """Find what colours a row of verbs joined by commas and "and"."""
        masks, words = self._masks or [], self._words
        for index in range(at, max(-1, at - 20), -1):
            mask = masks[index]
            if words[index] in _STOPS or mask & (_DIVIDER | _RELATIVE):
                return 0
            if mask & (_MAY | _CAN | _WOULD | _WILL | _SHOULD):
                return self._group(index + 1)[0]
            if words[index] == "to" or mask & _BE:
                return 0
        return 0

    def _made(
        self,
        first: int,
        last: int,
        seen: int,
        level: int,
        strength: Strength = Strength.CAUSAL,
    ) -> _Claim | None:
        """Soften or sharpen a claim by what colours it."""
        if seen & _SHOULD or (seen & _USE and not seen & (_MAY | _CAN)):
            return None
        if strength is Strength.CAUSAL:
            if seen & (_MAY | _HEDGE):
                strength = Strength.CONDITIONAL
            elif seen & _CAN:
                strength = Strength.CAN
            elif seen & _ABSOLUTE:
                strength = Strength.ABSOLUTE
        return _Claim(strength, level, first, last, seen)

    def _clause(self, at: int) -> tuple[int, int]:
        """Give the range of parts around ``at`` that no clause border cuts."""
        masks, words = self._masks or [], self._words
        begin = at
        while begin > 0 and at - begin < 30:
            if words[begin - 1] in _STOPS or masks[begin - 1] & (_DIVIDER | _RELATIVE):
                break
            begin -= 1
        end = at + 1
        while end < len(words) and end - at < 30:
            if words[end] in _STOPS or masks[end] & (_DIVIDER | _RELATIVE):
                break
            end += 1
        return begin, end

    def _effect(self, index: int) -> _Claim | None:
        """Read a noun of effect: what has, shows or produces it, or what is said of it."""
        masks, words = self._masks or [], self._words
        begin, end = self._clause(index)
        change = bool(masks[index] & _CHANGING)
        between = words[index + 1 : min(end, index + 14)]
        if not change and between[:1] == ["of"] and ("on" in between or "in" in between):
            around = 0
            for other in masks[begin:end]:
                around |= other
            if not any(other & _ADVICE for other in masks):
                for other in masks[max(begin, index - 3) : index]:
                    around |= other & _HEDGE
                seen, _ = self._group(index)
                return self._made(index, index + 1, seen | around & (_MAY | _HEDGE), 2)
        strength = Strength.CORRELATIONAL if change else Strength.CAUSAL
        for at in range(index - 1, max(begin - 1, index - 9), -1):
            mask = masks[at]
            there = mask & _BE and at and words[at - 1] == "there"
            if mask & _HAVING or there:
                seen, first = self._group(at)
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
                for after in masks[at : at + 5]:
                    if after & (_AIM | _SHOULD):
                        return None
                    seen |= after
                return self._made(index, index + 1, seen, self._level(index), strength)
        return None

    def _copula(self, index: int) -> _Claim | None:
        """Read an adjective that says something works: after be, seem, prove and the like."""
        masks, words = self._masks or [], self._words
        for at in range(index - 1, max(-1, index - 6), -1):
            mask = masks[at]
            if words[at] in _STOPS or words[at] == "," or mask & (_RELATIVE | _OUTCOME | _JOINED):
                break
            if mask & _PREPOSITION and words[at] != "as":
                break
            if mask & _BE or mask & _RAISING:
                seen, first = self._group(at + 1)
                if seen & _TO and not seen & _RAISED:
                    return None
                for between in masks[at:index]:
                    seen |= between
                return self._made(index, index + 1, seen, self._level(first))
        return None

    def _relation(self, index: int, mask: int) -> _Claim | None:
        """Read a word that says two things go together."""
        masks, words = self._masks or [], self._words
        begin, end = self._clause(index)
        level = self._level(index)
        seen, _ = self._group(index)
        if seen & _SHOULD:
            return None
        if words[index].startswith("at "):
            for at in range(index - 1, max(begin - 1, index - 7), -1):
                if words[at] in _PUTTING:
                    coloured, first = self._group(at)
                    return self._made(at, index + 1, coloured, self._level(first))
        if mask & _JOINED and not self._predicated(index) and (
            words[index] == "associated" or self._has_finite(index)
        ):
            return None
        if mask & _FAINT and self._predicated(index):
            return _Claim(Strength.CORRELATIONAL, level, index, index + 1, seen)
        if mask & _FAINT:
            around = 0
            for other in masks[begin:end]:
                around |= other
            if around & (_AIM | _ADVICE):
                return None
            level = min(level, 2)
            if not around & (_FINITE | _HAVING | _REPORTED):
                if not any(word in _BETWEEN for word in words[index + 1 : index + 12]):
                    return None
                level = 1
        return _Claim(Strength.CORRELATIONAL, level, index, index + 1, seen)

    def _predicated(self, index: int) -> bool:
        """Say whether a form of be, with nothing but adverbs after it, stands before."""
        masks, words = self._masks or [], self._words
        for at in range(index - 1, max(-1, index - 7), -1):
            mask = masks[at]
            if mask & _BE:
                return True
            if mask & (_DETERMINER | _RELATIVE | _DIVIDER) and words[at] not in _ARTICLES:
                return False
            if mask & _PREPOSITION and words[at] not in ("to", "in"):
                return False
        return False

    def _named(self, index: int) -> _Claim | None:
        """Read a noun that names a cause: something is, may be or was found to be one."""
        masks, words = self._masks or [], self._words
        for at in range(index - 1, max(-1, index - 8), -1):
            mask = masks[at]
            if words[at] in _STOPS or mask & (_DIVIDER | _RELATIVE | _AIM):
                return None
            if mask & (_BE | _MAY | _CAN | _LINKING):
                seen, first = self._group(at + 1)
                for between in masks[at:index]:
                    seen |= between
                return self._made(index, index + 1, seen, self._level(first))
        if not self._has_finite(index):
            return self._made(index, index + 1, self._group(index)[0], 1)
        return None

    def _open(self, index: int) -> _Claim | None:
        """Read "may" or "can" before a verb the lexicon lacks, which has an object."""
        masks, words = self._masks or [], self._words
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

    def _moved(self, index: int, mask: int) -> _Claim | None:
        if mask & (_PAST | _THIRD) and not self._is_object(index + 1):
            seen, at = self._group(index)
            return _Claim(Strength.CORRELATIONAL, min(2, self._level(at)), index, index + 1, seen)
        return None

    def _compared(self, index: int) -> _Claim | None:
        """Read a comparative that is predicated: "were older", "had lower scores"."""
        masks, words = self._masks or [], self._words
        for at in range(index - 1, max(-1, index - 4), -1):
            mask = masks[at]
            if mask & _BE or (mask & _HAVING and mask & _SHAPES) or mask & _HAVE:
                seen, first = self._group(at + 1)
                if seen & _SHOULD or (mask & _BE and masks[index - 1] & _DETERMINER):
                    return None
                level = min(2, self._level(first))
                return _Claim(Strength.CORRELATIONAL, level, index, index + 1, seen)
            if not (mask & _ADVERB or mask & _DETERMINER or words[at].endswith("ly")):
                return None
        return None

    def _comparison(self, index: int) -> _Claim | None:
        """Read "more … than": a difference, unless only a number is compared."""
        masks, words = self._masks or [], self._words
        following = words[index + 1] if index + 1 < len(words) else "0"
        if following[0].isdigit() or following in _EXPECTED:
            return None
        for at in range(index - 1, max(-1, index - 12), -1):
            if words[at] in _STOPS:
                return None
            if masks[at] & _CONTRAST:
                return _Claim(Strength.CORRELATIONAL, self._level(at), at, index + 1, 0)
        return None


@dataclass(frozen=True, slots=True)
class _Claim:
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


def _rank(claim: _Claim) -> tuple[int, int, int]:
    return claim.level, _ORDER[claim.strength], -claim.first


_NOTHING: Final = Judgement(Strength.NONE, Hedge.NONE, False, ())  # noqa: FBT003

_CAUSE: Final = _mask("cause")
_INTRANSITIVE: Final = _mask("intransitive")
_MOVEMENT: Final = _mask("movement")
_NOUN_TOO: Final = _mask("noun_too")
_OUTCOME: Final = _mask("outcome")
_EFFECT_NOUN: Final = _mask("effect_noun")
_HAVING: Final = _mask("having")
_EFFECTIVE: Final = _mask("effective")
_CORRELATE: Final = _mask("correlate")
_FAINT: Final = _mask("faint")
_CONTRAST: Final = _mask("contrast")
_RAISING: Final = _mask("raising")
_AIM: Final = _mask("aim")
_DIRECTION: Final = _mask("direction")
_AGENT_NOUN: Final = _mask("agent_noun")
_ADVICE: Final = _mask("advice")
_ABSOLUTE: Final = _mask("absolute")
_DETERMINER: Final = _mask("determiner")
_ADVERB: Final = _mask("adverb")
_BE: Final = _mask("be")
_HAVE: Final = _mask("have")
_DO: Final = _mask("do")
_WILL: Final = _mask("will")
_CAN: Final = _mask("can")
_MAY: Final = _mask("may")
_WOULD: Final = _mask("would")
_SHOULD: Final = _mask("should")
_BASE: Final = _mask("base")
_PARTICIPLE: Final = _mask("participle")
_ING: Final = _mask("ing")
_SHAPES: Final = _BASE | _THIRD | _PAST | _PARTICIPLE | _ING
_TO: Final = _mask("infinitive")
_RAISED: Final = _mask("raised")
_COMPARE: Final = _mask("comparing")
_COLOURS: Final = _FINITE | _HEDGE | _ADVERB | _NEGATION | _TURN | _ABSOLUTE
_CUES: Final = (
    _CAUSE | _OUTCOME | _EFFECT_NOUN | _EFFECTIVE | _CORRELATE | _MOVEMENT | _COMPARE
    | _AGENT_NOUN | _CONTRAST | _MAY | _CAN
)
_HEALTH: Final = _mask("health")
_PEOPLE: Final = _mask("people")
_TECHNICAL: Final = _mask("technical")
_MATTERS: Final = _HEALTH | _PEOPLE | _TECHNICAL
_DOUBLE: Final = _mask("double")
_SIGNS: Final = frozenset("#_{@\ufffc")
_STUDY: Final = _mask("study")
_USE: Final = _mask("use")
_THESE: Final = frozenset("this these those".split())
_PLACES: Final = frozenset(["into", "at risk", "in danger", "off", "at greater risk",
    "at higher risk", "at increased risk", "at high risk"])
_RISKS: Final = frozenset(
    "risk risks odds level levels rate rates chance chances mortality incidence".split()
)
_DISCOURSE: Final = _mask("discourse")
_ENQUIRING: Final = _mask("enquiring")
_TOUCHED: Final = _mask("touched")
_JOINED: Final = _mask("joined")
_ADJUNCT: Final = _mask("adjunct")
_CHANGING: Final = _mask("changing")
_BRINGING: Final = _mask("bringing")
_NEEDED: Final = _mask("needed")
_LIGHT: Final = frozenset("make makes made making keep keeps kept keeping".split())
_LIGHT_OBJECTS: Final = frozenset(_lexicon().members["light_object"])
_ADJECTIVAL: Final = ("al", "ive", "ous", "ic", "ful", "able", "ible", "ary")
_PROMISES: Final = frozenset(_lexicon().members["promise"])
_ASKING: Final = frozenset("what who which where when why how".split())
_LINKING: Final = _mask("linking")
_INERT: Final = _mask("inert")
_KNOWN: Final = (
    _CAUSE | _OUTCOME | _CORRELATE | _INERT | _AIM | _ADVICE | _PREPOSITION | _DETERMINER
    | _PRONOUN | _COORDINATOR | _REPORTED | _ENQUIRING
)
_HEDGES: Final = (
    (_mask("hedge_probable"), Hedge.PROBABLE),
    (_mask("hedge_possible"), Hedge.POSSIBLE),
    (_mask("hedge_uncertain"), Hedge.UNCERTAIN),
)
_THAT: Final = frozenset("evidence hypothesis conclusion idea theory notion concept fact".split())
_BESIDE: Final = frozenset("although though while whereas because since when whilst".split())
_AMOUNTS: Final = frozenset(
    "a an one two three four five half nearly about almost approximately up more over around"
    " at between as the".split()
) - {"a", "an", "the"}
_ARTICLES: Final = frozenset("a an the some".split())
_EXPECTED: Final = frozenset(
    "previously expected thought originally once ever half one two three four five six seven"
    " eight nine ten twice a average just recommended usual normal".split()
)
_PUTTING: Final = frozenset(
    "put puts putting place places placed placing leave leaves left leaving".split()
)
_BETWEEN: Final = frozenset("between with of to on in".split())
_PREFIXES: Final = frozenset("down up over re co".split())


def judge(sentence: str) -> Judgement:
    """Judge how strong a claim one sentence makes.

    Args:
        sentence: one sentence, as a reader sees it.

    Returns:
        Strength, hedge, negation, and the spans in ``sentence`` of the words that decided.
    """
    folded = fold(sentence)
    made = Sentence(folded.text).judgement()
    return Judgement(
        made.strength, made.hedge, made.negated, tuple(folded.origin(*span) for span in made.cues)
    )
