"""A chart of figures with their intervals: a dot on a line, one under the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from typing import Final

from markupsafe import Markup

from potok.report.drawing.axes import BASELINE, TEXT_SIZE, Tick, label_at, time_ticks
from potok.report.drawing.font import measure_text
from potok.report.drawing.svg import element
from potok.report.drawing.wrapping import wrap_label

WIDTH: Final = 420.0
_SIDE: Final = 26.0
_LEADING: Final = 15.0
_GAP: Final = 10.0
_LINE: Final = 16.0
_AXIS: Final = 22.0
_RADIUS: Final = 5.0
_TICKS: Final = 4
_ROUND: Final = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """A figure.

    Parameters
    ----------
    label, text
        What it is of, and the figure with its interval in words.
    value, lower, upper
        NaN where there is none.
    is_reference
        Whether the others are compared with it.
    """

    label: str
    text: str
    value: float
    lower: float
    upper: float
    is_reference: bool = False


def draw_intervals(
    rows: Sequence[IntervalRow], *, title: str, description: str, write: Callable[[float], str], is_time: bool
) -> Markup:
    """Draw figures with their intervals over one axis that holds zero.

    Parameters
    ----------
    title, description
        For those who do not see it.
    write
        Writes a value at the axis.
    is_time
        Whether values are seconds, and the axis has round times.

    Returns
    -------
    Markup
        An ``<svg>`` element, or nothing if no figure is known.
    """
    shown = [row for row in rows if isfinite(row.value)]
    if not shown:
        return Markup("")
    ticks = _ticks(shown, is_time=is_time, write=write)
    low, high = (bound([*_ends(shown), *(tick.value for tick in ticks)]) for bound in (min, max))
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return _SIDE + (value - low) / span * (WIDTH - 2 * _SIDE)

    top, drawn = 0.0, []
    for row in shown:
        part, height = _draw_row(row, top, place)
        drawn.append(part)
        top += height
    grid = [_draw_tick(tick, place(tick.value), top) for tick in ticks]
    return element(
        "svg",
        [element("title", title), element("desc", description), *grid, *drawn],
        xmlns="http://www.w3.org/2000/svg",
        class_="chart intervals",
        viewBox=f"0 0 {WIDTH:.0f} {top + _AXIS:.0f}",
        width=f"{WIDTH:.0f}",
        height=f"{top + _AXIS:.0f}",
        role="img",
    )


def _ends(rows: Sequence[IntervalRow]) -> list[float]:
    return [0.0, *(value for row in rows for value in (row.value, row.lower, row.upper) if isfinite(value))]


def _ticks(rows: Sequence[IntervalRow], *, is_time: bool, write: Callable[[float], str]) -> tuple[Tick, ...]:
    """Return ticks at round values around all figures; those whose labels would touch are left out."""
    ends = _ends(rows)
    span = max(ends) - min(ends)
    if span <= 0:
        return (Tick(0.0, "0"),)
    step = _time_step(span) if is_time else _round_step(span / _TICKS)
    numbers = range(floor(min(ends) / step), ceil(max(ends) / step) + 1)
    room = (WIDTH - 2 * _SIDE) / max(len(numbers) - 1, 1)
    labels = {number: write(number * step) if number else "0" for number in numbers}
    each = ceil((max(measure_text(text, size=TEXT_SIZE) for text in labels.values()) + 8) / room)
    return tuple(Tick(number * step, text if number % each == 0 else "") for number, text in labels.items())


def _time_step(span: float) -> float:
    ticks = time_ticks(span, most=_TICKS)
    return ticks[1].value if len(ticks) > 1 else _round_step(span / _TICKS)


def _round_step(least: float) -> float:
    power = float(10 ** floor(log10(least)))
    return next(factor * power for factor in _ROUND if factor * power >= least * (1 - 1e-9))


def _draw_tick(tick: Tick, x: float, bottom: float) -> Markup:
    parts = [element("path", class_="zero" if tick.value == 0 else "grid", d=f"M{x:.1f},0V{bottom:.1f}", fill="none")]
    if tick.label:
        parts.append(label_at(tick.label, x=x, y=bottom + _LINE, anchor="middle"))
    return element("g", parts)


def _draw_row(row: IntervalRow, top: float, place: Callable[[float], float]) -> tuple[Markup, float]:
    lines = wrap_label(row.label, size=TEXT_SIZE, max_width=WIDTH - 8, max_lines=2, weight="semibold")
    texts = [
        element("text", line, class_="name", x=4.0, y=top + _LEADING * number + TEXT_SIZE)
        for number, line in enumerate(lines)
    ]
    texts.append(element("text", row.text, class_="said", x=4.0, y=top + _LEADING * len(lines) + TEXT_SIZE))
    middle = top + _LEADING * (len(lines) + 1) + _LINE / 2 + BASELINE / 2
    if isfinite(row.lower) and isfinite(row.upper):
        low, high = place(row.lower), place(row.upper)
        path = f"M{low:.1f},{middle:.1f}H{high:.1f}M{low:.1f},{middle - 5:.1f}v10M{high:.1f},{middle - 5:.1f}v10"
        texts.append(element("path", class_="range", d=path, fill="none"))
    at = {"cx": place(row.value), "cy": middle, "r": _RADIUS}
    texts.append(element("circle", class_="dot reference" if row.is_reference else "dot", **at))
    return element("g", texts), _LEADING * (len(lines) + 1) + _LINE + _GAP
