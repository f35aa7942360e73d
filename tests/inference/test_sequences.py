"""Confidence sequences: all looks together keep the level that a single look has."""

import math

import numpy as np
import pytest

from potok.inference.estimate import Estimate, normal_estimate
from potok.inference.sequences import NARROWEST, as_confidence_sequence, mixture_multiplier

WALKS, LOOKS = 4_000, 400


def test_the_multiplier_is_that_of_the_mixture_of_normals():
    """Ville: the mixed likelihood ratio, integrated over the prior by brute force, reaches 1/α at the boundary."""
    ratio, confidence = 3.0, 0.95
    z = mixture_multiplier(ratio, confidence=confidence)
    # Unit information: the estimate is z, the prior of the effect is N(0, ratio).
    grid = np.linspace(-60, 60, 400_001)
    prior = np.exp(-(grid**2) / (2 * ratio)) / math.sqrt(2 * math.pi * ratio)
    mixed = float((np.exp(grid * z - grid**2 / 2) * prior).sum() * (grid[1] - grid[0]))
    assert mixed == pytest.approx(1 / (1 - confidence), rel=1e-6)


def test_it_is_narrowest_near_the_reference():
    reaches = {ratio: mixture_multiplier(ratio) for ratio in (1, 2, 4, 6, NARROWEST, 10, 14, 30, 100)}
    assert min(reaches, key=reaches.__getitem__) in (6, NARROWEST, 10)


def test_looking_every_time_keeps_the_level_and_a_single_interval_does_not():
    generator = np.random.default_rng(5)
    walks = generator.standard_normal((WALKS, LOOKS)).cumsum(axis=1)
    seen = np.arange(1, LOOKS + 1)
    z = np.abs(walks) / np.sqrt(seen)
    first = 20
    reach = np.asarray([mixture_multiplier(NARROWEST * count / first) for count in seen])
    wrong = (z >= reach)[:, first - 1 :].any(axis=1).mean()
    naive = (z >= 1.96)[:, first - 1 :].any(axis=1).mean()
    assert wrong <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / WALKS)
    assert naive > 0.3


def test_an_estimate_is_widened_about_its_value_and_more_with_few_degrees():
    day = normal_estimate(2.0, standard_error=0.5, confidence=0.95)
    whole = as_confidence_sequence(day, reference_error=0.5)
    assert whole.value == day.value
    assert whole.upper - 2.0 == pytest.approx(0.5 * mixture_multiplier(NARROWEST))
    assert 2.0 - whole.lower == pytest.approx(whole.upper - 2.0)
    few = as_confidence_sequence(day, reference_error=0.5, degrees=5)
    assert few.upper > whole.upper > day.upper


def test_student_with_many_degrees_is_normal():
    day = Estimate(0.0, -1.0, 1.0, 0.4, 0.9)
    many, known = (as_confidence_sequence(day, reference_error=0.6, degrees=degrees) for degrees in (1e7, None))
    assert many.upper == pytest.approx(known.upper, rel=1e-5)
