"""Replications are independent of each other, within a seed and between seeds."""

import numpy as np
import pytest
from scipy import stats

from potok.simulate.kernel import compile_model, simulate
from potok.simulate.kernel.random_numbers import Stream, stream_keys, uniforms
from potok.simulate.model import exponential
from simulate.kernel.small_models import DAY_US, START_US, queue_model

SEEDS, RUNS, CASES = 12, 24, 60
TAIL = 1e-4


@pytest.fixture(scope="module")
def waits():
    """(seeds, runs): mean waiting time in a queue that begins empty."""
    model = queue_model(exponential(600.0), people=1, load=0.7)
    compiled = compile_model(model, start_us=START_US, end_us=START_US + 400 * DAY_US, cases=CASES)
    found = [
        [
            (log.started_us - log.ready_us).mean()
            for log in (simulate(compiled, seed=s, replication=r) for r in range(RUNS))
        ]
        for s in range(SEEDS)
    ]
    return np.array(found) / 6e8


def test_means_of_seeds_differ_as_means_of_independent_runs_do(waits):
    # One-way analysis of variance: runs of a seed that went together would pull the means of seeds apart, and runs that
    # balanced each other would keep them together. Logarithms, as waits are skew.
    logs = np.log(waits + 0.05)
    between = RUNS * logs.mean(axis=1).var(ddof=1)
    within = logs.var(axis=1, ddof=1).mean()
    law = stats.f(SEEDS - 1, SEEDS * (RUNS - 1))
    assert law.ppf(TAIL) < between / within < law.isf(TAIL)


def test_neighbouring_runs_tell_nothing_of_each_other(waits):
    ranks = stats.rankdata(waits).reshape(waits.shape)
    assert stats.spearmanr(ranks[:, 1:].ravel(), ranks[:, :-1].ravel()).pvalue > TAIL
    assert stats.spearmanr(waits[1:].ravel(), waits[:-1].ravel()).pvalue > TAIL


def test_waits_are_those_of_lindleys_recursion(waits):
    generator = np.random.default_rng(5)
    served, gaps = generator.exponential(1.0, (4000, CASES)), generator.exponential(1.0 / 0.7, (4000, CASES))
    wait, total = np.zeros(4000), np.zeros(4000)
    for case in range(1, CASES):
        wait = np.maximum(wait + served[:, case - 1] - gaps[:, case], 0.0)
        total += wait
    assert stats.ks_2samp(waits.ravel(), total / CASES).pvalue > TAIL


def test_no_two_streams_share_their_numbers():
    keys = [stream_keys(seed, run) for seed in range(20) for run in range(50)]
    assert len(np.unique(np.concatenate(keys))) == len(keys) * len(Stream)
    # Numbers belong to key and case: streams whose keys lay few steps apart would have them one after another.
    drawn = np.stack([uniforms(one[Stream.ARRIVAL], 0, 200) for one in keys])
    assert len(np.unique(drawn)) == drawn.size
    means = drawn.mean(axis=1)
    assert stats.kstest((means - 0.5) * np.sqrt(12 * 200), "norm").pvalue > TAIL
    lag = stats.pearsonr(means[1:], means[:-1])
    assert lag.pvalue > TAIL
