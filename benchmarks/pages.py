"""Pages that look like those of a health site, from a seed: the same seed gives the same bytes.

    python benchmarks/pages.py FOLDER --pages 100 --markup md

The sentences are those of our docs, of the post, and of our rule packs' examples, with words of the
packs' lists put in each other's place, so that rules are asked as often as on careful health pages,
and the text goes on being new. No text of others is in them.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from acuext.rules import load_rules
from acuext.text import sentences

Markup = Literal["md", "rst"]

DOCS = Path(__file__).parents[1] / "docs"
POST = DOCS / "posts" / "acupuncture-pain-management.md"
#: Prose without claims, as the practical parts of health pages have it.
GUIDES = (
    "explanation/certainty.md",
    "explanation/gate.md",
    "explanation/limits.md",
    "explanation/no-autofix.md",
    "explanation/sources.md",
    "howto/existing-project.md",
    "howto/waive.md",
    "tutorial.md",
)
#: Lists whose words can stand in each other's place.
EXCHANGED = ("therapy", "care", "medicine", "symptom", "condition", "outcome")
#: Of 100 sentences, how many are from where; the rest is flagged. Chosen so that as many words a
#: page have to be looked at as on the pages of Cochrane and NIH in `make accuracy`.
PLAIN, FROM_THE_POST, CAREFUL = 65, 26, 8
#: Pages in a folder, so that no folder holds thousands of files.
IN_A_FOLDER = 100
SYLLABLES = "ba cor den fi gal ho lin mar no per ros sta tur vel wil zan".split()
CONF = """\
project = "Pages"
extensions = {extensions!r}
exclude_patterns = ["_build"]
{settings}
"""


@dataclass(frozen=True, slots=True)
class Source:
    """What sentences are made of."""

    careful: tuple[str, ...]
    flagged: tuple[str, ...]
    post: tuple[str, ...]
    plain: tuple[str, ...]
    #: A word of an exchanged list to the words that may stand for it.
    exchange: dict[str, tuple[str, ...]]
    word: re.Pattern[str]


@cache
def source() -> Source:
    """Read the packs and the post."""
    rules = load_rules("en")
    exchange: dict[str, tuple[str, ...]] = {}
    for name in EXCHANGED:
        plain = tuple(
            word
            for word in (re.sub(r"\(\w+\)\?", "", entry) for entry in rules.lists[name])
            if re.fullmatch(r"[a-z]+(?: [a-z]+)?", word)
        )
        exchange |= dict.fromkeys(plain, plain)
    alternatives = "|".join(sorted(exchange, key=len, reverse=True))
    return Source(
        tuple(sentence for rule in rules.rules for sentence in rule.quiet if "\n" not in sentence),
        tuple(sentence for rule in rules.rules for sentence in rule.fires if "\n" not in sentence),
        tuple(prose(POST)),
        tuple(sentence for name in GUIDES for sentence in prose(DOCS / name)),
        exchange,
        re.compile(rf"\b(?:{alternatives})\b"),
    )


def prose(page: Path) -> Iterator[str]:
    """The sentences of one of our pages, without markup."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(
        r"(?s:\A---.*?\n---)|(?s:^```.*?^```)|^:::.*?$|^[|#(!-].*?$|\{.*?\}`.*?`|\[|\]\(.*?\)|[*`]",
        "",
        text,
        flags=re.MULTILINE,
    )
    for paragraph in text.split("\n\n"):
        for start, end in sentences(paragraph):
            sentence = " ".join(paragraph[start:end].split()).replace(" .", ".")
            if (
                len(sentence) > 30
                and sentence[-1] in ".?!"
                and not re.search(r"[{}<>\\_|]", sentence)
            ):
                yield sentence


@dataclass(slots=True)
class Block:
    """A block of a page, before it is written in one markup or the other."""

    kind: str
    lines: list[str] = field(default_factory=list)


class Writer:
    """Makes the text of one page."""

    def __init__(self, seed: str) -> None:
        # Seeded by a text: numbers one apart give streams that begin alike.
        self.random = random.Random(seed)
        self.notes = 0

    def sentence(self) -> str:
        """One sentence, hardly ever the same as another."""
        made = self.plain()
        if made[-1] == "." and self.random.random() < 0.1:
            made = f"{made[:-1]}, {self.random.choice(('and', 'but', 'while'))} {self.plain()}"
        return made.replace("'", "’") if self.random.random() < 0.5 else made

    def plain(self) -> str:
        """A sentence with words exchanged."""
        known, drawn = source(), self.random.randrange(100)
        if drawn < PLAIN:
            made = self.random.choice(known.plain)
        elif drawn < PLAIN + FROM_THE_POST:
            made = self.random.choice(known.post)
        elif drawn < PLAIN + FROM_THE_POST + CAREFUL:
            made = self.random.choice(known.careful)
        else:
            made = self.random.choice(known.flagged)
        made = known.word.sub(lambda word: self.random.choice(known.exchange[word[0]]), made)
        made = re.sub(
            r"(?<![\d.,])\d\d+(?![\d.,])", lambda _: str(self.random.randrange(10, 3000)), made
        )
        if self.random.random() < 0.2:
            name = "".join(self.random.choices(SYLLABLES, k=3)).capitalize()
            made = f"In {name}, {made[0].lower()}{made[1:]}"
        return made

    def prose(self, at_least: int, at_most: int) -> list[str]:
        """Some sentences, each on its line, some with markup in them."""
        return [
            self.marked(self.sentence())
            for _ in range(self.random.randint(at_least, at_most))
        ]  # fmt: skip

    def marked(self, sentence: str) -> str:
        """Put a link, a citation, stress or a mark of quantity into some sentences."""
        kind = self.random.choice(("", "", "", "", "", "link", "note", "strong", "literal"))
        words = sentence.split(" ")
        at = self.random.randrange(len(words))
        if kind == "note":
            self.notes += 1
            return f"{sentence}\x02{self.notes}\x03"
        if not kind or not words[at].isalpha():
            return sentence
        words[at] = {
            "link": f"\x01{words[at]}\x1fhttps://example.org/{self.random.randrange(1000)}\x03",
            "strong": f"**{words[at]}**",
            "literal": f"{words[at]} \x04code-{self.random.randrange(1000)}\x03",
        }[kind]
        return " ".join(words)

    def blocks(self) -> Iterator[Block]:
        """A page of about sixty sentences."""
        yield Block("title", [self.name().capitalize()])
        yield Block("prose", self.prose(3, 4))
        yield Block("notice", ["See your doctor before you change your treatment."])
        for number in range(5):
            yield Block("heading", [f"{self.name().capitalize()} and {self.name()}"])
            yield Block("prose", self.prose(2, 4))
            yield Block("list", [self.marked(self.sentence()) for _ in range(3)])
            yield Block("prose", self.prose(2, 4))
            if number % 2:
                cells = [self.name() for _ in range(9)]
                yield Block("table", cells)
                yield Block("code", ["for needle in needles:", "    needle.count()"])
            else:
                yield Block("warning", self.prose(1, 2))
        for _ in range(self.notes):
            yield Block("note", [self.sentence()])

    def name(self) -> str:
        """A word of the lists."""
        return self.random.choice(tuple(source().exchange))


def page(seed: str, markup: Markup) -> str:
    """The text of one page.

    Args:
        seed: the same seed gives the same page; its text is the same in both markups.
        markup: Markdown as MyST reads it, or reStructuredText.
    """
    written: list[str] = []
    notes = 0
    for block in Writer(seed).blocks():
        text = "\n".join(block.lines)
        if block.kind == "note":
            notes += 1
        write = _markdown if markup == "md" else _restructured
        written.append(_inline(write(block.kind, block.lines, text, notes), markup))
    return "\n\n".join(written) + "\n"


def _inline(text: str, markup: Markup) -> str:
    """Write the marks that stand for inline markup."""
    if markup == "md":
        text = re.sub("\x01(.*?)\x1f(.*?)\x03", r"[\1](\2)", text)
        return re.sub("\x04(.*?)\x03", r"`\1`", re.sub("\x02(.*?)\x03", r"[^\1]", text))
    text = re.sub("\x01(.*?)\x1f(.*?)\x03", r"`\1 <\2>`__", text)
    return re.sub("\x04(.*?)\x03", r"``\1``", re.sub("\x02(.*?)\x03", r" [#n\1]_", text))


def _indented(text: str, by: str = "   ") -> str:
    return re.sub("(?m)^", by, text)


def _markdown(kind: str, lines: Sequence[str], text: str, number: int) -> str:
    match kind:
        case "title":
            return f"# {text}"
        case "heading":
            return f"## {text}"
        case "list":
            return "\n".join(f"- {line}" for line in lines)
        case "table":
            rows = [" | ".join(lines[at : at + 3]) for at in range(0, len(lines), 3)]
            return "\n".join(f"| {row} |" for row in (rows[0], "--- | --- | ---", *rows[1:]))
        case "code":
            return f"```python\n{text}\n```"
        case "notice" | "warning":
            name = "important" if kind == "notice" else kind
            return f"```{{{name}}}\n{text}\n```"
        case "note":
            return f"[^{number}]: {text}"
    return text


def _restructured(kind: str, lines: Sequence[str], text: str, number: int) -> str:
    match kind:
        case "title":
            return f"{text}\n{'=' * len(text)}"
        case "heading":
            return f"{text}\n{'-' * len(text)}"
        case "list":
            return "\n".join(f"- {line}" for line in lines)
        case "table":
            rows = [lines[at : at + 3] for at in range(0, len(lines), 3)]
            cells = "\n".join("   * - " + "\n     - ".join(row) for row in rows)
            return f".. list-table::\n   :header-rows: 1\n\n{cells}"
        case "code":
            return f".. code-block:: python\n\n{_indented(text)}"
        case "notice" | "warning":
            name = "important" if kind == "notice" else kind
            return f".. {name}::\n\n{_indented(text)}"
        case "note":
            return f".. [#n{number}] {text}"
    return text


def write_pages(folder: Path, count: int, markup: Markup, seed: int = 1) -> list[Path]:
    """Write pages and an index of all of them; the first pages are the same whatever the count."""
    files = [
        folder / f"{number // IN_A_FOLDER:03}" / f"page{number:05}.{markup}"
        for number in range(count)
    ]
    for number, file in enumerate(files):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page(f"{seed}-{number}", markup), encoding="utf-8")
    entries = "\n".join(file.relative_to(folder).with_suffix("").as_posix() for file in files)
    toctree = f"\n```{{toctree}}\n{entries}\n```\n"
    if markup == "rst":
        toctree = f"\n.. toctree::\n\n{_indented(entries)}\n"
    heading = "# Pages" if markup == "md" else "Pages\n====="
    (folder / f"index.{markup}").write_text(f"{heading}\n{toctree}", encoding="utf-8")
    return files


def configure(folder: Path, extensions: Sequence[str], **settings: object) -> None:
    """Write the project's `conf.py`."""
    lines = "\n".join(f"{name} = {value!r}" for name, value in settings.items())
    (folder / "conf.py").write_text(
        CONF.format(extensions=list(extensions), settings=lines), encoding="utf-8"
    )


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--markup", choices=("md", "rst"), default="md")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    write_pages(options.folder, options.pages, options.markup, options.seed)
    configure(options.folder, ["myst_parser"])


if __name__ == "__main__":
    main()
