"""The measures of `accuracy.py` as the CSV files that the page "How often it is right" shows."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Values = Mapping[str, Mapping[str, float]]

#: Set to what it is, and a link to where its sentences and labels come from.
SETS = {
    "pubmed_strength": (
        "conclusions of PubMed abstracts, four classes of strength",
        "[Yu, Li and Wang 2019](https://doi.org/10.18653/v1/D19-1473)",
    ),
    "eureka_strength": (
        "headlines and first sentences of press releases, the same classes",
        "[Yu and others 2020](https://github.com/junwang4/correlation-to-causation-exaggeration)",
    ),
    "insciout_strength": (
        "press releases, papers and news on health studies, the same classes, from seven codes",
        "Sumner and others 2014, [Adams and others 2017](https://doi.org/10.1037/xap0000100)",
    ),
    "certainty_aspect": (
        "findings in papers and news, certain or not",
        "[Pei and Jurgens 2021](https://github.com/Jiaxin-Pei/Certainty-in-Science-Communication)",
    ),
    "bioscope": (
        "biomedical abstracts and papers, denied and speculative words marked",
        "[BioScope](https://github.com/joey234/negation-focused-pretraining)",
    ),
    "fda_cited": (
        "claims quoted in warning letters of the US Food and Drug Administration",
        "[fda-warning-letters-nlp](https://github.com/sbousfield/fda-warning-letters-nlp)",
    ),
    "cochrane_pls": (
        "plain language summaries of Cochrane reviews, careful wording, no labels",
        "[Devaraj and others 2021](https://doi.org/10.18653/v1/2021.naacl-main.395)",
    ),
    "nih_medquad": (
        "answers on pages of the NIH and the CDC, careful wording, no labels",
        "[MedQuAD](https://github.com/abachaa/MedQuAD)",
    ),
    "techdocs": (
        "sentences of the manual of Sphinx, none about health",
        "[Sphinx](https://github.com/sphinx-doc/sphinx)",
    ),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the page."""

    name: str
    #: Its key among the measures, and the sets it is taken on.
    key: str
    sets: tuple[str, ...]
    #: How a figure is written: "share" in percent, "score" from 0 to 1, "rate" in whole numbers.
    style: str
    #: Whether the goal is a ceiling.
    at_most: bool = False
    #: Keys of the same measure for a majority vote and a word list.
    majority: str = ""
    word_list: str = ""
    #: What a first try with ordered word rules reached on these sentences; noted, not taken again.
    simple: str = ""
    #: What its authors, or others, have published for a trained model.
    published: str = ""


CAREFUL = (("cochrane_pls", "1.2 %"), ("nih_medquad", "1.9 %"), ("techdocs", "1.3 %"))
MEASURES = (
    *(
        Measure(
            f"{name}: four classes, macro-F1",
            f"{name} macro-F1",
            (f"{name}_strength",),
            "score",
            majority=f"{name} macro-F1, majority",
            word_list=f"{name} macro-F1, word list",
            simple=simple,
            published=published,
        )
        for name, simple, published in (
            ("pubmed", "0.73", "0.88"),
            ("eureka", "0.72", "0.89"),
            ("insciout", "0.72", ""),
        )
    ),
    *(
        Measure(
            f"pubmed and eureka: causal and unhedged, {name}",
            f"causal {name}",
            ("pubmed_strength", "eureka_strength"),
            "score",
            majority=f"causal {name}, majority",
            word_list=f"causal {name}, word list",
            simple=simple,
        )
        for name, simple in (("precision", "0.73"), ("recall", "0.67"))
    ),
    Measure(
        "fda_cited: passages judged to hold a claim",
        "fda_cited judged a claim",
        ("fda_cited",),
        "share",
        word_list="fda_cited, word list",
        simple="63 %",
    ),
    Measure(
        "fda_cited: passages with an error or a warning",
        "fda_cited with error or warning",
        ("fda_cited",),
        "share",
        word_list="fda_cited, word list",
        simple="13 %",
    ),
    Measure(
        "techdocs: sentences judged a health claim",
        "techdocs judged a claim",
        ("techdocs",),
        "share",
        at_most=True,
        word_list="techdocs, word list",
        simple="20 %",
    ),
    *(
        Measure(
            f"{name}: sentences with an error",
            f"{name} with error",
            (name,),
            "share",
            at_most=True,
            word_list=f"{name}, word list",
            simple=simple,
        )
        for name, simple in CAREFUL
    ),
    *(
        Measure(
            f"{name}: sentences with a warning",
            f"{name} with warning",
            (name,),
            "share",
            at_most=True,
        )
        for name, _ in CAREFUL
    ),
    Measure(
        "sentences a second on one core, judge and all rules",
        "sentences a second, judge and check",
        (),
        "rate",
        simple="1,000",
    ),
)
#: Taken to see where errors come from; no goal was set for them.
MORE = (
    *(
        Measure(
            f"{name}: four classes, share judged right",
            f"{name} accuracy",
            (f"{name}_strength",),
            "share",
            published=published,
        )
        for name, published in (("pubmed", "90 %"), ("eureka", "89 %"), ("insciout", ""))
    ),
    *(
        Measure(
            f"{name}: judged causal, not hedged, not denied",
            f"{name} judged causal",
            (name,),
            "share",
        )
        for name in ("cochrane_pls", "nih_medquad")
    ),
    *(
        Measure(f"bioscope: {what}, {score}", f"bioscope {key} {score}", ("bioscope",), "score")
        for what, key in (("a denied word", "negation"), ("a speculative word", "speculation"))
        for score in ("precision", "recall")
    ),
    *(
        Measure(
            f"certainty_aspect: hedged, {score}",
            f"certainty hedge {score}",
            ("certainty_aspect",),
            "score",
        )
        for score in ("precision", "recall")
    ),
    Measure("sentences a second on one core, judge alone", "sentences a second, judge", (), "rate"),
)

RESULT_COLUMNS = ("measure", "sentences", "goal", "reached", "goal met", "part not read")
BESIDE_COLUMNS = (
    *("measure", "majority vote", "word list"),
    *("simple rules", "acuext", "trained model, published"),
)
MORE_COLUMNS = ("measure", "sentences", "reached", "part not read", "trained model, published")
SET_COLUMNS = ("set", "sentences", "of them not read", "what they are", "source")
RUN_COLUMNS = ("measured", "with")


def figure(value: float | None, style: str) -> str:
    """Write a figure; nothing for one that does not exist."""
    if value is None:
        return ""
    if style == "share":
        # One error in ten thousand sentences is few, and not none.
        digits = 2 if 0 < value < 0.001 else 1 if value else 0
        return f"{100 * value:.{digits}f} %"
    return f"{value:.2f}" if style == "score" else f"{value:,.0f}"


def tables(record: Mapping[str, Any]) -> dict[str, list[Sequence[str]]]:
    """Lay a run of `accuracy.py` out.

    Args:
        record: `date`, `python` and `acuext` (strings), `sizes` (set to part to number of
            sentences), `goals` (measure to figure), `measures` (measure to part to figure) and
            `speed` (measure to figure).

    Returns:
        File name to rows, the first with the names of the columns.
    """
    speed: Values = {name: {"all": rate} for name, rate in record["speed"].items()}
    values: Values = {**record["measures"], **speed}
    sizes, goals = record["sizes"], record["goals"]

    def of(measure: Measure, key: str, part: str = "all") -> str:
        return figure(values.get(key, {}).get(part), measure.style)

    def size(measure: Measure) -> str:
        return f"{sum(sizes[name]['all'] for name in measure.sets):,}" if measure.sets else ""

    results: list[Sequence[str]] = [RESULT_COLUMNS]
    beside: list[Sequence[str]] = [BESIDE_COLUMNS]
    for measure in MEASURES:
        reached, goal = values[measure.key]["all"], goals[measure.key]
        met = reached <= goal if measure.at_most else reached >= goal
        results.append(
            (
                measure.name,
                size(measure),
                ("at most " if measure.at_most else "") + figure(goal, measure.style),
                of(measure, measure.key),
                "yes" if met else "no",
                of(measure, measure.key, "hold"),
            )
        )
        others = (
            of(measure, measure.majority),
            of(measure, measure.word_list),
            measure.simple,
            of(measure, measure.key),
            measure.published,
        )
        if any((*others[:3], others[4])):
            beside.append((measure.name, *others))
    more = [
        (
            measure.name,
            size(measure),
            of(measure, measure.key),
            of(measure, measure.key, "hold"),
            measure.published,
        )
        for measure in MORE
    ]
    described = [
        (name, f"{sizes[name]['all']:,}", f"{sizes[name]['hold']:,}", *SETS[name]) for name in SETS
    ]
    run = (record["date"], f"acuext {record['acuext']}, Python {record['python']}")
    return {
        "accuracy.csv": results,
        "accuracy-beside.csv": beside,
        "accuracy-more.csv": [MORE_COLUMNS, *more],
        "accuracy-sets.csv": [SET_COLUMNS, *described],
        "accuracy-run.csv": [RUN_COLUMNS, run],
    }


def write(folder: Path, record: Mapping[str, Any]) -> None:
    """Write the tables of a run, each into its file."""
    for name, rows in tables(record).items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
