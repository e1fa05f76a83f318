"""Runs the project's own Makefile, as a writer or a server would, on a copy of the project."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parent.parent

#: What `make test`, a CI server or Read the Docs may have set for us, and must not reach a test.
_SET_BY_OTHERS = {
    "BUILDDIR",
    "LIVEOPTS",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MAKEOVERRIDES",
    "MFLAGS",
    "PYTESTOPTS",
    "PYTHON",
    "SPHINXOPTS",
    "VENV",
}


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without what would change a build, and with `extra`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _SET_BY_OTHERS
        and not name.startswith(("READTHEDOCS", "PYTEST_", "COVERAGE_"))
    }
    return {**kept, **(extra or {})}


def shell(
    command: str, folder: Path, extra: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in `folder` and return what it printed and its exit status."""
    return subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment(extra),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def make(
    folder: Path, *arguments: str, extra: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run make in `folder`."""
    return shell(shlex.join(["make", *arguments]), folder, extra)


def copy_project(folder: Path) -> Path:
    """Copy what stands in the checkout, without what was made there, and return the folder."""
    made = shutil.ignore_patterns(
        ".git", ".venv", "build", "__pycache__", ".*_cache", ".hypothesis"
    )
    return shutil.copytree(ROOT, folder, ignore=made)


def copy_settings(folder: Path) -> Path:
    """Copy the files that say how the site is built, but no page, and return the folder."""
    folder.mkdir(parents=True)
    for name in ("Makefile", "conf.py", "pyproject.toml", "requirements.txt", ".readthedocs.yaml"):
        shutil.copy2(ROOT / name, folder / name)
    for name in ("_ext", "_static"):
        shutil.copytree(ROOT / "docs" / name, folder / "docs" / name)
    (folder / "docs" / "evidence.toml").touch()
    return folder


def script(file: Path, body: str) -> Path:
    """Write a shell script that can be run."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def borrowed_environment(folder: Path) -> Path:
    """Return a virtual environment that make finds ready: it lends the running interpreter.

    Installing the copy of a project into the environment that runs the tests would change it
    under the other tests.
    """
    script(folder / "bin" / "python", f'exec {shlex.quote(sys.executable)} "$@"')
    (folder / "pyvenv.cfg").touch()
    (folder / ".acuext-setup").touch()
    return folder
