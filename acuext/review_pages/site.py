"""What review pages show: for each page its rows, and for all of them an overview."""

from __future__ import annotations

import datetime
import functools
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.i18n import format_date

from acuext import __version__
from acuext.approved import Revision, changes
from acuext.display import digest_of
from acuext.domain import domain_of
from acuext.evidence import CERTAINTY_WORDS, Entry, Evidence
from acuext.frontmatter import DUE_SOON, ReviewRecord, front_matter
from acuext.matches import OBJECT
from acuext.passages import Page, page_of
from acuext.reading import Places
from acuext.reading_age import reading_age
from acuext.reports import rule_address
from acuext.review import LADDER_RULE, SOURCES_RULE, Finding, Record, Region, Review, Settings, Spot
from acuext.review_pages import FOLDER
from acuext.review_pages.edit_links import edit_link
from acuext.review_pages.rows import (
    LEVEL_WORDS,
    LEVELS,
    Card,
    Found,
    Level,
    Row,
    by_page,
    rows_of,
    verdict,
)
from acuext.rules import Rules
from acuext.text import posix_path, read_source

if TYPE_CHECKING:
    from sphinx.builders.html import StandaloneHTMLBuilder


class Summary(msgspec.Struct, frozen=True):
    """What the overview needs of a page."""

    digest: str
    words: int
    #: Flesch-Kincaid grade and age; None where it is not measured.
    grade: float | None
    age: int | None


class Site:
    """All that review pages are made from, for one build."""

    def __init__(self, app: Sphinx, outcome: Review, revision: Revision | None) -> None:
        from acuext.extension import settings_of, today

        self.app = app
        self.env: BuildEnvironment = app.env
        self.builder: StandaloneHTMLBuilder = app.builder  # type: ignore[assignment]
        self.outcome = outcome
        self.revision = revision
        self.rules: Rules = app.config.acuext_loaded_rules
        self.in_force: Rules = app.config.acuext_rules_in_force
        self.settings: Settings = settings_of(app.config, app.env)
        self.today = today()
        self.found = by_page(outcome)
        self.edit = edit_link(app)
        self.records: Mapping[str, Record] = domain_of(app.env).records
        self.names = names_of(self.records)
        self._rules = {rule.id: rule for rule in self.rules.rules}

    @property
    def entries(self) -> Mapping[str, Entry]:
        """The entries of the evidence file."""
        evidence: Evidence | None = self.app.config.acuext_loaded_evidence
        return evidence.entries if evidence else {}

    def of(self, docname: str) -> Found:
        """The findings of a page."""
        return self.found.get(docname) or Found()

    def title(self, docname: str) -> str:
        """The title of a page."""
        title = self.env.titles[docname].astext() if docname in self.env.titles else ""
        return " ".join(title.split()) or docname

    def checked(self, docname: str) -> ReviewRecord | None:
        """What a page says of its review."""
        return front_matter(self.env.metadata.get(docname, {})).record

    def review_state(self, docname: str) -> str:
        """Whether the next review is overdue, due soon, or neither."""
        record = self.checked(docname)
        if record is None or record.review_due is None:
            return ""
        if record.review_due < self.today:
            return "overdue"
        return "soon" if record.review_due < self.today + DUE_SOON else ""

    def day(self, day: datetime.date) -> str:
        """A day in words."""
        moment = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
        return format_date("%-d %B %Y", date=moment, language=self.app.config.language)

    def days_left(self, until: datetime.date | None) -> int | None:
        """How many days a waiver still holds."""
        return None if until is None else (until - self.today).days

    @functools.cached_property
    def explained(self) -> dict[str, tuple[str, str]]:
        """Rule id to docname and anchor, where the site has a page on the rule."""
        labels = self.env.domains.standard_domain.anonlabels
        return {key: labels[key.lower()] for key in self._rules if key.lower() in labels}

    def rule_link(self, name: str, rule_id: str) -> str:
        """The address of a rule's page, seen from a review page."""
        if rule_id in self.explained:
            docname, anchor = self.explained[rule_id]
            return f"{self.builder.get_relative_uri(name, docname)}#{anchor}"
        return rule_address(self.rules, rule_id)

    # -- what would be rendered ------------------------------------------------------------------

    @functools.cached_property
    def common(self) -> str:
        """Digest of what all review pages are made from, besides the pages themselves."""
        build = self.builder.build_info
        facts = [
            __version__,
            build.config_hash,
            build.tags_hash,
            self.builder.templates.newest_template_mtime(),
            self.rules.fingerprint,
            self.settings.profile,
            sorted(self.settings.severities.items()),
            sorted(self.explained.items()),
            self.revision and (self.revision.name, self.revision.commit),
        ]
        return digest_of(facts)

    def digest(self, docname: str) -> str:
        """Digest of what a review page is made from."""
        found = self.of(docname)
        record = self.records[docname]
        used = sorted({use.claim.entry for use in record.uses})
        changed = ""
        if self.revision:
            path = self.revision.path(Path(self.env.doc2path(docname)))
            changed = f"{path in self.revision.files} {path in self.revision.changed}"
        return digest_of(
            [
                self.common,
                # Whenever it is read again its text may be another.
                self.env.all_docs.get(docname),
                found.findings,
                found.baseline,
                [(waived, self.days_left(waived.until)) for waived in found.waived],
                [(key, self.entries.get(key)) for key in used],
                self.review_state(docname),
                changed,
            ]
        )

    # -- a page ----------------------------------------------------------------------------------

    def page(self, docname: str) -> tuple[dict[str, Any], Summary]:
        """What a review page shows, and what the overview needs of it."""
        name = self.names[docname]
        page = page_of(self.env.get_doctree(docname))
        # Sphinx would keep each tree, pickled, to the end of the build: 30 kB a page.
        getattr(self.env, "_pickled_doctree_cache", {}).pop(docname, None)
        record = self.records[docname]
        cards = self.cards(docname, page)
        rows = rows_of(page, cards)
        everyone = [card for row in rows for card in row.cards]
        age = reading_age(page.passages, self.app.config.language or "en")
        words = sum(len(p.text.replace(OBJECT, " ").split()) for p in page.passages)
        compared, is_new = "", False
        if self.revision:
            day = self.day(datetime.date.fromisoformat(self.revision.day))
            compared = f"{self.revision.name} ({self.revision.commit[:10]}, {day})"
            is_new = not self.show_changes(docname, page, rows)
        checked = self.checked(docname)
        context = {
            "name": name,
            "title": self.title(docname),
            "verdict": verdict(self.of(docname)),
            "ready": not self.of(docname).count("error"),
            "published": self.builder.get_relative_uri(name, docname),
            "overview": self.builder.get_relative_uri(name, f"{FOLDER}/index"),
            "rows": rows,
            "cards": everyone,
            "age": age,
            "words": words,
            "claims": [
                (
                    use.sentence.text,
                    self.edit(use.sentence.path, use.sentence.region[0]),
                    use,
                    self.entries.get(use.claim.entry),
                )
                for use in record.uses
            ],
            "certainties": self.certainties(record),
            "checked": checked,
            "review_state": self.review_state(docname),
            "compared": compared,
            "is_new": is_new,
            "health_page": self.settings.is_health_page(docname),
            "ran": [
                (rule.id, rule.title, self.rule_link(name, rule.id)) for rule in self.in_force.rules
            ],
        }
        grade, years = (age.grade, age.age) if age else (None, None)
        return context, Summary(self.digest(docname), words, grade, years)

    def certainties(self, record: Record) -> list[tuple[str, int]]:
        """How many claims of a page have evidence of each certainty, the highest first."""
        counted: dict[str, int] = {}
        for use in record.uses:
            entry = self.entries.get(use.claim.entry)
            word = entry.certainty if entry else ""
            counted[word] = counted.get(word, 0) + 1
        order = [*CERTAINTY_WORDS, ""]
        return sorted(counted.items(), key=lambda item: order.index(item[0]))

    def cards(self, docname: str, page: Page) -> dict[int, list[tuple[Card, int, int]]]:
        """The findings of a page by passage, numbered in reading order."""
        name = self.names[docname]
        record = self.records[docname]
        places = _places(record)
        fits = len(page.passages) == record.passages
        placed: list[tuple[list[tuple[int, int, int]], Level, Finding]] = []
        for level, finding in self.of(docname).all:
            region = (finding.line, finding.column, finding.end_line, finding.end_column)
            spans = places.get((finding.path, region, finding.rule), [])
            if not spans:
                spans = places.get((finding.path, region, ""), [])
            # A passage that another extension has taken away since has no place any more.
            spans = [span for span in spans if fits and span[0] < len(page.passages)]
            placed.append((spans or [(-1, 0, 0)], level, finding))
        placed.sort(key=lambda item: item[0][0])
        cards: dict[int, list[tuple[Card, int, int]]] = {}
        for number, (spans, level, finding) in enumerate(placed, 1):
            card = Card(
                number,
                level,
                finding,
                self._rules.get(finding.rule),
                self.rule_link(name, finding.rule),
                self.edit(finding.path, finding.line),
            )
            for passage, start, end in spans:
                cards.setdefault(passage, []).append((card, start, end))
        return cards

    def show_changes(self, docname: str, page: Page, rows: list[Row]) -> bool:
        """Put what has changed beside the text; say whether the page was there before."""
        revision = self.revision
        if revision is None:
            return True
        source = Path(self.env.doc2path(docname))
        path = revision.path(source)
        if path not in revision.files:
            return False
        if path not in revision.changed:
            return True
        # In the order of their lines.
        waiting = deque(changes(revision.text(path), read_source(source)))
        own = posix_path(source, self.env.srcdir)
        written = Places(Path(self.env.doc2path(docname)), Path(self.env.srcdir))
        spots = iter(written.passages(page))
        shown: list[Row] = []
        for row in rows:
            here = [next(spots) for _part in row.parts]
            lines = [(s.region[0], s.region[2]) for s in here if s.path == own]
            if lines and row.kind not in ("alt", "description"):
                first, last = lines[0][0], max(end for _start, end in lines)
                while waiting and waiting[0].line <= last:
                    change = waiting.popleft()
                    gone = change.kind == "removed" and change.line <= first
                    if gone or change.end_line < first:
                        shown.append(Row("change", changes=[change]))
                    else:
                        row.changes.append(change)
            shown.append(row)
        rows[:] = [*shown, *(Row("change", changes=[change]) for change in waiting)]
        return True

    # -- the overview ----------------------------------------------------------------------------

    def overview(self, summaries: Mapping[str, Summary]) -> dict[str, Any]:
        """What the overview shows."""
        name = f"{FOLDER}/index"
        pages = []
        waivers = []
        for docname in sorted(self.records):
            found = self.of(docname)
            record = self.checked(docname)
            address = self.builder.get_relative_uri(name, self.names[docname])
            pages.append(
                {
                    "title": self.title(docname),
                    "docname": docname,
                    "address": address,
                    "counts": [
                        (level, number)
                        for level, number in (
                            ("must", found.count("error")),
                            ("consider", found.count("warning")),
                            ("note", found.count("info")),
                            ("waived", len(found.waived)),
                            ("baseline", len(found.baseline)),
                        )
                        if number
                    ],
                    "age": summaries[docname].age,
                    "due": record.review_due if record else None,
                    "state": self.review_state(docname),
                }
            )
            waivers += [(waived, self.title(docname), address) for waived in found.waived]
        pages.sort(key=_worst_first)
        forever = datetime.date.max
        waivers.sort(key=lambda item: (item[0].until or forever, item[1], item[0].line))
        about_files = [
            Card(
                number,
                LEVELS[finding.severity],
                finding,
                self._rules.get(finding.rule),
                self.rule_link(name, finding.rule),
                self.edit(finding.path, finding.line),
            )
            for number, finding in enumerate(self.of("").findings, 1)
        ]
        outcome = self.outcome
        everything = Found(list(outcome.findings), list(outcome.waived), list(outcome.baseline))
        open_pages = [page for page in pages if page["counts"] or page["state"]]
        return {
            "name": name,
            "verdict": verdict(everything),
            "ready": not outcome.count("error"),
            "totals": [
                (level, sum(1 for each, _finding in everything.all if each == level))
                for level in LEVEL_WORDS
            ],
            "pages": open_pages,
            "quiet": [page for page in pages if not (page["counts"] or page["state"])],
            "count": len(pages),
            "waivers": waivers,
            "about_files": about_files,
            "baseline": everything.baseline,
            "outdated": outcome.gone,
        }


def _worst_first(page: Mapping[str, Any]) -> tuple[object, ...]:
    counts = dict(page["counts"])
    states = {"overdue": 0, "soon": 1}
    return (
        *(-counts.get(level, 0) for level in ("must", "consider", "note")),
        states.get(page["state"], 2),
        -counts.get("waived", 0),
        -counts.get("baseline", 0),
        page["docname"],
    )


def names_of(docnames: Iterable[str]) -> dict[str, str]:
    """Docname to the name of its review page; the overview is in the place of the root's."""
    taken = set(docnames)
    root = "index-page"
    while root in taken:
        root += "-"
    return {name: f"{FOLDER}/{root if name == 'index' else name}" for name in sorted(taken)}


def _places(record: Record) -> dict[tuple[str, Region, str], list[tuple[int, int, int]]]:
    """Where in the text each place in the source is seen: passage, and the span in it."""
    places: dict[tuple[str, Region, str], list[tuple[int, int, int]]] = {}

    def note(spot: Spot, rule: str, passage: int, start: int = 0, end: int = 0) -> None:
        places.setdefault((spot.path, spot.region, rule), []).append((passage, start, end))

    for match, spot in record.matches:
        note(spot, match.rule, match.passage, match.start, match.end)
    for use in record.uses:
        for rule in (SOURCES_RULE, LADDER_RULE, ""):
            note(use.sentence, rule, use.claim.passage, use.claim.start, use.claim.end)
    for waiver in record.waivers:
        if waiver.first is not None and waiver.last is not None and waiver.first < waiver.last:
            note(waiver.spot, "", waiver.first)
    if record.title_passage >= 0:
        note(record.title, "", record.title_passage)
    return {key: list(dict.fromkeys(spans)) for key, spans in places.items()}
