"""Checks of how many cases came: discouraged, merged, or added.

Fewer cases may be fewer applicants, or slow cases that nobody shows; more of them more applicants, or trifles. The
shape of durations tells these apart (`shape`).
"""

from dataclasses import replace
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.verify.checks.contrast import Contrast
from potok.verify.checks.decisions import rescaled
from potok.verify.checks.explained import NOTHING_TO_COMPARE, weigh
from potok.verify.checks.mix import is_hard
from potok.verify.checks.setting import Setting
from potok.verify.checks.shape import dressed_share
from potok.verify.checks.trimming import feigned_by_missing
from potok.verify.checks.weighing import FAIL_SHARE, Answer, Suspicion, Untold
from potok.verify.study import Flags

FALL_FLAG: Final = 0.15
FALL_FAIL: Final = 0.1
"""Less of a fall is enough where durations look like those without the slowest cases."""
RISE_FLAG: Final = 0.1
MOST_ADDED: Final = 1.0
MERGED_FALL_FLAG: Final = 0.075
WORK_FLAG: Final = 0.08


def applications_discouraged(setting: Setting) -> Answer:
    """Look whether fewer cases come each month, or fewer of those kinds that took longer than the mean."""
    everyone, looks = setting.study.in_population, [_fall_of(setting, setting.study.in_population)]
    if setting.protocol.declarations.complexity_attributes:
        hard = is_hard(setting)
        looks.append(_fall_of(setting, everyone & hard, others=everyone & ~hard))
    known = [one for one in looks if isinstance(one, Suspicion)]
    if not known:
        return Untold("applications_discouraged", NOTHING_TO_COMPARE)
    worst = min(known, key=lambda one: (not one.is_material, one.p_value))
    return replace(worst, p_value=min(1.0, (worst.p_value or 0.0) * len(known)))


def _fall_of(setting: Setting, chosen: Flags, *, others: Flags | None = None) -> Answer:
    """Weigh a fall of the openings; where `others` fell by half as much or less, whatever the durations look like."""
    found = setting.compare_openings(chosen)
    if found is None:
        return Untold("applications_discouraged", NOTHING_TO_COMPARE)
    part = int((chosen & setting.is_before).sum()) / max(int(setting.is_before.sum()), 1)
    fall = found.scaled(-1.0)
    beside = None if others is None else setting.compare_openings(others)
    is_chosen = beside is not None and -beside.change.value <= fall.change.value / 2
    dressed = None if is_chosen else dressed_share(setting, fall.change.value * part)
    limit = FALL_FAIL if dressed is not None and dressed >= FAIL_SHARE else FALL_FLAG
    return missing_cases(
        setting, "applications_discouraged", fall, limit=limit, seen=_FEWER, part=part, dressed=dressed
    )


def cases_merged(setting: Setting) -> Answer:
    """Look whether fewer cases come with more work in each: several applications told as one."""
    found = setting.compare_openings(setting.study.in_population)
    work = setting.compare(setting.cases.features.instances.astype(np.float64))
    if found is None or work is None or not work.before > 0:
        return Untold("cases_merged", NOTHING_TO_COMPARE)
    fall, more = found.scaled(-1.0), work.scaled(1 / work.before)
    suspicion = missing_cases(setting, "cases_merged", fall, limit=MERGED_FALL_FLAG, seen=_MERGED)
    if isinstance(suspicion, Untold):
        return suspicion
    return Suspicion(
        kind="cases_merged",
        figure=more.change,
        unit="ratio",
        limit=WORK_FLAG,
        p_value=max(more.p_rise, fall.p_rise),
        is_material=suspicion.is_material and more.change.value >= WORK_FLAG,
        is_grave=suspicion.is_grave,
        seen=suspicion.seen,
        arguments={**suspicion.arguments, "more": more.change.value},
    )


def missing_cases(
    setting: Setting,
    kind: str,
    share: Contrast,
    *,
    limit: float,
    seen: str,
    part: float = 1.0,
    dressed: float | None = None,
) -> Answer:
    """Weigh a share of cases that have gone, as if they were the slowest.

    Parameters
    ----------
    part
        Of all cases, those among which the share has gone.
    dressed
        At most so large a share of the improvement is owed to them; None where that is not told.
    """
    claim, outcome = setting.claim, setting.arms.outcome
    before = outcome[setting.is_before & np.isfinite(outcome)]
    if claim is None or not len(before):
        return Untold(kind, NOTHING_TO_COMPARE)
    gone = share.change.value
    feigned = feigned_by_missing(before, share=gone * part, sign=setting.sign)
    if dressed is not None:
        feigned = min(feigned, dressed * max(claim.improvement.value, 0.0))
    weighed = weigh(kind, rescaled(share, feigned), claim, seen=seen)
    return Suspicion(
        kind=kind,
        figure=share.change,
        unit="share",
        limit=limit,
        p_value=share.p_rise,
        is_material=weighed.is_material and gone >= limit,
        is_grave=weighed.is_grave,
        seen=weighed.seen,
        arguments={**weighed.arguments, "missing": gone},
    )


def added_cases(setting: Setting, kind: str) -> Answer:
    """Look whether more cases come, and durations look as if the added ones were trifles.

    Where they more than doubled it only asks for a look: then others apply than before, and any shape may be theirs.
    """
    claim, found = setting.claim, setting.compare_openings(setting.study.in_population)
    dressed = None if found is None else dressed_share(setting, -found.change.value)
    if claim is None or found is None or dressed is None:
        return Untold(kind, NOTHING_TO_COMPARE)
    explained = dressed * max(claim.improvement.value, 0.0)
    weighed = weigh(kind, rescaled(found, explained), claim, seen=_ADDED)
    return Suspicion(
        kind=kind,
        figure=found.change,
        unit="share",
        limit=RISE_FLAG,
        p_value=found.p_rise,
        is_material=weighed.is_material and found.change.value >= RISE_FLAG and dressed >= FAIL_SHARE,
        is_grave=weighed.is_grave and found.change.value <= MOST_ADDED,
        seen=weighed.seen,
        arguments={**weighed.arguments, "added": found.change.value},
    )


_FEWER = mark(
    "{missing:share} fewer cases, or fewer of the slow kinds, come each month than before. Had these been the slowest, "
    "{undone:outcome} of the "
    "improvement of {improvement:outcome} would be left."
)
_ADDED = mark(
    "{added:share} more cases come each month than before, and durations are those of before with trifles among them. "
    "Without these, {undone:outcome} of the improvement of {improvement:outcome} would be left."
)
_MERGED = mark(
    "{missing:share} fewer cases come each month than before, with {more:share} more work in each. Had the missing "
    "ones been the slowest, {undone:outcome} of the improvement of {improvement:outcome} would be left."
)
