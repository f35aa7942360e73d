"""Names of the columns that attributes become."""

from collections import defaultdict
from typing import Final

from potok.core.language import gettext as _
from potok.log.sources.arrow_staging import ROW_COLUMN
from potok.log.sources.base import ColumnKind, ColumnLevel, StagedColumn
from potok.log.sources.xes.errors import ElementSizeError, TooManyAttributesError

TRACE_COLUMN: Final = "@trace"
MAX_COLUMNS: Final = 4096
MAX_NAME_LETTERS: Final = 1000

_NAMELESS: Final = "@empty_key"


class ColumnNames:
    """Gives every attribute a column whose name is unique whatever the case of its letters.

    Attributes
    ----------
    event_columns, case_columns
        Names in order of first appearance.
    renamed
        Column to attribute, where the column could not be named like the attribute.
    """

    def __init__(self) -> None:
        self._names: dict[tuple[ColumnLevel, tuple[str, ...]], str] = {}
        # DuckDB takes "Status" and "status" for one column.
        self._taken = {ROW_COLUMN, TRACE_COLUMN}
        self._types: defaultdict[str, set[str]] = defaultdict(set)
        self.event_columns: list[str] = []
        self.case_columns: list[str] = []
        self.renamed: dict[str, str] = {}

    @property
    def count(self) -> int:
        """Number of columns so far."""
        return len(self._names)

    def name(self, path: tuple[str, ...], level: ColumnLevel, *, type_name: str) -> str:
        """Return the column of the attribute at `path`, made up at its first appearance.

        Raises
        ------
        TooManyAttributesError
            If the log has more attributes than `MAX_COLUMNS`.
        ElementSizeError
            If the name has more than `MAX_NAME_LETTERS`.
        """
        column = self._names.get((level, path)) or self._add(path, level)
        self._types[column].add(type_name)
        return column

    def staged(self) -> tuple[StagedColumn, ...]:
        """Return all columns as the importer sees them."""
        return (
            StagedColumn(TRACE_COLUMN, ColumnKind.INTEGER),
            *(StagedColumn(name, level=ColumnLevel.CASE) for name in self.case_columns),
            *(StagedColumn(name, level=ColumnLevel.EVENT) for name in self.event_columns),
        )

    def types(self) -> dict[str, list[str]]:
        """Return the types that the file states for each column."""
        return {column: sorted(types) for column, types in self._types.items()}

    def _add(self, path: tuple[str, ...], level: ColumnLevel) -> str:
        attribute = "/".join(path)
        self._check(attribute)
        wanted = f"case:{attribute}" if level is ColumnLevel.CASE else attribute or _NAMELESS
        column, number = wanted, 1
        while column.casefold() in self._taken:
            number += 1
            column = f"{wanted}_{number}"
        if column != wanted or not attribute:
            self.renamed[column] = attribute
        self._taken.add(column.casefold())
        self._names[level, path] = column
        (self.case_columns if level is ColumnLevel.CASE else self.event_columns).append(column)
        return column

    def _check(self, attribute: str) -> None:
        if len(attribute) > MAX_NAME_LETTERS:
            raise ElementSizeError(
                _("The name of an attribute has {count} letters; at most {limit} can be read.").format(
                    count=len(attribute), limit=MAX_NAME_LETTERS
                ),
                remedy=_("Shorten the attribute that begins with “{start}”.").format(start=attribute[:40]),
            )
        if len(self._names) >= MAX_COLUMNS:
            raise TooManyAttributesError(
                _("The log has more than {limit} different attributes.").format(limit=MAX_COLUMNS),
                remedy=_(
                    "Perhaps values were written as keys; the last attribute seen is “{name}”. "
                    "Export the log with fewer attributes."
                ).format(name=attribute[:40]),
            )
