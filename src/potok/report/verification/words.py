"""What the values of a verification are called: verdicts, designs, outcomes, sides of a study."""

from math import isfinite
from typing import Final

from potok.core.language import current_language
from potok.core.language import gettext as _
from potok.log.mapping import ExtractionKind
from potok.report.formats import format_decimal, format_share
from potok.report.verification.amounts import UNKNOWN, Amounts
from potok.report.verification.quoting import quoted
from potok.report.verification.reasons import write_value
from potok.verify.effect import CheckVerdict, Design, Verdict
from potok.verify.protocol.model import Clock, ComparisonKind, Direction, Estimand, LookKind, OutcomeKind
from potok.verify.study import Side

_MONTH_LETTERS: Final = 7


def name_verdict(verdict: Verdict) -> str:
    """Name a verdict."""
    return {
        Verdict.VERIFIED: _("Verified"),
        Verdict.NOT_VERIFIED: _("Not verified"),
        Verdict.HARM_TO_QUALITY: _("Quality has worsened"),
        Verdict.CANNOT_TELL_YET: _("Cannot tell yet"),
    }[verdict]


def name_design(design: Design) -> str:
    """Name a design."""
    return {
        Design.STAGGERED_DIFFERENCES: _("differences between agencies that change at different times"),
        Design.SYNTHETIC_DIFFERENCES: _("differences from a weighted mean of other agencies"),
        Design.INTERRUPTED_SERIES: _("the agency's own months before the change, continued"),
        Design.NONE: _("no design"),
    }[design]


def describe_design(design: Design) -> str:
    """Say what the figure after a change is held against, for readers without statistics."""
    return {
        Design.STAGGERED_DIFFERENCES: _(
            "Agencies that had changed were compared with those that had not yet, over the same months."
        ),
        Design.SYNTHETIC_DIFFERENCES: _(
            "The agency that changed was compared, over the same months, with others that together had moved as it did "
            "before."
        ),
        Design.INTERRUPTED_SERIES: _("The months after the change were compared with what its own past let expect."),
        Design.NONE: _("There was nothing to compare with."),
    }[design]


def name_check_verdict(verdict: CheckVerdict) -> str:
    """Name what a check says."""
    return {
        CheckVerdict.PASSED: _("passed"),
        CheckVerdict.NOTED: _("to be known"),
        CheckVerdict.FLAGGED: _("to be looked at"),
        CheckVerdict.FAILED: _("failed"),
        CheckVerdict.CANNOT_TELL: _("cannot tell"),
    }[verdict]


def name_method(method: str) -> str:
    """Name another method; one that is not known here is named by its key."""
    known = {
        "before_after": _("plain difference before and after"),
        "naive_before_after": _("plain difference before and after"),
        "staggered_differences": _("staggered differences"),
        "synthetic_differences": _("synthetic differences"),
        "synthetic_control": _("synthetic control"),
        "interrupted_series": _("interrupted series"),
        "newey_west": _("interrupted series, Newey–West intervals"),
        "hac": _("interrupted series, Newey–West intervals"),
        "reml": _("interrupted series, restricted maximum likelihood"),
        "group_times": _("effects by group and month (Callaway and Sant'Anna)"),
        "placebo_ranks": _("synthetic differences, rank among placebos"),
        "without_clock_stops": _("times without clock stops"),
        "case_mix_adjusted": _("adjusted for the mix of cases"),
        "ninth_decile": _("difference of the times that nine in ten cases keep"),
        "conformal": _("interrupted series, conformal interval"),
        "randomisation": _("randomisation over who changes when"),
        "wild_cluster_bootstrap": _("wild cluster bootstrap"),
        "doubly_robust": _("staggered differences, adjusted for the mix of cases"),
        "case_mix": _("adjusted for the mix of cases"),
        "aipw": _("matched before and after (AIPW)"),
        "median": _("difference of medians"),
        "median_by_design": _("median of each month, by the same design"),
        "ninth_decile_by_design": _("time that nine in ten cases of a month keep, by the same design"),
        "kaplan_meier": _("with open cases (Kaplan–Meier)"),
        "inverse_probability": _("with open cases (inverse probability weights)"),
        "ratio": _("ratio"),
        "never_treated": _("staggered differences from agencies that never change"),
        "confidence_sequence": _("confidence sequence"),
    }
    return known.get(method) or method.replace("_", " ")


def name_side(side: Side) -> str:
    """Say where cases of a study stand."""
    return {
        Side.OUTSIDE: _("left out: not of the protocol's services, channels or agencies"),
        Side.TRANSITION: _("left out: opened in the transition window around the change"),
        Side.UNFOLLOWED: _("left out: opened too late to be followed, or before openings are complete"),
        Side.UNWATCHED: _("left out: closed before it came under observation, or impossible times"),
        Side.BEFORE: _("before the change"),
        Side.AFTER: _("after the change"),
        Side.COMPARED: _("of agencies that do not change"),
    }[side]


def name_extraction(kind: ExtractionKind) -> str:
    """Say how the cases of a log were chosen."""
    return {
        ExtractionKind.OPENED: _("all cases opened in the period"),
        ExtractionKind.ACTIVE: _("all cases active in the period"),
        ExtractionKind.CLOSED: _("closed cases only"),
        ExtractionKind.UNKNOWN: _("not known"),
    }[kind]


def name_comparison(kind: ComparisonKind) -> str:
    """Name what an outcome is held against."""
    return {
        ComparisonKind.WAVES: _("agencies that change in waves"),
        ComparisonKind.OTHER_AGENCIES: _("other agencies, which do not change"),
        ComparisonKind.OWN_PAST: _("the agency's own past"),
    }[kind]


def name_look(kind: LookKind) -> str:
    """Say when a verdict may be given."""
    return {
        LookKind.FIXED: _("on one fixed day"),
        LookKind.SEQUENCE: _("on any day from then on"),
    }[kind]


def name_direction(direction: Direction) -> str:
    """Say which way is good."""
    return {
        Direction.LOWER_IS_BETTER: _("less is better"),
        Direction.HIGHER_IS_BETTER: _("more is better"),
    }[direction]


def name_clock(clock: Clock) -> str:
    """Name a clock."""
    return {
        Clock.CALENDAR_DAYS: _("calendar days"),
        Clock.WORKING_DAYS: _("working days"),
    }[clock]


def name_outcome(estimand: Estimand) -> str:
    """Name the primary outcome."""
    match estimand.outcome:
        case OutcomeKind.CASE_DURATION:
            return _("time from the opening of a case to its closing")
        case OutcomeKind.WITHIN_TERM_SHARE:
            return _("share of cases closed within the term")
        case OutcomeKind.FIRST_TIME_THROUGH_SHARE:
            return _("share of cases closed without a return")
        case OutcomeKind.ATTRIBUTE_SHARE:
            return _("share of cases with {attribute} {value}").format(
                attribute=quoted(estimand.attribute), value=quoted(estimand.value)
            )
        case OutcomeKind.COST:
            return _("cost of a case")


def name_month(label: str) -> str:
    """Write a month given as ISO 8601; anything else, such as a number of months, stays as it is."""
    return f"{label[5:]}.{label[:4]}" if is_month(label) and current_language() == "ru" else label


def is_month(label: str) -> bool:
    """Return whether a label is a month given as ISO 8601, not a number of months."""
    return len(label) == _MONTH_LETTERS and label[4] == "-"


def name_attribute(name: str) -> str:
    """Name an attribute of cases; those that every log may have are called by their names."""
    return {"service": _("service"), "channel": _("channel")}.get(name, name)


def write_share(value: float) -> str:
    """Write a share in percent; a dash where it is not known."""
    return format_share(value) if isfinite(value) else UNKNOWN


def write_level(value: float, amounts: Amounts, *, digits: int | None = None) -> str:
    """Write a mean outcome itself, not a difference: shares in percent."""
    if amounts.unit == "share" and isfinite(value):
        return format_share(value)
    return amounts.write(value, digits=digits)


def write_figure(value: float, unit: str, amounts: Amounts) -> str:
    """Write the figure of a check in its unit."""
    return amounts.write(value) if unit == "outcome" else write_value(value, unit)


def write_probability(value: float | None) -> str:
    """Write a p-value; a dash where there is none."""
    if value is None:
        return "–"
    return "<" + format_decimal(0.001, digits=3) if value < 0.001 else format_decimal(value, digits=3)
