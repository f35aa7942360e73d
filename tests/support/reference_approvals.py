"""What each level of approval alters, and levels in series, once more in plain Python over plain records."""

from collections import Counter, defaultdict

from support.reference import quantile, traces
from support.reference_rework import firsts, is_usual
from support.tiny_store import TinyLog


def altered_by(log: TinyLog, activity: str, following: str, first: dict[str, int], corrections) -> set[str]:
    ways = {"corrected"} if following in corrections else set()
    if following != activity and first[following] < first[activity] and is_usual(log, activity, following):
        ways.add("returned")
    return ways


def level_runs(log: TinyLog, levels, corrections=()):
    """Case, place of the level, the level whose approval came right before, ways of altering, judged, latency."""
    owner = {}
    for place, level in enumerate(levels):
        for label in level.activities:
            owner.setdefault(label, (place, label in level.refusals))
    for case, trace in traces(log).items():
        first = firsts(trace)
        for position, event in enumerate(trace):
            if event.activity not in owner:
                continue
            place, is_refused = owner[event.activity]
            before = trace[position - 1] if position else None
            after = trace[position + 1] if position + 1 < len(trace) else None
            ways = {"refused"} if is_refused else set()
            if after is not None:
                ways |= altered_by(log, event.activity, after.activity, first, corrections)
            came_from = None
            if before is not None and before.activity in owner and not owner[before.activity][1]:
                came_from = owner[before.activity][0]
            latency = None
            if before is not None and None not in (before.completed, event.completed):
                latency = max(0, event.completed - before.completed)
            is_judged = bool(ways) or after is not None or case not in log.open_cases
            yield case, place, came_from, ways, is_judged, latency


def level_figures(log: TinyLog, levels, corrections=()):
    """Rows of `potok.diagnose.approvals.runs.run_figures`, by level."""
    grouped = defaultdict(list)
    for case, place, _before, ways, is_judged, latency in level_runs(log, levels, corrections):
        grouped[place].append((case, ways, is_judged, latency))
    rows = {}
    for place, runs in grouped.items():
        ways = Counter(way for _case, found, _judged, _latency in runs for way in found)
        known = [latency for *_rest, latency in runs if latency is not None]
        rows[place] = (
            len(runs),
            ways["refused"],
            ways["returned"],
            ways["corrected"],
            0,
            sum(bool(found) for _case, found, _judged, _latency in runs),
            len(known),
            sum(known) if known else None,
            quantile(known, 0.5),
            quantile(known, 0.9),
            len({case for case, *_rest in runs}),
            len({case for case, _found, is_judged, _latency in runs if is_judged}),
            len({case for case, found, _judged, _latency in runs if found}),
        )
    return rows


def series_figures(log: TinyLog, levels, corrections=()):
    """Rows of `potok.diagnose.approvals.runs.series_figures`, by the two levels."""
    grouped = defaultdict(list)
    for case, place, before, _ways, _judged, latency in level_runs(log, levels, corrections):
        if before is not None and before != place:
            grouped[before, place].append((case, latency))
    rows = {}
    for pair, found in grouped.items():
        known = [latency for _case, latency in found if latency is not None]
        total = sum(known) if known else None
        rows[pair] = (len(found), len({case for case, _latency in found}), total, quantile(known, 0.5))
    return rows
