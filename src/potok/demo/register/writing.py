"""Writes a made-up register as a ministry would send it: titles, merged cells, blank rows, several sheets."""

import io
import json
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from potok.demo.register.cards import HEADINGS, Card
from potok.demo.register.planting import ASKED, MadeUpRegister
from potok.log.importing.folder import replace_file

TITLE: Final = "Реестр процессов министерства труда и социального развития"
SHEETS: Final = ("Государственные услуги", "Обеспечивающие процессы")
NOTE_SHEET: Final = "Пояснения"


def write_register(made: MadeUpRegister, *, workbook: Path, truth: Path) -> None:
    """Write a made-up register and the truth about it.

    Raises
    ------
    CannotWriteError
        If a file cannot be written.
    """
    replace_file(workbook, register_workbook(made))
    replace_file(truth, json.dumps(made.truth.as_record(), ensure_ascii=False, indent=1) + "\n")


def register_workbook(made: MadeUpRegister) -> bytes:
    """Return a made-up register as the bytes of an XLSX file."""
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001 - workbooks know no zones
        asked = [card for card in made.cards if card.cells["start_event"] == ASKED]
        own = [card for card in made.cards if card.cells["start_event"] != ASKED]
        for name, cards in zip(SHEETS, (asked, own), strict=True):
            _write_sheet(book, name, cards)
        note = book.add_worksheet(NOTE_SHEET)
        note.write_string(0, 0, "Реестр выдуман; заполняется по карточкам процессов.")
    return stream.getvalue()


def _write_sheet(book: Any, name: str, cards: list[Card]) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.merge_range(0, 0, 0, 5, f"{TITLE}: {name.lower()}", bold)
    for column, heading in enumerate(HEADINGS.values()):
        sheet.write_string(2, column, heading, bold)
        sheet.write_number(3, column, column + 1, plain)
    sheet.set_column(0, len(HEADINGS) - 1, 24)
    sheet.freeze_panes(4, 2)
    owner = list(HEADINGS).index("owner")
    row = 4
    for department, group in groupby(cards, key=lambda card: str(card.cells["owner"])):
        first = row
        for card in group:
            _write_row(sheet, row, card, plain)
            row += 1
        if department and row - first > 1:
            sheet.merge_range(first, owner, row - 1, owner, department, plain)
        row += 1  # a blank row between departments


def _write_row(sheet: Any, row: int, card: Card, form: Any) -> None:
    for column, value in enumerate(card.row()):
        if isinstance(value, int):
            sheet.write_number(row, column, value, form)
        elif value:
            sheet.write_string(row, column, str(value), form)
