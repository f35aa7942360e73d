"""The improvement by staggered differences, and by synthetic differences where a single agency changed."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from potok.core.language import mark
from potok.inference.estimate import Estimate
from potok.inference.group_times import (
    Aggregate,
    BasePeriod,
    Comparing,
    Controls,
    NothingComparedError,
    Scheme,
    estimate_group_times,
)
from potok.inference.randomisation import NoContrastError, wild_cluster_bootstrap
from potok.inference.synthetic import TooFewControlsError
from potok.verify.designs.answers import (
    Answer,
    as_improvement,
    count_after_months,
    count_before,
    count_compared,
    mean_after,
    relative_improvement,
    sign_of,
)
from potok.verify.designs.choice import DesignChoice
from potok.verify.designs.quality_differences import DifferenceJudge
from potok.verify.designs.staggered import ASSUMPTIONS, ASSUMPTIONS_DRAWN, Staggering, staggering
from potok.verify.designs.synthetic import ASSUMPTIONS as SYNTHETIC_ASSUMPTIONS
from potok.verify.designs.synthetic import (
    PLACEBO_RANKS,
    SYNTHETIC_CONTROL,
    estimate_by_placebos,
    estimate_control,
    estimate_synthetic,
)
from potok.verify.effect import Design, EffectEstimate, PeriodEffect, SecondOpinion
from potok.verify.panel import make_panel
from potok.verify.protocol.drawing import is_drawn
from potok.verify.protocol.model import LookKind, Protocol
from potok.verify.study import Arms, Flags, Panel, Study


def estimate_by_differences(
    study: Study, arms: Arms, panel: Panel, protocol: Protocol, *, choice: DesignChoice
) -> Answer:
    """Estimate the mean improvement of the agencies that changed, over the months in which somebody had not yet.

    The interval is that of randomisation over all admissible assignments of the dates of change; where a single agency
    changed, that of placebos among the others.
    """
    who, sign = staggering(panel, choice), sign_of(protocol)
    study_by_month = _event_study(panel)
    change, p_value = _infer(study, arms, panel, who=who, choice=choice)
    with_change, cases_after = mean_after(panel, taken=_compared_months(study, arms, who, choice))
    cases_before, months_before = count_before(panel)
    improvement = as_improvement(change, sign)
    limits = (*choice.limits, *_limits_of_look(protocol))
    estimate = EffectEstimate(
        design=choice.design,
        improvement=improvement,
        without=with_change - sign * improvement.value,
        with_change=with_change,
        relative=relative_improvement(improvement, with_change=with_change, sign=sign),
        is_applicable=not limits,
        limits=limits,
        p_value=p_value,
        admissible_assignments=choice.assignments,
        degrees=None,
        cases_before=cases_before,
        cases_after=cases_after,
        cases_compared=count_compared(panel),
        cases_alone=mean_after(panel)[1] - cases_after,
        months_before=months_before,
        months_after=count_after_months(panel),
        periods=() if study_by_month is None else tuple(_periods(study_by_month, sign)),
        assumptions=_assumptions(protocol, choice),
    )
    return Answer(
        estimate,
        tuple(_second_opinions(panel, study_by_month, sign, choice)),
        tuple(as_improvement(part.simultaneous, sign) for part in study_by_month.parts) if study_by_month else (),
        study_by_month,
        DifferenceJudge(study, arms, who),
    )


def _compared_months(study: Study, arms: Arms, who: Staggering, choice: DesignChoice) -> Flags | None:
    """Return the months that the estimate speaks of: once all have changed, nobody is left to compare with."""
    if choice.design is Design.SYNTHETIC_DIFFERENCES:
        return None
    return who.compared(make_panel(study, arms, with_transition=True))


def _infer(study: Study, arms: Arms, panel: Panel, *, who: Staggering, choice: DesignChoice) -> tuple[Estimate, float]:
    """Return the change of the outcome (with − without) and the p-value of none."""
    whole = make_panel(study, arms, with_transition=True)
    if choice.design is Design.SYNTHETIC_DIFFERENCES:
        return estimate_synthetic(replace(whole, first_changed=panel.first_changed), transition=who.transition)
    found = who.randomise(whole)
    return found.effect, found.p_value


def _assumptions(protocol: Protocol, choice: DesignChoice) -> tuple[str, ...]:
    if choice.design is Design.SYNTHETIC_DIFFERENCES:
        return SYNTHETIC_ASSUMPTIONS
    return ASSUMPTIONS_DRAWN if is_drawn(protocol) else ASSUMPTIONS


def _limits_of_look(protocol: Protocol) -> Iterator[str]:
    if protocol.look.kind is LookKind.SEQUENCE:
        yield _NO_SEQUENCE


def _event_study(panel: Panel, controls: Controls = Controls.NOT_YET) -> Aggregate | None:
    """Return the effects by months since the change; None where months allow no such comparison."""
    try:
        found = estimate_group_times(
            panel.mean,
            first_treated=panel.first_changed,
            weights=panel.cases.sum(axis=1),
            comparing=Comparing(base_period=BasePeriod.UNIVERSAL, controls=controls),
        )
        return found.aggregate(Scheme.DYNAMIC)
    except NothingComparedError:
        return None


def _periods(found: Aggregate, sign: int) -> Iterator[PeriodEffect]:
    for part in found.parts:
        yield PeriodEffect(str(part.key), part.key < 0, as_improvement(part.effect, sign))


def _second_opinions(
    panel: Panel, event_study: Aggregate | None, sign: int, choice: DesignChoice
) -> Iterator[SecondOpinion]:
    if choice.design is Design.SYNTHETIC_DIFFERENCES:
        yield from _synthetic_opinions(panel, sign)
    if event_study is not None:
        yield SecondOpinion("group_times", as_improvement(event_study.overall, sign), _GROUP_TIMES)
    yield from _never_treated(panel, sign)
    yield from _wild_bootstrap(panel, sign)
    yield SecondOpinion("before_after", as_improvement(_before_after(panel), sign), _BEFORE_AFTER)


def _never_treated(panel: Panel, sign: int) -> Iterator[SecondOpinion]:
    """Yield the comparison with agencies that never change, where others are compared, too."""
    waves = np.unique(panel.first_changed[panel.first_changed >= 0])
    if len(waves) < 2 or (panel.first_changed < 0).sum() < 2:
        return
    found = _event_study(panel, Controls.NEVER)
    if found is not None:
        yield SecondOpinion("never_treated", as_improvement(found.overall, sign), _NEVER_TREATED)


def _wild_bootstrap(panel: Panel, sign: int) -> Iterator[SecondOpinion]:
    """Yield errors by agency; of a single one that changed nothing can be told in this way."""
    if (panel.first_changed >= 0).sum() < 2:
        return
    try:
        found = wild_cluster_bootstrap(panel.mean, first_treated=panel.first_changed)
    except NoContrastError:
        return
    note = _WILD if found.is_reliable else _WILD_TOO_FEW
    yield SecondOpinion("wild_cluster_bootstrap", as_improvement(found.effect, sign), note)


def _synthetic_opinions(panel: Panel, sign: int) -> Iterator[SecondOpinion]:
    try:
        placebos, control = estimate_by_placebos(panel), estimate_control(panel)
    except TooFewControlsError:
        return
    yield SecondOpinion("placebo_ranks", as_improvement(placebos, sign), PLACEBO_RANKS)
    yield SecondOpinion("synthetic_control", as_improvement(control, sign), SYNTHETIC_CONTROL)


def _before_after(panel: Panel) -> Estimate:
    """Return the naive difference of the agencies that changed, case by case, as if nothing else went on."""
    sides: list[list[float]] = [[], []]
    weights: list[list[float]] = [[], []]
    for row, first in enumerate(panel.first_changed.tolist()):
        if first >= 0:
            for side, months in enumerate((slice(None, first), slice(first, None))):
                known = panel.cases[row, months] > 0
                sides[side] += panel.mean[row, months][known].tolist()
                weights[side] += panel.cases[row, months][known].tolist()
    if not all(sides):
        return Estimate(np.nan, -np.inf, np.inf, np.nan, 0.95)
    before, after = (float(np.average(values, weights=of)) for values, of in zip(sides, weights, strict=True))
    return Estimate(after - before, -np.inf, np.inf, np.nan, 0.95)


_NO_SEQUENCE = mark("With waves or other agencies the look must be fixed on one day: they allow no sequence of looks.")
_GROUP_TIMES = mark("By group and month after Callaway and Sant'Anna; its limits are too sure with few agencies.")
_NEVER_TREATED = mark("By group and month, held against agencies that never change only.")
_WILD = mark(
    "A regression with effects of agencies and months, its errors by turning the residuals of whole agencies round: "
    "takes the effect for the same everywhere."
)
_WILD_TOO_FEW = mark(
    "A regression with effects of agencies and months, its errors by turning the residuals of whole agencies round: "
    "not to be relied on with fewer than four agencies on a side."
)
_BEFORE_AFTER = mark("The plain difference of the cases before and after: takes trend and season for effect.")
