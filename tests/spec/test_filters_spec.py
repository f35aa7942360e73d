"""Which cases pass each kind of filter, and how filters combine."""

from datetime import UTC

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.measure.filters.kinds import (
    Duration,
    Endpoints,
    Follows,
    HasActivity,
    IsOpen,
    TimeWindow,
    TopVariants,
    Variants,
)
from potok.measure.filters.selection import filtered_log, selected_cases
from potok.measure.running import activity_labels, run
from support.examples import examples
from support.measuring import ENGINES
from support.random_logs import random_log
from support.reference_filters import passing
from support.tiny_store import tiny_log, write_store

LOG = tiny_log(
    """
    case | activity | completed
    1    | A        | 0
    1    | B        | 100
    2    | A        | 86400
    2    | B        | 86410
    2    | A        | 86500
    3    | B        | 200000
    3    | C        | 200300
    4    | A        | 250000
    4    | C        | 250010
    4    | B        | 250020
    5    | A        | 0
    5    | B        | 400
    """,
    open_cases="4",
    extracted=300_000,
)
DAY = "1970-01-02"

EXPECTED = [
    (HasActivity(("C",)), "3 4"),
    (~HasActivity(("C",)), "1 2 5"),
    (HasActivity(("A", "C")), "1 2 3 4 5"),
    (HasActivity(("A",), times=2), "2"),
    (Endpoints(("A",), "start"), "1 2 4 5"),
    (Endpoints(("A", "C"), "end"), "2 3"),
    (Follows("A", "B"), "1 2 4 5"),
    (Follows("A", "B", directly=True), "1 2 5"),
    (Follows("B", "A"), "2"),
    (Follows("A", "A"), "2"),
    (Follows("A", "A", directly=True), ""),
    (Variants((0,)), "1 5"),
    (TopVariants(0.4), "1 5"),
    (TopVariants(0.41), "1 2 5"),
    (TopVariants(1), "1 2 3 4 5"),
    (Duration(at_least_seconds=300), "3 4 5"),
    (Duration(less_than_seconds=100.000001), "1 2"),
    (Duration(100, 400), "1 2 3"),
    (IsOpen(), "4"),
    (TimeWindow(DAY, "1970-01-03", "started"), "2"),
    (TimeWindow(DAY, None, "completed"), "2 3"),
    (TimeWindow(DAY, "1970-01-04", "contained"), "2 3"),
    (TimeWindow(DAY, None, "contained"), "2 3 4"),
    (TimeWindow("1970-01-03T23:00:00", "1970-01-09", "intersecting"), "4"),
    (TimeWindow("1970-01-01T00:01:40", "1970-01-02", "intersecting"), "1 5"),
    (HasActivity(("C",)) & IsOpen(), "4"),
    (HasActivity(("C",)) | Variants((0,)), "1 3 4 5"),
    (~(HasActivity(("C",)) | Variants((0,))), "2"),
    (~HasActivity(("C",)) & ~Variants((0,)) & Follows("A", "B"), "2"),
    (~HasActivity(("A",)) | ~Follows("A", "C") & Duration(at_least_seconds=400), "3 5"),
    (
        (~HasActivity(("A", "B")) | Follows("A", "B")) & (TopVariants(0.4) | IsOpen()) & ~Duration(1_000, 10**9),
        "1 5",
    ),
]


def activity_codes(store, engine):
    return {label: code for code, label in activity_labels(store, engine).items()}


def selected(store, case_filter, engine, codes):
    log = filtered_log(extracted_us=store.extracted_us, zone=UTC, codes=codes)
    chosen = log.cases.semi_join(selected_cases(case_filter, log), "case").select("case_id")
    return {case_id for (case_id,) in run(chosen, store, engine)}


@pytest.fixture(params=ENGINES)
def choose(request, tmp_path):
    if request.param == "reference":
        return lambda case_filter: passing(LOG, case_filter)
    store = write_store(LOG, tmp_path / "store")
    engine = request.getfixturevalue(f"{request.param}_engine")
    codes = activity_codes(store, engine)
    return lambda case_filter: selected(store, case_filter, engine, codes)


def test_each_kind_chooses_its_cases(choose):
    found = {index: choose(case_filter) for index, (case_filter, _cases) in enumerate(EXPECTED)}
    assert found == {index: set(cases.split()) for index, (_filter, cases) in enumerate(EXPECTED)}


DATES = ("1969-12-31", "2024-01-01", "2024-01-02", "2024-10-27", "2038-01-19", "2106-02-08")


def filters(activities, depth=2):
    label = st.sampled_from(activities)
    simple = st.one_of(
        st.builds(HasActivity, st.lists(label, min_size=1, max_size=2).map(tuple), st.integers(1, 2)),
        st.builds(Endpoints, st.tuples(label), st.sampled_from(("start", "end"))),
        st.builds(Follows, label, label, st.booleans()),
        st.builds(Variants, st.tuples(st.integers(0, 4))),
        st.builds(TopVariants, st.sampled_from((0.1, 0.5, 0.9, 1))),
        st.sampled_from((Duration(1, 10**8), Duration(less_than_seconds=86_400), IsOpen())),
        st.builds(
            lambda pair, mode: TimeWindow(*pair, mode),
            st.lists(st.sampled_from((*DATES, None)), min_size=2, max_size=2, unique=True).map(
                lambda pair: pair if None in pair else sorted(pair)
            ),
            st.sampled_from(("contained", "intersecting", "started", "completed")),
        ),
    )
    return st.recursive(
        simple,
        lambda inner: st.one_of(
            st.builds(lambda a, b: a & b, inner, inner),
            st.builds(lambda a, b: a | b, inner, inner),
            inner.map(lambda a: ~a),
        ),
        max_leaves=depth + 2,
    )


@given(random=st.randoms(use_true_random=False), data=st.data())
@settings(max_examples=examples(14), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_duckdb_agrees_with_plain_python(random, data, duckdb_engine, tmp_path_factory):
    log = random_log(random)
    case_filter = data.draw(filters(sorted({event.activity for event in log.events})))
    store = write_store(log, tmp_path_factory.mktemp("filters") / "store")
    assert selected(store, case_filter, duckdb_engine, activity_codes(store, duckdb_engine)) == passing(
        log, case_filter
    )
