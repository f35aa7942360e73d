"""Batches that are only the queue of the night are no batches."""

import pytest

from potok.core.calendars import Calendar
from potok.discover.batches import FiringRule
from potok.simulate.discovery.batch_rules import is_opening

WEEK = (((600, 840), (900, 1080)),) * 5 + ((), ())
FRIDAYS = ((), (), (), (), ((900, 960),), (), ())


def rule(weekdays: tuple[int, ...], hours: tuple[int, int] | None) -> FiringRule:
    return FiringRule(
        activity=0,
        minimum_size=1,
        full_size=None,
        maximum_size=None,
        maximum_wait_seconds=None,
        weekdays=weekdays,
        hours=hours,
        confidence=1.0,
        confidence_lower=0.9,
        confidence_upper=1.0,
        support=1.0,
        firings=50,
        batched_share=0.9,
    )


def calendar(weekly: tuple[tuple[tuple[int, int], ...], ...]) -> Calendar:
    return Calendar("hours", "UTC", weekly, {}, 2024, 2026)


@pytest.mark.parametrize(
    ("given", "hours", "expected"),
    [
        (rule((0, 1, 2, 3, 4), (10, 11)), WEEK, True),
        (rule((0, 1, 2, 3, 4), (15, 16)), WEEK, True),
        (rule((0, 1, 2, 3, 4), (12, 13)), WEEK, False),
        (rule((4,), (10, 11)), WEEK, False),
        (rule((4,), (15, 16)), FRIDAYS, False),
        (rule((0, 1, 2, 3, 4), None), WEEK, False),
    ],
)
def test_what_begins_whenever_people_begin_is_their_hours(given, hours, expected):
    assert is_opening(given, [calendar(hours)]) is expected


def test_without_hours_nothing_is_said_of_the_night():
    assert not is_opening(rule((0, 1, 2, 3, 4), (10, 11)), [])
    assert not is_opening(rule((0, 1, 2, 3, 4), (10, 11)), [calendar(WEEK), calendar(FRIDAYS)])
