"""The canonical form of a protocol, and its hash.

Keys are sorted, lists in which order has no meaning too, what a protocol leaves at its usual value is left out, and a
whole number is written without a fraction. So two files that say the same have the same hash, and a protocol keeps its
hash when later versions can say more. The reviews of sentinels are left out: they are written into the file after the
promise was made.
"""

import hashlib
import json
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

from potok.verify.protocol.model import (
    SCHEMA,
    ComparisonPlan,
    Declarations,
    PlannedChange,
    Protocol,
    Sentinel,
)

Part = TypeVar("Part", PlannedChange, ComparisonPlan, Declarations, Sentinel)

_NOT_CONTENT: Final = ("sha256", "source")


def protocol_sha256(protocol: Protocol) -> str:
    """Return the SHA-256 of what a protocol promises, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(protocol).encode()).hexdigest()


def is_registered(protocol: Protocol, registered_sha256: str) -> bool:
    """Return whether a protocol promises what the one with a registered hash did.

    The hash is made anew of what the protocol says: the one that it carries may be that of an earlier content.
    """
    return protocol_sha256(protocol) == registered_sha256


def canonical_json(protocol: Protocol) -> str:
    """Return what a protocol promises as JSON that is the same for all protocols that say the same."""
    content = protocol_as_mapping(protocol)
    for sentinel in content.get("sentinels", ()):
        sentinel.pop("reviewed", None)
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def protocol_as_mapping(protocol: Protocol) -> dict[str, Any]:
    """Return all that a protocol says as JSON values, in the order and with the names of its TOML file."""
    content = _as_mapping(normalised(protocol))
    if "failure" in content:
        content["failure"] = {"text": content["failure"]}
    return {"schema": SCHEMA, **content}


def normalised(protocol: Protocol) -> Protocol:
    """Return a protocol that says the same, with every list in which order has no meaning sorted."""
    change, comparison = _sorted_texts(protocol.change), _sorted_texts(protocol.comparison)
    return replace(
        protocol,
        change=replace(change, waves=tuple(sorted(change.waves, key=lambda wave: (wave.on, wave.agency)))),
        comparison=replace(comparison, strata=tuple(sorted(tuple(sorted(group)) for group in comparison.strata))),
        quality=tuple(sorted(protocol.quality, key=lambda one: one.name)),
        sentinels=tuple(sorted(map(_sorted_texts, protocol.sentinels), key=lambda one: one.name)),
        declarations=_sorted_texts(protocol.declarations),
    )


def _sorted_texts(part: Part) -> Part:
    """Sort every tuple of texts of a part."""
    found = {one.name: getattr(part, one.name) for one in fields(part)}
    kept: dict[str, Any] = {name: tuple(sorted(value)) for name, value in found.items() if _is_texts(value)}
    return replace(part, **kept)


def _is_texts(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, str) for one in value)


def _as_mapping(part: Any) -> dict[str, Any]:
    kept = {}
    for one in fields(part):
        value = getattr(part, one.name)
        if one.name not in _NOT_CONTENT and value != _usual(one):
            kept[one.name] = _as_json(value)
    return kept


def _usual(field: Field[Any]) -> Any:
    return field.default if field.default is not MISSING else MISSING


def _as_json(value: Any) -> Any:
    if is_dataclass(value):
        return _as_mapping(value)
    if isinstance(value, tuple):
        return [_as_json(one) for one in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
