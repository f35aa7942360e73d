"""Flow efficiency in plain Python; see `support.reference`."""

from potok.measure.flow_efficiency import FlowEfficiency
from support.reference import quantile, span, traces
from support.reference_times import choose_enablement, union_length
from support.tiny_store import SECOND, TinyEvent, TinyLog


def compute_flow_efficiency(log: TinyLog, *, activities, enablement: str | None = None) -> FlowEfficiency:
    chosen = choose_enablement(log, enablement)
    closed = {case: trace for case, trace in traces(log).items() if case not in log.open_cases}
    leads, lowers, uppers, instances, unknown = [], [], [], 0, 0
    for case, trace in closed.items():
        opened, end, _is_open = span(log, case)
        known, possible = [], []
        for place, event in enumerate(trace):
            if event.activity not in activities:
                continue
            instances += 1
            enabled = event.enabled if chosen == "given" else trace[place - 1].completed if place else None
            is_known = _is_known(event)
            unknown += not is_known
            begin = event.started if is_known else opened if enabled is None else enabled
            finish = end if event.completed is None else event.completed
            interval = max(begin, opened), min(finish, end)
            if interval[0] < interval[1]:
                possible.append(interval)
                known += [interval] if is_known else []
        leads.append(max(0, end - opened))
        lowers.append(union_length(known))
        uppers.append(union_length(possible))
    lead = sum(leads)
    lower, upper = (sum(values) / lead if lead else None for values in (lowers, uppers))
    return FlowEfficiency(
        activities=tuple(sorted(set(activities))),
        enablement=chosen,
        closed_cases=len(closed),
        open_cases=len(log.open_cases),
        instances=instances,
        unknown_instances=unknown,
        cannot_tell=unknown > 0,
        share=None if unknown else lower,
        lower_share=lower,
        upper_share=upper,
        median_case_share=None if unknown else quantile([v / t for v, t in zip(lowers, leads, strict=True) if t], 0.5),
        value_seconds=sum(lowers) / SECOND,
        lead_seconds=lead / SECOND,
        instant_cases=leads.count(0),
    )


def _is_known(event: TinyEvent) -> bool:
    return None not in (event.started, event.completed) and event.started <= event.completed


REFERENCES = {"compute_flow_efficiency": compute_flow_efficiency}
