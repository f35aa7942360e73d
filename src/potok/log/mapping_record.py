"""A mapping as plain values, as the manifest keeps it, and back."""

from dataclasses import asdict
from typing import Any

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

INSTANTS = ("completed_at", "started_at", "enabled_at")
TUPLES = ("activity", "attributes", "drop", "keep_text", "pseudonymise", "allow_personal")
PAIRS = ("renames", "phases")


def mapping_as_record(mapping: Mapping) -> dict[str, Any]:
    """Return a mapping as dictionaries, lists and text."""
    return asdict(mapping)


def mapping_from_record(record: dict[str, Any]) -> Mapping:
    """Return the mapping that `mapping_as_record` described, also after a detour through JSON."""
    values = dict(record)
    values |= {name: _time_column(values[name]) for name in INSTANTS if values.get(name)}
    values |= {name: tuple(values[name]) for name in TUPLES if values.get(name) is not None}
    values |= {name: tuple((old, new) for old, new in values[name]) for name in PAIRS if name in values}
    values["exclude"] = tuple(Exclusion(rule["column"], tuple(rule["values"])) for rule in values.get("exclude", ()))
    if "closing" in values:
        values["closing"] = _closing(values["closing"])
    if "lifecycle_mode" in values:
        values["lifecycle_mode"] = LifecycleMode(values["lifecycle_mode"])
    if "extraction" in values:
        values["extraction"] = ExtractionKind(values["extraction"])
    return Mapping(**values)


def _time_column(record: dict[str, Any]) -> TimeColumn:
    return TimeColumn(tuple(record["columns"]), TimeEncoding(record["encoding"]), tuple(record["patterns"]))


def _closing(record: dict[str, Any]) -> ClosingRule:
    return ClosingRule(
        ClosingBasis(record["basis"]),
        record["column"],
        tuple(record["values"]),
        TimeEncoding(record["encoding"]),
        tuple(record["patterns"]),
    )
