"""Randomisation inference for few agencies: exact p-values and intervals from the way in which dates were dealt out."""

from potok.inference.randomisation.assignments import (
    FEWEST_ASSIGNMENTS,
    NEVER,
    Assignments,
    count_assignments,
    list_assignments,
)
from potok.inference.randomisation.differences import Differences, differences_by_cases, plain_differences
from potok.inference.randomisation.errors import NoContrastError, UnfitPanelError
from potok.inference.randomisation.inversion import Contrasts
from potok.inference.randomisation.noise import estimate_noise
from potok.inference.randomisation.randomise import (
    RandomisationResult,
    WeightsOf,
    exposure,
    randomise,
    randomise_differences,
)
from potok.inference.randomisation.wild_bootstrap import Factors, WildBootstrap, wild_cluster_bootstrap

__all__ = [
    "FEWEST_ASSIGNMENTS",
    "NEVER",
    "Assignments",
    "Contrasts",
    "Differences",
    "Factors",
    "NoContrastError",
    "RandomisationResult",
    "UnfitPanelError",
    "WeightsOf",
    "WildBootstrap",
    "count_assignments",
    "differences_by_cases",
    "estimate_noise",
    "exposure",
    "list_assignments",
    "plain_differences",
    "randomise",
    "randomise_differences",
    "wild_cluster_bootstrap",
]
