"""The words of one sentence: what each can be, and where its clauses begin and end."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import reduce
from operator import or_
from typing import Final

from acuext.lexicon import classes, lexicon

__all__ = ["Clauses"]

# A word, a figure, or a mark; a hyphen between letters parts words as a blank does.
_PART: Final = re.compile(
    r"\d+(?:[.,:]\d+)*%?|[^\W_]+(?:'[^\W_]+)*|\.{2,}|(?!(?<=\w)[-_]\w)[^\w\s]"
)
_NEGATION: Final = classes("negation")
_DENIAL: Final = classes("denial")
_TURN: Final = classes("turn")
_CONDITION: Final = classes("condition")
_REPORTER: Final = classes("reporter")
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
_NOUN_TOO: Final = classes("noun_too")
_HAVING: Final = classes("having")
_CORRELATE: Final = classes("correlate")
_FAINT: Final = classes("faint")
_RAISING: Final = classes("raising")
_AIM: Final = classes("aim")
_ADVICE: Final = classes("advice")
_ABSOLUTE: Final = classes("absolute")
_DETERMINER: Final = classes("determiner")
_ADVERB: Final = classes("adverb")
_BE: Final = classes("be")
_WILL: Final = classes("will")
_CAN: Final = classes("can")
_MAY: Final = classes("may")
_WOULD: Final = classes("would")
_SHOULD: Final = classes("should")
_TO: Final = classes("infinitive")
_RAISED: Final = classes("raised")
_COLOURS: Final = _FINITE | _HEDGE | _ADVERB | _NEGATION | _TURN | _ABSOLUTE
_DISCOURSE: Final = classes("discourse")
_ENQUIRING: Final = classes("enquiring")
_THAT: Final = frozenset("evidence hypothesis conclusion idea theory notion concept fact".split())
_BESIDE: Final = frozenset("although though while whereas because since when whilst".split())
_AMOUNTS: Final = frozenset(
    "a an one two three four five half nearly about almost approximately up more over around"
    " at between as the".split()
) - {"a", "an", "the"}
_ARTICLES: Final = frozenset("a an the some".split())


class Clauses:
    """The words of one sentence, taken apart once and not before they are asked for.

    A *part* is a word, a known phrase or a mark. The lists below run side by side.
    """

    __slots__ = (
        "_ends",
        "_kinds",
        "_known",
        "_low",
        "_masks",
        "_raw",
        "_starts",
        "_words",
        "text",
    )

    def __init__(self, text: str) -> None:
        self.text = text  #: the sentence, folded
        self._low = ""  #: the sentence in small letters
        self._raw: list[str] = []  #: its words, phrases not joined
        self._kinds: list[int] = []  #: the classes of each of those
        self._words: list[str] = []  #: its parts in small letters
        self._masks: list[int] = []  #: the classes of each part
        self._starts: list[int] = []  #: where each part begins in the text, once looked for
        self._ends: list[int] = []  #: and ends
        self._known = -1  #: all classes in the sentence joined; -1 before it is taken apart

    def _split(self) -> list[str]:
        """Cut the sentence into words and marks."""
        if not self._raw:
            low = self.text.lower()
            if len(low) != len(self.text):  # a letter that is longer in its small form
                low = "".join(c.lower() if len(c.lower()) == 1 else c for c in self.text)
            self._low = low
            self._raw = _PART.findall(low)
        return self._raw

    def _parts(self) -> list[int]:
        """Join words to known phrases, the longest first, and give the classes of each part."""
        if self._known >= 0:
            return self._masks
        words = self._split()
        known = lexicon()
        get, phrases = known.words.get, known.phrases
        masks = [get(word, 0) for word in words]
        self._kinds = masks
        heads = [index for index, word in enumerate(words) if word in phrases]
        if heads:
            words, masks = self._joined(heads, masks)
        self._words, self._masks = words, masks
        self._known = reduce(or_, masks, 0)
        return masks

    def _joined(self, heads: list[int], masks: list[int]) -> tuple[list[str], list[int]]:
        """Join the words of phrases that begin at ``heads``."""
        raw, phrases = self._raw, lexicon().phrases
        size = len(raw)
        words: list[str] = []
        kinds: list[int] = []
        done = 0
        for head in heads:
            if head < done:
                continue
            node = phrases[raw[head]]
            end = found = 0
            at = head + 1
            while at < size:
                following = node.then.get(raw[at])
                if following is None:
                    break
                node = following
                at += 1
                if node.mask:
                    end, found = at, node.mask
            if found:
                words += raw[done:head]
                kinds += masks[done:head]
                words.append(" ".join(raw[head:end]))
                kinds.append(found)
                done = end
        words += raw[done:]
        kinds += masks[done:]
        return words, kinds

    def _place(self, count: int) -> None:
        """Find where the first ``count`` parts stand in the text, as far as not yet known."""
        starts, ends = self._starts, self._ends
        done = len(starts)
        if done >= count:
            return
        find = self._low.find
        end = ends[-1] if done else 0
        for word in self._words[done:count]:
            start = find(word, end)
            if start < 0 or " " in word:
                # The words of a phrase may be parted by a hyphen, or by more than one blank.
                first, *others = word.split(" ")
                start = find(first, end)
                end = start + len(first)
                for other in others:
                    end = find(other, end) + len(other)
            else:
                end = start + len(word)
            starts.append(start)
            ends.append(end)

    def _span(self, part: int) -> tuple[int, int]:
        """Give the span of a part in the text."""
        self._place(part + 1)
        return self._starts[part], self._ends[part]

    def _covered(self, start: int, end: int) -> tuple[int, int]:
        """Give the range of parts that the characters ``[start, end)`` touch."""
        self._place(len(self._words))
        first = bisect_right(self._ends, start)
        return first, max(first, bisect_left(self._starts, end))

    def _is_second_half(self, index: int) -> bool:
        """Say whether a hyphen joins the part to the one before it."""
        if "-" not in self.text or not index:
            return False
        end = self._span(index - 1)[1]
        return self.text[end : end + 1] == "-" and self._span(index)[0] == end + 1

    def _group(self, index: int) -> tuple[int, int]:
        """Walk left over auxiliaries, adverbs and the like: what colours the verb at ``index``.

        Returns:
            The joined classes of the verb group, and where it begins.
        """
        masks, words = self._masks, self._words
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
            elif mask & _COLOURS and word.endswith(" to"):
                seen |= mask | _TO | _RAISED
            elif mask & _COLOURS or (word.endswith("ly") and not mask & _CORRELATE):
                seen |= mask
            else:
                break
            at -= 1
        return seen, at

    def _level(self, at: int) -> int:
        """Say how much weight the clause before ``at`` carries: 3 main, 2 beside, 0 none."""
        masks, words = self._masks, self._words
        closed = False
        for index in range(at - 1, max(-1, at - 40), -1):
            mask, word = masks[index], words[index]
            if word in _STOPS:
                return 3
            if word == ",":
                closed = True
            if word.endswith(("whether", " if")) and not closed:
                return 0
            if mask & _CONDITION and not closed:
                return 1
            if mask & _RELATIVE:
                if (
                    word == "that"
                    and index
                    and (
                        masks[index - 1] & (_REPORTED | _REPORTER | _DENIAL)
                        or words[index - 1] in _THAT
                    )
                ):
                    continue
                return 2
            if mask & _DIVIDER and word in _BESIDE:
                return 2
        return 3

    def _clause(self, at: int) -> tuple[int, int]:
        """Give the range of parts around ``at`` that no clause border cuts."""
        masks, words = self._masks, self._words
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

    def _is_object(self, index: int) -> bool:
        """Say whether a noun phrase begins at ``index``."""
        masks, words = self._masks, self._words
        while index < len(masks) and (
            words[index].endswith(("ly", "..."))
            or (masks[index] & _ADVERB and not masks[index] & _DETERMINER)
        ):
            index += 1
        if index >= len(masks):
            return False
        mask = masks[index]
        if mask & _DETERMINER or mask & _PRONOUN:
            return True
        if mask & _CORRELATE and words[index].endswith((" to", " with")):
            return False
        if mask & (_PREPOSITION | _COORDINATOR | _RELATIVE | _DIVIDER | _FINITE):
            return False
        return words[index][0].isalnum() or words[index][0] in "'\"("

    def _has_verb(self, at: int) -> bool:
        """Say whether the clause has its finite verb before ``at``: one is all it may have."""
        masks, words = self._masks, self._words
        if at and masks[at - 1] & _PRONOUN:
            return False
        for index in range(at - 1, max(-1, at - 30), -1):
            mask = masks[index]
            if words[index] in _STOPS or mask & (_DIVIDER | _RELATIVE):
                return False
            if mask & _REPORTED and mask & (_PAST | _THIRD) and not mask & _FINITE:
                # "found statins reduced pain": a clause without that, with its own subject
                return at - index < 2
            if mask & _FINITE or (mask & _CORRELATE and not mask & _FAINT):
                opener = masks[index - 1] if index else 0
                return not opener & _RELATIVE
        return False

    def _has_finite(self, index: int) -> bool:
        """Say whether the clause has a finite verb other than the part at ``index``."""
        begin, end = self._clause(index)
        masks = self._masks
        for at in range(begin, end):
            mask = masks[at]
            if at == index or mask & _NOUN_TOO:
                continue
            if mask & _FINITE or (mask & (_CAUSE | _HAVING) and mask & _THIRD):
                return True
            # After the verb a past form is a participle, and "finds study" names who reports.
            if at < index and mask & (_REPORTED | _CAUSE | _HAVING) and mask & (_PAST | _THIRD):
                return True
        return False

    def _predicated(self, index: int) -> bool:
        """Say whether a form of be, with nothing but adverbs after it, stands before."""
        masks, words = self._masks, self._words
        for at in range(index - 1, max(-1, index - 7), -1):
            mask = masks[at]
            if mask & _BE:
                return True
            if mask & (_DETERMINER | _RELATIVE | _DIVIDER) and words[at] not in _ARTICLES:
                return False
            if mask & _PREPOSITION and words[at] not in ("to", "in"):
                return False
        return False

    def _row(self, at: int) -> int:
        """Find what colours a row of verbs joined by commas and "and"."""
        masks, words = self._masks, self._words
        for index in range(at, max(-1, at - 20), -1):
            mask = masks[index]
            if words[index] in _STOPS or mask & (_DIVIDER | _RELATIVE):
                return 0
            if mask & (_MAY | _CAN | _WOULD | _WILL | _SHOULD):
                return self._group(index + 1)[0]
            if words[index] == "to" or words[index].endswith(" to"):
                return _TO
            if mask & _BE:
                return 0
        return 0

    def _shape_of(self, word: str) -> int:
        return lexicon().shapes.get(word, 0)

    def _new_clause(self, index: int, first: int) -> bool:
        """Say whether a finite verb or a subject follows "and", so that a clause begins."""
        masks = self._masks
        mask = masks[index] if index < len(masks) else 0
        if mask & (_FINITE | _PRONOUN):
            return True
        word = self._words[index] if index < len(masks) else ""
        return bool(mask & _THIRD) or (index == first and word.endswith("s") and len(word) > 3)

    def _said_at(self, index: int, wanted: int) -> bool:
        """Say whether a phrase said of earlier words, of a wanted class, begins at a part."""
        flat = " ".join(self._words[index : index + 6]).split()
        tree = lexicon().after
        seen = 0
        for word in flat:
            node = tree.get(word)
            if node is None:
                break
            seen |= node.mask
            tree = node.then
        return bool(seen & wanted)

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
        masks, words = self._masks, self._words
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
            if at > index + 1 and (words[at] in "'\"" or mask & _COORDINATOR):
                return False
        return False
