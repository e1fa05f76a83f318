"""Passages and rules in, matches out: says where a rule fires on one page."""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from operator import or_
from typing import Any, Final

import msgspec
import re2

from acuext.grammar import Sentence
from acuext.judgement import Hedge, Stance, Strength
from acuext.matches import OBJECT, Claim, Match, Passage
from acuext.rules import (
    PARTING,
    Rule,
    Rules,
    Trigger,
    compile_pattern,
    most_telling,
    phrase_pattern,
    re2_options,
    read_phrase,
    searchable,
    words_by_clause,
    words_of,
)
from acuext.text import Folded, fold, sentences


def check_page(passages: Sequence[Passage], rules: Rules) -> list[Match]:
    """Find every place on a page where a rule about words fires.

    Args:
        passages: all that a reader meets on the page, in reading order.
        rules: the rules of the page's language.

    Returns:
        The matches by passage, place and rule; those of one rule do not overlap.
    """
    return _checker(rules).matches(passages)


def _without_underscores(folded: Folded) -> str:
    """To RE2 an underscore is a letter; to a reader it is not."""
    return folded.text.replace("_", " ")


class _Block:
    """A passage made ready for judging; sentences are cut when somebody asks."""

    def __init__(self, index: int, passage: Passage, folded: Folded | None = None) -> None:
        self.index = index
        self.passage = passage
        self.folded: Folded = folded or fold(passage.text)
        self.text = _without_underscores(self.folded)
        self._taken_apart: dict[int, Sentence] = {}
        self._read: dict[int, tuple[str | bytes, Set[str]]] = {}

    @functools.cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Start and end in the folded text of each sentence."""
        return sentences(self.text)

    def sentence(self, index: int) -> Sentence:
        """The analysis of a sentence."""
        if index not in self._taken_apart:
            start, end = self.spans[index]
            self._taken_apart[index] = Sentence(self.text[start:end])
        return self._taken_apart[index]

    def sentence_at(self, offset: int) -> int:
        """Index of the sentence that holds this offset of the folded text."""
        return max(bisect.bisect_right(self.spans, (offset, len(self.text))) - 1, 0)

    def read(self, index: int) -> tuple[str | bytes, Set[str]]:
        """The folded text of a sentence, searchable, and its words."""
        if index not in self._read:
            text = self.text_of(index, index)
            self._read[index] = searchable(text), words_of(text)
        return self._read[index]

    def text_of(self, first: int, last: int) -> str:
        """The folded text from one sentence to another, both included."""
        last = min(last, len(self.spans) - 1)
        return self.text[self.spans[first][0] : self.spans[last][1]]

    def cites(self, index: int) -> bool:
        """Whether a citation stands in this sentence, or right behind it."""
        if not self.passage.citations:
            return False
        start = self.folded.origin(*self.spans[index])[0]
        following = self.spans[index + 1 : index + 2]
        end = self.folded.origin(*following[0])[0] if following else len(self.passage.text)
        return any(start < offset <= end for offset in self.passage.citations)


class _Page:
    """The passages of a page; those that have to be judged are made ready when they are."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._folded = [fold(passage.text) for passage in passages]
        self._blocks: dict[int, _Block] = {}
        self._said: dict[tuple[Phrases, int], bool] = {}
        #: Of each passage the folded text.
        self.texts = [_without_underscores(folded) for folded in self._folded]

    @functools.cached_property
    def blanks(self) -> list[int]:
        """How many blanks stand in each passage."""
        return [text.count(" ") + text.count("\n") for text in self.texts]

    @functools.cached_property
    def _groups(self) -> dict[int, list[int]]:
        groups: dict[int, list[int]] = {}
        for index, passage in enumerate(self._passages):
            groups.setdefault(passage.group, []).append(index)
        return groups

    @functools.cached_property
    def _cited_groups(self) -> set[int]:
        return {passage.group for passage in self._passages if passage.citations} - {0}

    def block(self, index: int) -> _Block:
        """A passage, ready for judging."""
        if index not in self._blocks:
            self._blocks[index] = _Block(index, self._passages[index], self._folded[index])
        return self._blocks[index]

    def _around(self, block: _Block) -> list[int]:
        """The block itself, or all of the list item or table row that it is in."""
        return self._groups[block.passage.group] if block.passage.group else [block.index]

    def says_around(self, block: _Block, phrases: Phrases) -> bool:
        """Whether one of the phrases stands in the block, or in its list item or table row."""
        around = self._around(block)
        # Asked once, however many sentences ask: the text may be long.
        key = (phrases, around[0])
        if key not in self._said:
            text = PARTING.join(self.texts[index] for index in around)
            self._said[key] = phrases.met(*_read(text))
        return self._said[key]

    def cites_around(self, block: _Block) -> bool:
        """Whether there is a citation in the list item or table row of the block."""
        return block.passage.group in self._cited_groups


class _Candidate(msgspec.Struct, frozen=True, gc=False):
    """Words that a trigger found, in folded text, with what surrounds them."""

    page: _Page
    block: _Block
    start: int
    end: int
    sentence: int

    @property
    def words(self) -> str:
        return self.block.text[self.start : self.end]

    @property
    def opens_sentence(self) -> bool:
        """Whether nothing but figures and marks stands before the words in their sentence."""
        begin = self.block.spans[self.sentence][0]
        before = self.block.text[begin : min(self.start, begin + 20)]
        return self.start - begin < 20 and not any(character.isalpha() for character in before)

    @property
    def followed(self) -> str:
        """Its sentence and the next."""
        return self.block.text_of(self.sentence, self.sentence + 1)

    def cited(self) -> bool:
        return self.block.cites(self.sentence) or self.page.cites_around(self.block)

    def stance(self) -> Stance:
        """How the words stand: asserted, denied, asked, quoted, mentioned, and so on."""
        begin = self.block.spans[self.sentence][0]
        stance = self.block.sentence(self.sentence).stance(self.start - begin, self.end - begin)
        start, end = self.block.folded.origin(self.start, self.end)
        if any(first < end and start < last for first, last in self.block.passage.mentions):
            stance |= Stance.MENTIONED
        if self.block.passage.quoted:
            stance |= Stance.QUOTED
        return stance


class _Company(msgspec.Struct, frozen=True, gc=False):
    """What a sentence says to a trigger, whichever of its words it found there."""

    quiet: bool
    #: Spans of the block, in order and apart, whose words are exempt.
    exempt: list[tuple[int, int]]

    def exempts(self, start: int, end: int) -> bool:
        """Whether an exempt phrase overlaps the words."""
        at = bisect.bisect_left(self.exempt, (start, end))
        near = self.exempt[max(at - 1, 0) : at + 1]
        return any(first < end and start < last for first, last in near)


class Phrases:
    """Phrases that are looked for together; compiled when a text has the words for it."""

    def __init__(self, phrases: Iterable[str], rules: Rules) -> None:
        made = [read_phrase(phrase, rules.lists) for phrase in phrases]
        self._pattern = "|".join(phrase.pattern for phrase in made)
        telling = [most_telling(phrase.needs) for phrase in made]
        #: Of these words a text has one in which a phrase is met; None where nobody knows.
        self.words: frozenset[str] | None = frozenset().union(*telling) if all(telling) else None

    def __bool__(self) -> bool:
        return bool(self._pattern)

    @functools.cached_property
    def _compiled(self) -> Any:
        return compile_pattern(self._pattern)

    def _possible(self, words: Set[str]) -> bool:
        return self.words is None or not self.words.isdisjoint(words)

    def spans(self, text: str | bytes, words: Set[str]) -> list[tuple[int, int]]:
        """Where they are met in a text, searchable, that has these words."""
        if not self._pattern or not self._possible(words):
            return []
        return [match.span() for match in self._compiled.finditer(text)]

    def met(self, text: str | bytes, words: Set[str]) -> bool:
        """Whether one is met in a text, searchable, that has these words."""
        return (
            bool(self._pattern)
            and self._possible(words)
            and self._compiled.search(text) is not None
        )


class _Wording:
    """A phrase of a trigger, or a pattern; compiled when it may be met for the first time.

    Each has an automaton of its own: one for all would have a state for each way in which they can
    go on together, and new text would go on making new ones.
    """

    def __init__(self, trigger: _Trigger, pattern: str) -> None:
        self.trigger = trigger
        self.pattern = pattern

    @functools.cached_property
    def _compiled(self) -> Any:
        return compile_pattern(self.pattern)

    def search(self, text: bytes, position: int) -> tuple[int, int] | None:
        """The first and longest place from this position on."""
        found = self._compiled.search(text, position)
        return found.span() if found else None


class _Trigger:
    """A trigger of a rule, ready to be asked."""

    def __init__(self, rule: Rule, trigger: Trigger, rules: Rules) -> None:
        self.rule = rule
        self.trigger = trigger
        self._rules = rules
        phrases = [read_phrase(term, rules.lists) for term in (*trigger.terms, *trigger.swap)]
        own = [f"(?:{pattern})" for pattern in trigger.patterns]
        self.phrases = [
            (phrase, _Wording(self, phrase.pattern)) for phrase in phrases if phrase.needs
        ]
        #: What cannot be told by words.
        untold = "|".join([*(each.pattern for each in phrases if not each.needs), *own])
        self.untold = _Wording(self, untold) if untold else None
        self.quiet_if = functools.reduce(
            lambda all_, name: all_ | Stance[name.upper()], rule.quiet_if, Stance(0)
        )

    @functools.cached_property
    def _overlapping(self) -> Phrases:
        return Phrases(self.trigger.unless, self._rules)

    @functools.cached_property
    def _following(self) -> Phrases:
        return Phrases(self.trigger.unless_next, self._rules)

    @functools.cached_property
    def _around(self) -> Phrases:
        return Phrases(self.trigger.unless_block, self._rules)

    @functools.cached_property
    def _silencing(self) -> Phrases:
        return Phrases(self.trigger.unless_sentence, self._rules)

    @functools.cached_property
    def needed(self) -> Phrases:
        return Phrases(self.trigger.only_with, self._rules)

    def _is_about_software(self, sentence: str | bytes, words: Set[str]) -> bool:
        software, health = _subjects(self._rules)
        return software.met(sentence, words) and not health.met(sentence, words)

    @functools.cached_property
    def _swaps(self) -> list[tuple[Any, str]]:
        return [
            (compile_pattern(phrase_pattern(phrase, self._rules.lists)), words)
            for phrase, words in self.trigger.swap.items()
        ]

    def company(self, found: _Candidate) -> _Company:
        """What the sentence around the words says about whether the rule may fire there."""
        trigger = self.trigger
        sentence, words = found.block.read(found.sentence)
        quiet = (
            (bool(trigger.only_in) and found.block.passage.kind not in trigger.only_in)
            or (bool(self.needed) and not self.needed.met(sentence, words))
            or (trigger.about_health and self._is_about_software(sentence, words))
            or self._silencing.met(sentence, words)
            or (bool(self._following) and self._following.met(*_read(found.followed)))
            or (bool(self._around) and found.page.says_around(found.block, self._around))
            or ((self.rule.kind == "prove" or trigger.unless_cited) and found.cited())
            or not _DEMANDS[self.rule.kind](found)
        )
        exempt: list[tuple[int, int]] = []
        if not quiet:
            begin = found.block.spans[found.sentence][0]
            spans = self._overlapping.spans(sentence, words)
            exempt = [(begin + start, begin + end) for start, end in spans]
        return _Company(quiet, exempt)

    def fires(self, found: _Candidate, company: _Company) -> bool:
        """Whether the rule has something to say about these words."""
        return not (
            company.quiet
            or company.exempts(found.start, found.end)
            or (self.trigger.at_start and not found.opens_sentence)
            or found.stance() & self.quiet_if
        )

    def match(self, found: _Candidate) -> Match:
        """What the rule says about the words."""
        rule, trigger = self.rule, self.trigger
        start, end = found.block.folded.origin(found.start, found.end)
        # Folded, so that what is hidden in the words does not hide in the message too.
        text = " ".join(found.words.replace(OBJECT, " ").split())
        severity = trigger.severity or rule.severity
        strict = trigger.strict or trigger.severity or rule.strict or rule.severity
        plainer = [words for pattern, words in self._swaps if pattern.fullmatch(found.words)]
        return Match(
            rule=rule.id,
            passage=found.block.index,
            start=start,
            end=end,
            severity=severity,
            strict=strict,
            message=(trigger.message or rule.message).replace("{text}", _short(text)),
            suggestions=tuple(plainer) or trigger.instead or rule.instead,
        )


def _read(text: str) -> tuple[str, Set[str]]:
    return text, words_of(text)


def _short(text: str, limit: int = 80) -> str:
    """Words to be quoted in a message: the whole of them, or both ends."""
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2].rstrip()} … {text[-limit // 2 + 3 :].lstrip()}"


def _claims_effect(found: _Candidate) -> bool:
    """Whether the words are part of a bare claim that something works."""
    judgement = found.block.sentence(found.sentence).judgement()
    return (
        judgement.strength in (Strength.CAN, Strength.CAUSAL, Strength.ABSOLUTE)
        and judgement.hedge is Hedge.NONE
        and not judgement.negated
    )


#: What each kind of rule asks beyond its words, their company and their stance.
_DEMANDS: Final[dict[str, Callable[[_Candidate], bool]]] = {
    "forbid": lambda _: True,
    "prove": lambda _: True,
    "prefer": lambda _: True,
    "strength": _claims_effect,
}


class _Sieve:
    """Says cheaply which triggers can be met in a passage, by the words it has not.

    To look for every phrase in every passage costs twenty times what all the rest does: automata
    for so many phrases are large, and new text goes on making new states of them.
    """

    def __init__(self, triggers: Sequence[_Trigger]) -> None:
        numbers: dict[frozenset[str], int] = {}
        #: Each phrase: the sets of which a clause, or a passage, must have a word.
        self._within: dict[int, list[tuple[int, _Wording]]] = {}
        self._apart: list[tuple[int, _Wording]] = []
        #: What must stand in the same passage as the phrases of a trigger.
        self._company: dict[_Trigger, int] = {}
        for trigger in triggers:
            company = trigger.needed.words
            self._company[trigger] = (
                1 << numbers.setdefault(company, len(numbers)) if company else 0
            )
            for phrase, wording in trigger.phrases:
                needs = 0
                for words in phrase.needs:
                    needs |= 1 << numbers.setdefault(words, len(numbers))
                if phrase.apart:
                    self._apart.append((needs, wording))
                else:
                    key = 1 << numbers[most_telling(phrase.needs)]
                    self._within.setdefault(key, []).append((needs, wording))
        #: To each word the sets that it is in: numbers of bits, as one whole number.
        self._sets: dict[str, int] = {}
        for words, number in numbers.items():
            for word in words:
                self._sets[word] = self._sets.get(word, 0) | 1 << number
        self._keys = functools.reduce(or_, self._within, 0)
        self._met = functools.lru_cache(maxsize=1 << 14)(self._look_up)
        self._untold = [trigger.untold for trigger in triggers if trigger.untold]
        self._patterns = _set_of(wording.pattern for wording in self._untold)

    def _look_up(self, sets: int) -> tuple[_Wording, ...]:
        found: set[_Wording] = set()
        keys = sets & self._keys
        while keys:
            key = keys & -keys
            keys ^= key
            found.update(w for needs, w in self._within[key] if needs & sets == needs)
        return tuple(found)

    def present(self, passages: Sequence[str]) -> Iterator[set[_Wording]]:
        """The phrases that may be met, for each passage."""
        known = self._sets.get
        for clauses in words_by_clause(passages):
            found: set[_Wording] = set()
            everywhere = 0
            for words in clauses:
                sets = 0
                for word in words:
                    sets |= known(word, 0)
                if sets:
                    everywhere |= sets
                    found.update(self._met(sets))
            found.update(w for needs, w in self._apart if needs & everywhere == needs)
            yield {w for w in found if not self._company[w.trigger] & ~everywhere}

    def untold(self, passages: Sequence[str]) -> list[_Wording]:
        """Of the patterns that no words tell of, those that are met somewhere."""
        met = self._patterns.Match(PARTING.join(passages).encode())
        return [self._untold[index - 1] for index in met if index] if 0 in met else self._untold


def _set_of(patterns: Iterable[str]) -> Any:
    """What says which of these patterns are met in a text.

    The first, 0, is always met: where it is not reported, the automaton ran out of memory.
    """
    made = re2.Set.SearchSet(re2_options())
    for pattern in ("", *patterns):
        made.Add(pattern)
    made.Compile()
    return made


class _Checker:
    """All triggers of a set of rules."""

    def __init__(self, rules: Rules) -> None:
        worded = [rule for rule in rules.rules if rule.kind in _DEMANDS]
        triggers = [_Trigger(rule, each, rules) for rule in worded for each in rule.trigger]
        self._triggers = triggers
        self._sieve = _Sieve(triggers)
        self._lengthy = [trigger for trigger in triggers if trigger.trigger.longer_than]

    def matches(self, passages: Sequence[Passage]) -> list[Match]:
        page = _Page(passages)
        #: To each trigger the phrases that may be met, and the passages in which.
        places: dict[_Trigger, tuple[set[_Wording], list[int]]] = {}
        untold = self._sieve.untold(page.texts)
        for index, near in enumerate(self._sieve.present(page.texts)):
            for wording in near.union(untold):
                wordings, where = places.setdefault(wording.trigger, (set(), []))
                wordings.add(wording)
                if index not in where[-1:]:
                    where.append(index)
        # In their order: of two that say the same words are at fault, the first is kept.
        asked = [
            (trigger, _worded(wordings, where, page.texts))
            for trigger in self._triggers
            for wordings, where in ([places[trigger]] if trigger in places else [])
        ]
        asked += [(trigger, _lengthy(trigger, page)) for trigger in self._lengthy]
        found: list[Match] = []
        for trigger, ones in asked:
            # Asked once a sentence, however often the words stand in it.
            companies: dict[tuple[int, int], _Company] = {}
            for index, start, end in ones:
                block = page.block(index)
                one = _Candidate(page, block, start, end, block.sentence_at(start))
                key = (index, one.sentence)
                if key not in companies:
                    companies[key] = trigger.company(one)
                if trigger.fires(one, companies[key]):
                    found.append(trigger.match(one))
        return list(_without_overlaps(found))


def _worded(
    wordings: Iterable[_Wording], where: Sequence[int], texts: Sequence[str]
) -> Iterator[tuple[int, int, int]]:
    """Where one of these stands in these passages; searched in one go, which costs less."""
    starts = list(itertools.accumulate((len(texts[index]) + 1 for index in where), initial=0))
    text = PARTING.join(texts[index] for index in where)
    for start, end in _whole(_first_and_longest(wordings, text), text):
        at = bisect.bisect_right(starts, start) - 1
        yield where[at], start - starts[at], end - starts[at]


def _first_and_longest(wordings: Iterable[_Wording], text: str) -> Iterator[tuple[int, int]]:
    """Where they are met, as if they were the alternatives of one expression."""
    encoded = text.encode()
    # Offset in bytes and in characters, up to which the way back is known.
    gone, counted = 0, 0
    nearest = [(found, w) for w in wordings if (found := w.search(encoded, 0))]
    while nearest:
        start, end = min((span for span, _ in nearest), key=lambda span: (span[0], -span[1]))
        counted += len(encoded[gone:start].decode())
        length = len(encoded[start:end].decode())
        yield counted, counted + length
        gone, counted = end, counted + length
        nearest = [
            (found, w)
            for span, w in nearest
            if (found := span if span[0] >= end > start else w.search(encoded, max(end, start + 1)))
        ]


def _lengthy(trigger: _Trigger, page: _Page) -> Iterator[tuple[int, int, int]]:
    """The sentences that have more words than the trigger allows."""
    most = trigger.trigger.longer_than
    for index, blanks in enumerate(page.blanks):
        # There are no more words than blanks between them: most passages need not be cut.
        if blanks >= most:
            block = page.block(index)
            for start, end in block.spans:
                if len(block.text[start:end].split()) > most:
                    yield index, start, end


@functools.lru_cache(maxsize=8)
def _checker(rules: Rules) -> _Checker:
    return _Checker(rules)


def _whole(spans: Iterable[tuple[int, int]], text: str) -> Iterator[tuple[int, int]]:
    """Of spans of the text those that begin and end where words do.

    RE2 knows the boundaries of ASCII words only, so those of other letters are looked at here.
    """
    for start, end in spans:
        if start == end:
            continue
        torn = (start and text[start - 1].isalpha() and not text[start - 1].isascii()) or (
            end < len(text) and text[end].isalpha() and not text[end].isascii()
        )
        if not torn:
            yield start, end


def _without_overlaps(matches: Iterable[Match]) -> Iterator[Match]:
    """Of overlapping matches of one rule the gravest is kept, then the longest."""
    grave = {"error": 0, "warning": 1, "info": 2}
    taken: dict[tuple[int, str], list[tuple[int, int]]] = {}
    kept: list[Match] = []
    for match in sorted(
        matches, key=lambda m: (grave[m.severity], m.start - m.end, m.passage, m.start)
    ):
        spans = taken.setdefault((match.passage, match.rule), [])
        # Spans are kept in order and apart, so that only the neighbours can overlap.
        at = bisect.bisect_left(spans, (match.start, match.end))
        before, after = spans[at - 1 : at] if at else [], spans[at : at + 1]
        if all(match.end <= start or end <= match.start for start, end in (*before, *after)):
            spans.insert(at, (match.start, match.end))
            kept.append(match)
    yield from sorted(kept, key=lambda m: (m.passage, m.start, m.end, m.rule))


# -- claims --------------------------------------------------------------------------------------


def claims_of(passages: Sequence[Passage]) -> list[Claim]:
    """Find the sentences that end with evidence, and judge how strongly each is worded."""
    claims: list[Claim] = []
    for index, passage in enumerate(passages):
        if not passage.evidence:
            continue
        block = _Block(index, passage)
        spans = [block.folded.origin(*span) for span in block.spans]
        for at, entry in passage.evidence:
            ended = [number for number, (start, _) in enumerate(spans) if start < at]
            if not ended:
                # It ends no sentence, as in a column of sources: nothing is claimed there.
                nothing = Sentence("").judgement()
                claims.append(Claim(entry, index, at, 0, 0, nothing, "", attributed=False))
                continue
            begin, sentence = block.spans[ended[-1]][0], block.sentence(ended[-1])
            judgement = sentence.judgement()
            stances = [sentence.stance(*cue) for cue in judgement.cues]
            claims.append(
                Claim(
                    entry=entry,
                    passage=index,
                    at=at,
                    start=spans[ended[-1]][0],
                    end=spans[ended[-1]][1],
                    judgement=judgement,
                    verb=" ".join(block.text[begin + a : begin + b] for a, b in judgement.cues[:1]),
                    attributed=any(stance & Stance.ATTRIBUTED for stance in stances),
                )
            )
    return claims


# -- the notice --------------------------------------------------------------------------------


def sends_to_professional(passages: Sequence[Passage], rules: Rules) -> bool:
    """Whether a notice tells its readers to consult a health professional.

    Args:
        passages: the text of an admonition.
        rules: their list `consult-professional` has the phrases that tell so, and
            `consult-needless` those that take it back.
    """
    consult, needless = _consult(rules)
    for index, passage in enumerate(passages):
        block = _Block(index, passage)
        for number, (begin, end) in enumerate(block.spans):
            text = block.text[begin:end]
            for start, stop in _whole(consult.spans(*block.read(number)), text):
                exempt = needless.spans(*block.read(number))
                overlapped = any(a < stop and start < b for a, b in exempt)
                asked = block.sentence(number).stance(start, stop) & (
                    Stance.QUESTIONED | Stance.MENTIONED
                )
                if not overlapped and not asked:
                    return True
    return False


@functools.lru_cache(maxsize=8)
def _consult(rules: Rules) -> tuple[Phrases, Phrases]:
    return listed(rules, "consult-professional"), listed(rules, "consult-needless")


@functools.lru_cache(maxsize=8)
def _subjects(rules: Rules) -> tuple[Phrases, Phrases]:
    return listed(rules, "software"), listed(rules, "health-subject")


@functools.lru_cache(maxsize=128)
def listed(rules: Rules, name: str) -> Phrases:
    """The phrases of a list, to search folded text with; none are met without such a list."""
    return Phrases(rules.lists.get(name, ()), rules)
