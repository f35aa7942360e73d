"""More or fewer cases."""

from dataclasses import replace
from typing import Final

from potok.core.change import ChangeDemand
from potok.core.language import gettext as _
from potok.simulate.changes.errors import ImpossibleChangeError, NoEffectError, WrongValueError
from potok.simulate.changes.places import check_case_types
from potok.simulate.changes.scaling import scale
from potok.simulate.model import Arrivals, ProcessModel

MOST: Final = 1000.0


def change_demand(model: ProcessModel, change: ChangeDemand) -> ProcessModel:
    """Multiply the number of cases that arrive, of all types or of one."""
    if not 0.0 < change.factor <= MOST:
        raise WrongValueError(
            _("Arrivals cannot be multiplied by {factor}.").format(factor=change.factor),
            remedy=_("Give a factor above 0 and up to {most}, such as 1.25.").format(most=MOST),
        )
    if change.factor == 1.0:
        raise NoEffectError(_("A factor of 1 changes nothing."), remedy=_("Give another factor, or drop this change."))
    if not change.case_type:
        return replace(model, arrivals=multiply_arrivals(model.arrivals, change.factor))
    check_case_types(model, (change.case_type,))
    weights = [one.share * (change.factor if one.name == change.case_type else 1.0) for one in model.case_types]
    total = sum(weights)
    if total <= 0.0:
        raise ImpossibleChangeError(_("No cases would be left."), remedy=_("Give a larger factor."))
    types = tuple(replace(one, share=weight / total) for one, weight in zip(model.case_types, weights, strict=True))
    return replace(model, case_types=types, arrivals=multiply_arrivals(model.arrivals, total))


def multiply_arrivals(arrivals: Arrivals, factor: float) -> Arrivals:
    """Return arrivals that are `factor` times as frequent."""
    inter_arrival = scale(arrivals.inter_arrival, 1.0 / factor) if arrivals.inter_arrival else None
    return replace(arrivals, per_day=arrivals.per_day * factor, inter_arrival=inter_arrival)
