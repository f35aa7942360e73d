"""Batches: instances of one activity that a resource lets gather, then works on together, and what makes them begin."""

from potok.discover.batches.find import (
    NO_BATCH,
    Batches,
    BatchKind,
    BatchRules,
    find_batches,
)
from potok.discover.batches.firing_rules import (
    FIRING_REASONS,
    FiringRule,
    FiringRules,
    UntoldFiring,
    discover_firing_rules,
)
from potok.discover.batches.log_rules import compute_firing_rules

__all__ = [
    "FIRING_REASONS",
    "NO_BATCH",
    "BatchKind",
    "BatchRules",
    "Batches",
    "FiringRule",
    "FiringRules",
    "UntoldFiring",
    "compute_firing_rules",
    "discover_firing_rules",
    "find_batches",
]
