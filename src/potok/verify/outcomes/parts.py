"""What one log store gives to a study: its cases as of the look, and what their events show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from potok.core.language import gettext as _
from potok.engine.base import Engine, Given
from potok.engine.tables import CASES, EVENTS
from potok.log.mapping import ExtractionKind
from potok.log.store import LogStore
from potok.measure.running import activity_labels, fetch
from potok.measure.sampling import sampling_of
from potok.measure.working_time import tabulate_calendar
from potok.verify.outcomes.analyses import (
    BOUNDS,
    MONEY_PARTS,
    STUDY_CASES,
    case_costs,
    case_features,
    case_repetitions,
    case_times,
    declared_spans,
    registrations,
)
from potok.verify.outcomes.attributes import read_attributes
from potok.verify.outcomes.clocks import DayClock
from potok.verify.outcomes.errors import UnknownProtocolActivityError
from potok.verify.outcomes.stores import LookInstant
from potok.verify.protocol.model import OutcomeKind, Protocol
from potok.verify.study import CaseFeatures, Flags, Integers

REPEATED: Final = "potok:repeated"
"""Name of the labels that say whether a case was returned within the horizon, where the outcome needs them."""
YES: Final = "true"
NO: Final = "false"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read of every store, and as of when.

    Parameters
    ----------
    protocol, clock
        Whose outcome, on which clock.
    look
        As of when.
    attributes
        Names of attributes to be read.
    engine
        On which analyses run.
    """

    protocol: Protocol
    clock: DayClock
    look: LookInstant
    attributes: tuple[str, ...]
    engine: Engine | None


@dataclass(frozen=True, slots=True)
class StoreCases:
    """Cases of a store that had opened by the look; every array has shape (n,), in the order of their codes.

    Parameters
    ----------
    store
        Where they lie.
    activities
        Label of each code of an activity.
    case
        Codes in the store.
    times
        How often each was registered.
    texts
        `case_id`, `outcome`, `channel`, `service`, `agency`.
    """

    store: LogStore
    activities: Mapping[int, str]
    case: Integers
    opened_us: Integers
    watched_us: Integers
    left_us: Integers
    is_closed: Flags
    times: Integers
    texts: Mapping[str, pa.Array]

    def __len__(self) -> int:
        return len(self.case)

    def with_agency(self, agency: pa.Array) -> "StoreCases":
        """Return the same cases with their agency."""
        return replace(self, texts={**self.texts, "agency": agency})


def read_cases(store: LogStore, reading: Reading) -> StoreCases:
    """Read the cases that had opened by the look, as they were known then.

    The clock starts with the first declared registration, where the protocol declares one and the case has it.
    """
    look, declared = reading.look, reading.protocol.declarations
    activities = activity_labels(store, reading.engine)
    answer = fetch(case_times(CASES), store, reading.engine).sort_by("case")
    opened = answer["opened_us"].combine_chunks()
    registered = codes_of(activities, [declared.registration_activity])
    times = np.zeros(len(answer), np.int64)
    if registered:
        found = _by_case(registrations(EVENTS, codes=registered, until_us=look.known_us), store, reading.engine)
        case = answer["case"].to_numpy()
        times = _spread(found, "times", case)
        first = _spread(found, "registered_us", case)
        opened = pa.array(np.where(times > 0, first, opened.fill_null(0)), pa.int64(), mask=_is_null(opened))
    chosen = np.asarray(opened.is_valid()) & (np.asarray(opened.fill_null(0)) <= look.known_us)
    kept = answer.filter(pa.array(chosen))
    opened_us = np.asarray(opened.fill_null(0))[chosen].astype(np.int64)
    closed = kept["closed_us"].fill_null(look.known_us + 1).to_numpy()
    is_closed = closed <= look.known_us
    return StoreCases(
        store=store,
        activities=activities,
        case=kept["case"].to_numpy().astype(np.int64),
        opened_us=opened_us,
        watched_us=np.maximum(opened_us, _watched_from(store, opened_us)),
        left_us=np.where(is_closed, closed, look.at_us).astype(np.int64),
        is_closed=is_closed,
        times=times[chosen],
        texts=_texts(kept, is_closed),
    )


def first_complete_us(cases: StoreCases) -> int | None:
    """Return since when openings in a store are complete; None without cases.

    It is when the watch began for an extract of active cases, else the earliest opening.
    """
    sampling = sampling_of(cases.store)
    if sampling.kind is ExtractionKind.ACTIVE and sampling.watched_from_us is not None:
        return sampling.watched_from_us
    is_possible = cases.left_us >= cases.opened_us
    return int(cases.opened_us[is_possible].min()) if is_possible.any() else None


def bounds_of(cases: StoreCases, agency: Integers, reading: Reading) -> Given:
    """Return the cases of a store as analyses read them beside it (`analyses.BOUNDS`)."""
    horizon = reading.clock.after_us(
        cases.opened_us, reading.protocol.estimand.horizon_days, limit_us=reading.look.known_us
    )
    columns = {
        "case": cases.case,
        "agency": agency,
        "opened_us": cases.opened_us,
        "left_us": cases.left_us,
        "closed_us": pa.array(cases.left_us, pa.int64(), mask=~cases.is_closed),
        "horizon_us": horizon,
    }
    return {STUDY_CASES: pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})}


def read_features(cases: StoreCases, given: Given, reading: Reading) -> CaseFeatures:
    """Read what the events of cases show; declared spans on the protocol's clock, costs up to its horizon."""
    store, known_us = cases.store, reading.look.known_us
    declared = reading.protocol.declarations
    found = _by_case(case_features(EVENTS, BOUNDS, until_us=known_us), store, reading.engine, given)
    columns = {
        name: _spread(found, name, cases.case)
        for name in ("instances", "distinct_activities", "resources", "handovers", "after_closing")
    }
    first = _spread(found, "first_us", cases.case)
    return CaseFeatures(
        first_us=np.where(columns["instances"] > 0, first, cases.opened_us),
        instances=columns["instances"],
        distinct_activities=columns["distinct_activities"],
        resources=columns["resources"],
        handovers=columns["handovers"],
        repetitions=columns["instances"] - columns["distinct_activities"],
        after_closing=columns["after_closing"],
        registrations=cases.times,
        stopped_us=_covered(cases, given, reading, declared.clock_stop_activities),
        applicant_us=_covered(cases, given, reading, declared.applicant_activities),
        cost=_costs(cases, given, reading),
    )


def read_texts(cases: StoreCases, given: Given, reading: Reading) -> Mapping[str, pa.Array | None]:
    """Read the attributes that the protocol names as text, None where the store lacks one.

    Where the outcome is the share that goes through at the first time, `REPEATED` is among them.
    """
    found = dict(read_attributes(cases.store, reading.attributes, case=cases.case, known_us=reading.look.known_us))
    estimand = reading.protocol.estimand
    if estimand.outcome is OutcomeKind.FIRST_TIME_THROUGH_SHARE:
        codes = codes_of(cases.activities, [estimand.activity])
        times = np.zeros(len(cases), np.int64)
        if codes or not estimand.activity:
            asked = case_repetitions(
                EVENTS, BOUNDS, activity=codes[0] if codes else None, until_us=reading.look.known_us
            )
            times = _spread(_by_case(asked, cases.store, reading.engine, given), "times", cases.case)
        found[REPEATED] = pa.array(np.where(times > 0, YES, NO).tolist(), pa.string())
    return found


def codes_of(activities: Mapping[int, str], labels: Sequence[str]) -> tuple[int, ...]:
    """Return the codes of those activities that a store has, ascending."""
    wanted = {label for label in labels if label}
    return tuple(sorted(code for code, label in activities.items() if label in wanted))


def check_activities(parts: Sequence[StoreCases], protocol: Protocol) -> None:
    """Check that some store has each activity that a protocol declares.

    Raises
    ------
    UnknownProtocolActivityError
        If none has one; the field of the protocol is named.
    """
    declared = protocol.declarations
    named = [
        ("estimand.activity", protocol.estimand.activity),
        ("declarations.registration_activity", declared.registration_activity),
        *(("declarations.clock_stop_activities", label) for label in declared.clock_stop_activities),
        *(("declarations.applicant_activities", label) for label in declared.applicant_activities),
    ]
    wanted = [(field, label) for field, label in named if label]
    held = {label for part in parts for label in part.activities.values()}
    for field, label in wanted:
        if label not in held:
            raise UnknownProtocolActivityError(
                _("No log has the activity “{label}” that the protocol declares.").format(label=label),
                where=f"{protocol.source}: {field}" if protocol.source else field,
                remedy=_("Name an activity as the logs write it: {labels}.").format(
                    labels=", ".join(sorted(held)[:_SHOWN])
                ),
            )


_SHOWN: Final = 20


def _covered(cases: StoreCases, given: Given, reading: Reading, activities: Sequence[str]) -> Integers:
    """Return how long declared activities cover each case, on the protocol's clock."""
    codes = codes_of(cases.activities, activities)
    if not codes or not len(cases):
        return np.zeros(len(cases), np.int64)
    days, beside = None, dict(given)
    if reading.clock.calendar is not None:
        days, table = tabulate_calendar(
            reading.clock.calendar, first_us=int(cases.opened_us.min()), last_us=reading.look.at_us
        )
        beside |= table
    spans = declared_spans(EVENTS, BOUNDS, codes=codes, until_us=reading.look.known_us, days=days)
    return _spread(_by_case(spans, cases.store, reading.engine, beside), "union_us", cases.case)


def _costs(cases: StoreCases, given: Given, reading: Reading) -> "np.ndarray[Any, np.dtype[np.float64]]":
    answer = _by_case(case_costs(EVENTS, BOUNDS, until_us=reading.look.known_us), cases.store, reading.engine, given)
    known = np.isin(cases.case, answer["case"])
    return np.where(known, _spread(answer, "parts", cases.case) / MONEY_PARTS, np.nan)


def _by_case(
    expression: ibis.Table, store: LogStore, engine: Engine | None, given: Given | None = None
) -> dict[str, Integers]:
    """Run an analysis with a row per case and return its columns, in the order of cases."""
    answer = fetch(expression, store, engine, given=given).sort_by("case")
    return {name: answer[name].to_numpy().astype(np.int64) for name in answer.column_names}


def _spread(found: Mapping[str, Integers], name: str, case: Integers) -> Integers:
    """Return a column for the given cases, 0 for those that have no row."""
    codes = found["case"]
    if not len(codes):
        return np.zeros(len(case), np.int64)
    place = np.minimum(np.searchsorted(codes, case), len(codes) - 1)
    return np.where(codes[place] == case, found[name][place], 0)


def _watched_from(store: LogStore, opened_us: Integers) -> Integers:
    sampling = sampling_of(store)
    if sampling.kind is ExtractionKind.ACTIVE and sampling.watched_from_us is not None:
        return np.full_like(opened_us, sampling.watched_from_us)
    return opened_us


def _texts(kept: pa.Table, is_closed: Flags) -> dict[str, pa.Array]:
    texts = {name: kept[name].combine_chunks() for name in ("case_id", "channel", "service", "agency")}
    texts["outcome"] = pc.if_else(pa.array(is_closed), kept["outcome"].combine_chunks(), pa.scalar(None, pa.string()))
    return texts


def _is_null(array: pa.Array) -> Flags:
    return np.asarray(array.is_null().to_numpy(zero_copy_only=False))
