"""Since when each instance could have been worked on, where activities may run side by side.

Three answers, from the best:

- ``given``: the log says so;
- ``concurrent``: the latest completion, among the earlier instances of the case, of an activity that is not concurrent
  to the instance's own (`potok.discover.concurrency`), and no later than its start; later by the fixed delay of the
  passage, if it has one (`potok.discover.fixed_delays`). Where there is no such completion, the opening of the case,
  but no later than the start;
- ``previous``: the completion of the instance before it, as `potok.measure.enablement` takes it.

An instance that starts before it was enabled was evidently enabled by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

import numpy as np

from potok.core.language import mark
from potok.discover.concurrency import (
    Concurrency,
    SuccessionCounts,
    count_successions,
    discover_concurrency,
    join_counts,
)
from potok.discover.concurrency_counts import enabling_rows
from potok.discover.fixed_delays import FixedDelay, add_fixed_delays, learn_fixed_delays
from potok.discover.instance_arrays import CaseBounds, Instances, fetch_instances
from potok.discover.resource_calendars.work import UNKNOWN, Flags, Integers
from potok.engine.base import Engine
from potok.log.store import LogStore

EnablementBasis = Literal["given", "previous", "concurrent"]
BASES: Final[tuple[EnablementBasis, ...]] = ("given", "previous", "concurrent")
NO_ROW: Final = -1

REASONS: Final = {
    "enablement_is_found": mark(
        "The log does not say when work could begin: that was found from which activities run side by side in it."
    ),
    "fixed_delays_are_found": mark(
        "Some passages never take less than one exact time; until it is over nobody is taken to have waited for anyone."
    ),
    "concurrency_without_starts": mark(
        "Without start times, activities that run side by side are told only by the order in which they end."
    ),
}


@dataclass(frozen=True, slots=True)
class EnabledTimes:
    """When instances were enabled.

    Parameters
    ----------
    basis
        Where the instants come from.
    enabled_us
        (n,) int64: microseconds UTC, never after the start; `UNKNOWN` where nothing says.
    enabler
        (n,) int64: row of the instance whose completion enabled each; `NO_ROW` if there is none. With ``given`` it is
        the last instance of the case completed by then, if any.
    """

    basis: EnablementBasis
    enabled_us: Integers
    enabler: Integers


def choose_basis(basis: EnablementBasis | None, *, is_given: bool) -> EnablementBasis:
    """Return the basis asked for; if none is, the given one where the log has any, else ``concurrent``.

    Raises
    ------
    ValueError
        If it is not one of `BASES`.
    """
    if basis is None:
        return "given" if is_given else "concurrent"
    if basis not in BASES:
        raise ValueError(f"enablement must be one of {', '.join(BASES)}, not {basis!r}")
    return basis


@dataclass(frozen=True, slots=True)
class Order:
    """What a log shows of the order of activities.

    Parameters
    ----------
    concurrency
        Which of them run side by side.
    delays
        Fixed delays between them.
    """

    concurrency: Concurrency
    delays: tuple[FixedDelay, ...] = ()


def count_instances(held: Instances) -> SuccessionCounts:
    """Count successions, overlaps and short loops in a part of a log."""
    return count_successions(held.case, held.activity, held.started_us, held.completed_us)


def learn_order(counts: Sequence[SuccessionCounts], some: Instances) -> Order:
    """Learn the order of activities in a log.

    Parameters
    ----------
    counts
        Of all its parts.
    some
        Whole cases from which fixed delays are learnt: the log, or as much of it as is at hand.
    """
    concurrency = discover_concurrency(join_counts(list(counts)))
    enabler = _enablers(some, concurrency)
    return Order(concurrency, learn_fixed_delays(some, enabler))


def compute_order(store: LogStore, *, engine: Engine | None = None) -> Order:
    """Compute what a log shows of the order of activities."""
    counts, first = [], None
    for part in fetch_instances(store, engine=engine):
        counts.append(count_instances(part))
        first = first or part
    return learn_order(counts, cast(Instances, first))


def find_enabled_times(
    held: Instances, bounds: CaseBounds, *, basis: EnablementBasis, order: Order | None = None
) -> EnabledTimes:
    """Find when the instances of whole cases were enabled.

    Parameters
    ----------
    bounds
        Of the cases.
    order
        Needed for ``concurrent``.

    Raises
    ------
    ValueError
        If `basis` is ``concurrent`` and there is no `order`.
    """
    if basis == "given":
        return EnabledTimes(basis, not_after_start(held.enabled_us, held), _given_enablers(held))
    if basis == "previous":
        enabler = np.where(held.is_first, NO_ROW, np.arange(len(held)) - 1)
        return EnabledTimes(basis, not_after_start(_completions(held, enabler), held), enabler)
    if order is None:
        raise ValueError("enablement by concurrency needs the order of activities")
    enabler = _enablers(held, order.concurrency)
    opened, _end = bounds.of(held.case)
    enabled = add_fixed_delays(_completions(held, enabler), held, enabler, order.delays)
    return EnabledTimes(basis, not_after_start(np.where(enabler == NO_ROW, opened, enabled), held), enabler)


def _enablers(held: Instances, concurrency: Concurrency) -> Integers:
    partners, offsets = _partners(concurrency, held)
    return enabling_rows(held.case, held.activity, held.started_us, held.completed_us, partners, offsets)


def not_after_start(enabled: Integers, held: Instances) -> Integers:
    """Return enablements, those after the start (the completion, where the start is unknown) moved to it."""
    reached = np.where(held.started_us != UNKNOWN, held.started_us, held.completed_us)
    is_late: Flags = (reached != UNKNOWN) & (enabled > reached)
    return np.where(is_late, reached, enabled)


def _completions(held: Instances, rows: Integers) -> Integers:
    if not len(held):
        return held.completed_us
    return np.where(rows == NO_ROW, UNKNOWN, held.completed_us[np.maximum(rows, 0)])


def _given_enablers(held: Instances) -> Integers:
    """Return the latest earlier instance of the case that was completed when each was enabled."""
    none = np.zeros(0, np.int64)
    # No two activities are concurrent, and what reaches an instance is its enablement.
    activities = int(held.activity.max(initial=-1)) + 1
    reached = held.enabled_us
    return enabling_rows(held.case, held.activity, reached, held.completed_us, none, np.zeros(activities + 1, np.int64))


def _partners(concurrency: Concurrency, held: Instances) -> tuple[Integers, Integers]:
    partners, offsets = concurrency.partners()
    missing = int(held.activity.max(initial=-1)) + 2 - len(offsets)
    return partners, np.concatenate([offsets, np.full(max(missing, 0), offsets[-1])])
