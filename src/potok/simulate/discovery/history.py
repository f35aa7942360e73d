"""What a model is learnt from: a log as arrays, with all that does not change when cases are drawn anew.

Hours, pools and who can do what are facts of the people, not of a sample of cases: they are found once. What is learnt
from cases (arrivals, types, routing, durations, delays) is left to `learn_model`, which may be asked a hundred times.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from potok.core.calendars import Calendar
from potok.core.language import gettext as _
from potok.discover.enabled_times import (
    EnablementBasis,
    Order,
    choose_basis,
    count_instances,
    find_enabled_times,
    learn_order,
)
from potok.discover.instance_arrays import CaseBounds, Instances, fetch_case_bounds, fetch_instances, join_instances
from potok.discover.priorities import CaseAttributes, Priorities, discover_priorities, fetch_case_attributes
from potok.discover.resource_calendars.work import UNKNOWN, Flags, Integers, ResourceWork
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.local_time import zone_of
from potok.simulate.discovery.batch_rules import find_batching
from potok.simulate.discovery.clock_shifts import ClockShift, find_clock_shift
from potok.simulate.discovery.errors import NoInstantsError, TooFewCasesError, TooManyActivitiesError
from potok.simulate.discovery.people import People, find_people
from potok.simulate.discovery.sequences import normal_order
from potok.simulate.discovery.truncation import seen_shares
from potok.simulate.discovery.work_times import work_times
from potok.simulate.model import Batching

Reals = npt.NDArray[np.float64]

LEAST_CASES: Final = 20
MOST_ACTIVITIES: Final = 1_000
SILENT_SHARE: Final = 0.99


@dataclass(frozen=True, slots=True)
class History:
    """A log, ready to be learnt from.

    Parameters
    ----------
    name, zone
        Of the log.
    activities, resources
        Names, by code.
    instances
        By case and position.
    case
        (n,) int64: place of the case of each instance, from 0.
    enabled_us
        (n,) int64: since when each could be worked on; `UNKNOWN` where nothing says.
    enablement
        Where that comes from.
    lags_us, waits_us
        (n,) int64: from the completion of what each awaits (of the first: the opening of the case) to its enablement,
        and to its start (its completion, where starts are unknown); `UNKNOWN` where nothing says.
    order
        (n,) int64: rows in the order of the sequences that routing is learnt from.
    concurrency
        Which activities run side by side.
    opened_us, end_us
        (m,) int64: of cases; the end is closing, or extraction while a case is open.
    is_open
        (m,) bool: cases that go on. One that the log calls open, but of which nothing was heard for longer than all but
        one in a hundred gaps between instances, has ended.
    seen_share
        (m,) share of the cases opened then that the log shows, 0–1: less than 1 towards the end of a log of finished
        cases alone.
    attributes
        Of cases, in the order of the cases here.
    people
        Pools, persons, hours.
    worked_seconds
        (n,) work within each instance, net of what is off duty where work pauses; nan where unknown.
    pauses
        (a,) bool: whether work at an activity pauses when its person's hours end.
    batching
        By activity.
    priorities
        In which order work is taken.
    shift
        A move of the log's clock, None without.
    extracted_us
        Up to when the log reaches.
    """

    name: str
    zone: str
    activities: tuple[str, ...]
    resources: tuple[str, ...]
    instances: Instances
    case: Integers
    enabled_us: Integers
    enablement: EnablementBasis
    lags_us: Integers
    waits_us: Integers
    order: Integers
    concurrency: tuple[tuple[str, str], ...]
    opened_us: Integers
    end_us: Integers
    is_open: Flags
    seen_share: Reals
    attributes: CaseAttributes
    people: People
    worked_seconds: Reals
    pauses: Flags
    batching: Mapping[int, Batching]
    priorities: Priorities
    shift: ClockShift | None
    extracted_us: int

    @property
    def cases(self) -> int:
        """Number of cases."""
        return len(self.opened_us)

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        """By name."""
        return self.people.calendars


def fetch_history(
    store: LogStore,
    *,
    until_us: int | None = None,
    enablement: EnablementBasis | None = None,
    engine: Engine | None = None,
) -> History:
    """Fetch a log, and find what does not change when cases are drawn anew.

    Parameters
    ----------
    until_us
        As if the log had been extracted at that instant: what was completed later is not seen, and cases that went on
        are open. None for all that it has.
    enablement
        Where to take instants of enablement from; what the log knows best if None.

    Raises
    ------
    TooFewCasesError
        If there are fewer than `LEAST_CASES` cases with an instance.
    NoInstantsError
        If no instance has a time.
    TooManyActivitiesError
        If there are more than `MOST_ACTIVITIES`.
    """
    held = join_instances(list(fetch_instances(store, engine=engine)))
    bounds = fetch_case_bounds(store, engine=engine)
    extracted = store.extracted_us if until_us is None else until_us
    if until_us is not None:
        held = held.take(np.flatnonzero((held.completed_us != UNKNOWN) & (held.completed_us <= until_us)))
    activities, resources = (
        tuple(dictionary_labels(store, table, code))
        for table, code in (("activities", "activity"), ("resources", "resource"))
    )
    codes, place = np.unique(held.case, return_inverse=True)
    _check(held, activities, len(codes))
    case = place.reshape(-1).astype(np.int64)
    basis = choose_basis(enablement, is_given=bool((held.enabled_us != UNKNOWN).any()))
    order = learn_order([count_instances(held)], held)
    enabled = find_enabled_times(held, bounds, basis=basis, order=order).enabled_us
    opened, end, is_open = _cases(bounds, codes, (held, case, enabled), store, extracted)
    lags, waits = _waits(held, (order, bounds), enabled, opened[case])
    zone = zone_of(store)
    work = ResourceWork(held.case, held.activity, held.resource, enabled, held.started_us, held.completed_us, zone=zone)
    shift = find_clock_shift(_instants(work), zone=zone)
    people = find_people(work, resources=resources, activities=activities, shift=shift)
    worked, pauses = work_times(work, people, len(activities))
    attributes = fetch_case_attributes(store)
    return History(
        name=store.folder.stem,
        zone=zone,
        activities=activities,
        resources=resources,
        instances=held,
        case=case,
        enabled_us=enabled,
        enablement=basis,
        lags_us=lags,
        waits_us=waits,
        order=normal_order(held.case, held.activity, order.concurrency),
        concurrency=tuple((activities[pair.activity], activities[pair.other]) for pair in order.concurrency.pairs),
        opened_us=opened,
        end_us=end,
        is_open=is_open,
        seen_share=seen_shares(opened, end, is_open, extracted_us=extracted),
        attributes=_of_cases(attributes, codes),
        people=people,
        worked_seconds=worked,
        pauses=pauses,
        batching=find_batching(held, enabled, people, zone=zone),
        priorities=discover_priorities(work, people.pools, attributes=attributes, delayed_activities=people.delayed),
        shift=shift,
        extracted_us=extracted,
    )


def dictionary_labels(store: LogStore, table: str, code: str) -> list[str]:
    """Return the labels of a dictionary of a store, by code."""
    rows = pq.read_table(store.folder / f"{table}.parquet", columns=[code, "label"]).to_pydict()
    pairs = sorted(zip(rows[code], rows["label"], strict=True))
    return [str(label) for _code, label in pairs]


def _check(held: Instances, activities: tuple[str, ...], cases: int) -> None:
    if cases < LEAST_CASES:
        raise TooFewCasesError(
            _("The log has {cases} cases with an activity; a model needs {least}.").format(
                cases=cases, least=LEAST_CASES
            ),
            remedy=_("Use a log of a longer time, or write the model by hand."),
        )
    if not ((held.completed_us != UNKNOWN) | (held.started_us != UNKNOWN)).any():
        raise NoInstantsError(
            _("No activity of the log has a time."), remedy=_("Name the columns of times in the mapping.")
        )
    if len(activities) > MOST_ACTIVITIES:
        raise TooManyActivitiesError(
            _("The log has {activities} activities; a model takes at most {most}.").format(
                activities=len(activities), most=MOST_ACTIVITIES
            ),
            remedy=_("Import the log with a coarser column as the activity."),
        )


def _instants(work: ResourceWork) -> Integers:
    return np.concatenate([work.started_us[work.is_worked], work.completed_us[work.is_worked]])


def _cases(
    bounds: CaseBounds, codes: Integers, held: tuple[Instances, Integers, Integers], store: LogStore, extracted_us: int
) -> tuple[Integers, Integers, Flags]:
    """Return opening and end of the cases with instances, and which are open."""
    instances, case, enabled = held
    place = np.searchsorted(bounds.case, codes)
    opened, end = bounds.opened_us[place].copy(), bounds.end_us[place]
    latest = np.iinfo(np.int64).max
    first = np.full(len(codes), latest)
    for column in (enabled, instances.started_us, instances.completed_us):
        np.minimum.at(first, case, np.where(column == UNKNOWN, latest, column))
    opened = np.where(opened == UNKNOWN, first, opened)
    rows = pq.read_table(store.folder / "cases.parquet", columns=["case", "closed_at"])
    is_null = np.asarray(rows.column("closed_at").is_null().to_numpy(zero_copy_only=False))
    numbers = rows.column("case").to_numpy()
    by_case = np.argsort(numbers, kind="stable")
    is_open = is_null[by_case][np.searchsorted(numbers[by_case], codes)]
    end, goes_on = np.minimum(end, extracted_us), np.asarray(is_open | (end > extracted_us), dtype=bool)
    return opened, end, goes_on & ~_is_silent(instances, case, extracted_us)


def _is_silent(instances: Instances, case: Integers, extracted_us: int) -> Flags:
    """Return of which cases nothing was heard for longer than hardly any case is ever silent: they have ended."""
    at = np.where(instances.completed_us != UNKNOWN, instances.completed_us, instances.started_us)
    last = np.full(int(case.max()) + 1, np.iinfo(np.int64).min)
    np.maximum.at(last, case, at)
    gaps = np.diff(at)[case[1:] == case[:-1]]
    longest = float(np.quantile(gaps, SILENT_SHARE)) if len(gaps) else 0.0
    return np.asarray(extracted_us - last > max(longest, 0.0))


def _waits(
    held: Instances, known: tuple[Order, CaseBounds], enabled: Integers, opened: Integers
) -> tuple[Integers, Integers]:
    order, bounds = known
    enabler = find_enabled_times(held, bounds, basis="concurrent", order=order).enabler
    awaited = np.where(enabler >= 0, held.completed_us[np.maximum(enabler, 0)], opened)
    begun = np.where(held.started_us != UNKNOWN, held.started_us, held.completed_us)
    return _since(awaited, np.where(enabled == UNKNOWN, awaited, enabled)), _since(awaited, begun)


def _since(first: Integers, then: Integers) -> Integers:
    is_known = (first != UNKNOWN) & (then != UNKNOWN)
    return np.where(is_known, np.maximum(then - first, 0), UNKNOWN)


def _of_cases(attributes: CaseAttributes, codes: Integers) -> CaseAttributes:
    return CaseAttributes(codes, dict(attributes.of(codes)))
