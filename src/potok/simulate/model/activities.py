"""What is done in a process, how long it takes, and what it waits for."""

from dataclasses import dataclass
from enum import StrEnum

from potok.simulate.model.distributions import Distribution


class Discipline(StrEnum):
    """Which of the waiting instances a free person takes first.

    The earliest ready; that of the case type with the lowest `priority`, then the earliest ready; or that of the case
    due earliest.
    """

    FIFO = "fifo"
    PRIORITY = "priority"
    EARLIEST_DUE = "earliest_due"


class LoadResponse(StrEnum):
    """What an extraneous delay does when the load changes: nothing, or it grows with it, or nobody knows."""

    FIXED = "fixed"
    PROPORTIONAL = "proportional"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ExtraneousDelay:
    """Waiting before an activity that neither people nor hours explain; it passes in any time, on duty or off.

    Parameters
    ----------
    delay
        How long, of those delayed.
    share
        Of the instances, 0–1, that are delayed.
    load_response
        What it does when the load changes.
    """

    delay: Distribution
    share: float = 1.0
    load_response: LoadResponse = LoadResponse.UNKNOWN


@dataclass(frozen=True, slots=True)
class Batching:
    """Instances are collected, and taken by one person together.

    A batch becomes ready when the first of these holds: it has `minimum_size` members; its first member has waited for
    `maximum_wait_seconds` (0: never); the clock shows one of `fires_at`.

    Parameters
    ----------
    minimum_size
        0: size never fires it.
    maximum_size
        More members than this make several batches; 0: no limit.
    maximum_wait_seconds
        From the first member's readiness; 0: no limit.
    fires_at
        Weekday (0 is Monday) and minute of the local day.
    is_concurrent
        Whether members are done at the same time, each for as long as the whole batch takes; else one after another.
    size_factors
        (size, factor): from that size on, the batch's whole work is the sum (or, concurrent, the mean) of its members'
        durations times the factor; ascending sizes.
    """

    minimum_size: int = 0
    maximum_size: int = 0
    maximum_wait_seconds: float = 0.0
    fires_at: tuple[tuple[int, int], ...] = ()
    is_concurrent: bool = False
    size_factors: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ModelActivity:
    """An activity.

    Parameters
    ----------
    name
        As in the log.
    duration
        Time of work, net of what `pauses` leaves out; a person's own distribution (`Person.durations`) goes before it.
    is_automatic
        Whether no person is needed: it starts at once, at any hour, however many there are.
    pauses
        Whether work stops when the person's hours end and goes on when they begin again; else what was begun within
        hours is finished beyond them.
    delay
        Extraneous delay; None: none.
    batching
        None: each instance is taken on its own.
    discipline
        Who goes first.
    cost
        Per execution, in the currency of the model.
    applicant_seconds
        Time the applicant spends on each execution.
    is_logged
        Whether its instances are written into the log.
    """

    name: str
    duration: Distribution
    is_automatic: bool = False
    pauses: bool = True
    delay: ExtraneousDelay | None = None
    batching: Batching | None = None
    discipline: Discipline = Discipline.FIFO
    cost: float = 0.0
    applicant_seconds: float = 0.0
    is_logged: bool = True


@dataclass(frozen=True, slots=True)
class Consequence:
    """What an activity prevents.

    Parameters
    ----------
    indicator
        Name of the quality indicator, such as ``reversed``.
    activity
        The activity that prevents it.
    share_with, share_without
        Share of cases in which it happens, with the activity done and left out, 0–1; counted over the cases that came
        to it.
    """

    indicator: str
    activity: str
    share_with: float
    share_without: float
