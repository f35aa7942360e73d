"""Time that spans share with others."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from potok.simulate.discovery.people import left_over, overlaps

CUTS = st.lists(st.integers(0, 60), min_size=0, max_size=12, unique=True).map(sorted)


@given(CUTS, CUTS)
def test_overlaps_are_counted_instant_by_instant(cuts, others):
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    held = list(zip(others[::2], others[1::2], strict=False))
    expected = [sum(any(low <= at < high for low, high in held) for at in range(*span)) for span in spans]
    given_spans, given_held = np.array(spans, np.int64).reshape(-1, 2), np.array(held, np.int64).reshape(-1, 2)
    assert overlaps(*given_spans.T, *given_held.T).tolist() == expected


@given(CUTS, CUTS)
def test_what_is_left_over_is_in_no_other_span(cuts, others):
    spans = np.array(list(zip(cuts[::2], cuts[1::2], strict=False)), np.int64).reshape(-1, 2)
    held = np.array(list(zip(others[::2], others[1::2], strict=False)), np.int64).reshape(-1, 2)
    inside = {at for low, high in spans.tolist() for at in range(low, high)}
    covered = {at for low, high in held.tolist() for at in range(low, high)}
    starts, ends = left_over(*spans.T, *held.T)
    found = [at for low, high in zip(starts.tolist(), ends.tolist(), strict=True) for at in range(low, high)]
    assert found == sorted(inside - covered)
