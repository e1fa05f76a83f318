"""What a page says of itself: whether it is a health page, and who checked it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from acuext.rules import did_you_mean

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
#: What to write where nobody has looked yet.
NOBODY: Final = "nobody yet"


@dataclass(frozen=True, slots=True)
class ReviewRecord:
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
        return bool(self.clinician) and self.clinician.strip().lower() != NOBODY


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a page says of itself."""

    #: Only a plain `health: false` makes it none.
    health_page: bool
    #: None when the page has no review record at all.
    record: ReviewRecord | None
    #: What is said and cannot be understood, each as a sentence.
    problems: tuple[str, ...] = ()


def front_matter(metadata: Mapping[str, Any]) -> FrontMatter:
    """Read what a page says of itself.

    Args:
        metadata: the page's metadata as Sphinx keeps it: values are text, nested ones are JSON.
    """
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
