"""Step 6: the one sort. Everything after it is streaming or an aggregate."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from potok.engine.sql import quote_identifier, quote_literal
from potok.log.importing.attributes import TypedAttribute

LATEST: Final = 2**63 - 1
ROW_GROUP_ROWS: Final = 122_880
PARQUET_OPTIONS: Final = f"(FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v2, ROW_GROUP_SIZE {ROW_GROUP_ROWS})"


def event_attributes(attributes: Sequence[TypedAttribute]) -> tuple[TypedAttribute, ...]:
    """Return the attributes stored with events: all that differ within a case or are missing in some rows."""
    return tuple(a for a in attributes if not (a.is_case_level and a.is_complete))


def sort_statement(attributes: Sequence[TypedAttribute], expressions: dict[str, str]) -> str:
    """Return SQL for table ``sorted``: coded instances in the order of the store, but for `settle_ties`.

    Parameters
    ----------
    expressions
        Attribute column to SQL over ``instances`` (aliased ``i``) giving the stored value.
    """
    own = "".join(f", {expressions[a.column]} AS {a.column}" for a in event_attributes(attributes))
    return f"""
    CREATE TABLE sorted AS
    SELECT c."case", a.code AS activity, i.enabled_us, i.started_us, i.completed_us,
           r.code AS resource, u.code AS org_unit, i.cost, i.source_row{own}
    FROM instances i
    JOIN case_codes c ON c.case_key = i.case_key
    JOIN activity_codes a ON a.value = i.activity
    LEFT JOIN resource_codes r ON r.value = i.resource
    LEFT JOIN unit_codes u ON u.value = i.org_unit
    ORDER BY c."case", coalesce(i.completed_us, i.started_us, i.enabled_us), i.source_row
    """


def settle_ties(connection: Any) -> None:
    """Put instances of a case that happened at the same instant in order of their starts, missing ones last.

    Such ties are rare, and a sort by a fourth key costs nearly twice one by three. So the order is looked through
    first, which is cheap, and ``sorted`` made anew only if it has to be.
    """
    happened = "coalesce(completed_us, started_us, enabled_us)"
    started = f"coalesce(started_us, {LATEST})"
    stream = (
        f'SELECT "case", {happened} AS happened, {started} AS started, lead("case") OVER () AS next_case, '
        f"lead({happened}) OVER () AS next_happened, lead({started}) OVER () AS next_started FROM sorted"
    )
    misplaced = 'next_case = "case" AND next_happened = happened AND next_started < started'
    if connection.execute(f"SELECT 1 FROM ({stream}) WHERE {misplaced} LIMIT 1").fetchone() is None:
        return
    connection.execute(
        f'CREATE TABLE settled AS SELECT * FROM sorted ORDER BY "case", {happened}, {started}, source_row'
    )
    connection.execute("DROP TABLE sorted")
    connection.execute("ALTER TABLE settled RENAME TO sorted")


def events_statement(attributes: Sequence[TypedAttribute], file: Path) -> str:
    """Return SQL that writes ``sorted`` with positions and lead columns to `file`.

    ``lead(…) OVER ()`` streams over the sorted rows, so no second sort is needed; the first row of a case is known
    from the running number of rows of the cases before it.
    """
    own = "".join(f", {a.column} AS {quote_identifier('attr:' + a.name)}" for a in event_attributes(attributes))
    return f"""
    COPY (
        WITH led AS (
            SELECT *, row_number() OVER () - 1 AS row, lead("case") OVER () AS following_case,
                   lead(activity) OVER () AS following_activity, lead(started_us) OVER () AS following_started_us,
                   lead(completed_us) OVER () AS following_completed_us,
                   lead(org_unit) OVER () AS following_org_unit, lead(resource) OVER () AS following_resource
            FROM sorted
        ), firsts AS (
            SELECT "case", sum(n_events) OVER (ORDER BY "case") - n_events AS first_row FROM case_codes
        )
        SELECT led."case", CAST(row - first_row AS INTEGER) AS position, activity,
               {_instant("enabled_us")} AS enabled_at, {_instant("started_us")} AS started_at,
               {_instant("completed_us")} AS completed_at, resource, org_unit, cost, source_row,
               {_following("following_activity")} AS next_activity,
               {_following(_instant("following_started_us"))} AS next_started_at,
               {_following(_instant("following_completed_us"))} AS next_completed_at,
               {_following("following_org_unit")} AS next_org_unit,
               {_following("following_resource")} AS next_resource{own}
        FROM led JOIN firsts ON firsts."case" = led."case"
    ) TO {quote_literal(str(file))} {PARQUET_OPTIONS}
    """


def _instant(expression: str) -> str:
    """Return SQL turning microseconds UTC into TIMESTAMPTZ (the session's zone is UTC)."""
    return f"CAST(make_timestamp({expression}) AS TIMESTAMPTZ)"


def _following(expression: str) -> str:
    return f'CASE WHEN following_case = led."case" THEN {expression} END'
