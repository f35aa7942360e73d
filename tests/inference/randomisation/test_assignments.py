"""Ways in which dates can be dealt out."""

from itertools import permutations

import numpy as np
import pytest

from potok.inference.randomisation import NEVER, UnfitPanelError, count_assignments, list_assignments

WAVES = np.asarray([4, 4, 7, 7, 10, 10])


@pytest.mark.parametrize(
    ("first_treated", "expected"),
    [
        (WAVES, 90),
        ([5, NEVER, NEVER, NEVER, NEVER, NEVER], 6),
        ([3, 3, 3, NEVER, NEVER, NEVER], 20),
        ([5, *[NEVER] * 39], 40),
        ([1, 2, 3, 4], 24),
        ([3, 3, 3], 1),
    ],
)
def test_assignments_are_counted(first_treated, expected):
    assert count_assignments(np.asarray(first_treated)) == expected


def test_all_are_listed_once_and_what_happened_comes_first():
    shuffled = np.asarray([7, 4, 10, 10, 4, 7])
    found = list_assignments(shuffled)
    assert found.is_exhaustive
    assert found.is_applicable
    assert found.first_treated[0].tolist() == shuffled.tolist()
    rows = list(map(tuple, found.first_treated.tolist()))
    assert set(rows) == set(permutations(shuffled.tolist()))
    assert len(rows) == len(set(rows)) == 90


def test_within_strata_dates_stay():
    strata = np.asarray([0, 1, 0, 1, 0, 1])
    found = list_assignments(np.asarray([4, 4, 7, 7, 7, 10]), strata=strata)
    assert found.possible == count_assignments(np.asarray([4, 4, 7, 7, 7, 10]), strata=strata) == 18
    rows = found.first_treated
    assert len({tuple(row) for row in rows.tolist()}) == 18
    assert all(sorted(row[strata == 0]) == [4, 7, 7] and sorted(row[strata == 1]) == [4, 7, 10] for row in rows)


def test_of_too_many_a_sample_is_drawn_by_the_seed():
    many = np.repeat([3, 6, NEVER], [5, 5, 10])
    one, same, other = (list_assignments(many, seed=seed) for seed in (1, 1, 2))
    assert not one.is_exhaustive
    assert one.first_treated.shape == (5_000, 20)
    assert (one.first_treated == same.first_treated).all()
    assert (one.first_treated != other.first_treated).any()
    assert (np.sort(one.first_treated, axis=1) == np.sort(many)).all()
    # Each agency is as often treated first as any other: 1,250 of 5,000, with a standard deviation of 31.
    assert np.abs((one.first_treated == 3).sum(axis=0) - 1_250).max() < 4 * 31


def test_few_are_not_enough():
    assert not list_assignments(np.asarray([5, *[NEVER] * 38])).is_applicable


def test_strata_must_fit():
    with pytest.raises(UnfitPanelError, match="2 strata for 6 agencies"):
        count_assignments(WAVES, strata=np.asarray([0, 1]))
