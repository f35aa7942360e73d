"""Tariffs: what an hour of staff costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.toml_reading import TomlTable, read_toml

SCHEMA: Final = "potok.tariffs/1"
_TOLD: Final = ("name", "note")
_TABLES: Final = {"resources": "by_resource", "org_units": "by_org_unit", "activities": "by_activity"}


class TariffError(UsageError):
    """Tariffs that cannot be used."""

    code = "POTOK-M036"


@dataclass(frozen=True, slots=True)
class Tariffs:
    """What an hour of staff costs, in one currency.

    The first that is known holds: the resource's, the unit's, the activity's, the general one.

    Parameters
    ----------
    currency
        As it is to be shown; tariffs of several currencies cannot be mixed.
    per_hour
        The general tariff; None leaves what has no other tariff without a price.
    by_resource, by_org_unit, by_activity
        Per hour, by the labels in the log (pseudonyms, where resources are pseudonymised).

    Raises
    ------
    TariffError
        If there is no tariff, or one is negative or not finite.
    """

    currency: str
    per_hour: float | None = None
    by_resource: Mapping[str, float] = field(default_factory=dict)
    by_org_unit: Mapping[str, float] = field(default_factory=dict)
    by_activity: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        general = {} if self.per_hour is None else {_("general"): self.per_hour}
        named = [*general.items(), *(item for held in self._held() for item in held.items())]
        if not named:
            raise TariffError(_("No tariff is given, so there is nothing to cost."))
        bad = [f"{name}: {tariff}" for name, tariff in named if not isfinite(tariff) or tariff < 0]
        if bad:
            raise TariffError(
                _("Tariffs must be known and not negative: {figures}.").format(figures="; ".join(bad)),
                where=bad[0].rpartition(":")[0],
                remedy=_("Correct these figures; leave out what is not known."),
            )

    def find(self, *, resource: str | None, org_unit: str | None, activity: str) -> float | None:
        """Return the tariff that holds, per hour; None if there is none."""
        for label, held in zip((resource, org_unit, activity), self._held(), strict=True):
            if label is not None and label in held:
                return held[label]
        return self.per_hour

    def names(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Return the resources, units and activities that have a tariff of their own."""
        resources, units, activities = (frozenset(held) for held in self._held())
        return resources, units, activities

    def _held(self) -> tuple[Mapping[str, float], ...]:
        return self.by_resource, self.by_org_unit, self.by_activity


def tariffs_from_record(record: Mapping[str, Any], *, where: str = "tariffs") -> Tariffs:
    """Return the tariffs that a TOML or JSON record gives.

    Parameters
    ----------
    record
        `currency`, `per_hour`, and tables `resources`, `org_units`, `activities` of tariffs per hour by label.
    where
        What the record is called in errors.

    Raises
    ------
    TariffError
        If a key is unknown or a value of the wrong type; the key is named.
    """
    for name in record:
        if name not in ("currency", "per_hour", *_TABLES):
            known = ", ".join(("currency", "per_hour", *_TABLES))
            raise _error(f"{where}.{name}", _("the key is unknown; known are {names}").format(names=known))
    if not isinstance(record.get("currency"), str) or not record["currency"]:
        raise _error(f"{where}.currency", _("the currency is missing"))
    general = record.get("per_hour")
    tables: dict[str, Mapping[str, float]] = {}
    for name, field_name in _TABLES.items():
        table = record.get(name, {})
        if not isinstance(table, Mapping):
            raise _error(f"{where}.{name}", _("a table of tariffs by label is needed"))
        tables[field_name] = {label: _number(value, f"{where}.{name}.{label}") for label, value in table.items()}
    return Tariffs(record["currency"], None if general is None else _number(general, f"{where}.per_hour"), **tables)


def load_tariffs(path: Path) -> Tariffs:
    """Read tariffs from a TOML file: ``schema``, ``name`` and ``note`` beside what `tariffs_from_record` takes.

    Raises
    ------
    TariffError
        If the file cannot be read, or as `tariffs_from_record`; file and key are named.
    """
    record = read_toml(path, TariffError)
    top = TomlTable(record, file=str(path), place="", error=TariffError)
    top.choice("schema", (SCHEMA,), SCHEMA)
    for told in _TOLD:
        top.text(told, "")
    figures = {key: value for key, value in record.items() if key not in ("schema", *_TOLD)}
    return tariffs_from_record(figures, where=str(path))


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _error(where, _("the value {value} is of the wrong type").format(value=repr(value)))
    return float(value)


def _error(where: str, reason: str) -> TariffError:
    return TariffError(
        _("The tariffs cannot be used: {reason}.").format(reason=reason),
        where=where,
        remedy=_("Correct the table of tariffs."),
    )
