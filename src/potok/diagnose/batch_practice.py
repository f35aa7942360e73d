"""Which activities are done in batches: how many, how large, for what share of the work, and what makes them begin."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from potok.core.calendars import CalendarSet
from potok.core.time_units import SECOND_US
from potok.diagnose.caused_gaps import settle_waits
from potok.discover.batches import Batches, FiringRule, FiringRules, discover_firing_rules, find_batches
from potok.discover.enabled_times import choose_basis, count_instances, find_enabled_times, learn_order
from potok.discover.instance_arrays import Instances, fetch_case_bounds, fetch_instances, join_instances
from potok.discover.resource_calendars.work import UNKNOWN
from potok.discover.resource_clocks import clocks_of
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.local_time import zone_of
from potok.measure.running import activity_labels


@dataclass(frozen=True, slots=True)
class ActivityBatches:
    """The batches of one activity.

    Parameters
    ----------
    activity
        Label.
    instances
        All of them, in batches or not.
    batches, batched_instances
        Batches, and their members.
    median_size, largest_size
        Members of a batch.
    median_gathering_seconds
        From the first to the last enablement of a batch.
    rule
        What makes its batches begin; None where that cannot be told.
    reason
        Key of `potok.discover.batches.FIRING_REASONS` that says why not; empty with a rule.
    """

    activity: str
    instances: int
    batches: int
    batched_instances: int
    median_size: float
    largest_size: int
    median_gathering_seconds: float
    rule: FiringRule | None
    reason: str = ""

    @property
    def batched_share(self) -> float:
        """Members of batches over all instances of the activity, 0–1."""
        return self.batched_instances / self.instances


@dataclass(frozen=True, slots=True)
class BatchPractice:
    """The batches of a log.

    Parameters
    ----------
    activities
        Those with batches, most members first.
    reasons
        Keys of `potok.discover.batches.FIRING_REASONS`: why there are none, or none can be told.
    """

    activities: tuple[ActivityBatches, ...]
    reasons: tuple[str, ...]


def compute_batch_practice(
    store: LogStore, *, duty: CalendarSet | None = None, engine: Engine | None = None
) -> BatchPractice:
    """Find the batches of each activity, as the causes of waiting rest on them.

    Parameters
    ----------
    duty
        When people are on duty; None lets it be discovered.

    Raises
    ------
    YearNotCoveredError
        If the log reaches into a year that a calendar does not know.
    """
    settings = settle_waits(store, duty=duty, engine=engine)
    held = join_instances(list(fetch_instances(store, engine=engine)))
    basis = choose_basis(settings.enablement, is_given=bool((held.enabled_us != UNKNOWN).any()))
    order = learn_order([count_instances(held)], held) if basis == "concurrent" else None
    enabled = find_enabled_times(held, fetch_case_bounds(store, engine=engine), basis=basis, order=order).enabled_us
    resources = int(held.resource.max(initial=-1)) + 1
    clocks = clocks_of(resources, calendars=settings.calendars, limit=settings.limit, own_only=True)
    batches = find_batches(held, enabled, clocks=clocks)
    rules = discover_firing_rules(held, enabled, batches, clocks=clocks, zone=zone_of(store))
    found = sorted(_activities(held, batches, rules, activity_labels(store, engine)), key=_rank)
    return BatchPractice(tuple(found), rules.reasons)


def _rank(one: ActivityBatches) -> tuple[int, str]:
    return -one.batched_instances, one.activity


def _activities(
    held: Instances, batches: Batches, rules: FiringRules, labels: dict[int, str]
) -> Iterator[ActivityBatches]:
    instances = np.bincount(held.activity)
    untold = {one.activity: one.reason for one in rules.untold}
    for code in np.unique(batches.activity).tolist():
        here = batches.activity == code
        size = batches.size[here]
        yield ActivityBatches(
            activity=labels[code],
            instances=int(instances[code]),
            batches=len(size),
            batched_instances=int(size.sum()),
            median_size=float(np.median(size)),
            largest_size=int(size.max()),
            median_gathering_seconds=float(np.median(batches.gathering_us[here])) / SECOND_US,
            rule=rules.of(code),
            reason=untold.get(code, ""),
        )
