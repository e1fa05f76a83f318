"""The wheel, for other teams: built, installed away from the checkout, and used."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest
from making import ROOT, environment

pytestmark = pytest.mark.slow

CONF = {
    "md": 'extensions = ["myst_parser", "acuext"]\nmyst_enable_extensions = ["colon_fence"]\n',
    "rst": 'extensions = ["acuext"]\n',
}
NOTICE = {"md": ":::{consult-professional}\n:::\n", "rst": ".. consult-professional::\n"}
TITLE = {"md": "# A page\n", "rst": "A page\n======\n"}


def run(*command: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in `folder`."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment in which nothing but the wheel was asked for."""
    folder = tmp_path_factory.mktemp("elsewhere")
    pip = ["-m", "pip", "--disable-pip-version-check", "--quiet"]
    offline = ["--no-deps", "--no-build-isolation"]
    built = run(sys.executable, *pip, "wheel", *offline, "-w", folder, ROOT, folder=folder)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("acuext-*.whl")

    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    into = run(python, *pip, "install", f"{wheel}", folder=folder)
    assert into.returncode == 0, into.stderr
    return python


def write(folder: Path, suffix: str, *parts: str) -> None:
    """Write a new Sphinx project of one page."""
    (folder / "conf.py").write_text(CONF[suffix], encoding="utf-8")
    (folder / f"index.{suffix}").write_text("\n".join(parts), encoding="utf-8")


def test_every_data_file_is_in_it(installed: Path, tmp_path: Path) -> None:
    where = run(installed, "-c", "import acuext; print(*acuext.__path__, sep='')", folder=tmp_path)
    package = Path(where.stdout.strip())
    assert ROOT not in package.parents

    def data(folder: Path) -> set[Path]:
        made = {".pyc", ".mo"}
        return {
            file.relative_to(folder)
            for file in folder.rglob("*")
            if file.is_file() and file.suffix not in made
        }

    assert data(package) == data(ROOT / "acuext")


@pytest.mark.parametrize("suffix", ["md", "rst"])
def test_a_claim_of_proof_fails_the_build(installed: Path, tmp_path: Path, suffix: str) -> None:
    write(tmp_path, suffix, TITLE[suffix], NOTICE[suffix], "Acupuncture is proven to work.\n")
    build = run(installed, "-m", "sphinx", "-b", "html", ".", "out", folder=tmp_path)
    assert build.returncode == 1
    line = (tmp_path / f"index.{suffix}").read_text().splitlines().index(
        "Acupuncture is proven to work."
    ) + 1
    assert f"index.{suffix}:{line}: ERROR:" in build.stderr
    assert "ACU101" in build.stderr


@pytest.mark.parametrize("suffix", ["md", "rst"])
def test_a_careful_page_builds(installed: Path, tmp_path: Path, suffix: str) -> None:
    write(tmp_path, suffix, TITLE[suffix], NOTICE[suffix], "Acupuncture may help some people.\n")
    build = run(installed, "-m", "sphinx", "-W", "-b", "html", ".", "out", folder=tmp_path)
    assert build.returncode == 0, build.stderr


@pytest.mark.parametrize("suffix", ["md", "rst"])
def test_a_page_without_the_notice_fails(installed: Path, tmp_path: Path, suffix: str) -> None:
    write(tmp_path, suffix, TITLE[suffix], "Acupuncture may help some people.\n")
    build = run(installed, "-m", "sphinx", "-b", "html", ".", "out", folder=tmp_path)
    assert build.returncode == 1
    assert "ACU201" in build.stderr
