"""Names of honesty checks and diagnostics, and what each one asks."""

from dataclasses import dataclass
from typing import Final

from potok.core.language import gettext as _
from potok.core.language import mark


@dataclass(frozen=True, slots=True)
class CheckWords:
    """What a check is called, and what it asks; marked texts."""

    name: str
    question: str


def name_check(kind: str) -> str:
    """Name a check; one that is not known here is named by its kind."""
    known = CHECKS.get(kind)
    return _(known.name) if known else kind.replace("_", " ")


def ask_check(kind: str) -> str:
    """Say what a check asks; empty if it is not known here."""
    known = CHECKS.get(kind)
    return _(known.question) if known else ""


CHECKS: Final[dict[str, CheckWords]] = {
    "case_mix": CheckWords(
        mark("Easier cases than before"),
        mark("Would the figure have improved anyway, because other cases came?"),
    ),
    "clock_restarted": CheckWords(
        mark("Clock started anew"),
        mark("Are cases registered again, so that their time begins from nothing?"),
    ),
    "clock_stopped": CheckWords(
        mark("Clock stopped more often"),
        mark("Does the term stand still for longer than before?"),
    ),
    "clock_started_later": CheckWords(
        mark("Clock started later"),
        mark("Is more done before the case is opened?"),
    ),
    "cases_split": CheckWords(
        mark("One application, several cases"),
        mark("Are applications split into cases that each take less time?"),
    ),
    "cases_merged": CheckWords(
        mark("Several applications, one case"),
        mark("Are applications put together, so that fewer cases are counted?"),
    ),
    "cases_reopened": CheckWords(
        mark("Closed and opened again"),
        mark("Does a closed case go on as another one?"),
    ),
    "refiled": CheckWords(
        mark("Returned and filed again"),
        mark("Are applications refused, returned or withdrawn and then filed again?"),
    ),
    "wait_before_registration": CheckWords(
        mark("Waiting before registration"),
        mark("Do applications wait longer before they are registered?"),
    ),
    "wait_to_other_agency": CheckWords(
        mark("Waiting in another agency"),
        mark("Has the wait gone to another agency?"),
    ),
    "wait_to_applicant": CheckWords(
        mark("Waiting with the applicant"),
        mark("Has the work or the wait gone to the applicant?"),
    ),
    "wait_to_neighbours": CheckWords(
        mark("Waiting in neighbouring services"),
        mark("Did other services of the same agency become slower?"),
    ),
    "refusals_up": CheckWords(
        mark("More refusals"),
        mark("Is it faster because more is refused?"),
    ),
    "hard_cases_parked": CheckWords(
        mark("Hard cases put aside"),
        mark("Are easy cases done first and hard ones left lying?"),
    ),
    "backlog_starved": CheckWords(
        mark("Old cases left lying"),
        mark("Are new cases done while old ones grow older?"),
    ),
    "applications_discouraged": CheckWords(
        mark("Fewer applications registered"),
        mark("Are people turned away, or applications not registered?"),
    ),
    "baseline_slowed": CheckWords(
        mark("Slower just before the change"),
        mark("Was work slowed down beforehand, so that the change looks larger?"),
    ),
    "extra_staff": CheckWords(
        mark("More staff"),
        mark("Is it faster because more people work on it?"),
    ),
    "overtime": CheckWords(
        mark("Overtime"),
        mark("Is it faster because people work in the evening and on days off?"),
    ),
    "times_back_dated": CheckWords(
        mark("Times entered later"),
        mark("Are closings entered with an earlier date?"),
    ),
    "rows_missing": CheckWords(
        mark("Rows missing from the log"),
        mark("Are there fewer entries for a case than before?"),
    ),
    "complaints_harder": CheckWords(
        mark("Complaints harder to lodge"),
        mark("Are there fewer complaints although nothing else is better?"),
    ),
    "closed_before_completion": CheckWords(
        mark("Closed before it was done"),
        mark("Does work go on after a case is closed?"),
    ),
    "codes_changed": CheckWords(
        mark("Other names or codes"),
        mark("Do names of activities or results mean something else than before?"),
    ),
    "off_protocol": CheckWords(
        mark("Off the protocol"),
        mark("Were other cases, days or outcomes looked at than were promised?"),
    ),
    "regression_to_mean": CheckWords(
        mark("Chosen for its worst figures"),
        mark("Would the figures have come back by themselves after an unusually bad time?"),
    ),
    "season": CheckWords(
        mark("Season"),
        mark("Is a good season compared with a bad one?"),
    ),
    "recording_changed": CheckWords(
        mark("Recorded otherwise"),
        mark("Did the way of recording change together with the work?"),
    ),
    "simultaneous_projects": CheckWords(
        mark("Other projects at the same time"),
        mark("Could another project have brought it?"),
    ),
    "common_shock": CheckWords(
        mark("Something that hit everybody"),
        mark("Did agencies that changed nothing move in the same way?"),
    ),
    "population": CheckWords(
        mark("The same kinds of cases"),
        mark("Are the cases after the change of kinds that there were before it?"),
    ),
    "pre_trend": CheckWords(
        mark("Same course before the change"),
        mark("Did the agencies move alike before anything changed?"),
    ),
    "placebo_in_time": CheckWords(
        mark("A change pretended earlier"),
        mark("Is an effect found where there was none, before the change?"),
    ),
    "placebo_in_space": CheckWords(
        mark("A change pretended elsewhere"),
        mark("Is an effect found in agencies that changed nothing?"),
    ),
    "parallel_trends": CheckWords(
        mark("Trends that may part"),
        mark("How unequally may agencies have gone on before the result falls?"),
    ),
    "leave_one_out": CheckWords(
        mark("Each agency left out in turn"),
        mark("Does the result hang on a single agency?"),
    ),
    "residuals": CheckWords(
        mark("What the model leaves unexplained"),
        mark("Is what is left over from month to month no more than chance?"),
    ),
}
