"""Two small logs without chance, for distances that a reference package has measured."""

import numpy as np

from potok.core.time_units import DAY_US, HOUR_US, MINUTE_US
from potok.simulate.validation import TimedLog

MONDAY_US = 19_359 * DAY_US  # 2023-01-02


def made_log(*, cases: int, step: int, spread: int) -> TimedLog:
    """Return a log whose routes and times follow from whole numbers alone."""
    rows = []
    for case in range(cases):
        at = MONDAY_US + 9 * HOUR_US + case * step * MINUTE_US + (case * case * spread) % 1_000 * MINUTE_US
        for place in range(2 + case * spread % 4):
            lasts = (10 + (case + place * spread) % 50) * MINUTE_US
            rows.append((case, (place * (1 + case % 3) + case % 2) % 5, at, at + lasts))
            at += lasts + (case * place * spread) % 3_000 * MINUTE_US
    columns = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return TimedLog(*columns)
