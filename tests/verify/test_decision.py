"""The rule, held against a second and literal reading of its four sentences, over all that it can meet."""

from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest

from potok.inference.estimate import Estimate
from potok.verify.decision import Evidence, decide
from potok.verify.effect import (
    CheckVerdict,
    Design,
    EffectEstimate,
    HonestyCheck,
    QualityEffect,
    Reason,
    Verdict,
)

MINIMUM, MARGIN = 0.5, 0.02
LAST_ON = date(2025, 12, 31)


def interval(lower, upper):
    return Estimate((lower + upper) / 2, lower, upper, np.nan, 0.95)


def estimate(lower, upper, *, is_applicable=True):
    return EffectEstimate(
        design=Design.INTERRUPTED_SERIES,
        improvement=interval(lower, upper),
        without=10.0,
        with_change=9.0,
        relative=None,
        is_applicable=is_applicable,
        limits=() if is_applicable else ("Fewer than 24 months.",),
        p_value=None,
        admissible_assignments=None,
        degrees=20.0,
        cases_before=1000,
        cases_after=500,
        cases_compared=0,
        months_before=24,
        months_after=6,
    )


def quality(lower, upper, *, is_complete=True):
    harm = interval(lower, upper)
    return QualityEffect("Отмены", "a", "да", MARGIN, harm, lower, 0.02, 0.03, 900, 400, is_complete, 800)


def check(verdict, kind="clock_restarted"):
    return HonestyCheck(kind, verdict, None, "days", None, "…")


GOOD = Evidence(
    estimate=estimate(1.0, 3.0),
    minimum_improvement=MINIMUM,
    quality=(quality(-0.01, 0.01),),
    checks=(check(CheckVerdict.PASSED), check(CheckVerdict.FLAGGED)),
    diagnostics=(check(CheckVerdict.PASSED, "placebo_in_time"),),
    unreviewed_sentinels=(),
    is_late=False,
    is_outcome_changed=False,
    is_overruled=False,
    is_closed_only=False,
    is_look_over=False,
    missing=(),
    decided_on=date(2025, 10, 1),
    last_on=LAST_ON,
)


def literal(evidence):
    """What the sentences of the rule say."""
    harms = [(one.lower_adjusted, one.harm.lower, one.harm.upper, one.margin_share) for one in evidence.quality]
    if any(adjusted > 0 and upper >= margin for adjusted, _lower, upper, margin in harms):
        return Verdict.HARM_TO_QUALITY
    one = evidence.estimate
    readable = one is not None and one.is_applicable and not evidence.missing and not evidence.is_closed_only
    failed = any(one.verdict is CheckVerdict.FAILED for one in evidence.checks)
    too_little = readable and one.improvement.upper <= evidence.minimum_improvement
    if evidence.is_late or evidence.is_outcome_changed or failed or too_little:
        return Verdict.NOT_VERIFIED
    passed = all(one.verdict is not CheckVerdict.FAILED for one in evidence.diagnostics)
    held = bool(harms) and all(upper < margin for _adjusted, _lower, upper, margin in harms)
    held = held and all(one.is_complete for one in evidence.quality)
    proven = readable and one.improvement.lower > evidence.minimum_improvement and not evidence.is_overruled
    if proven and held and passed and not evidence.unreviewed_sentinels:
        return Verdict.VERIFIED
    return Verdict.CANNOT_TELL_YET if evidence.decided_on < evidence.last_on else Verdict.NOT_VERIFIED


CHOICES = {
    "estimate": (
        None,
        estimate(1.0, 3.0),
        estimate(0.5, 3.0),
        estimate(-1.0, 0.5),
        estimate(1.0, 3.0, is_applicable=False),
        estimate(-1.0, 0.2, is_applicable=False),
    ),
    "quality": (
        (),
        (quality(-0.01, 0.01),),
        (quality(-0.01, 0.02),),
        (quality(0.001, 0.019),),
        (quality(-0.01, 0.01), quality(0.001, 0.03)),
        (quality(-0.01, 0.01, is_complete=False),),
    ),
    "checks": ((check(CheckVerdict.FLAGGED),), (check(CheckVerdict.CANNOT_TELL), check(CheckVerdict.FAILED))),
    "diagnostics": ((), (check(CheckVerdict.FAILED, "pre_trend"),)),
    "unreviewed_sentinels": ((), ("case-1",)),
    "is_late": (False, True),
    "is_overruled": (False, True),
    "is_closed_only": (False, True),
    "missing": ((), (Reason("Too early."),)),
    "decided_on": (date(2025, 12, 30), LAST_ON),
}


def test_all_that_the_rule_can_meet():
    seen = set()
    for values in product(*CHOICES.values()):
        evidence = replace(GOOD, **dict(zip(CHOICES, values, strict=True)))
        decision = decide(evidence)
        assert decision.verdict is literal(evidence), values
        assert decision.reasons, values
        seen.add((decision.verdict, decision.rule))
    assert seen == {
        (Verdict.HARM_TO_QUALITY, 1),
        (Verdict.NOT_VERIFIED, 2),
        (Verdict.VERIFIED, 3),
        (Verdict.CANNOT_TELL_YET, 4),
        (Verdict.NOT_VERIFIED, 4),
    }


@pytest.mark.parametrize(
    ("changes", "verdict", "first"),
    [
        ({}, Verdict.VERIFIED, "wholly above the promised"),
        ({"quality": (quality(0.001, 0.03),)}, Verdict.HARM_TO_QUALITY, "worsened is beyond doubt"),
        ({"is_late": True}, Verdict.NOT_VERIFIED, "registered after the change"),
        ({"is_rewritten": True}, Verdict.NOT_VERIFIED, "not the one that was registered"),
        ({"checks": (check(CheckVerdict.FAILED),)}, Verdict.NOT_VERIFIED, "honesty check"),
        ({"estimate": estimate(-1, 0.4)}, Verdict.NOT_VERIFIED, "at most"),
        ({"quality": ()}, Verdict.CANNOT_TELL_YET, "no quality indicator"),
        ({"is_closed_only": True}, Verdict.CANNOT_TELL_YET, "closed cases only"),
        ({"unreviewed_sentinels": ("c",)}, Verdict.CANNOT_TELL_YET, "without a review"),
        ({"estimate": estimate(0.2, 4)}, Verdict.CANNOT_TELL_YET, "is not shown"),
    ],
)
def test_the_first_reason_says_what_decided(changes, verdict, first):
    decision = decide(replace(GOOD, **changes))
    assert decision.verdict is verdict
    assert first in decision.reasons[0].text


@pytest.mark.parametrize(
    "changes",
    [
        {"estimate": estimate(np.nan, np.nan)},
        {"quality": (quality(-0.01, np.nan),)},
        {"minimum_improvement": np.nan},
        {"minimum_improvement": -5.0, "estimate": estimate(-1.0, 3.0)},
    ],
)
def test_what_is_no_number_shows_nothing_and_a_promise_below_nothing_is_none(changes):
    assert decide(replace(GOOD, **changes)).verdict is Verdict.CANNOT_TELL_YET


def test_what_the_last_day_leaves_open_is_undecided_and_not_refuted():
    decision = decide(replace(GOOD, estimate=estimate(0.2, 4), decided_on=date(2026, 2, 1)))
    assert decision.is_undecided
    assert decision.verdict is Verdict.NOT_VERIFIED
    assert not decide(replace(GOOD, is_late=True)).is_undecided
