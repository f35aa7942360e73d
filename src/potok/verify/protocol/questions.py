"""The questions from whose answers a protocol is made, each with what it is good for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from potok.core.language import mark
from potok.verify.protocol.model import Clock, ComparisonKind, Direction, LookKind, OutcomeKind


class AnswerKind(StrEnum):
    """How an answer is written."""

    TEXT = "text"
    TEXTS = "texts"
    DAY = "day"
    NUMBER = "number"
    INTEGER = "integer"
    YES_NO = "yes_no"
    CHOICE = "choice"
    WAVES = "waves"
    MARGINS = "margins"


Said = Mapping[str, Any]
"""Answers so far, by key."""


def _always(_said: Said) -> bool:
    return True


def _is(key: str, value: str) -> Callable[[Said], bool]:
    return lambda said: said.get(key) == value


@dataclass(frozen=True, slots=True)
class Question:
    """A question.

    Parameters
    ----------
    key
        Place of the answer in the protocol.
    title, explanation
        Marked texts: what is asked, and what it is good for.
    kind
        How an answer is written.
    usual
        What an empty answer means; None where one is needed, empty where the key is then left out.
    choices
        For a choice: values with marked texts of what they mean.
    applies
        Whether it is asked, by the answers so far.
    """

    key: str
    title: str
    explanation: str
    kind: AnswerKind = AnswerKind.TEXT
    usual: str | None = None
    choices: tuple[tuple[str, str], ...] = ()
    applies: Callable[[Said], bool] = _always


_OUTCOMES: Final = (
    (OutcomeKind.CASE_DURATION.value, mark("how long a case takes")),
    (OutcomeKind.WITHIN_TERM_SHARE.value, mark("share of cases closed within the term")),
    (OutcomeKind.FIRST_TIME_THROUGH_SHARE.value, mark("share of cases closed without a return")),
    (OutcomeKind.ATTRIBUTE_SHARE.value, mark("share of cases with some mark")),
    (OutcomeKind.COST.value, mark("cost of a case")),
)
_CLOCKS: Final = (
    (Clock.CALENDAR_DAYS.value, mark("calendar days")),
    (Clock.WORKING_DAYS.value, mark("working days")),
)
_COMPARISONS: Final = (
    (ComparisonKind.WAVES.value, mark("agencies change in waves; those that have not yet are compared")),
    (ComparisonKind.OTHER_AGENCIES.value, mark("other agencies, which do not change")),
    (ComparisonKind.OWN_PAST.value, mark("the agency's own past, of at least 24 months")),
)
_DIRECTIONS: Final = (
    (Direction.LOWER_IS_BETTER.value, mark("less is better")),
    (Direction.HIGHER_IS_BETTER.value, mark("more is better")),
)
_LOOKS: Final = (
    (LookKind.FIXED.value, mark("on one day")),
    (LookKind.SEQUENCE.value, mark("on any day from one on, as often as one likes")),
)

QUESTIONS: Final = (
    Question("name", mark("Name of the project"), mark("As it will stand on the verdict.")),
    Question("change.what", mark("What will change"), mark("One sentence that a citizen understands.")),
    Question(
        "change.waves",
        mark("Which agency works in the new way from which day"),
        mark(
            "AGENCY=DAY; AGENCY=DAY, such as Tax office=2026-03-01. Name agencies as the log does. The day decides to "
            "which side a case belongs, by its opening."
        ),
        AnswerKind.WAVES,
    ),
    Question(
        "change.services",
        mark("Services concerned"),
        mark("As the log names them, separated by semicolons; empty for all. The verdict speaks of these cases only."),
        AnswerKind.TEXTS,
        usual="",
    ),
    Question(
        "estimand.outcome",
        mark("What is to improve"),
        mark("One outcome only: who may choose among several afterwards will always find one that improved."),
        AnswerKind.CHOICE,
        usual=OutcomeKind.CASE_DURATION.value,
        choices=_OUTCOMES,
    ),
    Question(
        "estimand.term_days",
        mark("Term in days"),
        mark("Within which a case has to be closed."),
        AnswerKind.NUMBER,
        applies=_is("estimand.outcome", OutcomeKind.WITHIN_TERM_SHARE),
    ),
    Question(
        "estimand.attribute",
        mark("Column of the mark"),
        mark("As the log names it."),
        applies=_is("estimand.outcome", OutcomeKind.ATTRIBUTE_SHARE),
    ),
    Question(
        "estimand.value",
        mark("Value of the mark"),
        mark("Cases with this value count."),
        applies=_is("estimand.outcome", OutcomeKind.ATTRIBUTE_SHARE),
    ),
    Question(
        "estimand.direction",
        mark("Which way is good"),
        mark("Whether there should be fewer or more of such cases."),
        AnswerKind.CHOICE,
        choices=_DIRECTIONS,
        applies=_is("estimand.outcome", OutcomeKind.ATTRIBUTE_SHARE),
    ),
    Question(
        "estimand.clock",
        mark("Which days are counted"),
        mark("Applicants wait on calendar days; terms often run in working days."),
        AnswerKind.CHOICE,
        usual=Clock.CALENDAR_DAYS.value,
        choices=_CLOCKS,
    ),
    Question(
        "estimand.calendar",
        mark("Calendar of working days"),
        mark("Its name or file."),
        usual="ru",
        applies=_is("estimand.clock", Clock.WORKING_DAYS),
    ),
    Question(
        "estimand.horizon_days",
        mark("How many days each case is followed"),
        mark(
            "Longer than nearly every case takes. Every case is looked at for as long, so that young ones do not look "
            "faster than old ones."
        ),
        AnswerKind.NUMBER,
        usual="60",
    ),
    Question(
        "estimand.minimum_improvement",
        mark("Smallest improvement that would be worth it"),
        mark("In days, in shares (ten percentage points are 0.1) or in money. The whole interval must lie above it."),
        AnswerKind.NUMBER,
    ),
    Question(
        "estimand.transition_before_days",
        mark("Days before the change whose openings are left out"),
        mark("Such cases begin in the old way and end in the new one."),
        AnswerKind.INTEGER,
        usual="30",
    ),
    Question(
        "estimand.transition_after_days",
        mark("Days after the change whose openings are left out"),
        mark("While people learn. Say it now: afterwards it would be a way to choose."),
        AnswerKind.INTEGER,
        usual="0",
    ),
    Question(
        "comparison.kind",
        mark("Against what it is judged"),
        mark("Without a comparison nobody knows what would have happened anyway."),
        AnswerKind.CHOICE,
        choices=_COMPARISONS,
    ),
    Question(
        "comparison.controls",
        mark("Agencies that do not change"),
        mark("Separated by semicolons; empty for all others that the logs hold."),
        AnswerKind.TEXTS,
        usual="",
        applies=_is("comparison.kind", ComparisonKind.OTHER_AGENCIES),
    ),
    Question(
        "comparison.is_order_drawn",
        mark("Was the order of the waves drawn by lot"),
        mark("Then chance alone decides who comes first. potok protocol draw draws it."),
        AnswerKind.YES_NO,
        usual="no",
        applies=_is("comparison.kind", ComparisonKind.WAVES),
    ),
    Question(
        "comparison.seed",
        mark("Number from which it was drawn"),
        mark("With it anybody can repeat the draw."),
        AnswerKind.INTEGER,
        applies=lambda said: said.get("comparison.is_order_drawn") is True,
    ),
    Question(
        "comparison.case_mix",
        mark("Columns by which cases differ"),
        mark(
            "Known when a case opens, separated by semicolons; service and channel are always among them. So that "
            "easier cases do not look like an improvement."
        ),
        AnswerKind.TEXTS,
        usual="",
    ),
    Question(
        "quality",
        mark("What must not worsen"),
        mark(
            "NAME | COLUMN=VALUE | MARGIN | DAYS; and so on. The margin is the worsening of the share of such cases "
            "that would count as harm (two percentage points are 0.02); the days, how long after the opening it is "
            "known. Such as: Complaints | complaint=yes | 0.02 | 60. "
            "Add | higher_is_better where more is better."
        ),
        AnswerKind.MARGINS,
        usual="",
    ),
    Question(
        "look.kind",
        mark("When a verdict may be given"),
        mark(
            "One day tells smaller improvements. Who wants to look every week says so now; the interval is wider then."
        ),
        AnswerKind.CHOICE,
        usual=LookKind.FIXED.value,
        choices=_LOOKS,
        applies=_is("comparison.kind", ComparisonKind.OWN_PAST),
    ),
    Question(
        "look.on",
        mark("Day of the verdict"),
        mark(
            "Fixed now: who looks until the figures please will see them please. Where any day from one on is meant, "
            "the first."
        ),
        AnswerKind.DAY,
    ),
    Question(
        "look.last_on",
        mark("Last day for a verdict"),
        mark("What is not decided then is not verified. Empty: the same day."),
        AnswerKind.DAY,
        usual="",
    ),
    Question(
        "look.minimum_cases",
        mark("Fewest cases after the change"),
        mark("Below it no verdict is given."),
        AnswerKind.INTEGER,
        usual="100",
    ),
    Question(
        "look.minimum_months",
        mark("Fewest months after the change"),
        mark("A few good weeks prove nothing."),
        AnswerKind.INTEGER,
        usual="6",
    ),
    Question(
        "declarations.applicant_attribute",
        mark("Column with the applicant or object"),
        mark("So that applications that are split or filed again are seen. Empty: there is none."),
        usual="",
    ),
    Question(
        "declarations.registration_activity",
        mark("Activity that registers an application"),
        mark("So that a later start of the clock is seen. Empty: none."),
        usual="",
    ),
    Question(
        "declarations.applicant_activities",
        mark("Activities during which the applicant acts"),
        mark("So that waiting that is passed on to applicants is seen. Separated by semicolons."),
        AnswerKind.TEXTS,
        usual="",
    ),
    Question(
        "declarations.clock_stop_activities",
        mark("Activities during which the term stands still"),
        mark("So that more stops of the clock are seen. Separated by semicolons."),
        AnswerKind.TEXTS,
        usual="",
    ),
    Question(
        "declarations.refusal_values",
        mark("Outcomes that mean a refusal"),
        mark("Refusing is fast: more refusals must not look like an improvement."),
        AnswerKind.TEXTS,
        usual="",
    ),
    Question(
        "declarations.withdrawal_values",
        mark("Outcomes that mean a withdrawal or a return without a decision"),
        mark("An application that is returned starts anew, and its clock with it."),
        AnswerKind.TEXTS,
        usual="",
    ),
    Question(
        "declarations.complaint_attribute",
        mark("Column that marks a complaint"),
        mark(
            "So that a complaint that is harder to lodge is not taken for one that is not needed. Empty: there is none."
        ),
        usual="",
    ),
    Question(
        "declarations.complaint_value",
        mark("Value that means a complaint"),
        mark("Cases with this value in that column."),
        applies=lambda said: "declarations.complaint_attribute" in said,
    ),
    Question(
        "declarations.complexity_attributes",
        mark("Columns that make cases hard"),
        mark("Known when a case opens, so that hard cases that are put aside are seen. Separated by semicolons."),
        AnswerKind.TEXTS,
        usual="",
    ),
    Question(
        "declarations.recorded_attribute",
        mark("Column with the instant at which a closing was entered"),
        mark("So that times entered later are seen. Empty: there is none."),
        usual="",
    ),
    Question(
        "declarations.parallel_projects",
        mark("Other projects on the same cases"),
        mark("Nobody can tell afterwards which of two brought what. Separated by semicolons; empty: none."),
        AnswerKind.TEXTS,
        usual="",
    ),
    Question(
        "declarations.was_chosen_as_worst",
        mark("Was it chosen because its figures had been bad"),
        mark("The worst improve of themselves; then the comparison has to allow for it."),
        AnswerKind.YES_NO,
        usual="no",
    ),
    Question(
        "failure.text",
        mark("What would count as failure"),
        mark("In a sentence. Who has said it beforehand can learn from it afterwards."),
        usual="",
    ),
    Question(
        "replicates",
        mark("Hash of the effect that this project repeats elsewhere"),
        mark("It stands on the auditor's report of the first project. Empty: nothing is repeated."),
        usual="",
    ),
)
