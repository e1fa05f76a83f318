"""How words stand in their sentence, and how strong a claim the sentence makes."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

from acuext.frames import CUES, Claim, Frames, rank
from acuext.judgement import Hedge, Judgement, Stance, Strength
from acuext.lexicon import classes, lexicon, telling_words
from acuext.text import fold

__all__ = ["Hedge", "Judgement", "Sentence", "Stance", "Strength", "judge"]

_NEGATION: Final = classes("negation")
_EXCLUSIVE: Final = classes("exclusive")
_DENIAL: Final = classes("denial")
_TURN: Final = classes("turn")
_COMPARATIVE: Final = classes("comparative")
_CONDITION: Final = classes("condition")
_INQUIRY: Final = classes("inquiry")
_SPEECH: Final = classes("speech")
_MENTION: Final = classes("mention")
_ATTRIBUTION: Final = classes("attribution")
_REPORTER: Final = classes("reporter")
_REPORTED: Final = classes("reported")
_PAST: Final = classes("past")
_HEDGE: Final = classes("hedge_probable", "hedge_possible", "hedge_uncertain", "hedge_report")
_FINITE: Final = classes("be", "have", "do", "will", "can", "may", "would", "should")
_PRONOUN: Final = classes("pronoun")
_COORDINATOR: Final = classes("coordinator")
_DETERMINER: Final = classes("determiner")
_DIVIDER: Final = classes("divider")
_RELATIVE: Final = classes("relative")
_RETRACTION: Final = classes("retraction")
_USAGE: Final = classes("usage")
_COAXING: Final = classes("coaxing")
_STOPS: Final = frozenset(".;:!?()[]-\ufffc")
_REACH: Final = 7  # words a plain negation reaches: about six
_FAR: Final = 60  # parts looked at in any case, so that time grows with the length alone
_LONG_REACH: Final = 16  # words a denial reaches through a list or a clause of saying
_CLAUSE_REACH: Final = 24  # words a denial of a whole statement reaches
_ADVERB: Final = classes("adverb")
_NOTHINGS: Final = frozenset(["no", "little", "very little", "nothing", "nobody", "no one"])
_ASIDES: Final = frozenset(["such as", "including", "which", "like", "for", "especially", "or"])
_SOFTENED: Final = frozenset([Strength.CONDITIONAL, Strength.CAN])
_STATEMENT_ENDS: Final = frozenset(".;:!?-")
_STUDY_PRONOUNS: Final = frozenset(["it", "one", "they", "which"])
_NON_FINITE: Final = frozenset("be been being having".split())


_NOTHING: Final = Judgement(Strength.NONE, Hedge.NONE, negated=False, cues=())
_HEDGES: Final = (
    (classes("hedge_probable"), Hedge.PROBABLE),
    (classes("hedge_possible", "hedge_report"), Hedge.POSSIBLE),
    (classes("hedge_uncertain"), Hedge.UNCERTAIN),
)
# Words without which a sentence claims nothing: the cheap way out for most sentences.
_CUE_WORDS: Final = telling_words(CUES)


class Sentence(Frames):
    """One sentence, taken apart once; nothing is worked out before it is asked for.

    Args:
        text: a sentence as :func:`acuext.text.fold` gives it.
    """

    __slots__ = ("_quotes",)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._quotes: list[tuple[int, int]] | None = None

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
        # The words may be the end of a known phrase: "cure" in "no cure"; not "no risk", which
        # brings its own denial, in "there is no risk".
        if (
            self._starts[first] < start
            and masks[first] & (_NEGATION | _DENIAL)
            and not self._opens_denied(start)
        ):
            denied = not masks[first] & _TURN
        else:
            denied = self._denied(first, last)
        if denied:
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

    def _opens_denied(self, start: int) -> bool:
        """Say whether the word at ``start`` is itself a denial."""
        words = self.text[start : start + 20].lower().split(None, 1)
        return bool(words and lexicon().words.get(words[0], 0) & _NEGATION)

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

    def _denied(self, first: int, last: int) -> bool:
        """Say whether a negation governs the parts ``[first, last)``."""
        return self._denied_before(first) or self._denied_after(last)

    def _denied_before(self, first: int) -> bool:
        """Walk left from the words, and stop where no denial can reach them any more."""
        masks, words = self._masks, self._words
        gone = 0  # words passed
        # An "or" joins a list, in which a denial reaches across commas.
        listing = any(word in ("or", "nor") for word in words[first + 1 : first + 5])
        relative = False  # passed that, which or who
        reporting = False  # passed a verb of saying, so that "not" reaches through that
        finite = False  # passed a finite verb, which only a denied subject reaches across
        index = first
        while index > 0 and gone <= _CLAUSE_REACH:
            index -= 1
            mask, word = masks[index], words[index]
            if mask & _DENIAL:
                return True
            if mask & _NEGATION:
                subject = mask & _EXCLUSIVE
                far = listing or reporting or (subject and relative)
                if (
                    gone <= (_LONG_REACH if far else _REACH)
                    and (reporting or subject or not (relative or finite))
                    and not (finite and words[index + 1] == "to")
                    and not self._praises(index, first)
                ):
                    return True
            if word in _STOPS or mask & _DIVIDER:
                return False
            if word == ",":
                opening = self._aside(index)
                if opening:
                    index = opening
                elif not (
                    listing
                    or words[index + 1] in ("or", "nor")
                    or "and" in words[index + 2 : min(index + 6, first)]
                ):
                    return False
                continue
            if mask & _COORDINATOR:
                if word in ("or", "nor"):
                    listing = True
                elif self._new_clause(index + 1, first):
                    return False
            elif mask & _RELATIVE and word != "where" and index + 1 < first:
                relative = True
                reporting = bool(index and masks[index - 1] & _REPORTED)
            elif mask & _PRONOUN and index and masks[index - 1] & _REPORTED:
                reporting = True
            elif self._is_subject(index, first) and not masks[index - 1] & _RELATIVE:
                return False
            elif mask & _FINITE and not (
                index and masks[index - 1] & (_FINITE | _NEGATION | _ADVERB)
            ):
                finite = finite or word not in _NON_FINITE
            gone += 1
        return False

    def _is_subject(self, index: int, first: int) -> bool:
        """Say whether a pronoun opens a clause of its own there."""
        masks, word = self._masks, self._words[index]
        if word in ("he", "she", "we", "they", "i"):
            return True
        return (word == "it" and index + 1 == first) or (
            word in ("it", "you") and bool(masks[index + 1] & _FINITE)
        )

    def _aside(self, comma: int) -> int:
        """Give the comma that opens the aside which the given comma closes, or 0."""
        words = self._words
        for index in range(comma - 1, max(0, comma - 10), -1):
            if words[index] == ",":
                return index if words[index + 1] in _ASIDES else 0
        return 0

    def _praises(self, negator: int, first: int) -> bool:
        """Say whether a comparison turns "nothing" or "no other" into praise."""
        masks = self._masks
        if not masks[negator] & _EXCLUSIVE or masks[negator + 1] & _COMPARATIVE:
            return False
        return any(mask & _COMPARATIVE for mask in masks[negator + 1 : first + 6])

    def _denied_after(self, last: int) -> bool:
        masks, words = self._masks, self._words
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
        masks = self._masks
        for mask in masks[index : index + 3]:
            if mask & _TURN:
                return False
            if mask & _NEGATION:
                return True
        return False

    def _before(self, first: int) -> int:
        """Join the classes of the parts that colour what stands at ``first``.

        A condition colours its own clause, up to a comma; inquiry and attribution colour the
        rest of the sentence; a hedge colours its clause.
        """
        masks, words = self._masks, self._words
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
        masks, words = self._masks, self._words
        said = masks[last : last + 3]  # "qi is said to flow"
        if said and said[0] & _FINITE and any(mask & _ATTRIBUTION for mask in said):
            return True
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
        """Say whether a study, its authors or an institution are said to have found it.

        The past tense reports one study, "say that" reports a voice; the words themselves may
        begin with the verb ("found less pain"), and "in a trial of 39, …" reports as well.
        """
        masks, words = self._masks, self._words
        for index in range(first, max(-1, first - _FAR), -1):
            mask = masks[index]
            if index < first and (words[index] in ";." or mask & _DIVIDER):
                return False
            if mask & _REPORTED and (
                mask & _PAST or (index < first - 1 and words[index + 1] == "that")
            ):
                return words[index - 1] in _STUDY_PRONOUNS or any(
                    other & _REPORTER for other in masks[max(0, index - 8) : index]
                )
        return words[0] == "in" and any(
            mask & _REPORTER for mask in masks[: words.index(",") if "," in words[:first] else 0]
        )

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
        masks = self._masks
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
        masks, words = self._masks, self._words
        gone = 0
        listed = False
        for index in range(first - 1, max(-1, first - 16), -1):
            mask, word = masks[index], words[index]
            if mask & _MENTION and word != "called":
                named = word.startswith("the ") or (index and masks[index - 1] & _DETERMINER)
                return listed or bool(gone == 0 and named)
            if word in ("such as", "like", ":"):
                listed = True
            elif word in _STOPS or mask & (_FINITE | _DIVIDER | _PRONOUN):
                return False
            elif word not in ("'", '"', ",") and not mask & _COORDINATOR:
                gone += 1
        return False

    def _foremost(self, claims: list[Claim]) -> Claim:
        """Choose the claim that the sentence is judged by.

        Within one statement what softens a cause counts; of several statements, parted by a
        colon, a stop or the like, the one that states a cause plainly does.
        """
        best = max(claims, key=rank)
        if best.strength not in _SOFTENED:
            return best
        words = self._words
        for claim in claims:
            if claim.strength is Strength.CAUSAL and claim.level == best.level:
                first, last = sorted((claim.first, best.first))
                if not _STATEMENT_ENDS.isdisjoint(words[first:last]):
                    return claim
        return best

    def judgement(self) -> Judgement:
        """Say what the sentence claims; the cues are spans of this sentence's text."""
        if self._known < 0 and _CUE_WORDS.isdisjoint(self._split()):
            return _NOTHING
        claims = self._claims()
        if not claims:
            return _NOTHING
        best = self._foremost(claims)
        if not self._about_health(best):
            return _NOTHING
        if (
            self._words[best.first].startswith("compared")
            and "whether" in self._words[: best.first]
        ):
            # "whether it helps, compared with sham": the comparison belongs to the question.
            return _NOTHING
        seen = best.seen
        hedge = Hedge.NONE
        for wanted, found in _HEDGES:
            if seen & wanted:
                hedge = found
        after = self._words[best.last] if best.last < len(self._words) else ""
        negated = (
            (after in _NOTHINGS and not self._words[best.first].startswith("compared"))
            or self._denied(best.first, best.last)
            or (best.last - best.first > 1 and self._denied_before(best.last - 1))
        )
        cues = sorted({best.first, best.last - 1})
        return Judgement(best.strength, hedge, negated, tuple(map(self._span, cues)))


def judge(sentence: str) -> Judgement:
    """Judge how strong a claim one sentence makes.

    A statement that is asked, looked into or called for ("does it", "whether it", "more trials
    are needed") is no claim, and so is one about software or other things than health. What is
    denied keeps its strength and is marked as negated. To compare with labels of Yu, Li and Wang
    2019 or Yu et al. 2020, read "can" and "absolute" as causal and pass over the negation; to
    compare with those of Sumner et al. 2014 and Adams et al. 2017, read "can" as conditional,
    "absolute" as causal, and what is negated as no claim.

    Args:
        sentence: one sentence, as a reader sees it.

    Returns:
        Strength, hedge, negation, and the spans in ``sentence`` (in code points) of the words
        that decided; no sentence is an error.
    """
    folded = fold(sentence)
    made = Sentence(folded.text).judgement()
    return Judgement(
        made.strength, made.hedge, made.negated, tuple(folded.origin(*span) for span in made.cues)
    )
