"""Effects made up by hand, one for each verdict, with the cases that their pictures are drawn from."""

from dataclasses import replace
from datetime import date
from functools import cache
from math import inf, nan

import numpy as np

from potok.inference.estimate import Estimate
from potok.log.mapping import ExtractionKind
from potok.report.verification.drawing.control_chart import ControlChart
from potok.report.verification.results import EffectResults
from potok.verify.effect import (
    CheckVerdict,
    Decision,
    Design,
    Effect,
    EffectEstimate,
    HonestyCheck,
    PeriodEffect,
    QualityEffect,
    Reason,
    SecondOpinion,
    Verdict,
)
from potok.verify.panel import make_panel
from potok.verify.protocol.model import (
    Clock,
    ComparisonKind,
    ComparisonPlan,
    Declarations,
    Direction,
    Estimand,
    Look,
    LookKind,
    OutcomeKind,
    PlannedChange,
    Protocol,
    QualityMargin,
    Sentinel,
    Wave,
)
from potok.verify.study import Arms, CaseFeatures, Labels, MonthlyWork, Side, Study, StudyCases, StudySource

DAY_US = 86_400_000_000
MONTHS = tuple(date(2023 + number // 12, number % 12 + 1, 1) for number in range(36))
CHANGE = 26
HORIZON = 60.0
AGENCIES = ("Минжилполитики", "Минимущество", "Минтранс", "Минтруд")


def interval(value: float, lower: float, upper: float) -> Estimate:
    """Return an estimate whose standard error fits its interval."""
    width = upper - lower
    return Estimate(value, lower, upper, width / 3.92 if np.isfinite(width) else nan, 0.95)


def make_protocol(**changed) -> Protocol:
    """Return a protocol of signing on the day, in one agency."""
    protocol = Protocol(
        name="Подписание решений в день готовности",
        registered_on=date(2025, 2, 3),
        change=PlannedChange(
            what="Решения подписываются в тот день, когда готовы, а не по пятницам",
            waves=(Wave("Минимущество", date(2025, 3, 3)),),
            services=("Предоставление земельного участка",),
        ),
        estimand=Estimand(
            OutcomeKind.CASE_DURATION,
            Direction.LOWER_IS_BETTER,
            Clock.CALENDAR_DAYS,
            HORIZON,
            2.0,
            transition_before_days=20,
            transition_after_days=10,
        ),
        comparison=ComparisonPlan(ComparisonKind.OWN_PAST, case_mix=("район",)),
        look=Look(LookKind.FIXED, date(2026, 1, 15), date(2026, 6, 30), minimum_cases=200, minimum_months=6),
        quality=(
            QualityMargin("Отмена решений", "appeal", "отменено", Direction.LOWER_IS_BETTER, 0.02, 60.0),
            QualityMargin("Жалобы", "complaint", "да", Direction.LOWER_IS_BETTER, 0.02, 60.0),
            QualityMargin("Исправления в документах", "corrected", "да", Direction.LOWER_IS_BETTER, 0.03, 60.0),
        ),
        sentinels=(Sentinel("Решение признано судом незаконным", "court", "незаконно"),),
        declarations=Declarations(refusal_values=("отказ",), complaint_attribute="complaint", complaint_value="да"),
        failure="Срок не сократился на два дня или отменено больше решений",
        sha256="6f1d9b3c" * 8,
    )
    return replace(protocol, **changed)


def quality(name: str, harm: Estimate, before: float, after: float, margin: float = 0.02, **changed) -> QualityEffect:
    """Return what happened to an indicator."""
    one = QualityEffect(
        name, name, "да", margin, harm, harm.lower - 0.004, before, after, 1900, 820, True, needed_cases=1400
    )
    return replace(one, **changed)


KEPT = (
    quality("Отмена решений", interval(0.001, -0.009, 0.011), 0.018, 0.019),
    quality("Жалобы", interval(-0.004, -0.016, 0.008), 0.031, 0.027),
    quality("Исправления в документах", interval(0.006, 0.001, 0.012), 0.021, 0.027, 0.03),
)
CHECKS = (
    HonestyCheck(
        "case_mix",
        CheckVerdict.PASSED,
        interval(0.2, -0.3, 0.7),
        "days",
        1.3,
        "Cases as they now come would have taken {days:days} less anyway.",
        {"days": 0.2},
    ),
    HonestyCheck(
        "refusals_up",
        CheckVerdict.PASSED,
        interval(0.01, -0.01, 0.03),
        "share",
        0.05,
        "Refusals: {share:share}.",
        {"share": 0.11},
    ),
    HonestyCheck(
        "clock_restarted",
        CheckVerdict.FLAGGED,
        interval(0.03, 0.01, 0.05),
        "share",
        0.02,
        "{share:share} of the cases were registered more than once.",
        {"share": 0.03},
        ("A-17", "A-23"),
    ),
    HonestyCheck(
        "times_back_dated",
        CheckVerdict.CANNOT_TELL,
        None,
        "days",
        None,
        "The log does not say when a closing was entered.",
    ),
)
FAILED = HonestyCheck(
    "cases_split",
    CheckVerdict.FAILED,
    interval(0.24, 0.2, 0.28),
    "share",
    0.05,
    "{share:share} of the applicants now file twice within 30 days; before it was {before:share}.",
    {"share": 0.24, "before": 0.03},
    tuple(f"B-{number}" for number in range(1, 31)),
)
ESTIMATE = EffectEstimate(
    design=Design.INTERRUPTED_SERIES,
    improvement=interval(5.24, 3.06, 7.42),
    without=23.91,
    with_change=18.67,
    relative=interval(0.219, 0.137, 0.284),
    is_applicable=True,
    limits=(),
    p_value=0.00004,
    admissible_assignments=None,
    degrees=19.4,
    cases_before=1904,
    cases_after=812,
    cases_compared=0,
    months_before=26,
    months_after=9,
    assumptions=("Without the change the trend and the season of the months before would have gone on.",),
)


@cache
def make_study(seed: int = 7, gain: float = 5.0) -> tuple[Study, Arms]:
    """Make up cases of four agencies over three years: the second changes in the 27th month, by `gain` days."""
    generator = np.random.default_rng(seed)
    agency, month = (part.ravel() for part in np.meshgrid(range(4), np.repeat(range(36), 18), indexing="ij"))
    wave = 3.0 * np.sin(2 * np.pi * month / 12)
    is_after = (agency == 1) & (month > CHANGE)
    shape = 24.0 + 0.05 * month + wave - gain * is_after
    outcome = np.minimum(generator.gamma(9.0, shape / 9.0), HORIZON)
    side = np.where(agency != 1, Side.COMPARED, np.where(is_after, Side.AFTER, Side.BEFORE))
    side = np.where((agency == 1) & (month == CHANGE), Side.TRANSITION, side)
    side = np.where(month == 35, Side.UNFOLLOWED, side)
    cases = len(agency)
    opened = np.asarray([(date(2023, 1, 1) - date(1970, 1, 1)).days + 30.44 * m for m in month]) * DAY_US
    zeros = np.zeros(cases, np.int64)
    labels = Labels("agency", agency.astype(np.int64), AGENCIES)
    rows = StudyCases(
        np.asarray([f"C-{number}" for number in range(cases)], object),
        opened.astype(np.int64),
        opened.astype(np.int64),
        (opened + outcome * DAY_US).astype(np.int64),
        outcome < HORIZON,
        labels,
        Labels("service", zeros, ("Предоставление земельного участка",)),
        Labels("channel", zeros, ("портал",)),
        Labels("outcome", zeros, ("выдано",)),
        (),
        CaseFeatures(*([zeros] * 10), np.full(cases, nan)),
    )
    work = MonthlyWork(AGENCIES, MONTHS, (), *(np.zeros((4, 36, 0), np.int64), *[np.zeros((4, 36), np.int64)] * 4))
    sources = (
        StudySource(
            "minimushchestvo.csv", "aa51" * 16, ExtractionKind.OPENED, 1_768_435_200_000_000, cases, 3, "bb62" * 16
        ),
        StudySource("others.csv", "cc73" * 16, ExtractionKind.OPENED, 1_768_435_200_000_000, 77, 0, "dd84" * 16),
    )
    study = Study(rows, np.ones(cases, np.bool_), work, "Asia/Yakutsk", 0, 1_768_435_200_000_000, sources)
    change_us = np.where(agency == 1, np.int64(opened.max()), np.iinfo(np.int64).max)
    arms = Arms(
        side=side.astype(np.int64),
        change_us=change_us,
        outcome=outcome,
        watched_from=np.zeros(cases),
        month=month.astype(np.int64),
        months=MONTHS,
        change_month=np.where(agency == 1, CHANGE, -1),
        is_closed_only=False,
    )
    return study, arms


def make_periods(gain: float) -> tuple[PeriodEffect, ...]:
    """Return improvements of calendar months, nothing before the change."""
    generator = np.random.default_rng(3)
    found = []
    for place, month in enumerate(MONTHS[:35]):
        if place != CHANGE:
            value = (gain if place > CHANGE else 0.0) + float(generator.normal(0, 1.0))
            found.append(PeriodEffect(f"{month:%Y-%m}", place < CHANGE, interval(value, value - 2.9, value + 2.9)))
    return tuple(found)


def make_effect(decision: Decision, **changed) -> Effect:
    """Return an effect; whatever is not given is that of a project that worked."""
    protocol = make_protocol()
    effect = Effect(
        protocol_name=protocol.name,
        protocol_sha256=protocol.sha256,
        looked_on=date(2026, 1, 15),
        decided_on=date(2026, 1, 20),
        is_late=False,
        deviations=(),
        decision=decision,
        estimate=replace(ESTIMATE, periods=make_periods(5.2)),
        unit="days",
        second_opinions=(
            SecondOpinion(
                "conformal", interval(5.1, 2.7, 7.9), "By permuting blocks of months; assumes no shape of the scatter."
            ),
            SecondOpinion(
                "before_after",
                interval(4.4, 3.5, 5.3),
                "The plain difference of the months before and after: takes trend and season for effect.",
            ),
        ),
        quality=KEPT,
        checks=CHECKS,
        diagnostics=(
            HonestyCheck(
                "pre_trend",
                CheckVerdict.PASSED,
                interval(0.31, 0.31, 0.31),
                "p_value",
                0.05,
                "No trend before the change.",
            ),
        ),
        unreviewed_sentinels=(),
        days_saved=interval(4255.0, 2485.0, 6025.0),
        sources=("aa51" * 16, "cc73" * 16),
        code_version="0.1",
    )
    return replace(effect, **changed)


def decision_of(verdict: Verdict, rule: int, *reasons: Reason, remedies: tuple[Reason, ...] = ()) -> Decision:
    """Return a decision."""
    return Decision(verdict, rule, False, reasons, remedies)


def make_effects() -> dict[str, tuple[Effect, Protocol]]:
    """Return effects by what they show."""
    from potok.verify import decision as rule

    protocol = make_protocol()
    bounds = {"lower": 3.06, "upper": 7.42, "minimum": 2.0}
    verified = make_effect(
        decision_of(
            Verdict.VERIFIED,
            3,
            Reason(rule._GROUND_EFFECT, bounds),
            Reason(rule._GROUND_QUALITY, {"indicators": 3}),
            Reason(rule._GROUND_CHECKS, {"told": 3, "checks": 4}),
        )
    )
    small = replace(
        ESTIMATE, improvement=interval(0.4, -1.1, 1.9), relative=None, p_value=0.6, without=23.9, with_change=23.5
    )
    nothing = make_effect(
        decision_of(Verdict.NOT_VERIFIED, 2, Reason(rule._TOO_LITTLE, {"upper": 1.9, "minimum": 2.0})),
        estimate=replace(small, periods=make_periods(0.4)),
        days_saved=interval(325.0, -893.0, 1543.0),
    )
    dressed = make_effect(
        decision_of(
            Verdict.NOT_VERIFIED,
            2,
            Reason(rule._DRESSED, {"check": FAILED.kind}),
            remedies=(Reason(rule._MEND_CHECKS),),
        ),
        checks=(*CHECKS, FAILED),
    )
    late_protocol = make_protocol(registered_on=date(2025, 4, 1))
    late = make_effect(
        decision_of(Verdict.NOT_VERIFIED, 2, Reason(rule._LATE), remedies=(Reason(rule._NEW_PROTOCOL),)),
        is_late=True,
        deviations=(
            Reason(
                "Registered on {registered_on:date}, the change began on {on:date}.",
                {"registered_on": "2025-04-01", "on": "2025-03-03"},
            ),
        ),
    )
    worse = quality("Отмена решений", interval(0.044, 0.024, 0.064), 0.018, 0.062, lower_adjusted=0.019)
    harm = make_effect(
        decision_of(
            Verdict.HARM_TO_QUALITY,
            1,
            Reason(rule._HARM, {"name": worse.name, "before": 0.018, "after": 0.062, "margin": 0.02}),
            remedies=(Reason(rule._UNDO),),
        ),
        quality=(worse, *KEPT[1:]),
    )
    unclear = replace(KEPT[1], harm=interval(0.004, -0.018, 0.026), lower_adjusted=-0.022)
    limit = "Fewer than 24 months with cases before the change: a series so short cannot verify anything."
    short = replace(ESTIMATE, is_applicable=False, limits=(limit,), months_before=11)
    early = make_effect(
        decision_of(
            Verdict.CANNOT_TELL_YET,
            4,
            Reason(limit),
            Reason(rule._MARGIN_OPEN, {"name": unclear.name, "upper": 0.026, "margin": 0.02, "needed": 1400}),
            Reason(rule._SENTINEL, {"cases": 2}),
            remedies=(Reason(rule._REVIEW), Reason(rule._WAIT, {"last_on": "2026-06-30"})),
        ),
        estimate=replace(short, periods=make_periods(5.2)),
        quality=(KEPT[0], unclear),
        unreviewed_sentinels=("K-4", "K-9"),
    )
    empty = make_effect(
        decision_of(
            Verdict.CANNOT_TELL_YET,
            4,
            Reason(
                "No case opened after the change has been followed for the whole horizon; "
                "from {on:date} on there can be.",
                {"on": "2026-05-04"},
            ),
        ),
        estimate=None,
        second_opinions=(),
        quality=(),
        checks=(),
        diagnostics=(),
        days_saved=None,
    )
    return {
        "verified": (verified, protocol),
        "nothing": (nothing, protocol),
        "dressed": (dressed, protocol),
        "late": (late, late_protocol),
        "harm": (harm, protocol),
        "early": (early, protocol),
        "empty": (empty, protocol),
    }


def make_control() -> ControlChart:
    """Return a control chart of ten months of which one is out of its limits."""
    values = (49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 60.1)
    ten = len(values)
    signals = (*[()] * 9, ("a point beyond the limits",))
    labels = tuple(f"{month:%Y-%m}" for month in MONTHS[:ten])
    return ControlChart(labels, values, (50.81,) * ten, (45.82,) * ten, (55.8,) * ten, signals)


def make_results(name: str = "verified") -> EffectResults:
    """Return an effect with everything that its pages draw."""
    effect, protocol = make_effects()[name]
    study, arms = make_study(gain=0.4 if name == "nothing" else 5.0)
    panel = make_panel(study, arms)
    return EffectResults(
        effect, protocol, study, arms, panel, command="potok verify minimushchestvo others --protocol p.toml"
    )


def make_waves() -> EffectResults:
    """Return an effect of three waves, with months since the change and simultaneous bands."""
    protocol = make_protocol(
        change=PlannedChange(
            "Подписание в день готовности",
            tuple(Wave(agency, date(2025, month, 3)) for agency, month in zip(AGENCIES[:3], (1, 3, 5), strict=True)),
        ),
        comparison=ComparisonPlan(ComparisonKind.WAVES, is_order_drawn=True, seed=41),
    )
    study, arms = make_study()
    first = {0: 24, 1: 26, 2: 28}
    agency = study.cases.agency.codes
    change = np.asarray([first.get(int(code), 99) for code in agency])
    side = np.where(change == 99, Side.COMPARED, np.where(arms.month > change, Side.AFTER, Side.BEFORE))
    side = np.where((arms.month == change), Side.TRANSITION, side)
    moved = replace(arms, side=side.astype(np.int64), change_month=np.where(change == 99, -1, change))
    panel = make_panel(study, moved)
    periods = tuple(
        PeriodEffect(str(at), at < 0, interval(4.9 * (at >= 0), 4.9 * (at >= 0) - 2, 4.9 * (at >= 0) + 2))
        for at in range(-12, 7)
    )
    estimate = replace(
        ESTIMATE, design=Design.STAGGERED_DIFFERENCES, periods=periods, admissible_assignments=840, degrees=None
    )
    effect, _protocol = make_effects()["verified"]
    bands = tuple(
        interval(one.improvement.value, one.improvement.lower - 1.2, one.improvement.upper + 1.2) for one in periods
    )
    return EffectResults(replace(effect, estimate=estimate), protocol, study, moved, panel, bands, make_control())


def endless(effect: Effect) -> Effect:
    """Return an effect whose interval is open above, as that of a confidence sequence may be."""
    estimate = replace(effect.estimate, improvement=Estimate(5.2, 3.06, inf, nan, 0.95), relative=None)
    return replace(effect, estimate=estimate, days_saved=None)
