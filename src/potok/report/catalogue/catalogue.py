"""The measures that can be asked for by name."""

from typing import Any, Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.report.catalogue import basics, load, terms, times
from potok.report.catalogue.entry import Entry, Request
from potok.report.tables import Table
from potok.report.tables.as_record import as_record

SCHEMA: Final = "potok.measure/1"
ENTRIES: Final[dict[str, Entry]] = {
    entry.name: entry for entry in (*basics.ENTRIES, *times.ENTRIES, *load.ENTRIES, *terms.ENTRIES)
}


class UnknownMeasureError(UsageError):
    """There is no measure of that name."""

    code = "POTOK-R003"


class RegulationNeededError(UsageError):
    """A measure of terms is asked for without a regulation."""

    code = "POTOK-R004"


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
    UnknownMeasureError, RegulationNeededError
        If there is no such measure, or it needs a regulation and none is given.
    """
    check_measure(name)
    entry = ENTRIES[name]
    if entry.needs_regulation and request.regulation is None:
        raise RegulationNeededError(
            _("The measure «{name}» needs a regulation.").format(name=name),
            where="--regulation",
            remedy=_("Name the file in which the terms of the service are written: --regulation FILE.toml."),
        )
    return entry.build(request)


def measure_as_json(table: Table, request: Request) -> dict[str, Any]:
    """Return one measure as a record of plain JSON values, by the schema ``potok.measure/1``."""
    record = as_record(table)
    return {
        "schema": SCHEMA,
        "measure": record.pop("name"),
        "log": {"content_sha256": request.store.content_sha256, "zone": request.zone},
        "calendar": request.calendar.calendar_id if request.calendar else None,
        "regulation": request.regulation.regulation_id if request.regulation else None,
        **record,
    }
