"""What cannot be observations is refused, with its place."""

import math

import numpy as np
import pytest

from potok.core.errors import EXIT_BAD_DATA
from potok.inference.observations import InvalidObservationsError, NoSubjectsError, count_risk_sets


def test_nobody():
    with pytest.raises(NoSubjectsError, match="nobody to observe") as caught:
        count_risk_sets([], [])
    assert (caught.value.exit_code, caught.value.remedy) == (EXIT_BAD_DATA, "Widen the filter or the period.")


@pytest.mark.parametrize(
    ("durations", "causes", "entry", "message", "where"),
    [
        ([1, -2, -3], [1, 1, 1], None, "2 values are negative, first -2.0 at position 1", "durations"),
        ([math.nan], [1], None, "1 value is not a finite number, first nan at position 0", "durations"),
        ([math.inf], [1], None, "not a finite number", "durations"),
        ([1, 2], [1, 1], [0, -1], "negative, first -1.0 at position 1", "entry"),
        ([1, 2], [1, 1], [0, 3], "not before the end of the observation, first 3.0 at position 1", "entry"),
        ([1, 2], [1, 1], [1, 0], "not before the end of the observation, first 1.0 at position 0", "entry"),
        ([1, 2], [1], None, "different lengths: 2, 1, 2", "durations, causes, entry"),
        ([1, 2], [1, 1], [0], "different lengths: 2, 2, 1", "durations, causes, entry"),
        ([[1, 2]], [1, 1], None, "one dimension is needed, not of 2", "durations"),
        ([1, 2], [0, 2], None, "1 value is not a known cause, first 2 at position 1", "causes"),
        ([1, 2], [0, -1], None, "not a known cause", "causes"),
        ([1, 2], [0.5, 1], None, "whole numbers or booleans, not float64", "causes"),
    ],
)
def test_impossible_observations(durations, causes, entry, message, where):
    with pytest.raises(InvalidObservationsError, match=message) as caught:
        count_risk_sets(durations, causes, entry=entry)
    assert caught.value.where == where


def test_who_enters_at_an_instant_is_at_risk_after_it():
    risk = count_risk_sets([0, 2, 3, 3], np.array([1, 1, 1, 0]), entry=[0, 0, 2, 0])
    assert risk.times.tolist() == [0, 2, 3]
    assert risk.at_risk.tolist() == [3, 2, 2]
    assert (risk.origin, risk.last_entry) == (0, 2)
