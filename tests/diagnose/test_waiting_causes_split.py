"""Waits split by cause, against the definition applied to every microsecond."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potok.diagnose.waiting_causes import pieces, split, sweep
from potok.diagnose.waiting_causes.pieces import cut_waits
from potok.diagnose.waiting_causes.split import gaps_of, spans_of, split_waits
from potok.diagnose.waiting_causes.sweep import CAUSES
from potok.discover import busy_time, resource_clocks
from potok.discover.batches import Batches
from potok.discover.instance_arrays import CaseBounds, Instances
from potok.discover.resource_calendars import OwnedSpans
from potok.discover.resource_calendars.work import UNKNOWN
from potok.discover.resource_clocks import make_clocks
from support import reference_causes
from support.examples import examples
from support.interpreted import interpret
from support.reference_causes import Piece

SEEDS = st.integers(0, 2**32 - 1)
HORIZON = 40


def random_pieces(random: Random) -> list[Piece]:
    """Make instances in the order of case and completion, with everything that may be missing or out of order."""
    made = []
    for case in range(random.randint(1, 5)):
        of_case = []
        for _ in range(random.randint(1, 5)):
            times = sorted(random.randrange(HORIZON) for _ in range(3))
            if random.random() < 0.1:
                random.shuffle(times)
            enabled, started, completed = times
            enabled = None if random.random() < 0.1 else min(enabled, started)
            started = started if random.random() < 0.9 or enabled is None else None
            completed = completed if random.random() < 0.9 else None
            ready = None
            if enabled is not None and started is not None and random.random() < 0.2:
                ready = random.randint(enabled, started)
            resource = random.choice((-1, 0, 0, 1, 1, 2))
            of_case.append(Piece(case, resource, enabled, started, completed, ready if resource >= 0 else None))
        known = [[t for t in (one.completed, one.started, one.enabled) if t is not None] for one in of_case]
        made += [one for _first, one in sorted(zip([(k or [0])[0] for k in known], of_case, strict=True), key=_first)]
    return made


def _first(pair):
    return pair[0]


def random_duty(random: Random) -> dict[int, list[tuple[int, int]]]:
    duty = {}
    for resource in range(3):
        if random.random() < 0.7:
            edges = sorted(random.sample(range(HORIZON), 2 * random.randint(0, 3)))
            duty[resource] = list(zip(edges[::2], edges[1::2], strict=True))
    return duty


def arrays_of(log: list[Piece]) -> tuple[Instances, np.ndarray]:
    def instants(name):
        return np.array([UNKNOWN if getattr(one, name) is None else getattr(one, name) for one in log], np.int64)

    case = np.array([one.case for one in log], np.int64)
    codes = np.zeros(len(log), np.int32)
    first = np.searchsorted(case, case)
    held = Instances(
        case=case,
        position=(np.arange(len(log)) - first).astype(np.int32),
        activity=codes,
        resource=np.array([one.resource for one in log], np.int32),
        org_unit=codes - 1,
        enabled_us=instants("enabled"),
        started_us=instants("started"),
        completed_us=instants("completed"),
    )
    return held, instants("ready")


def clocks_of_dicts(limits: dict[int, int], duty: dict[int, list[tuple[int, int]]]):
    spans = [duty.get(resource, []) for resource in range(3)]
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in spans])]).astype(np.int64)
    flat = [span for one in spans for span in one]
    starts, ends = (np.array([span[place] for span in flat], np.int64) for place in (0, 1))
    limit = np.array([limits.get(resource, 1) for resource in range(3)], np.int64)
    known = np.array([resource in duty for resource in range(3)])
    return make_clocks(3, duty=OwnedSpans(offsets, starts, ends), is_known=known, limit=limit)


def batches_of(ready: np.ndarray) -> Batches:
    none = np.zeros(0, np.int64)
    return Batches(np.where(ready == UNKNOWN, -1, 0), ready, none, none, none, none, none, none)


def split_log(log, bounds, limits, duty):
    held, ready = arrays_of(log)
    spans = spans_of(held, held.enabled_us, bounds)
    waits = cut_waits(held.case, spans.waits, spans.gaps)
    found = split_waits(held, held.enabled_us, waits, batches=batches_of(ready), clocks=clocks_of_dicts(limits, duty))
    return held, spans, found


def bounds_of(random: Random, log: list[Piece]) -> CaseBounds:
    cases = sorted({one.case for one in log})
    opened = np.array([random.choice((UNKNOWN, 0, 5)) for _ in cases], np.int64)
    return CaseBounds(np.array(cases, np.int64), opened, np.array([random.randint(10, 50) for _ in cases], np.int64))


def assert_agrees(seed: int) -> None:
    random = Random(seed)
    log = random_pieces(random)
    limits = {resource: random.choice((1, 1, 2, 3)) for resource in range(3)}
    duty, bounds = random_duty(random), bounds_of(random, log)
    _held, spans, found = split_log(log, bounds, limits, duty)
    as_rows = [dict(zip(CAUSES, row, strict=True)) for row in found.whole.tolist()]
    assert as_rows == reference_causes.split(log, limits, duty)
    assert found.whole.sum(axis=1).tolist() == [len(one.wait) for one in log]

    exact = reference_causes.exact_shares(log, limits, duty)
    for row, shares in zip(found.shared.tolist(), exact, strict=True):
        # One microsecond for each of the at most 4 · 5 edges of the case at which a wait is cut.
        assert all(abs(given - share) < 20 for given, share in zip(row, shares.values(), strict=True))
    for case in {one.case for one in log}:
        rows = [number for number, one in enumerate(log) if one.case == case]
        assert found.shared[rows].sum() == reference_causes.union_of_waits(log, case)

    windows = [
        None if begin == UNKNOWN else range(begin, end) for begin, end in zip(*map(list, spans.gaps), strict=True)
    ]
    in_gap = [dict(zip(CAUSES, row, strict=True)) for row in found.in_gap.tolist()]
    assert in_gap == reference_causes.in_window(log, windows, limits, duty)


@given(SEEDS)
@settings(max_examples=examples(60), deadline=None)
def test_every_microsecond_goes_to_the_first_true_cause(seed):
    assert_agrees(seed)


@pytest.mark.parametrize("seed", range(5))
def test_compiled_and_plain_loops_agree(seed, monkeypatch):
    interpret(monkeypatch, busy_time, resource_clocks, pieces, split, sweep)
    assert_agrees(seed)
    assert not hasattr(sweep.sweep_resources, "py_func")


def test_without_any_waits_there_is_nothing(monkeypatch):
    none = np.zeros(0, np.int64)
    _held, _spans, found = split_log([], CaseBounds(none, none, none), {}, {})
    assert found.whole.shape == found.shared.shape == found.in_gap.shape == (0, 6)


def test_three_waits_at_once_divide_seven_microseconds_without_loss():
    log = [Piece(0, 0, 0, 7, 20), Piece(0, 1, 0, 7, 21), Piece(0, 2, 0, 7, 22)]
    bounds = CaseBounds(np.array([0]), np.array([0]), np.array([50]))
    _held, _spans, found = split_log(log, bounds, {}, {0: [], 1: [], 2: []})
    # ⌊7 / 3⌋, ⌊8 / 3⌋ and ⌊9 / 3⌋
    assert found.shared[:, CAUSES.index("unavailability")].tolist() == [2, 2, 3]
    assert found.whole[:, CAUSES.index("unavailability")].tolist() == [7, 7, 7]


def test_gaps_are_those_of_the_ledger_where_times_are_missing():
    log = [Piece(0, 0, None, None, 4), Piece(0, 0, None, 9, 6), Piece(0, 0, None, 8, None)]
    held, _ready = arrays_of(log)
    begins, ends = gaps_of(held, CaseBounds(np.array([0]), np.array([5]), np.array([7])))
    assert (begins.tolist(), ends.tolist()) == ([UNKNOWN, 5, 6], [UNKNOWN, 6, 7])


def test_very_many_waits_over_very_long_queues_stay_cheap():
    """Every wait spans the whole queue: a scan of what lies in each would take 10¹⁰ steps."""
    size = 100_000
    rows = np.arange(size, dtype=np.int64)
    held = Instances(
        case=rows,
        position=np.zeros(size, np.int32),
        activity=np.zeros(size, np.int32),
        resource=np.zeros(size, np.int32),
        org_unit=np.full(size, -1, np.int32),
        enabled_us=rows,
        started_us=size + rows * 10,
        completed_us=size + rows * 10 + 10,
    )
    none = (np.full(size, UNKNOWN), np.full(size, UNKNOWN))
    waits = cut_waits(rows, (held.enabled_us, held.started_us), none)
    found = split_waits(held, held.enabled_us, waits, batches=None, clocks=make_clocks(1))
    assert found.whole[:, CAUSES.index("contention")].tolist() == (rows * 10).tolist()
    assert found.whole[:, CAUSES.index("unattributed")].tolist() == (size - rows).tolist()
