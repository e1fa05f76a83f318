"""Findings that an old site had when it began: they do not gate, and each is gone for good."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec

from acuext.rules import Prose, RuleId, did_you_mean
from acuext.text import fold

if TYPE_CHECKING:
    from acuext.review import Finding

#: Where the baseline stands, beside `conf.py`, unless the setting names another file.
BASELINE: Final = "acuext-baseline.json"
#: How the ids of findings about waivers begin. A waiver is written on purpose and with acuext at
#: hand; its fault is mended where it stands. A baseline of ended waivers would have no end.
WAIVERS: Final = "ACU9"
#: Rules about a whole page; their findings show its title, which may change.
ABOUT_PAGES: Final = ("ACU201", "ACU204", "ACU205", "ACU206", "ACU207", "ACU208", "ACU215")

#: Path, rule and words: all that stays the same when lines move and paragraphs are wrapped anew.
_Key = tuple[str, str, str]
_WORD: Final = re.compile(r"[^\W_]+")


class BaselineError(ValueError):
    """A baseline that cannot be used; one line that names file, entry, key and what to do."""


class BaselineEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Findings of one rule in the same words on one page."""

    #: The file, relative to the source folder, POSIX.
    path: Prose
    rule: RuleId
    #: The words, in small letters and without punctuation; empty for a finding about a page.
    text: str = ""
    #: How many such findings there are.
    count: Annotated[int, msgspec.Meta(ge=1)] = 1


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file holds."""

    #: Raised when the meaning of a key changes.
    schema: Literal[1]
    findings: tuple[BaselineEntry, ...]


#: Nothing recorded.
EMPTY: Final = Baseline(1, ())


# -- findings ----------------------------------------------------------------------------------


def fingerprints(findings: Sequence[Finding]) -> list[str]:
    """Give each finding an id that stays when lines move and paragraphs are wrapped anew.

    Args:
        findings: in the order of their places. Two in the same words on a page differ by their
            number.

    Returns:
        As many ids, none twice, each of 32 hexadecimal digits.
    """
    seen: Counter[_Key] = Counter()
    prints = []
    for finding in findings:
        key = _key(finding.path, finding.rule, finding.text)
        prints.append("\0".join((*key, str(seen[key]))))
        seen[key] += 1
    return [
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32] for text in prints
    ]


def split(
    baseline: Baseline, findings: Iterable[Finding]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...], tuple[BaselineEntry, ...]]:
    """Part the findings that a baseline has recorded from those that are new.

    Where a page has more findings in the same words than recorded, the last are new.

    Args:
        baseline: what is recorded.
        findings: in the order of their places.

    Returns:
        The new findings, the recorded ones, and the entries that match none any more, each with
        how many are gone.
    """
    if not baseline.findings:
        return tuple(findings), (), ()
    left = _counted(baseline.findings)
    new, recorded = [], []
    for finding in findings:
        key = _key(finding.path, finding.rule, finding.text)
        if left[key] > 0:
            left[key] -= 1
            recorded.append(finding)
        else:
            new.append(finding)
    return tuple(new), tuple(recorded), _entries(left)


def update(findings: Iterable[Finding]) -> Baseline:
    """Record findings.

    Those of severity info are left out, since they never stop anything, and so are findings
    about waivers.

    Args:
        findings: all of a review, new and recorded; waived ones do not belong here.
    """
    return Baseline(
        1,
        _entries(
            Counter(
                _key(finding.path, finding.rule, finding.text)
                for finding in findings
                if finding.severity != "info" and not finding.rule.startswith(WAIVERS)
            )
        ),
    )


def prune(baseline: Baseline, outdated: Iterable[BaselineEntry]) -> Baseline:
    """Take out what is gone.

    Args:
        baseline: what is recorded.
        outdated: the entries that match no finding any more, as a review gives them.
    """
    return Baseline(1, _entries(_counted(baseline.findings) - _counted(outdated)))


def _key(path: str, rule: str, text: str) -> _Key:
    if rule in ABOUT_PAGES:
        return path, rule, ""
    folded = fold(text).text.casefold()
    # Marks of quotes, lists and emphasis go elsewhere when a paragraph is wrapped anew.
    return path, rule, " ".join(_WORD.findall(folded) or folded.split())


def _counted(entries: Iterable[BaselineEntry]) -> Counter[_Key]:
    return Counter({_key(entry.path, entry.rule, entry.text): entry.count for entry in entries})


def _entries(counted: Counter[_Key]) -> tuple[BaselineEntry, ...]:
    return tuple(BaselineEntry(*key, count) for key, count in sorted(counted.items()) if count)


# -- the file ----------------------------------------------------------------------------------


def written(baseline: Baseline) -> str:
    """The text of the file: sorted, one line an entry, so that a change is easy to review."""
    lines = [
        json.dumps(msgspec.to_builtins(entry), ensure_ascii=False)
        for entry in _entries(_counted(baseline.findings))
    ]
    inside = "".join(f"\n    {line}," for line in lines).rstrip(",")
    return f'{{\n  "schema": 1,\n  "findings": [{inside}\n  ]\n}}\n'


def load_baseline(path: Path, name: str = "") -> Baseline:
    """Read a baseline.

    Args:
        path: the JSON file.
        name: how it is named in messages; its file name when empty.

    Raises:
        BaselineError: it cannot be read or says something that it may not.
    """
    name = name or path.name
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise BaselineError(
            f'{name}: no such file; make it with "acuext baseline update"'
        ) from None
    except OSError as error:
        raise BaselineError(f"{name}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BaselineError(f"{name}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except json.JSONDecodeError as error:
        raise BaselineError(
            f"{name}: line {error.lineno}: not JSON: {error.msg}; mend the line, or make the file "
            'anew with "acuext baseline update"'
        ) from None
    except (ValueError, RecursionError):
        raise BaselineError(f'{name}: not made by "acuext baseline update"') from None
    try:
        baseline = msgspec.convert(data, Baseline)
    except msgspec.ValidationError as error:
        raise BaselineError(f"{name}: {_explain(str(error), data)}") from None
    known: set[_Key] = set()
    for number, entry in enumerate(baseline.findings, 1):
        if entry.rule.startswith(WAIVERS):
            raise BaselineError(
                f"{name}: entry {number}: rule: {entry.rule} is about a waiver, which no baseline "
                "records; delete the entry and mend the waiver"
            )
        key = _key(entry.path, entry.rule, entry.text)
        if key in known:
            raise BaselineError(
                f"{name}: entry {number}: {entry.rule} in these words stands twice for "
                f"{entry.path}; keep one and add up their counts"
            )
        known.add(key)
    return baseline


def _explain(problem: str, data: Any) -> str:
    """A validation error in the words of somebody who has edited the file."""
    text, _, where = problem.partition(" - at ")
    inside = re.match(r"\$\.findings\[(\d+)\]\.?(\w*)", where.strip("`"))
    struct: Any = BaselineEntry if inside else Baseline
    place = f"entry {int(inside[1]) + 1}: " if inside else ""
    key = inside[2] if inside else where.strip("`").removeprefix("$").strip(".")
    if key == "schema" and isinstance(data.get("schema"), int):
        return f"schema: {data['schema']} is not 1; this acuext cannot read it, a newer one may"
    unknown = re.search(r"unknown field `(.*)`", text)
    if unknown:
        hint = did_you_mean(unknown[1], struct.__struct_fields__) or "; delete it"
        return f"{place}unknown key {unknown[1]!r}{hint}"
    missing = re.search(r"missing required field `(.*)`", text)
    if missing:
        return f"{place}key {missing[1]!r} is missing"
    return f"{place}{f'{key}: ' if key else ''}{text[0].lower()}{text[1:]}"
