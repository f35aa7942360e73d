"""Logs as the distances see them: from a store, from a simulation, and drawn from the cases of another log."""

import numpy as np

from potok.discover.instance_arrays import fetch_instances, join_instances
from potok.discover.resource_calendars.work import UNKNOWN
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.simulate.discovery.history import dictionary_labels
from potok.simulate.kernel import SimulatedLog
from potok.simulate.validation.distances import Integers, TimedLog


def fetch_timed_log(store: LogStore, names: list[str], *, engine: Engine | None = None) -> TimedLog:
    """Fetch a log; instances never completed are left out, and one without a start begins when it ends.

    Parameters
    ----------
    names
        Activities in the order of their codes; those of the log that are missing are added to the list.
    """
    held = join_instances(list(fetch_instances(store, engine=engine)))
    labels = dictionary_labels(store, "activities", "activity")
    names += [label for label in labels if label not in names]
    codes = np.array([names.index(label) for label in labels], dtype=np.int64)
    held = held.take(np.flatnonzero(held.completed_us != UNKNOWN))
    started = np.where(held.started_us == UNKNOWN, held.completed_us, held.started_us)
    return TimedLog(held.case, codes[held.activity], started, held.completed_us)


def simulated_timed_log(log: SimulatedLog, *, first_case: int = 0, cases: int | None = None) -> TimedLog:
    """Return what was done in a simulation.

    Parameters
    ----------
    first_case, cases
        From which case on, and how many at most; all by default.
    """
    case = np.repeat(np.arange(len(log.first_row) - 1), np.diff(log.first_row))
    last = len(log.first_row) if cases is None else first_case + cases
    rows = np.flatnonzero((log.completed_us != UNKNOWN) & (case >= first_case) & (case < last))
    return TimedLog(case[rows], log.activity[rows].astype(np.int64), log.started_us[rows], log.completed_us[rows])


def resample_cases(log: TimedLog, starts_us: Integers, generator: np.random.Generator) -> TimedLog:
    """Return a log of whole cases of another, drawn with replacement and moved to given starts.

    What repeats cases as they were knows neither queues nor changes, and is hard to beat on distances.
    """
    order = np.lexsort((log.started_us, log.case))
    case = log.case[order]
    begins = np.flatnonzero(np.diff(case, prepend=case[0] - 1))
    sizes = np.diff(np.append(begins, len(case)))
    drawn = generator.integers(len(begins), size=len(starts_us))
    rows = order[_runs(begins[drawn], sizes[drawn])]
    number = np.repeat(np.arange(len(starts_us)), sizes[drawn])
    shift = (starts_us - log.started_us[order[begins[drawn]]])[number]
    return TimedLog(number, log.activity[rows], log.started_us[rows] + shift, log.completed_us[rows] + shift)


def take_cases(log: TimedLog, is_taken: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> TimedLog:
    """Return the rows that are marked."""
    return TimedLog(log.case[is_taken], log.activity[is_taken], log.started_us[is_taken], log.completed_us[is_taken])


def case_starts(log: TimedLog) -> tuple[Integers, Integers]:
    """Return the cases of a log, and the first start of each."""
    codes, place = np.unique(log.case, return_inverse=True)
    first = np.full(len(codes), np.iinfo(np.int64).max)
    np.minimum.at(first, place.reshape(-1), log.started_us)
    return codes, first


def _runs(begins: Integers, sizes: Integers) -> Integers:
    """Return whole numbers from each beginning on, so many each."""
    if not len(sizes):
        return np.zeros(0, np.int64)
    return np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes - begins, sizes)
