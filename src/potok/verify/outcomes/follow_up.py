"""Means and shares where some cases were not followed to the end: what a plain mean of the known ones would flatter.

Long cases are the ones whose end is not yet known, so that a mean over the closed ones is too short. Here open cases
count for as long as they were followed, cases that came under observation late count from then on, and a log of closed
cases only gives nothing: it lacks the long ones, and no estimator here can put them back.
"""

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from potok.core.errors import PotokError
from potok.inference.censoring_weights import censoring_weights
from potok.inference.competing_outcomes import aalen_johansen
from potok.inference.estimate import Estimate, normal_quantile
from potok.inference.proportions import wilson_limits
from potok.inference.survival import kaplan_meier, restricted_mean
from potok.verify.outcomes.values import ClockedCases
from potok.verify.protocol.model import Protocol
from potok.verify.study import UNKNOWN, Flags, Floats, Integers, Labels

CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class CellMeans:
    """Restricted mean durations of groups of cases; every array has shape (cells,).

    Parameters
    ----------
    mean, standard_error
        In days; nan where there are no cases, too few, or where nothing can be told up to the horizon.
    cases
        Cases under observation in each cell, including those left open.
    censored
        Of these: left open before the horizon.
    """

    mean: Floats
    standard_error: Floats
    cases: Integers
    censored: Integers


def restricted_cell_means(
    cases: ClockedCases, *, cell: Integers, cells: int, horizon_days: float, confidence: float = CONFIDENCE
) -> CellMeans:
    """Estimate the restricted mean duration in each of several groups of cases, such as agencies and months.

    Estimand: E[min(T, τ)] of the cases of a cell. Where every case of a cell is known up to τ from its opening, it is
    their mean, with its standard error by their scatter; else the area under the Kaplan–Meier curve with delayed entry,
    which assumes that watching begins and ends independently of T within the cell.

    Parameters
    ----------
    cell
        Shape (n,): place of each case; `UNKNOWN` leaves it out.
    cells
        How many there are.
    horizon_days
        τ, in days of the clock.

    Returns
    -------
    CellMeans
        All nan for a log of closed cases only.
    """
    taken = (cell != UNKNOWN) & ~cases.is_unwatched
    is_known = cases.is_closed | (cases.duration >= horizon_days)
    is_late = cases.watched_from > 0
    count = np.bincount(cell[taken], minlength=cells)
    left = np.bincount(cell[taken & ~is_known], minlength=cells)
    if cases.is_closed_only:
        return CellMeans(np.full(cells, np.nan), np.full(cells, np.nan), count, left)
    value = np.minimum(cases.duration, horizon_days)
    mean, error = _plain_means(value[taken], cell[taken], cells)
    for place in np.unique(cell[taken & (~is_known | is_late)]).tolist():
        chosen = taken & (cell == place)
        mean[place], error[place] = _curve_mean(cases, chosen, horizon_days, confidence)
    return CellMeans(mean, error, count, left)


def _plain_means(value: Floats, cell: Integers, cells: int) -> tuple[Floats, Floats]:
    count = np.bincount(cell, minlength=cells)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(cell, weights=value, minlength=cells) / count
        scatter = np.bincount(cell, weights=(value - mean[cell]) ** 2, minlength=cells)
        error = np.where(count > 1, np.sqrt(scatter / (count - 1) / count), np.nan)
    return mean, error


def _curve_mean(cases: ClockedCases, chosen: Flags, horizon_days: float, confidence: float) -> tuple[float, float]:
    try:
        curve = kaplan_meier(
            cases.duration[chosen],
            cases.is_closed[chosen],
            entry=cases.watched_from[chosen],
            confidence=confidence,
        )
        found = restricted_mean(curve, horizon_days)
    except PotokError:  # nobody was watched from the opening, or nobody up to the horizon
        return math.nan, math.nan
    return found.value, found.standard_error


def weighted_cell_means(
    cases: ClockedCases, values: Floats, *, cell: Integers, cells: int, horizon_days: float
) -> CellMeans:
    """Estimate the mean of a value that is known once a case has ended, or has been followed to the horizon.

    Estimand: E[value] of the cases of a cell. A case whose value is known weighs one over the probability of having
    been followed so long, so that it also speaks for those that were not. Assumes that following ends independently of
    T and of the value within the cell; cases that came under observation late are left out.

    Parameters
    ----------
    values
        Shape (n,): looked at where it is known.
    cell, cells, horizon_days
        As in `restricted_cell_means`.

    Returns
    -------
    CellMeans
        All nan for a log of closed cases only, and where nobody of a cell was followed to the horizon; the standard
        error takes the weights as given.
    """
    taken = (cell != UNKNOWN) & ~cases.is_unwatched & (cases.watched_from == 0)
    is_known = cases.is_closed | (cases.duration >= horizon_days)
    count = np.bincount(cell[taken], minlength=cells)
    left = np.bincount(cell[taken & ~is_known], minlength=cells)
    if cases.is_closed_only:
        return CellMeans(np.full(cells, np.nan), np.full(cells, np.nan), count, left)
    mean, error = _plain_means(values[taken], cell[taken], cells)
    for place in np.flatnonzero(left).tolist():
        chosen = taken & (cell == place)
        mean[place], error[place] = _weighted_mean(cases, values, chosen, horizon_days)
    return CellMeans(mean, error, count, left)


def _weighted_mean(cases: ClockedCases, values: Floats, chosen: Flags, horizon_days: float) -> tuple[float, float]:
    duration, is_closed = cases.duration[chosen], cases.is_closed[chosen]
    last = float(duration.max())
    if last < horizon_days and not is_closed[duration == last].all():
        return math.nan, math.nan  # nobody was followed to the horizon
    weights = censoring_weights(duration, is_closed, horizon=horizon_days)
    known = np.where(weights > 0, values[chosen], 0.0)
    mean = float((weights * known).sum()) / len(duration)
    if len(duration) < 2:
        return mean, math.nan
    rest = np.where(weights > 0, weights * (known - mean), 0.0)
    return mean, math.sqrt(float(np.square(rest).sum()) / (len(duration) - 1) / len(duration))


class End(IntEnum):
    """How a case ends; the number is its cause."""

    DECIDED = 1
    """Closed with any other outcome than the following."""
    REFUSED = 2
    WITHDRAWN = 3
    """Withdrawn, or returned without a decision."""
    UNTOLD = 4
    """Closed with an empty outcome."""


@dataclass(frozen=True, slots=True)
class EndShares:
    """Which share of cases has ended in which way by the horizon.

    Parameters
    ----------
    shares
        One for each member of `End`, in their order.
    waiting
        Share still open at the horizon; with the others it adds up to 1.
    cases
        Behind them.
    """

    shares: tuple[Estimate, ...]
    waiting: float
    cases: int


def case_ends(outcome: Labels, is_closed: Flags, protocol: Protocol) -> Integers:
    """Return how each case ended, shape (n,): a member of `End`, or 0 while open."""
    declared = protocol.declarations
    refused = _holds(outcome, declared.refusal_values)
    withdrawn = _holds(outcome, declared.withdrawal_values)
    ends = np.select(
        [~is_closed, outcome.codes == UNKNOWN, withdrawn, refused],
        [0, End.UNTOLD, End.WITHDRAWN, End.REFUSED],
        End.DECIDED,
    )
    return np.asarray(ends, np.int64)


def end_shares(
    cases: ClockedCases, ends: Integers, *, chosen: Flags, horizon_days: float, confidence: float = CONFIDENCE
) -> EndShares | None:
    """Estimate by the horizon which share of cases was decided, refused or withdrawn, and which is still open.

    Estimand: P(T ≤ τ, end = k), after Aalen and Johansen: a withdrawal competes with a decision, so that a case that
    was withdrawn can no longer be decided and is not taken for one that still waits. Assumes that watching begins and
    ends independently of T and of the end.

    Parameters
    ----------
    ends
        As `case_ends`.
    chosen
        Shape (n,): the cases to look at.

    Returns
    -------
    EndShares | None
        None for a log of closed cases only, without cases, or if nobody was followed to the horizon.
    """
    taken = chosen & ~cases.is_unwatched
    if cases.is_closed_only or not taken.any() or cases.watched_from[taken].min() > 0:
        return None
    try:
        curve = aalen_johansen(
            cases.duration[taken],
            ends[taken],
            n_causes=len(End),
            entry=cases.watched_from[taken],
            confidence=confidence,
        )
    except PotokError:  # all under observation ended before others came under it
        return None
    waiting = curve.waiting_at(horizon_days)
    if math.isnan(waiting):
        return None
    shares = tuple(curve.at(horizon_days, cause=int(end)) for end in End)
    return EndShares(shares, waiting, int(np.count_nonzero(taken)))


def weighted_share(
    has: Flags,
    *,
    known_after: Floats,
    is_known: Flags,
    horizon_days: float,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """Estimate which share of the cases that end by the horizon has a property that shows only at their end.

    Estimand: P(property | T ≤ τ). A case whose end is known weighs one over the probability of having been followed so
    long, so that it also speaks for those that were not: without weights, quick cases would be too many among the
    known ones. Assumes that following ends independently of T and of the property; no delayed entry.

    Parameters
    ----------
    has
        Shape (n,): whether a case has the property; looked at where it is known.
    known_after
        Shape (n,): days from opening until it was known, or until following ended.
    is_known
        Shape (n,).
    horizon_days
        τ.

    Returns
    -------
    Estimate
        With Wilson's interval for the effective number of cases, (Σw)² / Σw², weights taken as given; nan, and limits
        0 and 1, if no case ended by the horizon.

    References
    ----------
    Robins and Finkelstein (2000), "Correcting for noncompliance and dependent censoring … with inverse probability of
    censoring weighted log-rank tests"; Kish (1965), *Survey Sampling*, for the effective number.
    """
    ended = is_known & (known_after <= horizon_days)
    if not ended.any():
        return Estimate(math.nan, 0.0, 1.0, math.nan, confidence)
    weights = np.where(ended, censoring_weights(known_after, is_known, horizon=horizon_days), 0.0)
    total = float(weights.sum())
    share = min(1.0, float((weights * has).sum()) / total)
    effective = total**2 / float((weights**2).sum())
    error = math.sqrt(float((weights**2 * (has - share) ** 2).sum())) / total
    lower, upper = wilson_limits(share, effective, z=normal_quantile(confidence))
    return Estimate(share, lower, upper, error, confidence)


def _holds(labels: Labels, values: tuple[str, ...]) -> Flags:
    chosen = [code for code, label in enumerate(labels.labels) if label in values]
    return np.asarray(np.isin(labels.codes, chosen))
