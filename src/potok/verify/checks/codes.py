"""Check of what cases are called: values nobody used before, and cases told under another service or agency."""

from dataclasses import replace
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.inference.estimate import Estimate
from potok.verify.checks.arrivals import missing_cases
from potok.verify.checks.contrast import Contrast
from potok.verify.checks.explained import NOTHING_TO_COMPARE
from potok.verify.checks.setting import NEVER_US, Setting
from potok.verify.checks.shape import dressed_share
from potok.verify.checks.trimming import feigned_by_missing
from potok.verify.checks.weighing import FAMILY_LEVEL, Answer, Suspicion, Untold
from potok.verify.study import Flags, Integers

MOVED_FLAG: Final = 0.03
CODES_FAIL: Final = 0.15
NEVER_JUDGED: Final = 1.0
"""Margin of a column that no quality indicator judges."""


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


_LEFT = mark(
    "{missing:share} fewer cases come to the project’s services, and more to others of the same agency. Had "
    "these been the slowest, {undone:outcome} of the improvement of {improvement:outcome} would be left."
)
_NEW_CODES = mark("{cases} cases ({share:share}) carry values that occur on one side of the change only.")
