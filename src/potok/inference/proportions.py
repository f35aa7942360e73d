"""Shares of few events: exact bounds of one share, and the difference of two."""

import math
from dataclasses import dataclass

from scipy.special import betaincinv

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.inference.estimate import Estimate, check_share, normal_quantile


class ImpossibleCountError(UsageError):
    """A count that is negative, or exceeds the number of trials."""

    code = "POTOK-I030"


@dataclass(frozen=True, slots=True)
class RateBound:
    """A share of trials with its exact interval.

    Parameters
    ----------
    events, trials
        Counts.
    share
        ``events / trials``; nan without trials.
    lower, upper
        Two-sided interval at the level `confidence`, 0–1; the whole range without trials.
    at_most
        One-sided upper bound at the same level: what a sentence of the form "at most x % (95 %)" says.
    confidence
        Level, 0–1.
    """

    events: int
    trials: int
    share: float
    lower: float
    upper: float
    at_most: float
    confidence: float


def clopper_pearson(events: int, trials: int, *, confidence: float = 0.95) -> RateBound:
    """Bound a share by the exact binomial interval.

    Estimand: the probability of an event in one more trial of the same kind. Assumes independent trials of one
    probability; the interval covers at least its level, mostly more.

    Raises
    ------
    ImpossibleCountError
        If `events` is negative or exceeds `trials`.
    InvalidShareError
        If `confidence` does not lie between 0 and 1.

    References
    ----------
    Clopper and Pearson (1934), "The use of confidence or fiducial limits illustrated in the case of the binomial".
    """
    check_share(confidence, name="confidence")
    _check_counts(events, trials)
    if not trials:
        return RateBound(0, 0, math.nan, 0.0, 1.0, 1.0, confidence)
    tail = (1 - confidence) / 2
    return RateBound(
        events,
        trials,
        events / trials,
        _lower_limit(events, trials, tail),
        _upper_limit(events, trials, tail),
        _upper_limit(events, trials, 1 - confidence),
        confidence,
    )


def _check_counts(events: int, trials: int) -> None:
    if not 0 <= events <= trials:
        raise ImpossibleCountError(
            _("There cannot be {events} events in {trials} trials.").format(events=events, trials=trials),
            where="events, trials",
            remedy=_("Count each trial once, and at most one event in it."),
        )


def _lower_limit(events: int, trials: int, tail: float) -> float:
    return 0.0 if events == 0 else float(betaincinv(events, trials - events + 1, tail))


def _upper_limit(events: int, trials: int, tail: float) -> float:
    return 1.0 if events == trials else float(betaincinv(events + 1, trials - events, 1 - tail))


def wilson_limits(share: float, trials: float, *, z: float) -> tuple[float, float]:
    """Return the score interval of a share; `trials` may be an effective number that is not whole.

    References
    ----------
    Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    middle = share + z * z / (2 * trials)
    reach = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


@dataclass(frozen=True, slots=True)
class Arm:
    """A share and the number of independent trials on which it rests, whole or effective."""

    share: float
    trials: float


def newcombe_difference(first: Arm, second: Arm, *, confidence: float = 0.95) -> Estimate:
    """Estimate the difference of two independent shares, first less second, by the hybrid score interval.

    Estimand: the difference of the probabilities of an event. Assumes independent arms. Unlike the normal interval it
    holds with few events and with none.

    References
    ----------
    Newcombe (1998), "Interval estimation for the difference between independent proportions", method 10.
    """
    z = normal_quantile(confidence)
    lower, upper = newcombe_limits(first, second, z=z)
    variance = sum(arm.share * (1 - arm.share) / arm.trials for arm in (first, second))
    return Estimate(first.share - second.share, lower, upper, math.sqrt(variance), confidence)


def newcombe_limits(first: Arm, second: Arm, *, z: float) -> tuple[float, float]:
    """Return the limits of the difference at a normal quantile."""
    low_1, high_1 = wilson_limits(first.share, first.trials, z=z)
    low_2, high_2 = wilson_limits(second.share, second.trials, z=z)
    value = first.share - second.share
    lower = value - math.hypot(first.share - low_1, high_2 - second.share)
    upper = value + math.hypot(high_1 - first.share, second.share - low_2)
    return max(-1.0, lower), min(1.0, upper)
