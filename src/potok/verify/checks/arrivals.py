"""Checks of how many cases came: discouraged, merged, missing, or counted elsewhere."""

import re
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
from potok.verify.checks.trimming import feigned_by_missing
from potok.verify.checks.weighing import Answer, Suspicion, Untold
from potok.verify.study import Flags, Floats, Integers

FALL_FLAG: Final = 0.15
GAPS_FLAG: Final = 0.03
MOVED_FLAG: Final = 0.03
CODES_FAIL: Final = 0.15
WORK_FLAG: Final = 0.08
_FEWEST_MONTHLY: Final = 5.0
_MOST_USUAL_GAPS: Final = 0.3
_NUMBERED: Final = re.compile(r"(.*?)(\d{1,15})").fullmatch


def applications_discouraged(setting: Setting) -> Answer:
    """Look whether fewer cases come each month, or fewer of those kinds that took longer than the mean."""
    looks = [_fall_of(setting, setting.study.in_population)]
    if setting.protocol.declarations.complexity_attributes:
        looks.append(_fall_of(setting, setting.study.in_population & is_hard(setting)))
    known = [one for one in looks if isinstance(one, Suspicion)]
    if not known:
        return Untold("applications_discouraged", NOTHING_TO_COMPARE)
    worst = min(known, key=lambda one: (not one.is_material, one.p_value))
    return replace(worst, p_value=min(1.0, (worst.p_value or 0.0) * len(known)))


def _fall_of(setting: Setting, chosen: Flags) -> Answer:
    found = _arrivals(setting, chosen)
    if found is None:
        return Untold("applications_discouraged", NOTHING_TO_COMPARE)
    part = int((chosen & setting.is_before).sum()) / max(int(setting.is_before.sum()), 1)
    fall = found.scaled(-1.0)
    return missing_cases(setting, "applications_discouraged", fall, limit=FALL_FLAG, seen=_FEWER, part=part)


def cases_merged(setting: Setting) -> Answer:
    """Look whether fewer cases come with more work in each: several applications told as one."""
    found = _arrivals(setting, setting.study.in_population)
    work = setting.compare(setting.cases.features.instances.astype(np.float64))
    if found is None or work is None or not work.before > 0:
        return Untold("cases_merged", NOTHING_TO_COMPARE)
    fall, more = found.scaled(-1.0), work.scaled(1 / work.before)
    suspicion = missing_cases(setting, "cases_merged", fall, limit=FALL_FLAG / 2, seen=_MERGED)
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
    setting: Setting, kind: str, share: Contrast, *, limit: float, seen: str, part: float = 1.0
) -> Answer:
    """Weigh a share of cases that have gone, as if they were the slowest.

    Parameters
    ----------
    part
        Of all cases, those among which the share has gone.
    """
    claim, outcome = setting.claim, setting.arms.outcome
    before = outcome[setting.is_before & np.isfinite(outcome)]
    if claim is None or not len(before):
        return Untold(kind, NOTHING_TO_COMPARE)
    gone = share.change.value
    feigned = feigned_by_missing(before, share=gone * part, sign=setting.sign)
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


def _arrivals(setting: Setting, chosen: Flags, base: Flags | None = None) -> Contrast | None:
    """Return the change of some cases' openings a month, as a share of the openings before of these or of others."""
    counts = monthly_counts(setting, chosen)
    basis = counts if base is None else monthly_counts(setting, base)
    side = setting.month_sides()
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = np.where(side == 0, basis, 0.0).sum(axis=1) / (side == 0).sum(axis=1)
        table = np.where(usual[:, None] >= _FEWEST_MONTHLY, counts / usual[:, None], np.nan)
        sampling = np.where(usual > 0, 1 / usual, 0.0)
    weight = np.where(np.isfinite(table), usual[:, None], 0.0)
    return setting.compare_months(table, weight=weight, sampling=np.broadcast_to(sampling[:, None], table.shape))


def monthly_counts(setting: Setting, chosen: Flags) -> Floats:
    """Return openings by agency and month, (agencies, `arms.months`)."""
    counts = np.zeros((len(setting.cases.agency.labels), len(setting.arms.months)))
    np.add.at(counts, (setting.cases.agency.codes[chosen], setting.arms.month[chosen]), 1.0)
    return counts


def rows_missing(setting: Setting) -> Answer:
    """Look whether numbers are missing in the register of cases, where cases are numbered."""
    gaps = _gaps(setting)
    if gaps is None:
        return Untold("rows_missing", _NO_NUMBERS)
    found = setting.compare(gaps)
    if found is None:
        return Untold("rows_missing", NOTHING_TO_COMPARE)
    return missing_cases(setting, "rows_missing", found, limit=GAPS_FLAG, seen=_MISSING)


def _gaps(setting: Setting) -> Floats | None:
    """Return the share of numbers missing just before each case's own, (n,); None where cases are not numbered.

    A number's register is what stands before it in the id; it must rise with the openings.
    """
    parts = [_NUMBERED(str(one)) for one in setting.cases.case_ids]
    if not all(parts):
        return None
    registers = np.unique([part[1] for part in parts if part], return_inverse=True)[1]
    numbers = np.asarray([int(part[2]) for part in parts if part], np.int64)
    order = np.lexsort((numbers, registers))
    step = np.diff(numbers[order])
    is_same = np.diff(registers[order]) == 0
    opened = setting.cases.opened_us[order]
    if not is_same.any() or (np.diff(opened)[is_same] >= 0).mean() < 1 - _MOST_USUAL_GAPS:
        return None
    skipped = np.where(is_same, np.clip(step - 1, 0, None), 0)
    usual = setting.is_before[order][1:]
    if skipped[usual].sum() > _MOST_USUAL_GAPS * max(int(usual.sum()), 1):
        return None
    gaps = np.zeros(len(numbers))
    gaps[order[1:]] = np.clip(skipped, 0, 20)
    return gaps


def codes_changed(setting: Setting) -> Answer:
    """Look whether cases carry codes nobody used before, or have left the project's services for others."""
    candidates = [one for one in (_moved(setting), _new_codes(setting)) if isinstance(one, Suspicion)]
    if not candidates:
        return Untold("codes_changed", NOTHING_TO_COMPARE)
    worst = min(candidates, key=lambda one: (not one.is_material, one.p_value))
    return replace(worst, p_value=min(1.0, (worst.p_value or 0.0) * len(candidates)))


def _moved(setting: Setting) -> Answer:
    """Look whether fewer cases come to the project's services, and as many more to others of the same agencies."""
    own = _arrivals(setting, setting.study.in_population)
    beside = _arrivals(setting, ~setting.study.in_population, setting.study.in_population)
    if own is None or beside is None or not (setting.protocol.change.services or setting.protocol.change.channels):
        return Untold("codes_changed", NOTHING_TO_COMPARE)
    fall = own.scaled(-1.0)
    answer = missing_cases(setting, "codes_changed", fall, limit=MOVED_FLAG, seen=_LEFT)
    if isinstance(answer, Untold):
        return answer
    is_absorbed = beside.change.value >= fall.change.value / 2
    return replace(answer, p_value=max(fall.p_rise, beside.p_rise), is_material=answer.is_material and is_absorbed)


def _new_codes(setting: Setting) -> Answer:
    """Look for values of the outcome and of the judged attributes that appear with the change, or vanish with it."""
    own = (setting.is_before, setting.is_after)
    changing = setting.arms.change_us != NEVER_US
    is_later = setting.cases.opened_us >= setting.arms.change_us
    names = sorted({"outcome", *(margin.attribute for margin in setting.protocol.quality)})
    shares = [_share_of_one_side(setting, "service", (changing & ~is_later, changing & is_later))]
    shares += [_share_of_one_side(setting, name, own) for name in names]
    share, cases, p_value = max(shares)
    claim, outcome = setting.claim, setting.arms.outcome
    before = outcome[setting.is_before & np.isfinite(outcome)]
    feigned = feigned_by_missing(before, share=share, sign=setting.sign) if len(before) else 0.0
    return Suspicion(
        kind="codes_changed",
        figure=Estimate(share, share, share, np.nan, 0.95),
        unit="share",
        limit=MOVED_FLAG,
        p_value=min(1.0, p_value * len(shares)),
        is_material=share >= MOVED_FLAG,
        is_grave=share >= CODES_FAIL or (claim is not None and claim.is_undone(feigned)),
        seen=_NEW_CODES,
        arguments={"share": share, "cases": cases},
    )


def _share_of_one_side(setting: Setting, name: str, sides: tuple[Flags, Flags]) -> tuple[float, int, float]:
    """Return the largest share of cases with values found on their side only, the cases, and chance's part in it."""
    labels = setting.cases.attribute(name)
    if labels is None:
        return 0.0, 0, 1.0
    found = []
    counts = [_count(labels.codes[side], len(labels.labels)) for side in sides]
    for own, other in ((0, 1), (1, 0)):
        total, others = int(counts[own].sum()), int(counts[other].sum())
        only = np.where((counts[other] == 0) & (counts[own] > 0), counts[own], 0)
        cases = int(only.sum())
        chance = (total / max(total + others, 1)) ** int(only.max(initial=0)) * max(len(labels.labels), 1)
        found.append((cases / max(total, 1), cases, min(1.0, chance)))
    return max(found)


def _count(codes: Integers, labels: int) -> Integers:
    return np.bincount(codes[codes >= 0], minlength=max(labels, 1))


_NO_NUMBERS = mark("Cases are not numbered in the order of their opening, so missing ones leave no gap.")
_FEWER = mark(
    "{missing:share} fewer cases, or fewer of the slow kinds, come each month than before. Had these been the slowest, "
    "{undone:outcome} of the "
    "improvement of {improvement:outcome} would be left."
)
_MERGED = mark(
    "{missing:share} fewer cases come each month than before, with {more:share} more work in each. Had the missing "
    "ones been the slowest, {undone:outcome} of the improvement of {improvement:outcome} would be left."
)
_MISSING = mark(
    "In the numbering of cases {missing:share} more are missing than before. Had these been the slowest, "
    "{undone:outcome} of the improvement of {improvement:outcome} would be left."
)
_LEFT = mark(
    "{missing:share} fewer cases come to the project’s services, and more to others of the same agency. Had "
    "these been the slowest, {undone:outcome} of the improvement of {improvement:outcome} would be left."
)
_NEW_CODES = mark("{cases} cases ({share:share}) carry values that occur on one side of the change only.")
