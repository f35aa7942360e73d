"""Axes of charts: round steps, and ticks with their labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Final

from markupsafe import Markup

from potok.report.drawing.svg import element
from potok.report.formats import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS, format_count, format_duration, format_hours

MOST_STEPS: Final = 5
TEXT_SIZE: Final = 11.5
BASELINE: Final = 4.0
GAP: Final = 6.0
_ROUND: Final = (1, 2, 5, 10)
_SHORT_STEPS: Final = tuple(float(number * unit) for unit in (1, MINUTE_SECONDS) for number in (1, 2, 5, 10, 30))
_NUMBERS: Final = tuple(number * 10**power for power in range(6) for number in (1, 2, 5))
_TIME_STEPS: Final = (
    *_SHORT_STEPS,
    *(float(number * HOUR_SECONDS) for number in (1, 2, 4, 12)),
    *(float(number * DAY_SECONDS) for number in _NUMBERS),
)
_WORKING_STEPS: Final = (*_SHORT_STEPS, *(float(number * HOUR_SECONDS) for number in _NUMBERS))


@dataclass(frozen=True, slots=True)
class Tick:
    """A value on an axis, and its label."""

    value: float
    label: str


def count_ticks(most: float) -> tuple[Tick, ...]:
    """Return ticks at whole numbers from 0 to the first round one that is not below `most`."""
    step = _round_step(most)
    number = max(1, -int(-most // step))
    return tuple(Tick(place * step, format_count(place * step)) for place in range(number + 1))


def _round_step(most: float) -> int:
    least = max(1.0, most / MOST_STEPS)
    power = 10 ** floor(log10(least))
    return int(next(power * factor for factor in _ROUND if power * factor >= least))


def time_ticks(longest_seconds: float, *, most: int = MOST_STEPS, in_hours: bool = False) -> tuple[Tick, ...]:
    """Return ticks at round times from 0 up to `longest_seconds`, at most so many after the first.

    Parameters
    ----------
    in_hours
        Whether times of an hour and more are round numbers of hours, as working time is read, and not of days.
    """
    steps = _WORKING_STEPS if in_hours else _TIME_STEPS
    write = format_hours if in_hours and longest_seconds >= HOUR_SECONDS else format_duration
    step = next((step for step in steps if longest_seconds / step <= most), steps[-1])
    number = int(longest_seconds // step)
    return tuple(Tick(place * step, write(place * step) if place else "0") for place in range(number + 1))


def draw_levels(ticks: Sequence[Tick], heights: Sequence[float], *, left: float, right: float) -> list[Markup]:
    """Draw a thin line across at each tick's height, with its label before it."""
    drawn = []
    for tick, y in zip(ticks, heights, strict=True):
        drawn.append(element("path", class_="grid", d=f"M{left:.1f},{y:.1f}H{right:.1f}", fill="none"))
        drawn.append(label_at(tick.label, x=left - GAP, y=y + BASELINE, anchor="end"))
    return drawn


def label_at(text: str, *, x: float, y: float, anchor: str = "start") -> Markup:
    """Write the label of a tick."""
    return element("text", text, class_="axis", x=x, y=y, text_anchor=anchor)
