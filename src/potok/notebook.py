"""Potok in a notebook: read a log, audit it, measure it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from pathlib import Path
from typing import Any, TypedDict, Unpack

from potok.core.calendars import Calendar, CalendarSet
from potok.core.regulations import Regulation, load_regulation
from potok.engine.base import Engine
from potok.log.cache import open_or_import
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.mapping import Mapping, TimeColumn
from potok.log.mapping_file import load_mapping
from potok.log.store import LogStore
from potok.measure.cost_model import CostModel, load_cost_model
from potok.measure.tariffs import Tariffs, load_tariffs
from potok.report.audit import build_audit, look_further
from potok.report.catalogue.catalogue import ENTRIES, tabulate_measure
from potok.report.catalogue.clock import find_calendar, find_calendars, request_on
from potok.report.catalogue.entry import Request
from potok.report.catalogue.need import Inputs
from potok.report.measured import Audit
from potok.report.tables import Table
from potok.report.verification.control import results_of
from potok.report.verification.tables import effect_tables
from potok.report.verification.text import effect_as_text
from potok.report.verification.writing import PageKind, write_effect
from potok.verify.effect import Design, Effect
from potok.verify.effect_json import effect_as_json
from potok.verify.protocol.model import Protocol
from potok.verify.protocol.reading import read_protocol
from potok.verify.verification import Verification, verify_stores


@dataclass(frozen=True, slots=True)
class Log:
    """An event log, ready to be measured.

    Parameters
    ----------
    store
        The finished log store.
    source
        What was read.
    """

    store: LogStore
    source: str

    @property
    def manifest(self) -> dict[str, Any]:
        """What the import noted: source, mapping, guesses, quality, counts."""
        return self.store.manifest

    def _repr_html_(self) -> str:
        return f"<p><strong>{escape(self.source)}</strong></p>{tabulate(self, 'counts')._repr_html_()}"


def read(
    source: str | Path,
    *more: str | Path,
    mapping: Mapping | str | Path | None = None,
    into: str | Path | None = None,
    **roles: str | Sequence[str],
) -> Log:
    """Read an event log from files, a database URL or a log store.

    Ids stay as they are; personal data in other columns stops the reading, as it does on the command line.

    Parameters
    ----------
    source, more
        Files of the same shape (CSV, XLSX, Parquet, XES, OCEL), a database URL, or the folder of a log store.
    mapping
        Roles of the columns, or the TOML file that states them; what is left open is guessed.
    into
        Folder of the store to write; by default one in the user's cache, found again at the next reading.
    roles
        Single roles by name: ``case_id``, ``activity``, ``completed_at``, ``started_at``, ``resource``, ``org_unit``,
        ``zone`` and the other fields of `potok.log.mapping.Mapping` that hold text. Several columns are joined.

    Raises
    ------
    PotokError
        If the source cannot be read; the message names the place and the remedy.
    TypeError
        If there is no such role.

    Examples
    --------
    >>> log = potok.read("permits.csv", case_id="number", zone="Europe/Kaliningrad")  # doctest: +SKIP
    """
    base = load_mapping(Path(mapping)) if isinstance(mapping, str | Path) else mapping or Mapping()
    sources = tuple(str(path) for path in (source, *more))
    request = ImportRequest(sources=sources, into=Path(into or ""), mapping=_with_roles(base, roles))
    store = import_log(request) if into else open_or_import(request)
    return Log(store, ", ".join(Path(name).name for name in sources))


def _with_roles(mapping: Mapping, roles: dict[str, str | Sequence[str]]) -> Mapping:
    changed: dict[str, Any] = {"zone_is_named": mapping.zone_is_named or "zone" in roles}
    for role, named in roles.items():
        columns = (named,) if isinstance(named, str) else tuple(named)
        if role in ("completed_at", "started_at", "enabled_at"):
            changed[role] = TimeColumn(columns)
        else:
            changed[role] = columns if role in ("activity", "drop", "keep_text", "allow_personal") else named
    return replace(mapping, **changed)


def audit(
    log: Log,
    *,
    calendar: Calendar | str | Path | None = None,
    regulation: Regulation | str | Path | None = None,
    engine: Engine | None = None,
) -> Audit:
    """Audit a log: quality, process map, times, load, terms, variants, rework, hand-overs and first findings.

    In a notebook the result shows itself; ``as_html()`` and ``as_record()`` give it as a document and as JSON.

    Parameters
    ----------
    calendar
        Times are shown in working time on it as well: a calendar, its name, or its TOML file. By default that of the
        regulation.
    regulation
        Terms of the service, or their TOML file: how they are kept, and what time lies beyond them.

    Raises
    ------
    CalendarNeededError
        If there is a regulation but no calendar.
    """
    rules = _rules(regulation)
    days = calendar if isinstance(calendar, Calendar) else find_calendar(calendar, regulation=rules, store=log.store)
    made = build_audit(log.store, opened_as=log.source, regulation=rules, calendar=days, engine=engine)
    return look_further(made, log.store, regulation=rules, calendar=days, engine=engine)


def _rules(regulation: Regulation | str | Path | None) -> Regulation | None:
    return load_regulation(regulation) if isinstance(regulation, str | Path) else regulation


def measures() -> tuple[str, ...]:
    """Return the names of the measures that `tabulate` knows."""
    return tuple(sorted(ENTRIES))


class Declared(TypedDict, total=False):
    """What people declare for single measures."""

    by: str
    tariffs: Tariffs | str | Path
    cost_model: CostModel | str | Path
    value_adding: Sequence[str]


def tabulate(
    log: Log,
    name: str,
    *,
    calendar: Calendar | CalendarSet | str | Path | None = None,
    regulation: Regulation | str | Path | None = None,
    engine: Engine | None = None,
    **declared: Unpack[Declared],
) -> Table:
    """Measure a log, by the name of the measure.

    Parameters
    ----------
    name
        One of `measures`.
    calendar
        Times are working time on it: a calendar, its name, or its TOML file; or a set of departments' calendars. By
        default that of the regulation.
    regulation
        Terms of the service, or their TOML file; needed by measures of terms.
    declared
        ``by``: what to group by, such as ``"channel"``, ``"cohort_quarter"`` or an attribute of cases. ``tariffs``
        (for ``staff_costs``) and ``cost_model`` (for ``standard_cost``): figures, or their TOML file.
        ``value_adding`` (for ``flow_efficiency``): the activities that add value.

    Returns
    -------
    Table
        ``to_pandas()``, ``to_polars()`` and ``to_arrow()`` convert it; durations are seconds, shares 0–1.

    Raises
    ------
    UnknownMeasureError, RegulationNeededError, InputNeededError, CalendarNeededError
        If the measure does not exist or lacks what it needs.
    InputUnusedError, UnsuitableGroupingError
        If it takes no account of what is declared.
    TypeError
        If nothing of that name can be declared.

    Examples
    --------
    >>> potok.tabulate(log, "lead_times", by="channel", calendar="ru").to_pandas()  # doctest: +SKIP
    """
    inputs = _inputs(declared)
    rules = _rules(regulation)
    if isinstance(calendar, Calendar):
        calendars: CalendarSet | None = CalendarSet(calendar)
    elif isinstance(calendar, CalendarSet):
        calendars = calendar
    else:
        calendars = find_calendars(calendar, regulation=rules, store=log.store)
    return tabulate_measure(name, request_on(calendars, Request(log.store, None, rules, engine, inputs)))


@dataclass(frozen=True, slots=True)
class VerifiedProject:
    """A project's verdict with all that it rests on.

    Parameters
    ----------
    verification
        The effect, the protocol, the cases and their sides.
    """

    verification: Verification

    @property
    def effect(self) -> Effect:
        """The result: verdict, estimate, quality, checks."""
        return self.verification.effect

    @property
    def verdict(self) -> str:
        """`verified`, `not_verified`, `harm_to_quality` or `cannot_tell_yet`."""
        return self.effect.decision.verdict.value

    def as_json(self) -> dict[str, Any]:
        """Return the effect as `potok.effect/1`."""
        return effect_as_json(self.verification)

    def tables(self) -> tuple[Table, ...]:
        """Return everything as tables."""
        return effect_tables(self.effect, self.verification.protocol)

    def write(self, target: str | Path, *, kind: str = "board") -> None:
        """Write a document by its suffix.

        Parameters
        ----------
        kind
            ``"board"`` for one page, ``"auditor"`` for everything.
        """
        write_effect(Path(target), results_of(self.verification), kind=PageKind(kind))

    def _repr_html_(self) -> str:
        said = effect_as_text(self.effect, self.verification.protocol)
        return f"<pre>{escape(said)}</pre>"


def verify_project(
    *logs: Log,
    protocol: Protocol | str | Path,
    decided_on: date | None = None,
    design: str = "",
    calendar: Calendar | str | Path | None = None,
    registered_sha256: str | None = None,
    engine: Engine | None = None,
) -> VerifiedProject:
    """Say whether a project worked, and whether quality held.

    Parameters
    ----------
    logs
        One log of all agencies, or one for each.
    protocol
        What was promised before the change, or its TOML file.
    decided_on
        Day of the verdict; the logs' last day by default.
    design
        Another design than the rules propose: shown, and never verified by.
    calendar
        Of working days, if the protocol counts in them; else the one that it names.
    registered_sha256
        Hash of the protocol as registered; if it says something else now, nothing is verified.

    Raises
    ------
    BrokenProtocolError
        If the protocol cannot be read or contradicts itself.
    StoresDifferError, ExtractionsDifferError
        If the logs do not fit each other.
    """
    promised = protocol if isinstance(protocol, Protocol) else read_protocol(Path(protocol))
    named = calendar or promised.estimand.calendar
    stores = [log.store for log in logs]
    found = verify_stores(
        stores,
        promised,
        decided_on=decided_on,
        design=Design(design) if design else None,
        calendar=named if isinstance(named, Calendar) else find_calendar(named, regulation=None, store=stores[0]),
        registered_sha256=registered_sha256,
        engine=engine,
    )
    return VerifiedProject(found)


def _inputs(declared: Declared) -> Inputs:
    unknown = sorted(set(declared) - Declared.__optional_keys__)
    if unknown:
        raise TypeError(f"tabulate() takes no {', '.join(unknown)}")
    tariffs, model = declared.get("tariffs"), declared.get("cost_model")
    adding = declared.get("value_adding", ())
    return Inputs(
        by=declared.get("by", ""),
        tariffs=load_tariffs(Path(tariffs)) if isinstance(tariffs, str | Path) else tariffs,
        cost_model=load_cost_model(Path(model)) if isinstance(model, str | Path) else model,
        value_adding=(adding,) if isinstance(adding, str) else tuple(adding),
    )
