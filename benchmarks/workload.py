"""The benchmark's log: permit handling with known structure, drawn vectorised.

Twelve activities, two loops (missing documents, returned draft), five departments, two hundred resources, start and end
of every event, five case attributes, cases still open at the end of the window, a Friday batch. Times are drawn in
working seconds (Monday to Friday, 08:00–17:00) and then laid on the calendar.

The order of the draws is part of the definition: published figures and digests belong to exactly these logs (seeds 7
and 11). Changing it makes every earlier figure incomparable.
"""

from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

ACTIVITIES: Final = (
    "Submit application",
    "Register application",
    "Check completeness",
    "Request documents",
    "Receive documents",
    "Technical review",
    "Legal review",
    "Site visit",
    "Draft decision",
    "Approve decision",
    "Send decision",
    "Archive case",
)
SUBMIT, REGISTER, CHECK, REQUEST, RECEIVE, TECHNICAL, LEGAL, VISIT, DRAFT, APPROVE, SEND, ARCHIVE = range(12)

DEPARTMENTS: Final = ("Front office", "Registry", "Technical", "Legal", "Management")
DEPARTMENT_OF: Final = np.array([0, 1, 1, 1, 0, 2, 3, 2, 3, 4, 1, 1])
MEAN_MINUTES: Final = np.array([5, 10, 20, 8, 5, 55, 45, 90, 40, 12, 6, 4], float)
MEAN_WAITING_HOURS: Final = np.array([0, 4, 9, 3, 70, 22, 26, 40, 12, 14, 6, 10], float)
RESOURCES: Final = 200
RESOURCES_PER_DEPARTMENT: Final = RESOURCES // len(DEPARTMENTS)

WORKING_DAY: Final = 9 * 3600
WORKING_WEEK: Final = 5 * WORKING_DAY
FRIDAY_BATCH: Final = 4 * WORKING_DAY + 6 * 3600
FIRST_MORNING: Final = np.datetime64("2022-01-03T08:00:00", "s").astype(np.int64)  # a Monday

MEAN_EVENTS_PER_CASE: Final = 10.55
SEED: Final = 7
LONG_WINDOW_FROM: Final = 2_000_000
"""Logs with more events than this spread over ten years instead of three."""

TECHNICAL_DONE, LEGAL_DONE, VISIT_DONE = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Events:
    """Columns of events, sorted by case and start; instants in working seconds since the first morning."""

    case: NDArray[np.int64]
    activity: NDArray[np.int8]
    resource: NDArray[np.int32]
    start: NDArray[np.int64]
    end: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64] | slice) -> Self:
        """Return the events at some rows."""
        return type(self)(*(getattr(self, column.name)[rows] for column in fields(self)))


@dataclass(slots=True)
class Walkers:
    """Cases on their way, one row each: their next activity, since when it is due, and their history."""

    case: NDArray[np.int64]
    activity: NDArray[np.int8]
    due: NDArray[np.int64]
    kind: NDArray[np.int64]
    loops: NDArray[np.int8]
    redrafts: NDArray[np.int8]
    done: NDArray[np.int8]

    def take(self, rows: NDArray[np.bool_]) -> Self:
        """Return the cases at some rows."""
        return type(self)(*(getattr(self, column.name)[rows] for column in fields(self)))


def generate(events: int, *, seed: int = SEED, years: int | None = None) -> Events:
    """Draw the log with exactly `events` events.

    Parameters
    ----------
    events
        Number of events; the last case may be cut off.
    seed
        Seed of all draws.
    years
        Length of the window; by default three, or ten for a log of more than `LONG_WINDOW_FROM` events.
    """
    generator = np.random.default_rng(seed)
    horizon = (years or (3 if events <= LONG_WINDOW_FROM else 10)) * 260 * WORKING_DAY
    cases = int(events / MEAN_EVENTS_PER_CASE) + 50
    while True:
        drawn = _walk(cases, horizon=horizon, generator=generator)
        if drawn.case.size >= events:
            return drawn.take(slice(events))
        cases = int(cases * 1.05)


def microseconds(working: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lay working seconds on the calendar: microseconds since the Unix epoch."""
    day, second = np.divmod(working, WORKING_DAY)
    week, weekday = np.divmod(day, 5)
    laid: NDArray[np.int64] = (FIRST_MORNING + (week * 7 + weekday) * 86_400 + second) * 1_000_000
    return laid


def _walk(cases: int, *, horizon: int, generator: np.random.Generator) -> Events:
    """Let all cases walk at once, one activity per round, until none is left."""
    walkers = _arrive(cases, horizon=horizon, generator=generator)
    rounds: list[Events] = []
    while walkers.case.size:
        happened = _perform(walkers, generator=generator)
        seen = happened.start < horizon
        rounds.append(happened.take(seen))
        following = _route(walkers, generator=generator)
        goes_on = seen & (following >= 0)
        walkers.activity, walkers.due = following, happened.end
        walkers = walkers.take(goes_on)
    columns = {column.name: np.concatenate([getattr(one, column.name) for one in rounds]) for column in fields(Events)}
    rounds.clear()
    return Events(**columns).take(np.lexsort((columns["start"], columns["case"])))


def _arrive(cases: int, *, horizon: int, generator: np.random.Generator) -> Walkers:
    due = np.sort(generator.integers(0, horizon, cases)).astype(np.int64)
    kind = generator.choice(6, cases, p=[0.35, 0.25, 0.15, 0.12, 0.08, 0.05])
    none = np.zeros(cases, np.int8)
    return Walkers(np.arange(cases), none, due, kind, none.copy(), none.copy(), none.copy())


def _perform(walkers: Walkers, *, generator: np.random.Generator) -> Events:
    """Draw start, end and resource of every case's next activity."""
    activity, count = walkers.activity, walkers.case.size
    waiting = generator.exponential(1.0, count) * MEAN_WAITING_HOURS[activity] * 3600
    start = walkers.due + waiting.astype(np.int64)
    archived = activity == ARCHIVE
    if archived.any():
        start[archived] = _next_batch(start[archived], due=walkers.due[archived], generator=generator)
    spread = generator.lognormal(-0.32, 0.8, count)
    end = start + (spread * MEAN_MINUTES[activity] * 60).astype(np.int64) + 30
    first = DEPARTMENT_OF[activity].astype(np.int32) * np.int32(RESOURCES_PER_DEPARTMENT)
    place = generator.choice(RESOURCES_PER_DEPARTMENT, count, p=_resource_shares())
    return Events(walkers.case, activity, first + place.astype(np.int32), start, end)


def _resource_shares() -> NDArray[np.float64]:
    weights = 1 / np.arange(1, RESOURCES_PER_DEPARTMENT + 1) ** 0.5
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def _next_batch(
    start: NDArray[np.int64], *, due: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.int64]:
    """Move archiving to the Friday batch of its week, or of the next if that has passed."""
    friday = start // WORKING_WEEK * WORKING_WEEK + FRIDAY_BATCH + generator.integers(0, 1800, start.size)
    return np.where(friday < due, friday + WORKING_WEEK, friday)


def _route(walkers: Walkers, *, generator: np.random.Generator) -> NDArray[np.int8]:
    """Return every case's activity after the present one, -1 at its end; histories are brought up to date."""
    activity = walkers.activity
    chance = generator.random(activity.size)
    following = np.full(activity.size, -1, np.int8)
    following[activity == SUBMIT] = REGISTER
    following[activity == REGISTER] = CHECK
    _route_checks(walkers, following=following, chance=chance, generator=generator)
    _route_reviews(walkers, following=following, chance=chance)
    following[activity == DRAFT] = APPROVE
    approved = activity == APPROVE
    back = approved & (chance < np.where(walkers.redrafts == 0, 0.2, 0.12))
    following[approved] = SEND
    following[back] = DRAFT
    walkers.redrafts[back] += 1
    following[activity == SEND] = ARCHIVE
    return following


def _route_checks(
    walkers: Walkers, *, following: NDArray[np.int8], chance: NDArray[np.float64], generator: np.random.Generator
) -> None:
    activity = walkers.activity
    checked = activity == CHECK
    missing = checked & (chance < np.where(walkers.loops == 0, 0.32, 0.18))
    following[missing] = REQUEST
    complete = checked & ~missing
    following[complete] = np.where(generator.random(activity.size) < 0.5, TECHNICAL, LEGAL)[complete]
    following[complete & (walkers.kind == 0) & (chance > 0.6)] = DRAFT  # simple cases skip the reviews
    requested = activity == REQUEST
    following[requested] = np.where(chance[requested] < 0.06, ARCHIVE, RECEIVE)  # 6 % are withdrawn
    received = activity == RECEIVE
    following[received] = CHECK
    walkers.loops[received] += 1


def _route_reviews(walkers: Walkers, *, following: NDArray[np.int8], chance: NDArray[np.float64]) -> None:
    activity, done = walkers.activity, walkers.done
    for review, flag in ((TECHNICAL, TECHNICAL_DONE), (LEGAL, LEGAL_DONE), (VISIT, VISIT_DONE)):
        done[activity == review] |= flag
    reviewed = (activity == TECHNICAL) | (activity == LEGAL) | (activity == VISIT)
    has_technical, has_legal = done[reviewed] & TECHNICAL_DONE, done[reviewed] & LEGAL_DONE
    following[reviewed] = np.where(has_technical == 0, TECHNICAL, np.where(has_legal == 0, LEGAL, DRAFT))
    may_visit = (done & VISIT_DONE == 0) & (done & TECHNICAL_DONE == TECHNICAL_DONE)
    following[reviewed & may_visit & (chance < 0.22)] = VISIT
