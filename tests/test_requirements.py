"""The lock file: whole, hashed, for every Python we support, and free of this or that machine."""

from __future__ import annotations

import re
import tomllib

import pytest
from making import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")
#: One text a requirement, its hashes included.
LOCKED = LOCK.replace("\\\n", "").splitlines()


def locked_for(python: str, platform: str) -> dict[str, str]:
    """Return the locked version of each package on a Python (as "3.12") and platform."""
    marks = {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": platform,
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    versions = {}
    for line in LOCKED:
        if not line.startswith((" ", "#")):
            requirement = Requirement(line.partition(" --hash")[0])
            if requirement.marker is None or requirement.marker.evaluate(marks):
                (pin,) = requirement.specifier
                assert pin.operator == "=="
                versions[canonicalize_name(requirement.name)] = pin.version
    return versions


def asked_for() -> list[Requirement]:
    """Return every requirement that pyproject.toml names, the build backend's included."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [
        settings["project"]["dependencies"],
        settings["build-system"]["requires"],
        *settings["dependency-groups"].values(),
    ]
    return [Requirement(entry) for group in groups for entry in group if isinstance(entry, str)]


def test_a_line_is_a_requirement_with_hashes_or_a_comment() -> None:
    requirement = (
        r"[a-z0-9-]+==[0-9a-z.]+( ; [a-z0-9_'.<>=! *P]+)?\s+(--hash=sha256:[0-9a-f]{64}\s*)+"
    )
    odd = [line for line in LOCKED if not re.fullmatch(rf"{requirement}| *#.*", line)]
    assert not odd


def test_no_address_and_no_path_of_a_machine_is_in_it() -> None:
    assert not re.findall(r"https?:|file:|(?<!\w)[/~]\w+/|--(?!hash)", LOCK)


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_it_holds_a_fitting_version_of_everything_asked_for(python: str, platform: str) -> None:
    locked = locked_for(python, platform)
    unfit = [
        str(asked)
        for asked in asked_for()
        if not asked.specifier.contains(locked.get(canonicalize_name(asked.name), "0"))
    ]
    assert not unfit
