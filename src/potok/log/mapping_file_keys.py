"""The keys of a mapping file: where each stands, what it may hold, and what it is for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from potok.core.language import mark
from potok.log.mapping import ClosingBasis, ExtractionKind, LifecycleMode, TimeEncoding


class Holds(Enum):
    """What a key may hold."""

    TEXT = auto()
    TEXTS = auto()
    ZONE = auto()
    PATTERNS = auto()


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a table.

    Parameters
    ----------
    comment
        What it is for.
    field
        Field of the object that the table describes.
    holds
        Kind of value.
    choices
        Allowed values; empty if any.
    """

    comment: str
    field: str
    holds: Holds = Holds.TEXT
    choices: tuple[str, ...] = ()


_ENCODINGS: Final = tuple(TimeEncoding)
_COLUMN_NAME: Final = mark("Name of the column.")

ROLES: Final[Mapping[str, Key]] = {
    "case_id": Key(mark("Column that tells the case: the number of the application."), "case_id"),
    "activity": Key(mark("Column of the activity; several are joined."), "activity", Holds.TEXTS),
    "resource": Key(mark("Column of the employee."), "resource"),
    "org_unit": Key(mark("Column of the department."), "org_unit"),
    "cost": Key(mark("Column of the cost."), "cost"),
    "lifecycle": Key(
        mark("Column that says whether a row is a start, a completion or another transition."), "lifecycle"
    ),
    "instance": Key(mark("Column that ties the transitions of one piece of work."), "instance"),
    "outcome": Key(mark("Column of the case's outcome."), "outcome"),
    "channel": Key(mark("Column of the channel by which the case came."), "channel"),
    "service": Key(mark("Column of the service."), "service"),
    "agency": Key(mark("Column of the agency."), "agency"),
}
TIMES: Final[Mapping[str, Key]] = {
    "zone": Key(mark("Time zone of times without an offset, such as Europe/Kaliningrad."), "zone", Holds.ZONE),
}
TIME: Final[Mapping[str, Key]] = {
    "columns": Key(mark("One column, or two: date and time of day."), "columns", Holds.TEXTS),
    "encoding": Key(mark("How the times are written."), "encoding", choices=_ENCODINGS),
    "patterns": Key(mark("For pattern: formats such as %d.%m.%Y %H:%M, tried in turn."), "patterns", Holds.PATTERNS),
}
TIME_TABLES: Final[Mapping[str, str]] = {
    "completed_at": mark("When the activity was completed."),
    "started_at": mark("When it was started."),
    "enabled_at": mark("From when on it could have been started."),
}
CLOSING: Final[Mapping[str, Key]] = {
    "basis": Key(mark("By what a case is known to be closed."), "basis", choices=tuple(ClosingBasis)),
    "column": Key(mark("For status: its column. For field: the column of the closing time."), "column"),
    "values": Key(mark("For activities: the last activities. For status: the final values."), "values", Holds.TEXTS),
    "encoding": Key(mark("For field: how the closing time is written."), "encoding", choices=_ENCODINGS),
    "patterns": Key(mark("For field, encoding pattern: its formats."), "patterns", Holds.PATTERNS),
}
EXCLUSION: Final[Mapping[str, Key]] = {
    "column": Key(_COLUMN_NAME, "column"),
    "values": Key(mark("Cases with one of these values are left out."), "values", Holds.TEXTS),
}
# Tables whose keys are fields of the mapping itself.
PLAIN_TABLES: Final[Mapping[str, Mapping[str, Key]]] = {
    "roles": ROLES,
    "times": TIMES,
    "numbers": {"decimal": Key(mark("Decimal mark of numbers."), "decimal", choices=(".", ","))},
    "lifecycle": {
        "mode": Key(mark("Whether transitions are paired."), "lifecycle_mode", choices=tuple(LifecycleMode)),
    },
    "cases": {
        "split_on": Key(mark("Where an id is used again: trace, gap:30d or a column."), "split_cases_on"),
        "extraction": Key(mark("Which cases the extract holds."), "extraction", choices=tuple(ExtractionKind)),
        "extracted_at": Key(mark("When the extract was made, such as 2026-03-31."), "extracted_at"),
        "watched_from": Key(
            mark("For active cases: since when cases were watched, such as 2026-01-01."), "watched_from"
        ),
    },
    "attributes": {
        "keep": Key(mark("Further columns to keep; without this key all are kept."), "attributes", Holds.TEXTS),
        "drop": Key(mark("Columns never stored."), "drop", Holds.TEXTS),
        "keep_text": Key(mark("Columns of free text that are stored all the same."), "keep_text", Holds.TEXTS),
    },
    "privacy": {
        "pseudonymise": Key(mark("Further columns stored as pseudonyms."), "pseudonymise", Holds.TEXTS),
        "allow_personal": Key(
            mark("Columns stored although they hold personal data; this is recorded."), "allow_personal", Holds.TEXTS
        ),
    },
}
LABEL_TABLES: Final[Mapping[str, tuple[str, str]]] = {
    "rename": ("renames", mark("Activities renamed or merged: old label = new label.")),
    "phases": ("phases", mark("Phases: label of the activity (after renaming) = phase.")),
}
TABLES: Final = (*PLAIN_TABLES, "closing", "exclude", *LABEL_TABLES)
