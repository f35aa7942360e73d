"""Changes from TOML."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from math import inf
from pathlib import Path
from typing import Any, Final, get_type_hints

from potok.core.change import CHANGES, Change, ChangeVerb, Week
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.core.toml_reading import TomlTable, read_toml
from potok.simulate.changes.errors import BrokenChangesError

SCHEMA: Final = "potok.changes/1"
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Scenario:
    """Changes that are made together.

    Parameters
    ----------
    name
        What they are called.
    changes
        In the order in which they are applied.
    prices
        What each costs to make, in the model's currency; as long as `changes`.
    """

    name: str
    changes: tuple[Change, ...]
    prices: tuple[float, ...]


def load_changes(path: Path) -> tuple[Change, ...]:
    """Load the changes of a file that holds one scenario.

    Raises
    ------
    BrokenChangesError
        If the file cannot be read, says what it cannot say, or holds several scenarios.
    """
    scenarios = load_scenarios(path)
    if len(scenarios) > 1:
        raise BrokenChangesError(
            _("The file holds {count} scenarios, and one is needed.").format(count=len(scenarios)),
            where=str(path),
            remedy=_("Give a file with one scenario; they are: {names}.").format(
                names=", ".join(quoted(one.name) for one in scenarios)
            ),
        )
    return scenarios[0].changes


def load_scenarios(path: Path) -> tuple[Scenario, ...]:
    """Load the scenarios of a file; changes that stand outside of any are one, named as the file is.

    Raises
    ------
    BrokenChangesError
        If the file cannot be read, or says what it cannot say.
    """
    return scenarios_from_mapping(read_toml(path, BrokenChangesError), file=str(path))


def scenarios_from_mapping(content: Mapping[str, Any], *, file: str = "changes") -> tuple[Scenario, ...]:
    """Make scenarios from the content of a TOML document; `file` is what errors call it."""
    table = TomlTable(content, file=file, place="", error=BrokenChangesError)
    table.choice("schema", (SCHEMA,), SCHEMA)
    name = table.text("name", Path(file).stem)
    alone = _read_changes(table)
    scenarios = tuple(_read_scenario(one) for one in table.tables("scenario"))
    table.finish()
    if alone:
        scenarios = (_scenario(name, alone), *scenarios)
    if not scenarios:
        raise table.failure(
            "", _("The file holds no change."), _('Write [[change]] and below it verb = "remove" and what it needs.')
        )
    names = [one.name for one in scenarios]
    if len(set(names)) < len(names):
        raise table.failure(
            "scenario", _("Two scenarios have the same name."), _("Give each scenario a name of its own.")
        )
    return scenarios


def _read_scenario(table: TomlTable) -> Scenario:
    name = table.text("name")
    changes = _read_changes(table)
    table.finish()
    if not changes:
        raise table.failure("change", _("The scenario holds no change."), _("Write [[scenario.change]] below it."))
    return _scenario(name, changes)


def _scenario(name: str, read: tuple[tuple[Change, float], ...]) -> Scenario:
    return Scenario(name, tuple(change for change, _price in read), tuple(price for _change, price in read))


def _read_changes(table: TomlTable) -> tuple[tuple[Change, float], ...]:
    return tuple(_read_change(one) for one in table.tables("change"))


def _read_change(table: TomlTable) -> tuple[Change, float]:
    verb = table.choice("verb", tuple(ChangeVerb))
    kind = CHANGES[ChangeVerb(verb)]
    types = get_type_hints(kind)
    values = {one.name: _read_field(table, one, types[one.name]) for one in _iterate_fields(kind)}
    price = table.number("price", 0.0)
    table.finish()
    return kind(**values), price


def _iterate_fields(kind: type[Change]) -> Iterator["Field[Any]"]:
    yield from fields(kind)


def _read_field(table: TomlTable, field: "Field[Any]", kind: Any) -> Any:
    """Take the value of a change's field; what it may be is said by its type."""
    key = field.name
    if field.default is not MISSING and not table.has(key):
        table.value(key, object, "", None)
        return field.default
    if kind is str:
        return table.text(key)
    if kind == tuple[str, ...]:
        return table.texts(key)
    if kind == tuple[float, ...]:
        return _read_numbers(table, key)
    if kind == Week:
        return _read_week(table.table(key))
    if kind in (bool, bool | None):
        return table.value(key, bool, _("true or false"))
    if kind in (int, int | None):
        return table.value(key, int, _("a whole number"))
    return _read_number(table, key)


def _read_number(table: TomlTable, key: str) -> float:
    found = float(table.value(key, (int, float), _("a number")))
    if not -inf < found < inf:
        raise table.wrong_value(key, found, _("a number"))
    return found


def _read_numbers(table: TomlTable, key: str) -> tuple[float, ...]:
    expected = _("a list of numbers")
    found = table.value(key, list, expected)
    if not all(isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one < inf for one in found):
        raise table.wrong_value(key, found, expected)
    return tuple(map(float, found))


def _read_week(table: TomlTable) -> Week:
    hours = tuple((day, table.texts(day)) for day in _WEEKDAYS if table.has(day))
    for day in _WEEKDAYS:
        table.value(day, object, "", None)
    table.finish()
    return hours
