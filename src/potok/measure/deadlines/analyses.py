"""What is asked of the engine about a term: when it starts and ends in each case, and when its clock stands.

Something *happened* at its completion, else (not finished) at its start, else at its enablement.
"""

from collections.abc import Sequence

import ibis

_STANDS = 0
_RUNS = 1


def happened(events: ibis.Table) -> ibis.Value:
    """Return when an instance happened, µs UTC."""
    return ibis.coalesce(events.completed_us, events.started_us, events.enabled_us)


def term_starts(events: ibis.Table, cases: ibis.Table, *, activity: int | None) -> ibis.Table:
    """Return one row per case in which a term starts: `case`, `start_us`.

    Parameters
    ----------
    activity
        Code of the activity whose first instance starts the term; None: the opening of the case does.
    """
    if activity is None:
        return cases.select("case", start_us="opened_us")
    begun = events.filter(events.activity == activity)
    return begun.group_by("case").aggregate(start_us=happened(begun).min().cast("int64"))


def term_spans(
    events: ibis.Table, cases: ibis.Table, *, starts: int | None, ends: Sequence[int], extension: int | None
) -> ibis.Table:
    """Return one row per case in which a term starts.

    Parameters
    ----------
    starts
        Code of the activity that starts it; None: the opening.
    ends
        Codes of the activities that end it, the first from the start on; empty: the closing.
    extension
        Code of the activity that extends it; None if nothing does.

    Returns
    -------
    ibis.Table
        `case`, `case_id`, `opened_us` (of the case), `start_us`, `extended_us` (null: never), `acted_us` (when the
        first instance after the start began, else happened; null: none yet), `closed_us` (null: the case is open),
        `org_unit` (of the case's last instance), `end_us` (null: not over).
    """
    begun = term_starts(events, cases, activity=starts)
    timed = events.select(
        "case", "activity", happened_us=happened(events), began_us=ibis.coalesce(events.started_us, happened(events))
    ).join(begun, "case")
    later = timed.filter(timed.happened_us >= timed.start_us)
    ended = later.activity.isin(list(ends)) if ends else ibis.literal(False)
    extended = later.activity == extension if extension is not None else ibis.literal(False)
    nothing = ibis.null("int64")
    found = later.group_by("case").aggregate(
        ended_us=ibis.ifelse(ended, later.happened_us, nothing).min().cast("int64"),
        extended_us=ibis.ifelse(extended, later.happened_us, nothing).min().cast("int64"),
        acted_us=ibis.ifelse(later.began_us > later.start_us, later.began_us, nothing).min().cast("int64"),
    )
    last = events.filter(events.next_activity.isnull()).select("case", "org_unit")
    spans = begun.left_join(found, "case").drop("case_right").left_join(last, "case").drop("case_right")
    known = spans.join(cases.select("case", "case_id", "opened_us", "closed_us"), "case")
    end_us = known.ended_us if ends else known.closed_us
    return known.select(
        "case", "case_id", "opened_us", "start_us", "extended_us", "acted_us", "closed_us", "org_unit", end_us=end_us
    )


def clock_stops(events: ibis.Table, *, from_activity: int, to_activity: int) -> ibis.Table:
    """Return one row per stretch in which the clock stands: `case`, `from_us`, `to_us` (null: it still stands).

    It stands from an instance of the one activity to the next of the other; meanwhile further instances of the first
    change nothing.
    """
    concerned = events.filter(events.activity.isin([from_activity, to_activity]))
    marked = concerned.select(
        "case",
        "position",
        at_us=happened(concerned),
        # An activity that both stops and starts the clock does each in turn; it is taken as stopping it.
        turn=ibis.ifelse(concerned.activity == from_activity, _STANDS, _RUNS).cast("int32"),
    )
    order = ibis.window(group_by="case", order_by="position")
    rest = ibis.window(group_by="case", order_by="position", preceding=0)
    seen = marked.mutate(
        before=marked.turn.lag().over(order),
        runs_us=ibis.ifelse(marked.turn == _RUNS, marked.at_us, ibis.null("int64")).min().over(rest),
    )
    stopped = seen.filter(seen.turn == _STANDS, seen.before.isnull() | (seen.before == _RUNS))
    return stopped.select("case", from_us="at_us", to_us="runs_us")
