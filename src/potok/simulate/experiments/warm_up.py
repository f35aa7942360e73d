"""Where a run that begins with an empty process has settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]
BATCH: Final = 5


@dataclass(frozen=True, slots=True)
class WarmUp:
    """The beginning of a run that is left out.

    Parameters
    ----------
    cases
        How many cases, in the order of arrival.
    is_found
        Whether the rest is steady as far as the rule can tell: a cut at the very limit of what it looks at says that
        the run was too short, or has no steady state.
    """

    cases: int
    is_found: bool


def find_warm_up(series: Sequence[Reals]) -> WarmUp:
    """Find how many cases to leave out, by MSER-5.

    The series of the replications are averaged case by case and put into batches of five. The cut is the one after
    which the standard error of the mean of the rest is least; only the first half is looked at.

    Parameters
    ----------
    series
        Of each replication a figure of the cases in the order of arrival, such as their duration.

    References
    ----------
    White, Cobb and Spratt (2000), “A comparison of five steady-state truncation heuristics for simulation”.
    """
    shortest = min((len(one) for one in series), default=0)
    batches = shortest // BATCH
    if batches < 2:
        return WarmUp(0, is_found=False)
    mean = np.mean([one[: batches * BATCH] for one in series], axis=0)
    batched = mean.reshape(batches, BATCH).mean(axis=1)
    errors = _squared_errors(batched)
    most = batches // 2
    cut = int(np.argmin(errors[: most + 1]))
    return WarmUp(cut * BATCH, is_found=cut < most or batches < 4)


def _squared_errors(batched: Reals) -> Reals:
    """Return ``Σ (Y_i − mean)² / (n − d)²`` of what is left after each cut ``d``."""
    left = np.arange(len(batched), 0, -1, dtype=np.float64)
    total = np.cumsum(batched[::-1])[::-1]
    squares = np.cumsum((batched**2)[::-1])[::-1]
    return np.asarray(np.maximum(squares - total**2 / left, 0.0) / left**2)
