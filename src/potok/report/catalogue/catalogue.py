"""The measures that can be asked for by name."""

from dataclasses import replace
from typing import Any, Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.report.catalogue import basics, costs, load, terms, times
from potok.report.catalogue.entry import Clock, Entry, Request
from potok.report.catalogue.need import OPTIONS, Inputs, Need, need_error, unused_error
from potok.report.catalogue.notes import one_calendar_note, own_calendars_note
from potok.report.tables import Table
from potok.report.tables.as_record import as_record

SCHEMA: Final = "potok.measure/1"
ENTRIES: Final[dict[str, Entry]] = {
    entry.name: entry for entry in (*basics.ENTRIES, *times.ENTRIES, *load.ENTRIES, *costs.ENTRIES, *terms.ENTRIES)
}


class UnknownMeasureError(UsageError):
    """There is no measure of that name."""

    code = "POTOK-R003"


class UnsuitableGroupingError(UsageError):
    """A measure cannot be grouped by that."""

    code = "POTOK-K032"


def check_measure(name: str) -> None:
    """Check that there is a measure of that name.

    Raises
    ------
    UnknownMeasureError
        If there is none.
    """
    if name not in ENTRIES:
        raise UnknownMeasureError(
            _("There is no measure «{name}».").format(name=name),
            where="--measure",
            remedy=_("Measures: {names}.").format(names=", ".join(sorted(ENTRIES))),
        )


def tabulate_measure(name: str, request: Request) -> Table:
    """Measure a log by the name of the measure.

    Raises
    ------
    UnknownMeasureError
        If there is no such measure.
    RegulationNeededError, InputNeededError
        If it needs what is not given.
    InputUnusedError, UnsuitableGroupingError
        If it is given what it takes no account of, or cannot be grouped so.
    """
    check_inputs(name, request.inputs, has_regulation=request.regulation is not None)
    table = ENTRIES[name].build(request)
    return replace(table, notes=(*table.notes, *_clock_notes(ENTRIES[name], request)))


def _clock_notes(entry: Entry, request: Request) -> tuple[str, ...]:
    """Say on whose calendar times are, where departments have calendars of their own."""
    if request.calendars is None or entry.tells_clock or entry.clock is Clock.CALENDAR_TIME:
        return ()
    return own_calendars_note() if entry.clock is Clock.OWN_CALENDARS else one_calendar_note(request.calendars)


def check_inputs(name: str, inputs: Inputs, *, has_regulation: bool) -> None:
    """Check that a measure is given what it needs, and nothing that it does not use.

    Raises
    ------
    UsageError
        As `tabulate_measure`.
    """
    check_measure(name)
    entry = ENTRIES[name]
    given = inputs.given() | (frozenset({Need.REGULATION}) if has_regulation else frozenset())
    for need in entry.needs:
        if need not in given:
            raise need_error(need, name)
    for need in sorted(inputs.given() - set(entry.needs)):
        raise unused_error(OPTIONS[need], name)
    if inputs.by and not entry.groupings:
        raise unused_error("--by", name)
    if inputs.by and inputs.by not in entry.groupings and not entry.groups_by_attributes:
        raise UnsuitableGroupingError(
            _("The measure «{name}» cannot be grouped by “{by}”.").format(name=name, by=inputs.by),
            where="--by",
            remedy=_("Choose one of: {names}.").format(names=", ".join(entry.groupings)),
        )


def _calendar_id(name: str, request: Request) -> str | None:
    used = request.clock if ENTRIES[name].clock is Clock.OWN_CALENDARS else request.calendar
    return used.calendar_id if used else None


def measure_as_json(table: Table, request: Request) -> dict[str, Any]:
    """Return one measure as a record of plain JSON values, by the schema ``potok.measure/1``."""
    record = as_record(table)
    return {
        "schema": SCHEMA,
        "measure": record.pop("name"),
        "log": {"content_sha256": request.store.content_sha256, "zone": request.zone},
        "calendar": _calendar_id(str(table.name), request),
        "regulation": request.regulation.regulation_id if request.regulation else None,
        **record,
    }
