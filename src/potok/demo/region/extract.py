"""The region's log as its agencies would export it, one row per activity instance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from potok.demo.region.agencies import SUBMISSION
from potok.demo.region.projects import Project, ProjectChange, Quality, load_projects, load_quality
from potok.demo.region.worlds import AgencyRun, Integers, Period, cohort
from potok.simulate.kernel import UNKNOWN

Flags = npt.NDArray[np.bool_]
RESULT_COLUMN: Final = "Результат"
REVERSAL_COLUMN: Final = "Решение отменено"
COMPLAINT_COLUMN: Final = "Жалоба"
APPLICANT_COLUMN: Final = "Код заявителя"
HEADINGS: Final = (
    "Номер заявления",
    "Ведомство",
    "Услуга",
    "Канал подачи",
    "Операция",
    "Начало",
    "Окончание",
    "Исполнитель",
    "Подразделение",
    RESULT_COLUMN,
    REVERSAL_COLUMN,
    COMPLAINT_COLUMN,
    APPLICANT_COLUMN,
)
GRANTED: Final = "услуга оказана"
REFUSED: Final = "отказано"
RETURNED: Final = "возвращено"
FINAL_RESULTS: Final = (GRANTED, REFUSED, RETURNED)
YES: Final = "да"
NO: Final = "нет"
_QUALITY_STREAM: Final = 77
_APPLICANT_STREAM: Final = 78
_APPLICANTS_A_CASE: Final = 0.85
"""Some apply more than once in three years."""


@dataclass(frozen=True, slots=True)
class AgencyRows:
    """What an agency's log holds.

    Parameters
    ----------
    case
        (n,) int64: the kernel's case of each row.
    part
        (n,) int64: 0, or 1 for rows that a restarted clock puts into a case of their own.
    activity, person
        (n,) int32: codes of the model; -1: nobody.
    started_us, completed_us
        (n,) int64: `UNKNOWN` if not completed when the extract is made.
    is_decided
        (n,) bool: whether the row's case is closed when the extract is made.
    is_returned
        (n,) bool: whether the row's case was closed so that another begins.
    is_reversed, is_complained, is_refused
        (m,) bool: by the kernel's case.
    applicant
        (m,) int64: who applied, from 0.
    """

    case: Integers
    part: Integers
    activity: npt.NDArray[np.int32]
    person: npt.NDArray[np.int32]
    started_us: Integers
    completed_us: Integers
    is_decided: Flags
    is_returned: Flags
    is_reversed: Flags
    is_complained: Flags
    is_refused: Flags
    applicant: Integers


def collect_rows(run: AgencyRun, *, period: Period, seed: int) -> AgencyRows:
    """Collect the rows of an agency's log from its worlds, by case and time."""
    end_us = period.us_of(period.until_on)
    chosen = run.world_of_case
    case, activity, person, started, completed = _went(run, period.us_of(period.start_on), end_us)
    closed = np.choose(chosen, [log.closed_us for log in run.worlds])
    part, kept = _restart_clocks(run, (case, activity, started, completed), period)
    completed = np.where(completed < end_us, completed, UNKNOWN)
    rows = AgencyRows(
        case,
        part,
        activity,
        person,
        started,
        completed,
        (closed < end_us)[case],
        np.zeros(len(case), dtype=bool),
        *_draw_quality(run, seed),
        _draw_applicants(len(closed), seed),
    )
    return _mark_returned(rows, kept)


def _went(run: AgencyRun, start_us: int, end_us: int) -> tuple[Any, ...]:
    """Return case, activity, person, start and completion of each row, from the world of its case.

    Cases that opened before the period only fill the queues.
    """
    parts = []
    for place, log in enumerate(run.worlds):
        case = np.repeat(np.arange(len(log.arrived_us)), np.diff(log.first_row))
        taken = (run.world_of_case[case] == place) & (log.arrived_us[case] >= start_us)
        taken &= (log.started_us != UNKNOWN) & (log.started_us < end_us)
        columns = (case, log.activity, log.person, log.started_us, log.completed_us)
        parts.append([column[taken] for column in columns])
    joined = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
    order = np.lexsort((joined[4], joined[3], joined[0]))
    return tuple(column[order] for column in joined)


def as_table(run: AgencyRun, rows: AgencyRows, *, zone: str) -> pa.Table:
    """Return an agency's log with the columns of `HEADINGS`; instants as local texts."""
    model, agency = run.model, run.agency
    people = [person.name for pool in model.pools for person in pool.people]
    activities = [one.name for one in model.activities]
    kinds = run.worlds[0].case_type[rows.case]
    attributes = [one.attributes for one in model.case_types]
    decision = np.where(rows.is_refused[rows.case], REFUSED, GRANTED)
    result = np.where(rows.is_returned, RETURNED, np.where(rows.is_decided, decision, ""))
    answer = np.where(rows.is_decided & ~rows.is_returned, YES, "")
    columns = (
        [
            f"{agency.document['short']}-{number + 1:06d}{'-2' if part else ''}"
            for number, part in zip(rows.case.tolist(), rows.part.tolist(), strict=True)
        ],
        [agency.name] * len(rows.case),
        _labels([one["service"] for one in attributes], kinds),
        _labels([one["channel"] for one in attributes], kinds),
        _labels(activities, rows.activity),
        _instants(rows.started_us, zone),
        _instants(rows.completed_us, zone),
        _labels([*people, ""], rows.person),
        _labels([agency.unit_of[name] for name in activities], rows.activity),
        result,
        np.where((answer == YES) & ~rows.is_reversed[rows.case], NO, answer),
        np.where((answer == YES) & ~rows.is_complained[rows.case], NO, answer),
        [f"{agency.document['short']}-з{code + 1:06d}" for code in rows.applicant[rows.case].tolist()],
    )
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(HEADINGS, columns, strict=True)})


def _labels(names: Sequence[str], codes: npt.NDArray[np.int32]) -> npt.NDArray[np.object_]:
    return np.asarray(names, dtype=object)[codes]


def _instants(at_us: Integers, zone: str) -> list[str]:
    known = (
        pa.array(at_us, mask=at_us == UNKNOWN).cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("s", zone), safe=False)
    )
    return list(pc.fill_null(pc.strftime(known, format="%d.%m.%Y %H:%M:%S"), "").to_pylist())


def _restart_clocks(
    run: AgencyRun, columns: tuple[Integers, npt.NDArray[np.int32], Integers, Integers], period: Period
) -> tuple[Integers, Flags]:
    """Return the part of each row's case, and which rows stay.

    In place of the wait, which is in neither part, the second begins with an application at the wait's end; `activity`
    and `started` are changed so. A wait that is not over when the extract is made leaves nothing behind.
    """
    case, activity, started, completed = columns
    part, kept = np.zeros(len(case), dtype=np.int64), np.ones(len(case), dtype=bool)
    names = [one.name for one in run.model.activities]
    end_us = period.us_of(period.until_on)
    for project in _restarting(run):
        since = period.us_of(project.waves[run.agency.key])
        concerned = cohort(run, services=project.services, since_us=since, until_us=end_us)
        waits = np.flatnonzero((activity == names.index(project.activity)) & concerned[case])
        begins = np.full(len(concerned), np.iinfo(np.int64).max)
        np.minimum.at(begins, case[waits], started[waits])
        part = (started >= begins[case]).astype(np.int64)
        activity[waits], started[waits] = names.index(SUBMISSION), completed[waits]
        kept[waits] = completed[waits] < end_us
    return part, kept


def _restarting(run: AgencyRun) -> list[Project]:
    return [one for one in load_projects() if one.change is ProjectChange.RESTART_CLOCK and run.agency.key in one.waves]


def _mark_returned(rows: AgencyRows, kept: Flags) -> AgencyRows:
    """Leave out rows that are not kept; the first part of a case in two is one that was returned."""
    has_two = np.zeros(int(rows.case.max()) + 1 if len(rows.case) else 0, dtype=bool)
    has_two[rows.case[rows.part == 1]] = True
    returned = has_two[rows.case] & (rows.part == 0)
    return replace(
        rows,
        case=rows.case[kept],
        part=rows.part[kept],
        activity=rows.activity[kept],
        person=rows.person[kept],
        started_us=rows.started_us[kept],
        completed_us=rows.completed_us[kept],
        is_decided=rows.is_decided[kept],
        is_returned=returned[kept],
    )


def _draw_quality(run: AgencyRun, seed: int) -> tuple[Flags, Flags, Flags]:
    """Return which cases' decisions are reversed, complained of, and refusals."""
    quality = load_quality()
    cases = len(run.worlds[0].arrived_us)
    drawn = np.random.default_rng((seed, _QUALITY_STREAM, cases)).random((3, cases))
    shares = (reversal_shares(run, quality), quality.complaint_share, quality.refused_share)
    return drawn[0] < shares[0], drawn[1] < shares[1], drawn[2] < shares[2]


def _draw_applicants(cases: int, seed: int) -> Integers:
    """Return who applied, (m,) int64."""
    draws = np.random.default_rng((seed, _APPLICANT_STREAM, cases))
    return draws.integers(0, max(int(cases * _APPLICANTS_A_CASE), 1), cases)


def reversal_shares(run: AgencyRun, quality: Quality) -> npt.NDArray[np.float64]:
    """Return the probability that each case's decision is reversed, by what was done in it."""
    shares = np.full(len(run.worlds[0].arrived_us), quality.reversed_share)
    for project in load_projects():
        if project.change is ProjectChange.REMOVE and run.agency.key in project.waves:
            code = [one.name for one in run.model.activities].index(project.activity)
            skipped = np.choose(run.world_of_case, [log.skipped[:, code] for log in run.worlds])
            shares[skipped > 0] = quality.reversed_share_without_review
    return shares
