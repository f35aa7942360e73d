"""Comparing results of different engines: integers and texts exactly, floats to nine digits."""

from dataclasses import fields, is_dataclass
from typing import Any

import pytest

# Engines add floats in different orders; durations themselves are integers, so nine digits are plenty.
RELATIVE_TOLERANCE = 1e-9


def comparable(result: Any) -> Any:
    """Return a result as nested lists whose floats compare within `RELATIVE_TOLERANCE`."""
    if is_dataclass(result) and not isinstance(result, type):
        return [type(result).__name__, *(comparable(getattr(result, field.name)) for field in fields(result))]
    if isinstance(result, tuple | list):
        return [comparable(member) for member in result]
    if isinstance(result, float):
        return pytest.approx(result, rel=RELATIVE_TOLERANCE, abs=0)
    return result
