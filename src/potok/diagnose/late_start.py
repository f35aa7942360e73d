"""Late starts: more than half of a term had passed before anything was done in a case.

A start is late as `potok.measure.deadlines` judges it. Counted are cases that have been under a term for half of it at
least by the end of the log: before that, only early starts can have been seen, and the share of late ones would look
smaller than it is.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from potok.core.finding import Confidence, Finding, FindingKind, Place, Waste
from potok.core.language import mark
from potok.core.regulations import Term
from potok.core.regulations.due_arrays import NEVER_US
from potok.diagnose.first_findings import TRIFLE_SHARE
from potok.inference.estimate import Estimate
from potok.inference.proportions import Arm, RateBound, clopper_pearson, newcombe_difference
from potok.measure.deadlines import Judgement
from potok.measure.deadlines.due import TermCases
from potok.measure.deadlines.judgement import JudgedTerm, late_start_us
from potok.measure.running import seconds

MOST_EXAMPLES: Final = 10
ASSUMPTION: Final = mark(
    "Where the log has no start times, work under a term counts as begun when its first step was completed."
)
REASONS: Final = {
    "term_too_young": mark("No case has been under this term for half of it."),
    "no_two_kinds": mark("There are no cases of both kinds to be compared."),
    "first_step_ends_term": mark("The first thing done ends the term: who begins before the due date cannot miss it."),
}

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LateStartedTerm:
    """The late starts under one term, and whether the term was then missed.

    Parameters
    ----------
    term
        The term.
    share
        Cases that started late, of those of which it is known that they did or did not.
    case, beyond_us
        (n,) int64: codes of the cases that started late, and how long each lay beyond half of the term until something
        was done, µs; the longest first.
    begun_overdue
        Of them, cases in which nothing was done before the due date: these have missed the term already.
    late, others
        Of cases whose due date lies before the extraction, and in which something was done before it: how many of
        those that started late missed the term, and how many of the others; None if there are no such cases.
    difference
        The one share less the other; None where `reason` says why not.
    reason
        Key of `REASONS`; empty if there is a difference.
    """

    term: Term
    share: RateBound
    case: Integers
    beyond_us: Integers
    begun_overdue: int
    late: RateBound | None = None
    others: RateBound | None = None
    difference: Estimate | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LateStarts:
    """Late starts under the terms of a regulation.

    Parameters
    ----------
    terms
        In the order of the regulation.
    rules_id
        Ids of the regulation and the calendar: findings depend on them.
    """

    terms: tuple[LateStartedTerm, ...]
    rules_id: str


def compute_late_starts(judgement: Judgement, *, rules_id: str) -> LateStarts:
    """Find the late starts, from cases already judged.

    Parameters
    ----------
    rules_id
        Ids of the regulation and the calendar by which they were judged.
    """
    terms = tuple(_late_started(judged, judgement.extracted_us) for judged in judgement.terms)
    return LateStarts(terms, rules_id)


def find_late_starts(found: LateStarts, *, lead_seconds: float) -> tuple[Finding, ...]:
    """Return terms with late starts as findings, most time beyond half of the term first.

    Terms under which this time is below `TRIFLE_SHARE` of the lead time of all cases are left out.

    Parameters
    ----------
    lead_seconds
        Lead time of all cases.
    """
    findings = [
        Finding(
            kind=FindingKind.LATE_START,
            waste=Waste.WAITING,
            where=Place(term=one.term.name),
            cases=len(one.case),
            occurrences=len(one.case),
            example_cases=tuple(one.case[:MOST_EXAMPLES].tolist()),
            affected_seconds=seconds(int(one.beyond_us.sum(dtype=object))),
            confidence=Confidence.COUNTED,
            assumption=ASSUMPTION,
        )
        for one in found.terms
    ]
    worth_naming = [one for one in findings if (one.affected_seconds or 0.0) > TRIFLE_SHARE * lead_seconds]
    return tuple(sorted(worth_naming, key=lambda finding: -(finding.affected_seconds or 0.0)))


def _late_started(judged: JudgedTerm, extracted_us: int) -> LateStartedTerm:
    found, states = judged.found, judged.states
    half_us = late_start_us(found)
    has_acted = found.acted_us != NEVER_US
    is_known = ~found.is_standing & (has_acted | states.open_late | states.unmet) & (half_us <= extracted_us)
    is_late = states.late_start
    case, beyond_us = _longest_first(found.case[is_late], _beyond_us(found, half_us, extracted_us)[is_late])
    share = clopper_pearson(int(is_late.sum()), int(is_known.sum()))
    begun_overdue = int((is_late & (found.acted_us >= found.due_us)).sum())
    if not share.trials:
        return LateStartedTerm(judged.term, share, case, beyond_us, begun_overdue, reason="term_too_young")
    begun = has_acted & (found.acted_us < found.due_us) & (found.due_us <= extracted_us) & states.judged
    late, others = _missed(judged, begun & is_late), _missed(judged, begun & ~is_late)
    reason, difference = "", None
    if not (late.trials and others.trials):
        reason = "no_two_kinds"
    elif (found.end_us == found.acted_us)[begun].all():
        reason = "first_step_ends_term"
    else:
        difference = newcombe_difference(*(Arm(arm.share, arm.trials) for arm in (late, others)))
    return LateStartedTerm(
        judged.term,
        share,
        case,
        beyond_us,
        begun_overdue,
        late=late if late.trials else None,
        others=others if others.trials else None,
        difference=difference,
        reason=reason,
    )


def _beyond_us(found: TermCases, half_us: Integers, extracted_us: int) -> Integers:
    """Return how long each case lay beyond half of its term: to the first action, else to its closing or extraction."""
    left_us = np.where(found.closed_us == NEVER_US, extracted_us, found.closed_us)
    begins, ends = np.maximum(half_us, found.opened_us), np.minimum(found.acted_us, left_us)
    return np.maximum(ends, begins) - begins


def _missed(judged: JudgedTerm, chosen: Flags) -> RateBound:
    return clopper_pearson(int((chosen & ~judged.states.in_time).sum()), int(chosen.sum()))


def _longest_first(case: Integers, beyond_us: Integers) -> tuple[Integers, Integers]:
    order = np.lexsort((case, -beyond_us))
    return case[order], beyond_us[order]
