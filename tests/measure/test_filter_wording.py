"""Filters written out as text are read back as the same filters."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potok.measure.filters.base import CaseFilter
from potok.measure.filters.expression import parse_filter
from potok.measure.filters.kinds import (
    CaseValues,
    Duration,
    Endpoints,
    Follows,
    HasActivity,
    IsOpen,
    TimeWindow,
    TopVariants,
    Variants,
)
from potok.measure.filters.record import filter_from_record
from potok.measure.filters.wording import filter_as_text

LABELS = st.one_of(
    st.sampled_from(["A", "Проверка (повторная)", "Draft and send", "a, b", "«кавычки»", 'say "no"', "it's", " x "]),
    st.text("aБ ,()&|=\"'«»“” and", min_size=1, max_size=8),
)
SEVERAL = st.lists(LABELS, min_size=1, max_size=2).map(tuple)
MODES = st.sampled_from(("started", "completed", "contained", "intersecting"))
DATES = st.sampled_from(("2024-02-28", "2024-02-28T12:30:00", "2024-12-31"))
LATER = st.sampled_from((None, "2025-01-01", "2025-03-01T00:00:01"))
SECONDS = st.one_of(st.integers(0, 10**7), st.integers(0, 10**12).map(lambda us: us / 10**6))

SIMPLE = st.one_of(
    st.builds(CaseValues, st.one_of(st.just("channel"), LABELS.map("attr:{}".format)), SEVERAL),
    st.builds(HasActivity, SEVERAL),
    st.builds(HasActivity, LABELS.map(lambda label: (label,)), st.just(2)),
    st.builds(Endpoints, SEVERAL, st.sampled_from(("start", "end"))),
    st.builds(Follows, LABELS, LABELS, st.booleans()),
    st.builds(Variants, st.tuples(st.integers(0, 99), st.integers(0, 99))),
    st.builds(TopVariants, st.sampled_from((0.1, 0.85, 1.0))),
    st.builds(TimeWindow, DATES, LATER, MODES),
    st.builds(lambda ends, mode: TimeWindow(None, ends, mode), DATES, MODES),
    st.builds(Duration, SECONDS),
    st.builds(lambda upper: Duration(None, upper), SECONDS),
    st.builds(lambda lower, more: Duration(lower, lower + more), st.integers(0, 10**6), st.integers(1, 10**6)),
    st.just(CaseValues("outcome", (None,))),
    st.just(IsOpen()),
)
FILTERS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a & b, inner, inner),
        st.builds(lambda a, b: a | b, inner, inner),
        inner.map(lambda a: ~a),
    ),
    max_leaves=5,
)


def read_back(text: str) -> CaseFilter:
    return filter_from_record(json.loads(text)) if text.startswith("{") else parse_filter(text)


@given(case_filter=FILTERS)
def test_what_is_written_is_read_back(case_filter):
    assert read_back(filter_as_text(case_filter)) == case_filter


@pytest.mark.parametrize(
    "text",
    [
        "duration>30d",
        "duration<=90min",
        "duration=1d..30d",
        "channel=МФЦ, ЕПГУ and not follows(A, B)",
        "(activity=A or repeats(B)) and open",
        "activity=A or repeats(B) and open",
        "not (activity=A and open)",
        "opened=2026-01-01..2026-03-31",
        "closed>=2026-01-01",
        "attr:Region=“a, b”",
        "unknown(channel)",
        "top_variants=0.8 and variant=0,2",
    ],
)
def test_expressions_stay_as_they_are(text):
    assert filter_as_text(parse_filter(text)) == text


def test_what_no_expression_holds_is_written_as_a_record():
    for case_filter in (HasActivity(("A", "B"), times=3), CaseValues("channel", (None, "МФЦ"))):
        assert filter_as_text(case_filter).startswith('{"kind": ')
        assert read_back(filter_as_text(~case_filter)) == ~case_filter
