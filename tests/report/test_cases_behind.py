"""Every row of every table leads to as many cases as the row counts."""

from pathlib import Path

import pytest

import potok
from potok.core.calendars import load_calendar
from potok.core.regulations import load_regulation
from potok.demo.permit_files import write_permit_log
from potok.demo.permit_log import generate
from potok.measure.cost_model import load_cost_model
from potok.measure.tariffs import load_tariffs
from potok.report.catalogue.behind import (
    CASE_LISTS,
    Asked,
    NoCasesError,
    UnknownRowError,
    cases_table,
    list_row_cases,
)
from potok.report.catalogue.catalogue import ENTRIES, tabulate_measure
from potok.report.catalogue.entry import Request
from potok.report.catalogue.need import Inputs, Need

EXAMPLES = Path(__file__).parents[2] / "examples"
ROWS = 3
COUNTED_BY = {
    "counts": "cases",
    "activities": "cases",
    "rework": "rework_cases",
    "directly_follows": "cases",
    "variants": "cases",
    "endpoints": "cases",
    "resource_hand_overs": "cases",
    "unit_hand_overs": "cases",
    "channels": "cases",
    "outcome_shares": "closed_cases",
    "work_in_process": "open_at_start",
    "open_ages": "open_cases",
    "arrivals": "arrivals",
    "deadlines": "late",
}


@pytest.fixture(scope="module")
def permits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("permits")
    files = write_permit_log(folder, log=generate(300))
    return potok.read(files.utf8, into=folder / "store", zone="Europe/Moscow")


def request_for(name, permits, **inputs):
    needs = ENTRIES[name].needs
    rules = load_regulation(EXAMPLES / "regulations" / "permit-demo.toml") if Need.REGULATION in needs else None
    if Need.TARIFFS in needs:
        inputs["tariffs"] = load_tariffs(EXAMPLES / "tariffs" / "permit-demo.toml")
    if Need.COST_MODEL in needs:
        inputs["cost_model"] = load_cost_model(EXAMPLES / "cost-models" / "permit.toml")
    if Need.VALUE_ADDING in needs:
        inputs["value_adding"] = ("Выезд на место",)
    calendar = load_calendar(EXAMPLES / "calendars" / "permit-demo.toml") if rules else None
    return Request(permits.store, calendar, rules, inputs=Inputs(**inputs))


def rows(table, columns):
    names = [column.name for column in table.columns]
    for row in table.rows:
        record = dict(zip(names, row, strict=True))
        yield {name: str(record[name]) for name in columns}, record


@pytest.mark.parametrize("name", COUNTED_BY)
def test_as_many_cases_as_the_row_counts(permits, name):
    request = request_for(name, permits)
    table = tabulate_measure(name, request)
    found = list(rows(table, CASE_LISTS[name].columns))
    assert found
    for row, record in (*found[:ROWS], *found[-ROWS:]):
        listed = list_row_cases(name, Asked(request, row))
        assert len({case.case for case in listed}) == len(listed) == record[COUNTED_BY[name]], (name, row)


def test_every_state_of_a_term(permits):
    request = request_for("deadlines", permits)
    table = tabulate_measure("deadlines", request)
    for row, record in list(rows(table, ("term", "org_unit")))[::ROWS][:2]:
        for state in ("in_time", "late", "unmet", "lapsed", "open_late", "open_in_time", "standing", "about_to_breach"):
            listed = list_row_cases("deadlines", Asked(request, row, state))
            assert record[state] in (None, len(listed)), (row, state)  # parts of a term show fewer figures
        late_starts = list_row_cases("deadlines", Asked(request, row, "late_start"))
        assert record["late_starts"] in (None, len(late_starts)), row


def test_both_flows_of_a_week(permits):
    request = request_for("arrivals", permits)
    for row, record in list(rows(tabulate_measure("arrivals", request), ("from_day",)))[1:4]:
        assert len(list_row_cases("arrivals", Asked(request, row, "completions"))) == record["completions"]


@pytest.mark.parametrize("by", ["channel", "cohort_quarter", "org_unit"])
def test_groups_of_lead_times(permits, by):
    request = request_for("lead_times", permits, by=by)
    for row, record in rows(tabulate_measure("lead_times", request), ("label",)):
        listed = list_row_cases("lead_times", Asked(request, row))
        assert len(listed) == record["closed_cases"] + record["open_cases"], row


def test_cases_that_came_back_and_those_that_went_through(permits):
    request = request_for("first_time_through", permits)
    (_row, record), *_groups = rows(tabulate_measure("first_time_through", request), ("label",))
    returned = list_row_cases("first_time_through", Asked(request, {}))
    through = list_row_cases("first_time_through", Asked(request, {}, "through_cases"))
    assert len(through) == record["through_cases"]
    assert len(returned) == record["closed_cases"] - record["through_cases"]


@pytest.mark.parametrize("quantity", ["waiting", "processing", "sojourn"])
def test_times_of_an_activity_add_up(permits, quantity):
    request = request_for("activity_times", permits)
    for row, record in list(rows(tabulate_measure("activity_times", request), ("activity",)))[:3]:
        listed = list_row_cases("activity_times", Asked(request, row, quantity))
        assert sum(case.seconds for case in listed) == pytest.approx(record[f"{quantity}_total_seconds"] or 0)


def test_amounts_add_up(permits):
    request = request_for("staff_costs", permits)
    table = tabulate_measure("staff_costs", request)
    listed = list_row_cases("staff_costs", Asked(request, {}))
    assert sum(case.amount for case in listed) == pytest.approx(table.column("amount")[0])
    assert "amount" in [column.name for column in cases_table(listed, "UTC").columns]


def test_time_beside_the_value(permits):
    request = request_for("flow_efficiency", permits)
    (closed,) = tabulate_measure("flow_efficiency", request).column("closed_cases")
    assert len(list_row_cases("flow_efficiency", Asked(request, {}))) == closed


def test_every_measure_lists_cases_or_says_why_not(permits):
    for name in ENTRIES:
        if name not in CASE_LISTS:
            with pytest.raises(NoCasesError, match=name):
                list_row_cases(name, Asked(request_for(name, permits), {}))


@pytest.mark.parametrize(
    ("name", "row", "figure", "said"),
    [
        ("rework", {}, "", "--row activity="),
        ("rework", {"activity": "A", "unit": "B"}, "", "--row activity="),
        ("counts", {"cases": "3"}, "", "Leave --row out"),
        ("counts", {}, "late", "Leave --figure out"),
        ("first_time_through", {}, "late", "through_cases"),
        ("variants", {"variant": "first"}, "", "number"),
        ("endpoints", {"end": "middle", "activity": "A"}, "", "start, end"),
        ("work_in_process", {"on": "01.02.2026"}, "", "YYYY-MM-DD"),
    ],
)
def test_a_row_that_is_none_is_refused(permits, name, row, figure, said):
    with pytest.raises(UnknownRowError) as error:
        list_row_cases(name, Asked(request_for(name, permits), row, figure))
    assert said in (error.value.remedy or "")
