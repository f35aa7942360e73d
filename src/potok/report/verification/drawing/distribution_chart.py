"""A chart of durations before and after a change: shares of cases by duration, and beyond the horizon."""

from collections.abc import Callable
from typing import Final

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.report.drawing.axes import GAP, TEXT_SIZE, Tick, label_at
from potok.report.drawing.font import measure_text
from potok.report.drawing.svg import element
from potok.report.formats import format_share
from potok.report.verification.distribution import Distribution, DistributionBin
from potok.report.verification.drawing.frame import (
    LABEL_ROW,
    WIDTH,
    Key,
    Plot,
    columns,
    draw_keys,
    levels,
    make_plot,
    picture,
    value_ticks,
)

_HEIGHT: Final = 170.0
_BAR: Final = 0.4


def draw_distribution(found: Distribution, *, title: str, description: str, write: Callable[[float], str]) -> Markup:
    """Draw how cases are spread over durations, on both sides of the change.

    Parameters
    ----------
    write
        Writes a duration in days, at the axis.
    """
    bins = found.bins
    keys, top = draw_keys(
        [
            Key("before", _("before the change"), "area"),
            Key("arrivals", _("after the change"), "area"),
            Key("mark", _("horizon")),
        ]
    )
    ticks = value_ticks(
        [0.0, *(share for bin_ in bins for share in (bin_.before_share, bin_.after_share))], format_share
    )
    plot = make_plot(ticks, x=(-0.1, len(bins) + 0.1), top=top + 4, height=_HEIGHT)
    beyond = plot.x(len(bins) - 1)
    parts = [
        *keys,
        *levels(plot, ticks),
        *(part for place, bin_ in enumerate(bins) for part in _draw_bin(bin_, place, plot)),
        element("path", class_="mark", d=f"M{beyond:.1f},{plot.top:.1f}V{plot.bottom:.1f}", fill="none"),
        *columns(plot, _label(found, write, plot)),
        label_at(_("days from opening"), x=WIDTH / 2, y=plot.bottom + 2 * LABEL_ROW, anchor="middle"),
    ]
    return picture(
        "distribution", parts, height=plot.bottom + 2 * LABEL_ROW + GAP, title=title, description=description
    )


def _draw_bin(bin_: DistributionBin, place: int, plot: Plot) -> list[Markup]:
    drawn = []
    for share, kind, shift in ((bin_.before_share, "before", 0.1), (bin_.after_share, "arrivals", 0.1 + _BAR)):
        if share > 0:
            left, right, top = plot.x(place + shift), plot.x(place + shift + _BAR), plot.y(share)
            size = {"width": right - left, "height": plot.bottom - top}
            drawn.append(element("rect", class_=kind, x=left, y=top, **size))
    return drawn


def _label(found: Distribution, write: Callable[[float], str], plot: Plot) -> list[Tick]:
    """Label the edges of bins, and the last bin as a whole."""
    last = len(found.bins) - 1
    beyond = _("not closed in {horizon}").format(horizon=write(found.horizon_days))
    room = plot.right + 10 - measure_text(beyond, size=TEXT_SIZE) - GAP
    edges = [
        Tick(float(place), write(bin_.from_days))
        for place, bin_ in enumerate(found.bins[:-1])
        if plot.x(place) + measure_text(write(bin_.from_days), size=TEXT_SIZE) / 2 < room
    ]
    return [*edges, Tick(last + 0.5, beyond)]
