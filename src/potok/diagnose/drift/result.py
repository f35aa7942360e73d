"""What is said of drift."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from potok.core.language import mark


class Aspect(StrEnum):
    """In which respect a process may change."""

    CONTROL_FLOW = "control_flow"  # which activities, in which order
    LEAD_TIME = "lead_time"
    ACTIVITY_TIMES = "activity_times"  # from the event before to the completion, by activity
    RESOURCES = "resources"  # who works on cases
    MIX = "mix"  # which cases come in
    ARRIVALS = "arrivals"
    WORK_IN_PROCESS = "work_in_process"


class FeatureKind(StrEnum):
    """What of a case, or of a day, is looked at."""

    ACTIVITY = "activity"  # occurs
    REPEATED = "repeated"  # occurs twice at least
    DIRECTLY_FOLLOWS = "directly_follows"
    EVENTUALLY_FOLLOWS = "eventually_follows"
    VARIANT = "variant"
    LEAD_TIME = "lead_time"
    ACTIVITY_TIME = "activity_time"
    RESOURCE = "resource"
    CHANNEL = "channel"
    SERVICE = "service"
    AGENCY = "agency"
    OPENING_UNIT = "opening_unit"
    ATTRIBUTE = "attribute"
    ARRIVALS = "arrivals"
    WORK_IN_PROCESS = "work_in_process"


class Measured(StrEnum):
    """What the figures before and after a change are."""

    SHARE = "share"  # of cases, 0–1
    MEDIAN_SECONDS = "median_seconds"
    MEAN_PER_DAY = "mean_per_day"
    MEAN_CASES = "mean_cases"


class DriftRefusal(StrEnum):
    """Why nothing is said of an aspect."""

    NOT_LOGGED = "not_logged"
    TOO_SHORT = "too_short"
    TOO_YOUNG = "too_young"


REASONS: Final = {
    DriftRefusal.TOO_YOUNG: mark("Too many cases are open and too young to be complete."),
    DriftRefusal.NOT_LOGGED: mark("The log does not hold it, or it never varies."),
    DriftRefusal.TOO_SHORT: mark("The log is too short, or its cases depend too much on each other, to tell."),
}
YOUNG_CASES_INCLUDED: Final = mark(
    "Too many cases are young to leave them out, so that the last ones are incomplete: "
    "changes at the end may be due to that."
)
THINNED: Final = mark("Only every n-th case was looked at, so that places are known to n cases.")


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that is looked at, by labels.

    ``name`` is the activity, resource or value; ``next_name`` the later activity of a relation; ``column`` the
    attribute that has the value; ``path`` the activities of a variant.
    """

    kind: FeatureKind
    name: str = ""
    next_name: str = ""
    column: str = ""
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeatureChange:
    """How a feature changed at a point.

    Parameters
    ----------
    feature
        What changed.
    measured
        What `before` and `after` are: between the point and its neighbours.
    before, after
        The figures.
    difference, lower, upper
        ``after − before`` with its 95 % interval.
    p_value
        Of no change at this point, adjusted for all features of the aspect (Holm).
    """

    feature: Feature
    measured: Measured
    before: float
    after: float
    difference: float
    lower: float
    upper: float
    p_value: float


@dataclass(frozen=True, slots=True)
class DriftPoint:
    """When an aspect changed.

    Parameters
    ----------
    index, lower_index, upper_index
        Number of cases (or days, weeks) before the change, in order of opening, with its interval; of those looked at.
    at_us, lower_us, upper_us
        The same as instants: the opening of the first case after the change.
    p_value
        Adjusted for all searches of all aspects: the error rate bounds the probability of any false alarm.
    units_before, units_after
        Cases (days, weeks) between this point and its neighbours.
    first_case
        Code of the first case after; None where days or weeks are counted.
    changes
        Features that changed, the largest difference first.
    changed_features
        Number of features that changed, of which `changes` shows the first.
    """

    index: int
    lower_index: int
    upper_index: int
    at_us: int
    lower_us: int
    upper_us: int
    p_value: float
    units_before: int
    units_after: int
    first_case: int | None
    changes: tuple[FeatureChange, ...]
    changed_features: int


@dataclass(frozen=True, slots=True)
class AspectDrift:
    """Drift of one aspect.

    Parameters
    ----------
    aspect
        Which.
    unit
        What is counted: ``case``, ``day`` or ``week``.
    units, features
        How many were looked at.
    block
        Units that were shuffled together.
    points
        In order of time.
    refusal
        Why nothing can be said; None if something can.
    """

    aspect: Aspect
    unit: str
    units: int
    features: int
    block: int
    points: tuple[DriftPoint, ...]
    refusal: DriftRefusal | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """When a process changed.

    Parameters
    ----------
    aspects
        In the order of `Aspect`.
    cases, used_cases
        Timely cases of the log, and those looked at.
    young_cases
        Cases left out because they were opened too shortly before the extraction to be complete.
    settling_seconds
        How old a case has to be to be looked at.
    every
        Every so many cases one was looked at; 1 for all.
    error_rate
        Probability of any false alarm over all aspects, 0–1.
    confidence
        Level of the intervals of points.
    assumptions
        Marked sentences to be read with the result.
    """

    aspects: tuple[AspectDrift, ...]
    cases: int
    used_cases: int
    young_cases: int
    settling_seconds: float
    every: int
    error_rate: float
    confidence: float
    assumptions: tuple[str, ...]
