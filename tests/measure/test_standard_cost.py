"""The Standard Cost Model, checked by hand."""

import pytest

from potok.measure.standard_cost import (
    DutyCost,
    InformationDuty,
    StandardCost,
    StandardCostError,
    compute_standard_cost,
)


def test_cost_is_tariff_times_time_times_population_times_frequency_and_acquisitions():
    duties = [
        # Half an hour at 400, 1,000 people twice a year: 1,000 hours, 400,000; and 50,000 for copies.
        InformationDuty("form", 400, 1800, 1000, frequency_per_year=2, acquisitions_per_year=50_000),
        InformationDuty("visit", 400, 7200, 1000),
    ]
    assert compute_standard_cost(duties) == StandardCost(
        duties=(
            DutyCost("visit", 2000, 800_000, 0, 800_000),
            DutyCost("form", 1000, 400_000, 50_000, 450_000),
        ),
        hours=3000,
        time_cost=1_200_000,
        acquisitions=50_000,
        cost=1_250_000,
    )


def test_a_duty_of_nobody_costs_its_acquisitions_only():
    (duty,) = compute_standard_cost([InformationDuty("form", 400, 1800, 0, acquisitions_per_year=7)]).duties
    assert (duty.hours, duty.cost) == (0, 7)


def test_figures_that_cannot_be_are_all_named():
    duties = [InformationDuty("form", -1, 10, 10), InformationDuty("visit", 1, float("inf"), 10)]
    with pytest.raises(StandardCostError, match=r"form: tariff_per_hour = -1; visit: seconds = inf"):
        compute_standard_cost(duties)
    with pytest.raises(StandardCostError, match="No duty is given"):
        compute_standard_cost([])
