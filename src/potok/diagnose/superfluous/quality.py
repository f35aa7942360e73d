"""Whether quality keeps within the declared margins where a step is passed by."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.core.regulations.regulation import Direction
from potok.diagnose.superfluous.case_mix import CaseMix
from potok.diagnose.superfluous.declaration import Indicator
from potok.diagnose.superfluous.risk_set import RiskSet, context_of, happens_after
from potok.diagnose.superfluous.traces import Flags, Traces
from potok.inference.aipw import (
    Comparison,
    Nuisances,
    Overlap,
    common_support,
    draw_folds,
    fit_nuisances,
    measure_overlap,
)
from potok.inference.estimate import Estimate
from potok.inference.multiplicity import intersection_union
from potok.inference.noninferiority import NonInferiority, compare_with_margin, estimate_harm
from potok.inference.observations import Floats
from potok.inference.power import SampleSize, cases_for_shares
from potok.inference.proportions import RateBound, clopper_pearson

LEAST_EFFECTIVE: Final = 30.0
MOST_OUTSIDE_SHARE: Final = 0.1
SHOWN_MARGINS: Final = (0.01, 0.02, 0.05)
"""Margins at which the size of a trial is told while nobody has declared one."""

DEFAULT_INDICATORS: Final = (Indicator(mark("rework after the step"), counts_rework=True),)


@dataclass(frozen=True, slots=True)
class SkippersGate:
    """Cases that passed the step by, and how well they stand for the others.

    Parameters
    ----------
    at_risk
        Cases in which the step was enabled and that could be followed.
    skipped
        Those that passed it by, over those at risk, with exact bounds.
    overlap
        None where one arm is empty.
    follow_up_seconds
        How long cases were followed from the moment at which the step was enabled.
    elsewhere, unfollowed
        Cases left out, see `RiskSet`.
    case_mix
        What skipping was allowed to depend on.
    """

    at_risk: int
    skipped: RateBound
    overlap: Overlap | None
    follow_up_seconds: float
    elsewhere: int
    unfollowed: int
    case_mix: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """Whether skippers can stand for the others."""
        return can_stand_for_all(self.overlap)


@dataclass(frozen=True, slots=True)
class QualityTest:
    """One indicator where the step is passed by.

    Parameters
    ----------
    indicator
        What is measured.
    base_share
        Share of cases with an adverse outcome among those at risk; None without any.
    harm
        Difference made by skipping; None where skippers cannot stand for the others.
    test
        Against the declared margin and bound; None where either is missing.
    trials
        Cases that a trial needs: at the declared margin, else at `SHOWN_MARGINS`.
    """

    indicator: Indicator
    base_share: float | None
    harm: Estimate | None
    test: NonInferiority | None
    trials: tuple[SampleSize, ...]


@dataclass(frozen=True, slots=True)
class QualityGate:
    """All indicators of a step.

    Parameters
    ----------
    tests
        One for each indicator.
    p_value
        That at least one indicator worsens by its margin or more (the largest p-value); None unless all were tested.
    adjusted_p
        The same, adjusted for the number of steps tested (Holm); set once all steps are known.
    """

    tests: tuple[QualityTest, ...]
    p_value: float | None
    adjusted_p: float | None = None

    @property
    def is_harm_seen(self) -> bool:
        """Whether skipping evidently worsens an indicator: by its margin, or at all where no margin is declared."""
        return any(test.harm is not None and test.harm.lower > 0 and self._reaches(test) for test in self.tests)

    @staticmethod
    def _reaches(test: QualityTest) -> bool:
        margin = test.indicator.margin_share
        return margin is None or (test.harm is not None and test.harm.value >= margin)


def compare_skippers(
    traces: Traces,
    risk: RiskSet,
    mix: CaseMix,
    *,
    activity: int,
    adverse: tuple[Flags, ...],
    indicators: tuple[Indicator, ...],
    gamma: float | None,
) -> tuple[SkippersGate, QualityGate]:
    """Compare cases that passed a step by with those that did not, on every indicator.

    Parameters
    ----------
    activity
        The step; folds are drawn from its code, so that the same log gives the same answer.
    adverse
        One array for each indicator, shape (m,): cases of the risk set with an adverse outcome.
    gamma
        Declared confounding bound; None if there is none.
    """
    held = len(risk.due)
    skipped = clopper_pearson(int(risk.is_skipped.sum()), held)
    design = mix.design(risk.owner, context_of(traces, risk))
    samples = _samples(design, risk.is_skipped, adverse, seed=activity)
    overlap, quality = compare_samples(samples, indicators, gamma=gamma)
    gate = SkippersGate(held, skipped, overlap, risk.follow_up_seconds, risk.elsewhere, risk.unfollowed, mix.names)
    return gate, quality


def compare_samples(
    samples: list[Comparison],
    indicators: tuple[Indicator, ...],
    *,
    gamma: float | None,
    fitted: list[Nuisances | None] | None = None,
) -> tuple[Overlap | None, QualityGate]:
    """Compare performers and skippers on every indicator.

    Parameters
    ----------
    samples
        One for each indicator, of the same cases.
    gamma
        Declared confounding bound; None if there is none.
    fitted
        Propensities and risks by sample, if they are known already; None fits them.

    Returns
    -------
    tuple
        Overlap (None where one arm is empty), and the gate of quality.
    """
    if fitted is None:
        fitted = [fit_nuisances(sample) if _has_both_arms(sample) else None for sample in samples]
    overlap = measure_overlap(samples[0], fitted[0]) if samples and fitted[0] is not None else None
    is_enough = can_stand_for_all(overlap)
    tests = tuple(
        _test(sample, held if is_enough else None, indicator, gamma)
        for sample, held, indicator in zip(samples, fitted, indicators, strict=True)
    )
    return overlap, gate_of(tests)


def can_stand_for_all(overlap: Overlap | None) -> bool:
    """Tell whether skippers are enough, and alike enough, to stand for all cases."""
    return (
        overlap is not None
        and overlap.effective_skippers >= LEAST_EFFECTIVE
        and overlap.effective_performers >= LEAST_EFFECTIVE
        and overlap.outside_share <= MOST_OUTSIDE_SHARE
    )


def gate_of(tests: tuple[QualityTest, ...]) -> QualityGate:
    """Put the tests of a step together: all of its indicators must pass."""
    values = [test.test.p_value for test in tests if test.test]
    return QualityGate(tests, intersection_union(values) if values and len(values) == len(tests) else None)


def _samples(design: Floats, is_skipped: Flags, adverse: tuple[Flags, ...], *, seed: int) -> list[Comparison]:
    """Return one sample for each indicator, equal cases put together."""
    folds = draw_folds(len(is_skipped), generator=np.random.default_rng([seed, 1]))
    samples = []
    for flags in adverse:
        whole = np.column_stack([design, is_skipped, flags, folds])
        rows, counts = np.unique(whole, axis=0, return_counts=True) if len(whole) else (whole, np.zeros(0))
        samples.append(
            Comparison(
                covariates=rows[:, :-3],
                is_skipped=rows[:, -3] == 1,
                is_adverse=rows[:, -2].astype(np.float64),
                counts=counts.astype(np.float64),
                folds=rows[:, -1].astype(np.int64),
            )
        )
    return samples


def _has_both_arms(sample: Comparison) -> bool:
    return bool(sample.is_skipped.any() and not sample.is_skipped.all())


def _test(sample: Comparison, fitted: Nuisances | None, indicator: Indicator, gamma: float | None) -> QualityTest:
    cases = sample.counts.sum()
    base = float(sample.counts @ sample.is_adverse / cases) if cases else None
    trials = _trials(indicator, base)
    if not indicator.is_recorded:
        return QualityTest(indicator, None, None, None, ())
    if fitted is None:
        return QualityTest(indicator, base, None, None, trials)
    inside = common_support(sample, fitted)
    sample, fitted = sample.only(inside), fitted.only(inside)
    test = _against_margin(sample, fitted, indicator, gamma)
    return QualityTest(indicator, base, test.harm if test else estimate_harm(sample, fitted), test, trials)


def _against_margin(
    sample: Comparison, fitted: Nuisances, indicator: Indicator, gamma: float | None
) -> NonInferiority | None:
    if indicator.margin_share is None or gamma is None:
        return None
    return compare_with_margin(sample, fitted, margin=indicator.margin_share, gamma=gamma)


def _trials(indicator: Indicator, base: float | None) -> tuple[SampleSize, ...]:
    if base is None:
        return ()
    margins = SHOWN_MARGINS if indicator.margin_share is None else (indicator.margin_share,)
    return tuple(cases_for_shares(base, margin=margin) for margin in margins)


def adverse_flags(
    traces: Traces, risk: RiskSet, mix: CaseMix, indicator: Indicator, *, codes: tuple[int, ...], activity: int
) -> Flags:
    """Return which cases of a risk set have an adverse outcome by an indicator.

    Parameters
    ----------
    codes
        Of the indicator's activities.
    activity
        The step itself: doing it again is no fault that leaving it out could cause.
    """
    is_meant = np.isin(traces.activity, [code for code in codes if code != activity])
    if indicator.counts_rework:
        is_meant |= traces.is_again & (traces.activity != activity)
    found = happens_after(traces, risk, is_meant)
    if indicator.outcomes:
        owner = risk.owner
        in_time = traces.is_closed[owner] & (traces.closed_us[owner] <= risk.begins_us(traces) + risk.follow_up_us)
        found |= in_time & np.isin(mix.outcome[owner], indicator.outcomes)
    return found if indicator.direction is Direction.LOWER_IS_BETTER else ~found
