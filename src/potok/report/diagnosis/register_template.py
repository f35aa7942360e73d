"""The empty form of a register, with a sheet that explains its columns."""

import io
from datetime import datetime
from typing import Any, Final

from potok.core.language import gettext as _
from potok.core.language import mark

# Heading, explanation, example.
COLUMNS: Final = (
    (mark("Process code"), mark("The register's own; each once."), "01-07"),
    (mark("Process name"), mark("Needed. What is done, and to what."), mark("Issuing the large family card")),
    (mark("Main or additional authority"), mark("“main” or “additional”."), mark("main")),
    (
        mark("Regulating document"),
        mark("Acts with date and number, separated by “;”."),
        mark("Order of the ministry No. 47 of 12.03.2019"),
    ),
    (mark("Description"), mark("A few sentences."), ""),
    (mark("Level of execution"), mark("Federal, regional, municipal."), mark("regional")),
    (mark("Process owner"), mark("The unit or post that answers for it."), mark("Department of family policy")),
    (
        mark("Participants"),
        mark("All who act in it, separated by “;”."),
        mark("department; legal unit; deputy minister"),
    ),
    (mark("Information systems"), mark("Separated by “;”; paper and Excel count, too."), mark("case system; Excel")),
    (mark("Lead time"), mark("A number and a unit: “5 working days”, “10 days”, “2 hours”."), mark("5 working days")),
    (mark("Start event"), mark("What sets it going."), mark("application received")),
    (mark("From whom"), mark("Who sets it going."), mark("citizen")),
    (mark("Result"), mark("What is there when it is done."), mark("large family card")),
    (mark("To whom"), mark("Who gets the result; write “nobody” if nobody does."), mark("citizen")),
    (mark("Parent process"), mark("Its name or code in this register."), ""),
    (mark("Child processes"), mark("Names or codes, separated by “;”."), ""),
    (mark("Incoming documents"), mark("Separated by “;”."), mark("application; birth certificates; photographs")),
    (mark("Outgoing documents"), mark("Separated by “;”."), mark("large family card")),
    (mark("Known problems"), mark("As people name them."), mark("data are typed in by hand")),
    (mark("Proposed for the programme “Effective region”"), mark("yes or no."), mark("no")),
    (mark("Volume per year"), mark("Cases a year."), "1200"),
    (mark("Staff hours per year"), mark("Or “Staff hours per case”."), "900"),
    (mark("Event log"), mark("Path of a log or a store, if there is one."), ""),
)
WIDTH: Final = 24


def register_template() -> bytes:
    """Return the empty form as the bytes of an XLSX file, in the current language."""
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001 - workbooks know no zones
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        form = book.add_worksheet(_("Register"))
        form.set_column(0, len(COLUMNS) - 1, WIDTH)
        form.freeze_panes(1, 2)
        for column, (heading, _explanation, _example) in enumerate(COLUMNS):
            form.write_string(0, column, _(heading), bold)
        _explain(book.add_worksheet(_("How to fill it in")), bold, wrapped)
    return stream.getvalue()


def _explain(sheet: Any, bold: Any, wrapped: Any) -> None:
    sheet.set_column(0, 2, 2 * WIDTH)
    for column, title in enumerate((_("Column"), _("What to write"), _("Example"))):
        sheet.write_string(0, column, title, bold)
    for row, texts in enumerate(COLUMNS, start=1):
        for column, text in enumerate(texts):
            sheet.write_string(row, column, _(text) if text else "", wrapped)
