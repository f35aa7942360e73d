"""Ibis used as a compiler: expressions become SQL, no Ibis back-end is ever connected."""

from functools import lru_cache
from typing import Any, Final

import ibis
import ibis.config
import ibis.expr.operations as operations
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

_CACHED_QUERIES: Final = 512


class _SparkOptions(ibis.config.Config):  # type: ignore[misc]  # Ibis publishes no types
    # Ibis's Spark compiler asks for this option at every literal, but only its connected back-end sets it.
    treat_nan_as_null: bool = False


def tables_used(expression: ibis.Table) -> tuple[str, ...]:
    """Return the names of the store's tables that an expression reads, sorted."""
    return tuple(sorted({table.name for table in expression.op().find(operations.UnboundTable)}))


def compile_for_duckdb(expression: ibis.Table) -> str:
    """Return an expression as DuckDB's SQL."""
    return _duckdb_sql(expression.op())


def compile_for_spark(expression: ibis.Table) -> str:
    """Return an expression as Spark's SQL."""
    return _spark_sql(expression.op())


# Operations compare by structure, so that an analysis built anew with the same parameters is not compiled again.
@lru_cache(_CACHED_QUERIES)
def _duckdb_sql(operation: Any) -> str:
    compiler = DuckDBCompiler()
    return str(compiler.to_sqlglot(operation.to_expr()).sql(compiler.dialect))


@lru_cache(_CACHED_QUERIES)
def _spark_sql(operation: Any) -> str:
    # Imported here because only the second engine needs it.
    from ibis.backends.sql.compilers.pyspark import PySparkCompiler

    if ibis.options.pyspark is None:
        ibis.options.pyspark = _SparkOptions()
    compiler = PySparkCompiler()
    return str(compiler.to_sqlglot(operation.to_expr()).sql(compiler.dialect))
