"""Honest intervals against brute force: linear programmes, a general minimiser, and simulated coverage."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog, minimize
from scipy.special import ndtr

from potok.inference.estimate import InvalidShareError
from potok.inference.parallel_trends import EventStudy, NoTrendError, Restriction, breakdown_bound, honest_interval
from potok.inference.parallel_trends.smoothness import folded_quantile

SOLVER = 1e-6
KEYS = np.array([-5, -4, -3, -2, 0, 1, 2])
SMOOTH = Restriction.SMOOTHNESS


def draw_study(*, seed: int, keys: np.ndarray = KEYS, noise: float = 1.0) -> EventStudy:
    """Return an event study with correlated errors."""
    generator = np.random.default_rng(seed)
    root = generator.normal(size=(len(keys), len(keys) + 3)) * noise
    return EventStudy(keys, generator.normal(0, 1, len(keys)) + 3 * (keys >= 0), root @ root.T / 20)


def second_differences(places: np.ndarray) -> np.ndarray:
    """Return rows that take second differences of a trend given at consecutive places."""
    return np.diff(np.eye(len(places)), n=2, axis=0)


def worst_bias(weights: np.ndarray, *, study: EventStudy, bound: float) -> float:
    """Return the largest bias over all trends whose slope changes by at most `bound`, by a linear programme."""
    places = np.arange(study.keys[0], study.keys[-1] + 1)
    cost = np.zeros(len(places))
    cost[np.searchsorted(places, study.keys)] = -weights
    at_base = (places == study.base).astype(float)[None, :]
    rows = second_differences(places)
    limits = np.full(2 * len(rows), bound)
    found = linprog(cost, np.vstack([rows, -rows]), limits, at_base, [0.0], bounds=(None, None), method="highs")
    return np.inf if found.status == 3 else -found.fun


@pytest.mark.parametrize(("seed", "bound"), [(1, 0.0), (2, 0.05), (3, 0.3), (4, 2.0)])
def test_smooth_interval_is_the_shortest(seed, bound):
    study = draw_study(seed=seed)
    is_after = study.keys >= 0
    target = is_after / is_after.sum()

    def half_length(before):
        weights = target + np.concatenate([before, np.zeros(3)])
        error = np.sqrt(weights @ study.covariance @ weights)
        bias = bound * coefficients(weights)
        return error * folded_quantile(bias / error, confidence=0.95)

    def coefficients(weights):
        later, earlier = np.arange(4), np.arange(1, 4)
        distance = study.keys - study.base
        after = np.maximum(distance[:, None] - later, 0) * is_after[:, None]
        before = np.maximum(-distance[:, None] - earlier, 0) * ~is_after[:, None]
        return np.abs(weights @ after).sum() + np.abs(weights @ before).sum()

    no_slope = {"type": "eq", "fun": lambda before: before @ (study.keys + 1)[:4] + target @ (study.keys + 1)}
    best = min(
        minimize(half_length, start, constraints=[no_slope], method="SLSQP", options={"ftol": 1e-12}).fun
        for start in (np.array([0, 0, 0, 2.0]), np.array([0.5, 0, 0, 0]), np.array([0.2, 0.2, 0.2, 0.2]))
    )
    found = honest_interval(study, kind=SMOOTH, bound=bound)
    assert (found.upper - found.lower) / 2 == pytest.approx(best, rel=1e-4)
    assert (found.upper - found.lower) / 2 <= best * (1 + SOLVER)


def test_smooth_interval_states_its_worst_bias():
    study = draw_study(seed=5, noise=1e-4)
    for bound in (0.1, 1.0):
        found = honest_interval(study, kind=SMOOTH, bound=bound)
        # Almost without noise the interval is the set of effects that some trend within the bound allows.
        lowest, highest = allowed_effects(study, bound=bound)
        assert found.lower <= lowest + 1e-3
        assert found.upper >= highest - 1e-3
        weights = np.where(study.keys >= 0, 1 / 3, 0.0)
        weights[study.keys == -2] = 2.0
        assert worst_bias(weights, study=study, bound=bound) == pytest.approx(10 / 3 * bound, abs=SOLVER)


def allowed_effects(study: EventStudy, *, bound: float) -> tuple[float, float]:
    """Return the least and largest mean effect for trends that fit the effects before the change exactly."""
    places = np.arange(study.keys[0], study.keys[-1] + 1)
    rows = second_differences(places)
    slack = max(bound, np.abs(rows[:3] @ np.append(study.effects[:4], [0, 0, 0, 0])).max())
    fixed = np.eye(len(places))[:5]
    values = np.append(study.effects[:4], 0.0)
    limits = np.full(len(rows), bound)
    limits[:3] = slack
    cost = np.where(places >= 0, 1 / 3, 0.0)
    ends = [
        linprog(sign * cost, np.vstack([rows, -rows]), np.tile(limits, 2), fixed, values, bounds=(None, None)).fun
        * sign
        for sign in (1, -1)
    ]
    mean = study.effects[4:].mean()
    return mean - ends[1], mean - ends[0]


@pytest.mark.parametrize("bound", [0.0, 0.5, 1.5])
def test_relative_interval_without_noise_is_the_union_of_programmes(bound):
    study = draw_study(seed=6, noise=1e-7)
    before = np.append(study.effects[:4], 0.0)
    largest = np.abs(np.diff(before)).max()
    ends = []
    for sign in (1, -1):
        steps = np.diff(np.eye(4), axis=0)  # trend at the base, 0, 1, 2
        found = linprog(
            sign * np.array([0, 1, 1, 1]) / 3,
            np.vstack([steps, -steps]),
            np.full(6, bound * largest),
            [[1, 0, 0, 0]],
            [0.0],
            bounds=(None, None),
        )
        ends.append(study.effects[4:].mean() - sign * found.fun)
    interval = honest_interval(study, bound=bound)
    assert (interval.lower, interval.upper) == pytest.approx((min(ends), max(ends)), abs=1e-5)


def test_relative_interval_covers_under_the_worst_trend():
    generator = np.random.default_rng(7)
    covariance = draw_study(seed=8, noise=0.3).covariance
    trend = 0.5 * (np.arange(-5, 3) + 1.0)  # no step after the base exceeds those before it
    expected = np.delete(trend, 4) + 1.0 * (KEYS >= 0)
    draws = generator.multivariate_normal(expected, covariance, 250)
    found = [honest_interval(EventStudy(KEYS, effects, covariance), bound=1.0) for effects in draws]
    covered = np.mean([interval.lower <= 1.0 <= interval.upper for interval in found])
    assert covered >= 0.95 - 2.6 * np.sqrt(0.05 * 0.95 / len(draws))


def test_smooth_interval_covers_exactly_under_the_worst_trend():
    covariance = draw_study(seed=8, noise=0.3).covariance
    zero = honest_interval(EventStudy(KEYS, np.zeros(7), covariance), kind=SMOOTH, bound=0.2)
    # The estimate is linear in the effects: its weights are what it makes of each alone.
    weights = np.array(
        [honest_interval(EventStudy(KEYS, unit, covariance), kind=SMOOTH, bound=0.2).value for unit in np.eye(7)]
    )
    error = np.sqrt(weights @ covariance @ weights)
    bias = worst_bias(weights, study=EventStudy(KEYS, np.zeros(7), covariance), bound=0.2)
    inside = ndtr((zero.upper - bias) / error) - ndtr((zero.lower - bias) / error)
    assert inside == pytest.approx(0.95, abs=SOLVER)


def test_parallel_trends_give_the_plain_interval():
    study = draw_study(seed=9)
    found = honest_interval(study, bound=0.0)
    error = np.sqrt(study.covariance[4:, 4:].sum()) / 3
    assert found.value == pytest.approx(study.effects[4:].mean())
    assert (found.lower, found.upper) == pytest.approx((found.value - 1.959964 * error, found.value + 1.959964 * error))


@pytest.mark.parametrize("kind", list(Restriction))
def test_breakdown_bound_is_where_the_interval_reaches_the_effect(kind):
    study = draw_study(seed=10, noise=0.2)
    study = EventStudy(study.keys, study.effects + 8 * (study.keys >= 0), study.covariance)
    largest = breakdown_bound(study, kind=kind)
    assert 0 < largest < np.inf
    assert honest_interval(study, kind=kind, bound=0.999 * largest).lower > 0
    assert honest_interval(study, kind=kind, bound=1.001 * largest).lower < 0
    assert breakdown_bound(study, kind=kind, effect=honest_interval(study, kind=kind, bound=0.0).value) == 0


def test_interval_widens_with_the_bound_and_gaps_count():
    study = draw_study(seed=11)
    gap = EventStudy(np.array([-7, -6, -5, -4, 0, 1, 2]), study.effects, study.covariance, base=-3)
    for kind, bound in product(Restriction, (0.3, 1.0)):
        narrow = honest_interval(study, kind=kind, bound=bound)
        wide = honest_interval(gap, kind=kind, bound=bound)
        assert wide.upper - wide.lower > narrow.upper - narrow.lower
        wider = honest_interval(study, kind=kind, bound=2 * bound)
        assert wider.upper - wider.lower > narrow.upper - narrow.lower


def test_what_cannot_be_answered_is_refused():
    study = draw_study(seed=12)
    after = EventStudy(KEYS[4:], study.effects[4:], study.covariance[4:, 4:])
    with pytest.raises(NoTrendError, match="no month before"):
        honest_interval(after)
    missing = EventStudy(np.array([-5, -4, -3, 0, 1]), study.effects[:5], study.covariance[:5, :5])
    with pytest.raises(NoTrendError, match="month before the base is missing"):
        honest_interval(missing, kind=SMOOTH)
    root = np.random.default_rng(13).normal(size=(7, 6))  # six agencies
    few = EventStudy(KEYS, study.effects, root @ root.T)
    with pytest.raises(NoTrendError, match="Too few agencies"):
        honest_interval(few, kind=SMOOTH)
    with pytest.raises(NoTrendError, match="effects after the change"):
        EventStudy(KEYS[:4], study.effects[:4], study.covariance[:4, :4])
    with pytest.raises(ValueError, match="must not be negative"):
        honest_interval(study, bound=-1.0)
    with pytest.raises(ValueError, match="3 weights are needed"):
        honest_interval(study, weights=np.ones(2))
    with pytest.raises(InvalidShareError):
        honest_interval(study, confidence=95)


REFERENCES = json.loads((Path(__file__).parents[1] / "group_times" / "references.json").read_text())


@pytest.mark.parametrize("reference", REFERENCES["flci"], ids=lambda reference: f"bound {reference['asked']['bound']}")
def test_diff_diff_finds_the_same_smooth_interval(reference):
    generator = np.random.default_rng(reference["asked"]["seed"])
    effects = generator.normal(0, 1, 7)
    root = generator.normal(size=(7, 10)) / 4
    found = honest_interval(EventStudy(KEYS, effects, root @ root.T), kind=SMOOTH, bound=reference["asked"]["bound"])
    # Its search stops earlier: lengths agree to four digits, and ours is not the longer one.
    low, high = reference["found"]
    assert found.upper - found.lower == pytest.approx(high - low, rel=2e-3)
    assert found.upper - found.lower <= (high - low) * (1 + 1e-5)
    assert found.value == pytest.approx((low + high) / 2, abs=0.05)
