"""The published example of Callaway and Sant'Anna: minimum wages and teenage employment in 500 counties."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from potok.inference.group_times import Comparing, Controls, GroupTimeEffects, estimate_group_times
from potok.inference.parallel_trends import pre_trend_test

DATA = Path(__file__).parents[2] / "data" / "verification" / "mpdta.csv"
FIRST_YEAR = 2003
REFERENCES = json.loads((Path(__file__).parent / "references.json").read_text())
DRAWN = 0.1  # published errors are interquartile ranges of 1,000 draws: about 4 % of their own error
EXACT = 1e-6  # propensities are found by iteration
ROUNDING = 0.5e-4  # the published figures have four digits


def read_counties():
    """Return outcomes (N, T), first treated places (N,) and log population (N,)."""
    with DATA.open() as file:
        rows = list(csv.DictReader(file))
    counties = {county: place for place, county in enumerate(sorted({int(row["countyreal"]) for row in rows}))}
    outcomes = np.full((len(counties), 5), np.nan)
    first = np.full(len(counties), -1)
    population = np.zeros(len(counties))
    for row in rows:
        county = counties[int(row["countyreal"])]
        outcomes[county, int(row["year"]) - FIRST_YEAR] = float(row["lemp"])
        population[county] = float(row["lpop"])
        if float(row["first_treat"]):
            first[county] = int(float(row["first_treat"])) - FIRST_YEAR
    return outcomes, first, population


COUNTIES = read_counties()
AGAINST_NEVER = Comparing(controls=Controls.NEVER)


@pytest.fixture(scope="module")
def plain() -> GroupTimeEffects:
    return estimate_group_times(COUNTIES[0], first_treated=COUNTIES[1], comparing=AGAINST_NEVER)


@pytest.fixture(scope="module")
def robust() -> GroupTimeEffects:
    return estimate_group_times(COUNTIES[0], first_treated=COUNTIES[1], covariates=COUNTIES[2], comparing=AGAINST_NEVER)


@pytest.mark.parametrize(
    ("group", "published"),
    [
        (2004, {2004: -0.0105, 2005: -0.0704, 2006: -0.1373, 2007: -0.1008}),
        (2006, {2004: 0.0065, 2005: -0.0028, 2006: -0.0046, 2007: -0.0412}),
        (2007, {2004: 0.0305, 2005: -0.0027, 2006: -0.0311, 2007: -0.0261}),
    ],
)
def test_effects_by_group_and_year(plain, group, published):
    for year, value in published.items():
        effect = plain.effect(group - FIRST_YEAR, year - FIRST_YEAR)
        assert effect.value == pytest.approx(value, abs=ROUNDING)


@pytest.mark.parametrize(("scheme", "value"), [("dynamic", -0.0772), ("group", -0.0310), ("simple", -0.0400)])
def test_overall_effects(plain, scheme, value):
    assert plain.aggregate(scheme).overall.value == pytest.approx(value, abs=ROUNDING)


@pytest.mark.parametrize(("scheme", "published"), [("dynamic", 0.0219), ("group", 0.0126), ("simple", 0.0120)])
def test_published_errors_are_within_the_error_of_their_draws(plain, scheme, published):
    assert plain.aggregate(scheme).overall.standard_error == pytest.approx(published, rel=DRAWN)


def test_joint_test_before_the_change(plain):
    before = plain.is_before
    covariance = plain.influence[:, before].T @ plain.influence[:, before] / plain.units**2
    found = pre_trend_test(plain.effects[before], covariance=covariance)
    assert found.p_value == pytest.approx(0.16812, abs=0.5e-5)  # as the authors' package `did` prints it


@pytest.mark.parametrize("given", ["plain", "robust"])
def test_overall_effects_and_errors_are_those_of_csdid(given, request):
    effects = request.getfixturevalue(given)
    for scheme, (value, error) in REFERENCES["counties"][given].items():
        overall = effects.aggregate(scheme).overall
        assert (overall.value, overall.standard_error) == pytest.approx((value, error), abs=EXACT)


@pytest.mark.parametrize(
    ("scheme", "published"),
    [
        ("dynamic", {0: -0.0199, 1: -0.0510, 2: -0.1373, 3: -0.1008}),
        ("group", {1: -0.0797, 3: -0.0229, 4: -0.0261}),
    ],
)
def test_parts(plain, scheme, published):
    found = {part.key: part.effect.value for part in plain.aggregate(scheme).parts}
    for key, value in published.items():
        assert found[key] == pytest.approx(value, abs=ROUNDING)


@pytest.mark.parametrize(("scheme", "value"), [("simple", -0.0418), ("group", -0.0328), ("dynamic", -0.0804)])
def test_doubly_robust_given_population(robust, scheme, value):
    assert robust.aggregate(scheme).overall.value == pytest.approx(value, abs=ROUNDING)
