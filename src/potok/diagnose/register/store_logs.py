"""What the log of a process says of it as a whole, for the register that links to it."""

from typing import Final

import ibis

from potok.diagnose.register.evidence import ProcessLog
from potok.engine.base import Engine
from potok.engine.tables import CASES
from potok.log.store import LogStore
from potok.measure.lead_times import compute_lead_times
from potok.measure.running import activity_labels, run, seconds

DAY_US: Final = 86_400_000_000
YEAR_DAYS: Final = 365.25
SHORTEST_DAYS: Final = 30


def case_totals(cases: ibis.Table) -> ibis.Table:
    """Return one row: `cases`, `first_us` and `last_us` of openings."""
    return cases.aggregate(
        cases=cases.count().cast("int64"),
        first_us=cases.opened_us.min().cast("int64"),
        last_us=cases.opened_us.max().cast("int64"),
    )


def summarise_log(store: LogStore, *, verdict: str = "", engine: Engine | None = None) -> ProcessLog:
    """Summarise the log of a process.

    Its lead time is a restricted mean over all cases: that of closed cases leaves out those who still wait.

    Parameters
    ----------
    verdict
        Of an analysis of superfluous steps for the process as a whole; empty if there was none.
    """
    ((cases, first_us, last_us),) = run(case_totals(CASES), store, engine)
    days = None if first_us is None else (store.extracted_us - first_us) / DAY_US
    times = compute_lead_times(store, engine=engine).calendar_time
    survival = times.overall.survival
    mean = None if survival is None or survival.restricted_mean is None else survival.restricted_mean.seconds
    return ProcessLog(
        content_sha256=store.content_sha256,
        cases=cases,
        cases_per_year=cases / days * YEAR_DAYS if days is not None and days >= SHORTEST_DAYS else None,
        mean_lead_time_seconds=mean,
        activities=tuple(sorted(activity_labels(store, engine).values())),
        days_since_last_case=None if last_us is None else seconds(store.extracted_us - last_us) / 86_400,
        verdict=verdict,
        horizon_seconds=None if mean is None else times.horizon_seconds,
    )
