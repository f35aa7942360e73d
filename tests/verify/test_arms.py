"""Where cases stand, told from the day on which they opened."""

from datetime import date

import numpy as np
import pytest

from potok.log.mapping import ExtractionKind
from potok.verify.arms import assign_arms
from potok.verify.panel import make_panel
from potok.verify.protocol.model import ComparisonKind, Sentinel
from potok.verify.sentinels import unreviewed
from potok.verify.study import UNKNOWN, Side
from support.small_studies import make_protocol, make_study

ROWS = [
    ("a1", "А", "2025-01-10", 5),  # before
    ("a2", "А", "2025-02-20", 50),  # ten days before the change: transition
    ("a3", "А", "2025-03-01", 3),  # the day of the change: transition
    ("a4", "А", "2025-03-15", 4),  # the first day after the transition
    ("a5", "А", "2025-04-01", None),  # open at the look, 60 days old: counted at the horizon
    ("a6", "А", "2025-05-15", 2),  # closed, but younger than the horizon at the look
    ("b1", "Б", "2025-03-01", 40),  # compared
    ("c1", "В", "2025-03-01", 40),  # not of the population
]
WINDOW = {"transition_before_days": 10, "transition_after_days": 14}
INSIDE = [True] * 7 + [False]


def arms_of(rows=ROWS, **protocol):
    study = make_study(rows, look="2025-06-01", inside=INSIDE[: len(rows)])
    made = make_protocol({"А": "2025-03-01"}, kind=ComparisonKind.OTHER_AGENCIES, **WINDOW, **protocol)
    return study, assign_arms(study, made)


def test_every_case_stands_where_its_opening_puts_it():
    study, arms = arms_of()
    sides = dict(zip(study.cases.case_ids, map(Side, arms.side.tolist()), strict=True))
    assert sides == {
        "a1": Side.BEFORE,
        "a2": Side.TRANSITION,
        "a3": Side.TRANSITION,
        "a4": Side.AFTER,
        "a5": Side.AFTER,
        "a6": Side.UNFOLLOWED,
        "b1": Side.COMPARED,
        "c1": Side.OUTSIDE,
    }


def test_durations_end_at_the_horizon_and_never_decide_who_takes_part():
    study, arms = arms_of()
    outcome = dict(zip(study.cases.case_ids, arms.outcome.tolist(), strict=True))
    assert outcome["a1"] == 5
    assert outcome["a5"] == 30
    assert outcome["b1"] == 30
    longer = [(case, agency, opened, None) for case, agency, opened, _days in ROWS]
    assert (arms_of(longer)[1].side == arms.side).all()


def test_months_are_local_and_the_change_has_its_own():
    _study, arms = arms_of()
    assert arms.months == tuple(date(2025, month, 1) for month in range(1, 6))
    assert arms.month.tolist() == [0, 1, 2, 2, 3, 4, 2, 2]
    assert arms.change_month.tolist() == [2] * 6 + [UNKNOWN] * 2


def test_the_panel_means_what_takes_part_in_whole_months():
    study, arms = arms_of()
    panel = make_panel(study, arms)
    assert panel.agencies == ("А", "Б")
    assert panel.first_changed.tolist() == [3, UNKNOWN]
    assert panel.mean[0, 0] == 5
    assert np.isnan(panel.mean[0, 2])  # of March only what opened after the transition would be left
    assert panel.mean[0, 3] == 30
    assert panel.mean[1, 2] == 30
    assert np.isnan(panel.mean[1, 0])
    whole = make_panel(study, arms, with_transition=True)
    assert whole.mean[0, 2] == pytest.approx(3.5)
    assert whole.cases.sum() == panel.cases.sum() + 3


def test_a_month_with_both_sides_belongs_to_neither():
    rows = [("a1", "А", "2025-03-05", 5), ("a2", "А", "2025-03-25", 1), ("a3", "А", "2025-04-03", 1)]
    study = make_study(rows, look="2025-12-01")
    protocol = make_protocol({"А": "2025-03-15"})
    panel = make_panel(study, assign_arms(study, protocol))
    assert panel.cases.tolist() == [[0, 1]]
    assert panel.first_changed.tolist() == [1]


def test_variance_is_that_of_a_mean():
    rows = [(f"a{place}", "А", f"2025-01-{place + 1:02}", place) for place in range(9)]
    study = make_study(rows, look="2025-12-01")
    panel = make_panel(study, assign_arms(study, make_protocol({"А": "2025-06-01"})))
    assert panel.variance[0, 0] == pytest.approx(np.var(range(9), ddof=1) / 9)


def test_closed_cases_only_are_marked():
    study = make_study(ROWS[:2], look="2025-06-01", extraction=ExtractionKind.CLOSED)
    assert assign_arms(study, make_protocol({"А": "2025-03-01"})).is_closed_only


def test_openings_before_the_log_is_complete_take_no_part():
    study = make_study(ROWS[:1], look="2025-06-01", first="2025-01-20")
    assert assign_arms(study, make_protocol({"А": "2025-03-01"})).side.tolist() == [Side.UNFOLLOWED]


def test_grave_events_count_from_the_day_of_the_change_whoever_takes_part():
    events = [None, None, "да", None, None, "да", "да", None]
    study = make_study(ROWS, look="2025-06-01", inside=INSIDE, авария=events)
    protocol = make_protocol({"А": "2025-03-01"}, sentinels=[Sentinel("Авария", "авария", "да", ("a6",))], **WINDOW)
    assert unreviewed(study, assign_arms(study, protocol), protocol) == ("a3",)
