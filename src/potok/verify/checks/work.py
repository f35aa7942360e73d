"""Checks of who worked: more people, or longer hours.

What more hands explain is put as a queue at half load has it: waits answer capacity twice, so x more capacity leaves
(1 + x)⁻² of the time (cf. Kingman 1961 on queues under load).
"""

from typing import Final

import numpy as np

from potok.core.language import mark
from potok.verify.checks.contrast import Contrast
from potok.verify.checks.decisions import rescaled
from potok.verify.checks.explained import NOTHING_TO_COMPARE, weigh
from potok.verify.checks.setting import Setting
from potok.verify.checks.weighing import Answer, Suspicion, Untold
from potok.verify.study import Floats

ELASTICITY: Final = 2.0
STAFF_FLAG: Final = 0.05
OVERTIME_FLAG: Final = 0.02
_MOST_WHOLE: Final = 0.9


def extra_staff(setting: Setting) -> Answer:
    """Look whether more people work than before."""
    people = on_months(setting, setting.study.work.resources.astype(np.float64))
    side = setting.month_sides()
    if not np.nan_to_num(people).any():
        return Untold("extra_staff", _NO_PEOPLE)
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = np.where(side == 0, np.nan_to_num(people), 0.0).sum(axis=1) / (side == 0).sum(axis=1)
        table = np.where(usual[:, None] > 0, people / usual[:, None], np.nan)
    found = setting.compare_months(table, weight=np.ones_like(table), sampling=np.zeros_like(table))
    return _capacity(setting, "extra_staff", found, limit=STAFF_FLAG, seen=_STAFF)


def overtime(setting: Setting) -> Answer:
    """Look whether more of the work is done in the evening, at night and on days off."""
    work = setting.study.work
    done = on_months(setting, work.instances.sum(axis=2).astype(np.float64))
    timed = on_months(setting, work.timed.astype(np.float64))
    whole = on_months(setting, work.whole_days.astype(np.float64))
    if np.nansum(whole) >= _MOST_WHOLE * np.nansum(done) or not np.nansum(timed) > 0:
        return Untold("overtime", _NO_HOURS)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(timed > 0, on_months(setting, work.outside_hours.astype(np.float64)) / timed, np.nan)
        sampling = np.where(timed > 0, np.nan_to_num(share * (1 - share)) / timed, 0.0)
    found = setting.compare_months(share, weight=np.nan_to_num(timed), sampling=sampling)
    return _capacity(setting, "overtime", found, limit=OVERTIME_FLAG, seen=_OVERTIME)


def _capacity(setting: Setting, kind: str, found: Contrast | None, *, limit: float, seen: str) -> Answer:
    claim = setting.time_claim
    if claim is None or found is None:
        return Untold(kind, NOTHING_TO_COMPARE)
    more = found.change.value
    explained = claim.before * (1 - (1 + max(more, 0.0)) ** -ELASTICITY)
    weighed = weigh(kind, rescaled(found, explained), claim, seen=seen)
    return Suspicion(
        kind=kind,
        figure=found.change,
        unit="ratio" if kind == "extra_staff" else "share",
        limit=limit,
        p_value=found.p_rise,
        is_material=weighed.is_material and more >= limit,
        is_grave=weighed.is_grave,
        seen=weighed.seen,
        arguments={**weighed.arguments, "more": more, "before": found.before, "after": found.before + more},
    )


def on_months(setting: Setting, table: Floats) -> Floats:
    """Lay a table of what was worked, (agencies, `work.months`), on the months of openings; nan where it has none."""
    work, months = setting.study.work, setting.arms.months
    place = {month: at for at, month in enumerate(work.months)}
    row = {agency: at for at, agency in enumerate(work.agencies)}
    found = np.full((len(setting.cases.agency.labels), len(months)), np.nan)
    columns = [(at, place[month]) for at, month in enumerate(months) if month in place]
    if columns:
        targets, sources = (list(part) for part in zip(*columns, strict=True))
        for code, agency in enumerate(setting.cases.agency.labels):
            if agency in row:
                found[code, targets] = table[row[agency], sources]
    return found


_NO_PEOPLE = mark("The log does not say who did what.")
_NO_HOURS = mark("The log holds days without a time of day, so the hours of work cannot be seen.")
_STAFF = mark(
    "{more:share} more people work than before. That alone could explain so much that {undone:days} of the improvement "
    "of {improvement:days} are left for the change."
)
_OVERTIME = mark(
    "{after:share} of the work is done outside office hours, {before:share} before the change. That alone could "
    "explain so much that {undone:days} of the improvement of {improvement:days} are left for the change."
)
