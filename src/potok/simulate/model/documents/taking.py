"""Values that documents of models hold more than once."""

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from potok.core.language import gettext as _
from potok.core.toml_reading import TomlTable

SHARE_TOLERANCE: Final = 1e-6
"""Shares that sum to 1 but for so little are meant to: they were rounded."""
_EXACT: Final = 1e-12

Mapped = dict[str, Any]


def read_numbers_by_name(table: TomlTable) -> tuple[tuple[str, float], ...]:
    """Read a table of names and numbers, in its order."""
    return tuple((name, table.number(name)) for name in table.keys())  # noqa: SIM118 - a TomlTable is no mapping


def rounded_to_one(shares: list[float]) -> list[float]:
    """Return shares that sum to 1, if they do but for rounding; else as they are, for the check to complain."""
    total = math.fsum(shares)
    return [share / total for share in shares] if _EXACT < abs(total - 1.0) <= SHARE_TOLERANCE else shares


def read_number_list(table: TomlTable, key: str, default: Iterable[float]) -> tuple[float, ...]:
    """Read a list of numbers that are not negative; lists in it are laid end to end."""
    expected = _("a list of numbers that are not negative")
    found = table.value(key, list, expected, [])
    if not table.has(key):
        return tuple(default)
    flat = [number for entry in found for number in (entry if isinstance(entry, list) else [entry])]
    if not all(_is_amount(number) for number in flat):
        raise table.wrong_value(key, found, expected)
    return tuple(map(float, flat))


def read_pairs(table: TomlTable, key: str) -> tuple[tuple[str, str], ...]:
    """Read a list of pairs of names."""
    expected = _("a list of pairs of names")
    found = table.value(key, list, expected, [])
    for pair in found:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(name, str) for name in pair):
            raise table.wrong_value(key, pair, expected)
    return tuple((first, second) for first, second in found)


def read_signed(table: TomlTable, key: str, default: float) -> float:
    """Read a number that may be negative."""
    expected = _("a number")
    found = float(table.value(key, (int, float), expected, default))
    if not math.isfinite(found):
        raise table.wrong_value(key, found, expected)
    return found


def read_instant(table: TomlTable, key: str) -> datetime:
    """Read an instant with its offset from UTC: bare, or as a text as in JSON."""
    expected = _("an instant with its offset from UTC, such as 2026-01-12T09:00:00+03:00")
    found = table.value(key, (datetime, str), expected)
    try:
        instant: datetime = datetime.fromisoformat(found) if isinstance(found, str) else found
    except ValueError as failure:
        raise table.wrong_value(key, found, expected) from failure
    if instant.utcoffset() is None:
        raise table.wrong_value(key, instant.isoformat(), expected)
    return instant


def read_date_key(table: TomlTable, key: str) -> date:
    """Read a date that is a key."""
    try:
        return date.fromisoformat(key)
    except ValueError as failure:
        raise table.wrong_value(key, key, _("a date as the key, such as 2025-11-01")) from failure


def without_defaults(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> Mapped:
    """Return the values that differ from their defaults, in the given order; those without default always."""
    return {key: value for key, value in values.items() if key not in defaults or value != defaults[key]}


def _is_amount(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number < math.inf
