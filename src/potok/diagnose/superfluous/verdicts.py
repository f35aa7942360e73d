"""From five gates to a verdict.

A step is named a candidate for removal only if every gate is open. What is missing is said; what is against it is said
first. The order is fixed: what evidently matters is kept, what the law binds is bound, and only then figures speak.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from potok.diagnose.superfluous.case_mix import may_be_later
from potok.diagnose.superfluous.continuation import InformationGate, ReactionGate
from potok.diagnose.superfluous.declaration import LegalStatus, StepRules
from potok.diagnose.superfluous.knock_out import LaterCheck
from potok.diagnose.superfluous.legal import LegalGate
from potok.diagnose.superfluous.quality import LEAST_EFFECTIVE, QualityGate, SkippersGate
from potok.diagnose.superfluous.reasons import Reason, Verdict
from potok.diagnose.superfluous.targeting import Targeting
from potok.inference.power import ONE_SIDED_LEVEL, SampleSize

LEAST_RUNS: Final = 30
FREQUENT_SHARE: Final = 0.05
"""A step that alters at least this share of cases, beyond chance, is kept; one that may do so is not judged further."""


@dataclass(frozen=True, slots=True)
class Gates:
    """The five gates of a step, and what else may speak for moving or narrowing it."""

    information: InformationGate
    reaction: ReactionGate
    skippers: SkippersGate
    quality: QualityGate
    legal: LegalGate
    targeting: Targeting | None = None
    later_check: LaterCheck | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of a step.

    Parameters
    ----------
    verdict
        The word.
    reasons
        Why, most weighty first.
    missing
        What people would have to declare before more could be said: keys of `REASONS`.
    trial
        Cases that a trial needs; None where nothing can be said, or for several margins (see the quality gate).
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    trial: SampleSize | None = None


def judge(gates: Gates, rules: StepRules, *, severity: float | None) -> Judgement:
    """Judge a step by its gates.

    Parameters
    ----------
    severity
        Declared loss if one alteration is missed; None if nobody has declared it.
    """
    missing = tuple(_missing(gates, rules, severity))
    told = (_reaction_told(gates.reaction),)
    verdict, why = _decide(gates, rules, severity, missing)
    trial = _trial(gates.quality) if verdict is Verdict.PILOT_FIRST else None
    return Judgement(verdict, (*why, *told), missing, trial)


_Decision = tuple[Verdict, tuple[Reason, ...]]


def _decide(gates: Gates, rules: StepRules, severity: float | None, missing: tuple[str, ...]) -> _Decision:
    decided = _kept(gates) or _bound(gates) or _unknown(gates) or _narrowed(gates)
    if decided:
        return decided
    doubts = tuple(_doubts(gates, rules, severity))
    if doubts or missing:
        return Verdict.PILOT_FIRST, doubts
    return Verdict.REMOVAL_CANDIDATE, (Reason("margin_kept", (("p_value", gates.quality.adjusted_p or 0.0),)),)


def _kept(gates: Gates) -> _Decision | None:
    if gates.quality.is_harm_seen:
        return Verdict.KEEP, tuple(_harms(gates.quality))
    is_known = gates.reaction.runs >= LEAST_RUNS
    if is_known and gates.reaction.rate.lower >= FREQUENT_SHARE:
        if gates.later_check is not None and gates.legal.status is not LegalStatus.BOUND:
            return Verdict.MOVE_LATER, (gates.later_check.reason(), *_often(gates.reaction))
        return Verdict.KEEP, _often(gates.reaction)
    if gates.legal.safeguards:
        return Verdict.KEEP, (Reason("safeguard", names=tuple(gates.legal.safeguards)),)
    if gates.legal.used_by:
        return Verdict.KEEP, (Reason("document_used", names=gates.legal.used_by),)
    return None


def _often(reaction: ReactionGate) -> tuple[Reason, ...]:
    often = Reason("alters_often")
    return (often,) if reaction.is_logged else (often, Reason("result_not_logged"))


def _bound(gates: Gates) -> _Decision | None:
    if gates.legal.status is LegalStatus.BOUND:
        return Verdict.BOUND_BY_LAW, (Reason("bound_by", names=gates.legal.articles),)
    return None


def _unknown(gates: Gates) -> _Decision | None:
    reaction = gates.reaction
    if reaction.runs < LEAST_RUNS:
        return Verdict.CANNOT_TELL, (Reason("too_few_runs", (("runs", reaction.runs),)),)
    if reaction.rate.at_most > FREQUENT_SHARE and gates.targeting is None and gates.later_check is None:
        unlogged = () if reaction.is_logged else (Reason("result_not_logged"),)
        return Verdict.CANNOT_TELL, unlogged
    return None


def _narrowed(gates: Gates) -> _Decision | None:
    if gates.reaction.rate.lower <= 0:
        return None
    if gates.later_check is not None:
        return Verdict.MOVE_LATER, (gates.later_check.reason(),)
    if gates.targeting is not None:
        rare = Reason("alterations_are_rare_but_real")
        return Verdict.CHECK_BY_RISK, (gates.targeting.reason(), rare)
    return None


def _doubts(gates: Gates, rules: StepRules, severity: float | None) -> Iterator[Reason]:
    if not gates.reaction.is_logged:
        yield Reason("result_not_logged")
    loss = gates.reaction.rate.at_most * severity if severity is not None else None
    if loss is not None and rules.acceptable_loss is not None and loss > rules.acceptable_loss:
        yield Reason("loss_not_acceptable", (("loss", loss), ("acceptable", rules.acceptable_loss)))
    if _tells_what_follows(gates):
        yield Reason("result_tells_what_follows")
    yield from skipper_doubts(gates.skippers)
    if gates.skippers.is_enough and gates.quality.p_value is not None:
        adjusted = gates.quality.p_value if gates.quality.adjusted_p is None else gates.quality.adjusted_p
        if adjusted >= ONE_SIDED_LEVEL:
            yield Reason("margin_not_shown", (("p_value", adjusted),))


def _tells_what_follows(gates: Gates) -> bool:
    """Return whether a logged result that varies goes with what follows, beyond chance."""
    held = gates.information
    return held.basis == "result" and held.p_value is not None and held.p_value < ONE_SIDED_LEVEL


def skipper_doubts(skippers: SkippersGate) -> Iterator[Reason]:
    """Yield why the cases that passed a step by cannot stand for the others, if they cannot."""
    if skippers.overlap is None:
        yield Reason(_why_one_arm(skippers))
    elif skippers.overlap.effective_skippers < LEAST_EFFECTIVE:
        yield Reason("too_few_skippers", (("effective", skippers.overlap.effective_skippers),))
    elif not skippers.is_enough:
        yield Reason("skippers_differ", (("outside", skippers.overlap.outside_share),))


def _why_one_arm(skippers: SkippersGate) -> str:
    if skippers.at_risk:
        return "nobody_performed" if skippers.skipped.events else "no_case_skipped"
    return "follow_up_too_short" if skippers.unfollowed else "no_case_was_due"


def _harms(quality: QualityGate) -> Iterator[Reason]:
    for test in quality.tests:
        harm = test.harm
        if harm is not None and harm.lower > 0:
            figures = (("harm", harm.value), ("lower", harm.lower), ("upper", harm.upper))
            yield Reason("harm_seen", figures, (test.indicator.name,))


def _reaction_told(reaction: ReactionGate) -> Reason:
    rate = reaction.rate
    if not reaction.altered_cases:
        return Reason("no_alteration_seen", (("runs", reaction.runs), ("at_most", rate.at_most)))
    figures = (
        ("altered", float(reaction.altered_cases)),
        ("cases", float(reaction.judged_cases)),
        ("rate", rate.share),
        ("lower", rate.lower),
        ("upper", rate.upper),
    )
    return Reason("alterations_seen", figures)


def _missing(gates: Gates, rules: StepRules, severity: float | None) -> Iterator[str]:
    indicators = [test.indicator for test in gates.quality.tests] or rules.indicators
    if not indicators or any(indicator.margin_share is None for indicator in indicators):
        yield "lacks_margins"
    if any(not test.indicator.is_recorded for test in gates.quality.tests):
        yield "lacks_records"
    if rules.case_mix is None and may_be_later(gates.skippers.case_mix):
        yield "lacks_case_mix"
    if rules.gamma is None:
        yield "lacks_gamma"
    if severity is None or rules.acceptable_loss is None:
        yield "lacks_severity"
    if gates.legal.status is LegalStatus.UNKNOWN:
        yield "lacks_legal_tag"
    if gates.legal.used_by is None:
        yield "lacks_document_use"


def _trial(quality: QualityGate) -> SampleSize | None:
    """Return the largest trial that a declared margin needs."""
    declared = [test.trials[0] for test in quality.tests if test.indicator.margin_share is not None and test.trials]
    return max(declared, key=lambda size: size.per_arm, default=None)
