"""Generate three years of the made-up permit service: its register, its operations, its wastes."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.demo.permit_arrivals import YEARS, Arrivals, draw_arrivals
from potok.demo.permit_process import NOMINAL_CASES, PORTAL_DUTY_FACTOR, SERVICES, Channel, Outcome
from potok.demo.permit_routing import Traits, draw_traits
from potok.demo.permit_simulation import PermitSimulation, Step
from potok.demo.permit_truth import WasteTruth
from potok.demo.working_time import WorkingCalendar, local_seconds, make_calendar, wall_clock

DEFAULT_SEED: Final = 20_260
ZONE: Final = "Europe/Kaliningrad"
WINDOW_FROM: Final = date(YEARS[0], 1, 1)
WINDOW_UNTIL: Final = date(YEARS[-1] + 1, 1, 1)
CALENDAR_UNTIL: Final = date(YEARS[-1] + 2, 12, 31)


class TooFewCasesError(UsageError):
    """A log without a single case was asked for."""

    code = "POTOK-P001"


@dataclass(frozen=True, slots=True)
class PermitCase:
    """An application as the register knows it.

    Parameters
    ----------
    number
        Its number in the register.
    channel, service
        How it arrived and what it asks for.
    duty_kopecks
        State duty; applications through the portal pay less.
    outcome
        How it ended; `Outcome.NONE` while it is open.
    """

    number: str
    channel: Channel
    service: str
    duty_kopecks: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class PermitLog:
    """A generated log with its truth.

    Parameters
    ----------
    seed
        What it was drawn from.
    calendar
        The agency's working days.
    cases
        Applications in the order of their arrival; `Step.case` is the index.
    steps
        Operations in the order of their beginning, then of the case.
    wastes
        The injected wastes, as far as the export shows them.
    """

    seed: int
    calendar: WorkingCalendar
    cases: tuple[PermitCase, ...]
    steps: tuple[Step, ...]
    wastes: tuple[WasteTruth, ...]

    @property
    def open_cases(self) -> int:
        """Number of applications not finished at the moment of export."""
        return sum(case.outcome == Outcome.NONE for case in self.cases)


def generate(cases: int = NOMINAL_CASES, *, seed: int = DEFAULT_SEED) -> PermitLog:
    """Generate three years of the permit service.

    Parameters
    ----------
    cases
        Number of applications. More than `potok.demo.permit_process.NOMINAL_CASES` are given more employees.
    seed
        The same seed gives the same log.

    Raises
    ------
    TooFewCasesError
        If `cases` is less than one.
    """
    if cases < 1:
        raise TooFewCasesError(
            _("A log needs at least one case, not {cases}.").format(cases=cases),
            remedy=_("Ask for one case or more."),
        )
    generator = np.random.default_rng(seed)
    calendar = make_calendar(WINDOW_FROM, last=CALENDAR_UNTIL)
    arrivals = draw_arrivals(cases, calendar=calendar, generator=generator)
    traits = _draw_all_traits(arrivals, generator=generator)
    simulation = PermitSimulation(calendar, exported_at=local_seconds(WINDOW_UNTIL), generator=generator)
    outcomes = simulation.run(arrivals.at.tolist(), traits=traits)
    return PermitLog(
        seed=seed,
        calendar=calendar,
        cases=_register(arrivals, traits=traits, outcomes=outcomes),
        steps=tuple(sorted(simulation.steps, key=lambda step: (step.started_at, step.case))),
        wastes=simulation.ledger.close(),
    )


def _draw_all_traits(arrivals: Arrivals, *, generator: np.random.Generator) -> list[Traits]:
    channels = tuple(Channel)
    services = generator.choice(len(SERVICES), size=arrivals.at.size, p=[service.share for service in SERVICES])
    return [
        draw_traits(channels[channel], service=SERVICES[service], generator=generator)
        for channel, service in zip(arrivals.channel.tolist(), services.tolist(), strict=True)
    ]


def _register(arrivals: Arrivals, *, traits: list[Traits], outcomes: tuple[Outcome, ...]) -> tuple[PermitCase, ...]:
    """Return the register: applications numbered within their year."""
    last_number = dict.fromkeys(YEARS, 0)
    register = []
    for at, trait, outcome in zip(arrivals.at.tolist(), traits, outcomes, strict=True):
        year = wall_clock(at).year
        last_number[year] += 1
        factor = PORTAL_DUTY_FACTOR if trait.channel == Channel.PORTAL else 1
        register.append(
            PermitCase(
                number=f"РЗ-{year}-{last_number[year]:05d}",
                channel=trait.channel,
                service=trait.service.name,
                duty_kopecks=round(trait.service.duty_kopecks * factor),
                outcome=outcome,
            )
        )
    return tuple(register)
