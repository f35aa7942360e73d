"""Times on either clock in words: a working day is no 24 hours, so working time is written in hours."""

from collections.abc import Callable
from typing import Final

from potok.core.language import gettext as _
from potok.measure.case_survival import TimeEstimate
from potok.report.formats import HOUR_SECONDS, format_duration, format_hours

Format = Callable[[float], str]
UNKNOWN: Final = "–"


def format_working(seconds: float) -> str:
    """Write a length of working time: in hours, below one hour in minutes."""
    return format_duration(seconds) if seconds < HOUR_SECONDS else format_hours(seconds)


def format_of(*, is_working: bool) -> Format:
    """Return how times on a clock are written."""
    return format_working if is_working else format_duration


def known(seconds: float | None, write: Format) -> str:
    """Write a time; a dash where it is not known."""
    return UNKNOWN if seconds is None else write(seconds)


def with_interval(estimate: TimeEstimate | None, write: Format) -> str:
    """Write an estimate with its interval; where the data do not reach it, or a bound, say so."""
    if estimate is None:
        return UNKNOWN
    if estimate.seconds is None:
        return _("not reached in the log")
    value = write(estimate.seconds)
    if estimate.lower_seconds is None:
        return value
    if estimate.upper_seconds is None:
        return _("{value} (from {lower})").format(value=value, lower=write(estimate.lower_seconds))
    return _("{value} ({lower} – {upper})").format(
        value=value, lower=write(estimate.lower_seconds), upper=write(estimate.upper_seconds)
    )
