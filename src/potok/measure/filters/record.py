"""Filters as plain records, for TOML and JSON: ``{"kind": "duration", "at_least_seconds": 86400}``."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from types import NoneType
from typing import Any, Final

from potok.core.language import gettext as _
from potok.measure.filters.base import All, AnyOf, CaseFilter, Not
from potok.measure.filters.errors import FilterValueError
from potok.measure.filters.kinds import KINDS

_HOLDS: Final[dict[str, tuple[type, ...]]] = {
    "begins": (str,),
    "ends": (str,),
    "mode": (str,),
    "column": (str,),
    "values": (str, NoneType),
    "activities": (str,),
    "times": (int,),
    "end": (str,),
    "first": (str,),
    "second": (str,),
    "directly": (bool,),
    "variants": (int,),
    "share": (int, float),
    "at_least_seconds": (int, float),
    "less_than_seconds": (int, float),
}
_LISTS: Final = frozenset({"values", "activities", "variants"})


def filter_as_record(case_filter: CaseFilter) -> dict[str, Any]:
    """Return a filter as a record of texts, numbers and lists; what is not set is left out."""
    if isinstance(case_filter, All | AnyOf):
        return {"kind": case_filter.kind, "filters": [filter_as_record(part) for part in case_filter.filters]}
    if isinstance(case_filter, Not):
        return {"kind": case_filter.kind, "filter": filter_as_record(case_filter.part)}
    held = {name: getattr(case_filter, name) for name in _names(type(case_filter))}
    plain = {name: list(value) if name in _LISTS else value for name, value in held.items() if value is not None}
    return {"kind": case_filter.kind, **plain}


def filter_from_record(record: object, *, where: str = "filter") -> CaseFilter:
    """Return the filter that a record describes.

    Parameters
    ----------
    where
        What the record is called in errors.

    Raises
    ------
    FilterValueError
        If it describes none; the place within the record is named.
    """
    if not isinstance(record, Mapping):
        raise _error(where, _("a table with a kind is needed"))
    kind, rest = record.get("kind"), {name: value for name, value in record.items() if name != "kind"}
    if kind in (All.kind, AnyOf.kind):
        parts = _parts(rest, where)
        return All(parts) if kind == All.kind else AnyOf(parts)
    if kind == Not.kind:
        if set(rest) != {"filter"}:
            raise _error(where, _("it needs exactly: {names}").format(names="filter"))
        return Not(filter_from_record(rest["filter"], where=f"{where}.filter"))
    if not isinstance(kind, str) or kind not in KINDS:
        known = ", ".join((All.kind, AnyOf.kind, Not.kind, *KINDS))
        raise _error(f"{where}.kind", _("the kind must be one of {names}").format(names=known))
    return _simple(KINDS[kind], rest, where)


def filter_hash(case_filter: CaseFilter) -> str:
    """Return a hash that only equal filters share: 64 hexadecimal digits."""
    canonical = json.dumps(filter_as_record(case_filter), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _names(kind: type[CaseFilter]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))  # type: ignore[arg-type]  # every kind is a dataclass


def _parts(rest: Mapping[str, object], where: str) -> tuple[CaseFilter, ...]:
    listed = rest.get("filters")
    if set(rest) != {"filters"} or not isinstance(listed, list) or not listed:
        raise _error(where, _("it needs exactly: {names}").format(names="filters = […]"))
    return tuple(filter_from_record(part, where=f"{where}.filters[{i}]") for i, part in enumerate(listed))


def _simple(kind: type[CaseFilter], rest: Mapping[str, Any], where: str) -> CaseFilter:
    names = _names(kind)
    for name in rest:
        if name not in names:
            raise _error(f"{where}.{name}", _("the key is unknown; known are {names}").format(names=", ".join(names)))
    needed = [f.name for f in fields(kind) if f.default is MISSING]  # type: ignore[arg-type]  # as above
    missing = [name for name in needed if name not in rest]
    if missing:
        raise _error(where, _("it lacks {names}").format(names=", ".join(missing)))
    values = {name: _value(name, value, f"{where}.{name}") for name, value in rest.items()}
    try:
        return kind(**values)
    except FilterValueError as error:
        raise FilterValueError(error.message, where=where, remedy=error.remedy) from error


def _value(name: str, value: object, where: str) -> object:
    allowed = _HOLDS[name]
    if name in _LISTS:
        if not isinstance(value, list) or not all(_is_one_of(member, allowed) for member in value):
            raise _error(where, _("a list is needed, not {value}").format(value=repr(value)))
        return tuple(value)
    if not _is_one_of(value, allowed):
        raise _error(where, _("the value {value} is of the wrong type").format(value=repr(value)))
    return value


def _is_one_of(value: object, allowed: tuple[type, ...]) -> bool:
    # In Python a boolean is an integer; here it is not.
    return type(value) in allowed


def _error(where: str, reason: str) -> FilterValueError:
    return FilterValueError(
        _("The filter cannot be used: {reason}.").format(reason=reason),
        where=where,
        remedy=_("Correct the filter's record."),
    )
