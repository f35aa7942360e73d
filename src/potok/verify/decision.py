"""The rule by which a verdict is given.

The protocol fixes one primary outcome, a minimum improvement m ≥ 0, harms k with margins δk, a fixed look or a
confidence sequence, and a last day. The improvement D has the 95 % interval [L, U]; harm k has [lk, uk]. In this order:

1. Holm-adjusted lk > 0 and uk ≥ δk for some k: harm to quality.
2. A late or rewritten protocol, a changed primary outcome, a blocking honesty failure, or U ≤ m: not verified.
3. L > m, every uk < δk with complete follow-up, diagnostics passed, no unreviewed sentinel event: verified.
4. Else cannot tell yet until the protocol's last day, then not verified (undecided).

Outside the limits of applicability of a design nothing is concluded from its interval: neither L > m nor U ≤ m. A limit
that is not a number shows nothing either, so every condition asks whether what must hold does hold, and not whether its
opposite does; and a promise below nothing is no promise: m is never taken to be less than 0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from potok.core.language import mark
from potok.verify.effect import (
    CheckVerdict,
    Decision,
    EffectEstimate,
    HonestyCheck,
    QualityEffect,
    Reason,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the rule looks at.

    Parameters
    ----------
    estimate
        The primary outcome; None where nothing could be estimated.
    minimum_improvement
        m, in the outcome's unit.
    quality, checks, diagnostics
        As in `potok.verify.effect.Effect`.
    unreviewed_sentinels
        Ids of cases.
    is_late, is_outcome_changed, is_overruled
        Whether the protocol was registered after the change; whether another outcome than the registered one was
        looked at; whether another design than the proposed one was asked for.
    is_closed_only
        Whether a log holds closed cases only, so that the youngest cohorts lack their long cases.
    is_look_over
        Whether the one look that the protocol fixes has been taken: later cases change nothing.
    missing
        Why the question cannot be answered yet: too early, too few cases or months.
    decided_on, last_on
        Today, and the protocol's last day.
    is_rewritten
        Whether the protocol says something else than the one whose hash was registered, where that hash is known.
    """

    estimate: EffectEstimate | None
    minimum_improvement: float
    quality: tuple[QualityEffect, ...]
    checks: tuple[HonestyCheck, ...]
    diagnostics: tuple[HonestyCheck, ...]
    unreviewed_sentinels: tuple[str, ...]
    is_late: bool
    is_outcome_changed: bool
    is_overruled: bool
    is_closed_only: bool
    is_look_over: bool
    missing: tuple[Reason, ...]
    decided_on: date
    last_on: date
    is_rewritten: bool = False


def decide(evidence: Evidence) -> Decision:
    """Give the verdict by the rule, with the reasons that decided it and what would change it."""
    if harms := tuple(_harms(evidence.quality)):
        return Decision(Verdict.HARM_TO_QUALITY, 1, False, harms, (Reason(_UNDO),))
    if refusals := tuple(_refusals(evidence)):
        return Decision(Verdict.NOT_VERIFIED, 2, False, refusals, tuple(_remedies_of_refusal(evidence)))
    doubts = tuple(_doubts(evidence))
    if not doubts:
        return Decision(Verdict.VERIFIED, 3, False, tuple(_grounds(evidence)))
    if evidence.decided_on >= evidence.last_on:
        undecided = Reason(_UNDECIDED, {"last_on": evidence.last_on.isoformat()})
        return Decision(Verdict.NOT_VERIFIED, 4, True, (undecided, *doubts), (Reason(_NEW_PROTOCOL),))
    return Decision(Verdict.CANNOT_TELL_YET, 4, False, doubts, tuple(_remedies_of_doubt(evidence)))


def _harms(quality: Sequence[QualityEffect]) -> Iterator[Reason]:
    for one in quality:
        if one.lower_adjusted > 0 and not _is_within(one):
            yield Reason(
                _HARM,
                {
                    "name": one.name,
                    "before": one.before_share,
                    "after": one.after_share,
                    "margin": one.margin_share,
                },
            )


def _refusals(evidence: Evidence) -> Iterator[Reason]:
    if evidence.is_late:
        yield Reason(_LATE)
    if evidence.is_rewritten:
        yield Reason(REWRITTEN)
    if evidence.is_outcome_changed:
        yield Reason(_OUTCOME_CHANGED)
    for check in evidence.checks:
        if check.is_blocking:
            yield Reason(_DRESSED, {"check": check.kind})
    estimate = evidence.estimate
    if estimate is not None and estimate.is_applicable and _is_told(evidence):
        upper = estimate.improvement.upper
        if upper <= _promised(evidence):
            yield Reason(_TOO_LITTLE, {"upper": upper, "minimum": _promised(evidence)})


def _is_told(evidence: Evidence) -> bool:
    """Return whether the data reach far enough, and are whole enough, for the interval to be read."""
    return not evidence.missing and not evidence.is_closed_only


def _is_within(one: QualityEffect) -> bool:
    """Return whether an indicator is shown to have worsened by less than its margin."""
    return one.harm.upper < one.margin_share


def _promised(evidence: Evidence) -> float:
    """Return m, at least 0; nan where it is no number, which nothing exceeds."""
    minimum = evidence.minimum_improvement
    return 0.0 if minimum < 0 else minimum


def _doubts(evidence: Evidence) -> Iterator[Reason]:
    yield from evidence.missing
    if evidence.is_closed_only:
        yield Reason(_CLOSED_ONLY)
    yield from _doubts_of_estimate(evidence)
    for one in evidence.quality:
        if not one.is_recorded:
            yield Reason(_NOT_RECORDED, {"name": one.name, "attribute": one.attribute, "value": one.value})
        elif not _is_within(one):
            yield Reason(
                _MARGIN_OPEN,
                {
                    "name": one.name,
                    "upper": one.harm.upper,
                    "margin": one.margin_share,
                    "needed": one.needed_cases,
                },
            )
        elif not one.is_complete:
            yield Reason(_FOLLOW_UP, {"name": one.name})
    if not evidence.quality:
        yield Reason(_NO_QUALITY)
    for check in evidence.diagnostics:
        if check.verdict is CheckVerdict.FAILED:
            yield Reason(_DIAGNOSTIC, {"check": check.kind})
    if evidence.unreviewed_sentinels:
        yield Reason(_SENTINEL, {"cases": len(evidence.unreviewed_sentinels)})


def _doubts_of_estimate(evidence: Evidence) -> Iterator[Reason]:
    estimate = evidence.estimate
    if estimate is None:
        if not evidence.missing:
            yield Reason(_NO_DESIGN)
        return
    yield from (Reason(limit) for limit in estimate.limits)
    if not estimate.is_applicable and not estimate.limits:
        yield Reason(_NO_DESIGN)
    if evidence.is_overruled:
        yield Reason(_OVERRULED)
    is_enough = estimate.improvement.lower > _promised(evidence)
    if not is_enough:
        interval = {"lower": estimate.improvement.lower, "upper": estimate.improvement.upper}
        yield Reason(_INTERVAL_OPEN, {**interval, "minimum": _promised(evidence)})


def _grounds(evidence: Evidence) -> Iterator[Reason]:
    estimate = evidence.estimate
    if estimate is not None:
        interval = {"lower": estimate.improvement.lower, "upper": estimate.improvement.upper}
        yield Reason(_GROUND_EFFECT, {**interval, "minimum": _promised(evidence)})
    yield Reason(_GROUND_QUALITY, {"indicators": len(evidence.quality)})
    told = sum(check.verdict is not CheckVerdict.CANNOT_TELL for check in evidence.checks)
    yield Reason(_GROUND_CHECKS, {"told": told, "checks": len(evidence.checks)})


def _remedies_of_refusal(evidence: Evidence) -> Iterator[Reason]:
    if evidence.is_late or evidence.is_outcome_changed or evidence.is_rewritten:
        yield Reason(_NEW_PROTOCOL)
    if any(check.is_blocking for check in evidence.checks):
        yield Reason(_MEND_CHECKS)


def _remedies_of_doubt(evidence: Evidence) -> Iterator[Reason]:
    if not evidence.quality:
        yield Reason(_DECLARE_QUALITY)
    if evidence.unreviewed_sentinels:
        yield Reason(_REVIEW)
    if evidence.is_closed_only:
        yield Reason(_EXTRACT_OPENED)
    if evidence.is_look_over:
        yield Reason(_NEW_LOOK)
    else:
        yield Reason(_WAIT, {"last_on": evidence.last_on.isoformat()})


_HARM = mark(
    "{name}: the share went from {before:share} to {after:share}; that it worsened is beyond doubt, and that it "
    "worsened by less than the margin of {margin:share} is not shown."
)
_UNDO = mark("Undo the change or mend it where quality worsened, register a new protocol, and verify again.")
_LATE = mark("The protocol was registered after the change had begun: what is promised afterwards cannot be verified.")
REWRITTEN = mark("The protocol is not the one that was registered: its content has another hash.")
_OUTCOME_CHANGED = mark("Another outcome was looked at than the one that the protocol registered.")
_DRESSED = mark("The honesty check «{check:check}» failed: the figure may come from it and not from the change.")
_TOO_LITTLE = mark("The improvement is at most {upper:outcome}, not more than the promised {minimum:outcome}.")
_CLOSED_ONLY = mark("A log holds closed cases only: the slow cases of late months are missing, so nothing is verified.")
_NO_DESIGN = mark("No design fits these data: there is nothing to compare the agencies that changed with.")
_OVERRULED = mark("Another design was asked for than the one that the rules propose; its answer is shown only.")
_INTERVAL_OPEN = mark(
    "The improvement lies between {lower:outcome} and {upper:outcome}; that it is more than {minimum:outcome} is not "
    "shown."
)
_MARGIN_OPEN = mark(
    "{name}: worsening by up to {upper:share} cannot be ruled out, the margin is {margin:share}; about {needed} cases "
    "on each side would show it."
)
_NOT_RECORDED = mark(
    "{name}: the agencies that changed hardly record it: “{value}” in “{attribute}” never occurs, or the column is "
    "empty."
)
_FOLLOW_UP = mark("{name}: not every case after the change has been followed long enough.")
_NO_QUALITY = mark("The protocol declares no quality indicator: that quality held cannot be shown.")
_DIAGNOSTIC = mark("The diagnostic «{check:check}» failed: the design's assumption does not stand.")
_SENTINEL = mark("Grave events without a review: {cases}.")
_UNDECIDED = mark("The last day of the protocol, {last_on:date}, has come without a decision.")
_NEW_PROTOCOL = mark("Register a new protocol before the next change.")
_MEND_CHECKS = mark("Mend what the failed checks show, and count from then on under a new protocol.")
_DECLARE_QUALITY = mark("Declare quality indicators with margins in a new protocol.")
_REVIEW = mark("Have the grave events reviewed, and name their cases in the protocol.")
_EXTRACT_OPENED = mark("Extract all cases opened in the period, whether closed or not.")
_WAIT = mark("Look again with more cases, at the latest on {last_on:date}.")
_NEW_LOOK = mark(
    "The one look that the protocol fixes has been taken; register a new protocol with a later or longer one."
)
_GROUND_EFFECT = mark(
    "The improvement lies between {lower:outcome} and {upper:outcome}, wholly above the promised {minimum:outcome}."
)
_GROUND_QUALITY = mark("No quality indicator worsened by its margin: all {indicators} are within theirs.")
_GROUND_CHECKS = mark("No honesty check failed; {told} of {checks} could be made.")
