"""Spans of time of many owners in one pair of arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from potok.discover.resource_calendars.work import Integers


@dataclass(frozen=True, slots=True)
class OwnedSpans:
    """Half-open spans ``[start, end)`` of owners 0 to n − 1, such as the hours on duty of each resource.

    Parameters
    ----------
    offsets
        (n + 1,) int64: the spans of owner i lie from ``offsets[i]`` to before ``offsets[i + 1]``.
    starts_us, ends_us
        (m,) int64: microseconds UTC; of each owner ascending and disjoint.
    """

    offsets: Integers
    starts_us: Integers
    ends_us: Integers

    @property
    def owners(self) -> int:
        """Number of owners."""
        return len(self.offsets) - 1

    def of(self, owner: int) -> tuple[Integers, Integers]:
        """Return starts and ends of an owner's spans; none for an owner who is not there."""
        if not 0 <= owner < self.owners:
            return self.starts_us[:0], self.ends_us[:0]
        place = slice(int(self.offsets[owner]), int(self.offsets[owner + 1]))
        return self.starts_us[place], self.ends_us[place]

    def by_owner(self) -> dict[int, tuple[Integers, Integers]]:
        """Return starts and ends by owner."""
        return {owner: self.of(owner) for owner in range(self.owners)}

    def total_us(self) -> Integers:
        """Return the length of each owner's spans, (n,) int64."""
        passed = np.concatenate([[0], np.cumsum(self.ends_us - self.starts_us)])
        return np.asarray(np.diff(passed[self.offsets]), dtype=np.int64)


def own_spans(parts: Sequence[tuple[Integers, Integers]]) -> OwnedSpans:
    """Return the spans of owners 0, 1, …, given as starts and ends."""
    counts = np.array([len(starts) for starts, _ends in parts], dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    if not len(parts):
        return OwnedSpans(offsets, np.zeros(0, np.int64), np.zeros(0, np.int64))
    starts, ends = (np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True))
    return OwnedSpans(offsets, starts, ends)
