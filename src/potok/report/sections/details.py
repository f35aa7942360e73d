"""Tables behind findings: what was seen of waits, returns, boundaries, rules and resources, the first rows of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from potok.core.language import gettext as _
from potok.diagnose.caused_gaps import CAUSE_COLUMNS
from potok.report.diagnosis.details import WAITS, list_details
from potok.report.drawing.svg import make_visible
from potok.report.formats import format_count
from potok.report.measured import Audit
from potok.report.sections import table as shown
from potok.report.tables import Column, Table
from potok.report.tables.as_text import format_value
from potok.report.tables.model import TEXTUAL

SHOWN_ROWS: Final = 20
WIDEST_CELL: Final = 160


@dataclass(frozen=True, slots=True)
class DetailTable:
    """A table and the sentences to be read with it; without rows there is no table, only its title."""

    title: str
    content: shown.Table | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DetailGroup:
    """Tables of one diagnosis, folded together under a title."""

    anchor: str
    title: str
    tables: tuple[DetailTable, ...]


def make_details(audit: Audit) -> tuple[DetailGroup, ...]:
    """Show the tables behind the findings of an audit."""
    return tuple(
        DetailGroup(anchor_of(part.name), name_details(part.name), tuple(map(_make_table, part.tables)))
        for part in list_details(audit.diagnoses, audit.waits, zone=audit.zone)
    )


def anchor_of(name: str) -> str:
    """Return the anchor of a diagnosis' tables in the document."""
    return f"details-{name.replace('_', '-')}"


def detail_links(audit: Audit) -> dict[str, str]:
    """Return, by the id of each finding that has tables behind it, the anchor of these."""
    names = {(found.kind, found.where): one.name for one in audit.diagnoses for found in one.findings}
    asked = {one.identifier: names.get((one.finding.kind, one.finding.where)) for one in audit.further}
    links = {identifier: anchor_of(name) for identifier, name in asked.items() if name}
    if audit.waits is not None:
        links |= {one.identifier: anchor_of(WAITS) for one in audit.findings if one.finding.kind in CAUSE_COLUMNS}
    return links


def name_details(name: str) -> str:
    """Name what a diagnosis, or `WAITS`, looks at."""
    return {
        WAITS: _("Causes of waiting and batches"),
        "returns": _("Returns and their reasons"),
        "ping_pong": _("Back and forth"),
        "boundaries": _("Boundaries between departments or people"),
        "approvals": _("Approvals"),
        "deviations": _("Checks of the regulation"),
        "late_starts": _("Late starts"),
        "digitalisation": _("Paper, portals and machines"),
        "resources": _("Performers: pools, hours, delays, priorities"),
        "superfluous": _("Steps examined"),
        "drift": _("Changes of the process"),
        "differences": _("Differences between groups of cases"),
        "queues": _("Queues that grow"),
    }[name]


def _make_table(table: Table) -> DetailTable:
    if not table.rows:
        return DetailTable(table.title, None, table.notes)
    kept = [place for place in range(len(table.columns)) if any(row[place] not in (None, "") for row in table.rows)]
    rows = table.rows[:SHOWN_ROWS]
    content = shown.Table(
        caption=table.title,
        columns=tuple(_column(table.columns[place]) for place in kept),
        rows=tuple(
            shown.make_row(*(_cell(row[place], table.columns[place], table.zone) for place in kept)) for row in rows
        ),
    )
    return DetailTable(table.title, content, (*_note_of_rest(table), *table.notes))


def _note_of_rest(table: Table) -> Iterator[str]:
    if len(table.rows) > SHOWN_ROWS:
        yield _("Shown are the first {shown} of {total} rows; the workbook (potok audit --xlsx) has them all.").format(
            shown=format_count(SHOWN_ROWS), total=format_count(len(table.rows))
        )


def _column(column: Column) -> shown.Column:
    return shown.Column(column.title, is_figure=column.kind not in TEXTUAL)


def _cell(value: Any, column: Column, zone: str) -> shown.Cell:
    text = make_visible(format_value(value, column, zone))
    cut = text if len(text) <= WIDEST_CELL else text[: WIDEST_CELL - 1] + "…"
    return shown.Cell(cut)
