"""Whether other kinds of cases came with a change."""

import pytest

from potok.verify.arms import assign_arms
from potok.verify.effect import CheckVerdict
from potok.verify.population import check_population
from support.small_studies import make_protocol, make_study


def check(kinds_before, kinds_after, *, service=None):
    rows = [(f"b{place:03}", "А", "2025-01-10", 1.0) for place in range(len(kinds_before))]
    rows += [(f"c{place:03}", "А", "2025-06-10", 1.0) for place in range(len(kinds_after))]
    kinds = [*kinds_before, *kinds_after]
    study = make_study(rows, look="2025-12-31", service=kinds if service else ["услуга"] * len(rows), вид=kinds)
    protocol = make_protocol({"А": "2025-03-01"})
    return check_population(study, assign_arms(study, protocol), protocol)


@pytest.mark.parametrize(
    ("new", "verdict"),
    [(0, CheckVerdict.PASSED), (9, CheckVerdict.PASSED), (20, CheckVerdict.NOTED), (40, CheckVerdict.FAILED)],
)
def test_new_kinds_are_counted(new, verdict):
    before = ["а", "б"] * 100
    found = check(before, ["а"] * (100 - new) + ["в"] * new, service=True)
    assert found.verdict is verdict
    assert found.figure.value == pytest.approx(new / 100)
    assert found.arguments["name"] == "service"


def test_a_kind_that_was_rare_counts_as_new_and_a_usual_one_does_not():
    assert check(["а"] * 199 + ["в"], ["в"] * 100, service=True).figure.value == 1
    assert check(["а"] * 190 + ["в"] * 10, ["в"] * 100, service=True).figure.value == 0


def test_without_kinds_nothing_can_be_told():
    assert check(["а"] * 100, ["б"] * 100).verdict is CheckVerdict.CANNOT_TELL
    empty = make_study([], look="2025-12-31")
    protocol = make_protocol({"А": "2025-03-01"})
    assert check_population(empty, assign_arms(empty, protocol), protocol).verdict is CheckVerdict.CANNOT_TELL
