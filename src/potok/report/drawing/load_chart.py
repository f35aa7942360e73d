"""A chart of work in process: open cases over time, and below it what came in and what was closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.report.drawing.axes import GAP, TEXT_SIZE, Tick, count_ticks, draw_levels, label_at
from potok.report.drawing.font import measure_text
from potok.report.drawing.svg import element
from potok.report.formats import format_count, format_day

WIDTH: Final = 360.0
_UPPER: Final = 120.0
_LOWER: Final = 84.0
_TOP: Final = 10.0
_BETWEEN: Final = 20.0
_DATES: Final = 18.0
MOST_POINTS: Final = 320


@dataclass(frozen=True, slots=True)
class LoadPoint:
    """Open cases on average from a day on, until the next point."""

    on: date
    cases: float


@dataclass(frozen=True, slots=True)
class LoadBar:
    """Cases opened and closed from a day to before another."""

    from_on: date
    until_on: date
    arrivals: int
    completions: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where days and counts lie on the picture."""

    first: date
    days: int
    left: float

    def x(self, on: date) -> float:
        return self.left + (WIDTH - self.left) * (on - self.first).days / self.days


def draw_load(points: Sequence[LoadPoint], bars: Sequence[LoadBar]) -> Markup:
    """Draw open cases over time, above openings (upwards) and closings (downwards).

    Parameters
    ----------
    points
        In order of time; nothing is drawn if there are none, or no case is ever open.
    bars
        In order of time, without gaps; the last one ends the chart.

    Returns
    -------
    Markup
        An ``<svg>`` element with a title, or nothing.
    """
    if not points or not bars:
        return Markup("")
    open_ticks = count_ticks(max(1.0, *(point.cases for point in points)))
    flow_ticks = count_ticks(max(1, *(bar.arrivals for bar in bars), *(bar.completions for bar in bars)))
    widest = max(measure_text(tick.label, size=TEXT_SIZE) for tick in (open_ticks[-1], flow_ticks[-1]))
    last = bars[-1].until_on
    frame = _Frame(points[0].on, max(1, (last - points[0].on).days), widest + GAP)
    bottom = _TOP + _UPPER + _BETWEEN + _LOWER
    return element(
        "svg",
        [
            element("title", _("Open cases over time, and cases opened and closed")),
            *_draw_open(points, open_ticks, frame, last),
            *_draw_flow(bars, flow_ticks[-1], frame),
            *_draw_dates(frame, last, y=bottom + _DATES),
        ],
        xmlns="http://www.w3.org/2000/svg",
        class_="chart load",
        viewBox=f"0 0 {WIDTH:.0f} {bottom + _DATES + GAP:.0f}",
        role="img",
    )


def _draw_open(points: Sequence[LoadPoint], ticks: Sequence[Tick], frame: _Frame, last: date) -> list[Markup]:
    base, most = _TOP + _UPPER, ticks[-1].value

    def height(cases: float) -> float:
        return base - _UPPER * cases / most

    # Each point holds until the next, so the line is a stair and never shows a number of cases that there was not.
    stairs = "".join(f"H{frame.x(point.on):.1f}V{height(point.cases):.1f}" for point in points[1:])
    line = f"M{frame.x(points[0].on):.1f},{height(points[0].cases):.1f}{stairs}H{frame.x(last):.1f}"
    return [
        element("path", class_="area", d=f"{line}V{base:.1f}H{frame.x(points[0].on):.1f}Z"),
        *draw_levels(ticks, [height(tick.value) for tick in ticks], left=frame.left, right=WIDTH),
        element("path", class_="curve", d=line, fill="none"),
    ]


def _draw_flow(bars: Sequence[LoadBar], most: Tick, frame: _Frame) -> list[Markup]:
    middle = _TOP + _UPPER + _BETWEEN + _LOWER / 2
    scale = _LOWER / 2 / most.value
    drawn = []
    for bar in bars:
        left, right = frame.x(bar.from_on), frame.x(bar.until_on)
        width = max(0.4, (right - left) * 0.86)
        up, down = bar.arrivals * scale, bar.completions * scale
        if up:
            drawn.append(element("rect", class_="arrivals", x=left, y=middle - up, width=width, height=up))
        if down:
            drawn.append(element("rect", class_="completions", x=left, y=middle, width=width, height=down))
    levels = (most, Tick(0, format_count(0)), most)
    heights = (middle - _LOWER / 2, middle, middle + _LOWER / 2)
    return [*drawn, *draw_levels(levels, heights, left=frame.left, right=WIDTH)]


def _draw_dates(frame: _Frame, last: date, *, y: float) -> list[Markup]:
    """Write the first, the middle and the last day; `last` is the day after it."""
    middle, final = frame.first + (last - frame.first) / 2, last - timedelta(days=1)
    drawn = [label_at(format_day(frame.first), x=frame.left, y=y)]
    if frame.days > 2:
        drawn.append(label_at(format_day(middle), x=frame.x(middle), y=y, anchor="middle"))
    if frame.days > 1:
        drawn.append(label_at(format_day(final), x=WIDTH, y=y, anchor="end"))
    return drawn
