"""Batches: planted ones are found, queues are not taken for them."""

import numpy as np
import pytest

from discover.instances import bounds, instances
from potok.core.time_units import MINUTE_US
from potok.discover import busy_time, resource_clocks
from potok.discover.batches import NO_BATCH, BatchKind, BatchRules, find_batches, kernels
from potok.discover.batches.find import KINDS
from potok.discover.enabled_times import compute_order, find_enabled_times
from potok.discover.instance_arrays import fetch_case_bounds, fetch_instances
from potok.discover.resource_calendars import OwnedSpans
from potok.discover.resource_calendars.work import UNKNOWN
from potok.discover.resource_clocks import make_clocks
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.mapping import Mapping, TimeColumn
from support.interpreted import interpret

LEAST_F1 = 0.95


def planted(kind: BatchKind, batches: int = 3, size: int = 4, resource: int = 0):
    """Plan batches that gather for 10 × size minutes each and are then worked on."""
    rows = []
    for batch in range(batches):
        begin = 1000 * batch
        first = begin + 10 * size
        for member in range(size):
            step = {BatchKind.PARALLEL: 0, BatchKind.SEQUENTIAL: 10, BatchKind.CONCURRENT: 5}[kind]
            start = first + step * member
            rows.append((100 * batch + member, "A", resource, begin + 10 * member, start, start + 10))
    return instances(rows, scale=MINUTE_US)


def found_in(held, **options):
    owners = int(held.resource.max(initial=-1)) + 1
    return find_batches(held, held.enabled_us, clocks=options.pop("clocks", make_clocks(owners)), **options)


@pytest.mark.parametrize("kind", list(BatchKind))
def test_planted_batches_are_found(kind):
    held = planted(kind)
    found = found_in(held)
    assert found.size.tolist() == [4, 4, 4]
    assert [KINDS[place] for place in found.kind] == [kind] * 3
    assert found.batch.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    # The last is enabled thirty minutes after the first; nothing else is to be done.
    assert found.gathering_us.tolist() == found.idle_us.tolist() == [30 * MINUTE_US] * 3
    assert (found.ready_us - held.enabled_us).tolist() == [m * MINUTE_US for m in (30, 20, 10, 0)] * 3


@pytest.mark.parametrize("kind", list(BatchKind))
def test_compiled_and_plain_loops_agree(kind, monkeypatch):
    compiled_ = found_in(planted(kind))
    interpret(monkeypatch, busy_time, resource_clocks, kernels)
    from potok.discover.batches import find

    interpret(monkeypatch, find)
    plain = found_in(planted(kind))
    assert plain.batch.tolist() == compiled_.batch.tolist()
    assert plain.idle_us.tolist() == compiled_.idle_us.tolist()


def test_a_queue_in_the_order_of_arrival_is_no_batch():
    rows = [(case, "A", 0, case, case * 10, case * 10 + 10) for case in range(20)]
    found = found_in(instances(rows, scale=MINUTE_US))
    assert (len(found.size), set(found.batch.tolist())) == (0, {NO_BATCH})


def test_mail_found_in_the_morning_is_no_batch_where_the_night_is_known():
    held = planted(BatchKind.SEQUENTIAL)
    starts = np.array([1000 * batch + 40 for batch in range(3)]) * MINUTE_US
    duty = OwnedSpans(np.array([0, 3]), starts, starts + 60 * MINUTE_US)
    assert len(found_in(held, clocks=make_clocks(1, duty=duty)).size) == 0
    always = OwnedSpans(np.array([0, 1]), np.array([0]), np.array([10**13]))
    assert len(found_in(held, clocks=make_clocks(1, duty=always)).size) == 3


def test_a_few_things_in_a_row_are_no_practice():
    batch = [(case, "A", 0, case, 10 + case, 11 + case) for case in range(6)]
    alone = [(10 + case, "A", 0, 100 + 10 * case, 100 + 10 * case, 105 + 10 * case) for case in range(8)]
    held = instances([*batch, *alone], scale=MINUTE_US)
    assert len(found_in(held).size) == 0
    assert found_in(held, rules=BatchRules(support=0.4)).size.tolist() == [6]
    assert len(found_in(instances(batch[:4], scale=MINUTE_US)).size) == 0


def test_a_pause_longer_than_tolerated_parts_a_batch():
    held = instances([(case, "A", 0, case, 100 + 3 * case, 101 + 3 * case) for case in range(6)], scale=MINUTE_US)
    assert len(found_in(held).size) == 0
    assert found_in(held, rules=BatchRules(gap_us=2 * MINUTE_US)).size.tolist() == [6]


@pytest.mark.parametrize(
    "held",
    [
        instances([]),
        instances([(0, "A", None, 0, 1, 2), (1, "A", None, 0, 1, 2)]),
        instances([(0, "A", 0, 0, None, 2), (1, "A", 0, 0, None, 2)]),
        instances([(0, "A", 0, None, 1, 2), (1, "A", 0, None, 1, 2)]),
        instances([(0, "A", 0, 0, 5, None), (1, "A", 0, 0, 9, 7)]),
    ],
)
def test_what_is_not_known_is_in_no_batch(held):
    found = found_in(held)
    assert len(found.size) == 0
    assert (found.ready_us == UNKNOWN).all()
    assert bounds(held).of(held.case)[0].shape == held.case.shape


@pytest.mark.parametrize("wrong", [{"gap_us": -1}, {"idle_share": 0.0}, {"support": 1.5}])
def test_rules_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        BatchRules(**wrong)


@pytest.mark.data
def test_the_batches_of_the_loan_log_are_found(shared_data, tmp_path):
    mapping = Mapping(
        case_id="case_id",
        activity=("Activity",),
        resource="Resource",
        started_at=TimeColumn(("start_time",)),
        completed_at=TimeColumn(("end_time",)),
        attributes=("batch_instance_id",),
    )
    source = shared_data / "sim-batched-loan" / "Loan_Application_batched.csv.gz"
    store = import_log(ImportRequest((str(source),), tmp_path / "store", mapping))
    (held,) = fetch_instances(store)
    order, case_bounds = compute_order(store), fetch_case_bounds(store)
    enabled = find_enabled_times(held, case_bounds, basis="concurrent", order=order)
    found = find_batches(held, enabled.enabled_us, clocks=make_clocks(int(held.resource.max()) + 1))
    true = true_batches(store)
    is_found, is_true = found.batch != NO_BATCH, true != ""
    both = is_found & is_true
    assert 2 * both.sum() / (is_found.sum() + is_true.sum()) >= LEAST_F1
    together = np.unique(np.char.add(true[both], found.batch[both].astype(str)), return_counts=True)[1]
    expected = np.unique(true[is_true], return_counts=True)[1]
    assert 2 * pairs(together) / (pairs(found.size) + pairs(expected)) >= LEAST_F1


def true_batches(store) -> np.ndarray:
    import pyarrow.parquet as pq

    column = pq.read_table(store.folder / "events.parquet", columns=["attr:batch_instance_id"]).column(0)
    return np.array([value or "" for value in column.to_pylist()])


def pairs(sizes: np.ndarray) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
