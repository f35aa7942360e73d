"""Verdicts and the reasons for them: keys with their sentences; figures are filled in when they are shown."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from potok.core.language import mark


class Verdict(StrEnum):
    """What may be said of a step."""

    REMOVAL_CANDIDATE = "removal_candidate"
    MOVE_LATER = "move_later"
    CHECK_BY_RISK = "check_by_risk"
    KEEP = "keep"
    PILOT_FIRST = "pilot_first"
    BOUND_BY_LAW = "bound_by_law"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Reason:
    """A key of `REASONS` with its figures and names, by the placeholders of the sentence."""

    key: str
    figures: tuple[tuple[str, float], ...] = ()
    names: tuple[str, ...] = ()

    @property
    def values(self) -> dict[str, float]:
        """The figures by name."""
        return dict(self.figures)


REASONS: Final = {
    "no_alteration_seen": mark(
        "No alteration seen in {runs} runs, at most {at_most} of cases (95 %); "
        "deterrence and rare events cannot be seen here."
    ),
    "alterations_seen": mark("It altered {altered} of {cases} cases: {rate}, from {lower} to {upper} (95 %)."),
    "alters_often": mark("It alters the case often."),
    "alterations_are_rare_but_real": mark("It alters the case now and then."),
    "too_few_runs": mark("Its runs ({runs}) are too few to say anything."),
    "result_not_logged": mark(
        "The log does not hold its result; what follows the step is only a rough sign of what it decided."
    ),
    "result_never_varies": mark("Its result never varies, so nothing can depend on it; the reaction rate decides."),
    "continuation_never_varies": mark("The same always follows, so nothing can be told of it."),
    "no_skippers_to_compare": mark("No case passed the step by, so there is nothing to compare what follows with."),
    "no_case_skipped": mark("No case in which it was due passed it by."),
    "no_case_was_due": mark("No place was found in the process at which the step is due or is passed by."),
    "nobody_performed": mark("All cases in which it was due passed it by."),
    "follow_up_too_short": mark("The log ends before cases can be followed long enough."),
    "too_few_skippers": mark("Cases that passed it by count for {effective} only, too few to stand for the others."),
    "skippers_differ": mark("For {outside} of the cases there is none of the other kind that resembles them."),
    "harm_seen": mark("Where it was passed by, quality was worse by {harm}, from {lower} to {upper} (95 %)."),
    "margin_kept": mark("Quality keeps within every declared margin where it was passed by (p = {p_value})."),
    "margin_not_shown": mark("It is not shown that quality keeps within the declared margins (p = {p_value})."),
    "loss_not_acceptable": mark(
        "What missed alterations could cost is not shown to be acceptable: up to {loss} a run, acceptable {acceptable}."
    ),
    "safeguard": mark("It protects against what a log does not show: {names}."),
    "bound_by": mark("The law requires it: {names}. To leave it out, that has to be amended first."),
    "document_used": mark("Its document is used by: {names}."),
    "result_tells_what_follows": mark("What follows depends on its result."),
    "risk_concentrates": mark(
        "Half of the cases, told by their mix, hold {share} of the alterations (at least {lower}, 95 %)."
    ),
    "dearer_than_later_check": mark(
        "A rejection costs {own} of work here and {later} at a later check; the later one could come first: {names}."
    ),
    "lacks_margins": mark("Lacking: a margin for each quality indicator, declared by people."),
    "lacks_records": mark("Lacking: anything in the log by which a declared quality indicator would show."),
    "lacks_case_mix": mark("Lacking: which attributes of cases were known before the step (case_mix)."),
    "lacks_gamma": mark("Lacking: a declared bound of what unrecorded circumstances can do."),
    "lacks_severity": mark("Lacking: how severe a missed alteration is, and which loss is acceptable."),
    "lacks_legal_tag": mark("Lacking: whether the law lets it go."),
    "lacks_document_use": mark("Lacking: which later steps or acts use its document."),
}
"""What a verdict may rest on. A sentence speaks of what was seen, never of what a step is worth."""
