"""What a table is, whatever it is written as."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class ColumnKind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    COUNT = "count"  # whole number
    NUMBER = "number"
    DURATION = "duration"  # seconds
    SHARE = "share"  # 0–1
    INSTANT = "instant"  # microseconds since 1970-01-01 UTC
    DAY = "day"  # datetime.date
    FLAG = "flag"


TEXTUAL: Final = frozenset({ColumnKind.TEXT, ColumnKind.INSTANT, ColumnKind.DAY, ColumnKind.FLAG})


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Parameters
    ----------
    name
        Attribute of the result that it shows: snake_case English whatever the language.
    title
        Heading in the reader's language.
    kind
        What its values are; any value may be None, which means unknown.
    """

    name: str
    title: str
    kind: ColumnKind = ColumnKind.TEXT

    @property
    def key(self) -> str:
        """What JSON and Parquet call it: instants, which results hold as ``…_us``, are ``…_at`` there."""
        return self.name.removesuffix("_us") + "_at" if self.kind is ColumnKind.INSTANT else self.name


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one measure.

    Parameters
    ----------
    name
        snake_case English.
    title
        Heading in the reader's language.
    columns
        In order.
    rows
        Values in the order of `columns`.
    zone
        IANA name of the zone in which instants are shown.
    notes
        Sentences that must be read with the figures: what is not known, what is a guess.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    zone: str = "UTC"
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> tuple[Any, ...]:
        """Return the values of a column."""
        place = [column.name for column in self.columns].index(name)
        return tuple(row[place] for row in self.rows)

    def to_arrow(self) -> Any:
        """Return the rows as a `pyarrow.Table`: columns named in English, durations in seconds, instants in UTC."""
        from potok.report.tables.as_parquet import as_arrow

        return as_arrow(self)

    def to_pandas(self) -> Any:
        """Return the rows as a pandas data frame; pandas has to be installed."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:
        """Return the rows as a Polars data frame; Polars has to be installed."""
        import polars

        return polars.from_arrow(self.to_arrow())

    def _repr_html_(self) -> str:
        from potok.report.tables.as_html import as_html

        return as_html(self)


def rows_of(results: Sequence[Any], columns: Sequence[Column]) -> tuple[tuple[Any, ...], ...]:
    """Return records (dataclasses with attributes named as the columns) as rows."""
    return tuple(tuple(getattr(result, column.name) for column in columns) for result in results)
