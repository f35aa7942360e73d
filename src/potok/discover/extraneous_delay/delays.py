"""Extraneous delay: time that work lay though somebody who could have done it was free and on duty.

It is "the time from the first moment when a *capable* resource was free and on duty to the start" (after Chapela-Campa
and Dumas, 2024). Taken by the letter for each instance, that is `after_first_free_seconds`; it is too long where the
delay was over by evening and the office opened only in the morning, or where others were served first, and zero where
the delay passed while everybody was busy or at home. What a delay really lasted lies between two bounds:

- if somebody was free at an instant of the wait, the delay was not over by then: it lasted *at least* from enablement
  to the last moment at which anybody capable was free (``proven``);
- it was over when the work started: it lasted *at most* the whole wait (``possible``).

The two meet where somebody was free right up to the start. From the bounds of all instances of an activity the
distribution of its delay is estimated (`interval_censored`), which brings back what closed hours and queues hide.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.core.time_units import SECOND_US
from potok.discover.extraneous_delay.availability import anyone_free, first_free, free_spans, last_free
from potok.discover.extraneous_delay.interval_censored import (
    Bounds,
    CensoredDistribution,
    Reals,
    collect_bounds,
    estimate_distribution,
)
from potok.discover.multitasking import Multitasking, discover_multitasking
from potok.discover.pools import Pools
from potok.discover.resource_calendars.calendars import ResourceCalendars
from potok.discover.resource_calendars.spans import OwnedSpans
from potok.discover.resource_calendars.work import UNKNOWN, Codes, Flags, Integers, ResourceWork

DEFAULT_TRIFLE_SECONDS: Final = 60.0
LEAST_INSTANCES: Final = 30
# With bounds that tell anything for fewer instances, or a smaller share of them, an estimate rests on too little.
LEAST_TELLING: Final = 30
LEAST_TELLING_SHARE: Final = 0.02
BOOTSTRAPS: Final = 200
# With more instances the drawn means are normal, and fewer draws tell their spread.
MANY_INSTANCES: Final = 20_000
BOOTSTRAPS_OF_MANY: Final = 40
LEVEL: Final = 0.95
_NORMAL_QUANTILE: Final = 1.959963984540054
MOST_SWEPT: Final = 500_000_000

REASONS: Final = {
    "no_resources": mark("The log does not say who did what: nobody can be said to have been free."),
    "no_start_times": mark("The log has no start times: when work stopped waiting cannot be told."),
    "calendars_unknown": mark("When people are on duty is not known: nobody can be said to have been free."),
    "too_few_instances": mark("Too few instances with a known wait to tell a delay."),
    "nobody_seen_free": mark(
        "Hardly any instance saw a capable person free, or started at once: a delay cannot be told from a queue."
    ),
    "too_many_activities": mark("There are too many activities, each with others who can do it, to follow them all."),
}


class LoadResponse(StrEnum):
    """How a delay answers to load; people declare it, and a simulation uses it."""

    FIXED = "fixed"
    PROPORTIONAL = "proportional"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DelayRules:
    """How extraneous delay is told.

    Parameters
    ----------
    trifle_seconds
        An instance is called delayed if its delay is longer.
    bootstraps
        How often cases are drawn anew for the intervals; 0 leaves them out. Of an activity with very many instances
        `BOOTSTRAPS_OF_MANY` are enough.
    seed
        Of these draws.
    load_response
        Declared for every activity.
    """

    trifle_seconds: float = DEFAULT_TRIFLE_SECONDS
    bootstraps: int = BOOTSTRAPS
    seed: int = 0
    load_response: LoadResponse = LoadResponse.UNKNOWN


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval."""

    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class ActivityDelay:
    """The extraneous delay before one activity.

    Parameters
    ----------
    activity
        Code.
    instances
        Those with a known wait: enabled, started, and with capable resources whose calendars are known.
    cases
        Distinct cases they belong to.
    waiting_seconds
        The whole wait of these instances.
    mean_seconds, total_seconds
        The estimated delay, per instance and of all; None if it cannot be told.
    mean_interval, total_interval, delayed_interval
        By drawing cases anew; None without, or where there is no estimate.
    delayed_share
        Share of instances delayed by more than a trifle.
    proven_seconds, possible_seconds
        Sums of the bounds: between these the total lies whatever is assumed.
    after_first_free_seconds
        Sum of the definition by the letter, from the first moment when a capable resource was free to the start.
    exact_share
        Share of instances whose delay is known to the second, as somebody was free up to their start.
    reason
        Key of `REASONS` if there is no estimate, else empty.
    load_response
        As declared.
    """

    activity: int
    instances: int
    cases: int
    waiting_seconds: float
    mean_seconds: float | None
    total_seconds: float | None
    mean_interval: Interval | None
    total_interval: Interval | None
    delayed_share: float | None
    delayed_interval: Interval | None
    proven_seconds: float
    possible_seconds: float
    after_first_free_seconds: float
    exact_share: float
    reason: str
    load_response: LoadResponse


@dataclass(frozen=True, slots=True)
class InstanceBounds:
    """What each instance tells of its delay, in the order of the work; `UNKNOWN` where it tells nothing.

    Parameters
    ----------
    case, activity
        (n,): codes of the log store.
    proven_us, possible_us
        (n,) int64: the delay lies between these, both included.
    after_first_free_us
        (n,) int64: from the first moment when a capable resource was free to the start.
    """

    case: Integers
    activity: Codes
    proven_us: Integers
    possible_us: Integers
    after_first_free_us: Integers


@dataclass(frozen=True, slots=True)
class ExtraneousDelays:
    """The extraneous delays of a log.

    Parameters
    ----------
    activities
        Longest total first, then those that cannot be told.
    instances
        What each instance tells.
    unknown_instances
        Instances without a known wait (mostly the first of their case) or without known calendars.
    rules
        How they were told.
    reasons
        What keeps delays from being known at all: keys of `REASONS`.
    """

    activities: tuple[ActivityDelay, ...]
    instances: InstanceBounds
    unknown_instances: int
    rules: DelayRules
    reasons: tuple[str, ...]

    @property
    def total_seconds(self) -> float:
        """Sum over the activities that can be told."""
        return sum(one.total_seconds or 0.0 for one in self.activities)


def discover_extraneous_delays(
    work: ResourceWork,
    calendars: ResourceCalendars,
    pools: Pools,
    *,
    enabled_us: Integers | None = None,
    multitasking: Multitasking | None = None,
    rules: DelayRules | None = None,
) -> ExtraneousDelays:
    """Discover how long work lay though somebody who could have done it was free and on duty.

    Estimand: the mean delay between enablement and the moment from which an instance waited only for a capable
    resource, per activity. Assumptions: enablement, calendars and who can do what are as given; whoever is free and on
    duty takes what is ready; what hides a delay (closed hours, queues) does not depend on its length.

    Parameters
    ----------
    enabled_us
        (n,) int64: when each instance was enabled, `UNKNOWN` where that is not known; what the log says if None.
    multitasking
        Who does how much at once; discovered if None.

    References
    ----------
    Chapela-Campa and Dumas (2024), "Enhancing business process simulation models with extraneous activity delays";
    Turnbull (1976).
    """
    rules = rules or DelayRules()
    enabled = work.enabled_us if enabled_us is None else enabled_us
    reasons = _reasons(work, calendars, pools)
    if reasons:
        bounds = _no_bounds(work)
        return ExtraneousDelays((), bounds, len(work), rules, reasons)
    free = free_spans(work, calendars.duty, multitasking or discover_multitasking(work))
    capable = pools.capable() & calendars.known[:, np.newaxis]
    has_wait = (enabled != UNKNOWN) & (work.started_us != UNKNOWN)
    bounds, is_swept = _bound_instances(work, np.minimum(enabled, work.started_us), has_wait, free, capable)
    estimate = _Estimate(work, bounds, rules)
    found = [estimate.of(int(code)) for code in np.unique(work.activity)]
    found.sort(key=lambda one: (one.total_seconds is None, -(one.total_seconds or 0.0), one.activity))
    unknown = int((bounds.possible_us == UNKNOWN).sum())
    return ExtraneousDelays(tuple(found), bounds, unknown, rules, () if is_swept else ("too_many_activities",))


def _reasons(work: ResourceWork, calendars: ResourceCalendars, pools: Pools) -> tuple[str, ...]:
    if not (work.resource >= 0).any():
        return ("no_resources",)
    if not (work.started_us != UNKNOWN).any():
        return ("no_start_times",)
    if not pools.counts.shape[1]:
        return ("too_many_activities",)
    return () if calendars.known.any() else ("calendars_unknown",)


def _no_bounds(work: ResourceWork) -> InstanceBounds:
    columns = (np.full(len(work), UNKNOWN, dtype=np.int64) for _column in range(3))
    return InstanceBounds(work.case, work.activity, *columns)


def _bound_instances(
    work: ResourceWork, enabled: Integers, has_wait: Flags, free: OwnedSpans, capable: Flags
) -> tuple[InstanceBounds, bool]:
    """Return what each instance tells, and whether all activities could be followed."""
    bounds = _no_bounds(work)
    groups: dict[bytes, list[int]] = {}
    for activity in range(capable.shape[1]):
        if capable[:, activity].any():
            groups.setdefault(capable[:, activity].tobytes(), []).append(activity)
    sizes = np.diff(free.offsets)
    left = MOST_SWEPT
    for activities in sorted(groups.values(), key=lambda codes: -int(np.isin(work.activity, codes[:1]).sum())):
        resources = np.flatnonzero(capable[:, activities[0]])
        left -= int(sizes[resources].sum())
        if left < 0:
            return bounds, False
        spans = anyone_free(free, resources.tolist())
        rows = np.flatnonzero(has_wait & np.isin(work.activity, activities))
        since, until = enabled[rows], work.started_us[rows]
        bounds.proven_us[rows] = last_free(*spans, since, until) - since
        bounds.possible_us[rows] = until - since
        bounds.after_first_free_us[rows] = until - first_free(*spans, since, until)
    return bounds, True


class _Estimate:
    """Estimates of activities from the bounds of instances."""

    def __init__(self, work: ResourceWork, bounds: InstanceBounds, rules: DelayRules) -> None:
        self.work, self.bounds, self.rules = work, bounds, rules

    def of(self, activity: int) -> ActivityDelay:
        """Return the delay before an activity."""
        rows = np.flatnonzero((self.work.activity == activity) & (self.bounds.possible_us != UNKNOWN))
        proven, possible = self.bounds.proven_us[rows], self.bounds.possible_us[rows]
        exact = possible - proven < SECOND_US
        reason = _activity_reason(proven, exact)
        estimated = None
        intervals: tuple[Interval | None, Interval | None] = (None, None)
        if not reason:
            grid = collect_bounds(proven / SECOND_US, possible / SECOND_US)
            estimated = estimate_distribution(grid, np.bincount(grid.pair).astype(np.float64))
            intervals = self._intervals(grid, self.work.case[rows])
        mean, delayed = intervals
        count = len(rows)
        return ActivityDelay(
            activity=activity,
            instances=count,
            cases=len(np.unique(self.work.case[rows])),
            waiting_seconds=_seconds(possible),
            mean_seconds=estimated.mean_seconds if estimated else None,
            total_seconds=estimated.mean_seconds * count if estimated else None,
            mean_interval=mean,
            total_interval=Interval(mean.lower * count, mean.upper * count) if mean else None,
            delayed_share=estimated.share_over(self.rules.trifle_seconds) if estimated else None,
            delayed_interval=delayed,
            proven_seconds=_seconds(proven),
            possible_seconds=_seconds(possible),
            after_first_free_seconds=_seconds(self.bounds.after_first_free_us[rows]),
            exact_share=float(exact.mean()) if count else 0.0,
            reason=reason,
            load_response=self.rules.load_response,
        )

    def _intervals(self, grid: Bounds, case: Integers) -> tuple[Interval | None, Interval | None]:
        """Return the intervals of the mean and of the share delayed, by drawing cases anew."""
        if not self.rules.bootstraps:
            return None, None
        if not grid.low.any():  # every delay may be none, whatever cases are drawn
            return Interval(0.0, 0.0), Interval(0.0, 0.0)
        generator = np.random.default_rng([self.rules.seed, len(case)])
        _cases, place = np.unique(case, return_inverse=True)
        is_many = len(case) > MANY_INSTANCES
        draws = min(self.rules.bootstraps, BOOTSTRAPS_OF_MANY) if is_many else self.rules.bootstraps
        drawn = [self._drawn(grid, place.reshape(-1), generator) for _draw in range(draws)]
        means = np.array([one.mean_seconds for one in drawn])
        shares = np.array([one.share_over(self.rules.trifle_seconds) for one in drawn])
        return _interval(means, is_many=is_many), _interval(shares, is_many=is_many)

    def _drawn(self, grid: Bounds, place: Integers, generator: np.random.Generator) -> CensoredDistribution:
        cases = int(place.max()) + 1
        times = np.bincount(generator.integers(cases, size=cases), minlength=cases).astype(np.float64)
        weights = np.bincount(grid.pair, weights=times[place], minlength=len(grid.low))
        return estimate_distribution(grid, np.asarray(weights, dtype=np.float64))


def _activity_reason(proven: Integers, exact: Flags) -> str:
    if len(proven) < LEAST_INSTANCES:
        return "too_few_instances"
    # Bounds that begin at zero and end late tell nothing; those of who started at once, or waited for nobody, do.
    telling = int((exact | (proven > 0)).sum())
    return "" if telling >= max(LEAST_TELLING, LEAST_TELLING_SHARE * len(proven)) else "nobody_seen_free"


def _interval(values: Reals, *, is_many: bool) -> Interval:
    if is_many:
        half = _NORMAL_QUANTILE * float(values.std())
        return Interval(max(0.0, float(values.mean()) - half), float(values.mean()) + half)
    tail = (1 - LEVEL) / 2
    lower, upper = np.quantile(values, [tail, 1 - tail])
    return Interval(float(lower), float(upper))


def _seconds(microseconds: Integers) -> float:
    return float(microseconds.sum() / SECOND_US)
