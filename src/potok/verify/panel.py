"""Mean outcomes by agency and month of opening, which designs work on."""

from dataclasses import dataclass

import numpy as np

from potok.verify.study import UNKNOWN, Arms, Flags, Floats, Integers, Panel, Side, Study


@dataclass(frozen=True, slots=True)
class Cells:
    """Which case stands in which cell of a panel, one for each of N agencies and T months.

    Parameters
    ----------
    cell
        Shape (n,): agency · T + month; `UNKNOWN` for cases that are left out.
    agencies
        N labels, sorted.
    arms
        Whose months they are.
    first_changed, change_month
        Shape (N,): as in `Panel`.
    """

    cell: Integers
    agencies: tuple[str, ...]
    arms: Arms
    first_changed: Integers
    change_month: Integers

    @property
    def count(self) -> int:
        """How many cells there are."""
        return len(self.agencies) * len(self.arms.months)

    def panel(self, *, mean: Floats, variance: Floats, cases: Integers) -> Panel:
        """Return figures of the cells, shape (cells,), as a panel; a cell without a figure has no cases."""
        shape = (len(self.agencies), len(self.arms.months))
        is_known = np.isfinite(mean)
        return Panel(
            agencies=self.agencies,
            months=self.arms.months,
            mean=mean.reshape(shape),
            cases=np.where(is_known, cases, 0).reshape(shape),
            variance=np.where(is_known, variance, np.nan).reshape(shape),
            first_changed=self.first_changed,
            change_month=self.change_month,
        )


def make_panel(study: Study, arms: Arms, *, values: Floats | None = None, with_transition: bool = False) -> Panel:
    """Average the outcome of the cases that take part, by agency and month of opening.

    Parameters
    ----------
    values
        Shape (n,): another value per case than the primary outcome, such as a quality indicator; cases with nan are
        left out.
    with_transition
        Keep the cases of the transition windows, too, and months of both sides: inference by randomisation leaves out
        the windows of each assignment itself.
    """
    value = arms.outcome if values is None else values
    cells = find_cells(study, arms, is_known=np.isfinite(value), with_transition=with_transition)
    taken = cells.cell != UNKNOWN
    cell, known = cells.cell[taken], value[taken]
    count = np.bincount(cell, minlength=cells.count)
    total = np.bincount(cell, weights=known, minlength=cells.count)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / count
        scatter = np.bincount(cell, weights=(known - mean[cell]) ** 2, minlength=cells.count)
        variance = np.where(count > 1, scatter / (count - 1) / count, np.nan)
    return cells.panel(mean=np.where(count > 0, mean, np.nan), variance=variance, cases=count)


def find_cells(study: Study, arms: Arms, *, is_known: Flags, with_transition: bool = False) -> Cells:
    """Return in which cell each case stands.

    Parameters
    ----------
    is_known
        Shape (n,): which cases have a value.
    with_transition
        As in `make_panel`.

    Notes
    -----
    A month counts for an agency only as a whole. It is empty if the agency opened cases in it both before and after its
    change, or within the transition window, or too late to be followed: a few days' cases would stand for a month.
    """
    taken = (arms.takes_part | (with_transition & (arms.side == Side.TRANSITION))) & is_known
    present = np.unique(study.cases.agency.codes[arms.takes_part])
    place = np.full(len(study.cases.agency.labels), UNKNOWN, np.int64)
    place[present] = np.arange(len(present))
    rows = place[study.cases.agency.codes]
    if not len(present):
        nothing = np.zeros(0, np.int64)
        return Cells(np.full(len(rows), UNKNOWN), (), arms, nothing, nothing)
    is_mixed = _mixed_months(rows, arms, agencies=len(present))
    taken &= ~_partial_months(rows, arms, is_mixed, with_transition=with_transition)[rows, arms.month]
    return Cells(
        cell=np.where(taken, rows * len(arms.months) + arms.month, UNKNOWN),
        agencies=tuple(study.cases.agency.labels[code] for code in present.tolist()),
        arms=arms,
        first_changed=_first_changed(rows, arms, _partial_months(rows, arms, is_mixed, with_transition=False)),
        change_month=_change_months(rows, arms, agencies=len(present)),
    )


def _mixed_months(rows: Integers, arms: Arms, *, agencies: int) -> Flags:
    """Return the months, (N, T), with cases both before and after the change."""
    seen = np.zeros((2, agencies, len(arms.months)), np.bool_)
    for side, place in ((Side.BEFORE, 0), (Side.AFTER, 1)):
        is_side = arms.side == side
        seen[place, rows[is_side], arms.month[is_side]] = True
    return np.asarray(seen.all(axis=0))


def _partial_months(rows: Integers, arms: Arms, is_mixed: Flags, *, with_transition: bool) -> Flags:
    """Return the months, (N, T), that cannot be taken as a whole."""
    partial = np.zeros_like(is_mixed) if with_transition else is_mixed.copy()
    cut = (Side.UNFOLLOWED,) if with_transition else (Side.UNFOLLOWED, Side.TRANSITION)
    is_cut = np.isin(arms.side, cut) & (rows >= 0)
    partial[rows[is_cut], arms.month[is_cut]] = True
    return partial


def _first_changed(rows: Integers, arms: Arms, is_partial: Flags) -> Integers:
    """Return each agency's first whole month after its transition, (N,)."""
    first = np.full(is_partial.shape[0], UNKNOWN, np.int64)
    is_after = (arms.side == Side.AFTER) & ~is_partial[rows, arms.month]
    for agency in range(len(first)):
        months = arms.month[is_after & (rows == agency)]
        if len(months):
            first[agency] = months.min()
    return first


def _change_months(rows: Integers, arms: Arms, *, agencies: int) -> Integers:
    """Return the month in which each agency's day of change lies, (N,)."""
    month = np.full(agencies, UNKNOWN, np.int64)
    is_changing = (arms.side == Side.BEFORE) | (arms.side == Side.AFTER) | (arms.side == Side.TRANSITION)
    for agency in range(agencies):
        chosen = np.flatnonzero(is_changing & (rows == agency))
        if len(chosen):
            month[agency] = arms.change_month[chosen[0]]
    return month
