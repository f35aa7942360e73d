"""How many people a pool needs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from potok.core.change import AddStaff
from potok.core.language import gettext as _
from potok.core.progress import Progress, SilentProgress
from potok.simulate.changes import apply_changes
from potok.simulate.changes.places import find_pool
from potok.simulate.experiments.errors import ExperimentValueError, NoTermError
from potok.simulate.experiments.estimates import Estimate, estimate_means
from potok.simulate.experiments.frames import Frame, Runner
from potok.simulate.experiments.keeping import Reals
from potok.simulate.experiments.metrics import Metric, MetricName, compute_outcomes
from potok.simulate.model import ProcessModel

_MOST: Final = 1024
_NO_GAIN: Final = 1e-3
_MORE: Final = 4


class SizingVerdict(StrEnum):
    """What a search for the least number of people found."""

    FOUND = "found"
    STAFF_DOES_NOT_HELP = "staff_does_not_help"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class SizingStep:
    """One number of people that was tried.

    Parameters
    ----------
    people
        How many.
    share
        Of cases within the term, over replications.
    utilisation
        Mean share of the time on duty at work; NaN if it cannot be told.
    """

    people: int
    share: Estimate
    utilisation: float


@dataclass(frozen=True, slots=True)
class Sizing:
    """The least number of people that keeps a share of cases within the term.

    Parameters
    ----------
    pool, target
        Whose number, and which share, 0–1.
    people_now
        How many there are.
    people
        The least number whose mean share reaches the target; None if none does.
    people_surely
        The least number tried whose interval lies wholly at or above the target; None if none does.
    verdict
        What was found.
    steps
        What was tried, by number of people.
    """

    pool: str
    target: float
    people_now: int
    people: int | None
    people_surely: int | None
    verdict: SizingVerdict
    steps: tuple[SizingStep, ...]


@dataclass(frozen=True, slots=True)
class SizingSettings:
    """How a number of people is searched.

    Parameters
    ----------
    seed, replications, level
        Of the runs of each number, and of confidence.
    """

    seed: int = 1
    replications: int = 10
    level: float = 0.9


def size_pool(
    model: ProcessModel,
    run: Runner,
    frame: Frame,
    *,
    pool: str,
    target: float,
    settings: SizingSettings | None = None,
    progress: Progress | None = None,
) -> Sizing:
    """Find the least number of people in a pool with which the share of cases within the term reaches a target.

    More people in a pool are taken never to lower the share: numbers are halved or doubled until the boundary is
    found; then up to three more are tried until the interval, too, reaches the target. All numbers are tried under the
    same random numbers.

    Raises
    ------
    NoTermError
        If the model has no term.
    ExperimentValueError
        If the target does not lie between 0 and 1.
    UnknownNameError
        If there is no such pool.
    """
    if model.term is None:
        raise NoTermError(
            _("Without a term there is no share of cases within it."),
            where=model.name,
            remedy=_("Give a term in the model, or with --term or --regulation."),
        )
    if not 0.0 < target <= 1.0:
        raise ExperimentValueError(
            _("{option} cannot be «{value}».").format(option="--target", value=target),
            where="--target",
            remedy=_("Give a share above 0 and up to 1, such as 0.95."),
        )
    settings = settings or SizingSettings()
    progress = progress or SilentProgress()
    now = len(find_pool(model, pool).people)
    steps: dict[int, SizingStep] = {}

    def reaches(people: int) -> bool:
        if people not in steps:
            resized = model if people == now else apply_changes(model, [AddStaff(pool=pool, count=people - now)])
            steps[people] = _try(resized, run, frame, (pool, people), settings)
            progress.advance_to(len(steps))
        return bool(steps[people].share.value >= target)

    progress.start(_("Numbers of people"))
    people, verdict = _search(reaches, lambda count: steps[count].share.value, now)
    for count in range(people, people + _MORE) if people else ():
        if reaches(count) and steps[count].share.lower >= target:
            break
    progress.finish()
    tried = tuple(steps[count] for count in sorted(steps))
    sure = [step.people for step in tried if step.share.lower >= target]
    return Sizing(pool, target, now, people, min(sure, default=None), verdict, tried)


def _search(
    reaches: Callable[[int], bool], share: Callable[[int], float], now: int
) -> tuple[int | None, SizingVerdict]:
    low, high = 0, now
    while not reaches(high):
        if high >= _MOST:
            return None, SizingVerdict.TOO_MANY
        # Twice as many people change nothing: what is late is late for other reasons.
        if low and share(high) - share(low) < _NO_GAIN and share(high) > 0:
            return None, SizingVerdict.STAFF_DOES_NOT_HELP
        low, high = high, min(2 * high, _MOST)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high, SizingVerdict.FOUND


def _try(
    model: ProcessModel, run: Runner, frame: Frame, tried: tuple[str, int], settings: SizingSettings
) -> SizingStep:
    pool, people = tried
    metrics = (Metric(MetricName.SHARE_IN_TERM), Metric(MetricName.UTILISATION, pool))
    logs = run(model, frame, seed=settings.seed, replications=range(settings.replications))
    rows: Reals = np.array([compute_outcomes(log, model, frame, metrics=metrics) for log in logs])
    share, utilisation = estimate_means(rows, level=settings.level)
    # A share has no more than 100 %.
    bounded = replace(share, lower=max(share.lower, 0.0), upper=min(share.upper, 1.0))
    return SizingStep(people, bounded, utilisation.value)
