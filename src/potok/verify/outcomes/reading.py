"""From log stores to a study: the cases of all agencies as they were known on the day of the look."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from potok.core.calendars import Calendar
from potok.core.language import gettext as _
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.local_time import zone_of
from potok.measure.sampling import sampling_of
from potok.verify.outcomes.agencies import check_apart, name_agencies, names_of
from potok.verify.outcomes.attributes import ROLES, attribute_names, check_judged
from potok.verify.outcomes.clocks import clock_of, named_calendar
from potok.verify.outcomes.errors import UnknownProtocolValueError
from potok.verify.outcomes.labelling import make_labels
from potok.verify.outcomes.parts import (
    Reading,
    StoreCases,
    bounds_of,
    check_activities,
    first_complete_us,
    read_cases,
    read_features,
    read_texts,
)
from potok.verify.outcomes.stores import check_stores, find_look, name_of
from potok.verify.outcomes.work import WorkSource, local_months, read_work
from potok.verify.protocol.model import ComparisonKind, Protocol
from potok.verify.study import CaseFeatures, Flags, Integers, Labels, Study, StudyCases, StudySource

MEANING: Final = (
    "case_id",
    "activity",
    *("enabled_at", "started_at", "completed_at"),
    *("resource", "org_unit", "cost", "lifecycle", "instance", "lifecycle_mode"),
    *("outcome", "channel", "service", "agency"),
    *("closing", "exclude", "split_cases_on", "renames", "zone", "decimal"),
)
"""Parts of a mapping that say what the columns of a source mean."""


def read_study(
    stores: Sequence[LogStore],
    protocol: Protocol,
    *,
    looked_on: date,
    names: Sequence[str] | None = None,
    calendar: Calendar | None = None,
    engine: Engine | None = None,
) -> Study:
    """Read the cases of some log stores as they were known at the end of a day.

    Nothing depends on the order of a source's rows (where no tie is resolved by it) or of the stores.

    Parameters
    ----------
    stores
        Logs of one or several agencies, each agency in one of them.
    protocol
        Whose outcome, population and attributes are read.
    looked_on
        The day of the look. Rows after it are not known: cases closed later are open, cases opened later are not
        there. If a log was extracted before that day is over, all are read as of the earliest extraction.
    names
        One name of an agency for each store, empty where its cases name their agency; by default the column of the
        cases, else the only agency of the protocol, else the name of the source.
    calendar
        Of working days, in place of the one that the protocol names.

    Returns
    -------
    Study
        One row per case, in the order of opening, then of id.

    Raises
    ------
    UsageError
        If stores do not fit each other or the protocol; store, field and remedy are named (`outcomes.errors`).
    TooManyMonthsError
        If openings reach over more than a hundred years.
    YearNotCoveredError
        If a calendar does not know a year of the logs.
    """
    given_names = names_of(stores, names)
    check_stores(stores)
    zone = zone_of(stores[0])
    reading = Reading(
        protocol=protocol,
        clock=clock_of(protocol.estimand, zone=zone, calendar=calendar),
        look=find_look(stores, looked_on),
        attributes=attribute_names(protocol),
        engine=engine,
    )
    parts = [
        _with_agencies(read_cases(store, reading), protocol, name=name, is_alone=len(stores) == 1)
        for store, name in zip(stores, given_names, strict=True)
    ]
    check_activities(parts, protocol)
    check_apart([(part.store, part.texts["agency"], part.texts["case_id"]) for part in parts])
    agency = make_labels("agency", [part.texts["agency"] for part in parts])
    sizes = np.cumsum([len(part) for part in parts])[:-1]
    given = [bounds_of(part, codes, reading) for part, codes in zip(parts, np.split(agency.codes, sizes), strict=True)]
    cases = _join(
        parts,
        agency=agency,
        features=[read_features(part, beside, reading) for part, beside in zip(parts, given, strict=True)],
        texts=[read_texts(part, beside, reading) for part, beside in zip(parts, given, strict=True)],
        protocol=protocol,
    )
    in_population = find_population(cases, protocol)
    first_us = _first_us(parts, in_population, cases, look_us=reading.look.at_us)
    work = read_work(
        [WorkSource(part.store, part.activities, beside) for part, beside in zip(parts, given, strict=True)],
        agencies=agency.labels,
        local=local_months(zone, first_us=min(first_us, reading.look.known_us), last_us=reading.look.known_us),
        calendar=calendar or named_calendar(protocol.estimand, zone=zone),
        engine=engine,
    )
    order = _order(cases)
    return Study(
        cases=cases.where(order),
        in_population=in_population[order],
        work=work,
        zone=zone,
        first_us=first_us,
        look_us=reading.look.at_us,
        sources=tuple(sorted(map(_source, stores), key=lambda one: (one.name, one.content_sha256))),
    )


def find_population(cases: StudyCases, protocol: Protocol) -> Flags:
    """Return which cases the protocol is about, shape (n,): by service, channel and agency.

    Agencies are those that change and the controls; without named controls all others of the logs, unless the project
    is held against its own past.

    Raises
    ------
    UnknownProtocolValueError
        If there are cases, and none has a service or channel that the protocol names.
    """
    change, comparison = protocol.change, protocol.comparison
    found = _has_one(cases.service, change.services, "change.services", protocol)
    found &= _has_one(cases.channel, change.channels, "change.channels", protocol)
    named = {wave.agency for wave in change.waves} | set(comparison.controls)
    if comparison.kind is not ComparisonKind.OWN_PAST and not comparison.controls:
        named |= set(cases.agency.labels)
    return found & _is_one(cases.agency, named)


def _with_agencies(cases: StoreCases, protocol: Protocol, *, name: str, is_alone: bool) -> StoreCases:
    agency = name_agencies(cases.texts["agency"], cases.store, name=name, protocol=protocol, is_alone=is_alone)
    return cases.with_agency(agency)


def _join(
    parts: Sequence[StoreCases],
    *,
    agency: Labels,
    features: Sequence[CaseFeatures],
    texts: Sequence[Mapping[str, pa.Array | None]],
    protocol: Protocol,
) -> StudyCases:
    def joined(field: str) -> Any:
        return np.concatenate([getattr(part, field) for part in parts])

    roles = {name: make_labels(name, [part.texts[name] for part in parts]) for name in ROLES if name != "agency"}
    filled = {name for name, labels in {**roles, "agency": agency}.items() if labels.labels}
    held = {name for part in texts for name, column in part.items() if column is not None}
    check_judged(protocol, frozenset(filled | held))
    attributes = [
        make_labels(name, [_or_nothing(part[name], len(cases)) for part, cases in zip(texts, parts, strict=True)])
        for name in sorted(held - filled)
    ]
    if "agency" in attribute_names(protocol):
        attributes.append(agency)
    return StudyCases(
        case_ids=np.concatenate([part.texts["case_id"].to_numpy(zero_copy_only=False) for part in parts]),
        opened_us=joined("opened_us"),
        watched_us=joined("watched_us"),
        left_us=joined("left_us"),
        is_closed=joined("is_closed"),
        agency=agency,
        service=roles["service"],
        channel=roles["channel"],
        outcome=roles["outcome"],
        attributes=tuple(attributes),
        features=CaseFeatures(
            *(np.concatenate([getattr(part, name) for part in features]) for name in CaseFeatures.__slots__)
        ),
    )


def _or_nothing(column: pa.Array | None, cases: int) -> pa.Array:
    return pa.nulls(cases, pa.string()) if column is None else column


def _has_one(labels: Labels, wanted: Sequence[str], field: str, protocol: Protocol) -> Flags:
    if not wanted:
        return np.ones(len(labels.codes), np.bool_)
    missing = sorted(set(wanted) - set(labels.labels))
    if missing and len(labels.codes):
        raise UnknownProtocolValueError(
            _("No case of the logs has “{value}”, which the protocol names.").format(value=missing[0]),
            where=f"{protocol.source}: {field}" if protocol.source else field,
            remedy=_("Name it as the logs write it: {labels}.").format(labels=", ".join(labels.labels) or "–"),
        )
    return _is_one(labels, set(wanted))


def _is_one(labels: Labels, wanted: set[str]) -> Flags:
    return np.asarray(np.isin(labels.codes, [code for code, label in enumerate(labels.labels) if label in wanted]))


def _first_us(parts: Sequence[StoreCases], in_population: Flags, cases: StudyCases, *, look_us: int) -> int:
    """Return since when openings are complete in every store that holds cases of the population."""
    found, start = [], 0
    for part in parts:
        if in_population[start : start + len(part)].any():
            found.append(first_complete_us(part))
        start += len(part)
    known = [first for first in found if first is not None]
    return max(known, default=int(cases.opened_us.min(initial=look_us)))


def _order(cases: StudyCases) -> Integers:
    table = pa.table({"opened": cases.opened_us, "id": pa.array(cases.case_ids, pa.string())})
    order = pc.sort_indices(table, sort_keys=[("opened", "ascending"), ("id", "ascending")])
    return np.asarray(order.to_numpy().astype(np.int64))


def _source(store: LogStore) -> StudySource:
    log, mapping = store.manifest["log"], store.manifest.get("mapping", {})
    meaning = json.dumps({name: mapping.get(name) for name in MEANING}, sort_keys=True, ensure_ascii=False, default=str)
    return StudySource(
        name=name_of(store),
        content_sha256=store.content_sha256,
        extraction=sampling_of(store).kind,
        extracted_us=store.extracted_us,
        cases=int(log.get("cases", 0)),
        rejected_rows=int(log.get("rejected_rows", 0)),
        mapping_sha256=hashlib.sha256(meaning.encode()).hexdigest(),
    )
