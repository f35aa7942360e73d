"""Which cases could have gone through a step, and which of them passed it by.

A step is **enabled** in a case where something that usually comes directly before it has just happened, and then either
the step itself came next or what usually comes directly after it (the step was passed by). A case that went on in any
other way took another branch: there the step was not due, and the case is not a skipper. Cases in which the step was
done somewhere else only are left out, and so are those that cannot be followed for as long as all others.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.diagnose.superfluous.continuation import shifted
from potok.diagnose.superfluous.traces import OPEN, START, Codes, Flags, Traces
from potok.measure.running import MICROSECONDS

USUAL_SHARE: Final = 0.05
USUAL_FOLLOW_UP: Final = 0.9
_NOWHERE: Final = -1


@dataclass(frozen=True, slots=True)
class RiskSet:
    """Cases in which a step was enabled.

    Parameters
    ----------
    owner
        Shape (m,): index of the case in the traces.
    due
        Shape (m,): place in the traces at which the step came, or was passed by.
    is_skipped
        Shape (m,): whether the step was never done from there on.
    follow_up_us
        How long each case is followed from the moment at which the step was enabled.
    elsewhere
        Cases left out because they have the step in another place only.
    unfollowed
        Cases left out because the log ends before they have been followed that long.
    """

    owner: Codes
    due: Codes
    is_skipped: Flags
    follow_up_us: int
    elsewhere: int
    unfollowed: int

    @property
    def follow_up_seconds(self) -> float:
        """The follow-up in seconds."""
        return self.follow_up_us / MICROSECONDS

    def begins_us(self, traces: Traces) -> Codes:
        """Return when the step was enabled in each case."""
        return traces.at_us[self.due - 1]


def find_risk_set(traces: Traces, activity: int, *, follow_up_us: int | None = None) -> RiskSet:
    """Find the cases in which a step was enabled, with equal follow-up.

    Parameters
    ----------
    follow_up_us
        None takes the time within which nine tenths of the closed ones are closed.
    """
    due = _due_places(traces, activity)
    owner = traces.owner[due]
    runs = np.flatnonzero(traces.activity == activity)
    first_run = np.full(len(traces.case), np.iinfo(np.int64).max)
    last_run = np.full(len(traces.case), _NOWHERE)
    np.minimum.at(first_run, traces.owner[runs], runs)
    np.maximum.at(last_run, traces.owner[runs], runs)
    is_first = first_run[owner] >= due  # cases that had the step before it was due are of another kind
    due, owner = due[is_first], owner[is_first]
    performed = np.unique(traces.owner[runs])
    is_skipped = last_run[owner] < due
    begins = traces.at_us[due - 1]
    horizon = _horizon(traces, owner, begins) if follow_up_us is None else follow_up_us
    is_followed = begins + horizon <= traces.extracted_us
    return RiskSet(
        owner[is_followed],
        due[is_followed],
        is_skipped[is_followed],
        horizon,
        elsewhere=len(np.setdiff1d(performed, owner)),
        unfollowed=int((~is_followed).sum()),
    )


def _due_places(traces: Traces, activity: int) -> Codes:
    """Return the first place in each case at which the step came or was passed by."""
    at = np.flatnonzero(traces.activity == activity)
    if not len(at):
        return np.zeros(0, np.int64)
    before = _usual(traces.activity[at - 1], activity)
    after = _usual(traces.activity[at + 1], activity)
    table = np.zeros((2, int(traces.activity.max()) + 1 - OPEN), bool)
    table[0, shifted(before)] = True
    table[1, shifted(after[after != OPEN])] = True
    here, previous = traces.activity[1:], traces.activity[:-1]
    comes_after = table[0, shifted(previous)] & (traces.owner[1:] == traces.owner[:-1])
    is_run = comes_after & (here == activity)
    is_passed = comes_after & table[1, shifted(here)] & ~traces.is_again[1:] & (here != previous)
    places = np.flatnonzero(is_run | is_passed) + 1
    _owners, first = np.unique(traces.owner[places], return_index=True)
    return np.asarray(places[first], np.int64)


def _usual(codes: Codes, activity: int) -> Codes:
    found, counts = np.unique(codes, return_counts=True)
    return np.asarray(found[(counts >= USUAL_SHARE * len(codes)) & (found != activity)], np.int64)


def _horizon(traces: Traces, owner: Codes, begins: Codes) -> int:
    took = (traces.closed_us[owner] - begins)[traces.is_closed[owner]]
    return int(np.quantile(took, USUAL_FOLLOW_UP)) if len(took) else 0


def happens_after(traces: Traces, risk: RiskSet, is_meant: Flags) -> Flags:
    """Return which cases of a risk set have a marked place within the follow-up.

    Parameters
    ----------
    is_meant
        Shape (n,), along the traces.
    """
    marked = np.flatnonzero(is_meant)
    if not len(marked) or not len(risk.due):
        return np.zeros(len(risk.due), bool)
    place = np.searchsorted(marked, risk.due, side="left")
    found = marked[np.minimum(place, len(marked) - 1)]
    is_there = (place < len(marked)) & (traces.owner[found] == risk.owner)
    return np.asarray(is_there & (traces.at_us[found] <= risk.begins_us(traces) + risk.follow_up_us))


def context_of(traces: Traces, risk: RiskSet) -> Codes:
    """Return what came directly before the step was due; `START` where nothing did."""
    return np.maximum(traces.activity[risk.due - 1], START)
