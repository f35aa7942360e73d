"""Which engine runs an analysis if none is named."""

import os
from functools import cache

from potok.engine.base import Engine
from potok.engine.run_duckdb import DuckDBEngine


def default_engine() -> Engine:
    """Return this process's DuckDB engine with default settings."""
    return _engine_of(os.getpid())


@cache
def _engine_of(process: int) -> Engine:
    # A forked child makes its own and leaves its parent's alone: DuckDB's threads do not live on in it, and closing
    # the database would wait for them.
    return DuckDBEngine()
