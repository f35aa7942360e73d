"""Priorities: rules by which work is taken out of turn.

A rule says that instances with a property (of their case, or their activity) go before those without. It is held
against *first come, first served* in the choices that people made (`potok.discover.priorities.choices`):

- *support*: instances with the property that began before one without it which had waited longer. Without such
  instances there is no rule, whatever the order;
- *confidence*: of the starts at which both kinds lay ready, the share that took one with the property;
- *by chance*: that share if one of what lay ready had been taken blindly.

A rule is found if its confidence is high, its failures are at most half of what chance would leave, and its support is
spread over several instances taken and several passed over: one file that lay under a cupboard while a hundred others
went by makes no rule. The rule that explains most goes first; then those choices are looked at in which it does not
tell one from the other, for the next.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.discover.pools import Pools
from potok.discover.priorities.choices import Choices, collect_choices
from potok.discover.priorities.features import (
    NO_ATTRIBUTES,
    CaseAttributes,
    Comparison,
    Condition,
    conditions_of,
)
from potok.discover.resource_calendars.work import UNKNOWN, Flags, Integers, ResourceWork

MINIMUM_CONFIDENCE: Final = 0.9
LEAST_SUPPORT: Final = 10
MOST_FAILURES: Final = 0.5
MOST_RULES: Final = 5
# Choices of so many instances tell a rule; of more, those from the middle of the log's time are taken.
MOST_INSTANCES: Final = 300_000
_EARLIEST: Final = int(np.iinfo(np.int64).min)
_LATEST: Final = int(np.iinfo(np.int64).max)

REASONS: Final = {
    "no_start_times": mark("The log has no start times: in which order work was taken cannot be told."),
    "no_resources": mark("The log does not say who did what: who chose among what cannot be told."),
    "nothing_waited": mark("Hardly ever did anyone begin one thing while another lay ready: no order can be told."),
}


@dataclass(frozen=True, slots=True)
class PriorityRule:
    """A rule by which some work goes before other work.

    Parameters
    ----------
    level
        1 is asked first; the next only where those before do not tell.
    condition
        Instances that meet it go before those that do not.
    support
        Instances that meet it and began before one of the same pool that does not and had waited longer.
    passed_over_instances
        Instances that do not and were so passed over.
    choices
        Starts at which both kinds lay ready.
    confidence
        Share of `choices` that took one which meets the condition, 0–1.
    by_chance_share, fifo_share
        That share if taken blindly; and if always the one that had waited longest were taken.
    """

    level: int
    condition: Condition
    support: int
    passed_over_instances: int
    choices: int
    confidence: float
    by_chance_share: float
    fifo_share: float


@dataclass(frozen=True, slots=True)
class Priorities:
    """In which order work is taken.

    Parameters
    ----------
    rules
        By level; none on a log whose work is taken first come, first served, or in no order.
    starts
        Starts at which anything else lay ready.
    fifo_share
        Share of these that took what had waited longest, 0–1; None without any.
    reasons
        Keys of `REASONS`.
    """

    rules: tuple[PriorityRule, ...]
    starts: int
    fifo_share: float | None
    reasons: tuple[str, ...]


def discover_priorities(
    work: ResourceWork,
    pools: Pools,
    *,
    attributes: CaseAttributes = NO_ATTRIBUTES,
    enabled_us: Integers | None = None,
    delayed_activities: Sequence[int] = (),
) -> Priorities:
    """Discover by which rules work is taken out of turn.

    Parameters
    ----------
    attributes
        Of cases, to look for rules in.
    enabled_us
        (n,) int64: since when each instance waited, `UNKNOWN` where that is not known; what the log says if None.
    delayed_activities
        Codes of activities with an extraneous delay. Their work lies ready for a reason of its own, so that others go
        before it says nothing of priorities; no rule on activities is looked for in pairs with them.
    """
    reasons = _reasons(work)
    if reasons:
        return Priorities((), 0, None, reasons)
    enabled = work.enabled_us if enabled_us is None else enabled_us
    choices = collect_choices(work, pools, enabled_us=np.where(_is_taken(work, enabled), enabled, UNKNOWN))
    if choices.starts < LEAST_SUPPORT:
        share = choices.fifo_starts / choices.starts if choices.starts else None
        return Priorities((), choices.starts, share, ("nothing_waited",))
    search = _Search(work, choices, enabled, np.isin(work.activity, list(delayed_activities)))
    rules = tuple(search.rules(tuple(_candidates(work, attributes))))
    return Priorities(rules, choices.starts, choices.fifo_starts / choices.starts, ())


def _is_taken(work: ResourceWork, enabled: Integers) -> Flags:
    """Return which instances are looked at: those enabled in a stretch of time with at most `MOST_INSTANCES`."""
    known = np.sort(enabled[enabled != UNKNOWN])
    if len(known) <= MOST_INSTANCES:
        return np.ones(len(work), dtype=bool)
    first = (len(known) - MOST_INSTANCES) // 2
    return np.asarray((enabled >= known[first]) & (enabled < known[first + MOST_INSTANCES]))


def _reasons(work: ResourceWork) -> tuple[str, ...]:
    if not (work.resource >= 0).any():
        return ("no_resources",)
    return () if (work.started_us != UNKNOWN).any() else ("no_start_times",)


_Candidate = tuple[Condition, Flags]


def _candidates(work: ResourceWork, attributes: CaseAttributes) -> Iterator[_Candidate]:
    for code in np.unique(work.activity).tolist():
        yield Condition("activity", Comparison.EQUAL, code), np.asarray(work.activity == code)
    if len(attributes.case):
        for name, values in attributes.of(work.case).items():
            yield from conditions_of(name, values)


class _Search:
    """The search for rules among the choices of a log."""

    def __init__(self, work: ResourceWork, choices: Choices, enabled: Integers, is_delayed: Flags) -> None:
        self.enabled, self.started, self.is_delayed = enabled, work.started_us, is_delayed
        self.taken, self.left = choices.taken, choices.left
        self.group = choices.pool.copy()
        self.order = np.lexsort((self.started, self.group))

    def rules(self, candidates: Sequence[_Candidate]) -> Iterator[PriorityRule]:
        """Yield the rules by level."""
        for level in range(1, MOST_RULES + 1):
            found = [(rule, flags) for one, flags in candidates if (rule := self._rule(one, flags)) is not None]
            if not found:
                return
            best, flags = max(found, key=lambda pair: pair[0].support * pair[0].confidence)
            yield replace(best, level=level)
            # From here on only instances are compared that no rule so far tells apart.
            self.group = np.where(self.group < 0, -1, 2 * self.group + flags)
            self.order = np.lexsort((self.started, self.group))

    def _rule(self, condition: Condition, flags: Flags) -> PriorityRule | None:
        """Return what the choices say of a condition; None if it is no rule."""
        is_asked = self.group >= 0
        if condition.name == "activity":
            is_asked = is_asked & ~self.is_delayed
        taken, passed_over = self._out_of_turn(flags, is_asked)
        if min(taken, passed_over) < LEAST_SUPPORT:
            return None
        pairs = is_asked[self.taken] & is_asked[self.left] & (self.group[self.taken] == self.group[self.left])
        choices, met, by_chance, fifo = _weigh(self.taken[pairs], flags[self.taken[pairs]], flags[self.left[pairs]])
        failures = choices - met
        if met < MINIMUM_CONFIDENCE * choices or failures > MOST_FAILURES * (choices - by_chance) or not choices:
            return None
        return PriorityRule(
            level=0,
            condition=condition,
            support=taken,
            passed_over_instances=passed_over,
            choices=choices,
            confidence=met / choices,
            by_chance_share=by_chance / choices,
            fifo_share=fifo / choices,
        )

    def _out_of_turn(self, flags: Flags, is_asked: Flags) -> tuple[int, int]:
        """Return how many instances with a property went before longer waiting ones without it, and over how many.

        An instance was passed over if, of those with the property that began before it, any was enabled after it; one
        with the property went out of turn if, of those without that began after it, any was enabled before it.
        """
        order = self.order[is_asked[self.order]]
        taken = passed_over = 0
        for part in np.split(order, np.flatnonzero(np.diff(self.group[order])) + 1):
            has, enabled = flags[part], self.enabled[part]
            latest = np.maximum.accumulate(np.where(has, enabled, _EARLIEST))
            earliest = np.minimum.accumulate(np.where(has, _LATEST, enabled)[::-1])[::-1]
            passed_over += int((~has & (latest > enabled)).sum())
            taken += int((has & (earliest < enabled)).sum())
        return taken, passed_over


def _weigh(taken: Integers, has: Flags, left_has: Flags) -> tuple[int, int, float, int]:
    """Return the choices between both kinds: all, those that took one with, by chance, and first come first served."""
    first = np.flatnonzero(np.diff(taken, prepend=-1))
    if not len(first):
        return 0, 0, 0.0, 0
    sizes = np.diff(first, append=len(taken))
    took = has[first]
    others = np.add.reduceat(left_has.astype(np.int64), first)
    is_mixed = np.where(took, others < sizes, others > 0)
    by_chance = (others + took) / (sizes + 1)
    return (
        int(is_mixed.sum()),
        int((is_mixed & took).sum()),
        float(by_chance[is_mixed].sum()),
        int((is_mixed & left_has[first]).sum()),
    )
