"""What an analysis found wrong, and the vocabulary of waste."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Waste(StrEnum):
    """The seven wastes of ГОСТ Р 56908-2016 §5.3.1, and unused talent by custom."""

    OVERPRODUCTION = "overproduction"
    INVENTORY = "inventory"
    TRANSPORT = "transport"
    WAITING = "waiting"
    OVERPROCESSING = "overprocessing"
    MOTION = "motion"
    DEFECTS = "defects"
    TALENT = "talent"


class FindingKind(StrEnum):
    """Kinds of finding."""

    LONG_WAIT = "long_wait"
    REWORK = "rework"
    HAND_OVER = "hand_over"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the process a finding lies.

    ``activity`` alone names an activity; with ``next_activity`` it names the passage between the two;
    ``org_unit`` and ``next_org_unit`` name a boundary between departments; ``term`` names a term of a regulation. All
    are labels.
    """

    activity: str = ""
    next_activity: str = ""
    org_unit: str = ""
    next_org_unit: str = ""
    term: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, with its size and the way to its cases.

    Parameters
    ----------
    kind, waste, where
        What, which waste of the standard, and where.
    cases
        Number of distinct cases affected.
    occurrences
        How often it happened (a case may be affected several times).
    applicant_seconds
        Time for which applicants waited in it, calendar seconds (``docs/method``, two ledgers).
    lead_time_share
        ``applicant_seconds`` over the lead time of all cases, 0–1.
    example_cases
        Case codes of the log store, longest first; at most ten. ``potok cases`` lists them all.
    staff_seconds
        Time for which someone worked in it; None where the log cannot tell.
    """

    kind: FindingKind
    waste: Waste
    where: Place
    cases: int
    occurrences: int
    applicant_seconds: float
    lead_time_share: float
    example_cases: tuple[int, ...] = ()
    staff_seconds: float | None = None

    def identifier(self, content_sha256: str) -> str:
        """Return an id that stays the same when the same log is analysed again.

        Parameters
        ----------
        content_sha256
            Of the log; where findings depend on rules, with the ids of these behind it.
        """
        parts = (
            self.kind,
            self.where.activity,
            self.where.next_activity,
            self.where.org_unit,
            self.where.next_org_unit,
            *filter(None, (self.where.term,)),
            content_sha256,
        )
        return "F-" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]
