"""Characters and sentences: fold what looks alike, cut text into sentences, keep the way back."""

from __future__ import annotations

import os
import re
import unicodedata
from array import array
from pathlib import Path
from typing import Final

import msgspec

__all__ = ["Folded", "fold", "read_source", "sentences"]


def read_source(path: Path) -> str:
    """Read a file as Sphinx does; bytes that are not UTF-8 do not keep it from being read.

    Args:
        path: the file.

    Returns:
        Its text, lines ended by a line feed alone; nothing when it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return ""
    text = content.decode("utf-8-sig", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Folded(msgspec.Struct, frozen=True, gc=False):
    """Text in one plain spelling, and the way back to the text it was made from."""

    text: str  #: the folded text, case kept
    _starts: array[int] | None = None
    _ends: array[int] | None = None

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Turn a span of the folded text into the span of the given text it stands for.

        Args:
            start: offset of the first character, in code points of the folded text.
            end: offset after the last character.

        Returns:
            Start and end in code points of the text that was folded. Combining marks that
            were dropped belong to their letter; other dropped characters belong to the span
            only when they stand inside it.
        """
        if self._starts is None or self._ends is None:
            return start, end
        first = self._starts[start]
        return first, max(first, self._ends[end - 1]) if end > start else first


_QUOTES: Final = dict.fromkeys(map(ord, "‘’‚‛′ʼʹ´‹›＇`"), "'") | dict.fromkeys(
    map(ord, "“”„‟″«»〝〞＂"), '"'
)
# An em dash parts clauses even where no blanks stand around it; a hyphen joins words.
_LONG_DASHES: Final = {0x2014: " - ", 0x2015: " - ", 0x2E3A: " - ", 0x2E3B: " - "}
# Raised figures are footnote marks more often than powers: "proven¹" is the word "proven".
_RAISED: Final = dict.fromkeys(map(ord, "¹²³⁰⁴⁵⁶⁷⁸⁹™℠®"), " ")
# The first two are letters "c" to the eye, and sigma to Unicode.
_KEPT: Final = {0x03F2: "c", 0x03F9: "C", 0x0A: "\n", 0xFFFC: "\ufffc", 0x2212: "-", 0x2044: "/"}


class _Table(dict[int, str]):
    """What each character is folded to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char.isspace():
            folded = " "
        elif (category := unicodedata.category(char)) == "Pd":
            folded = "-"
        elif category in ("Cf", "Mn", "Me"):
            folded = ""
        elif category == "Cc":
            folded = " "
        elif code < 128 or category == "Cs":
            folded = char
        else:
            parts = unicodedata.normalize("NFKD", char)
            # The parts may have a plain form of their own, as the stroke of a fraction has.
            folded = "".join(part if part == char else self[ord(part)] for part in parts)
            # Hangul and the like come apart under NFKD; only Latin gains by it.
            if not folded.isascii():
                folded = unicodedata.normalize("NFKC", folded)
        self[code] = folded
        return folded


_TABLE: Final = _Table(_QUOTES | _LONG_DASHES | _RAISED | _KEPT)
_USUAL: Final = "‘’“”–\u00a0"
_ODD_ASCII: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f`]")

_LOOKALIKES: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухһԁԛԝӏьгпкмтвнΑΒΕΖΗΙΚΜΝΟΡΤΥΧανοιρυκητχωγ",
    "ABESIJKMHOPCTYXaesijopcyxhdqwlbrnkmtbhABEZHIKMNOPTYXavoipuknfxwy".replace("f", "t"),
)
_ALIEN: Final = re.compile(r"[\u0370-\u03ff\u0400-\u052f]")
_WORD: Final = re.compile(r"[^\W\d_]+")


def _latin(match: re.Match[str]) -> str:
    """Spell a word in Latin letters where it mixes scripts or only looks Latin."""
    word = match.group()
    if word.isascii() or not _ALIEN.search(word):
        return word
    spelt = word.translate(_LOOKALIKES)
    return spelt if spelt.isascii() else word


def fold(text: str) -> Folded:
    """Fold text to one plain spelling, so that words are found however they are written.

    Curly quotes become straight, dashes "-", every blank but the newline " "; soft hyphens,
    zero-width characters and combining marks are dropped; ligatures and full-width letters
    become plain ones, and so do Cyrillic and Greek letters in words that mix scripts or
    could be read as Latin throughout. The case is kept, and so is U+FFFC, which stands for
    what is not text (code, formulas, pictures).

    Args:
        text: any text.

    Returns:
        The folded text with its offsets; equal to the given text where that is plain ASCII.
    """
    plain = text
    if not text.isascii():
        # Most text that is not ASCII is so for these marks alone, which fold one to one.
        for mark in _USUAL:
            plain = plain.replace(mark, _TABLE[ord(mark)])
    if plain.isascii():
        return Folded(plain.translate(_TABLE) if _ODD_ASCII.search(plain) else plain)
    folded = text.translate(_TABLE)
    starts = ends = None
    if any(len(_TABLE[ord(char)]) != 1 for char in set(text)):
        starts, ends = array("l"), array("l")
        for index, char in enumerate(text):
            parts = _TABLE[ord(char)]
            if parts:
                for _ in parts:
                    starts.append(index)
                    ends.append(index + 1)
            elif ends and ends[-1] == index and unicodedata.category(char) == "Mn":
                ends[-1] = index + 1
        starts.append(len(text))
        ends.append(len(text))
    if not folded.isascii() and _ALIEN.search(folded):
        folded = _WORD.sub(_latin, folded)
    return Folded(folded, starts, ends)


# Words that a full stop does not end a sentence after. A name or a figure follows the first
# kind always; the second kind may end a sentence when a capital follows.
_TITLES: Final = frozenset(
    "dr mr mrs ms prof rev st sr jr gen col lt sgt hon mt messrs mme vs v cf eg e.g ie i.e viz"
    " fig figs eq eqs ref refs sec sect no nos vol vols pp p ch chap ed eds tab approx ca resp"
    " incl esp max min dept univ assoc ext tel jan feb mar apr jun jul aug sep sept oct nov dec"
    " var spp subsp".split()
)
_DOUBTFUL: Final = frozenset(
    "etc al inc ltd co corp plc bros u.s u.k u.n e.u a.m p.m ph.d m.d d.c b.c a.d sp i.v i.m wk"
    " wks hr hrs mo mos yr yrs mg ml kg cm mm".split()
)
# Words that open a sentence and are hardly ever part of a name.
_OPENERS: Final = frozenset(
    "a an the this that these those it its he she we you they there here in on at as for from"
    " if when while although though because since after before but and or so however our my"
    " your his her their what who why how which where many most some all no not one two with"
    " acupuncture do does did is are was were can could may might patients people".split()
)
_STOP: Final = re.compile(r"[.!?]++[\"')\]]*+|\n[ \n]*\n")


def _ends_sentence(text: str, begin: int, stop: int, end: int, following: int) -> bool:
    """Say whether the stops at ``[stop, end)`` end the sentence that began at ``begin``."""
    mark = text[stop]
    after = text[following]
    if after.islower() or after in ",;:)]":
        return mark != "." and end - stop == 1 and after.islower()
    if mark != "." or text[stop : stop + 2] in ("..", ".?", ".!"):
        return True
    blank = max(text.rfind(" ", begin, stop), text.rfind("\n", begin, stop))
    word = text[max(begin, blank + 1) : stop].lstrip("\"'([-")
    low = word.lower()
    if low in _TITLES:
        return low == "no" and not after.isdigit()
    if word.isdigit() and stop - len(word) - begin < 3:
        return False  # the number of an item in a list
    if low in _DOUBTFUL or (len(word) == 1 and word.isalpha()) or _is_initials(word):
        if not after.isalpha():
            return False
        found = _WORD.match(text, following)
        opener = found.group().lower() if found else ""
        return opener in _OPENERS or (low in ("etc", "al") and after.isupper())
    return True


def _is_initials(word: str) -> bool:
    return len(word) < 8 and word[1:2] == "." and all(len(part) == 1 for part in word.split("."))


def sentences(text: str) -> list[tuple[int, int]]:
    """Cut folded text into sentences.

    Abbreviations ("e.g.", "Dr.", "vs."), initials, decimals and list numbers do not cut; a
    line break is a blank, an empty line ends a sentence.

    Args:
        text: text as :func:`fold` gives it.

    Returns:
        Spans in code points, in order, without blanks at their ends, and none empty.
    """
    spans: list[tuple[int, int]] = []
    size = len(text)
    begin = 0
    while begin < size and text[begin] in " \n":
        begin += 1
    for match in _STOP.finditer(text):
        stop, end = match.span()
        if stop < begin:
            continue
        if text[stop] == "\n":
            end = stop
            while end > begin and text[end - 1] in " \n":
                end -= 1
            following = match.end()
        else:
            following = end
            if following < size and text[following] not in " \n":
                continue
        while following < size and text[following] in " \n":
            following += 1
        if following == size:
            break
        if text[stop] == "\n" or _ends_sentence(text, begin, stop, end, following):
            if end > begin:
                spans.append((begin, end))
            begin = following
    last = size
    while last > begin and text[last - 1] in " \n":
        last -= 1
    if last > begin:
        spans.append((begin, last))
    return spans


def posix_path(path: str | Path, folder: str | Path) -> str:
    """A path as it is written from a folder, with `/` between folders; whole on another drive."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return Path(os.path.normpath(path)).as_posix()
