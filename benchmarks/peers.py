"""How often general prose linters flag the labelled sentences that our own figures stand on.

    python benchmarks/peers.py --data DIR --tools DIR [--write DIR]

Installs the linters below the folder of tools once (npm and pip; Vale only when it is on PATH),
gives them the same sentences as plain text, a sentence a paragraph, and counts the sentences with a
finding. They were made for general style: what is counted is how far that carries on health claims.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import accuracy

from acuext import __version__, check

SETS = ("fda_cited", "cochrane_pls", "nih_medquad", "techdocs")
NPM = {
    "alex": "11.0.1",
    "textlint": "15.8.0",
    "textlint-rule-alex": "5.0.0",
    "textlint-rule-common-misspellings": "1.0.1",
    "textlint-rule-rousseau": "1.4.8",
    "textlint-rule-stop-words": "5.2.0",
    "textlint-rule-terminology": "5.2.16",
    "textlint-rule-write-good": "2.0.0",
    "write-good": "1.0.8",
}
PIP = {"proselint": "0.16.0", "sphinxcontrib-spelling": "8.0.2", "myst-parser": "5.1.0"}
TEXTLINT_RULES = sorted(
    name.removeprefix("textlint-rule-") for name in NPM if name.startswith("textlint-rule-")
)
VALE_STYLES = ("Journals", "alex", "proselint", "write-good")
#: Sentences in a file: a linter that compares words over a whole file sees a long page.
BATCH = 500


class NotMeasuredError(Exception):
    """Why nothing, or one linter, cannot be measured: a line for people."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding of a linter, on one sentence of a set."""

    sentence: int
    #: The linter's own name for the rule, and what it says.
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Peer:
    """A linter: what of it is run, and which of its findings are about claims."""

    name: str
    version: str
    rules: str
    #: In words, and as a pattern that is searched in "rule: message".
    about_claims: str
    claims: re.Pattern[str] | None
    hits: Callable[[Sequence[str]], Iterable[Hit]]


# --- The same sentences, as files ------------------------------------------------------------


def write_batches(texts: Sequence[str], folder: Path) -> list[Path]:
    """Write a sentence a paragraph into plain text files of `BATCH` sentences each."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = []
    for start in range(0, len(texts), BATCH):
        file = folder / f"{start:06}.txt"
        lines = [" ".join(text.split()) for text in texts[start : start + BATCH]]
        file.write_text("\n\n".join(lines) + "\n", encoding="utf-8")
        files.append(file)
    return files


def sentence_at(file: str, line: int) -> int:
    """Give the number of the sentence that stands on a line of a batch.

    Args:
        file: The batch, by any path or address that ends in its name.
        line: From 1; a finding on the empty line after a sentence belongs to that sentence.
    """
    return int(Path(file).stem) + (line - 1) // 2


def run(command: Sequence[str | Path], folder: Path, good: Iterable[int]) -> str:
    """Run a linter in a folder and give what it says; alex says it on the error channel.

    Raises:
        NotMeasuredError: It ended with a status that does not mean "no findings" or "findings".
    """
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode not in good:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise NotMeasuredError(f"{Path(command[0]).name}: {said[-1] if said else done.returncode}")
    return done.stdout or done.stderr


# --- What each linter says -------------------------------------------------------------------


def proselint_hits(said: str) -> Iterator[Hit]:
    """Read proselint's JSON report."""
    for file, result in json.loads(said)["result"].items():
        for found in result["diagnostics"]:
            line = found["pos"][0]
            yield Hit(sentence_at(file, line), found["check_path"], found["message"])


def write_good_hits(said: str) -> Iterator[Hit]:
    """Read write-good's `--parse` lines: file, line, column, reason."""
    for match in re.finditer(r"^(.+?\.txt):(\d+):\d+:(.*)$", said, re.MULTILINE):
        yield Hit(sentence_at(match[1], int(match[2])), "write-good", match[3])


def alex_hits(said: str) -> Iterator[Hit]:
    """Read alex's report: the name of a file, then its findings, each on a line."""
    file = ""
    for line in said.splitlines():
        if re.fullmatch(r"\S+\.txt(?:: no issues found)?", line):
            file = line.split(":")[0]
        elif match := re.match(r"\s+(\d+):\d+(?:-\d+:\d+)?\s+warning\s+(.*?)\s+(\S+)\s+\S+$", line):
            yield Hit(sentence_at(file, int(match[1])), match[3], match[2])


def textlint_hits(said: str) -> Iterator[Hit]:
    """Read textlint's JSON report."""
    for result in json.loads(said):
        for found in result["messages"]:
            line = found["line"]
            yield Hit(sentence_at(result["filePath"], line), found["ruleId"], found["message"])


def vale_hits(said: str) -> Iterator[Hit]:
    """Read Vale's JSON report."""
    for file, alerts in json.loads(said).items():
        for found in alerts:
            yield Hit(sentence_at(file, found["Line"]), found["Check"], found["Message"])


def our_hits(texts: Sequence[str]) -> Iterator[Hit]:
    """Give our own findings, all severities."""
    for number, text in enumerate(texts):
        for found in check(text):
            yield Hit(number, found.severity, found.rule)


def word_list_hits(texts: Sequence[str]) -> Iterator[Hit]:
    """Give what a list of forbidden words finds."""
    for number, text in enumerate(texts):
        if accuracy.word_list(text) != "none":
            yield Hit(number, "word list", "")


# --- The linters -----------------------------------------------------------------------------


def install(tools: Path) -> None:
    """Install the linters, unless these versions are there.

    Raises:
        NotMeasuredError: There is no npm, or an installation failed.
    """
    install_python(tools)
    wanted = json.dumps(NPM, indent=1)
    stamp = tools / "npm.json"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise NotMeasuredError("npm is not on PATH; it comes with Node.js 20 or newer")
    (tools / "package.json").write_text('{"private": true}\n', encoding="utf-8")
    packages = [f"{name}@{version}" for name, version in NPM.items()]
    quiet = ("--no-audit", "--no-fund", "--loglevel=error", "--save-exact")
    run([npm, "install", *quiet, *packages], tools, {0})
    stamp.write_text(wanted, encoding="utf-8")


def install_python(tools: Path) -> None:
    """Install what is written in Python, in an environment of its own, unless it is there.

    Raises:
        NotMeasuredError: An installation failed.
    """
    wanted = json.dumps(PIP, indent=1)
    stamp = tools / "pip.json"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    tools.mkdir(parents=True, exist_ok=True)
    run([sys.executable, "-m", "venv", "--clear", tools / "venv"], tools, {0})
    pinned = [f"{name}=={version}" for name, version in PIP.items()]
    pip = [tools / "venv/bin/python", "-m", "pip", "install", "--disable-pip-version-check"]
    run([*pip, "--quiet", *pinned], tools, {0})
    stamp.write_text(wanted, encoding="utf-8")


def peers(tools: Path) -> Iterator[Peer]:
    """Give the linters, ready to run; ourselves and a word list first."""
    programs = tools / "node_modules/.bin"
    texts_folder = tools / "sentences"

    def by_files(
        command: Sequence[str | Path],
        read: Callable[[str], Iterable[Hit]],
        good: Iterable[int] = (0, 1),
    ) -> Callable[[Sequence[str]], Iterable[Hit]]:
        def hits(texts: Sequence[str]) -> Iterable[Hit]:
            files = write_batches(texts, texts_folder)
            return read(run([*command, *(file.name for file in files)], texts_folder, good))

        return hits

    yield Peer(
        "acuext",
        __version__,
        "language rules, profile core",
        "warnings and errors",
        re.compile("^(?:warning|error):"),
        our_hits,
    )
    yield Peer(
        "word list", "", "words that promise too much", "all", re.compile(""), word_list_hits
    )
    settings = tools / "proselint.json"
    settings.write_text('{"max_errors": 1000000}\n', encoding="utf-8")
    yield Peer(
        "proselint",
        PIP["proselint"],
        "as it comes",
        "weasel words, uncomparables, hyperbole, greylist, psychology",
        re.compile(r"^(?:weasel_words|misc\.greylist|uncomparables|psychology|\S*hyperbole)"),
        by_files(
            [
                tools / "venv/bin/proselint",
                *("check", "--config", settings, "--output-format", "json"),
            ],
            proselint_hits,
        ),
    )
    yield Peer(
        "write-good",
        NPM["write-good"],
        "as it comes",
        "weasel words",
        re.compile("weasel"),
        by_files([programs / "write-good", "--parse"], write_good_hits, (0, 255)),
    )
    yield Peer(
        "alex",
        NPM["alex"],
        "as it comes",
        "none",
        None,
        by_files([programs / "alex", "--text"], alex_hits),
    )
    rules = tools / "textlint.json"
    chosen = {"rules": dict.fromkeys(TEXTLINT_RULES, True)}
    rules.write_text(json.dumps(chosen), encoding="utf-8")
    yield Peer(
        "textlint",
        NPM["textlint"],
        ", ".join(f"{name} {NPM[f'textlint-rule-{name}']}" for name in TEXTLINT_RULES),
        "weasel words; stop words that praise",
        re.compile(r"weasel|^stop-words: .*(?:breakthrough|unique|best|proven|world.class|very)"),
        by_files(
            [programs / "textlint", "--format", "json", "--no-color", "--config", rules],
            textlint_hits,
        ),
    )
    vale = shutil.which("vale")
    version = run([vale, "--version"], tools, {0}).split()[-1] if vale else ""
    yield Peer(
        "Vale",
        version,
        "packages " + ", ".join(VALE_STYLES),
        "Prove, Hype, Intensifiers, Weasel, Very, Uncomparables, Hyperbole",
        re.compile(r"\.(?:Prove|Hype|Intensifiers|Weasel|Very|Uncomparables|Hyperbole):"),
        vale_hits_of(vale, tools, by_files),
    )


def vale_hits_of(
    vale: str | None,
    tools: Path,
    by_files: Callable[..., Callable[[Sequence[str]], Iterable[Hit]]],
) -> Callable[[Sequence[str]], Iterable[Hit]]:
    """Make what runs Vale, when it is there, with the packages it fetches for itself."""
    settings = tools / ".vale.ini"

    def hits(texts: Sequence[str]) -> Iterable[Hit]:
        if vale is None:
            raise NotMeasuredError("vale: not on PATH")
        if not settings.is_file():
            names = ", ".join(VALE_STYLES)
            (tools / "styles").mkdir(exist_ok=True)
            settings.write_text(
                f"StylesPath = styles\nMinAlertLevel = suggestion\nPackages = {names}\n"
                f"[*]\nBasedOnStyles = {names}\n",
                encoding="utf-8",
            )
            try:
                run([vale, f"--config={settings}", "sync"], tools, {0})
            except NotMeasuredError:
                settings.unlink()
                raise
        command = [vale, f"--config={settings}", "--output=JSON", "--no-exit"]
        return by_files(command, vale_hits, (0,))(texts)

    return hits


# --- Counting --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of a set's sentences with any finding, and with one about claims; 0 to 1."""

    any: float
    claims: float


def shares(hits: Iterable[Hit], size: int, claims: re.Pattern[str] | None) -> Shares:
    """Count sentences, not findings.

    Raises:
        NotMeasuredError: A finding lies outside the sentences: they were mapped wrongly.
    """
    flagged, about = set(), set()
    for hit in hits:
        if not 0 <= hit.sentence < size:
            raise NotMeasuredError(f"a finding on sentence {hit.sentence} of {size}: {hit.message}")
        flagged.add(hit.sentence)
        if claims is not None and claims.search(f"{hit.rule}: {hit.message}"):
            about.add(hit.sentence)
    return Shares(len(flagged) / size, len(about) / size)


Measured = Mapping[str, Shares]


def measure(peer: Peer, texts: Mapping[str, Sequence[str]]) -> Measured | None:
    """Run a linter over all sets; None, with a line for people, when it cannot be run."""
    try:
        return {
            name: shares(peer.hits(chosen), len(chosen), peer.claims)
            for name, chosen in texts.items()
        }
    except NotMeasuredError as reason:
        print(f"accuracy-peers: not measured: {reason}")
        return None


COLUMNS = ("tool", "counted", *SETS)
RULE_COLUMNS = ("tool", "version", "rules", "counted as about claims", "measured")


def rows(results: Sequence[tuple[Peer, Measured | None]]) -> list[list[str]]:
    """Lay the shares out, two rows a linter."""
    laid = []
    for peer, measured in results:
        for counted, attribute in (("any finding", "any"), ("about claims", "claims")):
            figures = (
                ["not measured"] * len(SETS)
                if measured is None
                else [f"{100 * getattr(measured[name], attribute):.1f} %" for name in SETS]
            )
            laid.append([peer.name, counted, *figures])
    return laid


def write(folder: Path, results: Sequence[tuple[Peer, Measured | None]]) -> None:
    """Write what the page shows: the shares, and what was run."""
    today = datetime.now(UTC).date().isoformat()
    described = [
        [
            peer.name,
            peer.version,
            peer.rules,
            peer.about_claims,
            today if measured else "not measured",
        ]
        for peer, measured in results
    ]
    for name, head, body in (
        ("accuracy-peers.csv", COLUMNS, rows(results)),
        ("accuracy-peers-rules.csv", RULE_COLUMNS, described),
    ):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([head, *body])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tools", type=Path, required=True, help="installed here, and kept")
    parser.add_argument("--write", type=Path, help="also write the tables into this folder")
    options = parser.parse_args(arguments)
    missing = [name for name in SETS if not (options.data / f"{name}.jsonl").is_file()]
    if missing:
        print(f"accuracy-peers: nothing measured, no labelled sentences at {options.data}")
        return 0
    tools = options.tools.resolve()
    try:
        install(tools)
    except NotMeasuredError as reason:
        print(f"accuracy-peers: {reason}", file=sys.stderr)
        return 2
    texts = {name: [row["text"] for row in accuracy.load(options.data, name)] for name in SETS}
    results = [(peer, measure(peer, texts)) for peer in peers(tools)]
    for row in [COLUMNS, *rows(results)]:
        print(f"{row[0]:<12}{row[1]:<14}" + "".join(f"{cell:>14}" for cell in row[2:]))
    if options.write:
        write(options.write, results)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
