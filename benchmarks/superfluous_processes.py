"""Generated processes with one step of known kind, as counts of equal cases.

A case has a mix of four recorded circumstances (`PATTERNS`), and one that nobody records. Both decide whether a busy
office lets the case pass the step by, and how likely something goes wrong later. The truth is known: `harm` is by how
much the share of cases that go wrong rises if the step is taken away altogether.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from itertools import product
from typing import Final

import numpy as np

from potok.inference.aipw import FOLDS, Comparison

PATTERNS: Final = np.array(list(product((0, 1), (0, 1), (0, 1), (0, 1, 2, 3))), np.float64)
DESIGN: Final = np.column_stack([PATTERNS[:, :3], *(PATTERNS[:, 3] == level for level in (1, 2, 3))]).astype(np.float64)
SHARES: Final = np.prod(
    np.column_stack(
        [
            np.where(PATTERNS[:, 0], 0.6, 0.4),
            np.where(PATTERNS[:, 1], 0.3, 0.7),
            np.where(PATTERNS[:, 2], 0.5, 0.5),
            np.choose(PATTERNS[:, 3].astype(int), (0.4, 0.3, 0.2, 0.1)),
        ]
    ),
    axis=1,
)
SKIPPING: Final = np.array([0.6, -0.5, 0.3, 0.4, 0.2, -0.6])
"""Effect of the mix on the logit of skipping: cases that look easy are let pass."""
RISK: Final = np.array([-0.7, 0.6, 0.0, -0.3, 0.2, 0.8])
"""Effect of the mix on the logit of going wrong: those that look easy are easier."""
GOING_WRONG: Final = 0.05


class Kind(StrEnum):
    """What the step is good for."""

    INERT = "inert"
    USEFUL = "useful"
    RARE = "useful-but-rare"
    CONFOUNDED = "useful-but-confounded"
    BEYOND = "confounded beyond the bound"
    DETERRENT = "deterrent"
    SAFEGUARD = "safeguard"
    BOUND = "legally bound"


@dataclass(frozen=True, slots=True)
class Process:
    """A process with one step.

    Parameters
    ----------
    kind
        What the step is good for.
    cases
        Cases of a log.
    margin
        Largest acceptable harm, as declared.
    skipper_share
        Share of cases that pass the step by.
    harm
        True harm of taking it away.
    altered_share
        Share of runs that alter anything.
    gamma
        True factor by which the unrecorded circumstance multiplies or divides the odds of skipping.
    declared_gamma
        The bound that people declare for it.
    safe_share_gap
        By how much the share that goes wrong differs between the two unrecorded kinds of case.
    """

    kind: Kind
    cases: int
    margin: float
    skipper_share: float
    harm: float = 0.0
    altered_share: float = 0.0
    gamma: float = 1.0
    declared_gamma: float = 1.0
    safe_share_gap: float = 0.0
    tags: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Drawn:
    """A log of a process, and what only the generator knows: the probability of skipping of each row."""

    sample: Comparison
    propensity: np.ndarray
    altered: int
    runs: int


def expit(logit: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logit))


@cache
def propensities(skipper_share: float) -> np.ndarray:
    """Return the probability of skipping of each pattern, with the given share over all cases."""
    return expit(_intercept(SKIPPING, skipper_share) + DESIGN @ SKIPPING)


@cache
def risks(share: float = GOING_WRONG) -> np.ndarray:
    """Return the probability of going wrong of each pattern if the step is done."""
    return expit(_intercept(RISK, share) + DESIGN @ RISK)


def _intercept(effects: np.ndarray, share: float) -> float:
    low, high = -15.0, 15.0
    for _step in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if SHARES @ expit(middle + DESIGN @ effects) < share else (low, middle)
    return low


def draw(process: Process, generator: np.random.Generator) -> Drawn:
    """Draw one log.

    The unrecorded circumstance has two kinds; for the first the odds of skipping are Γ times those that the recorded
    mix tells, for the second they are divided by Γ. Their shares are such that the mix tells the truth on average: this
    is the most that a bound of Γ allows.
    """
    known = propensities(process.skipper_share)
    logit = np.log(known / (1 - known))
    step = np.log(process.gamma)
    eager, reluctant = expit(logit + step), expit(logit - step)
    share_eager = np.full(len(known), 0.5) if step == 0 else (known - reluctant) / (eager - reluctant)
    base = risks()
    cases = generator.multinomial(process.cases, SHARES)
    of_eager = generator.binomial(cases, share_eager)
    parts = []
    gap = process.safe_share_gap
    for held, skipping, share in ((of_eager, eager, 1 - share_eager), (cases - of_eager, reluctant, -share_eager)):
        # Those that are let pass are safer by `gap` than the others, whatever the mix; the mix keeps its mean risk.
        risk = np.clip(base * (1 - gap * share), 0, 1)
        skipped = generator.binomial(held, skipping)
        parts.append((skipped, held - skipped, risk))
    # Under deterrence nobody knows beforehand whose case will pass the step by, so all behave as if it were done.
    seen_harm = 0.0 if process.kind is Kind.DETERRENT else process.harm
    counts = np.zeros((len(known), 2, 2, FOLDS), np.int64)
    for skipped, performed, risk in parts:
        for arm, held, chance in ((1, skipped, np.minimum(risk + seen_harm, 1)), (0, performed, risk)):
            wrong = generator.binomial(held, chance)
            counts[:, arm, 1] += generator.multinomial(wrong, np.full(FOLDS, 1 / FOLDS))
            counts[:, arm, 0] += generator.multinomial(held - wrong, np.full(FOLDS, 1 / FOLDS))
    runs = int(counts[:, 0].sum())
    altered = int(generator.binomial(runs, process.altered_share))
    return Drawn(*_as_rows(counts, known), altered, runs)


def _as_rows(counts: np.ndarray, known: np.ndarray) -> tuple[Comparison, np.ndarray]:
    pattern, arm, wrong, fold = np.nonzero(counts)
    held = counts[pattern, arm, wrong, fold].astype(np.float64)
    sample = Comparison(DESIGN[pattern], arm == 1, wrong.astype(np.float64), held, fold.astype(np.int64))
    return sample, known[pattern]
