"""Protocols of the region's projects: what was promised before anything changed."""

from datetime import date
from typing import Final

from potok.demo.region.agencies import APPLICANT, SUBMISSION, load_agency
from potok.demo.region.extract import APPLICANT_COLUMN, COMPLAINT_COLUMN, REFUSED, RETURNED, REVERSAL_COLUMN, YES
from potok.demo.region.projects import Project, load_quality
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
    Wave,
)

TRANSITION_DAYS: Final = 30
HORIZON_DAYS: Final = 60
MINIMUM_CASES: Final = 300
MINIMUM_MONTHS: Final = 6


def make_protocol(project: Project, *, look_on: date) -> Protocol:
    """Make a project's protocol.

    Parameters
    ----------
    look_on
        The day of the verdict.
    """
    waves = [Wave(load_agency(agency).name, day) for agency, day in project.waves.items()]
    return Protocol(
        name=project.name,
        registered_on=project.registered_on,
        change=PlannedChange(project.name, tuple(waves), services=project.services),
        estimand=Estimand(
            OutcomeKind.CASE_DURATION,
            Direction.LOWER_IS_BETTER,
            Clock.CALENDAR_DAYS,
            horizon_days=HORIZON_DAYS,
            minimum_improvement=project.minimum_improvement_days,
            transition_before_days=TRANSITION_DAYS,
        ),
        comparison=_comparison(project),
        look=Look(LookKind.FIXED, look_on, look_on, MINIMUM_CASES, MINIMUM_MONTHS),
        quality=_margins(),
        declarations=_declarations(project),
        failure=project.failure,
    )


def _comparison(project: Project) -> ComparisonPlan:
    if project.seed is None:
        return ComparisonPlan(ComparisonKind.OWN_PAST)
    return ComparisonPlan(ComparisonKind.WAVES, is_order_drawn=True, seed=project.seed)


def _margins() -> tuple[QualityMargin, ...]:
    quality = load_quality()
    margins = ((REVERSAL_COLUMN, quality.margin_reversed), (COMPLAINT_COLUMN, quality.margin_complaints))
    return tuple(
        QualityMargin(column, column, YES, Direction.LOWER_IS_BETTER, margin, HORIZON_DAYS)
        for column, margin in margins
    )


def _declarations(project: Project) -> Declarations:
    agencies = [load_agency(key) for key in project.waves]
    waits = {name for agency in agencies for name, unit in agency.unit_of.items() if unit == APPLICANT}
    waiting = tuple(sorted(waits - {SUBMISSION}))
    return Declarations(
        applicant_attribute=APPLICANT_COLUMN,
        registration_activity=SUBMISSION,
        clock_stop_activities=waiting,
        applicant_activities=waiting,
        refusal_values=(REFUSED,),
        withdrawal_values=(RETURNED,),
        complaint_attribute=COMPLAINT_COLUMN,
        complaint_value=YES,
        was_chosen_as_worst=False,
    )
