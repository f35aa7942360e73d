"""Interrupted time series: one series of months held against its own past."""

from potok.inference.interrupted_series.conformal import conformal_interval, conformal_p_value
from potok.inference.interrupted_series.errors import TooFewMonthsError, UnusableMonthsError, UnusableOptionError
from potok.inference.interrupted_series.interruption import Interruption, estimate_interruption
from potok.inference.interrupted_series.newey_west import SegmentedFit, hac_interruption
from potok.inference.interrupted_series.restricted_maximum import reml_interruption

__all__ = [
    "Interruption",
    "SegmentedFit",
    "TooFewMonthsError",
    "UnusableMonthsError",
    "UnusableOptionError",
    "conformal_interval",
    "conformal_p_value",
    "estimate_interruption",
    "hac_interruption",
    "reml_interruption",
]
