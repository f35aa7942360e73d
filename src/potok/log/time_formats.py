"""SQL that reads instants: whatever the encoding, microseconds since 1970 UTC, or NULL.

Traps that decide the form of these expressions. ``CAST(… AS TIMESTAMP)`` drops an offset in silence, and
``CAST(… AS TIMESTAMPTZ)`` takes a value without one for UTC: so every value is told apart by itself. DuckDB shares a
repeated subexpression only if a select item needs it unconditionally, such as in the first WHEN of its CASE. Use these
expressions as select items of their own, not inside a CASE.
"""

from collections.abc import Callable

from potok.log.mapping import TimeColumn
from potok.log.time_readings import Kinds, Reading, carries_no_time, read_column
from potok.log.zone_sql import local_expression, step_expression, universal_expression
from potok.log.zones import Steps, ambiguous_times, nonexistent_times

Span = tuple[int, int] | None

__all__ = [
    "day_resolution_expression",
    "instant_expression",
    "is_ambiguous_expression",
    "is_nonexistent_expression",
    "local_expression",
]


def instant_expression(column: TimeColumn, *, kinds: Kinds, zone: str, span: Span = None) -> str:
    """Return SQL for BIGINT microseconds since 1970 UTC, NULL where the value is empty or cannot be read.

    Values with an offset are taken by it; values without are wall-clock times of `zone`, an ambiguous one being the
    first of the two instants, one skipped by the clocks being read with the offset before the gap.

    Parameters
    ----------
    column
        The column (or date and time columns) and its encoding; ``AUTO`` is read as ISO 8601.
    kinds
        Physical kinds of the source's columns; a column not named there is text.
    zone
        IANA name.
    span
        Between which instants (microseconds UTC) most values lie; concerns speed only.

    Raises
    ------
    UnknownZoneError
        If there is no such zone.
    TimeFormatError
        If a pattern cannot be used.
    """
    reading = read_column(column, kinds=kinds)
    return _rendered(
        reading,
        on_wall=lambda wall: universal_expression(wall, zone=zone, span=span),
        on_absolute=lambda instant: instant,
        otherwise="NULL::BIGINT",
    )


def is_ambiguous_expression(column: TimeColumn, *, kinds: Kinds, zone: str, span: Span = None) -> str:
    """Return SQL that is true where the value's wall-clock time occurred twice; never NULL."""
    return _marked(column, ambiguous_times(zone), kinds=kinds, span=span)


def is_nonexistent_expression(column: TimeColumn, *, kinds: Kinds, zone: str, span: Span = None) -> str:
    """Return SQL that is true where the value's wall-clock time was skipped by the clocks; never NULL."""
    return _marked(column, nonexistent_times(zone), kinds=kinds, span=span)


def day_resolution_expression(column: TimeColumn, *, kinds: Kinds) -> str:
    """Return SQL that is true where a value names a day and no time of day; NULL where there is no value.

    A midnight that was written out is not day resolution here: whether midnights heap up is seen from the instants.
    """
    return carries_no_time(column, kinds=kinds)


def _marked(column: TimeColumn, steps: Steps, *, kinds: Kinds, span: Span) -> str:
    if not steps.bounds:
        return "false"
    reading = read_column(column, kinds=kinds)
    value = _rendered(
        reading,
        on_wall=lambda wall: step_expression(wall, steps, span=span),
        on_absolute=lambda instant: f"CASE WHEN {instant} IS NOT NULL THEN 0 END",
        otherwise="0",
    )
    if reading.is_absolute is not None and reading.wall is not None:
        # Values with an offset need not be read to the end. The first branch lets the engine share the wall clock.
        wall = reading.wall(reading.source)
        is_absolute = reading.is_absolute(reading.source)
        value = f"CASE WHEN {wall} IS NULL AND {is_absolute} THEN 0 ELSE {value} END"
    return f"({value} = 1)"


def _rendered(
    reading: Reading, *, on_wall: Callable[[str], str], on_absolute: Callable[[str], str], otherwise: str
) -> str:
    """Make one expression: the value as expected, else as repaired, else `otherwise`."""
    rest = otherwise
    if reading.repaired is not None:
        again = _repaired(reading, reading.repaired(reading.source), on_wall=on_wall, on_absolute=on_absolute)
        rest = f"coalesce(CASE WHEN {reading.source} <> '' THEN {again} END, {otherwise})"
    if reading.absolute is not None:
        rest = f"coalesce({on_absolute(reading.absolute(reading.source))}, {rest})"
    if reading.wall is None:
        return rest
    wall = reading.wall(reading.source)
    return f"CASE WHEN {wall} IS NOT NULL THEN {on_wall(wall)} ELSE {rest} END"


def _repaired(
    reading: Reading, source: str, *, on_wall: Callable[[str], str], on_absolute: Callable[[str], str]
) -> str:
    # Bound by lambdas, since inside a branch nothing shares a repeated subexpression.
    read_wall = reading.wall_of_repaired or reading.wall
    tries = []
    if read_wall is not None:
        local = f"CASE WHEN wall IS NOT NULL THEN {on_wall('wall')} END"
        tries.append(f"list_transform([{read_wall('again')}], lambda wall: {local})[1]")
    if reading.absolute is not None:
        tries.append(on_absolute(reading.absolute("again")))
    return f"list_transform([{source}], lambda again: coalesce({', '.join(tries)}))[1]"
