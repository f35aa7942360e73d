"""Declarative rules from TOML, checked strictly."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.core.time_units import DAY_SECONDS, HOUR_SECONDS
from potok.core.toml_reading import TomlTable, read_toml
from potok.diagnose.conformance.rules import (
    COUNTED,
    UNARY,
    WHOLE_CASE,
    Condition,
    Operator,
    Role,
    Rule,
    Template,
)

SCHEMA: Final = "potok.rules/1"
MOST_TIMES: Final = 1_000
_LISTS: Final = frozenset({Operator.ONE_OF, Operator.NONE_OF})
_UNTIMED: Final = (WHOLE_CASE - {Template.EXISTENCE}) | {Template.NOT_CHAIN_SUCCESSION}


class BrokenRulesError(BadDataError):
    """A file of rules that cannot be read, or holds what no rule can."""

    code = "POTOK-D040"


def load_rules(path: str | Path) -> tuple[Rule, ...]:
    """Read rules from a TOML file.

    Raises
    ------
    BrokenRulesError
        If the file does not hold rules.
    """
    file = Path(path)
    return rules_from_mapping(read_toml(file, BrokenRulesError), file=str(file))


def rules_from_mapping(content: Mapping[str, Any], *, file: str = "rules") -> tuple[Rule, ...]:
    """Make rules from the content of a TOML document.

    Raises
    ------
    BrokenRulesError
        If it does not hold rules.
    """
    table = TomlTable(content, file=file, place="", error=BrokenRulesError)
    table.choice("schema", (SCHEMA,), SCHEMA)
    table.text("note", "")
    rules = tuple(map(_read_rule, table.tables("rules")))
    table.finish()
    if not rules:
        raise table.failure("rules", _("The file states no rule."), _("Add a table headed [[rules]]."))
    return rules


def _read_rule(table: TomlTable) -> Rule:
    template = Template(table.choice("template", tuple(Template)))
    rule = Rule(
        template=template,
        activities=table.texts("activities"),
        targets=() if template in UNARY else table.texts("targets"),
        times=table.integer("times", least=1, most=MOST_TIMES, default=1) if template in COUNTED else 1,
        within_seconds=None if template in _UNTIMED else _read_within(table),
        conditions=tuple(map(_read_condition, table.tables("conditions"))),
        article=table.text("article", ""),
    )
    table.finish()
    if rule.targets and set(rule.activities) & set(rule.targets):
        raise table.wrong_value("targets", list(rule.targets), _("other activities than “activities”"))
    if template in UNARY and rule.conditions_of(Role.TARGET):
        raise table.failure("conditions", _("This rule has no target."), _("Put the condition on the activity."))
    return rule


def _read_within(table: TomlTable) -> float | None:
    if table.has("within_days") and table.has("within_hours"):
        raise table.failure(
            "within_hours", _("The time is given twice."), _("Give within_days or within_hours, not both.")
        )
    if table.has("within_days"):
        return table.number("within_days") * DAY_SECONDS
    return table.number("within_hours") * HOUR_SECONDS if table.has("within_hours") else None


def _read_condition(table: TomlTable) -> Condition:
    operator = Operator(table.choice("operator", tuple(Operator)))
    values: tuple[str | float, ...]
    values = table.texts("values") if operator in _LISTS else (_any_number(table),)
    condition = Condition(Role(table.choice("of", tuple(Role))), table.text("attribute"), operator, values)
    table.finish()
    return condition


def _any_number(table: TomlTable) -> float:
    return float(table.value("value", (int, float), _("a number")))
