"""Series of features: what is searched for changes."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from potok.diagnose.drift.result import Aspect, DriftRefusal, Feature, Measured

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

LEAST_OCCURRENCES: Final = 10
MOST_FEATURES: Final = 300


@dataclass(frozen=True, slots=True)
class Series:
    """Features of successive cases, days or weeks.

    Parameters
    ----------
    aspect
        What they belong to.
    unit
        ``case``, ``day`` or ``week``.
    features
        (f): what the columns are.
    values
        (n, f): what is searched: scores of mean 0, 0 where unknown.
    raw
        (n, f): what is reported; nan where unknown.
    measured
        What `raw` is.
    at_us
        (n,): opening of the case, or beginning of the day or week.
    refusal
        Why there is nothing to search.
    """

    aspect: Aspect
    unit: str
    features: tuple[Feature, ...]
    values: Floats
    raw: Floats
    measured: tuple[Measured, ...]
    at_us: Integers
    refusal: DriftRefusal | None = None


def nothing(aspect: Aspect, unit: str = "case", *, refusal: DriftRefusal = DriftRefusal.NOT_LOGGED) -> Series:
    """Return a series without features."""
    none = np.zeros((0, 0))
    return Series(aspect, unit, (), none, none, (), np.zeros(0, np.int64), refusal)


def share_series(aspect: Aspect, at_us: Integers, features: list[Feature], flags: Flags) -> Series:
    """Return a series of things that a case has or has not.

    What too few cases have, or lack, is left out; of several that always go together the first is kept; of too many,
    those that vary most.

    Parameters
    ----------
    flags
        (n, f).
    """
    held = flags.sum(axis=0)
    least = LEAST_OCCURRENCES
    chosen = np.flatnonzero((held >= least) & (held <= len(flags) - least))
    chosen = _first_of_equals(flags, chosen)
    if len(chosen) > MOST_FEATURES:
        varies = np.minimum(held[chosen], len(flags) - held[chosen])
        chosen = np.sort(chosen[np.argsort(-varies, kind="stable")[:MOST_FEATURES]])
    if not len(chosen):
        return nothing(aspect)
    raw = flags[:, chosen].astype(np.float64)
    kept = tuple(features[place] for place in chosen)
    return Series(aspect, "case", kept, raw - raw.mean(axis=0), raw, (Measured.SHARE,) * len(kept), at_us)


def _first_of_equals(flags: Flags, chosen: Integers) -> Integers:
    packed = np.ascontiguousarray(np.packbits(flags[:, chosen], axis=0).T)
    seen: set[bytes] = set()
    kept = []
    for place, column in zip(chosen, packed, strict=True):
        key = column.tobytes()
        if key not in seen:
            seen.add(key)
            kept.append(place)
    return np.array(kept, np.int64)


def rank_scores(raw: Floats) -> Floats:
    """Return ranks of known values as scores from −1 to 1, equal values sharing theirs, and 0 for unknown ones."""
    scores = np.zeros_like(raw)
    for column in range(raw.shape[1]):
        known = np.isfinite(raw[:, column])
        _values, place, counts = np.unique(raw[known, column], return_inverse=True, return_counts=True)
        middle = np.cumsum(counts) - (counts + 1) / 2
        count = int(known.sum())
        scores[known, column] = (2 * middle[place] - (count - 1)) / max(count, 1)
    return scores
