"""Delays before activities that neither people nor hours explain.

A delay has two parts. The *lag* passes between what an instance awaits and its enablement: a timer, a statutory period,
or whatever made the log's own enabled time come later. The *extraneous delay* passes after it, while somebody who could
have begun was free and on duty; of it often only bounds are known. Both pass at any hour, so the model has one delay:
its distribution is estimated from the sum's bounds.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.time_units import SECOND_US
from potok.discover.extraneous_delay.interval_censored import collect_bounds, estimate_distribution
from potok.discover.resource_calendars.work import UNKNOWN, Integers
from potok.simulate.discovery.counting import effective_share, weighted_counts
from potok.simulate.discovery.families import fit_distribution
from potok.simulate.discovery.history import History
from potok.simulate.model import ExtraneousDelay

Reals = npt.NDArray[np.float64]

TRIFLE_SECONDS: Final = 60.0
LEAST_SHARE: Final = 0.005
LEAST_OF_WAITING: Final = 0.01
"""A delay that is less of the whole waiting is left out: hours known to a few minutes only make as much."""
LEAST_TELLING: Final = 10
_EFFECTIVE: Final = 1_000.0


@dataclass(frozen=True, slots=True)
class DelayFit:
    """How a delay was learnt.

    Parameters
    ----------
    activity
        Name.
    instances
        Those with a known wait.
    share, mean_seconds
        Of instances delayed; mean of the delay over all of them.
    waiting_seconds
        Mean of the whole time between what was awaited and the start.
    is_whole_wait
        Whether all waiting is taken for delay, as nobody's hours or nobody at all are known.
    """

    activity: str
    instances: int
    share: float
    mean_seconds: float
    waiting_seconds: float
    is_whole_wait: bool


def learn_delay(history: History, activity: int, weights: Reals) -> tuple[ExtraneousDelay | None, DelayFit]:
    """Learn the delay before an activity.

    Parameters
    ----------
    weights
        (n,) of instances.
    """
    low, high, is_whole = _bounds(history, activity)
    rows = np.flatnonzero((history.instances.activity == activity) & (low != UNKNOWN) & (weights > 0))
    name = history.activities[activity]
    if not len(rows):
        return None, DelayFit(name, 0, 0.0, 0.0, 0.0, is_whole)
    weight = weights[rows]
    seconds, most = low[rows] / SECOND_US, high[rows] / SECOND_US
    waiting = float(weight @ (history.waits_us[rows] / SECOND_US) / weight.sum())
    if is_whole or bool((most - seconds < 1.0).all()):
        values, mass = seconds, weight
    else:
        grid = collect_bounds(seconds, most)
        found = estimate_distribution(grid, weighted_counts(grid.pair, weight, len(grid.low)))
        values, mass = found.from_seconds, found.share * weight.sum()
    is_delayed = (values > TRIFLE_SECONDS) & (mass > 0)
    share = float(mass[is_delayed].sum() / mass.sum()) if mass.sum() > 0 else 0.0
    mean = float(values @ mass / mass.sum()) if mass.sum() > 0 else 0.0
    fit = DelayFit(name, len(rows), share, mean, waiting, is_whole)
    if share < LEAST_SHARE or mean < LEAST_OF_WAITING * waiting:
        return None, fit
    told = effective_share(weight)
    distribution = fit_distribution(values[is_delayed], mass[is_delayed], told=told).distribution
    return ExtraneousDelay(distribution, min(share, 1.0) if share < 1.0 - LEAST_SHARE else 1.0), fit


def _bounds(history: History, activity: int) -> tuple[Integers, Integers, bool]:
    """Return, for all instances, between what the delay lies; and whether it is taken for the whole wait."""
    if history.people.is_automatic[activity] or history.people.delays.reasons:
        return history.waits_us, history.waits_us, True
    found = history.people.delays.instances
    lag = history.lags_us
    is_told = (lag != UNKNOWN) & (found.possible_us != UNKNOWN)
    reasons = {one.activity: one.reason for one in history.people.delays.activities}
    if reasons.get(activity) == "nobody_seen_free":
        # A queue cannot be told from a delay: people and hours are left to explain it, but for the lag.
        return lag, lag, False
    low = np.where(is_told, lag + found.proven_us, UNKNOWN)
    return low, np.where(is_told, lag + found.possible_us, UNKNOWN), False
