"""The wild cluster bootstrap, against regressions run world by world."""

from itertools import product

import numpy as np
import pytest

from potok.inference.randomisation import NEVER, NoContrastError, exposure
from potok.inference.randomisation.wild_bootstrap import Factors, wild_cluster_bootstrap

HALF = np.asarray([4, 4, 4, NEVER, NEVER, NEVER, NEVER])


def panel(seed, first_treated=HALF, *, places=8, effect=-2.0, missing=0.0):
    generator = np.random.default_rng(seed)
    outcomes = generator.normal(size=(len(first_treated), places)) + generator.normal(size=places)
    outcomes += generator.normal(size=(len(first_treated), 1)) * 3 + effect * exposure(first_treated, places=places)
    outcomes[generator.random(outcomes.shape) < missing] = np.nan
    return outcomes


def p_by_hand(outcomes, effect):
    """Regress in every world of signs, with the agencies' standard error."""
    agency, month = np.nonzero(np.isfinite(outcomes))
    x = exposure(HALF, places=outcomes.shape[1])[agency, month]
    y = outcomes[agency, month] - effect * x
    fixed = np.column_stack(
        [agency[:, None] == np.arange(len(HALF)), month[:, None] == np.arange(1, outcomes.shape[1])]
    )
    fixed = fixed.astype(float)
    full = np.column_stack([x, fixed])

    def statistic(values):
        found = np.linalg.lstsq(full, values, rcond=None)[0]
        left = values - full @ found
        pure = x - fixed @ np.linalg.lstsq(fixed, x, rcond=None)[0]
        return abs(found[0]) / np.sqrt(np.square(np.bincount(agency, weights=pure * left)).sum())

    fitted = fixed @ np.linalg.lstsq(fixed, y, rcond=None)[0]
    worlds = [
        statistic(fitted + (y - fitted) * np.asarray(signs)[agency]) for signs in product((1, -1), repeat=len(HALF))
    ]
    return np.mean(np.asarray(worlds) >= statistic(y) * (1 - 1e-9))


@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_p_value_is_that_of_all_worlds(missing):
    outcomes = panel(3, missing=missing, effect=-0.8)
    found = wild_cluster_bootstrap(outcomes, first_treated=HALF, factors=Factors.SIGNS)
    assert found.draws == 128
    assert found.p_value == pytest.approx(p_by_hand(outcomes, 0.0))


def test_limits_are_where_rejection_begins():
    outcomes = panel(4)
    found = wild_cluster_bootstrap(outcomes, first_treated=HALF, factors=Factors.SIGNS, confidence=0.9)
    for limit, side in ((found.effect.lower, -1), (found.effect.upper, 1)):
        assert p_by_hand(outcomes, limit + side * 1e-6) <= 0.1 < p_by_hand(outcomes, limit - side * 1e-6)


def test_few_treated_agencies_are_not_to_be_relied_on():
    few = np.asarray([4, *[NEVER] * 11])
    found = wild_cluster_bootstrap(panel(5, few), first_treated=few)
    assert (found.treated, found.agencies, found.draws) == (1, 12, 1_999)
    assert not found.is_reliable
    enough = np.repeat([4, NEVER], [5, 5])
    drawn = [wild_cluster_bootstrap(panel(6, enough), first_treated=enough, seed=seed) for seed in (1, 1, 2)]
    assert drawn[0].is_reliable
    assert drawn[0] == drawn[1] != drawn[2]


def test_level_with_enough_agencies():
    half = np.repeat([4, NEVER], [6, 6])
    held = [wild_cluster_bootstrap(panel(seed, half), first_treated=half, draws=199).effect for seed in range(30)]
    assert np.mean([one.lower <= -2 <= one.upper for one in held]) > 0.8


def test_what_cannot_be_told_apart():
    with pytest.raises(NoContrastError, match="cannot be told"):
        wild_cluster_bootstrap(panel(1), first_treated=np.full(7, 4))
