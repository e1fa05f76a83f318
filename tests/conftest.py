"""A Sphinx project made of a dict, built in this process."""

from __future__ import annotations

import json
import os
import shutil
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sphinx.cmd.build import build_main

# What Sphinx prints is compared as text; on CI it would be coloured.
os.environ["NO_COLOR"] = "1"

#: A page that has all that the profile `core` asks for.
CLEAN = """
# Needles

Acupuncture may help some people with back pain.

:::{consult-professional}
:::
"""
#: The same with a claim on its third line, columns 16 to 32.
CLAIM = CLEAN.replace("may help some people with", "is proven to cure")


@dataclass(frozen=True)
class Built:
    """How a build ended, and what it said."""

    status: int
    out: str
    err: str
    report: dict[str, Any]
    report_bytes: bytes

    @property
    def findings(self) -> list[dict[str, Any]]:
        return list(self.report.get("findings", ()))

    def rules(self, *severities: str) -> list[str]:
        """Ids of the rules found, in order of place; of all severities or of these."""
        return [
            finding["rule"]
            for finding in self.findings
            if not severities or finding["severity"] in severities
        ]


class Project:
    """A folder with a `conf.py` and pages, and builds of it."""

    def __init__(self, path: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.capture = capture
        self.settings: dict[str, Any] = {
            "extensions": ["myst_parser", "acuext"],
            "myst_enable_extensions": ["colon_fence"],
        }

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write files, or delete those whose content is None."""
        for name, content in files.items():
            file = self.path / name
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            data = content if isinstance(content, bytes) else textwrap.dedent(content).encode()
            file.write_bytes(data.removeprefix(b"\n"))
            # The clock of some file systems is coarser than a build and an edit are apart.
            now = time.time_ns()
            os.utime(file, ns=(now, now))

    def configure(self, **settings: Any) -> None:
        """Set values of `conf.py`."""
        self.settings.update(settings)

    def build(
        self,
        *options: str,
        builder: str = "acuext",
        out: str | None = None,
        doctrees: str | None = None,
    ) -> Built:
        """Run `sphinx-build` in this process."""
        conf = "".join(f"{name} = {value!r}\n" for name, value in self.settings.items())
        if not (self.path / "conf.py").is_file() or (self.path / "conf.py").read_text() != conf:
            (self.path / "conf.py").write_text(conf)
        outdir = self.path / "_build" / (out or builder)
        trees = self.path / "_build" / (doctrees or f"trees-{out or builder}")
        report = outdir / "acuext" / "findings.json"
        if report.is_file():
            report.unlink()
        self.capture.readouterr()
        arguments = ["-b", builder, "-d", str(trees), *options, str(self.path), str(outdir)]
        status = build_main(arguments)
        said = self.capture.readouterr()
        data = report.read_bytes() if report.is_file() else b"{}"
        return Built(status, said.out, said.err, json.loads(data), data)

    def forget(self) -> None:
        """Delete all that was built."""
        shutil.rmtree(self.path / "_build", ignore_errors=True)


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Project:
    """An empty project; `_build` is left out of its pages."""
    made = Project(tmp_path / "project", capsys)
    made.path.mkdir()
    made.configure(exclude_patterns=["_build", "parts"])
    return made


@pytest.fixture
def in_folder() -> Callable[[Path], Any]:
    """Work in another folder for a while."""

    @contextmanager
    def change(path: Path) -> Iterator[None]:
        before = Path.cwd()
        os.chdir(path)
        try:
            yield
        finally:
            os.chdir(before)

    return change
