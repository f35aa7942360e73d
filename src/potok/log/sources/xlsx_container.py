"""Looks at a workbook file before it is opened: what it really is, whether it is whole, what it would unpack to.

The reader (calamine) holds a sheet as a full rectangle in memory. A few bytes can therefore ask for gigabytes, by
compression or by one cell in the last corner of a sheet; both are found here first.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.core.progress import Progress
from potok.log.sources.arrow_staging import CHUNK_BYTES, read_start, reading
from potok.log.sources.safe_xml import ParseError
from potok.log.sources.xlsx_extent import SheetExtent, column_index
from potok.log.sources.xlsx_opendocument import CONTENT_PART, scan_opendocument
from potok.log.sources.xlsx_parts import parts_of_sheets

ZIP_MAGIC: Final = b"PK"
OLE_MAGIC: Final = bytes.fromhex("D0CF11E0A1B11AE1")
# calamine takes about 31 bytes per cell of the rectangle: 2 GB.
MAX_CELLS: Final = 64_000_000
MAX_UNPACKED_BYTES: Final = 4 * 2**30
# Sheets of real offices compress 10 to 40 times; deflate cannot exceed 1032.
MAX_RATIO: Final = 200
SMALL_BYTES: Final = 64 * 2**20
# Longer than any start tag of a cell, so that none is lost between two pieces.
OVERLAP_BYTES: Final = 256

_WIDE_COLUMN: Final = re.compile(rb'r="([A-Z]{2,3})[0-9]')
_ROW: Final = re.compile(rb'r="[A-Z]{1,3}([0-9]{1,7})"')
_CELL: Final = re.compile(rb"""r\s*=\s*["']([A-Z]{0,3})([0-9]{1,7})["']""")
_ERROR_CELL: Final = re.compile(rb"""<(?:\w+:)?c\s(?=[^>]*\bt=["']e["'])[^>]*?\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_UNUSUAL: Final = (b"r='", b"r =", b"r= ", b"r\t", b"r\n", b"r\r")
# What a damaged archive makes zipfile raise; OSError for places before its beginning.
_BROKEN: Final = (
    ParseError,
    KeyError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
_READ_PARTS: Final = re.compile(r"(xl/.*|\[Content_Types\]|_rels/.*)\.(xml|rels)$", re.IGNORECASE)


class NotAWorkbookError(BadDataError):
    """The file is something else than an Excel workbook."""

    code = "POTOK-L040"


class BrokenWorkbookError(BadDataError):
    """The workbook is damaged or cut off."""

    code = "POTOK-L041"


class EncryptedWorkbookError(BadDataError):
    """The workbook is protected by a password."""

    code = "POTOK-L042"


class OversizedWorkbookError(BadDataError):
    """The workbook would unpack to more than can be held."""

    code = "POTOK-L043"


@dataclass(slots=True)
class _Scan:
    last_row: int = 0
    last_column: int = 0
    errors: list[tuple[int, int]] = field(default_factory=list)


def check_container(path: Path, *, max_bytes: int, progress: Progress) -> dict[str, SheetExtent]:
    """Check a workbook file without opening it as a workbook.

    Returns
    -------
    dict
        Extent of each sheet by its name; empty for the old .xls format.

    Raises
    ------
    NotAWorkbookError, BrokenWorkbookError, OversizedWorkbookError
        If it should not be opened.
    """
    start = read_start(path, size=512)
    if start.startswith(OLE_MAGIC):
        return {}
    if not start.startswith(ZIP_MAGIC):
        raise _not_a_workbook(path, start)
    with reading(path):
        file = path.open("rb")
    try:
        with file, zipfile.ZipFile(file) as archive:
            is_opendocument = _check_kind(path, set(archive.namelist()))
            _check_sizes(path, archive, max_bytes)
            return (_scan_content if is_opendocument else _scan_parts)(path, archive, progress)
    except _BROKEN as error:
        raise broken_workbook(path, str(error)) from error


def broken_workbook(path: Path, reason: str) -> BrokenWorkbookError:
    """Return the error for a workbook that cannot be read for `reason`."""
    return BrokenWorkbookError(
        _("The workbook {name} is damaged: {reason}.").format(name=path.name, reason=reason),
        where=str(path),
        remedy=_("Open it in a spreadsheet program and save it anew as .xlsx, or export the data as CSV."),
    )


def _not_a_workbook(path: Path, start: bytes) -> NotAWorkbookError:
    text = start.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if not start:
        message = _("The file {name} is empty.")
    elif text.startswith((b"<html", b"<!doctype", b"<table", b"<meta", b"<head")):
        message = _("The file {name} is a web page with the name of a workbook.")
    elif text.startswith(b"<?xml"):
        message = _("The file {name} is an XML file with the name of a workbook.")
    else:
        message = _("The file {name} is not an Excel workbook.")
    return NotAWorkbookError(
        message.format(name=path.name),
        where=str(path),
        remedy=_("Open it in a spreadsheet program and save it anew as .xlsx, or export the data as CSV."),
    )


def _check_kind(path: Path, names: set[str]) -> bool:
    """Return whether the archive is an OpenDocument workbook; raise if it is no workbook that can be read."""
    lower = {name.lower() for name in names}
    if "xl/workbook.xml" in lower:
        return False
    if CONTENT_PART in lower and "mimetype" in lower:
        return True
    if "xl/workbook.bin" in lower:
        message = _("The file {name} is a binary workbook (.xlsb), which Potok does not read.")
    else:
        message = _("The file {name} is an archive, not an Excel workbook.")
    raise NotAWorkbookError(
        message.format(name=path.name),
        where=str(path),
        remedy=_("Open it in a spreadsheet program and save it anew as .xlsx, or export the data as CSV."),
    )


def _check_sizes(path: Path, archive: zipfile.ZipFile, max_bytes: int) -> None:
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    limit = min(max_bytes, MAX_UNPACKED_BYTES)
    bomb = any(p.file_size > SMALL_BYTES and p.file_size > MAX_RATIO * max(p.compress_size, 1) for p in parts)
    if total > limit or bomb:
        raise OversizedWorkbookError(
            _("The workbook {name} would unpack from {packed} to {unpacked} bytes.").format(
                name=path.name, packed=sum(part.compress_size for part in parts), unpacked=total
            ),
            where=str(path),
            remedy=_("If it is genuine, export the data as CSV."),
        )


def _scan_parts(path: Path, archive: zipfile.ZipFile, progress: Progress) -> dict[str, SheetExtent]:
    """Unpack every part once, so that its size and checksum are known to be true."""
    parts = [part for part in archive.infolist() if _READ_PARTS.match(part.filename)]
    progress.start(_("Checking {name}").format(name=path.name), total=sum(p.file_size for p in parts), unit="bytes")
    extents, done = {}, 0
    for part in parts:
        scan = _Scan()
        is_sheet = "/worksheets/" in part.filename.lower() and part.filename.lower().endswith(".xml")
        with archive.open(part) as file:
            tail = b""
            while chunk := file.read(CHUNK_BYTES):
                if is_sheet:
                    _scan_chunk(scan, tail + chunk, seen=len(tail))
                    tail = chunk[-OVERLAP_BYTES:]
                done += len(chunk)
                progress.advance_to(done)
        if is_sheet:
            extents[part.filename] = SheetExtent(scan.last_row + 1, scan.last_column + 1, tuple(sorted(scan.errors)))
    progress.finish()
    names = parts_of_sheets(archive, name=path.name)
    return {name: extents[part] for name, part in names.items() if part in extents}


def _scan_content(path: Path, archive: zipfile.ZipFile, progress: Progress) -> dict[str, SheetExtent]:
    total = archive.getinfo(CONTENT_PART).file_size
    progress.start(_("Checking {name}").format(name=path.name), total=total, unit="bytes")
    with archive.open(CONTENT_PART) as content:
        extents = scan_opendocument(content, name=path.name, advance=progress.advance_to)
    progress.finish()
    # Its reader lays out every sheet at once.
    check_extent(path, ", ".join(extents), cells=sum(extent.cells for extent in extents.values()))
    return extents


def _scan_chunk(scan: _Scan, chunk: bytes, *, seen: int) -> None:
    """Take in one piece; its first `seen` bytes belong to the one before."""
    if any(sign in chunk for sign in _UNUSUAL):
        cells = _CELL.findall(chunk)
        columns, rows = {column for column, _row in cells if column}, {row for _column, row in cells}
    else:
        columns, rows = {b"Z", *_WIDE_COLUMN.findall(chunk)}, set(_ROW.findall(chunk))
    scan.last_column = max([scan.last_column, *(column_index(column.decode()) for column in columns)])
    scan.last_row = max([scan.last_row, *(int(row) - 1 for row in rows)])
    if b'="e"' in chunk or b"='e'" in chunk:
        scan.errors += [
            (int(match[2]) - 1, column_index(match[1].decode()))
            for match in _ERROR_CELL.finditer(chunk)
            if match.end() > seen
        ]


def check_extent(path: Path, sheet: str, *, cells: int) -> None:
    """Raise `OversizedWorkbookError` if a sheet spans more cells than can be held."""
    if cells > MAX_CELLS:
        raise OversizedWorkbookError(
            _("Sheet «{sheet}» of {name} spans {cells} cells; at most {limit} can be read.").format(
                sheet=sheet, name=path.name, cells=cells, limit=MAX_CELLS
            ),
            where=f"{path}, {sheet}",
            remedy=_("Delete stray cells far from the table, or export the sheet as CSV."),
        )
