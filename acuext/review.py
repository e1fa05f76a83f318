"""Records of all pages in, findings out: applies settings and waivers, joins what pages share."""

from __future__ import annotations

import datetime
import functools
import itertools
import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Final, TypeVar

import msgspec

from acuext.baseline import EMPTY, Baseline, BaselineEntry, split
from acuext.evidence import (
    ALLOWED,
    CERTAINTY_WORDS,
    LADDER,
    Entry,
    Evidence,
    Reference,
    allowed,
    claimed,
)
from acuext.frontmatter import CURRENCY, RECORD_RULES, FrontMatter, gaps
from acuext.judgement import Hedge
from acuext.matches import Claim, Match
from acuext.rules import SEVERITIES, Profile, Rule, Rules, Severity, did_you_mean

#: line, column, end line, end column; 1-based, the end exclusive.
Region = tuple[int, int, int, int]

NOTICE_RULE: Final = "ACU201"
SOURCES_RULE: Final = "ACU203"
LADDER_RULE: Final = "ACU209"
FAIRNESS: Final = "ACU213"
#: Age in years from which a source is called old.
OLD_SOURCE: Final = 10
UNUSED, NO_REASON, NOT_WAIVABLE, EXPIRED, MALFORMED = (
    f"ACU90{number}" for number in (1, 2, 3, 4, 5)
)


# There are thousands of these values. To look through them for cycles, with all that Sphinx holds,
# takes longer than the whole review; they are in none, so Python need not look (`gc`).


class Spot(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A place in a source file, and the words there."""

    #: Relative to the source folder, POSIX.
    path: str
    region: Region
    text: str


class Waiver(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A comment that accepts the findings of a rule in the block below it, or on the page."""

    spot: Spot
    #: Rule id or name.
    rule: str = ""
    reason: str = ""
    until: datetime.date | None = None
    #: Covers the passages from `first` up to, not including, `last`; the whole page without them.
    first: int | None = None
    last: int | None = None
    #: What cannot be understood about it; it is void then.
    malformed: str = ""


class Use(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A claim on a page, with the places of its sentence and of the badge that ends it."""

    claim: Claim
    sentence: Spot
    #: The badge's id on the page, to link to.
    anchor: str


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All that is remembered of one page: what it says, before settings and waivers."""

    docname: str
    matches: tuple[tuple[Match, Spot], ...]
    waivers: tuple[Waiver, ...]
    #: The sentences that point at evidence.
    uses: tuple[Use, ...]
    #: Where a finding about the whole page points, and the passage that stands there.
    title: Spot
    title_passage: int
    #: Whether a notice that every reader sees sends them to a health professional.
    notice: bool
    passages: int
    #: What the page tells machines: name and content.
    metadata: tuple[tuple[str, str], ...] = ()
    #: Names of its footnotes.
    footnotes: tuple[str, ...] = ()


class Finding(msgspec.Struct, frozen=True, gc=False):
    """A rule met a passage: where to edit, what is wrong, and what to write instead.

    Lines and columns count from 1, the end is exclusive.
    """

    #: The file to edit, relative to the source folder, POSIX.
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    rule: str
    name: str
    severity: Severity
    message: str
    #: The words as they stand in the source.
    text: str
    suggestions: tuple[str, ...]
    #: The pages that show the words.
    pages: tuple[str, ...]


class Waived(Finding, frozen=True, gc=False):
    """A finding that somebody has accepted."""

    reason: str
    #: The last day on which the waiver holds.
    until: datetime.date | None


F = TypeVar("F", bound=Finding)


class Review(msgspec.Struct, frozen=True):
    """The outcome: findings in the order of their places; those of the baseline stand apart."""

    findings: tuple[Finding, ...]
    waived: tuple[Waived, ...]
    #: Findings that the baseline has recorded.
    baseline: tuple[Finding, ...]
    #: What the baseline has recorded and no page has any more, with how many of each are gone.
    outdated: tuple[BaselineEntry, ...]
    pages: int
    passages: int

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def gone(self) -> int:
        """How many findings of the baseline are gone."""
        return sum(entry.count for entry in self.outdated)


class Settings(msgspec.Struct, frozen=True):
    """What `conf.py` says about the rules."""

    profile: Profile = "core"
    #: Rule id, rule name or id prefix to a severity or "off".
    severities: Mapping[str, str] = {}
    #: Globs of the docnames that are health pages.
    health_pages: Sequence[str] = ("**",)
    #: What each page says of itself, by docname.
    pages: Mapping[str, FrontMatter] = {}
    #: Ids and names of rules whose waivers are refused.
    never_waive: Sequence[str] = ()

    def severity(self, rule: Rule, core: Severity, strict: Severity) -> Severity | None:
        """The severity of a match of this rule; None when the rule is off."""
        said = self._said(rule)
        if said in SEVERITIES:
            return said
        if said == "off" or (rule.profile != "core" and self.profile == "core"):
            return None
        return strict if self.profile == "health-page" else core

    def in_force(self, rules: Rules) -> Rules:
        """The rules that are not off: no page need be searched for what the others say."""
        return rules.only(
            rule.id
            for rule in rules.rules
            if self.severity(rule, rule.severity, rule.strict or rule.severity) is not None
        )

    def _said(self, rule: Rule) -> str | None:
        """What the setting says of a rule: its id wins over its name, its name over a prefix."""
        for key in (rule.id, rule.name):
            if key in self.severities:
                return self.severities[key]
        prefixes = [key for key in self.severities if rule.id.startswith(key)]
        return self.severities[max(prefixes, key=len)] if prefixes else None

    def is_health_page(self, docname: str) -> bool:
        """Whether the page needs what a health page needs."""
        said = self.pages.get(docname)
        return (said is None or said.health_page) and any(
            _glob(pattern).fullmatch(docname) for pattern in self.health_pages
        )


@functools.lru_cache
def _glob(pattern: str) -> re.Pattern[str]:
    """A glob of docnames: `*` and `?` stay within a folder, `**` goes through folders."""
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        re.sub(r"\*\*/|\*\*|\*|\?|[^*?]+", lambda m: pieces.get(m[0]) or re.escape(m[0]), pattern)
    )


# -- waivers -----------------------------------------------------------------------------------

_COMMENT: Final = re.compile(
    r"\s*acuext\s*:\s*(?P<verb>\S*)\s*(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_VERBS: Final = ("ignore", "ignore-file")


def waivers_of(text: str, spot: Spot, first: int, last: int) -> Iterator[Waiver]:
    """Read a comment that speaks to acuext; one that names several rules is a waiver for each.

    Args:
        text: the comment: `acuext: ignore RULE[, RULE] [until YYYY-MM-DD] -- reason`.
        spot: where it stands.
        first: index of the first passage of the block below it.
        last: index after its last passage.
    """
    comment = _COMMENT.match(text)
    verb = comment["verb"] if comment else ""
    if comment is None or verb not in _VERBS:
        hint = did_you_mean(verb, _VERBS) if verb else ""
        yield Waiver(spot, malformed=f'"{verb}" is neither "ignore" nor "ignore-file"{hint}')
        return
    head, *reason = re.split(r"--|[–—]", comment["rest"], maxsplit=1)
    names, *dates = re.split(r"\buntil\b", head, maxsplit=1, flags=re.IGNORECASE)
    until = None
    for date in dates:
        try:
            until = datetime.date.fromisoformat(date.strip())
        except ValueError:
            yield Waiver(spot, malformed=f'"{date.strip()}" is no date; write "until 2027-02-01"')
            return
    rules = names.replace(",", " ").split()
    unknown = next((rule for rule in rules if not re.fullmatch(r"[A-Za-z][\w-]*", rule)), None)
    if unknown or not rules:
        yield Waiver(spot, malformed=f'"{unknown}" is no rule' if unknown else "it names no rule")
        return
    span = () if verb == "ignore-file" else (first, last)
    for rule in rules:
        yield Waiver(spot, rule, " ".join(reason).strip(), until, *span)


# -- all pages ---------------------------------------------------------------------------------


def review(
    records: Iterable[Record],
    rules: Rules,
    settings: Settings,
    today: datetime.date,
    evidence: Evidence | None = None,
    sources: Mapping[str, Reference] | None = None,
    cited: Mapping[str, Set[str]] | None = None,
    baseline: Baseline = EMPTY,
) -> Review:
    """Judge all pages together.

    Args:
        records: what each page says.
        rules: the rules they were read with.
        settings: what `conf.py` says.
        today: the day on which waivers are looked at.
        evidence: the evidence file, if there is one.
        sources: the bibliography by key; None when there is none to look at.
        cited: the keys that each page cites, by docname.
        baseline: the findings that do not gate.
    """
    standard = _Standard(rules, settings, today, evidence, sources)
    findings: list[Finding] = []
    waived: list[Waived] = []
    used: set[str] = set()
    pages = passages = 0
    for record in records:
        pages += 1
        used.update(use.claim.entry for use in record.uses)
        passages += record.passages
        verdict = _Verdict(record, standard, (cited or {}).get(record.docname, frozenset()))
        findings += verdict.findings
        waived += verdict.waived
    findings += _about_entries(used, standard, evidence)
    new, recorded, outdated = split(baseline, _merged(findings))
    return Review(new, tuple(_merged(waived)), recorded, outdated, pages, passages)


class _Standard:
    """What all pages are held to; of each rule it is worked out once."""

    def __init__(
        self,
        rules: Rules,
        settings: Settings,
        today: datetime.date,
        evidence: Evidence | None,
        sources: Mapping[str, Reference] | None,
    ) -> None:
        # Where the language has no rules, nobody can tell how strong a wording is.
        self.known = rules.known
        self.rules = {rule.id: rule for rule in rules.rules}
        self.settings, self.today = settings, today
        self.entries: Mapping[str, Entry] = evidence.entries if evidence else {}
        self.sources = sources
        self._severities: dict[tuple[str, Severity, Severity], Severity | None] = {}
        #: Whether anything is asked of what pages say of themselves.
        self.asks_for_records = any(
            self.own_severity(self.rules[each]) for each in RECORD_RULES if each in self.rules
        )

    def severity(self, rule: Rule, core: Severity, strict: Severity) -> Severity | None:
        """The severity of a match of this rule; None when the rule is off."""
        key = rule.id, core, strict
        if key not in self._severities:
            self._severities[key] = self.settings.severity(rule, core, strict)
        return self._severities[key]

    def own_severity(self, rule: Rule) -> Severity | None:
        """The severity of a rule; None when it is off."""
        return self.severity(rule, rule.severity, rule.strict or rule.severity)


class _Waiving:
    """Which waiver accepts a finding, found without asking each."""

    def __init__(self, waivers: Sequence[Waiver]) -> None:
        self._waivers = waivers
        spans: dict[tuple[str, int | None, int | None], int] = {}
        for number, waiver in enumerate(waivers):
            spans.setdefault((waiver.rule, waiver.first, waiver.last), number)
        #: Numbers of the first waiver that names a rule, of the page and of each passage.
        self._page: dict[str, int] = {}
        self._passages: dict[tuple[str, int], int] = {}
        for (rule, first, last), number in spans.items():
            if first is None or last is None:
                self._page.setdefault(rule, number)
            else:
                for passage in range(first, last):
                    self._passages.setdefault((rule, passage), number)

    def of(self, finding: Finding, passage: int) -> Waiver | None:
        """The first waiver that covers the passage and names the finding's rule."""
        numbers = [
            number
            for rule in (finding.rule, finding.name)
            for number in (self._page.get(rule), self._passages.get((rule, passage)))
            if number is not None
        ]
        return self._waivers[min(numbers)] if numbers else None


class _Verdict:
    """The findings of one page."""

    def __init__(self, record: Record, standard: _Standard, cited: Set[str]) -> None:
        self.record, self.standard, self.cited = record, standard, cited
        self.rules, self.entries = standard.rules, standard.entries
        self.health_page = standard.settings.is_health_page(record.docname)
        self.pages = (record.docname,) if record.docname else ()
        self.findings: list[Finding] = []
        self.waived: list[Waived] = []
        usable = self._usable()
        waiving = _Waiving(usable)
        used: set[Waiver] = set()
        looks = (self._worded, self._about_claims, self._about_sources, self._about_the_page)
        for finding, passage in [found for look in looks for found in look()]:
            waiver = waiving.of(finding, passage)
            if waiver is None:
                self.findings.append(finding)
            else:
                used.add(waiver)
                self.waived.append(_waived(finding, waiver))
        for waiver in usable:
            rule = self._rule(waiver.rule)
            if waiver not in used and rule and self.standard.own_severity(rule):
                self._report(UNUSED, waiver, f"no finding of {rule.id} here: delete the waiver")

    def _rule(self, key: str) -> Rule | None:
        return self.rules.get(key) or next(
            (rule for rule in self.rules.values() if rule.name == key), None
        )

    def _worded(self) -> Iterator[tuple[Finding, int]]:
        judged: list[tuple[Finding, int]] = []
        for match, spot in self.record.matches:
            rule = self.rules.get(match.rule)
            if rule is None or (rule.profile == "health-page" and not self.health_page):
                continue
            severity = self.standard.severity(rule, match.severity, match.strict)
            if severity:
                finding = _finding(
                    rule, severity, spot, match.message, match.suggestions, self.pages
                )
                judged.append((finding, match.passage))
        grave = {finding.rule for finding, _ in judged if finding.severity != "info"}
        for finding, passage in judged:
            needed = self.rules[finding.rule].needs_page_finding
            if not needed or grave.intersection(needed):
                yield finding, passage

    def _about_claims(self) -> Iterator[tuple[Finding, int]]:
        for use in self.record.uses:
            entry = self.entries.get(use.claim.entry)
            if entry is None:
                hint = did_you_mean(use.claim.entry, self.entries)
                detail = f'there is no evidence "{use.claim.entry}"{hint}'
                found = self._finding(SOURCES_RULE, use.sentence, detail, ())
            elif self.standard.known and claimed(use.claim.judgement) > allowed(
                entry.certainty, use.claim.attributed
            ):
                wording = _wording(use.claim.verb, entry)
                detail = _too_strong(use.claim, entry)
                found = self._finding(LADDER_RULE, use.sentence, detail, (wording,))
            else:
                continue
            if found:
                yield found, use.claim.passage

    def _finding(
        self,
        rule_id: str,
        spot: Spot,
        detail: str,
        suggestions: tuple[str, ...],
        lighter: Severity | None = None,
    ) -> Finding | None:
        rule = self.rules.get(rule_id)
        own = self.standard.own_severity(rule) if rule else None
        if rule is None or own is None:
            return None
        severity = max(own, lighter or own, key=SEVERITIES.index)
        message = rule.message.replace("{text}", detail)
        if message.endswith("?."):
            # What is meant was asked.
            message = message[:-1]
        return _finding(rule, severity, spot, message, suggestions or rule.instead, self.pages)

    def _about_the_page(self) -> Iterator[tuple[Finding, int]]:
        record = self.record
        if not record.passages or not self.health_page:
            return
        details: list[tuple[str, str, Severity | None]] = []
        if not record.notice:
            details.append((NOTICE_RULE, "", None))
        if self.standard.asks_for_records:
            said = self.standard.settings.pages.get(record.docname)
            details += gaps(said, record.metadata, self.standard.today)
        for rule_id, detail, lighter in details:
            if found := self._finding(rule_id, record.title, detail, (), lighter):
                yield found, record.title_passage

    def _about_sources(self) -> Iterator[tuple[Finding, int]]:
        """Whether the sources behind the claims are today's, and all that speak to the matter."""
        if self.standard.sources is None or not self.health_page:
            return
        uses = [use for use in self.record.uses if use.claim.entry in self.entries]
        behind = {key for use in uses for key in self.entries[use.claim.entry].references}
        cited = behind | self.cited
        record = self.record
        places = [
            (key, key in entry.disagrees, use.sentence, use.claim.passage)
            for use in uses
            for entry in [self.entries[use.claim.entry]]
            for key in (*entry.references, *entry.disagrees)
        ]
        # What it cites beside its evidence has no place that is remembered.
        places += [(key, False, record.title, record.title_passage) for key in sorted(self.cited)]
        told: set[str] = set()
        for key, disagrees, spot, passage in places:
            if key in told:
                continue
            told.add(key)
            for rule_id, detail, lighter in self._about_source(key, disagrees, cited):
                if found := self._finding(rule_id, spot, detail, (), lighter):
                    yield found, passage

    def _about_source(
        self, key: str, disagrees: bool, cited: Set[str]
    ) -> Iterator[tuple[str, str, Severity | None]]:
        sources = self.standard.sources or {}
        source = sources.get(key)
        if source is None:
            return  # said where the evidence file names it
        newer = source.superseded_by
        if disagrees and key not in cited:
            yield FAIRNESS, f"cite `{key}` as well: it says otherwise", None
        elif newer in sources and newer not in cited:
            yield CURRENCY, f"`{key}` has been superseded by `{newer}`: cite that as well", None
        elif source.year and source.year + OLD_SOURCE < self.standard.today.year:
            yield CURRENCY, f"`{key}` is from {source.year}: look for a newer one", "info"

    def _usable(self) -> list[Waiver]:
        """The waivers that count; the others are findings, and void their whole comment."""
        void: set[Spot] = set()
        for waiver in self.record.waivers:
            if fault := self._fault(waiver):
                void.add(waiver.spot)
                self._report(fault[0], waiver, fault[1])
        usable: dict[tuple[Spot, str], Waiver] = {}
        for waiver in self.record.waivers:
            rule = self._rule(waiver.rule)
            if rule and waiver.spot not in void:
                usable.setdefault((waiver.spot, rule.id), waiver)
        return list(usable.values())

    def _fault(self, waiver: Waiver) -> tuple[str, str] | None:
        """What is amiss with a waiver: the rule, and what to do."""
        rule = self._rule(waiver.rule)
        if waiver.malformed:
            return MALFORMED, waiver.malformed
        if rule is None:
            rules = [rule for rule in self.rules.values() if not self._never(rule)]
            names = [name for rule in rules for name in (rule.id, rule.name)]
            hint = did_you_mean(waiver.rule, names)
            return NOT_WAIVABLE, f'there is no rule "{waiver.rule}"{hint}'
        if self._never(rule):
            return NOT_WAIVABLE, f"{rule.id} may not be waived"
        if not waiver.reason:
            return NO_REASON, f'add why: "ignore {waiver.rule} -- reason"'
        if waiver.until is not None and waiver.until < self.standard.today:
            return EXPIRED, f"it ended on {waiver.until.isoformat()}"
        return None

    def _never(self, rule: Rule) -> bool:
        never = self.standard.settings.never_waive
        return rule.kind == "waiver" or rule.id in never or rule.name in never

    def _report(self, rule_id: str, waiver: Waiver, detail: str) -> None:
        if found := self._finding(rule_id, waiver.spot, detail, ()):
            self.findings.append(found)


def _too_strong(claim: Claim, entry: Entry) -> str:
    """What is amiss with a claim that its evidence does not bear."""
    rung = claimed(claim.judgement)
    hedge = claim.judgement.hedge
    words = f'"{claim.verb}"' + (f", worded as {hedge.value}," if hedge is not Hedge.NONE else "")
    fit = next((CERTAINTY_WORDS[known] for known, most in ALLOWED.items() if most == rung), "")
    says = f"is for {fit} certainty" if fit else "is more than any source bears"
    return f"{words} {says}; `{claim.entry}` is {CERTAINTY_WORDS[entry.certainty]}"


def _wording(verb: str, entry: Entry) -> str:
    """How to word a claim so that its evidence bears it."""
    word = verb.lower()
    if not re.fullmatch(r"[a-z]+s", word) or entry.certainty in ("high", "not-rated"):
        return LADDER[entry.certainty]
    return LADDER[entry.certainty].replace("reduces", word).replace("reduce", word[:-1])


def _about_entries(
    used: Set[str], standard: _Standard, evidence: Evidence | None
) -> Iterator[Finding]:
    """Findings about the evidence file: entries nobody uses, references nobody has or finds."""
    rule = standard.rules.get(SOURCES_RULE)
    severity = standard.own_severity(rule) if rule else None
    if evidence is None or not rule or not severity:
        return
    sources = standard.sources
    first: dict[str, str] = {}
    for key, entry in evidence.entries.items():
        line = evidence.lines.get(key, 1)
        text = evidence.text[line - 1]
        spot = Spot(evidence.name, (line, 1, line, len(text) + 1), text)
        details: list[tuple[str, Severity]] = []
        for reference in dict.fromkeys((*entry.references, *entry.disagrees)):
            if sources is None:
                continue
            if reference not in sources:
                hint = did_you_mean(reference, sources)
                detail = f'"{reference}" of `{key}` is not in the bibliography{hint}'
                details.append((detail, severity))
                continue
            newer = sources[reference].superseded_by
            if newer == reference or (newer and newer not in sources):
                lacking = "itself" if newer == reference else f'"{newer}", not in the bibliography'
                detail = f'"{reference}" of `{key}` is superseded by {lacking}'
                details.append((detail, "warning"))
            if not sources[reference].findable:
                detail = f'"{reference}" of `{key}` has no DOI, address, ISBN or PubMed number'
                details.append((detail, "warning"))
        if key not in used:
            details.append((f"no page uses the evidence `{key}`", "warning"))
        statement = " ".join(entry.statement.split()).casefold()
        if first.setdefault(statement, key) != key:
            details.append((f"`{key}` says the same as `{first[statement]}`", "warning"))
        for detail, lighter in details:
            given = max(severity, lighter, key=SEVERITIES.index)
            yield _finding(rule, given, spot, rule.message.replace("{text}", detail), (), ())


def _finding(
    rule: Rule,
    severity: Severity,
    spot: Spot,
    message: str,
    suggestions: tuple[str, ...],
    pages: tuple[str, ...],
) -> Finding:
    return Finding(
        spot.path, *spot.region, rule.id, rule.name, severity, message, spot.text, suggestions,
        pages,
    )  # fmt: skip


_key: Final = operator.attrgetter(
    "path", "line", "column", "rule", "end_line", "end_column", "message"
)


def _waived(finding: Finding, waiver: Waiver) -> Waived:
    return Waived(**msgspec.structs.asdict(finding), reason=waiver.reason, until=waiver.until)


def _merged(findings: Iterable[F]) -> Iterator[F]:
    """Findings in the order of their places; one that several pages show names them all."""
    for _, same in itertools.groupby(sorted(findings, key=_key), _key):
        first, *others = same
        if others:
            pages = {page for finding in (first, *others) for page in finding.pages}
            first = msgspec.structs.replace(first, pages=tuple(sorted(pages)))
        yield first
