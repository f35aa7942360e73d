"""What the log of a process says of it as a whole, for the register that links to it."""

from typing import Final

import ibis

from potok.diagnose.register.evidence import ProcessLog
from potok.engine.base import Engine
from potok.engine.tables import CASES
from potok.log.store import LogStore
from potok.measure.passages import exact_sum
from potok.measure.running import activity_labels, run, seconds, seconds_if_known

DAY_US: Final = 86_400_000_000
YEAR_DAYS: Final = 365.25
SHORTEST_DAYS: Final = 30


def case_totals(cases: ibis.Table) -> ibis.Table:
    """Return one row: `cases`, `first_us` and `last_us` of openings, `closed_cases`, `lead_us` (their sum)."""
    is_closed = cases.closed_us.notnull() & cases.opened_us.notnull()
    lead = ibis.ifelse(is_closed, cases.closed_us - cases.opened_us, ibis.null("int64"))
    timed = cases.mutate(lead_us=lead)
    return timed.aggregate(
        cases=timed.count().cast("int64"),
        first_us=timed.opened_us.min().cast("int64"),
        last_us=timed.opened_us.max().cast("int64"),
        closed_cases=timed.lead_us.count().cast("int64"),
        lead_us=exact_sum(timed.lead_us),
    )


def summarise_log(store: LogStore, *, verdict: str = "", engine: Engine | None = None) -> ProcessLog:
    """Summarise the log of a process.

    Parameters
    ----------
    verdict
        Of an analysis of superfluous steps for the process as a whole; empty if there was none.
    """
    ((cases, first_us, last_us, closed, lead_us),) = run(case_totals(CASES), store, engine)
    days = None if first_us is None else (store.extracted_us - first_us) / DAY_US
    return ProcessLog(
        content_sha256=store.content_sha256,
        cases=cases,
        cases_per_year=cases / days * YEAR_DAYS if days is not None and days >= SHORTEST_DAYS else None,
        mean_lead_time_seconds=seconds_if_known(None if not closed else float(lead_us) / closed),
        activities=tuple(sorted(activity_labels(store, engine).values())),
        days_since_last_case=None if last_us is None else seconds(store.extracted_us - last_us) / 86_400,
        verdict=verdict,
    )
