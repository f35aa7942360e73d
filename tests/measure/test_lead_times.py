"""Working time, refusals, horizons, and the way from a group to its cases."""

import math
from datetime import date
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lifelines import KaplanMeierFitter

from potok.core.calendars import Calendar
from potok.core.calendars.errors import YearNotCoveredError
from potok.core.errors import EXIT_BAD_DATA, EXIT_USAGE
from potok.log.mapping import ExtractionKind
from potok.measure.case_groups import TooManyGroupsError, UnknownGroupingError
from potok.measure.case_survival import HorizonTooLongError
from potok.measure.case_times import list_impossible_cases
from potok.measure.lead_times import compute_lead_times, compute_survival_curve, list_lead_time_cases
from potok.measure.months import TooManyMonthsError
from potok.measure.outcome_shares import compute_outcome_shares
from potok.measure.sampling import Sampling, SurvivalRefusal
from support.flow_logs import FlowCase, FlowLog, flow_log, random_flow, write_flow
from support.measuring import with_column
from support.tiny_store import SECOND

DAY, HOUR = 86_400, 3_600
STRING = pa.string()
WORKDAYS = ((9 * 60, 13 * 60), (14 * 60, 18 * 60))


def calendar(*, first_year: int = 1970, last_year: int = 2030) -> Calendar:
    return Calendar("test", "UTC", (WORKDAYS,) * 5 + ((),) * 2, {}, first_year, last_year)


@pytest.fixture(scope="module")
def log():
    return random_flow(Random(5), cases=90)


@pytest.fixture(scope="module")
def store(log, tmp_path_factory):
    return write_flow(log, tmp_path_factory.mktemp("flow") / "store")


def in_working_time(log: FlowLog, case: FlowCase) -> int:
    """Count whole working hours, which is exact as all instants are on the hour and opening hours too."""
    end = log.extracted if case.closed is None or case.closed > log.extracted else case.closed
    hours = range(case.opened // SECOND // HOUR, end // SECOND // HOUR)
    return HOUR * sum((hour // 24 + 3) % 7 < 5 and hour % 24 in (9, 10, 11, 12, 14, 15, 16, 17) for hour in hours)


def test_working_time_counts_open_hours_only(log, store):
    found = compute_lead_times(store, calendar=calendar(), by="channel")
    kept = [case for case in log.cases if case.opened <= log.extracted and not (case.closed or math.inf) < case.opened]
    lasted = np.array([in_working_time(log, case) for case in kept])
    closed = np.array([case.closed is not None and case.closed <= log.extracted for case in kept])
    overall = found.working_time.overall
    assert overall.closed.cases == closed.sum()
    assert overall.closed.median_seconds == pytest.approx(np.quantile(lasted[closed], 0.5))
    assert overall.closed.mean_seconds == pytest.approx(lasted[closed].mean())
    assert (overall.closed.min_seconds, overall.closed.max_seconds) == (lasted[closed].min(), lasted[closed].max())
    oracle = KaplanMeierFitter().fit(lasted, closed)
    assert overall.survival.median.seconds == oracle.median_survival_time_
    by_channel = {group.label: group for group in found.working_time.groups}
    for label, group in by_channel.items():
        chosen = np.array([case.channel == label for case in kept])
        assert group.closed.cases == (closed & chosen).sum()
        assert group.open_cases == (~closed & chosen).sum()
    assert found.working_time.horizon_seconds in {hours * HOUR for hours in (8, 24, 40, 80, 160, 320)}
    assert compute_lead_times(store).working_time is None


def test_the_curve_equals_lifelines(log, store):
    kept = [case for case in log.cases if case.opened <= log.extracted and not (case.closed or math.inf) < case.opened]
    closed = [case.closed is not None and case.closed <= log.extracted for case in kept]
    lasted = [
        ((case.closed if is_closed else log.extracted) - case.opened) / SECOND
        for case, is_closed in zip(kept, closed, strict=True)
    ]
    curve = compute_survival_curve(store)
    oracle = KaplanMeierFitter().fit(lasted, closed)
    assert curve.survival == pytest.approx(oracle.survival_function_.loc[curve.times].to_numpy()[:, 0], rel=1e-9)


def test_a_calendar_that_ends_too_early_says_so(store):
    with pytest.raises(YearNotCoveredError, match="covers 1970–2020"):
        compute_lead_times(store, calendar=calendar(last_year=2020))


def test_groups_lead_to_their_cases(store):
    for by in ("cohort", "cohort_quarter", "cohort_year", "channel", "outcome", "org_unit"):
        for group in compute_lead_times(store, by=by).calendar_time.groups:
            listed = list_lead_time_cases(store, by=by, label=group.label)
            assert len({case.case for case in listed}) == group.closed.cases + group.open_cases
            assert [case.seconds for case in listed] == sorted((case.seconds for case in listed), reverse=True)
            if listed and not group.open_cases:
                assert listed[0].seconds == group.closed.max_seconds
            assert list_lead_time_cases(store, by=by, label=group.label, limit=1) == listed[:1]


def test_impossible_cases_are_listed(store):
    times = compute_lead_times(store).times
    assert times.impossible_cases > 0
    assert len(list_impossible_cases(store)) == times.impossible_cases


@pytest.mark.parametrize("horizon", [0, -5.0, 1e9, math.nan])
@pytest.mark.parametrize("measure", [compute_lead_times, compute_outcome_shares])
def test_a_horizon_that_nobody_reached(store, measure, horizon):
    with pytest.raises(HorizonTooLongError, match="No case was followed for") as caught:
        measure(store, horizon_seconds=horizon)
    assert (caught.value.exit_code, caught.value.where) == (EXIT_USAGE, "horizon")


def test_an_unknown_grouping_names_the_known_ones(store):
    with pytest.raises(UnknownGroupingError, match="cannot be grouped by “colour”") as caught:
        compute_lead_times(store, by="colour")
    assert {"cohort", "cohort_year", "channel", "org_unit"} <= set(caught.value.remedy[:-1].split(": ")[1].split(", "))


def test_a_slip_of_centuries_is_named(tmp_path):
    log = FlowLog(
        (FlowCase("1", -10_000_000_000 * SECOND, 0), FlowCase("2", 0, 5 * SECOND)), 10 * SECOND, extraction="opened"
    )
    with pytest.raises(TooManyMonthsError, match="from 1653-02-01 to 1970-01-01") as caught:
        compute_lead_times(write_flow(log, tmp_path / "store"), by="cohort")
    assert caught.value.exit_code == EXIT_BAD_DATA


def test_a_slip_of_centuries_does_not_matter_without_cohorts(tmp_path):
    log = FlowLog(
        (FlowCase("1", -10_000_000_000 * SECOND, 0), FlowCase("2", 0, 5 * SECOND)), 10 * SECOND, extraction="opened"
    )
    overall = compute_lead_times(write_flow(log, tmp_path / "store")).calendar_time.overall
    assert overall.closed.max_seconds == 10_000_000_000


def test_a_closing_rule_for_all_cases_makes_a_log_of_closed_cases(tmp_path):
    log = flow_log("case | opened | closed\n1 | 0 | 5", extracted=10, extraction="opened", closing_basis="all")
    store = write_flow(log, tmp_path / "store")
    for sampling in (None, Sampling(ExtractionKind.OPENED)):
        overall = compute_lead_times(store, sampling=sampling).calendar_time.overall
        assert overall.refusal is SurvivalRefusal.CLOSED_ONLY
    assert compute_survival_curve(store) is SurvivalRefusal.CLOSED_ONLY
    shares = compute_outcome_shares(store)
    assert (shares.refusal, shares.open_share, shares.by_outcome) == (SurvivalRefusal.CLOSED_ONLY, None, ())


def test_where_observation_breaks_off_nothing_is_told(tmp_path):
    """Watched from second 100 on: one case has run 90 s by then, the other ends within 10 s of its opening."""
    log = flow_log(
        """
        case | opened | closed
        1    | 10     | 140
        2    | 120    | 130
        """,
        extracted=1_000,
        extraction="active",
    )
    store = write_flow(log, tmp_path / "store")
    sampling = Sampling(ExtractionKind.ACTIVE, 100 * SECOND)
    overall = compute_lead_times(store, sampling=sampling).calendar_time.overall
    assert (overall.survival, overall.refusal) == (None, SurvivalRefusal.RISK_SET_EMPTIES)
    shares = compute_outcome_shares(store, sampling=sampling, horizon_seconds=50.0)
    assert shares.refusal is SurvivalRefusal.RISK_SET_EMPTIES


def test_where_no_case_was_watched_from_its_opening_there_is_no_mean(tmp_path):
    log = flow_log(
        """
        case | opened | closed
        1    | 10     | 140
        2    | 20     | 130
        3    | 30     |
        """,
        extracted=200_000,
        extraction="active",
    )
    store = write_flow(log, tmp_path / "store")
    sampling = Sampling(ExtractionKind.ACTIVE, 100 * SECOND)
    survival = compute_lead_times(store, sampling=sampling).calendar_time.overall.survival
    assert (survival.late_entries, survival.restricted_mean, survival.restricted_mean_cases) == (3, None, 3)
    assert survival.median.seconds == 130
    shares = compute_outcome_shares(store, sampling=sampling, horizon_seconds=120.0)
    assert shares.refusal is SurvivalRefusal.NEVER_FROM_OPENING


def test_a_case_watched_without_working_time_is_not_seen_on_that_clock(tmp_path):
    saturday = 2 * DAY  # 1970-01-03
    log = FlowLog(
        (
            FlowCase("1", 10 * HOUR * SECOND, (saturday + 5 * HOUR) * SECOND),
            FlowCase("2", 10 * HOUR * SECOND, 5 * DAY * SECOND),
            FlowCase("3", (saturday + HOUR) * SECOND, 8 * DAY * SECOND),
        ),
        9 * DAY * SECOND,
        extraction="active",
    )
    sampling = Sampling(ExtractionKind.ACTIVE, saturday * SECOND)
    found = compute_lead_times(write_flow(log, tmp_path / "store"), sampling=sampling, calendar=calendar())
    assert found.calendar_time.overall.survival.cases == 3
    assert found.working_time.overall.survival.cases == 2


def test_outcomes_on_a_working_clock(store):
    shares = compute_outcome_shares(store, calendar=calendar())
    assert shares.horizon_seconds in {hours * HOUR for hours in (8, 24, 40, 80, 160, 320)}
    assert sum(outcome.share for outcome in shares.by_outcome) + shares.open_share == pytest.approx(1)
    assert all(outcome.lower <= outcome.share <= outcome.upper for outcome in shares.by_outcome)


def test_no_cases(tmp_path):
    store = write_flow(FlowLog((), 10 * SECOND, extraction="opened"), tmp_path / "store")
    times = compute_lead_times(store, by="channel", calendar=calendar())
    for clocked in (times.calendar_time, times.working_time):
        assert (clocked.groups, clocked.horizon_seconds) == ((), None)
        assert clocked.overall.closed.median_seconds is None
        assert clocked.overall.refusal is SurvivalRefusal.NO_CASES
    assert compute_survival_curve(store) is SurvivalRefusal.NO_CASES
    shares = compute_outcome_shares(store)
    assert (shares.refusal, shares.cases) == (SurvivalRefusal.NO_CASES, 0)


def test_the_cohort_of_a_case_is_the_month_of_its_zone(tmp_path):
    log = random_flow(Random(9), cases=60, zone="Asia/Kamchatka")
    groups = compute_lead_times(write_flow(log, tmp_path / "store"), by="cohort").calendar_time.groups
    kept = [case for case in log.cases if case.opened <= log.extracted and not (case.closed or math.inf) < case.opened]
    ahead = 12 * HOUR * SECOND
    months = [
        date.fromordinal(date(1970, 1, 1).toordinal() + (case.opened + ahead) // (DAY * SECOND)).strftime("%Y-%m")
        for case in kept
    ]
    assert {group.label: group.closed.cases + group.open_cases for group in groups} == {
        month: months.count(month) for month in months
    }


def attributed(log: FlowLog, folder, regions: dict[str, object], kind: pa.DataType = STRING):
    store = write_flow(log, folder)
    ids = pq.read_table(folder / "cases.parquet")["case_id"].to_pylist()
    return with_column(store, "cases", "attr:region", [regions[name] for name in ids], kind)


def test_an_attribute_groups_cases_and_leads_back_to_them(log, tmp_path):
    regions = {case.case: ("north", "south", None)[int(case.case[-3:]) % 3] for case in log.cases}
    store = attributed(log, tmp_path / "store", regions)
    kept = [case for case in log.cases if case.opened <= log.extracted and not (case.closed or math.inf) < case.opened]
    for by in ("region", "attr:region"):
        groups = compute_lead_times(store, by=by, calendar=calendar()).calendar_time.groups
        assert [group.label for group in groups] == ["north", "south", None]
        for group in groups:
            expected = [case for case in kept if regions[case.case] == group.label]
            closed = [case for case in expected if case.closed is not None and case.closed <= log.extracted]
            assert (group.closed.cases, group.open_cases) == (len(closed), len(expected) - len(closed))
            listed = list_lead_time_cases(store, by=by, label=group.label)
            assert {case.case_id for case in listed} == {case.case for case in expected}


def test_an_attribute_with_a_value_for_every_case_makes_no_groups(tmp_path):
    cases = tuple(FlowCase(f"{number:04}", number * SECOND, (number + 5) * SECOND) for number in range(1_001))
    log = FlowLog(cases, 9_000 * SECOND, extraction="opened")
    store = attributed(log, tmp_path / "store", {case.case: int(case.case) for case in cases}, pa.int64())
    with pytest.raises(TooManyGroupsError, match="1001 different values") as caught:
        compute_lead_times(store, by="region")
    assert (caught.value.where, caught.value.exit_code) == ("attr:region", EXIT_BAD_DATA)
