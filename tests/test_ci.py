"""What enforces the review in CI: safe on code that anybody may propose, and well formed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from making import (
    ROOT,
    borrowed_environment,
    copy_project,
    copy_settings,
    environment,
    make,
    script,
)

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS = ROOT / ".pre-commit-hooks.yaml"


def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env={**environment(), "NO_COLOR": "1", **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def tool(module: str, *arguments: str | Path) -> str:
    """Run a tool of this environment and give what it says against the files; nothing, one hopes."""
    ran = run(sys.executable, "-m", module, *arguments)
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


def faults(schema: str, *files: Path) -> str:
    return tool("check_jsonschema", "--builtin-schema", f"vendor.{schema}", *files)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the how-to shows, in a folder, with a repository and a commit put in."""
    folder = tmp_path_factory.mktemp("shown")
    text = (ROOT / "docs" / "howto" / "ci.md").read_text(encoding="utf-8")
    text = text.replace("OWNER", "somebody").replace("COMMIT", "0123456789" * 4)
    for name, variant, content in re.findall(
        r"^```\{code-block\} yaml\n:caption: (\S+?)(?:, (.*))?\n\n(.*?)^```",
        text,
        re.MULTILINE | re.DOTALL,
    ):
        file = folder / variant / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return folder


# -- well formed -------------------------------------------------------------------------------


def test_workflows_action_and_updates_fit_their_schemas(shown: Path) -> None:
    assert faults("github-workflows", *WORKFLOWS, *(shown / ".github/workflows").iterdir()) == ""
    assert faults("github-actions", ROOT / "action.yml") == ""
    assert faults("dependabot", ROOT / ".github" / "dependabot.yml") == ""


def test_the_example_for_gitlab_fits_its_schema(shown: Path) -> None:
    assert faults("gitlab-ci", shown / ".gitlab-ci.yml") == ""


def test_the_hook_and_its_examples_are_understood_by_pre_commit(shown: Path) -> None:
    assert tool("pre_commit", "validate-manifest", HOOKS) == ""
    examples = list(shown.rglob(".pre-commit-config.yaml"))
    assert len(examples) == 2
    assert tool("pre_commit", "validate-config", *examples) == ""


def test_what_is_broken_is_seen(tmp_path: Path) -> None:
    broken = tmp_path / "workflow.yml"
    broken.write_text(WORKFLOWS[0].read_text().replace("runs-on", "runs-at"), encoding="utf-8")
    assert "runs-on" in faults("github-workflows", broken)
    broken.write_text(HOOKS.read_text().replace("entry:", "entri:"), encoding="utf-8")
    assert "entry" in tool("pre_commit", "validate-manifest", broken)


# -- safe --------------------------------------------------------------------------------------


def zizmor(*paths: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("zizmor")
    return run(program, "--offline", "--strict-collection", "--persona", "pedantic", *paths)


def test_zizmor_finds_nothing(shown: Path) -> None:
    ours = [ROOT / ".github", ROOT / "action.yml", HOOKS]
    ran = zizmor(*ours, shown)
    assert (ran.returncode, "No findings to report" in ran.stdout) == (0, True), ran.stderr
    for file in [*WORKFLOWS, ROOT / "action.yml", HOOKS]:
        assert f"completed {file}" in ran.stderr


@pytest.mark.parametrize(
    ("is_", "was"),
    [
        ("fetch-tags: false", "persist-credentials: false"),
        ("pull_request_target:", "pull_request:"),
        ("permissions: write-all", "permissions: {}"),
        ("@v7", "@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a"),
        ("run: echo ${{ github.head_ref }} && make", "run: make"),
    ],
)
def test_zizmor_would_see_what_is_unsafe(tmp_path: Path, is_: str, was: str) -> None:
    text = (ROOT / ".github/workflows/editorial-review.yml").read_text(encoding="utf-8")
    assert was in text
    file = tmp_path / ".github" / "workflows" / "unsafe.yml"
    file.parent.mkdir(parents=True)
    file.write_text(text.replace(was, is_), encoding="utf-8")
    assert zizmor(file).returncode != 0


def test_pins_are_the_same_everywhere() -> None:
    files = [*WORKFLOWS, ROOT / "action.yml", ROOT / "docs" / "howto" / "ci.md"]
    pins: dict[str, set[str]] = {}
    for file in files:
        for name, pin in re.findall(r"uses: (actions/[\w-]+)@(.*)", file.read_text("utf-8")):
            pins.setdefault(name, set()).add(pin)
    assert sorted(pins) == ["actions/checkout", "actions/setup-python", "actions/upload-artifact"]
    assert {name: len(pin) for name, pin in pins.items()} == dict.fromkeys(pins, 1)


# -- what they run -----------------------------------------------------------------------------


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_workflows_run_make_and_nothing_else(tmp_path: Path, workflow: Path) -> None:
    [job] = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"].values()
    [command] = [step["run"] for step in job["steps"] if "run" in step]
    folder = copy_settings(tmp_path / "project")
    borrowed_environment(folder / ".venv")
    options = re.fullmatch(r"make review (REVIEWOPTS)='(.*)'", command)
    assert options
    shown = make(folder, "-n", "review", f"REVIEWOPTS={options[2]}").stdout
    assert shown.index("acuext_gate=report") < shown.index(f"check {options[2]} docs")


@pytest.mark.slow
def test_make_review_builds_the_pages_and_passes_the_verdict_on(tmp_path: Path) -> None:
    folder = copy_settings(tmp_path / "project")
    (folder / "docs" / "references.bib").touch()
    (folder / "docs" / "index.md").write_text("# Home\n\nIt is proven to work.\n", encoding="utf-8")
    borrowed_environment(folder / ".venv")
    script(folder / ".venv" / "bin" / "acuext", 'echo "acuext $*"; exit 1')
    ran = make(folder, "review", "REVIEWOPTS=--format github")
    assert ran.returncode == 2
    assert "acuext check --format github docs\n" in ran.stdout
    assert (folder / "build" / "html" / "index.html").is_file()
    # The findings are told once, by the command.
    assert "ACU101" not in ran.stdout + ran.stderr


def step_of_the_action(name: str, folder: Path, **variables: str) -> list[str]:
    """Run a step as GitHub does; give the arguments that its program got, one a line."""
    [step] = [step for step in ACTION["runs"]["steps"] if step.get("name") == name]
    assert set(step["env"]) <= set(variables)
    for program in ("acuext", "python"):
        script(folder / "bin" / program, f"printf '%s\\n' \"$@\" > {folder}/got")
    path = f"{folder / 'bin'}:{environment()['PATH']}"
    bash = [str(shutil.which("bash")), "--noprofile", "--norc", "-eo", "pipefail", "-c"]
    ran = run(*bash, step["run"], **{**variables, "PATH": path})
    assert ran.returncode == 0, ran.stderr
    return (folder / "got").read_text(encoding="utf-8").splitlines()


def test_every_input_of_the_action_is_used_and_documented() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text("utf-8")))
    text = (ROOT / "docs" / "howto" / "ci.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `([\w-]+)` \| *([^|]*?) *\|", text, re.MULTILINE))
    assert used == set(ACTION["inputs"]) == set(table)
    for name, given in ACTION["inputs"].items():
        assert table[name].strip("`") == given["default"] or name == "version"


def test_the_action_passes_its_inputs_on(tmp_path: Path) -> None:
    got = step_of_the_action(
        "Judge the wording", tmp_path, FAIL_LEVEL="warning", SINCE="origin/main", PATHS="docs  a.md"
    )
    assert (
        got == "check --format github --fail-level warning --since origin/main -- docs a.md".split()
    )
    got = step_of_the_action("Judge the wording", tmp_path, FAIL_LEVEL="", SINCE="", PATHS=".")
    assert got == "check --format github -- .".split()


def test_inputs_are_never_commands_patterns_or_options(tmp_path: Path) -> None:
    bad = "$(touch${IFS}x) `id` ; * --exit-zero"
    got = step_of_the_action("Judge the wording", tmp_path, FAIL_LEVEL=bad, SINCE=bad, PATHS=bad)
    assert got[3:] == ["--fail-level", bad, "--since", bad, "--", *bad.split()]


def test_the_action_installs_itself_or_the_release_that_is_named(tmp_path: Path) -> None:
    name = "Install acuext"
    here = {"GITHUB_ACTION_PATH": "/the action"}
    got = step_of_the_action(name, tmp_path, REQUIREMENTS="", VERSION="", **here)
    assert got == ["-m", "pip", "install", "/the action"]
    got = step_of_the_action(name, tmp_path, REQUIREMENTS="a b.txt", VERSION="0.1.0", **here)
    assert got == ["-m", "pip", "install", "--requirement", "a b.txt", "acuext==0.1.0"]


@pytest.mark.slow
def test_the_hook_installs_and_runs(tmp_path: Path) -> None:
    # Needs the network once, as for everybody who installs it.
    hooks = copy_project(tmp_path / "acuext")
    project = tmp_path / "project"
    project.mkdir()
    (project / "page.md").write_text("# Page\n\nIt is proven to work.\n", encoding="utf-8")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C"]
    for folder in (hooks, project):
        run(*git, folder, "init", "--quiet")
        run(*git, folder, "add", ".")
        run(*git, folder, "commit", "--quiet", "--message", "All", "--no-verify")
    ran = subprocess.run(
        [*[sys.executable, "-m", "pre_commit", "try-repo"], hooks, "acuext", "--all-files"],
        cwd=project,
        env={**environment(), "PRE_COMMIT_HOME": str(tmp_path / "home"), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ACU101" in ran.stdout
    assert ran.returncode == 1
