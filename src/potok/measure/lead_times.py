"""How long cases take, from opening to closing, with those that are still open taken into account.

Two answers stand side by side. **Closed cases** have known durations, but leave out the slow cases that are still open.
**All cases**, with the open ones known to take at least as long as they have (Kaplan–Meier), tell how long a case takes
that is opened today, if things stay as they are. The second cannot be told from a log of closed cases only.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import ibis
import numpy as np

from potok.core.calendars import Calendar
from potok.core.time_units import DAY_US, HOUR_US
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.inference.survival import SurvivalCurve
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.case_groups import NO_GROUPS, group_cases
from potok.measure.case_rows import CaseRows, ClockedRows, clock_rows, read_case_rows
from potok.measure.case_survival import (
    HORIZON_DAYS,
    WORKING_HORIZON_HOURS,
    SurvivalSummary,
    default_horizon,
    given_horizon,
    summarise_survival,
    survival_curve,
)
from potok.measure.case_times import CaseTimes, compute_case_times, timely
from potok.measure.evidence import CaseEvidence, case_evidence, read_evidence
from potok.measure.passages import exact_sum
from potok.measure.running import run, seconds, seconds_if_known
from potok.measure.sampling import Sampling, SurvivalRefusal, sampling_of

DEFAULT_CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class DurationSummary:
    """Durations of closed cases; None where there are none. Quantiles interpolate linearly."""

    cases: int
    min_seconds: float | None
    median_seconds: float | None
    p90_seconds: float | None
    max_seconds: float | None
    mean_seconds: float | None


@dataclass(frozen=True, slots=True)
class LeadTimeGroup:
    """One group of cases; its open cases are always shown, whether or not they can be taken into account.

    `survival` is None where `refusal` says why.
    """

    label: str | None
    closed: DurationSummary
    open_cases: int
    survival: SurvivalSummary | None
    refusal: SurvivalRefusal | None


@dataclass(frozen=True, slots=True)
class ClockedLeadTimes:
    """Durations on one clock.

    Parameters
    ----------
    horizon_seconds
        τ of the restricted means; None if no case was followed for as long as the shortest.
    overall
        All cases together.
    groups
        By label, in order; the group without a label last.
    """

    horizon_seconds: float | None
    overall: LeadTimeGroup
    groups: tuple[LeadTimeGroup, ...]


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """How long cases take.

    Parameters
    ----------
    times
        Cases counted and left out.
    sampling
        How cases came into the log.
    unwatched_cases
        Cases left out of `survival` because they closed before they came under observation.
    by
        What the groups are.
    confidence
        Level of the intervals, 0–1.
    calendar_time, working_time
        On either clock; working time only with a calendar.
    """

    times: CaseTimes
    sampling: Sampling
    unwatched_cases: int
    by: str | None
    confidence: float
    calendar_time: ClockedLeadTimes
    working_time: ClockedLeadTimes | None


def closed_durations(cases: ibis.Table) -> ibis.Table:
    """Return one row per label: `label`, `cases`, `min_us`, `median_us`, `p90_us`, `max_us`, `total_us`.

    Parameters
    ----------
    cases
        As `potok.measure.case_times.timely` returns them, with their `label` (see `potok.measure.case_groups`).
    """
    closed = cases.filter(cases.ended_us.notnull())
    closed = closed.mutate(lead_us=closed.ended_us - closed.opened_us)
    found = closed.group_by("label").aggregate(
        cases=closed.count().cast("int64"),
        min_us=closed.lead_us.min().cast("int64"),
        quantiles_us=closed.lead_us.quantile([0.5, 0.9]),
        max_us=closed.lead_us.max().cast("int64"),
        total_us=exact_sum(closed.lead_us),
    )
    return found.select(
        "label",
        "cases",
        "min_us",
        median_us=found.quantiles_us[0].cast("float64"),
        p90_us=found.quantiles_us[1].cast("float64"),
        max_us="max_us",
        total_us="total_us",
    )


def open_counts(cases: ibis.Table) -> ibis.Table:
    """Return one row per label: `label`, `open_cases`; see `closed_durations`."""
    is_open = ibis.ifelse(cases.ended_us.isnull(), 1, 0)
    return cases.group_by("label").aggregate(open_cases=is_open.sum().cast("int64"))


def compute_lead_times(
    store: LogStore,
    *,
    by: str | None = None,
    sampling: Sampling | None = None,
    horizon_seconds: float | None = None,
    calendar: Calendar | None = None,
    confidence: float = DEFAULT_CONFIDENCE,
    engine: Engine | None = None,
) -> LeadTimes:
    """Compute how long cases take: closed ones as they are, all of them with open ones taken into account.

    Parameters
    ----------
    by
        Groups, as `potok.measure.case_groups.group_cases` takes them: ``"cohort"`` (local month of opening),
        ``"cohort_quarter"``, ``"cohort_year"``, ``"channel"``, ``"service"``, ``"agency"``, ``"outcome"``,
        ``"org_unit"`` (that of the first activity instance) or an attribute of cases.
    sampling
        How cases came into the log; by default as the manifest says.
    horizon_seconds
        τ of the restricted mean in calendar time; by default one of `HORIZON_DAYS`; in working time always one of
        `WORKING_HORIZON_HOURS`. See `potok.measure.case_survival.default_horizon`.
    calendar
        For working time beside calendar time.

    Raises
    ------
    UnknownGroupingError, TooManyGroupsError
        If there is no such grouping, or too many groups.
    HorizonTooLongError
        If the horizon is not positive or no case was followed so long.
    YearNotCoveredError
        If the calendar does not know a year of the log.
    TooManyMonthsError
        If cohorts would reach over more than a hundred years.
    InvalidShareError
        If `confidence` does not lie between 0 and 1.
    """
    found = sampling_of(store, sampling)
    times = compute_case_times(store, engine=engine)
    grouped = group_cases(store, by, times=times)
    rows = read_case_rows(store, groups=grouped, sampling=found, engine=engine)
    clocked = clock_rows(rows, None)
    horizon_us = given_horizon(horizon_seconds, clocked) or default_horizon(
        clocked, [days * DAY_US for days in HORIZON_DAYS]
    )
    survivals = _Survivals(found.refusal, horizon_us, confidence)
    cases = timely(CASES, extracted_us=store.extracted_us)
    overall = _in_engine(run(closed_durations(NO_GROUPS.labelled(cases)), store, engine)).get(None, NO_DURATIONS)
    groups: tuple[LeadTimeGroup, ...] = ()
    if by is not None:
        labelled = grouped.labelled(cases)
        closed = _in_engine(run(closed_durations(labelled), store, engine, given=grouped.given))
        still_open = dict(run(open_counts(labelled), store, engine, given=grouped.given))
        groups = tuple(
            survivals.of_groups(by).group(name, closed.get(name, NO_DURATIONS), still_open[name], part)
            for name, part in _parts(rows.labels, clocked)
        )
    return LeadTimes(
        times=times,
        sampling=found,
        unwatched_cases=rows.unwatched_cases,
        by=by,
        confidence=confidence,
        calendar_time=ClockedLeadTimes(
            seconds_if_known(horizon_us), survivals.group(None, overall, times.open_cases, clocked), groups
        ),
        working_time=None
        if calendar is None
        else _in_working_time(rows, calendar, by=by, sampling=found, confidence=confidence),
    )


def compute_survival_curve(
    store: LogStore,
    *,
    sampling: Sampling | None = None,
    calendar: Calendar | None = None,
    confidence: float = DEFAULT_CONFIDENCE,
    engine: Engine | None = None,
) -> SurvivalCurve | SurvivalRefusal:
    """Compute the share of cases still open as a function of the time since their opening, in seconds.

    Returns
    -------
    SurvivalCurve or SurvivalRefusal
        The refusal says why the log cannot tell.

    Raises
    ------
    YearNotCoveredError, InvalidShareError
        As `compute_lead_times`.
    """
    found = sampling_of(store, sampling)
    times = compute_case_times(store, engine=engine)
    if found.refusal or not times.timely_cases:
        return found.refusal or SurvivalRefusal.NO_CASES
    rows = read_case_rows(store, sampling=found, engine=engine)
    return survival_curve(clock_rows(rows, calendar), confidence=confidence)


def list_lead_time_cases(
    store: LogStore, *, by: str, label: str | None, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases of a group, open ones included, the longest first.

    Raises
    ------
    UnknownGroupingError, TooManyGroupsError, TooManyMonthsError
        As `compute_lead_times`.
    """
    grouped = group_cases(store, by, times=compute_case_times(store, engine=engine))
    cases = timely(lead_times(CASES, extracted_us=store.extracted_us), extracted_us=store.extracted_us)
    labelled = grouped.labelled(cases)
    chosen = labelled.filter(labelled.label.isnull() if label is None else labelled.label == label)
    return read_evidence(case_evidence(EVENTS, chosen, limit=limit), store, engine, given=grouped.given)


NO_DURATIONS: Final = DurationSummary(0, None, None, None, None, None)


@dataclass(frozen=True, slots=True)
class _Survivals:
    """How the groups of one request are estimated on one clock."""

    refusal: SurvivalRefusal | None
    horizon_us: int | None
    confidence: float

    def group(self, label: str | None, closed: DurationSummary, open_cases: int, rows: ClockedRows) -> LeadTimeGroup:
        if self.refusal:
            return LeadTimeGroup(label, closed, open_cases, None, self.refusal)
        found = summarise_survival(rows, horizon_us=self.horizon_us, confidence=self.confidence)
        if isinstance(found, SurvivalRefusal):
            return LeadTimeGroup(label, closed, open_cases, None, found)
        return LeadTimeGroup(label, closed, open_cases, found, None)

    def of_groups(self, by: str | None) -> "_Survivals":
        """Return the same for groups: by outcome there are none, as open cases have no outcome yet."""
        return replace(self, refusal=SurvivalRefusal.OUTCOME_IS_LATER) if by == "outcome" else self


def _parts(labels: tuple[str | None, ...], rows: ClockedRows) -> list[tuple[str | None, ClockedRows]]:
    """Return the rows of each group, in order of labels."""
    order = sorted(range(len(labels)), key=lambda place: (labels[place] is None, labels[place] or ""))
    return [(labels[place], rows.where(rows.groups == place)) for place in order]


def _in_working_time(
    rows: CaseRows, calendar: Calendar, *, by: str | None, sampling: Sampling, confidence: float
) -> ClockedLeadTimes:
    clocked = clock_rows(rows, calendar)
    horizon_us = default_horizon(clocked, [hours * HOUR_US for hours in WORKING_HORIZON_HOURS])
    survivals = _Survivals(sampling.refusal, horizon_us, confidence)

    def group(label: str | None, part: ClockedRows, found: _Survivals) -> LeadTimeGroup:
        return found.group(label, _summary(part), int(np.count_nonzero(~part.is_closed)), part)

    parts = _parts(rows.labels, clocked) if by else []
    return ClockedLeadTimes(
        horizon_seconds=seconds_if_known(horizon_us),
        overall=group(None, clocked, survivals),
        groups=tuple(group(label, part, survivals.of_groups(by)) for label, part in parts),
    )


def _in_engine(rows: Iterable[tuple[Any, ...]]) -> dict[str | None, DurationSummary]:
    return {
        label: DurationSummary(
            cases=cases,
            min_seconds=seconds_if_known(shortest),
            median_seconds=seconds_if_known(median),
            p90_seconds=seconds_if_known(p90),
            max_seconds=seconds_if_known(longest),
            mean_seconds=seconds(total / cases),
        )
        for label, cases, shortest, median, p90, longest, total in rows
    }


def _summary(rows: ClockedRows) -> DurationSummary:
    closed = rows.durations_us[rows.is_closed]
    if not closed.size:
        return NO_DURATIONS
    median, p90 = np.quantile(closed, [0.5, 0.9])
    return DurationSummary(
        cases=closed.size,
        min_seconds=seconds(closed.min()),
        median_seconds=seconds(median),
        p90_seconds=seconds(p90),
        max_seconds=seconds(closed.max()),
        mean_seconds=seconds(int(closed.sum(dtype=object)) / closed.size),
    )
