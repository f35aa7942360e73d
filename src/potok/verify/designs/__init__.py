"""Designs: how the effect of a change is told from what would have happened anyway."""

from potok.verify.designs.answers import Answer
from potok.verify.designs.choice import DesignChoice, propose_design
from potok.verify.designs.estimation import estimate_effect

__all__ = ["Answer", "DesignChoice", "estimate_effect", "propose_design"]
