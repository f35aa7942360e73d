"""Second opinions from cases: a mix that became easier is taken out, an effect is not."""

import numpy as np
import pytest

from potok.verify.arms import assign_arms
from potok.verify.designs.case_mix import adjust_case_mix
from support.small_studies import make_protocol, make_study


def opinions(*, effect, hard_before=0.6, hard_after=0.2, cases=1200):
    """Hard cases take ten days more, and become rarer with the change."""
    generator = np.random.default_rng(2)
    rows, kinds = [], []
    for place in range(cases):
        is_after = place >= cases // 2
        month = place % (cases // 2) * 12 // (cases // 2)
        hard = generator.random() < (hard_after if is_after else hard_before)
        days = 8 + 10 * hard - effect * is_after + generator.exponential(2)
        rows.append((f"{place:05}", "А", f"{2024 + is_after}-{month + 1:02}-10", days))
        kinds.append("сложное" if hard else "простое")
    study = make_study(rows, look="2026-12-31", service=kinds)
    protocol = make_protocol({"А": "2025-01-01"}, horizon_days=60.0)
    found = adjust_case_mix(study, assign_arms(study, protocol), protocol)
    return {one.method: one.improvement for one in found}


def test_an_easier_mix_is_no_improvement():
    found = opinions(effect=0.0)
    assert found["case_mix_adjusted"].lower < 0 < found["case_mix_adjusted"].upper
    assert found["case_mix_adjusted"].value == pytest.approx(0, abs=0.4)
    assert found["median"].value > 2


def test_an_effect_is_left():
    found = opinions(effect=3.0)
    assert found["case_mix_adjusted"].value == pytest.approx(3.0, abs=0.4)
    assert found["case_mix_adjusted"].lower > 2


def test_without_kinds_or_with_few_cases_less_is_said():
    assert "case_mix_adjusted" not in opinions(effect=1.0, hard_before=0.0, hard_after=0.0)
    assert opinions(effect=1.0, cases=40) == {}
