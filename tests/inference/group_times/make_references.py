"""Write `references.json`: what csdid and diff-diff find on drawn panels. Run it anew when their versions change.

Every panel comes from its seed alone (`draw_counties`), so that the tests need neither package.
"""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
from csdid.att_gt import ATTgt
from diff_diff import CallawaySantAnna
from diff_diff.honest_did import _compute_optimal_flci

OUT = Path(__file__).parent / "references.json"
COUNTIES = Path(__file__).parents[2] / "data" / "verification" / "mpdta.csv"
SCHEMES = ("simple", "group", "dynamic", "calendar")


def draw_counties(*, seed: int, units: int = 80, places: int = 6):
    """Return outcomes, first treated places, a covariate and weights of a drawn panel with uneven trends."""
    generator = np.random.default_rng(seed)
    first = generator.choice([-1, -1, 2, 3, 5], units)
    covariate = generator.normal(0, 1, units) + 0.3 * (first >= 0)
    weights = generator.integers(1, 9, units).astype(float)
    months = np.arange(places)
    effect = np.where((first[:, None] >= 0) & (months >= first[:, None]), 1 + 0.5 * (months - first[:, None]), 0.0)
    trend = 0.4 * covariate[:, None] * months
    outcomes = generator.normal(0, 1, (units, 1)) + trend + effect + generator.normal(0, 1, (units, places))
    return outcomes, first, covariate, weights


def as_frame(seed: int) -> pd.DataFrame:
    """Return a drawn panel in long form; periods are counted from 1."""
    outcomes, first, covariate, weights = draw_counties(seed=seed)
    rows = [
        (unit, month + 1, outcomes[unit, month], first[unit] + 1, covariate[unit], weights[unit])
        for unit in range(outcomes.shape[0])
        for month in range(outcomes.shape[1])
    ]
    return pd.DataFrame(rows, columns=["unit", "month", "y", "first", "x", "w"])


def ask_csdid(seed: int, *, controls: str, method: str, anticipation: int, with_x: bool, with_w: bool) -> dict:
    """Return effects by group and place, and all four means, with standard errors."""
    with contextlib.redirect_stdout(io.StringIO()):
        asked = ATTgt(
            yname="y",
            tname="month",
            idname="unit",
            gname="first",
            data=as_frame(seed),
            control_group=[controls],
            xformla="y~x" if with_x else "y~1",
            anticipation=anticipation,
            weights_name="w" if with_w else None,
        ).fit(est_method=method, bstrap=False)
        found = asked.results
        means = {}
        for scheme in SCHEMES:
            mean = asked.aggte(typec=scheme, bstrap=False).atte
            means[scheme] = [float(mean["overall_att"]), float(np.ravel(mean["overall_se"])[0])]
    cells = [
        [int(group) - 1, int(place) - 1, float(effect), float(error)]
        for group, place, effect, error in zip(found["group"], found["year"], found["att"], found["se"], strict=True)
    ]
    return {"cells": cells, "means": means}


def ask_about_counties(formula: str) -> dict:
    """Return the overall effects on teenage employment with standard errors that were not drawn."""
    with contextlib.redirect_stdout(io.StringIO()):
        asked = ATTgt(
            yname="lemp",
            tname="year",
            idname="countyreal",
            gname="first_treat",
            data=pd.read_csv(COUNTIES),
            control_group=["nevertreated"],
            xformla=formula,
        ).fit(est_method="dr", bstrap=False)
        means = {scheme: asked.aggte(typec=scheme, bstrap=False).atte for scheme in SCHEMES}
    return {
        scheme: [float(mean["overall_att"]), float(np.ravel(mean["overall_se"])[0])] for scheme, mean in means.items()
    }


def ask_diff_diff(seed: int, share: float) -> dict:
    """Return the effects on a panel with missing outcomes, each from the units with both."""
    frame = as_frame(seed)
    kept = np.random.default_rng(seed + 1000).random(len(frame)) >= share
    asked = CallawaySantAnna(control_group="not_yet_treated", estimation_method="reg")
    found = asked.fit(frame[kept], outcome="y", unit="unit", time="month", first_treat="first")
    cells = [
        [int(group) - 1, int(place) - 1, float(cell["effect"]), float(cell["se"])]
        for (group, place), cell in found.group_time_effects.items()
    ]
    return {"cells": cells}


def ask_flci(seed: int, bound: float) -> list[float]:
    """Return the shortest interval of fixed length under smoothness, for the mean of three effects."""
    generator = np.random.default_rng(seed)
    effects = generator.normal(0, 1, 7)
    root = generator.normal(size=(7, 10)) / 4
    target = np.ones(3) / 3
    low, high = _compute_optimal_flci(effects[:4], effects[4:], root @ root.T, target, 4, 3, bound)
    return [float(low), float(high)]


CSDID = [
    {"seed": 1, "controls": "nevertreated", "method": "dr", "anticipation": 0, "with_x": True, "with_w": False},
    {"seed": 2, "controls": "notyettreated", "method": "reg", "anticipation": 0, "with_x": True, "with_w": True},
    {"seed": 3, "controls": "notyettreated", "method": "ipw", "anticipation": 0, "with_x": True, "with_w": False},
    {"seed": 4, "controls": "notyettreated", "method": "dr", "anticipation": 1, "with_x": False, "with_w": True},
    {"seed": 5, "controls": "notyettreated", "method": "dr", "anticipation": 0, "with_x": True, "with_w": True},
]


def main() -> None:
    """Ask both packages and write down what they say."""
    answers = {
        "csdid": [{"asked": asked, **ask_csdid(**asked)} for asked in CSDID],
        "diff_diff": [{"asked": {"seed": seed, "share": 0.15}, **ask_diff_diff(seed, 0.15)} for seed in (6, 7)],
        "counties": {"plain": ask_about_counties("lemp~1"), "robust": ask_about_counties("lemp~lpop")},
        "flci": [
            {"asked": {"seed": seed, "bound": bound}, "found": ask_flci(seed, bound)}
            for seed, bound in ((8, 0.0), (9, 0.1), (10, 0.5), (11, 2.0))
        ],
    }
    OUT.write_text(json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    main()
