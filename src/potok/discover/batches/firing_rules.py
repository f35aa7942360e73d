"""Batch rules: what makes a batch fire – how many have gathered, how long the first has waited, the weekday, the hour.

A rule is held against every firing (`potok.discover.batches.firings`): each batch of those who have a practice of
batches, and each instance that they did alone.

- *support*: of all firings, the share that began when the rule says;
- *confidence*: of the firings for which the rule had come true, the share that began there and then, and not later
  although somebody was free.

Conditions are added one by one, each only if it explains clearly more than the rule without it (exact sign test, 5 %).
Hours at which work is begun anyway are no rule.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.core.time_units import SECOND_US
from potok.discover.batches.find import Batches, BatchRules
from potok.discover.batches.firings import Firings, collect_firings
from potok.discover.batches.triggers import Judge, Trigger, Verdict, find_trigger
from potok.discover.batches.windows import ALL_WEEKDAYS, Window, week_profile
from potok.discover.instance_arrays import Instances
from potok.discover.resource_calendars.evidence import local_clock
from potok.discover.resource_calendars.work import UNKNOWN, Integers
from potok.discover.resource_clocks import ResourceClocks

LEAST_FIRINGS: Final = 10
MINIMUM_CONFIDENCE: Final = 0.8
MINIMUM_SUPPORT: Final = 0.7
# With fewer beginnings of other work, the hours at which work is begun anyway are taken to be those of enablement.
LEAST_OTHERS: Final = 100
# The usual size is a limit if so many firings have it, and hardly any has more.
LIMIT_SHARE: Final = 0.5
MOST_ABOVE_LIMIT: Final = 0.02

FIRING_REASONS: Final = {
    "no_start_times": mark("The log has no start times: when a batch was begun cannot be told."),
    "no_resources": mark("The log does not say who did what: batches cannot be told from queues."),
    "no_batches": mark("Nobody lets work gather as a rule."),
    "too_few_firings": mark("There are fewer than 10 batches: what makes them begin cannot be told."),
    "not_held_back": mark("Batches are begun as soon as somebody is free: no rule is needed to explain them."),
    "no_rule": mark(
        "Neither the number gathered, nor the time waited, nor the weekday or hour explains when batches are begun."
    ),
}


@dataclass(frozen=True, slots=True)
class FiringRule:
    """What makes the batches of an activity fire.

    A batch is begun as soon as at least `minimum_size` instances are ready on one of `weekdays` within `hours`; or
    `full_size` are, at any time; or the first has waited for `maximum_wait_seconds`, however many there are.

    Parameters
    ----------
    activity
        Code.
    minimum_size
        Instances that have to be ready; 1 where their number does not matter; None where neither number nor window
        makes a batch fire, so that the wait alone does.
    full_size
        Instances at which it fires outside of the window as well; None where there is no such number.
    maximum_size
        Instances taken at once at most; None where no limit shows.
    maximum_wait_seconds
        Since the first was ready; None where waiting alone makes nothing begin.
    weekdays
        On which it fires, ascending, Monday is 0; all seven where the weekday does not matter.
    hours
        Local hours of the day: from which to before which (no greater than the first where they go over midnight);
        None where the hour does not matter.
    confidence, confidence_lower, confidence_upper
        Of the firings that were due, the share that was begun there and then; exact 95 % interval. The interval does
        not know that the rule was chosen among many.
    support
        Of all firings, the share so explained, 0–1.
    firings
        Batches, and instances done alone, of those who have the practice.
    batched_share
        Of all that was worked on of the activity, the share in these firings, 0–1; the rest is done by others.
    """

    activity: int
    minimum_size: int | None
    full_size: int | None
    maximum_size: int | None
    maximum_wait_seconds: float | None
    weekdays: tuple[int, ...]
    hours: tuple[int, int] | None
    confidence: float
    confidence_lower: float
    confidence_upper: float
    support: float
    firings: int
    batched_share: float


@dataclass(frozen=True, slots=True)
class UntoldFiring:
    """An activity with batches of which cannot be told what makes them fire.

    Parameters
    ----------
    activity
        Code.
    firings
        Batches, and instances done alone.
    reason
        Key of `FIRING_REASONS`.
    """

    activity: int
    firings: int
    reason: str


@dataclass(frozen=True, slots=True)
class FiringRules:
    """What makes the batches of a log fire.

    Parameters
    ----------
    rules
        By activity; at most one each.
    untold
        Activities with batches but no rule.
    reasons
        What keeps rules from being known at all: keys of `FIRING_REASONS`.
    """

    rules: tuple[FiringRule, ...]
    untold: tuple[UntoldFiring, ...]
    reasons: tuple[str, ...]

    def of(self, activity: int) -> FiringRule | None:
        """Return the rule of an activity, None if there is none."""
        return next((rule for rule in self.rules if rule.activity == activity), None)


def discover_firing_rules(
    held: Instances,
    enabled_us: Integers,
    batches: Batches,
    *,
    clocks: ResourceClocks,
    zone: str = "UTC",
    rules: BatchRules | None = None,
) -> FiringRules:
    """Discover what makes batches fire, one rule per activity.

    Assumes that whoever batches an activity does so by one rule throughout the log, and that all that is ready is seen.

    Parameters
    ----------
    enabled_us
        (n,) int64: since when each instance could have been worked on; `UNKNOWN` where that is not known.
    batches
        As `find_batches` found them in these instances.
    clocks
        What each resource does at once, and when it is on duty.
    zone
        IANA name of the zone on whose clock people work.
    rules
        By which the batches were found; None for the default.

    References
    ----------
    Lashkevich, Milani, Chapela-Campa and Dumas (2022), "Data-driven analysis of batch processing inefficiencies in
    business processes", for conditions on size, time, weekday and hour.
    """
    reasons = _reasons(held, batches)
    if reasons:
        return FiringRules((), (), reasons)
    collected, others = collect_firings(
        held, enabled_us, batches, clocks=clocks, zone=zone, rules=rules or BatchRules()
    )
    if len(others) < LEAST_OTHERS:
        others = local_clock(enabled_us[enabled_us != UNKNOWN], zone=zone)
    profile = week_profile(others)
    found = [_told(firings, Judge(firings, profile)) for firings in collected]
    return FiringRules(
        tuple(one for one in found if isinstance(one, FiringRule)),
        tuple(one for one in found if isinstance(one, UntoldFiring)),
        (),
    )


def _reasons(held: Instances, batches: Batches) -> tuple[str, ...]:
    if not (held.resource >= 0).any():
        return ("no_resources",)
    if not (held.started_us != UNKNOWN).any():
        return ("no_start_times",)
    return () if len(batches.size) else ("no_batches",)


def _told(firings: Firings, judge: Judge) -> FiringRule | UntoldFiring:
    if len(firings) < LEAST_FIRINGS:
        return UntoldFiring(firings.activity, firings.counted, "too_few_firings")
    trigger, verdict = find_trigger(judge)
    if verdict.confidence < MINIMUM_CONFIDENCE or verdict.support < MINIMUM_SUPPORT:
        return UntoldFiring(firings.activity, firings.counted, "no_rule")
    if not trigger.conditions:
        return UntoldFiring(firings.activity, firings.counted, "not_held_back")
    return _rule(firings, trigger, verdict)


def _rule(firings: Firings, trigger: Trigger, verdict: Verdict) -> FiringRule:
    from potok.inference.proportions import clopper_pearson

    window = trigger.window or Window()
    bound = clopper_pearson(int(verdict.is_followed.sum()), int(verdict.is_due.sum()))
    return FiringRule(
        activity=firings.activity,
        minimum_size=trigger.minimum_size if trigger.window is None else trigger.minimum_size or 1,
        full_size=trigger.full_size,
        maximum_size=_limit(firings.size),
        maximum_wait_seconds=None if trigger.wait_us is None else trigger.wait_us / SECOND_US,
        weekdays=window.weekdays if trigger.window else ALL_WEEKDAYS,
        hours=window.hours,
        confidence=verdict.confidence,
        confidence_lower=bound.lower,
        confidence_upper=bound.upper,
        support=verdict.support,
        firings=firings.counted,
        batched_share=firings.instances / firings.worked,
    )


def _limit(size: Integers) -> int | None:
    """Return how many are taken at once at most, if sizes show a limit."""
    usual = int(np.argmax(np.bincount(size)))
    is_limit = (size == usual).mean() >= LIMIT_SHARE and (size > usual).mean() <= MOST_ABOVE_LIMIT
    return usual if is_limit and usual > 1 else None
