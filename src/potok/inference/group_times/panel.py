"""A checked panel, and who is compared with whom at which places of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from potok.core.language import gettext as _
from potok.inference.group_times.errors import NothingComparedError, UnfitCovariatesError, UnfitGroupTimesError
from potok.inference.observations import Floats, Integers

Flags = NDArray[np.bool_]
NEVER: Final = -1
LATE: Final = np.iinfo(np.int64).max // 2


class Controls(StrEnum):
    """Who is compared with those that changed."""

    NOT_YET = "not_yet"
    NEVER = "never"


class BasePeriod(StrEnum):
    """From which place differences before the change are taken."""

    VARYING = "varying"
    UNIVERSAL = "universal"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One group at one place, with whom it is compared and from where.

    Parameters
    ----------
    group, place, base
        First treated place of the group; the place looked at; the place from which the difference is taken.
    is_treated, is_control
        Shape (N,): with outcomes at both places.
    """

    group: int
    place: int
    base: int
    is_treated: Flags
    is_control: Flags


@dataclass(frozen=True, slots=True)
class StudyPanel:
    """Outcomes of N study units at T places, checked.

    Parameters
    ----------
    outcomes
        Shape (N, T); nan where there is none.
    since
        Shape (N,): first treated place; a number beyond all places for those never treated.
    covariates
        Shape (N, K), or None.
    weights
        Shape (N,), with mean 1 over the units that take part.
    takes_part
        Shape (N,): False for units already treated at the first place, without outcomes or without weight.
    anticipation
        Places before the change at which outcomes may already react.
    """

    outcomes: Floats
    since: Integers
    covariates: Floats | None
    weights: Floats
    takes_part: Flags
    anticipation: int

    @property
    def is_present(self) -> Flags:
        """Where there is an outcome, shape (N, T)."""
        return np.asarray(np.isfinite(self.outcomes) & self.takes_part[:, None])

    @property
    def groups(self) -> list[int]:
        """First treated places that occur, ascending."""
        return [int(group) for group in np.unique(self.since[self.takes_part]) if group < LATE]

    def compare(self, controls: Controls, base_period: BasePeriod) -> Iterator[Comparison]:
        """Yield, by group and place, what can be compared; also where one side turns out to be empty."""
        is_present = self.is_present
        for group in self.groups:
            is_member = (self.since == group) & self.takes_part
            seen = np.flatnonzero(is_present[is_member].any(axis=0))
            for place in seen.tolist():
                base = self._base(seen, group=group, place=place, base_period=base_period)
                if base is None:
                    continue
                both = is_present[:, place] & is_present[:, base]
                clear = LATE if controls is Controls.NEVER else max(place, base) + self.anticipation + 1
                yield Comparison(group, place, base, both & is_member, both & ~is_member & (self.since >= clear))

    def _base(self, seen: Integers, *, group: int, place: int, base_period: BasePeriod) -> int | None:
        """Return the base: the last place seen before the change, or before the place itself."""
        first = group - self.anticipation
        is_before = place < first
        limit = place if is_before and base_period is BasePeriod.VARYING else first
        earlier = seen[seen < limit]
        return int(earlier[-1]) if len(earlier) else None


def check_panel(
    outcomes: ArrayLike,
    first_treated: ArrayLike,
    *,
    covariates: ArrayLike | None,
    weights: ArrayLike | None,
    anticipation: int,
) -> StudyPanel:
    """Check that arrays fit each other, and leave out who cannot take part.

    Raises
    ------
    UnfitGroupTimesError
        If shapes do not fit, a weight is negative or not finite, or anticipation is negative.
    UnfitCovariatesError
        If a covariate is not known.
    NothingComparedError
        If nobody takes part.
    """
    values = np.asarray(outcomes, np.float64)
    places = np.asarray(first_treated)
    _check_shapes(values, places, anticipation)
    since = np.where(places == NEVER, LATE, places).astype(np.int64)
    weight = _checked_weights(weights, len(values))
    takes_part = np.isfinite(values).any(axis=1) & (since - anticipation > 0) & (weight > 0)
    if not takes_part.any():
        raise NothingComparedError(
            _("Nobody was watched before the change."),
            where="outcomes, first_treated",
            remedy=_("Widen the period to months before the first change."),
        )
    weight = np.where(takes_part, weight / weight[takes_part].mean(), 0.0)
    # What lies beyond the panel's end has not happened within it.
    since = np.where(since >= values.shape[1] + anticipation, LATE, since)
    return StudyPanel(values, since, _checked_covariates(covariates, len(values)), weight, takes_part, anticipation)


def _check_shapes(outcomes: Floats, first_treated: NDArray[np.generic], anticipation: int) -> None:
    is_fit = outcomes.ndim == 2 and first_treated.shape == outcomes.shape[:1]
    is_place = is_fit and first_treated.dtype.kind in "iu" and bool((first_treated.astype(np.int64) >= NEVER).all())
    if not is_place or anticipation < 0 or np.isinf(outcomes).any():
        raise UnfitGroupTimesError(
            _("Outcomes {outcomes} and first treated places {places} do not fit, or are no numbers.").format(
                outcomes=outcomes.shape, places=first_treated.shape
            ),
            where="outcomes, first_treated, anticipation",
            remedy=_("Give one row per agency and one whole number each: its first treated place, or -1."),
        )


def _checked_weights(weights: ArrayLike | None, count: int) -> Floats:
    checked = np.ones(count) if weights is None else np.asarray(weights, np.float64)
    if checked.shape != (count,) or not np.isfinite(checked).all() or (checked < 0).any():
        raise UnfitGroupTimesError(
            _("Weights must be one number, not negative, for each of the {count} agencies.").format(count=count),
            where="weights",
            remedy=_("Give the number of cases of each agency."),
        )
    return checked


def _checked_covariates(covariates: ArrayLike | None, count: int) -> Floats | None:
    if covariates is None:
        return None
    checked = np.asarray(covariates, np.float64)
    checked = checked[:, None] if checked.ndim == 1 else checked
    if checked.ndim != 2 or len(checked) != count or not np.isfinite(checked).all():
        raise UnfitCovariatesError(
            _("Covariates must be known for each of the {count} agencies.").format(count=count),
            where="covariates",
            remedy=_("Leave out the covariate, or the agencies for which it is not known."),
        )
    return checked
