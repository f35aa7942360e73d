"""Running an analysis on a store, and turning its rows into what results are made of."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final, ParamSpec, cast

import ibis
import pyarrow as pa

from potok.engine.base import Engine, Given
from potok.engine.run import default_engine
from potok.engine.tables import ACTIVITIES, RESOURCES, UNITS
from potok.log.store import LogStore

MICROSECONDS: Final = 1_000_000
_KEPT_ANALYSES: Final = 32

Parameters = ParamSpec("Parameters")


def built_once(build: Callable[Parameters, ibis.Table]) -> Callable[Parameters, ibis.Table]:
    """Keep what a pure function of tables and parameters has built: Ibis may take longer than the engine then does.

    Tables are told apart by identity.
    """
    return cast("Callable[Parameters, ibis.Table]", lru_cache(_KEPT_ANALYSES)(build))


def fetch(expression: ibis.Table, store: LogStore, engine: Engine | None, *, given: Given | None = None) -> pa.Table:
    """Run an analysis, on the default engine if none is named, and return its rows as columns."""
    return (engine or default_engine()).run(expression, folder=store.folder, given=given)


def run(
    expression: ibis.Table, store: LogStore, engine: Engine | None, *, given: Given | None = None
) -> Iterator[tuple[Any, ...]]:
    """Run an analysis and return its rows as tuples, in the expression's column order.

    `given` holds small tables that the analysis reads beside the store, by name.
    """
    answer = fetch(expression, store, engine, given=given)
    return zip(*(column.to_pylist() for column in answer.columns), strict=True)


def activity_labels(store: LogStore, engine: Engine | None) -> dict[int, str]:
    """Return the label of each activity code."""
    return dict(run(ACTIVITIES.select("activity", "label"), store, engine))


def resource_labels(store: LogStore, engine: Engine | None) -> dict[int, str]:
    """Return the label (a pseudonym, unless ids are plain) of each resource code."""
    return dict(run(RESOURCES.select("resource", "label"), store, engine))


def unit_labels(store: LogStore, engine: Engine | None) -> dict[int, str]:
    """Return the label of each code of an organisational unit."""
    return dict(run(UNITS.select("org_unit", "label"), store, engine))


def seconds(microseconds: Any) -> float:
    """Return microseconds (an exact integer or decimal, or a float) as seconds."""
    return float(microseconds) / MICROSECONDS


def seconds_if_known(microseconds: Any) -> float | None:
    """Return microseconds as seconds; None stays None."""
    return None if microseconds is None else seconds(microseconds)
