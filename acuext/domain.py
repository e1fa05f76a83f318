"""What acuext remembers of each page."""

from __future__ import annotations

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

from acuext.evidence import Reference
from acuext.review import Record, Review

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
    data_version = 5
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
        # Most builds read few pages or none; what reads them knows a whole lexicon.
        from acuext.reading import Places, record_of

        text: str | None = env.current_document.get(SOURCE_TEXT)
        places = Places(Path(env.doc2path(docname)), Path(env.srcdir), text)
        record = record_of(docname, document, places, env.config.acuext_rules_in_force)
        self.data["records"][docname] = _pack(record)


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
