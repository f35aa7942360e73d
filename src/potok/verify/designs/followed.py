"""The primary outcome with the cases that could not be followed to the end, by the same design.

The primary estimate looks only at cases followed for the whole horizon. Here cases opened later count for as long as
they were followed, and cases that were already under way when watching began count from then on (delayed entry):
durations by the area under the Kaplan–Meier curve of each agency and month, shares by weights inverse to the
probability of having been followed so long. Months of which nobody was followed to the horizon, or nobody was watched
from the opening, stay empty.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from potok.core.language import mark
from potok.verify.arms import place_by_opening
from potok.verify.designs.answers import as_improvement, sign_of
from potok.verify.designs.choice import DesignChoice
from potok.verify.designs.inferring import Panels, infer_change
from potok.verify.effect import SecondOpinion
from potok.verify.outcomes.follow_up import CellMeans, restricted_cell_means, weighted_cell_means
from potok.verify.outcomes.parts import REPEATED, YES
from potok.verify.outcomes.values import OutcomeValues
from potok.verify.panel import Cells, find_cells
from potok.verify.protocol.model import OutcomeKind, Protocol
from potok.verify.study import Arms, Panel, Side, Study


def opinion_with_open_cases(
    study: Study, arms: Arms, panel: Panel, protocol: Protocol, *, choice: DesignChoice, values: OutcomeValues
) -> Iterator[SecondOpinion]:
    """Yield the improvement with the cases that the primary estimate leaves out for want of follow-up.

    Parameters
    ----------
    values
        The outcome of each case, and the cases on the clock.
    """
    outcome = protocol.estimand.outcome
    if outcome in (OutcomeKind.ATTRIBUTE_SHARE, OutcomeKind.COST) or arms.is_closed_only:
        return
    placed = place_by_opening(study, arms, protocol.estimand, is_unwatched=values.is_unwatched)
    agency = study.cases.agency
    is_in = np.asarray([label in panel.agencies for label in agency.labels], np.bool_)[agency.codes]
    placed = replace(placed, side=np.where(is_in, placed.side, Side.OUTSIDE))
    everyone = np.ones(len(study.cases), np.bool_)
    plain, whole = (
        _panel(find_cells(study, placed, is_known=everyone, with_transition=both), study, protocol, values)
        for both in (False, True)
    )
    panels = Panels(plain, whole).held_to(panel)
    found = None if panels is None else infer_change(panels, choice)
    if found is not None:
        is_duration = outcome is OutcomeKind.CASE_DURATION
        method, note = ("kaplan_meier", _CURVES) if is_duration else ("inverse_probability", _WEIGHTS)
        yield SecondOpinion(method, as_improvement(found[0], sign_of(protocol)), note)


def _panel(cells: Cells, study: Study, protocol: Protocol, values: OutcomeValues) -> Panel:
    found = _cell_means(cells, study, protocol, values)
    return cells.panel(mean=found.mean, variance=np.square(found.standard_error), cases=found.cases)


def _cell_means(cells: Cells, study: Study, protocol: Protocol, values: OutcomeValues) -> CellMeans:
    estimand, cases = protocol.estimand, values.cases
    if estimand.outcome is OutcomeKind.CASE_DURATION:
        return restricted_cell_means(cases, cell=cells.cell, cells=cells.count, horizon_days=estimand.horizon_days)
    horizon = estimand.horizon_days
    is_good = cases.is_closed & (cases.duration <= horizon)
    if estimand.outcome is OutcomeKind.WITHIN_TERM_SHARE:
        horizon = horizon if estimand.term_days is None else estimand.term_days
        is_good = cases.is_closed & (cases.duration <= horizon)
    else:
        repeated = study.cases.attribute(REPEATED)
        is_good &= True if repeated is None else ~repeated.equals(YES)
    return weighted_cell_means(
        cases, is_good.astype(np.float64), cell=cells.cell, cells=cells.count, horizon_days=horizon
    )


_CURVES = mark(
    "With the cases that could not be followed for the whole horizon, each counted for as long as it was watched "
    "(Kaplan–Meier with delayed entry)."
)
_WEIGHTS = mark(
    "With the cases that could not be followed to the end: those that were speak for them, by the inverse of the "
    "probability of having been followed so long."
)
