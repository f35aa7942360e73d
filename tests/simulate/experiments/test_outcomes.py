"""Figures of a simulated log, against a log small enough to count by hand and against the theory of queues."""

from dataclasses import replace

import numpy as np
import pytest

from potok.simulate.experiments.frames import Frame, cases_per_day
from potok.simulate.experiments.metrics import Metric, MetricName, Unit, compute_outcomes, list_metrics
from potok.simulate.kernel.simulated_log import NOBODY, UNKNOWN, SimulatedLog
from potok.simulate.model import ArrivalKind, Arrivals, Batching, Consequence, exponential, fixed
from simulate.changes.made_models import OFFICE
from simulate.experiments.made_runs import START_AT, QueueRunner, queue_model

HOUR = 3_600_000_000
DAY = 24 * HOUR
START = round(START_AT.timestamp() * 1e6)


def small_log(**altered):
    """Four cases: one open at the beginning, one before the time that counts, two that count, of which one late."""
    hours = {
        "arrived_us": [-5, 2, 26, 30],
        "closed_us": [3, 5, 30, 70],
        "due_us": [19, 26, 50, 54],
        "enabled_us": [0, 2, 4, 26, 29, 30, 64],
        "ready_us": [0, 2, 4, 26, 29, 30, 64],
        "started_us": [1, 3, 4, 27, 29, 46, 66],
        "completed_us": [3, 4, 5, 29, 30, 50, 70],
    }
    # The worker pauses within the last instance: four hours pass, of which three are work.
    worked = [2, 1, 1, 2, 1, 4, 3]
    values = {
        "case_type": np.zeros(4, np.int32),
        **{name: START + np.array(given) * HOUR for name, given in hours.items()},
        "is_initial": np.array([True, False, False, False]),
        "first_row": np.array([0, 1, 3, 5, 7]),
        "activity": np.array([0, 0, 1, 0, 1, 0, 1], np.int32),
        "person": np.array([0, 0, NOBODY, 0, NOBODY, 0, 0], np.int32),
        "worked_us": np.array(worked) * HOUR,
        "batch": np.full(7, -1),
        "skipped": np.zeros((4, 2), np.int32),
        "busy_us": np.array([9 * HOUR]),
        "duty_us": np.array([2 * DAY]),
        "start_us": START,
        "end_us": START + 2 * DAY,
        "truncated": 0,
    }
    return SimulatedLog(**{**values, **altered})


FRAME = Frame(START, START + 2 * DAY, START + DAY)


def figures(log, model, frame=FRAME, **options):
    metrics = list_metrics([model])
    found = compute_outcomes(log, model, frame, metrics=metrics, **options)
    return {(metric.name.value, metric.subject): value for metric, value in zip(metrics, found, strict=True)}


def test_figures_counted_by_hand():
    model = queue_model()
    clerks = replace(model.pools[0], people=(replace(model.pools[0].people[0], cost_per_hour=6.0),))
    found = figures(small_log(), replace(model, pools=(clerks,)))
    assert found == pytest.approx(
        {
            ("case_duration_mean", ""): (4 + 40) / 2 * 3600,
            ("case_duration_median", ""): 22 * 3600,
            ("case_duration_p90", ""): (4 + 0.9 * 36) * 3600,
            ("waiting_mean", ""): (1 + 18) / 2 * 3600,
            ("waiting_median", ""): 9.5 * 3600,
            ("waiting_p90", ""): (1 + 0.9 * 17) * 3600,
            ("share_in_term", ""): 0.5,
            ("cases", ""): 2.0,
            # The case closed on the second day is the only one.
            ("throughput", ""): 1.0,
            ("mean_open_cases", ""): (4 + 18) / 24,
            ("open_at_end", ""): 1.0,
            ("staff_time_per_case", ""): (2 + 4 + 3) / 2 * 3600,
            ("staff_time_per_day", ""): (2 + 4) * 3600,
            ("cost_per_case", ""): (3 + 3) / 2 + 6 * 9 / 2,
            ("applicant_time_per_case", ""): 10.0,
            # On the second day: two hours of work, and two of the four hours that the other instance takes.
            ("utilisation", "Clerks"): 4 / 24,
            ("offered_load", "Clerks"): 9 / 24,
            ("adverse_share", "reversed"): 0.01,
            ("unfinished_share", ""): 0.0,
        }
    )


def test_what_was_left_out_counts_with_the_share_without_it():
    skipped = np.zeros((4, 2), np.int32)
    skipped[2:, 0] = 1
    log = small_log(skipped=skipped, activity=np.array([0, 0, 1, 0, 1, 1, 1], np.int32))
    # The third case has an instance beside the one left out; the fourth has none.
    assert figures(log, queue_model())["adverse_share", "reversed"] == pytest.approx((0.01 + 0.05) / 2)
    declared = (Consequence("fraud", "Decide", 0.0, 1.0), Consequence("fraud", "Nothing", 1.0, 1.0))
    assert figures(log, replace(queue_model(), consequences=declared))["adverse_share", "fraud"] == 0.5


def test_a_batch_done_at_once_is_work_once():
    model = queue_model()
    batched = replace(model.activities[0], batching=Batching(2, is_concurrent=True))
    model = replace(model, activities=(batched, model.activities[1]))
    together = small_log(batch=np.array([-1, -1, -1, 0, -1, 0, -1]))
    # Of two members of 2 and 4 hours half each counts.
    assert figures(together, model)["offered_load", "Clerks"] == pytest.approx((1 + 2 + 3) / 24)


def test_what_never_closes_counts_to_the_end_and_nothing_counted_is_no_figure():
    log = small_log(closed_us=np.full(4, UNKNOWN), started_us=np.full(7, UNKNOWN), completed_us=np.full(7, UNKNOWN))
    found = figures(log, queue_model())
    # What is never closed waits to the end of the run at the least, and keeps no term.
    assert found["unfinished_share", ""] == 1.0
    assert found["case_duration_mean", ""] == found["waiting_mean", ""] == (22 + 18) / 2 * 3600
    assert found["share_in_term", ""] == 0.0
    assert figures(small_log(truncated=1), queue_model())["unfinished_share", ""] == 0.25
    empty = figures(small_log(), queue_model(), Frame(START, START + 2 * DAY, START + 40 * HOUR))
    assert empty["cases", ""] == 0
    assert np.isnan(empty["cost_per_case", ""])


def test_what_a_model_does_not_state_is_no_figure_of_nought():
    model = queue_model()
    silent = tuple(replace(one, cost=0.0, applicant_seconds=0.0) for one in model.activities)
    people = tuple(
        replace(pool, people=tuple(replace(one, cost_per_hour=0.0) for one in pool.people)) for pool in model.pools
    )
    told = {one.name for one in list_metrics([replace(model, activities=silent, pools=people, term=None)])}
    assert not told & {MetricName.COST_PER_CASE, MetricName.APPLICANT_TIME_PER_CASE, MetricName.SHARE_IN_TERM}
    assert MetricName.STAFF_TIME_PER_CASE in told
    unobserved = tuple(replace(one, duration=fixed(0)) for one in silent)
    told = {one.name for one in list_metrics([replace(model, activities=unobserved)])}
    assert not told & {MetricName.STAFF_TIME_PER_CASE, MetricName.STAFF_TIME_PER_DAY}


def test_units_and_what_is_good():
    assert Metric(MetricName.WAITING_P90).unit is Unit.SECONDS
    assert Metric(MetricName.UTILISATION, "x").unit is Unit.SHARE
    assert Metric(MetricName.THROUGHPUT).unit is Unit.CASES_PER_DAY
    assert Metric(MetricName.COST_PER_CASE).unit is Unit.CURRENCY
    assert Metric(MetricName.OPEN_AT_END).unit is Unit.CASES
    assert [one.name for one in list_metrics([queue_model()]) if not one.is_lower_better] == [
        MetricName.SHARE_IN_TERM,
        MetricName.CASES,
        MetricName.THROUGHPUT,
    ]


def test_littles_law_and_the_load_of_a_queue():
    model = queue_model(per_day=70.0)
    frame = Frame(START, START + 400 * DAY, START + 20 * DAY)
    (log,) = QueueRunner()(model, frame, seed=3, replications=range(1))
    found = figures(log, model, frame)
    open_cases = found["throughput", ""] * found["case_duration_mean", ""] / 86_400
    assert found["mean_open_cases", ""] == pytest.approx(open_cases, rel=0.02)
    # ρ = 70 a day × 864 s.
    assert found["offered_load", "Clerks"] == pytest.approx(0.7, rel=0.03)
    assert found["utilisation", "Clerks"] == pytest.approx(0.7, rel=0.03)


def test_arrivals_a_day_count_the_open_time_of_renewals():
    model = queue_model()
    assert cases_per_day(model) == 80.0
    renewal = Arrivals(ArrivalKind.RENEWAL, START_AT, inter_arrival=exponential(3600.0), calendar="office")
    by_office = replace(model, arrivals=renewal, calendars={"office": OFFICE})
    # 52 weeks of 40 hours, less one holiday.
    assert cases_per_day(by_office) == pytest.approx((52 * 40 - 8) / 364, rel=1e-4)
    assert cases_per_day(replace(model, arrivals=replace(renewal, calendar=""))) == pytest.approx(24, rel=1e-4)
    assert cases_per_day(replace(model, arrivals=replace(renewal, inter_arrival=None))) == 0
