"""Charts of a verification: drawn to scale, from the cases, and with the same figures as their tables."""

import re
from dataclasses import replace
from math import nan

import numpy as np
import pytest
from markupsafe import Markup

from potok.inference.control_charts import xmr_chart
from potok.report.verification.charts import (
    control_chart,
    distribution_chart,
    event_study_chart,
    margins_chart,
    series_chart,
)
from potok.report.verification.control import control_of, watch_months
from potok.report.verification.distribution import make_distribution
from potok.report.verification.drawing.control_chart import draw_control_chart
from potok.report.verification.drawing.event_study import EventPoint, draw_event_study
from potok.report.verification.drawing.margins_chart import MarginRow, draw_margins
from potok.report.verification.series import make_series
from potok.verify.protocol.model import Direction, OutcomeKind
from potok.verify.study import Side
from report.verification.made_up_effects import CHANGE, HORIZON, MONTHS, make_control, make_results, make_waves


def numbers(pattern: str, svg: Markup) -> list[float]:
    return [float(found) for found in re.findall(pattern, svg)]


def test_months_are_means_over_the_cases_of_the_agencies_that_change():
    results = make_results()
    series = make_series(results)
    study, arms = results.study, results.arms
    for point in series.points:
        chosen = arms.takes_part & (study.cases.agency.codes == 1) & (arms.month == point.at)
        assert point.cases == chosen.sum()
        assert point.observed == pytest.approx(arms.outcome[chosen].mean() if chosen.any() else nan, nan_ok=True)
    # Opened in March, with a window of 20 days before the 3rd and 10 from it on.
    low, high = series.transition
    assert low < CHANGE - 0.5 + 2 / 30.44 < high
    # The months that the window breaks into have no mean.
    assert low == pytest.approx(CHANGE - 0.5 + (2 - 20) / 30.44)
    assert high == CHANGE + 0.5


def test_what_would_have_been_lies_by_the_improvement_on_the_worse_side():
    results = make_results()
    by_label = {period.label: period for period in results.effect.estimate.periods}
    for point in make_series(results).points:
        if point.at > CHANGE and point.cases:
            assert point.without - point.observed == pytest.approx(by_label[point.label].improvement.value)
    higher = replace(results.protocol.estimand, direction=Direction.HIGHER_IS_BETTER)
    turned = make_series(replace(results, protocol=replace(results.protocol, estimand=higher)))
    last = [point for point in turned.points if np.isfinite(point.without)][-1]
    assert last.without < last.observed
    assert last.lower < last.without < last.upper


def test_waves_are_shown_by_months_since_the_change_and_only_where_every_agency_has_months():
    results = make_waves()
    series = make_series(results)
    assert series.is_relative
    # First months after the change: 25, 27, 29; months 0 to 34 have cases.
    assert [point.at for point in series.points] == list(range(-25, 7))
    zero = next(point for point in series.points if point.at == 0)
    chosen = np.isin(results.arms.side, (Side.AFTER,)) & np.isin(results.arms.month, (25, 27, 29))
    first = {0: 25, 1: 27, 2: 29}
    own = np.asarray([first.get(int(code), -1) for code in results.study.cases.agency.codes])
    assert zero.observed == pytest.approx(results.arms.outcome[chosen & (results.arms.month == own)].mean())
    assert "months since the change" in series_chart(results).picture


def test_durations_add_up_and_what_lies_beyond_the_horizon_stands_apart():
    results = make_results()
    found = make_distribution(results)
    for side, name in ((Side.BEFORE, "before"), (Side.AFTER, "after")):
        outcome = results.arms.outcome[results.arms.side == side]
        assert sum(getattr(bin_, f"{name}_cases") for bin_ in found.bins) == len(outcome)
        assert sum(getattr(bin_, f"{name}_share") for bin_ in found.bins) == pytest.approx(1.0)
        assert getattr(found.bins[-1], f"{name}_cases") == (outcome >= HORIZON).sum()
        assert getattr(found, f"{name}_mean") == pytest.approx(outcome.mean())
    svg = distribution_chart(results).picture
    heights = numbers(r'<rect class="arrivals" x="[\d.]+" y="[\d.]+" width="[\d.]+" height="([\d.]+)"', svg)[1:]
    shares = [bin_.after_share for bin_ in found.bins if bin_.after_share]
    assert np.asarray(heights) / max(heights) == pytest.approx(np.asarray(shares) / max(shares), abs=0.02)


def test_without_durations_or_cases_there_is_no_distribution():
    results = make_results()
    shares = replace(results.protocol.estimand, outcome=OutcomeKind.WITHIN_TERM_SHARE)
    assert make_distribution(replace(results, protocol=replace(results.protocol, estimand=shares))) is None
    assert make_distribution(replace(results, arms=None)) is None
    nobody = replace(results.arms, side=np.full_like(results.arms.side, Side.OUTSIDE))
    assert make_distribution(replace(results, arms=nobody)) is None


def test_an_event_study_is_drawn_to_scale_with_both_bands():
    points = [EventPoint(str(at), at, at < 0, 2.0 * (at >= 0), -1.0, 3.0, -2.0, 4.0) for at in range(-3, 3)]
    svg = draw_event_study(points, minimum=1.0, title="t", description="d", write=lambda value: f"{value:g}")
    zero = float(re.search(r'class="zero" d="M[\d.]+,([\d.]+)H', svg)[1])
    promised = float(re.search(r'class="promise" d="M[\d.]+,([\d.]+)H', svg.partition("</text>")[2])[1])
    pointwise = re.findall(r'class="range" d="M[\d.]+,([\d.]+)V([\d.]+)', svg)
    simultaneous = re.findall(r'class="range wide" d="M[\d.]+,([\d.]+)V([\d.]+)', svg)
    assert len(pointwise) == len(simultaneous) == 6
    unit = zero - promised
    low, high = map(float, pointwise[0])
    assert (low - zero, zero - high) == pytest.approx((unit, 3 * unit), abs=0.2)
    low, high = map(float, simultaneous[0])
    assert (low - zero, zero - high) == pytest.approx((2 * unit, 4 * unit), abs=0.2)
    # One sign of each kind stands in the key.
    assert svg.count('class="dot reference"') == 3 + 1
    assert not draw_event_study([], minimum=1.0, title="t", description="d", write=str)


def test_indicators_lie_to_scale_beside_their_margins():
    rows = [MarginRow("a", "", 1.0, -1.0, 3.0, 2.0), MarginRow("b", "", nan, nan, nan, 2.0)]
    svg = draw_margins(rows, title="t", description="d", write=lambda value: f"{value:g}")
    zero = float(re.search(r'class="zero" d="M([\d.]+),', svg)[1])
    margin = float(re.findall(r'class="margin" d="M([\d.]+),', svg)[1])
    low, high = (float(x) for x in re.search(r'class="range" d="M([\d.]+),[\d.]+H([\d.]+)', svg).groups())
    unit = (margin - zero) / 2
    assert (zero - low, high - zero) == pytest.approx((unit, 3 * unit), abs=0.2)
    assert svg.count("<circle") == 1 + 1
    assert not draw_margins([], title="t", description="d", write=str)


def test_special_causes_are_marked_and_their_reasons_tabulated():
    # Ten values of NIST's handbook and one that is not chance.
    values = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1, 90.0]
    labels = [f"{month:%Y-%m}" for month in MONTHS[:11]]
    chart = control_of(xmr_chart(values, fixed_after=10), labels)
    assert chart.means[0] == pytest.approx(50.81)
    assert chart.upper[0] == pytest.approx(55.8041, abs=1e-3)
    assert chart.lower[0] == pytest.approx(45.8159, abs=1e-3)
    assert chart.signals[-1] == ("above the upper limit",)
    svg = draw_control_chart(chart, title="t", description="d", write=lambda value: f"{value:g}")
    assert svg.count('class="dot special"') == sum(map(bool, chart.signals)) + 1
    shown = control_chart(replace(make_waves(), control=chart))
    assert shown.table.rows[-1][-1] == "above the upper limit"
    assert shown.text.startswith("Not chance: ")
    assert labels[-1] in shown.text or "more" in shown.text
    assert not draw_control_chart(replace(chart, values=(nan,) * 11), title="t", description="d", write=str)


def test_limits_come_from_the_months_before_the_change_alone():
    results = make_results()
    chart = watch_months(results)
    series = [point for point in make_series(results).points if point.cases]
    before = [point.observed for point in series if point.at < CHANGE - 1]
    assert chart.means[-1] == pytest.approx(np.mean(before))
    assert watch_months(make_waves()) is None
    assert watch_months(replace(results, panel=None)) is None


@pytest.mark.parametrize("draw", [series_chart, event_study_chart, distribution_chart, margins_chart, control_chart])
def test_every_chart_says_what_it_shows(draw):
    chart = draw(replace(make_waves(), control=make_control()))
    assert chart.picture.startswith("<svg")
    assert f"<title>{chart.caption}</title>" in chart.picture
    assert "<desc>" in chart.picture
    assert chart.text
    assert draw(replace(make_results("empty"), panel=None, arms=None)) is None


def test_what_is_hostile_in_a_name_stays_text():
    results = make_results()
    evil = replace(results.effect.quality[0], name="<script>alert(1)</script>")
    chart = margins_chart(replace(results, effect=replace(results.effect, quality=(evil,))))
    assert "<script" not in chart.picture
