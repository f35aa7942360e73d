"""One row per timely case, fetched: what estimates that take open cases into account are made of."""

from dataclasses import dataclass

import ibis
import numpy as np
from numpy.typing import NDArray

from potok.core.calendars import Calendar
from potok.engine.base import Engine
from potok.engine.tables import CASES
from potok.log.mapping import ExtractionKind
from potok.log.store import LogStore
from potok.measure.case_groups import NO_GROUPS, CaseGroups
from potok.measure.case_times import timely
from potok.measure.running import fetch
from potok.measure.sampling import Sampling

Instants = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CaseRows:
    """Timely cases under observation.

    Parameters
    ----------
    opened_us, left_us, watched_us
        Shape (n,): opening; closing or extraction; since when the case was watched, not before its opening.
    is_closed
        Shape (n,): whether `left_us` is a closing.
    followed_us
        Shape (n,): the extraction, up to which each case could have been followed.
    groups
        Shape (n,): place in `labels`.
    labels
        The group's label; None where the column is empty.
    unwatched_cases
        Timely cases closed before they came under observation, left out.
    """

    opened_us: Instants
    left_us: Instants
    watched_us: Instants
    followed_us: Instants
    is_closed: Flags
    groups: Instants
    labels: tuple[str | None, ...]
    unwatched_cases: int


@dataclass(frozen=True, slots=True)
class ClockedRows:
    """The same cases on one clock, from their opening, in microseconds.

    Parameters
    ----------
    durations_us, entry_us, follow_up_us
        Shape (n,): opening to closing or extraction; opening to coming under observation; opening to extraction.
    is_closed, groups
        Shape (n,), as in `CaseRows`.
    """

    durations_us: Instants
    entry_us: Instants
    follow_up_us: Instants
    is_closed: Flags
    groups: Instants

    def where(self, chosen: Flags) -> "ClockedRows":
        """Return some of the cases."""
        return ClockedRows(
            self.durations_us[chosen],
            self.entry_us[chosen],
            self.follow_up_us[chosen],
            self.is_closed[chosen],
            self.groups[chosen],
        )


def case_rows(cases: ibis.Table, groups: CaseGroups) -> ibis.Table:
    """Return one row per case of `potok.measure.case_times.timely`: `opened_us`, `ended_us`, `label`."""
    return groups.labelled(cases).select("opened_us", "ended_us", "label")


def read_case_rows(
    store: LogStore,
    *,
    sampling: Sampling,
    groups: CaseGroups = NO_GROUPS,
    engine: Engine | None,
) -> CaseRows:
    """Fetch the timely cases under observation."""
    extracted_us = store.extracted_us
    wanted = case_rows(timely(CASES, extracted_us=extracted_us), groups)
    answer = fetch(wanted, store, engine, given=groups.given)
    opened = answer["opened_us"].to_numpy()
    is_closed = answer["ended_us"].is_valid().to_numpy()
    left = answer["ended_us"].fill_null(extracted_us).to_numpy()
    labels = answer["label"].unique().to_pylist()
    coded = answer["label"].combine_chunks().dictionary_encode()
    known = coded.dictionary.to_pylist()
    codes = coded.indices.fill_null(len(known)).to_numpy(zero_copy_only=False).astype(np.int64)
    watched = opened
    if sampling.kind is ExtractionKind.ACTIVE and sampling.watched_from_us is not None:
        watched = np.maximum(opened, sampling.watched_from_us)
    is_seen = (watched == opened) | (left > watched)
    return CaseRows(
        opened_us=opened[is_seen],
        left_us=left[is_seen],
        watched_us=watched[is_seen],
        followed_us=np.full(int(is_seen.sum()), extracted_us, np.int64),
        is_closed=is_closed[is_seen],
        groups=codes[is_seen],
        labels=(*known, None) if None in labels else tuple(known),
        unwatched_cases=int(np.count_nonzero(~is_seen)),
    )


def clock_rows(rows: CaseRows, calendar: Calendar | None) -> ClockedRows:
    """Measure cases in calendar time, or in the working time of a calendar.

    A case that came under observation and left it without any working time between has not been seen on that clock,
    and is left out.

    Raises
    ------
    YearNotCoveredError
        If the calendar does not know a year of the log.
    """

    def since_opening(until: Instants) -> Instants:
        return until - rows.opened_us if calendar is None else calendar.working_us(rows.opened_us, until)

    clocked = ClockedRows(
        durations_us=since_opening(rows.left_us),
        entry_us=since_opening(rows.watched_us),
        follow_up_us=since_opening(rows.followed_us),
        is_closed=rows.is_closed,
        groups=rows.groups,
    )
    return clocked.where((clocked.entry_us == 0) | (clocked.entry_us < clocked.durations_us))
