"""How long the open cases have been open, and which department holds them."""

from dataclasses import dataclass
from typing import Any

import ibis

from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.case_times import timely
from potok.measure.evidence import CaseEvidence, case_evidence, find_code, read_evidence
from potok.measure.running import run, seconds_if_known, unit_labels


@dataclass(frozen=True, slots=True)
class OpenAge:
    """How long the open cases of a department have been open at the extraction, calendar seconds.

    `org_unit` is the department of the last activity instance; None where it is unknown, and for all cases together.
    """

    org_unit: str | None
    open_cases: int
    median_seconds: float | None
    p90_seconds: float | None
    max_seconds: float | None


@dataclass(frozen=True, slots=True)
class OpenAges:
    """Ages of open cases: of all, and by department, the one with most open cases first."""

    overall: OpenAge
    by_unit: tuple[OpenAge, ...]


def open_cases(cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return the timely cases open at the extraction, with `age_us`."""
    kept = timely(cases, extracted_us=extracted_us)
    still = kept.filter(kept.ended_us.isnull())
    return still.mutate(age_us=(extracted_us - still.opened_us).cast("int64"))


def ages_by_unit(events: ibis.Table, cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return one row per department that holds open cases: `org_unit` (code or null), then as `ages_of_all`."""
    last = events.filter(events.next_activity.isnull()).select("case", "org_unit")
    held = open_cases(cases, extracted_us=extracted_us).left_join(last, "case")
    return _ages(held.group_by("org_unit"), held, "org_unit")


def ages_of_all(cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return one row: `cases`, `median_us`, `p90_us`, `max_us` of the open cases' ages; null if there are none."""
    still = open_cases(cases, extracted_us=extracted_us)
    return _ages(still, still)


def _ages(grouped: Any, cases: ibis.Table, *keys: str) -> ibis.Table:
    found = grouped.aggregate(
        cases=cases.count().cast("int64"),
        quantiles_us=cases.age_us.quantile([0.5, 0.9]),
        max_us=cases.age_us.max().cast("int64"),
    )
    return found.select(
        *keys,
        "cases",
        median_us=found.quantiles_us[0].cast("float64"),
        p90_us=found.quantiles_us[1].cast("float64"),
        max_us="max_us",
    )


def compute_open_ages(store: LogStore, *, engine: Engine | None = None) -> OpenAges:
    """Compute how long the open cases have been open, together and by the department that holds them."""
    labels, extracted_us = unit_labels(store, engine), store.extracted_us
    ((cases, *ages),) = run(ages_of_all(CASES, extracted_us=extracted_us), store, engine)
    rows = run(ages_by_unit(EVENTS, CASES, extracted_us=extracted_us), store, engine)
    by_unit = [
        OpenAge(None if unit is None else labels[unit], held, *map(seconds_if_known, unit_ages))
        for unit, held, *unit_ages in rows
    ]
    return OpenAges(
        overall=OpenAge(None, cases, *map(seconds_if_known, ages)),
        by_unit=tuple(sorted(by_unit, key=lambda age: (-age.open_cases, age.org_unit is None, age.org_unit or ""))),
    )


def list_unit_open_cases(
    store: LogStore, org_unit: str | None, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the open cases that a department holds (`OpenAge`), the oldest first.

    Raises
    ------
    UnknownPlaceError
        If the log does not have the department.
    """
    last = EVENTS.filter(EVENTS.next_activity.isnull())
    if org_unit is None:
        held = last.filter(last.org_unit.isnull())
    else:
        held = last.filter(last.org_unit == find_code(unit_labels(store, engine), org_unit))
    still = open_cases(lead_times(CASES, extracted_us=store.extracted_us), extracted_us=store.extracted_us)
    return read_evidence(case_evidence(EVENTS, still.semi_join(held, "case"), limit=limit), store, engine)
