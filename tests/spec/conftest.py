"""Engines on which every spec runs, beside the plain-Python reference."""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from potok.core.errors import EnvironmentFailureError
from potok.engine.base import Engine
from potok.engine.run_duckdb import DuckDBEngine
from potok.engine.spark import SparkEngine, SparkSettings, start_session
from support import reference
from support.tiny_store import TinyLog, write_store

# Tiny data in a short-lived process: starting, planning and compiling cost more than running, so as little of them as
# possible. The Java options alone halve the time.
FAST_OPTIONS = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.ui.showConsoleProgress": "false",
}

Answer = Callable[..., Any]


@pytest.fixture(scope="session")
def spark_engine() -> Iterator[Engine]:
    """Return the one Spark session of a test run; without Spark or Java skip, unless CI must not."""
    settings = SparkSettings(master="local[2]", options=FAST_OPTIONS)
    try:
        start_session(settings)
    except EnvironmentFailureError as failure:
        if "CI" in os.environ:
            raise
        pytest.skip(failure.message)
    engine = SparkEngine(settings=settings)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def duckdb_engine() -> Iterator[Engine]:
    with DuckDBEngine() as engine:
        yield engine


@pytest.fixture(params=["reference", "duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def answer(request: pytest.FixtureRequest, tmp_path: Path) -> Answer:
    """Return a function that computes a measure of a tiny log: ``answer(compute_rework, log)``."""
    if request.param == "reference":
        return lambda measure, log, *arguments: getattr(reference, measure.__name__)(log, *arguments)
    return answer_on(request.getfixturevalue(f"{request.param}_engine"), tmp_path)


def answer_on(engine: Engine, folder: Path) -> Answer:
    numbers = count()

    def compute(measure: Callable[..., Any], log: TinyLog, *arguments: Any) -> Any:
        return measure(write_store(log, folder / f"store {next(numbers)}"), *arguments, engine=engine)

    return compute
