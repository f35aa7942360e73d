"""What was worked each month, by agency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa

from potok.core.calendars import Calendar
from potok.core.calendars.zones import day_of_number
from potok.engine.base import Engine, Given
from potok.engine.tables import EVENTS
from potok.log.store import LogStore
from potok.measure.local_time import DAYS_A_WEEK, FIRST_WEEKDAY
from potok.measure.months import MONTHS_A_YEAR, month_steps
from potok.measure.running import fetch
from potok.verify.outcomes.analyses import BOUNDS, LocalMonths, activity_work, daily_work, resource_work
from potok.verify.study import Flags, Integers, MonthlyWork

_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class WorkSource:
    """A store whose work is counted, its activities, and the cases of the study in it (see `analyses.BOUNDS`)."""

    store: LogStore
    activities: Mapping[int, str]
    given: Given


def read_work(
    sources: Sequence[WorkSource],
    *,
    agencies: tuple[str, ...],
    local: LocalMonths,
    calendar: Calendar | None,
    engine: Engine | None,
) -> MonthlyWork:
    """Count what was worked.

    Parameters
    ----------
    calendar
        By which days are off; Saturdays and Sundays where there is none or it does not cover the logs.
    """
    names = sorted({label for source in sources for label in source.activities.values()})
    shape = (len(agencies), len(local.months.values))
    work = MonthlyWork(
        agencies=agencies,
        months=tuple(date(number // MONTHS_A_YEAR, number % MONTHS_A_YEAR + 1, 1) for number in local.months.values),
        activities=tuple(names),
        instances=np.zeros((*shape, len(names)), np.int64),
        resources=np.zeros(shape, np.int64),
        timed=np.zeros(shape, np.int64),
        outside_hours=np.zeros(shape, np.int64),
        whole_days=np.zeros(shape, np.int64),
    )
    place = {label: code for code, label in enumerate(names)}
    for source in sources:
        _add(work, source, place, local=local, calendar=calendar, engine=engine)
    return work


def local_months(zone: str, *, first_us: int, last_us: int) -> LocalMonths:
    """Return the local months between two instants.

    Raises
    ------
    TooManyMonthsError
        If these are more than a hundred years.
    """
    return LocalMonths(zone, first_us, last_us, month_steps(first_us, last_us, zone=zone))


def _add(
    work: MonthlyWork,
    source: WorkSource,
    place: dict[str, int],
    *,
    local: LocalMonths,
    calendar: Calendar | None,
    engine: Engine | None,
) -> None:
    def rows(expression: ibis.Table) -> dict[str, Integers]:
        answer: pa.Table = fetch(expression, source.store, engine, given=source.given)
        return {name: answer[name].to_numpy().astype(np.int64) for name in answer.column_names}

    labels = source.activities
    codes = np.zeros(max(labels, default=-1) + 1, np.int64)
    codes[list(labels)] = [place[label] for label in labels.values()]
    first = local.months.values[0]
    found = rows(activity_work(EVENTS, BOUNDS, local=local))
    np.add.at(work.instances, (found["agency"], found["month"] - first, codes[found["activity"]]), found["instances"])
    found = rows(resource_work(EVENTS, BOUNDS, local=local))
    np.add.at(work.resources, (found["agency"], found["month"] - first), found["resources"])
    found = rows(daily_work(EVENTS, BOUNDS, local=local, names_people=bool(found["resources"].any())))
    outside = np.where(_is_off(found["day"], calendar), found["timed"], found["outside"])
    np.add.at(work.timed, (found["agency"], found["month"] - first), found["timed"])
    np.add.at(work.outside_hours, (found["agency"], found["month"] - first), outside)
    np.add.at(work.whole_days, (found["agency"], found["month"] - first), found["whole"])


def _is_off(days: Integers, calendar: Calendar | None) -> Flags:
    """Return which local days, given by their numbers, are days off."""
    numbers, place = np.unique(days, return_inverse=True)
    years = [day_of_number(int(number)).year for number in numbers[[0, -1]]] if len(numbers) else []
    if calendar is None or not all(calendar.first_year <= year <= calendar.last_year for year in years):
        return np.asarray((days + FIRST_WEEKDAY) % DAYS_A_WEEK >= _SATURDAY)
    is_off: Any = np.asarray([not calendar.is_working_day(day_of_number(int(number))) for number in numbers], np.bool_)
    return np.asarray(is_off[place])
