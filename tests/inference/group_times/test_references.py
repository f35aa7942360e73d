"""Agreement with csdid and diff-diff on drawn panels, from what they said (see `make_references.py`)."""

import json
from pathlib import Path

import numpy as np
import pytest

from potok.inference.group_times import BasePeriod, Comparing, Controls, Estimator, estimate_group_times

REFERENCES = json.loads((Path(__file__).parent / "references.json").read_text())
EXACT = 1e-6  # propensities are found by iteration
CONTROLS = {"nevertreated": Controls.NEVER, "notyettreated": Controls.NOT_YET}
METHODS = {"dr": Estimator.DOUBLY_ROBUST, "reg": Estimator.REGRESSION, "ipw": Estimator.INVERSE_PROBABILITY}


def draw_counties(*, seed: int, units: int = 80, places: int = 6):
    """Return outcomes, first treated places, a covariate and weights: as in `make_references.py`."""
    generator = np.random.default_rng(seed)
    first = generator.choice([-1, -1, 2, 3, 5], units)
    covariate = generator.normal(0, 1, units) + 0.3 * (first >= 0)
    weights = generator.integers(1, 9, units).astype(float)
    months = np.arange(places)
    effect = np.where((first[:, None] >= 0) & (months >= first[:, None]), 1 + 0.5 * (months - first[:, None]), 0.0)
    trend = 0.4 * covariate[:, None] * months
    outcomes = generator.normal(0, 1, (units, 1)) + trend + effect + generator.normal(0, 1, (units, places))
    return outcomes, first, covariate, weights


@pytest.mark.parametrize("reference", REFERENCES["csdid"], ids=lambda reference: f"seed {reference['asked']['seed']}")
def test_csdid_finds_the_same(reference):
    asked = reference["asked"]
    outcomes, first, covariate, weights = draw_counties(seed=asked["seed"])
    effects = estimate_group_times(
        outcomes,
        first_treated=first,
        covariates=covariate if asked["with_x"] else None,
        weights=weights if asked["with_w"] else None,
        comparing=Comparing(
            controls=CONTROLS[asked["controls"]],
            base_period=BasePeriod.VARYING,
            anticipation=asked["anticipation"],
            estimator=METHODS[asked["method"]],
        ),
    )
    for group, place, value, error in reference["cells"]:
        found = effects.effect(group, place)
        assert found.value == pytest.approx(value, abs=EXACT)
        assert found.standard_error == pytest.approx(error, abs=EXACT)
    for scheme, (value, error) in reference["means"].items():
        overall = effects.aggregate(scheme).overall
        assert overall.value == pytest.approx(value, abs=EXACT)
        assert overall.standard_error == pytest.approx(error, abs=EXACT)


@pytest.mark.parametrize(
    "reference", REFERENCES["diff_diff"], ids=lambda reference: f"seed {reference['asked']['seed']}"
)
def test_diff_diff_finds_the_same_with_gaps(reference):
    seed, share = reference["asked"]["seed"], reference["asked"]["share"]
    outcomes, first, _covariate, _weights = draw_counties(seed=seed)
    is_kept = np.random.default_rng(seed + 1000).random(outcomes.size).reshape(outcomes.shape) >= share
    effects = estimate_group_times(np.where(is_kept, outcomes, np.nan), first_treated=first)
    for group, place, value, error in reference["cells"]:
        found = effects.effect(group, place)
        assert found.value == pytest.approx(value, abs=EXACT)
        assert found.standard_error == pytest.approx(error, rel=0.05)  # it divides by one unit less
