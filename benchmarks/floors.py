"""The operations written by hand in DuckDB and Polars: the floor that Potok is measured against.

The log is loaded beforehand and lies in case order, which favours the floor. Every operation returns its digest:

- ``import``: events.
- ``directly_follows``: edges; sum of the mean and of the median seconds of all edges, rounded.
- ``variants``: variants; cases of the most frequent.
- ``rework``: sum over activities of the cases in which the activity happens more than once.
- ``hand_over``: pairs of resources, a resource following itself included.
"""

from pathlib import Path
from typing import Any

from operations import Digest, Operation, Operations

COLUMNS = ["case_id", "activity", "resource", "start_time", "end_time"]


def _polars_frame(source: Path) -> Any:
    import polars as pl

    frame = pl.read_parquet(source, columns=COLUMNS)
    return frame.with_columns(pl.col("activity", "resource").cast(pl.Categorical))


def _duckdb_connection(_source: Path | None = None) -> Any:
    import duckdb

    return duckdb.connect(config={"threads": 2})


def _duckdb_table(source: Path) -> Any:
    connection = _duckdb_connection()
    connection.execute(
        "create table events as select case_id, activity::varchar activity, resource::varchar resource, "
        "start_time, end_time from read_parquet(?)",
        [str(source)],
    )
    return connection


def _duckdb_csv(source: Path) -> Any:
    return _duckdb_connection(), source


def _read_csv_duckdb(state: Any) -> Digest:
    connection, source = state
    connection.execute("create or replace table events as select * from read_csv($1)", [str(source)])
    return (connection.execute("select count(*) from events").fetchone()[0],)


def _polars_source(source: Path) -> Path:
    import polars  # noqa: F401 - importing is not part of the measured work

    return source


def _read_csv_polars(source: Path) -> Digest:
    import polars as pl

    return (pl.read_csv(source, try_parse_dates=True).height,)


def _directly_follows_duckdb(connection: Any) -> Digest:
    edges = connection.execute(
        """
        select activity, following, count(*), avg(seconds), median(seconds)
        from (
            select activity,
                   lead(activity) over one_case as following,
                   greatest(epoch_us(lead(start_time) over one_case) - epoch_us(end_time), 0) / 1e6 as seconds
            from events
            window one_case as (partition by case_id order by end_time)
        )
        where following is not null
        group by all
        """
    ).fetchall()
    return (len(edges), round(sum(edge[3] for edge in edges)), round(sum(edge[4] for edge in edges)))


def _directly_follows_polars(frame: Any) -> Digest:
    import polars as pl

    gap = (pl.col("start_time").shift(-1) - pl.col("end_time")).dt.total_microseconds().clip(0) / 1e6
    edges = (
        frame.select("case_id", "activity", "start_time", "end_time")
        .sort("case_id", "end_time")
        .lazy()
        .with_columns(following=pl.col("activity").shift(-1), next_case=pl.col("case_id").shift(-1), seconds=gap)
        .filter(pl.col("case_id") == pl.col("next_case"))
        .group_by("activity", "following")
        .agg(pl.len(), pl.col("seconds").mean().alias("mean"), pl.col("seconds").median().alias("median"))
        .collect()
    )
    return (edges.height, round(edges["mean"].sum()), round(edges["median"].sum()))


def _variants_duckdb(connection: Any) -> Digest:
    variants = connection.execute(
        """
        select variant, count(*) as cases
        from (select case_id, list(activity order by end_time) as variant from events group by 1)
        group by 1
        order by 2 desc
        """
    ).fetchall()
    return (len(variants), variants[0][1])


def _variants_polars(frame: Any) -> Digest:
    import polars as pl

    variants = (
        frame.select("case_id", pl.col("activity").to_physical(), "end_time")
        .sort("case_id", "end_time")
        .group_by("case_id", maintain_order=True)
        .agg("activity")
        .group_by("activity")
        .len()
    )
    return (variants.height, variants["len"].max())


def _rework_duckdb(connection: Any) -> Digest:
    repeated = connection.execute(
        """
        select activity, count(*)
        from (select case_id, activity from events group by all having count(*) > 1)
        group by 1
        """
    ).fetchall()
    return (sum(cases for _, cases in repeated),)


def _rework_polars(frame: Any) -> Digest:
    import polars as pl

    repeated = frame.group_by("case_id", "activity").len().filter(pl.col("len") > 1).group_by("activity").len()
    return (int(repeated["len"].sum()),)


def _hand_over_duckdb(connection: Any) -> Digest:
    pairs = connection.execute(
        """
        select resource, following, count(*)
        from (
            select resource, lead(resource) over (partition by case_id order by end_time) as following
            from events
        )
        where following is not null
        group by all
        """
    ).fetchall()
    return (len(pairs),)


def _hand_over_polars(frame: Any) -> Digest:
    import polars as pl

    pairs = (
        frame.select("case_id", "resource", "end_time")
        .sort("case_id", "end_time")
        .with_columns(following=pl.col("resource").shift(-1), next_case=pl.col("case_id").shift(-1))
        .filter(pl.col("case_id") == pl.col("next_case"))
        .group_by("resource", "following")
        .len()
    )
    return (pairs.height,)


OPERATIONS: Operations = {
    ("import_csv", "duckdb"): Operation(_duckdb_csv, _read_csv_duckdb),
    ("import_csv", "polars"): Operation(_polars_source, _read_csv_polars),
    ("directly_follows", "duckdb"): Operation(_duckdb_table, _directly_follows_duckdb),
    ("directly_follows", "polars"): Operation(_polars_frame, _directly_follows_polars),
    ("variants", "duckdb"): Operation(_duckdb_table, _variants_duckdb),
    ("variants", "polars"): Operation(_polars_frame, _variants_polars),
    ("rework", "duckdb"): Operation(_duckdb_table, _rework_duckdb),
    ("rework", "polars"): Operation(_polars_frame, _rework_polars),
    ("hand_over", "duckdb"): Operation(_duckdb_table, _hand_over_duckdb),
    ("hand_over", "polars"): Operation(_polars_frame, _hand_over_polars),
}
