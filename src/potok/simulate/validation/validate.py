"""Holding a model against what came after the log that it was learnt from.

A log is split in time: the model is learnt as if the log had been extracted on the day of the split, so with cases that
are open then, and simulates from that day on, beginning with those. What it predicts is compared with the cases that
were opened later. Two yardsticks stand beside: how far the earlier log itself lies from the later one (no model of the
past does better than its own sampling allows), and how far a log of whole earlier cases lies that begin when the later
ones truly did.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.language import gettext as _
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.simulate.discovery import (
    DiscoveredModel,
    LearningSettings,
    TooFewCasesError,
    discover_model,
)
from potok.simulate.kernel import compile_model, simulate
from potok.simulate.validation.distances import Distances, TimedLog, log_distances
from potok.simulate.validation.logs import (
    case_starts,
    fetch_timed_log,
    resample_cases,
    simulated_timed_log,
    take_cases,
)

DEFAULT_REPLICATIONS: Final = 10
DEFAULT_TRAIN_SHARE: Final = 0.5
_AHEAD: Final = 3


@dataclass(frozen=True, slots=True)
class Validation:
    """How closely a model repeats a log that it was not learnt from.

    Parameters
    ----------
    simulated
        Mean distances of simulated logs from the later log.
    replications
        The distances of each.
    sampling_floor
        Of the earlier log from the later one, both moved to begin at one instant for `aed` and `car`.
    resampled
        Mean distances of logs of earlier cases that begin when the later ones did.
    train_cases, test_cases
        Cases learnt from, and held against.
    discovered
        The model.
    """

    simulated: Distances
    replications: tuple[Distances, ...]
    sampling_floor: Distances
    resampled: Distances
    train_cases: int
    test_cases: int
    discovered: DiscoveredModel


def validate(
    train: LogStore,
    test: LogStore | None = None,
    *,
    train_share: float = DEFAULT_TRAIN_SHARE,
    replications: int = DEFAULT_REPLICATIONS,
    seed: int = 0,
    settings: LearningSettings | None = None,
    engine: Engine | None = None,
) -> Validation:
    """Learn a model from earlier cases and hold it against later ones.

    Parameters
    ----------
    test
        The later log; None: `train` is split.
    train_share
        Share of the cases, in the order of their opening, that lie before the split, over 0, under 1.
    replications
        Simulated logs.

    Raises
    ------
    ValueError
        If a share or number is out of its range.
    TooFewCasesError
        If either part has too few cases.
    """
    if not 0 < train_share < 1 or replications < 1:
        raise ValueError(
            f"train_share must be over 0 and under 1, replications over 0, not {train_share}, {replications}"
        )
    names: list[str] = []
    earlier = fetch_timed_log(train, names, engine=engine)
    until = None
    if test is None:
        earlier, later, until = _split(earlier, train_share)
    else:
        later = fetch_timed_log(test, names, engine=engine)
    if not len(later):
        raise TooFewCasesError(
            _("No case begins after the split."), remedy=_("Split the log earlier, or use a longer one.")
        )
    discovered = discover_model(train, until_us=until, settings=settings, engine=engine)
    runs = _runs(discovered, later, replications, seed, is_continued=test is None)
    zone = discovered.model.zone
    distances = tuple(log_distances(later, run, zone=zone) for run in runs)
    starts = np.sort(case_starts(later)[1])
    drawn = [resample_cases(earlier, starts, np.random.default_rng([seed, run])) for run in range(replications)]
    return Validation(
        simulated=Distances.mean_of(distances),
        replications=distances,
        sampling_floor=log_distances(later, _moved(earlier, int(starts[0])), zone=zone),
        resampled=Distances.mean_of(tuple(log_distances(later, one, zone=zone) for one in drawn)),
        train_cases=len(np.unique(earlier.case)),
        test_cases=len(starts),
        discovered=discovered,
    )


def _split(log: TimedLog, share: float) -> tuple[TimedLog, TimedLog, int]:
    """Return what was completed before an instant, the cases that begin after it, and the instant."""
    cases, first = case_starts(log)
    until = int(np.quantile(first, share))
    begun = first[np.searchsorted(cases, log.case)]
    return take_cases(log, log.completed_us <= until), take_cases(log, begun > until), until


def _runs(
    discovered: DiscoveredModel, later: TimedLog, replications: int, seed: int, *, is_continued: bool
) -> list[TimedLog]:
    """Return simulated logs of as many new cases as the later log has, which begin when it does."""
    starts = case_starts(later)[1]
    span = int(later.completed_us.max() - starts.min())
    begin = discovered.history.extracted_us if is_continued else int(starts.min())
    compiled = compile_model(discovered.model, start_us=begin, end_us=begin + _AHEAD * span, cases=len(starts))
    opened = discovered.open_cases if is_continued else None
    runs = []
    for number in range(replications):
        log = simulate(compiled, seed=seed, replication=number, initial=opened)
        known = len(opened) if opened is not None else 0
        runs.append(simulated_timed_log(log, first_case=known))
    return runs


def _moved(log: TimedLog, start_us: int) -> TimedLog:
    shift = start_us - int(log.started_us.min())
    return TimedLog(log.case, log.activity, log.started_us + shift, log.completed_us + shift)
