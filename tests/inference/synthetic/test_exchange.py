"""Exact inference for one treated agency of many."""

import numpy as np
import pytest

from potok.inference.randomisation import NEVER, Assignments, NoContrastError, exposure, list_assignments, randomise
from potok.inference.synthetic import exchangeable_weights, fit_simplex

ONE = np.where(np.arange(40) == 3, 6, NEVER)


def panel(seed, *, effect=-4.0, agencies=40, places=10):
    generator = np.random.default_rng(seed)
    outcomes = generator.normal(size=(agencies, 2)) @ np.cumsum(generator.normal(size=(2, places)), axis=1)
    outcomes += generator.normal(size=(agencies, places)) * generator.uniform(0.2, 0.6, (agencies, 1))
    return outcomes + effect * exposure(ONE[:agencies], places=places)


def test_statistic_is_the_gap_to_a_counterpart():
    outcomes = panel(1)
    weights = exchangeable_weights(outcomes, first=6)(ONE)
    past = outcomes[:, :6] - outcomes[:, :6].mean(axis=1, keepdims=True)
    others = np.delete(np.arange(40), 3)
    penalty = 6 * 2 * np.diff(outcomes[:, :6], axis=1).std(ddof=1) ** 2
    shares = fit_simplex(past[others].T, past[3], ridge=penalty)
    gap = outcomes[3] - shares @ outcomes[others]
    assert (weights * outcomes).sum() == pytest.approx(gap[6:].mean() - gap[:6].mean())


def test_is_exact_over_all_agencies():
    outcomes = panel(2, effect=0.0)
    rows = list_assignments(ONE).first_treated
    weights_of = exchangeable_weights(outcomes, first=6)
    above = [
        randomise(
            outcomes,
            first_treated=row,
            weights_of=weights_of,
            assignments=Assignments(np.vstack([row, rows[(rows != row).any(axis=1)]]), 40, True),
        ).p_above(0.0)
        for row in rows[:3]
    ]
    assert len(set(above)) == 3
    assert set(above) <= {place / 40 for place in range(1, 41)}


def test_an_effect_is_found_and_held_by_the_interval():
    found = randomise(panel(3), first_treated=ONE, weights_of=exchangeable_weights(panel(3), first=6))
    assert found.is_applicable
    assert found.effect.lower < -4 < found.effect.upper < 0
    # Taking the effect off leaves the counterparts as they are: they rest on what came before.
    without = panel(3, effect=0.0)
    again = randomise(without, first_treated=ONE, weights_of=exchangeable_weights(without, first=6))
    assert again.effect.upper == pytest.approx(found.effect.upper + 4)


def test_gaps_and_transitions():
    outcomes = panel(4)
    outcomes[7, 2] = outcomes[9, 8] = np.nan
    outcomes[3, 5] = np.nan
    weights = exchangeable_weights(outcomes, first=6, transition=1)(ONE)
    assert not weights[~np.isfinite(outcomes)].any()
    assert weights[:, 5].tolist() == [0] * 40
    assert not weights[7].any()
    assert weights[3, 6:].sum() == pytest.approx(1)
    assert weights[:, 6:].sum() == pytest.approx(0, abs=1e-12)
    without_past = np.where(np.arange(40) == 7, 6, NEVER)
    assert np.isnan(exchangeable_weights(outcomes, first=6)(without_past)).all()
    outcomes[3, 6:] = np.nan
    with pytest.raises(NoContrastError):
        randomise(outcomes, first_treated=ONE, weights_of=exchangeable_weights(outcomes, first=6))
    with pytest.raises(NoContrastError):
        randomise(
            panel(4), first_treated=np.where(ONE == 6, 0, ONE), weights_of=exchangeable_weights(panel(4), first=0)
        )
