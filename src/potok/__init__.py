"""Potok: evidence for faster public services.

In a notebook::

    import potok
    log = potok.read("permits.csv")
    potok.audit(log)

Names are looked up when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from potok.core.calendars import Calendar, load_calendar
    from potok.core.regulations import Regulation, load_regulation
    from potok.notebook import Log, audit, measures, read, tabulate
    from potok.report.audit import Audit
    from potok.report.tables import Table

__version__ = "0.1.0"

_PLACES: Final = {
    "Audit": "potok.report.audit",
    "Calendar": "potok.core.calendars",
    "Log": "potok.notebook",
    "Regulation": "potok.core.regulations",
    "Table": "potok.report.tables",
    "audit": "potok.notebook",
    "load_calendar": "potok.core.calendars",
    "load_regulation": "potok.core.regulations",
    "measures": "potok.notebook",
    "read": "potok.notebook",
    "tabulate": "potok.notebook",
}

__all__ = [
    "Audit",
    "Calendar",
    "Log",
    "Regulation",
    "Table",
    "audit",
    "load_calendar",
    "load_regulation",
    "measures",
    "read",
    "tabulate",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'potok' has no attribute {name!r}")
    value = getattr(import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
