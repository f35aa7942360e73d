"""Checks of what is missing in the logs: numbers in the register, open cases, rows that could not be read."""

import re
from dataclasses import replace
from typing import Final

import numpy as np
from scipy.stats import binom

from potok.core.language import mark
from potok.inference.estimate import Estimate
from potok.verify.checks.arrivals import missing_cases
from potok.verify.checks.explained import NOTHING_TO_COMPARE
from potok.verify.checks.setting import Setting
from potok.verify.checks.weighing import Answer, Suspicion, Untold
from potok.verify.study import Flags, Floats

GAPS_FLAG: Final = 0.03
REJECTED_FLAG: Final = 0.02
OPEN_FLAG: Final = 0.5
OPEN_FAIL: Final = 0.9
YOUNG: Final = 0.75
"""The quantile of durations up to which a case is young at the look."""
_FEWEST_YOUNG: Final = 20
_MOST_USUAL_GAPS: Final = 0.3
_MOST_UNNUMBERED: Final = 0.1
_NUMBERED: Final = re.compile(r"(.*?)(\d{1,15})").fullmatch


def rows_missing(setting: Setting) -> Answer:
    """Look whether numbers are missing in the register, open cases in the extract, or rows could not be read."""
    by_numbers = _by_numbers(setting)
    looks = [one for one in (by_numbers, *_rejected(setting), *_open_left_out(setting)) if isinstance(one, Suspicion)]
    seen = [one for one in looks if one.is_material]
    if isinstance(by_numbers, Untold) and not seen:
        return by_numbers
    worst = max(seen or looks, key=lambda one: (one.is_grave, -(one.p_value or 0.0)))
    return worst if worst.p_value is None else replace(worst, p_value=min(1.0, worst.p_value * len(looks)))


def _by_numbers(setting: Setting) -> Answer:
    gaps = _gaps(setting)
    if gaps is None:
        return Untold("rows_missing", _NO_NUMBERS)
    found = setting.compare(gaps)
    if found is None:
        return Untold("rows_missing", NOTHING_TO_COMPARE)
    return missing_cases(setting, "rows_missing", found, limit=GAPS_FLAG, seen=_MISSING)


def _gaps(setting: Setting) -> Floats | None:
    """Return the share of numbers missing just before each case's own, (n,); None where cases are not numbered.

    A number's register is what stands before it in the id; it must rise with the openings. Nothing is told by the few
    cases without a number: one strange id does not hide the rest.
    """
    parts = [_NUMBERED(str(one)) for one in setting.cases.case_ids]
    numbered = np.asarray([part is not None for part in parts], np.bool_)
    if not len(parts) or (~numbered).mean() > _MOST_UNNUMBERED:
        return None
    registers = np.unique([part[1] for part in parts if part], return_inverse=True)[1]
    numbers = np.asarray([int(part[2]) for part in parts if part], np.int64)
    order = np.lexsort((numbers, registers))
    step = np.diff(numbers[order])
    is_same = np.diff(registers[order]) == 0
    opened = setting.cases.opened_us[numbered][order]
    if not is_same.any() or (np.diff(opened)[is_same] >= 0).mean() < 1 - _MOST_USUAL_GAPS:
        return None
    skipped = np.where(is_same, np.clip(step - 1, 0, None), 0)
    usual = setting.is_before[numbered][order][1:]
    if skipped[usual].sum() > _MOST_USUAL_GAPS * max(int(usual.sum()), 1):
        return None
    gaps = np.full(len(parts), np.nan)
    gaps[np.flatnonzero(numbered)[order]] = np.concatenate([[0], np.clip(skipped, 0, 20)])
    return gaps


def _open_left_out(setting: Setting) -> list[Suspicion]:
    """Look whether young cases are open as often as they should be; not so where only closed ones were extracted.

    Of the cases that opened shortly before the look, as many are expected open as the durations of
    those after the change say. A case that never ends is missing from an extract without open cases, and nobody knows.
    """
    cases, days = setting.cases, np.sort(setting.duration[setting.is_after])
    usual = float(np.quantile(days, YOUNG)) if len(days) else 0.0
    age = setting.clock.days(cases.opened_us, np.full_like(cases.opened_us, setting.study.look_us))
    is_young = setting.study.in_population & (age < usual) & (age >= 0) & _is_changing(setting)
    count = int(is_young.sum())
    if setting.arms.is_closed_only or count < _FEWEST_YOUNG:
        return []
    expected = float((1 - np.searchsorted(days, age[is_young], side="right") / len(days)).mean())
    found = int((~cases.is_closed[is_young]).sum())
    lack = 1 - found / count / expected
    return [
        Suspicion(
            kind="rows_missing",
            figure=Estimate(lack, lack, lack, np.nan, 0.95),
            unit="share",
            limit=OPEN_FLAG,
            p_value=float(binom.cdf(found, count, expected)),
            is_material=lack >= OPEN_FLAG,
            is_grave=lack >= OPEN_FAIL,
            seen=_NO_OPEN,
            arguments={"open": found / count, "expected": expected},
        )
    ]


def _is_changing(setting: Setting) -> Flags:
    labels = setting.cases.agency.labels
    return np.asarray([*(label in setting.changing for label in labels), False], np.bool_)[setting.cases.agency.codes]


def _rejected(setting: Setting) -> list[Suspicion]:
    """Look how many rows of the sources could not be taken: of which cases they were nobody knows."""
    rejected = sum(source.rejected_rows for source in setting.study.sources)
    taken = int(setting.study.work.instances.sum())
    share = rejected / max(rejected + taken, 1)
    if share < REJECTED_FLAG:
        return []
    figure = Estimate(share, share, share, np.nan, 0.95)
    return [
        Suspicion(
            kind="rows_missing",
            figure=figure,
            unit="share",
            limit=REJECTED_FLAG,
            p_value=None,
            is_material=True,
            is_grave=False,
            seen=_REJECTED,
            arguments={"share": share, "rows": rejected},
        )
    ]


_NO_NUMBERS = mark("Cases are not numbered in the order of their opening, so missing ones leave no gap.")
_MISSING = mark(
    "In the numbering of cases {missing:share} more are missing than before. Had these been the slowest, "
    "{undone:outcome} of the improvement of {improvement:outcome} would be left."
)
_NO_OPEN = mark(
    "Of the youngest cases {open:share} are open, and {expected:share} should be: the extract leaves open cases out, "
    "and with them those that never end."
)
_REJECTED = mark("{rows} rows of the sources ({share:share}) could not be read; of which cases they were nobody knows.")
