"""`acuext check` gives what the build gives, finding for finding, in every project of these tests.

They are the tests of the build itself, run once more with a project that holds each build against
a check: from nothing, or with what the check before has kept.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import Built, Project
from test_bad_input import *  # noqa: F403
from test_baseline import *  # noqa: F403 (the tests themselves are what is wanted)
from test_builds import *  # noqa: F403
from test_places import *  # noqa: F403
from test_waivers import *  # noqa: F403

from acuext.cli import cli

pytestmark = pytest.mark.slow


class Checked(Project):
    """Holds each build with the builder `acuext` against `acuext check`."""

    def build(self, *options: str, builder: str = "acuext", **where: Any) -> Built:
        built = super().build(*options, builder=builder, **where)
        # That the report cannot be written is no matter of what is in it.
        if builder == "acuext" and not options and "cannot be written" not in built.err:
            cache = str(self.path.parent / "cache")
            arguments = ["check", str(self.path), "--format", "json"]
            checked = CliRunner(env={"ACUEXT_CACHE_DIR": cache}).invoke(cli, arguments)
            assert checked.exit_code == built.status, checked.output
            if built.report:
                report = json.loads(checked.stdout)
                for key in ("findings", "waived", "baseline"):
                    assert report[key] == built.report[key]
        return built


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Project:
    """The project of tests/conftest.py, held against the command."""
    made = Checked(tmp_path / "project", capsys)
    made.path.mkdir()
    made.configure(exclude_patterns=["_build", "parts"])
    return made
