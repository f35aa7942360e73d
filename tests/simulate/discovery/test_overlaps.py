"""Time that spans share with others."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from potok.simulate.discovery.people import overlaps

CUTS = st.lists(st.integers(0, 60), min_size=0, max_size=12, unique=True).map(sorted)


@given(CUTS, CUTS)
def test_overlaps_are_counted_instant_by_instant(cuts, others):
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    held = list(zip(others[::2], others[1::2], strict=False))
    expected = [sum(any(low <= at < high for low, high in held) for at in range(*span)) for span in spans]
    given_spans, given_held = np.array(spans, np.int64).reshape(-1, 2), np.array(held, np.int64).reshape(-1, 2)
    assert overlaps(*given_spans.T, *given_held.T).tolist() == expected
