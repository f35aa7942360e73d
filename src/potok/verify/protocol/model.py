"""A protocol: what will change where and when, what is to improve, against what it is judged, and what must not worsen.

It is written and hashed before the change. Everything that a verdict depends on is in it, so that nothing is chosen
after the data have been seen.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

SCHEMA: Final = "potok.protocol/1"


class OutcomeKind(StrEnum):
    """What the primary outcome is, per case."""

    CASE_DURATION = "case_duration"
    WITHIN_TERM_SHARE = "within_term_share"
    FIRST_TIME_THROUGH_SHARE = "first_time_through_share"
    ATTRIBUTE_SHARE = "attribute_share"
    COST = "cost"


class Clock(StrEnum):
    """On which clock durations run."""

    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"


class ComparisonKind(StrEnum):
    """Against what the outcome after the change is held."""

    WAVES = "waves"
    OTHER_AGENCIES = "other_agencies"
    OWN_PAST = "own_past"


class Direction(StrEnum):
    """Which way is good."""

    LOWER_IS_BETTER = "lower_is_better"
    HIGHER_IS_BETTER = "higher_is_better"


class LookKind(StrEnum):
    """When verdicts may be given: on one day, or on any day from one on."""

    FIXED = "fixed"
    SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True)
class Wave:
    """From which day on an agency works in the new way."""

    agency: str
    on: date


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What changes, where and when.

    Parameters
    ----------
    what
        The change in words.
    waves
        At least one; an agency stands in one wave only. In the order of days, then of agencies.
    services
        The services whose cases are concerned, as the log names them; empty for all.
    channels
        The channels whose cases are concerned; empty for all.
    """

    what: str
    waves: tuple[Wave, ...]
    services: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimand:
    """What is to improve, for whom, over which time.

    Parameters
    ----------
    outcome, direction
        The primary outcome of a case, and which way is good.
    clock
        On which clock a duration runs; working days need `calendar`.
    horizon_days
        Durations are counted up to so many days of the clock from opening (a restricted mean); also how long every case
        must have been followed.
    minimum_improvement
        m ≥ 0, in the outcome's unit: days, a share between 0 and 1, or money.
    transition_before_days, transition_after_days
        Cases that open so many days before, or from the day of the change on, belong to neither side.
    calendar, calendar_id
        Name or file of the calendar of working days, and the hash of its content, by which its version is frozen.
    term_days
        Term of `within_term_share`, in days of the clock.
    activity
        For `first_time_through_share`: empty, or the activity whose repetition counts as a return.
    attribute, value
        For `attribute_share`: a case counts if this attribute has this value.
    """

    outcome: OutcomeKind
    direction: Direction
    clock: Clock
    horizon_days: float
    minimum_improvement: float
    transition_before_days: int = 0
    transition_after_days: int = 0
    calendar: str = ""
    term_days: float | None = None
    activity: str = ""
    attribute: str = ""
    value: str = ""
    calendar_id: str = ""


@dataclass(frozen=True, slots=True)
class ComparisonPlan:
    """Against what the outcome is held.

    Parameters
    ----------
    kind
        Waves of agencies, other agencies that never change, or the agency's own past.
    controls
        Agencies that do not change and are compared; empty: all agencies of the logs without a wave.
    is_order_drawn, seed
        Whether chance decided which agency stands in which wave, and the number from which it was drawn again.
    case_mix
        Attributes, known when a case opens, by which cases differ; `service` and `channel` are always among them.
    strata
        Groups of agencies within which the order was drawn; empty: among all of them.
    """

    kind: ComparisonKind
    controls: tuple[str, ...] = ()
    is_order_drawn: bool = False
    seed: int | None = None
    case_mix: tuple[str, ...] = ()
    strata: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class QualityMargin:
    """A share of cases that must not worsen by as much as a margin.

    Parameters
    ----------
    name
        What it is called; unique.
    attribute, value
        A case counts if this attribute of it has this value.
    direction
        Which way is good.
    margin_share
        δ > 0: smallest worsening that counts as harm, a difference of shares.
    follow_up_days
        How long after its opening a case must have been followed until its indicator is known.
    """

    name: str
    attribute: str
    value: str
    direction: Direction
    margin_share: float
    follow_up_days: float


@dataclass(frozen=True, slots=True)
class Sentinel:
    """A grave event: a single one that nobody has reviewed forbids the verdict `verified`.

    Parameters
    ----------
    attribute, value
        A case has the event if this attribute of it has this value.
    reviewed
        Ids of the cases whose event was reviewed.
    """

    name: str
    attribute: str
    value: str
    reviewed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """When verdicts may be given.

    Parameters
    ----------
    kind
        On one fixed day, or on any day from it on by a confidence sequence.
    on
        The fixed day, or the first one.
    last_on
        The last day; after it, what is not decided is not verified.
    minimum_cases, minimum_months
        Fewest cases after the change, and fewest whole months of openings, that a verdict needs.
    """

    kind: LookKind
    on: date
    last_on: date
    minimum_cases: int = 0
    minimum_months: int = 3


@dataclass(frozen=True, slots=True)
class Declarations:
    """What the log's words mean for the honesty checks; each may be empty, and its check then cannot tell.

    Parameters
    ----------
    applicant_attribute
        Attribute that names the applicant or object, to see applications that are split or filed again.
    registration_activity
        Activity with which the clock starts, where the log also holds what goes before it.
    clock_stop_activities, applicant_activities
        Activities during which the term stands still; during which the applicant acts.
    refusal_values, withdrawal_values
        Values of the outcome column that mean a refusal, and a withdrawal or return without a decision.
    complaint_attribute, complaint_value
        How a complaint is marked.
    complexity_attributes
        Attributes, known at opening, that make cases hard.
    recorded_attribute
        Attribute of a case with the instant at which its closing was entered.
    parallel_projects
        Other projects that touch the same cases, in words.
    was_chosen_as_worst
        Whether the agency or service was chosen because its figures had been bad.
    """

    applicant_attribute: str = ""
    registration_activity: str = ""
    clock_stop_activities: tuple[str, ...] = ()
    applicant_activities: tuple[str, ...] = ()
    refusal_values: tuple[str, ...] = ()
    withdrawal_values: tuple[str, ...] = ()
    complaint_attribute: str = ""
    complaint_value: str = ""
    complexity_attributes: tuple[str, ...] = ()
    recorded_attribute: str = ""
    parallel_projects: tuple[str, ...] = ()
    was_chosen_as_worst: bool | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """A project's promise.

    Parameters
    ----------
    name
        The project.
    registered_on
        When the protocol was registered.
    change, estimand, comparison, look
        Its parts.
    quality
        What must not worsen.
    sentinels
        Events that each need a review.
    declarations
        Meaning of the log's words.
    failure
        What would count as failure, in words.
    replicates
        Hash of the effect that this project repeats elsewhere; empty if none.
    sha256
        Hash of the canonical content; two files that say the same have the same. The reviews of sentinels, which come
        later, are not in it.
    source
        The file read, for messages.
    """

    name: str
    registered_on: date
    change: PlannedChange
    estimand: Estimand
    comparison: ComparisonPlan
    look: Look
    quality: tuple[QualityMargin, ...] = ()
    sentinels: tuple[Sentinel, ...] = ()
    declarations: Declarations = Declarations()
    failure: str = ""
    replicates: str = ""
    sha256: str = ""
    source: str = ""

    @property
    def is_late(self) -> bool:
        """Whether it was registered on the day of the first change or after it."""
        return self.registered_on >= min(wave.on for wave in self.change.waves)
