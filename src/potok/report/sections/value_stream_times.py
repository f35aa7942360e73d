"""Times of a value-stream map: one unit for all of them, and parts that add up to their total as they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from potok.core.language import pgettext
from potok.report.formats import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS, format_count, format_decimal

DIGITS = 2
_FEWEST_UNITS = 2


@dataclass(frozen=True, slots=True)
class TimeUnit:
    """A unit in which all times of a map are shown: its length, and its name beside figures."""

    seconds: int
    name: str


def choose_unit(seconds: float) -> TimeUnit:
    """Return the largest unit of which a time has at least two."""
    known = (
        TimeUnit(DAY_SECONDS, pgettext("unit beside a figure", "days")),
        TimeUnit(HOUR_SECONDS, pgettext("unit beside a figure", "h")),
        TimeUnit(MINUTE_SECONDS, pgettext("unit beside a figure", "min")),
    )
    found = (unit for unit in known if seconds >= _FEWEST_UNITS * unit.seconds)
    return next(found, TimeUnit(1, pgettext("unit beside a figure", "s")))


def hours() -> TimeUnit:
    """Return the unit of working time, which nobody counts in days of 24 hours."""
    return TimeUnit(HOUR_SECONDS, pgettext("unit beside a figure", "h"))


def round_parts(parts: Sequence[float], *, digits: int = DIGITS) -> tuple[float, ...]:
    """Round parts so that they add up to their rounded sum exactly; none moves by more than one in the last place.

    All are rounded down, and those that lost most get the rest back (the method of largest remainders).
    """
    scale = 10**digits
    floors = [floor(part * scale) for part in parts]
    missing = floor(sum(parts) * scale + 0.5) - sum(floors)
    losses = sorted(range(len(parts)), key=lambda place: (floors[place] - parts[place] * scale, place))
    for place in losses[: max(0, missing)]:
        floors[place] += 1
    return tuple(number / scale for number in floors)


def format_part(value: float) -> str:
    """Write a time in the map's unit, as `round_parts` has rounded it."""
    return format_decimal(value, digits=DIGITS) if value else "0"


def format_compact(seconds: float, unit: TimeUnit) -> str:
    """Write a time in a unit with the digits that matter."""
    value = seconds / unit.seconds
    if value == 0:
        return "0"
    if value < 0.005:
        return "<" + format_decimal(0.01, digits=2)
    if value < 1:
        return format_decimal(value, digits=2)
    return format_decimal(value) if value < 10 else format_count(round(value))


def format_range(times: tuple[float | None, float | None, float | None], unit: TimeUnit) -> str:
    """Write a minimum, a median and a maximum; a dash if they are not known."""
    least, median, most = times
    if least is None or median is None or most is None:
        return "–"
    return "–".join(format_compact(time, unit) for time in (least, median, most))
