"""Walks a doctree and yields the passages a reader meets, the notices and the waiver comments.

Sphinx's own nodes are known by their tag names, so that a page can be read without Sphinx.
"""

from __future__ import annotations

import bisect
import functools
import re
import sys
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Final

import msgspec
from docutils import nodes

from acuext.matches import OBJECT, Passage
from acuext.structure import Part, Table

#: Class of the notice that the `consult-professional` directive makes.
NOTICE_CLASS: Final = "acuext-notice"
#: Class of the words that the `mention` role marks.
MENTION_CLASS: Final = "acuext-mention"
#: Tag of the node that the `evidence` role makes.
EVIDENCE_TAG: Final = "evidence_badge"

#: Not read: code, mathematics, markup for one format, what no reader sees, and lists that Sphinx
#: makes of titles that are read where they stand.
_UNREAD: Final = frozenset(
    """
    bibliography comment desc_signature docinfo doctest_block footbibliography graphviz
    highlightlang index inheritance_diagram literal_block math_block meta option_group
    pending production productionlist raw substitution_definition system_message
    tabular_col_spec target
    """.split()
)
#: Seen in a line of text, but no words of it.
_OBJECTS: Final = frozenset("displaymath image inline_graphviz literal math math_block".split())
_CITATIONS: Final = frozenset("citation_reference footnote_reference".split())
_CONDITIONS: Final = frozenset("ifconfig only".split())
#: What a reader opens first: folds, tabs, and what a style sheet may hide.
_HIDING_TAGS: Final = frozenset("details dropdown_main".split())
_HIDING_CLASSES: Final = frozenset(
    """
    dropdown hidden sd-d-none sd-dropdown sd-tab-content sphinx-tabs-panel tab-content toggle
    toggle-hidden visually-hidden
    """.split()
)
#: Between a waiver and its block these may stand.
_UNSEEN: Final = frozenset(
    """
    comment highlightlang index pending substitution_definition system_message tabular_col_spec
    target
    """.split()
)
_KINDS: Final = {
    "attribution": "quote",
    "block_quote": "quote",
    "caption": "caption",
    "entry": "cell",
    "list_item": "list-item",
    "rubric": "heading",
    "subtitle": "heading",
    "title": "heading",
}
_GROUPS: Final = frozenset("definition_list_item list_item row".split())
#: Elements that say something about the passages in them.
_SETTINGS: Final = _GROUPS | _CONDITIONS | _KINDS.keys()
_HTML_COMMENT: Final = re.compile(r"\s*<!--(\s*acuext\s*:.*?)-->\s*$", re.IGNORECASE | re.DOTALL)
_JSON_LD: Final = re.compile(
    r"""<script\b[^>]*\btype\s*=\s*["']?application/ld\+json\b[^>]*>(.*?)</script""",
    re.IGNORECASE | re.DOTALL,
)
_WAIVER: Final = re.compile(r"\s*acuext\s*:", re.IGNORECASE)


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Where a passage comes from, as far as the doctree knows."""

    #: The source that docutils names: a file, `file:docstring of name`, or nothing.
    source: str
    #: First line of the block, 1-based; docutils is often a line or two off.
    line: int
    #: The block's source text without its indentation; empty when it is not kept.
    raw: str = ""
    #: Whether the words stand in the source; not so for translated text.
    in_source: bool = True
    #: Lines of table cells are no more than a lower bound.
    exact: bool = True
    #: What introduces the words in the source: the name of an option or of a field.
    label: str = ""


class Comment(msgspec.Struct, frozen=True, gc=False):
    """A comment that speaks to acuext, and the passages of the block that follows it."""

    text: str
    origin: Origin
    first: int = 0
    last: int = 0


class Page(msgspec.Struct):
    """What a reader meets on a page, in reading order."""

    passages: list[Passage] = []
    #: One for each passage.
    origins: list[Origin] = []
    #: Spans of passages in admonitions that every reader sees, and whether it is the directive's.
    notices: list[tuple[int, int, bool]] = []
    comments: list[Comment] = []
    #: Index of the passage that is the page's title; none when negative.
    title: int = -1
    #: Sections and boxes with a title, tables with a head, and spans of passages that a reader sees
    #: only after a click.
    parts: list[Part] = []
    tables: list[Table] = []
    hidden: list[tuple[int, int]] = []
    #: What the page says of itself to machines: name and content; of data in JSON-LD the name is
    #: "json-ld".
    metadata: list[tuple[str, str]] = []
    #: Names of the footnotes that sphinxcontrib-bibtex has made of sources.
    footnotes: list[str] = []
    #: Passage and offset of each evidence badge to its id on the page.
    anchors: dict[tuple[int, int], str] = {}
    #: Passage to what its reader sees in place of each `OBJECT`.
    objects: dict[int, list[str]] = {}
    #: Blocks that are not read, each with the index of the passage that follows.
    unread: list[tuple[int, nodes.Element]] = []


class _Place(msgspec.Struct, frozen=True, gc=False):
    """What the ancestors of a node say about it."""

    kind: str = "paragraph"
    group: int = 0
    quoted: bool = False
    conditional: bool = False


class _Leaving(msgspec.Struct, frozen=True, gc=False):
    """The end of a node that something was waiting for."""

    node: nodes.Element
    #: Index of its first passage.
    first: int
    notice: bool
    heading: nodes.Element | None
    hiding: bool
    #: How many sections and boxes it stands in, its own included.
    level: int


def page_of(doctree: nodes.document) -> Page:
    """Read a page.

    Args:
        doctree: the page as Sphinx keeps it: after its transforms, references not yet resolved.
    """
    return _Walk(doctree).read()


class _Walk:
    def __init__(self, doctree: nodes.document) -> None:
        self.doctree = doctree
        self.page = Page()
        self.groups = 0
        #: Node that a comment covers, to the indexes of these comments.
        self.awaited: dict[int, list[int]] = {}
        #: Node whose children were asked for, to the place of each among them.
        self.positions: dict[int, dict[int, int]] = {}

    @functools.cached_property
    def notes(self) -> list[tuple[int, nodes.Element]]:
        """The footnotes of the page, by their lines."""
        lines = [
            (min((child.line for child in _elements(note) if child.line), default=0), note)
            for note in self.doctree.findall(nodes.footnote)
        ]
        return sorted(lines, key=itemgetter(0))

    def read(self) -> Page:
        page, doctree = self.page, self.doctree
        # What browsers show in their tab; only the `title` directive sets it.
        self.add_attribute(doctree, "title", "description", _Place())
        # Explicit stack: a page may be nested deeper than Python recurses.
        stack: list[tuple[nodes.Node, _Place] | _Leaving] = [(doctree, _Place())]
        level = 0
        while stack:
            step = stack.pop()
            if isinstance(step, _Leaving):
                level = step.level - (step.heading is not None)
                self.leave(step)
                continue
            node, place = step
            if not isinstance(node, nodes.Element):
                continue
            tag = node.tagname
            notice = isinstance(node, nodes.Admonition) and not place.conditional
            heading = _heading(node)
            level += heading is not None
            hiding = _is_hiding(node)
            if notice or heading or hiding or tag == "table" or id(node) in self.awaited:
                stack.append(_Leaving(node, len(page.passages), notice, heading, hiding, level))
            if tag == "footnote" and _is_listed_elsewhere(node):
                page.footnotes += node["names"]
            if tag == "comment":
                self.read_comment(node)
            elif tag == "meta":
                self.read_meta(node)
            elif tag == "image":
                page.unread.append((len(page.passages), node))
                self.add_attribute(node, "alt", "alt", place)
            elif tag == "toctree":
                self.read_toctree(node, place)
            elif tag in ("graphviz", "inheritance_diagram"):
                self.add_attribute(node, "alt", "alt", place)
            elif tag == "raw" and _HTML_COMMENT.match(node.astext()):
                self.read_comment(node)
            elif tag == "raw" and (data := _JSON_LD.search(node.astext())):
                page.metadata.append(("json-ld", data[1]))
            elif tag in _UNREAD or _is_listed_elsewhere(node):
                page.unread.append((len(page.passages), node))
            elif isinstance(node, nodes.TextElement) and not _holds_blocks(node):
                self.read_block(node, self.inside(node, place))
            else:
                inner = self.inside(node, place)
                stack.extend((child, inner) for child in reversed(node.children))
        return page

    def inside(self, node: nodes.Element, place: _Place) -> _Place:
        tag = node.tagname
        if tag not in _SETTINGS:
            return place
        self.groups += tag in _GROUPS
        return _Place(
            _KINDS.get(tag, place.kind),
            self.groups if tag in _GROUPS else place.group,
            place.quoted
            or (
                tag == "block_quote"
                and any(child.tagname == "attribution" for child in _elements(node))
            ),
            place.conditional or tag in _CONDITIONS,
        )

    def leave(self, step: _Leaving) -> None:
        page = self.page
        last = len(page.passages)
        if step.notice:
            page.notices.append((step.first, last, NOTICE_CLASS in step.node["classes"]))
        if step.first < last:
            if step.heading is not None:
                page.parts.append(Part(step.heading.astext(), step.level, step.first, last))
            if step.node.tagname == "table" and (table := _table(step.node, step.first)):
                page.tables.append(table)
            if step.hiding:
                page.hidden.append((step.first, last))
        for index in self.awaited.pop(id(step.node), []):
            page.comments[index] = msgspec.structs.replace(
                page.comments[index], first=step.first, last=last
            )

    # -- blocks ------------------------------------------------------------------------------

    def read_block(self, node: nodes.TextElement, place: _Place) -> None:
        text: list[str] = []
        length = 0
        citations: list[int] = []
        evidence: list[tuple[int, str]] = []
        mentions: list[tuple[int, int]] = []
        asides: list[nodes.Element] = []
        objects: list[str] = []
        stack: list[nodes.Node | int] = list(reversed(node.children))
        while stack:
            inline = stack.pop()
            if isinstance(inline, int):
                mentions.append((inline, length))
                continue
            words = ""
            if isinstance(inline, nodes.Text):
                words = inline.astext()
                if _may_hold_address(words):
                    objects += _ADDRESS.findall(words)
                    words = _ADDRESS.sub(OBJECT, words)
            elif isinstance(inline, nodes.Element):
                tag = inline.tagname
                if tag == EVIDENCE_TAG:
                    citations.append(length)
                    evidence.append((length, str(inline["entry"])))
                    where = (len(self.page.passages), length)
                    self.page.anchors[where] = next(iter(inline["ids"]), "")
                elif tag in _CITATIONS or inline.get("refdomain") == "cite":
                    citations.append(length)
                elif "versionmodified" in inline["classes"]:
                    pass  # "Added in version 2.0: " is Sphinx's
                elif (tag in _OBJECTS and not _is_title(inline)) or _names_its_target(inline):
                    words = OBJECT
                    objects.append(inline.astext() or str(inline.get("reftarget", "")))
                    if tag == "image":
                        asides.append(inline)
                elif tag == "raw":
                    words = "\n" if re.match(r"<br\b", inline.astext(), re.IGNORECASE) else ""
                elif tag not in _UNREAD or tag == "target":
                    if MENTION_CLASS in inline["classes"]:
                        stack.append(length)
                    if tag == "abbreviation":
                        asides.append(inline)
                    stack.extend(reversed(inline.children))
            text.append(words)
            length += len(words)
        if (
            node.tagname == "title"
            and self.page.title < 0
            and isinstance(node.parent, (nodes.section, nodes.document))
        ):
            self.page.title = len(self.page.passages)
        if objects:
            self.page.objects[len(self.page.passages)] = objects
        added = self.add(
            Passage(
                "".join(text),
                place.kind,
                tuple(citations),
                tuple(mentions),
                place.group,
                place.quoted,
                tuple(evidence),
            ),
            _origin(node, node.rawsource, exact=place.kind != "cell"),
        )
        if not added:
            self.page.unread.append((len(self.page.passages), node))
        for aside in asides:
            if aside.tagname == "image":
                self.add_attribute(aside, "alt", "alt", place)
            else:
                self.add_attribute(aside, "explanation", "alt", place, label="(")

    def add_attribute(
        self, node: nodes.Element, name: str, kind: str, place: _Place, label: str = ""
    ) -> None:
        if text := str(node.get(name) or ""):
            self.add(
                Passage(text, kind, group=place.group, quoted=place.quoted),
                msgspec.structs.replace(_origin(node, text), label=label or name),
            )

    def add(self, passage: Passage, origin: Origin) -> bool:
        # A cell that holds a citation alone is the source of its row.
        if not (passage.text.strip(OBJECT + " \n") or passage.citations):
            return False
        self.page.passages.append(passage)
        self.page.origins.append(origin)
        return True

    def read_meta(self, node: nodes.Element) -> None:
        named = str(node.get("name") or node.get("property") or "").lower()
        self.page.metadata.append((named, str(node.get("content") or "")))
        if re.search(r"(description|title|alt)$", named):
            self.add_attribute(node, "content", "description", _Place(), label=named)

    def read_toctree(self, node: nodes.Element, place: _Place) -> None:
        titles: list[object] = [node.get("rawcaption") or node.get("caption")]
        entries: list[tuple[object, object]] = node.get("entries") or []
        titles += [title for title, _ in entries]
        for text in (str(title) for title in titles if title):
            self.add(Passage(text, "heading", group=place.group), _origin(node, text))

    # -- comments ----------------------------------------------------------------------------

    def following(self, node: nodes.Element) -> Iterator[nodes.Element]:
        """The elements beside a node that a reader meets behind it."""
        siblings = node.parent.children
        if id(node.parent) not in self.positions:
            self.positions[id(node.parent)] = {id(each): at for at, each in enumerate(siblings)}
        for at in range(self.positions[id(node.parent)][id(node)] + 1, len(siblings)):
            sibling = siblings[at]
            if isinstance(sibling, nodes.Element) and sibling.tagname not in _UNSEEN:
                yield sibling

    def next_block(self, comment: nodes.Element) -> nodes.Element | None:
        """The block that a comment precedes; of a section only the heading counts."""
        node: nodes.Element = comment
        while node.parent is not None:
            sibling = next(self.following(node), None)
            if sibling is not None:
                if isinstance(sibling, nodes.section):
                    below = next((c for c in _elements(sibling) if c.tagname == "title"), None)
                else:
                    below = sibling if node is comment else None
                return _moved_away(comment, below, self.notes) or below
            # A comment before a heading ends the section above it.
            if not isinstance(node.parent, nodes.section):
                break
            node = node.parent
        return _moved_away(comment, None, self.notes)

    def read_comment(self, node: nodes.Element) -> None:
        covered = self.next_block(node)
        speaking = False
        comment = node.astext()
        if html := _HTML_COMMENT.match(comment):
            comment = html[1]
        for text in comment.splitlines():
            if _WAIVER.match(text):
                if covered is not None:
                    self.awaited.setdefault(id(covered), []).append(len(self.page.comments))
                self.page.comments.append(Comment(text.strip(), _origin(node, text.strip())))
                speaking = True
            elif speaking:
                # A reason may be longer than a line.
                said = self.page.comments[-1]
                self.page.comments[-1] = msgspec.structs.replace(
                    said, text=f"{said.text} {text.strip()}"
                )


def _elements(node: nodes.Element) -> Iterator[nodes.Element]:
    return (child for child in node.children if isinstance(child, nodes.Element))


def _ancestors(node: nodes.Element) -> Iterator[nodes.Element]:
    while node.parent is not None:
        node = node.parent
        yield node


def _heading(node: nodes.Element) -> nodes.Element | None:
    """The title of a section, or of what sphinx-design shows as a box, fold or tab."""
    component = node.attributes.get("design_component")
    titled = isinstance(node, (nodes.section, nodes.Admonition, nodes.topic, nodes.sidebar))
    if not titled and component is None:
        return None
    first = next(_elements(node), None)
    if titled:
        return first if isinstance(first, nodes.title) else None
    if component == "card-body" and first is not None:
        return first if first.get("design_component") == "card-title" else None
    opened = component in ("dropdown", "tab-item") and isinstance(first, nodes.rubric)
    return first if opened else None


def _is_hiding(node: nodes.Element) -> bool:
    """Whether a reader sees what is in a node only after a click."""
    said = node.attributes
    component = said.get("design_component")
    if component == "tab-content":
        return False  # its tab tells
    if component == "tab-item":
        # The one that is selected is open, else the first of a set.
        tabs = [*_elements(node.parent)]
        return node is not next((tab for tab in tabs if tab.get("selected")), tabs[0])
    hiding = (
        node.tagname in _HIDING_TAGS
        or component == "dropdown"
        or said.get("collapsible") == "closed"
        or not _HIDING_CLASSES.isdisjoint(said.get("classes", ()))
    )
    return hiding and not (said.get("opened") or said.get("open"))


def _table(node: nodes.Element, first: int) -> Table | None:
    """The text of a table; None when it has no rows."""
    heads, rows = _grid(node, "thead"), _grid(node, "tbody")
    if not heads:
        heads, rows = rows[:1], rows[1:]
    head = tuple("\n".join(dict.fromkeys(column)) for column in zip(*heads, strict=False))
    return Table(head, tuple(rows), first) if head else None


def _grid(table: nodes.Element, tag: str) -> list[tuple[str, ...]]:
    """The text of rows; that of a cell which spans several stands in each of them."""
    rows = [
        row
        for group in _elements(table)
        for part in _elements(group)
        if part.tagname == tag
        for row in _elements(part)
    ]
    cells: dict[tuple[int, int], str] = {}
    for down, row in enumerate(rows):
        across = 0
        for entry in _elements(row):
            while (down, across) in cells:
                across += 1
            for below in range(entry.get("morerows", 0) + 1):
                for beside in range(entry.get("morecols", 0) + 1):
                    cells[down + below, across + beside] = _cell(entry)
    width = max((across + 1 for _, across in cells), default=0)
    return [
        tuple(cells.get((down, across), "") for across in range(width)) for down in range(len(rows))
    ]


def _cell(entry: nodes.Element) -> str:
    """The text of a cell; not empty where it holds a badge or an image and no words."""
    inside = entry.findall(nodes.Element)
    seen = any(not isinstance(node, (nodes.entry, nodes.paragraph)) for node in inside)
    return entry.astext().strip() or (OBJECT if seen else "")


def _holds_blocks(node: nodes.Element) -> bool:
    """Whether an element that may hold text holds paragraphs instead, as some extensions' do."""
    return any(
        not isinstance(child, nodes.Text)
        and isinstance(child, (nodes.Body, nodes.Structural))
        and not isinstance(child, nodes.Inline)
        and not isinstance(child, (nodes.image, nodes.raw, nodes.Invisible))
        for child in node.children
    )


def _is_listed_elsewhere(node: nodes.Element) -> bool:
    """Whether an element repeats titles: a table of contents, or a source in a bibliography.

    sphinxcontrib-bibtex makes footnotes of sources; unlike a writer's they stand on no line.
    """
    if node.tagname == "footnote":
        return not any(child.line for child in _elements(node))
    if node.tagname == "label":
        return node.parent is not None and node.parent.tagname in ("footnote", "citation")
    if node.tagname == "bullet_list":
        topic = node.parent
        return (
            topic is not None
            and topic.tagname == "topic"
            and "contents" in topic["classes"]
            and all(
                isinstance(child, nodes.reference) and child.get("refid")
                for line in node.findall(nodes.paragraph)
                for child in line.children
            )
        )
    return False


def _is_title(node: nodes.Element) -> bool:
    """Whether what looks like code is the title that a writer gave to a reference."""
    reference = node.parent
    return (
        node.tagname == "literal"
        and reference.tagname in ("pending_xref", "download_reference", "number_reference")
        and bool(reference.get("refexplicit"))
    )


_ADDRESS: Final = re.compile(r"(?:https?://|www\.|mailto:)\S+", re.IGNORECASE)


def _may_hold_address(text: str) -> bool:
    """Whether it is worth looking for addresses in a text: most have neither of these."""
    return "://" in text or "www." in (small := text.lower()) or "mailto:" in small


def _names_its_target(node: nodes.Element) -> bool:
    """Whether the text of a reference is not the writer's: an address, a key, another's title."""
    if node.tagname in ("pending_xref", "download_reference", "number_reference"):
        return not node.get("refexplicit") and node.get("reftype") != "term"
    if node.tagname == "reference":
        text = node.astext()
        address = str(node.get("refuri", ""))
        # A card of sphinx-design is a link whose text nobody sees.
        return (
            "sd-hide-link-text" in node["classes"]
            or bool(_ADDRESS.fullmatch(text))
            or (bool(re.fullmatch(r"\S+[.@]\S+", text)) and text in address)
        )
    return False


def _moved_away(
    comment: nodes.Element, below: nodes.Element | None, notes: Sequence[tuple[int, nodes.Element]]
) -> nodes.Element | None:
    """The footnote that stood right below a comment before MyST moved it to the end of the page."""
    if not comment.line:
        return None
    at = bisect.bisect_right(notes, comment.line, key=itemgetter(0))
    last = below.line if below is not None and below.line else sys.maxsize
    return notes[at][1] if at < len(notes) and notes[at][0] < last else None


def _origin(node: nodes.Element, raw: str, exact: bool = True) -> Origin:
    source, line = str(node.source or ""), int(node.line or 0)
    if not exact:
        # In included Markdown cells name the page, their table names the file.
        table = next((a for a in _ancestors(node) if a.tagname == "table"), None)
        source = str(table.source or source) if table is not None else source
    elif line > 1 and isinstance(node, nodes.title) and not source.endswith(".md"):
        # reStructuredText gives the line of the underline.
        line -= 1
    climbing: nodes.Element = node
    while climbing.parent is not None and not (source and line):
        # What docutils makes of fields has no place of its own: that of what precedes will do.
        siblings = climbing.parent.children
        ahead = [s for s in siblings[: siblings.index(climbing)] if isinstance(s, nodes.Element)]
        for other in (*reversed(ahead), climbing.parent):
            if other.line and other.source and source in ("", str(other.source)):
                source, line = str(other.source), line or int(other.line)
                break
        climbing = climbing.parent
    return Origin(source, max(line, 1), raw or "", not node.get("translated"), exact)
