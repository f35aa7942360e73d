"""Opens a workbook and chooses its sheets; the only place that knows calamine."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import python_calamine as calamine

from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.log.sources.arrow_staging import read_start, reading
from potok.log.sources.xls_trial import check_old_workbook
from potok.log.sources.xlsx_container import OLE_MAGIC, EncryptedWorkbookError, broken_workbook, check_extent
from potok.log.sources.xlsx_extent import MergedRange, SheetExtent
from potok.log.sources.xlsx_header import has_values

ALL_SHEETS: Final = "*"


class SheetNotFoundError(UsageError):
    """The workbook has no sheet of that name."""

    code = "POTOK-L044"


class EmptyWorkbookError(BadDataError):
    """No sheet of the workbook holds a row."""

    code = "POTOK-L045"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, opened.

    Parameters
    ----------
    name
        Its name.
    content
        calamine's sheet; its rows begin with row 1 of the sheet, its columns with `first_column`.
    first_column
        Zero-based column of the sheet in which its rows begin.
    merged
        Merged ranges, zero-based, in columns of its rows.
    errors
        Error cells by zero-based row and column of its rows.
    """

    name: str
    content: Any
    first_column: int
    merged: tuple[MergedRange, ...]
    errors: tuple[tuple[int, int], ...]

    def rows(self) -> Iterator[Sequence[Any]]:
        """Give the rows from row 1 of the sheet on."""
        return iter(self.content.iter_rows())


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook, opened.

    Parameters
    ----------
    path
        The file.
    content
        calamine's workbook.
    extents
        Extent of each sheet by name, as far as known.
    """

    path: Path
    content: Any
    extents: dict[str, SheetExtent]

    @property
    def visible_sheets(self) -> tuple[str, ...]:
        """Names of the sheets that a user sees."""
        return tuple(m.name for m in self._worksheets if m.visible is calamine.SheetVisibleEnum.Visible)

    @property
    def hidden_sheets(self) -> tuple[str, ...]:
        """Names of the sheets that are hidden."""
        return tuple(m.name for m in self._worksheets if m.visible is not calamine.SheetVisibleEnum.Visible)

    @property
    def _worksheets(self) -> list[Any]:
        return [m for m in self.content.sheets_metadata if m.typ is calamine.SheetTypeEnum.WorkSheet]

    def open_sheet(self, name: str) -> Sheet:
        """Load one sheet."""
        extent = self.extents.get(name, SheetExtent(0, 0))
        check_extent(self.path, name, cells=extent.cells)
        with translating(self.path):
            content = self.content.get_sheet_by_name(name)
            first = content.start[1] if content.start else 0
            merged = content.merged_cell_ranges if extent.merged is None else extent.merged
        return Sheet(
            name,
            content,
            first,
            tuple(((top, left - first), (bottom, right - first)) for (top, left), (bottom, right) in merged or ()),
            tuple((row, column - first) for row, column in extent.errors),
        )


@contextmanager
def translating(path: Path) -> Iterator[None]:
    """Translate whatever calamine raises into a `BrokenWorkbookError`."""
    try:
        yield
    except calamine.PasswordError as error:
        raise EncryptedWorkbookError(
            _("The workbook {name} is protected by a password.").format(name=path.name),
            where=str(path),
            remedy=_("Open it in a spreadsheet program and save it without the password."),
        ) from error
    except (calamine.CalamineError, OverflowError, ValueError) as error:
        raise broken_workbook(path, str(error)) from error
    except BaseException as error:
        # A panic of the Rust reader comes as a direct child of BaseException that cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise broken_workbook(path, _("it breaks the rules of its format")) from error


def open_workbook(path: Path, *, extents: dict[str, SheetExtent]) -> Workbook:
    """Open a workbook whose container was checked.

    Parameters
    ----------
    extents
        By sheet, from `check_container`; empty for .xls.
    """
    with translating(path), reading(path):
        content = _open(path)
    return Workbook(path, content, extents)


def _open(path: Path) -> Any:
    is_old = read_start(path).startswith(OLE_MAGIC)
    # A protected .xlsx is wrapped in the old container.
    if is_old and "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        raise calamine.PasswordError
    if is_old:
        check_old_workbook(path)
    if is_old == (path.suffix.lower() == ".xls"):
        return calamine.CalamineWorkbook.from_path(path)
    # The name says something else than the content, as when .xls files are given the name .xlsx.
    return calamine.CalamineWorkbook.from_filelike(BytesIO(path.read_bytes()))


def choose_sheets(workbook: Workbook, *, wanted: str) -> tuple[Sheet, ...]:
    """Open the sheet that is `wanted`: a name, ``"*"`` for every visible one with rows, empty for the first of these.

    Raises
    ------
    SheetNotFoundError, EmptyWorkbookError
        If there is none.
    """
    names = workbook.visible_sheets
    if wanted and wanted != ALL_SHEETS:
        names = (_find(workbook, wanted),)
    if wanted == ALL_SHEETS:
        held = sum(workbook.extents[name].cells for name in names if name in workbook.extents)
        check_extent(workbook.path, ", ".join(names), cells=held)
    chosen = []
    for name in names:
        sheet = workbook.open_sheet(name)
        with translating(workbook.path):
            has_rows = any(map(has_values, sheet.rows()))
        if has_rows:
            chosen.append(sheet)
            if wanted != ALL_SHEETS:
                break
    if not chosen:
        raise EmptyWorkbookError(
            _("There are no rows in {name}.").format(name=workbook.path.name),
            where=f"{workbook.path}: {', '.join(names)}",
            remedy=_("Name a sheet with rows: {sheets}.").format(
                sheets=", ".join((*workbook.visible_sheets, *workbook.hidden_sheets))
            ),
        )
    return tuple(chosen)


def _find(workbook: Workbook, wanted: str) -> str:
    names = (*workbook.visible_sheets, *workbook.hidden_sheets)
    matches = [name for name in names if name == wanted] or [
        name for name in names if name.strip().casefold() == wanted.strip().casefold()
    ]
    if not matches:
        raise SheetNotFoundError(
            _("There is no sheet «{sheet}» in {name}.").format(sheet=wanted, name=workbook.path.name),
            where=str(workbook.path),
            remedy=_("Sheets of the workbook: {sheets}.").format(sheets=", ".join(names)),
        )
    return matches[0]
