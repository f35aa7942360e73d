"""DuckDB: the default engine, and the workhorse of import."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

DEFAULT_MEMORY_LIMIT: Final = "2GB"
DatabaseError = duckdb.Error
InterruptError = duckdb.InterruptException


@dataclass(frozen=True, slots=True)
class DuckDBSettings:
    """Limits within which DuckDB works.

    Parameters
    ----------
    memory_limit
        As DuckDB writes it (``"2GB"``); what does not fit spills to `spill_folder`. Python's own memory comes on top.
    threads
        Worker threads; 0 takes the number of cores.
    spill_folder
        Where to spill; None forbids spilling.
    """

    memory_limit: str = DEFAULT_MEMORY_LIMIT
    threads: int = 0
    spill_folder: Path | None = None


def connect(database: Path | None = None, *, settings: DuckDBSettings | None = None) -> Any:
    """Open a DuckDB connection that works in UTC, keeps row order and loads nothing from the network.

    Parameters
    ----------
    database
        File to work in (larger than memory); None works in memory.
    """
    settings = settings or DuckDBSettings()
    config: dict[str, Any] = {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads or os.cpu_count() or 1,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    # Empty forbids; left out, an engine in memory would spill into the current folder.
    config["temp_directory"] = str(settings.spill_folder or "")
    connection = duckdb.connect(str(database) if database else ":memory:", config=config)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = true")
    # Progress is known only while the bar is on; its printing is not wanted.
    connection.execute("SET enable_progress_bar = true")
    connection.execute("SET enable_progress_bar_print = false")
    return connection


def count_threads(connection: Any) -> int:
    """Return the number of worker threads of a connection."""
    return int(connection.execute("SELECT current_setting('threads')").fetchone()[0])


def limit_memory(connection: Any, *, mib: int) -> None:
    """Give a connection another limit of memory; what does not fit is spilt from now on."""
    connection.execute(f"SET memory_limit = '{mib}MiB'")
