"""Checks of how many cases came: discouraged, merged, or counted elsewhere.

Fewer cases may be fewer applicants, or slow cases that nobody shows; more of them more applicants, or trifles. The
shape of durations tells these apart (`shape`).
"""

from dataclasses import replace
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.inference.estimate import Estimate
from potok.verify.checks.contrast import Contrast
from potok.verify.checks.decisions import rescaled
from potok.verify.checks.explained import NOTHING_TO_COMPARE, weigh
from potok.verify.checks.mix import is_hard
from potok.verify.checks.setting import NEVER_US, Setting
from potok.verify.checks.shape import dressed_share
from potok.verify.checks.trimming import feigned_by_missing
from potok.verify.checks.weighing import FAIL_SHARE, FAMILY_LEVEL, Answer, Suspicion, Untold
from potok.verify.study import Flags, Integers

FALL_FLAG: Final = 0.15
FALL_FAIL: Final = 0.1
"""Less of a fall is enough where durations look like those without the slowest cases."""
RISE_FLAG: Final = 0.1
MERGED_FALL_FLAG: Final = 0.075
MOVED_FLAG: Final = 0.03
CODES_FAIL: Final = 0.15
NEVER_JUDGED: Final = 1.0
"""Margin of a column that no quality indicator judges."""
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
    """Look whether more cases come, and durations look as if the added ones were trifles."""
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
        is_grave=weighed.is_grave,
        seen=weighed.seen,
        arguments={**weighed.arguments, "added": found.change.value},
    )


def codes_changed(setting: Setting) -> Answer:
    """Look whether cases carry codes nobody used before, or have left the project's services or agencies for others."""
    looks = (_moved(setting), _told_elsewhere(setting), _new_codes(setting))
    candidates = [one for one in looks if isinstance(one, Suspicion)]
    if not candidates:
        return Untold("codes_changed", NOTHING_TO_COMPARE)
    worst = min(candidates, key=lambda one: (not one.is_material, one.p_value))
    return replace(worst, p_value=min(1.0, (worst.p_value or 0.0) * len(candidates)))


def _moved(setting: Setting) -> Answer:
    """Look whether fewer cases come to the project's services, and as many more to others of the same agencies."""
    own = setting.compare_openings(setting.study.in_population)
    beside = setting.compare_openings(~setting.study.in_population, setting.study.in_population)
    if own is None or beside is None or not (setting.protocol.change.services or setting.protocol.change.channels):
        return Untold("codes_changed", NOTHING_TO_COMPARE)
    return _absorbed(setting, own, beside)


def _told_elsewhere(setting: Setting) -> Answer:
    """Look whether as many more cases as are missing stand under no agency, or under one that takes no part."""
    is_known = np.isin(setting.cases.agency.labels, [*setting.changing, *setting.standing])
    is_other = ~np.append(is_known, False)[setting.cases.agency.codes]
    rows = [place for place, label in enumerate(setting.cases.agency.labels) if label in setting.changing]
    own = setting.compare_openings(setting.study.in_population)
    if own is None or not is_other.any() or not rows:
        return Untold("codes_changed", NOTHING_TO_COMPARE)
    counts = np.zeros((len(is_known), len(setting.arms.months)))
    counts[rows] = np.bincount(setting.arms.month[is_other], minlength=counts.shape[1]) / len(rows)
    beside = setting.compare_counts(counts, setting.monthly_counts(setting.study.in_population))
    return Untold("codes_changed", NOTHING_TO_COMPARE) if beside is None else _absorbed(setting, own, beside)


def _absorbed(setting: Setting, own: Contrast, beside: Contrast) -> Answer:
    """Weigh cases that have gone from one place where at least half as many have come to another."""
    fall = own.scaled(-1.0)
    dressed = dressed_share(setting, fall.change.value)
    answer = missing_cases(setting, "codes_changed", fall, limit=MOVED_FLAG, seen=_LEFT, dressed=dressed)
    if isinstance(answer, Untold):
        return answer
    is_absorbed = beside.change.value >= fall.change.value / 2
    return replace(answer, p_value=max(fall.p_rise, beside.p_rise), is_material=answer.is_material and is_absorbed)


def _new_codes(setting: Setting) -> Answer:
    """Look for values of the outcome and of the judged attributes that appear with the change, or vanish with it.

    New ones of a quality indicator weigh as much as its margin: told by another name, that much harm is not counted.
    """
    own = (setting.is_before, setting.is_after)
    changing = setting.arms.change_us != NEVER_US
    is_later = setting.cases.opened_us >= setting.arms.change_us
    margins = setting.quality_margins
    names = sorted({"outcome", *margins})
    found = [(NEVER_JUDGED, _share_of_one_side(setting, "service", (changing & ~is_later, changing & is_later)))]
    found += [(NEVER_JUDGED, _share_of_one_side(setting, name, own)) for name in names]
    found += [(margins[name], _share_of_one_side(setting, name, own, later_only=True)) for name in sorted(margins)]
    return max(
        (_weigh_codes(setting, margin, seen, looks=len(found)) for margin, seen in found),
        key=lambda one: (one.is_material and (one.p_value or 0.0) <= FAMILY_LEVEL, one.is_grave, _value(one)),
    )


def _value(one: Suspicion) -> float:
    return one.figure.value if one.figure else 0.0


def _weigh_codes(setting: Setting, margin: float, seen: tuple[float, int, float], *, looks: int) -> Suspicion:
    share, cases, p_value = seen
    claim, outcome = setting.claim, setting.arms.outcome
    before = outcome[setting.is_before & np.isfinite(outcome)]
    feigned = feigned_by_missing(before, share=share, sign=setting.sign) if len(before) else 0.0
    limit = min(MOVED_FLAG, margin / 2)
    return Suspicion(
        kind="codes_changed",
        figure=Estimate(share, share, share, np.nan, 0.95),
        unit="share",
        limit=limit,
        p_value=min(1.0, p_value * looks),
        is_material=share >= limit,
        is_grave=share >= min(CODES_FAIL, margin) or (claim is not None and claim.is_undone(feigned)),
        seen=_NEW_CODES,
        arguments={"share": share, "cases": cases},
    )


def _share_of_one_side(
    setting: Setting, name: str, sides: tuple[Flags, Flags], *, later_only: bool = False
) -> tuple[float, int, float]:
    """Return the largest share of cases with values found on their side only, the cases, and chance's part in it."""
    labels = setting.cases.attribute(name)
    if labels is None:
        return 0.0, 0, 1.0
    found = []
    counts = [_count(labels.codes[side], len(labels.labels)) for side in sides]
    for own, other in ((1, 0),) if later_only else ((0, 1), (1, 0)):
        total, others = int(counts[own].sum()), int(counts[other].sum())
        only = np.where((counts[other] == 0) & (counts[own] > 0), counts[own], 0)
        cases = int(only.sum())
        chance = (total / max(total + others, 1)) ** int(only.max(initial=0)) * max(len(labels.labels), 1)
        found.append((cases / max(total, 1), cases, min(1.0, chance)))
    return max(found)


def _count(codes: Integers, labels: int) -> Integers:
    return np.bincount(codes[codes >= 0], minlength=max(labels, 1))


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
_LEFT = mark(
    "{missing:share} fewer cases come to the project’s services, and more to others of the same agency. Had "
    "these been the slowest, {undone:outcome} of the improvement of {improvement:outcome} would be left."
)
_NEW_CODES = mark("{cases} cases ({share:share}) carry values that occur on one side of the change only.")
