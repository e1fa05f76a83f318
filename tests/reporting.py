"""A small review with text in it that would act, if it were not made harmless, wherever it is shown."""

from __future__ import annotations

import datetime
from pathlib import Path

from msgspec.structs import asdict

from acuext.baseline import BaselineEntry
from acuext.reports import Context
from acuext.review import Finding, Review, Waived
from acuext.rules import Rule, Rules, Source, Trigger

TODAY = datetime.date(2026, 11, 22)
HTML = "<script>alert('x')</script>"
COMMAND = "::error file=x,line=1::gone"
PAGE = "50%25, a: page (é).md"
#: Every line has something that means something somewhere.
FILES = {
    PAGE: (
        "# Needles & pins\n"
        "\n"
        f"{COMMAND} was proven | `by` \x1b[31mred\x1b[0m %0A {HTML} and \u202ebackwards\u202c ##[error]x.\n"
        "\tThe 😀 of ana\u0301lgesia is 𝒳-large; 針灸 is analgesia, and Analgesia, and *anal*gesia [ ].\n"
        "It was clinically\n"
        "proven {0} to work.\n"
        "% acuext: ignore TST101 -- \"because\" ]]> & 'so'\n"
        + "A long line with many words before them, and more, "
        "and more, " * 3 + "that says proven, and goes on, "
        "and on, " * 9 + "to its end.\n"
    ),
    "part.rst": "* It was proven.\n",
    "evidence.toml": "[nobody-uses-it]\n",
}
RULE = {
    "severity": "error",
    "why": f"Readers {HTML} believe it.\n\nSecond `paragraph` ::error:: | *x* [y](javascript:z).",
    "sources": (
        Source(text="A guide & [more]", date="2022", url="https://example.org/a"),
        Source(text="Not a link", url="javascript:alert(1)"),
    ),
    "fires": ("It is proven.", "It was\nproven."),
    "quiet": ("It may help.",),
}
WORDS = Rule(
    id="TST101", name="proof", title="No *proof*", kind="forbid", message='"{text}" claims proof.',
    instead=("may help …", "add the source"), trigger=(Trigger(terms=("proven",)),),
    limits=f"Misses {HTML}.", **RULE,
)  # fmt: skip
PLAINER = Rule(
    id="TST124", name="plain-words", title="Plain words.", kind="prefer", message='"{text}" is hard.',
    instead=("two sentences",), trigger=(Trigger(swap={"analgesia": "pain relief"}),), **RULE,
)  # fmt: skip
NOTICE = Rule(
    id="TST201", name="notice", title="A notice", kind="disclose", message="No notice.",
    instead=(":::{consult-professional}\n:::",), **RULE,
)  # fmt: skip
WAIVER = Rule(
    id="TST901", name="unused-waiver", title="A waiver", kind="waiver", message="Unused: {text}.",
    instead=("delete the waiver",), **RULE,
)  # fmt: skip
RULES = (WORDS, PLAINER, NOTICE, WAIVER)
#: All are ours but the last, which a house pack brought.
ORIGINS = {rule.id: "ours.toml" for rule in RULES} | {"TST901": "/somewhere/house.toml"}


def found(
    path: str, words: str, rule: Rule = WORDS, nth: int = 0, severity: str = "", **other: object
) -> Finding:
    """A finding at the nth place of words in a file."""
    text = FILES[path]
    start = -1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    end = start + len(words)
    place = [
        (text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
        for offset in (start, end)
    ]
    plainer = ("pain relief",) if rule is PLAINER else rule.instead
    values = {
        "message": rule.message.replace("{text}", " ".join(words.split())),
        "suggestions": plainer,
        "pages": (path.rpartition(".")[0],),
        **other,
    }
    return Finding(
        path, *place[0], *place[1], rule.id, rule.name, severity or rule.severity, text=words,
        **values,
    )  # fmt: skip


def review() -> Review:
    """All that a report has to cope with."""
    findings = (
        found(PAGE, "Needles & pins", NOTICE),
        found(PAGE, f"{COMMAND} was", severity="warning"),
        found(PAGE, "proven"),
        found(PAGE, f"`by` \x1b[31mred\x1b[0m %0A {HTML}"),
        found(PAGE, "analgesia", PLAINER, severity="info"),
        found(PAGE, "Analgesia", PLAINER, severity="warning"),
        found(PAGE, "*anal*gesia", PLAINER, severity="warning"),
        found(PAGE, "clinically\nproven {0}", severity="warning"),
        found(
            PAGE, "% acuext: ignore TST101 -- \"because\" ]]> & 'so'", WAIVER, severity="warning"
        ),
        found(PAGE, "proven", nth=2),
        found("evidence.toml", "[nobody-uses-it]", severity="warning", pages=()),
        found("part.rst", "proven", pages=("index", "other")),
    )
    waived = (
        Waived(
            **asdict(found("part.rst", "It was")),
            reason=f"{HTML} | quoted\x1b[1m",
            until=datetime.date(2026, 12, 1),
        ),
        Waived(**asdict(found("part.rst", "was")), reason="quoted", until=None),
    )
    recorded = (found("part.rst", "It"),)
    gone = (BaselineEntry("gone.md", "TST101", "proven", 2),)
    return Review(findings, waived, recorded, gone, pages=1234, passages=5)


def context(folder: Path, **other: object) -> Context:
    """A repository in a folder, with the pages of the review in its `docs`."""
    docs = folder / "docs"
    docs.mkdir(exist_ok=True)
    for path, text in FILES.items():
        (docs / path).write_text(text, encoding="utf-8")
    rules = Rules("en", RULES, {}, "made for tests", ORIGINS, known=True)
    return Context(docs, folder, folder, rules, TODAY, **other)
