"""Partial pooling: known answers, and places that say what they do not know."""

import numpy as np
import pytest

from potok.inference.shrinkage import pool_groups

# Rubin's eight schools: effects of coaching, with their standard errors.
SCHOOLS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
ERRORS = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])


def test_of_what_chance_alone_explains_little_is_kept():
    found = pool_groups(SCHOOLS, ERRORS)
    assert found.between_sd == 0
    mean = np.sum(SCHOOLS / ERRORS**2) / np.sum(1 / ERRORS**2)
    # Morris: with eight groups five sevenths of a deviation go even if nothing is seen beyond chance.
    assert [one.value for one in found.values] == pytest.approx(mean + 2 / 7 * (SCHOOLS - mean))
    assert found.rank_lower.max() <= 4
    assert found.rank_upper.min() >= 5


def test_the_variance_between_groups_balances_the_weighted_squares():
    values, errors = np.array([0.0, 5, 10, 20]), np.array([1.0, 2, 1, 3])
    between = pool_groups(values, errors).between_sd ** 2
    weights = 1 / (errors**2 + between)
    mean = np.sum(weights * values) / np.sum(weights)
    assert np.sum(weights * (values - mean) ** 2) == pytest.approx(3)


def test_uncertain_groups_are_drawn_further_than_certain_ones():
    found = pool_groups(np.array([-10.0, 10, 10, -10]), np.array([0.5, 0.5, 8, 8]))
    certain, uncertain = found.values[1], found.values[2]
    assert 9.5 < certain.value <= 10
    assert 0 < uncertain.value < certain.value


def test_places_of_groups_far_apart_are_certain():
    found = pool_groups(np.array([30.0, 10, 20]), np.array([0.1, 0.1, 0.1]))
    assert found.rank_lower.tolist() == found.rank_upper.tolist() == [3, 1, 2]


def test_pooled_intervals_hold_true_values():
    generator = np.random.default_rng(1)
    inside, total = 0, 0
    for _run in range(100):
        errors = generator.uniform(0.5, 3, 12)
        true = generator.normal(0, 2, 12)
        found = pool_groups(true + errors * generator.standard_normal(12), errors)
        inside += sum(one.lower <= value <= one.upper for one, value in zip(found.values, true, strict=True))
        total += 12
    assert 0.9 <= inside / total <= 0.98  # the variance between groups is itself estimated


def test_one_group_is_left_as_it_is():
    found = pool_groups(np.array([3.0]), np.array([1.0]))
    assert found.values[0].value == pytest.approx(3)
