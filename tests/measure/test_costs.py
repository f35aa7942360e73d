"""Recorded costs, tariffs from records, and what cannot be costed."""

import pyarrow as pa
import pytest

from potok.core.errors import EXIT_USAGE
from potok.measure.costs import (
    CaseCost,
    compute_recorded_costs,
    compute_staff_costs,
    list_recorded_cost_cases,
    list_staff_cost_cases,
)
from potok.measure.tariffs import TariffError, Tariffs, tariffs_from_record
from support.measuring import with_column
from support.tiny_store import SECOND, TinyLog, tiny_log, write_store

LOG = tiny_log("""
    case | activity | started | completed | org_unit
    1    | A        | 0       | 3600      | front
    1    | B        | 3600    | 5400      | back
    2    | A        | 10      | 1810      | front
    2    | B        | 4000    |           | back
""")


@pytest.fixture
def store(tmp_path):
    # Case 2 stands A (1810), B (4000) in the log's order.
    made = write_store(LOG, tmp_path / "store")
    return with_column(made, "events", "cost", [10.0, None, 2.5, 4.0], pa.float64())


def test_recorded_costs_are_summed_by_activity_and_case(store):
    found = compute_recorded_costs(store)
    assert (found.amount, found.instances, found.known_instances) == (16.5, 4, 3)
    assert [(s.label, s.amount, s.priced_instances) for s in found.by_activity] == [("A", 12.5, 2), ("B", 4.0, 1)]
    assert list_recorded_cost_cases(store) == (CaseCost(0, "1", 10.0, None), CaseCost(1, "2", 6.5, None))
    assert list_recorded_cost_cases(store, limit=1) == (CaseCost(0, "1", 10.0, None),)


def test_a_log_that_records_no_costs_has_no_amount(tmp_path):
    found = compute_recorded_costs(write_store(LOG, tmp_path / "plain"))
    assert (found.amount, found.known_instances) == (None, 0)


def test_cases_are_listed_with_what_their_staff_cost(store):
    tariffs = Tariffs("RUB", 100, by_org_unit={"back": 300})
    assert list_staff_cost_cases(store, tariffs=tariffs) == (
        CaseCost(0, "1", 250.0, 5400.0),
        CaseCost(1, "2", 50.0, 1800.0),
    )
    assert len(list_staff_cost_cases(store, tariffs=tariffs, limit=1)) == 1


def test_an_empty_log_costs_nothing_known(tmp_path):
    empty = write_store(TinyLog((), extracted=5 * SECOND), tmp_path / "empty")
    found = compute_staff_costs(empty, tariffs=Tariffs("RUB", 100))
    assert (found.amount, found.instances, found.amount_per_closed_case, found.by_activity) == (None, 0, None, ())
    assert compute_recorded_costs(empty).amount is None


def test_tariffs_are_read_from_a_record():
    record = {"currency": "RUB", "per_hour": 500, "org_units": {"front": 600.5}, "activities": {}}
    assert tariffs_from_record(record) == Tariffs("RUB", 500.0, by_org_unit={"front": 600.5})


@pytest.mark.parametrize(
    ("record", "where", "reason"),
    [
        ({"currency": "RUB"}, "", "No tariff is given"),
        ({"per_hour": 5}, "tariffs.currency", "the currency is missing"),
        ({"currency": "RUB", "colour": 5}, "tariffs.colour", "the key is unknown"),
        ({"currency": "RUB", "per_hour": "5"}, "tariffs.per_hour", "wrong type"),
        ({"currency": "RUB", "resources": [1]}, "tariffs.resources", "a table of tariffs"),
        ({"currency": "RUB", "resources": {"x": True}}, "tariffs.resources.x", "wrong type"),
        ({"currency": "RUB", "resources": {"x": -1.0}}, "x", "not negative: x: -1.0"),
        ({"currency": "RUB", "per_hour": float("nan")}, "general", "not negative: general: nan"),
    ],
)
def test_tariffs_that_cannot_be_used_are_named(record, where, reason):
    with pytest.raises(TariffError, match=reason) as caught:
        tariffs_from_record(record)
    assert (caught.value.where, caught.value.exit_code) == (where, EXIT_USAGE)
