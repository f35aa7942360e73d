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
    from potok.notebook import Log, audit, measures, read, tabulate, verify_project
    from potok.report.measured import Audit
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
    "verify_project": "potok.notebook",
}
# What a model may be changed by: at hand, but not what `from potok import *` brings.
_CHANGES: Final = {
    "AddStaff": "potok.core.change",
    "Automate": "potok.core.change",
    "ChangeCalendar": "potok.core.change",
    "ChangeDemand": "potok.core.change",
    "ChangePriority": "potok.core.change",
    "ChangeSkills": "potok.core.change",
    "CheckByRisk": "potok.core.change",
    "Merge": "potok.core.change",
    "Move": "potok.core.change",
    "Parallelise": "potok.core.change",
    "Remove": "potok.core.change",
    "Reorder": "potok.core.change",
    "Reroute": "potok.core.change",
    "Split": "potok.core.change",
    "SwitchBatching": "potok.core.change",
    "apply_changes": "potok.simulate.changes",
    "load_changes": "potok.simulate.changes",
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
    "verify_project",
]


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name) or _CHANGES.get(name)
    if place is None:
        raise AttributeError(f"module 'potok' has no attribute {name!r}")
    value = getattr(import_module(place), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_CHANGES})
