"""The Standard Cost Model: what a duty to inform costs those who apply.

``cost = tariff × time × (population × frequency) + acquisitions``, per duty and year. It prices the time of a normally
efficient applicant who does all that is asked; it says nothing of benefits, of waiting, or of those who give up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from potok.core.errors import UsageError
from potok.core.language import gettext as _

SECONDS_PER_HOUR = 3600


class StandardCostError(UsageError):
    """A figure of the Standard Cost Model that cannot be."""

    code = "POTOK-M037"


@dataclass(frozen=True, slots=True)
class InformationDuty:
    """One thing that applicants have to do: fill in a form, get a paper, come in person.

    Parameters
    ----------
    name
        As the duty is called in the act.
    tariff_per_hour
        Value of an applicant's hour, in one currency for all duties.
    seconds
        Time that it takes once.
    population
        Applicants a year who have to.
    frequency_per_year
        How often each of them has to, a year.
    acquisitions_per_year
        What all of them together pay for it a year besides their time: fees, copies, journeys, software.
    """

    name: str
    tariff_per_hour: float
    seconds: float
    population: float
    frequency_per_year: float = 1.0
    acquisitions_per_year: float = 0.0


@dataclass(frozen=True, slots=True)
class DutyCost:
    """What one duty costs a year.

    Parameters
    ----------
    hours
        Burden: time × population × frequency.
    time_cost, acquisitions, cost
        Hours at the tariff, what is paid besides, and their sum.
    """

    name: str
    hours: float
    time_cost: float
    acquisitions: float
    cost: float


@dataclass(frozen=True, slots=True)
class StandardCost:
    """What all duties cost a year, the dearest first."""

    duties: tuple[DutyCost, ...]
    hours: float
    time_cost: float
    acquisitions: float
    cost: float


def compute_standard_cost(duties: Sequence[InformationDuty]) -> StandardCost:
    """Compute what duties to inform cost applicants a year.

    Raises
    ------
    StandardCostError
        If there is no duty, or a figure is negative or not finite; all such figures are named.

    References
    ----------
    SCM Network (2005), "International Standard Cost Model Manual".
    """
    _check(duties)
    costs = sorted((_cost(duty) for duty in duties), key=lambda cost: (-cost.cost, cost.name))
    return StandardCost(
        duties=tuple(costs),
        hours=sum(cost.hours for cost in costs),
        time_cost=sum(cost.time_cost for cost in costs),
        acquisitions=sum(cost.acquisitions for cost in costs),
        cost=sum(cost.cost for cost in costs),
    )


def _cost(duty: InformationDuty) -> DutyCost:
    hours = duty.seconds / SECONDS_PER_HOUR * duty.population * duty.frequency_per_year
    time_cost = duty.tariff_per_hour * hours
    acquired = duty.acquisitions_per_year
    return DutyCost(duty.name, hours, time_cost, acquired, time_cost + acquired)


def _check(duties: Sequence[InformationDuty]) -> None:
    if not duties:
        raise StandardCostError(_("No duty is given, so there is nothing to cost."))
    figures = ("tariff_per_hour", "seconds", "population", "frequency_per_year", "acquisitions_per_year")
    bad = [
        f"{duty.name}: {figure} = {getattr(duty, figure)}"
        for duty in duties
        for figure in figures
        if not isfinite(getattr(duty, figure)) or getattr(duty, figure) < 0
    ]
    if bad:
        raise StandardCostError(
            _("Figures of a cost must be known and not negative: {figures}.").format(figures="; ".join(bad)),
            where=bad[0].partition(":")[0],
            remedy=_("Correct these figures; write 0 for what costs nothing."),
        )
