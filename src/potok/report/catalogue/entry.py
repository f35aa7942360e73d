"""What it takes to show a measure by its name."""

from collections.abc import Callable
from dataclasses import dataclass

from potok.core.calendars import Calendar
from potok.core.language import gettext as _
from potok.core.regulations import Regulation
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.report.tables import Column, ColumnKind, Table


@dataclass(frozen=True, slots=True)
class Request:
    """What a measure is asked of.

    Parameters
    ----------
    store
        The log.
    calendar
        Working time is measured on it; None measures calendar time alone.
    regulation
        Terms and clock stops; None where the measure needs none.
    engine
        None takes the default.
    """

    store: LogStore
    calendar: Calendar | None = None
    regulation: Regulation | None = None
    engine: Engine | None = None

    @property
    def rules(self) -> Regulation:
        """The regulation, which the catalogue has seen to be there."""
        if self.regulation is None:
            raise ValueError("the measure needs a regulation")
        return self.regulation

    @property
    def zone(self) -> str:
        """The log's time zone."""
        return str(self.store.manifest["zone"])


@dataclass(frozen=True, slots=True)
class Entry:
    """A measure as the catalogue knows it.

    Parameters
    ----------
    name
        As ``potok measure --measure`` takes it.
    build
        Measures and tabulates.
    needs_regulation
        Whether it says nothing without one.
    """

    name: str
    build: Callable[[Request], Table]
    needs_regulation: bool = False


def text(name: str, title: str) -> Column:
    """Return a column of text."""
    return Column(name, title)


def count(name: str, title: str) -> Column:
    """Return a column of whole numbers."""
    return Column(name, title, ColumnKind.COUNT)


def duration(name: str, title: str) -> Column:
    """Return a column of seconds."""
    return Column(name, title, ColumnKind.DURATION)


def share(name: str, title: str) -> Column:
    """Return a column of shares."""
    return Column(name, title, ColumnKind.SHARE)


def open_cases_note(open_cases: int) -> tuple[str, ...]:
    """Say that figures over closed cases leave out open ones, if there are any."""
    if not open_cases:
        return ()
    note = _("Open cases ({n}) are not in the durations; those that take longest tend to be open.")
    return (note.format(n=open_cases),)
