"""Effects of a change that reaches agencies at different times, by group and time (Callaway and Sant'Anna, 2021)."""

from potok.inference.group_times.aggregation import Aggregate, Part, Scheme
from potok.inference.group_times.differences import Estimator
from potok.inference.group_times.errors import NothingComparedError, UnfitCovariatesError, UnfitGroupTimesError
from potok.inference.group_times.estimation import GroupTimeEffects, estimate_group_times
from potok.inference.group_times.panel import BasePeriod, Controls
from potok.inference.group_times.settings import Comparing, Drawing

__all__ = [
    "Aggregate",
    "BasePeriod",
    "Comparing",
    "Controls",
    "Drawing",
    "Estimator",
    "GroupTimeEffects",
    "NothingComparedError",
    "Part",
    "Scheme",
    "UnfitCovariatesError",
    "UnfitGroupTimesError",
    "estimate_group_times",
]
