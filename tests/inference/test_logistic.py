"""Logistic regression against scikit-learn, and on weighted rows."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from potok.inference.logistic import UnusableDesignError, fit_logistic

GENERATOR = np.random.default_rng(5)
COVARIATES = GENERATOR.normal(size=(400, 3)) * [1, 5, 0.2] + [0, 10, 3]
OUTCOME = (GENERATOR.random(400) < 1 / (1 + np.exp(-(COVARIATES[:, 0] - 0.3 * COVARIATES[:, 1] + 2)))).astype(float)
ONE_EACH = np.ones(400)


@pytest.mark.parametrize("ridge", [0.5, 1.0, 10.0])
def test_probabilities_equal_those_of_scikit_learn(ridge):
    scaled = StandardScaler().fit_transform(COVARIATES)
    model = LogisticRegression(C=1 / ridge, tol=1e-10, max_iter=1000).fit(scaled, OUTCOME)
    found = fit_logistic(COVARIATES, OUTCOME, counts=ONE_EACH, ridge=ridge)
    assert found.predict(COVARIATES) == pytest.approx(model.predict_proba(scaled)[:, 1], abs=1e-6)
    assert found.coefficients == pytest.approx(model.coef_[0], abs=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_rare_outcomes_with_a_strong_covariate_equal_those_of_scikit_learn(seed):
    generator = np.random.default_rng(seed)
    is_easy = generator.random(20_000) < 0.06
    covariates = np.column_stack([is_easy, generator.normal(size=20_000)]).astype(float)
    outcome = (generator.random(20_000) < np.where(is_easy, 0.35, 0.006)).astype(float)
    scaled = StandardScaler().fit_transform(covariates)
    model = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(scaled, outcome)
    found = fit_logistic(covariates, outcome, counts=np.ones(20_000))
    assert found.predict(covariates) == pytest.approx(model.predict_proba(scaled)[:, 1], abs=1e-6)
    assert found.predict(covariates[is_easy]).mean() == pytest.approx(0.35, abs=0.05)


def test_a_row_that_stands_for_three_counts_three_times():
    counts = GENERATOR.integers(0, 4, 400).astype(float)
    repeated = np.repeat(np.arange(400), counts.astype(int))
    weighted = fit_logistic(COVARIATES, OUTCOME, counts=counts)
    plain = fit_logistic(COVARIATES[repeated], OUTCOME[repeated], counts=np.ones(len(repeated)))
    assert weighted.predict(COVARIATES) == pytest.approx(plain.predict(COVARIATES), abs=1e-9)


def test_without_covariates_it_is_the_share():
    found = fit_logistic(np.zeros((400, 0)), OUTCOME, counts=ONE_EACH)
    assert found.predict(np.zeros((2, 0))) == pytest.approx([OUTCOME.mean()] * 2, rel=1e-6)


def test_separation_and_constants_stay_finite():
    covariates = np.column_stack([OUTCOME, np.full(400, 7.0)])
    found = fit_logistic(covariates, OUTCOME, counts=ONE_EACH)
    assert np.isfinite(found.predict(covariates)).all()
    assert np.isfinite(fit_logistic(covariates, np.zeros(400), counts=ONE_EACH).predict(covariates)).all()


@pytest.mark.parametrize(
    "rows",
    [
        (np.zeros((3, 1)), np.zeros(2), np.ones(3)),
        (np.full((2, 1), np.nan), np.zeros(2), np.ones(2)),
        (np.zeros((2, 1)), np.zeros(2), np.zeros(2)),
    ],
)
def test_rows_that_do_not_fit_are_refused(rows):
    covariates, outcome, counts = rows
    with pytest.raises(UnusableDesignError, match="do not fit") as caught:
        fit_logistic(covariates, outcome, counts=counts)
    assert caught.value.code == "POTOK-I033"
