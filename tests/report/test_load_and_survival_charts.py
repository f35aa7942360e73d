"""The charts of work in process and of cases still open: lengths and heights are those of the figures."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from potok.report.drawing.axes import count_ticks, time_ticks
from potok.report.drawing.load_chart import LoadBar, LoadPoint, draw_load
from potok.report.drawing.survival_chart import SurvivalStep, draw_survival

SVG = "{http://www.w3.org/2000/svg}"
DAY = 86_400.0
HOUR = 3_600.0
FIRST = date(2024, 1, 1)
# Coordinates are written with one decimal.
ROUNDING = 0.06


def drawn(chart):
    return ElementTree.fromstring(str(chart))  # noqa: S314 - ours


def of_class(chart, name):
    return [part for part in chart.iter() if part.get("class") == name]


def points(path):
    """Follow a path of M, H, V (and Z) and return the points it visits."""
    found = []
    for sign, text in re.findall(r"([MHV])([^MHVZ]*)", path):
        numbers = [float(number) for number in text.split(",")]
        x, y = found[-1] if found else (0.0, 0.0)
        found.append((x, numbers[0]) if sign == "V" else (numbers[0], y) if sign == "H" else (numbers[0], numbers[1]))
    return found


class TestLoad:
    LOAD = tuple(LoadPoint(FIRST + timedelta(days=place), cases) for place, cases in enumerate((2.0, 10.0, 5.0, 0.0)))
    BARS = (
        LoadBar(FIRST, FIRST + timedelta(days=2), 8, 1),
        LoadBar(FIRST + timedelta(days=2), FIRST + timedelta(days=4), 0, 4),
    )

    def test_the_line_is_as_high_as_cases_are_open(self):
        (curve,) = of_class(drawn(draw_load(self.LOAD, self.BARS)), "curve")
        visited = points(curve.get("d"))
        heights = [y for _x, y in visited[::2]]
        base, unit = heights[3], (heights[3] - heights[1]) / 10
        assert [(base - y) / unit for y in heights] == pytest.approx([2, 10, 5, 0], abs=0.02)
        widths = [b - a for (a, _), (b, _) in zip(visited[::2], visited[1::2], strict=True)]
        assert widths == pytest.approx([widths[0]] * 4, abs=2 * ROUNDING)

    def test_openings_stand_up_and_closings_hang_down_from_one_line(self):
        chart = drawn(draw_load(self.LOAD, self.BARS))
        (opened,), closed = of_class(chart, "arrivals"), of_class(chart, "completions")
        unit = float(opened.get("height")) / 8
        assert [float(bar.get("height")) / unit for bar in closed] == pytest.approx([1, 4], abs=0.02)
        line = float(opened.get("y")) + float(opened.get("height"))
        assert [float(bar.get("y")) for bar in closed] == pytest.approx([line] * 2, abs=2 * ROUNDING)

    def test_first_and_last_day_are_named(self):
        texts = [text.text for text in drawn(draw_load(self.LOAD, self.BARS)).iter(f"{SVG}text")]
        assert texts[-3:] == ["2024-01-01", "2024-01-03", "2024-01-04"]

    def test_a_single_day_is_drawn_and_nothing_of_nothing(self):
        chart = draw_load(self.LOAD[:1], (LoadBar(FIRST, FIRST + timedelta(days=1), 1, 0),))
        assert [text.text for text in drawn(chart).iter(f"{SVG}text")][-1] == "2024-01-01"
        assert draw_load((), ()) == ""


class TestSurvival:
    STEPS = (
        SurvivalStep(1 * DAY, 0.75, 0.6, 0.9),
        SurvivalStep(4 * DAY, 0.5, 0.3, 0.7),
        SurvivalStep(8 * DAY, 0.25, 0.1, 0.5),
    )

    def chart(self, **changes):
        return drawn(draw_survival(self.STEPS, **({"until_seconds": 10 * DAY, "median_seconds": 4 * DAY} | changes)))

    def test_the_curve_goes_down_at_its_times(self):
        (curve,) = of_class(self.chart(), "curve")
        visited = points(curve.get("d"))
        (left, top), (right, _) = visited[0], visited[-1]
        (_, level), *_rest = [point for point in visited if point[0] == visited[-2][0]][::-1]
        height = (level - top) / 0.75
        corners = [((x - left) / (right - left) * 10, 1 - (y - top) / height) for x, y in visited[2:-1:2]]
        assert corners == [pytest.approx((time, share), abs=0.01) for time, share in ((1, 0.75), (4, 0.5), (8, 0.25))]

    def test_the_interval_goes_forth_above_and_back_below(self):
        (band,), (curve,) = of_class(self.chart(), "band"), of_class(self.chart(), "curve")
        outline, line = points(band.get("d")), points(curve.get("d"))
        half = len(outline) // 2
        assert outline[0] == line[0]
        assert all(above[1] <= on[1] for above, on in zip(outline[:half], line, strict=False))
        assert max(y for _x, y in outline) > max(y for _x, y in line)
        assert band.get("d").endswith("Z")

    def test_the_median_is_marked_if_it_is_known_and_shown(self):
        assert len(of_class(self.chart(), "mark")) == 1
        assert of_class(self.chart(median_seconds=None), "mark") == []
        assert of_class(self.chart(median_seconds=11 * DAY), "mark") == []

    def test_times_are_written_in_days_or_in_working_hours(self):
        assert "2\u00a0d" in [text.text for text in self.chart().iter(f"{SVG}text")]
        labels = [text.text for text in self.chart(in_hours=True).iter(f"{SVG}text")]
        assert labels[-3:] == ["100\u00a0h", "150\u00a0h", "200\u00a0h"]

    def test_nothing_is_drawn_of_nothing(self):
        assert draw_survival((), until_seconds=DAY, median_seconds=None) == ""
        assert draw_survival(self.STEPS, until_seconds=0.5 * DAY, median_seconds=None) == ""


class TestAxes:
    @pytest.mark.parametrize(
        ("most", "last", "number"), [(0, 1, 2), (1, 1, 2), (7, 8, 5), (100, 100, 6), (101, 150, 4), (4_356, 5_000, 6)]
    )
    def test_counts_end_at_a_round_number(self, most, last, number):
        ticks = count_ticks(most)
        assert (ticks[0].value, ticks[-1].value, len(ticks)) == (0, last, number)

    @pytest.mark.parametrize(
        ("longest", "labels"),
        [
            (45.0, ["0", "10 s", "20 s", "30 s", "40 s"]),
            (10 * HOUR, ["0", "2 h", "4 h", "6 h", "8 h", "10 h"]),
            (9 * DAY, ["0", "2 d", "4 d", "6 d", "8 d"]),
            (4_000 * DAY, ["0", "1,000 d", "2,000 d", "3,000 d", "4,000 d"]),
        ],
    )
    def test_times_go_in_round_steps(self, longest, labels):
        assert [tick.label.replace("\u00a0", " ") for tick in time_ticks(longest)] == labels

    def test_working_times_are_hours(self):
        assert [tick.label.replace("\u00a0", " ") for tick in time_ticks(90 * HOUR, in_hours=True)] == [
            "0",
            "20 h",
            "40 h",
            "60 h",
            "80 h",
        ]
