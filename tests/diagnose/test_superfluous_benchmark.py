"""A small instance of the benchmark of superfluous steps, and its generator against its own truth."""

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module("superfluous")
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def processes(benchmark: ModuleType) -> ModuleType:
    return sys.modules["superfluous_processes"]


def test_inert_steps_are_found_and_bound_ones_never(benchmark, processes):
    kinds = processes.Kind
    inert = processes.Process(kinds.INERT, 5_000, 0.05, 0.3)
    declared = [inert, replace(inert, declared_gamma=4.0), replace(inert, kind=kinds.BOUND)]
    found, strict, bound = benchmark.run_cells(declared, runs=12, seed=1)
    assert (found.oracle, found.named, found.offered) == (1, 1, 1)
    assert found.covered >= 10 / 12
    assert (strict.named, strict.pilot) == (0, 1)
    assert (bound.named, bound.named_by_quality) == (0, 1)


def test_useful_steps_are_hardly_ever_named(benchmark, processes):
    useful = processes.Process(processes.Kind.USEFUL, 2_000, 0.05, 0.3, harm=0.05, altered_share=0.05)
    (found,) = benchmark.run_cells([useful], runs=40, seed=2)
    assert found.named == 0
    assert found.named_by_quality <= 4 / 40
    assert found.covered >= 34 / 40


def test_confounding_within_the_bound_is_withstood_and_beyond_it_is_not(benchmark, processes):
    hidden = processes.Process(
        processes.Kind.CONFOUNDED, 20_000, 0.02, 0.3, harm=0.02, gamma=2.0, declared_gamma=2.0, safe_share_gap=1.0
    )
    (within,) = benchmark.run_cells([hidden], runs=15, seed=3)
    (beyond,) = benchmark.run_cells([replace(hidden, declared_gamma=1.0)], runs=15, seed=3)
    assert within.named_by_quality == 0
    assert beyond.named_by_quality > 0.5


def test_the_generator_keeps_what_it_promises(processes):
    hidden = processes.Process(processes.Kind.CONFOUNDED, 400_000, 0.05, 0.2, harm=0.03, gamma=2.0, safe_share_gap=1.0)
    sample = processes.draw(hidden, np.random.default_rng(1)).sample
    skipped = sample.counts[sample.is_skipped].sum()
    assert skipped / sample.counts.sum() == pytest.approx(0.2, abs=0.003)
    performed = sample.counts @ (sample.is_adverse * ~sample.is_skipped) / (sample.counts.sum() - skipped)
    plain = processes.draw(replace(hidden, gamma=1.0, safe_share_gap=0.0), np.random.default_rng(1)).sample
    without = plain.counts @ (plain.is_adverse * ~plain.is_skipped) / plain.counts[~plain.is_skipped].sum()
    # The hidden circumstance sends safer cases past the step, so that those that run it look worse.
    assert performed > without + 0.002
