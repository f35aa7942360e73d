"""The cases of one or several logs that are compared: what is known of them, how long they took, and their paths."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import ibis
import numpy as np
from numpy.typing import NDArray

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.time_units import DAY_US
from potok.diagnose.comparison.facts import Fact, read_facts
from potok.engine.base import Engine
from potok.engine.tables import CASES, VARIANTS
from potok.log.mapping import ExtractionKind
from potok.log.store import LogStore
from potok.measure.case_groups import CaseGroups, group_cases
from potok.measure.case_times import compute_case_times, timely
from potok.measure.running import activity_labels, fetch, run
from potok.measure.sampling import sampling_of

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

WEEK_US: Final = 7 * DAY_US
LEAST_WEEKS: Final = 20


class OutcomeGroupsError(UsageError):
    """Cases are to be compared by their outcome, which an open case does not have yet."""

    code = "POTOK-D020"


@dataclass(frozen=True, slots=True)
class Population:
    """Timely cases, watched from their opening, of one or several logs.

    Parameters
    ----------
    case, log
        (n,): code within its log, and the number of the log.
    opened_us, lead_us, age_us
        (n,): opening; opening to closing or extraction; opening to extraction.
    is_closed
        (n,).
    group
        (n,): place in `labels`; −1 where it is unknown.
    labels
        Of groups.
    path
        (n,): place in `paths`.
    paths
        Activities of variants, by label.
    facts
        What is known of the cases, columns that all logs have.
    load
        (n,): cases of the same log that were open when the case was opened.
    closed_only
        Whether a log holds closed cases only.
    unwatched_cases
        Left out: opened before the log was watched.
    """

    case: Integers
    log: Integers
    opened_us: Integers
    lead_us: Integers
    age_us: Integers
    is_closed: Flags
    group: Integers
    labels: tuple[str, ...]
    path: Integers
    paths: tuple[tuple[str, ...], ...]
    facts: tuple[Fact, ...]
    load: Integers
    closed_only: bool
    unwatched_cases: int

    @property
    def cluster(self) -> Integers:
        """Number of the week of opening, in short logs of the day; those of one log are apart from those of another."""
        weeks = self.opened_us // WEEK_US
        number = weeks if len(np.unique(weeks)) >= LEAST_WEEKS else self.opened_us // DAY_US
        clusters: Integers = number * (int(self.log.max(initial=0)) + 1) + self.log
        return clusters

    def where(self, chosen: Flags) -> "Population":
        """Return some of the cases."""
        places = np.flatnonzero(chosen)
        return Population(
            case=self.case[places],
            log=self.log[places],
            opened_us=self.opened_us[places],
            lead_us=self.lead_us[places],
            age_us=self.age_us[places],
            is_closed=self.is_closed[places],
            group=self.group[places],
            labels=self.labels,
            path=self.path[places],
            paths=self.paths,
            facts=tuple(Fact(fact.name, tuple(fact.values[place] for place in places)) for fact in self.facts),
            load=self.load[places],
            closed_only=self.closed_only,
            unwatched_cases=self.unwatched_cases,
        )


def labelled_rows(cases: ibis.Table, groups: CaseGroups, *, extracted_us: int) -> ibis.Table:
    """Return one row per timely case: `case`, `opened_us`, `ended_us` (null while open), `variant`, `label`."""
    labelled = groups.labelled(timely(cases, extracted_us=extracted_us))
    return labelled.select("case", "opened_us", "ended_us", "variant", "label")


def read_population(
    stores: Sequence[LogStore], *, by: str | None, names: Sequence[str] = (), engine: Engine | None = None
) -> Population:
    """Read the cases of logs.

    Parameters
    ----------
    stores
        One log or several.
    by
        What to group by, as `potok.measure.case_groups.group_cases` takes it; None groups by log.
    names
        Of the logs; the names of their folders by default.

    Raises
    ------
    OutcomeGroupsError
        If cases are to be grouped by outcome.
    UnknownGroupingError, TooManyGroupsError
        If a log cannot be grouped so.
    """
    if by == "outcome":
        raise OutcomeGroupsError(
            _("Open cases have no outcome yet, so that cases cannot be compared by it."),
            where="--by",
            remedy=_("Compare by what is known when a case is opened."),
        )
    titles = names or [Path(store.folder).stem for store in stores]
    parts = [
        _read_one(store, number, by=by, name=name, engine=engine)
        for number, (store, name) in enumerate(zip(stores, titles, strict=True))
    ]
    return _joined(parts)


def _read_one(store: LogStore, number: int, *, by: str | None, name: str, engine: Engine | None) -> Population:
    times = compute_case_times(store, engine=engine)
    sampling = sampling_of(store)
    groups = group_cases(store, by, times=times)
    rows = fetch(
        labelled_rows(CASES, groups, extracted_us=store.extracted_us), store, engine, given=groups.given
    ).sort_by([("opened_us", "ascending"), ("case", "ascending")])
    opened = rows["opened_us"].to_numpy()
    left = rows["ended_us"].fill_null(store.extracted_us).to_numpy()
    load = np.arange(len(opened)) - np.searchsorted(np.sort(left), opened, side="right")
    known = rows["label"].to_pylist() if by is not None else [name] * len(opened)
    labels = tuple(sorted({label for label in known if label}))
    code = {label: place for place, label in enumerate(labels)}
    activities = activity_labels(store, engine)
    variants = dict(run(VARIANTS.select("variant", "activities"), store, engine))
    used, path = np.unique(rows["variant"].to_numpy(), return_inverse=True)
    case = rows["case"].to_numpy()
    found = Population(
        case=case,
        log=np.full(len(case), number, np.int64),
        opened_us=opened,
        lead_us=left - opened,
        age_us=store.extracted_us - opened,
        is_closed=rows["ended_us"].is_valid().to_numpy(),
        group=np.array([code.get(label or "", -1) for label in known], np.int64),
        labels=labels,
        path=path.astype(np.int64),
        paths=tuple(tuple(activities[int(part)] for part in variants[int(one)].split(",")) for one in used),
        facts=read_facts(store, case, engine=engine) if len(case) else (),
        load=np.maximum(load, 0),
        closed_only=sampling.is_closed_only,
        unwatched_cases=0,
    )
    if sampling.kind is not ExtractionKind.ACTIVE or sampling.watched_from_us is None:
        return found
    watched = opened >= sampling.watched_from_us
    return replace(found.where(watched), unwatched_cases=int(np.count_nonzero(~watched)))


def _joined(parts: Sequence[Population]) -> Population:
    if len(parts) == 1:
        return parts[0]
    labels = tuple(sorted({label for part in parts for label in part.labels}))
    code = {label: place for place, label in enumerate(labels)}
    paths: dict[tuple[str, ...], int] = {}
    for part in parts:
        for path in part.paths:
            paths.setdefault(path, len(paths))
    groups = [np.array([*(code[label] for label in part.labels), -1], np.int64)[part.group] for part in parts]
    taken = [np.array([paths[path] for path in part.paths], np.int64)[part.path] for part in parts]
    return Population(
        case=np.concatenate([part.case for part in parts]),
        log=np.concatenate([part.log for part in parts]),
        opened_us=np.concatenate([part.opened_us for part in parts]),
        lead_us=np.concatenate([part.lead_us for part in parts]),
        age_us=np.concatenate([part.age_us for part in parts]),
        is_closed=np.concatenate([part.is_closed for part in parts]),
        group=np.concatenate(groups),
        labels=labels,
        path=np.concatenate(taken),
        paths=tuple(paths),
        facts=_shared_facts(parts),
        load=np.concatenate([part.load for part in parts]),
        closed_only=any(part.closed_only for part in parts),
        unwatched_cases=sum(part.unwatched_cases for part in parts),
    )


def _shared_facts(parts: Sequence[Population]) -> tuple[Fact, ...]:
    """Return the columns that all logs have; one that never varies within a log is not among that log's facts."""
    by_name = [{fact.name: fact.values for fact in part.facts} for part in parts]
    shared = [fact.name for fact in parts[0].facts if all(fact.name in held for held in by_name)]
    return tuple(Fact(name, tuple(value for held in by_name for value in held[name])) for name in shared)
