"""Discovered rules and branches as tables and as JSON."""

from typing import Any

from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.diagnose.conformance import decisions as decisions_module
from potok.diagnose.conformance import discovery
from potok.diagnose.conformance.decision_trees import Clause
from potok.diagnose.conformance.decisions import BranchRule, Decisions
from potok.diagnose.conformance.discovery import DiscoveredRule, DiscoveredRules
from potok.diagnose.conformance.rules import Operator
from potok.report.catalogue.entry import count, number, share, text
from potok.report.diagnosis.conformance_checks import rule_as_json
from potok.report.diagnosis.conformance_words import describe_rule
from potok.report.tables import Table

_SIGNS = {Operator.ONE_OF: "=", Operator.NONE_OF: "≠", Operator.AT_MOST: "≤", Operator.ABOVE: ">"}


def rules_table(found: DiscoveredRules, *, zone: str) -> Table:
    """Tabulate the rules that a log keeps, of greatest interest first."""
    columns = (
        text("rule", _("Rule")),
        count("activated_cases", _("Cases concerned, first half")),
        share("support", _("Support")),
        share("confidence", _("Confidence")),
        share("interest_factor", _("Interest factor")),
        count("tried_cases", _("Cases concerned, second half")),
        share("tried_confidence", _("Confidence there")),
        share("tried_confidence_low", _("At least (95 %, all rules at once)")),
    )
    rows = tuple(
        (describe_rule(one.rule), *(getattr(one, column.name) for column in columns[1:])) for one in found.rules
    )
    counted = _(
        "Of {candidates} rules looked at, {found} held in the first half of {cases} closed cases, {failed} of these"
        " failed in the second, and {implied} follow from others."
    ).format(
        candidates=found.candidates, found=found.found, cases=found.cases, failed=found.failed, implied=found.implied
    )
    notes = (
        counted,
        _("A rule that the log keeps need not be one that anybody made."),
        *(_(discovery.REASONS[reason]) for reason in found.reasons),
    )
    return Table("discovered_rules", _("Rules that the log keeps"), columns, rows, zone, notes)


def branches_table(found: Decisions, *, zone: str) -> Table:
    """Tabulate what decides which way cases take."""
    columns = (
        text("activity", _("After")),
        text("branch", _("Comes")),
        text("rule", _("If")),
        count("decisions", _("Choices of the way")),
        count("taken", _("Taken")),
        count("tried", _("Tried on")),
        share("accuracy", _("Right")),
        share("baseline_accuracy", _("Right by the commoner answer")),
        share("precision", _("Precision")),
        share("recall", _("Recall")),
        number("p_value", _("p (Holm)")),
    )
    rows = tuple(
        (one.activity, one.branch, describe_branch(one), *(getattr(one, column.name) for column in columns[3:]))
        for one in found.branches
    )
    notes = (
        _("Each rule was found in one half of the cases and tried on the other; figures are those of the other."),
        *(_(decisions_module.REASONS[reason]) for reason in found.reasons),
    )
    return Table("branch_rules", _("What decides the way"), columns, rows, zone, notes)


def describe_branch(one: BranchRule) -> str:
    """Say when a branch is taken."""
    if one.is_always_taken:
        return _("always")
    if not one.alternatives:
        return _("no rule found")
    ways = (_(" and ").join(map(_clause, way)) if way else _("always") for way in one.alternatives)
    return _("; or ").join(ways)


def _clause(clause: Clause) -> str:
    value = quoted(clause.value) if isinstance(clause.value, str) else f"{clause.value:.6g}"
    return f"{clause.attribute} {_SIGNS[clause.operator]} {value}"


def rules_as_json(found: DiscoveredRules) -> dict[str, Any]:
    """Return discovered rules as plain values."""
    return {
        "cases": found.cases,
        "candidates": found.candidates,
        "found": found.found,
        "failed": found.failed,
        "implied": found.implied,
        "reasons": list(found.reasons),
        "rules": [_rule_as_json(one) for one in found.rules],
    }


def _rule_as_json(one: DiscoveredRule) -> dict[str, Any]:
    return {
        "demand": describe_rule(one.rule),
        "activities": list(one.rule.activities),
        "targets": list(one.rule.targets),
        "rule": rule_as_json(one.rule),
        "activated_cases": one.activated_cases,
        "support": one.support,
        "confidence": one.confidence,
        "interest_factor": one.interest_factor,
        "tried_cases": one.tried_cases,
        "tried_confidence": one.tried_confidence,
        "tried_confidence_low": one.tried_confidence_low,
    }


def branches_as_json(found: Decisions) -> dict[str, Any]:
    """Return branches as plain values."""
    return {"reasons": list(found.reasons), "branches": [_branch_as_json(one) for one in found.branches]}


def _branch_as_json(one: BranchRule) -> dict[str, Any]:
    return {
        "activity": one.activity,
        "branch": one.branch,
        "decisions": one.decisions,
        "taken": one.taken,
        "is_always_taken": one.is_always_taken,
        "alternatives": [
            [{"attribute": c.attribute, "operator": c.operator.value, "value": c.value} for c in way]
            for way in one.alternatives
        ],
        "tried": one.tried,
        "accuracy": one.accuracy,
        "baseline_accuracy": one.baseline_accuracy,
        "precision": one.precision,
        "recall": one.recall,
        "p_value": one.p_value,
    }
