"""Checks and rules in words."""

from collections.abc import Sequence
from typing import Final

from potok.core.language import gettext as _
from potok.core.language import mark, quoted
from potok.diagnose.conformance.checks import Check, CheckKind
from potok.diagnose.conformance.rules import Condition, Operator, Role, Rule, Template
from potok.report.formats import format_duration

KINDS: Final = {
    CheckKind.ORDER: mark("Order"),
    CheckKind.MANDATORY_STEP: mark("Mandatory step"),
    CheckKind.FORBIDDEN_STEP: mark("Forbidden step"),
    CheckKind.LIMIT: mark("Limit"),
    CheckKind.DOCUMENT_REQUEST: mark("Requests for documents"),
    CheckKind.HELD_PAPER: mark("Paper that the state holds"),
    CheckKind.DECISION_MAKER: mark("Who decides"),
    CheckKind.RULE: mark("Rule"),
}
_DEMANDS: Final = {
    CheckKind.ORDER: mark("{a} comes before {b}"),
    CheckKind.MANDATORY_STEP: mark("Every decided case has {a}"),
    CheckKind.FORBIDDEN_STEP: mark("{a} does not happen"),
    CheckKind.LIMIT: mark("{a}: at most {n} per case"),
    CheckKind.DOCUMENT_REQUEST: mark("Documents are asked for by {a}: at most {n} per case"),
    CheckKind.HELD_PAPER: mark("{a} does not ask the applicant for {subject}"),
    CheckKind.DECISION_MAKER: mark("{a} is done by {subject}"),
}
_TEMPLATES: Final = {
    Template.EXISTENCE: mark("{a}: at least {n} per case"),
    Template.ABSENCE: mark("{a}: fewer than {n} per case"),
    Template.EXACTLY: mark("{a}: exactly {n} per case"),
    Template.INIT: mark("The case begins with {a}"),
    Template.END: mark("The case ends with {a}"),
    Template.CHOICE: mark("{a} or {b} happens"),
    Template.EXCLUSIVE_CHOICE: mark("{a} or {b} happens, not both"),
    Template.RESPONDED_EXISTENCE: mark("Where {a} happens, {b} happens as well"),
    Template.CO_EXISTENCE: mark("{a} and {b} happen both or neither"),
    Template.RESPONSE: mark("{a} is followed by {b} at some time"),
    Template.PRECEDENCE: mark("{b} is preceded by {a} at some time"),
    Template.SUCCESSION: mark("{a} is followed, and {b} preceded, by the other"),
    Template.ALTERNATE_RESPONSE: mark("{a} is followed by {b} before it happens again"),
    Template.ALTERNATE_PRECEDENCE: mark("{b} is preceded by {a} each time anew"),
    Template.ALTERNATE_SUCCESSION: mark("{a} and {b} alternate"),
    Template.CHAIN_RESPONSE: mark("{a} is followed by {b} at once"),
    Template.CHAIN_PRECEDENCE: mark("{b} is preceded by {a} at once"),
    Template.CHAIN_SUCCESSION: mark("{a} and {b} come one right after the other"),
    Template.NOT_CO_EXISTENCE: mark("{a} and {b} do not both happen"),
    Template.NOT_SUCCESSION: mark("{a} is not followed by {b}"),
    Template.NOT_CHAIN_SUCCESSION: mark("{a} is not followed by {b} at once"),
}
_ROLES: Final = {Role.CASE: mark("the case"), Role.ACTIVITY: mark("the first"), Role.TARGET: mark("the second")}
_OPERATORS: Final = {
    Operator.ONE_OF: "=",
    Operator.NONE_OF: "≠",
    Operator.BELOW: "<",
    Operator.AT_MOST: "≤",
    Operator.ABOVE: ">",
    Operator.AT_LEAST: "≥",
}


def describe_check(check: Check) -> str:
    """Say what a check demands."""
    if check.rule is not None:
        return describe_rule(check.rule)
    return _(_DEMANDS[check.kind]).format(
        a=_any_of(check.activities), b=_any_of(check.targets), n=check.at_most, subject=", ".join(check.subject)
    )


def describe_rule(rule: Rule) -> str:
    """Say what a declarative rule demands, with its conditions on time and data."""
    parts = [_(_TEMPLATES[rule.template]).format(a=_any_of(rule.activities), b=_any_of(rule.targets), n=rule.times)]
    if rule.within_seconds is not None:
        parts.append(_("within {time}").format(time=format_duration(rule.within_seconds)))
    parts += [_condition(condition) for condition in rule.conditions]
    return "; ".join(parts)


def _any_of(labels: Sequence[str]) -> str:
    return _(" or ").join(map(quoted, labels))


def _condition(condition: Condition) -> str:
    values = ", ".join(f"{value:g}" if isinstance(value, float) else value for value in condition.values)
    return _("for {role}, {attribute} {operator} {values}").format(
        role=_(_ROLES[condition.of]),
        attribute=condition.attribute,
        operator=_OPERATORS[condition.operator],
        values=values,
    )
