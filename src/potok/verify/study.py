"""What a verification looks at: one row per case, what was worked each month, and the days between which all lies.

Rows stand in the order of opening, then of case id, so that nothing depends on the order of a source's rows.
"""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from potok.log.mapping import ExtractionKind

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True)
class Labels:
    """A column of labels.

    Parameters
    ----------
    name
        What the column is called.
    codes
        Shape (n,): place in `labels`; `UNKNOWN` where the column is empty.
    labels
        The different labels, sorted.
    """

    name: str
    codes: Integers
    labels: tuple[str, ...]

    def equals(self, label: str) -> Flags:
        """Return which rows hold a label, shape (n,); none does if it never occurs."""
        return np.asarray(self.codes == (self.labels.index(label) if label in self.labels else UNKNOWN - 1))

    def where(self, chosen: Flags | Integers) -> "Labels":
        """Return some of the rows."""
        return Labels(self.name, self.codes[chosen], self.labels)


@dataclass(frozen=True, slots=True)
class CaseFeatures:
    """What the events of each case show; every array has shape (n,).

    Parameters
    ----------
    first_us
        The case's first event; earlier than its opening where the clock starts with a registration.
    instances, distinct_activities, resources, handovers
        Activity instances, different activities, different people, changes of the person (0 where unknown).
    repetitions
        Instances of an activity that the case had already gone through.
    after_closing
        Instances that started after the case was closed.
    registrations
        Instances of the declared activity of registration (0 if none is declared).
    stopped_us, applicant_us
        Time within declared clock stops; within declared activities of the applicant.
    cost
        Sum of recorded costs; nan where there are none.
    """

    first_us: Integers
    instances: Integers
    distinct_activities: Integers
    resources: Integers
    handovers: Integers
    repetitions: Integers
    after_closing: Integers
    registrations: Integers
    stopped_us: Integers
    applicant_us: Integers
    cost: Floats

    def where(self, chosen: Flags | Integers) -> "CaseFeatures":
        """Return some of the cases."""
        return CaseFeatures(*(getattr(self, name)[chosen] for name in CaseFeatures.__slots__))


@dataclass(frozen=True, slots=True)
class StudyCases:
    """Cases of the logs as they were known on the day of the look.

    Parameters
    ----------
    case_ids
        Shape (n,) of str: ids as the stores hold them.
    opened_us, watched_us, left_us
        Shape (n,), µs UTC: opening; since when the case was watched, not before its opening; closing, or the look.
    is_closed
        Shape (n,): whether `left_us` is a closing.
    agency, service, channel, outcome
        Labels; `outcome` is UNKNOWN for open cases.
    attributes
        Every other attribute that the protocol names, by its name.
    features
        What the events show.
    """

    case_ids: NDArray[np.object_]
    opened_us: Integers
    watched_us: Integers
    left_us: Integers
    is_closed: Flags
    agency: Labels
    service: Labels
    channel: Labels
    outcome: Labels
    attributes: tuple[Labels, ...]
    features: CaseFeatures

    def __len__(self) -> int:
        return len(self.opened_us)

    def attribute(self, name: str) -> Labels | None:
        """Return the labels of an attribute, None if no log has it."""
        known = {labels.name: labels for labels in (self.service, self.channel, self.outcome, *self.attributes)}
        return known.get(name)

    def where(self, chosen: Flags | Integers) -> "StudyCases":
        """Return some of the cases, or all in another order."""
        return StudyCases(
            self.case_ids[chosen],
            self.opened_us[chosen],
            self.watched_us[chosen],
            self.left_us[chosen],
            self.is_closed[chosen],
            self.agency.where(chosen),
            self.service.where(chosen),
            self.channel.where(chosen),
            self.outcome.where(chosen),
            tuple(labels.where(chosen) for labels in self.attributes),
            self.features.where(chosen),
        )


@dataclass(frozen=True, slots=True)
class MonthlyWork:
    """What was worked, by agency and month; rows are counts of instances that started in the month.

    Parameters
    ----------
    agencies, activities
        Labels, sorted; agencies as in `StudyCases.agency.labels`.
    months
        First days of local months, without gaps.
    instances
        Shape (agencies, months, activities): activity instances.
    resources
        Shape (agencies, months): different people; 0 where the log has none.
    timed
        Shape (agencies, months): instances with a time of day that a person did; where the log names no people, all.
    outside_hours
        Shape (agencies, months): those of `timed` that started on a day off or outside 8–19 o'clock local time.
    whole_days
        Shape (agencies, months): instances whose time stands at local midnight.
    """

    agencies: tuple[str, ...]
    months: tuple[date, ...]
    activities: tuple[str, ...]
    instances: Integers
    resources: Integers
    timed: Integers
    outside_hours: Integers
    whole_days: Integers


@dataclass(frozen=True, slots=True)
class StudySource:
    """A log store that a study uses.

    Parameters
    ----------
    name
        File name of the source.
    content_sha256
        Hash over the canonically sorted rows taken.
    extraction
        How its cases were chosen.
    extracted_us
        When, µs UTC.
    cases, rejected_rows
        Counts.
    mapping_sha256
        Hash of what its columns mean.
    """

    name: str
    content_sha256: str
    extraction: ExtractionKind
    extracted_us: int
    cases: int
    rejected_rows: int
    mapping_sha256: str


@dataclass(frozen=True, slots=True)
class Study:
    """Everything that a verification looks at.

    Parameters
    ----------
    cases
        All cases of the logs that opened before the look, also those outside the protocol's population: neighbouring
        services are looked at by the honesty checks.
    in_population
        Shape (n,): whether the protocol's services, channels and agencies (changed ones and controls) hold the case.
    work
        What was worked each month.
    zone
        Local time zone.
    first_us, look_us
        First instant from which openings are complete; the day of the look, its midnight at the end, µs UTC.
    sources
        The stores.
    """

    cases: StudyCases
    in_population: Flags
    work: MonthlyWork
    zone: str
    first_us: int
    look_us: int
    sources: tuple[StudySource, ...]


class Side(IntEnum):
    """Where a case stands in a study."""

    OUTSIDE = 0
    """Not of the protocol's population."""
    TRANSITION = 1
    """Opened within the declared transition window of its agency."""
    UNFOLLOWED = 2
    """Opened too late to have been followed for the whole horizon, or before openings are complete."""
    UNWATCHED = 3
    """Closed before it came under observation, or its times are impossible."""
    BEFORE = 4
    """Of an agency that changes, opened before its change."""
    AFTER = 5
    """Of an agency that changes, opened after its change."""
    COMPARED = 6
    """Of an agency that does not change."""


@dataclass(frozen=True, slots=True)
class Arms:
    """Where each case of a study stands, and its outcome.

    Parameters
    ----------
    side
        Shape (n,): `Side`.
    change_us
        Shape (n,): the day of the change of the case's agency; the largest int64 where it has none.
    outcome
        Shape (n,): the primary outcome, durations in days up to the horizon, nan where it is not known. Known for every
        case that takes part (`BEFORE`, `AFTER`, `COMPARED`), except where left-censored; see `watched_from`.
    watched_from
        Shape (n,): days of the clock from opening to coming under observation (delayed entry), mostly 0.
    month
        Shape (n,): place of the local month of opening in `months`.
    months
        First days of local months of openings, without gaps.
    change_month
        Shape (n,): place in `months` of the month of the change of the case's agency; `UNKNOWN` where it has none or
        the change lies outside them.
    is_closed_only
        Whether a log holds closed cases only: nothing can be verified then.
    """

    side: Integers
    change_us: Integers
    outcome: Floats
    watched_from: Floats
    month: Integers
    months: tuple[date, ...]
    change_month: Integers
    is_closed_only: bool = False

    @property
    def takes_part(self) -> Flags:
        """Whether each case takes part in the estimate, shape (n,)."""
        return self.side >= Side.BEFORE


@dataclass(frozen=True, slots=True)
class Panel:
    """Mean outcomes by agency and month of opening: what designs work on.

    Parameters
    ----------
    agencies
        N labels: agencies that change or are compared, sorted.
    months
        T first days of local months.
    mean
        Shape (N, T): mean outcome (restricted mean up to the horizon); nan where no case takes part.
    cases
        Shape (N, T): cases behind each mean.
    variance
        Shape (N, T): variance of each mean by the scatter of its cases; nan below two cases.
    first_changed
        Shape (N,): place of the first month after the transition of an agency; `UNKNOWN` where it never changes.
    change_month
        Shape (N,): place of the month in which the day of the change lies; `UNKNOWN` where it never changes.
    """

    agencies: tuple[str, ...]
    months: tuple[date, ...]
    mean: Floats
    cases: Integers
    variance: Floats
    first_changed: Integers
    change_month: Integers
