"""How often the judgement is right, measured on labelled sentences that stay outside the project.

    python benchmarks/accuracy.py --data DIR [--write DIR] [--confusion] [--errors SET]

Every measure is taken on the whole of a set and on two parts of it, cut by a hash of the document
a sentence comes from: *tune*, whose errors may be read while rules are written, and *hold*, which
nobody reads.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import accuracy_tables

from acuext import __version__
from acuext.grammar import Hedge, Judgement, Stance, Strength, judge
from acuext.text import fold, sentences

try:
    from acuext import check
except ImportError:  # the rules are not there yet: judge can be measured without them
    check = None  # type: ignore[assignment]

Row = dict[str, Any]
CLASSES = ("none", "correlational", "conditional", "causal")
PUBLISHED = {
    "pubmed_strength": "BioBERT .90 / .88",
    "eureka_strength": "BioBERT .89 / .89",
    "insciout_strength": "none published",
}
GOALS = {
    "pubmed macro-F1": 0.84,
    "eureka macro-F1": 0.82,
    "insciout macro-F1": 0.80,
    "causal precision": 0.85,
    "causal recall": 0.80,
    "fda_cited judged a claim": 0.90,
    "techdocs judged a claim": 0.01,
    "fda_cited with error or warning": 0.65,
    "cochrane_pls with error": 0.001,
    "nih_medquad with error": 0.001,
    "techdocs with error": 0.0,
    "cochrane_pls with warning": 0.05,
    "nih_medquad with warning": 0.05,
    "techdocs with warning": 0.003,
    "sentences a second, judge and check": 20_000,
}

# --- The data ------------------------------------------------------------------------------


def load(folder: Path, name: str) -> list[Row]:
    """Read one set, and mark each row with the part it belongs to."""
    rows = []
    for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        key = str(row.get("group") or row["id"])
        row["split"] = "tune" if hashlib.md5(key.encode()).digest()[0] < 179 else "hold"
        rows.append(row)
    return rows


# --- From a judgement to the labels of a set -----------------------------------------------


def yu(made: Judgement) -> str:
    """Map to the classes of pubmed and eureka: "can" is causal, negation does not count."""
    if made.strength in (Strength.CAN, Strength.CAUSAL, Strength.ABSOLUTE):
        return "causal"
    return made.strength.value


def insciout(made: Judgement) -> str:
    """Map to the classes of insciout: "can" is conditional, what is denied is no relation."""
    if made.negated:
        return "none"
    if made.strength is Strength.CAN:
        return "conditional"
    return "causal" if made.strength is Strength.ABSOLUTE else made.strength.value


MAPS: dict[str, Callable[[Judgement], str]] = {
    "pubmed_strength": yu,
    "eureka_strength": yu,
    "insciout_strength": insciout,
}

_WORD_LIST = re.compile(
    r"\b(?:proven|proves?|cures?|cured|guarantee[sd]?|100 ?%|always|never|miracle|breakthrough"
    r"|completely|permanently|instantly|eliminates?)\b",
    re.IGNORECASE,
)


def word_list(text: str) -> str:
    """Judge as a list of forbidden words does."""
    return "causal" if _WORD_LIST.search(text) else "none"


# --- Scores --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Score:
    """How well predicted labels agree with given ones."""

    size: int
    accuracy: float
    macro_f1: float


def score(pairs: Sequence[tuple[str, str]], classes: Iterable[str] = CLASSES) -> Score:
    """Score (given, predicted) pairs."""
    counts = Counter(pairs)
    f1 = []
    for name in classes:
        hit = counts[name, name]
        given = sum(n for (g, _), n in counts.items() if g == name)
        said = sum(n for (_, p), n in counts.items() if p == name)
        f1.append(2 * hit / (given + said) if given + said else 0.0)
    right = sum(n for (g, p), n in counts.items() if g == p)
    return Score(len(pairs), right / max(1, len(pairs)), sum(f1) / len(f1))


def precision_recall(pairs: Sequence[tuple[bool, bool]]) -> tuple[float, float]:
    """Give precision and recall of (given, predicted) pairs."""
    hit = sum(g and p for g, p in pairs)
    return hit / max(1, sum(p for _, p in pairs)), hit / max(1, sum(g for g, _ in pairs))


def confusion(pairs: Sequence[tuple[str, str]]) -> str:
    """Draw the confusion matrix: a row for each given label."""
    counts = Counter(pairs)
    head = f"{'given, said':>15}" + "".join(f"{name[:6]:>8}" for name in CLASSES)
    body = [
        f"{given:>15}" + "".join(f"{counts[given, said]:>8}" for said in CLASSES)
        for given in CLASSES
    ]
    return "\n".join([head, *body])


# --- Measures ------------------------------------------------------------------------------

PARTS = ("all", "tune", "hold")


def of_part(rows: list[Row], part: str) -> list[Row]:
    """Give the rows of one part."""
    return [row for row in rows if part in ("all", row["split"])]


def claims(passage: str) -> bool:
    """Say whether any sentence of a passage is judged to claim a relation."""
    folded = fold(passage).text
    return any(
        judge(folded[start:end]).strength is not Strength.NONE for start, end in sentences(folded)
    )


def measure(folder: Path) -> dict[str, dict[str, float]]:
    """Take every measure on every part; names to part to value."""
    results: dict[str, dict[str, float]] = {}

    def note(name: str, part: str, value: float) -> None:
        results.setdefault(name, {})[part] = round(value, 4)

    causal: dict[str, list[tuple[bool, bool]]] = {part: [] for part in PARTS}
    for name, mapped in MAPS.items():
        rows = load(folder, name)
        short = name.removesuffix("_strength")
        for row in rows:
            row["made"] = judge(row["text"])
        for part in PARTS:
            chosen = of_part(rows, part)
            ours = score([(row["label"], mapped(row["made"])) for row in chosen])
            note(f"{short} accuracy", part, ours.accuracy)
            note(f"{short} macro-F1", part, ours.macro_f1)
            common = Counter(row["label"] for row in chosen).most_common(1)[0][0]
            note(
                f"{short} macro-F1, majority",
                part,
                score([(row["label"], common) for row in chosen]).macro_f1,
            )
            listed = score([(row["label"], word_list(row["text"])) for row in chosen])
            note(f"{short} macro-F1, word list", part, listed.macro_f1)
            if mapped is yu:
                causal[part] += [
                    (
                        row["label"] == "causal",
                        yu(row["made"]) == "causal" and row["made"].hedge is Hedge.NONE,
                    )
                    for row in chosen
                ]
    for part in PARTS:
        precision, recall = precision_recall(causal[part])
        note("causal precision", part, precision)
        note("causal recall", part, recall)
    for name, claim in (("fda_cited", claims), ("techdocs", claims)):
        rows = load(folder, name)
        for row in rows:
            row["claims"] = claim(row["text"])
        for part in PARTS:
            chosen = of_part(rows, part)
            share = sum(row["claims"] for row in chosen) / len(chosen)
            note(f"{name} judged a claim", part, share)
            listed_share = sum(word_list(row["text"]) != "none" for row in chosen) / len(chosen)
            note(f"{name} judged a claim, word list", part, listed_share)
    for name in ("cochrane_pls", "nih_medquad"):
        rows = load(folder, name)
        for row in rows:
            made = judge(row["text"])
            row["bare"] = made.strength in (Strength.CAUSAL, Strength.ABSOLUTE) and not (
                made.negated or made.hedge is not Hedge.NONE
            )
        for part in PARTS:
            chosen = of_part(rows, part)
            note(f"{name} judged causal", part, sum(r["bare"] for r in chosen) / len(chosen))
    scope(folder, note)
    if check is not None:
        findings(folder, note)
    return results


def scope(folder: Path, note: Callable[[str, str, float], None]) -> None:
    """Measure negation and speculation in bioscope, and hedges in certainty_aspect."""
    rows = load(folder, "bioscope")
    for row in rows:
        row["stances"] = cue_stances(row["text"])
    for part in PARTS:
        chosen = of_part(rows, part)
        pairs = [(row["negated"], Stance.NEGATED in row["stances"]) for row in chosen]
        precision, recall = precision_recall(pairs)
        note("bioscope negation precision", part, precision)
        note("bioscope negation recall", part, recall)
        pairs = [(row["label"] == "speculative", Stance.HEDGED in row["stances"]) for row in chosen]
        precision, recall = precision_recall(pairs)
        note("bioscope speculation precision", part, precision)
        note("bioscope speculation recall", part, recall)
    rows = load(folder, "certainty_aspect")
    for row in rows:
        row["hedged"] = judge(row["text"]).hedge is not Hedge.NONE
    for part in PARTS:
        chosen = [row for row in of_part(rows, part) if row["label"] != "NotPresent"]
        pairs = [(row["label"] == "Uncertain", row["hedged"]) for row in chosen]
        precision, recall = precision_recall(pairs)
        note("certainty hedge precision", part, precision)
        note("certainty hedge recall", part, recall)


def cue_stances(text: str) -> Stance:
    """Join the stances of all words of a text: what is denied or hedged anywhere in it."""
    from acuext.grammar import Sentence

    folded = fold(text).text
    joined = Stance(0)
    for begin, stop in sentences(folded):
        part = folded[begin:stop]
        made = Sentence(part)
        for match in re.finditer(r"\w+", part):
            joined |= made.stance(*match.span())
    return joined


def findings(folder: Path, note: Callable[[str, str, float], None]) -> None:
    """Count the sentences on which the rules report an error, and a warning."""
    for name in ("cochrane_pls", "nih_medquad", "techdocs", "fda_cited"):
        rows = load(folder, name)
        for row in rows:
            row["severities"] = {str(found.severity) for found in check(row["text"])}
        for part in PARTS:
            chosen = of_part(rows, part)
            for severity in ("error", "warning"):
                share = sum(severity in row["severities"] for row in chosen) / len(chosen)
                note(f"{name} with {severity}", part, share)
            either = sum(bool(row["severities"] & {"error", "warning"}) for row in chosen)
            note(f"{name} with error or warning", part, either / len(chosen))


def speed(folder: Path) -> dict[str, float]:
    """Count the sentences judged, and checked, in a second of one core's time."""
    texts = [
        row["text"]
        for name in ("cochrane_pls", "nih_medquad", "pubmed_strength", "techdocs")
        for row in load(folder, name)
    ]
    random.Random(7).shuffle(texts)
    texts = texts[:6000]
    rates: dict[str, float] = {}
    steps: dict[str, Callable[[str], object]] = {"judge": judge}
    if check is not None:
        steps["judge and check"] = lambda text: (judge(text), check(text))
    for name, step in steps.items():
        for text in texts[:200]:
            step(text)
        begun = time.process_time()
        for text in texts:
            step(text)
        rates[f"sentences a second, {name}"] = round(len(texts) / (time.process_time() - begun))
    return rates


# --- Reports -------------------------------------------------------------------------------


def table(results: dict[str, dict[str, float]], rates: dict[str, float]) -> str:
    """Lay the measures out, one a line."""
    lines = [f"{'measure':<42}{'all':>8}{'tune':>8}{'hold':>8}{'goal':>8}  published"]
    for name, values in results.items():
        goal = f"{GOALS[name]:.3f}" if name in GOALS else ""
        figures = "".join(f"{values[part]:>8.3f}" for part in PARTS)
        set_name = name.split()[0] + "_strength"
        beside = PUBLISHED.get(set_name, "") if name.endswith("accuracy") else ""
        lines.append(f"{name:<42}{figures}{goal:>8}  {beside}")
    for name, rate in rates.items():
        goal = f"{GOALS[name]:.0f}" if name in GOALS else ""
        lines.append(f"{name:<42}{rate:>8.0f}{'':>16}{goal:>8}")
    return "\n".join(lines)


def print_errors(folder: Path, name: str, limit: int, wanted: str) -> None:
    """Print misjudged sentences of the tune part of a set, with the words that decided."""
    mapped = MAPS[name]
    rows = [row for row in load(folder, name) if row["split"] == "tune"]
    random.Random(1).shuffle(rows)
    shown = 0
    for row in rows:
        made = judge(row["text"])
        said = mapped(made)
        if said != row["label"] and wanted in f"{row['label']}>{said}" and shown < limit:
            cues = [row["text"][start:end] for start, end in made.cues]
            print(f"{row['label']}>{said} {cues} | {row['text']}")
            shown += 1


def plain_methods(sets: dict[str, list[Row]]) -> dict[str, dict[str, float]]:
    """Take, for a word list and a majority vote, what `measure` does not take for them."""
    results: dict[str, dict[str, float]] = {}
    for part in PARTS:
        rows = of_part(sets["pubmed_strength"] + sets["eureka_strength"], part)
        pairs = [(row["label"] == "causal", word_list(row["text"]) == "causal") for row in rows]
        precision, recall = precision_recall(pairs)
        results.setdefault("causal precision, word list", {})[part] = precision
        results.setdefault("causal recall, word list", {})[part] = recall
        # The majority of sentences is not causal: a vote never says so, and has no precision.
        results.setdefault("causal recall, majority", {})[part] = 0.0
        for name in ("fda_cited", "cochrane_pls", "nih_medquad", "techdocs"):
            rows = of_part(sets[name], part)
            share = sum(word_list(row["text"]) != "none" for row in rows) / len(rows)
            results.setdefault(f"{name}, word list", {})[part] = share
    return results


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    home = Path(__file__).resolve().parents[1]
    parser.add_argument("--data", type=Path, default=home.parent / "shared/data/dev")
    parser.add_argument("--write", type=Path, help="also write CSV files into this folder")
    parser.add_argument("--confusion", action="store_true")
    parser.add_argument("--errors", choices=sorted(MAPS), help="list misjudged sentences (tune)")
    parser.add_argument("--only", default="", help="with --errors: given>said, or part of it")
    parser.add_argument("--limit", type=int, default=60)
    options = parser.parse_args(arguments)
    if not all((options.data / f"{name}.jsonl").is_file() for name in accuracy_tables.SETS):
        print(f"accuracy: nothing measured, no labelled sentences at {options.data}")
        return 0
    if options.errors:
        print_errors(options.data, options.errors, options.limit, options.only)
        return 0
    if options.confusion:
        for name, mapped in MAPS.items():
            rows = of_part(load(options.data, name), "tune")
            print(f"\n{name} (tune)")
            print(confusion([(row["label"], mapped(judge(row["text"]))) for row in rows]))
        return 0
    results, rates = measure(options.data), speed(options.data)
    print(table(results, rates))
    if options.write:
        sets = {name: load(options.data, name) for name in accuracy_tables.SETS}
        record = {
            "date": datetime.now(UTC).date().isoformat(),
            "acuext": __version__,
            "python": sys.version.split()[0],
            "sizes": {
                name: {part: len(of_part(rows, part)) for part in PARTS}
                for name, rows in sets.items()
            },
            "goals": GOALS,
            "measures": results | plain_methods(sets),
            "speed": rates,
        }
        accuracy_tables.write(options.write, record)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
