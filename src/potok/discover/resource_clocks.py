"""What a sweep over the work of resources has to know of each: how much it does at once, and when it is on duty."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.discover.busy_time import Hours
from potok.discover.compiled import compiled
from potok.discover.resource_calendars.calendars import CalendarBasis, ResourceCalendars
from potok.discover.resource_calendars.spans import OwnedSpans
from potok.discover.resource_calendars.work import Codes, Flags, Integers

NO_CALENDAR: Final = -1

Duty = tuple[Integers, Integers, Integers, Integers]
"""Where the spans of each calendar begin, their starts, their ends, and the time on duty before each of its spans."""


@dataclass(frozen=True, slots=True)
class ResourceClocks:
    """Limits and calendars of the resources of a log, by their codes.

    Parameters
    ----------
    limit
        (r,) int64: instances at once from which on a resource is busy, at least 1.
    calendar
        (r,) int64: place of its calendar in `duty`; `NO_CALENDAR` where none is known.
    duty
        Spans of all calendars.
    """

    limit: Integers
    calendar: Integers
    duty: Duty

    @property
    def resources(self) -> int:
        """Number of resources."""
        return len(self.limit)

    def is_known(self, resource: Codes) -> Flags:
        """Return whether the calendar of each resource is known; unknown resources have none."""
        if not self.resources:
            return np.zeros(len(resource), bool)
        return np.asarray((resource >= 0) & (self.calendar[np.maximum(resource, 0)] != NO_CALENDAR))


def make_clocks(
    resources: int,
    *,
    duty: OwnedSpans | None = None,
    is_known: Flags | None = None,
    limit: Integers | None = None,
) -> ResourceClocks:
    """Make the clocks of the resources 0 to `resources` − 1.

    Parameters
    ----------
    duty
        Spans on duty by code of the resource, half-open, microseconds UTC; None if no calendar is known.
    is_known
        (r,) bool: whose calendar is known; by default that of every owner of `duty`.
    limit
        (r,) int64: instances at once, by code; by default, and where it is 0 or missing, 1.
    """
    limits = np.ones(resources, np.int64)
    if limit is not None:
        limits[: len(limit)] = np.maximum(limit[:resources], 1)
    if duty is None:
        none = np.zeros(0, np.int64)
        return ResourceClocks(limits, np.full(resources, NO_CALENDAR), (np.zeros(1, np.int64), none, none, none))
    known = np.zeros(resources, bool)
    owners = min(duty.owners, resources)
    known[:owners] = True if is_known is None else is_known[:owners]
    calendar = np.where(known, np.arange(resources), NO_CALENDAR).astype(np.int64)
    starts, ends, offsets = duty.starts_us, duty.ends_us, duty.offsets
    passed = np.concatenate([[0], np.cumsum(ends - starts)]).astype(np.int64)
    own = passed[:-1] - np.repeat(passed[offsets[:-1]], np.diff(offsets))
    return ResourceClocks(limits, calendar, (offsets.astype(np.int64), starts, ends, own))


def clocks_of(
    resources: int,
    *,
    calendars: ResourceCalendars | None = None,
    limit: Integers | None = None,
    own_only: bool = False,
) -> ResourceClocks:
    """Make the clocks of resources from calendars discovered or given; None if none is known.

    Parameters
    ----------
    own_only
        Whether calendars borrowed from others are left out: they say when such people work, not when this one did.
    """
    if calendars is None:
        return make_clocks(resources, limit=limit)
    known = calendars.known
    if own_only:
        owned = {CalendarBasis.OWN, CalendarBasis.GIVEN}
        known[[one.resource for one in calendars.calendars if one.basis not in owned]] = False
    return make_clocks(resources, duty=calendars.duty, is_known=known, limit=limit)


@compiled
def hours_of(calendar: int, duty: Duty) -> Hours:
    """Return the hours of one calendar."""
    begin, end = duty[0][calendar], duty[0][calendar + 1]
    return duty[1][begin:end], duty[2][begin:end], duty[3][begin:end]


@compiled
def order_by_code(code: Codes, order: Integers, codes: int) -> tuple[Integers, Integers]:
    """Return rows in the order of their codes, those of one code as in `order`, and where those of each code begin.

    Parameters
    ----------
    code
        (n,) of each row, from 0 to `codes` − 1 for the rows in `order`.
    order
        The rows to be ordered; others are left out.
    """
    offsets = np.zeros(codes + 1, np.int64)
    for row in order:
        offsets[code[row] + 1] += 1
    for one in range(codes):
        offsets[one + 1] += offsets[one]
    place = offsets[:codes].copy()
    ordered = np.empty(len(order), np.int64)
    for row in order:
        ordered[place[code[row]]] = row
        place[code[row]] += 1
    return ordered, offsets
