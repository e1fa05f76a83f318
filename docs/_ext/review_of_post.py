"""The page "The review of this post": what the rules find in a text, and what it became.

It belongs to this site and not to the package: it needs the original of a page and a table kept by
hand, which hardly any other project has.
"""

from __future__ import annotations

import datetime
import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import directives
from myst_parser.parsers.docutils_ import Parser
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from acuext.display import Site, View
from acuext.engine import check_page, claims_of
from acuext.evidence import Entry
from acuext.passages import MENTION_CLASS, Page, page_of
from acuext.review import SEVERITIES, Finding, Record, Settings, Spot, review
from acuext.rules import Rules, did_you_mean
from acuext.text import fold, sentences

logger = logging.getLogger(__name__)

#: What a page with a comparison is remembered by, in `env.metadata`.
MARK = "review-of-post"


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of a sentence: a `[[sentence]]` of the file that is kept by hand."""

    original: str
    #: Sentences of the post as its readers see them; their sources are those they point at there.
    reviewed: tuple[str, ...] = ()
    #: Keys of evidence that tells more than those sentences do.
    evidence: tuple[str, ...] = ()
    #: What of the original stands in the post no more, and why.
    left_out: str = ""


class Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    sentence: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the original, and the spans of the words on which a rule fires."""

    text: str
    findings: tuple[tuple[Finding, int, int], ...]

    @property
    def flagged(self) -> bool:
        """Whether it may not stay as it is."""
        return any(finding.severity != "info" for finding, _, _ in self.findings)


class comparison(nodes.container):  # noqa: N801 (docutils names nodes so)
    """The sentences side by side.

    `problems` is what is amiss whatever the post says, `rows` are the rows of the file, `file` is
    its path, and `post` the page they are about.
    """


class marked(nodes.inline):  # noqa: N801
    """Words on which a rule fires."""


class source(nodes.inline):  # noqa: N801
    """Where a sentence of the post is known from, or, with a `key`, what else is known."""


def plain(text: str) -> str:
    """A text in one spelling of its quotes and blanks; a badge leaves one before a full stop."""
    return re.sub(r"\s+(?=[.,;:!?])", "", " ".join(fold(text).text.split()))


def cut(text: str) -> Iterator[tuple[int, int]]:
    """The spans of the sentences of a text."""
    folded = fold(text)
    return (folded.origin(start, end) for start, end in sentences(folded.text))


# -- what there is -------------------------------------------------------------------------------


def read_original(markdown: str, rules: Rules) -> list[Sentence]:
    """Cut a text into sentences and headings, each with what the rules find in it as a page."""
    settings = {"doctitle_xform": False, "_disable_config": True}
    page = page_of(publish_doctree(markdown, parser=Parser(), settings_overrides=settings))
    texts = [passage.text for passage in page.passages]
    # It stands in no file of the site: its passages are its lines.
    located = [
        (m, Spot("", (m.passage, m.start, m.passage, m.end), texts[m.passage][m.start : m.end]))
        for m in check_page(page.passages, rules)
    ]
    # What the page as a whole lacks is a finding about none of its sentences.
    nowhere = Spot("", (-1, 0, -1, 0), "")
    record = Record(
        docname="",
        matches=tuple(located),
        waivers=(),
        uses=(),
        title=nowhere,
        title_passage=-1,
        notice=True,
        passages=len(texts),
    )
    found = review([record], rules, Settings("health-page"), datetime.date.min).findings
    return [
        Sentence(
            text[start:end],
            tuple(
                (finding, finding.column - start, finding.end_column - start)
                for finding in found
                if finding.line == line and start <= finding.column < end
            ),
        )
        for line, text in enumerate(texts)
        for start, end in cut(text)
    ]


def read_rows(path: Path) -> tuple[Row, ...]:
    """Read the file that is kept by hand.

    Raises:
        OSError: there is no such file.
        ValueError, msgspec.ValidationError: it holds something else.
    """
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Rows).sentence


def problems_of(original: Sequence[Sentence], rows: Sequence[Row]) -> Iterator[str]:
    """What is amiss between the original and the rows, each in a line."""
    known = {plain(sentence.text): sentence for sentence in original}
    given: set[str] = set()
    for row in rows:
        key = plain(row.original)
        if key in given:
            yield f"{short(key)} has two rows: delete one"
        given.add(key)
        if key not in known:
            yield f"{short(key)} is no sentence of the original{did_you_mean(key, known)}"
        elif not known[key].findings:
            yield f"{short(key)} has no finding any more: delete its row"
        if not (row.reviewed or row.left_out):
            yield f'{short(key)} needs "reviewed", or "left_out" with the reason'
    for key, sentence in known.items():
        if sentence.flagged and key not in given:
            yield f"{short(key)} is flagged in the original: add a row for it"


def problems_now(
    rows: Sequence[Row], said: Mapping[str, Any], entries: Mapping[str, Entry]
) -> Iterator[str]:
    """What is amiss between the rows, the post and the evidence, each in a line."""
    for row in rows:
        for sentence in row.reviewed:
            if plain(sentence) not in said:
                yield f"{short(sentence)} is no sentence of the post any more: copy it anew"
        for key in row.evidence:
            if key not in entries:
                yield f"there is no evidence {key!r}{did_you_mean(key, entries)}"


def short(text: str) -> str:
    """A sentence in quotes, its end left out where it is long."""
    return f'"{text if len(text) <= 80 else text[:79].rstrip() + "…"}"'


def said_on(page: Page) -> dict[str, tuple[list[str], str]]:
    """Each sentence of a page: the keys of its evidence, and the id of its first badge."""
    said: dict[str, tuple[list[str], str]] = {}
    for passage in page.passages:
        for start, end in cut(passage.text):
            said.setdefault(plain(passage.text[start:end]), ([], ""))
    for claim in claims_of(page.passages):
        text = plain(page.passages[claim.passage].text[claim.start : claim.end])
        keys, anchor = said.setdefault(text, ([], ""))
        if claim.entry not in keys:
            keys.append(claim.entry)
        said[text] = (keys, anchor or page.anchors[claim.passage, claim.at])
    return said


# -- the page ------------------------------------------------------------------------------------


class ReviewOfPost(SphinxDirective):
    """The original of a page beside what stands there now; its argument is the page."""

    required_arguments: ClassVar[int] = 1
    option_spec: ClassVar[dict[str, Any]] = {
        #: What became of the sentences: a TOML file, as a path from this page.
        "sentences": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Make a summary, and a card for each sentence that has a row.

        What is amiss is kept, and said at the end of reading: a later build may not come here.
        """
        post = self.arguments[0]
        file = Path(self.env.relfn2path(self.options["sentences"])[1])
        original = Path(self.config.review_of_post_original)
        self.depend_on(post, file, original)
        self.env.metadata[self.env.docname][MARK] = post
        made = comparison(
            classes=["review-of-post"], post=post, file=str(file), rows=(), problems=()
        )
        try:
            rows = read_rows(file)
            text = original.read_text(encoding="utf-8")
        except (OSError, ValueError, msgspec.ValidationError) as error:
            made["problems"] = (f"it cannot be compared: {' '.join(str(error).split())}",)
            return [made]
        read = read_original(text, self.config.acuext_loaded_rules)
        made["rows"] = rows
        made["problems"] = tuple(problems_of(read, rows))
        became = {plain(row.original): row for row in rows}
        made += summary(read)
        for number, sentence in enumerate(read, 1):
            if row := became.get(plain(sentence.text)):
                made += self.card(number, sentence, row)
        for node in made.findall(nodes.Element):
            self.set_source_info(node)
        return [made]

    def depend_on(self, post: str, file: Path, original: Path) -> None:
        """Have the page read again when what it shows has changed; the rules see to themselves."""
        paths: list[str | Path] = [Path(__file__), original, file, self.env.doc2path(post)]
        if evidence := self.config.acuext_loaded_evidence:
            paths.append(evidence.name)
        if bibliography := self.env.domains.get("cite"):
            paths += bibliography.bibdata.bibfiles  # type: ignore[attr-defined]
        for path in paths:
            self.env.note_dependency(path)

    def card(self, number: int, sentence: Sentence, row: Row) -> nodes.container:
        """A sentence, what is found in it, and what stands there now."""
        spans = [(start, end) for _, start, end in sentence.findings]
        title = f"Sentence {number}"
        card = nodes.container(
            "",
            nodes.rubric("", title, ids=[f"sentence-{number}"], **{"heading-level": 2}),
            nodes.block_quote(
                "", nodes.paragraph("", "", discussed(*with_marks(sentence.text, spans)))
            ),
            nodes.bullet_list("", *map(self.finding, sentence.findings)),
            classes=["review-card"],
        )
        if row.reviewed:
            card += nodes.paragraph("", "", nodes.strong("", "Now"), classes=["review-label"])
            # They are quoted here; the post claims them, and is held to it there.
            card += nodes.block_quote(
                "",
                *[
                    nodes.paragraph("", "", discussed(nodes.Text(words)), source(sentence=words))
                    for words in row.reviewed
                ],
            )
        for key in row.evidence:
            label = nodes.strong("", "What is known:")
            card += nodes.paragraph("", "", label, nodes.Text(" "), source(key=key))
        if row.left_out:
            said, _messages = self.parse_inline(row.left_out, lineno=self.lineno)
            card += nodes.paragraph("", "", nodes.strong("", "Left out:"), nodes.Text(" "), *said)
        return card

    def finding(self, found: tuple[Finding, int, int]) -> nodes.list_item:
        """What a rule says; its id leads to its page."""
        finding = found[0]
        rule = pending_xref(
            "",
            nodes.literal("", finding.rule),
            refdomain="acuext",
            reftype="rule",
            reftarget=finding.rule,
            refdoc=self.env.docname,
            refexplicit=False,
            refwarn=False,
        )
        said = discussed(nodes.Text(finding.message))
        severity = nodes.inline("", finding.severity, classes=[f"review-{finding.severity}"])
        return nodes.list_item(
            "", nodes.paragraph("", "", severity, nodes.Text(" "), rule, nodes.Text(" "), said)
        )


def summary(read: Sequence[Sentence]) -> nodes.paragraph:
    """How much was read, and how much was found."""
    found = [finding for sentence in read for finding, _, _ in sentence.findings]
    flagged = sum(bool(sentence.findings) for sentence in read)
    counts = [sum(f.severity == severity for f in found) for severity in SEVERITIES]
    parts = [f"{n} of severity {name}" for n, name in zip(counts, SEVERITIES, strict=True)]
    text = (
        f"The original has {len(read)} sentences, headings among them. Rules fire on {flagged} "
        f"of them, with {len(found)} findings: {', '.join(parts[:-1])} and {parts[-1]}."
    )
    return nodes.paragraph(text, text)


def discussed(*words: nodes.Node) -> nodes.inline:
    """Words that are shown and not claimed."""
    return nodes.inline("", "", *words, classes=[MENTION_CLASS])


def with_marks(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[nodes.Node]:
    """A text in which the words of the spans are marked; spans may overlap."""
    inside = {index for start, end in spans for index in range(start, end)}
    for flagged, part in itertools.groupby(enumerate(text), lambda place: place[0] in inside):
        words = "".join(character for _, character in part)
        yield marked("", words) if flagged else nodes.Text(words)


# -- what changes elsewhere ----------------------------------------------------------------------


def comparisons(env: BuildEnvironment) -> Iterator[comparison]:
    """The comparisons of all pages."""
    for docname, said in sorted(env.metadata.items()):
        if MARK in said:
            yield from env.get_doctree(docname).findall(comparison)


def post_of(env: BuildEnvironment, post: str) -> dict[str, tuple[list[str], str]]:
    """What a page says; nothing where there is no such page."""
    return said_on(page_of(env.get_doctree(post))) if post in env.found_docs else {}


def on_env_updated(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of all that is amiss, also when no page was read again."""
    for shown in comparisons(env):
        said = post_of(env, shown["post"])
        entries = Site(app, env).entries
        for problem in (*shown["problems"], *problems_now(shown["rows"], said, entries)):
            # Its words lead to the row, and a line number has to be there.
            logger.warning(problem, location=f"{shown['file']}:1", type="review-of-post")


def on_doctree_resolved(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Say where each sentence of the post is known from, as the post does."""
    for shown in doctree.findall(comparison):
        said = post_of(app.env, shown["post"])
        view = View(Site(app, app.env), docname, docname)
        for place in list(shown.findall(source)):
            if key := place.get("key"):
                place.extend(known(view, key, statement=True))
            elif told := from_where(view, shown["post"], said.get(plain(place["sentence"]))):
                place["classes"].append("review-source")
                place.extend(told)
            else:
                place.parent.remove(place)


def from_where(view: View, post: str, said: tuple[list[str], str] | None) -> list[nodes.Node]:
    """The evidence of a sentence of the post, and where it stands; nothing when it has none."""
    keys, anchor = said or ([], "")
    told: list[nodes.Node] = []
    for key in keys:
        told += [nodes.Text(" "), *known(view, key, statement=False)]
    return [*told, nodes.Text(" · "), view.link(post, anchor, "in the post")] if told else []


def known(view: View, key: str, *, statement: bool) -> Iterator[nodes.Node]:
    """How sure an entry is, and where from; with what it says where that stands nowhere else."""
    entry = view.site.entries.get(key)
    if entry is None:
        yield nodes.Text(f"[{key}]")
        return
    if statement:
        yield nodes.Text(f"{entry.statement} ")
    yield view.certainty(entry)
    yield nodes.Text(" ")
    yield from view.sources(entry, full=False)


def on_config_inited(app: Sphinx, config: Any) -> None:
    """Find the original from the folder of conf.py."""
    config.review_of_post_original = str(Path(app.confdir) / config.review_of_post_original)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive with Sphinx."""
    app.add_config_value("review_of_post_original", "", "env", str)
    app.add_directive("review-of-post", ReviewOfPost)
    # All other builders take it for what it derives from.
    app.add_node(
        marked,
        html=(
            lambda self, node: self.body.append(self.starttag(node, "mark", "")),
            lambda self, _node: self.body.append("</mark>"),
        ),
    )
    app.connect("config-inited", on_config_inited)
    app.connect("env-updated", on_env_updated)
    app.connect("doctree-resolved", on_doctree_resolved)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
