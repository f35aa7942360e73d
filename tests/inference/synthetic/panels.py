"""Made-up panels with a few treated agencies."""

import numpy as np


def panel(seed, *, agencies=12, places=16, treated=2, effect=-3.0, missing=0):
    generator = np.random.default_rng(seed)
    loads = generator.normal(size=(agencies, 2))
    outcomes = 20 + loads @ np.cumsum(generator.normal(size=(2, places)), axis=1)
    outcomes += generator.normal(size=(agencies, places)) * 0.5 + generator.normal(size=(agencies, 1)) * 3
    outcomes[:treated, 10:] += effect
    outcomes[agencies - missing :, 3] = np.nan
    return outcomes, np.arange(agencies) < treated
