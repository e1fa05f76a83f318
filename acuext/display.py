"""How evidence and the review record look, in every builder."""

from __future__ import annotations

import csv
import datetime
import hashlib
import html
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import msgspec
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors import EnvironmentCollector
from sphinx.errors import NoUri
from sphinx.locale import get_translation
from sphinx.util import logging
from sphinx.util.i18n import format_date
from sphinx.writers.html5 import HTML5Translator

from acuext import figures
from acuext.domain import bibliography
from acuext.evidence import CERTAINTY_MEANS, CERTAINTY_WORDS, Certainty, Entry, Evidence
from acuext.frontmatter import ReviewRecord, front_matter, named
from acuext.markup import Selection, evidence_badge, evidence_list
from acuext.rules import did_you_mean
from acuext.text import posix_path

logger = logging.getLogger(__name__)
_ = get_translation("acuext")

#: Builders whose pages are read in a browser, where a badge can open. In all others a badge is a
#: few words, and what it would open is a list at the end of the page.
BROWSER: Final = frozenset({"html", "dirhtml", "singlehtml"})
#: Most pages that a badge names of those where its evidence is used too.
MOST_PLACES: Final = 5
_DOTS: Final[Mapping[Certainty, int]] = {"high": 4, "moderate": 3, "low": 2, "very-low": 1}
_SHORT: Final[Mapping[Certainty, str]] = {
    "high": _("(high certainty)"),
    "moderate": _("(moderate certainty)"),
    "low": _("(low certainty)"),
    "very-low": _("(very low certainty)"),
    "not-rated": _("(certainty not rated)"),
}
_STATUS: Final = {
    "draft": (_("Draft"), _("Nobody has checked this page yet.")),
    "editor": (_("Editor checked"), _("An editor has checked this page; no clinician has.")),
    "clinician": (_("Clinician reviewed"), _("A clinician has read and checked this page.")),
    "overdue": (_("Review overdue"), _("This page should have been checked again by now.")),
}


class Shown(NamedTuple):
    """What a page shows of the evidence; kept between builds."""

    #: Key and id of each badge.
    badges: tuple[tuple[str, str], ...]
    #: Its tables and figures, and where they stand: `path:line`, the path from the source folder.
    lists: tuple[tuple[Selection, str], ...]


class evidence_card(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes so)
    """What a badge opens, in a browser."""


# -- what is known of all pages ------------------------------------------------------------------


class Site(msgspec.Struct, frozen=True):
    """The evidence file, the bibliography and all pages, as a page that shows them needs it."""

    app: Sphinx
    env: BuildEnvironment

    @property
    def data(self) -> dict[str, Any]:
        """What is kept of our domain between builds; in what a worker sends there is no domain."""
        return self.env.domaindata["acuext"]

    @property
    def shown(self) -> dict[str, Shown]:
        """Docname to what the page shows."""
        shown: dict[str, Shown] = self.data.setdefault("shown", {})
        return shown

    @property
    def entries(self) -> Mapping[str, Entry]:
        """The entries of the evidence file; none when there is no file."""
        evidence: Evidence | None = self.app.config.acuext_loaded_evidence
        return evidence.entries if evidence else {}

    @property
    def in_browser(self) -> bool:
        """Whether a badge can open."""
        return self.app.builder.name in BROWSER

    def title(self, docname: str) -> str:
        """The title of a page."""
        return self.env.titles[docname].astext() if docname in self.env.titles else docname

    def places(self, key: str) -> Mapping[str, Sequence[str]]:
        """Docname to ids of the badges that point at an entry."""
        places: dict[str, dict[str, list[str]]] = self.data.get("places", {})
        return places.get(key, {})

    def find_places(self) -> None:
        """Gather, once a build, where each entry is used."""
        places: dict[str, dict[str, list[str]]] = {}
        for docname, shown in sorted(self.shown.items()):
            for key, anchor in shown.badges:
                places.setdefault(key, {}).setdefault(docname, []).append(anchor)
        self.data["places"] = places

    def record(self, docname: str) -> ReviewRecord | None:
        """What a page says of its review."""
        return front_matter(self.env.metadata.get(docname, {})).record

    def citation(self, key: str) -> tuple[str, str, str]:
        """Authors and year of a reference, its title, and its address; of each what is known."""
        sources = bibliography(self.env)
        if sources is None or key not in sources:
            return key, "", ""
        entry = sources[key]
        fields = {name: _plain(entry.fields[name]) for name in entry.fields}
        names = [
            " ".join(map(str, (*person.rich_prelast_names, *person.rich_last_names)))
            for person in entry.persons.get("author", ())
        ]
        if len(names) > 2:
            names[1:] = [str(_("others"))]
        who = str(_(" and ")).join(names)
        doi = fields.get("doi", "")
        url = f"https://doi.org/{quote(doi, safe='/:;()<>.')}" if doi else fields.get("url", "")
        # Any other scheme could run a script.
        url = url if url.startswith(("https://", "http://")) else ""
        title = fields.get("title", "")
        said = " ".join(part for part in (who or title or key, fields.get("year", "")) if part)
        return said, title if who else "", url


def _plain(latex: str) -> str:
    from pybtex.richtext import Text  # type: ignore[import-untyped]

    return str(Text.from_latex(latex))


def status(record: ReviewRecord) -> str:
    """How far the review of a page has got: a key of the table of states."""
    from acuext.extension import today

    if record.reviewed is None:
        return "draft"
    if record.review_due is not None and record.review_due < today():
        return "overdue"
    if record.clinician_named:
        return "clinician"
    return "editor" if named(record.editor) else "draft"


def problem(selection: Selection, entries: Mapping[str, Entry]) -> str:
    """What keeps a table or a figure from being shown, in one line; empty when nothing does."""
    for key in selection.keys:
        if key not in entries:
            return f"there is no evidence {key!r}{did_you_mean(key, entries)}"
    chosen = _chosen(selection, entries)
    if not entries:
        return "there is no evidence file, or nothing in it"
    if not chosen:
        topics = {entry.topic for entry in entries.values()}
        return f"there is no evidence on {selection.topic!r}{did_you_mean(selection.topic, topics)}"
    return figures.problem(chosen, log=selection.log) if selection.plot else ""


def _chosen(selection: Selection, entries: Mapping[str, Entry]) -> dict[str, Entry]:
    return {
        key: entries[key]
        for key in selection.keys or entries
        if key in entries and selection.topic in ("", entries[key].topic)
    }


class EvidenceCollector(EnvironmentCollector):
    """Remembers what pages show, and has them written again when that has changed elsewhere."""

    def clear_doc(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Forget a page."""
        Site(app, env).shown.pop(docname, None)

    def merge_other(
        self, app: Sphinx, env: BuildEnvironment, docnames: Set[str], other: BuildEnvironment
    ) -> None:
        """Take over what another process read."""
        read = Site(app, other).shown
        Site(app, env).shown.update({name: read[name] for name in docnames if name in read})

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Remember what a page shows."""
        badges = [(node["entry"], node["ids"][0]) for node in doctree.findall(evidence_badge)]
        lists = [
            (node["selection"], posix_path(node["location"], app.srcdir))
            for node in doctree.findall(evidence_list)
        ]
        Site(app, app.env).shown[app.env.docname] = Shown(tuple(badges), tuple(lists))

    def get_updated_docs(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """The pages that would be written otherwise than at the last build into this folder."""
        site = Site(app, env)
        site.find_places()
        facts = {key: digest_of(_facts_of(site, key, entry)) for key, entry in site.entries.items()}
        now: dict[str, str] = {}
        for docname, shown in site.shown.items():
            keys = {key for key, _anchor in shown.badges}
            for selection, _where in shown.lists:
                keys.update(_chosen(selection, site.entries))
            record = site.record(docname)
            state = status(record) if record else ""
            if keys or state or shown.lists:
                now[docname] = digest_of([state, [(key, facts.get(key)) for key in sorted(keys)]])
        # Builders may share what was read, but each has a folder of its own.
        known: dict[str, dict[str, str]] = site.data.setdefault("digests", {})
        before = known.get(str(app.outdir), {})
        known[str(app.outdir)] = now
        return [docname for docname, digest in now.items() if before.get(docname) != digest]


def on_env_updated(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of tables and figures that cannot be shown, also when no page was read again."""
    site = Site(app, env)
    for shown in site.shown.values():
        for selection, location in shown.lists:
            said = problem(selection, site.entries)
            if said:
                path = os.path.normpath(Path(app.srcdir) / location)
                logger.warning(said, location=path, type="acuext", subtype="evidence-list")


def _facts_of(site: Site, key: str, entry: Entry) -> object:
    sources = [site.citation(reference) for reference in (*entry.references, *entry.disagrees)]
    places = [(site.title(name), name, ids) for name, ids in site.places(key).items()]
    return entry, sources, places


def digest_of(facts: object) -> str:
    """A few characters that differ when the facts do."""
    return hashlib.sha256(repr(facts).encode(errors="backslashreplace")).hexdigest()[:16]


# -- pages ---------------------------------------------------------------------------------------


def on_doctree_resolved(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Show the evidence and the review records of a page, or of all pages of one document."""
    site = Site(app, app.env)
    pages: dict[str, nodes.Element] = {docname: doctree}
    pages.update({node["docname"]: node for node in doctree.findall(addnodes.start_of_file)})
    views = {name: View(site, docname, name) for name in pages}
    for list_node in list(doctree.findall(evidence_list)):
        made = views[list_node["docname"]].listed(list_node)
        list_node.parent.replace(list_node, made)
    used: dict[str, dict[str, Entry]] = {name: {} for name in pages}
    for badge in list(doctree.findall(evidence_badge)):
        entry = site.entries.get(badge["entry"])
        if entry is None:
            badge.parent.replace(badge, nodes.inline("", f"[{badge['entry']}]"))
            continue
        used[badge["docname"]][badge["entry"]] = entry
        badge.parent.replace(badge, views[badge["docname"]].badge(badge, entry))
    for name, root in pages.items():
        views[name].finish(root, used[name])


class View:
    """A page as a builder writes it."""

    def __init__(self, site: Site, written: str, docname: str) -> None:
        self.site = site
        #: The document that is written; some builders put many pages into one.
        self.written = written
        self.docname = docname
        self.builder: Builder = site.app.builder

    def local(self, anchor: str, docname: str | None = None) -> str:
        """An id that is unique in what is written."""
        if self.builder.name != "singlehtml":
            return anchor
        return f"{nodes.make_id(docname or self.docname)}-{anchor}"

    # -- badges ----------------------------------------------------------------------------------

    def badge(self, badge: evidence_badge, entry: Entry) -> list[nodes.Node]:
        """What stands in the sentence."""
        ids = [self.local(anchor) for anchor in badge["ids"]]
        if not self.site.in_browser:
            return [nodes.target("", "", ids=ids), nodes.Text(str(_SHORT[entry.certainty]))]
        shown = evidence_badge(
            "", ids=ids, certainty=entry.certainty, card=self.card_id(badge["entry"])
        )
        return [shown]

    def card_id(self, key: str) -> str:
        """The id of what the badges of an entry open."""
        return self.local(f"evidence-card-{key}")

    def finish(self, root: nodes.Element, used: Mapping[str, Entry]) -> None:
        """Put a page's evidence and its review record at its foot, and its status at its top."""
        sections = [node for node in root.children if isinstance(node, nodes.section)]
        foot = root
        if len(sections) == 1:
            foot = sections[0]
            # Footnotes that a parser has moved behind the page: ours is the last word.
            moved = root.children[root.index(foot) + 1 :]
            for node in moved:
                root.remove(node)
            foot.extend(moved)
        if used:
            foot += self.section("evidence", _("Evidence used on this page"), self.cards(used))
        record = self.site.record(self.docname)
        if record:
            top = sections[0] if sections else root
            after = top.first_child_matching_class(nodes.title)
            top.insert(0 if after is None else after + 1, self.status_line(record))
            foot += self.section("record", _("Review record"), [self.record(record)])

    def section(self, name: str, title: str, content: list[nodes.Node]) -> nodes.section:
        """A part at the foot of a page."""
        anchor = self.local(f"acuext-{name}")
        text = str(title)
        heading = nodes.title(text, text)
        return nodes.section(
            "", heading, *content, ids=[anchor], docname=self.docname, classes=[f"acuext-{name}"]
        )

    def cards(self, used: Mapping[str, Entry]) -> list[nodes.Node]:
        """What is known of each entry: in a browser what a badge opens, elsewhere a list."""
        parts = {
            key: [
                nodes.paragraph("", "", nodes.strong("", entry.statement)),
                _fields(self.facts(key, entry), "acuext-facts"),
            ]
            for key, entry in used.items()
        }
        if not self.site.in_browser:
            items = [nodes.list_item("", *content) for content in parts.values()]
            return [nodes.bullet_list("", *items)]
        return [
            evidence_card(
                "",
                *content,
                ids=[self.card_id(key)],
                certainty=used[key].certainty,
            )
            for key, content in parts.items()
        ]

    def facts(self, key: str, entry: Entry) -> list[tuple[str, list[nodes.Node]]]:
        """What is known of an entry beyond its statement."""
        means = f"{_word(entry.certainty)}. {_(CERTAINTY_MEANS[entry.certainty])}"
        facts: list[tuple[str, list[nodes.Node]]] = [
            (_("Certainty"), [nodes.Text(means)]),
            (_("Studies"), _texts(_counted(entry.trials, entry.people))),
            (_("Compared with"), _texts(entry.comparator)),
            (_("Who took part"), _texts(entry.population)),
            (_("Source"), self.sources(entry, full=True)),
            (_("Searched to"), _texts(self.when(entry.searched))),
            (_("Guidelines that say otherwise"), self.cited(entry.disagrees, full=True)),
            (_("Note"), _texts(entry.note)),
            (_("Used in"), self.used_in(key, MOST_PLACES)),
        ]
        return facts

    def sources(self, entry: Entry, *, full: bool) -> list[nodes.Node]:
        """Where an entry is known from; `full` with titles."""
        said = self.cited(entry.references, full=full)
        if entry.second_hand:
            said.append(
                nodes.Text(str(_(" (as summarised by others; we have not seen it ourselves)")))
            )
        return said

    def cited(self, references: Iterable[str], *, full: bool) -> list[nodes.Node]:
        """References as links, where they have an address."""
        said: list[nodes.Node] = []
        for reference in references:
            who, title, url = self.site.citation(reference)
            text = f"{who}: {title}" if full and title else who
            said += [nodes.Text("; ")] if said else []
            said.append(nodes.reference("", text, refuri=url) if url else nodes.Text(text))
        return said

    def used_in(self, key: str, most: int | None = None) -> list[nodes.Node]:
        """Links to the sentences that point at an entry; for a badge not to its own alone."""
        places = dict(self.site.places(key))
        if most is not None and len(places.get(self.docname, ())) == 1:
            del places[self.docname]
        said: list[nodes.Node] = []
        for docname, anchors in list(places.items())[:most]:
            title = str(_("this page")) if docname == self.docname else self.site.title(docname)
            said += [nodes.Text("; ")] if said else []
            if len(anchors) == 1:
                said.append(self.link(docname, anchors[0], title))
                continue
            said.append(nodes.Text(f"{title} ("))
            for number, anchor in enumerate(anchors, 1):
                said += [nodes.Text(", ")] if number > 1 else []
                said.append(self.link(docname, anchor, f"{_('claim')} {number}"))
            said.append(nodes.Text(")"))
        if most is not None and len(places) > most:
            more = str(_(" and {number} more pages")).format(number=len(places) - most)
            said.append(nodes.Text(more))
        return said

    def link(self, docname: str, anchor: str, text: str) -> nodes.Node:
        """A link to a place on a page; only the text where pages have no address."""
        anchor = self.local(anchor, docname)
        try:
            page = self.builder.get_relative_uri(self.written, docname)
        except NoUri:
            return nodes.Text(text)
        uri = f"#{anchor}" if self.builder.name == "singlehtml" else f"{page}#{anchor}"
        return nodes.reference("", text, internal=True, refuri=uri)

    # -- dates -----------------------------------------------------------------------------------

    def when(self, said: str) -> str:
        """A year, month or day in words."""
        parts = [int(part) for part in said.split("-") if part]
        if len(parts) < 2:
            return said
        try:
            day = datetime.date(*parts, *[1] * (3 - len(parts)))
        except ValueError:
            return said
        return self.day(day, "%B %Y" if len(parts) == 2 else "%-d %B %Y")

    def day(self, day: datetime.date, form: str = "%-d %B %Y") -> str:
        """A day in words, in the language of the build."""
        moment = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
        return format_date(form, date=moment, language=self.site.app.config.language)

    def time(self, day: datetime.date) -> nodes.Node:
        """A day that programs can read too: what is overdue changes after a page was written."""
        text = self.day(day)
        if not self.site.in_browser:
            return nodes.Text(text)
        markup = f'<time datetime="{day.isoformat()}">{html.escape(text)}</time>'
        return nodes.raw("", markup, format="html")

    # -- the review record -----------------------------------------------------------------------

    def status_line(self, record: ReviewRecord) -> nodes.paragraph:
        """How far the review has got, in a line under the title."""
        state = status(record)
        word = str(_STATUS[state][0])
        line = nodes.paragraph(
            "",
            "",
            nodes.strong("", word, classes=["acuext-pill", f"acuext-pill-{state}"]),
            classes=["acuext-status"],
        )
        for label, day in (
            (_("Last checked"), record.reviewed),
            (_("Next check due"), record.review_due),
        ):
            if day:
                line += [nodes.Text(f" · {label} "), self.time(day)]
        line += nodes.Text(" · ")
        anchor = self.local("acuext-record")
        text = str(_("Who checked this, and how"))
        line += nodes.reference("", text, internal=True, refid=anchor)
        return line

    def record(self, record: ReviewRecord) -> nodes.field_list:
        """Everything that the page says of its review, and what it does not say."""
        word, means = _STATUS[status(record)]
        nobody, unsaid = str(_("Nobody yet")), str(_("Not said"))
        facts: list[tuple[str, list[nodes.Node]]] = [
            (_("Status"), [nodes.Text(f"{word}. {means}")]),
            (_("Last checked"), [self.time(record.reviewed)] if record.reviewed else []),
            (_("Next check due"), [self.time(record.review_due)] if record.review_due else []),
            (_("Written by"), _texts(record.author or unsaid)),
            (_("Editor"), _texts(named(record.editor) or nobody)),
            (_("Clinician"), _texts(named(record.clinician) or nobody)),
            (_("Evidence searched to"), _texts(record.searched or unsaid)),
            (_("Funding"), _texts(_upper(record.funding) or unsaid)),
            (_("Interests"), _texts(_upper(record.interests) or unsaid)),
        ]
        return _fields(facts, "acuext-facts")

    # -- tables and figures ----------------------------------------------------------------------

    def listed(self, node: evidence_list) -> list[nodes.Node]:
        """A table or a figure in place of its directive."""
        selection: Selection = node["selection"]
        said = problem(selection, self.site.entries)
        if said:
            return [nodes.paragraph("", said, classes=["acuext-problem"])]
        chosen = _chosen(selection, self.site.entries)
        ids = [self.local(anchor) for anchor in node["ids"]]
        if selection.plot:
            table = self.plot(chosen, log=selection.log)
            caption, *notes = node.children or [nodes.paragraph()]
            table.insert(0, nodes.title("", "", *getattr(caption, "children", ())))
        else:
            table, notes = self.ledger(chosen), []
            if self.site.in_browser:
                link = addnodes.download_reference(
                    "", str(_("Download this table (CSV)")), filename=csv_name(selection)
                )
                notes = [nodes.paragraph("", "", link, classes=["acuext-download"])]
        table["ids"] += ids
        # Themes let what stands in such a container scroll by itself.
        return [nodes.container("", table, classes=["table-wrapper"]), *notes]

    def ledger(self, chosen: Mapping[str, Entry]) -> nodes.table:
        """A table of entries, with where each is used."""
        head = [
            _("What is known"),
            _("Certainty"),
            _("Compared with"),
            _("People"),
            _("Source"),
            _("Used in"),
        ]
        rows: list[list[list[nodes.Node]]] = []
        for key, entry in chosen.items():
            source: list[nodes.Node] = [nodes.paragraph("", "", *self.sources(entry, full=False))]
            if entry.searched:
                searched = f"{_('Searched to')} {self.when(entry.searched)}."
                source.append(nodes.paragraph("", searched))
            counted = _counted(entry.trials, entry.people)
            people = f"{counted}: {entry.population}" if counted else entry.population
            rows.append(
                [
                    [nodes.paragraph("", entry.statement)],
                    [nodes.paragraph("", "", self.certainty(entry))],
                    [nodes.paragraph("", entry.comparator)],
                    [nodes.paragraph("", people)],
                    source,
                    [nodes.paragraph("", "", *(self.used_in(key) or _texts("–")))],
                ]
            )
        if self.site.in_browser:
            # On a narrow screen each row is a card, and each cell has to say what it is.
            for row in rows:
                for label, cell in zip(head, row, strict=True):
                    cell.insert(0, nodes.paragraph("", str(label), classes=["acuext-label"]))
        return _table(
            [_paragraph(label) for label in head], rows, [30, 10, 14, 16, 16, 14], "table"
        )

    def certainty(self, entry: Entry) -> nodes.Node:
        """The word for a certainty."""
        name = f"acuext-{entry.certainty}"
        return nodes.inline("", _word(entry.certainty), classes=["acuext-pill", name])

    def plot(self, chosen: Mapping[str, Entry], *, log: bool) -> nodes.table:
        """A forest plot that is a table: a row an effect, its picture and its number in words."""
        effects = [effect for entry in chosen.values() for effect in entry.effect]
        axis = figures.Axis(effects, log=log)
        interval = any(effect.interval for effect in effects)
        unit = effects[0].unit
        number = f"{_upper(unit)} ({_('95 % interval')})" if interval else _upper(unit)
        head = [_paragraph(_("What was measured")), _paragraph(_("Figure")), _paragraph(number)]
        topics = {entry.topic for entry in chosen.values()}
        rows: list[list[list[nodes.Node]]] = []
        for entry in chosen.values():
            for effect in entry.effect:
                prefix = f"{entry.topic}: " if len(topics) > 1 and entry.topic else ""
                said = [
                    f"{_('compared with')} {effect.comparator}" if effect.comparator else "",
                    effect.time,
                    _counted(effect.trials, effect.people),
                ]
                details = ", ".join(part for part in said if part)
                small = nodes.paragraph("", f"{details}; " if details else "")
                small += self.sources(entry, full=False)
                small["classes"].append("acuext-small")
                what = nodes.paragraph(
                    "", prefix + (effect.measure if prefix else _upper(effect.measure))
                )
                picture = nodes.raw("", axis.row(effect), format="html")
                rows.append(
                    [[what, small], [picture], [nodes.paragraph("", figures.words(effect))]]
                )
        key = nodes.paragraph("", axis.key(), classes=["acuext-small"])
        rows.append([[key], [nodes.raw("", axis.scale(), format="html")], []])
        widths = [40, 36, 24]
        if not self.site.in_browser:
            # Without pictures there is no scale to explain.
            head, widths = [head[0], head[2]], [60, 40]
            rows = [[row[0], row[2]] for row in rows[:-1]]
        table = _table(head, rows, widths, "plot")
        next(iter(table.findall(nodes.colspec)))["stub"] = 1
        return table


def _texts(text: str) -> list[nodes.Node]:
    return [nodes.Text(text)] if text else []


def _paragraph(text: str) -> list[nodes.Node]:
    return [nodes.paragraph("", str(text))]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _word(certainty: Certainty) -> str:
    return _upper(str(_(CERTAINTY_WORDS[certainty])))


def _counted(trials: int | None, people: int | None) -> str:
    said = []
    if trials is not None:
        said.append(str(_("1 trial")) if trials == 1 else f"{trials:,} {_('trials')}")
    if people is not None:
        said.append(f"{people:,} {_('people')}")
    return ", ".join(said)


def _fields(facts: Iterable[tuple[str, list[nodes.Node]]], name: str) -> nodes.field_list:
    made = nodes.field_list("", classes=[name])
    for label, content in facts:
        if content:
            body = nodes.field_body("", nodes.paragraph("", "", *content))
            made += nodes.field("", nodes.field_name("", str(label)), body)
    return made


def _table(
    head: list[list[nodes.Node]],
    rows: list[list[list[nodes.Node]]],
    widths: list[int],
    name: str,
) -> nodes.table:
    made = [nodes.row("", *[nodes.entry("", *cell) for cell in cells]) for cells in (head, *rows)]
    group = nodes.tgroup("", *[nodes.colspec(colwidth=width) for width in widths], cols=len(widths))
    group += [nodes.thead("", made[0]), nodes.tbody("", *made[1:])]
    return nodes.table("", group, classes=["colwidths-given", f"acuext-{name}"])


# -- HTML ----------------------------------------------------------------------------------------


def visit_badge(self: HTML5Translator, node: evidence_badge) -> None:
    """Write a button that opens a card."""
    if "card" not in node:  # in a table of contents
        raise nodes.SkipNode
    certainty: Certainty = node["certainty"]
    full = _DOTS.get(certainty, 0)
    dots = "\N{BLACK CIRCLE}" * full + "\N{WHITE CIRCLE}" * (4 - full)
    name = str(_("Evidence certainty: {word}. Show why.")).format(word=_word(certainty))
    attributes: dict[str, Any] = {
        "CLASS": f"acuext-badge acuext-{certainty}",
        "type": "button",
        "popovertarget": node["card"],
        "aria-label": name,
    }
    self.body.append(
        self.starttag(node, "button", "", **attributes)
        + f'<span class="acuext-dots" aria-hidden="true">{dots}</span> '
        + html.escape(str(_(CERTAINTY_WORDS[certainty])))
        + "</button>"
    )
    raise nodes.SkipNode


def visit_card(self: HTML5Translator, node: evidence_card) -> None:
    """Open what a badge opens."""
    attributes: dict[str, Any] = {
        "CLASS": f"acuext-card acuext-{node['certainty']}",
        "popover": "auto",
        "role": "dialog",
        "aria-label": str(_("Evidence")),
        # Sphinx's script takes Escape for itself, which would leave the card open.
        "onkeydown": "event.key === 'Escape' && event.stopPropagation()",
    }
    self.body.append(self.starttag(node, "div", **attributes))


def depart_card(self: HTML5Translator, node: evidence_card) -> None:
    """Close it, with a button that closes it."""
    target = html.escape(node["ids"][0])
    self.body.append(
        f'<button type="button" class="acuext-close" popovertarget="{target}" '
        f'popovertargetaction="hide">{html.escape(str(_("Close")))}</button></div>\n'
    )


def skip(self: nodes.NodeVisitor, node: nodes.Node) -> None:
    """Leave out a badge that stands in a list of titles."""
    raise nodes.SkipNode


def on_html_page_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Tell search engines what the review record tells readers."""
    site = Site(app, app.env)
    record = site.record(pagename) if doctree is not None and site.in_browser else None
    if doctree is None or record is None:
        return
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "name": site.title(pagename),
    }
    for meta in doctree.findall(nodes.meta):
        if meta.get("name") == "description":
            said["description"] = meta.get("content", "")
    if record.reviewed:
        said["lastReviewed"] = record.reviewed.isoformat()
        if record.clinician_named:
            said["reviewedBy"] = {"@type": "Person", "name": record.clinician}
    keys = [key for key, _anchor in site.shown[pagename].badges if key in site.entries]
    cited = [reference for key in keys for reference in site.entries[key].references]
    if cited:
        said["citation"] = [_citation(site, reference) for reference in dict.fromkeys(cited)]
    text = json.dumps(said, ensure_ascii=False, indent=1).replace("<", "\\u003c")
    script = f'\n<script type="application/ld+json">{text}</script>'
    context["metatags"] = context.get("metatags", "") + script


def _citation(site: Site, reference: str) -> str | dict[str, str]:
    who, title, url = site.citation(reference)
    name = f"{who}: {title}" if title else who
    return {"@type": "CreativeWork", "name": name, "url": url} if url else name


# -- the download --------------------------------------------------------------------------------


def csv_name(selection: Selection) -> str:
    """The file that a table is downloaded as; tables of the same entries share it."""
    if selection == Selection():
        return "acuext/evidence.csv"
    return f"acuext/evidence-{digest_of(selection)}.csv"


def _csv(site: Site, chosen: Mapping[str, Entry]) -> str:
    out = io.StringIO()
    columns = "topic statement certainty comparator population trials people searched second_hand"
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["key", *columns.split(), "sources", "addresses", "used_in"])
    for key, entry in chosen.items():
        sources = [site.citation(reference) for reference in entry.references]
        writer.writerow(
            [
                key,
                *[getattr(entry, column) for column in columns.split()],
                "; ".join(f"{who}: {title}" if title else who for who, title, _url in sources),
                " ".join(url for _who, _title, url in sources if url),
                " ".join(site.places(key)),
            ]
        )
    return out.getvalue()


def on_build_finished(app: Sphinx, exception: Exception | None) -> None:
    """Write the tables that pages offer for download."""
    site = Site(app, app.env)
    if exception is not None or not site.in_browser:
        return
    for selection in _tables(site):
        path = Path(app.outdir) / "_downloads" / csv_name(selection)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = _csv(site, _chosen(selection, site.entries))
        path.write_text(text, encoding="utf-8", newline="")


def _tables(site: Site) -> Iterator[Selection]:
    for shown in site.shown.values():
        for selection, _place in shown.lists:
            if not selection.plot and not problem(selection, site.entries):
                yield selection


# -- registration --------------------------------------------------------------------------------


def setup_display(app: Sphinx) -> None:
    """Register all that shows evidence and review records."""
    left_out = (skip, None)
    app.add_node(
        evidence_badge,
        html=(visit_badge, None),
        latex=left_out,
        text=left_out,
        man=left_out,
        texinfo=left_out,
    )
    app.add_node(evidence_card, html=(visit_card, depart_card))
    app.add_env_collector(EvidenceCollector)
    app.connect("config-inited", on_config_inited)
    app.connect("env-updated", on_env_updated)
    app.connect("doctree-resolved", on_doctree_resolved)
    app.connect("html-page-context", on_html_page_context)
    app.connect("build-finished", on_build_finished)
    app.add_css_file("acuext.css")


def on_config_inited(app: Sphinx, config: Any) -> None:
    """Offer our style sheet."""
    config.html_static_path = [*config.html_static_path, str(Path(__file__).parent / "static")]
