"""A study read on Spark is the one read on DuckDB, which is held against plain Python elsewhere."""

from dataclasses import fields, is_dataclass
from random import Random
from typing import Any

import numpy as np
import pytest

from potok.verify.outcomes import read_study
from potok.verify.protocol.model import Clock, OutcomeKind
from verify.outcomes.study_logs import LOOK_ON, import_rows, make_protocol, random_rows


def plain(value: Any) -> Any:
    if is_dataclass(value):
        return [plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, np.ndarray):
        return [None if one != one else one for one in value.tolist()]
    return [plain(one) for one in value] if isinstance(value, tuple) else value


@pytest.mark.spark
def test_spark_reads_the_study_that_duckdb_reads(spark_engine, duckdb_engine, tmp_path):
    store = import_rows(random_rows(Random(11), cases=25), tmp_path)
    # Asks every analysis: returns and costs up to a horizon, and stops in working time.
    protocol = make_protocol(
        OutcomeKind.FIRST_TIME_THROUGH_SHARE, clock=Clock.WORKING_DAYS, calendar="ru", activity="Check"
    )
    found = read_study([store], protocol, looked_on=LOOK_ON, engine=spark_engine)
    expected = read_study([store], protocol, looked_on=LOOK_ON, engine=duckdb_engine)
    assert plain(found) == plain(expected)
    assert found.cases.features.stopped_us.any()
    assert found.cases.attribute("potok:repeated").labels == ("false", "true")
