"""What a column's values look like: how many, how different, how numeric."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from potok.log.sources.base import ColumnKind, ColumnLevel, StagedColumn

_NUMBER: Final = re.compile(r"[-+−]?(\d+|\d{1,3}([\s'’.,]\d{3})+)([.,]\d+)?([eE][-+]?\d+)?")

Sample = Mapping[str, Sequence[str | None]]


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """A column as its sample shows it.

    Parameters
    ----------
    column
        Name, kind and level.
    values
        The sample, empty text as None.
    rows, filled, distinct
        How many rows, how many with a value, how many different values.
    numeric_share
        Share of values that are numbers (0–1).
    """

    column: StagedColumn
    values: tuple[str | None, ...]
    rows: int
    filled: int
    distinct: int
    numeric_share: float

    @property
    def name(self) -> str:
        """The column's name in the source."""
        return self.column.name

    @property
    def filled_share(self) -> float:
        """Share of rows with a value."""
        return self.filled / self.rows if self.rows else 0.0

    @property
    def distinct_share(self) -> float:
        """Different values per value."""
        return self.distinct / self.filled if self.filled else 0.0

    @property
    def is_of_case(self) -> bool:
        """Whether the format or the name says that the column describes the case."""
        return self.column.level is ColumnLevel.CASE or self.name.startswith("case:")

    @property
    def is_typed_time(self) -> bool:
        """Whether the source itself holds dates or timestamps."""
        return self.column.kind in (ColumnKind.INSTANT, ColumnKind.LOCAL_TIME)


def profile_columns(columns: Sequence[StagedColumn], sample: Sample) -> tuple[ColumnProfile, ...]:
    """Profile every column of a sample; a column that the sample lacks counts as empty."""
    rows = max((len(values) for values in sample.values()), default=0)
    return tuple(_profile(column, sample.get(column.name, ()), rows) for column in columns)


def _profile(column: StagedColumn, values: Sequence[str | None], rows: int) -> ColumnProfile:
    texts = tuple(value.strip() or None if value is not None else None for value in values)
    filled = [text for text in texts if text is not None]
    numeric = sum(1 for text in filled if _NUMBER.fullmatch(text))
    return ColumnProfile(column, texts, rows, len(filled), len(set(filled)), numeric / len(filled) if filled else 0.0)


def as_sample(sample: Any) -> Sample:
    """Return a sample as text by column: from such a mapping, or from an Arrow table."""
    if isinstance(sample, Mapping):
        return sample
    return {name: [_as_text(value) for value in sample.column(name).to_pylist()] for name in sample.column_names}


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)


def within_case_variation(profile: ColumnProfile, case: ColumnProfile) -> tuple[int, float]:
    """Return how many cases have two or more values of a column, and in what share of them these differ."""
    seen: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    for key, value in zip(case.values, profile.values, strict=False):
        if key is not None and value is not None:
            seen.setdefault(key, set()).add(value)
            counts[key] = counts.get(key, 0) + 1
    several = [key for key, count in counts.items() if count > 1]
    varying = sum(1 for key in several if len(seen[key]) > 1)
    return len(several), varying / len(several) if several else 0.0
