"""A health page says who made it, who checked it, when, and with what interests."""

from __future__ import annotations

import pytest
from conftest import CLEAN, Project

RECORD = {
    "author": "A. Writer",
    "editor": "B. Editor",
    "clinician": "nobody yet",
    "reviewed": "2026-11-22",
    "review_due": "2027-11-22",
    "funding": "none",
    "interests": "none",
}
RULES = ("ACU204", "ACU205", "ACU206")


@pytest.fixture
def findings(project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795305600")  # 2026-11-22
    project.configure(acuext_profile="health-page")

    def build(**said: str | None) -> list[tuple[str, str]]:
        record = {**RECORD, **said}
        lines = "".join(f"  {key}: {value}\n" for key, value in record.items() if value)
        project.write({"index.md": f"---\nacuext:\n{lines}---\n{CLEAN.lstrip()}"})
        return [(f["rule"], f["severity"]) for f in project.build().findings if f["rule"] in RULES]

    return build


def test_a_full_record_is_quiet(findings) -> None:
    assert findings() == []
    assert findings(clinician="C. Nurse, nurse") == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"reviewed": None}, [("ACU204", "error")]),
        ({"review_due": None}, [("ACU204", "error")]),
        ({"reviewed": "2026-11-23"}, [("ACU204", "error")]),
        ({"review_due": "2026-11-21", "reviewed": "2026-01-01"}, [("ACU204", "error")]),
        ({"review_due": "2026-12-31"}, [("ACU204", "warning")]),
        ({"review_due": "2029-12-31"}, [("ACU204", "error")]),
        ({"reviewed": "soon"}, [("ACU204", "error")]),
        ({"author": None}, [("ACU205", "error")]),
        ({"clinician": None}, [("ACU205", "error")]),
        ({"editor": "a. writer"}, [("ACU205", "error")]),
        ({"autor": "x"}, [("ACU205", "error")]),
        ({"funding": None}, [("ACU206", "error")]),
        ({"interests": None, "funding": None}, [("ACU206", "error")]),
    ],
)
def test_each_gap_is_found(findings, said, expected) -> None:
    assert findings(**said) == expected


def test_the_profile_core_asks_for_no_record(project: Project) -> None:
    project.write({"index.md": CLEAN})
    assert project.build().findings == []
    project.configure(acuext_rules={"ACU204": "warning"})
    assert project.build().rules() == ["ACU204"]


def test_a_page_that_is_no_health_page_needs_none(project: Project) -> None:
    project.configure(acuext_profile="health-page")
    project.write({"index.md": "---\nacuext:\n  health: false\n---\n# Tool\n\nWords.\n"})
    assert project.build().findings == []
