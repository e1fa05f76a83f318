"""What is known of English words, loaded from the TOML files beside this one.

Each table of a file is a class of words; its ``about`` and ``example`` say what it is. A word
may be in many classes, so what is known of it is one whole number with a bit for each class:
that makes a look-up one step, and "is it any of these" one more.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final, TypedDict

import msgspec
import tomli

__all__ = ["Lexicon", "classes", "lexicon", "members", "telling_words"]

_FILES: Final = ("en-function.toml", "en-stance.toml", "en-strength.toml", "en-health.toml")
_SHAPES: Final = ("base", "third", "past", "participle", "ing")
#: Classes that no table holds: shapes of a verb, and what is found out of a verb group.
_MADE: Final = (*_SHAPES, "infinitive", "raised", "comparing")
#: Classes of phrases that are looked for after the words they are said of.
_AFTER: Final = frozenset({"retraction", "usage", "coaxing"})
#: Classes of nouns whose plural in -s belongs to them as well.
_COUNTED: Final = frozenset({"health", "technical"})


class _Table(TypedDict, total=False):
    about: str
    example: str
    words: list[str]
    verbs: list[str]


class Node:
    """A step in the tree of phrases: the words that may follow, and the classes if it ends here."""

    __slots__ = ("mask", "then")

    def __init__(self) -> None:
        self.mask = 0
        self.then: dict[str, Node] = {}

    def phrases(self, wanted: int) -> Iterator[tuple[str, ...]]:
        """Give the rest of every phrase of a wanted class that goes through this step."""
        if self.mask & wanted:
            yield ()
        for word, node in self.then.items():
            for rest in node.phrases(wanted):
                yield (word, *rest)


class Lexicon(msgspec.Struct, frozen=True):
    """The tables, made ready for look-up."""

    words: dict[str, int]  #: word -> its classes, as bits
    phrases: dict[str, Node]  #: phrases, by their first word
    after: dict[str, Node]  #: phrases said of words before them, by their first word
    shapes: dict[str, int]  #: verb form -> its shapes, as bits
    bits: dict[str, int]  #: class -> its bit
    listed: dict[str, tuple[str, ...]]  #: class -> its entries as they are written
    begins: tuple[str, ...]  #: how medical words begin
    ends: tuple[str, ...]  #: how medical words end


def _forms(base: str, irregular: dict[str, list[str]]) -> tuple[str, str, str, str, str]:
    """Give base, third person, past, participle and -ing form of a verb."""
    if base in irregular:
        third, past, participle, ing = irregular[base]
        return base, third, past, participle, ing
    if base.endswith("e"):
        ing = base + "ing" if base.endswith(("ee", "oe", "ye")) else base[:-1] + "ing"
        return base, base + "s", base + "d", base + "d", ing
    if base.endswith("y") and base[-2] not in "aeiou":
        return base, base[:-1] + "ies", base[:-1] + "ied", base[:-1] + "ied", base + "ing"
    third = base + ("es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")
    return base, third, base + "ed", base + "ed", base + "ing"


def _spelt(entry: str, irregular: dict[str, list[str]]) -> list[tuple[str, ...]]:
    """Write an entry out: ``<lead> to`` stands for every form of "lead" before "to"."""
    made: list[tuple[str, ...]] = [()]
    for part in entry.replace("-", " ").split():
        choices = sorted(set(_forms(part[1:-1], irregular))) if part[0] == "<" else [part]
        made = [(*head, choice) for head in made for choice in choices]
    return made


def _plant(tree: dict[str, Node], phrase: tuple[str, ...], bit: int) -> None:
    node = tree.setdefault(phrase[0], Node())
    for word in phrase[1:]:
        node = node.then.setdefault(word, Node())
    node.mask |= bit


@cache
def lexicon() -> Lexicon:
    """Load the tables; once in a process."""
    folder = files(__name__)
    tables: dict[str, _Table] = {}
    for name in _FILES:
        tables |= tomli.loads((folder / name).read_text(encoding="utf-8"))
    irregular: dict[str, list[str]] = tables.pop("forms")  # type: ignore[assignment]
    affix: dict[str, list[str]] = tables.pop("affix")  # type: ignore[assignment]
    bits = {name: 1 << place for place, name in enumerate((*tables, *_MADE))}
    words: dict[str, int] = {"than": bits["comparing"]}
    phrases: dict[str, Node] = {}
    after: dict[str, Node] = {}
    shapes: dict[str, int] = {}
    for name, table in tables.items():
        bit = bits[name]
        for base in table.get("verbs", ()):
            for shape, form in zip(_SHAPES, _forms(base, irregular), strict=True):
                words[form] = words.get(form, 0) | bit | bits[shape]
                shapes[form] = shapes.get(form, 0) | bits[shape]
        for entry in table.get("words", ()):
            for part in entry.split():
                if part[0] == "<":
                    for shape, form in zip(_SHAPES, _forms(part[1:-1], irregular), strict=True):
                        shapes[form] = shapes.get(form, 0) | bits[shape]
            for phrase in _spelt(entry, irregular):
                if name in _AFTER:
                    _plant(after, phrase, bit)
                elif len(phrase) == 1:
                    words[phrase[0]] = words.get(phrase[0], 0) | bit
                    if name in _COUNTED:
                        words[phrase[0] + "s"] = words.get(phrase[0] + "s", 0) | bit
                else:
                    _plant(phrases, phrase, bit)
    listed = {name: tuple(table.get("words", ())) for name, table in tables.items()}
    begins, ends = tuple(affix["begins"]), tuple(affix["ends"])
    return Lexicon(words, phrases, after, shapes, bits, listed, begins, ends)


def classes(*names: str) -> int:
    """Join classes into one number; a name that no table has is an error at import."""
    bits = lexicon().bits
    joined = 0
    for name in names:
        joined |= bits[name]
    return joined


def telling_words(wanted: int) -> frozenset[str]:
    """Give words of which every entry of the wanted classes has one: the longest of a phrase."""
    known = lexicon()
    single = [word for word, mask in known.words.items() if mask & wanted]
    several = [
        max((first, *rest), key=len)
        for first, node in known.phrases.items()
        for rest in node.phrases(wanted)
    ]
    return frozenset([*single, *several])


def members(name: str) -> frozenset[str]:
    """Give the entries of a class as they are written."""
    return frozenset(lexicon().listed[name])
