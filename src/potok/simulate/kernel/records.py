"""The state of a run: records of instances and people, and the numbers that a slice hands on to the next."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from potok.simulate.kernel.quantile_tables import QuantileTables
from potok.simulate.kernel.random_numbers import Keys

Records = npt.NDArray[Any]
Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
NONE: Final = -1

INSTANCE: Final = np.dtype(
    [
        ("enabled", np.int64),
        ("ready", np.int64),
        ("started", np.int64),
        ("completed", np.int64),
        ("worked", np.int64),
        ("key", np.int64),
        ("turn", np.int64),
        ("batch", np.int64),
        ("case", np.int64),
        ("activity", np.int64),
        ("occurrence", np.int64),
        ("person", np.int64),
        ("awaits", np.int64),
        ("left", np.int64),
        ("right", np.int64),
        ("member", np.int64),
        ("is_last", np.int64),
    ],
    align=True,
)
"""An instance. `key`, `ready` and `turn` say where it stands in its queue, a heap linked by `left` and `right`;
`member` links the members of a batch; `is_last` tells that its completion sets the person free."""

PERSON: Final = np.dtype(
    [
        ("span", np.int64),
        ("last_span", np.int64),
        ("free", np.int64),
        ("before", np.int64),
        ("behind", np.int64),
        ("freed", np.int64),
        ("is_listed", np.int64),
    ],
    align=True,
)
"""A person. `span` is the first span of hours that is not over; people with a free place who are, or were
lately, on duty are linked by `before` and `behind` in the order of `freed`, the longest free first."""

COLLECTION: Final = np.dtype(
    [
        ("first", np.int64),
        ("last", np.int64),
        ("size", np.int64),
        ("generation", np.int64),
        ("fire", np.int64),
    ]
)
"""Instances being collected for an activity: linked by `member`; `generation` numbers the collections, `fire` is the
next of the times at which the clock makes a batch ready."""


class Work(NamedTuple):
    """What a run needs of a model; a activities, p people, q queues, g groups of people with the same hours.

    A queue is shared by activities that the same people do and that have the same discipline.

    Parameters
    ----------
    queue, batching, delay
        (a,) int64: queue, batching rule and distribution of the extraneous delay, or `NONE`.
    delayed_share
        (a,) float64.
    pauses
        (a,) bool.
    duration
        (a, p + 1) int64: distribution; the last column is that of nobody.
    can, first_queue, queues
        (q, p) bool, and the same by person: ``queues[first_queue[i]:first_queue[i + 1]]``.
    discipline
        (q,) int64: 0 first come first served, 1 by priority, 2 by due time.
    priority
        (t,) int64: of case types.
    rules
        (b, 5) int64: activity, least size, greatest size, longest wait in µs, whether members are done together.
    first_factor, factor_sizes, factors
        Size factors of rule b: ``first_factor[b]:first_factor[b + 1]``.
    first_fire, fires_us
        Instants at which the clock fires rule b: ``first_fire[b]:first_fire[b + 1]``.
    places
        (p,) int64: how many instances at once.
    first_member, members
        People of each group.
    """

    queue: Integers
    batching: Integers
    delay: Integers
    delayed_share: Reals
    pauses: Flags
    duration: Integers
    can: Flags
    first_queue: Integers
    queues: Integers
    discipline: Integers
    priority: Integers
    rules: Integers
    first_factor: Integers
    factor_sizes: Integers
    factors: Reals
    first_fire: Integers
    fires_us: Integers
    places: Integers
    first_member: Integers
    members: Integers
    distributions: QuantileTables


class Cases(NamedTuple):
    """What a replication has drawn before it runs; m cases, a activities.

    Parameters
    ----------
    number
        (m,) int64: what a case's random numbers belong to.
    order
        (m,) int64: cases in the order in which they begin.
    begin_us
        (m,) int64: when they arrive or, if they were open before, go on.
    priority, due_us
        (m,) int64.
    names
        (a,) uint64: keys of the activities' names.
    keys
        (s,) uint64: keys of the streams of random numbers.
    """

    number: Integers
    order: Integers
    begin_us: Integers
    priority: Integers
    due_us: Integers
    names: Keys
    keys: Keys


class State(NamedTuple):
    """Where a run is.

    Parameters
    ----------
    instances, people, collections
        Records.
    roots
        (q,) int64: first of each queue.
    times, orders, payloads
        Heap of events.
    counters
        (COUNTERS,) int64: single numbers, by the names below.
    """

    instances: Records
    people: Records
    collections: Records
    roots: Integers
    times: Integers
    orders: Integers
    payloads: Integers
    counters: Integers


EVENTS: Final = 0
TURN: Final = 1
ARRIVED: Final = 2
LIVE: Final = 3
HEAD: Final = 4
TAIL: Final = 5
BATCHES: Final = 6
CLOCK: Final = 7
IN_QUEUES: Final = 8
FREED: Final = 9
COUNTERS: Final = 10
