"""Read the Docs, played: the commands of .readthedocs.yaml with the variables it sets."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from making import ROOT, borrowed_environment, copy_settings, environment, make, shell

SETTINGS: dict[str, Any] = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text(encoding="utf-8"))
CANONICAL = "https://acuext.example/en/latest/"

PAGES = {
    "references.bib": "",
    "index.md": "# Home\n\n```{toctree}\nposts/claim\n```\n",
    "posts/claim.md": """\
---
acuext:
  health: false
---
# A claim

:::{consult-professional}
:::

Acupuncture is proven to work.
""",
}


@dataclass(frozen=True, slots=True)
class Build:
    """What one build left."""

    #: The exit status of the first command that failed, or of the last.
    status: int
    log: str
    html: Path

    def finding(self) -> dict[str, Any]:
        """Return the one finding that is expected."""
        report = json.loads((self.html / "acuext" / "findings.json").read_text(encoding="utf-8"))
        (finding,) = report["findings"]
        return finding


def project(folder: Path, pages: dict[str, str]) -> Path:
    """Write a small project with this project's own settings."""
    copy_settings(folder)
    for name, text in pages.items():
        page = folder / "docs" / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    return folder


def read_the_docs(folder: Path, version: str, version_type: str) -> Build:
    """Build as Read the Docs does: each command in a shell of its own, until one fails."""
    variables = {
        "CI": "true",
        "NO_COLOR": "1",
        "READTHEDOCS": "True",
        "READTHEDOCS_CANONICAL_URL": CANONICAL,
        "READTHEDOCS_LANGUAGE": "en",
        "READTHEDOCS_OUTPUT": str(folder / "_readthedocs"),
        "READTHEDOCS_PROJECT": "acuext",
        "READTHEDOCS_VERSION": version,
        "READTHEDOCS_VERSION_NAME": version,
        "READTHEDOCS_VERSION_TYPE": version_type,
        "READTHEDOCS_VIRTUALENV_PATH": str(borrowed_environment(folder / "envs")),
    }
    jobs = SETTINGS["build"]["jobs"]
    log, status = "", 0
    for command in [*jobs["install"], *jobs["build"]["html"]]:
        run = shell(command, folder, variables)
        log += run.stdout + run.stderr
        status = run.returncode
        if status:
            break
    # A folder of this name is an error to Read the Docs, whatever was built.
    assert not (folder / "_build" / "html").exists()
    return Build(status, log, folder / "_readthedocs" / "html")


def test_the_file_fits_its_schema() -> None:
    run = subprocess.run(
        [
            *[sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.readthedocs"],
            ROOT / ".readthedocs.yaml",
        ],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def test_the_defaults_that_would_go_around_make_are_off() -> None:
    # With `python.install` or `formats`, Read the Docs runs commands of its own.
    assert SETTINGS.keys() == {"version", "build", "sphinx", "search"}
    assert (ROOT / SETTINGS["sphinx"]["configuration"]).is_file()


@pytest.mark.slow
def test_on_a_laptop_the_build_fails_and_the_pages_are_written(tmp_path: Path) -> None:
    folder = project(tmp_path / "laptop", PAGES)
    borrowed_environment(folder / ".venv")
    for _ in range(2):  # The second build reads no page anew.
        run = make(folder, "html")
        build = Build(run.returncode, run.stdout + run.stderr, folder / "build" / "html")
        assert build.status == 2
        assert re.search(r"posts/claim\.md:10: ERROR: .*ACU101", build.log)
        assert build.finding()["severity"] == "error"
        assert (build.html / "posts" / "claim.html").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("version_type", ["branch", "tag", "unknown"])
def test_a_published_version_fails(tmp_path: Path, version_type: str) -> None:
    build = read_the_docs(project(tmp_path / "rtd", PAGES), "latest", version_type)
    assert build.status == 2
    assert re.search(r"posts/claim\.md:10: ERROR: .*ACU101", build.log)
    assert build.finding()["rule"] == "ACU101"


@pytest.mark.slow
def test_a_preview_appears_with_its_findings_and_its_warnings(tmp_path: Path) -> None:
    pages = {**PAGES, "index.md": PAGES["index.md"] + "\nSee {ref}`nowhere`.\n"}
    build = read_the_docs(project(tmp_path / "rtd", pages), "17", "external")
    assert build.status == 0, build.log
    assert "undefined label: 'nowhere'" in build.log
    assert "ACU101" in build.log
    assert build.finding()["rule"] == "ACU101"
    page = (build.html / "index.html").read_text(encoding="utf-8")
    assert f'<link rel="canonical" href="{CANONICAL}index.html"' in page
    assert (build.html / "posts" / "claim.html").is_file()


@pytest.mark.slow
def test_a_clean_site_is_published(tmp_path: Path) -> None:
    clean = PAGES["posts/claim.md"].replace("is proven to work", "may help some people")
    build = read_the_docs(
        project(tmp_path / "rtd", {**PAGES, "posts/claim.md": clean}), "latest", "branch"
    )
    assert build.status == 0, build.log
    assert (build.html / "posts" / "claim.html").is_file()
