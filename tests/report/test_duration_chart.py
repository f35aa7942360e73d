"""The chart of cases by duration."""

from xml.etree import ElementTree

import pytest

from potok.measure.case_durations import DurationBin
from potok.report.drawing.duration_chart import draw_durations, label_bin
from report.made_up_audits import DURATIONS

SVG = "{http://www.w3.org/2000/svg}"
DAY = 86400


def test_bars_are_as_long_as_their_counts():
    chart = ElementTree.fromstring(str(draw_durations(DURATIONS.histogram)))  # noqa: S314 - ours
    closed = [float(bar.get("width", 0)) for bar in chart.iter(f"{SVG}rect") if bar.get("class") == "closed"]
    counts = [bin_.closed_cases for bin_ in DURATIONS.histogram if bin_.closed_cases]
    scale = max(closed) / max(counts)
    assert closed == pytest.approx([count * scale for count in counts], abs=0.06)


def test_open_cases_are_counted_beside_the_closed_ones():
    chart = ElementTree.fromstring(str(draw_durations((DurationBin(0, DAY, 4, 3), DurationBin(DAY, 3 * DAY, 2, 0)))))  # noqa: S314
    assert [text.text for text in chart.iter(f"{SVG}text")] == ["under 1\u00a0d", "4 + 3", "1\u00a0d – 3\u00a0d", "2"]


def test_empty_bins_are_shown_between_but_not_at_the_ends():
    empty, full = DurationBin(0, DAY, 0, 0), DurationBin(DAY, 2 * DAY, 0, 1)
    chart = str(draw_durations((empty, full, empty, full, empty)))
    assert chart.count("<g>") == 3


def test_nothing_is_drawn_of_nothing():
    assert draw_durations(()) == ""
    assert draw_durations((DurationBin(0, DAY, 0, 0),)) == ""


@pytest.mark.parametrize(
    ("bounds", "label"),
    [
        ((0, 600), "under 10\u00a0min"),
        ((DAY, 3 * DAY), "1\u00a0d – 3\u00a0d"),
        ((3650 * DAY, 3_650_000 * DAY), "over 3,650\u00a0d"),
    ],
)
def test_bins_are_named_in_words(bounds: tuple[float, float], label: str):
    assert label_bin(DurationBin(*bounds, 1, 0)) == label
