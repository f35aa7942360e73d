"""Cost models from files, and what a log can and cannot tell of a year."""

from pathlib import Path

import pytest

from potok.measure.cost_model import (
    YearlyCasesUnknownError,
    compute_model_cost,
    compute_yearly_cases,
    load_cost_model,
)
from potok.measure.tariffs import load_tariffs
from support.flow_logs import FlowCase, FlowLog, write_flow
from support.tiny_store import SECOND

DAY = 86_400
EXAMPLES = Path(__file__).parents[2] / "examples"


def year_log(*opened_days: int, extraction: str = "opened") -> FlowLog:
    """Cases opened so many days before the extraction, which is day 1,000."""
    cases = tuple(
        FlowCase(f"case {place}", (1_000 - day) * DAY * SECOND, None) for place, day in enumerate(opened_days)
    )
    return FlowLog(cases, 1_000 * DAY * SECOND, extraction=extraction)


def test_a_year_is_365_days_before_the_extraction(tmp_path):
    store = write_flow(year_log(700, 366, 365, 364, 1, 0), tmp_path / "store")
    assert compute_yearly_cases(store) == 4


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (year_log(364, 5), "covers less than a year"),
        (year_log(), "covers less than a year"),
        (year_log(700, 5, extraction="closed"), "does not hold all cases"),
        (year_log(700, 5, extraction="active"), "does not hold all cases"),
    ],
)
def test_a_log_that_cannot_tell_says_so(tmp_path, log, said):
    with pytest.raises(YearlyCasesUnknownError, match=said) as caught:
        compute_yearly_cases(write_flow(log, tmp_path / "store"))
    assert caught.value.where == "population"


def test_fees_may_be_paid_each_time_and_people_counted_by_the_log(tmp_path):
    file = tmp_path / "model.toml"
    file.write_text(
        """
        currency = "RUB"
        tariff_per_hour = 400
        [[duties]]
        name = "form"
        minutes = 30
        population = "log"
        frequency_per_year = 2
        acquisition_per_time = 10
        acquisitions_per_year = 7
        [[duties]]
        name = "visit"
        hours = 1.5
        population = 100
        tariff_per_hour = 200
        """,
        encoding="utf-8",
    )
    model = load_cost_model(file)
    assert model.needs_log
    found = {duty.name: duty for duty in compute_model_cost(model, yearly_cases=lambda: 50).duties}
    # 50 people twice, half an hour each: 50 hours at 400. 100 times 10, and 7.
    assert (found["form"].hours, found["form"].time_cost, found["form"].acquisitions) == (50, 20_000, 1_007)
    assert (found["visit"].hours, found["visit"].cost) == (150, 30_000)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("cost-models/*.toml")), ids=lambda path: path.name)
def test_the_examples_of_cost_models_can_be_computed(path):
    assert compute_model_cost(load_cost_model(path), yearly_cases=lambda: 100).cost > 0


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("tariffs/*.toml")), ids=lambda path: path.name)
def test_the_examples_of_tariffs_can_be_read(path):
    tariffs = load_tariffs(path)
    assert (tariffs.currency, tariffs.per_hour is not None) == ("RUB", True)
