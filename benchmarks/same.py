"""Hold the findings of this state of the code against those of an earlier one, byte for byte.

    python benchmarks/same.py REVISION [--pages 100] [--text FILE]

For changes that must alter nothing but the time. Builds our own docs and generated pages with both,
and checks the sentences of the packs' examples, and of the given JSON Lines files (key `text`).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pages

ROOT = Path(__file__).parents[1]
#: Run with the `acuext` of either state: findings of plain texts, singly and joined.
CHECK = """
import json, sys
from acuext import check, judge
from acuext.engine import Passage, check_page
from acuext.rules import load_rules
rules = load_rules("en")
texts = [s for rule in rules.rules for s in (*rule.fires, *rule.quiet)]
for name in sys.argv[1:]:
    texts += [json.loads(line)["text"] for line in open(name, encoding="utf-8")]
texts += [" ".join(texts[at:at + 4]) for at in range(0, len(texts), 4)]
for text in texts:
    print(judge(text))
    print(*check(text, profile="health-page"), sep="\\n")
for at in range(0, len(texts), 40):
    for step in range(3):
        found = check_page([Passage(text, group=number // step if step else 0)
                            for number, text in enumerate(texts[at:at + 40])], rules)
        print(*found, sep="\\n")
"""


def findings(code: Path, folder: Path, texts: list[Path]) -> dict[str, bytes]:
    """What a state of the code finds, by project."""
    environment = os.environ | {"PYTHONPATH": str(code), "SOURCE_DATE_EPOCH": "1795305600"}
    run = {"env": environment, "cwd": folder, "capture_output": True}
    checked = subprocess.run([sys.executable, "-c", CHECK, *texts], **run, check=True)
    found = {"plain text": checked.stdout}
    for name, source in (("docs", ROOT / "docs"), ("md", folder / "md"), ("rst", folder / "rst")):
        conf = ROOT if name == "docs" else source
        with tempfile.TemporaryDirectory() as out:
            command = [
                sys.executable,
                "-m",
                "sphinx",
                "-q",
                "-b",
                "acuext",
                "-c",
                conf,
                source,
                out,
            ]
            subprocess.run(list(map(str, command)), **run, check=False)
            found[name] = Path(out, "acuext", "findings.json").read_bytes()
    return found


def state_of(revision: str, folder: Path) -> Path:
    """Put an earlier state of the code into a folder, to be imported from there."""
    made = folder / "before" / revision.replace("/", "-")
    made.mkdir(parents=True)
    archive = ["git", "archive", revision, "acuext"]
    packed = subprocess.run(archive, cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", made], input=packed.stdout, check=True)
    return made


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("revision")
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--text", type=Path, action="append", default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = state_of(options.revision, folder)
        for markup in ("md", "rst"):
            pages.write_pages(folder / markup, options.pages, markup, seed=7)
            extensions = ["myst_parser", "acuext"]
            pages.configure(folder / markup, extensions, acuext_profile="health-page")
        texts = [path.resolve() for path in options.text]
        old, new = (findings(code, folder, texts) for code in (before, ROOT))
    for name in old:
        says = "the same" if old[name] == new[name] else "DIFFERENT"
        count = old[name].count(b'"rule"') or old[name].count(b"rule=")
        print(json.dumps({"of": name, "bytes": len(old[name]), "findings": count, "now": says}))
        if old[name] != new[name]:
            lines = zip(old[name].splitlines(), new[name].splitlines(), strict=False)
            print(*next((pair for pair in lines if pair[0] != pair[1]), ()), sep="\n")
    return int(old != new)


if __name__ == "__main__":
    raise SystemExit(main())
