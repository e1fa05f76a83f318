"""What is published about accuracy: the figures are counted rightly, and the page shows them."""

from __future__ import annotations

import csv
import importlib
import itertools
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from making import ROOT, make

from acuext import Hedge, Judgement, Strength

sys.path.append(str(ROOT / "benchmarks"))
accuracy = importlib.import_module("accuracy")
accuracy_tables = importlib.import_module("accuracy_tables")
peers = importlib.import_module("peers")

PAGES = ROOT / "docs/explanation"

# -- three made-up sentences a set, with figures worked out by hand ----------------------------

# The third of each set lies in the part that is not read.
STRENGTHS = [
    {"text": "Aspirin reduces pain.", "label": "causal"},
    {"text": "Coffee is associated with headaches.", "label": "correlational"},
    {"text": "Aspirin can reduce pain.", "label": "none"},
]
DULL = [{"text": f"The manual lists {count} options.", "label": ""} for count in "234"]
MADE_UP: dict[str, list[dict[str, Any]]] = {
    "pubmed_strength": STRENGTHS,
    "eureka_strength": STRENGTHS,
    "insciout_strength": STRENGTHS,
    "fda_cited": [
        {"text": "The tea is proven to cure cancer."},
        {"text": "Vitamin C cures colds."},
        {"text": "Tea is one of many drinks."},
    ],
    "techdocs": DULL,
    "cochrane_pls": [{"text": "Aspirin reduces pain."}, *DULL[1:]],
    "nih_medquad": [{"text": "Vitamin C cures colds."}, *DULL[1:]],
    "bioscope": [
        {"text": "Aspirin does not reduce pain.", "label": "not_speculative", "negated": True},
        {"text": "Aspirin may reduce pain.", "label": "speculative", "negated": False},
        {"text": "Aspirin reduces pain.", "label": "not_speculative", "negated": False},
    ],
    "certainty_aspect": [
        {"text": "Aspirin may reduce pain.", "label": "Uncertain"},
        {"text": "Aspirin reduces pain.", "label": "Certain"},
        {"text": "Aspirin reduces pain.", "label": "Uncertain"},
    ],
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labelled")
    (folder / "trial.jsonl").write_text(
        "\n".join(json.dumps({"id": f"d{number}"}) for number in range(40))
    )
    split = {row["id"]: row["split"] for row in accuracy.load(folder, "trial")}
    read = [name for name, part in split.items() if part == "tune"]
    unread = [name for name, part in split.items() if part == "hold"]
    for name, rows in MADE_UP.items():
        placed = [
            {**row, "id": place} for row, place in zip(rows, (*read[:2], unread[0]), strict=True)
        ]
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, placed)) + "\n")
    return folder


@pytest.mark.parametrize(
    ("name", "everywhere", "read", "unread"),
    [
        # causal 2·1/(1+2), correlational 1, none 0, conditional 0; a quarter of the sum
        ("pubmed macro-F1", 5 / 12, 0.5, 0),
        ("pubmed accuracy", 2 / 3, 1, 0),
        # "can" is conditional here, so causal is 1
        ("insciout macro-F1", 0.5, 0.5, 0),
        # all called causal: 2·1/(1+3)
        ("eureka macro-F1, majority", 0.125, 1 / 6, 0.25),
        ("eureka macro-F1, word list", 0.125, 0, 0.25),
        # of two sets: four called causal, two of them rightly, and none missed
        ("causal precision", 0.5, 1, 0),
        ("causal recall", 1, 1, 0),
        ("fda_cited judged a claim", 2 / 3, 1, 0),
        ("fda_cited with error or warning", 2 / 3, 1, 0),
        ("techdocs judged a claim", 0, 0, 0),
        ("cochrane_pls judged causal", 1 / 3, 0.5, 0),
        ("cochrane_pls with error", 0, 0, 0),
        ("nih_medquad with error", 1 / 3, 0.5, 0),
        ("bioscope negation precision", 1, 1, 0),
        ("bioscope negation recall", 1, 1, 0),
        ("certainty hedge precision", 1, 1, 0),
        ("certainty hedge recall", 0.5, 1, 0),
    ],
)
def test_figures_are_those_worked_out_by_hand(
    data: Path, name: str, everywhere: float, read: float, unread: float
) -> None:
    figures = accuracy.measure(data)[name]
    assert figures == pytest.approx({"all": everywhere, "tune": read, "hold": unread}, abs=0.0001)


@pytest.mark.parametrize(
    ("strength", "negated", "yu", "insciout"),
    [
        (Strength.NONE, False, "none", "none"),
        (Strength.CORRELATIONAL, False, "correlational", "correlational"),
        (Strength.CORRELATIONAL, True, "correlational", "none"),
        (Strength.CONDITIONAL, False, "conditional", "conditional"),
        (Strength.CONDITIONAL, True, "conditional", "none"),
        (Strength.CAN, False, "causal", "conditional"),
        (Strength.CAN, True, "causal", "none"),
        (Strength.CAUSAL, False, "causal", "causal"),
        (Strength.CAUSAL, True, "causal", "none"),
        (Strength.ABSOLUTE, False, "causal", "causal"),
        (Strength.ABSOLUTE, True, "causal", "none"),
    ],
)
def test_a_judgement_is_mapped_as_the_guideline_of_the_set_says(
    strength: Strength, negated: bool, yu: str, insciout: str
) -> None:
    made = Judgement(strength, Hedge.NONE, negated=negated, cues=())
    assert (accuracy.yu(made), accuracy.insciout(made)) == (yu, insciout)


# -- the files -----------------------------------------------------------------------------------

COLUMNS = {
    "accuracy.csv": accuracy_tables.RESULT_COLUMNS,
    "accuracy-beside.csv": accuracy_tables.BESIDE_COLUMNS,
    "accuracy-more.csv": accuracy_tables.MORE_COLUMNS,
    "accuracy-sets.csv": accuracy_tables.SET_COLUMNS,
    "accuracy-run.csv": accuracy_tables.RUN_COLUMNS,
    "accuracy-peers.csv": peers.COLUMNS,
    "accuracy-peers-rules.csv": peers.RULE_COLUMNS,
}


def rows_of(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.reader(opened))


def written(folder: Path) -> dict[str, list[list[str]]]:
    return {file.name: rows_of(file) for file in sorted(folder.iterdir())}


def test_what_is_written_changes_with_date_and_speed_only(data: Path, tmp_path: Path) -> None:
    runs = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        assert accuracy.main(["--data", str(data), "--write", str(tmp_path / name)]) == 0
        runs.append(written(tmp_path / name))
    first, second = runs
    assert set(first) == {name for name in COLUMNS if "peers" not in name}
    for rows in (*first.values(), *second.values()):
        rows[:] = [row for row in rows if not row[0].startswith(("sentences a second", "20"))]
    assert first == second
    shown = {row[0]: row[1:] for row in first["accuracy.csv"]}
    pubmed = ["3", "0.84", "0.42", "no", "0.00"]
    assert shown["pubmed: four classes, macro-F1"] == pubmed
    careful = ["3", "at most 0.1 %", "33.3 %", "no", "0 %"]
    assert shown["nih_medquad: sentences with an error"] == careful
    assert shown["cochrane_pls: sentences with an error"][3] == "yes"


def test_few_is_not_written_as_none() -> None:
    figures = [accuracy_tables.figure(share, "share") for share in (0, 0.0001, 0.001, 0.5, 1)]
    assert figures == ["0 %", "0.01 %", "0.1 %", "50.0 %", "100.0 %"]
    assert accuracy_tables.figure(None, "score") == ""


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize(
    ("command", "more"),
    [(accuracy, []), (peers, ["--tools", "nowhere/tools"])],
    ids=["accuracy", "peers"],
)
def test_without_the_sentences_one_line_is_said_and_nothing_changes(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: Any,
    more: list[str],
    exists: bool,
) -> None:
    (tmp_path / "pages").mkdir()
    folder = tmp_path if exists else tmp_path / "missing"
    options = ["--data", str(folder), "--write", str(tmp_path / "pages"), *more]
    assert command.main(options) == 0
    said = capsys.readouterr()
    assert said.out.count("\n") == 1
    assert f"no labelled sentences at {folder}" in said.out
    assert said.err == ""
    assert list((tmp_path / "pages").iterdir()) == []
    assert not Path("nowhere").exists()


def test_make_gives_the_commands_the_folder_of_the_sentences() -> None:
    for target, program in (("accuracy", "accuracy.py"), ("accuracy-peers", "peers.py")):
        commands = make(ROOT, "-n", target, "DATA=some folder").stdout
        assert f'benchmarks/{program} --data "some folder"' in commands
        assert "--write docs/explanation" in commands


# -- the page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COLUMNS)
def test_a_file_has_the_columns_that_the_page_shows(name: str) -> None:
    rows = rows_of(PAGES / name)
    assert tuple(rows[0]) == COLUMNS[name]
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}


def test_the_page_shows_every_file_and_no_other() -> None:
    shown = re.findall(
        r"^:file: (\S+)$", (PAGES / "accuracy.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(shown) == sorted(COLUMNS)
    assert sorted(file.name for file in PAGES.glob("accuracy*.csv")) == sorted(COLUMNS)


def test_every_measure_is_in_the_files() -> None:
    measures = [measure.name for measure in accuracy_tables.MEASURES]
    assert [row[0] for row in rows_of(PAGES / "accuracy.csv")[1:]] == measures
    more = [measure.name for measure in accuracy_tables.MORE]
    assert [row[0] for row in rows_of(PAGES / "accuracy-more.csv")[1:]] == more


def test_the_page_explains_each_goal_that_was_missed_and_no_other() -> None:
    text = (PAGES / "accuracy.md").read_text(encoding="utf-8")
    part = re.search(r"## Where a goal was missed\n(.*?)\n## ", text, re.DOTALL)
    assert part
    explained = re.findall(r"^(\S.*)\n: ", part[1], re.MULTILINE)
    missed = [row[0] for row in rows_of(PAGES / "accuracy.csv") if row[4] == "no"]
    assert explained == missed


def test_the_causes_counted_by_hand_add_up() -> None:
    text = (PAGES / "accuracy.md").read_text(encoding="utf-8")
    tables = re.findall(r"^\| Cause \|.*\n\|.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    sums = [sum(int(row.split("|")[2]) for row in table.splitlines()) for table in tables]
    assert sums == [90, 15, 9, 60]


def test_the_page_names_no_machine() -> None:
    said = "".join((PAGES / name).read_text(encoding="utf-8") for name in ("accuracy.md", *COLUMNS))
    assert not re.search(r"/work|/tmp|/home|shared/", said)


# -- other linters -------------------------------------------------------------------------------


def test_a_finding_goes_back_to_its_sentence(tmp_path: Path) -> None:
    texts = [f"Sentence {number}\nin two lines." for number in range(1100)]
    files = peers.write_batches(texts, tmp_path / "batches")
    assert len(files) == 3
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if line:
                assert line == f"Sentence {peers.sentence_at(str(file), number)} in two lines."
    assert peers.sentence_at("file:///a/000500.txt", 3) == 501


@pytest.mark.parametrize(
    ("read", "said", "hit"),
    [
        (
            peers.proselint_hits,
            (
                '{"result": {"file:///a/000500.txt": {"diagnostics": [{"check_path": '
                '"uncomparables", "message": "Not comparable.", "pos": [3, 11]}]}}}'
            ),
            (501, "uncomparables", "Not comparable."),
        ),
        (
            peers.write_good_hits,
            '000500.txt:3:10:"very" is a weasel word\n',
            (501, "write-good", '"very" is a weasel word'),
        ),
        (
            peers.alex_hits,
            (
                "000000.txt: no issues found\n000500.txt\n"
                "  3:32-3:34  warning  `he` may be insensitive   he-she  retext-equality\n\n"
                "⚠ 1 warning\n"
            ),
            (501, "he-she", "`he` may be insensitive"),
        ),
        (
            peers.textlint_hits,
            (
                '[{"filePath": "/a/000500.txt", "messages": [{"ruleId": "stop-words", '
                '"message": "Avoid", "line": 3}]}]'
            ),
            (501, "stop-words", "Avoid"),
        ),
        (
            peers.vale_hits,
            '{"000500.txt": [{"Check": "Journals.Prove", "Message": "Rephrase", "Line": 3}]}',
            (501, "Journals.Prove", "Rephrase"),
        ),
    ],
    ids=["proselint", "write-good", "alex", "textlint", "Vale"],
)
def test_the_report_of_each_linter_is_understood(
    read: Any, said: str, hit: tuple[int, str, str]
) -> None:
    assert list(read(said)) == [peers.Hit(*hit)]


def test_sentences_are_counted_and_not_findings() -> None:
    hits = [peers.Hit(0, "weasel", ""), peers.Hit(0, "passive", ""), peers.Hit(3, "passive", "")]
    counted = peers.shares(hits, 4, re.compile("weasel"))
    assert counted == peers.Shares(any=0.5, claims=0.25)
    assert peers.shares(hits, 4, None).claims == 0
    with pytest.raises(peers.NotMeasuredError, match="sentence 3 of 3"):
        peers.shares(hits, 3, None)


def test_our_own_findings_count_by_severity() -> None:
    texts = ["It is proven to work.", "Nothing here.", f"It {'and it ' * 60}goes on."]
    hits = list(peers.our_hits(texts))
    assert {(hit.sentence, hit.rule) for hit in hits} == {(0, "error"), (2, "info")}
    ours = next(iter(peers.peers(Path("unused"))))
    assert peers.shares(hits, 3, ours.claims) == peers.Shares(any=2 / 3, claims=1 / 3)


def test_a_linter_that_is_not_there_is_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers.shutil, "which", lambda _: None)
    with pytest.raises(peers.NotMeasuredError, match="npm"):
        peers.install(tmp_path)
    ours, *others = peers.peers(tmp_path)
    vale = others[-1]
    assert vale.name == "Vale"
    texts = {key: ["It is proven to work.", "Nothing here."] for key in peers.SETS}
    results = [(peer, peers.measure(peer, texts)) for peer in (ours, vale)]
    assert capsys.readouterr().out == "accuracy-peers: not measured: vale: not on PATH\n"
    laid = peers.rows(results)
    assert laid[0] == ["acuext", "any finding", *["50.0 %"] * 4]
    assert laid[2] == ["Vale", "any finding", *["not measured"] * 4]
    peers.write(tmp_path, results)
    described = rows_of(tmp_path / "accuracy-peers-rules.csv")
    assert described[1][:2] == ["acuext", peers.__version__]
    assert described[2][0] == "Vale"
    assert described[2][4] == "not measured"


def test_a_linter_that_fails_says_why(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "import sys; sys.exit('no such option')"]
    with pytest.raises(peers.NotMeasuredError, match="no such option"):
        peers.run(program, tmp_path, {0})
    assert peers.run([sys.executable, "-c", "print(3)"], tmp_path, {0}) == "3\n"


def test_vale_is_run_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    vale = bin_folder / "vale"
    vale.write_text(
        '#!/bin/sh\ncase "$*" in\n--version) echo vale version 3.25.0;;\n*sync) touch synced;;\n'
        '*) echo \'{"000000.txt": [{"Check": "Journals.Prove", "Message": "m", '
        '"Line": 3}]}\';;\nesac\n'
    )
    vale.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_folder}:/usr/bin:/bin")
    tools = tmp_path / "tools"
    tools.mkdir()
    *_, peer = peers.peers(tools)
    assert peer.version == "3.25.0"
    hits = list(peer.hits(["Nothing here.", "It proves it."]))
    assert peers.shares(hits, 2, peer.claims) == peers.Shares(any=0.5, claims=0.5)
    assert (tools / "synced").is_file()
    assert "Packages = Journals, alex" in (tools / ".vale.ini").read_text(encoding="utf-8")
    assert len(list(itertools.chain(tools.glob("sentences/*.txt")))) == 1
