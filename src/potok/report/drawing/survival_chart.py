"""A chart of the share of cases still open by the time since their opening, with its interval."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.report.drawing.axes import GAP, TEXT_SIZE, Tick, draw_levels, label_at, time_ticks
from potok.report.drawing.font import measure_text
from potok.report.drawing.svg import element
from potok.report.formats import format_share

WIDTH: Final = 360.0
_HEIGHT: Final = 150.0
_TOP: Final = 10.0
_LABELS: Final = 18.0
_LEVELS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class SurvivalStep:
    """The share still open from a time since opening on, until the next step, with its interval."""

    seconds: float
    share: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class _Frame:
    left: float
    until: float

    def x(self, seconds: float) -> float:
        return self.left + (WIDTH - self.left) * min(seconds, self.until) / self.until


def _y(share: float) -> float:
    return _TOP + _HEIGHT * (1 - share)


def draw_survival(
    steps: Sequence[SurvivalStep], *, until_seconds: float, median_seconds: float | None, in_hours: bool = False
) -> Markup:
    """Draw the share of cases still open.

    Parameters
    ----------
    steps
        In order of time; before the first one every case is open. Nothing is drawn if there are none.
    until_seconds
        Where the chart ends.
    median_seconds
        Where half of the cases are closed; None if that is not known.
    in_hours
        Whether times are written in hours, as working time is read.

    Returns
    -------
    Markup
        An ``<svg>`` element with a title, or nothing.
    """
    shown = [step for step in steps if step.seconds <= until_seconds]
    if not shown or until_seconds <= 0:
        return Markup("")
    levels = tuple(Tick(share, format_share(share)) for share in _LEVELS)
    left = max(measure_text(tick.label, size=TEXT_SIZE) for tick in levels) + GAP
    frame = _Frame(left, until_seconds)
    return element(
        "svg",
        [
            element("title", _("Share of cases still open, by the time since their opening")),
            element("path", class_="band", d=_band(shown, frame)),
            *draw_levels(levels, [_y(tick.value) for tick in levels], left=left, right=WIDTH),
            element("path", class_="curve", d=_stairs(shown, frame, lambda step: step.share), fill="none"),
            *_draw_median(median_seconds, frame),
            *_draw_times(frame, in_hours=in_hours),
        ],
        xmlns="http://www.w3.org/2000/svg",
        class_="chart survival",
        viewBox=f"0 0 {WIDTH:.0f} {_TOP + _HEIGHT + _LABELS + GAP:.0f}",
        role="img",
    )


def _stairs(steps: Sequence[SurvivalStep], frame: _Frame, share: Callable[[SurvivalStep], float]) -> str:
    stairs = "".join(f"H{frame.x(step.seconds):.1f}V{_y(share(step)):.1f}" for step in steps)
    return f"M{frame.left:.1f},{_y(1):.1f}{stairs}H{WIDTH:.1f}"


def _band(steps: Sequence[SurvivalStep], frame: _Frame) -> str:
    """Outline the interval: forth along the upper bound, back along the lower."""
    back = [f"V{_y(steps[-1].lower):.1f}"]
    for earlier, step in zip([None, *steps[:-1]][::-1], steps[::-1], strict=True):
        back.append(f"H{frame.x(step.seconds):.1f}V{_y(earlier.lower if earlier else 1.0):.1f}")
    return _stairs(steps, frame, lambda step: step.upper) + "".join(back) + "Z"


def _draw_median(median: float | None, frame: _Frame) -> list[Markup]:
    if median is None or median > frame.until:
        return []
    x = frame.x(median)
    return [element("path", class_="mark", d=f"M{frame.left:.1f},{_y(0.5):.1f}H{x:.1f}V{_y(0):.1f}", fill="none")]


def _draw_times(frame: _Frame, *, in_hours: bool) -> list[Markup]:
    y = _TOP + _HEIGHT + _LABELS
    drawn = []
    for tick in time_ticks(frame.until, in_hours=in_hours):
        x, half = frame.x(tick.value), measure_text(tick.label, size=TEXT_SIZE) / 2
        if x + half <= WIDTH:
            drawn.append(label_at(tick.label, x=x, y=y, anchor="middle"))
    return drawn
