"""A chart of quality indicators against their margins: how far each worsened, with its interval."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.report.drawing.axes import BASELINE, GAP, TEXT_SIZE, label_at
from potok.report.drawing.svg import element
from potok.report.drawing.wrapping import wrap_label
from potok.report.verification.drawing.frame import (
    LABEL_ROW,
    WIDTH,
    Key,
    Plot,
    columns,
    draw_keys,
    picture,
    value_ticks,
)

_NAMES: Final = 210.0
_LINE: Final = 15.0
_ROW: Final = 40.0
_CAP: Final = 5.0


@dataclass(frozen=True, slots=True)
class MarginRow:
    """An indicator: how far it worsened, with its interval, and from where on that counts as harm."""

    name: str
    said: str
    value: float
    lower: float
    upper: float
    margin: float


def draw_margins(rows: Sequence[MarginRow], *, title: str, description: str, write: Callable[[float], str]) -> Markup:
    """Draw indicators one under the other over one axis: left of zero is better, right of it worse.

    Returns
    -------
    Markup
        An ``<svg>`` element, or nothing if there are no rows.
    """
    if not rows:
        return Markup("")
    keys, top = draw_keys(
        [
            Key("dot", _("worsening"), "dot"),
            Key("range", _("interval")),
            Key("margin", _("margin: from here on it is harm")),
        ]
    )
    ends = [0.0, *(value for row in rows for value in (row.value, row.lower, row.upper, row.margin))]
    ticks = value_ticks(ends, write, most=5)
    bottom = top + 4 + _ROW * len(rows)
    plot = Plot(_NAMES + GAP, WIDTH - 14, top + 4, bottom, ticks[0].value, ticks[-1].value, 0.0, 1.0)
    lines = [
        element(
            "path",
            class_="zero" if tick.value == 0 else "grid",
            d=f"M{plot.x(tick.value):.1f},{plot.top:.1f}V{bottom:.1f}",
            fill="none",
        )
        for tick in ticks
    ]
    drawn = [part for number, row in enumerate(rows) for part in _draw_row(row, plot, plot.top + _ROW * number)]
    sides = [
        label_at(_("better"), x=plot.left, y=bottom + 2 * LABEL_ROW - GAP),
        label_at(_("worse"), x=plot.right, y=bottom + 2 * LABEL_ROW - GAP, anchor="end"),
    ]
    return picture(
        "margins",
        [*keys, *lines, *drawn, *columns(plot, ticks), *sides],
        height=bottom + 2 * LABEL_ROW,
        title=title,
        description=description,
    )


def _draw_row(row: MarginRow, plot: Plot, top: float) -> list[Markup]:
    middle = top + _ROW / 2
    lines = wrap_label(row.name, size=TEXT_SIZE, max_width=_NAMES, max_lines=2, weight="semibold")
    first = middle - _LINE * (len(lines) - 1) / 2 + BASELINE
    parts = [element("text", text, class_="name", x=0.0, y=first + _LINE * number) for number, text in enumerate(lines)]
    margin = plot.x(row.margin)
    parts.append(element("path", class_="margin", d=f"M{margin:.1f},{top + 5:.1f}v{_ROW - 10:.1f}", fill="none"))
    if isfinite(row.lower) and isfinite(row.upper):
        low, high = plot.x(row.lower), plot.x(row.upper)
        ends = "".join(f"M{x:.1f},{middle - _CAP:.1f}v{2 * _CAP:.1f}" for x in (low, high))
        parts.append(element("path", class_="range", d=f"M{low:.1f},{middle:.1f}H{high:.1f}{ends}", fill="none"))
    if isfinite(row.value):
        parts.append(element("circle", class_="dot", cx=plot.x(row.value), cy=middle, r=4.2))
    return parts
