"""Engines on which every spec runs, beside the plain-Python reference."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from potok.engine.base import Engine
from potok.engine.run_duckdb import DuckDBEngine
from support import reference
from support.tiny_store import TinyLog, write_store

Answer = Callable[..., Any]


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
