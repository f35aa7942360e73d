"""Batches: instances of one activity that a resource lets gather and then works on together."""

from potok.discover.batches.find import (
    NO_BATCH,
    Batches,
    BatchKind,
    BatchRules,
    find_batches,
)

__all__ = ["NO_BATCH", "BatchKind", "BatchRules", "Batches", "find_batches"]
