"""Every figure leads to as many cases as it counts."""

from random import Random

import pytest

from potok.core.errors import EXIT_USAGE
from potok.core.finding import FindingKind, Place
from potok.diagnose.first_findings import find_first
from potok.measure.case_durations import compute_case_durations
from potok.measure.case_lists import (
    list_activity_cases,
    list_duration_cases,
    list_endpoint_cases,
    list_hand_over_cases,
    list_passage_cases,
    list_variant_cases,
)
from potok.measure.directly_follows import compute_directly_follows_graph
from potok.measure.endpoints import compute_endpoints
from potok.measure.evidence import UnknownPlaceError, list_cases
from potok.measure.hand_overs import compute_hand_overs
from potok.measure.rework import compute_rework
from potok.measure.variants import compute_variants
from support.random_logs import random_log, union
from support.tiny_store import tiny_log, write_store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    log = random_log(Random(3), cases=40)
    return write_store(log, tmp_path_factory.mktemp("lists") / "store")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    log = tiny_log("""
        case | activity | started | completed | resource
        a    | A        | 0       | 10        | x
        a    | B        | 30      | 40        | y
        b    | B        | 5       | 6         | y
        b    | A        | 10      | 20        | x
        b    | B        | 25      | 26        | y
    """)
    return write_store(log, tmp_path_factory.mktemp("tiny") / "store")


def assert_holds(listed, cases):
    assert len({evidence.case for evidence in listed}) == len(listed) == cases
    assert [e.seconds for e in listed] == sorted((e.seconds for e in listed), reverse=True)


def test_nodes_and_edges(store):
    graph = compute_directly_follows_graph(store)
    for edge in graph.edges[:4]:
        listed = list_passage_cases(store, edge.activity, edge.next_activity)
        assert_holds(listed, edge.cases)
        assert sum(evidence.seconds for evidence in listed) == pytest.approx(edge.total_seconds, rel=1e-12)
    for node in graph.nodes[:2]:
        assert_holds(list_activity_cases(store, node.activity), node.cases)


def test_rework_and_endpoints(store):
    for rework in compute_rework(store):
        assert_holds(list_activity_cases(store, rework.activity, times=2), rework.rework_cases)
    endpoints = compute_endpoints(store)
    assert_holds(list_endpoint_cases(store, endpoints.starts[0].activity, end="start"), endpoints.starts[0].cases)
    assert_holds(list_endpoint_cases(store, endpoints.ends[0].activity, end="end"), endpoints.ends[0].cases)


def test_variants_and_durations(store):
    for variant in compute_variants(store)[:3]:
        assert_holds(list_variant_cases(store, variant.variant), variant.cases)
    for place in compute_case_durations(store).histogram[-3:]:
        listed = list_duration_cases(store, place.from_seconds, place.to_seconds)
        assert_holds(listed, place.closed_cases + place.open_cases)


def test_hand_overs(store):
    hand_overs = compute_hand_overs(store)
    for hand_over in (*hand_overs.between_resources, *hand_overs.between_units):
        holder = "resource" if hand_over in hand_overs.between_resources else "org_unit"
        listed = list_hand_over_cases(store, hand_over.source, hand_over.target, holder=holder)
        assert_holds(listed, hand_over.cases)


def test_findings(tmp_path):
    log = union([random_log(Random(seed)) for seed in (1, 2, 3, 5)])
    store = write_store(log, tmp_path / "store")
    for finding in find_first(store)[:6]:
        listed = list_cases(store, finding.where, finding.kind)
        assert_holds(listed, finding.cases)
        assert sum(e.seconds for e in listed) == pytest.approx(finding.applicant_seconds, rel=1e-12)
        assert tuple(e.case for e in listed[:10]) == finding.example_cases
        assert list_cases(store, finding.where, finding.kind, limit=2) == listed[:2]


def test_a_list_of_whole_cases_points_at_their_first_and_last_row(tiny):
    (evidence,) = list_variant_cases(tiny, 1)
    assert (evidence.case_id, evidence.seconds, evidence.source_rows) == ("b", 21.0, (3, 5))
    assert list_activity_cases(tiny, "A", limit=1)[0].case_id == "a"


def test_a_list_behind_a_hand_over_points_at_both_instances(tiny):
    listed = list_hand_over_cases(tiny, "x", "y", holder="resource")
    assert [(e.case_id, e.seconds, e.source_rows) for e in listed] == [("a", 20.0, (1, 2)), ("b", 5.0, (4, 5))]


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        (Place(activity="Z"), FindingKind.REWORK),
        (Place(activity="A", next_activity="Z"), FindingKind.LONG_WAIT),
        (Place(org_unit="Z", next_org_unit="Z"), FindingKind.HAND_OVER),
    ],
)
def test_an_unknown_place_is_named(tiny, place, kind):
    with pytest.raises(UnknownPlaceError, match="The log has no “Z”") as caught:
        list_cases(tiny, place, kind)
    assert caught.value.exit_code == EXIT_USAGE
    assert caught.value.remedy.startswith("Use one of:")


def test_the_most_frequent_variants_only(tiny):
    assert compute_variants(tiny, limit=1) == compute_variants(tiny)[:1]
    assert len(compute_variants(tiny)) == 2
