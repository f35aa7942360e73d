"""Filters as records: there and back, and every key that is wrong is named."""

import json
import tomllib

import pytest

from potok.measure.filters.base import All, AnyOf, Not
from potok.measure.filters.errors import FilterValueError
from potok.measure.filters.expression import parse_filter
from potok.measure.filters.kinds import CaseValues, Duration, Follows, HasActivity, TimeWindow, TopVariants
from potok.measure.filters.record import filter_as_record, filter_from_record, filter_hash

EXPRESSIONS = [
    "duration=1d..30d",
    "(activity=A,B or repeats(C)) and not follows(A, B)",
    "unknown(channel) or attr:x=y and variant=0,1",
    "top_variants=80% and opened=2026 and open",
    "end=A and closed>=2026-02 or not (start=A or directly_follows(A,B))",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_record_gives_the_filter_back(text):
    case_filter = parse_filter(text)
    written = json.dumps(filter_as_record(case_filter))
    again = filter_from_record(json.loads(written))
    assert again == case_filter
    assert filter_hash(again) == filter_hash(case_filter)


def test_different_filters_have_different_hashes():
    assert len({filter_hash(parse_filter(text)) for text in EXPRESSIONS}) == len(EXPRESSIONS)
    assert filter_hash(TopVariants(1)) != filter_hash(TopVariants(0.5))


def test_a_filter_is_read_from_toml():
    text = """
        [filter]
        kind = "all"
        [[filter.filters]]
        kind = "time"
        begins = "2026-01-01"
        mode = "started"
        [[filter.filters]]
        kind = "not"
        filter = { kind = "case_value", column = "channel", values = ["МФЦ"] }
    """
    assert filter_from_record(tomllib.loads(text)["filter"]) == All(
        (TimeWindow("2026-01-01", None, "started"), Not(CaseValues("channel", ("МФЦ",))))
    )


@pytest.mark.parametrize(
    ("record", "where", "reason"),
    [
        ([], "filter", "a table with a kind is needed"),
        ({}, "filter.kind", "must be one of all, any, not, time"),
        ({"kind": "colour"}, "filter.kind", "must be one of"),
        ({"kind": "all", "filters": []}, "filter", "needs exactly: filters"),
        ({"kind": "not"}, "filter", "needs exactly: filter"),
        ({"kind": "all", "filters": [{"kind": "open"}, 3]}, "filter.filters[1]", "a table with a kind"),
        ({"kind": "not", "filter": {"kind": "open", "x": 1}}, "filter.filter.x", "the key is unknown"),
        ({"kind": "follows", "first": "A"}, "filter", "it lacks second"),
        ({"kind": "activity", "activities": "A"}, "filter.activities", "a list is needed, not 'A'"),
        ({"kind": "activity", "activities": ["A"], "times": True}, "filter.times", "wrong type"),
        ({"kind": "activity", "activities": []}, "filter", "at least one value"),
        ({"kind": "activity", "activities": ["A"], "times": 0}, "filter", "occur 0 times"),
        ({"kind": "duration"}, "filter", "No duration lies between"),
        ({"kind": "time"}, "filter", "needs a beginning or an end"),
        ({"kind": "time", "begins": "2026", "mode": "colour"}, "filter", "cannot be “colour”"),
        ({"kind": "endpoint", "activities": ["A"], "end": "middle"}, "filter", "has no “middle”"),
    ],
)
def test_what_is_wrong_in_a_record_is_named_with_its_place(record, where, reason):
    with pytest.raises(FilterValueError, match=reason) as caught:
        filter_from_record(record)
    assert caught.value.where == where


def test_operators_flatten_and_negation_undoes_itself():
    a, b, c = HasActivity(("A",)), Follows("A", "B"), Duration(1)
    assert a & b & c == All((a, b, c))
    assert a | (b | c) == AnyOf((a, b, c))
    assert ~~a == a
    assert list((~(a | b) & ~c).parts()) == [a, b, Not(c)]
