"""Pages for editors: each page with its findings beside the words, and an overview of all pages."""

from __future__ import annotations

import datetime
import functools
import hashlib
import html
import json
import os
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote

import jinja2
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.locale import get_translation
from sphinx.util import logging
from sphinx.util.i18n import format_date

from acuext import __version__
from acuext.approved import Change, Revision, RevisionError, changes
from acuext.domain import spots_of
from acuext.engine import OBJECT
from acuext.evidence import CERTAINTY_WORDS, Entry, Evidence
from acuext.frontmatter import DUE_SOON, ReviewRecord, front_matter
from acuext.passages import Page, page_of
from acuext.reading_age import reading_age
from acuext.reports import one_line, rule_address
from acuext.review import (
    LADDER_RULE,
    SOURCES_RULE,
    Finding,
    Record,
    Region,
    Review,
    Settings,
    Spot,
    Waived,
)
from acuext.rules import SEVERITIES, Rule, Rules, Severity
from acuext.text import read_source

if TYPE_CHECKING:
    from sphinx.builders.html import StandaloneHTMLBuilder

logger = logging.getLogger(__name__)
_ = get_translation("acuext")

#: The folder of the review pages below the output folder.
FOLDER: Final = "_review"
#: Builders that have them: those that write a file for each page and show it in a browser.
BUILDERS: Final = frozenset({"html", "dirhtml"})
#: Waivers that end within these days are pointed out.
ENDS_SOON: Final = 30
#: What an overview quotes of a finding's words, and a page of a block that is not read.
_QUOTED: Final = 60
_MOST_LINES: Final = 12

Level = Literal["must", "consider", "note", "waived", "baseline"]
_LEVELS: Final[Mapping[Severity, Level]] = {"error": "must", "warning": "consider", "info": "note"}
LEVEL_WORDS: Final[Mapping[Level, str]] = {
    "must": _("Must fix"),
    "consider": _("Consider"),
    "note": _("Note"),
    "waived": _("Waived"),
    "baseline": _("In the baseline"),
}
_COUNTED: Final[Mapping[Level, str]] = {
    "must": _("{number} must fix"),
    "consider": _("{number} to consider"),
    "note": _("{number} to note"),
    "waived": _("{number} waived"),
    "baseline": _("{number} in the baseline"),
}
#: What stands above words that are no running text.
_LABELS: Final = {
    "alt": _("Text of a picture"),
    "caption": _("Caption"),
    "description": _("Description for search engines"),
    "quote": _("Quotation"),
}
_UNREAD_LABELS: Final = {
    "bibliography": _("List of references"),
    "desc_signature": _("Code"),
    "doctest_block": _("Code"),
    "footbibliography": _("List of references"),
    "image": _("Picture"),
    "literal_block": _("Code"),
    "math_block": _("Formula"),
    "paragraph": _("Nothing to read"),
    "raw": _("Markup of its own"),
}


# -- what a page shows ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a passage that looks the same throughout."""

    text: str
    #: Whether it is seen, but not read.
    unread: bool = False
    #: The finding that it leads to; 0 for none, with its level.
    number: int = 0
    level: Level = "note"
    #: Findings whose words begin here for the first time, and those whose words end here.
    opens: tuple[int, ...] = ()
    closes: tuple[int, ...] = ()
    #: Keys of the evidence that is pointed at before it.
    evidence: tuple[str, ...] = ()


@dataclass(slots=True)
class Card:
    """A finding as it stands beside the words."""

    number: int
    level: Level
    finding: Finding
    rule: Rule | None
    #: Address of the rule's page, and of the editor for the source; empty where there is none.
    explained: str
    edit: str
    #: Whether its words are marked in the text.
    marked: bool = False

    @property
    def title(self) -> str:
        """What the rule is about."""
        return self.rule.title if self.rule else self.finding.name

    @property
    def why(self) -> str:
        """Why it matters, in a sentence."""
        text = " ".join(self.rule.why.split()) if self.rule else ""
        first = re.match(r".*?[.!?](?=[\s\"]|$)", text)
        return first[0] if first else text

    @property
    def quoted(self) -> str:
        """The words, not too many."""
        return _cut(self.finding.text)


@dataclass(slots=True)
class Row:
    """A passage, or some that stand side by side, with the findings about them."""

    kind: str
    label: str = ""
    #: One for each passage.
    parts: list[list[Segment]] = field(default_factory=list)
    #: What is not read, as text.
    code: str = ""
    cards: list[Card] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the overview needs of a page."""

    digest: str
    words: int
    #: Flesch-Kincaid grade and age; None where it is not measured.
    grade: float | None
    age: int | None


@dataclass(slots=True)
class Found:
    """All findings that a page shows."""

    findings: list[Finding] = field(default_factory=list)
    waived: list[Waived] = field(default_factory=list)
    baseline: list[Finding] = field(default_factory=list)

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def all(self) -> Iterator[tuple[Level, Finding]]:
        """Findings with their levels, in the order of their places."""
        for finding in self.findings:
            yield _LEVELS[finding.severity], finding
        for finding in self.waived:
            yield "waived", finding
        for finding in self.baseline:
            yield "baseline", finding


def by_page(outcome: Review) -> dict[str, Found]:
    """Findings by the pages that show them; those about files stand under the empty name."""
    pages: dict[str, Found] = {}
    for finding in outcome.findings:
        for docname in finding.pages or ("",):
            pages.setdefault(docname, Found()).findings.append(finding)
    for waived in outcome.waived:
        for docname in waived.pages:
            pages.setdefault(docname, Found()).waived.append(waived)
    for finding in outcome.baseline:
        for docname in finding.pages or ("",):
            pages.setdefault(docname, Found()).baseline.append(finding)
    return pages


def counted(level: Level, number: int) -> str:
    """How many findings there are of a level, in words."""
    return str(_COUNTED[level]).format(number=number)


def verdict(found: Found) -> str:
    """The outcome in a line."""
    errors, warnings, notes = (found.count(severity) for severity in SEVERITIES)
    counts: dict[Level, int] = {"must": errors, "consider": warnings}
    if not errors and not warnings:
        counts = {"note": notes}
    said = ", ".join(counted(level, number) for level, number in counts.items() if number)
    if errors:
        return str(_("Not ready: {counted}.")).format(counted=said)
    caution = str(_("That is not a statement that the text is true."))
    if said:
        return str(_("Nothing must be fixed: {counted}. {caution}")).format(
            counted=said, caution=caution
        )
    return f"{_('Nothing to fix.')} {caution}"


def rows_of(page: Page, cards: Mapping[int, Sequence[tuple[Card, int, int]]]) -> list[Row]:
    """A page from its first passage to its last, with the cards where they belong.

    Args:
        page: what a reader meets.
        cards: passage to findings, each with the span of its words; those about the whole page
            stand under -1.
    """
    rows: list[Row] = []
    if -1 in cards:
        rows.append(Row("page", cards=[card for card, _start, _end in cards[-1]]))
    unread = iter(page.unread)
    waiting = next(unread, None)
    group = 0
    opened: set[int] = set()
    for index, passage in enumerate(page.passages):
        while waiting is not None and waiting[0] <= index:
            rows += _unread_row(waiting[1])
            waiting = next(unread, None)
        placed = sorted(cards.get(index, ()), key=lambda item: (item[1], item[2], item[0].number))
        if not (passage.kind == "cell" and passage.group == group and rows[-1].kind == "cell"):
            rows.append(Row(passage.kind, str(_LABELS.get(passage.kind, ""))))
        group = passage.group
        objects = page.objects.get(index, ())
        rows[-1].parts.append(_segments(passage.text, passage.evidence, placed, objects, opened))
        rows[-1].cards += [card for card, _start, _end in placed if card not in rows[-1].cards]
    while waiting is not None:
        rows += _unread_row(waiting[1])
        waiting = next(unread, None)
    return rows


def _unread_row(node: nodes.Element) -> list[Row]:
    label = _UNREAD_LABELS.get(node.tagname)
    if label is None or (node.tagname == "paragraph" and next(node.findall(nodes.image), None)):
        return []
    text = posixpath.basename(str(node.get("uri", ""))) or node.astext().strip("\n")
    if node.tagname == "raw" and text.lstrip().startswith("<!--"):
        return []
    lines = text.split("\n")
    if len(lines) > _MOST_LINES + 3:
        more = str(_("… and {number} more lines")).format(number=len(lines) - _MOST_LINES)
        lines[_MOST_LINES:] = [more]
    code = "\n".join(lines)
    return (
        [Row("unread", str(label), code=code)] if code.strip() or "biblio" in node.tagname else []
    )


def _segments(
    text: str,
    evidence: Sequence[tuple[int, str]],
    cards: Sequence[tuple[Card, int, int]],
    objects: Sequence[str],
    opened: set[int],
) -> list[Segment]:
    """Cut a passage where something begins or ends."""
    spans = [(card, start, end) for card, start, end in cards if end > start]
    holes = [match.start() for match in re.finditer(OBJECT, text)]
    seen = dict(zip(holes, objects, strict=False))
    badges: dict[int, list[str]] = {}
    for at, key in evidence:
        badges.setdefault(at, []).append(key)
    cuts = {0, len(text), *badges, *holes, *(hole + 1 for hole in holes)}
    cuts.update(*((start, end) for _card, start, end in spans))
    ordered = sorted(cut for cut in cuts if 0 <= cut <= len(text))
    made: list[Segment] = []
    for start, end in zip(ordered, [*ordered[1:], len(text)], strict=True):
        keys = tuple(badges.get(start, ()))
        if start == end and not keys:
            continue
        covering = [span for span in spans if span[1] <= start and end <= span[2] and start < end]
        top = max(covering, key=lambda span: (span[1], -span[2]))[0] if covering else None
        opens = tuple(c.number for c, at, _end in covering if c.number not in opened)
        opened.update(opens)
        closes = tuple(c.number for c, _start, at in covering if at == end)
        for card, *_span in covering:
            card.marked = True
        made.append(
            Segment(
                seen.get(start, "…") if start in holes and start < end else text[start:end],
                start in holes and start < end,
                top.number if top else 0,
                top.level if top else "note",
                opens,
                closes,
                keys,
            )
        )
    return made


def _cut(text: str, most: int = _QUOTED) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


# -- the site ------------------------------------------------------------------------------------


def edit_link(app: Sphinx) -> Callable[[str, int], str]:
    """Make addresses where a source can be edited, by the settings of the theme.

    Returns:
        A function of a path, from the source folder, and a line; it gives an empty text where the
        theme does not know, or where the file lies outside the repository.
    """
    options: Mapping[str, Any] = app.config.html_theme_options
    context: Mapping[str, Any] = app.config.html_context
    pattern = _pattern(options) or _context_pattern(context) or _book_pattern(options)

    def link(path: str, line: int) -> str:
        if not pattern:
            return ""
        folder, template = pattern
        full = posixpath.normpath(posixpath.join(folder.strip("/"), path))
        if full.startswith(("..", "/")) or not template.startswith(("https://", "http://")):
            return ""
        return f"{template.replace('{filename}', quote(full))}#L{line}"

    return link


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) and value.strip() != "None" else ""


def _pattern(options: Mapping[str, Any]) -> tuple[str, str] | None:
    """Furo and other themes made of sphinx-basic-ng: folder, and address with `{filename}`."""
    if own := _text(options, "source_edit_link"):
        return "", own
    repository = _text(options, "source_repository").rstrip("/")
    branch = quote(_text(options, "source_branch"))
    return _at(repository, branch, _text(options, "source_directory"))


def _book_pattern(options: Mapping[str, Any]) -> tuple[str, str] | None:
    """sphinx-book-theme."""
    repository = _text(options, "repository_url").rstrip("/")
    branch = quote(_text(options, "repository_branch") or "main")
    return _at(repository, branch, _text(options, "path_to_docs"))


def _context_pattern(context: Mapping[str, Any]) -> tuple[str, str] | None:
    """The theme of Read the Docs, and pydata's."""
    folder = _text(context, "conf_py_path") or _text(context, "doc_path")
    for name in ("github", "gitlab", "bitbucket"):
        user, repo = _text(context, f"{name}_user"), _text(context, f"{name}_repo")
        branch = quote(_text(context, f"{name}_version"))
        if not (user and repo and branch):
            continue
        host = _text(context, f"{name}_host") or _text(context, f"{name}_url")
        host = host or ("bitbucket.org" if name == "bitbucket" else f"{name}.com")
        host = host if "://" in host else f"https://{host}"
        return _at(f"{host.rstrip('/')}/{quote(user)}/{quote(repo)}", branch, folder, name)
    return None


def _at(repository: str, branch: str, folder: str, kind: str = "") -> tuple[str, str] | None:
    kind = kind or next((k for k in ("gitlab", "bitbucket") if k in repository), "github")
    if not repository or not branch:
        return None
    way = {
        "github": f"/edit/{branch}/{{filename}}",
        "gitlab": f"/-/edit/{branch}/{{filename}}",
        "bitbucket": f"/src/{branch}/{{filename}}?mode=edit",
    }
    return folder, repository + way[kind]


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
        self.settings: Settings = settings_of(app.config, app.env)
        self.today = today()
        self.found = by_page(outcome)
        self.edit = edit_link(app)
        self.records: Mapping[str, Record] = app.env.domaindata["acuext"]["records"]
        self.names = _names(self.records)
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
        return _digest(facts)

    def digest(self, docname: str) -> str:
        """Digest of what a review page is made from."""
        found = self.of(docname)
        record = self.records[docname]
        used = sorted({use.claim.entry for use in record.uses})
        changed = ""
        if self.revision:
            path = self.revision.path(Path(self.env.doc2path(docname)))
            changed = f"{path in self.revision.files} {path in self.revision.changed}"
        return _digest(
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
                (rule.id, rule.title, self.rule_link(name, rule.id)) for rule in self.rules_that_ran
            ],
        }
        grade, years = (age.grade, age.age) if age else (None, None)
        return context, Summary(self.digest(docname), words, grade, years)

    @functools.cached_property
    def rules_that_ran(self) -> list[Rule]:
        """The rules that are switched on."""
        return [
            rule
            for rule in self.rules.rules
            if self.settings.severity(rule, rule.severity, rule.strict or rule.severity)
        ]

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
        waiting = changes(revision.text(path), read_source(source))
        own = Path(os.path.relpath(source, self.env.srcdir)).as_posix()
        spots = iter(spots_of(self.env, docname, page))
        place = 0
        while place < len(rows):
            row = rows[place]
            here = [next(spots) for _part in row.parts]
            lines = [(s.region[0], s.region[2]) for s in here if s.path == own]
            if lines and row.kind not in ("alt", "description"):
                first, last = lines[0][0], max(end for _start, end in lines)
                before = [c for c in waiting if c.end_line < first or c.kind == "removed"]
                before = [c for c in before if c.line <= first]
                rows[place:place] = [Row("change", changes=[change]) for change in before]
                place += len(before)
                row.changes = [c for c in waiting if c not in before and c.line <= last]
                waiting = [c for c in waiting if c not in before and c not in row.changes]
            place += 1
        rows += [Row("change", changes=[change]) for change in waiting]
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
                _LEVELS[finding.severity],
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


def _names(docnames: Iterable[str]) -> dict[str, str]:
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


def _digest(facts: object) -> str:
    return hashlib.sha256(repr(facts).encode(errors="backslashreplace")).hexdigest()[:16]


# -- in a build ----------------------------------------------------------------------------------


class ReviewPages:
    """Keeps the review pages of a build up to date; one for an application."""

    def __init__(self, outcome: Callable[[], Review | None]) -> None:
        self._outcome = outcome
        self._revision: Revision | None = None
        self._site: Site | None = None
        #: What is known of the last pages written into this folder, by docname.
        self._known: dict[str, Summary] = {}
        self._stale: list[str] = []

    def on_builder_inited(self, app: Sphinx) -> None:
        """Look up what pages are compared with.

        Raises:
            SettingsError: git knows no such revision.
        """
        from acuext.extension import SettingsError

        self._revision = None
        name: str | None = app.config.acuext_since
        if not name or app.builder.name not in BUILDERS:
            return
        try:
            self._revision = Revision.of(name, Path(app.srcdir))
        except RevisionError as error:
            said = one_line(f"acuext_since: {error}")
            if error.mistaken:
                logger.error("%s", said)
                raise SettingsError(said) from None
            logger.info("acuext: %s; no differences are shown", said)

    def on_env_updated(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Find out which review pages are stale, also when no page was read again.

        Returns:
            A page to write: with nothing to write Sphinx would end the build here.
        """
        self._site, self._stale, self._known = None, [], {}
        outcome = self._outcome()
        if outcome is None or app.builder.name not in BUILDERS:
            return []
        if taken := _taken(app):
            logger.warning(
                "acuext: %s is in the way of the review pages, which are not written; "
                "rename that page or folder",
                taken,
                type="acuext",
                subtype="review-pages",
            )
            return []
        site = self._site = Site(app, outcome, self._revision)
        self._known = _load(app)
        self._stale = [
            docname
            for docname, name in site.names.items()
            if docname not in self._known
            or self._known[docname].digest != site.digest(docname)
            or not _file(app, name).is_file()
        ]
        gone = [docname for docname in self._known if docname and docname not in site.names]
        overview = self._overview_is_stale(app, _overview_digest(site, self._known))
        if self._stale or gone or overview:
            return [app.config.root_doc]
        return []

    def on_collect_pages(self, app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Render the stale ones, one after the other, and the overview last."""
        site = self._site
        if site is None:
            return
        templates = _templates(site)
        for docname in self._stale:
            context, self._known[docname] = site.page(docname)
            links = [
                (context["overview"], _("All pages")),
                (context["published"], site.title(docname)),
            ]
            title = f"{_('Review')}: {context['title']}"
            yield _themed(templates, "review_page.html", context, title, links)
        for docname in [name for name in self._known if name and name not in site.names]:
            del self._known[docname]
            _file(app, _names([docname])[docname]).unlink(missing_ok=True)
        digest = _overview_digest(site, self._known)
        if not self._overview_is_stale(app, digest):
            return
        context = site.overview(self._known)
        home = site.builder.get_relative_uri(context["name"], app.config.root_doc)
        links = [(home, site.title(app.config.root_doc))]
        title = str(_("Review of all pages"))
        yield _themed(templates, "review_index.html", context, title, links)
        self._known[""] = Summary(digest, 0, None, None)

    def _overview_is_stale(self, app: Sphinx, digest: str) -> bool:
        before = self._known.get("")
        there = _file(app, f"{FOLDER}/index").is_file()
        return before is None or before.digest != digest or not there

    def on_page_context(
        self,
        app: Sphinx,
        pagename: str,
        templatename: str,
        context: dict[str, Any],
        doctree: nodes.document | None,
    ) -> None:
        """Point from a page of a preview to its review."""
        site = self._site
        if site is None or doctree is None or app.config.acuext_gate != "report":
            return
        if pagename in site.names:
            address = html.escape(site.builder.get_relative_uri(pagename, site.names[pagename]))
            banner = (
                f'<p class="acuext-preview"><strong>{html.escape(str(_("Preview.")))}</strong> '
                f'<a href="{address}">{html.escape(str(_("See the review of this page")))}</a></p>'
            )
            context["body"] = banner + context.get("body", "")

    def on_build_finished(self, app: Sphinx, exception: Exception | None) -> None:
        """Say where the review pages are, and remember what they were made from."""
        if exception is not None or self._site is None:
            return
        _save(app, self._known)
        outcome = self._site.outcome
        counts: dict[Level, int] = {
            level: outcome.count(severity) for severity, level in _LEVELS.items()
        }
        counts["waived"] = len(outcome.waived)
        said = ", ".join(_COUNTED[level].format(number=n) for level, n in counts.items() if n)
        logger.info(
            "acuext: %s. Read them in context: %s" if said else "acuext: %s. The review pages: %s",
            said or "nothing to fix",
            os.path.relpath(_file(app, f"{FOLDER}/index")),
        )


def setup_review_pages(app: Sphinx, outcome: Callable[[], Review | None]) -> None:
    """Register the review pages.

    Args:
        app: the application.
        outcome: gives what the build has found, once all pages are judged.
    """
    pages = ReviewPages(outcome)
    app.connect("config-inited", on_config_inited)
    app.connect("builder-inited", pages.on_builder_inited)
    # After the judgement, whose priority is 900; it says how the build ends before we say where.
    app.connect("env-updated", pages.on_env_updated, priority=950)
    app.connect("html-collect-pages", pages.on_collect_pages)
    app.connect("html-page-context", pages.on_page_context)
    app.connect("build-finished", pages.on_build_finished, priority=950)
    app.add_css_file("acuext-review.css")


def on_config_inited(app: Sphinx, config: Any) -> None:
    """Keep the review pages out of the sitemap, where sphinx-sitemap makes one."""
    if "sitemap_excludes" in config:
        config.sitemap_excludes = [*config.sitemap_excludes, f"{FOLDER}/*"]


def _taken(app: Sphinx) -> str:
    """A page of the project that stands where ours would; empty when there is none."""
    names: list[str] = sorted([*app.env.all_docs, *app.config.html_additional_pages])
    for name in names:
        if name == FOLDER or name.startswith(f"{FOLDER}/"):
            return name
    return ""


def _templates(site: Site) -> jinja2.Environment:
    """Templates of our own, which escape whatever is put into them."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.globals.update(
        _=lambda text: str(_(text)),
        level_words={level: str(word) for level, word in LEVEL_WORDS.items()},
        counted=counted,
        certainty_words={level: str(_(word)) for level, word in CERTAINTY_WORDS.items()},
        entries=site.entries,
        day=site.day,
        days_left=site.days_left,
        ends_soon=ENDS_SOON,
        edit=site.edit,
        cut=_cut,
        version=__version__,
        settings=site.settings,
        language=site.rules.language,
        known_language=site.rules.known,
    )
    return made


def _themed(
    templates: jinja2.Environment,
    template: str,
    context: Mapping[str, Any],
    title: str,
    links: Sequence[tuple[str, object]],
) -> tuple[str, dict[str, Any], str]:
    """A page in the theme of the site, but without its contents beside it.

    They would be most of the work, and stale as soon as another page has a new title.
    """
    items = "".join(
        f'<li class="toctree-l1"><a class="reference internal" href="{html.escape(address)}">'
        f"{html.escape(str(text))}</a></li>"
        for address, text in links
    )
    menu = f"<ul>{items}</ul>"
    body = templates.get_template(template).render(context)
    shown: dict[str, Any] = {
        "title": html.escape(title),
        "body": body,
        "metatags": '<meta name="robots" content="noindex, nofollow">',
        "pageurl": None,
        "toc": "",
        "display_toc": False,
        "toctree": lambda **_kwargs: menu,
        "parents": [],
    }
    return str(context["name"]), shown, "page.html"


def _overview_digest(site: Site, known: Mapping[str, Summary]) -> str:
    pages = sorted((name, summary) for name, summary in known.items() if name)
    return _digest([site.common, site.today, site.of(""), pages])


def _file(app: Sphinx, name: str) -> Path:
    builder: StandaloneHTMLBuilder = app.builder  # type: ignore[assignment]
    return Path(builder.get_outfilename(name))


def _memory(app: Sphinx) -> Path:
    """A file beside what Sphinx remembers of the pages; each output folder has its own."""
    folder = hashlib.sha256(str(app.outdir).encode()).hexdigest()[:16]
    return Path(app.doctreedir) / f"acuext-review-{folder}.json"


def _load(app: Sphinx) -> dict[str, Summary]:
    try:
        said = json.loads(_memory(app).read_text(encoding="utf-8"))
        return {docname: Summary(*values) for docname, values in said.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _save(app: Sphinx, known: Mapping[str, Summary]) -> None:
    said = {
        docname: [summary.digest, summary.words, summary.grade, summary.age]
        for docname, summary in sorted(known.items())
    }
    try:
        _memory(app).write_text(json.dumps(said, indent=0) + "\n", encoding="utf-8")
    except OSError as error:
        logger.info("acuext: %s: cannot be written: %s", _memory(app), error.strerror)
