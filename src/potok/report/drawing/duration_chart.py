"""A chart of cases by duration: closed cases, and open ones by their age so far."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.measure.case_durations import DurationBin
from potok.report.drawing.font import measure_text
from potok.report.drawing.svg import element
from potok.report.formats import DAY_SECONDS, format_count, format_duration

# Bars lie on their side: their labels stay legible on a telephone.
WIDTH: Final = 360.0
_ROW: Final = 22.0
_BAR: Final = 13.0
_TEXT_SIZE: Final = 11.5
_BASELINE: Final = 4.0
_GAP: Final = 6.0
_FOREVER_SECONDS: Final = 100 * 365 * DAY_SECONDS


def draw_durations(bins: Sequence[DurationBin]) -> Markup:
    """Draw cases by duration.

    Parameters
    ----------
    bins
        In ascending order; nothing is drawn if there are none.

    Returns
    -------
    Markup
        An ``<svg>`` element with a title, or nothing.
    """
    shown = _without_empty_ends(bins)
    if not shown:
        return Markup("")
    labels = [label_bin(bin_) for bin_ in shown]
    left = max(measure_text(label, size=_TEXT_SIZE) for label in labels) + _GAP
    counts = [_label_counts(bin_) for bin_ in shown]
    right = max(measure_text(count, size=_TEXT_SIZE) for count in counts) + _GAP
    most = max(bin_.closed_cases + bin_.open_cases for bin_ in shown)
    scale = (WIDTH - left - right) / most
    rows = [
        _draw_row(bin_, texts, top=_ROW * index, left=left, scale=scale)
        for index, (bin_, texts) in enumerate(zip(shown, zip(labels, counts, strict=True), strict=True))
    ]
    title = element("title", _("Cases by duration: closed cases, and open cases by their age so far"))
    return element(
        "svg",
        [title, *rows],
        xmlns="http://www.w3.org/2000/svg",
        class_="chart",
        viewBox=f"0 0 {WIDTH:.0f} {_ROW * len(shown):.0f}",
        role="img",
    )


def _without_empty_ends(bins: Sequence[DurationBin]) -> list[DurationBin]:
    filled = [index for index, bin_ in enumerate(bins) if bin_.closed_cases or bin_.open_cases]
    return list(bins[filled[0] : filled[-1] + 1]) if filled else []


def label_bin(bin_: DurationBin) -> str:
    """Say which durations a bin holds."""
    if bin_.to_seconds > _FOREVER_SECONDS:
        return _("over {time}").format(time=format_duration(bin_.from_seconds))
    if bin_.from_seconds <= 0:
        return _("under {time}").format(time=format_duration(bin_.to_seconds))
    return f"{format_duration(bin_.from_seconds)} – {format_duration(bin_.to_seconds)}"


def _label_counts(bin_: DurationBin) -> str:
    if not bin_.open_cases:
        return format_count(bin_.closed_cases)
    return f"{format_count(bin_.closed_cases)} + {format_count(bin_.open_cases)}"


def _draw_row(bin_: DurationBin, texts: tuple[str, str], *, top: float, left: float, scale: float) -> Markup:
    label, count = texts
    middle = top + _ROW / 2
    closed, waiting = bin_.closed_cases * scale, bin_.open_cases * scale
    at = {"y": middle - _BAR / 2, "height": _BAR}
    return element(
        "g",
        [
            element("text", label, class_="bin", x=left - _GAP, y=middle + _BASELINE),
            element("rect", class_="closed", x=left, width=closed, **at) if closed else Markup(""),
            element("rect", class_="open", x=left + closed, width=waiting, **at) if waiting else Markup(""),
            element("text", count, x=left + closed + waiting + _GAP, y=middle + _BASELINE),
        ],
    )
