"""Checks that end cases: how often, at what effort, and in which order they would cost least.

A case is **knocked out** by an activity if it is the last thing that happened in it. The knock-out rate is the number
of such cases over all cases that have the activity (Lashkevich et al. 2023). That counts open cases that merely lie
still, so the rate over closed cases stands beside it. Where an activity is the natural end of the process, most cases
that it "knocks out" have simply come through: a log alone cannot tell an early end from the last step. A knock-out is
called *early* where most cases that have the activity go on after it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.diagnose.superfluous.reasons import Reason
from potok.diagnose.superfluous.traces import END, Codes, Traces
from potok.inference.proportions import RateBound, clopper_pearson

LEAST_CASES: Final = 30


@dataclass(frozen=True, slots=True)
class KnockOut:
    """How often cases end with an activity.

    Parameters
    ----------
    cases, runs
        Cases that have the activity, and how often it was done.
    rate
        Cases whose last activity it is, over `cases`, with exact bounds.
    closed_rate
        The same among closed cases.
    is_early
        Whether most cases that have the activity go on after it, so that ending there is the exception.
    effort_seconds_per_case
        Mean time worked on it per case; None without start times.
    effort_seconds_per_knock_out
        Time worked on it in all cases, over cases knocked out; None without start times or knock-outs.
    """

    cases: int
    runs: int
    rate: RateBound
    closed_rate: RateBound
    is_early: bool
    effort_seconds_per_case: float | None
    effort_seconds_per_knock_out: float | None


@dataclass(frozen=True, slots=True)
class LaterCheck:
    """A later check that ends cases at less effort: it could come first.

    Parameters
    ----------
    activity
        Its label.
    own_seconds, later_seconds
        Effort per knock-out of the step and of the later check.
    """

    activity: str
    own_seconds: float
    later_seconds: float

    def reason(self) -> Reason:
        """Return it as a reason."""
        figures = (("own", self.own_seconds), ("later", self.later_seconds))
        return Reason("dearer_than_later_check", figures, (self.activity,))


def measure_knock_out(traces: Traces, activity: int, *, worked_seconds: float | None) -> KnockOut:
    """Measure how often cases end with an activity.

    Parameters
    ----------
    worked_seconds
        Time worked on it in all; None without start times.

    References
    ----------
    Lashkevich, Pufahl, Dumas et al. (2023), "Discovery of improvement opportunities in knock-out checks of business
    processes", CAiSE.
    """
    at = np.flatnonzero(traces.activity == activity)
    owners, follows = np.unique(traces.owner[at]), traces.activity[at + 1]
    cases = len(owners)
    ended = int((follows < 0).sum())
    rate = clopper_pearson(ended, cases)
    closed = clopper_pearson(int((follows == END).sum()), int(traces.is_closed[owners].sum()))
    return KnockOut(
        cases=cases,
        runs=len(at),
        rate=rate,
        closed_rate=closed,
        is_early=ended > 0 and rate.share < 0.5,
        effort_seconds_per_case=None if worked_seconds is None or not cases else worked_seconds / cases,
        effort_seconds_per_knock_out=None if worked_seconds is None or not ended else worked_seconds / ended,
    )


def find_later_check(
    step: int,
    knock_outs: dict[int, KnockOut],
    labels: dict[int, str],
    order: dict[int, Codes],
    *,
    barred: frozenset[int],
) -> LaterCheck | None:
    """Find a check that mostly comes later and surely ends cases at less effort; the cheapest if there are several.

    Cases end at least effort if checks come in ascending order of effort per knock-out.

    Parameters
    ----------
    order
        For each activity, the place of its first run in each case (−1 where it has none), shape (c,).
    barred
        Activities that must not come before the step.

    References
    ----------
    van der Aalst (2001), "Re-engineering knock-out processes".
    """
    own = knock_outs[step]
    if own.effort_seconds_per_case is None or not own.is_early or own.cases < LEAST_CASES or own.rate.upper <= 0:
        return None
    found = []
    for code, other in knock_outs.items():
        if code == step or code in barred or not _is_check(other) or not _comes_later(order[step], order[code]):
            continue
        # The least that a knock-out can cost here still exceeds the most that it can cost there.
        least_here = own.effort_seconds_per_case / own.rate.upper
        most_there = (other.effort_seconds_per_case or 0.0) / other.rate.lower
        if least_here > most_there:
            found.append(
                LaterCheck(
                    labels[code],
                    own.effort_seconds_per_knock_out or least_here,
                    other.effort_seconds_per_knock_out or most_there,
                )
            )
    return min(found, key=lambda check: check.later_seconds, default=None)


def _is_check(held: KnockOut) -> bool:
    has_effort = held.effort_seconds_per_case is not None and held.effort_seconds_per_case > 0
    return has_effort and held.is_early and held.cases >= LEAST_CASES and held.rate.lower > 0


def _comes_later(step: Codes, other: Codes) -> bool:
    both = (step >= 0) & (other >= 0)
    return bool(both.sum() >= LEAST_CASES and (other[both] > step[both]).mean() >= 0.9)
