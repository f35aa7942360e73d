"""The tables of a log store as unbound Ibis tables: what every analysis is written against.

Instants are carried as int64 microseconds since 1970-01-01 UTC (``…_us``): engines disagree on subtracting
timestamps, and Ibis's ``epoch_seconds()`` is int32. Adapters present the store's columns under these names.
"""

from typing import Final

import ibis

EVENTS: Final = ibis.table(
    {
        "case": "int64",
        "position": "int32",
        "activity": "int32",
        "enabled_us": "int64",
        "started_us": "int64",
        "completed_us": "int64",
        "resource": "int32",
        "org_unit": "int32",
        "cost": "float64",
        "source_row": "int64",
        "next_activity": "int32",
        "next_started_us": "int64",
        "next_completed_us": "int64",
        "next_org_unit": "int32",
        "next_resource": "int32",
    },
    name="events",
)

CASES: Final = ibis.table(
    {
        "case": "int64",
        "case_id": "string",
        "opened_us": "int64",
        "closed_us": "int64",
        "last_us": "int64",
        "variant": "int32",
        "n_events": "int32",
        "outcome": "string",
        "channel": "string",
        "service": "string",
        "agency": "string",
    },
    name="cases",
)

ACTIVITIES: Final = ibis.table(
    {"activity": "int32", "label": "string", "phase": "string", "instances": "int64", "cases": "int64"},
    name="activities",
)

RESOURCES: Final = ibis.table(
    {"resource": "int32", "label": "string", "instances": "int64", "cases": "int64"}, name="resources"
)

UNITS: Final = ibis.table(
    {"org_unit": "int32", "label": "string", "instances": "int64", "cases": "int64"}, name="units"
)

VARIANTS: Final = ibis.table(
    # `activities` are the codes joined by "," in order.
    {"variant": "int32", "activities": "string", "n_events": "int32", "cases": "int64"},
    name="variants",
)

TABLES: Final = {table.get_name(): table for table in (EVENTS, CASES, ACTIVITIES, RESOURCES, UNITS, VARIANTS)}


def is_instant(column: str) -> bool:
    """Tell whether a column of these tables holds an instant in microseconds."""
    return column.endswith("_us")


def stored_column(column: str) -> str:
    """Return the name under which the store's Parquet files hold a column: instants are timestamps ``…_at``."""
    return column.removesuffix("_us") + "_at" if is_instant(column) else column
