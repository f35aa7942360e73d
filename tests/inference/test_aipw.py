"""Harm of leaving a step out: standardisation, the sharp bound by linear programming, and drawn logs of known truth."""

import math

import numpy as np
import pytest
from scipy.optimize import linprog

from potok.inference.aipw import (
    Comparison,
    InvalidBoundError,
    Nuisances,
    OneArmError,
    bound_harm,
    common_support,
    draw_folds,
    fit_nuisances,
    measure_overlap,
)
from potok.inference.noninferiority import LARGEST_GAMMA, compare_with_margin, estimate_harm, p_value_at

# Counts by stratum, arm (performed, skipped) and outcome (fine, adverse).
COUNTS = np.array([[[180, 20], [45, 5]], [[90, 30], [20, 10]], [[300, 6], [30, 2]]], float)


def saturated():
    """Return a comparison with the strata as its only covariate, and what its own shares say."""
    stratum, arm, adverse = (axis.ravel() for axis in np.indices(COUNTS.shape))
    share = COUNTS[:, :, 1] / COUNTS.sum(axis=2)
    skipping = COUNTS[:, 1].sum(axis=1) / COUNTS.sum(axis=(1, 2))
    sample = Comparison(
        covariates=np.column_stack([stratum == 1, stratum == 2]).astype(float),
        is_skipped=arm == 1,
        is_adverse=adverse.astype(float),
        counts=COUNTS.ravel(),
        folds=np.zeros(COUNTS.size, np.int64),
    )
    return sample, Nuisances(skipping[stratum], share[stratum, 1], share[stratum, 0])


def test_with_a_saturated_model_it_is_standardisation():
    found = bound_harm(*saturated())
    weights = COUNTS.sum(axis=(1, 2)) / COUNTS.sum()
    share = COUNTS[:, :, 1] / COUNTS.sum(axis=2)
    assert found.if_skipped.share == pytest.approx(weights @ share[:, 1], rel=1e-12)
    assert found.if_performed.share == pytest.approx(weights @ share[:, 0], rel=1e-12)


def largest_share(arm, gamma, sign):
    """Weigh the cases seen by factors within 1/Γ … Γ of their odds so that those not seen are worst (or best) off."""
    total = 0.0
    for stratum in COUNTS:
        seen, unseen = stratum[arm], stratum[1 - arm].sum()
        # One factor for fine and one for adverse cases; together they stand for all that are not seen.
        found = linprog(
            c=[0, -sign * seen[1]],
            A_eq=[[seen[0], seen[1]]],
            b_eq=[seen.sum()],
            bounds=[(1 / gamma, gamma)] * 2,
        )
        total += seen[1] + seen[1] * found.x[1] / seen.sum() * unseen
    return total / COUNTS.sum()


@pytest.mark.parametrize("gamma", [1.0, 1.2, 2.0, 5.0, 30.0])
def test_the_bound_is_the_worst_that_reweighting_can_do(gamma):
    worst = bound_harm(*saturated(), gamma=gamma)
    assert worst.if_skipped.share == pytest.approx(largest_share(1, gamma, 1), rel=1e-9)
    assert worst.if_performed.share == pytest.approx(largest_share(0, gamma, -1), rel=1e-9)
    best = bound_harm(*saturated(), gamma=gamma, is_worst=False)
    assert best.if_skipped.share == pytest.approx(largest_share(1, gamma, -1), rel=1e-9)
    assert best.harm <= bound_harm(*saturated()).harm <= worst.harm


def lottery(cases, *, harm=0.0, share=0.2, seed=3):
    """Return a comparison in which a lottery decides who skips, and a covariate who is at risk."""
    generator = np.random.default_rng(seed)
    covariates = generator.integers(0, 2, (cases, 2)).astype(float)
    is_skipped = generator.random(cases) < share
    risk = 0.03 + 0.1 * covariates[:, 0] + harm * is_skipped
    is_adverse = (generator.random(cases) < risk).astype(float)
    return Comparison(covariates, is_skipped, is_adverse, np.ones(cases), draw_folds(cases, generator=generator))


def test_margins_are_kept_only_if_the_worst_harm_stays_below():
    sample = lottery(8_000)
    fitted = fit_nuisances(sample)
    kept = compare_with_margin(sample, fitted, margin=0.05)
    assert kept.is_shown
    assert kept.p_value < 0.025
    assert kept.harm.lower < 0 < kept.harm.upper < 0.05
    assert 1 < kept.tipping_gamma < LARGEST_GAMMA
    assert kept.e_value > 1
    at_tipping = compare_with_margin(sample, fitted, margin=0.05, gamma=kept.tipping_gamma + 0.02)
    assert not at_tipping.is_shown
    assert at_tipping.worst_upper == pytest.approx(0.05, abs=0.003)
    too_strict = compare_with_margin(sample, fitted, margin=0.001)
    assert (too_strict.is_shown, too_strict.tipping_gamma, too_strict.e_value) == (False, 0, 1)


def test_the_p_value_is_that_of_the_interval():
    sample = lottery(2_000)
    bound = bound_harm(sample, fit_nuisances(sample))
    harm = estimate_harm(sample, fit_nuisances(sample))
    assert p_value_at(bound, harm.upper) == pytest.approx(0.025, abs=1e-6)
    assert p_value_at(bound, harm.lower) == pytest.approx(0.975, abs=1e-6)
    assert p_value_at(bound, bound.harm) == pytest.approx(0.5, abs=1e-6)


def test_harm_is_found_and_not_excused():
    harmful = lottery(8_000, harm=0.06)
    found = compare_with_margin(harmful, fit_nuisances(harmful), margin=0.05)
    assert found.harm.lower > 0
    assert not found.is_shown


def test_an_arm_without_adverse_outcomes_is_no_certainty():
    sample = lottery(300)
    none = Comparison(sample.covariates, sample.is_skipped, np.zeros(300), sample.counts, sample.folds)
    found = estimate_harm(none, fit_nuisances(none))
    assert found.value == pytest.approx(0, abs=1e-6)
    assert found.upper > 0.03  # about sixty skippers: by the rule of three at most one in twenty


def test_overlap_counts_arms_weights_and_support():
    sample, fitted = saturated()
    found = measure_overlap(sample, fitted)
    skipped = COUNTS[:, 1].sum(axis=1)
    weights = COUNTS.sum(axis=(1, 2)) / skipped
    assert (found.skippers, found.performers) == (112, 626)
    assert found.effective_skippers == pytest.approx((skipped @ weights) ** 2 / (skipped @ weights**2))
    assert (found.outside, found.outside_share) == (0, 0)
    assert found.skipper_propensities[1] in fitted.propensity
    apart = Nuisances(np.where(sample.is_skipped, 0.6, 0.2), fitted.risk_if_skipped, fitted.risk_if_performed)
    assert not common_support(sample, apart).any()
    assert measure_overlap(sample, apart).outside_share == 1


def test_equal_cases_may_stand_in_one_row():
    sample = lottery(600)
    whole = np.column_stack([sample.covariates, sample.is_skipped, sample.is_adverse, sample.folds])
    rows, counts = np.unique(whole, axis=0, return_counts=True)
    grouped = Comparison(rows[:, :2], rows[:, 2] == 1, rows[:, 3], counts.astype(float), rows[:, 4].astype(int))
    single, together = (estimate_harm(one, fit_nuisances(one)) for one in (sample, grouped))
    assert (together.value, together.upper) == pytest.approx((single.value, single.upper), abs=1e-6)


def test_nothing_to_compare_is_refused():
    sample = lottery(50)
    alone = Comparison(sample.covariates, np.zeros(50, bool), sample.is_adverse, sample.counts, sample.folds)
    with pytest.raises(OneArmError, match="nothing to compare") as caught:
        fit_nuisances(alone)
    assert caught.value.code == "POTOK-I034"


@pytest.mark.parametrize("gamma", [0.5, math.nan, math.inf])
def test_a_bound_below_one_is_refused(gamma):
    with pytest.raises(InvalidBoundError, match="cannot be") as caught:
        bound_harm(*saturated(), gamma=gamma)
    assert caught.value.code == "POTOK-I035"
