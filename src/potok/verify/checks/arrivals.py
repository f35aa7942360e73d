"""Checks of how many cases came: discouraged, merged, missing, or counted elsewhere."""

import re
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.inference.estimate import Estimate
from potok.verify.checks.contrast import Contrast
from potok.verify.checks.decisions import rescaled
from potok.verify.checks.explained import NOTHING_TO_COMPARE, weigh
from potok.verify.checks.setting import Setting
from potok.verify.checks.trimming import feigned_by_missing
from potok.verify.checks.weighing import Answer, Suspicion, Untold
from potok.verify.study import Flags, Floats, Integers

FALL_FLAG: Final = 0.15
GAPS_FLAG: Final = 0.03
MOVED_FLAG: Final = 0.03
WORK_FLAG: Final = 0.08
_FEWEST_MONTHLY: Final = 5.0
_MOST_USUAL_GAPS: Final = 0.3


def applications_discouraged(setting: Setting) -> Answer:
    """Look whether fewer cases come each month."""
    found = _arrivals(setting)
    if found is None:
        return Untold("applications_discouraged", NOTHING_TO_COMPARE)
    fall = found.scaled(-1.0)
    return missing_cases(setting, "applications_discouraged", fall, limit=FALL_FLAG, seen=_FEWER)


def cases_merged(setting: Setting) -> Answer:
    """Look whether fewer cases come with more work in each: several applications told as one."""
    found, work = _arrivals(setting), setting.compare(setting.cases.features.instances.astype(np.float64))
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
        seen=_MERGED,
        arguments={**suspicion.arguments, "more": more.change.value},
    )


def missing_cases(setting: Setting, kind: str, share: Contrast, *, limit: float, seen: str) -> Answer:
    """Weigh a share of cases that have gone, as if they were the slowest."""
    claim, outcome = setting.claim, setting.arms.outcome
    before = outcome[setting.is_before & np.isfinite(outcome)]
    if claim is None or not len(before):
        return Untold(kind, NOTHING_TO_COMPARE)
    gone = share.change.value
    feigned = feigned_by_missing(before, share=gone, sign=setting.sign)
    weighed = weigh(kind, rescaled(share, feigned), claim, seen=seen)
    return Suspicion(
        kind=kind,
        figure=share.change,
        unit="share",
        limit=limit,
        p_value=share.p_rise,
        is_material=weighed.is_material and gone >= limit,
        is_grave=weighed.is_grave,
        seen=seen,
        arguments={**weighed.arguments, "missing": gone},
    )


def _arrivals(setting: Setting) -> Contrast | None:
    """Return the change of openings a month, as a share of those before."""
    counts = monthly_counts(setting, setting.study.in_population)
    side = setting.month_sides()
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = np.where(side == 0, counts, 0.0).sum(axis=1) / (side == 0).sum(axis=1)
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
    parts = [re.fullmatch(r"(.*?)(\d{1,15})", str(one)) for one in setting.cases.case_ids]
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
    return max(candidates, key=lambda one: (one.is_grave, one.is_material, one.figure.value))


def _moved(setting: Setting) -> Answer:
    """Look whether the project's services hold a smaller share of their agencies' cases."""
    if not (setting.protocol.change.services or setting.protocol.change.channels):
        return Untold("codes_changed", NOTHING_TO_COMPARE)
    whole = monthly_counts(setting, np.ones(len(setting.cases), np.bool_))
    own = monthly_counts(setting, setting.study.in_population)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(whole > 0, own / whole, np.nan)
        sampling = np.where(whole > 0, np.nan_to_num(share * (1 - share)) / whole, 0.0)
    found = setting.compare_months(share, weight=whole, sampling=sampling)
    if found is None or not found.before > 0:
        return Untold("codes_changed", NOTHING_TO_COMPARE)
    moved = found.scaled(-1 / found.before)
    return missing_cases(setting, "codes_changed", moved, limit=MOVED_FLAG, seen=_LEFT)


def _new_codes(setting: Setting) -> Answer:
    """Look for values of the outcome and of the judged attributes that appear with the change, or vanish with it."""
    names = sorted({"outcome", *(margin.attribute for margin in setting.protocol.quality)})
    shares = [_share_of_one_side(setting, name) for name in names]
    share, cases, p_value = max(shares, default=(0.0, 0, 1.0))
    return Suspicion(
        kind="codes_changed",
        figure=Estimate(share, share, share, np.nan, 0.95),
        unit="share",
        limit=MOVED_FLAG,
        p_value=min(1.0, p_value * max(len(names), 1)),
        is_material=share >= MOVED_FLAG,
        is_grave=share >= 5 * MOVED_FLAG,
        seen=_NEW_CODES,
        arguments={"share": share, "cases": cases},
    )


def _share_of_one_side(setting: Setting, name: str) -> tuple[float, int, float]:
    """Return the largest share of cases with values found on their side only, the cases, and chance's part in it."""
    labels = setting.cases.attribute(name)
    if labels is None:
        return 0.0, 0, 1.0
    found = []
    sides = (setting.is_before, setting.is_after)
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
    "{missing:share} fewer cases come each month than before. Had these been the slowest, {undone:outcome} of the "
    "improvement of {improvement:outcome} would be left."
)
_MERGED = mark(
    "{missing:share} fewer cases come each month than before, with {more:share} more work in each. Had the missing ones "
    "been the slowest, {undone:outcome} of the improvement of {improvement:outcome} would be left."
)
_MISSING = mark(
    "In the numbering of cases {missing:share} more are missing than before. Had these been the slowest, "
    "{undone:outcome} of the improvement of {improvement:outcome} would be left."
)
_LEFT = mark(
    "The project’s services hold {missing:share} fewer of their agency’s cases than before; other codes hold more. Had "
    "these been the slowest, {undone:outcome} of the improvement of {improvement:outcome} would be left."
)
_NEW_CODES = mark("{cases} cases ({share:share}) carry values that occur on one side of the change only.")
