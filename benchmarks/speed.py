"""How much time and memory acuext takes, beside what Sphinx and other linters take.

    python benchmarks/speed.py [--small] [--largest 1000] [--peers DIR] [--write DIR]

Each figure is a ratio of runs taken in turns, or taken inside one run, on generated pages: only
ratios mean anything on another machine. `--small` takes under a minute and is what CI runs.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import importlib.metadata
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pages
import peers

from acuext.engine import check_page
from acuext.grammar import judge
from acuext.matches import Passage
from acuext.reports import FORMATS, Context
from acuext.review import Finding, Review
from acuext.rules import load_rules

ROOT = Path(__file__).parents[1]
EXTENSIONS = ["myst_parser", "reads"]
#: A builder that writes nothing, so that builds with and without acuext do the same.
READS = """
from sphinx.builders import Builder

class Reads(Builder):
    name = "reads"
    allow_parallel = True
    def get_outdated_docs(self): return set()
    def get_target_uri(self, docname, typ=None): return ""
    def write_documents(self, docnames): pass
    def write_doc(self, docname, doctree): pass

def setup(app):
    app.add_builder(Reads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
"""
COLUMNS = ("What is measured", "Pages", "CPU", "Spread", "By the clock", "Runs", "Aim", "Reached")
PEER_COLUMNS = ("Linter", "Version", "One page", "100 pages")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took: seconds of both kinds, and the most memory at once."""

    cpu: float
    wall: float
    megabytes: float = 0.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured ratio, or rate, with its spread; lower is better but for rates."""

    job: str
    pages: int
    #: None for what could not be measured here.
    cpu: float | None
    least: float | None
    most: float | None
    wall: float | None
    runs: int
    #: What it should be: at most, or for a rate at least; none for what is only told.
    aim: float | None = None
    rate: bool = False

    @property
    def reached(self) -> str:
        """Whether the aim is met."""
        if self.aim is None or self.cpu is None:
            return ""
        return "yes" if (self.cpu >= self.aim if self.rate else self.cpu <= self.aim) else "no"

    def row(self) -> list[str]:
        """The figure as a row of the table."""

        def say(number: float | None) -> str:
            if number is None:
                return ""
            return f"{number:,.0f} a second" if self.rate else f"{number:.2f}"

        spread = f"{say(self.least)} to {say(self.most)}" if self.runs > 1 else ""
        bound = "at least" if self.rate else "at most"
        return [
            self.job,
            f"{self.pages:,}" if self.pages else "",
            "not measured" if self.cpu is None else say(self.cpu),
            spread,
            say(self.wall),
            str(self.runs) if self.runs else "",
            f"{bound} {say(self.aim)}" if self.aim is not None else "",
            self.reached,
        ]


def ratio(
    job: str, count: int, pairs: Sequence[tuple[Cost, Cost]], aim: float | None = None
) -> Figure:
    """The median of one cost over the other, pair by pair."""
    cpu = [ours.cpu / theirs.cpu for ours, theirs in pairs]
    wall = statistics.median(ours.wall / theirs.wall for ours, theirs in pairs)
    return Figure(job, count, statistics.median(cpu), min(cpu), max(cpu), wall, len(pairs), aim)


# --- Runs ------------------------------------------------------------------------------------


def run(command: Sequence[str | Path], folder: Path, **environment: str) -> Cost:
    """Run a program to its end, whatever it finds, and say what it took with all it started."""
    variables = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    begin = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=variables, capture_output=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise SystemExit(f"speed: {command[0]} ended with {done.returncode}: {done.stderr!r}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, time.perf_counter() - begin)


def in_turns(count: int, *jobs: Callable[[], Cost]) -> list[tuple[Cost, ...]]:
    """Run jobs one after the other, several times over."""
    return [tuple(job() for job in jobs) for _ in range(count)]


def project(folder: Path, count: int, markup: pages.Markup, **settings: object) -> Path:
    """A project of generated pages that loads acuext, once."""
    made = folder / f"{markup}{count}{'-'.join(map(str, settings.values()))}"
    if not made.exists():
        made.mkdir(parents=True)
        pages.write_pages(made, count, markup)
        (made / "reads.py").write_text(READS, encoding="utf-8")
        pages.configure(made, [*EXTENSIONS, "acuext"], acuext_gate="report", **settings)
    return made


def without(made: Path) -> Path:
    """The same project without acuext."""
    bare = made.with_name(f"{made.name}-without")
    if not bare.exists():
        shutil.copytree(made, bare, ignore=shutil.ignore_patterns("_build"))
        pages.configure(bare, EXTENSIONS)
    return bare


def build(made: Path, *, fresh: bool = True) -> Cost:
    """Read a project with a builder that writes nothing."""
    if fresh:
        shutil.rmtree(made / "_build", ignore_errors=True)
    sphinx = [sys.executable, "-m", "sphinx", "-q", "-b", "reads", "-d", "_build/trees"]
    return run([*sphinx, ".", "_build/out"], made, PYTHONPATH=f"{ROOT}{os.pathsep}{made}")


def apart(made: Path, which: str) -> tuple[Cost, Cost]:
    """Build a project in a new process: what all took, and what our part took."""
    shutil.rmtree(made / "_build", ignore_errors=True)
    said = subprocess.run(
        [sys.executable, __file__, which, made],
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{made}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    whole, ours = (Cost(*cost) for cost in json.loads(said.splitlines()[-1]))
    return whole, ours


def measure_inside(made: Path) -> list[list[float]]:
    """Read a project here, and keep the time apart that is spent in our handlers."""
    from sphinx.application import Sphinx

    from acuext.domain import AcuextDomain

    spent = [0.0, 0.0]

    def timed(handler: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            cpu, wall = time.process_time(), time.perf_counter()
            try:
                return handler(*arguments)
            finally:
                spent[0] += time.process_time() - cpu
                spent[1] += time.perf_counter() - wall

        return call

    AcuextDomain.process_doc = timed(AcuextDomain.process_doc)  # type: ignore[method-assign]
    out = made / "_build"
    app = Sphinx(made, made, out / "out", out / "trees", "reads", status=None, warning=None)
    for listeners in app.events.listeners.values():
        listeners[:] = [
            each._replace(handler=timed(each.handler))
            if getattr(each.handler, "__module__", "").startswith("acuext")
            else each
            for each in listeners
        ]
    cpu, wall = time.process_time(), time.perf_counter()
    app.build()
    took = [time.process_time() - cpu, time.perf_counter() - wall]
    return [[*took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024], spent]


def check(made: Path, *options: str, cache: Path | None = None) -> Cost:
    """Run `acuext check`, keeping nothing unless told where."""
    keep = ["--no-cache"] if cache is None else []
    if made.is_file():
        keep.append("--isolated")
    command = [sys.executable, "-m", "acuext", "check", "--format", "json", *keep, *options]
    paths = f"{ROOT}{os.pathsep}{made if made.is_dir() else made.parent}"
    folder = made if made.is_dir() else made.parent
    return run([*command, made], folder, PYTHONPATH=paths, ACUEXT_CACHE_DIR=str(cache or ""))


# --- What is measured ------------------------------------------------------------------------


def reading(folder: Path, sizes: Sequence[tuple[int, int]]) -> Iterator[Figure]:
    """What acuext adds to reading, inside one build, and how that grows."""
    costs: dict[int, list[tuple[Cost, Cost]]] = {}

    def figure(what: str, count: int, runs: int, aim: float | None, made: Path) -> Figure:
        taken = [apart(made, "--inside") for _ in range(runs)]
        costs.setdefault(count, taken)
        pairs = [
            (whole, Cost(whole.cpu - ours.cpu, whole.wall - ours.wall)) for whole, ours in taken
        ]
        return ratio(f"Reading {what} with acuext, over without", count, pairs, aim)

    for count, runs in sizes:
        aim = 1.03 if count == 1000 else None
        yield figure("Markdown", count, runs, aim, project(folder, count, "md"))
    count, runs = max(size for size in sizes if size[0] <= 1000)
    full = count == 1000
    rst = project(folder, count, "rst")
    yield figure("reStructuredText", count, runs, 1.03 if full else None, rst)
    strict = project(folder, count, "md", acuext_profile="health-page")
    yield figure("Markdown, profile health-page,", count, runs, 1.06 if full else None, strict)
    few, many = sizes[min(1, len(sizes) - 2)][0], sizes[-1][0]
    for what, index in (("all", 0), ("acuext's share", 1)):

        def a_page(count: int, index: int = index) -> Cost:
            each = [taken[index] for taken in costs[count]]
            return Cost(
                statistics.median(cost.cpu for cost in each) / count,
                statistics.median(cost.wall for cost in each) / count,
            )

        job = f"Cost of reading a page, {what}: {many:,} pages over {few:,}"
        yield ratio(job, many, [(a_page(many), a_page(few))], 1.10)
    bare = build_memory(without(project(folder, many, "md")))
    most = costs[many][0][0].megabytes
    yield Figure("Memory with acuext, over without", many, most / bare, 0, 0, most / bare, 1, 1.10)


def build_memory(made: Path) -> float:
    """The most memory that reading a project takes, in megabytes."""
    program = (
        "import resource, sys; from sphinx.cmd.build import main; main(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    shutil.rmtree(made / "_build", ignore_errors=True)
    said = subprocess.run(
        [sys.executable, "-c", program, "-q", "-b", "reads", ".", "_build"],
        cwd=made,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{made}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return float(said.split()[-1])


def rebuilding(folder: Path, count: int, runs: int) -> Iterator[Figure]:
    """A build where nothing changed."""
    made = project(folder, count, "md")
    bare = without(made)
    build(made)
    build(bare)
    pairs = in_turns(runs, partial(build, made, fresh=False), partial(build, bare, fresh=False))
    yield ratio("Build where nothing changed, with acuext over without", count, pairs, 1.05)


def measure_site(made: Path, *, reviewed: bool) -> list[list[float]]:
    """Build a site here, and keep the time apart in which its review pages are written."""
    from sphinx.application import Sphinx

    from acuext import extension
    from acuext.review_pages.pages import ReviewPages

    spent = [0.0, 0.0]
    collect = ReviewPages.on_collect_pages

    def timed(self: ReviewPages, app: Sphinx) -> Iterator[Any]:
        cpu, wall = time.process_time(), time.perf_counter()
        # Sphinx writes each page before it asks for the next.
        yield from collect(self, app)
        spent[:] = time.process_time() - cpu, time.perf_counter() - wall

    ReviewPages.on_collect_pages = timed  # type: ignore[method-assign]
    if not reviewed:
        extension.setup_review_pages = lambda *_: None
    out = made / "_build"
    cpu, wall = time.process_time(), time.perf_counter()
    Sphinx(made, made, out / "out", out / "trees", "html", status=None, warning=None).build()
    took = [time.process_time() - cpu, time.perf_counter() - wall]
    return [[*took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024], spent]


def reviewing(folder: Path, sizes: Sequence[tuple[int, int]]) -> Iterator[Figure]:
    """What the review pages add to a site, and how that grows."""
    costs: dict[int, tuple[Cost, Cost]] = {}
    most = 0.0
    for count, runs in sizes:
        # Other themes write the contents of the whole site on each page, which hides all else.
        made = project(folder, count, "md", html_theme="basic")
        taken = [(apart(made, "--site"), apart(made, "--bare-site")) for _ in range(runs)]
        pairs = [(whole, bare) for (whole, _), (bare, _) in taken]
        yield ratio("HTML site with review pages, over without", count, pairs)
        most = statistics.median(whole.megabytes / bare.megabytes for whole, bare in pairs)
        each = [ours for (_, ours), _ in taken]
        a_page = Cost(
            statistics.median(cost.cpu for cost in each) / count,
            statistics.median(cost.wall for cost in each) / count,
        )
        costs[count] = a_page, pairs[0][0]
    few, many = sizes[0][0], sizes[-1][0]
    job = f"Cost of a review page: {many:,} pages over {few:,}"
    yield ratio(job, many, [(costs[many][0], costs[few][0])], 1.10)
    yield Figure("Memory with review pages, over without", many, most, 0, 0, most, 1, 1.10)


def found_in(folder: Path, number: int, on_a_page: int) -> Review:
    """A review of so many findings, so many on each page, which is one line."""
    rules = load_rules("en")
    rule = next(rule for rule in rules.rules if any(trigger.swap for trigger in rule.trigger))
    word = next(word for trigger in rule.trigger for word in trigger.swap)
    sentence = f"It is “said” that the needles and the care around them {word}, as others do. " * 3
    findings = []
    for nth in range(number):
        page, place = f"{on_a_page}-{nth // on_a_page:05}.md", nth % on_a_page
        if not place:
            (folder / page).write_text(sentence * on_a_page, encoding="utf-8")
        start = len(sentence) * place + sentence.index(word) + 1
        place_of = (1, start, 1, start + len(word))
        said = (f"“{word}” can be said in plain words.", word, ("use",), (page,))
        findings.append(Finding(page, *place_of, rule.id, rule.name, "warning", *said))
    return Review(tuple(findings), (), (), (), number // on_a_page, number)


def reporting(folder: Path, many: int, runs: int) -> Iterator[Figure]:
    """What a finding costs in the reports, the more there are; and the memory for them."""
    rules = load_rules("en")
    few = many // 5

    def written(review: Review, form: str) -> int:
        context = Context(folder, folder, folder, rules, datetime.now(UTC).date())
        return max(len(piece) for piece in FORMATS[form](review, context))

    def a_finding(review: Review) -> Cost:
        cpu, wall = time.process_time(), time.perf_counter()
        for form in FORMATS:
            written(review, form)
        number = len(review.findings)
        return Cost((time.process_time() - cpu) / number, (time.perf_counter() - wall) / number)

    def memory(review: Review) -> float:
        most = 0
        for form in FORMATS:
            tracemalloc.start()
            written(review, form)
            most = max(most, tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        return float(most)

    for shape, sizes in (("five a page", (5, 5)), ("all in one paragraph", (few, many))):
        less, more = (
            found_in(folder, number, on_a_page)
            for number, on_a_page in zip((few, many), sizes, strict=True)
        )
        a_finding(less)
        pairs = [(a_finding(more), a_finding(less)) for _ in range(runs)]
        job = f"Cost of a finding in all seven reports, {shape}: {many:,} over {few:,}"
        yield ratio(job, 0, pairs, 1.10)
        if shape == "five a page":
            growth = memory(more) / memory(less)
            job = f"Memory for writing a report: {many:,} findings over {few:,}"
            yield Figure(job, 0, growth, 0, 0, growth, 1, 1.10)


def spelling(folder: Path, tools: Path | None, count: int, runs: int) -> Iterator[Figure]:
    """What acuext adds to a build, over what sphinxcontrib-spelling adds."""
    job = "What acuext adds, over what sphinxcontrib-spelling adds"
    python = tools / "venv/bin/python" if tools else Path()
    try:
        if tools is None:
            raise peers.NotMeasuredError("no folder for it was named")
        peers.install_python(tools)
        # Needs a library of the system's, and its English words.
        peers.run([python, "-c", "import enchant; enchant.Dict('en_US')"], tools, {0})
    except peers.NotMeasuredError:
        yield Figure(job, count, None, None, None, None, 0, 0.02)
        return
    made = project(folder, count, "md")
    bare = without(made)

    def sphinx(builder: str, extension: str) -> Cost:
        shutil.rmtree(bare / "_build", ignore_errors=True)
        command = [python, "-m", "sphinx", "-q", "-b", builder, "-d", "_build/trees"]
        extra = ["-D", f"extensions=myst_parser,reads{extension}"]
        return run([*command, *extra, ".", "_build/out"], bare, PYTHONPATH=str(bare))

    taken = in_turns(
        runs,
        partial(build, made),
        partial(build, bare),
        partial(sphinx, "spelling", ",sphinxcontrib.spelling"),
        # In their environment, which may have another Sphinx.
        partial(sphinx, "reads", ""),
    )
    pairs = [
        (
            Cost(ours.cpu - none.cpu, ours.wall - none.wall),
            Cost(theirs.cpu - nothing.cpu, theirs.wall - nothing.wall),
        )
        for ours, none, theirs, nothing in taken
    ]
    yield ratio(job, count, pairs, 0.02)


def checking(folder: Path, count: int, runs: int) -> Iterator[Figure]:
    """The command: from nothing with two processes, and after one page has changed."""
    made = project(folder, count, "md")
    pairs = in_turns(runs, partial(check, made, "-j", "2"), partial(check, made))
    yield ratio("acuext check with two processes, over one", count, pairs)
    cache = folder / "cache"
    check(made, cache=cache)
    page = next(made.rglob("page00000.md"))

    def again() -> Cost:
        page.write_text(page.read_text(encoding="utf-8") + "\nIt is new.\n", encoding="utf-8")
        return check(made, cache=cache)

    yield ratio(
        "acuext check after one page changed, over from nothing",
        count,
        [(again(), nothing) for _, nothing in pairs],
    )
    rst = project(folder, count, "rst")
    for job, pages_of, ours, aim in (
        ("after one page changed, over Vale on all", made, again, 0.3),
        ("from nothing, over Vale", made, partial(check, made), 4.0),
        ("from nothing, two processes, over Vale", made, partial(check, made, "-j", "2"), 2.0),
        ("from nothing, reStructuredText, over Vale", rst, partial(check, rst), 0.5),
    ):
        yield beside_vale(f"acuext check {job}", pages_of, count, runs, ours, aim)


def beside_vale(
    job: str, made: Path, count: int, runs: int, ours: Callable[[], Cost], aim: float
) -> Figure:
    """What acuext takes over Vale with its own style, where Vale is on PATH."""
    command = vale(made.parent)
    if command is None:
        return Figure(job, count, None, None, None, None, 0, aim)
    files = sorted(file for file in made.rglob("page*") if file.suffix in (".md", ".rst"))
    return ratio(job, count, in_turns(runs, ours, partial(run, [*command, *files], made)), aim)


def vale(folder: Path) -> list[str | Path] | None:
    """Vale's command with settings of its own; None when it is not on PATH."""
    settings = folder / ".vale.ini"
    settings.write_text("[*.{md,rst}]\nBasedOnStyles = Vale\n", encoding="utf-8")
    found = shutil.which("vale")
    return [found, f"--config={settings}", "--no-exit"] if found else None


def judging(count: int, runs: int) -> Iterator[Figure]:
    """Sentences a second, without Sphinx."""
    rules = load_rules("en")
    marks = dict.fromkeys(range(1, 6))
    blocks = [list(pages.Writer(f"judge-{number}").blocks()) for number in range(count)]
    whole = [
        [Passage(line.translate(marks)) for block in page for line in block.lines]
        for page in blocks
    ]
    # Headings, cells and code are read as well, and are no sentences.
    said = [
        line.translate(marks)
        for page in blocks
        for block in page
        if block.kind not in ("title", "heading", "table", "code")
        for line in block.lines
    ]
    sentences = len(said)

    def all_rules() -> None:
        for page in whole:
            check_page(page, rules)

    def strength() -> None:
        for line in said:
            judge(line)

    for what, job, aim in (
        ("Sentences through all rules, once warm", all_rules, 20_000.0),
        ("Sentences judged for the strength of their claim", strength, None),
    ):
        job()
        rates: list[tuple[float, float]] = []
        for _ in range(runs):
            cpu, wall = time.process_time(), time.perf_counter()
            job()
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            rates.append((sentences / cpu, sentences / wall))
        by_cpu = [rate for rate, _ in rates]
        by_clock = statistics.median(rate for _, rate in rates)
        middle = statistics.median(by_cpu)
        yield Figure(what, 0, middle, min(by_cpu), max(by_cpu), by_clock, runs, aim, rate=True)


def spreading(folder: Path, runs: int) -> Iterator[Figure]:
    """A corpus checked by two worker processes, over one; the figure is by the clock."""
    corpus = folder / "corpus"
    corpus.mkdir()
    # A worker needs about two seconds to start and warm up: with fewer texts that would count.
    count = 10_000
    for number in range(count):
        (corpus / f"{number:05}.txt").write_text(pages.page(f"c{number}", "md"), encoding="utf-8")
    script = ROOT / "docs" / "howto" / "corpus.py"

    def spread(workers: int) -> Cost:
        out = folder / f"findings-{workers}.csv"
        return run([sys.executable, script, corpus, out, "--workers", str(workers)], folder)

    pairs = in_turns(runs, partial(spread, 2), partial(spread, 1))
    job = f"A corpus of {count:,} texts with Dask, two workers over one"
    yield ratio(job, count, pairs)


def beside_peers(folder: Path, tools: Path, runs: int) -> Iterator[list[str]]:
    """Other linters on the same pages: what acuext check takes, over what they take."""
    with contextlib.suppress(peers.NotMeasuredError):
        peers.install(tools)
    programs = tools / "node_modules/.bin"
    commands: dict[str, list[str | Path]] = {
        "textlint": [programs / "textlint", "--rule", "terminology"],
        "proselint": [tools / "venv/bin/proselint", "check"],
        "alex": [programs / "alex"],
        "write-good": [programs / "write-good"],
        "Vale": vale(folder) or ["vale"],
    }
    made = project(folder, 100, "md")
    files = sorted(made.rglob("page*.md"))
    for name, command in commands.items():
        if not shutil.which(str(command[0])):
            yield [name, "", "not measured", "not measured"]
            continue
        cells = []
        for target, some in ((files[0], files[:1]), (made, files)):

            def other(some: Sequence[Path] = some, command: Sequence[str | Path] = command) -> Cost:
                begin = time.perf_counter()
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run([*command, *some], cwd=tools, capture_output=True, check=False)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                return Cost(cpu, time.perf_counter() - begin)

            figure = ratio(name, len(some), in_turns(runs, partial(check, target), other))
            cells.append(f"{figure.cpu:.2f} ({figure.least:.2f} to {figure.most:.2f})")
        version = {**peers.NPM, **peers.PIP}.get(name, "")
        yield [name, version, *cells]


# --- What is shown ---------------------------------------------------------------------------


def described() -> dict[str, str]:
    """The machine, the day and the versions."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}"
        for name in ("acuext", "Sphinx", "docutils", "myst-parser", "google-re2", "dask")
    )
    return {
        "date": now.date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()}",
        "versions": f"Python {platform.python_version()}, {versions}",
    }


def tables(record: dict[str, Any]) -> dict[str, list[list[str]]]:
    """What the page shows, from the record alone: file name to rows, the heads first."""
    figures = [Figure(**figure) for figure in record["figures"]]
    return {
        "speed.csv": [list(COLUMNS), *(figure.row() for figure in figures)],
        "speed-peers.csv": [list(PEER_COLUMNS), *record["peers"]],
        "speed-run.csv": [["Date", "Machine", "Versions"], list(record["run"].values())],
    }


def write(folder: Path, record: dict[str, Any]) -> None:
    """Write the record, and the tables made of it."""
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (folder / "speed.json").write_text(text, encoding="utf-8")
    for name, rows in tables(record).items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--small", action="store_true", help="under a minute, for a first look")
    parser.add_argument("--largest", type=int, default=5000, help="the most pages")
    parser.add_argument("--runs", type=int, default=5, help="runs of each figure")
    parser.add_argument("--peers", type=Path, help="install other linters here and measure them")
    parser.add_argument("--write", type=Path, help="also write the record into this folder")
    measures: dict[str, Callable[[Path], list[list[float]]]] = {
        "inside": measure_inside,
        "site": partial(measure_site, reviewed=True),
        "bare_site": partial(measure_site, reviewed=False),
    }
    for name in measures:
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    # Else each run would compile all modules anew, as none does that was installed.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name, measure in measures.items():
        if made := getattr(options, name):
            print(json.dumps(measure(made)))
            return 0
    tools = options.peers and options.peers.resolve()
    runs = options.runs
    figures: list[Figure] = []
    others: list[list[str]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.small:
            jobs = [
                reading(folder, [(10, 2), (100, 2)]),
                reporting(folder, 1000, 1),
                judging(100, 2),
            ]
        else:
            sizes = [(10, runs), (100, runs), (1000, runs), (5000, 1)]
            size = min(options.largest, 1000)
            jobs = [
                reading(folder, [each for each in sizes if each[0] <= options.largest]),
                rebuilding(folder, size, runs),
                reviewing(folder, [(min(size, 100), min(runs, 3)), (size, 1)]),
                reporting(folder, 5000, runs),
                spelling(folder, tools, min(size, 100), runs),
                checking(folder, size, min(runs, 3)),
                judging(300, runs),
                spreading(folder, min(runs, 3)),
            ]
        print(" | ".join(COLUMNS))
        for figure in (figure for job in jobs for figure in job):
            print(" | ".join(figure.row()), flush=True)
            figures.append(figure)
        if tools:
            print(" | ".join(PEER_COLUMNS))
            for row in beside_peers(folder, tools, min(runs, 3)):
                print(" | ".join(row), flush=True)
                others.append(row)
    record = {"run": described(), "figures": [asdict(f) for f in figures], "peers": others}
    if options.write:
        write(options.write, record)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
