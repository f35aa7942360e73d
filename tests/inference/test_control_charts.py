"""Control charts against the published example of NIST, and the rules against a slow and literal reading of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potok.inference.control_charts import (
    Rule,
    UnusableRebaseError,
    UnusableSeriesError,
    find_signals,
    p_chart,
    u_chart,
    xmr_chart,
)

NIST = (49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1)
"""Flow rates, NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2."""


def test_the_published_example():
    chart = xmr_chart(NIST, is_screened=False)
    assert chart.centre[0] == pytest.approx(50.81)
    # The handbook divides by 1.128; 2.66 is rounded from 3/1.128.
    assert chart.upper[0] == pytest.approx(55.8041, abs=2e-3)
    assert chart.lower[0] == pytest.approx(45.8159, abs=2e-3)
    assert not chart.signals


def literal(values, centre, lower, upper):
    """Every rule as its sentence says it, window by window."""
    found = set()
    for high in (True, False):
        above = [(v > c) if high else (v < c) for v, c in zip(values, centre, strict=True)]
        out = [(v > u) if high else (v < w) for v, u, w in zip(values, upper, lower, strict=True)]
        edge = upper if high else lower
        near = [
            a and not o and abs(v - c) >= 2 / 3 * abs(e - c)
            for a, o, v, c, e in zip(above, out, values, centre, edge, strict=True)
        ]
        found |= {(i, Rule.OUTSIDE_LIMITS, high) for i, o in enumerate(out) if o}
        for start in range(len(values) - 6):
            window = range(start, start + 7)
            if all(above[i] for i in window):
                found |= {(i, Rule.SHIFT, high) for i in window}
            steps = [values[i + 1] - values[i] for i in range(start, start + 6)]
            if all(s > 0 if high else s < 0 for s in steps):
                found |= {(i, Rule.TREND, high) for i in window}
        for start in range(len(values) - 2):
            window = range(start, start + 3)
            if all(above[i] for i in window) and sum(near[i] for i in window) >= 2:
                found |= {(i, Rule.NEAR_LIMIT, high) for i in window if near[i]}
    return found


@given(st.lists(st.integers(-8, 8), min_size=7, max_size=40))
def test_rules_are_what_their_sentences_say(numbers):
    values = np.asarray(numbers, float)
    centre, lower, upper = np.zeros(len(values)), np.full(len(values), -6.0), np.full(len(values), 6.0)
    found = find_signals(values, centre=centre, lower=lower, upper=upper)
    assert {(s.place, s.rule, s.is_high) for s in found} == literal(values, centre, lower, upper)


def test_a_rebase_begins_new_limits_and_ends_the_shift():
    before, after = [10, 11, 9, 10, 12, 8, 10, 11, 9, 10], [5, 6, 4, 5, 6, 4, 5, 6, 4, 5]
    whole = xmr_chart(before + after, fixed_after=10)
    assert {s.rule for s in whole.signals if s.place >= 10 and not s.is_high} >= {Rule.SHIFT}
    parted = xmr_chart(before + after, rebase=[10])
    assert [phase.start for phase in parted.phases] == [0, 10]
    assert parted.centre[0] == 10
    assert parted.centre[-1] == 5
    assert not parted.signals


def test_an_outlying_range_is_screened_once_and_named():
    values = [10, 11, 10, 11, 10, 11, 40, 10, 11, 10, 11, 10]
    assert xmr_chart(values).phases[0].screened == (6, 7)
    assert xmr_chart(values).phases[0].mean_range == 1
    assert xmr_chart(values, is_screened=False).phases[0].mean_range > 5


def test_shares_of_many_cases_have_narrow_limits_and_chance_rarely_signals():
    generator = np.random.default_rng(1)
    cases = generator.integers(200, 2000, 3000)
    chart = p_chart(generator.binomial(cases, 0.1), cases)
    assert chart.dispersion == pytest.approx(1, abs=0.05)
    outside = {s.place for s in chart.signals if s.rule is Rule.OUTSIDE_LIMITS}
    assert len(outside) / 3000 < 0.006
    widths = chart.upper - chart.lower
    assert np.corrcoef(widths, 1 / np.sqrt(cases))[0, 1] > 0.999


def test_scatter_beyond_chance_widens_limits():
    generator = np.random.default_rng(2)
    cases = np.full(600, 5000)
    shares = np.clip(generator.normal(0.1, 0.02, 600), 0, 1)
    events = generator.binomial(cases, shares)
    naive, wide = p_chart(events, cases, is_dispersed=False), p_chart(events, cases)
    assert wide.dispersion == pytest.approx(np.hypot(0.02, np.sqrt(0.09 / 5000)) / np.sqrt(0.09 / 5000), rel=0.1)
    assert len(naive.signals) > 5 * len(wide.signals)


def test_rates_are_poisson():
    chart = u_chart([4, 6, 5, 5], [1.0, 1.0, 1.0, 1.0], is_dispersed=False)
    assert chart.upper[0] == pytest.approx(5 + 3 * np.sqrt(5))
    assert chart.lower[0] == 0


def test_gaps_break_runs():
    values = [1.0] * 4 + [np.nan] + [1.0] * 4
    zeros = np.zeros(9)
    assert not find_signals(np.asarray(values), centre=zeros, lower=zeros - 9, upper=zeros + 9)


def test_too_little_to_chart():
    with pytest.raises(UnusableSeriesError, match="three points, there are 2"):
        xmr_chart([1, 2])
    with pytest.raises(UnusableRebaseError, match="places 0 and 1"):
        xmr_chart(range(9), rebase=[2, 1])
