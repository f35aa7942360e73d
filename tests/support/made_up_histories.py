"""Histories of agencies with a change of known size, drawn quickly and in any number."""

from datetime import date, timedelta

import numpy as np

from support.small_studies import make_study

BEGIN = date(2022, 10, 1)
LOOK = "2025-12-31"


def draw_history(agencies, waves, *, effect, seed=0, per_month=60, months=39, bad_share=0.01, harm=0.0):
    """Cases of agencies that take about twelve days, and `effect` (a share) longer once their agency changed.

    Returns a study as of the end of 2025 with the attribute `жалоба`.
    """
    generator = np.random.default_rng(seed)
    rows, bad = [], []
    shocks = generator.normal(0, 0.3, months)
    for agency in range(agencies):
        name = f"Ведомство {agency + 1}"
        base = 12 + generator.normal(0, 1.5)
        on = date.fromisoformat(waves[name]) if name in waves else None
        for place in range(per_month * months):
            day = BEGIN + timedelta(days=int(place * 30.4 / per_month))
            is_changed = on is not None and day >= on
            mean = (base + shocks[place // per_month]) * (1 + effect * is_changed)
            rows.append((f"{agency}-{place:05}", name, day.isoformat(), float(generator.gamma(4, mean / 4))))
            bad.append("да" if generator.random() < bad_share + harm * is_changed else None)
    return make_study(rows, look=LOOK, жалоба=bad)
