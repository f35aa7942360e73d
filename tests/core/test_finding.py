"""Findings and errors."""

from dataclasses import replace

from potok.core.errors import BadDataError
from potok.core.finding import Finding, FindingKind, Place, Waste
from potok.core.progress import SilentProgress

FOUND = Finding(FindingKind.LONG_WAIT, Waste.WAITING, Place("A", "B"), 3, 4, 3600.0, 0.25)


def test_an_id_depends_on_kind_place_and_content_only() -> None:
    own = FOUND.identifier("abc")
    assert own == replace(FOUND, cases=9, applicant_seconds=1.0).identifier("abc")
    others = {
        FOUND.identifier("abd"),
        replace(FOUND, kind=FindingKind.REWORK).identifier("abc"),
        replace(FOUND, where=Place("A", "C")).identifier("abc"),
        replace(FOUND, where=Place("A", org_unit="B")).identifier("abc"),
    }
    assert len(others) == 4
    assert own not in others
    assert own.startswith("F-")
    assert len(own) == 14


def test_an_error_can_be_told_to_a_machine() -> None:
    error = BadDataError("It is broken.", where="row 7", remedy="Mend it.")
    assert error.as_record() == {
        "code": "POTOK-C002",
        "message": "It is broken.",
        "where": "row 7",
        "remedy": "Mend it.",
    }
    assert str(error) == "It is broken."


def test_silent_progress_says_nothing(capsys) -> None:
    progress = SilentProgress()
    progress.start("Reading", total=3, unit="rows")
    progress.advance_to(2)
    progress.finish()
    assert capsys.readouterr() == ("", "")
