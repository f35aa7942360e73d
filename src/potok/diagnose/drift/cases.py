"""The cases that are looked at for drift, in order of their opening."""

from dataclasses import dataclass
from typing import Final

import ibis
import numpy as np
import pyarrow as pa

from potok.diagnose.drift.series import Integers
from potok.engine.base import Engine, Given
from potok.engine.tables import CASES
from potok.log.store import LogStore
from potok.measure.case_times import timely
from potok.measure.running import fetch, seconds

MOST_CASES: Final = 20_000
SETTLED_SHARES: Final = (0.95, 0.9, 0.75, 0.5)
LEAST_SETTLED: Final = 0.75
CHOSEN: Final = "drift_cases"


@dataclass(frozen=True, slots=True)
class OrderedCases:
    """Cases in order of opening, equal instants in order of their codes.

    Parameters
    ----------
    case, opened_us, variant
        (n,): codes, opening, and code of the variant.
    lead_us
        (n,): opening to closing, or to the extraction while open.
    all_cases, young_cases
        Timely cases, and those left out because they are too young to be complete.
    settling_us
        Age from which a case counts.
    every
        Every so many cases one was taken.
    includes_young
        Whether too few cases are old enough, so that all were taken.
    has_open
        Whether some of them are open.
    """

    case: Integers
    opened_us: Integers
    variant: Integers
    lead_us: Integers
    all_cases: int
    young_cases: int
    settling_us: int
    every: int
    includes_young: bool
    has_open: bool = False

    @property
    def is_incomplete(self) -> bool:
        """Whether the last cases lack what has yet to happen in them, so that the process would seem to change."""
        return self.includes_young and self.has_open

    @property
    def given(self) -> Given:
        """The codes as a table for an engine, see `chosen_cases`."""
        return {CHOSEN: pa.table({"case": pa.array(self.case, pa.int64())})}


def chosen_cases() -> ibis.Table:
    """Return the unbound table of the cases looked at: `case`."""
    return ibis.table({"case": "int64"}, name=CHOSEN)


def case_rows(cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return one row per timely case: `case`, `opened_us`, `ended_us` (null while open), `variant`."""
    return timely(cases, extracted_us=extracted_us).select("case", "opened_us", "ended_us", "variant")


def read_ordered_cases(store: LogStore, *, thinned: bool = True, engine: Engine | None) -> OrderedCases:
    """Fetch the cases that are old enough to be complete.

    A case counts once it is as old as all but one in twenty closed cases became. Where that would leave too few, the
    share is lowered; if that does not help, all cases are taken.

    Parameters
    ----------
    thinned
        Whether of more than `MOST_CASES` only every n-th is returned.
    """
    answer = fetch(case_rows(CASES, extracted_us=store.extracted_us), store, engine)
    opened = answer["opened_us"].to_numpy()
    is_closed = answer["ended_us"].is_valid().to_numpy()
    left = answer["ended_us"].fill_null(store.extracted_us).to_numpy()
    case, variant = answer["case"].to_numpy(), answer["variant"].to_numpy().astype(np.int64)
    settling = _settling(left - opened, is_closed, store.extracted_us - opened)
    is_old = opened <= store.extracted_us - (settling or 0)
    order = np.lexsort((case, opened))
    order = order[is_old[order]]
    every = max(1, -(-len(order) // MOST_CASES)) if thinned else 1
    order = order[::every]
    return OrderedCases(
        case=case[order],
        opened_us=opened[order],
        variant=variant[order],
        lead_us=(left - opened)[order],
        all_cases=len(case),
        young_cases=int(np.count_nonzero(~is_old)),
        settling_us=settling or 0,
        every=every,
        includes_young=settling is None and bool(len(case)),
        has_open=not bool(is_closed[order].all()),
    )


def _settling(lead_us: Integers, is_closed: np.ndarray, age_us: Integers) -> int | None:
    closed = lead_us[is_closed]
    if not len(closed):
        return None
    for share in SETTLED_SHARES:
        settling = int(np.quantile(closed, share))
        if np.mean(age_us >= settling) >= LEAST_SETTLED:
            return settling
    return None


def settling_seconds(cases: OrderedCases) -> float:
    """Return the age from which cases count, in seconds."""
    return seconds(cases.settling_us)
