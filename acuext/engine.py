"""Passages and rules in, matches out: says where a rule fires on one page."""

from __future__ import annotations

import bisect
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import re2

from acuext.grammar import Hedge, Judgement, Sentence, Stance, Strength
from acuext.rules import (
    Rule,
    Rules,
    Severity,
    Trigger,
    compile_pattern,
    phrase_pattern,
    re2_options,
)
from acuext.text import Folded, fold, sentences

#: Stands in a passage for what is seen but not read: code, mathematics, images.
OBJECT: Final = "\ufffc"
#: Number of automata among which the triggers are dealt out.
_SIEVES: Final = 12
#: Parts two passages in the text that is searched; no phrase can match across it.
_PARTING: Final = "\x1e"


@dataclass(frozen=True, slots=True)
class Passage:
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


@dataclass(frozen=True, slots=True)
class Match:
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


def check_page(passages: Sequence[Passage], rules: Rules) -> list[Match]:
    """Find every place on a page where a rule about words fires.

    Args:
        passages: all that a reader meets on the page, in reading order.
        rules: the rules of the page's language.

    Returns:
        The matches by passage, place and rule; those of one rule do not overlap.
    """
    return _checker(rules).matches(passages)


class _Block:
    """A passage made ready for judging; sentences are cut when somebody asks."""

    def __init__(self, index: int, passage: Passage) -> None:
        self.index = index
        self.passage = passage
        self.folded: Folded = fold(passage.text)
        # To RE2 an underscore is a letter; to a reader it is not.
        self.text = self.folded.text.replace("_", " ")

    @functools.cached_property
    def sentences(self) -> list[tuple[int, int, Sentence]]:
        """Start and end in the folded text, and the analysis, of each sentence."""
        text = self.text
        return [(start, end, Sentence(text[start:end])) for start, end in sentences(text)]

    @functools.cached_property
    def _starts(self) -> list[int]:
        return [start for start, _, _ in self.sentences]

    def sentence_at(self, offset: int) -> int:
        """Index of the sentence that holds this offset of the folded text."""
        return max(bisect.bisect_right(self._starts, offset) - 1, 0)

    def text_of(self, first: int, last: int) -> str:
        """The folded text from one sentence to another, both included."""
        last = min(last, len(self.sentences) - 1)
        return self.text[self.sentences[first][0] : self.sentences[last][1]]

    def cites(self, index: int) -> bool:
        """Whether a citation stands in this sentence, or right behind it."""
        if not self.passage.citations:
            return False
        start = self.folded.origin(*self.sentences[index][:2])[0]
        following = self.sentences[index + 1 : index + 2]
        end = self.folded.origin(*following[0][:2])[0] if following else len(self.passage.text)
        return any(start < offset <= end for offset in self.passage.citations)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Words that a trigger found, in folded text, with what surrounds them."""

    block: _Block
    start: int
    end: int
    sentence: int
    #: The block, or the whole list item or table row.
    around: tuple[_Block, ...]

    @property
    def words(self) -> str:
        return self.block.text[self.start : self.end]

    @property
    def opens_sentence(self) -> bool:
        """Whether nothing but figures and marks stands before the words in their sentence."""
        begin = self.block.sentences[self.sentence][0]
        before = self.block.text[begin : min(self.start, begin + 20)]
        return self.start - begin < 20 and not any(character.isalpha() for character in before)

    def cited(self) -> bool:
        if self.block.cites(self.sentence):
            return True
        return self.block.passage.group > 0 and any(
            block.passage.citations for block in self.around
        )

    def stance(self) -> Stance:
        """How the words stand: asserted, denied, asked, quoted, mentioned, and so on."""
        begin, _, sentence = self.block.sentences[self.sentence]
        stance = sentence.stance(self.start - begin, self.end - begin)
        start, end = self.block.folded.origin(self.start, self.end)
        if any(first < end and start < last for first, last in self.block.passage.mentions):
            stance |= Stance.MENTIONED
        if self.block.passage.quoted:
            stance |= Stance.QUOTED
        return stance


@dataclass(frozen=True, slots=True)
class _Company:
    """What a sentence says to a trigger, whichever of its words it found there."""

    quiet: bool
    #: Spans of the block, in order and apart, whose words are exempt.
    exempt: list[tuple[int, int]]

    def exempts(self, start: int, end: int) -> bool:
        """Whether an exempt phrase overlaps the words."""
        at = bisect.bisect_left(self.exempt, (start, end))
        near = self.exempt[max(at - 1, 0) : at + 1]
        return any(first < end and start < last for first, last in near)


class _Trigger:
    """A trigger of a rule, ready to be asked."""

    def __init__(self, rule: Rule, trigger: Trigger, rules: Rules) -> None:
        self.rule = rule
        self.trigger = trigger
        self._rules = rules
        phrases = [self._pattern(term) for term in (*trigger.terms, *trigger.swap)]
        self.pattern = "|".join([*phrases, *(f"(?:{own})" for own in trigger.patterns)])
        self.quiet_if = functools.reduce(
            lambda all_, name: all_ | Stance[name.upper()], rule.quiet_if, Stance(0)
        )

    def _pattern(self, phrase: str) -> str:
        return phrase_pattern(phrase, self._rules.lists)

    def _any(self, phrases: Iterable[str]) -> Any:
        patterns = [self._pattern(phrase) for phrase in phrases]
        return compile_pattern("|".join(patterns)) if patterns else None

    @functools.cached_property
    def words(self) -> Any:
        return compile_pattern(self.pattern)

    @functools.cached_property
    def _overlapping(self) -> Any:
        return self._any(self.trigger.unless)

    @functools.cached_property
    def _nearby(self) -> list[tuple[Any, Callable[[_Candidate], str]]]:
        """Expressions that keep the rule quiet, each with the text in which to look for it."""
        looks: list[tuple[Any, Callable[[_Candidate], str]]] = [
            (
                self._any(self.trigger.unless_sentence),
                lambda found: found.block.text_of(found.sentence, found.sentence),
            ),
            (
                self._any(self.trigger.unless_next),
                lambda found: found.block.text_of(found.sentence, found.sentence + 1),
            ),
            (
                self._any(self.trigger.unless_block),
                lambda found: _PARTING.join(block.text for block in found.around),
            ),
        ]
        return [look for look in looks if look[0] is not None]

    @functools.cached_property
    def _needed(self) -> Any:
        return self._any(self.trigger.only_with)

    def _is_about_software(self, sentence: str) -> bool:
        software, health = _subjects(self._rules)
        return bool(software and software.search(sentence)) and not (
            health and health.search(sentence)
        )

    @functools.cached_property
    def _swaps(self) -> list[tuple[Any, str]]:
        return [
            (compile_pattern(self._pattern(phrase)), words)
            for phrase, words in self.trigger.swap.items()
        ]

    def company(self, found: _Candidate) -> _Company:
        """What the sentence around the words says about whether the rule may fire there."""
        trigger = self.trigger
        sentence = found.block.text_of(found.sentence, found.sentence)
        quiet = (
            (bool(trigger.only_in) and found.block.passage.kind not in trigger.only_in)
            or (self._needed is not None and not self._needed.search(sentence))
            or (trigger.about_health and self._is_about_software(sentence))
            or any(pattern.search(text_of(found)) for pattern, text_of in self._nearby)
            or ((self.rule.kind == "prove" or trigger.unless_cited) and found.cited())
            or not _DEMANDS[self.rule.kind](found)
        )
        exempt: list[tuple[int, int]] = []
        if not quiet and self._overlapping is not None:
            begin = found.block.sentences[found.sentence][0]
            spans = (match.span() for match in self._overlapping.finditer(sentence))
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


def _short(text: str, limit: int = 80) -> str:
    """Words to be quoted in a message: the whole of them, or both ends."""
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2].rstrip()} … {text[-limit // 2 + 3 :].lstrip()}"


def _claims_effect(found: _Candidate) -> bool:
    """Whether the words are part of a bare claim that something works."""
    sentence = found.block.sentences[found.sentence][2]
    judgement = sentence.judgement()
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


def _sieve(patterns: Iterable[str]) -> Any:
    """What says which of these patterns are met in a text.

    The first, 0, is always met: where it is not reported, the sieve ran out of memory.
    """
    sieve = re2.Set.SearchSet(re2_options(memory=64 << 20))
    for pattern in ("", *patterns):
        sieve.Add(pattern)
    sieve.Compile()
    return sieve


class _Checker:
    """All triggers of a set of rules, compiled together."""

    def __init__(self, rules: Rules) -> None:
        worded = [rule for rule in rules.rules if rule.kind in _DEMANDS]
        triggers = [_Trigger(rule, each, rules) for rule in worded for each in rule.trigger]
        self._triggers = [trigger for trigger in triggers if trigger.pattern]
        self._lengthy = [trigger for trigger in triggers if trigger.trigger.longer_than]
        # One automaton for all triggers has far more states, made as new text is met, than several
        # for a few each: with a dozen, unseen text is sieved four times faster.
        self._sieves = [
            (part, _sieve([trigger.pattern for trigger in part]))
            for part in (self._triggers[first::_SIEVES] for first in range(_SIEVES))
            if part
        ]

    def _present(self, text: str) -> list[_Trigger]:
        """The triggers that are met somewhere in the text."""
        present: list[_Trigger] = []
        encoded = text.encode()
        for part, sieve in self._sieves:
            met = sieve.Match(encoded)
            present += [part[index - 1] for index in met if index] if 0 in met else part
        return present

    def matches(self, passages: Sequence[Passage]) -> list[Match]:
        blocks = [_Block(index, passage) for index, passage in enumerate(passages)]
        text = _PARTING.join(block.text for block in blocks)
        starts: list[int] = []
        offset = 0
        for block in blocks:
            starts.append(offset)
            offset += len(block.text) + 1
        groups: dict[int, list[_Block]] = {}
        for block in blocks:
            if block.passage.group:
                groups.setdefault(block.passage.group, []).append(block)

        def candidate(block: _Block, start: int, end: int) -> _Candidate:
            around = tuple(groups.get(block.passage.group, ())) or (block,)
            return _Candidate(block, start, end, block.sentence_at(start), around)

        def candidates(trigger: _Trigger) -> Iterator[_Candidate]:
            for start, end in _words(trigger.words, text):
                index = bisect.bisect_right(starts, start) - 1
                yield candidate(blocks[index], start - starts[index], end - starts[index])

        def lengthy(trigger: _Trigger) -> Iterator[_Candidate]:
            for block in blocks:
                for start, end in _long_sentences(block, trigger.trigger.longer_than):
                    yield candidate(block, start, end)

        found: list[Match] = []
        asked = [(trigger, candidates(trigger)) for trigger in self._present(text)]
        asked += [(trigger, lengthy(trigger)) for trigger in self._lengthy]
        for trigger, ones in asked:
            # Asked once a sentence, however often the words stand in it.
            companies: dict[tuple[int, int], _Company] = {}
            for one in ones:
                key = (one.block.index, one.sentence)
                if key not in companies:
                    companies[key] = trigger.company(one)
                if trigger.fires(one, companies[key]):
                    found.append(trigger.match(one))
        return list(_without_overlaps(found))


@functools.lru_cache(maxsize=8)
def _checker(rules: Rules) -> _Checker:
    return _Checker(rules)


def _words(pattern: Any, text: str) -> Iterator[tuple[int, int]]:
    """Spans of the pattern in the text that begin and end where words do.

    RE2 knows the boundaries of ASCII words only, so those of other letters are looked at here.
    """
    for match in pattern.finditer(text):
        start, end = match.span()
        if start == end:
            continue
        torn = (start and text[start - 1].isalpha() and not text[start - 1].isascii()) or (
            end < len(text) and text[end].isalpha() and not text[end].isascii()
        )
        if not torn:
            yield start, end


def _long_sentences(block: _Block, words: int) -> Iterator[tuple[int, int]]:
    # A word takes two characters at least: most passages are too short to be looked at.
    if len(block.text) <= 2 * words:
        return
    for start, end, _ in block.sentences:
        if len(block.text[start:end].split()) > words:
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


@dataclass(frozen=True, slots=True)
class Claim:
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


def claims_of(passages: Sequence[Passage]) -> list[Claim]:
    """Find the sentences that end with evidence, and judge how strongly each is worded."""
    claims: list[Claim] = []
    for index, passage in enumerate(passages):
        if not passage.evidence:
            continue
        block = _Block(index, passage)
        spans = [block.folded.origin(start, end) for start, end, _ in block.sentences]
        for at, entry in passage.evidence:
            ended = [number for number, (start, _) in enumerate(spans) if start < at]
            if not ended:
                # It ends no sentence, as in a column of sources: nothing is claimed there.
                nothing = Sentence("").judgement()
                claims.append(Claim(entry, index, at, 0, 0, nothing, "", attributed=False))
                continue
            begin, _, sentence = block.sentences[ended[-1]]
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
    if consult is None:
        return False
    for index, passage in enumerate(passages):
        block = _Block(index, passage)
        for begin, end, sentence in block.sentences:
            text = block.text[begin:end]
            exempt = [match.span() for match in needless.finditer(text)] if needless else []
            for start, stop in _words(consult, text):
                overlapped = any(a < stop and start < b for a, b in exempt)
                asked = sentence.stance(start, stop) & (Stance.QUESTIONED | Stance.MENTIONED)
                if not overlapped and not asked:
                    return True
    return False


@functools.lru_cache(maxsize=8)
def _consult(rules: Rules) -> tuple[Any, Any]:
    return list_pattern(rules, "consult-professional"), list_pattern(rules, "consult-needless")


@functools.lru_cache(maxsize=8)
def _subjects(rules: Rules) -> tuple[Any, Any]:
    return list_pattern(rules, "software"), list_pattern(rules, "health-subject")


@functools.lru_cache(maxsize=128)
def list_pattern(rules: Rules, name: str) -> Any:
    """One expression for all phrases of a list, to search folded text with; None without such."""
    patterns = [phrase_pattern(phrase, rules.lists) for phrase in rules.lists.get(name, ())]
    return compile_pattern("|".join(patterns)) if patterns else None
