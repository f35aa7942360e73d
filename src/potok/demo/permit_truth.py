"""The wastes built into the permit service, counted while they happen.

``truth.json`` (schema ``potok.truth/1``) holds:

``schema, seed, zone``
    The seed that made the log; the zone of its wall clock.
``window``
    ``from`` and ``until`` (half-open): applications arriving in it are in the log; ``until`` is the moment of export.
``calendar``
    Working weekdays (1 = Monday), working hours and holidays (month-day; the yearly transfers are left out).
``log``
    ``cases``, ``rows``, ``activities``, ``employees``, ``open_cases``, and cases by ``outcomes``.
``wastes``
    A list; each with

    - ``id``: ``friday_batch``, ``inert_approval``, ``ping_pong``, ``missing_documents``, ``re_keying``,
      ``waiting_hand_over``;
    - ``waste``: one of `potok.core.finding.Waste`;
    - ``where``: ``activity``, ``next_activity``, ``org_unit``, ``next_org_unit`` (labels of the log; empty = any);
    - ``cases``, ``instances``: how many cases are affected and how often it happened;
    - ``total_seconds``: calendar seconds for which applicants waited in it, summed over instances;
    - ``staff_seconds``: working seconds for which someone worked in it; null where the waste is mere waiting;
    - ``definition``: from which row to which the seconds run.

Only what the export shows is counted: an instance whose last row is not finished at the moment of export is left out.
No two wastes claim the same instant of a case, so their seconds may be added.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from potok.core.finding import Place, Waste
from potok.demo.permit_process import Operation, Unit


class InjectedWaste(StrEnum):
    """The wastes built in."""

    FRIDAY_BATCH = "friday_batch"
    INERT_APPROVAL = "inert_approval"
    PING_PONG = "ping_pong"
    MISSING_DOCUMENTS = "missing_documents"
    RE_KEYING = "re_keying"
    WAITING_HAND_OVER = "waiting_hand_over"


@dataclass(frozen=True, slots=True)
class WasteDescription:
    """What a waste is: its class, place, and from where to where its seconds run."""

    waste: Waste
    where: Place
    definition: str
    has_staff_time: bool = False


DESCRIPTIONS: Final[Mapping[InjectedWaste, WasteDescription]] = MappingProxyType(
    {
        InjectedWaste.FRIDAY_BATCH: WasteDescription(
            Waste.WAITING,
            Place(activity=Operation.REGISTER_DECISION, next_activity=Operation.DISPATCH),
            "from the end of the registration of the decision to the beginning of its dispatch, "
            "which begins on Fridays at 15:00 for all that is ready",
        ),
        InjectedWaste.INERT_APPROVAL: WasteDescription(
            Waste.OVERPROCESSING,
            Place(activity=Operation.DEPUTY_APPROVAL),
            "from the end of the operation before it to the end of the approval, which has never had another result",
            has_staff_time=True,
        ),
        InjectedWaste.PING_PONG: WasteDescription(
            Waste.DEFECTS,
            Place(org_unit=Unit.LEGAL, next_org_unit=Unit.TECHNICAL),
            "from the end of a legal review that returns the papers to the end of the next legal review of the case",
        ),
        InjectedWaste.MISSING_DOCUMENTS: WasteDescription(
            Waste.DEFECTS,
            Place(activity=Operation.CHECK, next_activity=Operation.REQUEST_DOCUMENTS),
            "from the end of a check that misses documents to the end of the next check of the case",
        ),
        InjectedWaste.RE_KEYING: WasteDescription(
            Waste.OVERPROCESSING,
            Place(activity=Operation.RE_KEY),
            "from the end of the registration to the end of the typing",
            has_staff_time=True,
        ),
        InjectedWaste.WAITING_HAND_OVER: WasteDescription(
            Waste.WAITING,
            Place(org_unit=Unit.FRONT_OFFICE, next_org_unit=Unit.TECHNICAL),
            "from the end of the last operation of the front office to the beginning of the technical review after it",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class WasteTruth:
    """The size of one injected waste, as far as the export shows it."""

    kind: InjectedWaste
    cases: int
    instances: int
    total_seconds: int
    staff_seconds: int | None


@dataclass(slots=True)
class WasteLedger:
    """Collects the instances of the wastes while the cases walk."""

    _cases: dict[InjectedWaste, set[int]] = field(default_factory=lambda: {kind: set() for kind in InjectedWaste})
    _instances: dict[InjectedWaste, int] = field(default_factory=lambda: dict.fromkeys(InjectedWaste, 0))
    _seconds: dict[InjectedWaste, int] = field(default_factory=lambda: dict.fromkeys(InjectedWaste, 0))
    _staff_seconds: dict[InjectedWaste, int] = field(default_factory=lambda: dict.fromkeys(InjectedWaste, 0))

    def add(self, kind: InjectedWaste, *, case: int, seconds: int, staff_seconds: int = 0) -> None:
        """Book one instance."""
        self._cases[kind].add(case)
        self._instances[kind] += 1
        self._seconds[kind] += seconds
        self._staff_seconds[kind] += staff_seconds

    def close(self) -> tuple[WasteTruth, ...]:
        """Return the sizes of all wastes, in the order of `InjectedWaste`."""
        return tuple(self._close(kind) for kind in InjectedWaste)

    def _close(self, kind: InjectedWaste) -> WasteTruth:
        return WasteTruth(
            kind=kind,
            cases=len(self._cases[kind]),
            instances=self._instances[kind],
            total_seconds=self._seconds[kind],
            staff_seconds=self._staff_seconds[kind] if DESCRIPTIONS[kind].has_staff_time else None,
        )
