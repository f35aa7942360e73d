"""Requests for documents, and papers that the state holds, in a regulation."""

import tomllib

import pytest

from potok.core.regulations import regulation_from_mapping
from potok.core.regulations.errors import BrokenRegulationError
from potok.core.regulations.papers import DocumentRequest, HeldPaper

TERM = """
service = "s"
act = "a"

[[terms]]
name = "t"
amount = 10
unit = "working_days"
"""
REQUEST = """
[[document_requests]]
activities = ["Ask for papers"]
replies = ["Papers received"]
article = "12"
"""
PAPER = """
[[held_papers]]
document = "Extract"
holder = "Registry"
activities = ["Ask for papers"]
attribute = "paper"
values = ["extract", "certificate"]
article = "7"
"""


def read(text):
    return regulation_from_mapping(tomllib.loads(text))


def test_both_are_read():
    found = read(TERM + REQUEST + PAPER)
    assert found.document_requests == (DocumentRequest(("Ask for papers",), ("Papers received",), 1, "12"),)
    assert found.held_papers == (
        HeldPaper("Extract", "Registry", ("Ask for papers",), (), "paper", ("extract", "certificate"), "7"),
    )


def test_their_activities_are_among_those_named():
    assert read(TERM + REQUEST + PAPER).activities_named() == (
        ("document_requests", "Ask for papers"),
        ("document_requests", "Papers received"),
        ("held_papers", "Ask for papers"),
    )


def test_a_regulation_without_them_keeps_its_id():
    # Computed before papers could be stated.
    assert read(TERM).regulation_id == "b7d48936ca8aa7a592e4c8c00fa8b3c9c2d121012d745a38a9b6a35f2a34c897"
    assert read(TERM + REQUEST).regulation_id != read(TERM).regulation_id


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (REQUEST.replace("Papers received", "Ask for papers"), "replies"),
        (PAPER.replace('values = ["extract", "certificate"]\n', ""), "attribute needs the values"),
        (PAPER.replace('holder = "Registry"\n', ""), "holder"),
        (REQUEST + "at_most = -1\n", "at_most"),
        (REQUEST + 'aktivities = "x"\n', "aktivities"),
    ],
)
def test_what_cannot_be_is_refused(text, message):
    with pytest.raises(BrokenRegulationError, match=message):
        read(TERM + text)
