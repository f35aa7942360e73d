"""Outcomes of single cases, worked out by hand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from potok.core.calendars import Calendar
from potok.core.time_units import DAY_US, HOUR_US
from potok.log.mapping import ExtractionKind
from potok.verify.outcomes.labelling import make_labels
from potok.verify.outcomes.parts import REPEATED
from potok.verify.outcomes.reading import read_study
from potok.verify.outcomes.values import outcome_values
from potok.verify.protocol.model import Clock, OutcomeKind
from potok.verify.study import CaseFeatures, MonthlyWork, Study, StudyCases, StudySource
from support.tiny_store import TinyEvent, TinyLog, write_store
from verify.outcomes.study_logs import make_protocol

LOOK = 100 * DAY_US
NAN = float("nan")


def labels(name: str, texts: str | list[str]):
    return make_labels(name, [pa.array(list(texts), pa.string())])


def study_of(
    opened: list[float],
    left: list[float | None],
    *,
    watched: list[float] | None = None,
    stopped: float = 0.0,
    cost: float = NAN,
    extraction: ExtractionKind = ExtractionKind.OPENED,
    **attributes: list[str],
) -> Study:
    """Return cases by the days of their opening and closing (None while open), looked at after 100 days."""
    n = len(opened)
    opened_us = np.array([round(day * DAY_US) for day in opened], np.int64)
    none = np.zeros(n, np.int64)
    features = CaseFeatures(
        opened_us, *(none,) * 7, stopped_us=none + round(stopped * DAY_US), applicant_us=none, cost=np.full(n, cost)
    )
    cases = StudyCases(
        case_ids=np.array([str(i) for i in range(n)], object),
        opened_us=opened_us,
        watched_us=opened_us if watched is None else np.array([round(day * DAY_US) for day in watched], np.int64),
        left_us=np.array([LOOK if day is None else round(day * DAY_US) for day in left], np.int64),
        is_closed=np.array([day is not None for day in left]),
        agency=labels("agency", ["North"] * n),
        service=labels("service", [""] * n),
        channel=labels("channel", [""] * n),
        outcome=labels("outcome", attributes.pop("outcome", [""] * n)),
        attributes=tuple(labels(name, texts) for name, texts in attributes.items()),
        features=features,
    )
    work = MonthlyWork(("North",), (), (), *(np.zeros((1, 0), np.int64),) * 5)
    source = StudySource("a.csv", "0" * 64, extraction, LOOK, n, 0, "0" * 64)
    return Study(cases, np.ones(n, np.bool_), work, "UTC", 0, LOOK, (source,))


def values(study: Study, outcome: OutcomeKind = OutcomeKind.CASE_DURATION, **estimand: object) -> list[float]:
    return outcome_values(study, make_protocol(outcome, **estimand)).outcome.tolist()


def test_a_duration_is_cut_at_the_horizon_and_unknown_before_it():
    """Horizon 10 days: closed after 4, 10 and 50 days; open for 20 and for 5 days; closed before it opened."""
    study = study_of([0, 0, 0, 80, 95, 9], [4, 10, 50, None, None, 3])
    assert values(study) == pytest.approx([4, 10, 10, 10, NAN, NAN], nan_ok=True)
    assert outcome_values(study, make_protocol()).is_unwatched.tolist() == [False] * 5 + [True]


def test_stops_are_left_out_of_the_second_figure_only():
    study = study_of([0, 0, 92], [4, 12, None], stopped=3)
    found = outcome_values(study, make_protocol())
    assert found.outcome.tolist() == pytest.approx([4, 10, NAN], nan_ok=True)
    assert found.without_stops.tolist() == pytest.approx([1, 9, NAN], nan_ok=True)
    # Open for 12 days of which 3 stood still: followed past the horizon, but not on the running clock.
    found = outcome_values(study_of([88], [None], stopped=3), make_protocol())
    assert (found.outcome.tolist(), found.without_stops.tolist()) == ([10], pytest.approx([NAN], nan_ok=True))


def test_a_term_is_kept_missed_or_not_yet_over():
    study = study_of([0, 0, 0, 95, 98], [3, 5, 6, None, None])
    found = values(study, OutcomeKind.WITHIN_TERM_SHARE, term_days=5.0)
    assert found == pytest.approx([1, 1, 0, NAN, NAN], nan_ok=True)
    assert values(study_of([94.9], [None]), OutcomeKind.WITHIN_TERM_SHARE, term_days=5.0) == [0]


def test_through_at_the_first_time_is_closed_within_the_horizon_without_return():
    """Closed in time; with a return; too late; open too long; too young, with and without a return."""
    repeated = ["false", "true", "false", "false", "false", "true"]
    study = study_of([0, 0, 0, 0, 95, 95], [5, 5, 50, None, 97, None], **{REPEATED: repeated})
    assert values(study, OutcomeKind.FIRST_TIME_THROUGH_SHARE) == pytest.approx([1, 0, 0, 0, NAN, 0], nan_ok=True)


def test_a_share_counts_empty_attributes_as_without_and_young_cases_not_at_all():
    study = study_of([0, 0, 0, 95], [1, 1, 1, 96], paid=["yes", "no", "", "yes"])
    share = {"attribute": "paid", "value": "yes"}
    assert values(study, OutcomeKind.ATTRIBUTE_SHARE, **share) == pytest.approx([1, 0, 0, NAN], nan_ok=True)
    share = {"attribute": "lacking", "value": "yes"}
    assert np.isnan(values(study, OutcomeKind.ATTRIBUTE_SHARE, **share)).all()


def test_costs_are_known_where_recorded_and_followed():
    assert values(study_of([0, 95], [1, 96], cost=7.5), OutcomeKind.COST) == pytest.approx([7.5, NAN], nan_ok=True)
    assert np.isnan(values(study_of([0], [1]), OutcomeKind.COST)).all()


def test_a_case_closed_before_it_was_watched_is_in_no_estimate():
    study = study_of([0, 0, 0], [4, 6, None], watched=[5, 5, 5])
    found = outcome_values(study, make_protocol())
    assert found.is_unwatched.tolist() == [True, False, False]
    assert found.outcome.tolist() == pytest.approx([NAN, 6, 10], nan_ok=True)
    assert found.watched_from.tolist() == [5, 5, 5]


def test_working_days_count_open_hours_and_freeze_the_calendar():
    """Thursday 1970-01-01 from 9 to 17, and Friday; a weekend; then Monday 9 to 13."""
    office = Calendar("office", "UTC", (((540, 1020),),) * 5 + ((), ()), {}, 1970, 1971)
    study = study_of([9 / 24], [4 + 13 / 24])
    protocol = make_protocol(clock=Clock.WORKING_DAYS)
    found = outcome_values(study, protocol, calendar=office)
    assert found.outcome.tolist() == [2.5]
    assert found.cases.calendar_id == office.calendar_id
    stopped = replace(study.cases.features, stopped_us=np.array([4 * HOUR_US]))
    halved = outcome_values(replace(study, cases=replace(study.cases, features=stopped)), protocol, calendar=office)
    assert halved.without_stops.tolist() == [2.0]
    # Watched from a weekend to its end: nothing of it was seen on this clock.
    weekend = study_of([0.5], [3.5], watched=[2.5])
    assert outcome_values(weekend, protocol, calendar=office).is_unwatched.tolist() == [True]
    assert outcome_values(weekend, make_protocol()).is_unwatched.tolist() == [False]


def test_closed_cases_only_are_marked():
    study = study_of([0], [4], extraction=ExtractionKind.CLOSED)
    assert outcome_values(study, make_protocol()).cases.is_closed_only
    assert not outcome_values(study_of([0], [4]), make_protocol()).cases.is_closed_only


def test_stops_and_horizons_run_on_the_clock_of_the_protocol(tmp_path):
    """An office of 8 hours from Thursday, 1970-01-01; two stops overlap over a weekend, a third is never over."""
    office = Calendar("office", "UTC", (((540, 1020),),) * 5 + ((), ()), {}, 1970, 1971)
    hour = HOUR_US

    def done(case: str, activity: str, started: float, completed: float | None) -> TinyEvent:
        end = None if completed is None else round(completed * hour)
        return TinyEvent(case, activity, started=round(started * hour), completed=end)

    events = (
        done("a", "Register", 9, 9),
        done("a", "Check", 10, 11),
        done("a", "Wait for papers", 32, 80),  # Friday 8 o'clock to Sunday: 8 working hours
        done("a", "Wait for papers", 72, 108),  # Sunday to Monday noon: 3 more
        done("a", "Check", 110, 111),  # after 8 + 8 + 5 working hours: 21 of 24 to the horizon
        done("b", "Register", 9, 9),
        done("b", "Check", 10, 11),
        done("b", "Wait for papers", 130, None),  # Tuesday 10 o'clock to the look: 7
        done("b", "Check", 131, 132),  # after 8 + 8 + 8 + 2 working hours: too late for the horizon
        done("b", "Submit", 133, 134),
    )
    store = write_store(TinyLog(events, open_cases=frozenset({"b"}), extracted=6 * 24 * hour), tmp_path / "store")
    protocol = make_protocol(
        OutcomeKind.FIRST_TIME_THROUGH_SHARE, clock=Clock.WORKING_DAYS, horizon_days=3.0, activity="Check"
    )
    protocol = replace(protocol, quality=())
    study = read_study([store], protocol, looked_on=date(1970, 1, 6), calendar=office)
    assert study.cases.features.stopped_us.tolist() == [11 * hour, 7 * hour]
    assert study.cases.attribute(REPEATED).labels == ("false", "true")
    assert study.cases.attribute(REPEATED).codes.tolist() == [1, 0]
    found = outcome_values(study, protocol, calendar=office)
    assert found.outcome.tolist() == [0.0, 0.0]
    assert found.cases.duration.tolist() == [22 / 8, 4.0]
