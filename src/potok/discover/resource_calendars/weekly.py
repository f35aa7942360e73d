"""The weekly hours of one resource, or of several as one, from the slots in which they were seen.

After the discovery of resource calendars by López-Pintado and Dumas: the *confidence* of a slot of the week is the
share, of the dates of that weekday on which the resource was seen at all, on which it was seen in that slot; the
*support* of a calendar is the share of starts and completions that lie in it. Four things are added. A slot in which
work is completed but hardly ever begun is none of duty: people stay to finish. A slot is taken as well if it may be
empty by chance alone: a slot of its pool's hours, or without a pool one between two others. The first and the last hour
of a day are cut to where anything was ever seen in them (of the pool, if there is one). And a slot counts only beside
what is usual for the resource: an hour of overtime in every tenth week does not make an hour of duty in all the others.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.calendars.spans import Span, Spans
from potok.discover.resource_calendars.evidence import DAY_MINUTES, Evidence
from potok.discover.resource_calendars.work import Flags, Integers
from potok.measure.local_time import DAYS_A_WEEK, FIRST_WEEKDAY

DEFAULT_GRANULARITY_MINUTES: Final = 60
DEFAULT_CONFIDENCE: Final = 0.1
DEFAULT_SUPPORT: Final = 0.7
# A slot is one of duty if it is seen at least this often beside the slots that are seen most.
RELATIVE_CONFIDENCE: Final = 0.25
# Of starts and completions, starts are about a half; where they are significantly less than this, nobody begins work.
LEAST_STARTS: Final = 0.2
# A slot is thought empty by chance if so few sightings are at least so likely; a week has many slots to err in.
CHANCE: Final = 0.001
EDGE_MINUTES: Final = 5

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WeeklyRules:
    """What makes a slot of the week one of duty.

    Parameters
    ----------
    granularity_minutes
        Length of a slot; divides a day.
    minimum_confidence
        Share of a weekday's dates, 0–1.
    minimum_support
        Share of starts and completions that a calendar has to hold, 0–1.
    minimum_days
        Distinct days on which a resource has to be seen for a calendar of its own.
    minimum_events
        Starts and completions that it has to have.
    """

    granularity_minutes: int = DEFAULT_GRANULARITY_MINUTES
    minimum_confidence: float = DEFAULT_CONFIDENCE
    minimum_support: float = DEFAULT_SUPPORT
    minimum_days: int = 10
    minimum_events: int = 100

    def __post_init__(self) -> None:
        if self.granularity_minutes < 1 or DAY_MINUTES % self.granularity_minutes:
            raise ValueError(f"granularity_minutes must divide a day of 1440 minutes, not {self.granularity_minutes}")


@dataclass(frozen=True, slots=True)
class Frame:
    """What of a week is thought of when a slot is called empty by chance.

    Parameters
    ----------
    on_duty
        (7, slots) bool: slots of duty of the pool.
    is_begun
        (slots,) bool: slots of the day in which work is begun, and not only completed.
    event_share
        (7, slots) float: how the starts and completions of the pool are spread over the week, adding up to 1.
    first_minute, last_minute
        (slots,) int64: between which minutes of the day a slot was ever used.
    """

    on_duty: Flags
    is_begun: Flags
    event_share: Shares
    first_minute: Integers
    last_minute: Integers


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Hours of duty from Monday to Sunday.

    Parameters
    ----------
    weekly
        Spans of minutes of each weekday's local clock.
    confidence
        Mean confidence of the slots of duty, 0–1; 0 without any.
    support
        Share of starts and completions in them, 0–1.
    events
        Starts and completions seen.
    days
        Distinct days on which anything was seen.
    expected
        (7,) float: sightings (distinct slots) to be expected on a day of duty, by weekday.
    frame
        The hours as a frame for those of a member.
    """

    weekly: tuple[Spans, ...]
    confidence: float
    support: float
    events: int
    days: int
    expected: tuple[float, ...]
    frame: Frame


def discover_weekly_hours(
    evidence: Evidence, rows: Integers, rules: WeeklyRules, *, frame: Frame | None = None
) -> WeeklyHours:
    """Discover the weekly hours behind some rows of evidence, taken as those of one worker.

    Parameters
    ----------
    rows
        (n,) int64: rows of the evidence.
    frame
        Of the pool that the worker belongs to.
    """
    day, slot, weekday = evidence.day[rows], evidence.slot[rows], evidence.weekday(rows)
    slots = evidence.slots
    # Of a pool, several members may be seen in a slot of the same day.
    seen = np.unique(day * slots + slot)
    place = (seen // slots + FIRST_WEEKDAY) % DAYS_A_WEEK * slots + seen % slots
    sightings = np.bincount(place, minlength=DAYS_A_WEEK * slots).reshape(DAYS_A_WEEK, slots)
    days = np.unique(day)
    dates = np.bincount((days + FIRST_WEEKDAY) % DAYS_A_WEEK, minlength=DAYS_A_WEEK)
    confidence = sightings / np.maximum(dates, 1)[:, np.newaxis]
    is_begun, is_ever_begun = _begun(evidence, rows)
    if frame is not None:
        is_begun &= frame.is_begun
    on_duty = _on_duty(confidence, sightings, rules) & is_begun & is_ever_begun
    spread = np.zeros((DAYS_A_WEEK, slots))
    np.add.at(spread, (weekday, slot), evidence.events[rows])
    events = int(spread.sum())
    may_be_empty = _is_empty_by_chance(sightings, dates, _usual_confidence(confidence, sightings))
    if frame is None:
        on_duty |= _inner(on_duty) & is_begun & may_be_empty
    else:
        may_be_empty |= _is_poor_by_chance(spread, frame.event_share)
        on_duty |= frame.on_duty & is_begun & may_be_empty
    held = on_duty[weekday, slot]
    edges = _edges(evidence, rows, on_duty) if frame is None else (frame.first_minute, frame.last_minute)
    return WeeklyHours(
        weekly=tuple(
            _day_spans(on_duty[number], *edges, evidence.granularity_minutes) for number in range(DAYS_A_WEEK)
        ),
        confidence=float(confidence[on_duty].mean()) if on_duty.any() else 0.0,
        support=float(evidence.events[rows][held].sum() / events) if events else 0.0,
        events=events,
        days=len(days),
        expected=tuple((confidence * on_duty).sum(axis=1).tolist()),
        frame=Frame(on_duty, is_begun, spread / max(events, 1), *edges),
    )


def _on_duty(confidence: Shares, sightings: Integers, rules: WeeklyRules) -> Flags:
    """Return which slots, (7, slots), are of duty by their confidence."""
    usual = _usual_confidence(confidence, sightings)
    return np.asarray(confidence >= max(rules.minimum_confidence, RELATIVE_CONFIDENCE * usual))


def _begun(evidence: Evidence, rows: Integers) -> tuple[Flags, Flags]:
    """Return in which slots of the day, (slots,), starts are not too few among starts and completions, or any."""
    from scipy.stats import binom

    events, starts = (
        np.bincount(evidence.slot[rows], weights=counts[rows], minlength=evidence.slots)
        for counts in (evidence.events, evidence.starts)
    )
    return np.asarray(binom.cdf(starts, events, LEAST_STARTS) > CHANCE), np.asarray(starts > 0)


def _usual_confidence(confidence: Shares, sightings: Integers) -> float:
    """Return the confidence of the slot in which the middle sighting lies, slots in order of their confidence."""
    if not sightings.any():
        return 0.0
    order = np.argsort(confidence, axis=None)
    passed = np.cumsum(sightings.ravel()[order])
    return float(confidence.ravel()[order][np.searchsorted(passed, passed[-1] / 2)])


def _inner(on_duty: Flags) -> Flags:
    """Return the slots from the first to the last of each day."""
    begun = np.logical_or.accumulate(on_duty, axis=1)
    ended = np.logical_or.accumulate(on_duty[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(begun & ended)


def _is_empty_by_chance(sightings: Integers, dates: Integers, usual: float) -> Flags:
    """Return which slots are no emptier than chance may leave those that are used as usual."""
    from scipy.stats import binom

    chance = binom.cdf(sightings, dates[:, np.newaxis], min(usual, 1.0))
    return np.asarray((dates > 0)[:, np.newaxis] & (chance > CHANCE))


def _is_poor_by_chance(events: Shares, share: Shares) -> Flags:
    """Return which slots have no fewer events than chance may leave to one whose events are spread as the pool's."""
    from scipy.stats import poisson

    return np.asarray(poisson.cdf(events, events.sum() * share) > CHANCE)


def _edges(evidence: Evidence, rows: Integers, on_duty: Flags) -> tuple[Integers, Integers]:
    """Return the first and the last minute ever seen in each slot of the day (of its duty hours), rounded outwards."""
    slots, granularity = evidence.slots, evidence.granularity_minutes
    held = on_duty[evidence.weekday(rows), evidence.slot[rows]]
    slot = evidence.slot[rows][held]
    first = (np.arange(slots) + 1) * granularity
    last = np.arange(slots) * granularity
    np.minimum.at(first, slot, evidence.first_minute[rows][held])
    np.maximum.at(last, slot, evidence.last_minute[rows][held] + 1)
    return first // EDGE_MINUTES * EDGE_MINUTES, -(-last // EDGE_MINUTES) * EDGE_MINUTES


def _day_spans(on_duty: Flags, first: Integers, last: Integers, granularity: int) -> Spans:
    """Return the spans of a day; each begins and ends where something was seen in its first and last slot."""
    bounds = np.flatnonzero(np.diff(np.concatenate([[False], on_duty, [False]])))
    spans: list[Span] = []
    for opened, closed in bounds.reshape(-1, 2).tolist():
        start = max(int(first[opened]), opened * granularity)
        end = min(int(last[closed - 1]), closed * granularity)
        if start < end:
            spans.append((start, end))
    return tuple(spans)
