"""Cumulative incidence against exact fractions, lifelines, and plain shares."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from lifelines import AalenJohansenFitter

from inference.samples import Sample, incidence, is_cut_short, samples, samples_without_mixed_ties
from potok.inference.competing_outcomes import UnknownCauseError, aalen_johansen
from support.examples import examples

CAUSES = 3


def curves_of(sample: Sample):
    return aalen_johansen(sample.durations, np.array(sample.causes), n_causes=CAUSES, entry=sample.entry)


@given(sample=samples(late=True, causes=CAUSES))
@settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_incidence_is_the_sum_of_fractions_and_all_shares_add_up(sample):
    assume(not is_cut_short(sample))
    found = curves_of(sample)
    for cause in range(1, CAUSES + 1):
        expected = [float(share) for share in incidence(sample, cause)]
        assert found.incidence[:, cause - 1] == pytest.approx(expected, rel=1e-12, abs=1e-15)
    assert found.incidence.sum(axis=1) + found.survival == pytest.approx(np.ones(found.times.size), rel=1e-12)


@given(sample=samples_without_mixed_ties(causes=CAUSES))
@settings(max_examples=examples(40), deadline=None)
def test_incidence_and_variance_equal_lifelines(sample):
    """The oracle moves tied events of different causes apart at random, and divides by zero where all are served.

    It also sets time 0 to no incidence, and counts who enters at an event's own instant: no sample has any of these.
    """
    events = [pair for pair in zip(sample.durations, sample.causes, strict=True) if pair[1]]
    found = curves_of(sample)
    for cause in {cause for _time, cause in events}:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            oracle = AalenJohansenFitter().fit(
                sample.durations, sample.causes, event_of_interest=cause, entry=np.array(sample.entry)
            )
        rows = oracle.cumulative_density_.loc[found.times].to_numpy()[:, 0]
        assert found.incidence[:, cause - 1] == pytest.approx(rows, rel=1e-9, abs=1e-12)
        variance = oracle.variance_.loc[found.times].to_numpy()
        assert found.standard_error[:, cause - 1] ** 2 == pytest.approx(variance, rel=1e-8, abs=1e-12)
        upper, lower = np.sort(oracle.confidence_interval_.loc[found.times].to_numpy(), axis=1).T[::-1]
        inside = found.incidence[:, cause - 1] > 0
        assert found.lower[inside, cause - 1] == pytest.approx(lower[inside], rel=1e-6)
        assert found.upper[inside, cause - 1] == pytest.approx(upper[inside], rel=1e-6)


@given(sample=samples(causes=CAUSES))
@settings(deadline=None)
def test_without_censoring_the_shares_are_plain_ones(sample):
    causes = np.maximum(sample.causes, 1)
    found = aalen_johansen(sample.durations, causes, n_causes=CAUSES)
    n = causes.size
    for place, time in enumerate(found.times):
        for cause in range(1, CAUSES + 1):
            share = np.mean((np.array(sample.durations) <= time) & (causes == cause))
            assert found.incidence[place, cause - 1] == pytest.approx(share, rel=1e-12, abs=1e-15)
            error = math.sqrt(share * (1 - share) / n)
            assert found.standard_error[place, cause - 1] == pytest.approx(error, rel=1e-6, abs=1e-7)


def test_values_at_a_time():
    found = aalen_johansen([1, 2, 3, 4], [1, 2, 1, 0])
    assert found.at(0.5, cause=1).value == 0
    assert found.at(3, cause=1).value == pytest.approx(0.5)
    assert found.at(3.9, cause=2).value == pytest.approx(0.25)
    assert 0 < found.at(3, cause=1).lower < 0.5 < found.at(3, cause=1).upper < 1
    assert math.isnan(found.at(5, cause=1).value)
    for cause in (0, 3):
        with pytest.raises(UnknownCauseError, match=f"no cause {cause}"):
            found.at(1, cause=cause)
