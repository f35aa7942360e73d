"""How well a header speaks for a role."""

import pytest

from potok.log.guessing.headers import normalise, score


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("startTime", "start time"),
        ("Start_Time", "start time"),
        (" № дела ", "номер дела"),
        ("Подтверждён", "подтвержден"),
    ],
)
def test_headers_are_normalised(header, expected):
    assert normalise(header) == expected


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Срок исполнения", "completed_at"),
        ("due_date", "completed_at"),
        ("Дата рождения", "completed_at"),
        ("resource country", "resource"),
        ("Код операции", "case_id"),
        ("организация", "activity"),
    ],
)
def test_headers_that_do_not_fit(header, role):
    assert score(header, role) == 0


def test_a_time_of_the_case_is_only_the_last_resort():
    assert 0 < score("Дата подачи заявления", "completed_at") < score("Дата", "completed_at")
