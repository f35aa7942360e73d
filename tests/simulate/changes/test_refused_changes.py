"""Changes that cannot be applied say why, and where."""

from dataclasses import replace

import pytest

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
from potok.simulate.changes.errors import ChangeError
from simulate.changes.made_models import permit_model

MERGED = Merge(("Verify", "Decide"), "Conclude")
REFUSED = [
    # Names that the model does not have.
    ([Remove("Chek")], "S102", "no activity “Chek”"),
    ([Remove("Check", case_types=("slow",))], "S102", "no case type"),
    ([AddStaff(pool="Clerk")], "S102", "no pool “Clerk”"),
    ([ChangeSkills(person="nobody", add=("Check",))], "S102", "no person"),
    ([ChangeCalendar(pool="Clerks", calendar="night")], "S102", "no calendar"),
    # What is so already, or has no effect.
    ([Remove("Verify"), Remove("Verify")], "S103", "left out of every case already"),
    ([Automate("Check"), Automate("Check")], "S103", "A machine does “Check” already"),
    ([Parallelise(("Receive", "Decide"))], "S103", "do not follow right after each other"),
    ([Parallelise(("Receive", "Check")), Parallelise(("Check", "Receive"))], "S103", "side by side already"),
    ([Move("Check", after="Receive")], "S103", "right after “Receive” already"),
    ([Reorder(("Verify", "Decide"))], "S103", "in this order already"),
    ([Merge(("Receive", "Refuse"))], "S103", "never stand beside each other"),
    ([SwitchBatching("Check")], "S103", "No cases are collected"),
    ([ChangeDemand(1.0)], "S103", "changes nothing"),
    ([ChangePriority("Check", "fifo")], "S103", "in this order already"),
    ([ChangeCalendar(pool="Clerks", calendar="office")], "S103", "hours already"),
    ([ChangeSkills(pool="Clerks", add=("Check",))], "S103", "“Check” is no change"),
    ([Reroute("Receive", to_activity="Verify", from_activity="Decide", share=0.5)], "S103", "right on to “"),
    ([Reroute("Check", from_unit="Officers", to_unit="Clerks")], "S103", "Nobody of “Officers”"),
    ([Reroute("Check", to_unit="Clerks")], "S103", "alone does"),
    # What has to be decided first.
    ([CheckByRisk("Check")], "S104", "still has to be decided"),
    ([CheckByRisk("Check", share=0.5, caught_share=0.9)], "S104", "does not say what “Check” prevents"),
    ([Remove("Check", share_with=0.1)], "S104", "needs two shares"),
    ([Move("Check")], "S104", "has to be decided"),
    ([Remove("")], "S104", "which activity"),
    ([Reroute("Check")], "S104", "has to be decided"),
    ([Reroute("Check", to_activity="Refuse")], "S104", "has to be decided"),
    ([SwitchBatching("Check", is_on=True)], "S104", "has to be decided"),
    ([ChangeCalendar(pool="Clerks")], "S104", "have to be decided"),
    ([ChangeSkills(add=("Check",))], "S104", "whose skills"),
    ([ChangeSkills(pool="Clerks")], "S104", "adds no skill"),
    ([ChangePriority("Check", "priority")], "S104", "No case type goes before"),
    # What leaves nothing or nobody, or contradicts itself.
    ([Remove(name) for name in ("Receive", "Check", "Verify", "Decide", "Refuse")], "S105", "nothing of the process"),
    ([AddStaff(pool="Clerks", count=-3)], "S105", "has 3 people; 3 cannot leave"),
    ([ChangeSkills(pool="Clerks", drop=("Check",))], "S105", "Nobody would be left"),
    ([ChangeSkills(person="o1", drop=("Verify", "Decide"))], "S105", "without any work"),
    ([Merge(("Check", "Verify"))], "S105", "Nobody does all of"),
    ([MERGED, Remove("Verify")], "S105", "become a part of “Conclude”"),
    ([MERGED, Move("Conclude", after="Receive")], "S105", "comes about by merging"),
    ([Remove("Verify"), Split("Verify", ("A", "B"))], "S103", "left out of every case"),
    ([CheckByRisk("Verify", share=0.5), Split("Verify", ("A", "B"))], "S105", "Another change before"),
    ([Automate("Check"), SwitchBatching("Check", is_on=True, minimum_size=2)], "S105", "collects nothing"),
    ([ChangePriority("Check", "earliest_due")], "S105", "has no term"),
    ([Reroute("Check", to_activity="Refuse", from_activity="Verify", share=0.5)], None, ""),
    # Values that cannot be.
    ([CheckByRisk("Check", share=1.0)], "S106", "not let “Check” be left out"),
    ([CheckByRisk("Verify", share=0.5, caught_share=2.0)], "S106", "caught_share cannot be 2.0"),
    ([Remove("Check", share_with=0.1, share_without=1.5)], "S106", "share_without cannot be 1.5"),
    ([Merge(("Check",))], "S106", "at least two different"),
    ([Merge(("Verify", "Decide"), "Check")], "S106", "has an activity “Check” already"),
    ([Merge(("Verify", "Decide"), duration_seconds=-1)], "S106", "cannot be negative"),
    ([Move("Check", after="Check")], "S106", "cannot come after itself"),
    ([Split("Check", ("A",))], "S106", "at least two different parts"),
    ([Split("Check", ("A", "Verify"))], "S106", "has an activity “Verify” already"),
    ([Split("Check", ("A", "B"), (0.5, 0.6))], "S106", "do not make up the whole"),
    ([Automate("Check", duration_seconds=-5)], "S106", "duration_seconds cannot be"),
    ([SwitchBatching("Check", is_on=True, fires_at=("noon",))], "S106", "no weekday"),
    ([SwitchBatching("Check", is_on=True, minimum_size=0)], "S106", "minimum_size cannot be 0"),
    ([SwitchBatching("Check", is_on=True, minimum_size=5, maximum_size=2)], "S106", "at least 5 and at most 2"),
    ([SwitchBatching("Check", is_on=True, maximum_wait_seconds=0)], "S106", "maximum_wait_seconds cannot be 0"),
    ([AddStaff(pool="Clerks", count=0)], "S106", "0 people cannot be added"),
    ([AddStaff(pool="Clerks", count=-1, skills=("Check",))], "S106", "Those who leave"),
    ([ChangeCalendar(pool="Clerks", weekly=(("monday", ("25:00-26:00",)),))], "S106", ""),
    ([ChangePriority("Check", "loudest")], "S106", "no order “loudest”"),
    ([ChangePriority("Check", "fifo", ("urgent",))], "S106", "only where they go by priority"),
    ([ChangeDemand(0.0)], "S106", "multiplied by 0.0"),
    ([Reroute("Check", to_activity="Refuse", share=1.5)], "S106", "share cannot be 1.5"),
    ([Reroute("Check", to_unit="Officers", share=0.5)], "S106", "cannot share an activity"),
]


@pytest.mark.parametrize("is_graph", [False, True], ids=["history", "graph"])
@pytest.mark.parametrize(("changes", "code", "message"), REFUSED)
def test_the_reason_is_told_with_its_place_and_a_remedy(changes, code, message, is_graph):
    model = permit_model(is_graph=is_graph)
    if code is None:
        assert apply_changes(model, changes) != model
        return
    with pytest.raises(ChangeError) as caught:
        apply_changes(model, changes)
    assert caught.value.code == f"POTOK-{code}"
    assert message in caught.value.message
    assert f"change {len(changes)}, verb {changes[-1].verb.value}" == caught.value.where
    assert caught.value.remedy


def test_near_names_are_offered():
    with pytest.raises(ChangeError) as caught:
        apply_changes(permit_model(), [Remove("check ")])
    assert "“Check”" in caught.value.remedy


def test_several_pools_leave_open_which_of_them_grows():
    model = permit_model()
    model = replace(model, pools=(model.pools[0], replace(model.pools[1], does=("Verify", "Decide", "Check"))))
    with pytest.raises(ChangeError, match="Several pools do “Check”") as caught:
        apply_changes(model, [AddStaff("Check")])
    assert caught.value.code == "POTOK-S104"


def test_a_graph_without_a_choice_cannot_be_rerouted():
    with pytest.raises(ChangeError, match="no choice right after") as caught:
        apply_changes(permit_model(is_graph=True), [Reroute("Receive", to_activity="Check", share=0.5)])
    assert caught.value.code == "POTOK-S105"
