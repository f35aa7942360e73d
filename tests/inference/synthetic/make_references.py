"""Write what diff-diff makes of made-up panels: `PYTHONPATH=tests python tests/inference/synthetic/make_references.py`.

The package takes seconds to import; its answers are kept instead.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from diff_diff import SyntheticDiD

from inference.synthetic.panels import panel

REFERENCES = Path(__file__).with_name("references.json")
SEEDS = {6: 1, 8: 3, 21: 2}


def main():
    references = [{"seed": seed, "treated": treated, **refer(seed, treated)} for seed, treated in SEEDS.items()]
    REFERENCES.write_text(json.dumps(references, indent=1) + "\n", encoding="utf-8")


def refer(seed, treated):
    outcomes, is_treated = panel(seed, treated=treated)
    rows, places = np.indices(outcomes.shape)
    frame = pd.DataFrame({"unit": rows.ravel(), "month": places.ravel(), "y": outcomes.ravel()})
    frame["treated"] = is_treated[frame["unit"]].astype(int)
    method = "jackknife" if treated > 1 else "placebo"
    found = SyntheticDiD(variance_method=method, n_bootstrap=5, seed=1).fit(
        frame, outcome="y", treatment="treated", unit="unit", time="month", post_periods=list(range(10, 16))
    )
    return {"effect": float(found.att), "jackknife": float(found.se) if treated > 1 else None}


if __name__ == "__main__":
    main()
