"""What supports a claim: entries of the evidence file, and how strongly each may be worded."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import tomli

from acuext.judgement import Hedge, Judgement, Strength
from acuext.rules import Prose, did_you_mean

#: How sure the source is, in the words of GRADE; "not-rated" where the source does not say.
Certainty = Literal["high", "moderate", "low", "very-low", "not-rated"]

#: The words for each certainty that readers see.
CERTAINTY_WORDS: Final[Mapping[Certainty, str]] = {
    "high": "high",
    "moderate": "moderate",
    "low": "low",
    "very-low": "very low",
    "not-rated": "not rated",
}
#: What each certainty means in plain words.
CERTAINTY_MEANS: Final[Mapping[Certainty, str]] = {
    "high": "Further studies are very unlikely to change the result.",
    "moderate": "The result is probably close to the truth, but further studies may change it.",
    "low": "The result may be some way from the truth.",
    "very-low": "Nobody can tell from these studies.",
    "not-rated": "The source does not say how sure it is, or we have not seen it.",
}

EntryKey = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
#: A year, a month or a day, as precisely as the source tells.
When = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]


class EvidenceError(ValueError):
    """An evidence file that cannot be used; one line that names file, entry, key and reason."""


class Effect(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number that a source gives, with what is needed to read it."""

    #: What was measured: "pain", "attacks at least halved".
    measure: Prose
    estimate: float
    #: The ends of the 95 % interval; without them no bar is drawn.
    interval: tuple[float, float] | None = None
    #: Unit of the estimate: "standard deviations", "points of 100", "per 10,000 people".
    unit: Prose
    #: What it was compared with; empty for harms counted in one group.
    comparator: str = ""
    #: Which sign of the estimate favours the treatment; "none" for harms and for counts.
    favours: Literal["negative", "positive", "none"] = "none"
    #: When it was measured: "at 3 months".
    time: str = ""
    people: int | None = None
    trials: int | None = None
    #: For counts of people: how many of `of` in the other group.
    control: float | None = None
    of: int | None = None


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that is known, and where from."""

    #: What the source found, worded as its certainty allows.
    statement: Prose
    certainty: Certainty
    #: BibTeX keys.
    references: Annotated[tuple[Prose, ...], msgspec.Meta(min_length=1)]
    #: What the treatment was compared with: "sham", "usual care".
    comparator: Prose
    #: Which people were studied.
    population: Prose
    #: How far the source searched for studies; empty when that is not known.
    searched: When | Literal[""] = ""
    #: What the entry is about, as a heading of tables: "migraine".
    topic: str = ""
    #: Whether the entry is about harms.
    harm: bool = False
    #: Seen only as reported by others; readers are told so.
    second_hand: bool = False
    people: int | None = None
    trials: int | None = None
    effect: tuple[Effect, ...] = ()
    #: BibTeX keys of guidelines on the same topic that say otherwise; a health page cites them too.
    disagrees: tuple[str, ...] = ()
    #: When somebody last held the entry against its source.
    reviewed: datetime.date | None = None
    note: str = ""


class Reference(msgspec.Struct, frozen=True):
    """What is known of an entry of the bibliography."""

    year: int | None = None
    #: Key of what took its place; empty when nothing has.
    superseded_by: str = ""
    #: Whether a reader can find it: by DOI, address, ISBN or PubMed number.
    findable: bool = True


class Evidence(msgspec.Struct, frozen=True):
    """An evidence file."""

    #: The file, as it is named to people.
    name: str
    entries: Mapping[str, Entry]
    #: Entry to the line of its table, 1-based.
    lines: Mapping[str, int]
    #: Its lines.
    text: tuple[str, ...]


def load_evidence(path: Path, name: str = "") -> Evidence:
    """Read an evidence file.

    Args:
        path: the TOML file.
        name: how it is named in messages; its file name when empty.

    Raises:
        EvidenceError: it cannot be read or says something that it may not.
    """
    name = name or path.name
    try:
        text = path.read_bytes().decode("utf-8-sig")
        data = tomli.loads(text)
    except OSError as error:
        raise EvidenceError(f"{name}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise EvidenceError(f"{name}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except ValueError as error:
        raise EvidenceError(f"{name}: not TOML: {error}") from None
    except RecursionError:
        raise EvidenceError(f"{name}: nested too deep") from None
    entries: dict[str, Entry] = {}
    for key, value in data.items():
        try:
            msgspec.convert(key, EntryKey)
        except msgspec.ValidationError:
            raise EvidenceError(
                f"{name}: entry {key!r}: write lower-case letters, digits and hyphens"
            ) from None
        try:
            entries[key] = msgspec.convert(value, Entry)
        except msgspec.ValidationError as error:
            raise EvidenceError(f"{name}: entry {key!r}: {_explain(str(error))}") from None
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        table = re.match(r"""\s*\[\s*["']?([^\]."']+)["']?\s*\]""", line)
        if table:
            lines.setdefault(table[1].strip(), number)
    return Evidence(name, entries, lines, tuple(text.split("\n")))


def _explain(problem: str) -> str:
    text, _, where = problem.partition(" - at ")
    place = where.strip("`").removeprefix("$").strip(".")
    struct: Any = Effect if place.startswith("effect") else Entry
    prefix = f"{place}: " if place else ""
    unknown = re.search(r"unknown field `(.*)`", text)
    if unknown:
        hint = did_you_mean(unknown[1], struct.__struct_fields__)
        return f"{prefix}unknown key {unknown[1]!r}{hint}"
    missing = re.search(r"missing required field `(.*)`", text)
    if missing:
        return f"{prefix}key {missing[1]!r} is missing"
    invalid = re.search(r"Invalid enum value '(.*)'", text)
    if invalid:
        known = (
            sorted(CERTAINTY_WORDS) if place == "certainty" else ["negative", "positive", "none"]
        )
        near = difflib.get_close_matches(invalid[1], known, n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]!r}?" if near else f"; write one of {', '.join(known)}"
        return f"{prefix}{invalid[1]!r} is not known{hint}"
    return prefix + text[0].lower() + text[1:]


# -- the ladder --------------------------------------------------------------------------------

#: The most that a sentence may claim at each certainty, after Santesso et al. 2020: bare verbs,
#: then "probably", then "may", then "uncertain whether".
ALLOWED: Final[Mapping[Certainty, int]] = {"high": 4, "moderate": 3, "low": 2, "very-low": 1}
_HEDGED: Final[Mapping[Hedge, int]] = {
    Hedge.UNCERTAIN: 1,
    Hedge.POSSIBLE: 2,
    Hedge.PROBABLE: 3,
    Hedge.NONE: 4,
}
_BARE: Final[Mapping[Strength, int]] = {
    Strength.NONE: 0,
    Strength.CORRELATIONAL: 2,
    Strength.CONDITIONAL: 3,
    Strength.CAN: 4,
    Strength.CAUSAL: 4,
    Strength.ABSOLUTE: 5,
}
#: How to word a claim at each certainty.
LADDER: Final[Mapping[Certainty, str]] = {
    "high": "reduces",
    "moderate": "probably reduces",
    "low": "may reduce",
    "very-low": "it is uncertain whether … reduces",
    "not-rated": "a review of … trials found …",
}


def claimed(judgement: Judgement) -> int:
    """How much a sentence claims, from 0 (nothing) to 5 (without exception or doubt)."""
    bare = _BARE[judgement.strength]
    # No hedge takes "proven" or "always" back.
    return bare if judgement.strength is Strength.ABSOLUTE else min(bare, _HEDGED[judgement.hedge])


def allowed(certainty: Certainty, attributed: bool) -> int:
    """The most that may be claimed.

    Args:
        certainty: that of the evidence.
        attributed: whether the sentence says whose finding it reports. Where the source gives no
            rating, a finding is told as the source's, or hedged.
    """
    return ALLOWED.get(certainty, 4 if attributed else 2)
