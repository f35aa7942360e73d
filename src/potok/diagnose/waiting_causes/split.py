"""Splitting the waits of activity instances by cause.

Each microsecond of ``[enabled, started)`` goes to the first of these that is true:

1. *batching* – until the last member of the instance's batch is enabled;
2. *contention* – the performing resource is busy with work enabled no later;
3. *prioritisation* – busy with work enabled later;
4. *unavailability* – the resource is off its calendar;
5. *residual* – none of these.

It is *unattributed* where the resource is unknown, and, in place of the residual, where its calendar is. A resource is
busy where as many instances are under way as it works on at once; busy with work enabled no later, where as many such
instances are. An instance whose enablement is unknown counts as enabled when it was begun. Instances without start or
completion, or ending before they begin, make nobody busy.
"""

from dataclasses import dataclass

import numpy as np

from potok.diagnose.waiting_causes.pieces import Pieces
from potok.diagnose.waiting_causes.sweep import add_up, sweep_resources
from potok.discover.batches import Batches
from potok.discover.instance_arrays import CaseBounds, Instances
from potok.discover.resource_calendars.work import UNKNOWN, Integers
from potok.discover.resource_clocks import ResourceClocks, order_by_code


@dataclass(frozen=True, slots=True)
class Spans:
    """What is split of each instance.

    Parameters
    ----------
    waits
        Beginning and end of the wait, (n,) int64 each; `UNKNOWN` where it is.
    gaps
        Beginning and end of the gap before the instance in the applicants' ledger (`potok.measure.ledger`), (n,) int64
        each; `UNKNOWN` where there is none or it is unknown.
    """

    waits: tuple[Integers, Integers]
    gaps: tuple[Integers, Integers]


@dataclass(frozen=True, slots=True)
class SplitWaits:
    """Waits split by cause: microseconds, (n, 6) int64 each, in the order of `CAUSES`.

    Parameters
    ----------
    whole
        Of each instance's wait; adds up to it, and to 0 where there is none or it is unknown.
    shared
        Its share of the case's time: where waits of a case overlap, they divide it equally.
    in_gap
        Of the part of its wait that lies in its gap.
    """

    whole: Integers
    shared: Integers
    in_gap: Integers


def spans_of(held: Instances, enabled_us: Integers, bounds: CaseBounds) -> Spans:
    """Return the waits and the gaps of the instances of whole cases."""
    is_waiting = (enabled_us != UNKNOWN) & (held.started_us != UNKNOWN)
    waits = (np.where(is_waiting, enabled_us, UNKNOWN), np.where(is_waiting, held.started_us, UNKNOWN))
    return Spans(waits, gaps_of(held, bounds))


def gaps_of(held: Instances, bounds: CaseBounds) -> tuple[Integers, Integers]:
    """Return the gap before each instance, as `potok.measure.ledger.gaps` cuts it; `UNKNOWN` where there is none."""
    opened, end = bounds.of(held.case)
    before = np.full(len(held), UNKNOWN)
    before[1:] = held.completed_us[:-1]
    begins = np.maximum(before, opened)
    started, completed = held.started_us, held.completed_us
    arrives = np.where((started == UNKNOWN) | ((completed != UNKNOWN) & (completed < started)), completed, started)
    ends = np.minimum(arrives, end)
    is_gap = ~held.is_first & (before != UNKNOWN) & (arrives != UNKNOWN)
    return np.where(is_gap, begins, UNKNOWN), np.where(is_gap, np.maximum(begins, ends), UNKNOWN)


def split_waits(
    held: Instances, enabled_us: Integers, pieces: Pieces, *, batches: Batches | None, clocks: ResourceClocks
) -> SplitWaits:
    """Split waits by cause; all instances of a resource have to be there.

    Parameters
    ----------
    enabled_us
        (n,) int64; `UNKNOWN` where it is.
    pieces
        Of their waits, as `potok.diagnose.waiting_causes.pieces.cut_waits` cuts those of whole cases.
    batches
        Of the instances; None if none are looked for.
    clocks
        What each resource does at once, and when it is on duty.
    """
    resource = held.resource[pieces.row]
    ready = np.full(len(pieces), UNKNOWN) if batches is None else batches.ready_us[pieces.row]
    keys = np.where(enabled_us == UNKNOWN, held.started_us, enabled_us)
    asked = keys[pieces.row]
    owed = sweep_resources(
        (np.maximum(pieces.from_us, ready), pieces.to_us, asked),
        order_by_code(resource, _by_key(np.flatnonzero(resource >= 0), asked), clocks.resources),
        order_by_code(held.resource, _by_key(np.flatnonzero(held.is_worked), keys), clocks.resources),
        (keys, held.started_us, held.completed_us),
        (clocks.limit, clocks.calendar, clocks.duty),
    )
    sums = add_up(
        (pieces.row, pieces.from_us, pieces.to_us),
        (pieces.sharers, pieces.rank, pieces.is_in_gap),
        ready,
        owed,
        (resource >= 0, clocks.is_known(resource)),
        len(held),
    )
    return SplitWaits(*sums)


def _by_key(rows: Integers, keys: Integers) -> Integers:
    return rows[np.argsort(keys[rows])]
