"""How long cases take when some are still open, and what a log's extraction allows to say."""

import pytest

from potok.log.mapping import ExtractionKind
from potok.measure.case_times import compute_case_times
from potok.measure.lead_times import compute_lead_times
from potok.measure.outcome_shares import compute_outcome_shares
from potok.measure.sampling import Sampling, SurvivalRefusal
from support import reference_queues
from support.flow_logs import ask_flow, flow_log
from support.measuring import ENGINES
from support.tiny_store import SECOND

DAY = 86_400


@pytest.fixture(params=ENGINES)
def ask(request, tmp_path):
    return ask_flow(request, tmp_path, reference_queues.REFERENCES)


def test_open_cases_lengthen_the_median(ask):
    """Two closed after 1 and 2 days, two open since 3 and 4: half are closed after 2 days, not after 1½."""
    log = flow_log(
        f"""
        case | opened  | closed
        1    | {DAY}   | {2 * DAY}
        2    | {DAY}   | {3 * DAY}
        3    | {2 * DAY} |
        4    | {DAY}   |
        """,
        extracted=5 * DAY,
        extraction="opened",
    )
    times = ask(compute_lead_times, log)
    overall = times.calendar_time.overall
    assert (overall.closed.cases, overall.closed.median_seconds, overall.open_cases) == (2, 1.5 * DAY, 2)
    assert (overall.survival.cases, overall.survival.open_cases) == (4, 2)
    assert overall.survival.median.seconds == 2 * DAY
    assert overall.survival.p90.seconds is None
    # All were followed for 3 days: means of 1, 2, 3 and 3 days.
    assert times.calendar_time.horizon_seconds == 3 * DAY
    assert overall.survival.restricted_mean.seconds == pytest.approx(2.25 * DAY)
    assert overall.survival.restricted_mean_cases == 4


def test_only_cases_followed_up_to_the_horizon_enter_the_mean(ask):
    log = flow_log(
        f"""
        case | opened    | closed
        1    | {1 * DAY} | {2 * DAY}
        2    | {1 * DAY} |
        3    | {8 * DAY} | {9 * DAY}
        """,
        extracted=10 * DAY,
        extraction="opened",
    )
    survival = ask(compute_lead_times, log, horizon_seconds=5.0 * DAY).calendar_time.overall.survival
    assert (survival.cases, survival.restricted_mean_cases) == (3, 2)
    assert survival.restricted_mean.seconds == pytest.approx(3 * DAY)


def test_a_log_of_closed_cases_cannot_tell(ask):
    log = flow_log(
        f"""
        case | opened | closed
        1    | 0      | {DAY}
        """,
        extracted=9 * DAY,
        extraction="closed",
    )
    overall = ask(compute_lead_times, log).calendar_time.overall
    assert overall.closed.median_seconds == DAY
    assert (overall.survival, overall.refusal) == (None, SurvivalRefusal.CLOSED_ONLY)


def test_active_cases_count_from_when_they_were_watched(ask):
    """Watched from day 10. Case 1 was open 8 days by then: it says nothing of the first 8."""
    log = flow_log(
        f"""
        case | opened     | closed
        1    | {2 * DAY}  | {14 * DAY}
        2    | {11 * DAY} | {14 * DAY}
        3    | {11 * DAY} | {20 * DAY}
        4    | {3 * DAY}  | {9 * DAY}
        """,
        extracted=40 * DAY,
        extraction="active",
    )
    sampling = Sampling(ExtractionKind.ACTIVE, 10 * DAY * SECOND)
    times = ask(compute_lead_times, log, sampling=sampling)
    survival = times.calendar_time.overall.survival
    assert (survival.cases, survival.late_entries, times.unwatched_cases) == (3, 1, 1)
    # At 3 days one of two, at 9 one of two (case 1 has entered at 8), at 12 the last.
    assert (survival.median.seconds, survival.p90.seconds) == (3 * DAY, 12 * DAY)
    undeclared = ask(compute_lead_times, log).calendar_time.overall
    assert (undeclared.survival, undeclared.refusal) == (None, SurvivalRefusal.WINDOW_START_UNKNOWN)


def test_cohorts_are_local_months_and_open_cases_have_no_outcome_yet(ask):
    # 2024-01-31T22:10Z is February in Kaliningrad.
    log = flow_log(
        """
        case | opened     | closed     | outcome
        1    | 1706739000 | 1707000000 | yes
        2    | 1706000000 |            |
        """,
        extracted=1_709_000_000,
        zone="Europe/Kaliningrad",
        extraction="opened",
    )
    groups = ask(compute_lead_times, log, by="cohort").calendar_time.groups
    assert [(group.label, group.closed.cases, group.open_cases) for group in groups] == [
        ("2024-01", 0, 1),
        ("2024-02", 1, 0),
    ]
    groups = ask(compute_lead_times, log, by="outcome").calendar_time.groups
    assert [(group.label, group.open_cases, group.refusal) for group in groups] == [
        ("yes", 0, SurvivalRefusal.OUTCOME_IS_LATER),
        (None, 1, SurvivalRefusal.OUTCOME_IS_LATER),
    ]


def test_outcomes_compete(ask):
    log = flow_log(
        f"""
        case | opened | closed     | outcome
        1    | 0      | {1 * DAY}  | granted
        2    | 0      | {2 * DAY}  | withdrawn
        3    | 0      | {9 * DAY}  | granted
        4    | 0      |            |
        """,
        extracted=10 * DAY,
        extraction="opened",
    )
    shares = ask(compute_outcome_shares, log, horizon_seconds=7.0 * DAY)
    found = {share.outcome: (share.closed_cases, share.share) for share in shares.by_outcome}
    assert found == {"granted": (2, pytest.approx(0.25)), "withdrawn": (1, pytest.approx(0.25))}
    assert shares.open_share == pytest.approx(0.5)


def test_impossible_times_are_counted_and_left_out(ask):
    log = flow_log(
        """
        case | opened | closed
        1    | 10     | 20
        2    | 30     | 25
        3    | 500    |
        4    | 50     | 150
        """,
        extracted=100,
        extraction="opened",
    )
    times = ask(compute_case_times, log)
    assert (times.timely_cases, times.open_cases, times.closed_after_extraction) == (2, 1, 1)
    assert (times.closed_before_opened, times.opened_after_extraction) == (1, 1)
    overall = ask(compute_lead_times, log).calendar_time.overall
    assert (overall.closed.cases, overall.open_cases, overall.survival.cases) == (1, 1, 2)
