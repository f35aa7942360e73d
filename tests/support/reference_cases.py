"""Measures over whole cases in plain Python; see `support.reference`."""

from collections import Counter, defaultdict

from potok.measure.first_time_through import FirstTimeShare, FirstTimeThrough
from support.reference import traces
from support.tiny_store import TinyLog


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


REFERENCES = {"compute_first_time_through": compute_first_time_through}
