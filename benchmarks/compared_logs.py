"""The public logs that are compared with pm4py, and the roles of their columns.

The roles are stated here by hand and given to pm4py; Potok guesses its own. A wrong guess therefore shows as a
difference.
"""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NO_EVENT_LOGS: Final = frozenset({"change_points.csv", "case_relations.csv.gz"})
TRACES_SHARE_IDS: Final = frozenset({"bose_log.xes.gz"})
"""Logs that restart their case ids in every block; their traces are the cases."""

CSV_SUFFIXES: Final = (".csv", ".csv.gz")
XES_SUFFIXES: Final = (".xes", ".xes.gz")
OCEL_SUFFIXES: Final = (".jsonocel", ".jsonocel.gz", ".xmlocel", ".sqlite", ".sqlite.gz")


@dataclass(frozen=True, slots=True)
class Roles:
    """Columns with case, activity, completion and start ("" = none)."""

    case: str
    activity: str
    completed: str
    started: str = ""


@dataclass(frozen=True, slots=True)
class ComparedLog:
    """One log to compare.

    Parameters
    ----------
    name
        Path below the shared folder.
    kind
        ``csv``, ``xes`` or ``ocel``.
    roles
        Of a CSV's columns or of XES attributes.
    delimiter
        Of a CSV.
    is_split_on_trace
        Whether every trace is a case although ids repeat.
    """

    name: str
    kind: str
    roles: Roles = Roles("case:concept:name", "concept:name", "time:timestamp", "start_timestamp")
    delimiter: str = ","
    is_split_on_trace: bool = False


CSV_ROLES: Final = (
    Roles("case:concept:name", "concept:name", "time:timestamp", "start_timestamp"),
    Roles("case:concept:name", "concept:name", "time:timestamp"),
    Roles("case_id", "activity", "end_time", "start_time"),
    Roles("case_id", "Activity", "end_time", "start_time"),
    Roles("Case_ID", "Activity", "End_Time", "Start_Time"),
    Roles("case_id", "activity", "timestamp"),
)


class UndeclaredLogError(Exception):
    """A file whose columns' roles are not stated here."""


def find_logs(folder: Path) -> Iterator[ComparedLog]:
    """Find every event log below a folder.

    Raises
    ------
    UndeclaredLogError
        If a table is neither known not to be a log nor has known columns.
    """
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.name in NO_EVENT_LOGS:
            continue
        if path.name.endswith(XES_SUFFIXES):
            yield ComparedLog(name, "xes", is_split_on_trace=path.name in TRACES_SHARE_IDS)
        elif path.name.endswith(OCEL_SUFFIXES):
            yield ComparedLog(name, "ocel")
        elif path.name.endswith(CSV_SUFFIXES):
            yield _declared_csv(path, name=name)


def _declared_csv(path: Path, *, name: str) -> ComparedLog:
    line = _first_line(path)
    delimiter = ";" if line.count(";") > line.count(",") else ","
    header = set(next(csv.reader([line], delimiter=delimiter)))
    for roles in CSV_ROLES:
        if {roles.case, roles.activity, roles.completed, *([roles.started] if roles.started else [])} <= header:
            return ComparedLog(name, "csv", roles=roles, delimiter=delimiter)
    raise UndeclaredLogError(f"{name}: state the roles of its columns in compared_logs.py: {sorted(header)}")


def _first_line(path: Path) -> str:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        return file.readline()
