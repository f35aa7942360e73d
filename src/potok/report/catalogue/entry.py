"""What it takes to show a measure by its name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from potok.core.calendars import Calendar, CalendarSet
from potok.core.language import gettext as _
from potok.core.regulations import Regulation
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.cost_model import CostModel
from potok.measure.tariffs import Tariffs
from potok.report.catalogue.need import Inputs, Need
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
    calendars
        Those of departments that have their own, with `calendar` as their default; None if there are none.
    regulation
        Terms and clock stops; None where the measure needs none.
    engine
        None takes the default.
    inputs
        What else people have declared for the measure.
    """

    store: LogStore
    calendar: Calendar | None = None
    regulation: Regulation | None = None
    engine: Engine | None = None
    inputs: Inputs = field(default_factory=Inputs)
    calendars: CalendarSet | None = None

    @property
    def rules(self) -> Regulation:
        """The regulation, which the catalogue has seen to be there."""
        if self.regulation is None:
            raise ValueError("the measure needs a regulation")
        return self.regulation

    @property
    def clock(self) -> Calendar | CalendarSet | None:
        """The calendars of departments if they have their own, else the one calendar."""
        return self.calendars or self.calendar

    @property
    def tariffs(self) -> Tariffs:
        """The tariffs, which the catalogue has seen to be there."""
        if self.inputs.tariffs is None:
            raise ValueError("the measure needs tariffs")
        return self.inputs.tariffs

    @property
    def cost_model(self) -> CostModel:
        """The cost model, which the catalogue has seen to be there."""
        if self.inputs.cost_model is None:
            raise ValueError("the measure needs a cost model")
        return self.inputs.cost_model

    @property
    def by(self) -> str | None:
        """What to group by; None for no groups."""
        return self.inputs.by or None

    @property
    def zone(self) -> str:
        """The log's time zone."""
        return str(self.store.manifest["zone"])


class Clock(StrEnum):
    """Which calendars a measure works on."""

    CALENDAR_TIME = "calendar_time"  # none
    ONE_CALENDAR = "one_calendar"
    OWN_CALENDARS = "own_calendars"  # that of the department which the case waits for


@dataclass(frozen=True, slots=True)
class Entry:
    """A measure as the catalogue knows it.

    Parameters
    ----------
    name
        As ``potok measure --measure`` takes it.
    build
        Measures and tabulates.
    needs
        Without what it says nothing.
    groupings
        What it can be grouped by.
    groups_by_attributes
        Whether it can be grouped by attributes of cases as well.
    clock
        Which calendars it works on.
    tells_clock
        Whether its own notes say so, since it depends on the log.
    """

    name: str
    build: Callable[[Request], Table]
    needs: tuple[Need, ...] = ()
    groupings: tuple[str, ...] = ()
    groups_by_attributes: bool = False
    clock: Clock = Clock.CALENDAR_TIME
    tells_clock: bool = False


def text(name: str, title: str) -> Column:
    """Return a column of text."""
    return Column(name, title)


def count(name: str, title: str) -> Column:
    """Return a column of whole numbers."""
    return Column(name, title, ColumnKind.COUNT)


def number(name: str, title: str) -> Column:
    """Return a column of numbers with decimals."""
    return Column(name, title, ColumnKind.NUMBER)


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
