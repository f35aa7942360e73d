"""Loads the tables of an object-centric log into DuckDB, and finds the object type whose objects are the cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.time_units import DAY_US
from potok.engine.sql import quote_literal
from potok.log.sources.ocel_tables import OcelTables

# The standard gives values that hold from the beginning the time 1970-01-01, in whatever zone.
INITIAL_BEFORE_US: Final = 2 * DAY_US
FIRST_US: Final = -(2**62)

_OFFSET: Final = r":\d\d(\.\d+)?\s*([Zz]|[+-]\d\d(:?\d\d)?)\s*$"
_PARSED: Final = "(SELECT *, TRY_CAST(time AS TIMESTAMP) AS parsed FROM {})"
_US: Final = "CASE WHEN isfinite(parsed) THEN epoch_us(parsed) END"


class ObjectTypeError(UsageError):
    """It is not said which objects are the cases, or there are none of that type."""

    code = "POTOK-L054"


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One object type, and how its objects would serve as cases.

    Parameters
    ----------
    name
        The type.
    objects, active_objects, events
        Its objects; those of them with an event; the events related to at least one of them.
    pairs
        Pairs of such an event and object: the rows it would give.
    """

    name: str
    objects: int
    active_objects: int
    events: int
    pairs: int

    @property
    def likeness(self) -> float:
        """How much its objects look like cases: many events, each of one object, and several events per object."""
        if not self.active_objects:
            return 0.0
        return self.events * (self.events / self.pairs) * min(self.pairs / self.active_objects - 1, 1.0)


def load_tables(connection: Any, tables: OcelTables) -> None:
    """Create ``events``, ``links``, ``objects`` and ``history`` in a DuckDB connection, with instants as ``us``.

    Of two objects with the same id the first counts.
    """
    connection.execute(
        f"CREATE TABLE events AS SELECT * EXCLUDE (parsed), {_US} AS us, "
        f"coalesce(regexp_matches(time, {quote_literal(_OFFSET)}), false) AS has_offset "
        f"FROM {_PARSED.format(tables.events)}"
    )
    connection.execute(f"CREATE TABLE links AS SELECT * FROM {tables.links} WHERE object IS NOT NULL")
    connection.execute(f"CREATE TABLE all_objects AS SELECT * FROM {tables.objects} WHERE id IS NOT NULL")
    connection.execute("CREATE TABLE objects AS SELECT id, arg_min(type, n) AS type FROM all_objects GROUP BY id")
    connection.execute(
        f"CREATE TABLE history AS SELECT n, object, name, value, CASE WHEN {_US} >= {INITIAL_BEFORE_US} THEN {_US} "
        f"ELSE {FIRST_US} END AS us FROM {_PARSED.format(tables.history)} WHERE name IS NOT NULL"
    )


def list_object_types(connection: Any) -> tuple[ObjectType, ...]:
    """List the object types, the one most like a case first."""
    rows = connection.execute(
        'WITH pairs AS (SELECT DISTINCT "row", object FROM links) '
        'SELECT o.type, count(DISTINCT o.id), count(DISTINCT p.object), count(DISTINCT p."row"), count(p."row") '
        "FROM objects o LEFT JOIN pairs p ON p.object = o.id WHERE o.type IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return tuple(sorted((ObjectType(*row) for row in rows), key=lambda kind: -kind.likeness))


def choose_object_type(types: Sequence[ObjectType], *, wanted: str, where: str) -> str:
    """Return the object type to flatten on: the one wanted, else the only one with events.

    Raises
    ------
    ObjectTypeError
        If there is no such type, or several and none is wanted.
    """
    with_events = [kind for kind in types if kind.events]
    if not with_events:
        raise ObjectTypeError(
            _("No event is related to any object."), where=where, remedy=_("Check how the log was exported.")
        )
    if any(kind.name == wanted for kind in with_events):
        return wanted
    if wanted:
        message = _("The log has no events of the object type «{type}».").format(type=wanted)
    elif len(with_events) == 1:
        return with_events[0].name
    else:
        message = _("The log has several object types; it must be said which one is the case.")
    raise ObjectTypeError(message, where=where, remedy=_advice(types))


def _advice(types: Sequence[ObjectType]) -> str:
    listing = "; ".join(
        _("«{type}» ({objects} objects, {events} events)").format(type=k.name, objects=k.objects, events=k.events)
        for k in types
    )
    advice = _("Name one with --object-type: {types}.").format(types=listing)
    if types[0].likeness:
        advice += " " + _("«{type}» looks most like a case.").format(type=types[0].name)
    return advice
