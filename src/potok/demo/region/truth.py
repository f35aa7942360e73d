"""What is true of the made-up region: its wastes, and what its projects did.

``truth.json`` (schema ``potok.region_truth/1``) holds:

``schema, seed, scale, zone, window``
    What made the log; ``from`` and ``until`` (half-open) are the days on which cases open, ``until`` also that of the
    extract.
``log``
    ``cases``, ``rows``, ``open_cases`` of the whole extract.
``agencies``
    Each with ``name``, ``cases``, ``rows`` and ``wastes``: ``kind``, ``activity``, ``instances`` (rows of the extract
    that are the waste) and ``cases`` (in which there is one). A Friday batch counts the rows of cases that opened while
    the agency collected them; the other kinds count every row of the activity.
``projects``
    Each with ``key``, ``name``, ``note``, ``truth`` (``effect``, ``gamed``, ``harm`` or ``null``), ``protocol`` (file),
    ``waves`` (agency and day) and what it truly did to the cases that opened from then on:
    ``cases``; ``case_duration_days`` with ``without``, ``with`` and ``difference``, means over the same cases in the
    world without and with the project; ``reversed_share`` likewise, as probabilities.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from potok.demo.region.agencies import Agency
from potok.demo.region.extract import AgencyRows, reversal_shares
from potok.demo.region.projects import Project, ProjectChange, load_projects, load_quality, projects_of
from potok.demo.region.worlds import AgencyRun, Period, cohort, durations_days, run_world

SCHEMA: Final = "potok.region_truth/1"
FRIDAY_BATCH: Final = "friday_batch"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a project did to some cases: how many these are, and the sums of both worlds over them."""

    cases: int
    days_without: float
    days_with: float
    reversed_without: float
    reversed_with: float


def waste_records(run: AgencyRun, rows: AgencyRows, *, period: Period) -> list[dict[str, Any]]:
    """Return the wastes of an agency, counted in its rows."""
    names = [one.name for one in run.model.activities]
    records = []
    for waste in run.agency.wastes:
        is_waste = rows.activity == names.index(waste.activity)
        if waste.kind == FRIDAY_BATCH:
            is_waste &= rows.case < _first_daily(run, period)
        cases = set(zip(rows.case[is_waste].tolist(), rows.part[is_waste].tolist(), strict=True))
        records.append(
            {"kind": waste.kind, "activity": waste.activity, "instances": int(is_waste.sum()), "cases": len(cases)}
        )
    return records


def agency_record(run: AgencyRun, rows: AgencyRows, *, period: Period) -> dict[str, Any]:
    """Return what is true of an agency's log."""
    keys = rows.case * 2 + rows.part
    closed = (rows.is_decided | rows.is_returned)[np.unique(keys, return_index=True)[1]]
    return {
        "name": run.agency.name,
        "cases": len(closed),
        "rows": len(keys),
        "open_cases": int((~closed).sum()),
        "wastes": waste_records(run, rows, period=period),
    }


def measure_effect(run: AgencyRun, project: Project, *, period: Period, seed: int) -> Effect:
    """Measure what a project did to the cases of an agency that opened from its day on."""
    concerned = cohort(
        run,
        services=project.services,
        since_us=period.us_of(project.waves[run.agency.key]),
        until_us=period.us_of(period.until_on),
    )
    without, quality = np.zeros(int(concerned.sum())), load_quality()
    went = without.copy()
    own = projects_of(run.agency.key)
    chosen = run.world_of_case[concerned]
    for place in np.unique(chosen):
        log = run.worlds[place]
        kept = [one for one in own[:place] if one is not project]
        is_run = tuple(kept) == own[: len(kept)]
        other = run.worlds[len(kept)] if is_run else run_world(run.agency, run.model, kept, period=period, seed=seed)
        here = chosen == place
        went[here] = durations_days(log, concerned)[here]
        without[here] = durations_days(other, concerned)[here]
    reversed_with = float(reversal_shares(run, quality)[concerned].sum())
    is_harm = project.change is ProjectChange.REMOVE
    reversed_without = len(without) * quality.reversed_share if is_harm else reversed_with
    return Effect(len(without), float(without.sum()), float(went.sum()), reversed_without, reversed_with)


def project_record(project: Project, effects: Sequence[Effect], *, agencies: Sequence[Agency]) -> dict[str, Any]:
    """Return what is true of a project, over the agencies that have it."""
    cases = sum(effect.cases for effect in effects)
    names = {agency.key: agency.name for agency in agencies}
    return {
        "key": project.key,
        "name": project.name,
        "note": project.note,
        "truth": project.truth.value,
        "protocol": f"protocols/{project.key}.toml",
        "waves": [{"agency": names[key], "on": day.isoformat()} for key, day in project.waves.items() if key in names],
        "cases": cases,
        "case_duration_days": _pair(effects, cases, "days_without", "days_with"),
        "reversed_share": _pair(effects, cases, "reversed_without", "reversed_with"),
    }


def iterate_effects(runs: Sequence[AgencyRun], *, period: Period, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the record of each project of the region."""
    for project in load_projects():
        concerned = [run for run in runs if run.agency.key in project.waves]
        effects = [measure_effect(run, project, period=period, seed=seed) for run in concerned]
        yield project_record(project, effects, agencies=[run.agency for run in concerned])


def _pair(effects: Sequence[Effect], cases: int, without: str, with_it: str) -> dict[str, float]:
    before, after = (sum(getattr(effect, name) for effect in effects) / max(cases, 1) for name in (without, with_it))
    return {"without": round(before, 6), "with": round(after, 6), "difference": round(after - before, 6)}


def _first_daily(run: AgencyRun, period: Period) -> int:
    """Return the first case that opens when the agency no longer collects; cases are in the order of arrival."""
    for project in projects_of(run.agency.key):
        if project.change is ProjectChange.DAILY_BATCHES:
            since = period.us_of(project.waves[run.agency.key])
            return int(np.searchsorted(run.worlds[0].arrived_us, since))
    return len(run.worlds[0].arrived_us)
