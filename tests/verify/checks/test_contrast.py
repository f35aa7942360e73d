"""The figure behind the checks: against plain least squares with dummies, and where nothing has changed."""

from datetime import date

import numpy as np
import pytest

from potok.verify.checks.contrast import Cells, cells_of_cases, contrast
from potok.verify.checks.trimming import feigned_by_ending, feigned_by_missing

RUNS = 100
ROUGH = 0.03
"""What small samples with an estimated correlation may add to a level of 5 %."""
MONTHS = tuple(date(2021 + place // 12, place % 12 + 1, 1) for place in range(36))


def cells(agency, month, is_after, mean, weight):
    values = [np.asarray(one) for one in (agency, month, is_after, mean, weight)]
    return Cells(*values, np.zeros(len(mean)))


def test_cases_are_averaged_by_agency_month_and_side():
    found = cells_of_cases(
        np.asarray([1.0, 3.0, 5.0, np.nan, 7.0]),
        agency=np.asarray([0, 0, 0, 0, 1]),
        month=np.asarray([2, 2, 2, 2, 0]),
        is_after=np.asarray([False, False, True, True, False]),
    )
    assert found.mean.tolist() == [2.0, 5.0, 7.0]
    assert found.weight.tolist() == [2.0, 1.0, 1.0]
    assert found.month.tolist() == [2, 2, 0]


def test_the_change_is_that_of_weighted_least_squares_with_agencies_and_months():
    generator = np.random.default_rng(1)
    agency, month = (place.ravel() for place in np.indices((4, 36)))
    is_after = np.asarray([20, 20, 28, 99])[agency] <= month
    weight = generator.integers(5, 50, len(agency)).astype(float)
    mean = 30 + 3.0 * agency + 0.2 * month - 4.0 * is_after + generator.normal(size=len(agency))
    columns = [is_after, *(agency == one for one in range(4)), *(month == one for one in range(1, 36))]
    design = np.column_stack(columns).astype(float)
    root = np.sqrt(weight)
    expected = np.linalg.lstsq(design * root[:, None], mean * root, rcond=None)[0][0]
    found = contrast(cells(agency, month, is_after, mean, weight), months=MONTHS)
    assert found.change.value == pytest.approx(expected, rel=1e-8)
    assert found.change.lower < -4.0 < found.change.upper


def test_the_own_past_is_compared_by_months_of_the_year():
    month = np.arange(36)
    season = 5 * np.sin(2 * np.pi * (month + 1) / 12)
    part = np.flatnonzero((month < 24) | (month >= 30))  # the first half of the third year is missing
    after = part >= 24
    one = cells(np.zeros(len(part), int), part, after, 20 + season[part] - 2.0 * after, np.full(len(part), 9.0))
    found = contrast(one, months=MONTHS)
    assert found.change.value == pytest.approx(-2.0, abs=1e-9)


@pytest.mark.parametrize("agencies", [1, 6, 9])
def test_nothing_is_found_more_often_than_promised_where_months_hang_together(agencies):
    generator = np.random.default_rng(agencies)
    agency, month = (place.ravel() for place in np.indices((agencies, 36)))
    starts = np.asarray([24]) if agencies == 1 else np.linspace(18, 30, agencies).round()
    is_after = starts[agency] <= month
    rises = []
    for _run in range(RUNS):
        noise = generator.normal(size=(agencies, 36))
        for place in range(1, 36):
            noise[:, place] = 0.3 * noise[:, place - 1] + np.sqrt(1 - 0.09) * noise[:, place]
        found = contrast(cells(agency, month, is_after, noise.ravel(), np.ones(noise.size)), months=MONTHS)
        rises.append(found.p_rise < 0.05)
    assert np.mean(rises) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / RUNS) + ROUGH


def test_a_few_quiet_months_are_no_certainty():
    month = np.arange(30)
    values = np.where(month < 24, 0.0, 0.1)
    one = Cells(np.zeros(30, int), month, month >= 24, values, np.full(30, 10.0), np.full(30, 1.0))
    found = contrast(one, months=MONTHS)
    assert found.change.standard_error > 0.3
    assert found.p_rise > 0.1


@pytest.mark.parametrize("months", [[0, 24, 25], [0, 1, 24]])
def test_a_single_month_on_a_side_cannot_be_compared(months):
    month = np.asarray(months)
    assert contrast(cells(np.zeros(3, int), month, month >= 24, month * 1.0, np.ones(3)), months=MONTHS) is None


def test_missing_cases_are_at_worst_the_slowest():
    before = np.asarray([10.0, 20.0, 30.0, 40.0])
    assert feigned_by_missing(before, share=0.25, sign=-1) == pytest.approx(25.0 - 20.0)
    assert feigned_by_missing(before, share=0.25, sign=1) == pytest.approx(30.0 - 25.0)
    assert feigned_by_missing(before, share=-0.3, sign=-1) == 0.0
    assert feigned_by_ending(before, share=0.25, ended=4.0, sign=-1) == pytest.approx((40.0 - 4.0) / 4)
    assert feigned_by_ending(before, share=0.0, ended=4.0, sign=-1) == 0.0
