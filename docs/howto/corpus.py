"""Check a folder of plain texts with several processes, and write the findings as a table.

python corpus.py FOLDER FINDINGS.csv [--workers 2]
"""

import argparse
import csv
from pathlib import Path

import dask.bag as db

from acuext import check

COLUMNS = ("document", "rule", "severity", "line", "column", "end_line", "end_column", "text")


def rows(path: Path, folder: Path) -> list[tuple]:
    """The findings of one document."""
    return [
        (
            path.relative_to(folder).as_posix(),
            found.rule,
            found.severity,
            found.line,
            found.column,
            found.end_line,
            found.end_column,
            found.text,
        )
        for found in check(path.read_text(encoding="utf-8", errors="replace"))
    ]


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("findings", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    paths = sorted(options.folder.rglob("*.txt"))
    # A few portions for each worker: a worker loads the rules once, for all its portions.
    bag = db.from_sequence(paths, npartitions=4 * options.workers)
    found = bag.map(rows, options.folder).flatten()
    # Handed out one by one (Dask would give six at once), so that no worker is left without.
    table = found.compute(scheduler="processes", num_workers=options.workers, chunksize=1)
    with options.findings.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *table])


if __name__ == "__main__":
    main()
