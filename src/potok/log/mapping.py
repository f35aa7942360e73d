"""How the columns of a source become the roles of an event log.

A mapping is everything that, with the bytes of the source, decides the stored log. The same source and mapping give
the same store; the mapping is kept in the manifest and can be written as TOML (`potok.log.mapping_file`).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

UNNAMED_ZONE: Final = "UTC"


class TimeEncoding(StrEnum):
    """How an instant is written."""

    AUTO = "auto"  # guessed from the values
    TYPED = "typed"  # the source already holds dates or timestamps
    ISO = "iso"  # ISO 8601, with or without time and offset
    PATTERN = "pattern"  # a strptime pattern, such as %d.%m.%Y %H:%M
    EPOCH_SECONDS = "epoch_seconds"
    EPOCH_MILLISECONDS = "epoch_milliseconds"
    EPOCH_MICROSECONDS = "epoch_microseconds"
    EXCEL_DAYS = "excel_days"  # days since 1899-12-30


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """One instant of an event: its column (or date column and time column) and how it is written.

    Parameters
    ----------
    columns
        One source column, or two: date, then time of day.
    encoding
        How the text is to be read.
    patterns
        For ``PATTERN``: strptime patterns tried in this order; for two columns they match ``"DATE TIME"``.
    """

    columns: tuple[str, ...]
    encoding: TimeEncoding = TimeEncoding.ISO
    patterns: tuple[str, ...] = ()


class LifecycleMode(StrEnum):
    """What to do with life-cycle transitions."""

    AUTO = "auto"  # pair if the transitions are those of the standard model, else keep raw
    PAIR = "pair"
    RAW = "raw"  # every event as it is


class ClosingBasis(StrEnum):
    """By what a case is known to be closed."""

    GUESSED = "guessed"
    ACTIVITIES = "activities"
    STATUS = "status"  # an attribute's last value is one of `values`
    FIELD = "field"  # a column with the closing instant, filled when closed
    ALL = "all"  # the extract holds closed cases only


@dataclass(frozen=True, slots=True)
class ClosingRule:
    """When a case counts as closed.

    Parameters
    ----------
    basis
        What the rule looks at.
    column
        For ``STATUS`` and ``FIELD``: the source column.
    values
        For ``ACTIVITIES``: end activities (after renaming); for ``STATUS``: final values.
    encoding, patterns
        For ``FIELD``: how the closing instant is written, as in `TimeColumn`.
    """

    basis: ClosingBasis = ClosingBasis.GUESSED
    column: str = ""
    values: tuple[str, ...] = ()
    encoding: TimeEncoding = TimeEncoding.ISO
    patterns: tuple[str, ...] = ()


class ExtractionKind(StrEnum):
    """How cases were chosen for the extract (method, section 1)."""

    OPENED = "opened"
    ACTIVE = "active"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Cases left out because a column has one of these values (test cases, merged duplicates)."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Column roles and rules. Names are those of the source's columns.

    Parameters
    ----------
    case_id, activity
        Required roles. Several `activity` columns are joined with ``" / "``.
    completed_at, started_at, enabled_at
        At least one of the first two.
    lifecycle
        Column of life-cycle transitions (``start``, ``complete`` …).
    instance
        Column that identifies the activity instance, pairing its transitions.
    attributes
        Columns kept as ``attr:<name>``; None keeps every column without another role.
    drop
        Columns never stored.
    pseudonymise
        Further columns stored as pseudonyms (case, resource and `personal_roles` always are, unless ids are plain).
    allow_personal
        Columns in which personal data was seen and knowingly kept. Recorded.
    zone
        IANA name; instants written without an offset are local times of this zone.
    zone_is_named
        Whether someone has named the zone; always so if it is not UTC, which is taken where nobody has.
    decimal
        Decimal mark of numbers, ``"."`` or ``","``.
    extraction
        How cases were chosen for the extract.
    extracted_at
        When it was made: an ISO 8601 date or instant, local to `zone` without an offset.
    watched_from
        For an extract of active cases: since when cases were watched, written likewise. Cases closed earlier are not in
        such an extract.
    renames
        Old activity label to new; several old ones may meet in one.
    phases
        Activity label (after renaming) to phase.
    split_cases_on
        ``"trace"`` (each XES trace element is a case), ``"gap:30d"`` (a new case after so long a silence) or a column.
    """

    case_id: str = ""
    activity: tuple[str, ...] = ()
    completed_at: TimeColumn | None = None
    started_at: TimeColumn | None = None
    enabled_at: TimeColumn | None = None
    resource: str = ""
    org_unit: str = ""
    cost: str = ""
    lifecycle: str = ""
    instance: str = ""
    outcome: str = ""
    channel: str = ""
    service: str = ""
    agency: str = ""
    attributes: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()
    keep_text: tuple[str, ...] = ()
    pseudonymise: tuple[str, ...] = ()
    allow_personal: tuple[str, ...] = ()
    zone: str = UNNAMED_ZONE
    decimal: str = "."
    lifecycle_mode: LifecycleMode = LifecycleMode.AUTO
    closing: ClosingRule = field(default_factory=ClosingRule)
    extraction: ExtractionKind = ExtractionKind.UNKNOWN
    extracted_at: str = ""
    watched_from: str = ""
    exclude: tuple[Exclusion, ...] = ()
    split_cases_on: str = ""
    renames: tuple[tuple[str, str], ...] = ()
    phases: tuple[tuple[str, str], ...] = ()
    zone_is_named: bool = False

    def __post_init__(self) -> None:
        if self.zone != UNNAMED_ZONE:
            object.__setattr__(self, "zone_is_named", True)
