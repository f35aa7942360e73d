"""Several tests at once, against the definition of the procedure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potok.inference.multiplicity import InvalidProbabilityError, holm, intersection_union

P_VALUES = st.lists(st.floats(0, 1), max_size=8)


def rejected_step_by_step(p_values, level):
    """Reject as Holm words it: the smallest first, until one exceeds its share of the level."""
    ranked = sorted(range(len(p_values)), key=lambda place: p_values[place])
    rejected = set()
    for number, place in enumerate(ranked):
        if p_values[place] * (len(p_values) - number) > level:
            break
        rejected.add(place)
    return rejected


@given(P_VALUES, st.floats(0.001, 0.2))
def test_adjusted_values_reject_what_the_procedure_rejects(p_values, level):
    adjusted = holm(p_values)
    assert {place for place, value in enumerate(adjusted) if value <= level} == rejected_step_by_step(p_values, level)


def test_adjusted_values_keep_their_places():
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert len(holm([])) == 0


def test_one_indicator_that_fails_fails_the_step():
    assert intersection_union([0.001, 0.2, 0.01]) == 0.2
    assert intersection_union([]) == 1


@pytest.mark.parametrize("wrong", [[-0.1], [1.2], [0.5, np.nan]])
def test_a_percentage_is_no_p_value(wrong):
    with pytest.raises(InvalidProbabilityError, match="does not lie within") as caught:
        holm(wrong)
    assert caught.value.code == "POTOK-I031"
