"""Measures of time written by hand in DuckDB and Polars, on a loaded log in case order; see `floors`.

The calendar is an office open from eight to five, Monday to Friday, UTC. Digests:

- ``calendar_graph``: edges; sum of the mean working seconds of all edges, rounded.
- ``calendar_durations``: cases (Potok takes open ones up to the extraction, so sums would differ).
- ``temporal_profile``: ordered pairs of activities of which one ever follows the other.
- ``waiting``: cases; sum of the seconds waited, rounded.
- ``deadlines``: of a term of ten working days from registration, counted from the day after, to the first decision sent
  from then on: cases that have it, that kept it, that were late; departments with which they ended. Late starts are
  counted, too (Potok counts those of cases without any action as well, so that numbers would differ).
"""

from pathlib import Path
from typing import Any

from floors import COLUMNS, _duckdb_connection, _duckdb_table, _polars_frame
from operations import Digest, Operation, Operations

DAY_US = 86_400_000_000
OPENS_SECONDS, CLOSES_SECONDS = 8 * 3600, 17 * 3600
OPEN_SECONDS = CLOSES_SECONDS - OPENS_SECONDS


def _worked(instants: Any) -> Any:
    """Return the working seconds from 1970 to each instant, from microseconds."""
    import numpy as np

    days = np.arange(40_000)
    is_open = ((days + 3) % 7 < 5).astype(np.int64)
    before = np.concatenate([[0], np.cumsum(is_open * OPEN_SECONDS)])
    day = instants // DAY_US
    today = np.clip((instants - day * DAY_US) / 1e6 - OPENS_SECONDS, 0, OPEN_SECONDS)
    return before[day] + today * is_open[day]


def _calendar_graph_polars(frame: Any) -> Digest:
    import polars as pl

    ordered = frame.select("case_id", "activity", "start_time", "end_time").sort("case_id", "end_time")
    starts, ends = (_worked(ordered[name].dt.epoch("us").to_numpy()) for name in ("start_time", "end_time"))
    edges = (
        ordered.with_columns(started=pl.Series(starts), ended=pl.Series(ends))
        .lazy()
        .with_columns(
            following=pl.col("activity").shift(-1),
            next_case=pl.col("case_id").shift(-1),
            seconds=(pl.col("started").shift(-1) - pl.col("ended")).clip(0),
        )
        .filter(pl.col("case_id") == pl.col("next_case"))
        .group_by("activity", "following")
        .agg(pl.len(), pl.col("seconds").mean().alias("mean"), pl.col("seconds").median().alias("median"))
        .collect()
    )
    return (edges.height, round(edges["mean"].sum()))


def _calendar_durations_polars(frame: Any) -> Digest:
    import polars as pl

    cases = frame.group_by("case_id").agg(pl.col("start_time").min(), pl.col("end_time").max())
    worked = _worked(cases["end_time"].dt.epoch("us").to_numpy()) - _worked(
        cases["start_time"].dt.epoch("us").to_numpy()
    )
    return (cases.height if worked.sum() > 0 else 0,)


_WORKED = f"""
    ((epoch_us({{at}}) // {DAY_US} + 3) // 7 * 5 + least((epoch_us({{at}}) // {DAY_US} + 3) % 7, 5)) * {OPEN_SECONDS}
    + case when (epoch_us({{at}}) // {DAY_US} + 3) % 7 < 5
           then least(greatest(epoch_us({{at}}) % {DAY_US} / 1e6 - {OPENS_SECONDS}, 0), {OPEN_SECONDS}) else 0 end
"""


def _calendar_durations_duckdb(connection: Any) -> Digest:
    cases, seconds = connection.execute(
        f"""
        select count(*), sum({_WORKED.format(at="last")} - ({_WORKED.format(at="first")}))
        from (select min(start_time) as first, max(end_time) as last from events group by case_id)
        """
    ).fetchone()
    return (cases if seconds > 0 else 0,)


def _temporal_profile_polars(frame: Any) -> Digest:
    import polars as pl

    events = frame.lazy().select("case_id", pl.col("activity").to_physical(), "start_time", "end_time")
    numbered = events.sort("case_id", "end_time").with_row_index("row")
    later = numbered.select("case_id", later="activity", begun=pl.col("start_time"), later_row="row")
    pairs = (
        numbered.join(later, on="case_id")
        .filter(pl.col("row") < pl.col("later_row"))
        .with_columns(seconds=(pl.col("begun") - pl.col("end_time")).dt.total_microseconds() / 1e6)
        .group_by("activity", "later")
        .agg(pl.len(), pl.col("seconds").mean().alias("mean"), pl.col("seconds").std().alias("deviation"))
        .collect()
    )
    return (pairs.height,)


def _waiting_polars(frame: Any) -> Digest:
    import polars as pl

    gap = (pl.col("start_time").shift(-1) - pl.col("end_time")).dt.total_microseconds().clip(0) / 1e6
    cases = (
        frame.select("case_id", "start_time", "end_time")
        .sort("case_id", "end_time")
        .lazy()
        .with_columns(next_case=pl.col("case_id").shift(-1), seconds=gap)
        .with_columns(seconds=pl.when(pl.col("case_id") == pl.col("next_case")).then("seconds").otherwise(0.0))
        .group_by("case_id")
        .agg(pl.col("seconds").sum())
        .collect()
    )
    return (cases.height, round(cases["seconds"].sum()))


TERM_DAYS = 10


def _due(starts: Any) -> Any:
    """Return the instants at which a term of working days is over, counted from the day after, all in microseconds."""
    import numpy as np

    days = np.arange(40_000)
    is_open = (days + 3) % 7 < 5
    open_days = days[is_open]
    reached = np.cumsum(is_open)  # open days up to and including each day
    return (open_days[reached[starts // DAY_US] + TERM_DAYS - 1] + 1) * DAY_US


def _polars_frame_with_units(source: Path) -> Any:
    import polars as pl

    frame = pl.read_parquet(source, columns=[*COLUMNS, "department"])
    return frame.with_columns(pl.col("activity", "department").cast(pl.Categorical))


def _deadlines_polars(frame: Any) -> Digest:
    """Count what Potok counts of a term: kept, late and late starts, of each department with which cases ended."""
    import polars as pl

    case, end = pl.col("case_id"), pl.col("end_time")
    registered = (
        frame.filter(pl.col("activity") == "Register application").group_by(case).agg(end.min().dt.epoch("us"))
    ).rename({"end_time": "begun"})
    due = pl.Series("due", _due(registered["begun"].to_numpy()))
    last = frame.lazy().sort("case_id", "end_time").group_by("case_id").agg(pl.col("department").last())
    times = frame.lazy().select(
        case,
        is_sent=pl.col("activity") == "Send decision",
        at=end.dt.epoch("us"),
        since=pl.col("start_time").dt.epoch("us"),
    )
    cases = (
        times.join(registered.with_columns(due).lazy(), on="case_id")
        .filter(pl.col("at") >= pl.col("begun"))
        .group_by("case_id")
        .agg(
            pl.col("begun", "due").first(),
            sent=pl.col("at").filter("is_sent").min(),
            acted=pl.col("since").filter(pl.col("since") > pl.col("begun")).min(),
        )
        .join(last, on="case_id")
    )
    half = pl.col("begun") + (pl.col("due") - pl.col("begun")) // 2
    counts = (
        cases.group_by("department")
        .agg(
            pl.len(),
            kept=(pl.col("sent") < pl.col("due")).sum(),
            late=(pl.col("sent") >= pl.col("due")).sum(),
            late_starts=(pl.col("acted") > half).sum(),
        )
        .collect()
    )
    return (counts["len"].sum(), counts["kept"].sum(), counts["late"].sum(), counts.height)


def _duckdb_table_with_units(source: Path) -> Any:
    connection = _duckdb_connection()
    connection.execute(
        "create table events as select case_id, activity::varchar activity, department::varchar department, "
        "epoch_us(start_time) since, epoch_us(end_time) ended from read_parquet(?)",
        [str(source)],
    )
    return connection


def _deadlines_duckdb(connection: Any) -> Digest:
    """Count the same in SQL: ten working days from Monday to Friday are a fortnight from the last open day."""
    counts = connection.execute(
        f"""
        with registered as (
            select case_id, begun, (open_day + 15) * {DAY_US} as due
            from (select case_id, begun, day - greatest((day + 3) % 7 - 4, 0) as open_day
                  from (select case_id, min(ended) as begun, min(ended) // {DAY_US} as day
                        from events where activity = 'Register application' group by 1))
        ), cases as (
            select case_id, any_value(begun) as begun, any_value(due) as due,
                   min(ended) filter (activity = 'Send decision') as sent, min(since) filter (since > begun) as acted,
                   arg_max(department, ended) as department
            from events join registered using (case_id) where ended >= begun group by 1
        )
        select department, count(*), count(*) filter (sent < due), count(*) filter (sent >= due),
               count(*) filter (acted > begun + (due - begun) // 2)
        from cases group by 1
        """
    ).fetchall()
    return (*(sum(row[column] for row in counts) for column in (1, 2, 3)), len(counts))


OPERATIONS: Operations = {
    ("deadlines", "duckdb"): Operation(_duckdb_table_with_units, _deadlines_duckdb),
    ("deadlines", "polars"): Operation(_polars_frame_with_units, _deadlines_polars),
    ("calendar_graph", "polars"): Operation(_polars_frame, _calendar_graph_polars),
    ("calendar_durations", "polars"): Operation(_polars_frame, _calendar_durations_polars),
    ("calendar_durations", "duckdb"): Operation(_duckdb_table, _calendar_durations_duckdb),
    ("temporal_profile", "polars"): Operation(_polars_frame, _temporal_profile_polars),
    ("waiting", "polars"): Operation(_polars_frame, _waiting_polars),
}
