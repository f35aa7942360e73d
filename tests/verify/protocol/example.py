"""A protocol that says everything there is to say."""

from datetime import date

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

FULL = Protocol(
    name="Визирование «в день» \\ \x7f",
    registered_on=date(2024, 1, 15),
    change=PlannedChange(
        what="Подпись в день поступления",
        waves=(
            Wave("А", date(2024, 4, 1)),
            Wave("Б", date(2024, 4, 1)),
            Wave("В", date(2024, 9, 2)),
            Wave("Г", date(2024, 9, 2)),
        ),
        services=("Пособие", "Справка"),
        channels=("Лично",),
    ),
    estimand=Estimand(
        outcome=OutcomeKind.WITHIN_TERM_SHARE,
        direction=Direction.HIGHER_IS_BETTER,
        clock=Clock.WORKING_DAYS,
        horizon_days=45.5,
        minimum_improvement=0.05,
        transition_before_days=30,
        transition_after_days=7,
        calendar="ru",
        calendar_id="cd" * 32,
        term_days=20,
    ),
    comparison=ComparisonPlan(
        ComparisonKind.WAVES,
        controls=("Д",),
        is_order_drawn=True,
        seed=7,
        case_mix=("Район",),
        strata=(("А", "В"), ("Б", "Г")),
    ),
    quality=(
        QualityMargin("Жалобы", "Жалоба", "да", Direction.LOWER_IS_BETTER, 0.02, 90),
        QualityMargin("Отмены", "Отменено", "да", Direction.LOWER_IS_BETTER, 0.01, 180),
    ),
    sentinels=(Sentinel("Утечка", "Происшествие", "утечка", reviewed=("7", "8")),),
    look=Look(LookKind.SEQUENCE, date(2025, 3, 1), date(2025, 12, 31), minimum_cases=200, minimum_months=6),
    declarations=Declarations(
        applicant_attribute="Объект",
        registration_activity="Регистрация",
        clock_stop_activities=("Ожидание",),
        applicant_activities=("Ожидание", "Подача"),
        refusal_values=("отказ",),
        withdrawal_values=("возвращено",),
        complaint_attribute="Жалоба",
        complaint_value="да",
        complexity_attributes=("Площадь",),
        recorded_attribute="Внесено",
        parallel_projects=("МФЦ",),
        was_chosen_as_worst=False,
    ),
    failure="Не стало быстрее.",
    replicates="ab" * 32,
)
