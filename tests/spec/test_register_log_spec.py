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


def test_totals_leave_open_cases_out_of_lead_times(engine, tmp_path):
    times = {"a": (0, 10 * DAY), "b": (5 * DAY, 7 * DAY), "c": (50 * DAY, 90 * DAY)}
    events = tuple(
        TinyEvent(case, f"step {n}", completed=at) for case, ats in times.items() for n, at in enumerate(ats)
    )
    store = write_store(TinyLog(events, open_cases=frozenset({"c"})), tmp_path / "store")
    ((cases, first_us, last_us, closed, lead_us),) = run(case_totals(CASES), store, engine)
    assert (cases, closed, last_us - first_us, int(lead_us)) == (3, 2, 50 * DAY, 12 * DAY)
    found = summarise_log(store, verdict="keep", engine=engine)
    reach = (store.extracted_us - first_us) / DAY
    assert found.cases_per_year == pytest.approx(3 / reach * 365.25)
    assert found.mean_lead_time_seconds == 6 * DAY / 1e6
    assert found.days_since_last_case == pytest.approx(reach - 50)
    assert (found.activities, found.verdict) == (("step 0", "step 1"), "keep")


def test_a_log_of_a_week_tells_no_yearly_volume_and_open_cases_no_lead_time(duckdb_engine, tmp_path):
    store = write_store(
        TinyLog((TinyEvent("a", "step", completed=0),), open_cases=frozenset({"a"})), tmp_path / "store"
    )
    found = summarise_log(store, engine=duckdb_engine)
    assert (found.cases, found.cases_per_year, found.mean_lead_time_seconds) == (1, None, None)
