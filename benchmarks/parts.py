"""Where reading a page spends its time, in this state of the code and in earlier ones.

    python benchmarks/parts.py [REVISION ...] [--pages 200] [--write FILE]

Shares of the time that acuext takes for a page, as Python's profiler tells them: it makes many
small calls look dearer than they are. Milliseconds a page are taken without it.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pages
from same import state_of

ROOT = Path(__file__).parents[1]
#: What is done, by the modules that do it; the rest is Python's own and other libraries.
PARTS = {
    "Walking through the page": ("passages", "docutils"),
    "Cutting it into sentences and words": ("text", "rules"),
    "Looking for phrases, in Python": ("engine",),
    "Looking for phrases, in RE2": ("re2",),
    "How the words are meant": ("clauses", "frames", "grammar", "lexicon"),
    "What a health page has to carry": ("structure",),
    "Places in the source": ("source", "domain", "reading"),
}
OTHER = "All else"
#: Prints the seconds that reading pages takes us, and with "profile" those spent in each module.
PROGRAM = """
import cProfile, collections, json, pathlib, pstats, sys, time
from sphinx.cmd.build import main
from acuext.domain import AcuextDomain

profile, read, whole = cProfile.Profile(), AcuextDomain.process_doc, 0

def process_doc(*given):
    global whole
    begun = time.process_time()
    if "profile" in sys.argv:
        profile.enable()
    try:
        return read(*given)
    finally:
        profile.disable()
        whole += time.process_time() - begun

def module(file):
    path = pathlib.Path(file)
    return next((p for p in ("docutils", "re2", "lexicon") if p in path.parts), path.stem)

AcuextDomain.process_doc = process_doc
main(["-q", "-b", "acuext", ".", "_build"])
spent = collections.Counter()
if "profile" not in sys.argv:
    print(json.dumps({"": whole}))
    sys.exit()
for (file, _, name), (_, _, own, _, callers) in pstats.Stats(profile).stats.items():
    if "re2" in name:
        spent["re2"] += own
    elif file != "~":
        spent[module(file)] += own
    else:
        # What is written in C counts for whoever calls it.
        for (caller, _, _), (_, _, took, _) in callers.items():
            spent[module(caller)] += took
print(json.dumps(spent))
"""


def spent(code: Path, folder: Path, *how: str) -> dict[str, float]:
    """Seconds that a state of the code spends in each module to read the pages of a folder."""
    with tempfile.TemporaryDirectory() as copy:
        made = Path(copy, "pages")
        shutil.copytree(folder, made)
        said = subprocess.run(
            [sys.executable, "-c", PROGRAM, *how],
            env=os.environ | {"PYTHONPATH": str(code)},
            cwd=made,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    seconds: dict[str, float] = json.loads(said.splitlines()[-1])
    return seconds


def parts(code: Path, folder: Path, count: int) -> dict[str, str]:
    """The share of each part, and what all take together for a page."""
    named = {module: part for part, modules in PARTS.items() for module in modules}
    shares: Counter[str] = Counter()
    for module, took in spent(code, folder, "profile").items():
        shares[named.get(module, OTHER)] += took
    whole = sum(shares.values())
    told = {part: f"{100 * shares[part] / whole:.0f} %" for part in (*PARTS, OTHER)}
    [taken] = spent(code, folder).values()
    return told | {"A page": f"{1000 * taken / count:.1f} ms"}


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("revisions", nargs="*", metavar="REVISION")
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--write", type=Path, help="also write the table into this file")
    options = parser.parse_args()
    columns: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        pages.write_pages(folder / "md", options.pages, "md")
        pages.configure(folder / "md", ["myst_parser", "acuext"], acuext_gate="report")
        states = {revision: state_of(revision, folder) for revision in options.revisions}
        for name, code in (states | {"Now": ROOT}).items():
            columns[name] = parts(code, folder / "md", options.pages)
    rows = [["Part", *columns]]
    rows += [[part, *(column[part] for column in columns.values())] for part in columns["Now"]]
    for row in rows:
        print(" | ".join(row))
    if options.write:
        with options.write.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
