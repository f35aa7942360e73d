"""What a protocol cannot prove is said before anything changes."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from potok.verify.protocol.concerns import check_protocol, last_opening, whole_months
from potok.verify.protocol.drawing import draw_order
from potok.verify.protocol.model import (
    Clock,
    ComparisonKind,
    ComparisonPlan,
    Declarations,
    LookKind,
    Protocol,
    QualityMargin,
    Wave,
)
from verify.protocol.example import FULL

DAYS = (date(2024, 4, 1), date(2024, 9, 2))
DRAWN = draw_order(("А", "Б", "В", "Г", "Е", "Ж", "З", "И"), DAYS, seed=7)
GOOD = replace(
    FULL,
    change=replace(FULL.change, waves=DRAWN.waves),
    comparison=ComparisonPlan(ComparisonKind.WAVES, is_order_drawn=True, seed=7),
    look=replace(FULL.look, on=date(2025, 12, 31), kind=LookKind.FIXED),
    estimand=replace(FULL.estimand, clock=Clock.CALENDAR_DAYS, calendar="", horizon_days=180, term_days=30),
)
OWN = replace(
    GOOD, change=replace(GOOD.change, waves=GOOD.change.waves[:1]), comparison=ComparisonPlan(ComparisonKind.OWN_PAST)
)


def kinds(protocol: Protocol) -> dict[str, bool]:
    return {concern.kind: concern.is_fatal for concern in check_protocol(protocol)}


def test_a_complete_protocol_raises_no_concern() -> None:
    assert kinds(GOOD) == {}
    assert kinds(OWN) == {}


def test_a_calendar_that_may_change_afterwards_is_said() -> None:
    named = replace(GOOD.estimand, clock=Clock.WORKING_DAYS, calendar="ru", calendar_id="")
    assert kinds(replace(GOOD, estimand=named))["calendar_not_fixed"] is False


@pytest.mark.parametrize(
    ("changed", "kind", "is_fatal"),
    [
        ({"registered_on": DAYS[0]}, "late", True),
        ({"quality": ()}, "no_quality", False),
        ({"failure": ""}, "no_failure", False),
        ({"declarations": replace(FULL.declarations, was_chosen_as_worst=True)}, "chosen_as_worst", False),
        ({"declarations": replace(FULL.declarations, refusal_values=())}, "undeclared", False),
        ({"comparison": ComparisonPlan(ComparisonKind.WAVES)}, "order_not_drawn", False),
        ({"comparison": replace(GOOD.comparison, seed=8)}, "order_differs", False),
        ({"comparison": ComparisonPlan(ComparisonKind.OWN_PAST)}, "own_past_in_waves", True),
        ({"look": replace(GOOD.look, on=date(2025, 4, 1))}, "look_too_early", True),
        ({"estimand": replace(GOOD.estimand, horizon_days=100)}, "follow_up_too_long", True),
    ],
)
def test_each_gap_is_named(changed: dict[str, Any], kind: str, is_fatal: bool) -> None:
    assert kinds(replace(GOOD, **changed)) == {kind: is_fatal}


def test_too_few_orders_and_one_day_for_all_are_named() -> None:
    few = draw_order(("А", "Б", "В", "Г"), DAYS, seed=7).waves
    found = check_protocol(replace(GOOD, change=replace(GOOD.change, waves=few)))
    assert [concern.kind for concern in found] == ["few_assignments"]
    assert found[0].reason.arguments == {"assignments": 6, "least": 40, "p": pytest.approx(1 / 6)}
    at_once = tuple(Wave(agency, DAYS[0]) for agency in "АБВ")
    plan = ComparisonPlan(ComparisonKind.WAVES)
    assert "all_at_once" in kinds(replace(GOOD, change=replace(GOOD.change, waves=at_once), comparison=plan))
    # One agency among six can be dealt out in six ways: p is at least .167.
    others = ComparisonPlan(ComparisonKind.OTHER_AGENCIES, controls=tuple("123456"[:5]))
    assert kinds(replace(OWN, comparison=others)) == {"few_assignments": True}


def test_what_forbids_comes_first() -> None:
    found = check_protocol(replace(GOOD, failure="", registered_on=DAYS[0], declarations=Declarations()))
    assert [concern.is_fatal for concern in found] == [True, False, False]


def test_a_sequence_may_wait_for_the_youngest_cases() -> None:
    slow = QualityMargin("Ж", "Ж", "да", FULL.quality[0].direction, 0.02, 300)
    assert "follow_up_too_long" in kinds(replace(GOOD, quality=(slow,)))
    look = replace(GOOD.look, kind=LookKind.SEQUENCE)
    assert kinds(replace(GOOD, quality=(slow,), look=look)) == {}


@pytest.mark.parametrize(
    ("since", "until", "months"),
    [
        (date(2024, 4, 1), date(2024, 5, 1), 1),
        (date(2024, 4, 2), date(2024, 5, 31), 0),
        (date(2024, 4, 2), date(2024, 6, 1), 1),
        (date(2024, 12, 1), date(2025, 2, 1), 2),
        (date(2025, 2, 1), date(2024, 2, 1), 0),
    ],
)
def test_whole_months_are_counted(since: date, until: date, months: int) -> None:
    assert whole_months(since, until) == months


def test_the_last_opening_leaves_the_whole_horizon() -> None:
    calendar = replace(OWN, estimand=replace(OWN.estimand, horizon_days=60))
    assert last_opening(calendar, date(2025, 12, 31)) == date(2025, 11, 2)
    working = replace(calendar, estimand=replace(calendar.estimand, clock=Clock.WORKING_DAYS, calendar="ru"))
    assert last_opening(working, date(2025, 12, 31)) == date(2025, 10, 9)
