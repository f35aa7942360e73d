"""What a verification could show is foreseen from the time before the change, and from nothing later."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from potok.verify.protocol.foresight import Foresight, _error_of_differences, _error_of_line, foresee
from potok.verify.protocol.model import ComparisonKind, ComparisonPlan, Direction, OutcomeKind
from support.small_studies import make_protocol, make_study, margin

START = date(2022, 1, 1)
CHANGE = "2024-06-01"
EVERY_DAYS = 2


def rows_of(agency, *, until=date(2024, 4, 1), scatter=0.0, seed=0):
    """One case every other day, of ten days give or take a shock common to its month."""
    draws, rows, day = np.random.default_rng(seed), [], START
    shocks = draws.normal(0, scatter, 60)
    while day < until:
        month = (day.year - START.year) * 12 + day.month - 1
        rows.append((f"{agency}{len(rows)}", agency, day.isoformat(), 10 + float(shocks[month])))
        day += timedelta(days=EVERY_DAYS)
    return rows


def study_of(rows, *, look="2024-04-30", **attributes):
    return make_study(rows, look=look, first=START.isoformat(), **attributes)


def kinds(found: Foresight) -> dict[str, bool]:
    return {concern.kind: concern.is_fatal for concern in found.concerns}


def test_cases_and_months_are_counted_ahead() -> None:
    rows = rows_of("А")
    marked = ["да" if place % 50 == 25 else "нет" for place in range(len(rows))]
    protocol = make_protocol({"А": CHANGE}, quality=[margin("Жалоба", share=0.01)], horizon_days=30.0)
    found = foresee(study_of(rows, Жалоба=marked), protocol)
    assert found.months_before == 29
    assert found.cases_a_month == pytest.approx(365.25 / 12 / EVERY_DAYS, rel=0.01)
    assert found.expected_before == pytest.approx(29 * 15.2, rel=0.01)
    # From 1 June 2024 to 1 December 2025, thirty days before the look is over.
    assert found.expected_after == pytest.approx((date(2025, 12, 2) - date(2024, 6, 1)).days / EVERY_DAYS, abs=3)
    assert found.mean_before == pytest.approx(10)
    one = found.margins[0]
    assert one.base_share == pytest.approx(0.02, abs=0.001)
    # The figure of the method: a rate of 2 % and a margin of one point take about 3,100 cases per arm.
    assert one.needed_cases == pytest.approx(3_100, rel=0.06)
    assert one.is_provable is False
    assert kinds(found)["unprovable_margin"]


def test_later_cases_are_not_peeked_at() -> None:
    rows = rows_of("А", scatter=1.0)
    later = [(f"п{place}", "А", "2024-09-01", 1.0) for place in range(500)]
    protocol = make_protocol({"А": CHANGE})
    assert foresee(study_of(rows), protocol) == foresee(study_of([*rows, *later], look="2024-12-31"), protocol)


def test_a_young_or_scarce_log_forbids_a_verdict() -> None:
    rows = [row for row in rows_of("А") if row[2] >= "2023-01-01"]
    protocol = make_protocol({"А": CHANGE})
    few = replace(protocol, look=replace(protocol.look, minimum_cases=1_000))
    found = foresee(make_study(rows, look="2024-04-30", first="2023-01-01"), few)
    assert found.months_before == 17
    assert kinds(found) == {"few_months_before": True, "few_cases": True}


def test_without_cases_nothing_is_foreseen() -> None:
    protocol = make_protocol({"А": CHANGE}, quality=[margin("Жалоба")])
    found = foresee(study_of(rows_of("Б")), protocol)
    assert (found.months_before, found.expected_after, found.mean_before, found.detectable) == (0, 0, None, None)
    assert kinds(found) == {
        "few_months_before": True,
        "few_cases": True,
        "margin_unknown": False,
        "scatter_unknown": False,
    }
    assert found.margins[0].is_provable is None


def test_an_improvement_beyond_the_scatter_is_called_undetectable() -> None:
    protocol = make_protocol({"А": CHANGE})
    assert "undetectable" in kinds(foresee(study_of(rows_of("А", scatter=8.0)), protocol))
    calm = foresee(study_of(rows_of("А", scatter=0.5)), protocol)
    assert kinds(calm) == {}
    assert calm.detectable is not None
    assert 1.0 < calm.detectable < 3.0
    share = replace(
        protocol.estimand,
        outcome=OutcomeKind.WITHIN_TERM_SHARE,
        direction=Direction.HIGHER_IS_BETTER,
        term_days=20,
        minimum_improvement=0.05,
    )
    # All cases keep the term already: nothing can improve.
    assert kinds(foresee(study_of(rows_of("А", scatter=0.5)), replace(protocol, estimand=share))) == {
        "undetectable": True
    }


def test_more_agencies_show_smaller_improvements() -> None:
    agencies = "АБВГДЕ"
    rows = [row for place, agency in enumerate(agencies) for row in rows_of(agency, scatter=1.0, seed=place)]
    days = ["2024-06-01", "2024-12-01", "2025-06-01"]
    waves = {agency: days[place // 2] for place, agency in enumerate(agencies)}
    protocol = replace(make_protocol(waves), comparison=ComparisonPlan(ComparisonKind.WAVES))
    found = foresee(study_of(rows), protocol)
    two = {agency: waves[agency] for agency in "АЕ"}
    fewer = foresee(
        study_of([row for row in rows if row[1] in "АЕ"]),
        replace(make_protocol(two), comparison=ComparisonPlan(ComparisonKind.WAVES)),
    )
    assert found.standard_error is not None
    assert fewer.standard_error is not None
    assert found.standard_error < fewer.standard_error
    nobody_left = replace(make_protocol({"А": CHANGE}), comparison=ComparisonPlan(ComparisonKind.WAVES))
    assert foresee(study_of(rows_of("А", scatter=1.0)), nobody_left).standard_error is None


def test_the_error_of_a_continued_line_is_that_of_simulated_series() -> None:
    before, after, draws = 30, 8, np.random.default_rng(1)
    series = draws.normal(size=(4_000, before + after))
    x = np.arange(before + after)
    lines = np.polyfit(x[:before], series[:, :before].T, 1)
    ahead = lines[0] * x[before:].mean() + lines[1]
    spread = float(np.std(series[:, before:].mean(axis=1) - ahead))
    found = [_error_of_line(one[:before], after) for one in series[:300]]
    # Autocorrelation is estimated from thirty months and only ever widens.
    assert spread * 0.97 < float(np.median([one for one in found if one is not None])) < spread * 1.3
    assert _error_of_line(series[0, :5], after) is None
    assert _error_of_line(series[0], 0) is None


def test_the_error_of_a_difference_is_that_of_simulated_panels() -> None:
    draws, agencies, before, after = np.random.default_rng(2), 8, 20, 10
    treated = np.zeros((agencies, before + after))
    treated[:4, before:] = 1.0
    panels = draws.normal(size=(2_000, agencies, before + after))
    change = panels[:, :, before:].mean(axis=2) - panels[:, :, :before].mean(axis=2)
    spread = float(np.std(change[:, :4].mean(axis=1) - change[:, 4:].mean(axis=1)))
    found = [_error_of_differences(one[:, :before], treated) for one in panels[:200]]
    assert spread * 0.95 < float(np.median([one for one in found if one is not None])) < spread * 1.2
    holes = panels[0, :, :before].copy()
    holes[0, :3] = np.nan
    assert np.isfinite(_error_of_differences(holes, treated) or np.nan)
    assert _error_of_differences(panels[0, :, :before], np.ones_like(treated)) is None
