"""Tables as a fragment of HTML, for notebooks."""

from html import escape
from typing import Final

from potok.core.language import gettext as _
from potok.report.formats import format_count
from potok.report.tables.as_text import format_value
from potok.report.tables.model import TEXTUAL, Table

MOST_ROWS: Final = 100


def as_html(table: Table) -> str:
    """Return a table as HTML, its first rows if there are many; whatever a log holds is text in it."""
    heads = "".join(f'<th scope="col">{escape(column.title)}</th>' for column in table.columns)
    rows = "".join(f"<tr>{_cells(table, row)}</tr>" for row in table.rows[:MOST_ROWS])
    left = len(table.rows) - MOST_ROWS
    notes = [*table.notes, *([_("{n} more rows are not shown.").format(n=format_count(left))] if left > 0 else [])]
    below = "".join(f"<p>{escape(note)}</p>" for note in notes)
    caption = f"<caption>{escape(table.title)}</caption>"
    return f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{below}"


def _cells(table: Table, row: tuple[object, ...]) -> str:
    return "".join(
        f"<td{_alignment(column.kind in TEXTUAL)}>{escape(format_value(value, column, table.zone))}</td>"
        for column, value in zip(table.columns, row, strict=True)
    )


def _alignment(is_text: bool) -> str:
    return ' style="text-align:left"' if is_text else ' style="text-align:right"'
