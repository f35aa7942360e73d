"""The usual case and the slow ones, by the same design as the mean: quantiles by agency and month.

Estimand: the mean, over the same agencies and months, of the quantile with the change less that without it. Inference
by randomisation is as exact for quantiles as it is for means; a series takes each month's quantile with its sampling
error.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from potok.core.language import mark
from potok.inference.observations import Floats, Integers
from potok.verify.designs.answers import as_improvement, sign_of
from potok.verify.designs.choice import DesignChoice
from potok.verify.designs.inferring import Panels, infer_change
from potok.verify.effect import SecondOpinion
from potok.verify.panel import Cells, find_cells
from potok.verify.protocol.model import OutcomeKind, Protocol
from potok.verify.study import UNKNOWN, Arms, Panel, Study


def quantile_opinions(
    study: Study, arms: Arms, panel: Panel, protocol: Protocol, *, choice: DesignChoice
) -> Iterator[SecondOpinion]:
    """Yield the change of the median and of the ninth decile of times or costs."""
    if protocol.estimand.outcome not in (OutcomeKind.CASE_DURATION, OutcomeKind.COST):
        return
    is_known = np.isfinite(arms.outcome)
    plain, whole = (
        QuantileCells.of(find_cells(study, arms, is_known=is_known, with_transition=both), arms.outcome)
        for both in (False, True)
    )
    for method, share, note in (("median_by_design", 0.5, _MEDIAN), ("ninth_decile_by_design", 0.9, _NINTH)):
        panels = Panels(plain.panel(share), whole.panel(share)).held_to(panel)
        found = None if panels is None else infer_change(panels, choice)
        if found is not None:
            yield SecondOpinion(method, as_improvement(found[0], sign_of(protocol)), note)


@dataclass(frozen=True, slots=True)
class QuantileCells:
    """Values of cases, ascending within each cell.

    Parameters
    ----------
    cells
        Agencies and months.
    values
        Shape (m,): of the cases that stand in a cell, cell after cell.
    count, begin
        Shape (cells,): how many there are of each, and where its first one stands.
    """

    cells: Cells
    values: Floats
    count: Integers
    begin: Integers

    @classmethod
    def of(cls, cells: Cells, values: Floats) -> "QuantileCells":
        """Sort values of cases, shape (n,), that are known where a case stands in a cell."""
        taken = np.flatnonzero(cells.cell != UNKNOWN)
        order = np.lexsort((values[taken], cells.cell[taken]))
        count = np.bincount(cells.cell[taken], minlength=cells.count)
        return cls(cells, values[taken][order], count, np.cumsum(count) - count)

    def panel(self, share: float) -> Panel:
        """Return the quantile of each cell with its variance: half the way between the ranks one error off, squared."""
        centre, reach = share * self.count, np.sqrt(share * (1 - share) * self.count)
        low, high = (self._between(centre + side * reach) for side in (-1, 1))
        variance = np.where(self.count > 1, np.square((high - low) / 2), np.nan)
        return self.cells.panel(mean=self._at(np.ceil(centre)), variance=variance, cases=self.count)

    def _between(self, rank: Floats) -> Floats:
        """Return the value at a rank that need not be whole, between those of its neighbours."""
        below = np.floor(rank)
        low, high = self._at(below), self._at(below + 1)
        return np.asarray(low + (rank - below) * (high - low))

    def _at(self, rank: Floats) -> Floats:
        """Return the value of a rank (from 1) of each cell; ranks beyond the first or last case are theirs."""
        has_cases = self.count > 0
        place = self.begin + np.clip(rank, 1, np.maximum(self.count, 1)).astype(np.int64) - 1
        return np.where(has_cases, self.values[np.where(has_cases, place, 0)] if len(self.values) else np.nan, np.nan)


_MEDIAN = mark("The usual case of each month (median), by the same design as the mean.")
_NINTH = mark("The time or cost that nine in ten cases of each month keep, by the same design as the mean.")
