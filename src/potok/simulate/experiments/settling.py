"""Choosing the time that runs cover: steady state if there is one, else a stated horizon."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Final

import numpy as np

from potok.core.language import gettext as _
from potok.core.time_units import DAY_US
from potok.simulate.experiments.errors import NoArrivalsError
from potok.simulate.experiments.frames import DAY_SECONDS, Frame, Runner, cases_per_day
from potok.simulate.experiments.metrics import MetricName, case_durations, compute_outcomes, list_metrics
from potok.simulate.experiments.warm_up import WarmUp, find_warm_up
from potok.simulate.model import ProcessModel

PILOTS: Final = 5
_LONGER: Final = 3
_DAYS_A_WEEK: Final = 7
_PILOT_CASES: Final = 2
_DAYS_A_YEAR: Final = 364
_MOST_DAYS: Final = 36_525
_NEARLY_ALL: Final = 0.99
_AT_ONCE: Final = 0.5
"""Where nearly all cases take less, in days, there is nothing to fill up."""
_LONGEST_FILLING: Final = 1_820


class FrameKind(StrEnum):
    """Whether a run shows the steady state, or a stated time from today's cases."""

    STEADY_STATE = "steady_state"
    HORIZON = "horizon"


@dataclass(frozen=True, slots=True)
class Saturation:
    """A pool to which more work comes than it can do.

    Parameters
    ----------
    scenario
        Number of the model, 0 is the first.
    pool
        Its name.
    offered_load
        Work that comes over hours on duty.
    """

    scenario: int
    pool: str
    offered_load: float


@dataclass(frozen=True, slots=True)
class ChosenFrame:
    """The time that runs cover, and why.

    Parameters
    ----------
    frame
        The time.
    kind
        Whether it shows the steady state.
    warm_up
        What was left out at the beginning, in cases of the slowest model; None for a horizon.
    saturated
        Pools that cannot keep up; not empty: there is no steady state.
    """

    frame: Frame
    kind: FrameKind
    warm_up: WarmUp | None
    saturated: tuple[Saturation, ...]


def choose_steady_frame(
    models: Sequence[ProcessModel], run: Runner, *, seed: int, cases: int, fallback: Frame
) -> ChosenFrame:
    """Choose a frame long enough for so many cases of the first model after its warm-up.

    Pilot runs begin empty. If the work that comes to a pool is at least what it can do, in any of the models, there is
    no steady state, and `fallback` is taken for all of them. Else all are given the longest warm-up of any, in whole
    weeks where it is longer than one, so that they are run over the same time. It is at least as long as nearly all
    cases take, as a process has filled up no sooner, and cases go on arriving for as long after those that count.

    Parameters
    ----------
    models
        As it is, and each scenario.
    cases
        How many are to count.
    fallback
        The horizon, if there is no steady state.
    """
    per_day = cases_per_day(models[0])
    if per_day <= 0:
        raise NoArrivalsError(
            _("No case arrives in the model."), where=models[0].name, remedy=_("Give arrivals a rate above 0.")
        )
    arrivals = models[0].arrivals
    # A process that grows is as large as it is where the log ends.
    start_us = fallback.start_us if arrivals.growth_per_year else round(arrivals.start_at.timestamp() * 1e6)
    needed = _whole_days(cases / per_day)
    if len(set(arrivals.month_factors)) > 1:
        # With seasons nothing less than whole years is steady.
        needed = ceil(needed / _DAYS_A_YEAR) * _DAYS_A_YEAR
    length = needed * _PILOT_CASES
    for attempt in range(_LONGER):
        frame = Frame(start_us, start_us + length * DAY_US, start_us)
        found = [_pilot(model, run, frame, seed=seed) for model in models]
        saturated = _find_saturated([one.loads for one in found])
        if saturated:
            return ChosenFrame(fallback, FrameKind.HORIZON, None, saturated)
        if all(one.warm_up.is_found for one in found) or attempt == _LONGER - 1:
            break
        length *= 2
    longest = max((one.warm_up for one in found), key=lambda one: one.cases)
    slowest = min(cases_per_day(model) for model in models)
    lasts = min(max(one.nearly_all_days for one in found), float(_LONGEST_FILLING))
    fills = _whole_days(lasts) if lasts > _AT_ONCE else 0
    skipped = max(_whole_days(longest.cases / slowest) if longest.cases else 0, fills)
    is_found = all(one.warm_up.is_found for one in found) and lasts < _LONGEST_FILLING
    settled = WarmUp(ceil(skipped * slowest), is_found=is_found)
    count_from = start_us + skipped * DAY_US
    frame = Frame(start_us, count_from + needed * DAY_US, count_from, run_on_us=fills * DAY_US)
    return ChosenFrame(frame, FrameKind.STEADY_STATE, settled, ())


def check_horizon(models: Sequence[ProcessModel], run: Runner, frame: Frame, *, seed: int) -> tuple[Saturation, ...]:
    """Return the pools that cannot keep up within a stated horizon."""
    return _find_saturated([_pilot(model, run, frame, seed=seed).loads for model in models])


def _whole_days(days: float) -> int:
    """Round up to whole days, and to whole weeks beyond one, so that no weekday counts more often than another."""
    whole = max(ceil(days), 1)
    return min(whole if whole < _DAYS_A_WEEK else ceil(whole / _DAYS_A_WEEK) * _DAYS_A_WEEK, _MOST_DAYS)


@dataclass(frozen=True, slots=True)
class _Pilot:
    """What pilot runs show: the load offered to each pool, the warm-up, and the days that 99 of 100 cases take."""

    loads: dict[str, float]
    warm_up: WarmUp
    nearly_all_days: float


def _pilot(model: ProcessModel, run: Runner, frame: Frame, *, seed: int) -> _Pilot:
    metrics = [one for one in list_metrics([model]) if one.name is MetricName.OFFERED_LOAD]
    rows, series = [], []
    for log in run(model, frame, seed=seed, replications=range(PILOTS)):
        rows.append(compute_outcomes(log, model, frame, metrics=metrics))
        series.append(case_durations(log))
    means = np.array(rows).reshape(len(rows), len(metrics)).mean(axis=0)
    loads = {metric.subject: float(value) for metric, value in zip(metrics, means, strict=True)}
    taken = np.concatenate(series)
    nearly_all = float(np.quantile(taken, _NEARLY_ALL)) / DAY_SECONDS if len(taken) else 0.0
    return _Pilot(loads, find_warm_up(series), nearly_all)


def _find_saturated(loads: Sequence[dict[str, float]]) -> tuple[Saturation, ...]:
    return tuple(
        Saturation(number, pool, load)
        for number, known in enumerate(loads)
        for pool, load in known.items()
        if load >= 1.0
    )
