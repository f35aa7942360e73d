"""Time zones: every change of offset from 1900 to 2999, and SQL that goes from wall clock to UTC and back.

Offsets come from the `tzdata` package, never from the machine, so that a store is the same wherever it is made. They
are compiled into nested comparisons: DuckDB's own conversion asks ICU row by row and is three times as slow.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.time_units import DAY_SECONDS, SECOND_US
from potok.core.zones import open_zone

LAST_YEAR: Final = 2999
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HEADER_BYTES: Final = 44


class UnknownZoneError(UsageError):
    """A time zone that the tz database does not have."""

    code = "POTOK-L080"


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of a zone's offset: the instant and the offsets around it, in microseconds."""

    at_us: int
    before_us: int
    after_us: int


@dataclass(frozen=True, slots=True)
class ZoneHistory:
    """All offsets of a zone: the first one, then each change in order of time."""

    name: str
    first_us: int
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """A step function of time: ``values[i]`` holds before ``bounds[i]``, the last value from the last bound on."""

    bounds: tuple[int, ...]
    values: tuple[int, ...]


@cache
def load_zone(name: str) -> ZoneInfo:
    """Load the zone of a log.

    Raises
    ------
    UnknownZoneError
        If there is no such zone; the nearest names are suggested.
    """
    return open_zone(name, error=UnknownZoneError, where=_("time zone"))


@cache
def load_zone_history(name: str) -> ZoneHistory:
    """Find every change of a zone's offset up to the end of 2999.

    Raises
    ------
    UnknownZoneError
        If there is no such zone.
    """
    zone = load_zone(name)
    known, is_recurring = _known_transitions(name)
    instants = known + (_recurring_transitions(zone, after=known[-1]) if is_recurring and known else [])
    changes = [(at, _offset(zone, at - 1), _offset(zone, at)) for at in instants]
    transitions = tuple(
        Transition(at * SECOND_US, before * SECOND_US, after * SECOND_US)
        for at, before, after in changes
        if before != after
    )
    first = changes[0][1] if changes else _offset(zone, 0)
    return ZoneHistory(name, first * SECOND_US, transitions)


def _known_transitions(name: str) -> tuple[list[int], bool]:
    """Return the instants listed in the zone's TZif file (RFC 8536), and whether a yearly rule follows them."""
    content = files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    is_utc, is_standard, leaps, times, types, characters = struct.unpack(">6l", content[20:_HEADER_BYTES])
    # The first block, with 32-bit times, is there for old readers.
    second = _HEADER_BYTES + times * 5 + types * 6 + characters + leaps * 8 + is_standard + is_utc
    (times,) = struct.unpack(">l", content[second + 32 : second + 36])
    start = second + _HEADER_BYTES
    instants = struct.unpack(f">{times}q", content[start : start + times * 8])
    footer = content.rstrip(b"\n").rpartition(b"\n")[2]
    first_year_one = -62_135_596_800
    return [at for at in instants if at > first_year_one], b"," in footer


def _recurring_transitions(zone: ZoneInfo, *, after: int) -> list[int]:
    end = int(datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp())
    # Summer time starts and ends months apart, so that four-weekly probes miss no change.
    probes = [*range(after, end, 28 * DAY_SECONDS), end]
    offsets = [_offset(zone, probe) for probe in probes]
    return [
        _find_change(zone, low, high)
        for (low, high), (before, later) in zip(pairwise(probes), pairwise(offsets), strict=True)
        if before != later
    ]


def _find_change(zone: ZoneInfo, low: int, high: int) -> int:
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = (_EPOCH + timedelta(seconds=at)).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def local_offsets(zone: str) -> Steps:
    """Return the offset to subtract from a wall-clock time, in microseconds.

    An ambiguous time takes the first of its two instants; a time that does not exist takes the offset before the gap
    (both as `zoneinfo` with ``fold=0``).
    """
    history = load_zone_history(zone)
    bounds = tuple(change.at_us + max(change.before_us, change.after_us) for change in history.transitions)
    return Steps(bounds, (history.first_us, *(change.after_us for change in history.transitions)))


def universal_offsets(zone: str) -> Steps:
    """Return the offset to add to an instant to get the wall clock, in microseconds."""
    history = load_zone_history(zone)
    bounds = tuple(change.at_us for change in history.transitions)
    return Steps(bounds, (history.first_us, *(change.after_us for change in history.transitions)))


def ambiguous_times(zone: str) -> Steps:
    """Return 1 over wall-clock times that occur twice (clocks set back), else 0."""
    return _marked(
        (change.at_us + change.after_us, change.at_us + change.before_us)
        for change in load_zone_history(zone).transitions
        if change.after_us < change.before_us
    )


def nonexistent_times(zone: str) -> Steps:
    """Return 1 over wall-clock times that never occur (clocks set forward), else 0."""
    return _marked(
        (change.at_us + change.before_us, change.at_us + change.after_us)
        for change in load_zone_history(zone).transitions
        if change.after_us > change.before_us
    )


def _marked(spans: Iterable[tuple[int, int]]) -> Steps:
    bounds = tuple(bound for span in spans for bound in span)
    return Steps(bounds, (0, *(1, 0) * (len(bounds) // 2)))
