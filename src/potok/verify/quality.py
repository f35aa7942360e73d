"""What happened to the declared quality indicators.

Held against the own past, an indicator's share among the cases after the change is compared with that among the cases
that opened in the year before it, by Newcombe's interval for a difference of proportions; where the shares of months
scatter more than chance alone makes them, cases count for less (a dispersion factor φ ≥ 1 over both sides' months).
If the protocol allows a look every week, the interval is taken at the level at which it reaches as far as a confidence
sequence does, so that it holds on all days together.
Where agencies or waves are compared, the harm is estimated by the same differences and the same assignments as the
primary outcome. Few and rare events leave the assignments too little to differ by, so the upper limit lies at least as
far from the estimate as those of Newcombe's intervals for the agencies that changed and for those compared, put
together (MOVER; Donner, Zou 2012).

Cases that newly lack a value may hide what they would have shown: the upper limit is also that of the share of cases
that are bad or lack a value, if that is higher. Of an indicator that the logs do not record nothing is told.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.stats import norm

from potok.core.time_units import DAY_US
from potok.inference.equivalence import compare_sides
from potok.inference.estimate import Estimate
from potok.inference.power import cases_for_shares
from potok.inference.proportions import Arm, newcombe_difference
from potok.inference.sequences import NARROWEST, mixture_multiplier
from potok.verify.designs.quality_differences import DifferenceJudge
from potok.verify.effect import ClusteredHarm, QualityEffect
from potok.verify.protocol.model import Direction, Look, LookKind, Protocol, QualityMargin
from potok.verify.recorded import is_recorded
from potok.verify.study import UNKNOWN, Arms, Flags, Floats, Integers, Side, Study

CONFIDENCE: Final = 0.95
YEAR_US: Final = 365 * DAY_US
FEWEST_AGENCIES: Final = 4
"""From so many agencies that changed on, second opinions take an agency's cases for alike, else a month's."""
_BISECTIONS: Final = 50
_FARTHEST: Final = 1 - 1e-12


@dataclass(frozen=True, slots=True)
class Shares:
    """Cases with and without an indicator on both sides of a change, a case counting for 1/φ.

    Parameters
    ----------
    before, after
        Events and cases, as counted.
    dispersion
        φ ≥ 1.
    first_look
        Cases after the change on the first day on which a look is allowed; None where there is one look only.
    """

    before: tuple[int, int]
    after: tuple[int, int]
    dispersion: float
    first_look: int | None = None

    def harm(self, confidence: float) -> Estimate:
        """Return the rise of the share with its interval, which holds on all days together if there are many looks."""
        found = newcombe_difference(self._arm(self.after), self._arm(self.before), confidence=self._level(confidence))
        return replace(found, confidence=confidence)

    def _level(self, confidence: float) -> float:
        """Return the level of one day's interval that reaches as far as the sequence."""
        if self.first_look is None:
            return confidence
        first, now = (1 / self.before[1] + 1 / cases for cases in (max(self.first_look, 1), self.after[1]))
        reach = mixture_multiplier(NARROWEST * first / now, confidence=confidence)
        return min(float(1 - 2 * norm.sf(reach)), _FARTHEST)

    def _arm(self, counts: tuple[int, int]) -> Arm:
        events, cases = counts
        return Arm(events / cases, cases / self.dispersion)


def estimate_quality(
    study: Study, arms: Arms, protocol: Protocol, *, differences: DifferenceJudge | None = None
) -> tuple[QualityEffect, ...]:
    """Estimate the harm to each indicator, with lower limits adjusted after Holm over all of them.

    Parameters
    ----------
    differences
        Estimates a harm against other agencies; None where the project is held against its own past.
    """
    judges = [_judge(study, arms, margin, differences, look=protocol.look) for margin in protocol.quality]
    found = [judge.effect for judge in judges]
    order = np.argsort([judge.p_value for judge in judges], kind="stable")
    is_open = True
    for step, place in enumerate(order.tolist()):
        level = (1 - CONFIDENCE) / (len(judges) - step)
        lower = judges[place].limits(1 - level).lower
        is_open = is_open and lower > 0
        found[place] = replace(found[place], lower_adjusted=lower if is_open else min(lower, 0.0))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Judge:
    """One indicator's answer, and its interval at other levels."""

    effect: QualityEffect
    shares: Shares | None
    compared: Shares | None
    values: Floats
    differences: DifferenceJudge | None
    is_recorded: bool

    def limits(self, confidence: float) -> Estimate:
        if not self.is_recorded or self.shares is None:
            return Estimate(np.nan, -np.inf, np.inf, np.nan, confidence)
        if self.differences is None:
            return self.shares.harm(confidence)
        found = self.differences.harm(self.values, confidence=confidence)
        reach = self.shares.harm(confidence)
        above, below = reach.upper - reach.value, 0.0
        if self.compared is not None:
            others = self.compared.harm(confidence)
            below = others.value - others.lower
        return replace(found, upper=max(found.upper, found.value + float(np.hypot(above, below))))

    @property
    def p_value(self) -> float:
        """One-sided, of no harm: found by halving on the level at which the lower limit touches zero."""
        low, high = 1e-6, _FARTHEST
        if self.limits(low).lower <= 0:
            return 1.0
        for _step in range(_BISECTIONS if self.differences is None else 0):
            middle = (low + high) / 2
            low, high = (middle, high) if self.limits(middle).lower > 0 else (low, middle)
        return self.differences.p_value(self.values) if self.differences is not None else (1 - low) / 2


def _judge(
    study: Study, arms: Arms, margin: QualityMargin, differences: DifferenceJudge | None, *, look: Look
) -> _Judge:
    is_bad, recorded = indicator(study, margin), is_recorded(study, arms, margin)
    judge = _judge_flags(study, arms, margin, is_bad, differences, look=look, recorded=recorded)
    harm = judge.limits(CONFIDENCE)
    hidden = _is_blank(study, margin) | is_bad
    if recorded and (hidden & (arms.side == Side.AFTER)).sum() > (is_bad & (arms.side == Side.AFTER)).sum():
        other = _judge_flags(study, arms, margin, hidden, differences, look=look, recorded=True).limits(CONFIDENCE)
        harm = replace(harm, upper=max(harm.upper, other.upper))
    return replace(judge, effect=replace(judge.effect, harm=harm))


def _judge_flags(
    study: Study,
    arms: Arms,
    margin: QualityMargin,
    is_bad: Flags,
    differences: DifferenceJudge | None,
    *,
    look: Look,
    recorded: bool,
) -> _Judge:
    is_known = study.cases.opened_us + int(margin.follow_up_days * DAY_US) <= study.look_us
    is_after = arms.side == Side.AFTER
    is_before = (arms.side == Side.BEFORE) & is_known & _is_recent(study, arms)
    shares = _shares(is_bad, arms, is_before=is_before, is_after=is_after & is_known)
    if shares is not None and look.kind is LookKind.SEQUENCE:
        shares = replace(shares, first_look=_first_look(arms, is_after, look))
    effect = _effect(margin, shares, is_complete=bool((is_known | ~is_after).all()), recorded=recorded)
    if shares is not None:
        effect = replace(effect, clustered=_clustered(study, arms, margin, is_bad, is_before | (is_after & is_known)))
    compared = None if differences is None else _shares_compared(study, arms, is_bad, is_known)
    return _Judge(effect, shares, compared, np.where(is_known, is_bad, np.nan), differences, recorded)


def _shares_compared(study: Study, arms: Arms, is_bad: Flags, is_known: Flags) -> Shares | None:
    """Return the shares of agencies that never change, on both sides of the first change.

    Where all agencies change, those that had not yet are compared: their cases before, half of them on each side.
    """
    is_compared = (arms.side == Side.COMPARED) & is_known
    if not is_compared.any():
        is_compared = (arms.side == Side.BEFORE) & is_known
        split = np.median(study.cases.opened_us[is_compared]) if is_compared.any() else 0.0
    else:
        split = float(arms.change_us.min())
    is_early = study.cases.opened_us < split
    return _shares(is_bad, arms, is_before=is_compared & is_early, is_after=is_compared & ~is_early)


def _is_blank(study: Study, margin: QualityMargin) -> Flags:
    """Return which cases have no value of an indicator where a value is what is bad, shape (n,)."""
    labels = study.cases.attribute(margin.attribute)
    if labels is None or margin.direction is not Direction.LOWER_IS_BETTER:
        return np.zeros(len(study.cases), np.bool_)
    return np.asarray(labels.codes == UNKNOWN)


def _first_look(arms: Arms, is_after: Flags, look: Look) -> int:
    """Return how many cases there are after the change on the first day on which a look is allowed."""
    months = arms.month[is_after]
    early = int((months < months.min(initial=len(arms.months)) + max(look.minimum_months, 1)).sum())
    return max(look.minimum_cases, early)


def _clustered(study: Study, arms: Arms, margin: QualityMargin, is_bad: Flags, chosen: Flags) -> ClusteredHarm:
    """Hold after against before, cases of an agency (or of a month) counting as alike."""
    agency, is_second = study.cases.agency.codes[chosen], arms.side[chosen] == Side.AFTER
    is_by_agency = len(np.unique(agency)) >= FEWEST_AGENCIES
    found = compare_sides(
        is_bad[chosen].astype(np.float64),
        is_second=is_second,
        clusters=agency if is_by_agency else arms.month[chosen],
        confidence=CONFIDENCE,
    )
    close = found.difference_within(-margin.margin_share, margin.margin_share)
    ratio_margin = 1 + margin.margin_share / found.first if found.first > 0 else None
    near = None if ratio_margin is None else found.ratio_within(1 / ratio_margin, ratio_margin)
    return ClusteredHarm(
        clustered_by="agency" if is_by_agency else "month",
        clusters=found.clusters,
        harm=found.difference,
        ratio=found.ratio,
        ratio_margin=ratio_margin,
        p_difference=close.p_not_above,
        p_ratio=None if near is None else near.p_not_above,
        p_equivalent=close.p_equivalent,
    )


def indicator(study: Study, margin: QualityMargin) -> Flags:
    """Return which cases are bad by an indicator, shape (n,); where less is worse, those without its value."""
    labels = study.cases.attribute(margin.attribute)
    has = np.zeros(len(study.cases), np.bool_) if labels is None else labels.equals(margin.value)
    return has if margin.direction is Direction.LOWER_IS_BETTER else ~has


def _is_recent(study: Study, arms: Arms) -> Flags:
    """Return which cases opened within a year before the change of their agency."""
    opened = study.cases.opened_us
    last = np.where(arms.side == Side.BEFORE, opened, np.iinfo(np.int64).min)
    return np.asarray(opened > last.max(initial=0) - YEAR_US)


def _shares(is_bad: Flags, arms: Arms, *, is_before: Flags, is_after: Flags) -> Shares | None:
    sides = [(int(is_bad[chosen].sum()), int(chosen.sum())) for chosen in (is_before, is_after)]
    if not all(cases for _events, cases in sides):
        return None
    excess, freedom = 0.0, 0
    for chosen, (events, cases) in zip((is_before, is_after), sides, strict=True):
        part, months = _scatter(is_bad[chosen], arms.month[chosen], share=events / cases)
        excess, freedom = excess + part, freedom + months
    return Shares(sides[0], sides[1], max(1.0, excess / freedom) if freedom > 0 else 1.0)


def _scatter(is_bad: Flags, month: Integers, *, share: float) -> tuple[float, int]:
    """Return Pearson's χ² of the months' shares, and its degrees of freedom; no months scatter around 0 or 1."""
    cases = np.bincount(month)
    months = int((cases > 0).sum()) - 1
    if share in (0.0, 1.0) or months < 1:
        return 0.0, 0
    expected, events = cases * share, np.bincount(month, weights=is_bad)
    seen = cases > 0
    return float((((events - expected) ** 2)[seen] / (expected * (1 - share))[seen]).sum()), months


def _effect(margin: QualityMargin, shares: Shares | None, *, is_complete: bool, recorded: bool) -> QualityEffect:
    before, after = ((0, 0), (0, 0)) if shares is None else (shares.before, shares.after)
    shares_of = [events / cases if cases else np.nan for events, cases in (before, after)]
    needed = cases_for_shares(shares_of[0], margin=margin.margin_share).per_arm if before[1] else 0
    return QualityEffect(
        name=margin.name,
        attribute=margin.attribute,
        value=margin.value,
        margin_share=margin.margin_share,
        harm=Estimate(np.nan, -np.inf, np.inf, np.nan, CONFIDENCE),
        lower_adjusted=-np.inf,
        before_share=shares_of[0],
        after_share=shares_of[1],
        cases_before=before[1],
        cases_after=after[1],
        is_complete=is_complete and shares is not None,
        needed_cases=needed,
        is_recorded=recorded,
    )
