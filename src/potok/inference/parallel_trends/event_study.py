"""Effects by places since the change, all held against one base before it."""

from dataclasses import dataclass

import numpy as np

from potok.core.language import gettext as _
from potok.inference.group_times import Aggregate, Scheme
from potok.inference.observations import Floats, Integers
from potok.inference.parallel_trends.errors import NoTrendError


@dataclass(frozen=True, slots=True)
class EventStudy:
    """Effects before and after the change, and how they err together.

    Parameters
    ----------
    keys
        Shape (p,): places since the change, ascending, without the base.
    effects
        Shape (p,): differences from the base.
    covariance
        Shape (p, p).
    base
        The place that all are held against; its effect is 0 by definition.
    units
        Study units behind the covariance; None if unknown.
    """

    keys: Integers
    effects: Floats
    covariance: Floats
    base: int = -1
    units: int | None = None

    def __post_init__(self) -> None:
        """Check that there is something after the base, and that shapes agree."""
        count = len(self.keys)
        is_fit = self.effects.shape == (count,) and self.covariance.shape == (count, count)
        is_ordered = bool((np.diff(self.keys) > 0).all()) and self.base not in self.keys
        if not is_fit or not is_ordered or not (self.keys >= 0).any():
            raise NoTrendError(
                _("An event study needs ascending places, one base, and effects after the change."),
                where="keys, effects, covariance, base",
                remedy=_("Estimate effects from one base: choose the universal base period."),
            )

    @property
    def is_before(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Whether each place lies before the base, shape (p,)."""
        return np.asarray(self.keys < self.base)


def event_study_of(aggregate: Aggregate) -> EventStudy:
    """Read an event study from effects averaged by places since the change, estimated from a universal base.

    Raises
    ------
    NoTrendError
        If effects were averaged otherwise, or have no common base.
    """
    parts = aggregate.parts if aggregate.scheme is Scheme.DYNAMIC else ()
    bases = [part.key for part in parts if part.key < 0 and part.effect.standard_error == 0]
    if len(bases) != 1:
        raise NoTrendError(
            _("The effects are not held against one common base."),
            where="aggregate",
            remedy=_("Estimate with the universal base period and aggregate by places since the change."),
        )
    kept = [place for place, part in enumerate(parts) if part.key != bases[0]]
    return EventStudy(
        keys=np.array([parts[place].key for place in kept]),
        effects=np.array([parts[place].effect.value for place in kept]),
        covariance=aggregate.covariance[np.ix_(kept, kept)],
        base=bases[0],
        units=aggregate.units,
    )
