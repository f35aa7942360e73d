"""Pools: known roles are recovered, whatever the order, and mixtures belong to several."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.made_up_work import Task, read_public_work, work_of
from potok.discover import pools
from potok.discover.pools import compute_pools, count_activities, discover_pools
from potok.discover.resource_calendars import fetch_work
from potok.discover.resource_calendars.work import NOBODY, UNKNOWN
from support.examples import examples
from support.tiny_store import tiny_log, write_store

CLERKS = [40, 38, 20, 0, 0, 0]
OFFICERS = [0, 0, 0, 50, 30, 0]
JUDGE = [0, 0, 0, 0, 0, 60]


def members(counts, **options):
    return set(discover_pools(np.array(counts), **options).members)


def test_like_profiles_make_a_pool():
    assert members([CLERKS, [4, 5, 2, 0, 0, 0], OFFICERS, JUDGE]) == {(0, 1), (2,), (3,)}


def test_pools_tell_their_size_and_what_they_do():
    found = discover_pools(np.array([CLERKS, [4, 5, 2, 0, 0, 0], OFFICERS]))
    first = found.pools[0]
    assert (first.pool, first.resources, first.activities, first.instances) == (0, (0, 1), (0, 1, 2), 109)
    assert first.support == pytest.approx(109 / 189)
    assert 0.99 < first.confidence <= 1
    assert found.pools[1].confidence == 1


def test_one_who_does_the_work_of_two_pools_belongs_to_both():
    counts = [CLERKS, CLERKS, OFFICERS, OFFICERS, [20, 19, 10, 25, 15, 0]]
    assert members(counts) == {(0, 1, 4), (2, 3, 4)}


def test_one_with_work_of_its_own_stays_alone_beside_two_pools():
    counts = [CLERKS, CLERKS, OFFICERS, OFFICERS, [20, 0, 0, 20, 0, 60]]
    assert members(counts) == {(0, 1), (2, 3), (4,)}


def test_who_did_little_goes_where_all_of_it_is_done():
    found = discover_pools(np.array([CLERKS, OFFICERS, [1, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 1]]))
    assert set(found.members) == {(0, 2), (1,)}
    assert found.unplaced == (2, 3)
    assert found.reasons == ("too_few_instances",)


def test_who_helped_out_once_is_not_capable():
    capable = discover_pools(np.array([CLERKS, CLERKS, [1, 0, 0, 50, 30, 0]])).capable()
    assert capable[:, 0].tolist() == [True, True, False]
    assert capable[:, 3].tolist() == [False, False, True]


@settings(max_examples=examples(30), deadline=None)
@given(
    st.lists(st.sampled_from([CLERKS, OFFICERS, JUDGE]), min_size=1, max_size=8),
    st.integers(0, 2**32 - 1),
)
def test_renumbering_changes_nothing(roles, seed):
    random = np.random.default_rng(seed)
    counts = np.array([np.array(role) * random.integers(1, 5) for role in roles])
    order, columns = random.permutation(len(counts)), random.permutation(counts.shape[1])
    mixed = {frozenset(order[list(pool)].tolist()) for pool in members(counts[order][:, columns])}
    assert mixed == {frozenset(pool) for pool in members(counts)}
    assert mixed == {
        frozenset(place for place, other in enumerate(roles) if other == role) for role in (CLERKS, OFFICERS, JUDGE)
    } - {frozenset()}


def test_nobody_makes_no_pool():
    for counts in (np.zeros((0, 0), int), np.zeros((3, 2), int)):
        found = discover_pools(counts)
        assert (found.pools, found.reasons) == ((), ("no_resources",))


def test_more_than_can_be_compared_is_said_to_be(monkeypatch, tmp_path):
    monkeypatch.setattr(pools, "MOST_CELLS", 3)
    work = work_of([Task(n, n % 3, n % 2, None, n, n + 1) for n in range(60)])
    for found in (
        discover_pools(count_activities(work)),
        compute_pools(write_store(tiny_log(LOG), tmp_path / "store")),
    ):
        assert (found.pools, found.reasons, found.capable().shape) == ((), ("too_many",), (2, 0))


def test_many_pools_are_told_apart():
    assert members(np.eye(40, dtype=int) * 9) == {(code,) for code in range(40)}


def test_an_affinity_is_a_share():
    with pytest.raises(ValueError, match="affinity must be over 0, at most 1, not 2"):
        discover_pools(np.array([CLERKS]), affinity=2)


LOG = """
    case | activity | started | completed | resource
    1    | a        | 0       | 1         | x
    1    | b        | 1       | 2         | y
    2    | a        | 3       | 4         | x
    2    | b        |         | 5         |
"""


@pytest.mark.spark
def test_spark_reads_the_work_that_duckdb_reads(tmp_path, spark_engine):
    store = write_store(tiny_log(LOG), tmp_path / "store")
    assert compute_pools(store, engine=spark_engine).counts.tolist() == compute_pools(store).counts.tolist()
    on_spark, on_duckdb = fetch_work(store, engine=spark_engine), fetch_work(store)
    for name in ("case", "activity", "resource", "enabled_us", "started_us", "completed_us"):
        assert getattr(on_spark, name).tolist() == getattr(on_duckdb, name).tolist()
    assert on_duckdb.started_us.tolist() == [0, 1_000_000, 3_000_000, UNKNOWN]
    assert on_duckdb.resource.tolist() == [0, 1, 0, NOBODY]


def test_counts_of_a_store_are_those_of_its_work(tmp_path):
    found = compute_pools(write_store(tiny_log(LOG), tmp_path / "store"))
    work = work_of(
        [Task(0, 0, 0, None, 0, 1), Task(0, 1, 1, None, 1, 2), Task(1, 0, 0, None, 3, 4), Task(1, 1, -1, None, 4, 5)]
    )
    assert found.counts.tolist() == count_activities(work).tolist() == [[2, 0], [0, 1]]


@pytest.mark.data
def test_the_roles_of_a_public_log_are_recovered(shared_data):
    columns = ("case_id", "activity", "resource", "start_time", "enabled_time", "end_time", "role")
    log = read_public_work(shared_data / "sim-loanapp-simplified" / "LoanApp_simplified_train.csv.gz", columns=columns)
    roles: dict[str, set[int]] = {}
    for row in log.rows:
        roles.setdefault(row["role"], set()).add(log.resources.index(row["resource"]))
    found = discover_pools(count_activities(log.work))
    assert {frozenset(pool) for pool in found.members} == {frozenset(role) for role in roles.values()}
    assert len(roles) == 6
