"""Regulations: what the law asks of a service, and when its terms end."""

from potok.core.regulations.due import Stop, due_at_us, warn_at_us
from potok.core.regulations.known_parts import known_part
from potok.core.regulations.reading import load_regulation, regulation_from_mapping
from potok.core.regulations.regulation import (
    CLOSING,
    OPENING,
    ClockStop,
    CountedFrom,
    Extension,
    Regulation,
    RollOver,
    Term,
    TermUnit,
)
from potok.core.regulations.tables import HourTables, TermTables, WorkingInstants, hour_tables, term_tables

__all__ = [
    "CLOSING",
    "OPENING",
    "ClockStop",
    "CountedFrom",
    "Extension",
    "HourTables",
    "Regulation",
    "RollOver",
    "Stop",
    "Term",
    "TermTables",
    "TermUnit",
    "WorkingInstants",
    "due_at_us",
    "hour_tables",
    "known_part",
    "load_regulation",
    "regulation_from_mapping",
    "term_tables",
    "warn_at_us",
]
