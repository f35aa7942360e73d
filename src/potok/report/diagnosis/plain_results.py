"""Results of diagnoses as plain values for JSON."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from potok.core.change import Change


def plain_result(value: Any) -> Any:
    """Return a result as plain values: records by their fields' names, unknown and infinite numbers as None."""
    if isinstance(value, Change):
        return value.as_record()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain_result(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [plain_result(member) for member in value]
    if isinstance(value, Mapping):
        return {str(key): plain_result(member) for key, member in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
