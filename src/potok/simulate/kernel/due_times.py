"""When the term of each case is over."""

from typing import Final

import numpy as np

from potok.core.calendars import Calendar
from potok.core.regulations import TermUnit, hour_tables, term_tables
from potok.core.regulations.due_arrays import due_dates_in_days, due_dates_in_hours
from potok.simulate.kernel.compiled_model import CompiledModel
from potok.simulate.kernel.hours import Integers
from potok.simulate.kernel.simulated_log import UNKNOWN

_FIRST_YEAR: Final = 1
_LAST_YEAR: Final = 9998


def due_times_us(compiled: CompiledModel, started_us: Integers) -> Integers:
    """Return when the model's term is over that begins at each instant; `UNKNOWN` if the model has none."""
    model = compiled.model
    if model.term is None or not len(started_us):
        return np.full(len(started_us), UNKNOWN, np.int64)
    calendar = model.calendars[model.term_calendar] if model.term_calendar else _every_day(model.zone)
    window = (int(started_us.min()), int(started_us.max()))
    if model.term.unit is TermUnit.WORKING_HOURS:
        return due_dates_in_hours(model.term, hour_tables(model.term, calendar, *window), started_us).due_us
    return due_dates_in_days(model.term, term_tables(model.term, calendar, *window), started_us).due_us


def _every_day(zone: str) -> Calendar:
    return Calendar("every day", zone, (((0, 1440),),) * 7, {}, _FIRST_YEAR, _LAST_YEAR)
