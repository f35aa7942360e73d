"""Approvals that several units give: each level is a step of its own."""

from typing import Final

import numpy as np

from potok.diagnose.superfluous.traces import Traces

LEVEL_BASE: Final = 1 << 31
"""The code of a level is that of its activity plus one, times this base, plus the code of its unit."""
MOST_LEVELS: Final = 20
LEAST_SHARE: Final = 0.01
WORDS: Final = (
    "approv",
    "authoris",
    "authoriz",
    "endors",
    "sign",
    "visa",
    "согласов",
    "утвержд",
    "подпис",
    "визир",
    "одобр",
)


def is_approval(label: str) -> bool:
    """Tell whether the name of an activity speaks of an approval."""
    lowered = label.lower()
    return any(word in lowered for word in WORDS)


def approval_levels(traces: Traces, activities: dict[int, str], units: dict[int, str]) -> dict[int, tuple[int, str]]:
    """Find the levels of approvals that at least two units give.

    Returns
    -------
    dict
        By code of the level: code of the activity, and label of the unit. Units with less than `LEAST_SHARE` of the
        runs are no level; an activity with more than `MOST_LEVELS` is not taken apart.
    """
    levels: dict[int, tuple[int, str]] = {}
    for code, label in activities.items():
        if not is_approval(label):
            continue
        held = traces.org_unit[traces.activity == code]
        found, counts = np.unique(held[held >= 0], return_counts=True)
        usual = found[counts >= LEAST_SHARE * len(held)]
        if 2 <= len(usual) <= MOST_LEVELS:
            levels |= {(code + 1) * LEVEL_BASE + int(unit): (code, units[int(unit)]) for unit in usual}
    return levels
