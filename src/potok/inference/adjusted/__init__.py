"""Effects adjusted for what cases were like before, and effects on quantiles."""

from potok.inference.adjusted.effects import (
    AdjustedEffect,
    Estimand,
    OneSidedError,
    Sample,
    doubly_robust,
    standardised,
    weighted_inversely,
)
from potok.inference.adjusted.quantiles import quantile_effect

__all__ = [
    "AdjustedEffect",
    "Estimand",
    "OneSidedError",
    "Sample",
    "doubly_robust",
    "quantile_effect",
    "standardised",
    "weighted_inversely",
]
