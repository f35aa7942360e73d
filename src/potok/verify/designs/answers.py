"""What a design answers, and how improvements are told from changes of an outcome."""

from dataclasses import dataclass

import numpy as np

from potok.inference.estimate import Estimate
from potok.inference.group_times import Aggregate
from potok.verify.designs.quality_differences import DifferenceJudge
from potok.verify.effect import EffectEstimate, SecondOpinion
from potok.verify.protocol.model import Direction, Protocol
from potok.verify.study import Flags, Panel


@dataclass(frozen=True, slots=True)
class Answer:
    """The primary estimate with other methods beside it.

    Parameters
    ----------
    estimate
        None where no design fits.
    second_opinions
        Other methods.
    bands
        Limits of `estimate.periods` that hold for all of them at once; empty where there are none.
    event_study
        Effects by months since the change; None where there is none.
    differences
        How quality is judged against other agencies; None where it is held against the own past.
    """

    estimate: EffectEstimate | None
    second_opinions: tuple[SecondOpinion, ...] = ()
    bands: tuple[Estimate, ...] = ()
    event_study: Aggregate | None = None
    differences: DifferenceJudge | None = None


def sign_of(protocol: Protocol) -> int:
    """Return −1 where a lower outcome is an improvement, else 1."""
    return -1 if protocol.estimand.direction is Direction.LOWER_IS_BETTER else 1


def as_improvement(change: Estimate, sign: int) -> Estimate:
    """Turn a change of the outcome (with − without) into an improvement."""
    limits = sorted((sign * change.lower, sign * change.upper))
    return Estimate(sign * change.value, limits[0], limits[1], change.standard_error, change.confidence)


def relative_improvement(improvement: Estimate, *, with_change: float, sign: int) -> Estimate | None:
    """Return an improvement as a share of the outcome without the change; None where that may be nothing.

    The outcome with the change is what was observed, so the limits follow from those of the improvement: the share
    D ÷ (with − sign · D) rises with D.
    """
    values = (improvement.value, improvement.lower, improvement.upper)
    without = [with_change - sign * value for value in values]
    if not all(np.isfinite(values)) or min(without) <= 0:
        return None
    value, lower, upper = (one / base for one, base in zip(values, without, strict=True))
    return Estimate(value, lower, upper, np.nan, improvement.confidence)


def mean_after(panel: Panel, *, taken: Flags | None = None) -> tuple[float, int]:
    """Return the mean outcome of the cases after the change, and their number.

    Parameters
    ----------
    taken
        Shape (N, T): the months of agencies that count; None: all.
    """
    total, cases = 0.0, 0
    counted = panel.cases if taken is None else np.where(taken, panel.cases, 0)
    for row, first in enumerate(panel.first_changed.tolist()):
        if first >= 0:
            counts = counted[row, first:]
            total += float((np.nan_to_num(panel.mean[row, first:]) * counts).sum())
            cases += int(counts.sum())
    return (total / cases if cases else np.nan), cases


def count_before(panel: Panel) -> tuple[int, int]:
    """Return the cases before the change, and the months with such cases, of the agencies that change."""
    chosen = [(row, first) for row, first in enumerate(panel.first_changed.tolist()) if first >= 0]
    cases = sum(int(panel.cases[row, :first].sum()) for row, first in chosen)
    seen = np.zeros(len(panel.months), np.bool_)
    for row, first in chosen:
        seen[:first] |= panel.cases[row, :first] > 0
    return cases, int(seen.sum())


def count_after_months(panel: Panel) -> int:
    """Return the months with cases after the change, of the agencies that change."""
    seen = np.zeros(len(panel.months), np.bool_)
    for row, first in enumerate(panel.first_changed.tolist()):
        if first >= 0:
            seen[first:] |= panel.cases[row, first:] > 0
    return int(seen.sum())


def count_compared(panel: Panel) -> int:
    """Return the cases of agencies that do not change."""
    return int(panel.cases[panel.first_changed < 0].sum())
