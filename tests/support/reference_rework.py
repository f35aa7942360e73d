"""Return loops, reasons of returns and ping-pong once more, in plain Python over plain records."""

from collections import defaultdict
from itertools import pairwise

from potok.diagnose.rework.holders import PLACEHOLDERS
from potok.diagnose.rework.ping_pong import PingPong, PingPongPair
from potok.diagnose.rework.return_loops import ReturnLoop, ReturnLoops
from potok.diagnose.rework.return_reasons import ReturnReason, ReturnReasons
from support.reference import case_duration, in_seconds, quantile, span, traces
from support.tiny_store import SECOND, TinyEvent, TinyLog


def arrived(event: TinyEvent) -> int | None:
    known = [instant for instant in (event.started, event.completed) if instant is not None]
    return min(known) if known else None


def cut(log: TinyLog, case: str, begins: int | None, ends: int | None) -> tuple[int, int] | None:
    if begins is None or ends is None:
        return None
    opened, closed, _is_open = span(log, case)
    begins, ends = max(begins, opened), min(ends, closed)
    return begins, max(begins, ends)


def union_length(intervals) -> int:
    """Total length covered, by counting how many intervals hold each piece between neighbouring ends."""
    edges = sorted({edge for interval in intervals for edge in interval})
    pieces = pairwise(edges)
    return sum(b - a for a, b in pieces if any(begins <= a and b <= ends for begins, ends in intervals))


def steps_back(trace: list[TinyEvent]):
    """Position, source, target and position left of each step back; and of each instance done again, its step back."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    backs, owners = [], {}
    for position, event in enumerate(trace):
        if event.activity in first:
            before = trace[position - 1].activity
            if before == event.activity or first[event.activity] < first[before]:
                backs.append((position, before, event.activity, last[event.activity]))
            owners[position] = backs[-1]
        first.setdefault(event.activity, position)
        last[event.activity] = position
    return backs, owners


def firsts(trace: list[TinyEvent]) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, event in enumerate(trace):
        found.setdefault(event.activity, position)
    return found


def is_usual(log: TinyLog, source: str, target: str) -> bool:
    begun = [firsts(trace) for trace in traces(log).values()]
    both = [first for first in begun if source in first and target in first]
    earlier = sum(first[target] < first[source] for first in both)
    return earlier > len(both) - earlier


def compute_return_loops(log: TinyLog) -> ReturnLoops:
    times, cases, work, intervals = defaultdict(list), defaultdict(set), defaultdict(list), defaultdict(list)
    is_worked = any(
        event.started is not None and event.completed is not None and event.started < event.completed
        for event in log.events
    )
    for case, trace in traces(log).items():
        backs, owners = steps_back(trace)
        for position, source, target, left in backs:
            interval = cut(log, case, trace[left].completed, arrived(trace[position]))
            times[source, target].append(interval)
            cases[source, target].add(case)
            intervals[case] += [interval] if interval else []
        for position, (_at, source, target, _left) in owners.items():
            event = trace[position]
            if event.started is not None and event.completed is not None:
                work[source, target].append(max(0, event.completed - event.started))
    loops = []
    for (source, target), found in times.items():
        lengths = [ends - begins for begins, ends in filter(None, found)]
        done = work[source, target]
        loops.append(
            ReturnLoop(
                source=source,
                target=target,
                reach="same_activity"
                if source == target
                else ("unknown_phase" if is_usual(log, source, target) else "no_usual_order"),
                returns=len(found),
                cases=len(cases[source, target]),
                loop_seconds=sum(lengths) / SECOND,
                median_seconds=in_seconds(quantile(lengths, 0.5)),
                staff_seconds=sum(done) / SECOND if done and is_worked else None,
            )
        )
    known = [loop.staff_seconds for loop in loops if loop.staff_seconds is not None]
    return ReturnLoops(
        loops=tuple(sorted(loops, key=lambda loop: (-loop.loop_seconds, -loop.returns, loop.source, loop.target))),
        cases=len(traces(log)),
        returned_cases=len(set().union(*cases.values())),
        returns=sum(loop.returns for loop in loops if loop.source != loop.target),
        repetitions=sum(loop.returns for loop in loops if loop.source == loop.target),
        loop_seconds=sum(map(union_length, intervals.values())) / SECOND,
        lead_seconds=sum(case_duration(log, case) for case in traces(log)) / SECOND,
        staff_seconds=sum(known) if known else None,
    )


def compute_return_reasons(log: TinyLog, *, by: str = "activity") -> ReturnReasons:
    closed = {case: trace for case, trace in traces(log).items() if case not in log.open_cases}
    counts: dict[str | None, int] = defaultdict(int)
    for trace in closed.values():
        backs, _owners = steps_back(trace)
        if backs:
            position, source, _target, _left = backs[0]
            values = {"activity": source, "org_unit": trace[position - 1].org_unit, "outcome": None}
            counts[values[by]] += 1
    returned = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0] is None, item[0] or ""))
    through = len(closed) - returned
    return ReturnReasons(
        by=by,
        closed_cases=len(closed),
        through_cases=through,
        through_share=through / len(closed) if closed else None,
        reasons=tuple(ReturnReason(label, n, n / len(closed), n / returned) for label, n in ranked),
    )


def episodes(trace: list[TinyEvent], holder: str):
    """Longest stretches of alternating stays that come back, as pair, turns, and the instances left and reached."""
    known = [event for event in trace if (getattr(event, holder) or "-").lower() not in PLACEHOLDERS]
    stays: list[list[TinyEvent]] = []
    for event in known:
        if stays and getattr(stays[-1][-1], holder) == getattr(event, holder):
            stays[-1].append(event)
        else:
            stays.append([event])
    names = [getattr(stay[0], holder) for stay in stays]
    start = 0
    while start + 2 < len(names):
        end = start + 1
        while end + 1 < len(names) and names[end + 1] == names[end - 1]:
            end += 1
        if end - start >= 2:
            yield tuple(sorted(names[start : start + 2])), end - start, stays[start][-1], stays[end][0]
        start = end if end - start >= 2 else start + 1


def compute_ping_pong(log: TinyLog, *, holder: str = "org_unit") -> PingPong:
    times, cases, turns = defaultdict(list), defaultdict(set), defaultdict(list)
    known = set()
    for case, trace in traces(log).items():
        if any((getattr(event, holder) or "-").lower() not in PLACEHOLDERS for event in trace):
            known.add(case)
        for pair, count, left, reached in episodes(trace, holder):
            times[pair].append(cut(log, case, left.completed, arrived(reached)))
            cases[pair].add(case)
            turns[pair].append(count)
    pairs = []
    for pair, found in times.items():
        lengths = [ends - begins for begins, ends in filter(None, found)]
        pairs.append(
            PingPongPair(
                *pair,
                cases=len(cases[pair]),
                episodes=len(found),
                turns=sum(turns[pair]),
                longest_turns=max(turns[pair]),
                seconds=sum(lengths) / SECOND,
                median_seconds=in_seconds(quantile(lengths, 0.5)),
            )
        )
    return PingPong(
        holder=holder,
        known_cases=len(known),
        cases=len(set().union(*cases.values())),
        episodes=sum(pair.episodes for pair in pairs),
        turns=sum(pair.turns for pair in pairs),
        seconds=sum(pair.seconds for pair in pairs),
        pairs=tuple(sorted(pairs, key=lambda pair: (-pair.cases, -pair.seconds, pair.first, pair.second))),
    )
