"""Models for Prosimos: what is exported is read back the same, and what Prosimos cannot simulate is refused."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from potok.core.regulations import Term, TermUnit
from potok.discover.bpmn_reading import ElementKind, bpmn_from_bytes
from potok.simulate.model import (
    END,
    ArrivalKind,
    Arrivals,
    Batching,
    CaseType,
    Consequence,
    Context,
    Discipline,
    Distribution,
    DistributionKind,
    ExtraneousDelay,
    GraphRouting,
    HistoryRouting,
    ModelActivity,
    PlanRules,
    ProcessModel,
    exponential,
    fixed,
)
from potok.simulate.model.graphs import history_as_graph
from potok.simulate.prosimos import NotExportableError, export_prosimos, write_prosimos
from support.process_models import OFFICE, START, graph_model, small_model
from support.prosimos_models import imported, parameters


def read_back(folder: Path, model: ProcessModel) -> ProcessModel:
    bpmn, content = export_prosimos(model)
    json.dumps(content)
    return imported(folder, bpmn=bpmn.decode(), content=content, start_at=model.arrivals.start_at).model


def shape(model: ProcessModel):
    """What a model says, but for the names of its nodes."""
    assert isinstance(model.routing, GraphRouting)
    labels = {node.name: (node.kind, node.activity) for node in model.routing.nodes}
    flows = sorted((labels[flow.source], labels[flow.target], flow.share) for flow in model.routing.flows)
    people = sorted(
        (person.name, person.does or pool.does, person.calendar or pool.calendar, person.cost_per_hour)
        for pool in model.pools
        for person in pool.people
    )
    own = {
        (person.name, activity): dict(person.durations).get(activity, by_name(model)[activity].duration)
        for pool in model.pools
        for person in pool.people
        for activity in person.does or pool.does
    }
    weeks = {name: calendar.weekly for name, calendar in model.calendars.items()}
    batches = {activity.name: activity.batching for activity in model.activities}
    return flows, people, own, weeks, batches


def by_name(model: ProcessModel):
    return {activity.name: activity for activity in model.activities}


def test_an_imported_model_is_exported_and_read_back(tmp_path: Path) -> None:
    batch = {
        "task_id": "t2",
        "type": "Parallel",
        "size_distrib": [],
        "duration_distrib": [{"key": "2", "value": 0.5}],
        "firing_rules": [
            [{"attribute": "size", "comparison": ">=", "value": 3}],
            [{"attribute": "large_wt", "comparison": ">=", "value": 7200}],
            [
                {"attribute": "week_day", "comparison": "=", "value": "Friday"},
                {"attribute": "daily_hour", "comparison": "=", "value": "16"},
            ],
        ],
    }
    model = imported(tmp_path, content=parameters(batch_processing=[batch])).model
    assert by_name(model)["check"].batching == Batching(3, 0, 7200.0, ((4, 960),), True, ((2, 0.5),))
    again = read_back(tmp_path, model)
    assert shape(again)[:3] == shape(model)[:3]
    assert shape(again)[4] == shape(model)[4]
    assert again.arrivals.is_put_off
    assert again.calendars["arrivals_"].weekly == model.calendars["arrivals"].weekly
    assert by_name(again)["post"] == by_name(model)["post"]


def visits(routing: GraphRouting) -> dict[str, float]:
    """Return how often each activity happens in a case: the solution of the flow's balance."""
    names = [node.name for node in routing.nodes]
    moves = np.zeros((len(names), len(names)))
    for flow in routing.flows:
        moves[names.index(flow.source), names.index(flow.target)] += flow.share
    start = np.array([node.kind is ElementKind.START for node in routing.nodes], dtype=float)
    counts = np.linalg.solve(np.eye(len(names)) - moves.T, start)
    return {node.activity: count for node, count in zip(routing.nodes, counts, strict=True) if node.activity}


def test_a_history_of_one_activity_is_a_graph(tmp_path: Path) -> None:
    graph = history_as_graph(small_model().routing)
    assert graph is not None
    assert visits(graph) == pytest.approx({"intake": 1.0, "check": 4 / 3, "decide": 1.0})
    again = read_back(tmp_path, small_model())
    assert isinstance(again.routing, GraphRouting)
    assert visits(again.routing) == pytest.approx({"intake": 1.0, "check": 4 / 3, "decide": 1.0})


def test_names_of_activities_may_look_like_those_of_gateways() -> None:
    routing = HistoryRouting((Context((), (("a", 0.25), ("a (in)", 0.25), (END, 0.5))),))
    graph = history_as_graph(routing)
    assert graph is not None
    assert len({node.name for node in graph.nodes}) == len(graph.nodes)
    assert visits(graph) == pytest.approx({"a": 0.5, "a (in)": 0.5})


END_ANYWHERE = Context((), ((END, 0.5), ("check", 0.5)))


@pytest.mark.parametrize(
    "routing",
    [
        HistoryRouting((END_ANYWHERE, Context(("check", "check"), ((END, 1.0),)))),
        HistoryRouting((replace(END_ANYWHERE, case_type="plain"),)),
        HistoryRouting((END_ANYWHERE,), concurrent=(("check", "check"),)),
        HistoryRouting((END_ANYWHERE, Context(("check",), ((END, 1.0),), is_start=True))),
        HistoryRouting((END_ANYWHERE, END_ANYWHERE)),
        HistoryRouting((Context((), ((END, 0.5), ("end", 0.5))),)),
    ],
)
def test_a_history_of_more_is_no_graph(routing: HistoryRouting) -> None:
    assert history_as_graph(routing) is None


def changed(**fields) -> ProcessModel:
    """The graph model with its second activity changed."""
    model = graph_model()
    intake, check, decide = model.activities
    return replace(model, activities=(intake, replace(check, **fields), decide))


def test_delays_are_timers(tmp_path: Path) -> None:
    always = read_back(tmp_path, changed(delay=ExtraneousDelay(exponential(600.0))))
    assert by_name(always)["check (delay)"].duration == Distribution(
        DistributionKind.EXPONENTIAL, mean_seconds=600.0, high_seconds=1e12
    )
    sometimes = read_back(tmp_path, changed(delay=ExtraneousDelay(fixed(600.0), share=0.25)))
    assert isinstance(sometimes.routing, GraphRouting)
    assert visits(sometimes.routing) == pytest.approx(
        {"intake": 1.0, "check": 4 / 3, "check (delay)": 1 / 3, "decide": 1.0}
    )


def test_what_needs_nobody(tmp_path: Path) -> None:
    again = read_back(tmp_path, graph_model())
    machines = next(pool for pool in again.pools if pool.name == "automatic")
    assert (len(machines.people), machines.does) == (1000, ("decide",))
    assert again.calendars["always"].weekly == (((0, 1440),),) * 7


def test_types_of_cases_and_priorities(tmp_path: Path) -> None:
    model = graph_model()
    first = tuple(replace(one, discipline=Discipline.PRIORITY) for one in model.activities)
    types = (CaseType("plain", 0.75, {"channel": "post"}, 5), CaseType("urgent", 0.25, {}, -1))
    again = read_back(tmp_path, replace(model, activities=first, case_types=types))
    assert {(one.name, one.share, one.priority) for one in again.case_types} == {
        ("plain", 0.75, 2),
        ("urgent", 0.25, 1),
    }
    assert again.activities[0].discipline is Discipline.PRIORITY


def test_poisson_arrivals_of_one_rate(tmp_path: Path) -> None:
    hours = tuple(1 / 40 if day < 5 and 9 <= hour < 17 else 0.0 for day in range(7) for hour in range(24))
    arrivals = Arrivals(ArrivalKind.POISSON, START, per_day=10.0, hour_of_week_shares=hours)
    again = read_back(tmp_path, replace(graph_model(), arrivals=arrivals))
    # Ten cases a day are 70 a week of 40 open hours.
    assert again.arrivals.inter_arrival is not None
    assert again.arrivals.inter_arrival.mean_seconds == pytest.approx(40 * 3600 / 70)
    assert again.calendars["arrivals"].weekly == (((540, 1020),),) * 5 + ((), ())
    for varied in (
        replace(arrivals, growth_per_year=0.1),
        replace(arrivals, dispersion=0.1),
        replace(arrivals, month_factors=(0.5, 1.5) * 6),
        replace(arrivals, day_factors={date(2026, 1, 12): 0.0}),
        replace(arrivals, hour_of_week_shares=(2 / 41, *hours[1:8], *hours[8:9], 0.0, *hours[10:])),
    ):
        whole = replace(
            varied, hour_of_week_shares=tuple(np.array(varied.hour_of_week_shares) / sum(varied.hour_of_week_shares))
        )
        with pytest.raises(NotExportableError, match="arrivals of one rate only"):
            write_prosimos(replace(graph_model(), arrivals=whole))


def test_what_is_left_out_is_listed() -> None:
    model = graph_model()
    intake, check, decide = model.activities
    eastern = replace(OFFICE, name="east", zone="Asia/Yakutsk")
    full = replace(
        model,
        activities=(replace(intake, cost=5.0), replace(check, is_logged=False), decide),
        calendars={"office": OFFICE, "east": eastern},
        case_types=(CaseType("plain", 0.5, {"channel": "post"}), CaseType("urgent", 0.5)),
        consequences=(Consequence("reversed", "check", 0.1, 0.2),),
        term=Term("term", 5, TermUnit.WORKING_DAYS),
        term_calendar="office",
    )
    assert write_prosimos(full).notes == (
        "Prosimos puts arrivals in closed time off to the opening, so that about one more comes each day.",
        "Prosimos knows no terms: the term was left out.",
        "Prosimos knows no consequences: they were left out.",
        "Costs per execution and the applicants' time were left out.",
        "Prosimos knows no holidays: 1 days of the calendar “office” were left out.",
        "Prosimos knows no holidays: 1 days of the calendar “east” were left out.",
        "What needs nobody is done by 1000 machines in Prosimos.",
        "Prosimos logs all work: activities that are not logged here will be.",
        "Cases have the attribute “case_type” with their type in place of their attributes.",
        "Prosimos knows no time zones: all calendars show one clock.",
    )


def with_people(**fields) -> ProcessModel:
    model = graph_model()
    pool = model.pools[0]
    return replace(model, pools=(replace(pool, people=(replace(pool.people[0], **fields),)),))


def with_flow() -> ProcessModel:
    model = graph_model()
    assert isinstance(model.routing, GraphRouting)
    flows = tuple(
        replace(flow, by_case_type=(("plain", flow.share),)) if flow.source == "good?" else flow
        for flow in model.routing.flows
    )
    return replace(model, routing=replace(model.routing, flows=flows))


REFUSED = {
    "a routing by more": replace(
        small_model(), routing=HistoryRouting((Context((), ((END, 0.5), ("check", 0.5))),), (("check", "check"),))
    ),
    "rules over the plans": replace(graph_model(), rules=PlanRules(moved=(("check", "intake"),))),
    "shares that differ": with_flow(),
    "queues by due time": changed(discipline=Discipline.EARLIEST_DUE),
    "by priority at some": changed(discipline=Discipline.PRIORITY),
    "goes on after hours": changed(pauses=False),
    "several things at once": with_people(at_once=2),
    "or are absent": with_people(availability=0.5),
    "distribution of the kind “weibull”": changed(
        duration=Distribution(DistributionKind.WEIBULL, mean_seconds=5.0, sd_seconds=5.0)
    ),
    "a greatest size": changed(batching=Batching(minimum_size=2, maximum_size=4)),
    "no full hour": changed(batching=Batching(fires_at=((4, 965),))),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_prosimos_cannot_simulate_is_refused(message: str) -> None:
    with pytest.raises(NotExportableError, match=message) as caught:
        write_prosimos(REFUSED[message])
    assert caught.value.where
    assert caught.value.remedy


def test_all_distributions_that_prosimos_has(tmp_path: Path) -> None:
    kind = DistributionKind
    for law in (
        fixed(5.0),
        Distribution(kind.UNIFORM, low_seconds=5.0, high_seconds=9.0),
        Distribution(kind.EXPONENTIAL, mean_seconds=5.0, low_seconds=2.0, high_seconds=9.0),
        *(
            Distribution(each, mean_seconds=5.0, sd_seconds=2.0, low_seconds=1.0, high_seconds=9.0)
            for each in (kind.NORMAL, kind.GAMMA, kind.LOGNORMAL)
        ),
    ):
        assert by_name(read_back(tmp_path, changed(duration=law)))["check"].duration == law


def test_names_are_escaped(tmp_path: Path) -> None:
    model = graph_model()
    assert isinstance(model.routing, GraphRouting)
    nodes = tuple(replace(node, activity=node.activity.replace("intake", '<"&')) for node in model.routing.nodes)
    pool = replace(model.pools[0], does=('<"&', "check"))
    renamed = replace(
        model,
        routing=replace(model.routing, nodes=nodes),
        activities=(ModelActivity('<"&', fixed(1.0)), *model.activities[1:]),
        pools=(pool,),
    )
    names = {element.name for element in bpmn_from_bytes(export_prosimos(renamed)[0]).elements.values()}
    assert '<"&' in names
    assert read_back(tmp_path, renamed).activities[0].name == '<"&'
