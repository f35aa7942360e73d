"""Regulations: what the law asks of a service, and when its terms end."""

from potok.core.regulations.due import Stop, due_at_us, warn_at_us
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

__all__ = [
    "CLOSING",
    "OPENING",
    "ClockStop",
    "CountedFrom",
    "Extension",
    "Regulation",
    "RollOver",
    "Stop",
    "Term",
    "TermUnit",
    "due_at_us",
    "load_regulation",
    "regulation_from_mapping",
    "warn_at_us",
]
