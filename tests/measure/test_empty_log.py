"""A log without a single case has measures, all of them empty."""

from datetime import date

import pytest

from potok.core.calendars import load_calendar
from potok.core.regulations import regulation_from_mapping
from potok.diagnose.first_findings import find_first
from potok.measure.case_durations import compute_case_durations
from potok.measure.cost_model import YearlyCasesUnknownError, compute_yearly_cases
from potok.measure.counts import compute_counts
from potok.measure.deadlines import compute_deadlines, compute_worklist
from potok.measure.directly_follows import DirectlyFollowsGraph, compute_directly_follows_graph
from potok.measure.endpoints import Endpoints, compute_endpoints
from potok.measure.evidence import UnknownPlaceError
from potok.measure.hand_overs import HandOvers, compute_hand_overs
from potok.measure.lead_times import compute_lead_times, compute_survival_curve
from potok.measure.littles_law import compute_littles_law
from potok.measure.load import LoadReason, QueueVerdict, compute_work_in_process
from potok.measure.open_ages import compute_open_ages
from potok.measure.rework import compute_rework
from potok.measure.sampling import SurvivalRefusal
from potok.measure.variants import compute_variants
from potok.report.tables import ColumnKind
from support.all_measures import NAMES, tabulate
from support.tiny_store import SECOND, TinyLog, write_store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return write_store(TinyLog((), extracted=5 * SECOND), tmp_path_factory.mktemp("empty") / "store")


def test_counts_reach_from_and_to_the_extraction(store):
    counts = compute_counts(store)
    assert (counts.cases, counts.open_cases, counts.activity_instances, counts.variants) == (0, 0, 0, 0)
    assert counts.first_us == counts.last_us == 5 * SECOND


def test_durations_are_unknown(store):
    durations = compute_case_durations(store)
    assert (durations.closed_cases, durations.open_cases, durations.total_seconds) == (0, 0, 0)
    assert durations.median_seconds is None
    assert durations.histogram == ()


def test_all_else_is_empty(store):
    assert compute_directly_follows_graph(store) == DirectlyFollowsGraph((), (), has_start_times=False)
    assert compute_endpoints(store) == Endpoints((), ())
    assert compute_hand_overs(store) == HandOvers((), ())
    assert compute_rework(store) == compute_variants(store) == find_first(store) == ()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "standard_cost"])
def test_no_measure_of_the_catalogue_makes_something_of_nothing(store, name):
    if name == "flow_efficiency":
        with pytest.raises(UnknownPlaceError, match="A"):
            tabulate(name, store)
        return
    table = tabulate(name, store)
    is_figure = [column.kind in (ColumnKind.COUNT, ColumnKind.NUMBER, ColumnKind.SHARE) for column in table.columns]
    figures = [value for row in table.rows for value, counts in zip(row, is_figure, strict=True) if counts]
    assert all(not figure for figure in figures), table.rows
    times = [column.name for column in table.columns if column.kind is ColumnKind.DURATION]
    assert all(not value for column in times for value in table.column(column) if column != "horizon_seconds")


def test_terms_have_no_case_and_no_share(store):
    terms = [{"name": "t", "amount": 3, "unit": "calendar_days"}]
    rules, clock = (
        regulation_from_mapping({"service": "s", "act": "a", "terms": terms}),
        load_calendar("around-the-clock"),
    )
    (term,) = compute_deadlines(store, rules, clock)
    assert (term.all_cases, term.cases, term.term_share, term.in_time_share) == (0, 0, 0.0, None)
    assert compute_worklist(store, rules, clock) == ()


def test_no_year_of_openings_is_told(store):
    with pytest.raises(YearlyCasesUnknownError):
        compute_yearly_cases(store)


def test_nothing_is_told_of_lead_times(store):
    found = compute_lead_times(store)
    assert (found.calendar_time.overall.closed.cases, found.calendar_time.overall.open_cases) == (0, 0)
    assert found.calendar_time.overall.refusal is SurvivalRefusal.NO_CASES
    assert compute_survival_curve(store) is SurvivalRefusal.NO_CASES


def test_nothing_is_in_process(store):
    load = compute_work_in_process(store)
    assert [(day.on, day.open_at_start, day.arrivals, day.completions) for day in load.by_day] == [
        (date(1970, 1, 1), 0, 0, 0)
    ]
    assert (load.mean_cases, load.trend.verdict) == (None, QueueVerdict.CANNOT_TELL)
    assert compute_littles_law(store).reasons == (LoadReason.WINDOW_TOO_SHORT,)
    assert compute_open_ages(store).overall.open_cases == 0
