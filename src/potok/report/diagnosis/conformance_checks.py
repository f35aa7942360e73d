"""Checks as a table and as JSON."""

from collections.abc import Sequence
from typing import Any

from potok.core.language import gettext as _
from potok.diagnose.conformance.checks import REASONS, CheckResult
from potok.diagnose.conformance.rules import Rule
from potok.report.catalogue.entry import count, duration, share, text
from potok.report.diagnosis.conformance_words import KINDS, describe_check
from potok.report.tables import Table


def checks_table(results: Sequence[CheckResult], *, zone: str) -> Table:
    """Tabulate what came of checks, in the order of the regulation or the rules."""
    columns = (
        text("check", _("Check")),
        text("kind", _("Kind")),
        text("demand", _("Demand")),
        text("article", _("Article")),
        count("activated_cases", _("Cases concerned")),
        count("violated_cases", _("Cases that depart")),
        share("violated_share", _("Share of those concerned")),
        count("violations", _("Times")),
        count("undecided_cases", _("Undecided")),
        count("pending_cases", _("Open, may still keep it")),
        count("vacuous_cases", _("Not concerned")),
        duration("concerned_seconds", _("Time concerned")),
        count("timed_cases", _("Cases with known time")),
        text("reasons", _("What is not known")),
    )
    rows = tuple(_row(result) for result in results)
    return Table("conformance_checks", _("Rules and how they are kept"), columns, rows, zone, _notes())


def _notes() -> tuple[str, ...]:
    return (
        _("The time concerned overlaps that of other findings and must not be added to it."),
        _("The cases behind a check: potok conform LOG … --cases CHECK."),
    )


def _row(result: CheckResult) -> tuple[Any, ...]:
    check, counts = result.check, result.counts
    names = (
        "activated_cases",
        "violated_cases",
        "violated_share",
        "violations",
        "undecided_cases",
        "pending_cases",
        "vacuous_cases",
        "concerned_seconds",
        "timed_cases",
    )
    figures = tuple(None if counts is None else getattr(counts, name) for name in names)
    reasons = " ".join(_(REASONS[reason]) for reason in result.reasons)
    return (check.identifier, _(KINDS[check.kind]), describe_check(check), check.article, *figures, reasons)


def check_as_json(result: CheckResult) -> dict[str, Any]:
    """Return what came of a check as plain values."""
    check, counts = result.check, result.counts
    record: dict[str, Any] = {
        "check": check.identifier,
        "kind": check.kind.value,
        "demand": describe_check(check),
        "activities": list(check.activities),
        "targets": list(check.targets),
        "article": check.article or None,
        "at_most": check.at_most,
        "subject": list(check.subject),
        "rule": None if check.rule is None else rule_as_json(check.rule),
        "verdict": "cannot_tell" if counts is None else ("violated" if counts.violated_cases else "kept"),
        "reasons": list(result.reasons),
        "example_cases": list(result.example_cases),
    }
    if counts is None:
        return record | {"counts": None}
    return record | {
        "counts": {
            "cases": counts.cases,
            "activated_cases": counts.activated_cases,
            "vacuous_cases": counts.vacuous_cases,
            "violated_cases": counts.violated_cases,
            "violated_share": counts.violated_share,
            "undecided_cases": counts.undecided_cases,
            "pending_cases": counts.pending_cases,
            "activations": counts.activations,
            "violations": counts.violations,
            "timed_cases": counts.timed_cases,
            "concerned_seconds": counts.concerned_seconds,
        }
    }


def rule_as_json(rule: Rule) -> dict[str, Any]:
    """Return a declarative rule as plain values."""
    return {
        "template": rule.template.value,
        "times": rule.times,
        "within_seconds": rule.within_seconds,
        "conditions": [
            {
                "of": condition.of.value,
                "attribute": condition.attribute,
                "operator": condition.operator.value,
                "values": list(condition.values),
            }
            for condition in rule.conditions
        ],
    }
