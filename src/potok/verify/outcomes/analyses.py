"""What the events of cases show as of a look: pure questions to a store's tables, for either engine.

An instance happens when it starts, else when it is completed, else when it is enabled. What happens after the look is
not known and counts nowhere.
"""

from dataclasses import dataclass
from typing import Final

import ibis

from potok.core.time_units import HOUR_US
from potok.log.zones import Steps
from potok.measure.intervals import union_lengths
from potok.measure.ledger import earlier, later
from potok.measure.local_time import local_day, local_us, step_value
from potok.measure.running import built_once
from potok.measure.working_time import open_until

STUDY_CASES: Final = "study_cases"
MONEY_PARTS: Final = 10_000
"""Costs are added as whole ten-thousandths, so that a sum does not depend on the order of rows."""
OFFICE_HOURS: Final = (8, 19)

BOUNDS: Final = ibis.table(
    {
        "case": "int64",
        "agency": "int64",
        "opened_us": "int64",
        "left_us": "int64",
        "closed_us": "int64",
        "horizon_us": "int64",
    },
    name=STUDY_CASES,
)
"""Cases of a study, given beside the store: agency (code), opening, closing or look, closing (null while open), and the
end of the protocol's horizon, at most the look."""


@dataclass(frozen=True, slots=True)
class LocalMonths:
    """Between which instants work is counted, and where it lies on the wall clock.

    Parameters
    ----------
    zone
        Local time zone.
    first_us, last_us
        Both included.
    months
        Number of the local month by instant.
    """

    zone: str
    first_us: int
    last_us: int
    months: Steps


@built_once
def case_times(cases: ibis.Table) -> ibis.Table:
    """Return one row per case: `case`, `case_id`, `opened_us`, `closed_us` and its labels."""
    return cases.select("case", "case_id", "opened_us", "closed_us", "outcome", "channel", "service", "agency")


def known_instances(events: ibis.Table, *, until_us: int) -> ibis.Table:
    """Return the instances that have happened by an instant, with `at_us`."""
    timed = events.mutate(
        at_us=ibis.coalesce(events.started_us, events.completed_us, events.enabled_us).cast("int64"),
    )
    return timed.filter(timed.at_us <= until_us)


@built_once
def registrations(events: ibis.Table, *, codes: tuple[int, ...], until_us: int) -> ibis.Table:
    """Return one row per case with an instance of some activities: `case`, `registered_us` (the first), `times`."""
    found = known_instances(events.filter(events.activity.isin(codes)), until_us=until_us)
    return found.group_by("case").aggregate(
        registered_us=found.at_us.min().cast("int64"), times=found.count().cast("int64")
    )


@built_once
def case_features(events: ibis.Table, bounds: ibis.Table, *, until_us: int) -> ibis.Table:
    """Return one row per case of a study with an instance.

    Returns
    -------
    ibis.Table
        `case`, `first_us`, `instances`, `distinct_activities`, `resources`, `handovers`, `after_closing`.
    """
    known = known_instances(events, until_us=until_us)
    placed = known.inner_join(bounds.select("case", "closed_us"), "case")
    arrives_us = ibis.coalesce(placed.next_started_us, placed.next_completed_us)
    is_handed = (placed.resource != placed.next_resource) & (arrives_us <= until_us)
    first_us = earlier(earlier(placed.at_us, placed.completed_us), placed.enabled_us)
    return placed.group_by("case").aggregate(
        first_us=first_us.min().cast("int64"),
        instances=placed.count().cast("int64"),
        distinct_activities=placed.activity.nunique().cast("int64"),
        resources=placed.resource.nunique().cast("int64"),
        handovers=_count(is_handed),
        after_closing=_count(placed.at_us > placed.closed_us),
    )


@built_once
def case_repetitions(events: ibis.Table, bounds: ibis.Table, *, activity: int | None, until_us: int) -> ibis.Table:
    """Return one row per case in which an activity (None: any) is repeated within the horizon: `case`, `times`.

    `times` counts second and later instances.
    """
    chosen = events if activity is None else events.filter(events.activity == activity)
    known = known_instances(chosen, until_us=until_us)
    early = known.inner_join(bounds.select("case", "horizon_us"), "case")
    early = early.filter(early.at_us <= early.horizon_us)
    counted = early.group_by("case").aggregate(
        times=(early.count() - early.activity.nunique()).cast("int64"),
    )
    return counted.filter(counted.times > 0)


@built_once
def case_costs(events: ibis.Table, bounds: ibis.Table, *, until_us: int) -> ibis.Table:
    """Return one row per case with a cost up to the horizon: `case`, `parts` (ten-thousandths of the unit)."""
    known = known_instances(events.filter(events.cost.notnull()), until_us=until_us)
    early = known.inner_join(bounds.select("case", "horizon_us"), "case")
    early = early.filter(early.at_us <= early.horizon_us)
    return early.group_by("case").aggregate(
        parts=(early.cost * float(MONEY_PARTS)).round().cast("int64").sum().cast("int64")
    )


@built_once
def declared_spans(
    events: ibis.Table, bounds: ibis.Table, *, codes: tuple[int, ...], until_us: int, days: ibis.Table | None = None
) -> ibis.Table:
    """Return how long instances of some activities cover each case, overlaps once: `case`, `union_us`.

    An instance lasts from its start to its completion, or to the end of the case where it is not completed; without a
    start it takes no time. What lies outside the case is cut off.

    Parameters
    ----------
    days
        Days of a calendar (`potok.measure.working_time.calendar_days`), for working time.
    """
    known = known_instances(events.filter(events.activity.isin(codes)), until_us=until_us)
    started = known.filter(known.started_us.notnull())
    placed = started.inner_join(bounds.select("case", "opened_us", "left_us"), "case")
    ends_us = ibis.coalesce(placed.completed_us, placed.left_us)
    cut = placed.select(
        "case",
        "source_row",
        from_us=later(placed.started_us, placed.opened_us).cast("int64"),
        to_us=earlier(ends_us, placed.left_us).cast("int64"),
    )
    cut = cut.filter(cut.to_us > cut.from_us)
    if days is not None:
        offered = open_until(cut, ("from_us", "to_us"), days)
        cut = offered.select("case", "source_row", from_us=offered.from_open, to_us=offered.to_open)
    return union_lengths(cut)


@built_once
def activity_work(events: ibis.Table, bounds: ibis.Table, *, local: LocalMonths) -> ibis.Table:
    """Return one row per agency, local month and activity: `agency`, `month`, `activity`, `instances`."""
    placed = _placed(events, bounds, local)
    return placed.group_by("agency", "month", "activity").aggregate(instances=placed.count().cast("int64"))


@built_once
def resource_work(events: ibis.Table, bounds: ibis.Table, *, local: LocalMonths) -> ibis.Table:
    """Return one row per agency and local month: `agency`, `month`, `resources`."""
    placed = _placed(events, bounds, local)
    return placed.group_by("agency", "month").aggregate(resources=placed.resource.nunique().cast("int64"))


@built_once
def daily_work(events: ibis.Table, bounds: ibis.Table, *, local: LocalMonths, names_people: bool) -> ibis.Table:
    """Return one row per agency and local day with work.

    Parameters
    ----------
    names_people
        Whether the log says who did what: then hours are those of instances with a person. What a portal or an
        applicant does at night has none.

    Returns
    -------
    ibis.Table
        `agency`, `month`, `day` (number from 1970-01-01), `timed` (instances with a time of day, of people),
        `outside` (those of them outside office hours), `whole` (all at local midnight, as where only days are
        recorded).
    """
    placed = _placed(events, bounds, local)
    wall = local_us(placed.at_us, zone=local.zone, first_us=local.first_us, last_us=local.last_us)
    walled = placed.mutate(wall_us=wall)
    dated = walled.mutate(day=local_day(walled.wall_us))
    since_midnight = dated.wall_us - dated.day * (24 * HOUR_US)
    opens, closes = OFFICE_HOURS
    is_whole = since_midnight == 0
    is_outside = (since_midnight < opens * HOUR_US) | (since_midnight >= closes * HOUR_US)
    is_timed = ~is_whole & dated.resource.notnull() if names_people else ~is_whole
    return dated.group_by("agency", "month", "day").aggregate(
        timed=_count(is_timed),
        outside=_count(is_outside & is_timed),
        whole=_count(is_whole),
    )


def _placed(events: ibis.Table, bounds: ibis.Table, local: LocalMonths) -> ibis.Table:
    known = known_instances(events, until_us=local.last_us)
    known = known.filter(known.at_us >= local.first_us)
    placed = known.inner_join(bounds.filter(bounds.agency >= 0).select("case", "agency"), "case")
    return placed.select(
        "agency", "activity", "resource", "at_us", month=step_value(placed.at_us, local.months).cast("int64")
    )


def _count(condition: ibis.Value) -> ibis.Value:
    return ibis.ifelse(condition.fill_null(False), 1, 0).sum().fill_null(0).cast("int64")
