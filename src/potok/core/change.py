"""Changes to a process: what a diagnosis suggests, a simulation tries and a project makes.

A change names activities, pools and calendars by their labels in the log or the model, so that people can read it and
write it. It says what is to be done, never that it is worth doing.
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Final


class ChangeVerb(StrEnum):
    """What a change does."""

    REMOVE = "remove"
    MERGE = "merge"
    AUTOMATE = "automate"
    PARALLELISE = "parallelise"
    MOVE = "move"
    CHECK_BY_RISK = "check_by_risk"
    REROUTE = "reroute"
    BATCHING = "batching"
    STAFF = "staff"
    CALENDAR = "calendar"
    PRIORITY = "priority"


@dataclass(frozen=True, slots=True)
class Change:
    """One change; its kinds are the classes below."""

    verb: ClassVar[ChangeVerb]

    def as_record(self) -> dict[str, Any]:
        """Return the change as plain values: its verb and what it names; what is empty is left out."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in named.items()}
        return {"verb": self.verb.value} | {name: value for name, value in plain.items() if value not in ("", [])}


@dataclass(frozen=True, slots=True)
class Remove(Change):
    """Leave an activity out."""

    verb: ClassVar[ChangeVerb] = ChangeVerb.REMOVE
    activity: str


@dataclass(frozen=True, slots=True)
class Merge(Change):
    """Let one resource do several activities in one go, under the name `into`."""

    verb: ClassVar[ChangeVerb] = ChangeVerb.MERGE
    activities: tuple[str, ...]
    into: str = ""


@dataclass(frozen=True, slots=True)
class Automate(Change):
    """Let a machine do an activity."""

    verb: ClassVar[ChangeVerb] = ChangeVerb.AUTOMATE
    activity: str


@dataclass(frozen=True, slots=True)
class Parallelise(Change):
    """Let activities that now follow each other run side by side."""

    verb: ClassVar[ChangeVerb] = ChangeVerb.PARALLELISE
    activities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move(Change):
    """Do an activity after another one, later or earlier than now."""

    verb: ClassVar[ChangeVerb] = ChangeVerb.MOVE
    activity: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class CheckByRisk(Change):
    """Do an activity in a share of the cases only, chosen by their risk.

    Parameters
    ----------
    share
        Of the cases in which it is done still, 0–1; None where it has to be decided.
    """

    verb: ClassVar[ChangeVerb] = ChangeVerb.CHECK_BY_RISK
    activity: str
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Reroute(Change):
    """Let an organisational unit pass cases on to another one, or keep them (`to_unit` equal to `from_unit`)."""

    verb: ClassVar[ChangeVerb] = ChangeVerb.REROUTE
    activity: str = ""
    from_unit: str = ""
    to_unit: str = ""


@dataclass(frozen=True, slots=True)
class SwitchBatching(Change):
    """Stop collecting cases before an activity, or begin to."""

    verb: ClassVar[ChangeVerb] = ChangeVerb.BATCHING
    activity: str
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class AddStaff(Change):
    """Add people to those who do an activity; a negative `count` takes them away."""

    verb: ClassVar[ChangeVerb] = ChangeVerb.STAFF
    activity: str = ""
    pool: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class ChangeCalendar(Change):
    """Change when those who do an activity work; `calendar` names the new one, empty where it has to be decided."""

    verb: ClassVar[ChangeVerb] = ChangeVerb.CALENDAR
    activity: str = ""
    pool: str = ""
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class ChangePriority(Change):
    """Change in which order cases are taken; ``discipline`` is ``fifo`` or ``earliest_due``."""

    verb: ClassVar[ChangeVerb] = ChangeVerb.PRIORITY
    activity: str
    discipline: str = "fifo"


CHANGES: Final = {
    kind.verb: kind
    for kind in (
        Remove,
        Merge,
        Automate,
        Parallelise,
        Move,
        CheckByRisk,
        Reroute,
        SwitchBatching,
        AddStaff,
        ChangeCalendar,
        ChangePriority,
    )
}
"""The class of each verb."""
