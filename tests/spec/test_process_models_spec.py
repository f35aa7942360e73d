"""What models are made of: the same from both engines, and as a plain count of the log has it."""

from collections import Counter, defaultdict
from itertools import pairwise
from random import Random

import pytest

from potok.discover import process_models
from potok.discover.process_models import Miner, compute_process_model, read_traces
from support.random_logs import random_log, union
from support.tiny_store import TinyLog, write_store

LOG = union([random_log(Random(seed), without_ties=True) for seed in range(12)])


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request: pytest.FixtureRequest):
    return request.getfixturevalue(f"{request.param}_engine")


def traces_of(log: TinyLog) -> Counter:
    """Traces by a plain count."""
    traces = defaultdict(list)
    for event in log.events:
        happened = next(t for t in (event.completed, event.started, event.enabled) if t is not None)
        traces[event.case].append((happened, event.activity))
    return Counter(tuple(activity for _, activity in sorted(trace)) for trace in traces.values())


def test_traces_and_models_are_the_same_on_both_engines(engine, tmp_path, monkeypatch):
    store, traces = write_store(LOG, tmp_path / "store"), traces_of(LOG)
    assert read_traces(store, engine=engine) == dict(traces)
    model = compute_process_model(store, noise_threshold=0, engine=engine)
    assert model.quality.fitness == 1
    assert model == compute_process_model(store, noise_threshold=0)
    monkeypatch.setattr(process_models, "MOST_POSITIONS", 1)
    by_graph = compute_process_model(store, engine=engine)
    assert by_graph.miner is Miner.DIRECTLY_FOLLOWS
    assert by_graph == compute_process_model(store)


def test_passages_are_counted(engine, tmp_path):
    store, traces = write_store(LOG, tmp_path / "store"), traces_of(LOG)
    expected: Counter = Counter()
    for trace, cases in traces.items():
        for pair in pairwise(trace):
            expected[pair] += cases
    labels = process_models.activity_labels(store, engine)
    counted = process_models.run(process_models.passage_counts(process_models.EVENTS), store, engine)
    assert {(labels[first], labels[second]): count for first, second, count in counted} == expected
    ((positions,),) = process_models.run(process_models.total_length(process_models.VARIANTS), store, engine)
    assert positions == sum(len(trace) for trace in traces)
