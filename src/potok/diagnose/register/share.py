"""The share of a register that could go, counted three ways and classed by its evidence.

Counted in processes, applicant-hours and staff-hours, always over the full register; the two ledgers are never added.
Only what a verified pilot has shown may be a headline; what rests on texts or logs is there to be examined. The share
is an outcome of looking, never a target.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from potok.diagnose.register.evidence import EvidenceClass
from potok.diagnose.register.hours import ProcessHours
from potok.diagnose.register.proposals import Action, Proposal

LEAST_KNOWN: Final = 0.5


class ShareRefusal(StrEnum):
    """Why a share of hours cannot be told."""

    TOO_LITTLE_KNOWN = "too_little_known"
    NO_HOURS = "no_hours"


@dataclass(frozen=True, slots=True)
class HoursCount:
    """Hours of one ledger in a group of processes.

    Parameters
    ----------
    hours
        Sum of what is known, a year.
    known_processes, unknown_processes
        Of the group.
    share
        Of the known hours of the register, 0–1; None if it cannot be told.
    refusal
        Why it cannot; None if it can.
    """

    hours: float
    known_processes: int
    unknown_processes: int
    share: float | None
    refusal: ShareRefusal | None = None


@dataclass(frozen=True, slots=True)
class ShareCount:
    """A group of processes counted three ways.

    Parameters
    ----------
    process_share
        Of all processes of the register, 0–1.
    """

    processes: int
    process_share: float
    applicant: HoursCount
    staff: HoursCount


@dataclass(frozen=True, slots=True)
class ClassedShare:
    """What one action could take away (or automate) on one class of evidence.

    Parameters
    ----------
    free
        Under no act but the ministry's own.
    bound
        Bound by law; stands apart and is in no sum.
    """

    action: Action
    evidence: EvidenceClass
    free: ShareCount
    bound: ShareCount


@dataclass(frozen=True, slots=True)
class RegisterShare:
    """The share that could go.

    Parameters
    ----------
    processes
        Of the full register.
    applicant_known, staff_known
        Processes whose hours are known.
    applicant_hours, staff_hours
        Sums of what is known, a year.
    rows
        One per action and class of evidence, every combination.
    headline
        To remove or merge on class C, not bound; zero where no pilot was verified.
    to_examine
        To remove or merge on classes A and B, not bound.
    without_act
        Of `to_examine`, those whose cards name no act: whether the law binds them is not known.
    bound
        To remove or merge on any class, were the acts amended.
    to_automate
        On any class, bound or not: these processes would stay, and automation needs an act amended only where it
        prescribes the form.
    """

    processes: int
    applicant_known: int
    staff_known: int
    applicant_hours: float
    staff_hours: float
    rows: tuple[ClassedShare, ...]
    headline: ShareCount
    to_examine: ShareCount
    bound: ShareCount
    to_automate: ShareCount
    without_act: int = 0

    def row(self, action: Action, evidence: EvidenceClass) -> ClassedShare:
        """Return the row of an action and a class."""
        return next(row for row in self.rows if row.action is action and row.evidence is evidence)


def count_share(proposals: Sequence[Proposal], hours: Sequence[ProcessHours]) -> RegisterShare:
    """Count what the proposals of a register would take away."""
    counter = _Counter(hours)
    rows = tuple(
        ClassedShare(
            action,
            grade,
            counter.count(_free(_of(proposals, (action,), (grade,)))),
            counter.count(_bound(_of(proposals, (action,), (grade,)))),
        )
        for action in Action
        for grade in EvidenceClass
    )
    going, weak = (Action.REMOVE, Action.MERGE), (EvidenceClass.TEXT, EvidenceClass.LOG)
    everything = tuple(EvidenceClass)
    return RegisterShare(
        processes=len(hours),
        applicant_known=sum(one.applicant_hours is not None for one in hours),
        staff_known=sum(one.staff_hours is not None for one in hours),
        applicant_hours=sum(one.applicant_hours or 0 for one in hours),
        staff_hours=sum(one.staff_hours or 0 for one in hours),
        rows=rows,
        headline=counter.count(_free(_of(proposals, going, (EvidenceClass.PILOT,)))),
        to_examine=counter.count(_free(_of(proposals, going, weak))),
        bound=counter.count(_bound(_of(proposals, going, everything))),
        to_automate=counter.count(
            number for one in proposals if one.action is Action.AUTOMATE for number in one.processes
        ),
        without_act=len({number for one in _of(proposals, going, weak) for number in one.without_act}),
    )


class _Counter:
    def __init__(self, hours: Sequence[ProcessHours]) -> None:
        self.total = len(hours)
        self.applicant = [one.applicant_hours for one in hours]
        self.staff = [one.staff_hours for one in hours]

    def count(self, numbers: Iterable[int]) -> ShareCount:
        chosen = sorted(set(numbers))
        return ShareCount(
            len(chosen),
            len(chosen) / self.total if self.total else 0.0,
            _hours(chosen, self.applicant),
            _hours(chosen, self.staff),
        )


def _hours(chosen: Sequence[int], hours: Sequence[float | None]) -> HoursCount:
    known = [hours[number] for number in chosen if hours[number] is not None]
    total = sum(one for one in hours if one is not None)
    spent = float(sum(one for one in known if one is not None))
    of_register = sum(one is not None for one in hours)
    is_enough = of_register >= LEAST_KNOWN * len(hours) and len(known) >= LEAST_KNOWN * len(chosen)
    unknown = len(chosen) - len(known)
    if is_enough and total:
        return HoursCount(spent, len(known), unknown, spent / total)
    refusal = ShareRefusal.NO_HOURS if is_enough else ShareRefusal.TOO_LITTLE_KNOWN
    return HoursCount(spent, len(known), unknown, None, refusal)


def _of(proposals: Sequence[Proposal], actions: Sequence[Action], grades: Sequence[EvidenceClass]) -> list[Proposal]:
    return [one for one in proposals if one.action in actions and one.evidence in grades]


def _free(proposals: Sequence[Proposal]) -> list[int]:
    return [number for one in proposals for number in one.free]


def _bound(proposals: Sequence[Proposal]) -> list[int]:
    return [bound.process for one in proposals for bound in one.bound]
