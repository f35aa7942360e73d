"""Synthetic controls and synthetic differences in differences, with placebos."""

from potok.inference.synthetic.block import Block, make_block
from potok.inference.synthetic.errors import TooFewControlsError
from potok.inference.synthetic.exchange import exchangeable_weights
from potok.inference.synthetic.fits import (
    Fit,
    SyntheticFit,
    compare_equally,
    synthetic_control,
    synthetic_control_by,
    synthetic_differences,
)
from potok.inference.synthetic.placebos import (
    LeftOut,
    SpacePlacebos,
    TimePlacebos,
    jackknife,
    leave_one_out,
    placebo_in_space,
    placebo_in_time,
)
from potok.inference.synthetic.simplex import fit_simplex

__all__ = [
    "Block",
    "Fit",
    "LeftOut",
    "SpacePlacebos",
    "SyntheticFit",
    "TimePlacebos",
    "TooFewControlsError",
    "compare_equally",
    "exchangeable_weights",
    "fit_simplex",
    "jackknife",
    "leave_one_out",
    "make_block",
    "placebo_in_space",
    "placebo_in_time",
    "synthetic_control",
    "synthetic_control_by",
    "synthetic_differences",
]
