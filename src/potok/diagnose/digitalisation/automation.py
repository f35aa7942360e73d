"""Candidates for automation: steps done often, by people, in the same way, and quickly.

Five criteria are looked at; each may be unknown. A step is a candidate if none fails and at least three hold, the first
two among them:

- *manual*: it is not automatic, and its name does not say that somebody decides;
- *frequent*: in `FREQUENT_SHARE` of the cases and `FEWEST_INSTANCES` instances at least;
- *rule-like*: one and the same activity follows it in `RULE_SHARE` of its passages;
- *short*: half of its instances take a quarter of an hour at most;
- *even*: the quartiles of its processing lie close, (Q3 − Q1) ÷ (Q3 + Q1) ≤ `EVEN_SPREAD`.

Without start times only the first three can be known. The hours are those spent in the step and waited for it, not
hours that a machine would save.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import ibis

from potok.core.finding import Confidence
from potok.core.time_units import MINUTE_SECONDS
from potok.diagnose.approvals.words import ApprovalWord, read_name
from potok.diagnose.digitalisation.steps import StepMedium
from potok.diagnose.digitalisation.words import Medium
from potok.diagnose.rework.asking import asked_rows, at_asked_rows, example_cases, find_examples
from potok.engine.base import Engine
from potok.engine.tables import ACTIVITIES, CASES, EVENTS, VARIANTS
from potok.log.store import LogStore
from potok.measure.counts import case_counts
from potok.measure.directly_follows import edge_cases
from potok.measure.evidence import CaseEvidence, find_code, gap_evidence, read_evidence
from potok.measure.ledger import gaps
from potok.measure.passages import exact_sum
from potok.measure.running import activity_labels, run, seconds

FREQUENT_SHARE: Final = 0.05
FEWEST_INSTANCES: Final = 50
RULE_SHARE: Final = 0.9
SHORT_SECONDS: Final = 15 * MINUTE_SECONDS
EVEN_SPREAD: Final = 0.5
FEWEST_WORKED: Final = 20
LEAST_CRITERIA: Final = 3
_PLACE: Final = ("next_activity",)


@dataclass(frozen=True, slots=True)
class AutomationCandidate:
    """A step that a machine could perhaps do.

    Parameters
    ----------
    instances, cases
        How often it is done, and in how many cases.
    medium
        How it is done now.
    is_rule_like, is_short, is_even
        The criteria beyond being manual and frequent; None where unknown.
    next_activity, next_share
        What follows it most often, and in what share of its passages.
    median_seconds
        Processing; None where unknown.
    staff_seconds
        Time spent in it; None where unknown.
    waiting_seconds
        Gaps of the applicants' ledger before it.
    """

    activity: str
    instances: int
    cases: int
    medium: Medium
    is_rule_like: bool | None
    is_short: bool | None
    is_even: bool | None
    next_activity: str
    next_share: float
    median_seconds: float | None
    staff_seconds: float | None
    waiting_seconds: float

    @property
    def confidence(self) -> Confidence:
        """Inferred where processing times speak for it too, else supposed."""
        return Confidence.INFERRED if self.is_short and self.is_even else Confidence.SUPPOSED


def waits_before(found: ibis.Table) -> ibis.Table:
    """Return one row per activity: `next_activity`, `gap_us` (null where no gap before it is known).

    Parameters
    ----------
    found
        As `potok.measure.ledger.gaps` returns them.
    """
    return found.group_by("next_activity").aggregate(gap_us=exact_sum(found.gap_us))


def find_automation_candidates(
    store: LogStore, steps: Sequence[StepMedium], *, engine: Engine | None = None
) -> tuple[AutomationCandidate, ...]:
    """Find the steps that a machine could perhaps do, most time of staff first, then most instances.

    Parameters
    ----------
    steps
        Of `potok.diagnose.digitalisation.steps.compute_step_media`.
    """
    ((cases, _open),) = run(case_counts(CASES), store, engine)
    held = dict(run(ACTIVITIES.select("label", "cases"), store, engine))
    labels = activity_labels(store, engine)
    waits = run(waits_before(gaps(EVENTS, CASES, extracted_us=store.extracted_us)), store, engine)
    waited = {labels[activity]: seconds(gap_us or 0) for activity, gap_us in waits}
    following = _following(store, labels, engine)
    found = [
        _candidate(step, held[step.activity], following[step.activity], waited.get(step.activity, 0.0))
        for step in steps
        if _is_manual(step) and step.activity in following and _is_frequent(step, held[step.activity], cases)
    ]
    chosen = [candidate for candidate in found if _holds(candidate)]
    return tuple(sorted(chosen, key=lambda one: (-(one.staff_seconds or 0), -one.instances, one.activity)))


def list_automation_cases(
    store: LogStore, activity: str, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases with an instance of an activity before which they waited, the longest waits first.

    Cases that begin with it are not among them; the seconds add up to the candidate's `waiting_seconds`.

    Raises
    ------
    UnknownPlaceError
        If the log does not have the activity.
    """
    code = find_code(activity_labels(store, engine), activity)
    found = gaps(EVENTS, CASES, extracted_us=store.extracted_us)
    found = found.select("case", "position", "source_row", "gap_us", "next_activity")
    rows = gap_evidence(EVENTS, CASES, at_asked_rows(found, *_PLACE), limit=limit)
    return read_evidence(rows, store, engine, given=asked_rows(_PLACE, (code,)))


def find_automation_examples(
    store: LogStore, activities: Sequence[str], *, engine: Engine | None = None
) -> dict[str, tuple[int, ...]]:
    """Find the codes of the cases that waited longest before each activity, in one pass."""
    codes = {label: code for code, label in activity_labels(store, engine).items()}
    spans = gaps(EVENTS, CASES, extracted_us=store.extracted_us)
    asked = [(codes[activity],) for activity in activities]
    found = find_examples(example_cases(spans, *_PLACE), asked, store, engine)
    return {activity: found[codes[activity],] for activity in activities}


def _is_manual(step: StepMedium) -> bool:
    named = read_name(step.activity)
    decides = named is not None and named.word in (ApprovalWord.DECISION, ApprovalWord.REFUSAL)
    return step.medium is not Medium.AUTOMATIC and not decides


def _is_frequent(step: StepMedium, held: int, cases: int) -> bool:
    return step.instances >= FEWEST_INSTANCES and held >= FREQUENT_SHARE * cases


def _following(store: LogStore, labels: Mapping[int, str], engine: Engine | None) -> dict[str, tuple[str, float]]:
    """Return what follows each activity in most cases, and in what share of its passages (once per case each)."""
    counts: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for activity, next_activity, cases in run(edge_cases(VARIANTS), store, engine):
        counts[activity].append((cases, -next_activity))
    found = {}
    for activity, passages in counts.items():
        most, following = max(passages)
        found[labels[activity]] = (labels[-following], most / sum(cases for cases, _next in passages))
    return found


def _candidate(step: StepMedium, cases: int, following: tuple[str, float], waited: float) -> AutomationCandidate:
    is_known = step.worked_instances >= FEWEST_WORKED and step.median_seconds is not None
    return AutomationCandidate(
        activity=step.activity,
        instances=step.instances,
        cases=cases,
        medium=step.medium,
        is_rule_like=following[1] >= RULE_SHARE,
        is_short=step.median_seconds <= SHORT_SECONDS if is_known and step.median_seconds is not None else None,
        is_even=_is_even(step) if is_known else None,
        next_activity=following[0],
        next_share=following[1],
        median_seconds=step.median_seconds,
        staff_seconds=step.staff_seconds,
        waiting_seconds=waited,
    )


def _is_even(step: StepMedium) -> bool | None:
    lower, upper = step.lower_quartile_seconds, step.upper_quartile_seconds
    if lower is None or upper is None:
        return None
    return upper - lower <= EVEN_SPREAD * (upper + lower)


def _holds(candidate: AutomationCandidate) -> bool:
    criteria = (True, True, candidate.is_rule_like, candidate.is_short, candidate.is_even)
    return False not in criteria and criteria.count(True) >= LEAST_CRITERIA
