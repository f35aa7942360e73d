"""Check that what was looked at is what the protocol promised: its day, its window, its outcome."""

import numpy as np

from potok.core.calendars.zones import load_zone, local_date
from potok.core.errors import PotokError
from potok.core.language import mark
from potok.inference.estimate import Estimate
from potok.verify.checks.setting import NEVER_US, Setting
from potok.verify.checks.weighing import Answer, Suspicion, Untold
from potok.verify.outcomes.values import outcome_values
from potok.verify.protocol.model import LookKind
from potok.verify.study import Flags, Side

_TOLERANCE = 1e-6


def off_protocol(setting: Setting) -> Answer:
    """Count the cases whose side or outcome is not the protocol's; all of them where the look was on another day."""
    cases, look = len(setting.cases), setting.protocol.look
    looked_on = local_date(load_zone(setting.study.zone), setting.study.look_us - 1)
    if looked_on < look.on:
        return Untold("off_protocol", _NOT_DUE)
    latest = look.last_on if look.kind is LookKind.SEQUENCE else look.on
    fixed, used = setting.protocol.estimand.calendar_id, setting.clock.calendar_id
    if looked_on > latest:
        seen, off = _LATE_LOOK, cases
    elif fixed and fixed != used:
        seen, off = _OTHER_CALENDAR, cases
    else:
        seen, off = _OFF, int((_wrong_side(setting) | _wrong_outcome(setting)).sum())
    return Suspicion(
        kind="off_protocol",
        figure=Estimate(float(off), float(off), float(off), np.nan, 0.95),
        unit="cases",
        limit=1.0,
        p_value=None,
        is_material=off > 0,
        is_grave=off > 0,
        seen=seen,
        arguments={"cases": off, "looked_on": looked_on.isoformat(), "on": look.on.isoformat()},
    )


def _wrong_side(setting: Setting) -> Flags:
    """Return which cases stand on a side on which the protocol's days do not put them."""
    opened, side = setting.cases.opened_us, setting.arms.side
    until = np.full(len(setting.cases.agency.labels) + 1, NEVER_US, np.int64)
    since = until.copy()
    for code, agency in enumerate(setting.cases.agency.labels):
        if agency in setting.changing:
            until[code], since[code] = setting.changing[agency]
    agency_codes = setting.cases.agency.codes
    wrong_before = (side == Side.BEFORE) & (opened >= until[agency_codes])
    wrong_after = (side == Side.AFTER) & (opened < since[agency_codes])
    return np.asarray(wrong_before | wrong_after)


def _wrong_outcome(setting: Setting) -> Flags:
    """Return which cases that take part have another outcome than the protocol's."""
    try:
        told = outcome_values(setting.study, setting.protocol).outcome
    except PotokError:  # a calendar handed over by the caller is not at hand here
        return np.zeros(len(setting.cases), np.bool_)
    used = setting.arms.outcome
    is_same = np.isclose(used, told, rtol=_TOLERANCE, atol=_TOLERANCE, equal_nan=True)
    return np.asarray(setting.arms.takes_part & ~is_same)


_NOT_DUE = mark("The day that the protocol fixes for the look has not come.")
_LATE_LOOK = mark("The logs were read as of {looked_on:date}; the protocol fixes {on:date}.")
_OTHER_CALENDAR = mark("The calendar of working days is not the version that the protocol fixes by its hash.")
_OFF = mark("{cases} cases stand on another side, or with another outcome, than the protocol says.")
