"""Measures over whole cases in plain Python; see `support.reference`."""

from collections import Counter, defaultdict

from potok.measure.costs import CostShare, StaffCosts
from potok.measure.first_time_through import FirstTimeShare, FirstTimeThrough
from support.reference import traces
from support.tiny_store import SECOND, TinyLog


def is_returned(trace, return_activities) -> bool:
    activities = [event.activity for event in trace]
    if return_activities is None:
        return max(Counter(activities).values()) > 1
    return any(activity in return_activities for activity in activities)


def compute_first_time_through(log: TinyLog, *, return_activities=None, by=None) -> FirstTimeThrough:
    judged = {case: is_returned(trace, return_activities) for case, trace in traces(log).items()}
    grouped = defaultdict(set)
    for case, trace in traces(log).items():
        for label in {event.org_unit for event in trace} - {None} if by == "org_unit" else {None} if by else ():
            grouped[label].add(case)
    groups = [_share(log, label, cases, judged) for label, cases in grouped.items()]
    return FirstTimeThrough(
        definition="no_repetition" if return_activities is None else "no_return",
        return_activities=tuple(sorted(set(return_activities or ()))),
        overall=_share(log, None, set(judged), judged),
        by=by,
        groups=tuple(sorted(groups, key=lambda g: (-g.closed_cases, g.label is None, g.label or ""))),
    )


def _share(log: TinyLog, label, cases, judged) -> FirstTimeShare:
    still_open = {case for case in cases if case in log.open_cases}
    closed = cases - still_open
    through = sum(not judged[case] for case in closed)
    returned = sum(judged[case] for case in still_open)
    share = through / len(closed) if closed else None
    return FirstTimeShare(label, len(closed), through, share, len(still_open), returned)


def tariff_of(event, tariffs) -> float | None:
    for label, held in (
        (event.resource, tariffs.by_resource),
        (event.org_unit, tariffs.by_org_unit),
        (event.activity, tariffs.by_activity),
    ):
        if label in held:
            return held[label]
    return tariffs.per_hour


def work_of(event) -> int | None:
    is_known = None not in (event.started, event.completed) and event.started <= event.completed
    return event.completed - event.started if is_known else None


def compute_staff_costs(log: TinyLog, *, tariffs) -> StaffCosts:
    priced = [e for e in log.events if work_of(e) is not None and tariff_of(e, tariffs) is not None]
    amount = sum(work_of(e) / SECOND / 3600 * tariff_of(e, tariffs) for e in priced) if priced else None
    closed = len(traces(log)) - len(log.open_cases)
    named = (set(tariffs.by_resource), set(tariffs.by_org_unit), set(tariffs.by_activity))
    held = zip(named, ("resource", "org_unit", "activity"), strict=True)
    unmatched = set().union(*(labels - {getattr(e, role) for e in log.events} for labels, role in held))
    return StaffCosts(
        currency=tariffs.currency,
        amount=amount,
        seconds=sum(work_of(e) for e in priced) / SECOND,
        instances=len(log.events),
        unknown_instances=sum(work_of(e) is None for e in log.events),
        untariffed_instances=sum(work_of(e) is not None and tariff_of(e, tariffs) is None for e in log.events),
        closed_cases=closed,
        amount_per_closed_case=amount / closed if amount is not None and closed else None,
        unmatched=tuple(sorted(unmatched)),
        by_activity=_cost_shares(log, "activity", tariffs),
        by_org_unit=_cost_shares(log, "org_unit", tariffs),
    )


def _cost_shares(log: TinyLog, role: str, tariffs) -> tuple[CostShare, ...]:
    found = []
    for label in {getattr(event, role) for event in log.events}:
        held = [event for event in log.events if getattr(event, role) == label]
        priced = [e for e in held if work_of(e) is not None and tariff_of(e, tariffs) is not None]
        found.append(
            CostShare(
                label,
                len(held),
                len(priced),
                sum(work_of(e) for e in priced) / SECOND,
                float(sum(work_of(e) / SECOND / 3600 * tariff_of(e, tariffs) for e in priced)),
            )
        )
    return tuple(sorted(found, key=lambda c: (-round(c.amount, 6), -c.instances, c.label is None, c.label or "")))


REFERENCES = {
    "compute_first_time_through": compute_first_time_through,
    "compute_staff_costs": compute_staff_costs,
}
