"""Every measure once more, in plain Python over plain records: slow, short, and independent of any engine.

Each function takes a `TinyLog` and returns what the `compute_…` function of the same name returns for its store.
"""

from collections import Counter, defaultdict
from itertools import pairwise

from potok.core.finding import Finding, FindingKind, Place, Waste
from potok.measure.case_durations import BIN_BOUNDS_SECONDS, CaseDurations, DurationBin
from potok.measure.counts import LogCounts
from potok.measure.directly_follows import DirectlyFollowsEdge, DirectlyFollowsGraph, DirectlyFollowsNode
from potok.measure.endpoints import ActivityCount, Endpoints
from potok.measure.evidence import CaseEvidence
from potok.measure.hand_overs import HandOver, HandOverArc, HandOvers
from potok.measure.rework import ActivityRework
from potok.measure.variants import Variant
from support.tiny_store import SECOND, TinyEvent, TinyLog


def traces(log: TinyLog) -> dict[str, list[TinyEvent]]:
    found = defaultdict(list)
    for event in log.events:
        found[event.case].append(event)
    # Python's sort is stable, so ties keep the order of the source.
    return {case: sorted(events, key=_order) for case, events in found.items()}


def _order(event: TinyEvent):
    happened = next(t for t in (event.completed, event.started, event.enabled) if t is not None)
    return happened, float("inf") if event.started is None else event.started


def pairs(log: TinyLog):
    """Consecutive instances of each case."""
    for events in traces(log).values():
        yield from pairwise(events)


def wait(first: TinyEvent, second: TinyEvent) -> int | None:
    arrived = second.started if second.started is not None else second.completed
    if first.completed is None or arrived is None:
        return None
    return max(0, arrived - first.completed)


def span(log: TinyLog, case: str) -> tuple[int, int, bool]:
    """Opening, end (closing or extraction), and whether the case is open."""
    instants = [t for event in log.events if event.case == case for t in event.instants]
    opened = log.opened.get(case, min(instants))
    is_open = case in log.open_cases
    return opened, log.extracted_us if is_open else log.closed.get(case, max(instants)), is_open


def case_duration(log: TinyLog, case: str) -> int:
    opened, end, _is_open = span(log, case)
    return max(0, end - opened)


def quantile(values: list[int], share: float) -> float | None:
    """Linear interpolation between order statistics (Hyndman and Fan's type 7)."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def in_seconds(microseconds: float | None) -> float | None:
    return None if microseconds is None else microseconds / SECOND


def compute_counts(log: TinyLog) -> LogCounts:
    sequences = {tuple(event.activity for event in trace) for trace in traces(log).values()}
    instants = [t for event in log.events for t in event.instants]
    return LogCounts(
        cases=len(traces(log)),
        open_cases=len(log.open_cases),
        activity_instances=len(log.events),
        activities=len({event.activity for event in log.events}),
        variants=len(sequences),
        resources=len({event.resource for event in log.events} - {None}),
        org_units=len({event.org_unit for event in log.events} - {None}),
        first_us=min(instants),
        last_us=max(instants),
    )


def compute_directly_follows_graph(log: TinyLog) -> DirectlyFollowsGraph:
    nodes = []
    for activity in {event.activity for event in log.events}:
        held = [event for event in log.events if event.activity == activity]
        taken = [e.completed - e.started for e in held if e.started is not None and e.completed is not None]
        nodes.append(
            DirectlyFollowsNode(
                activity=activity,
                instances=len(held),
                cases=len({event.case for event in held}),
                starts=sum(trace[0].activity == activity for trace in traces(log).values()),
                ends=sum(trace[-1].activity == activity for trace in traces(log).values()),
                median_processing_seconds=in_seconds(quantile([t for t in taken if t >= 0], 0.5)),
            )
        )
    return DirectlyFollowsGraph(
        nodes=tuple(sorted(nodes, key=lambda node: (-node.instances, node.activity))),
        edges=compute_directly_follows_edges(log),
        has_start_times=any(event.started is not None for event in log.events),
    )


def compute_directly_follows_edges(log: TinyLog) -> tuple[DirectlyFollowsEdge, ...]:
    grouped = defaultdict(list)
    for first, second in pairs(log):
        grouped[first.activity, second.activity].append((first.case, wait(first, second)))
    edges = []
    for (activity, next_activity), found in grouped.items():
        waits = [waited for _case, waited in found if waited is not None]
        edges.append(
            DirectlyFollowsEdge(
                activity=activity,
                next_activity=next_activity,
                count=len(found),
                cases=len({case for case, _waited in found}),
                mean_seconds=in_seconds(sum(waits) / len(waits)) if waits else None,
                median_seconds=in_seconds(quantile(waits, 0.5)),
                p90_seconds=in_seconds(quantile(waits, 0.9)),
                total_seconds=sum(waits) / SECOND,
            )
        )
    return tuple(sorted(edges, key=lambda edge: (-edge.count, edge.activity, edge.next_activity)))


def compute_variants(log: TinyLog) -> tuple[Variant, ...]:
    codes = {label: str(code) for code, label in enumerate(sorted({event.activity for event in log.events}))}
    grouped = defaultdict(list)
    for case, trace in traces(log).items():
        grouped[tuple(event.activity for event in trace)].append(case)
    ranked = sorted(
        grouped.items(), key=lambda item: (-len(item[1]), ",".join(codes[activity] for activity in item[0]))
    )
    return tuple(
        Variant(
            variant=code,
            activities=sequence,
            cases=len(cases),
            share=len(cases) / len(traces(log)),
            median_seconds=in_seconds(
                quantile([case_duration(log, case) for case in cases if case not in log.open_cases], 0.5)
            ),
        )
        for code, (sequence, cases) in enumerate(ranked)
    )


def compute_endpoints(log: TinyLog) -> Endpoints:
    return Endpoints(starts=_at_end(log, 0), ends=_at_end(log, -1))


def _at_end(log: TinyLog, place: int) -> tuple[ActivityCount, ...]:
    ends = {case: trace[place].activity for case, trace in traces(log).items()}
    counts = Counter(ends.values())
    still_open = Counter(activity for case, activity in ends.items() if case in log.open_cases)
    found = [ActivityCount(activity, cases, still_open[activity]) for activity, cases in counts.items()]
    return tuple(sorted(found, key=lambda count: (-count.cases, count.activity)))


def compute_case_durations(log: TinyLog) -> CaseDurations:
    closed = [case_duration(log, case) for case in traces(log) if case not in log.open_cases]
    ages = [case_duration(log, case) for case in log.open_cases]
    return CaseDurations(
        closed_cases=len(closed),
        open_cases=len(ages),
        min_seconds=in_seconds(min(closed, default=None)),
        median_seconds=in_seconds(quantile(closed, 0.5)),
        p90_seconds=in_seconds(quantile(closed, 0.9)),
        max_seconds=in_seconds(max(closed, default=None)),
        mean_seconds=in_seconds(sum(closed) / len(closed)) if closed else None,
        open_median_age_seconds=in_seconds(quantile(ages, 0.5)),
        open_max_age_seconds=in_seconds(max(ages, default=None)),
        total_seconds=(sum(closed) + sum(ages)) / SECOND,
        histogram=_histogram(closed, ages),
    )


def _histogram(closed: list[int], ages: list[int]) -> tuple[DurationBin, ...]:
    bins = [
        DurationBin(
            float(low),
            float(high),
            sum(low * SECOND <= value < high * SECOND for value in closed),
            sum(low * SECOND <= value < high * SECOND for value in ages),
        )
        for low, high in pairwise(BIN_BOUNDS_SECONDS)
    ]
    filled = [place for place, found in enumerate(bins) if found.closed_cases + found.open_cases]
    return tuple(bins[min(filled) : max(filled) + 1])


def compute_rework(log: TinyLog) -> tuple[ActivityRework, ...]:
    times = Counter((event.case, event.activity) for event in log.events)
    found = []
    for activity in {event.activity for event in log.events}:
        counts = [count for (_case, name), count in times.items() if name == activity]
        again = [count for count in counts if count > 1]
        found.append(
            ActivityRework(
                activity=activity,
                instances=sum(counts),
                cases=len(counts),
                rework_cases=len(again),
                rework_instances=sum(again) - len(again),
                rework_share=len(again) / len(counts),
            )
        )
    return tuple(sorted(found, key=lambda rework: (-rework.rework_instances, rework.activity)))


def compute_hand_overs(log: TinyLog) -> HandOvers:
    return HandOvers(between_resources=_between(log, "resource"), between_units=_between(log, "org_unit"))


def _between(log: TinyLog, holder: str) -> tuple[HandOver, ...]:
    grouped = defaultdict(list)
    for first, second in pairs(log):
        source, target = getattr(first, holder), getattr(second, holder)
        if source is not None and target is not None and source != target:
            grouped[source, target].append((first.case, wait(first, second)))
    found = []
    for (source, target), passed in grouped.items():
        waits = [waited for _case, waited in passed if waited is not None]
        cases = len({case for case, _waited in passed})
        median = in_seconds(quantile(waits, 0.5))
        found.append(HandOver(source, target, len(passed), cases, median, sum(waits) / SECOND))
    return tuple(sorted(found, key=lambda hand_over: (-hand_over.count, hand_over.source, hand_over.target)))


def compute_hand_over_network(log: TinyLog) -> tuple[HandOverArc, ...]:
    counts = Counter(
        (first.resource, second.resource)
        for first, second in pairs(log)
        if first.resource is not None and second.resource is not None
    )
    found = [HandOverArc(source, target, count) for (source, target), count in counts.items()]
    return tuple(sorted(found, key=lambda arc: (-arc.count, arc.source, arc.target)))


def ledger_gaps(log: TinyLog):
    """Yield kind, place, case, interval (None if unknown) and both instances of each pair of consecutive instances."""
    for case, trace in traces(log).items():
        opened, end, _is_open = span(log, case)
        for position, (first, second) in enumerate(pairwise(trace)):
            earlier = {event.activity for event in trace[: position + 1]}
            if second.activity in earlier:
                kind, place = FindingKind.REWORK, Place(activity=second.activity)
            elif None not in (first.org_unit, second.org_unit) and first.org_unit != second.org_unit:
                kind, place = FindingKind.HAND_OVER, Place(org_unit=first.org_unit, next_org_unit=second.org_unit)
            else:
                kind, place = FindingKind.LONG_WAIT, Place(activity=first.activity, next_activity=second.activity)
            arrivals = [t for t in (second.started, second.completed) if t is not None]
            interval = None
            if first.completed is not None and arrivals:
                begin = max(first.completed, opened)
                interval = begin, max(begin, min(*arrivals, end) if end is not None else min(arrivals))
            yield kind, place, case, interval, first, second


def _length(interval: tuple[int, int] | None) -> int:
    return 0 if interval is None else interval[1] - interval[0]


_WASTES = {
    FindingKind.REWORK: Waste.DEFECTS,
    FindingKind.HAND_OVER: Waste.TRANSPORT,
    FindingKind.LONG_WAIT: Waste.WAITING,
}


def find_first(log: TinyLog) -> tuple[Finding, ...]:
    lead = sum(case_duration(log, case) for case in traces(log))
    grouped = defaultdict(list)
    for kind, place, case, interval, _first, second in ledger_gaps(log):
        grouped[kind, place].append((case, _length(interval), second))
    codes = _case_codes(log)
    found = []
    for (kind, place), gaps in grouped.items():
        lost = sum(length for _case, length, _second in gaps)
        if lost == 0 or lost < lead / 1000:
            continue
        by_case = Counter()
        for case, length, _second in gaps:
            by_case[codes[case]] += length
        work = [
            max(0, second.completed - second.started)
            for _case, _length, second in gaps
            if second.started is not None and second.completed is not None
        ]
        found.append(
            Finding(
                kind=kind,
                waste=_WASTES[kind],
                where=place,
                cases=len(by_case),
                occurrences=len(gaps),
                applicant_seconds=lost / SECOND,
                lead_time_share=lost / lead,
                example_cases=tuple(sorted(by_case, key=lambda case: (-by_case[case], case))[:10]),
                staff_seconds=sum(work) / SECOND if work and kind is FindingKind.REWORK else None,
            )
        )
    return tuple(sorted(found, key=_ranking)[:30])


def _ranking(finding: Finding):
    place = finding.where
    kinds = [FindingKind.REWORK, FindingKind.HAND_OVER, FindingKind.LONG_WAIT]
    labels = (place.activity or place.org_unit, place.next_activity or place.next_org_unit)
    return -finding.applicant_seconds, kinds.index(finding.kind), labels


def _case_codes(log: TinyLog) -> dict[str, int]:
    ordered = sorted(traces(log), key=lambda case: (span(log, case)[0], case))
    return {case: code for code, case in enumerate(ordered)}


def list_cases(log: TinyLog, place: Place, kind: FindingKind) -> tuple[CaseEvidence, ...]:
    rows = {id(event): row for row, event in enumerate(log.events, start=1)}
    grouped = defaultdict(list)
    for found_kind, found_place, case, interval, first, second in ledger_gaps(log):
        if (found_kind, found_place) == (kind, place):
            grouped[case].append((-_length(interval), rows[id(first)], rows[id(second)]))
    codes = _case_codes(log)
    evidence = [
        CaseEvidence(codes[case], case, -sum(gap[0] for gap in gaps) / SECOND, min(gaps)[1:])
        for case, gaps in grouped.items()
    ]
    return tuple(sorted(evidence, key=lambda found: (-found.seconds, found.case)))
