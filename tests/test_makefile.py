"""What the Makefile promises: it sets itself up once, mends itself, and says what is missing."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from making import (
    ROOT,
    borrowed_environment,
    copy_project,
    copy_settings,
    environment,
    make,
    script,
    shell,
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that is set up, in a folder with a blank in its name."""
    folder = copy_settings(tmp_path / "a project")
    borrowed_environment(folder / ".venv")
    return folder


def newer(file: Path) -> None:
    """Give a file a time after everything that was made."""
    later = time.time() + 60
    os.utime(file, (later, later))


def test_make_alone_lists_every_target_that_people_are_told_of(project: Path) -> None:
    listed = set(re.findall(r"(?m)^  make ([a-z-]+) +\S", make(project).stdout))
    told = (ROOT / "README.md").read_text() + (ROOT / ".ci" / "run").read_text()
    named = {
        target
        for line in re.findall(r"(?m)(?:^|`|\$ )make ([a-z -]+)", told)
        for target in line.split()
    }
    assert {"html", "test", "check", "lint", "types", "live", "clean", "help"} <= listed
    assert named <= listed


def test_nothing_is_installed_twice(project: Path) -> None:
    assert "pip install" not in make(project, "-n", "html").stdout


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_a_changed_requirement_is_installed(project: Path, name: str) -> None:
    newer(project / name)
    commands = make(project, "-n", "html").stdout
    assert "pip install" in commands
    assert "--require-hashes" in commands
    assert "-m venv" not in commands


def test_an_environment_whose_python_is_gone_is_made_anew(project: Path) -> None:
    python = project / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(project / "removed" / "python3")
    commands = make(project, "-n", "html").stdout
    assert commands.index("-m venv") < commands.index("pip install") < commands.index("-m sphinx")


def test_an_environment_whose_python_became_another_version_is_made_anew(project: Path) -> None:
    script(project / ".venv" / "bin" / "python", "exit 1")
    (project / ".venv" / ".acuext-setup").touch()
    commands = make(project, "-n", "html").stdout
    assert commands.index("-m venv") < commands.index("pip install") < commands.index("-m sphinx")


@pytest.mark.parametrize(
    ("python", "said"),
    [
        (None, "there is no"),
        ('case "$*" in *version_info*) exit 1;; --version) echo Python 3.10.13;; esac', "3.10.13"),
        ('case "$*" in *ensurepip*) exit 1;; esac', "apt-get install python3-venv"),
    ],
    ids=["no Python", "too old", "cannot make environments"],
)
def test_an_unfit_python_is_one_clear_line(project: Path, python: str | None, said: str) -> None:
    shutil.rmtree(project / ".venv")
    named = project / "other" / "python3"
    if python:
        script(named, python)
    run = make(project, "html", f"PYTHON={named}")
    ours = [line for line in run.stderr.splitlines() if not line.startswith("make")]
    assert run.returncode == 2
    assert len(ours) == 1
    assert said in ours[0]
    assert not (project / ".venv").exists()


@pytest.mark.parametrize("was_environment", [True, False])
def test_only_a_virtual_environment_is_ever_emptied(project: Path, was_environment: bool) -> None:
    log = project / "log"
    python = script(project / "python3", f'echo "$*" >> "{log}"')
    (project / ".venv" / "bin" / "python").unlink()
    if not was_environment:
        (project / ".venv" / "pyvenv.cfg").unlink()
    make(project, "setup", f"PYTHON={python}")
    assert ("-m venv --clear .venv" in log.read_text()) is was_environment
    assert ("-m venv .venv" in log.read_text()) is not was_environment


def test_clean_keeps_the_environment_and_the_sources(project: Path) -> None:
    before = sorted(project.rglob("*"))
    (project / "build" / "html").mkdir(parents=True)
    (project / ".mypy_cache").mkdir()
    assert make(project, "clean").returncode == 0
    assert sorted(project.rglob("*")) == before


#: The mark of a test, and the Debian package that it needs.
PACKAGES = {"browser": "chromium", "npm": "npm"}


@pytest.mark.parametrize(("mark", "package"), PACKAGES.items())
def test_a_package_is_asked_for_only_when_a_test_needs_it(
    mark: str, package: str, project: Path
) -> None:
    tests = project / "tests"
    tests.mkdir()
    (tests / "test_plain.py").write_text("@pytest.mark.slow\n", encoding="utf-8")
    assert f"apt-get install {package}" not in make(project, "-n", "test-all").stdout
    # In two parts, or this file would be one that needs it.
    (tests / "test_page.py").write_text("@pytest.mark." + mark, encoding="utf-8")
    assert f"apt-get install {package}" in make(project, "-n", "test-all").stdout


@pytest.mark.parametrize(("mark", "package"), PACKAGES.items())
def test_no_package_is_one_clear_line(mark: str, package: str, project: Path) -> None:
    programs = project / "programs"
    script(programs / "id", "echo 1000")
    (programs / "grep").symlink_to(str(shutil.which("grep")))
    run = shell(f'PATH="{programs}" "{shutil.which("make")}" {mark}', project)
    ours = [line for line in run.stderr.splitlines() if not line.startswith("make")]
    assert run.returncode == 2
    assert len(ours) == 1
    assert f"apt-get install {package}" in ours[0]


@pytest.mark.slow
def test_a_fresh_clone_builds_the_site_with_one_command(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "a fresh clone")

    first = make(project, "html")
    assert first.returncode == 0, first.stdout + first.stderr
    shown = first.stdout.splitlines()[-1].removeprefix("Open the site: ")
    assert (project / shown).is_file()

    second = make(project, "html")
    assert second.returncode == 0
    assert "Installing" in first.stdout
    assert "Installing" not in second.stdout

    # Two targets at once share the environment, and work in folders of their own.
    both = make(project, "-j2", "html", "check")
    assert both.returncode == 0, both.stdout + both.stderr
    assert not (project / "build" / "check" / "index.html").exists()


@pytest.mark.slow
def test_live_rebuilds_a_page_on_save(project: Path) -> None:
    page = project / "docs" / "index.md"
    page.parent.mkdir(exist_ok=True)
    (page.parent / "references.bib").touch()
    (project / "acuext").symlink_to(ROOT / "acuext")
    page.write_text("# First title\n", encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    server = subprocess.Popen(
        ["make", "live", f"LIVEOPTS=--port {port}"],
        cwd=project,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        assert shown_within_a_minute(port, "First title")
        page.write_text("# Second title\n", encoding="utf-8")
        assert shown_within_a_minute(port, "Second title")
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def shown_within_a_minute(port: int, text: str) -> bool:
    """Say whether the page shows a text before a minute has gone."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
                if text in page.read().decode():
                    return True
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.2)
    return False
