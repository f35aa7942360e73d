"""From the document of a model to the arrays that the kernel works on."""

from dataclasses import replace
from typing import Final

import numpy as np

from potok.core.calendars import Calendar
from potok.core.language import gettext as _
from potok.core.time_units import DAY_US
from potok.simulate.kernel.arrivals import is_poisson, tabulate_rates, tabulate_renewals
from potok.simulate.kernel.compiled_model import CompiledModel, Staff
from potok.simulate.kernel.errors import BadWindowError, NoEndInSightError
from potok.simulate.kernel.graph_routing import tabulate_graph_routing
from potok.simulate.kernel.history_routing import tabulate_history_routing
from potok.simulate.kernel.hours import tabulate_hours
from potok.simulate.kernel.plan_rules import tabulate_rules
from potok.simulate.kernel.random_numbers import name_key
from potok.simulate.kernel.work_tables import group_name, people_of, tabulate_work
from potok.simulate.model import HistoryRouting, ProcessModel

LONGEST_US: Final = 100 * 366 * DAY_US
"""The longest time that a run may cover."""
_SLACK_US: Final = 90 * DAY_US
MOST_CASES: Final = 20_000_000


def compile_model(
    model: ProcessModel, *, start_us: int, end_us: int, cases: int | None = None, drain: bool = True
) -> CompiledModel:
    """Turn a model into arrays for a window of time.

    Parameters
    ----------
    model
        A model that `potok.simulate.model.check_model` accepts.
    start_us, end_us
        Cases arrive in ``[start_us, end_us)``, microseconds UTC.
    cases
        Arrivals end after so many; None: with the window.
    drain
        Whether a run goes on until all cases that arrived are closed; else it stops at `end_us` with open cases.

    Raises
    ------
    BadWindowError
        If the window is empty backwards or longer than a hundred years.
    NobodyDoesItError
        If nobody can do an activity that is not automatic.
    EndlessBatchError
        If nothing makes a batch ready.
    YearNotCoveredError
        If a calendar says nothing about the window's beginning.
    """
    if not start_us <= end_us <= start_us + LONGEST_US:
        raise BadWindowError(
            _("A run cannot cover {days} days.").format(days=(end_us - start_us) // DAY_US),
            remedy=_("Let it end after it begins, and cover at most a hundred years."),
        )
    known_us = end_us + max(_SLACK_US, (end_us - start_us) // 4)
    codes = {activity.name: code for code, activity in enumerate(model.activities)}
    types = {case_type.name: code for code, case_type in enumerate(model.case_types)}
    routing = (
        tabulate_history_routing(model.routing, activities=codes, case_types=types)
        if isinstance(model.routing, HistoryRouting)
        else tabulate_graph_routing(model.routing, activities=codes, case_types=types)
    )
    calendar = _calendar(model, model.arrivals.calendar)
    return CompiledModel(
        model=model,
        start_us=start_us,
        end_us=end_us,
        most_cases=MOST_CASES if cases is None else cases,
        drain=drain,
        known_us=known_us,
        names=np.array([name_key(name) for name in codes], np.uint64),
        types=np.cumsum([case_type.share for case_type in model.case_types]),
        source=tabulate_rates(model.arrivals, model.zone, start_us, end_us)
        if is_poisson(model.arrivals)
        else tabulate_renewals(model.arrivals, calendar, end_us),
        routing=routing,
        rules=tabulate_rules(model.rules, activities=codes, case_types=types),
        work=tabulate_work(model, start_us, known_us),
        staff=_tabulate_staff(model, start_us, known_us),
    )


def look_further(compiled: CompiledModel) -> CompiledModel:
    """Tabulate the hours of a model over twice the time.

    Raises
    ------
    NoEndInSightError
        If a run would cover more than a hundred years.
    YearNotCoveredError
        If a calendar ends before.
    """
    known_us = compiled.known_us + (compiled.known_us - compiled.start_us)
    if known_us > compiled.start_us + LONGEST_US:
        raise NoEndInSightError(
            _("After {years} years the work of the model is still not done.").format(
                years=round((compiled.known_us - compiled.start_us) / DAY_US / 365)
            ),
            where=compiled.model.name,
            remedy=_(
                "Look for an activity that takes longer than its people ever work, or do not run until all is done."
            ),
        )
    for calendar in compiled.model.calendars.values():
        calendar.check_covers(calendar.local_date(compiled.known_us))
    model, start_us = compiled.model, compiled.start_us
    return replace(
        compiled,
        known_us=known_us,
        work=tabulate_work(model, start_us, known_us),
        staff=_tabulate_staff(model, start_us, known_us),
    )


def _calendar(model: ProcessModel, name: str) -> Calendar | None:
    return model.calendars[name] if name else None


def _tabulate_staff(model: ProcessModel, start_us: int, known_us: int) -> Staff:
    people = people_of(model)
    calendars = list(dict.fromkeys(calendar for _person, calendar, _does in people))
    group_of: dict[str, int] = {}
    for person, calendar, _does in people:
        group_of.setdefault(group_name(person, calendar), len(group_of))
    return Staff(
        hours=tabulate_hours([_calendar(model, name) for name in calendars], start_us, known_us),
        calendar=np.array([calendars.index(calendar) for _person, calendar, _does in people], np.int64),
        group=np.array([group_of[group_name(person, calendar)] for person, calendar, _does in people], np.int64),
        names=np.array([name_key(person.name) for person, _calendar, _does in people], np.uint64),
        availability=np.array([person.availability for person, _calendar, _does in people], np.float64),
        absence_us=np.array([person.absence_seconds * 1e6 for person, _calendar, _does in people], np.float64),
    )
