"""Case attributes and priorities of Prosimos as types of cases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from potok.core.language import gettext as _
from potok.core.toml_reading import TomlTable
from potok.simulate.model import CaseType
from potok.simulate.model.documents.taking import rounded_to_one
from potok.simulate.prosimos.values import read_number, read_rule_lists, read_whole

MOST_TYPES: Final = 256
ONLY_TYPE: Final = "case"
_DISCRETE: Final = "discrete"

_Values = tuple[tuple[str, float], ...]
_Condition = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Rule:
    """A priority, and the alternatives of which one must hold: attribute and value of all its conditions."""

    priority: int
    alternatives: tuple[tuple[_Condition, ...], ...]

    def holds(self, attributes: Mapping[str, str]) -> bool:
        return any(all(attributes[name] == value for name, value in each) for each in self.alternatives)


@dataclass(frozen=True, slots=True)
class CaseTypes:
    """Types of cases, whether they differ in priority, and attributes that were left out."""

    types: tuple[CaseType, ...]
    are_prioritised: bool
    left_out: tuple[str, ...]


def read_case_types(table: TomlTable) -> CaseTypes:
    """Read the types of cases: one for each combination of attribute values, which Prosimos draws independently.

    Raises
    ------
    BrokenProsimosError
        If priorities depend on numbers, or there are more combinations than are sensible.
    """
    attributes, left_out = _read_attributes(table)
    rules = sorted(_read_rules(table, attributes), key=lambda rule: rule.priority)
    lowest = max((rule.priority for rule in rules), default=-1) + 1
    count = 1
    for values in attributes.values():
        count *= len(values)
    if count > MOST_TYPES:
        raise table.failure(
            "case_attributes",
            _("The attributes have {count} combinations of values, more than {most}.").format(
                count=count, most=MOST_TYPES
            ),
            _("Remove attributes on which nothing depends."),
        )
    types = []
    for combination in product(*attributes.values()):
        valued = {name: value for name, (value, _share) in zip(attributes, combination, strict=True)}
        share = 1.0
        for _value, each in combination:
            share *= each
        priority = next((rule.priority for rule in rules if rule.holds(valued)), lowest)
        types.append(CaseType(", ".join(valued.values()) or ONLY_TYPE, share, valued, priority))
    return CaseTypes(tuple(types), bool(rules), left_out)


def _read_attributes(table: TomlTable) -> tuple[dict[str, _Values], tuple[str, ...]]:
    attributes: dict[str, _Values] = {}
    left_out = []
    for entry in table.tables("case_attributes"):
        name = entry.text("name")
        if entry.text("type") != _DISCRETE:
            left_out.append(name)
            continue
        options = list(entry.tables("values"))
        shares = rounded_to_one([read_number(option, "value") for option in options])
        pairs = zip((option.text("key") for option in options), shares, strict=True)
        attributes[name] = tuple((value, share) for value, share in pairs if share > 0)
    return attributes, tuple(left_out)


def _read_rules(table: TomlTable, attributes: Mapping[str, _Values]) -> Iterator[_Rule]:
    for entry in table.tables("prioritisation_rules"):
        alternatives = (
            tuple(_read_condition(condition, attributes) for condition in conditions)
            for conditions in read_rule_lists(entry, "rules")
        )
        yield _Rule(read_whole(entry, "priority_level"), tuple(alternatives))


def _read_condition(condition: TomlTable, attributes: Mapping[str, _Values]) -> _Condition:
    name = condition.text("attribute")
    if name not in attributes:
        raise condition.wrong_value("attribute", name, _("a discrete attribute of cases"))
    comparison = condition.text("comparison")
    if comparison != "=":
        raise condition.wrong_value("comparison", comparison, _("“=”, the only one for discrete attributes"))
    return name, condition.text("value")
