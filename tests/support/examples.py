"""How many random examples a property is tried on: few on every run, more where someone asks for a thorough one."""

import os
from typing import Final

FACTOR: Final = float(os.environ.get("POTOK_EXAMPLES", "1"))


def examples(number: int) -> int:
    """Return the number of examples to try, `POTOK_EXAMPLES` times as many if that is set."""
    return max(1, round(number * FACTOR))
