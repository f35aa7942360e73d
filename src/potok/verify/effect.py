"""What a verification says: the effect, the quality, the checks, and the verdict with its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from potok.inference.estimate import Estimate
from potok.inference.unmeasured import EValue


class Verdict(StrEnum):
    """The four answers."""

    VERIFIED = "verified"
    NOT_VERIFIED = "not_verified"
    HARM_TO_QUALITY = "harm_to_quality"
    CANNOT_TELL_YET = "cannot_tell_yet"


class Design(StrEnum):
    """How the effect was estimated."""

    STAGGERED_DIFFERENCES = "staggered_differences"
    SYNTHETIC_DIFFERENCES = "synthetic_differences"
    INTERRUPTED_SERIES = "interrupted_series"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PeriodEffect:
    """The improvement in one period: a month of the calendar, or months since the change (negative: before it).

    Parameters
    ----------
    label
        ISO month, or the number of months since the change.
    is_before
        Whether it lies before the change: then it should be nothing.
    improvement
        Positive is better; its interval is pointwise.
    """

    label: str
    is_before: bool
    improvement: Estimate


@dataclass(frozen=True, slots=True)
class EffectEstimate:
    """An improvement of the primary outcome: positive is better, in days, share (0–1) or money per case.

    Parameters
    ----------
    design
        How it was estimated.
    improvement
        D with its 95 % interval (of a confidence sequence where the protocol has one).
    without, with_change
        Mean outcome of those of `cases_after`: as it would have been, and as it was.
    relative
        D as a share of `without`; None where that is not above zero.
    is_applicable
        Whether the design's limits of applicability hold; without that nothing is verified.
    limits
        Why not: marked sentences.
    p_value
        Of no improvement, two-sided; None where the design gives none.
    admissible_assignments
        How many ways chance could have dealt the change out; None where inference does not rest on it.
    degrees
        Degrees of freedom of Student's distribution behind the interval; None otherwise.
    cases_before, cases_after, cases_compared
        Cases that take part.
    cases_alone
        Cases after the change, beside `cases_after`, from months in which nobody was left to compare with: the
        improvement does not speak of them.
    months_before, months_after
        Months with cases, of the agencies that change.
    periods
        The event study, or the months after the change.
    assumptions
        What must hold: marked sentences.
    e_value
        How strong something that nobody recorded would have to be to explain the improvement away; None where chance
        dealt out the dates, or nothing can be said.
    """

    design: Design
    improvement: Estimate
    without: float
    with_change: float
    relative: Estimate | None
    is_applicable: bool
    limits: tuple[str, ...]
    p_value: float | None
    admissible_assignments: int | None
    degrees: float | None
    cases_before: int
    cases_after: int
    cases_compared: int
    months_before: int
    months_after: int
    periods: tuple[PeriodEffect, ...] = ()
    assumptions: tuple[str, ...] = ()
    e_value: EValue | None = None
    cases_alone: int = 0


@dataclass(frozen=True, slots=True)
class RatioEffect:
    """The same change as a ratio, by the same design: shown beside the improvement, never in its place.

    Parameters
    ----------
    ratio
        Mean outcome with the change ÷ without it, the same in all months, with an interval made on the logarithm.
    improvement
        The ratio's distance from 1, as a share of the outcome without the change: positive is better.
    p_value
        Of a ratio of 1, two-sided.
    note
        How it was made: a marked sentence.
    """

    ratio: Estimate
    improvement: Estimate
    p_value: float
    note: str


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """The same improvement by another method: shown beside the first, never in its place.

    Parameters
    ----------
    method
        snake_case name.
    improvement
        Positive is better; infinite limits where the method gives none.
    note
        What it says: a marked sentence.
    e_value
        As in `EffectEstimate`; only for comparisons that rest on nothing unrecorded having differed.
    """

    method: str
    improvement: Estimate
    note: str
    e_value: EValue | None = None


@dataclass(frozen=True, slots=True)
class ArmFollowUp:
    """How long cases took and how they ended, those counted whose end is not yet known.

    Parameters
    ----------
    arm, period
        `changed` or `compared` agencies, `before` or `after`: of each agency's own change, or of the first change of
        any for those that never change; before it, one year of openings.
    cases, left_open, entered_late
        Cases; those not yet closed and not followed to the horizon; those that came under observation after opening.
    mean
        Restricted mean time up to the horizon, days of the clock (Kaplan and Meier with delayed entry); None where
        nobody was watched from the opening, or nobody up to the horizon.
    decided, refused, withdrawn, untold
        Share that had ended in this way by the horizon, the others competing (Aalen and Johansen); `untold` has ended
        with an empty outcome. None for refusals and withdrawals where the protocol does not say which outcomes are
        such (they are among `decided` then), and for all where nothing can be told up to the horizon.
    waiting
        Share still open at the horizon; None as above.
    refused_of_ended
        Refused cases among those that ended by the horizon, each weighted by the inverse of the probability of having
        been followed so long; None as above.
    """

    arm: str
    period: str
    cases: int
    left_open: int
    entered_late: int
    mean: Estimate | None
    decided: Estimate | None
    refused: Estimate | None
    withdrawn: Estimate | None
    untold: Estimate | None
    waiting: float | None
    refused_of_ended: Estimate | None


@dataclass(frozen=True, slots=True)
class ClusteredHarm:
    """A second opinion on an indicator: plainly before and after, cases of an agency (or month) counting as alike.

    Parameters
    ----------
    clustered_by
        `agency` where at least four agencies changed, else `month`.
    clusters
        How many there are.
    harm
        Rise of the share; positive is worse.
    ratio
        Share of bad cases after ÷ before; None where a side has none.
    ratio_margin
        The ratio that the margin amounts to at the share before; None where that is nought.
    p_difference, p_ratio
        One-sided, of the hypothesis that the harm reaches the margin, or the ratio its own; small where the indicator
        is shown to have held (non-inferiority).
    p_equivalent
        Of the hypothesis that the share moved by the margin in either direction (two one-sided tests).
    """

    clustered_by: str
    clusters: int
    harm: Estimate
    ratio: Estimate | None
    ratio_margin: float | None
    p_difference: float
    p_ratio: float | None
    p_equivalent: float


@dataclass(frozen=True, slots=True)
class QualityEffect:
    """What happened to one declared quality indicator.

    Parameters
    ----------
    name, attribute, value
        As the protocol names it.
    margin_share
        δ.
    harm
        Worsening of the share: positive is worse; its interval is [l, u] at 95 %.
    lower_adjusted
        The lower limit after Holm's adjustment over all indicators.
    before_share, after_share
        Shares of cases before and after.
    cases_before, cases_after
        Cases whose indicator is known.
    is_complete
        Whether every case after the change that takes part was followed long enough.
    needed_cases
        Cases per side from which the margin could be proved with 80 % power.
    clustered
        A second opinion; None without cases on both sides.
    is_recorded
        Whether the logs record it at all (`potok.verify.recorded`); else its harm has no limits.
    """

    name: str
    attribute: str
    value: str
    margin_share: float
    harm: Estimate
    lower_adjusted: float
    before_share: float
    after_share: float
    cases_before: int
    cases_after: int
    is_complete: bool
    needed_cases: int
    clustered: ClusteredHarm | None = None
    is_recorded: bool = True


class CheckVerdict(StrEnum):
    """What an honesty check or a diagnostic says.

    Honesty checks are flagged where they ask for a look; of diagnostics it is noted what one should know, such as how
    much an analysis of sensitivity bears, and what forbids nothing.
    """

    PASSED = "passed"
    NOTED = "noted"
    FLAGGED = "flagged"
    FAILED = "failed"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class HonestyCheck:
    """One way in which a figure can be dressed, looked at.

    Parameters
    ----------
    kind
        snake_case name of the check, stable.
    verdict
        `failed` blocks `verified` (`method`: a blocking honesty failure); `flagged` asks for a look and is shown.
    figure
        The figure looked at, with its interval; None where the log cannot show it.
    unit
        Unit of the figure: `days`, `share`, `ratio`, `cases`, `p_value`.
    limit
        From where on it would be flagged, in the same unit; None where there is no figure.
    reason
        What was seen or why nothing can be told: a marked sentence with placeholders.
    arguments
        Values of the placeholders.
    case_ids
        Cases to look at, at most a hundred, worst first.
    """

    kind: str
    verdict: CheckVerdict
    figure: Estimate | None
    unit: str
    limit: float | None
    reason: str
    arguments: Mapping[str, str | int | float] = field(default_factory=dict)
    case_ids: tuple[str, ...] = ()

    @property
    def is_blocking(self) -> bool:
        """Whether it forbids `verified`."""
        return self.verdict is CheckVerdict.FAILED


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence that explains the verdict: marked text with placeholders, and their values.

    A placeholder may say how its value is shown: `{x:share}` as percent, `{x:outcome}` in the unit of the primary
    outcome, `{x:days}`, `{x:date}` (from an ISO date), `{x:check}` (the name of a check from its kind). Texts of
    honesty checks are shown alike.
    """

    text: str
    arguments: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict with its reasons.

    Parameters
    ----------
    verdict
        One of four.
    rule
        Number of the rule that decided, 1–4.
    is_undecided
        Not verified only because the last day has passed without a decision.
    reasons
        Why, most weighty first.
    remedies
        What would change the verdict, and when it could be told.
    """

    verdict: Verdict
    rule: int
    is_undecided: bool
    reasons: tuple[Reason, ...]
    remedies: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """The result of a verification: everything an auditor needs to recompute it.

    Parameters
    ----------
    protocol_name, protocol_sha256
        Whose promise was looked at.
    looked_on, decided_on
        The day as of which the logs were read; the day on which the verdict is given, which tells whether the
        protocol's last day has passed.
    is_late, deviations
        Whether the protocol was registered after the change; what departs from it, as marked sentences.
    decision
        The verdict.
    estimate
        The primary outcome; None where nothing could be estimated.
    unit
        Unit of the outcome: `days`, `share` or `money`.
    second_opinions
        Other methods on the same question.
    quality, checks
        Indicators and honesty checks.
    diagnostics
        Whether the design's own assumptions stand: a trend before the change, a placebo in time, residuals. One that
        failed forbids `verified`, too, but does not say that a figure was dressed.
    unreviewed_sentinels
        Ids of cases with grave events that nobody has reviewed.
    days_saved
        Improvement × cases after the change, with its interval; None unless the outcome is a duration.
    sources
        Content hashes of the logs, sorted.
    code_version
        Version of Potok.
    ratio
        The primary outcome as a ratio; None where that says nothing.
    follow_up
        How long cases of each arm and period took and how they ended, open ones included.
    registered_sha256
        The hash of the protocol as registered to which it was held; None where none was given.
    """

    protocol_name: str
    protocol_sha256: str
    looked_on: date
    decided_on: date
    is_late: bool
    deviations: tuple[Reason, ...]
    decision: Decision
    estimate: EffectEstimate | None
    unit: str
    second_opinions: tuple[SecondOpinion, ...]
    quality: tuple[QualityEffect, ...]
    checks: tuple[HonestyCheck, ...]
    diagnostics: tuple[HonestyCheck, ...]
    unreviewed_sentinels: tuple[str, ...]
    days_saved: Estimate | None
    sources: tuple[str, ...]
    code_version: str
    ratio: RatioEffect | None = None
    follow_up: tuple[ArmFollowUp, ...] = ()
    registered_sha256: str | None = None
