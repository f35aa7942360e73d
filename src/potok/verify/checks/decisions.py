"""Checks of how cases end: refused, closed before they are done, and without a complaint."""

from typing import Final

import numpy as np

from potok.core.language import mark
from potok.core.time_units import DAY_US
from potok.inference.estimate import Estimate
from potok.verify.checks.contrast import Contrast
from potok.verify.checks.explained import NOTHING_TO_COMPARE, weigh
from potok.verify.checks.links import ended_without
from potok.verify.checks.setting import Setting
from potok.verify.checks.trimming import feigned_by_ending
from potok.verify.checks.weighing import Answer, Suspicion, Untold
from potok.verify.study import Flags, Floats

LEAST_SHARE: Final = 0.01
"""A share of cases below which a change of how they end is not worth a flag."""
COMPLAINTS_FLAG: Final = 0.45
COMPLAINTS_FAIL: Final = 0.6
_DURATION_GROUPS: Final = 5
_FEWEST_COMPLAINTS: Final = 10


def refusals_up(setting: Setting) -> Answer:
    """Look whether more of the cases ended within the horizon end without what was asked for."""
    declared = setting.protocol.declarations
    if not (declared.refusal_values or declared.withdrawal_values):
        return Untold("refusals_up", _NO_VALUES)
    if not set(setting.cases.outcome.labels) & {*declared.refusal_values, *declared.withdrawal_values}:
        return Untold("refusals_up", NEVER_OCCURS)
    is_ended = setting.cases.is_closed & (setting.duration <= setting.horizon)
    return _ended_early(setting, "refusals_up", ended_without(setting), among=is_ended, seen=_REFUSED)


def closed_before_completion(setting: Setting) -> Answer:
    """Look whether more cases are worked on after they were closed."""
    after = setting.cases.features.after_closing > 0
    return _ended_early(setting, "closed_before_completion", after, among=setting.cases.is_closed, seen=_CLOSED)


def _ended_early(setting: Setting, kind: str, is_ended: Flags, *, among: Flags, seen: str) -> Answer:
    """Weigh a rise of a share of cases that end early, as if these were the slowest that would have come."""
    claim, outcome = setting.claim, setting.arms.outcome
    found = setting.compare(np.where(among, is_ended.astype(np.float64), np.nan))
    ended = outcome[is_ended & among & setting.is_after]
    before = outcome[setting.is_before & np.isfinite(outcome)]
    if claim is None or found is None or not len(before):
        return Untold(kind, NOTHING_TO_COMPARE)
    rise = found.change.value
    reached = float(ended[np.isfinite(ended)].mean()) if np.isfinite(ended).any() else float(before.mean())
    feigned = feigned_by_ending(before, share=rise, ended=reached, sign=setting.sign)
    suspicion = weigh(kind, rescaled(found, feigned), claim, seen=seen)
    shares = {"before": found.before, "after": found.before + rise}
    days = np.where(is_ended & among, 1.0 + setting.duration, 0.0)
    return Suspicion(
        kind=kind,
        figure=found.change,
        unit="share",
        limit=LEAST_SHARE,
        p_value=found.p_rise,
        is_material=suspicion.is_material and rise >= LEAST_SHARE,
        is_grave=suspicion.is_grave,
        seen=suspicion.seen,
        arguments={**suspicion.arguments, **shares},
        case_ids=setting.worst_cases(days),
    )


def rescaled(found: Contrast, explained: float) -> Contrast:
    """Express a contrast in what it explains: a number without an interval of its own."""
    return Contrast(Estimate(explained, -np.inf, np.inf, np.nan, 0.95), found.degrees, found.before)


def complaints_harder(setting: Setting) -> Answer:
    """Look whether cases that took as long as before bring fewer complaints.

    Quicker cases bring fewer complaints by right; so complaints are expected by the time that a case took, with the
    shares of before the change.
    """
    declared = setting.protocol.declarations
    labels = setting.cases.attribute(declared.complaint_attribute) if declared.complaint_attribute else None
    if labels is None:
        return Untold("complaints_harder", _NO_COMPLAINTS)
    followed = np.asarray(setting.cases.opened_us + int(_follow_up(setting) * DAY_US) <= setting.study.look_us)
    is_complained = labels.equals(declared.complaint_value)
    learnt = setting.is_before & followed
    if is_complained[learnt].sum() < _FEWEST_COMPLAINTS:
        return Untold("complaints_harder", _FEW_COMPLAINTS)
    expected = _expected_complaints(setting, is_complained, learnt)
    found = setting.compare(np.where(followed, expected - is_complained, np.nan))
    usual = expected[setting.is_after & followed]
    if found is None or not len(usual) or not usual.mean() > 0:
        return Untold("complaints_harder", NOTHING_TO_COMPARE)
    missing = found.scaled(1 / float(usual.mean()))
    return Suspicion(
        kind="complaints_harder",
        figure=missing.change,
        unit="ratio",
        limit=COMPLAINTS_FLAG,
        p_value=missing.p_rise,
        is_material=missing.change.value >= COMPLAINTS_FLAG,
        is_grave=missing.change.value >= COMPLAINTS_FAIL,
        seen=_COMPLAINTS,
        arguments={"missing": missing.change.value},
    )


def _follow_up(setting: Setting) -> float:
    name = setting.protocol.declarations.complaint_attribute
    days = [margin.follow_up_days for margin in setting.protocol.quality if margin.attribute == name]
    return max([setting.horizon, *days])


def _expected_complaints(setting: Setting, is_complained: Flags, learnt: Flags) -> Floats:
    """Return the share of complaints before the change among cases that took about as long, (n,)."""
    limits = np.quantile(setting.duration[learnt], np.arange(1, _DURATION_GROUPS) / _DURATION_GROUPS)
    group = np.searchsorted(limits, setting.duration)
    count = np.bincount(group[learnt], minlength=_DURATION_GROUPS)
    complained = np.bincount(group[learnt], weights=is_complained[learnt], minlength=_DURATION_GROUPS)
    return np.asarray(complained / np.maximum(count, 1))[group]


_NO_VALUES = mark("The protocol does not say which outcomes mean a refusal, a withdrawal or a return.")
NEVER_OCCURS: Final = mark("No case of the logs ended with any of the outcomes that the protocol declares.")
_NO_COMPLAINTS = mark("The protocol does not say how a complaint is marked, or no log has its attribute.")
_FEW_COMPLAINTS = mark("Too few complaints before the change to tell whether they became fewer.")
_REFUSED = mark(
    "The share of cases that end without what was asked for went from {before:share} to {after:share}. Had these been "
    "the slowest, {undone:outcome} of the improvement of {improvement:outcome} would be left."
)
_CLOSED = mark(
    "The share of cases that are worked on after their closing went from {before:share} to {after:share}. Had these "
    "been the slowest, {undone:outcome} of the improvement of {improvement:outcome} would be left."
)
_COMPLAINTS = mark(
    "Cases that took as long as before bring {missing:share} fewer complaints than before: either people are more "
    "content with the same wait, or complaining has become harder."
)
