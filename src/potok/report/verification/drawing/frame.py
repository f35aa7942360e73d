"""What the charts of a verification share: a plot with two axes, lines with gaps, bands, a key above."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from typing import Final

from markupsafe import Markup

from potok.report.drawing.axes import BASELINE, GAP, TEXT_SIZE, Tick, draw_levels, label_at
from potok.report.drawing.font import measure_text
from potok.report.drawing.svg import element
from potok.report.drawing.wrapping import wrap_label

WIDTH: Final = 640.0
KEY_ROW: Final = 20.0
LABEL_ROW: Final = 20.0
_SWATCH: Final = 22.0
_KEY_GAP: Final = 16.0
_ROUND: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_LEVELS: Final = 4

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Key:
    """What a sign of the chart means: its class, whether it is a line, an area or a dot, and its name."""

    kind: str
    name: str
    shape: str = "line"


@dataclass(frozen=True, slots=True)
class Plot:
    """Where values lie on the picture.

    Parameters
    ----------
    left, right, top, bottom
        Edges of the plot.
    x_low, x_high, y_low, y_high
        Values at the edges.
    """

    left: float
    right: float
    top: float
    bottom: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float

    def x(self, value: float) -> float:
        """Return the place of a value across, kept inside the plot."""
        span = (self.x_high - self.x_low) or 1.0
        return self.left + (self.right - self.left) * min(max((value - self.x_low) / span, 0.0), 1.0)

    def y(self, value: float) -> float:
        """Return the place of a value upwards, kept inside the plot."""
        span = (self.y_high - self.y_low) or 1.0
        return self.bottom - (self.bottom - self.top) * min(max((value - self.y_low) / span, 0.0), 1.0)


def value_ticks(values: Iterable[float], write: Callable[[float], str], *, most: int = _LEVELS) -> tuple[Tick, ...]:
    """Return ticks at round values around all that are finite."""
    known = [value for value in values if isfinite(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    least = (high - low) / most
    power = 10.0 ** floor(log10(least))
    step = next(power * factor for factor in _ROUND if power * factor >= least * (1 - 1e-9))
    numbers = range(floor(low / step + 1e-9), ceil(high / step - 1e-9) + 1)
    return tuple(Tick(number * step, write(number * step)) for number in numbers)


def make_plot(ticks: Sequence[Tick], *, x: Point, top: float, height: float, right: float = WIDTH - 10) -> Plot:
    """Lay a plot out so that the labels of its levels fit left of it."""
    left = max(measure_text(tick.label, size=TEXT_SIZE) for tick in ticks) + GAP + 2
    return Plot(left, right, top, top + height, x[0], x[1], ticks[0].value, ticks[-1].value)


def levels(plot: Plot, ticks: Sequence[Tick]) -> list[Markup]:
    """Draw the levels with their labels."""
    return draw_levels(ticks, [plot.y(tick.value) for tick in ticks], left=plot.left, right=plot.right)


def columns(plot: Plot, ticks: Sequence[Tick]) -> list[Markup]:
    """Write labels below the plot; those that would touch the one before are left out."""
    drawn, free = [], -1e9
    for tick in ticks:
        half = measure_text(tick.label, size=TEXT_SIZE) / 2
        x = min(max(plot.x(tick.value), plot.left - GAP + half), plot.right + 10 - half)
        if x - half >= free:
            drawn.append(label_at(tick.label, x=x, y=plot.bottom + LABEL_ROW - BASELINE, anchor="middle"))
            free = x + half + GAP
    return drawn


def line(points: Sequence[Point], kind: str) -> list[Markup]:
    """Draw a line through points; where one is not known it is broken."""
    path = "".join("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in run) for run in _runs(points) if len(run) > 1)
    return [element("path", class_=kind, d=path, fill="none")] if path else []


def band(lower: Sequence[Point], upper: Sequence[Point], kind: str) -> list[Markup]:
    """Draw an area between two lines; where one is not known it is broken."""
    both = [(*low, high[1]) for low, high in zip(lower, upper, strict=True)]
    drawn = []
    for run in _runs(both):
        if len(run) < 2:
            continue
        forth = [f"{x:.1f},{high:.1f}" for x, _low, high in run]
        back = [f"{x:.1f},{low:.1f}" for x, low, _high in reversed(run)]
        drawn.append(element("path", class_=kind, d="M" + "L".join(forth + back) + "Z"))
    return drawn


def dots(points: Sequence[Point], kind: str, *, radius: float = 2.6) -> list[Markup]:
    """Draw a dot at each known point."""
    return [element("circle", class_=kind, cx=x, cy=y, r=radius) for x, y in points if isfinite(x) and isfinite(y)]


def _runs(points: Sequence[tuple[float, ...]]) -> Iterator[list[tuple[float, ...]]]:
    run: list[tuple[float, ...]] = []
    for point in points:
        if all(map(isfinite, point)):
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def draw_keys(keys: Sequence[Key], *, width: float = WIDTH, title: str = "") -> tuple[list[Markup], float]:
    """Draw what the signs mean, in rows above the chart, below a title if there is one; return it with its height."""
    drawn: list[Markup] = []
    x, row = 0.0, 0
    for said in wrap_label(title, size=TEXT_SIZE, max_width=width, max_lines=3, weight="semibold") if title else ():
        drawn.append(element("text", said, class_="name", x=0.0, y=KEY_ROW * row + BASELINE + 6))
        row += 1
    for key in keys:
        needed = _SWATCH + GAP + measure_text(key.name, size=TEXT_SIZE)
        if x and x + needed > width:
            x, row = 0.0, row + 1
        middle = KEY_ROW * row + KEY_ROW / 2 - 2
        drawn += [_swatch(key, x, middle), label_at(key.name, x=x + _SWATCH + GAP, y=middle + BASELINE)]
        x += needed + _KEY_GAP
    return drawn, (KEY_ROW * (row + 1) + 4 if keys else 4.0)


def _swatch(key: Key, x: float, middle: float) -> Markup:
    if key.shape == "area":
        return element("rect", class_=key.kind, x=x, y=middle - 5, width=_SWATCH, height=10)
    if key.shape == "dot":
        return element("circle", class_=key.kind, cx=x + _SWATCH / 2, cy=middle, r=4)
    return element("path", class_=key.kind, d=f"M{x:.1f},{middle:.1f}h{_SWATCH:.1f}", fill="none")


def picture(kind: str, content: Iterable[Markup], *, height: float, title: str, description: str) -> Markup:
    """Put a chart together, with a title and a description for those who do not see it."""
    return element(
        "svg",
        [element("title", title), element("desc", description), *content],
        xmlns="http://www.w3.org/2000/svg",
        class_=f"chart verification {kind}",
        viewBox=f"0 0 {WIDTH:.0f} {height:.0f}",
        width=f"{WIDTH:.0f}",
        height=f"{height:.0f}",
        role="img",
    )
