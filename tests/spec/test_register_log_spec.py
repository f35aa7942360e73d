"""What a log says of a process as a whole, on both engines and in plain Python."""

import pytest

from potok.diagnose.register.store_logs import case_totals, summarise_log
from potok.engine.tables import CASES
from potok.measure.running import run
from support.tiny_store import TinyEvent, TinyLog, write_store

DAY = 86_400_000_000


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request):
    return request.getfixturevalue(f"{request.param}_engine")


def store_of(times, folder, **options):
    events = tuple(
        TinyEvent(case, f"step {n}", completed=at) for case, ats in times.items() for n, at in enumerate(ats)
    )
    return write_store(TinyLog(events, **options), folder)


def test_open_cases_count_in_the_lead_time(engine, tmp_path):
    """Closed cases alone would take 2 days in the mean; the open ones take at least the horizon of 60."""
    times = {"a": (0, 2 * DAY), "b": (0, 2 * DAY), "c": (0, DAY), "d": (0, DAY), "e": (50 * DAY, 90 * DAY)}
    store = store_of(times, tmp_path / "store", open_cases=frozenset({"c", "d", "e"}))
    ((cases, first_us, last_us),) = run(case_totals(CASES), store, engine)
    assert (cases, last_us - first_us) == (5, 50 * DAY)
    found = summarise_log(store, verdict="keep", engine=engine)
    reach = (store.extracted_us - first_us) / DAY
    assert found.cases_per_year == pytest.approx(5 / reach * 365.25)
    assert found.horizon_seconds == pytest.approx(90 * DAY / 1e6)
    assert found.mean_lead_time_seconds == pytest.approx((2 * 2 + 90 * 2) / 4 * DAY / 1e6)
    assert found.days_since_last_case == pytest.approx(reach - 50)
    assert (found.activities, found.verdict) == (("step 0", "step 1"), "keep")


def test_a_log_of_closed_cases_only_tells_no_lead_time(duckdb_engine, tmp_path):
    store = store_of({"a": (0, 2 * DAY), "b": (0, 90 * DAY)}, tmp_path / "store")
    assert summarise_log(store, engine=duckdb_engine).mean_lead_time_seconds is not None
    store.manifest["extraction"] = {"kind": "closed"}
    found = summarise_log(store, engine=duckdb_engine)
    assert (found.cases, found.mean_lead_time_seconds, found.horizon_seconds) == (2, None, None)


def test_a_log_of_a_week_tells_no_yearly_volume_and_open_cases_no_lead_time(duckdb_engine, tmp_path):
    store = write_store(
        TinyLog((TinyEvent("a", "step", completed=0),), open_cases=frozenset({"a"})), tmp_path / "store"
    )
    found = summarise_log(store, engine=duckdb_engine)
    assert (found.cases, found.cases_per_year, found.mean_lead_time_seconds) == (1, None, None)
