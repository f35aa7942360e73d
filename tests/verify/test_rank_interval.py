"""The interval of placebos against p-values counted for every effect."""

import numpy as np
import pytest

from potok.verify.designs.synthetic import rank_interval


@pytest.mark.parametrize("controls", [5, 19, 38, 39, 40, 79, 200])
def test_the_interval_holds_what_is_not_rejected(controls):
    sizes = np.abs(np.random.default_rng(controls).normal(size=controls))
    found, p_value = rank_interval(2.0, sizes)
    assert p_value == (1 + (sizes >= 2.0).sum()) / (1 + controls)
    for effect in np.linspace(-4, 8, 401):
        rejected = (1 + (sizes >= abs(2.0 - effect)).sum()) / (1 + controls) <= 0.05
        assert rejected == (not found.lower <= effect <= found.upper), effect
    assert np.isfinite(found.upper) == (controls >= 19)
