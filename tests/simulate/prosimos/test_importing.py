"""Models of Prosimos: every part that is taken over, and every part that is refused or listed."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from potok.core.regulations import Term, TermUnit
from potok.discover.bpmn_reading import ElementKind
from potok.simulate.model import (
    Batching,
    BrokenModelError,
    Discipline,
    Distribution,
    DistributionKind,
    Flow,
    GraphRouting,
    Person,
    fixed,
    model_as_mapping,
    model_from_mapping,
)
from potok.simulate.model.distributions import mean_seconds, quantiles
from potok.simulate.prosimos import BrokenProsimosError, import_prosimos
from support.prosimos_models import BPMN, PARAMETERS, START, imported, law, parameters, period, resource

KIND = DistributionKind


def test_a_model_is_taken_over(tmp_path: Path) -> None:
    found = imported(tmp_path, zone="Europe/Moscow")
    model = found.model
    assert found.notes == ("2 times of calendars were rounded to minutes.",)
    assert [activity.name for activity in model.activities] == ["intake", "check", "write", "file", "post"]
    assert model.activities[-1].is_automatic
    assert not model.activities[-1].is_logged
    assert model.pools[0].people == (
        Person("Ann", ("intake", "check"), cost_per_hour=12.5),
        Person(
            "Bob",
            ("check",),
            durations=(("check", Distribution(KIND.UNIFORM, low_seconds=300.0, high_seconds=900.0)),),
            cost_per_hour=12.5,
        ),
    )
    assert [person.name for person in model.pools[1].people] == ["Typist 1", "Typist 2", "Typist 3"]
    assert model.calendars["Mon-Fri"].weekly == (((540, 1020),),) * 5 + ((), ())
    assert model.calendars["arrivals"].weekly == (((540, 1020),),) * 5 + ((), ())
    assert model.arrivals.is_put_off
    assert isinstance(model.routing, GraphRouting)
    assert Flow("good", "again", 0.25) in model.routing.flows
    assert Flow("both", "t3") in model.routing.flows
    assert model_from_mapping(model_as_mapping(model)) == model


def test_a_term_may_be_given(tmp_path: Path) -> None:
    term = Term("term", 5, TermUnit.WORKING_DAYS)
    assert imported(tmp_path, term=term, term_calendar="Mon-Fri").model.term == term
    with pytest.raises(BrokenModelError, match="no calendar says which they are"):
        imported(tmp_path, term=term)


def test_compressed_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "m.bpmn.gz").write_bytes(gzip.compress(BPMN.encode()))
    (tmp_path / "m.json.gz").write_bytes(gzip.compress(json.dumps(PARAMETERS).encode()))
    model = import_prosimos(tmp_path / "m.bpmn.gz", tmp_path / "m.json.gz", start_at=START)
    assert model.name == "m"


def of_intake(folder: Path, distribution: dict) -> Distribution:
    tasks = [{"task_id": "t1", "resources": [{"resource_id": "ann"} | distribution]}]
    content = parameters(task_resource_distribution=tasks + PARAMETERS["task_resource_distribution"][1:])
    return imported(folder, content=content).model.activities[0].duration


SHARES = (np.arange(20_000) + 0.5) / 20_000


@pytest.mark.parametrize(
    ("written", "draws"),
    [
        (law("expon", 1900, 1800, 3600), lambda: 1800 + stats.expon(scale=100).ppf(SHARES)),
        (law("expon", 100, 200, 900), lambda: 200 + stats.expon(scale=100).ppf(SHARES)),
        (law("norm", 900, 90, 600, 1200), lambda: stats.norm(900, 90).ppf(SHARES)),
        (law("lognorm", 900, 10000, 800, 5000), lambda: np.exp(_log_normal(900, 10000).ppf(SHARES))),
        (law("gamma", 900, 90000, 100, 2000), lambda: stats.gamma(9, scale=100).ppf(SHARES)),
        (law("uniform", 300, 900), lambda: 300 + 600 * SHARES),
        (law("fix", "600"), lambda: np.full(5, 600.0)),
    ],
)
def test_parameters_mean_what_they_mean_to_prosimos(tmp_path: Path, written: dict, draws) -> None:
    """The oracle draws as Prosimos does: from the whole distribution, and again if outside of the range."""
    values = [entry["value"] for entry in written["distribution_params"]]
    all_draws = draws()
    if len(values) > 2:
        all_draws = all_draws[(all_draws >= values[-2]) & (all_draws <= values[-1])]
    found = quantiles(of_intake(tmp_path, written), [0.1, 0.5, 0.9])
    assert found == pytest.approx(np.quantile(all_draws, [0.1, 0.5, 0.9]), rel=1e-3)


def _log_normal(mean, variance):
    spread = np.log1p(variance / mean**2)
    return stats.norm(np.log(mean) - spread / 2, np.sqrt(spread))


def test_distributions_that_never_vary_are_fixed(tmp_path: Path) -> None:
    assert of_intake(tmp_path, law("expon", 60, 60, 90)) == fixed(60.0)
    assert of_intake(tmp_path, law("norm", 60, 0, 0, 90)) == fixed(60.0)
    assert of_intake(tmp_path, law("gamma", 80, 9, 70, 70)) == fixed(70.0)


def test_a_histogram_of_arrivals(tmp_path: Path) -> None:
    histogram = {"cdf": [0.25, 1.0], "bin_midpoints": [60, 120]}
    written = {"distribution_name": "histogram_sampling", "histogram_data": histogram}
    model = imported(tmp_path, content=parameters(arrival_time_distribution=written)).model
    assert mean_seconds(model.arrivals.inter_arrival) == pytest.approx(105.0, rel=1e-3)
    histogram["cdf"] = [0.5, 0.25]
    with pytest.raises(BrokenProsimosError, match="cannot be used"):
        imported(tmp_path, content=parameters(arrival_time_distribution=written))


def test_calendars_of_all_shapes(tmp_path: Path) -> None:
    night = [period("FRIDAY", "MONDAY", "00:00:00", "23:59:59.999"), period("MONDAY", "MONDAY", "08:00", "12:00")]
    joined = [period(begin="09:00:00", end="12:30:00"), period(begin="12:00:00+00:00", end="17:00:00")]
    content = parameters(resource_calendars={"week": night, "other": {"id": "other", "time_periods": joined}})
    calendars = imported(tmp_path, content=content).model.calendars
    assert calendars["week"].weekly == (((0, 1440),), (), (), (), ((0, 1440),), ((0, 1440),), ((0, 1440),))
    assert calendars["other"].weekly == (((540, 1020),),) * 5 + ((), ())


def test_the_last_arrival_of_a_day_is_not_lost(tmp_path: Path) -> None:
    """Every quarter of an hour from 9:00 to 17:00 are 33 arrivals, for the hours end a moment after 17:00."""
    found = imported(tmp_path, content=parameters(arrival_time_distribution=law("fix", 900)))
    assert found.model.calendars["arrivals"].weekly == (((540, 1021),),) * 5 + ((), ())
    assert found.notes == ("2 times of calendars were rounded to minutes.",)


def test_arrivals_at_any_hour_need_no_calendar(tmp_path: Path) -> None:
    always = [period("MONDAY", "SUNDAY", "00:00:00", "23:59:59.999")]
    arrivals = imported(tmp_path, content=parameters(arrival_time_calendar=always)).model.arrivals
    assert (arrivals.calendar, arrivals.is_put_off) == ("", False)


ATTRIBUTES = [
    {
        "name": "client",
        "type": "discrete",
        "values": [{"key": "REGULAR", "value": 0.8}, {"key": "BUSINESS", "value": 0.2}],
    },
    {"name": "channel", "type": "discrete", "values": [{"key": "post", "value": 0.5}, {"key": "web", "value": 0.5}]},
    {"name": "sum", "type": "continuous", "values": law("fix", 240)},
]


def rule(level, *conditions):
    named = [{"attribute": name, "comparison": "=", "value": value} for name, value in conditions]
    return {"priority_level": level, "rules": [named]}


def test_attributes_and_priorities_are_types_of_cases(tmp_path: Path) -> None:
    rules = [rule(2, ("channel", "web")), rule(1, ("client", "BUSINESS"), ("channel", "web"))]
    found = imported(tmp_path, content=parameters(case_attributes=ATTRIBUTES, prioritisation_rules=rules))
    types = {one.name: (round(one.share, 9), one.priority) for one in found.model.case_types}
    assert types == {
        "REGULAR, post": (0.4, 3),
        "REGULAR, web": (0.4, 2),
        "BUSINESS, post": (0.1, 3),
        "BUSINESS, web": (0.1, 1),
    }
    assert found.model.activities[0].discipline is Discipline.PRIORITY
    assert "The attribute “sum” is a number that nothing depends on; it was left out." in found.notes
    with pytest.raises(BrokenProsimosError, match='holds "sum"'):
        imported(tmp_path, content=parameters(case_attributes=ATTRIBUTES, prioritisation_rules=[rule(1, ("sum", "1"))]))


def batch(*rules, kind="Sequential", single=0.0, factors=()):
    return [
        {
            "task_id": "t2",
            "type": kind,
            "size_distrib": [{"key": "1", "value": single}, {"key": "2", "value": 1 - single}],
            "duration_distrib": [{"key": str(size), "value": factor} for size, factor in factors],
            "firing_rules": [
                [{"attribute": name, "comparison": sign, "value": value} for name, sign, value in conditions]
                for conditions in rules
            ],
        }
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (batch([("size", ">=", 5)]), Batching(minimum_size=5)),
        (batch([("size", ">", 5)]), Batching(minimum_size=6)),
        (batch([("size", "=", 3)], kind="Parallel"), Batching(minimum_size=3, maximum_size=3, is_concurrent=True)),
        (batch([("size", "<", 5)]), Batching(minimum_size=2, maximum_size=4)),
        (
            batch([("size", ">=", 4)], [("large_wt", ">=", 3600)], factors=[(5, 0.5), (2, 0.8)]),
            Batching(minimum_size=4, maximum_wait_seconds=3600.0, size_factors=((2, 0.8), (5, 0.5))),
        ),
        (batch([("week_day", "=", "Friday"), ("daily_hour", "=", "16")]), Batching(fires_at=((4, 960),))),
        (batch([("daily_hour", "=", "16")]), Batching(fires_at=tuple((day, 960) for day in range(7)))),
        (batch([("size", ">=", 5)], single=1.0), None),
    ],
)
def test_batches(tmp_path: Path, written: list, expected: Batching | None) -> None:
    assert imported(tmp_path, content=parameters(batch_processing=written)).model.activities[1].batching == expected


def test_tasks_of_one_name(tmp_path: Path) -> None:
    bpmn = BPMN.replace('name="file"', 'name="write"')
    found = imported(tmp_path, bpmn=bpmn)
    assert [activity.name for activity in found.model.activities][2:] == ["write", "write (t4)", "post"]
    assert "Two tasks called “write” differ" in found.notes[0]
    tasks = PARAMETERS["task_resource_distribution"]
    alike = [*tasks[:3], tasks[2] | {"task_id": "t4"}]
    found = imported(tmp_path, bpmn=bpmn, content=parameters(task_resource_distribution=alike))
    assert [activity.name for activity in found.model.activities][2:] == ["write", "post"]


def test_gateways_that_join_and_split_and_tasks_that_split(tmp_path: Path) -> None:
    bpmn = BPMN.replace('<task id="t3" name="write"/>', "").replace('targetRef="t3"', 'targetRef="t4"')
    bpmn = bpmn.replace('sourceRef="t3"', 'sourceRef="t4"').replace(
        'id="f10" sourceRef="t4"', 'id="f10" sourceRef="both"'
    )
    tasks = [one for one in PARAMETERS["task_resource_distribution"] if one["task_id"] != "t3"]
    extra = '<sequenceFlow id="f12" sourceRef="t2" targetRef="both"/></process>'
    found = imported(
        tmp_path, bpmn=bpmn.replace("</process>", extra), content=parameters(task_resource_distribution=tasks)
    )
    routing = found.model.routing
    assert isinstance(routing, GraphRouting)
    kinds = {node.name: node.kind for node in routing.nodes}
    assert kinds["both (join)"] is kinds["t2 (split)"] is ElementKind.PARALLEL
    assert {Flow("t2", "t2 (split)"), Flow("t2 (split)", "both (join)"), Flow("both (join)", "both")} <= set(
        routing.flows
    )


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    half = [{"gateway_id": "good", "probabilities": [{"path_id": "f4", "value": 0.25}, {"path_id": "f5"}]}]
    content = parameters(gateway_branching_probabilities=half, event_distribution=None, global_attributes=[{"a": 1}])
    found = imported(tmp_path, content=content)
    assert isinstance(found.model.routing, GraphRouting)
    assert Flow("good", "timer", 0.75) in found.model.routing.flows
    assert found.notes == (
        "The section “global_attributes” was not taken over.",
        "The event “post” has no duration and takes no time.",
        "2 times of calendars were rounded to minutes.",
        "Some flows out of the gateway “good” had no share; they were given equal ones.",
    )


def tasks_with(distribution):
    return [{"task_id": "t1", "resources": [{"resource_id": "ann"} | distribution]}]


REFUSED = {
    "parameters": (parameters(task_resource_distribution=tasks_with(law("norm", 5))), "has 1 parameters"),
    "scipy": (
        parameters(
            task_resource_distribution=tasks_with({"distribution_name": "expon", "distribution_params": [0, 60]})
        ),
        "cannot be used",
    ),
    "triangular": (parameters(task_resource_distribution=tasks_with(law("triang", 1, 2, 3))), 'holds "triang"'),
    "range": (parameters(task_resource_distribution=tasks_with(law("uniform", 9, 3))), "cannot be used"),
    "number": (parameters(task_resource_distribution=tasks_with(law("fix", "x"))), 'holds "x"'),
    "negative": (parameters(task_resource_distribution=tasks_with(law("fix", -5))), "holds -5"),
    "nobody": (parameters(task_resource_distribution=tasks_with(law("fix", 5))), "Nobody does the task “check”"),
    "no shares": (parameters(gateway_branching_probabilities=[]), "no shares for the flows out of the gateway “good”"),
    "path": (
        parameters(gateway_branching_probabilities=[{"gateway_id": "good", "probabilities": [{"path_id": "f99"}]}]),
        'holds "f99"',
    ),
    "condition": (
        parameters(
            gateway_branching_probabilities=[
                {"gateway_id": "good", "probabilities": [{"path_id": "f4", "condition_id": "c"}]}
            ]
        ),
        "chosen by a condition",
    ),
    "arrivals": (parameters(arrival_time_calendar=None), "not said when cases may arrive"),
    "no arrivals": (parameters(arrival_time_distribution=None), "“arrival_time_distribution” is missing"),
    "fuzzy": (
        parameters(resource_calendars=[{"id": "week", "time_periods": [period() | {"probability": 0.5}]}]),
        "calendar is fuzzy",
    ),
    "fuzzy model": (parameters(model_type="FUZZY"), "section “model_type” cannot be simulated"),
    "multitasking": (parameters(multitasking={"type": "local"}), "section “multitasking” cannot be simulated"),
    "midnight": (
        parameters(resource_calendars=[{"id": "week", "time_periods": [period(begin="22:00", end="06:00")]}]),
        'holds "06:00"',
    ),
    "weekday": (parameters(arrival_time_calendar=[period("MON")]), 'holds "MON"'),
    "time": (parameters(arrival_time_calendar=[period(begin="nine")]), 'holds "nine"'),
    "late": (parameters(arrival_time_calendar=[period(end="25:00")]), 'holds "25:00"'),
    "calendar": (
        parameters(resource_profiles=[{"id": "p", "resource_list": [resource("ann") | {"calendar": "none"}]}]),
        'holds "none"',
    ),
    "amount": (
        parameters(resource_profiles=[{"id": "p", "resource_list": [resource("ann", 1.5)]}]),
        "holds 1.5",
    ),
    "crowd": (
        parameters(resource_profiles=[{"id": "p", "resource_list": [resource("ann", 10**6)]}]),
        "holds 1000000",
    ),
    "profile": (
        parameters(resource_profiles=[{"id": "p", "resource_list": [resource("ann")]}]),
        "in no profile: bob, typist",
    ),
    "waiting": (parameters(batch_processing=batch([("ready_wt", ">", 60)])), "fires by ready_wt"),
    "both": (parameters(batch_processing=batch([("size", ">", 5), ("large_wt", ">", 6)])), "fires by size, large_wt"),
    "never": (parameters(batch_processing=batch()), "Nothing fires the batch"),
    "single": (parameters(batch_processing=batch([("size", ">", 5)], single=0.25)), "A share of 0.25"),
    "day": (parameters(batch_processing=batch([("week_day", "=", "Fri")])), 'holds "fri"'),
    "hour": (parameters(batch_processing=batch([("daily_hour", "<", "12")])), 'holds "<"'),
    "rules": (parameters(batch_processing=[*batch()[:0], batch()[0] | {"firing_rules": ["size"]}]), 'holds "size"'),
    "comparison": (
        parameters(
            case_attributes=ATTRIBUTES,
            prioritisation_rules=[
                {"priority_level": 1, "rules": [[{"attribute": "client", "comparison": "!=", "value": "x"}]]}
            ],
        ),
        'holds "!="',
    ),
    "types": (
        parameters(
            case_attributes=[
                {"name": f"a{number}", "type": "discrete", "values": [{"key": key, "value": 0.5} for key in "yn"]}
                for number in range(9)
            ]
        ),
        "512 combinations of values",
    ),
    "list": ([], "it holds no object"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_taken_over_is_refused(tmp_path: Path, case: str) -> None:
    content, message = REFUSED[case]
    with pytest.raises(BrokenProsimosError, match=message) as caught:
        imported(tmp_path, content=content)
    assert str(tmp_path) in caught.value.where
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("exclusiveGateway", "eventBasedGateway", "element eventBasedGateway"),
        (
            '<endEvent id="end"/>',
            '<endEvent id="end"><terminateEventDefinition/></endEvent>',
            "terminateEventDefinition",
        ),
        ('<endEvent id="end"/>', '<endEvent id="end"/><boundaryEvent id="b" attachedToRef="t1"/>', "element “b”"),
    ],
)
def test_elements_that_cannot_be_simulated(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(BrokenProsimosError, match=message):
        imported(tmp_path, bpmn=BPMN.replace(old, new))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BrokenProsimosError, match="cannot be read"):
        import_prosimos(tmp_path / "none.bpmn", tmp_path / "none.json", start_at=datetime(2026, 1, 1, tzinfo=UTC))
    for content in (b"no gzip", gzip.compress(BPMN.encode())[:40]):
        (tmp_path / "bad.bpmn.gz").write_bytes(content)
        with pytest.raises(BrokenProsimosError, match="cannot be read"):
            import_prosimos(tmp_path / "bad.bpmn.gz", tmp_path / "none.json", start_at=START)
    (tmp_path / "m.bpmn").write_text(BPMN)
    (tmp_path / "m.json").write_text("{")
    with pytest.raises(BrokenProsimosError, match="cannot be read"):
        import_prosimos(tmp_path / "m.bpmn", tmp_path / "m.json", start_at=START)
