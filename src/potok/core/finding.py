"""What an analysis found wrong, and the vocabulary of waste."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from potok.core.change import Change


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
    """Kinds of finding. Those of `LEDGER_KINDS` share the applicants' time out among them; the others claim none."""

    LONG_WAIT = "long_wait"
    BATCHING = "batching"
    CONTENTION = "contention"
    PRIORITISATION = "prioritisation"
    UNAVAILABILITY = "unavailability"
    REWORK = "rework"
    HAND_OVER = "hand_over"
    LATE = "late"
    EXTRANEOUS_DELAY = "extraneous_delay"
    RETURN_LOOP = "return_loop"
    PING_PONG = "ping_pong"
    SILO = "silo"
    APPROVAL = "approval"
    DEVIATION = "deviation"
    REPEATED_REQUEST = "repeated_request"
    SUPERFLUOUS = "superfluous"
    DRIFT = "drift"
    DIFFERENCE = "difference"
    AUTOMATION = "automation"
    SINGLE_ENTRY = "single_entry"
    BATCH_REGISTRATION = "batch_registration"
    LATE_START = "late_start"
    GROWING_QUEUE = "growing_queue"


LEDGER_KINDS: Final = frozenset(
    {
        FindingKind.LONG_WAIT,
        FindingKind.BATCHING,
        FindingKind.CONTENTION,
        FindingKind.PRIORITISATION,
        FindingKind.UNAVAILABILITY,
        FindingKind.REWORK,
        FindingKind.HAND_OVER,
        FindingKind.LATE,
    }
)


class Confidence(StrEnum):
    """On what a finding rests."""

    COUNTED = "counted"
    """The log says so itself."""
    INFERRED = "inferred"
    """It depends on what was inferred from the log, such as who works when."""
    SUPPOSED = "supposed"
    """It depends on what names seem to mean; people have to look."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the process a finding lies.

    ``activity`` alone names an activity; with ``next_activity`` it names the passage between the two;
    ``org_unit`` and ``next_org_unit`` name a boundary between departments, ``resource`` and ``next_resource`` one
    between people; ``term`` names a term of a regulation, ``rule`` any other rule; ``group`` a group of cases, such as
    ``channel=paper``; ``since`` the day (ISO 8601) from which on it holds. All are labels.
    """

    activity: str = ""
    next_activity: str = ""
    org_unit: str = ""
    next_org_unit: str = ""
    term: str = ""
    resource: str = ""
    next_resource: str = ""
    rule: str = ""
    group: str = ""
    since: str = ""


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
        Time of the applicants' ledger that belongs to it, calendar seconds: no instant of a case belongs to two
        findings. 0, as by default, for kinds beyond `LEDGER_KINDS`.
    lead_time_share
        ``applicant_seconds`` over the lead time of all cases, 0–1.
    example_cases
        Case codes of the log store, longest first; at most ten. ``potok cases`` lists them all.
    staff_seconds
        Time for which someone worked in it; None where the log cannot tell.
    affected_seconds
        Time of applicants that the finding concerns by its own definition. It may overlap that of others and must not
        be added to anything; None where there is no such time.
    confidence
        On what it rests.
    assumption
        What it takes for granted, in words to be translated; empty if nothing beyond the definitions.
    changes
        What could be tried; only a simulation or a verified trial tells what it would bring.
    """

    kind: FindingKind
    waste: Waste
    where: Place
    cases: int
    occurrences: int
    applicant_seconds: float = 0.0
    lead_time_share: float = 0.0
    example_cases: tuple[int, ...] = ()
    staff_seconds: float | None = None
    affected_seconds: float | None = None
    confidence: Confidence = Confidence.COUNTED
    assumption: str = ""
    changes: tuple[Change, ...] = ()

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
            *self._further_place(),
            content_sha256,
        )
        return "F-" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]

    def _further_place(self) -> tuple[str, ...]:
        # Names beside values, so that a rule and a group of one name differ; a term alone keeps its older id.
        place = self.where
        named = {name: getattr(place, name) for name in ("resource", "next_resource", "rule", "group", "since")}
        return (*filter(None, (place.term,)), *(f"{name}={value}" for name, value in named.items() if value))
