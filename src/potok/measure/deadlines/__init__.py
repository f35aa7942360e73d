"""Terms: how many cases keep the time limits of a regulation, and which open ones are about to breach them."""

from potok.measure.deadlines.compliance import TermCompliance, UnitCompliance, compute_deadlines
from potok.measure.deadlines.worklist import OpenTerm, compute_worklist

__all__ = ["OpenTerm", "TermCompliance", "UnitCompliance", "compute_deadlines", "compute_worklist"]
