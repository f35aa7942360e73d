"""From the tables of a mapping file to a mapping, with every problem named by its key."""

from collections.abc import Iterable
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, TypeVar

from potok.core.language import gettext as _
from potok.log.mapping import (
    ClosingBasis,
    ClosingRule,
    Exclusion,
    ExtractionKind,
    LifecycleMode,
    Mapping,
    TimeColumn,
    TimeEncoding,
)
from potok.log.mapping_file_keys import (
    CLOSING,
    EXCLUSION,
    LABEL_TABLES,
    PLAIN_TABLES,
    TABLES,
    TIME,
    TIME_TABLES,
    Holds,
    Key,
)
from potok.log.time_patterns import TimeFormatError, check_patterns
from potok.log.zones import UnknownZoneError, load_zone

_ENUMERATIONS = {
    "encoding": TimeEncoding,
    "basis": ClosingBasis,
    "lifecycle_mode": LifecycleMode,
    "extraction": ExtractionKind,
}
_REQUIRED: dict[type, tuple[str, ...]] = {
    TimeColumn: ("columns",),
    ClosingRule: (),
    Exclusion: ("column", "values"),
}
R = TypeVar("R", TimeColumn, ClosingRule, Exclusion)


@dataclass(slots=True)
class Problems:
    """What is wrong with a mapping file, one sentence each."""

    found: list[str] = field(default_factory=list)

    def unknown(self, place: str, name: str, known: Iterable[str]) -> None:
        """Note an unknown key, with the nearest known one."""
        names = list(known)
        near = get_close_matches(name.lower(), names, n=1)
        key = f"{place}.{name}" if place else name
        if near:
            self.found.append(_("{key} is unknown; did you mean {near}?").format(key=key, near=near[0]))
        else:
            self.found.append(_("{key} is unknown; known are: {names}.").format(key=key, names=", ".join(names)))

    def wrong(self, key: str, value: Any, wanted: str) -> None:
        """Note a value that its key cannot have."""
        self.found.append(_("{key} cannot be {value}: {wanted}.").format(key=key, value=repr(value), wanted=wanted))


def read_document(document: Dictionary[str, Any], problems: Problems) -> Mapping:
    """Build the mapping that the tables describe, noting every problem."""
    for name in document:
        if name not in TABLES:
            problems.unknown("", name, TABLES)
    values: dict[str, Any] = {}
    for table, keys in PLAIN_TABLES.items():
        extra = tuple(TIME_TABLES) if table == "times" else ()
        values |= _fields(_table(document, table, problems), keys, table, problems, extra=extra)
    times = _table(document, "times", problems)
    if "zone" in times:
        values["zone_is_named"] = True
    for name in TIME_TABLES:
        if name in times:
            values[name] = _record(times[name], TIME, f"times.{name}", problems, TimeColumn)
    if "closing" in document:
        values["closing"] = _record(document["closing"], CLOSING, "closing", problems, ClosingRule)
    values["exclude"] = _exclusions(document.get("exclude", []), problems)
    for table, (target, _comment) in LABEL_TABLES.items():
        values[target] = _labels(_table(document, table, problems), table, problems)
    return Mapping() if problems.found else Mapping(**values)


def _table(document: Dictionary[str, Any], name: str, problems: Problems) -> Dictionary[str, Any]:
    table = document.get(name, {})
    if isinstance(table, dict):
        return table
    problems.wrong(name, table, _("it must be a table, [{name}]").format(name=name))
    return {}


def _fields(
    table: Dictionary[str, Any],
    keys: Dictionary[str, Key],
    place: str,
    problems: Problems,
    *,
    extra: tuple[str, ...] = (),
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in table.items():
        if name in keys:
            fields[keys[name].field] = _value(value, keys[name], f"{place}.{name}", problems)
        elif name not in extra:
            problems.unknown(place, name, (*keys, *extra))
    return fields


def _record(table: Any, keys: Dictionary[str, Key], place: str, problems: Problems, make: type[R]) -> R | None:
    if not isinstance(table, dict):
        problems.wrong(place, table, _("it must be a table, [{name}]").format(name=place))
        return None
    known = len(problems.found)
    fields = _fields(table, keys, place, problems)
    for required in _REQUIRED[make]:
        if not fields.get(required) and len(problems.found) == known:
            problems.found.append(_("{key} is missing.").format(key=f"{place}.{required}"))
    if len(fields.get("columns", ())) > 2:
        problems.wrong(f"{place}.columns", table["columns"], _("at most two columns"))
    is_pattern = fields.get("encoding") is TimeEncoding.PATTERN
    if is_pattern and not fields.get("patterns") and len(problems.found) == known:
        problems.found.append(_("{key} is missing.").format(key=f"{place}.patterns"))
    return make(**fields) if len(problems.found) == known else None


def _value(value: Any, key: Key, place: str, problems: Problems) -> Any:
    if key.holds in (Holds.TEXTS, Holds.PATTERNS):
        return _texts(value, key, place, problems)
    if not isinstance(value, str):
        problems.wrong(place, value, _("it must be a text in quotation marks"))
        return None
    if key.choices and value not in key.choices:
        problems.wrong(
            place,
            value,
            _("it must be one of {choices}").format(choices=", ".join(f'"{choice}"' for choice in key.choices)),
        )
        return None
    if key.holds is Holds.ZONE:
        try:
            load_zone(value)
        except UnknownZoneError as error:
            problems.found.append(f"{place}: {error.message} {error.remedy}")
    enumeration = _ENUMERATIONS.get(key.field)
    return enumeration(value) if enumeration else value


def _texts(value: Any, key: Key, place: str, problems: Problems) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        problems.wrong(place, value, _("it must be a list of texts in quotation marks"))
        return ()
    if key.holds is Holds.PATTERNS and texts:
        try:
            check_patterns(texts)
        except TimeFormatError as error:
            problems.found.append(f"{place}: {error.message} {error.remedy}")
    return tuple(texts)


def _exclusions(tables: Any, problems: Problems) -> tuple[Exclusion, ...]:
    if not isinstance(tables, list):
        problems.wrong("exclude", tables, _("it must be written as [[exclude]]"))
        return ()
    records = [_record(table, EXCLUSION, f"exclude[{i}]", problems, Exclusion) for i, table in enumerate(tables, 1)]
    return tuple(record for record in records if record is not None)


def _labels(table: Dictionary[str, Any], place: str, problems: Problems) -> tuple[tuple[str, str], ...]:
    for old, new in table.items():
        if not isinstance(new, str):
            problems.wrong(f"{place}.{old}", new, _("it must be a text in quotation marks"))
    return tuple((old, new) for old, new in table.items() if isinstance(new, str))
