"""Terms: how many cases keep the time limits of a regulation, and which open ones are about to breach them."""

from potok.measure.deadlines.compliance import TermCompliance, UnitCompliance, compute_deadlines, count_compliance
from potok.measure.deadlines.judgement import Judgement, judge_terms
from potok.measure.deadlines.worklist import OpenTerm, compute_worklist, list_open_terms

__all__ = [
    "Judgement",
    "OpenTerm",
    "TermCompliance",
    "UnitCompliance",
    "compute_deadlines",
    "compute_worklist",
    "count_compliance",
    "judge_terms",
    "list_open_terms",
]
