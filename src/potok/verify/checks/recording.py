"""Checks of how it was written down: dates set back, and a change of what is recorded."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from potok.core.calendars.zones import load_zone
from potok.core.language import mark
from potok.verify.checks.contrast import Contrast
from potok.verify.checks.explained import NOTHING_TO_COMPARE, explain_time
from potok.verify.checks.setting import Setting
from potok.verify.checks.weighing import FAIL_SHARE, Answer, Suspicion, Untold
from potok.verify.checks.work import on_months
from potok.verify.study import UNKNOWN, Integers, Labels

BLANK_FLAG: Final = 0.05
BLANK_FAIL: Final = 0.15
WHOLE_FLAG: Final = 0.15
_UNREAD: Final = -1


def times_back_dated(setting: Setting) -> Answer:
    """Close cases when their closing was entered, and not when it is said to have been."""
    name = setting.protocol.declarations.recorded_attribute
    labels = setting.cases.attribute(name) if name else None
    if labels is None:
        return Untold("times_back_dated", _NO_ENTRY)
    entered = _instants(labels, load_zone(setting.study.zone))
    known = (entered != _UNREAD) & setting.cases.is_closed
    if not known[setting.is_before].any() or not known[setting.is_after].any():
        return Untold("times_back_dated", _NO_ENTRY)
    until = np.where(known, np.maximum(entered, setting.cases.left_us), setting.cases.left_us)
    hidden = setting.clock.days(setting.cases.left_us, np.minimum(until, max(setting.study.look_us, 0)))
    return explain_time(setting, "times_back_dated", np.maximum(hidden, 0.0), seen=_BACK_DATED)


def _instants(labels: Labels, zone: ZoneInfo) -> Integers:
    """Read ISO instants, local where they have no zone, µs UTC; −1 where a label is none."""
    known = [_instant(label, zone) for label in labels.labels]
    return np.asarray([*known, _UNREAD], np.int64)[np.where(labels.codes == UNKNOWN, len(known), labels.codes)]


def _instant(label: str, zone: ZoneInfo) -> int:
    try:
        read = datetime.fromisoformat(label)
    except ValueError:
        return _UNREAD
    aware = read if read.tzinfo else read.replace(tzinfo=zone)
    return round(aware.timestamp() * 1_000_000)


def recording_changed(setting: Setting) -> Answer:
    """Look whether attributes by which the project is judged stay empty more often, or times lose their time of day."""
    candidates = [*_blanks(setting), *_whole_days(setting)]
    if not candidates:
        return Untold("recording_changed", NOTHING_TO_COMPARE)
    worst = max(candidates, key=lambda one: (one.is_grave, one.is_material, -(one.p_value or 0.0)))
    p_value = None if worst.p_value is None else min(1.0, worst.p_value * len(candidates))
    return Suspicion(
        worst.kind,
        worst.figure,
        worst.unit,
        worst.limit,
        p_value,
        worst.is_material,
        worst.is_grave,
        worst.seen,
        worst.arguments,
    )


def _blanks(setting: Setting) -> list[Suspicion]:
    declared = setting.protocol.declarations
    names = {margin.attribute for margin in setting.protocol.quality}
    names |= {*setting.protocol.comparison.case_mix, *declared.complexity_attributes, declared.applicant_attribute}
    found = []
    for name in sorted(names - {""}):
        labels = setting.cases.attribute(name)
        change = None if labels is None else setting.compare((labels.codes == UNKNOWN).astype(np.float64))
        if change is not None:
            found.append(_suspect(change, name))
    return found


def _suspect(change: Contrast, name: str) -> Suspicion:
    rise = change.change.value
    return Suspicion(
        kind="recording_changed",
        figure=change.change,
        unit="share",
        limit=BLANK_FLAG,
        p_value=change.p_rise,
        is_material=rise >= BLANK_FLAG,
        is_grave=rise >= BLANK_FAIL,
        seen=_BLANK,
        arguments={"name": name, "before": change.before, "after": change.before + rise},
    )


def _whole_days(setting: Setting) -> list[Suspicion]:
    work, claim = setting.study.work, setting.time_claim
    done = on_months(setting, work.instances.sum(axis=2).astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(done > 0, on_months(setting, work.whole_days.astype(np.float64)) / done, np.nan)
        sampling = np.where(done > 0, np.nan_to_num(share * (1 - share)) / done, 0.0)
    found = setting.compare_months(share, weight=np.nan_to_num(done), sampling=sampling)
    if found is None or claim is None:
        return []
    change = found if found.change.value >= 0 else found.scaled(-1.0)
    rise = change.change.value
    return [
        Suspicion(
            kind="recording_changed",
            figure=found.change,
            unit="share",
            limit=WHOLE_FLAG,
            p_value=min(1.0, 2 * change.p_rise),
            is_material=rise >= WHOLE_FLAG,
            is_grave=claim.can_block and claim.improvement.value > 0 and rise >= FAIL_SHARE * claim.scale,
            seen=_WHOLE,
            arguments={"before": found.before, "after": found.before + found.change.value},
        )
    ]


_NO_ENTRY = mark("The log does not say when a closing was entered.")
_BACK_DATED = mark(
    "Closings are entered later after the date they bear than before. Counted to the entry, {undone:days} of the "
    "improvement of {improvement:days} are left."
)
_BLANK = mark(
    "“{name}”, by which the project is judged, is empty in {after:share} of the cases, {before:share} before the "
    "change."
)
_WHOLE = mark(
    "{after:share} of the work bears no time of day, {before:share} before the change: times before and after are not "
    "of one kind."
)
