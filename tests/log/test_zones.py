"""Time zones against `zoneinfo`, to the microsecond."""

# ruff: noqa: DTZ001 - wall-clock times without a zone are what is tested here

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potok.core.zones import zone_names
from potok.engine.duckdb import connect
from potok.log.zone_sql import local_expression, step_expression, universal_expression
from potok.log.zones import (
    LAST_YEAR,
    Transition,
    UnknownZoneError,
    ambiguous_times,
    load_zone,
    load_zone_history,
    nonexistent_times,
)

ZONES = (
    "UTC",
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Asia/Yakutsk",
    "Europe/Amsterdam",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Etc/GMT-3",
)
EPOCH = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)
HOUR_US = 3_600_000_000
FIRST = datetime(1900, 1, 1)
LAST = datetime(LAST_YEAR, 12, 30)


@pytest.fixture(scope="module")
def evaluate() -> Callable[[str, list[int]], list[Any]]:
    connection = connect()

    def run(expression: str, values: list[int]) -> list[Any]:
        query = f"SELECT {expression} FROM (SELECT unnest(?::BIGINT[]) AS value)"
        return [row[0] for row in connection.execute(query, [values]).fetchall()]

    return run


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def from_wall(wall_us: int, zone: str) -> int:
    wall = (EPOCH + timedelta(microseconds=wall_us)).replace(tzinfo=load_zone(zone))
    return micros(wall.astimezone(UTC).replace(tzinfo=None))


def to_wall(instant_us: int, zone: str) -> int:
    instant = (EPOCH + timedelta(microseconds=instant_us)).replace(tzinfo=UTC)
    return micros(instant.astimezone(load_zone(zone)).replace(tzinfo=None))


def offsets(wall_us: int, zone: str) -> list[timedelta]:
    wall = EPOCH + timedelta(microseconds=wall_us)
    return [wall.replace(tzinfo=load_zone(zone), fold=fold).utcoffset() or timedelta() for fold in (0, 1)]


def changes_to_try(zone: str) -> list[Transition]:
    """All changes up to 2040, then one in twenty."""
    changes = [c for c in load_zone_history(zone).transitions if c.at_us >= micros(FIRST)]
    early = [c for c in changes if c.at_us < micros(datetime(2040, 1, 1))]
    return early[::2] + changes[len(early) :: 21]


def around_transitions(zone: str) -> list[int]:
    """Wall-clock times at, just before and just after the ends of gaps and folds."""
    changes = changes_to_try(zone)
    ends = {change.at_us + offset for change in changes for offset in (change.before_us, change.after_us)}
    return sorted(end + step for end in ends for step in (-HOUR_US, -1, 0, 1, HOUR_US // 2))


@pytest.mark.parametrize("zone", ZONES)
def test_wall_clock_becomes_utc_around_every_change_of_offset(zone, evaluate):
    walls = [*around_transitions(zone), micros(FIRST), micros(LAST)]
    assert evaluate(universal_expression("value", zone=zone), walls) == [from_wall(wall, zone) for wall in walls]


@pytest.mark.parametrize("zone", ZONES)
def test_utc_becomes_wall_clock(zone, evaluate):
    instants = [c.at_us + step for c in changes_to_try(zone) for step in (-1, 0, 1)]
    instants.append(0)
    assert evaluate(local_expression("value", zone=zone), instants) == [to_wall(i, zone) for i in instants]


@pytest.mark.parametrize("zone", ZONES)
def test_doubtful_times_are_those_whose_two_folds_differ(zone, evaluate):
    walls = [*around_transitions(zone), 0]
    folds = [offsets(wall, zone) for wall in walls]
    ambiguous = evaluate(step_expression("value", ambiguous_times(zone)), walls)
    nonexistent = evaluate(step_expression("value", nonexistent_times(zone)), walls)
    assert ambiguous == [int(first > second) for first, second in folds]
    assert nonexistent == [int(first < second) for first, second in folds]


@settings(max_examples=40, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    walls=st.lists(st.datetimes(FIRST, LAST), min_size=1, max_size=30),
    span=st.none() | st.tuples(st.datetimes(FIRST, LAST), st.datetimes(FIRST, LAST)).map(sorted),
)
def test_any_time_from_1900_to_2999_whatever_the_span(evaluate, zone, walls, span):
    values = [micros(wall) for wall in walls]
    bounds = None if span is None else (micros(span[0]), micros(span[1]))
    expression = universal_expression("value", zone=zone, span=bounds)
    assert evaluate(expression, values) == [from_wall(value, zone) for value in values]


def test_years_without_four_digits_are_unreadable(evaluate):
    values = [micros(datetime(999, 12, 31)), micros(datetime(1000, 1, 1)), 253_402_300_800_000_000]
    assert evaluate(universal_expression("value", zone="UTC"), values) == [None, values[1], None]


def test_a_missing_instant_has_no_wall_clock(evaluate):
    assert evaluate(local_expression("CASE WHEN value > 0 THEN value END", zone="Europe/Amsterdam"), [0]) == [None]


def test_russia_has_had_no_summer_time_since_2014():
    last = load_zone_history("Europe/Moscow").transitions[-1]
    assert EPOCH + timedelta(microseconds=last.at_us) == datetime(2014, 10, 25, 22)
    assert last.after_us == 3 * HOUR_US


def test_a_yearly_rule_is_followed_to_the_last_year():
    last = load_zone_history("Europe/Amsterdam").transitions[-1]
    assert EPOCH + timedelta(microseconds=last.at_us) == datetime(2999, 10, 27, 1)


def test_expressions_stay_short_where_summer_time_goes_on():
    assert universal_expression("value", zone="Europe/Amsterdam").count("CASE") < 150
    assert universal_expression("value", zone="UTC").count("CASE") == 1


@pytest.mark.parametrize("name", ["Europe/Kaliningrat", "kaliningrad", "Kaliningrad"])
def test_an_unknown_zone_is_refused_with_the_nearest(name):
    with pytest.raises(UnknownZoneError, match=name) as caught:
        load_zone(name)
    assert "Europe/Kaliningrad" in caught.value.remedy
    assert caught.value.as_record()["code"] == "POTOK-L080"


@pytest.mark.parametrize("name", ["", "../../../etc/passwd", "/etc/localtime", "qqqq", "zones"])
def test_a_path_is_not_a_zone(name):
    with pytest.raises(UnknownZoneError) as caught:
        load_zone_history(name)
    assert "for example" in caught.value.remedy


def test_every_name_loads_from_the_package():
    assert {"UTC", "Asia/Yakutsk", "Europe/Kaliningrad"} <= zone_names()
    assert all(load_zone(name).key == name for name in sorted(zone_names())[::60])
