"""What no model may hold: every contradiction is found, and all are reported together."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from potok.core.calendars import Calendar
from potok.core.regulations import Term, TermUnit
from potok.discover.bpmn_reading import ElementKind
from potok.simulate.model import (
    ArrivalKind,
    Arrivals,
    Batching,
    BrokenModelError,
    CaseType,
    Consequence,
    Context,
    Distribution,
    DistributionKind,
    ExtraneousDelay,
    Flow,
    GraphRouting,
    HistoryRouting,
    ModelActivity,
    ModelPool,
    Node,
    Person,
    PlanRules,
    check_model,
    find_problems,
    fixed,
)
from support.process_models import START, graph_model, small_model

KIND = DistributionKind


def test_good_models_pass() -> None:
    for model in (small_model(), graph_model()):
        check_model(model)


def found(model):
    return {problem.place: problem.message for problem in find_problems(model)}


def messages(model):
    return {problem.message for problem in find_problems(model)}


BAD_DISTRIBUTIONS = {
    ".mean_seconds": Distribution(KIND.EXPONENTIAL),
    ".sd_seconds": Distribution(KIND.LOGNORMAL, mean_seconds=5.0),
    ".quantiles_seconds": Distribution(KIND.EMPIRICAL, quantiles_seconds=(2.0, 1.0)),
    ".parts": Distribution(KIND.MIXTURE),
    ".parts[1].mean_seconds": Distribution(KIND.MIXTURE, parts=((1.0, Distribution(KIND.GAMMA, sd_seconds=1.0)),)),
    "": Distribution(KIND.UNIFORM, low_seconds=5.0, high_seconds=5.0),
    ".low_seconds": Distribution(KIND.FIXED, low_seconds=-1.0),
}


@pytest.mark.parametrize("place", BAD_DISTRIBUTIONS)
def test_distributions_that_cannot_be(place: str) -> None:
    model = small_model()
    first = replace(model.activities[0], duration=BAD_DISTRIBUTIONS[place])
    assert f"activities[1].duration{place}" in found(replace(model, activities=(first, *model.activities[1:])))


def test_further_distributions_that_cannot_be() -> None:
    model = small_model()
    for bad in (
        Distribution(KIND.TRIANGULAR, low_seconds=1.0, mode_seconds=9.0, high_seconds=5.0),
        Distribution(KIND.EXPONENTIAL, mean_seconds=1.0, low_seconds=5.0, high_seconds=4.0),
        Distribution(KIND.MIXTURE, parts=((0.5, fixed(1.0)),)),
        Distribution(KIND.EMPIRICAL, quantiles_seconds=(1.0,)),
    ):
        first = replace(model.activities[0], duration=bad)
        assert found(replace(model, activities=(first, *model.activities[1:])))


def context(following, history=(), **more):
    return Context(history, following, **more)


STARTING = context((("intake", 1.0),), is_start=True)
BAD_HISTORIES = {
    "No context lets a case end.": (context((("intake", 1.0),)),),
    "After these activities no case ever ends: “decide”.": (
        STARTING,
        context((("intake", 1.0),), case_type="other"),
        context((("", 1.0),), ("intake",)),
        context((("decide", 1.0),), ("decide",)),
    ),
    "There is no activity “chek”. Perhaps “check” is meant.": (context((("chek", 0.5), ("", 0.5))),),
    "The shares sum to 0.75, not to 1.": (context((("check", 0.5), ("", 0.25))),),
    "The name “check” is given 2 times.": (context((("check", 0.5), ("check", 0.25), ("", 0.25))),),
    "There is no type of cases “urgent”.": (context((("", 1.0),), case_type="urgent"),),
}


@pytest.mark.parametrize("message", BAD_HISTORIES)
def test_histories_that_cannot_be(message: str) -> None:
    model = replace(small_model(), case_types=(CaseType("plain", 0.5), CaseType("other", 0.5)))
    assert message in messages(replace(model, routing=HistoryRouting(BAD_HISTORIES[message])))


def test_a_history_without_context_for_a_type() -> None:
    routing = HistoryRouting((STARTING, context((("", 1.0),), case_type="other")))
    problems = found(replace(small_model(), routing=routing))
    assert "For cases of the type “plain”" in problems["routing.contexts"]


def graph(*, nodes=None, flows=None):
    routing = graph_model().routing
    assert isinstance(routing, GraphRouting)
    return replace(graph_model(), routing=replace(routing, nodes=nodes or routing.nodes, flows=flows or routing.flows))


def test_graphs_that_cannot_be() -> None:
    routing = graph_model().routing
    assert isinstance(routing, GraphRouting)
    nodes, flows = routing.nodes, routing.flows
    cases = {
        "There must be one start, not 0.": graph(nodes=nodes[1:]),
        "There is no end.": graph(nodes=nodes[:-1]),
        "No end can be reached from: “again”, “check”, “good?”, “intake”, “start”.": graph(
            flows=(*flows[:4], replace(flows[4], share=1.0), *flows[6:])
        ),
        "Nothing leads from the start to: “alone”.": graph(nodes=(*nodes, Node("alone", ElementKind.END))),
        "A flow leads into the start.": graph(flows=(*flows[:4], replace(flows[4], target="start"), *flows[5:])),
        "A flow leads out of the end “end”.": graph(flows=(*flows, Flow("end", "again"))),
        "2 flows leave “intake”: put a gateway behind it that says which are taken.": graph(
            flows=(*flows, Flow("intake", "end"))
        ),
        "There is no node “nobody”.": graph(flows=(*flows, Flow("good?", "nobody", 0.0))),
        "Only tasks and events stand for an activity.": graph(
            nodes=(*nodes[:2], replace(nodes[2], activity="check"), *nodes[3:])
        ),
        "A node of the kind subprocess cannot be simulated.": graph(
            nodes=(*nodes[:1], Node("intake", ElementKind.SUBPROCESS), *nodes[2:])
        ),
        "The shares sum to 0.85, not to 1.": graph(flows=(*flows[:4], replace(flows[4], share=0.1), *flows[5:])),
        "The shares sum to 1.25, not to 1.": graph(
            flows=(*flows[:4], replace(flows[4], by_case_type=(("plain", 0.5),)), *flows[5:])
        ),
        "There is no type of cases “dear”.": graph(
            flows=(*flows[:4], replace(flows[4], by_case_type=(("dear", 0.25),)), *flows[5:])
        ),
        "The share 1.5 does not lie between 0 and 1.": graph(flows=(replace(flows[0], share=1.5), *flows[1:])),
    }
    for message, model in cases.items():
        assert message in messages(model)


def test_arrivals_that_cannot_be() -> None:
    model = small_model()
    poisson = Arrivals(ArrivalKind.POISSON, START, per_day=1.0, hour_of_week_shares=(1 / 168,) * 168)
    bad = {
        "arrivals.inter_arrival": Arrivals(ArrivalKind.RENEWAL, START),
        "arrivals.calendar": replace(model.arrivals, calendar="offices"),
        "arrivals.hour_of_week_shares": replace(poisson, hour_of_week_shares=(1.0,)),
        "arrivals.month_factors": replace(poisson, month_factors=(2.0,) * 12),
        "arrivals.growth_per_year": replace(poisson, growth_per_year=-1.0),
        "arrivals.per_day": replace(poisson, per_day=-1.0),
        "arrivals.day_factors.2026-01-12": replace(poisson, day_factors={date(2026, 1, 12): -1.0}),
    }
    for place, arrivals in bad.items():
        assert list(found(replace(model, arrivals=arrivals))) == [place]
    assert not found(replace(model, arrivals=poisson))
    never = replace(model.arrivals, inter_arrival=fixed(0.0))
    assert "no end of them" in found(replace(model, arrivals=never))["arrivals.inter_arrival"]
    zoneless = replace(model.arrivals, start_at=datetime(2026, 1, 12))  # noqa: DTZ001
    assert "arrivals.start_at" in found(replace(model, arrivals=zoneless))


def test_calendars_in_which_nobody_works() -> None:
    model = small_model()
    past = Calendar("past", "UTC", ((),) * 7, {date(2026, 1, 1): ((0, 60),)}, 2026, 2030)
    early = Calendar("early", "UTC", (((0, 60),),) * 7, {}, 2020, 2025)
    problems = found(replace(model, calendars={**model.calendars, "past": past, "early": early}))
    assert "nobody works after arrivals begin" in problems["calendars.past"]
    assert "covers 2020–2025, and arrivals begin on 2026-01-12" in problems["calendars.early"]


def test_work_that_cannot_be_done() -> None:
    model = small_model()
    clerks = model.pools[0]
    batching = Batching(maximum_size=3, minimum_size=5, fires_at=((7, 0),), size_factors=((5, 1.0), (2, 0.5)))
    strange = ModelActivity("strange", fixed(1.0), batching=Batching(), delay=ExtraneousDelay(fixed(1.0), 2.0))
    person = Person("clerks 2", ("intak",), "shop", 0, 1.5, durations=(("decide", fixed(1.0)),))
    idle = Person("idle", availability=0.5, absence_seconds=0.0)
    changed = replace(
        model,
        activities=(*model.activities, strange, ModelActivity("big", fixed(1.0), is_automatic=True, batching=batching)),
        pools=(replace(clerks, people=(*clerks.people, person, idle)), ModelPool("empty", (), ())),
    )
    problems = [f"{problem.place}: {problem.message}" for problem in find_problems(changed)]
    assert problems == [
        "activities[4].delay.share: The share 2.0 does not lie between 0 and 1.",
        "activities[4].batching: Nothing ever fires the batch: give a size, a longest wait or times.",
        "activities[4]: Nobody can do “strange”: name it in a pool, or say that it is automatic.",
        "activities[5].batching: A batch cannot have at most fewer members than it needs.",
        "activities[5].batching.fires_at: There is no such time of a week: (7, 0).",
        "activities[5].batching.size_factors: Sizes must ascend from 1 on, and factors be greater than 0.",
        "pools.people: The name “clerks 2” is given 2 times.",
        "pools[1].people[3].does: There is no activity “intak”. Perhaps “intake” is meant.",
        "pools[1].people[3].calendar: There is no calendar “shop”.",
        "pools[1].people[3].availability: The availability 1.5 does not lie above 0 and up to 1.",
        "pools[1].people[3].at_once: Who works does at least one thing at a time.",
        "pools[1].people[3].durations: A duration of “decide” is given, which this person does not do.",
        "pools[1].people[4].absence_seconds: Absences must last longer than 0 seconds.",
        "pools[2]: The pool “empty” has nobody: give a count, or people.",
    ]
    with pytest.raises(BrokenModelError, match="contradicts itself in 14 places") as caught:
        check_model(changed, file="model.toml")
    assert caught.value.where == "model.toml: activities[4].delay.share"
    assert len(caught.value.problems) == 14


def test_the_rest_that_cannot_be() -> None:
    model = small_model()
    changed = replace(
        model,
        zone="Mars/Olympus",
        case_types=(),
        activities=(),
        rules=PlanRules(moved=(("a", "b"),), merged=((("c",), "d"),), skipped=(("e", 2.0, ("f",)),)),
        consequences=(Consequence("reversed", "g", 0.5, 1.5),),
        term=Term("term", 5, TermUnit.WORKING_DAYS, starts="h"),
    )
    with pytest.raises(BrokenModelError, match=r"… and \d+ more\.") as caught:
        check_model(changed)
    places = {problem.place for problem in caught.value.problems}
    assert places >= {
        "zone",
        "case_types",
        "activities",
        "rules",
        "rules.skipped[1].share",
        "rules.skipped[1].case_types",
        "consequences[1].activity",
        "consequences[1].share_without",
        "term",
        "term_calendar",
    }
