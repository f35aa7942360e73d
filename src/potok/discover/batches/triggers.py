"""What may make a batch fire, and whether the firings of a log follow it.

A trigger says from when on a firing is *due*: a number of members has gathered, and the window is open; or the first
of them has waited for so long. A firing *follows* it if, from then on, its resource was not free to begin for longer
than a slack; where a window makes it due, also if it began before that window closed. What is due by several is due
by the first, and follows only if it follows each that had come true.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from potok.discover.batches.firings import Firings
from potok.discover.batches.windows import NEVER, Shares, Window, windows_of
from potok.discover.resource_calendars.work import Flags, Integers

# People who wait for four hours do not wait for four hours to the second.
WAIT_ROOM: Final = 0.05
SIZE_QUANTILES: Final = (0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.85, 0.9, 0.95)
WAIT_QUANTILES: Final = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
# A further condition has to explain so much more, in so many firings more, and not by chance.
LEAST_GAIN: Final = 0.03
LEAST_GAINED: Final = 5
CHANCE: Final = 0.05
# In a window that holds so much of all other work, nothing is begun because of the window.
MOST_BY_CHANCE: Final = 0.7
MOST_FAILURES: Final = 0.5
MOST_TRIED: Final = 6


@dataclass(frozen=True, slots=True)
class Trigger:
    """A rule by which a batch fires: at least `minimum_size` in the window, or `full_size`, or after `wait_us`.

    Parameters
    ----------
    minimum_size
        Members that have to be ready; None where size alone decides nothing.
    window
        In which it has to be; None at any time.
    full_size
        Members at which it fires even outside of the window; None where there is no such number.
    wait_us
        Time since the first enablement after which it fires in any case; None where there is no such time.
    """

    minimum_size: int | None = None
    window: Window | None = None
    full_size: int | None = None
    wait_us: int | None = None

    @property
    def conditions(self) -> int:
        """How many conditions it has."""
        return sum(part is not None for part in (self.minimum_size, self.window, self.full_size, self.wait_us))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the firings of a log say of a trigger.

    Parameters
    ----------
    is_due, is_followed
        (f,) bool: whether it had come true by when the firing began; and whether the firing follows it.
    due_us
        (f,) int64: from when on; `NEVER` where it is not.
    worth
        (f,) float: of those that follow, what that is worth: 1, less the share of all other work that is begun in
        the window, where the window alone makes it follow. In a wide window much lies by chance.
    """

    is_due: Flags
    is_followed: Flags
    due_us: Integers
    worth: Shares

    @property
    def confidence(self) -> float:
        """Share of the firings that were due that follow, 0–1; 0 if none was."""
        return float(self.is_followed.sum() / max(int(self.is_due.sum()), 1))

    @property
    def support(self) -> float:
        """Share of all firings that follow, 0–1; 0 if there are none."""
        return float(self.is_followed.sum() / max(len(self.is_followed), 1))

    @property
    def score(self) -> float:
        """Harmonic mean of both, each firing counted at its worth."""
        return float(2 * self.worth[self.is_followed].sum() / max(int(self.is_due.sum()) + len(self.is_due), 1))


class Judge:
    """Holds triggers against the firings of an activity, each part of them once."""

    def __init__(self, firings: Firings, others: Shares) -> None:
        self.firings, self.others = firings, others
        self._known: dict[Trigger, Verdict] = {}

    def judge(self, trigger: Trigger) -> Verdict:
        """Return what the firings say of a trigger."""
        parts = [self._judge_part(part) for part in _parts(trigger)]
        is_due = np.logical_or.reduce([part.is_due for part in parts])
        is_kept = np.logical_and.reduce([part.is_followed | ~part.is_due for part in parts])
        due = np.minimum.reduce([part.due_us for part in parts])
        worth = np.minimum.reduce([np.where(part.is_due, part.worth, 1.0) for part in parts])
        return Verdict(is_due, is_due & is_kept, due, worth)

    def is_told_from_chance(self, trigger: Trigger, verdict: Verdict) -> bool:
        """Return whether a window says more than that work is begun at its hours anyway."""
        if trigger.window is None:
            return True
        by_chance = self._by_chance(trigger.window)
        failures = int(verdict.is_due.sum() - verdict.is_followed.sum())
        allowed = MOST_FAILURES * (1 - by_chance) * int(verdict.is_due.sum())
        return by_chance <= MOST_BY_CHANCE and failures <= allowed

    def _by_chance(self, window: Window) -> float:
        return float(self.others[window.is_open].sum())

    def _judge_part(self, part: Trigger) -> Verdict:
        if part not in self._known:
            self._known[part] = self._waited(part.wait_us) if part.wait_us is not None else self._gathered(part)
        return self._known[part]

    def _gathered(self, part: Trigger) -> Verdict:
        due, started = self.firings.gathered(part.minimum_size or 1), self.firings.started_us
        if part.window is None:
            return self._verdict(due, due <= started, due >= self.firings.unfree_since_us)
        due = part.window.opens(due)
        is_at_once = due >= self.firings.unfree_since_us
        worth = np.where(is_at_once, 1.0, 1 - self._by_chance(part.window))
        return self._verdict(due, due <= started, is_at_once | (started < part.window.closes(due)), worth)

    def _waited(self, wait_us: int) -> Verdict:
        due, room = self.firings.gathered(1) + wait_us, int(WAIT_ROOM * wait_us)
        is_due = due - room <= self.firings.started_us
        return self._verdict(due, is_due, due + room >= self.firings.unfree_since_us)

    def _verdict(self, due: Integers, is_due: Flags, is_followed: Flags, worth: Shares | None = None) -> Verdict:
        ones = np.ones(len(due)) if worth is None else worth
        return Verdict(is_due, is_due & is_followed, np.where(is_due, due, NEVER), ones)


def _parts(trigger: Trigger) -> Iterator[Trigger]:
    """Yield the parts any of which makes a firing due."""
    if trigger.minimum_size is not None or trigger.window is not None or not trigger.conditions:
        yield Trigger(trigger.minimum_size, trigger.window)
    if trigger.full_size is not None:
        yield Trigger(trigger.full_size)
    if trigger.wait_us is not None:
        yield Trigger(wait_us=trigger.wait_us)


def find_trigger(judge: Judge) -> tuple[Trigger, Verdict]:
    """Find what makes the firings of an activity due; the trigger without conditions if nothing does."""
    best = Trigger(), judge.judge(Trigger())
    for tried in _tried(judge):
        judged = [(trigger, judge.judge(trigger)) for trigger in tried]
        told = [pair for pair in judged if judge.is_told_from_chance(*pair)]
        if told:
            candidate = max(told, key=lambda pair: _rank(pair[1], judge.firings))
            best = candidate if _gains(candidate[1], best[1]) else best
    return _with_fixed_size(best, judge)


def _rank(verdict: Verdict, firings: Firings) -> tuple[float, float]:
    """Return how well a trigger explains; of equals, that which comes true next to the beginning."""
    followed = verdict.is_followed
    lag = float(np.mean(np.abs(firings.started_us[followed] - verdict.due_us[followed]))) if followed.any() else 0.0
    return round(verdict.score, 6), -lag


def _gains(candidate: Verdict, best: Verdict) -> bool:
    """Return whether a trigger explains firings that a simpler one does not, and not by chance."""
    from scipy.special import bdtr

    won = int((candidate.is_followed & ~best.is_followed).sum())
    lost = int((best.is_followed & ~candidate.is_followed).sum())
    if won - lost < LEAST_GAINED or candidate.score < best.score + LEAST_GAIN:
        return False
    return bool(bdtr(lost, won + lost, 0.5) <= CHANCE)


def _tried(judge: Judge) -> Iterator[list[Trigger]]:
    """Yield the triggers to be tried, by the number of their conditions."""
    firings = judge.firings
    sizes, waits = _sizes(firings.size), _waits(firings.started_us - firings.gathered(1))
    windows = list(windows_of(firings.started_us))
    single = [*(Trigger(k) for k in sizes), *(Trigger(window=w) for w in windows), *(Trigger(wait_us=t) for t in waits)]
    yield single
    timed = [Trigger(k, w) for k in sizes for w in windows]
    full = [Trigger(window=w, full_size=k) for k in sizes for w in windows]
    yield [*timed, *full, *(replace(one, wait_us=t) for one in single if one.wait_us is None for t in waits)]
    # With a third condition only where two of them come near.
    near = [*_nearest(judge, timed), *_nearest(judge, full)]
    yield [replace(one, wait_us=t) for one in near for t in waits]


def _nearest(judge: Judge, triggers: Sequence[Trigger]) -> list[Trigger]:
    return sorted(triggers, key=lambda one: _rank(judge.judge(one), judge.firings), reverse=True)[:MOST_TRIED]


def _sizes(size: Integers) -> list[int]:
    usual = int(np.argmax(np.bincount(size)))
    return sorted({usual, *np.quantile(size, SIZE_QUANTILES, method="lower").tolist()} - {0, 1})


def _waits(waited: Integers) -> list[int]:
    """Return times to be tried: where most waits lie close together, and some quantiles."""
    ordered = np.sort(waited[waited > 0])
    if not len(ordered):
        return []
    until = np.searchsorted(ordered, ordered * (1 + WAIT_ROOM), side="right")
    densest = int(ordered[np.argmax(until - np.arange(len(ordered)))])
    return sorted({densest, *np.quantile(ordered, WAIT_QUANTILES, method="lower").tolist()})


# In so many firings the size has to be the same to be called fixed; and so much may the trigger lose by it.
FIXED_SHARE: Final = 0.9
MOST_LOST: Final = 0.02


def _with_fixed_size(found: tuple[Trigger, Verdict], judge: Judge) -> tuple[Trigger, Verdict]:
    """Add a size to a window if firings are hardly ever of another."""
    trigger, verdict = found
    counts = np.bincount(judge.firings.size, minlength=2)
    usual = int(np.argmax(counts))
    is_fixed = usual > 1 and counts[usual] >= FIXED_SHARE * len(judge.firings)
    if trigger.window is None or trigger.minimum_size is not None or trigger.full_size is not None or not is_fixed:
        return found
    sized = replace(trigger, minimum_size=usual)
    judged = judge.judge(sized)
    return (sized, judged) if judged.score >= verdict.score - MOST_LOST else found
