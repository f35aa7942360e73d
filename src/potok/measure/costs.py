"""What handling cases costs: staff time at a tariff, and what the log itself records.

Staff cost is the staff's ledger (a second clock beside the applicants', never added to it): the processing time of
every instance times the tariff that holds for it. Time is counted per instance, so that who works on two things at once
is paid twice; where starts or completions are missing, time is unknown and the cost is a lower bound. The cost of
applicants is a model of its own: `potok.measure.standard_cost`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis

from potok.core.time_units import HOUR_US
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.counts import case_counts
from potok.measure.passages import exact_sum
from potok.measure.running import activity_labels, resource_labels, run, seconds, unit_labels
from potok.measure.tariffs import Tariffs


@dataclass(frozen=True, slots=True)
class CostShare:
    """The cost of one activity or unit.

    Parameters
    ----------
    label
        None where the unit is unknown.
    instances, priced_instances
        All, and those whose time and tariff are known.
    seconds, amount
        Time and cost of the priced ones.
    """

    label: str | None
    instances: int
    priced_instances: int
    seconds: float
    amount: float


@dataclass(frozen=True, slots=True)
class StaffCosts:
    """What staff time costs, dearest first.

    Parameters
    ----------
    currency
        Of all amounts.
    amount
        Of the priced instances; None if there are none. A lower bound if any instance has no price.
    seconds
        Processing time of the priced instances.
    instances, unknown_instances, untariffed_instances
        All; those whose time is unknown; those whose time is known but which no tariff covers.
    closed_cases
        Closed cases of the log.
    amount_per_closed_case
        The whole amount divided by the closed cases; None without either.
    unmatched
        Labels that have a tariff but do not occur in the log, sorted.
    """

    currency: str
    amount: float | None
    seconds: float
    instances: int
    unknown_instances: int
    untariffed_instances: int
    closed_cases: int
    amount_per_closed_case: float | None
    unmatched: tuple[str, ...]
    by_activity: tuple[CostShare, ...]
    by_org_unit: tuple[CostShare, ...]


@dataclass(frozen=True, slots=True)
class RecordedCosts:
    """What the log records as the cost of its instances, dearest activity first.

    Parameters
    ----------
    amount
        Sum of the known costs, in the source's own unit; None if no instance has one.
    instances, known_instances
        All, and those with a cost.
    """

    amount: float | None
    instances: int
    known_instances: int
    by_activity: tuple[CostShare, ...]


@dataclass(frozen=True, slots=True)
class CaseCost:
    """What one case costs: `amount`, and the processing time behind it (None for recorded costs)."""

    case: int
    case_id: str
    amount: float
    seconds: float | None


def staff_time(events: ibis.Table) -> ibis.Table:
    """Return one row per activity, resource and unit (codes, the latter two null if unknown).

    Returns
    -------
    ibis.Table
        `activity`, `resource`, `org_unit`, `instances`, `known`, `total_us` (null if none is known).
    """
    timed = events.mutate(work_us=_work(events))
    return timed.group_by("activity", "resource", "org_unit").aggregate(
        instances=timed.count().cast("int64"),
        known=timed.work_us.count().cast("int64"),
        total_us=exact_sum(timed.work_us),
    )


def recorded_costs(events: ibis.Table) -> ibis.Table:
    """Return one row per activity: `activity`, `instances`, `known`, `amount` (null if none is known)."""
    return events.group_by("activity").aggregate(
        instances=events.count().cast("int64"),
        known=events.cost.count().cast("int64"),
        amount=events.cost.sum().cast("float64"),
    )


def case_staff_costs(events: ibis.Table, cases: ibis.Table, *, tariff: ibis.Value) -> ibis.Table:
    """Return one row per case with a priced instance: `case`, `case_id`, `amount`, `work_us`.

    Parameters
    ----------
    tariff
        Per hour, over the columns of `events`; null where there is none.
    """
    priced = events.mutate(work_us=_work(events), tariff=tariff)
    priced = priced.filter(priced.work_us.notnull(), priced.tariff.notnull())
    amount = (priced.work_us.cast("float64") / HOUR_US * priced.tariff).sum().cast("float64")
    by_case = priced.group_by("case").aggregate(amount=amount, work_us=priced.work_us.sum().cast("int64"))
    named = by_case.inner_join(cases.select("case", "case_id"), "case")
    return named.select("case", "case_id", "amount", "work_us")


def compute_staff_costs(store: LogStore, *, tariffs: Tariffs, engine: Engine | None = None) -> StaffCosts:
    """Compute what the staff's processing time costs."""
    labels = _Labels(store, engine)
    rows = [_PricedRow(*(*row, labels.tariff(tariffs, row))) for row in run(staff_time(EVENTS), store, engine)]
    ((all_cases, open_cases),) = run(case_counts(CASES), store, engine)
    priced = [row for row in rows if row.known and row.tariff is not None]
    # Sorted, so that the order in which an engine answers does not change the last digit.
    amount = sum(sorted(row.amount for row in priced)) if priced else None
    closed = all_cases - open_cases
    return StaffCosts(
        currency=tariffs.currency,
        amount=amount,
        seconds=seconds(sum(row.total_us for row in priced)),
        instances=sum(row.instances for row in rows),
        unknown_instances=sum(row.instances - row.known for row in rows),
        untariffed_instances=sum(row.known for row in rows if row.tariff is None),
        closed_cases=closed,
        amount_per_closed_case=amount / closed if amount is not None and closed else None,
        unmatched=labels.unmatched(tariffs),
        by_activity=_shares((labels.activities[row.activity], row) for row in rows),
        by_org_unit=_shares((labels.unit(row.org_unit), row) for row in rows),
    )


def compute_recorded_costs(store: LogStore, *, engine: Engine | None = None) -> RecordedCosts:
    """Compute the sums of the costs that the log records."""
    labels = activity_labels(store, engine)
    rows = list(run(recorded_costs(EVENTS), store, engine))
    found = [CostShare(labels[code], n, known, 0.0, amount or 0.0) for code, n, known, amount in rows]
    known_instances = sum(share.priced_instances for share in found)
    return RecordedCosts(
        amount=sum(sorted(share.amount for share in found)) if known_instances else None,
        instances=sum(share.instances for share in found),
        known_instances=known_instances,
        by_activity=tuple(sorted(found, key=_dearest)),
    )


def list_staff_cost_cases(
    store: LogStore, *, tariffs: Tariffs, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseCost, ...]:
    """List the cases that have a priced instance with what they cost, dearest first."""
    tariff = _Labels(store, engine).expression(tariffs, EVENTS)
    costs = case_staff_costs(EVENTS, CASES, tariff=tariff)
    if limit is not None:
        costs = costs.order_by(costs.amount.desc(), costs.case).limit(limit)
    found = (CaseCost(case, name, amount, seconds(work)) for case, name, amount, work in run(costs, store, engine))
    return tuple(sorted(found, key=lambda cost: (-cost.amount, cost.case)))


def list_recorded_cost_cases(
    store: LogStore, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseCost, ...]:
    """List the cases with a recorded cost, dearest first."""
    known = EVENTS.filter(EVENTS.cost.notnull())
    by_case = known.group_by("case").aggregate(amount=known.cost.sum().cast("float64"))
    costs = by_case.inner_join(CASES.select("case", "case_id"), "case").select("case", "case_id", "amount")
    if limit is not None:
        costs = costs.order_by(costs.amount.desc(), costs.case).limit(limit)
    found = (CaseCost(case, case_id, amount, None) for case, case_id, amount in run(costs, store, engine))
    return tuple(sorted(found, key=lambda cost: (-cost.amount, cost.case)))


@dataclass(frozen=True, slots=True)
class _PricedRow:
    """A row of `staff_time` with its tariff."""

    activity: int
    resource: int | None
    org_unit: int | None
    instances: int
    known: int
    total_us: Any
    tariff: float | None

    @property
    def amount(self) -> float:
        return float(self.total_us) / HOUR_US * self.tariff if self.known and self.tariff is not None else 0.0


class _Labels:
    """The dictionaries of a store, and the tariffs read by them."""

    def __init__(self, store: LogStore, engine: Engine | None) -> None:
        self.activities = activity_labels(store, engine)
        self._resources = resource_labels(store, engine)
        self._units = unit_labels(store, engine)

    def unit(self, code: int | None) -> str | None:
        return None if code is None else self._units[code]

    def tariff(self, tariffs: Tariffs, row: tuple[Any, ...]) -> float | None:
        activity, resource, org_unit, *_rest = row
        return tariffs.find(
            resource=None if resource is None else self._resources[resource],
            org_unit=self.unit(org_unit),
            activity=self.activities[activity],
        )

    def unmatched(self, tariffs: Tariffs) -> tuple[str, ...]:
        held = (self._resources, self._units, self.activities)
        missing = (named - set(labels.values()) for named, labels in zip(tariffs.names(), held, strict=True))
        return tuple(sorted(set().union(*missing)))

    def expression(self, tariffs: Tariffs, events: ibis.Table) -> ibis.Value:
        """Return the tariff of each row of `events`, by the same precedence as `Tariffs.find`."""
        general = ibis.null("float64") if tariffs.per_hour is None else ibis.literal(float(tariffs.per_hour))
        found = _chosen(events.activity, self.activities, tariffs.by_activity, general)
        found = _chosen(events.org_unit, self._units, tariffs.by_org_unit, found)
        return _chosen(events.resource, self._resources, tariffs.by_resource, found)


def _chosen(
    codes: ibis.Value, labels: Mapping[int, str], tariffs: Mapping[str, float], otherwise: ibis.Value
) -> ibis.Value:
    branches = [(codes == code, float(tariffs[label])) for code, label in labels.items() if label in tariffs]
    return ibis.cases(*branches, else_=otherwise) if branches else otherwise


def _work(events: ibis.Table) -> ibis.Value:
    is_known = events.started_us <= events.completed_us
    return ibis.ifelse(is_known, events.completed_us - events.started_us, ibis.null("int64"))


def _shares(labelled: Iterable[tuple[str | None, _PricedRow]]) -> tuple[CostShare, ...]:
    grouped: dict[str | None, list[_PricedRow]] = defaultdict(list)
    for label, row in labelled:
        grouped[label].append(row)
    found = []
    for label, rows in grouped.items():
        priced = [row for row in rows if row.known and row.tariff is not None]
        found.append(
            CostShare(
                label,
                instances=sum(row.instances for row in rows),
                priced_instances=sum(row.known for row in priced),
                seconds=seconds(sum(row.total_us for row in priced)),
                amount=sum(sorted(row.amount for row in priced)),
            )
        )
    return tuple(sorted(found, key=_dearest))


def _dearest(share: CostShare) -> tuple[float, int, bool, str]:
    return -share.amount, -share.instances, share.label is None, share.label or ""
