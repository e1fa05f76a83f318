"""What a page says of itself is read without guessing."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from acuext.frontmatter import front_matter


@pytest.mark.parametrize(
    ("said", "health_page"),
    [
        ({"health": False}, False),
        ({"health": True}, True),
        ({"health": "false"}, True),
        ({"health": 0}, True),
        ({"health": None}, True),
        ({}, True),
        (False, True),
        ([1], True),
    ],
)
def test_only_a_plain_false_exempts(said: Any, health_page: bool) -> None:
    assert front_matter({"acuext": json.dumps(said)}).health_page is health_page


def test_a_record_is_read_with_its_dates() -> None:
    said = {"author": "A.  B.\n C.", "clinician": "Nobody yet", "reviewed": "2026-11-22"}
    found = front_matter({"acuext": json.dumps(said), "other": "x"})
    assert found.problems == ()
    assert found.record is not None
    assert found.record.author == "A. B. C."
    assert found.record.reviewed == datetime.date(2026, 11, 22)
    assert not found.record.clinician_named


def test_fields_of_restructuredtext_say_the_same() -> None:
    found = front_matter({"acuext-review-due": "2027-01-01", "acuext-health": "False"})
    assert found.record is not None
    assert found.record.review_due == datetime.date(2027, 1, 1)
    assert found.health_page is False


def test_what_cannot_be_understood_is_said() -> None:
    found = front_matter({"acuext": '{"autor": "x", "reviewed": "soon"}'})
    assert found.problems == (
        "unknown key \"autor\"; did you mean 'author'?",
        'reviewed: "soon" is no date; write 2027-02-01',
    )
    assert front_matter({"acuext": "{"}).problems == ('"acuext" must hold keys and values',)


def test_a_page_without_a_record_has_none() -> None:
    assert front_matter({}).record is None
    assert front_matter({"acuext": '{"health": false}'}).record is None
