"""Reads a page: from its tree to what is remembered of it."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
from docutils import nodes

from acuext.engine import check_page, claims_of, sends_to_professional
from acuext.matches import Match, Passage
from acuext.passages import Origin, Page, page_of
from acuext.review import Record, Spot, Use, waivers_of
from acuext.rules import Rules
from acuext.source import Placed, SourceFile, docstring_line
from acuext.structure import Outline, check_structure, top_of
from acuext.text import posix_path


def record_of(docname: str, document: nodes.document, places: Places, rules: Rules) -> Record:
    """Read a page.

    Args:
        docname: its name.
        document: the page as Sphinx keeps it.
        places: where its words are written.
        rules: the rules in force.

    Returns:
        What is remembered of it.
    """
    page = page_of(document)
    matches = check_page(page.passages, rules) if rules.known else []
    notices = _notices(page, rules)
    outline = Outline(page.title, page.parts, page.tables, page.hidden, notices)
    about = check_structure(page.passages, outline, rules)
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


def warm_up(rules: Rules) -> None:
    """Make what checking needs, before processes that check are forked from this one."""
    sentences = [sentence for rule in rules.rules for sentence in (*rule.fires, *rule.quiet)]
    check_page([Passage(sentence) for sentence in sentences], rules)


def _notices(page: Page, rules: Rules) -> list[tuple[int, int]]:
    """The admonitions of the page that tell its readers to see a health professional.

    In a language without rules only the directive counts: nobody can tell what others say.
    """
    return [
        (first, last)
        for first, last, directive in page.notices
        if (sends_to_professional(page.passages[first:last], rules) if rules.known else directive)
    ]


class Places:
    """Places of a page's words, in whatever files they stand.

    Args:
        path: the page's own file.
        srcdir: the source folder, from which paths are given.
        text: the page as it was read; without it the file is read.
    """

    def __init__(self, path: Path, srcdir: Path, text: str | None = None) -> None:
        self.path = path
        self.srcdir = srcdir
        self.text = text
        # Plain dicts: a cache around a method would keep all of this until Python looks for cycles.
        self._files: dict[Path, SourceFile] = {}
        self._paths: dict[Path, str] = {}
        self._found: dict[str, Path | None] = {}

    def _file(self, path: Path) -> SourceFile:
        """A file; of the page the text that was read, which an editor may not have saved yet."""
        if path not in self._files:
            text = self.text if path == self.path else None
            self._files[path] = SourceFile.read(path) if text is None else SourceFile(text)
        return self._files[path]

    def _relative(self, path: Path) -> str:
        """The path from the source folder, as findings give it."""
        if path not in self._paths:
            self._paths[path] = posix_path(path, self.srcdir)
        return self._paths[path]

    def _resolved(self, source: str) -> Path | None:
        """The file that docutils names, if there is one."""
        if source not in self._found:
            path = Path(os.path.normpath(Path.cwd() / source))
            self._found[source] = path if path.is_file() else None
        return self._found[source]

    def matches(self, page: Page, matches: list[Match]) -> Iterable[tuple[Match, Spot]]:
        """The matches of the page about words, each with its place."""
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
        """Where each passage of the page stands."""
        for passage, known in zip(page.passages, page.origins, strict=True):
            path, origin = self._whereabouts(known)
            [place] = self._file(path).place(passage.text, origin, [(0, len(passage.text))])
            yield Spot(self._relative(path), place.region, place.text)

    def comment(self, origin: Origin) -> Spot:
        """Where a comment stands."""
        path, origin = self._whereabouts(origin)
        place = self._file(path).place(origin.raw, origin, [(0, len(origin.raw))])[0]
        return Spot(self._relative(path), place.region, place.text)

    def title(self, page: Page) -> Spot:
        """Where findings about the whole page point."""
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
        file = self._file(path).afresh()
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
