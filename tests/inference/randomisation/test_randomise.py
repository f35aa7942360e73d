"""P-values and intervals over assignments, against enumeration by hand."""

import math

import numpy as np
import pytest
from scipy.stats import permutation_test

from potok.inference.randomisation import (
    NEVER,
    Assignments,
    Differences,
    NoContrastError,
    UnfitPanelError,
    differences_by_cases,
    estimate_noise,
    exposure,
    list_assignments,
    plain_differences,
    randomise,
    randomise_differences,
)

WAVES = np.asarray([7, 4, 10, 10, 4, 7])


def panel(seed, first_treated=WAVES, *, places=12, effect=-3.0, missing=0.0):
    generator = np.random.default_rng(seed)
    noise = generator.normal(size=(len(first_treated), places)) * generator.uniform(0.3, 2, len(first_treated))[:, None]
    outcomes = 20 + noise + generator.normal(size=(len(first_treated), 1)) * 4 + generator.normal(size=places)
    outcomes += effect * exposure(first_treated, places=places)
    outcomes[generator.random(outcomes.shape) < missing] = np.nan
    return outcomes


def difference_by_hand(outcomes, first_treated, *, treated_weights, control_weights, transition=0):
    """The mean of all comparisons, agency by agency."""
    total = weight = 0.0
    agencies, places = outcomes.shape
    for agency in range(agencies):
        start = first_treated[agency]
        if start == NEVER:
            continue
        base = [np.nanmean(row[: start - transition]) for row in outcomes]
        for place in range(start, places):
            beside = [
                other
                for other in range(agencies)
                if (first_treated[other] == NEVER or first_treated[other] - transition > place)
                and np.isfinite(outcomes[other, place] - base[other])
            ]
            own = outcomes[agency, place] - base[agency]
            if beside and np.isfinite(own):
                change = [outcomes[other, place] - base[other] for other in beside]
                total += treated_weights[agency] * (own - np.average(change, weights=control_weights[beside]))
                weight += treated_weights[agency]
    return total / weight


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("transition", [0, 2])
def test_weights_form_the_differences(missing, transition):
    outcomes = panel(3, missing=missing)
    generator = np.random.default_rng(4)
    treated, controls = generator.uniform(0.5, 2, (2, 6))
    weights = Differences(np.isfinite(outcomes), treated, controls, transition).weights(
        list_assignments(WAVES).first_treated
    )
    for first_treated, one in zip(list_assignments(WAVES).first_treated[:20], weights, strict=False):
        expected = difference_by_hand(
            outcomes, first_treated, treated_weights=treated, control_weights=controls, transition=transition
        )
        assert np.nansum(one * outcomes) == pytest.approx(expected, rel=1e-12)
        assert (one * exposure(first_treated, places=12))[:, :].sum() == pytest.approx(1, rel=1e-12)


def rejected(outcomes, effect, *, side, scales=None):
    """Whether a one-sided test rejects a constant effect, all assignments gone through by hand."""
    without = outcomes - effect * exposure(WAVES, places=outcomes.shape[1])
    equal = np.ones(len(outcomes))
    rows = list_assignments(WAVES).first_treated
    found = np.asarray([difference_by_hand(without, row, treated_weights=equal, control_weights=equal) for row in rows])
    found = found if scales is None else found / scales
    return np.mean(side * found >= side * found[0] - 1e-9) <= 0.025


@pytest.mark.parametrize("is_studentised", [False, True])
def test_interval_is_what_the_tests_do_not_reject(is_studentised):
    outcomes = panel(5)
    noise = estimate_noise(outcomes, first_treated=WAVES) if is_studentised else None
    found = randomise_differences(outcomes, first_treated=WAVES, noise=noise)
    scales = None
    if noise is not None:
        weights = plain_differences(outcomes).weights(list_assignments(WAVES).first_treated)
        scales = np.sqrt((weights**2 * noise[None, :, None]).sum(axis=(1, 2)))
    lower, upper = found.effect.lower, found.effect.upper
    assert -10 < lower < found.effect.value < upper < 3
    limit, side = (lower, 1) if is_studentised else (upper, -1)
    assert rejected(outcomes, limit - side * 1e-6, side=side, scales=scales)
    assert not rejected(outcomes, limit + side * 1e-6, side=side, scales=scales)


def test_ninety_assignments_suffice():
    found = randomise_differences(panel(6, effect=-8.0), first_treated=WAVES)
    assert found.is_exhaustive
    assert found.is_applicable
    assert found.assignments == found.possible == 90
    assert found.effect.upper < 0
    assert found.p_value == pytest.approx(2 / 90)
    assert found.p_above(found.effect.lower - 1e-6) <= 0.025 < found.p_above(found.effect.lower + 1e-6)
    assert found.p_below(found.effect.upper + 1e-6) <= 0.025 < found.p_below(found.effect.upper - 1e-6)


def test_one_function_for_any_linear_statistic():
    outcomes = panel(7, missing=0.1)
    one = randomise(outcomes, first_treated=WAVES, weights_of=plain_differences(outcomes).weights_of)
    many = randomise_differences(outcomes, first_treated=WAVES)
    assert one.effect.lower == pytest.approx(many.effect.lower, rel=1e-12)
    assert one.effect.upper == pytest.approx(many.effect.upper, rel=1e-12)
    assert one.p_value == many.p_value


def test_lady_tasting_tea():
    # Fisher (1935): eight cups, four of each kind; all told right by chance once in 70.
    first_treated = np.asarray([1, 1, 1, 1, *[NEVER] * 4])
    found = randomise_differences(exposure(first_treated, places=2), first_treated=first_treated)
    assert found.p_above(0.0) == pytest.approx(1 / 70)
    assert found.p_value == pytest.approx(2 / 70)
    # A constant outcome whose effect is the same for all tells the effect exactly.
    assert (found.effect.value, found.effect.lower, found.effect.upper) == (1, 1, 1)


def test_p_values_are_those_of_a_permutation_test():
    generator = np.random.default_rng(8)
    first_treated = np.asarray([1] * 4 + [NEVER] * 5)
    outcomes = np.column_stack([np.zeros(9), generator.normal(size=9) + (first_treated == 1)])
    found = randomise_differences(outcomes, first_treated=first_treated)
    for side, expected in (("greater", found.p_above(0.0)), ("less", found.p_below(0.0)), ("two-sided", found.p_value)):
        other = permutation_test(
            (outcomes[:4, 1], outcomes[4:, 1]), lambda a, b: np.mean(a) - np.mean(b), alternative=side, n_resamples=1e4
        )
        assert expected == pytest.approx(other.pvalue)


def test_shift_and_scale_of_outcomes_move_the_interval():
    outcomes = panel(9)
    plain = randomise_differences(outcomes, first_treated=WAVES).effect
    moved = randomise_differences(5 - 2 * (outcomes + 3 * exposure(WAVES, places=12)), first_treated=WAVES).effect
    assert [moved.value, moved.lower, moved.upper] == pytest.approx(
        [-2 * (plain.value + 3), -2 * (plain.upper + 3), -2 * (plain.lower + 3)]
    )


def test_too_few_assignments_bound_nothing():
    first_treated = np.asarray([5, *[NEVER] * 5])
    found = randomise_differences(panel(10, first_treated, effect=-50.0), first_treated=first_treated)
    assert not found.is_applicable
    assert found.p_value == pytest.approx(1 / 3)
    assert (found.effect.lower, found.effect.upper) == (-math.inf, math.inf)


def test_assignments_without_an_estimate_count_as_extreme():
    first_treated = np.asarray([4, *[NEVER] * 44])
    outcomes = panel(11, first_treated, effect=-30.0)
    complete = randomise_differences(outcomes, first_treated=first_treated)
    outcomes[2, :4] = np.nan  # without a past no effect on it could be told
    found = randomise_differences(outcomes, first_treated=first_treated)
    assert complete.p_below(0.0) == pytest.approx(1 / 45)
    assert found.p_below(0.0) == pytest.approx(2 / 45)
    assert math.isfinite(complete.effect.upper)
    assert math.isinf(found.effect.upper)


def test_exact_level_whatever_the_noise():
    generator = np.random.default_rng(12)
    rows = list_assignments(WAVES).first_treated
    outcomes = np.cumsum(generator.standard_t(2, size=(6, 12)), axis=1) * np.asarray([1, 1, 2, 3, 5, 30])[:, None]
    noise = estimate_noise(outcomes, first_treated=WAVES)
    weights = plain_differences(outcomes)
    above = [
        randomise_differences(
            outcomes,
            first_treated=row,
            differences=weights,
            noise=noise,
            assignments=Assignments(np.vstack([row, rows[(rows != row).any(axis=1)]]), 90, True),
        ).p_above(0.0)
        for row in rows
    ]
    # Over all ways to deal out the dates, p-values are exactly uniform.
    assert sorted(above) == pytest.approx(np.arange(1, 91) / 90)


def test_noise_is_told_apart_by_what_came_before():
    generator = np.random.default_rng(13)
    scale = np.asarray([1.0, 1.0, 1.0, 1.0, 1.0, 4.0])
    outcomes = generator.normal(size=(6, 64)) * scale[:, None] + generator.normal(size=64) * 10
    first_treated = np.asarray([60, 60, 61, 61, 62, 62])
    found = estimate_noise(outcomes, first_treated=first_treated)
    assert found[5] / found[:5].mean() > 5
    changed = outcomes.copy()
    changed[:, 60:] += 1e6
    assert (estimate_noise(changed, first_treated=first_treated) == found).all()


def test_known_sampling_variances_help_where_the_past_is_short():
    generator = np.random.default_rng(14)
    sampling = np.tile(np.asarray([1.0, 1.0, 1.0, 25.0])[:, None], (1, 8))
    outcomes = generator.normal(size=(4, 8)) * np.sqrt(sampling)
    first_treated = np.asarray([3, 3, 4, NEVER])
    blind = estimate_noise(outcomes, first_treated=first_treated)
    told = estimate_noise(outcomes, first_treated=first_treated, sampling=sampling)
    assert told[3] / told[0] > blind[3] / blind[0]
    assert told[3] / told[0] > 3


@pytest.mark.parametrize(("places", "first"), [(0, 0), (1, 1)])
def test_without_a_past_all_are_as_noisy(places, first):
    outcomes = np.ones((3, places + 1))
    assert estimate_noise(outcomes, first_treated=np.full(3, first)).tolist() == [1, 1, 1]


def test_nothing_to_compare():
    with pytest.raises(NoContrastError, match="unchanged agency beside it"):
        randomise_differences(panel(1), first_treated=np.full(6, 4))
    with pytest.raises(UnfitPanelError, match="do not fit"):
        randomise_differences(panel(1), first_treated=WAVES[:5])
    with pytest.raises(UnfitPanelError, match="do not fit 6 agencies"):
        Differences(np.ones((6, 3), bool), np.ones(6), np.ones(5))


def test_agencies_may_weigh_as_much_as_they_have_cases():
    outcomes, cases = panel(15), np.random.default_rng(16).integers(1, 90, (6, 12))
    formed = differences_by_cases(outcomes, cases=cases, first_treated=WAVES)
    sizes = cases[:, :4].mean(axis=1)
    assert randomise_differences(outcomes, first_treated=WAVES, differences=formed).effect.value == pytest.approx(
        difference_by_hand(outcomes, WAVES, treated_weights=sizes, control_weights=sizes)
    )
    later = cases.copy()
    later[:, 4:] *= 7
    again = differences_by_cases(outcomes, cases=later, first_treated=WAVES)
    assert (again.treated_weights == formed.treated_weights).all()
