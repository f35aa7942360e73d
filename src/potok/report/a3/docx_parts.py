"""Pieces of a DOCX file that python-docx has no words for: fixed tables, shaded cells, exact heights."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

# Word has no say over fonts that a machine lacks; this one, or one of its widths, is everywhere.
FONT: Final = "Arial"
INK: Final = "16202C"
MUTED: Final = "52606F"
LINE: Final = "7C8B9B"
GROUND: Final = "E0EBF8"
PROBLEM: Final = "A3211B"
_TWIPS_PER_MM: Final = 56.7
_BORDERS: Final = ("top", "left", "bottom", "right", "insideH", "insideV")


@dataclass(frozen=True, slots=True)
class Look:
    """How a text looks: its size in points, weight and colour."""

    size: float
    is_bold: bool = False
    colour: str = INK


def write(paragraph: Any, text: str, look: Look) -> Any:
    """Add a text to a paragraph."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(text)
    run.font.name, run.font.size, run.font.bold = FONT, Pt(look.size), look.is_bold
    run.font.color.rgb = RGBColor.from_string(look.colour)
    for kind in ("w:cs", "w:eastAsia", "w:hAnsi"):
        run._element.rPr.rFonts.set(qn(kind), FONT)
    return run


def tighten(paragraph: Any, *, after: float = 0.0, exactly: float | None = None) -> Any:
    """Take away the space around a paragraph; `after` and `exactly` (height of a line) are in points."""
    from docx.shared import Pt

    form = paragraph.paragraph_format
    form.space_before, form.space_after = Pt(0), Pt(after)
    form.line_spacing = 1.0 if exactly is None else Pt(exactly)
    return paragraph


def add_table(parent: Any, widths: Sequence[float], heights: Sequence[float], *, borders: Sequence[str]) -> Any:
    """Add a table of fixed widths and exact heights, in millimetres.

    Parameters
    ----------
    parent
        A document or a cell.
    borders
        Which lines are drawn: ``top``, ``left``, ``bottom``, ``right``, ``insideH``, ``insideV``.
    """
    from docx.enum.table import WD_ROW_HEIGHT_RULE
    from docx.shared import Mm

    table = parent.add_table(rows=len(heights), cols=len(widths))
    table.autofit = False
    _set_borders(table, borders)
    for row, height in zip(table.rows, heights, strict=True):
        row.height, row.height_rule = Mm(height), WD_ROW_HEIGHT_RULE.EXACTLY
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
            tighten(cell.paragraphs[0])
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    return table


def _set_borders(table: Any, borders: Sequence[str]) -> None:
    properties = table._tbl.tblPr
    lines = _child(properties, "w:tblBorders")
    for side in _BORDERS:
        drawn = side in borders
        _child(lines, f"w:{side}", val="single" if drawn else "nil", sz="4", space="0", color=LINE)
    margins = _child(properties, "w:tblCellMar")
    for side in ("left", "right"):
        _child(margins, f"w:{side}", w=str(round(1.2 * _TWIPS_PER_MM)), type="dxa")


def shade(cell: Any, colour: str = GROUND) -> None:
    """Fill a cell with a colour."""
    _child(cell._tc.get_or_add_tcPr(), "w:shd", val="clear", color="auto", fill=colour)


def repeat_header(table: Any) -> None:
    """Mark a table's first row as its heading, for those who hear it."""
    _child(table.rows[0]._tr.get_or_add_trPr(), "w:tblHeader", val="true")


def describe_picture(shape: Any, text: str) -> None:
    """Give a picture the text that stands for it."""
    shape._inline.docPr.set("descr", text)


def _child(parent: Any, name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    child = OxmlElement(name)
    for key, value in attributes.items():
        child.set(qn(f"w:{key}"), value)
    parent.append(child)
    return child
