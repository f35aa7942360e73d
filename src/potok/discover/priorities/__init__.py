"""Priorities: rules by which work is taken out of turn."""

from potok.discover.priorities.features import CaseAttributes, Comparison, Condition, fetch_case_attributes
from potok.discover.priorities.rules import Priorities, PriorityRule, discover_priorities

__all__ = [
    "CaseAttributes",
    "Comparison",
    "Condition",
    "Priorities",
    "PriorityRule",
    "discover_priorities",
    "fetch_case_attributes",
]
