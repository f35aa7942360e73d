"""The second engine: Spark, for logs that one machine cannot hold.

Needs the extra ``spark`` and Java 17. Nothing of either is touched before the first run.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from potok.core.errors import EnvironmentFailureError
from potok.core.language import gettext as _
from potok.engine.base import Given, GivenTable, StoreUnreadableError, conform
from potok.engine.compile import compile_for_spark, tables_used
from potok.engine.tables import TABLES, is_instant, stored_column

MINIMUM_JAVA: Final = 17

# Ours are laid over Spark's defaults; `SparkSettings.options` are laid over ours.
_OPTIONS: Final = {
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    # Source attributes may differ in case only, and would then be ambiguous.
    "spark.sql.caseSensitive": "true",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.log.level": "ERROR",
}


_SPARK_TYPES: Final = {"int32": "INT", "int64": "BIGINT", "float64": "DOUBLE", "string": "STRING"}


class SparkMissingError(EnvironmentFailureError):
    """The extra ``spark`` is not installed."""

    code = "POTOK-E010"


class JavaMissingError(EnvironmentFailureError):
    """There is no Java that Spark can run on."""

    code = "POTOK-E011"


@dataclass(frozen=True, slots=True)
class SparkSettings:
    """Where and how Spark runs.

    Parameters
    ----------
    master
        Spark's master URL.
    options
        Further Spark options, by their names.
    """

    master: str = "local[*]"
    options: dict[str, str] = field(default_factory=dict)


class SparkEngine:
    """Runs analyses with Spark SQL; the session is started at the first run and shared by the process.

    Runs must not overlap: the store's tables are presented under the same names in one session.

    Parameters
    ----------
    settings
        Master and options; a running session keeps its own.
    """

    def __init__(self, *, settings: SparkSettings | None = None) -> None:
        self._settings = settings or SparkSettings()
        self._session: Any = None

    def run(self, expression: ibis.Table, *, folder: Path, given: Given | None = None) -> pa.Table:
        """Run an analysis on the store in `folder`; see `potok.engine.base.Engine`.

        Raises
        ------
        SparkMissingError, JavaMissingError
            If Spark cannot be started on this machine.
        StoreUnreadableError
            If a table of the store is missing or damaged.
        """
        session = self._started_session()
        with TemporaryDirectory(prefix="potok-") as beside:
            for name in tables_used(expression):
                if given and name in given:
                    _present_given(session, name, given[name], Path(beside))
                else:
                    _present(session, name, folder)
            try:
                answer = session.sql(compile_for_spark(expression)).toArrow()
            except KeyboardInterrupt:
                session.sparkContext.cancelAllJobs()
                raise
        return conform(answer, expression)

    def close(self) -> None:
        """Stop the session, for everyone who uses it."""
        if self._session is not None:
            self._session.stop()
            self._session = None

    def _started_session(self) -> Any:
        if self._session is None:
            self._session = start_session(self._settings)
        return self._session


def start_session(settings: SparkSettings) -> Any:
    """Start Spark, or join the session that already runs in this process.

    Raises
    ------
    SparkMissingError, JavaMissingError
        If the extra or Java is missing.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SparkMissingError(
            _("Spark is not installed."), remedy=_("Install it with `pip install 'potok[spark]'`, or use DuckDB.")
        ) from error
    check_java()
    builder = SparkSession.builder.master(settings.master).appName("potok")
    for name, value in {**_OPTIONS, **settings.options}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def check_java() -> None:
    """Check that Spark will find a Java it can run on.

    Raises
    ------
    JavaMissingError
        If there is none, or it is older than `MINIMUM_JAVA`.
    """
    version = _java_version()
    if version is None or version < MINIMUM_JAVA:
        found = _("none was found") if version is None else _("found is Java {version}").format(version=version)
        raise JavaMissingError(
            _("Spark needs Java {minimum} or later; {found}.").format(minimum=MINIMUM_JAVA, found=found),
            remedy=_("Install Java {minimum} and set JAVA_HOME, or use DuckDB.").format(minimum=MINIMUM_JAVA),
        )


def _java_version() -> int | None:
    home = os.environ.get("JAVA_HOME")
    program = shutil.which(str(Path(home) / "bin" / "java")) if home else shutil.which("java")
    if program is None:
        return None
    answer = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)  # noqa: S603  # a found program
    # "1.8.0_402" is Java 8; since 9 the first number is the version.
    match = re.search(r'version "(?:1\.)?(\d+)', answer.stderr)
    return int(match.group(1)) if match else None


def _present(session: Any, name: str, folder: Path) -> None:
    path = folder / f"{name}.parquet"
    columns = TABLES[name].schema()
    _check_columns(path, tuple(map(stored_column, columns)))
    schema = ", ".join(f"`{stored_column(column)}` {_stored_type(column, dtype)}" for column, dtype in columns.items())
    # With the schema given Spark needs no job to find it. Without the option it takes brackets and stars in a path for
    # a pattern. Not a URI: %20 would not be decoded.
    reader = session.read.schema(schema).option("__globPaths__", "false")
    frame = reader.parquet(f"file:{path.resolve().as_posix()}")
    frame.selectExpr(*map(_presented_column, columns)).createOrReplaceTempView(name)


def _present_given(session: Any, name: str, table: GivenTable, folder: Path) -> None:
    # By way of a file: Spark turns Arrow tables into frames only with pandas installed.
    file = table if isinstance(table, Path) else folder / f"{name}.parquet"
    if not isinstance(table, Path):
        pq.write_table(table, file)
    reader = session.read.option("__globPaths__", "false")
    reader.parquet(f"file:{file.resolve().as_posix()}").createOrReplaceTempView(name)


def _check_columns(path: Path, columns: tuple[str, ...]) -> None:
    # Given a schema, Spark fills columns that the file lacks with nulls.
    try:
        stored = set(pq.read_schema(path).names)
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreUnreadableError.about(path, str(error).splitlines()[0]) from error
    missing = [column for column in columns if column not in stored]
    if missing:
        raise StoreUnreadableError.about(path, _("it lacks the columns {names}").format(names=", ".join(missing)))


def _stored_type(column: str, dtype: Any) -> str:
    return "TIMESTAMP" if is_instant(column) else _SPARK_TYPES[str(dtype.copy(nullable=True))]


def _presented_column(column: str) -> str:
    stored = f"`{stored_column(column)}`"
    value = f"unix_micros({stored})" if is_instant(column) else stored
    return f"{value} AS `{column}`"
