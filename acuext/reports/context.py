"""What every format needs beside the findings: paths, source lines, words, harmless text."""

from __future__ import annotations

import datetime
import itertools
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from acuext.baseline import fingerprints
from acuext.review import F, Finding, Review, Waived
from acuext.rules import SEVERITIES, Rules, Severity
from acuext.text import posix_path, read_source

#: What an editor is asked to do about a finding; for a severity nobody needs to know the word.
LEVELS: Final[Mapping[Severity, str]] = {
    "error": "must fix",
    "warning": "consider",
    "info": "note",
}
#: The address that Read the Docs gives to a project of this name.
DOCUMENTATION: Final = "https://acuext.readthedocs.io/en/latest/"
#: Waivers that end within these days are pointed out.
ENDS_SOON: Final = 30
#: How many characters of a line are counted together.
_STEP: Final = 1024
#: What means something in GitHub's Markdown: a full stop where it makes an address or a list.
_MARKDOWN: Final = re.compile(r"[\\`*_\[\]<>#!|&~:@$]|^[-+]|(?<=[wW\d])\.")


class Context(msgspec.Struct, frozen=True):
    """Where a report is read, and how.

    The folders are resolved: absolute, without links and `..`.
    """

    #: The source folder, from which the paths of findings count.
    srcdir: Path
    #: The root of the repository, or the working folder where there is none.
    root: Path
    #: The working folder.
    cwd: Path
    #: The rules that the pages were judged with.
    rules: Rules
    today: datetime.date
    #: Whether the reader's terminal shows colours.
    color: bool = False
    #: Whether the text shows findings of severity info; otherwise it counts them.
    notes: bool = False
    #: Ids and names of rules whose waivers are refused.
    never_waive: Sequence[str] = ()
    #: The file that was read last, findings being in the order of their places.
    _read: dict[str, list[str]] = {}
    #: Of its lines that were asked for, the bytes before every so many characters.
    _bytes: dict[int, list[int]] = {}

    def from_root(self, path: str) -> str:
        """A finding's path, from the root of the repository, POSIX."""
        return posix_path(self.srcdir / path, self.root)

    def from_cwd(self, path: str) -> str:
        """A finding's path, from the working folder, in the manner of the system."""
        return os.path.normpath(posix_path(self.srcdir / path, self.cwd))

    def source_line(self, path: str, line: int) -> str | None:
        """A line of a source file without its end; None when it is not there any more."""
        if path not in self._read:
            self._read.clear()
            self._bytes.clear()
            self._read[path] = read_source(self.srcdir / path).split("\n")
        lines = self._read[path]
        return lines[line - 1] if 0 < line <= len(lines) else None

    def bytes_before(self, path: str, line: int, column: int) -> int:
        """How many bytes of UTF-8 a line of a source file has before a column, from 1.

        A paragraph may be one line of a million characters, with a finding in each sentence: the
        line is counted once.
        """
        text = self.source_line(path, line) or ""
        if line not in self._bytes:
            steps = (text[at : at + _STEP] for at in range(0, len(text), _STEP))
            lengths = (len(step.encode()) for step in steps)
            self._bytes[line] = list(itertools.accumulate(lengths, initial=0))
        counted = self._bytes[line]
        step = min((column - 1) // _STEP, len(counted) - 1)
        return counted[step] + len(text[step * _STEP : column - 1].encode())


def worst_first(findings: Iterable[F]) -> list[F]:
    """Findings by severity, those of one severity in the order of their places."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def marked(findings: Sequence[Finding]) -> Iterator[tuple[Finding, str]]:
    """Findings in the order of their places with their fingerprints, made a file at a time."""
    for _path, found in itertools.groupby(findings, lambda finding: finding.path):
        # No two files have a fingerprint in common.
        of_file = list(found)
        yield from zip(of_file, fingerprints(of_file), strict=True)


def rule_address(rules: Rules, rule_id: str) -> str:
    """The address of a rule's page; of a house rule, of its first source that has one; or ""."""
    rule = rules.get(rule_id)
    if rule is None:
        return ""
    # Ours stand in files named alone, house packs in files with their folders.
    if not re.search(r"[/\\]", rules.origins[rule.id]):
        return f"{DOCUMENTATION}reference/rules/{rule.id}.html"
    addresses = (source.url for source in rule.sources)
    return next((url for url in addresses if re.fullmatch(r"https?://[^\s<>]+", url)), "")


def ending_soon(review: Review, today: datetime.date) -> list[Waived]:
    """The waived findings whose waivers end soon, the nearest end first."""
    last = today + datetime.timedelta(days=ENDS_SOON)
    ending = [waived for waived in review.waived if waived.until and waived.until <= last]
    return sorted(ending, key=lambda waived: waived.until or last)


def counted(number: int, noun: str) -> str:
    """A number and its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def advice(finding: Finding) -> str:
    """What is wrong and what to write instead, in one line."""
    tries = f' Try "{finding.suggestions[0]}".' if finding.suggestions else ""
    return one_line(finding.message + tries)


def log_line(finding: Finding) -> str:
    """A finding in one line, without its path and line, for Sphinx's log."""
    return f"{finding.rule} {advice(finding)} (column {finding.column})"


def baseline_line(review: Review) -> str:
    """How far the baseline is worked off, in one line."""
    total = len(review.baseline) + review.gone
    findings = counted(total, "finding")
    if not review.gone:
        return f"{findings} in the baseline"
    are = "is" if review.gone == 1 else "are"
    return f"{review.gone:,} of {findings} in the baseline {are} gone; run acuext baseline prune"


def one_line(text: str) -> str:
    """Text from a page made safe for a line of a log: no control characters, no line breaks."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(text.split())
    # On GitHub these characters begin a command wherever they stand in a log.
    return line.replace("##[", "## [")


def in_markdown(text: str) -> str:
    """Text as one line of Markdown that shows it as it is: no markup, no HTML, no links."""
    return _MARKDOWN.sub(r"\\\g<0>", one_line(text))


def json_around(whole: object, items: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """JSON that is written bit by bit, an item of its long list a line.

    Only ASCII is written, so that nothing in the text of a page can act on a terminal or a log.

    Args:
        whole: the document; the last thing in it is an empty list.
        items: what that list holds.
    """
    before, _, after = json.dumps(whole, indent=2).rpartition("[]")
    yield before + "["
    for number, item in enumerate(items):
        yield f"{',' if number else ''}\n{json.dumps(item)}"
    yield f"\n]{after}\n"
