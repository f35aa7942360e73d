"""The A3 as DOCX: tables that Word edits, on one sheet, with the map as a picture."""

import struct
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from potok.core.language import current_language
from potok.report.a3.document import A3Document, A3Item, A3Table
from potok.report.a3.docx_parts import (
    FONT,
    MUTED,
    PROBLEM,
    Look,
    add_table,
    describe_picture,
    repeat_header,
    shade,
    tighten,
    write,
)
from potok.report.a3.fitting import Piece, Place, fit_cells, fit_line, fit_size
from potok.report.bpmn.picture import render_png
from potok.report.drawing.value_stream_file import make_stream_standalone

_PAGE_MM: Final = (420.0, 297.0)
_MARGIN_MM: Final = 8.0
_FIELDS_MM: Final = 12.0
_UPPER_MM: Final = 142.0
_LOWER_MM: Final = 106.0
_HEADING_MM: Final = 7.0
_GAP_MM: Final = 2.0
_INSET_MM: Final = 3.2
_HEADER_MM: Final = 9.0
_UPPER_WIDTHS: Final = (104.0, 300.0)
_LOWER_WIDTHS: Final = (88.0, 116.0, 86.0, 114.0)
_FIELD_WIDTHS: Final = (74.0, 94.0, 68.0, 68.0, 40.0, 60.0)
_BOX: Final = ("top", "left", "bottom", "right")
_GRID: Final = (*_BOX, "insideH", "insideV")
_BLANK: Final = "_" * 36
_TITLE_SIZE: Final = 17.0
_PICTURE_MM: Final = (292.0, _UPPER_MM - 15)


def render_a3_docx(document: A3Document, *, author: str = "") -> bytes:
    """Return an A3 as the bytes of a DOCX file.

    Heights of rows are fixed and sizes of text chosen by measuring, so that it stays on one sheet; what is typed in
    later may need a smaller size.

    Parameters
    ----------
    author
        For the file's properties.

    Raises
    ------
    PictureFailedError
        If the map cannot be made into a picture.
    """
    from docx import Document

    made = Document()
    _set_page(made)
    _set_properties(made, document, author)
    write(tighten(made.add_heading("", level=1)), document.title, Look(_title_size(document.title), is_bold=True))
    _add_fields(made, document)
    upper = _add_row(made, _UPPER_WIDTHS, _UPPER_MM)
    _fill_background(upper[0], document)
    _fill_state(upper[1], document)
    lower = _add_row(made, _LOWER_WIDTHS, _LOWER_MM)
    _fill_form(lower[0], document.headings[2], document.goal, Place(_LOWER_WIDTHS[0], _LOWER_MM))
    _fill_items(lower[1], document.headings[3], document.causes, document.causes_note, blanks=1)
    _fill_items(lower[2], document.headings[4], document.changes, document.changes_note, blanks=3)
    half = Place(_LOWER_WIDTHS[3], _LOWER_MM / 2)
    _fill_form(lower[3], document.headings[5], document.plan, half)
    _fill_form(lower[3], document.headings[6], document.results, half)
    write(tighten(made.add_paragraph()), document.footer, Look(6.5, colour=MUTED))
    stream = BytesIO()
    made.save(stream)
    return _without_moment(stream.getvalue())


def _without_moment(content: bytes) -> bytes:
    """Pack a file anew without the moment of its packing, so that the same document gives the same bytes."""
    stream = BytesIO()
    with ZipFile(BytesIO(content)) as packed, ZipFile(stream, "w", ZIP_DEFLATED) as plain:
        for name in packed.namelist():
            plain.writestr(ZipInfo(name), packed.read(name), ZIP_DEFLATED)
    return stream.getvalue()


def _title_size(title: str) -> float:
    return fit_line(title, _PAGE_MM[0] - 2 * _MARGIN_MM, largest=_TITLE_SIZE)


def _set_page(made: Any) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    section = made.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = (Mm(length) for length in _PAGE_MM)
    for side in ("left", "right", "top", "bottom"):
        setattr(section, f"{side}_margin", Mm(_MARGIN_MM))
    section.header_distance = section.footer_distance = Mm(4)
    style = made.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(9)
    language = {"ru": "ru-RU", "en": "en-GB"}[current_language()]
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:cs"), FONT)
    for found in made.styles.element.iter(qn("w:lang")):
        found.set(qn("w:val"), language)


def _set_properties(made: Any, document: A3Document, author: str) -> None:
    on = document.known_on
    known = made.core_properties
    known.title, known.author, known.comments = document.title, author, ""
    # Without it the file would hold the moment of writing, and never be the same twice.
    known.created = known.modified = datetime(on.year, on.month, on.day)  # noqa: DTZ001 - the format knows no zones
    known.language = current_language()


def _add_fields(made: Any, document: A3Document) -> None:
    table = add_table(made, _FIELD_WIDTHS, [_FIELDS_MM - 1], borders=("bottom",))
    for cell, width, (name, value) in zip(table.rows[0].cells, _FIELD_WIDTHS, document.fields, strict=True):
        write(cell.paragraphs[0], name, Look(7.5, colour=MUTED))
        size = fit_size([Piece(value, "semibold")], Place(width - _INSET_MM, 6))
        write(tighten(cell.add_paragraph()), value, Look(size, is_bold=True))


def _add_row(made: Any, widths: Sequence[float], height: float) -> Sequence[Any]:
    """Add a row of the sheet's parts: a table, parted from what stands above it by as little as can be."""
    tighten(made.add_paragraph(), exactly=_GAP_MM * 72 / 25.4)
    table = add_table(made, widths, [height], borders=_GRID)
    return list(table.rows[0].cells)


def _begin(cell: Any, heading: str) -> None:
    """Write a part's heading into its cell: as a heading, so that it can be found."""
    first = cell.paragraphs[0]
    if first.runs or len(cell.tables):
        first = cell.paragraphs[-1]
    first.style = cell.part.document.styles["Heading 2"]
    write(tighten(first, after=2), heading, Look(11, is_bold=True))


def _fill_background(cell: Any, document: A3Document) -> None:
    _begin(cell, document.headings[0])
    texts = [text or _BLANK for text in document.background]
    facts = [(name, value) for name, value in document.facts]
    pieces = [*(Piece(text, after=0.2) for text in texts), Piece("", after=0.6)]
    pieces += [Piece(f"{name}  {value}", after=0.5) for name, value in facts]
    size = fit_size(pieces, Place(_UPPER_WIDTHS[0] * 0.8, _UPPER_MM - _HEADING_MM - 4))
    for text in texts:
        write(tighten(cell.add_paragraph(), after=2), text, Look(size))
    if facts:
        widths = ((_UPPER_WIDTHS[0] - _INSET_MM) * 0.58, (_UPPER_WIDTHS[0] - _INSET_MM) * 0.42)
        heights = [_fact_height(fact, size, widths) for fact in facts]
        table = add_table(cell, widths, heights, borders=("insideH", "bottom", "top"))
        for row, (name, value) in zip(table.rows, facts, strict=True):
            write(row.cells[0].paragraphs[0], name, Look(size, colour=MUTED))
            write(row.cells[1].paragraphs[0], value, Look(size, is_bold=True))
        tighten(cell.add_paragraph(), exactly=2)


def _fact_height(fact: tuple[str, str], size: float, widths: tuple[float, float]) -> float:
    from potok.report.a3.fitting import needed_height

    needed = [
        needed_height([Piece(text, "semibold")], size=size, width=width - _INSET_MM)
        for text, width in zip(fact, widths, strict=True)
    ]
    return max(needed) + 1.2


def _fill_state(cell: Any, document: A3Document) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    _begin(cell, document.headings[1])
    if document.picture:
        picture = render_png(make_stream_standalone(document.picture))
        width, height = struct.unpack(">II", picture[16:24])  # where the format keeps them
        scale = min(_PICTURE_MM[0] / width, _PICTURE_MM[1] / height)
        paragraph = tighten(cell.add_paragraph())
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        shape = paragraph.add_run().add_picture(BytesIO(picture), width=Mm(width * scale))
        describe_picture(shape, f"{document.headings[1]}. {document.picture_text}")
    write(tighten(cell.add_paragraph()), document.picture_text, Look(7.5, colour=MUTED))


def _fill_form(cell: Any, heading: str, form: A3Table, place: Place) -> None:
    _begin(cell, heading)
    shares = [1.7 if number == 0 else 1.0 for number in range(len(form.columns))]
    if not any(row[1] for row in form.rows):
        shares[1:3] = 1.6, 1.2  # where people write most
    width = place.width - _INSET_MM - 1
    widths = [width * share / sum(shares) for share in shares]
    height = (place.height - _HEADING_MM - _HEADER_MM - _GAP_MM) / len(form.rows)
    inner = [one - _INSET_MM for one in widths]
    size = min(
        fit_cells(form.rows, inner, row_height=height - 1), fit_cells([form.columns], inner, row_height=_HEADER_MM - 1)
    )
    table = add_table(cell, widths, [_HEADER_MM, *[height] * len(form.rows)], borders=_GRID)
    repeat_header(table)
    for number, row in enumerate((form.columns, *form.rows)):
        for target, text in zip(table.rows[number].cells, row, strict=True):
            write(target.paragraphs[0], text, Look(size, is_bold=number == 0))
            if number == 0:
                shade(target)
    tighten(cell.add_paragraph(), exactly=2)


def _fill_items(cell: Any, heading: str, items: Sequence[A3Item], note: str, *, blanks: int) -> None:
    _begin(cell, heading)
    width = (_LOWER_WIDTHS[1] if blanks == 1 else _LOWER_WIDTHS[2]) - _INSET_MM
    pieces = [piece for item in items for piece in _pieces(item)]
    pieces += [Piece(note), *[Piece(_BLANK, after=0.3)] * blanks]
    size = fit_size(pieces, Place(width, _LOWER_MM - _HEADING_MM - 4))
    for item in items:
        first = tighten(cell.add_paragraph(), after=0 if item.note else 3)
        write(first, f"{item.number}. ", Look(size, is_bold=True, colour=PROBLEM))
        write(first, item.text, Look(size, is_bold=True))
        if item.note:
            write(tighten(cell.add_paragraph(), after=3), item.note, Look(size, colour=MUTED))
    write(tighten(cell.add_paragraph(), after=2), note, Look(size, colour=MUTED))
    for _line in range(blanks):
        write(tighten(cell.add_paragraph(), after=3), _BLANK, Look(size, colour=MUTED))


def _pieces(item: A3Item) -> tuple[Piece, ...]:
    return (Piece(f"{item.number}. {item.text}", "semibold"), Piece(item.note, after=0.4 if item.note else -0.6))
