"""Step 9: the store's files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from potok.engine.sql import quote_file, quote_identifier, quote_literal
from potok.log.importing.attributes import TypedAttribute
from potok.log.importing.sorting import PARQUET_OPTIONS
from potok.log.mapping import Mapping

# One row per variant and instance in it.
VARIANT_ACTIVITIES: Final = (
    "SELECT variant, cases, CAST(unnest(string_split(activities, ',')) AS INTEGER) AS activity FROM variants"
)
CASE_ROLES = ("outcome", "channel", "service", "agency")


def write_variants(connection: Any, folder: Path) -> int:
    """Write ``variants.parquet``, create ``case_variants`` (``case``, ``variant``); return the number of variants.

    Sequences are told apart by two independent 64-bit hashes of their (position, activity) pairs, which need no
    sorting; codes are then given by number of cases and by the sequence itself, so they do not depend on the hash.
    """
    events = f"read_parquet({quote_file(folder / 'events.parquet')})"
    connection.execute(
        'CREATE TABLE sequences AS SELECT "case", sum(hash(position, activity)) AS one, '
        f"bit_xor(hash(activity, position, 7)) AS two, count(*) AS n_events FROM {events} GROUP BY 1"
    )
    connection.execute(
        'CREATE TABLE distinct_sequences AS SELECT one, two, n_events, min("case") AS example, count(*) AS cases '
        "FROM sequences GROUP BY ALL"
    )
    connection.execute(
        f"""
        CREATE TABLE variants AS
        SELECT CAST(row_number() OVER (ORDER BY cases DESC, activities) - 1 AS INTEGER) AS variant,
               activities, CAST(n_events AS INTEGER) AS n_events, cases, one, two
        FROM distinct_sequences JOIN (
            SELECT "case", string_agg(activity, ',' ORDER BY position) AS activities FROM {events}
            SEMI JOIN (SELECT example AS "case" FROM distinct_sequences) USING ("case") GROUP BY 1
        ) ON "case" = example
        """
    )
    _copy(
        connection,
        "SELECT variant, activities, n_events, CAST(cases AS BIGINT) AS cases FROM variants ORDER BY variant",
        folder / "variants.parquet",
    )
    connection.execute(
        'CREATE TABLE case_variants AS SELECT "case", variant FROM sequences JOIN variants USING (one, two)'
    )
    return int(connection.execute("SELECT count(*) FROM variants").fetchone()[0])


def write_cases(
    connection: Any,
    folder: Path,
    *,
    mapping: Mapping,
    attributes: Sequence[TypedAttribute],
    expressions: dict[str, str],
) -> None:
    """Write ``cases.parquet``: spans, variant, closing, case roles and the attributes that belong to cases."""
    held = {a.name: a for a in attributes}
    own = [a for a in attributes if a.is_case_level]
    changing = [held[name] for name in _role_columns(mapping) if name in held and not held[name].is_case_level]
    constant = "".join(f", {expressions[a.column]} AS {a.column}" for a in own)
    connection.execute(f"CREATE VIEW constant_values AS SELECT case_key{constant} FROM case_facts i")
    connection.execute(f"CREATE VIEW case_values AS {_with_last_values(changing, expressions)}")
    roles = ", ".join(_role(mapping, role, held) for role in CASE_ROLES)
    listing = "".join(f", v.{a.column} AS {quote_identifier('attr:' + a.name)}" for a in own)
    # One join at a time: hash tables of ten million cases side by side would not fit, and do not spill together.
    connection.execute(
        'CREATE TABLE case_ends AS SELECT w."case", w.variant, closed.closed_us FROM case_variants w '
        'LEFT JOIN closed ON closed."case" = w."case" ORDER BY w."case"'
    )
    connection.execute(
        'CREATE TABLE cases_in_order AS SELECT c."case", c.label, c.n_events, c.opened_us, c.last_us, '
        'v.* EXCLUDE (case_key) FROM case_codes c JOIN case_values v USING (case_key) ORDER BY c."case"'
    )
    _copy(
        connection,
        f"""
        SELECT v."case", v.label AS case_id, {_instant("v.opened_us")} AS opened_at,
               {_instant("e.closed_us")} AS closed_at, {_instant("v.last_us")} AS last_at,
               CASE WHEN v."case" = e."case" THEN e.variant ELSE error('cases out of step') END AS variant,
               CAST(v.n_events AS INTEGER) AS n_events, {roles}{listing}
        FROM cases_in_order v POSITIONAL JOIN case_ends e
        """,
        folder / "cases.parquet",
    )


def _role_columns(mapping: Mapping) -> list[str]:
    return [name for name in (getattr(mapping, role) for role in CASE_ROLES) if name]


def _with_last_values(changing: Sequence[TypedAttribute], expressions: dict[str, str]) -> str:
    """Return SQL adding to ``constant_values`` the last value of case roles that change within a case."""
    if not changing:
        return "SELECT * FROM constant_values"
    order = "(coalesce(i.completed_us, i.started_us, i.enabled_us), i.source_row)"
    last = "".join(f", arg_max({expressions[a.column]}, {order}) AS {a.column}" for a in dict.fromkeys(changing))
    return f"SELECT * FROM constant_values JOIN (SELECT case_key{last} FROM instances i GROUP BY 1) USING (case_key)"


def _role(mapping: Mapping, role: str, held: dict[str, TypedAttribute]) -> str:
    name = getattr(mapping, role)
    return f"CAST(v.{held[name].column} AS VARCHAR) AS {role}" if name in held else f"NULL::VARCHAR AS {role}"


def _instant(expression: str) -> str:
    return f"CAST(make_timestamp({expression}) AS TIMESTAMPTZ)"


def write_dictionaries(connection: Any, folder: Path) -> None:
    """Write ``activities``, ``resources`` and ``units``.parquet with their counts."""
    # What happens in a case is known from its variant, of which there are fewer than cases.
    activities = f"""
        SELECT activity, sum(n * cases) AS n, sum(cases) AS cases
        FROM (SELECT variant, cases, activity, count(*) AS n FROM ({VARIANT_ACTIVITIES}) GROUP BY ALL) GROUP BY 1
    """
    phase = ", min(phase) AS phase"
    _copy(connection, _counted("activity", activities, "activity_codes", phase), folder / "activities.parquet")
    for column, codes, file in (("resource", "resource_codes", "resources"), ("org_unit", "unit_codes", "units")):
        pairs = f'SELECT {column}, "case", count(*) AS n FROM sorted WHERE {column} IS NOT NULL GROUP BY ALL'
        counts = f"SELECT {column}, sum(n) AS n, count(*) AS cases FROM ({pairs}) GROUP BY 1"
        _copy(connection, _counted(column, counts, codes, ""), folder / f"{file}.parquet")


def _counted(column: str, counts: str, codes: str, extra: str) -> str:
    phase = ", phase" if extra else ""
    return f"""
        WITH counts AS ({counts}), labels AS (SELECT code, min(label) AS label{extra} FROM {codes} GROUP BY 1)
        SELECT code AS {column}, label{phase}, CAST(n AS BIGINT) AS instances, CAST(cases AS BIGINT) AS cases
        FROM labels JOIN counts ON {column} = code ORDER BY 1
    """


def write_rejected(connection: Any, folder: Path) -> int:
    """Write ``rejected.parquet``; return the number of rows in it."""
    _copy(
        connection,
        'SELECT source_row, line, "column", reason, text FROM rejected ORDER BY source_row, line, reason',
        folder / "rejected.parquet",
    )
    return int(connection.execute("SELECT count(*) FROM rejected").fetchone()[0])


def _copy(connection: Any, query: str, file: Path) -> None:
    connection.execute(f"COPY ({query}) TO {quote_literal(str(file))} {PARQUET_OPTIONS}")
