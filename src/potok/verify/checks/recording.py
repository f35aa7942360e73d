"""Checks of how it was written down: dates set back, and a change of what is recorded."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from potok.core.calendars.zones import load_zone
from potok.core.language import mark
from potok.verify.checks.arrivals import missing_cases
from potok.verify.checks.contrast import Contrast
from potok.verify.checks.explained import NOTHING_TO_COMPARE, explain_time
from potok.verify.checks.links import is_linkable
from potok.verify.checks.setting import NEVER_US, Setting
from potok.verify.checks.weighing import FAIL_SHARE, FAMILY_LEVEL, Answer, Suspicion, Untold, worse_of
from potok.verify.checks.work import on_months
from potok.verify.protocol.model import OutcomeKind
from potok.verify.recorded import unrecorded_share
from potok.verify.study import UNKNOWN, Integers, Labels, Side

IMPOSSIBLE_FLAG: Final = 0.01
BLANK_FLAG: Final = 0.05
BLANK_FAIL: Final = 0.15
WHOLE_FLAG: Final = 0.15
_UNREAD: Final = -1


def times_back_dated(setting: Setting) -> Answer:
    """Close cases when their closing was entered; look whether more are closed before they opened, and so left out."""
    entered, impossible = _entered_later(setting), _impossible(setting)
    return worse_of(entered, impossible)


def _entered_later(setting: Setting) -> Answer:
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


def _impossible(setting: Setting) -> Answer:
    """Weigh cases whose times are impossible, and which take no part therefore, as if they were the slowest."""
    arms = setting.arms
    is_impossible = np.asarray(arms.side == Side.UNWATCHED)
    has_changed = (arms.change_us != NEVER_US) & (setting.cases.opened_us >= arms.change_us)
    if not (is_impossible & has_changed).any():
        return Untold("times_back_dated", _NO_ENTRY)
    taken = arms.takes_part | is_impossible
    found = setting.compare_sides(is_impossible.astype(np.float64), taken, has_changed)
    if found is None:
        return Untold("times_back_dated", NOTHING_TO_COMPARE)
    return missing_cases(setting, "times_back_dated", found, limit=IMPOSSIBLE_FLAG, seen=_IMPOSSIBLE)


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
    candidates = [*_withheld(setting), *_never_met(setting), *_blanks(setting), *_whole_days(setting)]
    if not candidates:
        return Untold("recording_changed", NOTHING_TO_COMPARE)
    worst = max(candidates, key=lambda one: (_is_seen(one), one.is_grave, one.is_material, -(one.p_value or 0.0)))
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


def _is_seen(one: Suspicion) -> bool:
    return one.is_material and (one.p_value or 0.0) <= FAMILY_LEVEL


def _withheld(setting: Setting) -> list[Suspicion]:
    """Return the columns that the protocol declares for the checks and that no log holds: the promise to be checked."""
    declared = setting.protocol.declarations
    names = {declared.applicant_attribute, declared.complaint_attribute, declared.recorded_attribute}
    names |= set(declared.complexity_attributes)
    return [
        _plain(_WITHHELD, is_grave=True, name=name)
        for name in sorted(names - {""})
        if setting.cases.attribute(name) is None
    ]


def _never_met(setting: Setting) -> list[Suspicion]:
    """Return the indicators of which nothing is recorded: they may be told by another word, or not at all."""
    found = []
    for one in setting.protocol.quality:
        labels = setting.cases.attribute(one.attribute)
        if labels is None:
            continue
        share = unrecorded_share(setting.study, setting.arms, one)
        if one.value not in labels.labels:
            found.append(_plain(_NEVER_MET, is_grave=False, name=one.name, value=one.value))
        elif share >= BLANK_FLAG:
            found.append(_plain(_UNRECORDED, is_grave=False, name=one.name, share=share))
    return found


def _plain(seen: str, *, is_grave: bool, **arguments: str | float) -> Suspicion:
    """Return a suspicion in which chance plays no part."""
    return Suspicion("recording_changed", None, "", None, None, True, is_grave, seen, arguments)


def _blanks(setting: Setting) -> list[Suspicion]:
    """Return how much more often columns are empty; those known at the end only among closed cases."""
    declared, closed = setting.protocol.declarations, setting.cases.is_closed
    names = {*setting.quality_margins, *(one.attribute for one in setting.protocol.sentinels)}
    names |= {*setting.protocol.comparison.case_mix, *declared.complexity_attributes, declared.complaint_attribute}
    names |= {setting.protocol.estimand.attribute, declared.applicant_attribute}
    ends = {declared.recorded_attribute, "outcome" if declared.refusal_values or declared.withdrawal_values else ""}
    found = []
    for name in sorted((names | ends) - {""}):
        labels = setting.cases.attribute(name)
        if labels is None:
            continue
        is_blank = labels.codes == UNKNOWN if name != declared.applicant_attribute else ~is_linkable(labels)
        known = closed if name in ends else np.ones(len(closed), np.bool_)
        change = setting.compare(np.where(known, is_blank.astype(np.float64), np.nan))
        if change is not None:
            found.append(_suspect(change, name, margin=setting.quality_margins.get(name, 1.0)))
    if setting.protocol.estimand.outcome is OutcomeKind.COST:
        change = setting.compare(np.isnan(setting.cases.features.cost).astype(np.float64))
        found += [] if change is None else [_suspect(change, "cost", margin=1.0)]
    return found


def _suspect(change: Contrast, name: str, *, margin: float) -> Suspicion:
    """Weigh a rise of empty values: of a quality indicator, as much as its margin could hide all of the harm."""
    rise, limit = change.change.value, min(BLANK_FLAG, margin / 2)
    return Suspicion(
        kind="recording_changed",
        figure=change.change,
        unit="share",
        limit=limit,
        p_value=change.p_rise,
        is_material=rise >= limit,
        is_grave=rise >= min(BLANK_FAIL, margin),
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
_IMPOSSIBLE = mark(
    "{missing:share} more cases than before are closed before they opened, so that nothing is counted of them. Had "
    "these been the slowest, {undone:outcome} of the improvement of {improvement:outcome} would be left."
)
_WITHHELD = mark(
    "No log has the column “{name}”, which the protocol declares for these checks. Import the logs again with it."
)
_NEVER_MET = mark(
    "No case has the value “{value}” by which “{name}” is judged, neither before nor after. Is it what the logs write?"
)
_UNRECORDED = mark(
    "{share:share} of the cases lie in agencies that never record “{name}”, by which the project is judged."
)
_BLANK = mark(
    "“{name}”, by which the project is judged, is empty in {after:share} of the cases, {before:share} before the "
    "change."
)
_WHOLE = mark(
    "{after:share} of the work bears no time of day, {before:share} before the change: times before and after are not "
    "of one kind."
)
