"""The command: what it finds, what it prints, how it ends, and what it leaves alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sphinx
import yaml
from click.testing import CliRunner, Result
from conftest import CLAIM, CLEAN, Project
from test_builds import HOUSE

import acuext
from acuext.changes import changes_since
from acuext.cli import cli
from acuext.reports import FORMATS
from acuext.rules import load_rules

ROOT = Path(acuext.__file__).parent.parent
CONF = 'extensions = ["myst_parser", "acuext"]\nmyst_enable_extensions = ["colon_fence"]\n'


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("ACUEXT_CACHE_DIR", str(folder))
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pages"
    made.mkdir()
    return made


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.removeprefix("\n"), encoding="utf-8")


def run(*arguments: str | Path, **options: Any) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], **options)


def report(*arguments: str | Path) -> dict[str, Any]:
    ended = run("check", *arguments, "--format", "json")
    assert ended.exit_code in (0, 1), ended.output
    return dict(json.loads(ended.stdout))


def places(*arguments: str | Path) -> list[tuple[str, int, str]]:
    """Path, line and rule of the findings, the missing notice left out."""
    return [
        (found["path"], found["line"], found["rule"])
        for found in report(*arguments)["findings"]
        if found["rule"] != "ACU201"
    ]


def said(ended: Result) -> list[str]:
    return [line for line in ended.stderr.splitlines() if line.strip()]


# -- the same as the build ---------------------------------------------------------------------


def test_check_gives_what_the_build_gives_from_nothing_and_again(project: Project) -> None:
    waiver = "% acuext: ignore ACU102 -- quoted\n\nIt cures migraine.\n"
    project.write({"index.md": CLAIM, "a.md": f"{CLEAN}\n{waiver}", "b.md": CLEAN})
    project.configure(suppress_warnings=["toc"])
    built = project.build()
    for _ in range(2):
        checked = report(project.path)
        assert {key: checked[key] for key in built.report} == built.report


def test_a_change_between_two_checks_is_seen(folder: Path) -> None:
    write(folder, {"conf.py": CONF, "index.md": CLEAN})
    assert places(folder) == []
    write(folder, {"index.md": CLAIM})
    assert places(folder) == [("index.md", 3, "ACU101")]
    write(folder, {"conf.py": CONF + 'acuext_rules = {"ACU101": "off"}\n'})
    assert places(folder) == []


def test_more_processes_find_the_same(folder: Path) -> None:
    write(folder, {"conf.py": CONF, "index.md": CLEAN})
    write(folder, {f"page{n}.md": CLAIM for n in range(8)})
    assert report(folder, "-j", "2") == report(folder, "--fresh")


def test_a_project_that_has_not_loaded_acuext_is_checked_too(folder: Path) -> None:
    write(folder, {"conf.py": CONF.replace(', "acuext"', ""), "index.md": CLAIM})
    assert places(folder) == [("index.md", 3, "ACU101")]


def test_our_own_site_is_found_from_anywhere_in_it(in_folder: Callable[[Path], Any]) -> None:
    from acuext.project import find_project

    for start in (ROOT, ROOT / "docs", ROOT / "docs" / "howto"):
        with in_folder(start):
            found = find_project()
        assert (found.source, found.conf) == (ROOT / "docs", ROOT)


@pytest.mark.parametrize(
    ("conf", "pages", "asked"),
    [
        (".", ".", "."),
        (".", "docs", "."),
        (".", "docs", "docs/howto"),
        ("docs", "docs", "."),
        ("docs", "docs", "docs"),
        ("docs/source", "docs/source", "."),
        ("docs/source", "docs/source", "docs"),
        ("source", "source", "source/howto/page.md"),
    ],
)
def test_settings_and_pages_are_found(folder: Path, conf: str, pages: str, asked: str) -> None:
    from acuext.project import find_project

    write(folder / conf, {"conf.py": "root_doc = 'contents'\n"})
    write(folder / pages, {"contents.md": CLEAN, "howto/page.md": CLEAN, "howto/contents.md": ""})
    write(folder, {"build/contents.md": CLEAN, ".venv/contents.md": CLEAN})
    found = find_project([folder / asked])
    assert (found.source, found.conf) == (folder / pages, folder / conf)


def test_pages_in_a_folder_that_nobody_could_guess_are_named(folder: Path) -> None:
    write(folder, {"conf.py": CONF, "one/index.md": CLEAN, "two/index.md": CLAIM})
    ended = run("check", folder)
    assert ended.exit_code == 2
    assert "several folders hold 'index' (one, two): name one with --source" in ended.stderr
    assert places(folder, "--source", folder / "two") == [("index.md", 3, "ACU101")]
    assert places(folder / "two") == [("index.md", 3, "ACU101")]


def test_the_top_of_a_repository_ends_the_search(folder: Path) -> None:
    write(folder, {"conf.py": "raise ValueError", "inner/.git/HEAD": "", "inner/a.md": CLAIM})
    assert places(folder / "inner") == [("a.md", 3, "ACU101")]


@pytest.mark.skipif(os.name != "posix", reason="has other ways to say who may write")
def test_settings_from_a_folder_where_anybody_may_write_are_not_run(folder: Path) -> None:
    write(folder, {"conf.py": "raise ValueError", "inner/a.md": CLAIM})
    folder.chmod(0o777)
    assert places(folder / "inner") == [("a.md", 3, "ACU101")]


# -- without a project -------------------------------------------------------------------------


def test_a_folder_of_pages_needs_no_project(folder: Path) -> None:
    rst = "Title\n=====\n\nIt is proven to work. `x`_ and :doc:`y`.\n"
    links = "\n[no](where.md) ![no](pic.png) {ref}`nowhere`\n\n## A\n\n#### B\n"
    write(folder, {"a.md": CLAIM + links, "deep/b.rst": rst, "node_modules/c.md": CLAIM})
    write(folder, {".hidden/d.md": CLAIM, "notes.txt": "It is proven."})
    ended = run("check", folder)
    assert ended.exit_code == 1
    assert [line for line in said(ended) if "x" not in line] == []
    assert places(folder) == [("a.md", 3, "ACU101"), ("deep/b.rst", 4, "ACU101")]


def test_one_file_is_read_alone(folder: Path) -> None:
    write(folder, {"a.md": CLAIM, "b.md": CLAIM, "[*]?.md": CLAIM, "deep/c.md": CLAIM})
    assert places(folder / "b.md") == [("b.md", 3, "ACU101")]
    assert places(folder / "[*]?.md") == [("[*]?.md", 3, "ACU101")]
    assert [place[0] for place in places(folder / "deep/c.md", folder / "a.md")] == [
        "a.md",
        "deep/c.md",
    ]
    assert [place[0] for place in places(folder / "deep", folder / "a.md")] == ["a.md", "deep/c.md"]


def test_words_that_other_tools_would_replace_are_read(folder: Path) -> None:
    page = "---\ntitle: Proven to work\n---\n\nFrom $5 it is proven to work, or {{ it }} is $10.\n"
    write(folder, {"a.md": page})
    assert [place[1] for place in places(folder)] == [2, 5]


def test_text_that_could_not_be_read_is_named(folder: Path) -> None:
    write(folder, {"a.md": f"{CLEAN}\n```{{gallery}}\nIt is proven.\n```\n"})
    ended = run("check", folder)
    assert ended.exit_code == 0
    assert "Unknown directive type: 'gallery'" in ended.stderr


@pytest.mark.parametrize(
    ("files", "asked", "says"),
    [
        ({"a.html": ""}, ".", "there is no page to read (.md, .markdown, .rst)"),
        ({"a.html": ""}, "a.html", "only .md, .markdown, .rst can be read without a project"),
    ],
)
def test_where_there_is_nothing_to_read_nothing_is_called_clean(
    folder: Path, files: dict[str, str], asked: str, says: str
) -> None:
    write(folder, files)
    ended = run("check", folder / asked)
    assert (ended.exit_code, len(said(ended))) == (2, 1)
    assert says in ended.stderr


def test_isolated_looks_for_no_project(folder: Path) -> None:
    write(folder, {"conf.py": "raise ValueError", "a.md": CLAIM})
    assert places(folder, "--isolated") == [("a.md", 3, "ACU101")]
    assert run("check", "--isolated", "--conf", folder).exit_code == 2


def test_settings_can_be_given(folder: Path) -> None:
    write(folder, {"a.md": CLAIM})
    assert "ACU204" in {
        found["rule"] for found in report(folder, "-D", "acuext_profile=health-page")["findings"]
    }
    ended = run("check", folder, "-D", "acuext_profil=core")
    assert (ended.exit_code, len(said(ended))) == (2, 1)
    assert "did you mean 'acuext_profile'?" in ended.stderr
    for wrong in ("acuext_profile", "=core"):
        assert run("check", folder, "-D", wrong).exit_code == 2


# -- narrowing ---------------------------------------------------------------------------------


def test_a_path_narrows_what_is_reported(folder: Path) -> None:
    shows = f"{CLEAN}\n```{{include}} parts/claim.txt\n```\n"
    write(folder, {"conf.py": CONF, "index.md": CLAIM, "a/b.md": CLAIM, "a/c.md": CLEAN})
    write(folder, {"d.md": shows, "parts/claim.txt": "It is proven to work.\n"})
    assert {place[0] for place in places(folder)} == {"index.md", "a/b.md", "parts/claim.txt"}
    assert {place[0] for place in places(folder / "a")} == {"a/b.md"}
    assert {place[0] for place in places(folder / "d.md")} == {"parts/claim.txt"}
    assert {place[0] for place in places(folder / "parts/claim.txt")} == {"parts/claim.txt"}
    assert places(folder / "a/c.md") == []
    assert report(folder / "a/c.md")["summary"]["pages"] == 4


def test_what_no_page_shows_is_not_called_clean(folder: Path) -> None:
    write(folder, {"docs/conf.py": CONF, "docs/index.md": CLEAN, "docs/data.csv": "proven"})
    write(folder, {"README.md": CLAIM})
    for asked in (["docs/data.csv"], ["README.md"], ["docs/data.csv", "docs/index.md"]):
        ended = run("check", *(folder / name for name in asked))
        assert ended.exit_code == 0
        assert f"{asked[0]}: not read: no page of" in ended.stderr
        assert len(said(ended)) == 1
    assert places(folder / "README.md", "--isolated") == [("README.md", 3, "ACU101")]


def test_paths_of_two_projects_are_refused(folder: Path) -> None:
    write(folder, {f"{name}/{file}": text for name in "ab" for file, text in
                   {"conf.py": CONF, "index.md": CLEAN}.items()})  # fmt: skip
    ended = run("check", folder / "a", folder / "b")
    assert (ended.exit_code, len(said(ended))) == (2, 1)
    assert "these belong to several projects" in ended.stderr


# -- since a revision --------------------------------------------------------------------------


@pytest.fixture
def repository(folder: Path) -> Path:
    git(folder, "init", "--quiet", "--initial-branch=main")
    for key, value in {"user.name": "A", "user.email": "a@example.org"}.items():
        git(folder, "config", key, value)
    # Nothing that a person has set may change what is found.
    for key, value in {"diff.noprefix": "true", "diff.external": "false", "color.ui": "always",
                       "diff.mnemonicPrefix": "true", "core.quotePath": "false"}.items():  # fmt: skip
        git(folder, "config", key, value)
    return folder


def git(folder: Path, *arguments: str) -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    subprocess.run(["git", *arguments], cwd=folder, env=kept, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=x")


OLD = CLAIM + "\n## More\n\nIt is guaranteed.\n"
NAMES = ["plain.md", "sp ace.md", 'quo"te.md', "ümlaut.md", "-dash.md", "a\tb.md"]


def test_since_tells_changed_lines_from_old_ones(repository: Path) -> None:
    write(repository, {"conf.py": CONF, "index.md": CLEAN} | dict.fromkeys(NAMES, OLD))
    commit(repository)
    assert places(repository, "--since", "HEAD") == []
    write(repository, dict.fromkeys(NAMES, OLD.replace("guaranteed", "surely guaranteed")))
    assert sorted(places(repository, "--since", "HEAD")) == sorted(
        (name, 10, "ACU103") for name in NAMES
    )
    commit(repository)
    assert places(repository, "--since", "HEAD") == []
    assert len(places(repository, "--since", "HEAD~1")) == len(NAMES)


def test_a_new_file_counts_as_changed_also_before_git_knows_it(repository: Path) -> None:
    write(repository, {"conf.py": CONF, "index.md": CLEAN, "old.md": CLAIM})
    commit(repository)
    write(repository, {"new ü.md": CLAIM, ".gitignore": "ignored.md\n", "ignored.md": CLAIM})
    assert places(repository, "--since", "HEAD") == [("new ü.md", 3, "ACU101")]


def test_a_finding_about_a_page_counts_when_anything_of_it_changed(repository: Path) -> None:
    bare = "# Bare\n\nOne.\n\nTwo.\n\n```{include} part.txt\n```\n"
    write(repository, {"conf.py": CONF, "index.md": CLEAN, "a.md": bare, "b.md": "# B\n\nOne.\n"})
    write(repository, {"part.txt": "Three.\n"})
    commit(repository)
    assert report(repository, "--since", "HEAD")["findings"] == []
    write(repository, {"part.txt": "Four.\n"})
    found = report(repository, "--since", "HEAD")["findings"]
    assert [(one["rule"], one["path"]) for one in found] == [("ACU201", "a.md")]


def test_names_and_lines_that_look_like_a_difference_are_told_apart(repository: Path) -> None:
    write(repository, {'new\nli"ne': "a\n++ b/x\n-- a/y\n", "gone": "a\n", "moved": "b\n" * 9})
    commit(repository)
    write(repository, {'new\nli"ne': "a\n++ b/z\n@@ -1 +1 @@\nlast"})
    (repository / "gone").unlink()
    (repository / "moved").rename(repository / "there")
    git(repository, "add", "--all")
    changes = changes_since("HEAD", repository)
    assert changes.lines == {repository / 'new\nli"ne': (range(2, 5),)}


def test_what_changed_on_the_other_side_alone_does_not_count(repository: Path) -> None:
    write(repository, {"conf.py": CONF, "index.md": OLD})
    commit(repository)
    git(repository, "checkout", "--quiet", "-b", "work")
    write(repository, {"index.md": OLD.replace("guaranteed", "surely guaranteed")})
    commit(repository)
    git(repository, "checkout", "--quiet", "main")
    write(repository, {"index.md": OLD.replace("is proven to cure", "cures")})
    commit(repository)
    git(repository, "checkout", "--quiet", "work")
    assert places(repository, "--since", "main") == [("index.md", 10, "ACU103")]


@pytest.mark.parametrize("revision", ["nowhere", "--help", "", "a\nb", "HEAD:index.md"])
def test_an_unknown_revision_is_one_line_and_exit_2(repository: Path, revision: str) -> None:
    write(repository, {"conf.py": CONF, "index.md": CLEAN})
    commit(repository)
    ended = run("check", repository, f"--since={revision}")
    assert (ended.exit_code, len(said(ended))) == (2, 1)
    assert "git knows no revision" in ended.stderr


def test_since_without_a_repository_is_one_line(folder: Path) -> None:
    write(folder, {"a.md": CLAIM})
    ended = run("check", folder, "--since", "HEAD", env={"GIT_CEILING_DIRECTORIES": str(folder)})
    assert (ended.exit_code, len(said(ended))) == (2, 1)
    assert "not a git repository" in ended.stderr


# -- how it ends -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conf", "options", "status"),
    [
        ("", [], 1),
        ("", ["--exit-zero"], 0),
        ("", ["--fail-level", "never"], 0),
        ("acuext_gate = 'report'", [], 0),
        ("acuext_gate = 'report'", ["--fail-level", "error"], 1),
        ("acuext_rules = {'ACU': 'warning'}", [], 0),
        ("acuext_rules = {'ACU': 'warning'}", ["--fail-level", "warning"], 1),
        ("acuext_rules = {'ACU': 'info'}", ["--fail-level", "warning"], 0),
        ("acuext_rules = {'ACU': 'info'}", ["--fail-level", "info"], 1),
    ],
)
def test_the_exit_code_says_whether_a_finding_gates(
    folder: Path, conf: str, options: list[str], status: int
) -> None:
    write(folder, {"conf.py": f"{CONF}{conf}\n", "index.md": CLAIM})
    assert run("check", folder, *options).exit_code == status


@pytest.mark.parametrize(
    ("conf", "says"),
    [
        ("x = (\n", "conf.py:1: SyntaxError: '(' was never closed"),
        ("a = 1\nb = unknown\n", "conf.py:2: NameError: name 'unknown' is not defined"),
        ("raise SystemExit(3)\n", "conf.py:1: SystemExit"),
        ("extensions = ['no_such_extension']\n", "Could not import extension no_such_extension"),
        ("def setup(app):\n    raise ValueError('odd\\nodder')\n", "conf.py:2: ValueError: odd odder"),
        ("acuext_gate = 'blok'\n", "conf.py: acuext_gate must be 'block' or 'report', not 'blok'"),
        ("root_doc = 'nowhere'\n", "unable to load the master document"),
        (
            "def setup(app):\n    app.connect('source-read', lambda app, name, text: 1 / 0)\n",
            "division by zero",
        ),
    ],
)  # fmt: skip
def test_settings_that_fail_are_one_line_and_exit_2(folder: Path, conf: str, says: str) -> None:
    write(folder, {"conf.py": conf, "index.rst": "Title\n=====\n"})
    ended = run("check", folder)
    assert (ended.exit_code, len(said(ended)), ended.stdout) == (2, 1, ""), ended.output
    assert says in ended.stderr
    if "acuext_gate" not in says:
        assert ended.stderr.endswith("; --verbose shows more\n")
        assert "Traceback" in run("check", folder, "--verbose").stderr


@pytest.mark.skipif(sphinx.version_info < (9,), reason="replaced what it could not read")
def test_a_page_that_is_not_utf8_is_one_line_and_exit_2(folder: Path) -> None:
    write(folder, {"conf.py": CONF, "index.md": CLEAN})
    (folder / "bad.md").write_bytes(b"# Caf\xe9\n")
    ended = run("check", folder)
    assert (ended.exit_code, len(said(ended))) == (2, 1)
    assert "bad.md: not UTF-8" in ended.stderr


def test_our_own_fault_is_said_to_be_ours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise KeyError("inner")

    monkeypatch.setattr("acuext.project.find_project", broken)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    ended = run("check", folder)
    assert (ended.exit_code, len(said(ended))) == (3, 1)
    assert "this is a fault of acuext, not yours (KeyError: 'inner')" in ended.stderr
    [kept] = folder.glob("acuext-fault-*.txt")
    assert str(kept) in ended.stderr
    assert "Traceback" in kept.read_text()


def test_warnings_of_sphinx_are_shown_in_short_and_in_full(folder: Path) -> None:
    roles = "".join(f"{{nope{n}}}`x`\n\n" for n in range(9))
    write(folder, {"conf.py": CONF, "index.md": f"{CLAIM}\n{roles}"})
    ended = run("check", folder)
    assert len(said(ended)) == 6
    assert said(ended)[-1] == "Sphinx: and 4 more warnings; --verbose --fresh shows all"
    assert "ACU101" not in ended.stderr
    assert len(said(run("check", folder, "--verbose", "--fresh"))) == 9


def test_a_language_without_rules_is_named(folder: Path) -> None:
    write(folder, {"conf.py": f"{CONF}language = 'de'\n", "index.md": CLEAN})
    assert "no rules for de: only the notice is looked for" in run("check", folder).stderr


# -- what is printed ---------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_can_be_written_into_a_file(folder: Path, form: str) -> None:
    write(folder, {"pages/a.md": CLAIM.replace("Needles", "Nädeln")})
    ended = run("check", folder / "pages", "--format", form, "-o", folder / "out")
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert said(ended)[-1] == f"1 must fix, 0 to consider, 0 notes; all are in {folder / 'out'}"
    assert "ACU101" in (folder / "out").read_text(encoding="utf-8")


def test_colour_is_for_terminals_and_for_those_who_ask(folder: Path) -> None:
    write(folder, {"a.md": CLAIM})
    assert "\x1b[" not in run("check", folder).stdout
    assert "\x1b[" in run("check", folder, "--color", "always", color=True).stdout
    assert "\x1b[" not in run("check", folder, "--color", "never", color=True).stdout


def test_a_job_summary_is_written_where_github_wants_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, {"pages/a.md": CLAIM})
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
    (folder / "summary.md").write_text("Before\n")
    assert run("check", folder / "pages", "--format", "github").stdout.startswith("::error file=")
    summary = (folder / "summary.md").read_text(encoding="utf-8")
    assert summary.startswith("Before\n")
    assert "ACU101" in summary


@pytest.mark.slow
def test_what_settings_print_stays_out_of_the_report(folder: Path) -> None:
    loud = "import subprocess, sys\nprint('loud')\nsubprocess.run(['echo', 'louder'], check=True)\n"
    write(folder, {"conf.py": CONF + loud, "index.md": CLAIM})
    ended = program("check", str(folder), "--format", "json")
    assert ended.returncode == 1
    assert len(json.loads(ended.stdout)["findings"]) == 1
    assert b"loud" in ended.stderr
    assert b"louder" in ended.stderr


def program(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "acuext", *arguments], capture_output=True, check=False, **options
    )


@pytest.mark.slow
def test_a_terminal_that_knows_no_unicode_gets_question_marks(folder: Path) -> None:
    write(folder, {"ü.md": CLAIM.replace("back pain", "back pain 針")})
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ended = program("check", str(folder), env=ascii_only)
    assert ended.returncode == 1
    assert ended.stdout.isascii()
    assert b"back pain ?" in ended.stdout
    assert b"Traceback" not in ended.stderr
    ended = program("check", str(folder), "--format", "json", env=ascii_only)
    assert json.loads(ended.stdout)["findings"][0]["path"] == "ü.md"


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="speaks sh")
@pytest.mark.parametrize(
    ("after", "status"),
    [("| true; echo ${PIPESTATUS[0]}", "141"), (">&-; echo $? >&2", "1"), ("> /dev/full; echo $? >&2", "2")],
)  # fmt: skip
def test_output_that_nobody_takes_ends_it_quietly(folder: Path, after: str, status: str) -> None:
    write(folder, {f"page{n}.md": CLAIM for n in range(3)})
    line = f"{sys.executable} -m acuext check {folder} --format json {after}"
    ended = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (ended.stdout + ended.stderr).split()[-1] == status
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends a signal of POSIX")
def test_an_interrupt_is_one_line_and_not_a_finding(folder: Path) -> None:
    import signal

    slow = "import time, pathlib\npathlib.Path('here').touch()\ntime.sleep(60)\n"
    write(folder, {"conf.py": slow, "index.md": CLEAN})
    with subprocess.Popen(
        [sys.executable, "-m", "acuext", "check", str(folder)], stderr=subprocess.PIPE
    ) as running:
        while not (folder / "here").exists():
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=20)
    assert (running.returncode, errors) == (130, b"acuext: stopped\n")


# -- what it keeps -----------------------------------------------------------------------------


def test_nothing_is_written_into_the_project(folder: Path, cache: Path) -> None:
    write(
        folder,
        {"conf.py": f"import sys\nsys.dont_write_bytecode = True\n{CONF}", "index.md": CLAIM},
    )
    before = sorted(folder.rglob("*"))
    run("check", folder)
    assert sorted(folder.rglob("*")) == before
    assert any(cache.iterdir())


def test_no_cache_keeps_nothing(folder: Path, cache: Path) -> None:
    write(folder, {"a.md": CLAIM})
    assert places(folder, "--no-cache") == [("a.md", 3, "ACU101")]
    assert not cache.exists()


def test_a_cache_that_cannot_be_used_is_done_without(folder: Path, cache: Path) -> None:
    write(folder, {"a.md": CLAIM})
    cache.write_text("a file where the folder should be")
    assert places(folder) == [("a.md", 3, "ACU101")]


def test_a_broken_cache_is_made_anew(folder: Path, cache: Path) -> None:
    write(folder, {"a.md": CLAIM})
    assert places(folder) == [("a.md", 3, "ACU101")]
    for file in cache.rglob("*.pickle"):
        file.write_bytes(file.read_bytes()[:100])
    assert places(folder) == [("a.md", 3, "ACU101")]


@pytest.mark.slow
def test_two_runs_at_once_do_not_disturb_each_other(folder: Path) -> None:
    write(folder, {"conf.py": CONF, "index.md": CLAIM} | {f"p{n}.md": CLAIM for n in range(5)})
    line = [sys.executable, "-m", "acuext", "check", str(folder), "--format", "json"]
    runs = [subprocess.Popen(line, stdout=subprocess.PIPE) for _ in range(2)]
    reports = {run.communicate(timeout=60)[0] for run in runs}
    assert len(reports) == 1
    assert [run.returncode for run in runs] == [1, 1]


def test_what_nobody_used_for_a_month_is_removed(folder: Path, cache: Path) -> None:
    old = cache / "0123"
    old.mkdir(parents=True)
    os.utime(old, (0, 0))
    write(folder, {"a.md": CLAIM})
    places(folder)
    assert not old.exists()


# -- rules -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["ACU101", "acu101", "proof-language", "Proof-Language"])
def test_a_rule_is_explained_by_id_or_name(key: str) -> None:
    ended = run("explain", key)
    assert ended.exit_code == 0
    heads = [line for line in ended.stdout.splitlines() if line and not line.startswith(" ")]
    assert heads[:-1] == [
        "ACU101  proof-language", "Why it matters", "What to write instead", "Flagged",
        "Still fine", "Known limits", "Sources",
    ]  # fmt: skip
    assert heads[-1].endswith("/ACU101.html")


@pytest.mark.parametrize("rule", [rule.id for rule in load_rules("en").rules])
def test_every_rule_fits_80_columns(rule: str) -> None:
    lines = run("explain", rule).stdout.splitlines()
    assert [line for line in lines if len(line) > 80 and "://" not in line] == []


def test_an_unknown_rule_is_one_line_with_the_nearest() -> None:
    ended = run("explain", "ACU1O1")
    assert (ended.exit_code, len(said(ended))) == (2, 1)
    assert "there is no rule 'ACU1O1'; did you mean 'ACU1" in ended.stderr


def test_rules_are_listed() -> None:
    lines = run("rules").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [rule.id for rule in load_rules("en").rules]
    assert max(map(len, lines)) <= 80
    assert len(run("rules", "acu9").stdout.splitlines()) == 6
    assert run("rules", "XYZ").exit_code == 2


def test_a_pack_is_held_against_its_examples(folder: Path) -> None:
    pack = folder / "house.toml"
    pack.write_text(HOUSE)
    ended = run("rules", "--test", pack)
    assert (ended.exit_code, ended.stdout) == (0, "2 of 2 examples of 1 rules hold\n")
    pack.write_text(HOUSE.replace("It is warm.", "It is a balmy day."))
    ended = run("rules", "--test", pack)
    assert ended.exit_code == 1
    assert "HSE101 must be left alone, and is not: It is a balmy day." in ended.stdout
    pack.write_text(HOUSE.replace("It is balmy.", "It is \\u001b[31mmild."))
    assert (
        "HSE101 must be found, and is not: It is [31mmild." in run("rules", "--test", pack).stdout
    )
    pack.write_text(HOUSE.replace("why =", "wy ="))
    ended = run("rules", "--test", pack)
    assert (ended.exit_code, len(said(ended))) == (2, 1)
    pack.write_text(HOUSE)
    assert "A word of the house." in run("explain", "HSE101", "--pack", pack).stdout


def test_explaining_loads_no_sphinx() -> None:
    line = (
        "import sys; from acuext.cli import cli; cli(['explain', 'ACU101'], standalone_mode=False);"
        "print({m.split('.')[0] for m in sys.modules} & {'sphinx', 'docutils', 'myst_parser'})"
    )
    ended = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert ended.stdout.endswith("set()\n")


# -- baseline ----------------------------------------------------------------------------------


def test_a_baseline_is_made_followed_and_pruned(folder: Path) -> None:
    write(folder, {"conf.py": CONF, "index.md": CLAIM, "b.md": CLAIM})
    file = folder / "acuext-baseline.json"
    assert "There is no baseline" in run("baseline", "status", folder).stdout
    assert run("baseline", "prune", folder).exit_code == 2
    ended = run("baseline", "update", folder)
    assert (ended.exit_code, ended.stdout) == (0, f"{file}: 2 findings recorded\n")
    assert run("check", folder).exit_code == 0
    assert run("baseline", "update", folder).stdout == f"{file}: nothing to change\n"
    write(folder, {"b.md": CLEAN})
    assert "1 of 2 findings in the baseline is gone" in run("baseline", "status", folder).stdout
    assert run("baseline", "prune", folder).stdout == f"{file}: 1 finding recorded\n"
    write(folder, {"b.md": CLAIM})
    assert places(folder) == [("b.md", 3, "ACU101")]
    assert len(places(folder, "-D", "acuext_baseline=")) == 2


def test_a_named_baseline_is_made_where_the_setting_says(folder: Path) -> None:
    named = f"{CONF}acuext_baseline = 'old.json'\n"
    write(folder, {"conf.py": named, "index.md": CLAIM})
    ended = run("check", folder)
    assert (ended.exit_code, len(said(ended))) == (2, 1)
    assert "acuext baseline update" in ended.stderr
    assert run("baseline", "update", folder).exit_code == 0
    assert (folder / "old.json").is_file()
    assert run("check", folder).exit_code == 0


# -- the first day -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'extensions = ["acuext"]\n'),
        ("project = 'x'\n", 'project = \'x\'\n\nextensions = ["acuext"]\n'),
        ("project = 'x'", 'project = \'x\'\n\nextensions = ["acuext"]\n'),
        ("extensions = []\n", 'extensions = ["acuext"]\n'),
        ('extensions = ["a", "b"]\n', 'extensions = ["a", "b", "acuext"]\n'),
        ("extensions = ['a',]\n", "extensions = ['a', 'acuext',]\n"),
        ("extensions: list[str] = [('a')]\n", "extensions: list[str] = [('a'), 'acuext']\n"),
        (
            "extensions = [\n    'a',\n    'ü',  # why, [b]\n]\n",
            "extensions = [\n    'a',\n    'ü',  # why, [b]\n    'acuext',\n]\n",
        ),
        (
            'extensions = [\r\n\t"a"  # last\r\n]\r\nx = 1\r\n',
            'extensions = [\r\n\t"a",  # last\r\n\t"acuext",\r\n]\r\nx = 1\r\n',
        ),
        ("extensions = ['a',\n              'b'\n]", "extensions = ['a',\n              'b',\n              'acuext',\n]"),
        ("\ufeffextensions = ['a']\n", "\ufeffextensions = ['a', 'acuext']\n"),
        ("ü = 'ü'; extensions = ['ü']; x = 1\n", "ü = 'ü'; extensions = ['ü', 'acuext']; x = 1\n"),
        ("extensions = ['a'] ; x = [')', '#']\n", "extensions = ['a', 'acuext'] ; x = [')', '#']\n"),
    ],
)  # fmt: skip
def test_init_adds_one_word_and_then_nothing(folder: Path, before: str, after: str) -> None:
    conf = folder / "conf.py"
    conf.write_bytes(before.encode())
    ended = run("init", folder, "--yes")
    assert ended.exit_code == 0, ended.output
    assert conf.read_bytes().decode() == after
    assert "+" in ended.stdout
    ended = run("init", folder, "--yes")
    assert "acuext is among the extensions already" in ended.stdout
    assert conf.read_bytes().decode() == after


@pytest.mark.parametrize(
    "text",
    [
        "extensions = ['acuext']\n",
        "extensions = []\nextensions += ['acuext']\n",
        "extensions = list(x)\nextensions.append('acuext')\n",
    ],
)
def test_init_sees_that_acuext_is_there(folder: Path, text: str) -> None:
    write(folder, {"conf.py": text})
    assert "already" in run("init", folder, "--yes").stdout
    assert (folder / "conf.py").read_text() == text


@pytest.mark.parametrize(
    "text",
    [
        "extensions = ('a', 'b')\n",
        "extensions = base + ['a']\n",
        "extensions = ['a']\nextensions = ['b']\n",
        "if x:\n    extensions = ['a']\n",
        "from base import *\nextensions += ['a']\n",
        "extensions = [\n",
        "extensions, y = ['a'], 1\n",
    ],
)
def test_init_guesses_nothing(folder: Path, text: str) -> None:
    write(folder, {"conf.py": text})
    ended = run("init", folder, "--yes")
    assert (ended.exit_code, len(said(ended))) == (2, 1)
    assert (folder / "conf.py").read_text() == text


def test_init_asks_and_takes_no_for_an_answer(folder: Path) -> None:
    write(folder, {"conf.py": "extensions = []\n", ".git/HEAD": ""})
    ended = run("init", folder, input="n\nn\n")
    assert ended.exit_code == 0
    assert '+extensions = ["acuext"]' in ended.stdout
    assert "left as it is" in ended.stdout
    assert (folder / "conf.py").read_text() == "extensions = []\n"
    assert not (folder / ".github").exists()
    assert run("init", folder, input="").exit_code == 130


def test_init_without_a_project_says_what_to_write(folder: Path) -> None:
    ended = run("init", folder)
    assert (ended.exit_code, len(said(ended))) == (2, 1)
    assert 'extensions = ["acuext"]' in ended.stderr


def test_init_writes_a_workflow_once(folder: Path) -> None:
    write(folder, {"docs/conf.py": CONF, ".git/HEAD": "", "docs/requirements.txt": ""})
    assert run("init", folder, "--yes", "--workflow").exit_code == 0
    workflow = folder / ".github/workflows/editorial-review.yml"
    assert "pip install -r docs/requirements.txt acuext\n" in workflow.read_text()
    assert "acuext check --format github\n" in workflow.read_text()
    pins = re.findall(r"uses: (\S+@\w{40} # \S+)", workflow.read_text())
    ours = (ROOT / ".github/workflows/editorial-review.yml").read_text()
    assert pins
    assert all(pin in ours for pin in pins)
    assert yaml.safe_load(workflow.read_text())["permissions"] == {}
    workflow.write_text("mine")
    assert "is there already, and stays" in run("init", folder, "--yes", "--workflow").stdout
    assert workflow.read_text() == "mine"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete(shell: str) -> None:
    assert "_ACUEXT_COMPLETE" in run("completion", shell).stdout
