"""What acuext remembers of each page."""

from __future__ import annotations

import functools
import itertools
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any, ClassVar, Final

import msgspec
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from acuext.engine import Match, check_page, claims_of, sends_to_professional
from acuext.evidence import Reference
from acuext.passages import Origin, Page, page_of
from acuext.review import Record, Review, Spot, Use, waivers_of
from acuext.rules import Rules
from acuext.source import Placed, SourceFile, docstring_line
from acuext.structure import Outline, check_structure, top_of
from acuext.text import posix_path

#: Under what the text of a page is kept while it is read.
SOURCE_TEXT: Final = "acuext-source-text"


def on_source_read(app: Sphinx, docname: str, content: list[str]) -> None:
    """Keep the text of a page: language servers put what is not saved yet in its place."""
    app.env.current_document[SOURCE_TEXT] = content[0]


class Records(Mapping[str, Record]):
    """Docname to record; each is made when it is asked for."""

    def __init__(self, packed: Mapping[str, bytes]) -> None:
        self._packed = packed

    def __getitem__(self, docname: str) -> Record:
        return _unpack(self._packed[docname])

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)


_pack: Final = msgspec.msgpack.Encoder().encode
_unpack: Final = msgspec.msgpack.Decoder(Record).decode


class AcuextDomain(Domain):
    """One record a page, kept between builds; Sphinx clears and merges them.

    Records are kept packed: small in memory, and nothing that Sphinx has to pickle piece by piece.
    """

    name = "acuext"
    label = "acuext"
    data_version = 4
    initial_data: ClassVar[dict[str, Any]] = {"records": {}}
    #: What the review of all pages gave, once they are read; not kept between builds.
    review: Review | None = None

    @property
    def records(self) -> Records:
        """Docname to record."""
        return Records(self.data["records"])

    def clear_doc(self, docname: str) -> None:
        """Forget a page."""
        self.data["records"].pop(docname, None)

    def merge_domaindata(self, docnames: Iterable[str], otherdata: dict[str, Any]) -> None:
        """Take over what another process read."""
        read = otherdata["records"]
        self.data["records"].update({docname: read[docname] for docname in docnames})

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: addnodes.pending_xref,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:
        """Offer nothing to link to."""
        return []

    def process_doc(self, env: BuildEnvironment, docname: str, document: nodes.document) -> None:
        """Read a page and remember what it says."""
        rules: Rules = env.config.acuext_rules_in_force
        record = _record(env, docname, page_of(document), rules)
        self.data["records"][docname] = _pack(record)


def _record(env: BuildEnvironment, docname: str, page: Page, rules: Rules) -> Record:
    matches = check_page(page.passages, rules) if rules.known else []
    notices = _notices(page, rules)
    outline = Outline(page.title, page.parts, page.tables, page.hidden, notices)
    about = check_structure(page.passages, outline, rules)
    text: str | None = env.current_document.get(SOURCE_TEXT)
    places = _Places(Path(env.doc2path(docname)), Path(env.srcdir), text)
    waivers = [
        waiver
        for comment in page.comments
        for waiver in waivers_of(
            comment.text, places.comment(comment.origin), comment.first, comment.last
        )
    ]
    return Record(
        docname,
        (*places.matches(page, matches), *places.structure(page, about)),
        tuple(waivers) if rules.known else (),
        tuple(places.uses(page)),
        places.title(page),
        page.title,
        bool(notices),
        len(page.passages),
        tuple(page.metadata),
        tuple(page.footnotes),
    )


def _notices(page: Page, rules: Rules) -> list[tuple[int, int]]:
    """The admonitions of the page that tell its readers to see a health professional.

    In a language without rules only the directive counts: nobody can tell what others say.
    """
    return [
        (first, last)
        for first, last, directive in page.notices
        if (sends_to_professional(page.passages[first:last], rules) if rules.known else directive)
    ]


def domain_of(env: BuildEnvironment) -> AcuextDomain:
    """Our domain in an environment."""
    domain = env.get_domain("acuext")
    assert isinstance(domain, AcuextDomain)  # noqa: S101 (Sphinx knows no type but Domain)
    return domain


def bibliography(env: BuildEnvironment) -> Mapping[str, Any] | None:
    """The bibliography that sphinxcontrib-bibtex has read, by key; None when it is not loaded."""
    try:
        entries: Mapping[str, Any] = env.get_domain("cite").bibdata.data.entries  # type: ignore[attr-defined]
    except (ExtensionError, AttributeError):
        return None
    return entries


def spots_of(env: BuildEnvironment, docname: str, page: Page) -> list[Spot]:
    """Where each passage of a page stands in its source."""
    return list(_Places(Path(env.doc2path(docname)), Path(env.srcdir)).passages(page))


def references(env: BuildEnvironment) -> Mapping[str, Reference] | None:
    """What is known of each entry of the bibliography; None when there is none."""
    entries = bibliography(env)
    return None if entries is None else {key: _reference(e.fields) for key, e in entries.items()}


def _reference(fields: Mapping[str, str]) -> Reference:
    year = re.search(r"\d{4}", f"{fields.get('year', '')} {fields.get('date', '')}")
    findable = any(fields.get(key) for key in ("doi", "url", "isbn", "pmid", "pmcid", "eprint"))
    noted = re.search(
        r"\bPMC?(ID)?:? ?(PMC)?\d+|https?://",
        f"{fields.get('note', '')} {fields.get('howpublished', '')}",
    )
    return Reference(
        int(year[0]) if year else None,
        fields.get("superseded_by", "").strip(),
        findable or bool(noted),
    )


def cited(env: BuildEnvironment) -> Mapping[str, Set[str]]:
    """The keys that each page cites with sphinxcontrib-bibtex, by docname."""
    keys = bibliography(env)
    if keys is None:
        return {}
    pages: dict[str, set[str]] = {}
    for reference in env.get_domain("cite").data["citation_refs"]:
        pages.setdefault(reference.docname, set()).update(t.key for t in reference.targets)
    # A citation in a footnote is known by the footnote's name alone, which ends with the key.
    names = {nodes.make_id(key): key for key in keys}
    for docname, record in domain_of(env).records.items():
        for footnote in record.footnotes:
            tails = [
                footnote,
                *(footnote[at:] for at in range(1, len(footnote)) if footnote[at - 1] == "-"),
            ]
            pages.setdefault(docname, set()).update(names[t] for t in tails if t in names)
    return pages


class _Places:
    """Places of a page's words, in whatever files they stand."""

    def __init__(self, path: Path, srcdir: Path, text: str | None = None) -> None:
        self.path = path
        self.srcdir = srcdir
        self.text = text
        self._file = functools.lru_cache(maxsize=None)(self._read)
        self._resolved = functools.lru_cache(maxsize=None)(_resolved)
        self._relative = functools.lru_cache(maxsize=None)(self._from_srcdir)

    def _read(self, path: Path) -> SourceFile:
        """A file; of the page the text that was read, which an editor may not have saved yet."""
        if path == self.path and self.text is not None:
            return SourceFile(self.text)
        return SourceFile.read(path)

    def matches(self, page: Page, matches: list[Match]) -> Iterable[tuple[Match, Spot]]:
        spans: dict[int, list[Match]] = {}
        for match in matches:
            spans.setdefault(match.passage, []).append(match)
        tables = {page.passages[index].group for index in spans if not page.origins[index].exact}
        for index, (passage, known) in enumerate(zip(page.passages, page.origins, strict=True)):
            # Cells are found one after the other, so those without a match count too.
            if index not in spans and not (tables and not known.exact):
                continue
            path, origin = self._whereabouts(known)
            found = spans.get(index, [])
            placed = self._file(path).place(
                passage.text, origin, [(match.start, match.end) for match in found]
            )
            for match, place in zip(found, placed, strict=True):
                yield match, Spot(self._relative(path), place.region, place.text)

    def structure(self, page: Page, matches: list[Match]) -> Iterable[tuple[Match, Spot]]:
        """The places of matches that are about whole passages."""
        for match in matches:
            path, [place] = self._apart(page, match.passage, [(match.start, match.end)])
            yield match, Spot(self._relative(path), place.region, place.text)

    def uses(self, page: Page) -> Iterable[Use]:
        """The claims of the page."""
        for index, group in itertools.groupby(claims_of(page.passages), lambda c: c.passage):
            claims = list(group)
            spans = [(claim.start, claim.end) for claim in claims]
            path, placed = self._apart(page, index, spans)
            for claim, place in zip(claims, placed, strict=True):
                spot = Spot(self._relative(path), place.region, place.text)
                yield Use(claim, spot, page.anchors.get((index, claim.at), ""))

    def passages(self, page: Page) -> Iterable[Spot]:
        for passage, known in zip(page.passages, page.origins, strict=True):
            path, origin = self._whereabouts(known)
            [place] = self._file(path).place(passage.text, origin, [(0, len(passage.text))])
            yield Spot(self._relative(path), place.region, place.text)

    def comment(self, origin: Origin) -> Spot:
        path, origin = self._whereabouts(origin)
        place = self._file(path).place(origin.raw, origin, [(0, len(origin.raw))])[0]
        return Spot(self._relative(path), place.region, place.text)

    def title(self, page: Page) -> Spot:
        index = top_of(page.passages, page.title)
        if not page.passages:
            return Spot(self._relative(self.path), (1, 1, 1, 1), "")
        path, [place] = self._apart(page, index, [(0, len(page.passages[index].text))])
        return Spot(self._relative(path), place.region, place.text)

    def _apart(
        self, page: Page, index: int, spans: list[tuple[int, int]]
    ) -> tuple[Path, list[Placed]]:
        """Places in a passage, found without using up those that matches will be looked for in."""
        path, origin = self._whereabouts(page.origins[index])
        file = SourceFile(self._file(path).text)
        return path, file.place(page.passages[index].text, origin, spans)

    def _whereabouts(self, origin: Origin) -> tuple[Path, Origin]:
        """The file that a passage stands in, and its line there."""
        source, docstring, name = origin.source.partition(":docstring of ")
        if generated := re.fullmatch(r"(.+):(\d+):<\w+>", source):
            # Text that a directive generates is placed where the directive stands.
            source = generated[1]
            origin = msgspec.structs.replace(origin, line=int(generated[2]), in_source=False)
        if not source or source.startswith("<"):
            return self.path, origin
        path = self._resolved(source)
        if path is None:
            return self.path, origin
        if docstring:
            first = docstring_line(self._file(path).text, name)
            line = first + origin.line - 1
            origin = msgspec.structs.replace(origin, line=line)
        return path, origin

    def _from_srcdir(self, path: Path) -> str:
        """The path from the source folder, as findings give it."""
        return posix_path(path, self.srcdir)


def _resolved(source: str) -> Path | None:
    """The file that docutils names, if there is one."""
    path = Path(os.path.normpath(Path.cwd() / source))
    return path if path.is_file() else None
