"""An even sample of cases, by variant."""

from collections.abc import Mapping
from math import floor


def sample_cases(traces: Mapping[tuple[str, ...], int], *, number: int) -> dict[tuple[str, ...], int]:
    """Return about so many cases, spread evenly over all; all of them if there are not many more variants.

    Cases are lined up by the frequency of their variant, and every so-manieth is taken: the same log gives the same.
    """
    if len(traces) <= number:
        return dict(traces)
    ranked = sorted(traces, key=lambda trace: (-traces[trace], trace))
    step = max(1.0, sum(traces.values()) / number)
    sample: dict[tuple[str, ...], int] = {}
    before = 0
    for trace in ranked:
        after = before + traces[trace]
        # Case numbers k with k = ⌊(i + ½) × step⌋ for some i.
        taken = floor(after / step + 0.5) - floor(before / step + 0.5)
        if taken:
            sample[trace] = taken
        before = after
    return sample
