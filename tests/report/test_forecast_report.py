"""Forecasts as documents: what is said first, what stands in tables, what moves over the map."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from math import nan
from zipfile import ZipFile

import numpy as np
import pytest

from potok.core.change import Automate, ChangeDemand, Remove
from potok.core.time_units import DAY_US
from potok.report.drawing.interval_chart import IntervalRow, draw_intervals
from potok.report.simulation.animation import choose_window
from potok.report.simulation.docx import render_forecast_docx
from potok.report.simulation.origin import describe_origin
from potok.report.simulation.page import render_forecast
from potok.report.simulation.pdf import render_forecast_pdf
from potok.report.simulation.report import DURATION, ForecastResults, make_forecast_report
from potok.report.simulation.tables import forecast_tables
from potok.simulate.changes import Scenario
from potok.simulate.experiments.estimates import Estimate
from potok.simulate.experiments.forecast import BEAT_MOVES, SATURATED, Settings, Source, make_forecast
from potok.simulate.experiments.settling import Saturation
from potok.simulate.model import ArrivalKind, fixed
from simulate.experiments.made_runs import QueueRunner, queue_model, run_queue

REMOVED = Scenario("without <b>", (Remove("Decide"),), (0.0,))
FASTER = Scenario("by machine", (Automate("Decide", duration_seconds=500.0),), (0.0,))


@pytest.fixture(scope="module")
def found():
    """A forecast of two scenarios, on a queue in plain Python."""
    settings = Settings(replications=3, cases=200)
    return make_forecast(Source(queue_model(per_day=40.0), QueueRunner()), [REMOVED, FASTER], settings=settings)


def with_difference(found, value: float, lower: float, upper: float):
    one = found.scenarios[0]
    place = found.metrics.index(DURATION)
    difference = list(one.difference)
    difference[place] = Estimate(value, lower, upper, 1.0)
    return replace(found, scenarios=(replace(one, difference=tuple(difference)),), ranking=None)


@pytest.mark.parametrize(
    ("value", "lower", "upper", "said"),
    [
        (-7200.0, -10800.0, -3600.0, "2 h less"),
        (7200.0, 3600.0, 10800.0, "2 h more"),
        (-7200.0, -10800.0, 3600.0, "cannot be told"),
        (nan, nan, nan, "cannot be told"),
        (0.0, 0.0, 0.0, "as long as it does now"),
        # Without an interval nothing is claimed.
        (-7200.0, nan, nan, "cannot be told"),
    ],
)
def test_the_headline_claims_no_more_than_the_interval(found, value, lower, upper, said):
    sentence, harm = make_forecast_report(ForecastResults(with_difference(found, value, lower, upper))).headline
    assert said in sentence.replace("\xa0", " ")
    assert (
        harm.replace("\xa0", " ")
        == "But quality would worsen. Expected share of cases with “reversed”: 5% instead of 1%."
    )


def test_what_cannot_keep_up_is_said_before_any_figure(found):
    chosen = replace(found.chosen, saturated=(Saturation(1, "Clerks", 1.25),))
    report = make_forecast_report(ForecastResults(replace(found, chosen=chosen, warnings=(SATURATED,))))
    assert report.warnings[0] == SATURATED
    assert "Clerks" in report.warnings[1]
    assert "125%" in report.warnings[1]
    assert not set(report.warnings) & set(report.basis)
    assert set(found.assumptions) <= set(report.basis)


def test_as_it_is_alone_has_a_report_too(found):
    report = make_forecast_report(ForecastResults(replace(found, scenarios=(), ranking=None)))
    assert "As it is, a case takes" in report.headline[0]
    assert len(report.charts) == 2


def test_intervals_are_drawn_to_scale():
    rows = [
        IntervalRow("a", "", 50.0, 25.0, 100.0),
        IntervalRow("b", "", -50.0, -50.0, nan),
        IntervalRow("c", "", nan, nan, nan),
    ]
    svg = draw_intervals(rows, title="t", description="d", write=lambda value: f"{value:.0f}", is_time=False)
    zero = float(re.search(r'class="zero" d="M([\d.]+),', svg)[1])
    first, second = (float(x) for x in re.findall(r'<circle class="dot" cx="([\d.]+)"', svg))
    low, high = (float(x) for x in re.search(r'class="range" d="M([\d.]+),[\d.]+H([\d.]+)', svg).groups())
    assert zero - second == pytest.approx(first - zero, abs=0.2)
    assert high - zero == pytest.approx(2 * (first - zero), abs=0.2)
    assert low - zero == pytest.approx((first - zero) / 2, abs=0.2)
    # Neither an interval without an end nor a figure that is not known is drawn.
    assert svg.count('class="range"') == 1
    assert not draw_intervals(rows[2:], title="t", description="d", write=str, is_time=True)


@pytest.fixture(scope="module")
def page(found):
    """The page of one scenario whose name is hostile."""
    one = replace(found, scenarios=found.scenarios[:1], ranking=None)
    return render_forecast(ForecastResults(one, ("A fit that is not good.",)), QueueRunner(), language="en")


def test_the_policy_names_the_only_script_and_no_text_becomes_markup(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert f"script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}';" in policy
    assert "default-src 'none'" in policy
    assert page.count("<script") == 2
    assert "without &lt;b&gt;" in page
    assert "without <b>" not in page
    assert "A fit that is not good." in page


def test_cases_on_the_page_are_those_of_the_run(found, page):
    record = json.loads(re.search(r'id="animation-data">(.*?)</script>', page)[1])
    frame = found.chosen.frame
    assert record["start_ms"] * 1000 == frame.count_from_us
    assert len(record["runs"]) == 2
    log = run_queue(found.model, frame, seed=found.settings.seed, number=0)
    arrived = (log.arrived_us - frame.count_from_us) // 1_000_000
    closed = (log.closed_us - frame.count_from_us) // 1_000_000
    seen = (arrived < record["seconds"]) & (log.closed_us > frame.count_from_us)
    stride = -(-seen.sum() // 200)
    expected = [number for number in np.flatnonzero(seen) if number % stride == 0]
    assert [case[:2] for case in record["runs"][0]["cases"]] == [[arrived[n], closed[n]] for n in expected]
    # Start, Decide, Send, End; two instances each, the second when the first is done.
    assert sorted(record["runs"][0]["lines"]) == [[0, 1], [1, 2], [2, 3]]
    assert all(case[3][0::3] == [1, 2] and case[3][2] == case[3][4] for case in record["runs"][0]["cases"][:20])


def test_no_more_cases_are_shown_than_can_be_followed(found):
    frame = found.chosen.frame
    logs = [
        run_queue(queue_model(per_day=rate, service_seconds=90.0), frame, seed=1, number=0) for rate in (900.0, 300.0)
    ]
    window = choose_window(logs, frame)
    # A case takes some 25 minutes at the most, so the window is a day: of 900 cases one in five.
    assert window.end_us - window.start_us == DAY_US
    assert window.stride == 5


def test_documents_are_the_same_each_time_and_hold_what_is_said(found):
    report = make_forecast_report(ForecastResults(found))
    pdf, word = render_forecast_pdf(report), render_forecast_docx(report)
    assert pdf.startswith(b"%PDF-")
    assert (pdf, word) == (render_forecast_pdf(report), render_forecast_docx(report))
    text = re.sub(r"<[^>]*>", "", ZipFile(BytesIO(word)).read("word/document.xml").decode())
    for sentence in (*report.headline, *report.basis):
        assert sentence.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in text


def test_documents_say_from_which_log_the_model_was_learned(found):
    manifest = {"source": {"files": [{"name": "log.csv"}]}, "content_sha256": "a1b2", "zone": "Asia/Yakutsk"}
    results = ForecastResults(found, origin=describe_origin(manifest))
    page = render_forecast(results, None, language="en")
    assert "learned from “log.csv”; content hash of the log: a1b2" in page
    assert "local times of the zone Asia/Yakutsk" in page


def test_demand_alone_is_a_circumstance_and_not_ranked():
    fewer = Scenario("fewer apply", (ChangeDemand(0.5),), (0.0,))
    settings = Settings(replications=3, cases=200)
    source = Source(queue_model(per_day=40.0), QueueRunner())
    ranking = make_forecast(source, [fewer, REMOVED], settings=settings).ranking
    assert ranking is not None
    assert (ranking.ranks[1], ranking.best_shares[0] + ranking.best_shares[2]) == (0, pytest.approx(1.0))
    assert {ranking.ranks[0], ranking.ranks[2]} == {1, 2}
    both = make_forecast(source, [fewer, REMOVED, FASTER], settings=settings)
    table = next(table for table in forecast_tables(both) if table.name == "ranking")
    assert "fewer apply" not in {row[0] for row in table.rows}
    assert "no measure" in table.notes[-1]
    assert make_forecast(source, [fewer], settings=settings).ranking is None


def test_a_fixed_beat_of_arrivals_is_said_to_move_with_demand():
    model = queue_model(per_day=40.0)
    beat = replace(model.arrivals, kind=ArrivalKind.RENEWAL, inter_arrival=fixed(2160))
    settings = Settings(replications=2, cases=50)
    source = Source(replace(model, arrivals=beat), QueueRunner())
    more = Scenario("more apply", (ChangeDemand(1.25),), (0.0,))
    assert BEAT_MOVES in make_forecast(source, [more], settings=settings).assumptions
    assert BEAT_MOVES not in make_forecast(source, [REMOVED], settings=settings).assumptions
