"""The region as it went, and as it would have gone without a project.

A *world* is one run of an agency's model over the whole period. The kernel draws the same cases with the same work in
every world of an agency, so that the worlds differ by what the projects did and by nothing else. What went on in the
agency is taken case by case: a case that opens after some projects comes from the world that has them all along. Cases
that opened shortly before a project end as if it had not come; a verification drops them as its transition window.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.calendars import Calendar
from potok.core.calendars.zones import load_zone, midnight_us
from potok.demo.region.agencies import AGENCIES, Agency, make_model
from potok.demo.region.projects import Project, change_model, projects_of
from potok.simulate.kernel import SimulatedLog, compile_model, simulate
from potok.simulate.model import ProcessModel

SEED_STEP: Final = 1_000_003
WARM_UP: Final = timedelta(days=60)
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Period:
    """Local days on which cases open: half-open; the extract is made at the end's midnight.

    The simulation begins `WARM_UP` earlier with empty queues.
    """

    start_on: date
    until_on: date
    calendar: Calendar

    def us_of(self, day: date) -> int:
        """Return the midnight of a local day in microseconds UTC."""
        return midnight_us(load_zone(self.calendar.zone), day)

    @property
    def warm_up_at(self) -> datetime:
        """When the simulation begins."""
        day = self.start_on - WARM_UP
        return datetime(day.year, day.month, day.day, tzinfo=load_zone(self.calendar.zone))


@dataclass(frozen=True, slots=True)
class AgencyRun:
    """What went on in an agency.

    Parameters
    ----------
    agency, model
        Whose, and its model without any project.
    worlds
        With none of its projects, with the first, with the first two …; the same cases in each.
    since_us
        From when on each world holds for cases that open.
    """

    agency: Agency
    model: ProcessModel
    worlds: tuple[SimulatedLog, ...]
    since_us: tuple[int, ...]

    @property
    def world_of_case(self) -> Integers:
        """(m,) int64: the place in `worlds` from which each case is taken."""
        arrived = self.worlds[0].arrived_us
        return np.asarray(np.searchsorted(np.asarray(self.since_us[1:], dtype=np.int64), arrived, side="right"))


def run_agency(agency: Agency, *, period: Period, seed: int, scale: float) -> AgencyRun:
    """Run an agency in the worlds that its projects make."""
    model = make_model(agency, calendar=period.calendar, start_at=period.warm_up_at, scale=scale)
    projects = projects_of(agency.key)
    worlds = [
        run_world(agency, model, projects[:count], period=period, seed=seed) for count in range(len(projects) + 1)
    ]
    since = (period.us_of(period.start_on), *(period.us_of(project.waves[agency.key]) for project in projects))
    return AgencyRun(agency, model, tuple(worlds), since)


def run_world(
    agency: Agency, model: ProcessModel, projects: Iterable[Project], *, period: Period, seed: int
) -> SimulatedLog:
    """Run an agency that has some projects from the beginning."""
    for project in projects:
        model = change_model(model, agency, project)
    compiled = compile_model(
        model, start_us=period.us_of(period.warm_up_at.date()), end_us=period.us_of(period.until_on)
    )
    return simulate(compiled, seed=seed * SEED_STEP + AGENCIES.index(agency.key))


def durations_days(log: SimulatedLog, cases: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return how many calendar days some cases took."""
    return np.asarray((log.closed_us[cases] - log.arrived_us[cases]) / 86_400e6)


def cohort(run: AgencyRun, *, services: Sequence[str], since_us: int, until_us: int) -> npt.NDArray[np.bool_]:
    """Return which cases of some services (all if none is named) open in a period, (m,) bool."""
    log = run.worlds[0]
    wanted = [not services or one.attributes["service"] in services for one in run.model.case_types]
    opened = (log.arrived_us >= since_us) & (log.arrived_us < until_us)
    return np.asarray(opened & np.asarray(wanted)[log.case_type])
