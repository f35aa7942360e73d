"""Checks of which cases came: an easier mix, and hard ones put aside."""

from dataclasses import replace

import numpy as np

from potok.core.language import mark
from potok.verify.checks.explained import NOTHING_TO_COMPARE, weigh
from potok.verify.checks.setting import Setting
from potok.verify.checks.weighing import Answer, Suspicion, Untold
from potok.verify.study import Flags, Floats, Integers

_PRIOR_CASES = 20.0


def case_mix(setting: Setting) -> Answer:
    """Look how much better the outcome would be by the mix alone.

    Every case is given the mean that cases of its kind (service, channel, declared attributes) had before the change.
    """
    claim = setting.claim
    expected = expected_by_mix(setting)
    if claim is None or expected is None:
        return Untold("case_mix", NOTHING_TO_COMPARE)
    found = setting.compare(expected * setting.sign)
    if found is None:
        return Untold("case_mix", NOTHING_TO_COMPARE)
    return weigh("case_mix", found, claim, seen=_MIX)


def expected_by_mix(setting: Setting) -> Floats | None:
    """Return the mean outcome before the change of each case's kind, (n,); means of few cases are drawn together."""
    outcome = setting.arms.outcome
    learnt = (setting.is_before | (setting.arms.takes_part & ~setting.is_after)) & np.isfinite(outcome)
    if not learnt.any():
        return None
    kind = kinds_of_cases(setting)
    count = np.bincount(kind[learnt], minlength=int(kind.max()) + 1)
    total = np.bincount(kind[learnt], weights=outcome[learnt], minlength=len(count))
    mean = float(outcome[learnt].mean())
    return np.asarray((total + _PRIOR_CASES * mean) / (count + _PRIOR_CASES))[kind]


def kinds_of_cases(setting: Setting) -> Integers:
    """Return a code of each case's service, channel and declared attributes, (n,)."""
    declared = (*setting.protocol.comparison.case_mix, *setting.protocol.declarations.complexity_attributes)
    names = sorted({"service", "channel", *declared})
    kind = np.zeros(len(setting.cases), np.int64)
    for name in names:
        labels = setting.cases.attribute(name)
        if labels is not None:
            kind = np.unique(kind * (len(labels.labels) + 1) + labels.codes + 1, return_inverse=True)[1].astype(
                np.int64
            )
    return kind


def hard_cases_parked(setting: Setting) -> Answer:
    """Look whether more cases than before are still open at the horizon, or at twice the horizon.

    Beyond the horizon the figure does not count them. Where attributes are declared that make cases hard, only kinds
    that took longer than the mean before the change are looked at.
    """
    looks = [_parked(setting, times) for times in (1, 2)]
    known = [one for one in looks if isinstance(one, Suspicion)]
    if not known:
        return Untold("hard_cases_parked", NOTHING_TO_COMPARE)
    worst = min(known, key=lambda one: (not one.is_material, one.p_value))
    return replace(worst, p_value=min(1.0, (worst.p_value or 0.0) * len(known)))


def _parked(setting: Setting, times: int) -> Answer:
    """Weigh the share of cases open at a multiple of the horizon, as if each took one horizon more."""
    claim, since = setting.time_claim, setting.cases.opened_us
    is_parked = setting.duration >= times * setting.horizon
    if setting.protocol.declarations.complexity_attributes:
        is_parked &= is_hard(setting)
    followed = setting.clock.days(since, np.full_like(since, setting.study.look_us)) >= times * setting.horizon
    found = setting.compare(np.where(followed, is_parked.astype(np.float64), np.nan))
    if claim is None or found is None:
        return Untold("hard_cases_parked", NOTHING_TO_COMPARE)
    ids = setting.worst_cases(np.where(is_parked, setting.duration, 0.0))
    return weigh("hard_cases_parked", found.scaled(setting.horizon), claim, seen=_PARKED, case_ids=ids)


def is_hard(setting: Setting) -> Flags:
    """Return which cases are of kinds that took longer than the mean before the change, (n,)."""
    days = np.minimum(setting.duration, setting.horizon)
    kind, before = kinds_of_cases(setting), setting.is_before
    count = np.bincount(kind[before], minlength=int(kind.max(initial=0)) + 1)
    total = np.bincount(kind[before], weights=days[before], minlength=len(count))
    mean = days[before].mean() if before.any() else 0.0
    return np.asarray((total >= mean * count)[kind])


_MIX = mark(
    "Easier cases than before have come: by their mix alone the figure improves by {explained:outcome}. With the mix "
    "of before, {undone:outcome} of {improvement:outcome} are left."
)
_PARKED = mark(
    "More cases than before lie unfinished beyond the horizon, where their time no longer counts. Had each taken one "
    "horizon more, {undone:days} of the improvement of {improvement:days} would be left."
)
