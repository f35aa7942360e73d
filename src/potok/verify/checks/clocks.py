"""Checks of the clock: when it starts, stands still, and starts anew."""

import numpy as np

from potok.core.language import mark
from potok.verify.checks.explained import explain_counted, explain_time
from potok.verify.checks.setting import Setting
from potok.verify.checks.weighing import Answer, Untold
from potok.verify.study import Flags, Floats


def clock_restarted(setting: Setting) -> Answer:
    """Add the time before the last start of clocks that were started more than once."""
    if not setting.protocol.declarations.registration_activity:
        return Untold("clock_restarted", _NO_REGISTRATION)
    again = setting.cases.features.registrations > 1
    return explain_time(setting, "clock_restarted", _before_opening(setting, again), seen=_RESTARTED)


def clock_started_later(setting: Setting) -> Answer:
    """Add the time between the first event and the opening of cases that show no registration."""
    return _earlier(setting, "clock_started_later", setting.cases.features.registrations < 1, seen=_LATER)


def wait_before_registration(setting: Setting) -> Answer:
    """Add the time between the first event and the registration."""
    if not setting.protocol.declarations.registration_activity:
        return Untold("wait_before_registration", _NO_REGISTRATION)
    chosen = setting.cases.features.registrations == 1
    return _earlier(setting, "wait_before_registration", chosen, seen=_UNREGISTERED)


def clock_stopped(setting: Setting) -> Answer:
    """Look whether time is moved into stops of the clock."""
    features = setting.cases.features
    if not setting.protocol.declarations.clock_stop_activities:
        return Untold("clock_stopped", _NO_STOPS)
    return explain_counted(setting, "clock_stopped", features.stopped_us / setting.clock.day_us, seen=_STOPPED)


def wait_to_applicant(setting: Setting) -> Answer:
    """Look whether time is moved to the applicant."""
    features = setting.cases.features
    if not setting.protocol.declarations.applicant_activities:
        return Untold("wait_to_applicant", _NO_APPLICANT)
    return explain_counted(setting, "wait_to_applicant", features.applicant_us / setting.clock.day_us, seen=_APPLICANT)


def _earlier(setting: Setting, kind: str, chosen: Flags, *, seen: str) -> Answer:
    hidden = _before_opening(setting, chosen)
    if not (hidden[setting.arms.takes_part] > 0).any():
        return Untold(kind, _NOTHING_EARLIER)
    return explain_time(setting, kind, hidden, seen=seen)


def _before_opening(setting: Setting, chosen: Flags) -> Floats:
    """Return the days between the first event and the opening of some cases; 0 for the others."""
    cases = setting.cases
    first = np.minimum(cases.features.first_us, cases.opened_us)
    return np.where(chosen, setting.clock.days(first, cases.opened_us), 0.0)


_NO_REGISTRATION = mark("The protocol does not say with which activity a case is registered.")
_NOTHING_EARLIER = mark("The log holds nothing of these cases from before their opening.")
_NO_STOPS = mark("The protocol does not say during which activities the term stands still.")
_NO_APPLICANT = mark("The protocol does not say during which activities the applicant acts.")
_RESTARTED = mark(
    "Cases are registered anew more often than before. Counted from their first event, {undone:days} of the "
    "improvement of {improvement:days} are left."
)
_LATER = mark(
    "More time than before passes between the first event of a case and its opening. Counted from the first event, "
    "{undone:days} of the improvement of {improvement:days} are left."
)
_UNREGISTERED = mark(
    "Cases lie longer than before until they are registered. Counted from their first event, {undone:days} of the "
    "improvement of {improvement:days} are left."
)
_STOPPED = mark(
    "The clock stands still longer than before. Without stops the improvement looks like {improvement:days}; with them "
    "it is {undone:days}."
)
_APPLICANT = mark(
    "Cases lie longer with the applicant than before. Without that time the improvement looks like {improvement:days}; "
    "with it it is {undone:days}."
)
