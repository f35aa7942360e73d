"""Waiting causes by their definition, microsecond by microsecond, in plain Python: for small integer times only."""

from dataclasses import dataclass
from fractions import Fraction

CAUSES = ("batching", "contention", "prioritisation", "unavailability", "residual", "unattributed")


@dataclass(frozen=True)
class Piece:
    """An instance; `resource` below 0 and None for what is unknown; `ready` only for members of batches."""

    case: int
    resource: int
    enabled: int | None
    started: int | None
    completed: int | None
    ready: int | None = None

    @property
    def wait(self) -> range:
        known = self.enabled is not None and self.started is not None
        return range(self.enabled, self.started) if known else range(0)

    @property
    def key(self) -> int:
        return self.started if self.enabled is None else self.enabled

    def is_under_way(self, instant: int) -> bool:
        known = self.started is not None and self.completed is not None
        return known and self.started <= instant < self.completed


def cause_at(instance: Piece, instant: int, log: list[Piece], limits: dict, duty: dict) -> str:
    """Return the first cause that is true at an instant of the instance's wait."""
    if instance.resource < 0:
        return "unattributed"
    if instance.ready is not None and instant < instance.ready:
        return "batching"
    limit = limits.get(instance.resource, 1)
    working = [other for other in log if other.resource == instance.resource and other.is_under_way(instant)]
    if sum(other.key <= instance.enabled for other in working) >= limit:
        return "contention"
    if len(working) >= limit:
        return "prioritisation"
    if instance.resource not in duty:
        return "unattributed"
    if not any(begin <= instant < end for begin, end in duty[instance.resource]):
        return "unavailability"
    return "residual"


def split(log: list[Piece], limits: dict, duty: dict) -> list[dict[str, int]]:
    """Return the microseconds of each instance's wait by cause."""
    answer = []
    for instance in log:
        found = dict.fromkeys(CAUSES, 0)
        for instant in instance.wait:
            found[cause_at(instance, instant, log, limits, duty)] += 1
        answer.append(found)
    return answer


def in_window(log: list[Piece], windows: list[range | None], limits: dict, duty: dict) -> list[dict[str, int]]:
    """Return the microseconds by cause of the part of each instance's wait that lies in its window."""
    answer = []
    for instance, window in zip(log, windows, strict=True):
        found = dict.fromkeys(CAUSES, 0)
        for instant in instance.wait:
            if window is not None and instant in window:
                found[cause_at(instance, instant, log, limits, duty)] += 1
        answer.append(found)
    return answer


def exact_shares(log: list[Piece], limits: dict, duty: dict) -> list[dict[str, Fraction]]:
    """Return each instance's share of its case by cause, before any rounding."""
    answer = []
    for instance in log:
        found = dict.fromkeys(CAUSES, Fraction(0))
        for instant in instance.wait:
            sharers = sum(other.case == instance.case and instant in other.wait for other in log)
            found[cause_at(instance, instant, log, limits, duty)] += Fraction(1, sharers)
        answer.append(found)
    return answer


def union_of_waits(log: list[Piece], case: int) -> int:
    """Return how many microseconds a case waits."""
    return len({instant for instance in log if instance.case == case for instant in instance.wait})
