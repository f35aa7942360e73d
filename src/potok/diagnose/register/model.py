"""A register of processes as it was read, and what in it could not be read."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Field(StrEnum):
    """What a process card says, by the names that results use."""

    CODE = "code"
    NAME = "name"
    AUTHORITY = "authority"
    ACT = "act"
    DESCRIPTION = "description"
    LEVEL = "level"
    OWNER = "owner"
    PARTICIPANTS = "participants"
    SYSTEMS = "systems"
    LEAD_TIME = "lead_time"
    LEAD_TIME_UNIT = "lead_time_unit"
    START_EVENT = "start_event"
    STARTED_BY = "started_by"
    RESULT = "result"
    RESULT_TO = "result_to"
    PARENTS = "parents"
    CHILDREN = "children"
    INPUTS = "inputs"
    OUTPUTS = "outputs"
    PROBLEMS = "problems"
    PROPOSED = "proposed"
    VOLUME = "volume_per_year"
    STAFF_HOURS = "staff_hours_per_year"
    STAFF_HOURS_PER_CASE = "staff_hours_per_case"
    LOG = "log"


class TimeUnit(StrEnum):
    """Unit in which a register gives a lead time."""

    MINUTE = "minute"
    HOUR = "hour"
    WORKING_HOUR = "working_hour"
    DAY = "day"
    WORKING_DAY = "working_day"
    WEEK = "week"
    MONTH = "month"


class IssueKind(StrEnum):
    """What in a register could not be read, or not for certain."""

    SHEET_NOT_READ = "sheet_not_read"
    SHEET_HIDDEN = "sheet_hidden"
    COLUMN_UNKNOWN = "column_unknown"
    COLUMN_TWICE = "column_twice"
    ROW_WITHOUT_NAME = "row_without_name"
    NOT_A_DURATION = "not_a_duration"
    UNIT_MISSING = "unit_missing"
    NOT_A_NUMBER = "not_a_number"
    NUMBER_MERGED = "number_merged"
    NOT_A_FLAG = "not_a_flag"
    HOURS_PER_WHAT = "hours_per_what"
    CODE_TWICE = "code_twice"
    SAME_ROW_TWICE = "same_row_twice"
    UNKNOWN_PROCESS = "unknown_process"
    AMBIGUOUS_PROCESS = "ambiguous_process"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that could not be read, or not for certain.

    Parameters
    ----------
    kind
        What.
    where
        ``sheet!cell``, or the sheet alone.
    value
        What stands there.
    is_rejected
        Whether it was left out; otherwise it was taken as its kind says.
    """

    kind: IssueKind
    where: str
    value: str
    is_rejected: bool


@dataclass(frozen=True, slots=True)
class LeadTime:
    """A lead time as the register gives it; of a span (“5–10 дней”) the longer end."""

    amount: float
    unit: TimeUnit


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a register; empty where its card says nothing.

    Parameters
    ----------
    number
        Its place in the register, from 0.
    code
        The register's own, else made from the place of the row; unique.
    where
        ``sheet!cell`` of its name.
    volume_per_year, staff_hours_per_year
        None if unknown.
    is_proposed
        Whether the card proposes it for the programme; None if it does not say.
    """

    number: int
    code: str
    name: str
    where: str
    authority: str = ""
    acts: tuple[str, ...] = ()
    description: str = ""
    level: str = ""
    owner: str = ""
    participants: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    lead_time: LeadTime | None = None
    start_event: str = ""
    started_by: tuple[str, ...] = ()
    result: str = ""
    result_to: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    problems: str = ""
    is_proposed: bool | None = None
    volume_per_year: float | None = None
    staff_hours_per_year: float | None = None
    log: str = ""

    @property
    def products(self) -> tuple[str, ...]:
        """The documents that go out, else the result."""
        return self.outputs or ((self.result,) if self.result else ())


@dataclass(frozen=True, slots=True)
class SheetRead:
    """One sheet that was read: the row of its heading, its rows with and without a process."""

    name: str
    heading_row: int
    processes: int
    empty_rows: int
    filled_cells: int


@dataclass(frozen=True, slots=True)
class Register:
    """A register that was read.

    Parameters
    ----------
    path, sha256
        The file.
    processes
        In the order of the file.
    fields
        Columns found: what has no column is unknown of every process.
    sheets, issues
        How it was read, and what could not be.
    """

    path: Path
    sha256: str
    processes: tuple[Process, ...]
    fields: frozenset[Field]
    sheets: tuple[SheetRead, ...] = ()
    issues: tuple[Issue, ...] = ()

    def has(self, field: Field) -> bool:
        """Return whether the register has a column for a field."""
        return field in self.fields
