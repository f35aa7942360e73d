"""Cases that an analysis found outside the engine, as evidence: from their first to their last instance."""

from typing import Final

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.evidence import CaseEvidence, case_evidence, read_evidence

GIVEN_CASES: Final = "given_cases"

Integers = NDArray[np.int64]


def list_given_cases(
    store: LogStore, case: Integers, owed_us: Integers, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List cases that are known by their codes, those with most time first.

    Parameters
    ----------
    case, owed_us
        (n,): codes, and the time of each case that counts, µs.
    limit
        At most so many cases; None for all.
    """
    order = np.lexsort((case, -owed_us))[slice(limit)]
    given = {
        GIVEN_CASES: pa.table(
            {"case": pa.array(case[order], pa.int64()), "lead_us": pa.array(owed_us[order], pa.int64())}
        )
    }
    owed = ibis.table({"case": "int64", "lead_us": "int64"}, name=GIVEN_CASES)
    rows = case_evidence(EVENTS, CASES.select("case", "case_id").inner_join(owed, "case"), limit=limit)
    return read_evidence(rows, store, engine, given=given)
