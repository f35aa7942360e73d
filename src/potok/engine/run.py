"""Which engine runs an analysis if none is named."""

import os
from contextvars import ContextVar
from functools import cache
from typing import Final

from potok.engine.base import Engine
from potok.engine.duckdb import DEFAULT_MEMORY_LIMIT
from potok.engine.run_duckdb import DuckDBEngine

_memory_limit: Final[ContextVar[str]] = ContextVar("_memory_limit", default=DEFAULT_MEMORY_LIMIT)


def limit_default_memory(limit: str) -> None:
    """Let the default engine of the current context use so much memory, written as ``"4GB"``."""
    _memory_limit.set(limit)


def default_engine() -> Engine:
    """Return this process's DuckDB engine with default settings."""
    return _engine_of(os.getpid(), _memory_limit.get())


@cache
def _engine_of(process: int, memory_limit: str) -> Engine:
    # A forked child makes its own and leaves its parent's alone: DuckDB's threads do not live on in it, and closing
    # the database would wait for them.
    return DuckDBEngine(memory_limit=memory_limit)
