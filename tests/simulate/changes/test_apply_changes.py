"""What each change does to a model, on both kinds of routing."""

from dataclasses import replace

import numpy as np
import pytest

import potok
from potok.core.change import (
    AddStaff,
    Automate,
    ChangeCalendar,
    ChangeDemand,
    ChangePriority,
    ChangeSkills,
    CheckByRisk,
    Merge,
    Move,
    Parallelise,
    Remove,
    Reorder,
    Reroute,
    Split,
    SwitchBatching,
)
from potok.simulate.changes import apply_changes
from potok.simulate.changes.routes import direct_successors, routed_activities
from potok.simulate.model import Batching, Consequence, Context, Discipline, exponential, find_problems, fixed
from potok.simulate.model.distributions import mean_seconds, quantiles
from simulate.changes.made_models import OFFICE, permit_model, with_term

BOTH = pytest.mark.parametrize("model", [permit_model(), permit_model(is_graph=True)], ids=["history", "graph"])


def activity(model, name):
    return next(one for one in model.activities if one.name == name)


def pool(model, name):
    return next(one for one in model.pools if one.name == name)


@BOTH
def test_no_change_leaves_the_model_as_it_is(model):
    assert apply_changes(model, ()) == model


@BOTH
def test_remove_leaves_out_every_instance_and_keeps_the_routes(model):
    changed = apply_changes(model, [Remove("Verify", share_with=0.01, share_without=0.5)])
    assert changed.rules.skipped == (("Verify", 1.0, ()),)
    assert changed.routing == model.routing
    assert changed.consequences == (Consequence("reversed", "Verify", 0.01, 0.5),)


@BOTH
def test_a_check_by_risk_catches_what_it_is_said_to_catch(model):
    change = CheckByRisk("Verify", share=0.2, caught_share=0.75, case_types=("plain",))
    changed = apply_changes(model, [change])
    (rule,) = changed.rules.skipped
    assert rule == ("Verify", pytest.approx(0.8), ("plain",))
    (one,) = changed.consequences
    # Of 100 cases that all skipped: 6 adverse, 4 prevented; a fifth is checked and 3 of the 4 are among them.
    assert 20 * one.share_with + 80 * one.share_without == pytest.approx(2 + 1)


def test_a_check_by_lot_leaves_the_consequence_as_the_model_says():
    model = permit_model()
    assert apply_changes(model, [CheckByRisk("Verify", share=0.2)]).consequences == model.consequences


def test_a_later_share_takes_the_place_of_the_earlier_one():
    changes = [CheckByRisk("Verify", share=0.2), CheckByRisk("Verify", share=0.5)]
    assert apply_changes(permit_model(), changes).rules.skipped == (("Verify", 0.5, ()),)


@BOTH
def test_merge_makes_one_activity_as_long_as_the_parts_together(model):
    changed = apply_changes(model, [Merge(("Verify", "Decide"), into="Conclude")])
    whole = activity(changed, "Conclude")
    assert changed.rules.merged == ((("Verify", "Decide"), "Conclude"),)
    assert mean_seconds(whole.duration) == pytest.approx(1200, rel=1e-3)
    # The sum of two exponential times is an Erlang one: its median is 1.67835 of the mean of one.
    assert float(quantiles(whole.duration, 0.5)) == pytest.approx(1.67835 * 600, rel=0.02)
    assert (whole.cost, whole.applicant_seconds) == (4.0, 60)
    assert "Conclude" in pool(changed, "Officers").does
    assert "Conclude" not in pool(changed, "Clerks").does
    assert changed.consequences[0].activity == "Conclude"


def test_merge_takes_the_time_that_is_given_and_people_with_times_of_their_own():
    model = permit_model()
    officers = pool(model, "Officers")
    quick = replace(officers.people[0], does=("Verify", "Decide"), durations=(("Verify", fixed(100.0)),))
    model = replace(model, pools=(model.pools[0], replace(officers, people=(quick, officers.people[1]))))
    changed = apply_changes(model, [Merge(("Verify", "Decide"))])
    person = pool(changed, "Officers").people[0]
    assert person.does[-1] == "Verify + Decide"
    assert mean_seconds(dict(person.durations)["Verify + Decide"]) == pytest.approx(700, rel=1e-3)
    given = apply_changes(model, [Merge(("Verify", "Decide"), duration_seconds=900)])
    assert mean_seconds(activity(given, "Verify + Decide").duration) == pytest.approx(900, rel=1e-3)


@BOTH
def test_split_puts_parts_in_the_place_of_the_whole(model):
    changed = apply_changes(model, [Split("Check", ("Check", "Register"), (0.75, 0.25))])
    later = direct_successors(changed.routing)
    assert later["Receive"] == {"Check"}
    assert later["Check"] == {"Register"}
    assert later["Register"] == {"Verify", "Refuse"}
    assert mean_seconds(activity(changed, "Register").duration) == pytest.approx(150, rel=1e-3)
    assert activity(changed, "Check").cost == 1.5
    assert pool(changed, "Clerks").does == ("Receive", "Check", "Register", "Refuse")


def test_split_keeps_what_depends_on_history_and_what_is_concurrent():
    model = permit_model()
    model = replace(model, routing=replace(model.routing, concurrent=(("Check", "Verify"),)))
    routing = apply_changes(model, [Split("Check", ("A", "B"))]).routing
    assert Context(("Receive", "A", "B"), (("Verify", 0.9), ("Refuse", 0.1)), runs=50) in routing.contexts
    assert routing.concurrent == (("A", "Verify"), ("B", "Verify"))


@BOTH
def test_automate_needs_nobody(model):
    changed = activity(apply_changes(model, [Automate("Check", duration_seconds=5, cost=0.1)]), "Check")
    assert changed.is_automatic
    assert mean_seconds(changed.duration) == pytest.approx(5, rel=1e-3)
    assert changed.cost == 0.1


@BOTH
def test_parallelise_and_the_order_of_activities(model):
    assert apply_changes(model, [Parallelise(("Receive", "Check"))]).rules.parallel == (("Receive", "Check"),)
    assert apply_changes(model, [Move("Verify", after="Decide")]).rules.moved == (("Verify", "Decide"),)
    assert apply_changes(model, [Reorder(("Decide", "Verify", "Check"))]).rules.moved == (
        ("Verify", "Decide"),
        ("Check", "Verify"),
    )


@BOTH
@pytest.mark.parametrize("from_activity", ["", "Verify"])
def test_reroute_sets_the_share_of_a_way(model, from_activity):
    changed = apply_changes(
        model, [Reroute("Check", to_activity="Refuse", from_activity=from_activity, share=0.5)]
    ).routing
    if hasattr(changed, "flows"):
        assert {flow.target: flow.share for flow in changed.flows if flow.source == "choice"} == pytest.approx(
            {"verify": 0.5, "refuse": 0.5}
        )
        return
    after = {one.history: dict(one.following) for one in changed.contexts}
    usual, longer = after["Check",]["Refuse"], after["Receive", "Check"]["Refuse"]
    # Of 100 and 50 runs half go there; the odds of every history, 1 : 4 and 1 : 9, are multiplied alike.
    assert (100 * usual + 50 * longer) / 150 == pytest.approx(0.5)
    assert usual / (1 - usual) * 4 == pytest.approx(longer / (1 - longer) * 9)
    assert all(sum(shares.values()) == pytest.approx(1) for shares in after.values())


def test_reroute_to_nobody_and_to_all():
    model = permit_model()
    none = apply_changes(model, [Reroute("Check", to_activity="Refuse", share=0.0)]).routing
    everyone = apply_changes(model, [Reroute("Check", to_activity="Refuse", share=1.0)]).routing
    assert {one.following for one in none.contexts if one.history[-1:] == ("Check",)} == {(("Verify", 1.0),)}
    assert {one.following for one in everyone.contexts if one.history[-1:] == ("Check",)} == {(("Refuse", 1.0),)}


@BOTH
def test_reroute_passes_work_to_another_pool(model):
    changed = apply_changes(model, [Reroute("Check", from_unit="Clerks", to_unit="Officers")])
    assert "Check" not in pool(changed, "Clerks").does
    assert "Check" in pool(changed, "Officers").does


@BOTH
def test_batches_begin_and_stop(model):
    begun = apply_changes(
        model, [SwitchBatching("Decide", is_on=True, minimum_size=5, fires_at=("Friday 15:00",), is_concurrent=True)]
    )
    assert activity(begun, "Decide").batching == Batching(5, fires_at=((4, 900),), is_concurrent=True)
    assert apply_changes(begun, [SwitchBatching("Decide")]) == model


@BOTH
def test_staff_joins_with_skills_and_hours_and_leaves(model):
    grown = apply_changes(model, [AddStaff("Verify", count=2, skills=("Decide",), calendar="around-the-clock")])
    joined = pool(grown, "Officers").people[2:]
    assert [(one.name, one.does, one.calendar) for one in joined] == [
        ("Officers +1", ("Decide",), "around-the-clock"),
        ("Officers +2", ("Decide",), "around-the-clock"),
    ]
    assert {one.availability for one in joined} == {0.75}
    assert "around-the-clock" in grown.calendars
    shrunk = apply_changes(grown, [AddStaff(pool="Officers", count=-2)])
    assert len(pool(shrunk, "Officers").people) == 2


def test_skills_of_a_pool_and_of_a_person():
    changed = apply_changes(
        permit_model(),
        [ChangeSkills(person="o1", add=("Refuse",)), ChangeSkills(pool="Clerks", add=("Verify",), drop=("Refuse",))],
    )
    assert pool(changed, "Clerks").does == ("Receive", "Check", "Verify")
    assert pool(changed, "Officers").people[0].does == ("Verify", "Decide", "Refuse")


@BOTH
def test_new_hours_keep_the_holidays(model):
    week = (("monday", ("08:00-20:00",)), ("saturday", ("10:00-14:00",)))
    changed = apply_changes(model, [ChangeCalendar(pool="Clerks", weekly=week)])
    clerks = pool(changed, "Clerks")
    calendar = changed.calendars[clerks.calendar]
    assert calendar.weekly[0] == ((480, 1200),)
    assert calendar.weekly[1] == ()
    assert [day for day, spans in calendar.days.items() if not spans] == list(OFFICE.days)
    assert pool(changed, "Officers").calendar == "office"
    named = apply_changes(model, [ChangeCalendar("Verify", calendar="around-the-clock")])
    assert pool(named, "Officers").calendar == "around-the-clock"


@BOTH
def test_who_goes_first(model):
    due = apply_changes(with_term(model), [ChangePriority(discipline="earliest_due")])
    assert {one.discipline for one in due.activities} == {Discipline.EARLIEST_DUE}
    urgent = apply_changes(model, [ChangePriority("Check", "priority", ("urgent",))])
    assert [(one.name, one.priority) for one in urgent.case_types] == [("plain", 1), ("urgent", 0)]
    assert activity(urgent, "Check").discipline is Discipline.PRIORITY
    assert activity(urgent, "Verify").discipline is Discipline.FIFO


@BOTH
def test_demand_of_all_and_of_one_type(model):
    assert apply_changes(model, [ChangeDemand(1.25)]).arrivals.per_day == 25.0
    one = apply_changes(model, [ChangeDemand(3.0, "urgent")])
    assert one.arrivals.per_day == pytest.approx(30.0)
    assert [kind.share for kind in one.case_types] == pytest.approx([0.5, 0.5])


def test_demand_shortens_the_time_between_arrivals():
    model = permit_model()
    model = replace(model, arrivals=replace(model.arrivals, inter_arrival=exponential(100.0)))
    assert apply_changes(model, [ChangeDemand(2.0)]).arrivals.inter_arrival == exponential(50.0)


def test_changes_see_what_those_before_them_have_changed():
    changed = apply_changes(permit_model(), [Merge(("Verify", "Decide"), "Conclude"), Automate("Conclude")])
    assert activity(changed, "Conclude").is_automatic
    assert routed_activities(changed.routing) == routed_activities(permit_model().routing)


@BOTH
@pytest.mark.parametrize(
    "changes",
    [
        (Remove("Verify"), CheckByRisk("Check", share=0.3)),
        (Merge(("Verify", "Decide")), Automate("Verify + Decide")),
        (Merge(("Verify", "Decide"), "Decide"),),
        (Split("Check", ("Look", "Check")), Parallelise(("Receive", "Look")), Move("Check", after="Decide")),
        (Reroute("Check", to_activity="Refuse", share=0.5), Reroute("Check", from_unit="Clerks", to_unit="Officers")),
        (ChangeCalendar(pool="Clerks", weekly=(("monday", ("08:00-20:00",)),)), AddStaff(pool="Clerks", count=-2)),
        (ChangeSkills(person="o1", add=("Check",)), SwitchBatching("Decide", is_on=True, fires_at=("friday 15:00",))),
        (ChangePriority("Check", "priority", ("urgent",)), ChangeDemand(3.0, "urgent")),
    ],
    ids=lambda changes: "+".join(change.verb.value for change in changes),
)
def test_a_changed_model_does_not_contradict_itself(model, changes):
    assert [*find_problems(apply_changes(model, changes))] == []


def test_changes_are_at_hand_under_the_package():
    assert potok.Remove("Check") == Remove("Check")
    assert potok.apply_changes is apply_changes


def test_scaled_quantiles_are_quantiles_scaled():
    from potok.simulate.changes.scaling import scale
    from potok.simulate.model import Distribution, DistributionKind

    kinds = [
        Distribution(DistributionKind.GAMMA, mean_seconds=10, sd_seconds=4, high_seconds=30),
        Distribution(DistributionKind.LOGNORMAL, mean_seconds=10, sd_seconds=20, low_seconds=1),
        Distribution(DistributionKind.TRIANGULAR, low_seconds=1, mode_seconds=2, high_seconds=5),
        Distribution(DistributionKind.EMPIRICAL, quantiles_seconds=(1.0, 2.0, 9.0)),
        Distribution(DistributionKind.MIXTURE, parts=((0.3, fixed(2.0)), (0.7, exponential(5.0)))),
    ]
    shares = np.linspace(0.01, 0.99, 7)
    for kind in kinds:
        assert quantiles(scale(kind, 2.5), shares) == pytest.approx(2.5 * quantiles(kind, shares), rel=1e-6)
