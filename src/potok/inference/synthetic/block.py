"""A panel in which some agencies are treated from one month on: treated ones, controls, before, after."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.language import gettext as _
from potok.inference.aipw import Flags
from potok.inference.observations import Floats, Integers
from potok.inference.synthetic.errors import TooFewControlsError

FEWEST: Final = 2


@dataclass(frozen=True, slots=True)
class Block:
    """A panel without gaps, treated at one date.

    Parameters
    ----------
    controls
        Shape (C, T): outcomes of agencies that are never treated.
    treated
        Shape (K, T): outcomes of those that are.
    before
        How many of the T places lie before the change.
    control_rows, treated_rows
        Their rows in the panel given.
    places
        Shape (T,): the places of the panel given that are used.
    """

    controls: Floats
    treated: Floats
    before: int
    control_rows: Integers
    treated_rows: Integers
    places: Integers

    @property
    def after(self) -> int:
        """How many places lie after the change."""
        return len(self.places) - self.before

    def without(self, control: int) -> "Block":
        """Return the block without one control."""
        return self._with(np.delete(np.arange(len(self.controls)), control), self.treated, self.treated_rows)

    def pretending(self, chosen: Integers) -> "Block":
        """Return a block of controls alone, in which `chosen` ones are taken for treated."""
        rest = np.setdiff1d(np.arange(len(self.controls)), chosen)
        return self._with(rest, self.controls[chosen], self.control_rows[chosen])

    def earlier(self, before: int) -> "Block":
        """Return what came before the change, as if it had come after `before` places."""
        until = self.before
        return Block(
            self.controls[:, :until],
            self.treated[:, :until],
            before,
            self.control_rows,
            self.treated_rows,
            self.places[:until],
        )

    def _with(self, controls: Integers, treated: Floats, treated_rows: Integers) -> "Block":
        return Block(
            self.controls[controls], treated, self.before, self.control_rows[controls], treated_rows, self.places
        )


def make_block(outcomes: Floats, *, is_treated: Flags, first: int) -> Block:
    """Take the treated agencies, the places at which all of them have outcomes, and the controls complete there.

    Parameters
    ----------
    outcomes
        Shape (N, T), nan where there is none.
    is_treated
        Shape (N,).
    first
        The first treated place.

    Raises
    ------
    TooFewControlsError
        If there are not two controls and two places before the change, one place after it and one treated agency.
    """
    places = np.flatnonzero(np.isfinite(outcomes[is_treated]).all(axis=0))
    rows = np.flatnonzero(~is_treated & np.isfinite(outcomes[:, places]).all(axis=1))
    before = int(np.count_nonzero(places < first))
    if not is_treated.any() or min(len(rows), before) < FEWEST or before == len(places):
        raise TooFewControlsError(
            _(
                "{controls} controls have outcomes in all of {before} months before and {after} after the change."
            ).format(controls=len(rows), before=before, after=len(places) - before),
            where="outcomes",
            remedy=_("A synthetic comparison needs at least two controls and two months before the change."),
        )
    treated = np.flatnonzero(is_treated)
    return Block(outcomes[np.ix_(rows, places)], outcomes[np.ix_(treated, places)], before, rows, treated, places)
