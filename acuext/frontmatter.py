"""What a page says of itself: whether it is a health page, and who checked it."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from acuext.rules import Severity, did_you_mean

#: The keys below `acuext:`; in reStructuredText each is a field, `:acuext-reviewed:` and so on.
KEYS: Final = (
    "health",
    "author",
    "editor",
    "clinician",
    "reviewed",
    "review_due",
    "searched",
    "funding",
    "interests",
)
_DATES: Final = ("reviewed", "review_due")
RECORD_DATES: Final = "ACU204"
RECORD_PEOPLE: Final = "ACU205"
RECORD_INTERESTS: Final = "ACU206"
CURRENCY: Final = "ACU211"
METADATA: Final = "ACU215"
#: The rules of all that `gaps` finds.
RECORD_RULES: Final = (RECORD_DATES, RECORD_PEOPLE, RECORD_INTERESTS, CURRENCY, METADATA)
#: How long before its day a review is called due, and the longest time between two.
DUE_SOON: Final = datetime.timedelta(days=60)
LONGEST_CYCLE: Final = datetime.timedelta(days=3 * 366)
#: What machines are told of a page, and the key of the record that readers see.
_TOLD: Final = {
    "author": "author",
    "dcterms.creator": "author",
    "article:author": "author",
    "reviewedby": "clinician",
    "lastreviewed": "reviewed",
    "last-reviewed": "reviewed",
    "dcterms.datereviewed": "reviewed",
}
#: What to write where nobody has looked yet.
NOBODY: Final = "nobody yet"
_NOBODY: Final = frozenset(("", "nobody", NOBODY, "no one", "no one yet", "none", "none yet"))
#: What stands where somebody means to write something later.
_PLACEHOLDER: Final = re.compile(r"(tb[acd]|todo|fixme|n/?a|xxx+|unknown|[\W_]*)\.?", re.IGNORECASE)
#: Parts of JSON-LD that are about works other than the page.
_OTHER_WORKS: Final = frozenset(
    "about citation hasPart isBasedOn isPartOf mentions publisher subjectOf".split()
)


class ReviewRecord(msgspec.Struct, frozen=True, gc=False):
    """Who wrote and checked a page, when, and with what interests; empty where it is not said."""

    author: str = ""
    editor: str = ""
    #: A name and role, or "nobody yet".
    clinician: str = ""
    reviewed: datetime.date | None = None
    review_due: datetime.date | None = None
    #: How far the sources searched, in words.
    searched: str = ""
    funding: str = ""
    interests: str = ""

    @property
    def clinician_named(self) -> bool:
        """Whether a clinician who checked the page is named."""
        return bool(named(self.clinician))


class FrontMatter(msgspec.Struct, frozen=True, gc=False):
    """What a page says of itself."""

    #: Only a plain `health: false` makes it none.
    health_page: bool
    #: None when the page has no review record at all.
    record: ReviewRecord | None
    #: What is said and cannot be understood, each as a sentence.
    problems: tuple[str, ...] = ()


def named(who: str) -> str:
    """The name of somebody; nothing where it says that there is nobody."""
    return "" if who.strip(" .").lower() in _NOBODY else who


#: What most pages of most sites say.
_NOTHING_SAID: Final = FrontMatter(health_page=True, record=None)


def front_matter(metadata: Mapping[str, Any]) -> FrontMatter:
    """Read what a page says of itself.

    Args:
        metadata: the page's metadata as Sphinx keeps it: values are text, nested ones are JSON.
    """
    if not any(name.startswith("acuext") for name in metadata):
        return _NOTHING_SAID
    problems: list[str] = []
    said: dict[str, Any] = {}
    own = metadata.get("acuext")
    if isinstance(own, str):
        try:
            own = json.loads(own)
        except ValueError:
            problems.append('"acuext" must hold keys and values')
    if isinstance(own, Mapping):
        said.update(own)
    for name, value in metadata.items():
        if name.startswith("acuext-"):
            key = name.removeprefix("acuext-").replace("-", "_")
            text = str(value).strip()
            said[key] = (text.lower() != "false") if key == "health" else text
    problems += [
        f'unknown key "{key}"{did_you_mean(str(key), KEYS)}' for key in said if key not in KEYS
    ]
    values: dict[str, Any] = {}
    for key in KEYS[1:]:
        if said.get(key) is None:
            continue
        text = str(said[key]).strip()
        if key not in _DATES:
            values[key] = " ".join(text.split())
            continue
        try:
            values[key] = datetime.date.fromisoformat(text)
        except ValueError:
            problems.append(f'{key}: "{text}" is no date; write 2027-02-01')
    record = ReviewRecord(**values) if any(key in said for key in KEYS[1:]) else None
    return FrontMatter(said.get("health") is not False, record, tuple(problems))


def gaps(
    said: FrontMatter | None, metadata: Sequence[tuple[str, str]], today: datetime.date
) -> Iterator[tuple[str, str, Severity | None]]:
    """What a health page does not say of itself, or says wrongly.

    Args:
        said: what its front matter says.
        metadata: what it tells machines: name and content, of data in JSON-LD the name "json-ld".
        today: the day on which it is looked at.

    Yields:
        The rule, what to write, and a severity where that is less than the rule's own.
    """
    record = (said and said.record) or ReviewRecord()
    unreadable = False
    for problem in said.problems if said else ():
        about_date = "is no date" in problem
        unreadable = unreadable or about_date
        yield RECORD_DATES if about_date else RECORD_PEOPLE, problem, None
    if not unreadable:
        yield from _about_dates(record, today)
    missing = [name for name in ("author", "editor", "clinician") if _unsaid(getattr(record, name))]
    if missing:
        yield RECORD_PEOPLE, f"name its {', '.join(missing)}", None
    elif not named(record.author):
        yield RECORD_PEOPLE, "name its author: somebody has written it", None
    for role in ("editor", "clinician"):
        if named(record.author) and _same(getattr(record, role), record.author):
            yield RECORD_PEOPLE, f"somebody other than the author must be its {role}", None
    missing = [name for name in ("funding", "interests") if _unsaid(getattr(record, name))]
    if missing:
        detail = f"say its {' and '.join(missing)}, if only that there are none"
        yield RECORD_INTERESTS, detail, None
    if not record.searched:
        yield CURRENCY, "say how far its sources searched for studies (searched)", None
    yield from ((METADATA, detail, None) for detail in _contradictions(record, metadata))


def _about_dates(
    record: ReviewRecord, today: datetime.date
) -> Iterator[tuple[str, str, Severity | None]]:
    if record.reviewed is None or record.review_due is None:
        yield RECORD_DATES, "say when it was reviewed and when the next review is due", None
    elif record.reviewed > today:
        detail = f"it says that it was reviewed on {record.reviewed}, a day to come"
        yield RECORD_DATES, detail, None
    elif record.review_due < record.reviewed:
        yield RECORD_DATES, "the next review is due before the last one", None
    elif record.review_due > record.reviewed + LONGEST_CYCLE:
        yield RECORD_DATES, "a review is due after three years at the latest", None
    elif record.review_due < today:
        yield RECORD_DATES, f"its review was due on {record.review_due}", None
    elif record.review_due < today + DUE_SOON:
        yield RECORD_DATES, f"its review is due on {record.review_due}", "warning"


def _unsaid(value: str) -> bool:
    return bool(_PLACEHOLDER.fullmatch(value.strip()))


def _same(one: str, other: str) -> bool:
    """Whether two are the same, also where only one tells a role: "Jane Doe, nurse"."""
    shorter, longer = sorted((one.casefold(), other.casefold()), key=len)
    return longer == shorter or longer.startswith(f"{shorter},")


def _contradictions(record: ReviewRecord, metadata: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Where machines are told nothing, or something else than readers."""
    names = {name for name, content in metadata if content.strip()}
    if not names & {"description", "og:description"}:
        yield "no description: search engines show a sentence of their own choice"
    told = [(name, content) for name, content in metadata if name != "json-ld"]
    for name, content in metadata:
        if name != "json-ld":
            continue
        linked = _linked_data(content)
        if linked is None:
            yield "its JSON-LD cannot be read"
        told += linked or []
    for name, content in told:
        key = _TOLD.get(name.lower())
        if key is None:
            continue
        shown = str(getattr(record, key) or "")
        if key == "clinician" and not record.clinician_named:
            yield f'{name} says "{content}", and readers see that no clinician has checked it'
        elif not _is_among(_day(content) if key in _DATES else content, shown):
            yield f'{name} says "{content}", and readers see "{shown}"'


def _day(told: str) -> str:
    """The day of a date in any of the ways in which ISO 8601 writes it."""
    return re.sub(r"^(\d{4})-?(\d{2})-?(\d{2})(T.*)?$", r"\1-\2-\3", told.strip())


def _is_among(told: str, shown: str) -> bool:
    """Whether a name is that which readers see, or one of several, its role left out."""
    words = re.escape(" ".join(told.split()).casefold())
    return bool(words and re.search(rf"(?<!\w){words}(?!\w)", shown.casefold()))


def _linked_data(text: str) -> list[tuple[str, str]] | None:
    """The names and values in JSON-LD that a page brings itself; None when it is none."""
    try:
        waiting: list[Any] = [json.loads(text)]
    except (ValueError, RecursionError):
        return None
    told: list[tuple[str, str]] = []
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            for name, inner in value.items():
                for one in inner if isinstance(inner, list) else [inner]:
                    said = one.get("name") if isinstance(one, dict) else one
                    if isinstance(said, (str, int)):
                        told.append((name, str(said)))
                if isinstance(inner, (dict, list)) and name not in _OTHER_WORKS:
                    waiting.append(inner)
    return told
