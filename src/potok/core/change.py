"""Changes to a process: what a diagnosis suggests, a simulation tries and a project makes.

A change names activities, pools and calendars by their labels in the log or the model, so that people can read it and
write it. It says what is to be done, never that it is worth doing. What a change leaves empty has to be decided before
it can be simulated.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from enum import StrEnum
from typing import Any, ClassVar, Final

Week = tuple[tuple[str, tuple[str, ...]], ...]
"""Hours of weekdays, such as ``(("monday", ("09:00-13:00", "14:00-18:00")),)``; days not named are off."""


class ChangeVerb(StrEnum):
    """What a change does."""

    REMOVE = "remove"
    MERGE = "merge"
    SPLIT = "split"
    AUTOMATE = "automate"
    PARALLELISE = "parallelise"
    REORDER = "reorder"
    MOVE = "move"
    CHECK_BY_RISK = "check_by_risk"
    REROUTE = "reroute"
    BATCHING = "batching"
    STAFF = "staff"
    SKILLS = "skills"
    CALENDAR = "calendar"
    PRIORITY = "priority"
    DEMAND = "demand"


@dataclass(frozen=True, slots=True)
class Change:
    """One change; its kinds are the classes below."""

    verb: ClassVar[ChangeVerb]

    def as_record(self) -> dict[str, Any]:
        """Return the change as plain values: its verb and what it names; what is empty is left out."""
        named = ((one, _plain(getattr(self, one.name))) for one in fields(self))
        return {"verb": self.verb.value} | {one.name: value for one, value in named if not _is_empty(one, value)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    return dict(value) if isinstance(value, Mapping) else value


def _is_empty(described: "Field[Any]", value: Any) -> bool:
    # A share that has yet to be decided is shown to be open.
    return value in ("", []) or (value is None and not described.metadata.get("is_shown_empty", False))


@dataclass(frozen=True, slots=True)
class Remove(Change):
    """Leave an activity out.

    Parameters
    ----------
    activity
        Which.
    case_types
        Only in cases of these types; empty: in all.
    indicator, share_with, share_without
        What the activity prevents: name of the indicator of quality, and the share of cases in which it happens with
        the activity done and left out, 0–1. Empty: what the model says.
    """

    verb: ClassVar[ChangeVerb] = ChangeVerb.REMOVE
    activity: str
    case_types: tuple[str, ...] = ()
    indicator: str = ""
    share_with: float | None = None
    share_without: float | None = None


@dataclass(frozen=True, slots=True)
class Merge(Change):
    """Let one resource do several activities in one go, under the name `into`.

    Parameters
    ----------
    activities
        Which; at least two.
    into
        What the whole is called; empty: the names joined by “+”.
    duration_seconds
        Mean time of work of the whole; None: the sum of the parts.
    """

    verb: ClassVar[ChangeVerb] = ChangeVerb.MERGE
    activities: tuple[str, ...]
    into: str = ""
    duration_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Split(Change):
    """Let an activity become several ones that follow each other.

    Parameters
    ----------
    activity
        Which.
    into
        Names of its parts in their order; at least two.
    shares
        Of its time of work, 0–1, one for each part, summing to 1; empty: equal ones.
    """

    verb: ClassVar[ChangeVerb] = ChangeVerb.SPLIT
    activity: str
    into: tuple[str, ...]
    shares: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Automate(Change):
    """Let a machine do an activity.

    Parameters
    ----------
    activity
        Which.
    duration_seconds
        Mean time that the machine takes; None: as long as people do.
    cost
        Of an execution; None: as now.
    is_delay_kept
        Whether the waiting before it that neither people nor hours explain remains.
    """

    verb: ClassVar[ChangeVerb] = ChangeVerb.AUTOMATE
    activity: str
    duration_seconds: float | None = None
    cost: float | None = None
    is_delay_kept: bool | None = None


@dataclass(frozen=True, slots=True)
class Parallelise(Change):
    """Let activities that now follow each other run side by side."""

    verb: ClassVar[ChangeVerb] = ChangeVerb.PARALLELISE
    activities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reorder(Change):
    """Do activities right after one another, in the order given."""

    verb: ClassVar[ChangeVerb] = ChangeVerb.REORDER
    activities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move(Change):
    """Do an activity right after another one, later or earlier than now."""

    verb: ClassVar[ChangeVerb] = ChangeVerb.MOVE
    activity: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class CheckByRisk(Change):
    """Do an activity in a share of the cases only, chosen by their risk.

    Parameters
    ----------
    activity
        Which.
    share
        Of the cases in which it is done still, 0–1; None where it has to be decided.
    case_types
        Only cases of these types are chosen from, others keep the activity; empty: all.
    caught_share
        Of what the activity prevents, the part that happens in the cases chosen, 0–1; None: the same as `share`, as if
        they were chosen by lot.
    indicator, share_with, share_without
        What the activity prevents, as in `Remove`.
    """

    verb: ClassVar[ChangeVerb] = ChangeVerb.CHECK_BY_RISK
    activity: str
    share: float | None = field(default=None, metadata={"is_shown_empty": True})
    case_types: tuple[str, ...] = ()
    caught_share: float | None = None
    indicator: str = ""
    share_with: float | None = None
    share_without: float | None = None


@dataclass(frozen=True, slots=True)
class Reroute(Change):
    """Send cases another way.

    Either `activity` passes from one organisational unit (or pool) to another one, or stays (`to_unit` equal to
    `from_unit`); or, of the cases that leave `activity`, the `share` given goes on to `to_activity`.

    Parameters
    ----------
    activity
        What is passed on; or after what the way forks.
    from_unit, to_unit
        Who does it now, and who will.
    to_activity
        Where cases go.
    from_activity
        Where those cases went that now go to `to_activity`; empty: all other ways give alike.
    share
        Of the cases, 0–1: those that go to `to_activity`, or that `to_unit` takes over; None: of units, all.
    """

    verb: ClassVar[ChangeVerb] = ChangeVerb.REROUTE
    activity: str = ""
    from_unit: str = ""
    to_unit: str = ""
    to_activity: str = ""
    from_activity: str = ""
    share: float | None = None


@dataclass(frozen=True, slots=True)
class SwitchBatching(Change):
    """Stop collecting cases before an activity, or begin to; a batch is ready when the first rule given holds.

    Parameters
    ----------
    activity
        Before which.
    is_on
        Whether cases are collected.
    minimum_size, maximum_size
        A batch of so many is ready; no batch is larger.
    maximum_wait_seconds
        A batch is ready when its first case has waited so long.
    fires_at
        Weekday and time of day at which all that was collected is ready, such as ``friday 15:00``.
    is_concurrent
        Whether the members of a batch are done at the same time; None: as now, else one after another.
    """

    verb: ClassVar[ChangeVerb] = ChangeVerb.BATCHING
    activity: str
    is_on: bool = False
    minimum_size: int | None = None
    maximum_size: int | None = None
    maximum_wait_seconds: float | None = None
    fires_at: tuple[str, ...] = ()
    is_concurrent: bool | None = None


@dataclass(frozen=True, slots=True)
class AddStaff(Change):
    """Add people to those who do an activity; a negative `count` takes them away.

    Parameters
    ----------
    activity, pool
        To whom: a pool, or the one pool that does the activity.
    count
        How many.
    skills
        Activities that the new people do; empty: those of the pool.
    calendar
        Their hours, by name; empty: those of the pool.
    """

    verb: ClassVar[ChangeVerb] = ChangeVerb.STAFF
    activity: str = ""
    pool: str = ""
    count: int = 1
    skills: tuple[str, ...] = ()
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class ChangeSkills(Change):
    """Change what a pool, or one person, can do.

    Parameters
    ----------
    pool, person
        Whose skills; one of the two.
    add, drop
        Activities.
    """

    verb: ClassVar[ChangeVerb] = ChangeVerb.SKILLS
    pool: str = ""
    person: str = ""
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeCalendar(Change):
    """Change when those who do an activity work; `calendar` names the new one, empty where it has to be decided.

    Parameters
    ----------
    activity, pool
        Whose hours: a pool's, or those of all pools that do the activity.
    calendar
        Name of a calendar, or path of its TOML file.
    weekly
        The new hours themselves, instead of a name; days off are kept.
    """

    verb: ClassVar[ChangeVerb] = ChangeVerb.CALENDAR
    activity: str = ""
    pool: str = ""
    calendar: str = ""
    weekly: Week = ()


@dataclass(frozen=True, slots=True)
class ChangePriority(Change):
    """Change in which order cases are taken.

    Parameters
    ----------
    activity
        For which activity; empty: for all.
    discipline
        ``fifo``, ``priority`` (by case type) or ``earliest_due``.
    case_types
        With ``priority``: the types in the order in which they go; those not named come after them.
    """

    verb: ClassVar[ChangeVerb] = ChangeVerb.PRIORITY
    activity: str = ""
    discipline: str = "fifo"
    case_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeDemand(Change):
    """Let more or fewer cases arrive.

    Parameters
    ----------
    factor
        By which their number is multiplied; above 0.
    case_type
        Only of this type; empty: of all.
    """

    verb: ClassVar[ChangeVerb] = ChangeVerb.DEMAND
    factor: float
    case_type: str = ""


CHANGES: Final[Mapping[ChangeVerb, type[Change]]] = {
    kind.verb: kind
    for kind in (
        Remove,
        Merge,
        Split,
        Automate,
        Parallelise,
        Reorder,
        Move,
        CheckByRisk,
        Reroute,
        SwitchBatching,
        AddStaff,
        ChangeSkills,
        ChangeCalendar,
        ChangePriority,
        ChangeDemand,
    )
}
"""The class of each verb."""
