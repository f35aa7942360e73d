"""Since when an instance could have been worked on, and the times that follow from it.

An instance is *enabled* when nothing but someone to do it is lacking. A log may say so itself (``given``); else the
completion of the instance before it in the case stands for it (``previous``), which is wrong where activities run side
by side, and says nothing of the first instance of a case. An instance that starts, or without a start is completed,
before that moment was evidently enabled by then: its waiting is zero.

- *waiting* runs from enablement to start;
- *processing* from start to completion;
- *sojourn* is their sum, and is known without a start as well: then it holds both, and nobody can tell them apart.

A start after its completion makes processing and sojourn unknown.
"""

from dataclasses import dataclass
from typing import Final, Literal

import ibis

from potok.core.language import mark
from potok.engine.base import Engine
from potok.engine.tables import EVENTS
from potok.log.store import LogStore
from potok.measure.passages import DISORDERED, MISSING_STARTS, finds_none, not_negative
from potok.measure.running import built_once, run
from potok.measure.working_time import open_until

Enablement = Literal["given", "previous"]
Quantity = Literal["waiting", "processing", "sojourn"]

ENABLEMENTS: Final[tuple[Enablement, ...]] = ("given", "previous")
QUANTITIES: Final[tuple[Quantity, ...]] = ("waiting", "processing", "sojourn")
FIRST: Final = -1
_FIRST_LOOK: Final = 1_000

REASONS: Final = {
    "no_start_times": mark(
        "The log has no start times: waiting and processing cannot be told apart, only their sum is known."
    ),
    "some_start_times_missing": mark("Some instances have no start time."),
    "starts_equal_completions": mark(
        "Every start equals its completion: processing is zero in the log, whatever it was in life."
    ),
    "no_completion_times": mark("The log has no completion times."),
    "some_completion_times_missing": mark("Some instances have no completion time, or one before their start."),
    "enablement_is_assumed": mark(
        "The log does not say when an instance could begin; the completion of the instance before it stands for that."
    ),
    "some_enablements_missing": mark("Some instances do not say when they could begin."),
}


@dataclass(frozen=True, slots=True)
class TimeKnowledge:
    """How many instances know which of their instants.

    Parameters
    ----------
    instances
        All.
    enabled, started, completed
        Those that have the instant.
    disordered
        Those with a start after their completion.
    is_worked
        Whether any instance has a start and a later completion.
    """

    instances: int
    enabled: int
    started: int
    completed: int
    disordered: int
    is_worked: bool

    @property
    def has_start_times(self) -> bool:
        """Whether any instance has a start."""
        return self.started > 0

    @property
    def is_well_started(self) -> bool:
        """Whether every instance has a start, and none a completion before it."""
        return self.started == self.instances and not self.disordered

    def choose(self, enablement: Enablement | None) -> Enablement:
        """Return the enablement asked for; if none is, the given one where the log has any.

        Raises
        ------
        ValueError
            If it is not one of `ENABLEMENTS`.
        """
        if enablement is None:
            return "given" if self.enabled else "previous"
        if enablement not in ENABLEMENTS:
            raise ValueError(f"enablement must be one of {', '.join(ENABLEMENTS)}, not {enablement!r}")
        return enablement

    def reasons(self, enablement: Enablement) -> tuple[str, ...]:
        """Return what keeps times from being known: keys of `REASONS`."""
        found = {
            "no_start_times": self.instances and not self.started,
            "some_start_times_missing": 0 < self.started < self.instances,
            "starts_equal_completions": self.started and self.completed and not (self.is_worked or self.disordered),
            "no_completion_times": self.instances and not self.completed,
            "some_completion_times_missing": self.completed > 0 and self.completed - self.disordered < self.instances,
            "enablement_is_assumed": self.instances and enablement == "previous",
            "some_enablements_missing": enablement == "given" and self.enabled < self.instances,
        }
        return tuple(reason for reason, holds in found.items() if holds)


@built_once
def time_knowledge(events: ibis.Table) -> ibis.Table:
    """Return one row: `instances`, `enabled`, `completed`, and of some instances `worked`, as `worked_instances`."""
    known = events.aggregate(
        instances=events.count().cast("int64"),
        enabled=events.enabled_us.count().cast("int64"),
        completed=events.completed_us.count().cast("int64"),
    )
    some = events.select("started_us", "completed_us").limit(_FIRST_LOOK)
    return known.cross_join(worked_instances(some))


@built_once
def start_knowledge(events: ibis.Table) -> ibis.Table:
    """Return one row: `started`, `disordered`."""
    return events.aggregate(
        started=events.started_us.count().cast("int64"),
        disordered=(events.started_us > events.completed_us).sum().fill_null(0).cast("int64"),
    )


@built_once
def worked_instances(events: ibis.Table) -> ibis.Table:
    """Return one row: `worked`, how many instances have a start and a later completion."""
    return events.aggregate(worked=(events.started_us < events.completed_us).sum().fill_null(0).cast("int64"))


def compute_time_knowledge(store: LogStore, *, engine: Engine | None = None) -> TimeKnowledge:
    """Compute how many instances know which of their instants."""
    ((instances, enabled, completed, worked),) = run(time_knowledge(EVENTS), store, engine)
    if finds_none(store, MISSING_STARTS) and finds_none(store, DISORDERED):
        started, disordered = instances, 0
    else:
        ((started, disordered),) = run(start_knowledge(EVENTS), store, engine)
    if started and completed and not worked:  # where there is any, there mostly is one among some
        ((worked,),) = run(worked_instances(EVENTS), store, engine)
    return TimeKnowledge(instances, enabled, started, completed, disordered, is_worked=worked > 0)


def enabled_instances(events: ibis.Table, *, enablement: Enablement) -> ibis.Table:
    """Return one row per instance, with the instant at which it was enabled.

    Returns
    -------
    ibis.Table
        `case`, `position` (of the instance before it; `FIRST` if there is none), `source_row` (of the instance whose
        completion enabled it; its own, if there is none or the log gives the enablement), `activity`, `resource`,
        `org_unit`, `enabled_us` (null if unknown), `started_us`, `completed_us`.
    """
    if enablement == "given":
        return events.select(
            "case",
            "source_row",
            "activity",
            "resource",
            "org_unit",
            "enabled_us",
            "started_us",
            "completed_us",
            position=(events.position - 1).cast("int32"),
        )
    # Rows carry what follows them, so the instance after each row is seen from it, and no join is needed.
    pairs = events.filter(events.next_activity.notnull())
    following = pairs.select(
        "case",
        "position",
        "source_row",
        activity=pairs.next_activity,
        resource=pairs.next_resource,
        org_unit=pairs.next_org_unit,
        enabled_us=pairs.completed_us,
        started_us=pairs.next_started_us,
        completed_us=pairs.next_completed_us,
    )
    first = events.filter(events.position == 0).select(
        "case",
        "source_row",
        "activity",
        "resource",
        "org_unit",
        "started_us",
        "completed_us",
        position=ibis.literal(FIRST).cast("int32"),
        enabled_us=ibis.null("int64"),
    )
    return following.union(first.select(*following.columns))


def instance_times(events: ibis.Table, *, enablement: Enablement, days: ibis.Table | None = None) -> ibis.Table:
    """Return one row per instance: the columns of `enabled_instances`, `waiting_us`, `processing_us`, `sojourn_us`.

    Microseconds, null where unknown. Where all three are known, the first two add up to the third.

    Parameters
    ----------
    days
        Days of a calendar (`potok.measure.working_time.calendar_days`): times are then working time, else calendar
        time.
    """
    held = enabled_instances(events, enablement=enablement)
    held = held.mutate(is_disordered=(held.started_us > held.completed_us).fill_null(False))
    if days is None:
        enabled, started, completed = held.enabled_us, held.started_us, held.completed_us
    else:
        held = open_until(held, ("enabled_us", "started_us", "completed_us"), days)
        enabled, started, completed = held.enabled_open, held.started_open, held.completed_open
    unknown = ibis.null("int64")
    since = ibis.coalesce(started, completed)
    return held.mutate(
        waiting_us=not_negative(started - enabled),
        processing_us=ibis.ifelse(held.is_disordered, unknown, completed - started),
        sojourn_us=ibis.ifelse(held.is_disordered, unknown, completed - ibis.ifelse(since < enabled, since, enabled)),
    )
