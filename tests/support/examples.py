"""How many random examples a property is tried on: few on every run, more where someone asks for a thorough one."""

import os
from collections.abc import Iterable
from typing import Final

FACTOR: Final = float(os.environ.get("POTOK_EXAMPLES", "1"))


def examples(number: int) -> int:
    """Return the number of examples to try, `POTOK_EXAMPLES` times as many if that is set."""
    return max(1, round(number * FACTOR))


def unless_thorough(left_out: Iterable[str], *, of: Iterable[str]) -> list[str]:
    """Return names without those that take long and show little more, or all if `POTOK_EXAMPLES` is above 1."""
    left = set() if FACTOR > 1 else set(left_out)
    return [name for name in of if name not in left]
