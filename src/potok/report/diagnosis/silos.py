"""Time at boundaries and the silo index as tables and as JSON."""

from typing import Any, Final

from potok.core.language import gettext as _
from potok.diagnose.silos.boundary_time import MOST_OF_TIME, BoundaryTime
from potok.diagnose.silos.silo_index import REFUSALS, SiloIndex
from potok.report.catalogue.entry import count, duration, number, share, text
from potok.report.diagnosis.plain_results import plain_result
from potok.report.formats import compose, format_count, format_decimal, format_share
from potok.report.tables import Table
from potok.report.tables.model import rows_of

SCHEMA: Final = "potok.silos/1"
MOST_ROWS: Final = 100


def silos_tables(boundaries: BoundaryTime, index: SiloIndex, *, zone: str = "UTC") -> tuple[Table, ...]:
    """Return the tables of time between holders, of the boundaries, and of the silo index."""
    return (
        boundary_time_table(boundaries, zone=zone),
        silo_index_table(index, zone=zone),
        boundaries_table(boundaries, index, zone=zone),
    )


def silos_as_json(boundaries: BoundaryTime, index: SiloIndex) -> dict[str, Any]:
    """Return the JSON of time at boundaries, schema ``potok.silos/1``."""
    return {"schema": SCHEMA, "boundary_time": plain_result(boundaries), "silo_index": plain_result(index)}


def boundary_time_table(found: BoundaryTime, *, zone: str = "UTC") -> Table:
    """Tabulate which share of lead time lies between holders."""
    columns = (
        count("cases", _("Cases")),
        duration("lead_seconds", _("Lead time")),
        duration("between_seconds", _("Between holders")),
        duration("within_seconds", _("Within one holder")),
        duration("unknown_seconds", _("Holder not known")),
        share("between_share", _("Share between holders")),
        share("lower_share", _("from (95 %)")),
        share("upper_share", _("to (95 %)")),
    )
    notes = (
        name_holders(found.holder),
        _(
            "Gaps between the instances of a case; the rest of lead time is work, or lies before the first or after "
            "the last instance."
        ),
    )
    return Table("boundary_time", _("Lead time between and within"), columns, rows_of([found], columns), zone, notes)


def silo_index_table(found: SiloIndex, *, zone: str = "UTC") -> Table:
    """Tabulate the silo index."""
    columns = (
        number("value", _("Silo index (0–1)")),
        number("lower", _("from (95 %)")),
        number("upper", _("to (95 %)")),
        count("crossings", _("Hand-overs with a known wait")),
        share("returning_share", _("of them back to an earlier holder")),
        share("compared_share", _("Share of waiting compared")),
        number("wait_ratio", _("Wait at boundaries ÷ inside")),
        duration("excess_seconds", _("Waiting beyond that inside")),
        duration("returning_excess_seconds", _("of it on the way back")),
    )
    return Table("silo_index", _("Silo index"), columns, rows_of([found], columns), zone, _index_notes(found))


def boundaries_table(found: BoundaryTime, index: SiloIndex, *, zone: str = "UTC") -> Table:
    """Tabulate the boundaries at which most time passes, with what of it is beyond waits inside."""
    columns = (
        text("source", _("From")),
        text("target", _("To")),
        count("count", _("Hand-overs")),
        count("cases", _("Cases")),
        duration("seconds", _("Time")),
        duration("median_seconds", _("Median")),
        share("boundary_share", _("Share of time at boundaries")),
        duration("excess_seconds", _("Beyond waits inside")),
    )
    excess = {(place.source, place.target): place.excess_seconds for place in index.boundaries}
    shown = found.boundaries[:MOST_ROWS]
    rows = tuple((*row, excess.get(row[:2])) for row in rows_of(shown, columns[:-1]))
    notes = []
    if found.effective_boundaries is not None:
        said = _(
            "{share} of the time lies at {n} of {all} boundaries; it is as concentrated as at {effective} equal ones."
        )
        notes.append(
            compose(
                said,
                share=format_share(MOST_OF_TIME),
                n=format_count(found.most_of_time_boundaries),
                all=format_count(len(found.boundaries)),
                effective=format_decimal(found.effective_boundaries),
            )
        )
    return Table("boundaries", _("Boundaries at which time passes"), columns, rows, zone, tuple(notes))


def name_holders(holder: str) -> str:
    """Say between whom boundaries lie."""
    return {
        "org_unit": _("Boundaries between departments."),
        "resource": _("Boundaries between performers."),
    }.get(holder, _("Boundaries by “{attribute}”.").format(attribute=holder.removeprefix("attr:")))


def _index_notes(found: SiloIndex) -> tuple[str, ...]:
    notes = [
        name_holders(found.holder),
        _(
            "The share of waiting at boundaries that would not be there if it lasted as long as inside, for the same "
            "activity and service; 0 means that boundaries make no difference."
        ),
    ]
    if found.refusal:
        notes.append(_("It cannot be told: {reason}").format(reason=_(REFUSALS[found.refusal])))
    elif found.lower == 0:
        notes.append(_("A boundary effect cannot be told from chance here."))
    return tuple(notes)
