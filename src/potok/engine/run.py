"""Which engine runs an analysis if none is named."""

import os
from functools import cache

from potok.engine.base import Engine
from potok.engine.run_duckdb import DuckDBEngine


@cache
def default_engine() -> Engine:
    """Return this process's DuckDB engine with default settings."""
    return DuckDBEngine()


if hasattr(os, "register_at_fork"):
    # DuckDB's threads do not live on in a forked child.
    os.register_at_fork(after_in_child=default_engine.cache_clear)
