"""The default engine: DuckDB reading a store's Parquet files."""

import os
import secrets
import shutil
import tempfile
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextvars import copy_context
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import duckdb
import ibis
import pyarrow as pa

from potok.core.errors import EnvironmentFailureError
from potok.core.language import gettext as _
from potok.core.progress import Progress, SilentProgress
from potok.engine.base import Given, GivenTable, StoreUnreadableError, conform
from potok.engine.compile import compile_for_duckdb, tables_used
from potok.engine.duckdb import DEFAULT_MEMORY_LIMIT, DuckDBSettings, connect
from potok.engine.sql import quote_file, quote_identifier
from potok.engine.tables import TABLES, is_instant, stored_column

_POLL_SECONDS: Final = 0.1


class MemoryLimitError(EnvironmentFailureError):
    """A query needs more memory than DuckDB may use, even when it spills."""

    code = "POTOK-E002"


class QueryStorageError(EnvironmentFailureError):
    """Reading the store or spilling to disk failed while a query ran."""

    code = "POTOK-E003"


class DuckDBEngine:
    """Runs analyses with DuckDB, within a memory limit and spilling to a temporary folder.

    May be used by several threads; each run works on a connection of its own to one shared in-memory database.

    Parameters
    ----------
    settings
        Limits; by default those of `DuckDBSettings` with a spill folder of its own below the system's temporary
        folder, removed when the engine is closed or collected.
    memory_limit
        Another limit of memory for these default settings.
    progress
        Receives the advance of long queries in percent. What it raises (a cancellation) stops the query and is
        passed on, as is Ctrl-C.
    """

    def __init__(
        self,
        *,
        settings: DuckDBSettings | None = None,
        memory_limit: str = DEFAULT_MEMORY_LIMIT,
        progress: Progress | None = None,
    ) -> None:
        self._settings = settings or DuckDBSettings(memory_limit, spill_folder=_new_spill_folder())
        self._progress = progress or SilentProgress()
        self._database = connect(settings=self._settings)
        owned = None if settings else self._settings.spill_folder
        self._close = weakref.finalize(self, _close, self._database, owned, os.getpid())

    def run(self, expression: ibis.Table, *, folder: Path, given: Given | None = None) -> pa.Table:
        """Run an analysis on the store in `folder`; see `potok.engine.base.Engine`.

        Raises
        ------
        StoreUnreadableError, MemoryLimitError, QueryStorageError
            If the store, the memory limit or the disk stand in the way.
        """
        sql = compile_for_duckdb(expression)
        connection = self._database.cursor()
        try:
            for name in tables_used(expression):
                if given and name in given:
                    _present_given(connection, name, given[name])
                else:
                    _present(connection, name, folder)
            return conform(self._fetch(connection, sql, folder), expression)
        finally:
            connection.close()

    def close(self) -> None:
        """Close the database and remove the engine's own spill folder."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _fetch(self, connection: Any, sql: str, folder: Path) -> pa.Table:
        # DuckDB holds the calling thread until it is done. Waiting beside it keeps Ctrl-C and progress alive.
        with ThreadPoolExecutor(max_workers=1) as pool:
            future = pool.submit(copy_context().run, _execute, connection, sql, folder)
            try:
                self._watch(future, connection)
            except BaseException:
                _stop(future, connection)
                raise
            return future.result()

    def _watch(self, future: "Future[pa.Table]", connection: Any) -> None:
        if _is_done(future):
            return
        self._progress.start(_("Computing"), total=100, unit="percent")
        while not _is_done(future):
            self._progress.advance_to(max(0, int(connection.query_progress())))
        self._progress.finish()


def _new_spill_folder() -> Path:
    return Path(tempfile.gettempdir()) / f"potok-spill-{os.getpid()}-{secrets.token_hex(4)}"


def _close(database: Any, owned_folder: Path | None, process: int) -> None:
    if process != os.getpid():
        return  # a forked child must not touch what belongs to its parent
    database.close()
    if owned_folder is not None:
        shutil.rmtree(owned_folder, ignore_errors=True)


def _present(connection: Any, name: str, folder: Path) -> None:
    path = folder / f"{name}.parquet"
    columns = ", ".join(map(_presented_column, TABLES[name].columns))
    source = f"read_parquet({quote_file(path)})"
    try:
        connection.execute(f"CREATE TEMP VIEW {quote_identifier(name)} AS SELECT {columns} FROM {source}")
    except duckdb.Error as error:
        if path.exists() and not os.access(path, os.R_OK):
            raise _storage_failure(error, folder) from error
        raise StoreUnreadableError.about(path) from error


def _present_given(connection: Any, name: str, table: GivenTable) -> None:
    if not isinstance(table, Path):
        connection.register(name, table)
        return
    try:
        source = f"read_parquet({quote_file(table)})"
        connection.execute(f"CREATE TEMP VIEW {quote_identifier(name)} AS SELECT * FROM {source}")
    except duckdb.Error as error:
        raise StoreUnreadableError.about(table) from error


def _presented_column(column: str) -> str:
    stored = quote_identifier(stored_column(column))
    value = f"epoch_us({stored})" if is_instant(column) else stored
    return f"{value} AS {quote_identifier(column)}"


def _execute(connection: Any, sql: str, folder: Path) -> pa.Table:
    # Progress is only counted while the bar is on; it is never printed.
    connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
    try:
        return connection.sql(sql).to_arrow_table()
    except duckdb.OutOfMemoryException as error:
        raise MemoryLimitError(
            _("A question to the log needs more memory than allowed: {reason}").format(
                reason=str(error).splitlines()[0]
            ),
            where=str(folder),
            remedy=_("Allow more memory, for example --memory 4GB, or free space in the temporary folder."),
        ) from error
    except duckdb.Error as error:
        if not _is_damage(error):
            raise
        if "space" in str(error):
            raise _storage_failure(error, folder) from error
        raise StoreUnreadableError.about(folder) from error


def _storage_failure(error: duckdb.Error, folder: Path) -> QueryStorageError:
    return QueryStorageError(
        _("Reading the log store or writing temporary files failed: {reason}").format(
            reason=str(error).splitlines()[0]
        ),
        where=str(folder),
        remedy=_("Check the disk and the free space of the temporary folder, or import the source again."),
    )


def _is_damage(error: duckdb.Error) -> bool:
    # DuckDB has no error of its own for damaged Parquet pages: it raises any of these.
    return isinstance(error, duckdb.IOException | duckdb.InvalidInputException) or type(error) is duckdb.Error


def _is_done(future: "Future[pa.Table]") -> bool:
    return bool(wait_for([future], timeout=_POLL_SECONDS).done)


def _stop(future: "Future[pa.Table]", connection: Any) -> None:
    # Repeated, because an interrupt that arrives before the query has begun is forgotten.
    connection.interrupt()
    while not _is_done(future):
        connection.interrupt()
