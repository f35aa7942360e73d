"""How the instants of a column are written, from a sample of them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from potok.log.guessing.headers import TIME_LIKE, normalise
from potok.log.guessing.profiles import ColumnProfile
from potok.log.guessing.time_shapes import TIME_OF_DAY, Written, find_shape
from potok.log.mapping import TimeColumn, TimeEncoding
from potok.log.sources.base import ColumnKind

READABLE_SHARE: Final = 0.8
MAX_PATTERNS: Final = 8
_TRIED_FIRST: Final = 40
_TRIED: Final = 1_000
# Between 1980 and 2100; below that a number is likelier an identifier.
_EPOCHS: Final = {
    TimeEncoding.EPOCH_SECONDS: 1.0,
    TimeEncoding.EPOCH_MILLISECONDS: 1e3,
    TimeEncoding.EPOCH_MICROSECONDS: 1e6,
}
_EARLIEST_EPOCH: Final = 315_532_800
_LATEST_EPOCH: Final = 4_102_444_800
_EXCEL_DAYS: Final = (18_264, 73_051)  # 1950 to 2100
_WHOLE_NUMBER: Final = re.compile(r"\d{4,17}([.,]\d+)?")


@dataclass(frozen=True, slots=True)
class TimeGuess:
    """How a column of instants is written.

    Parameters
    ----------
    column
        The column with its encoding.
    readable_share
        Share of values that are so written.
    day_share
        Share of values without a time of day.
    local_share
        Share of values without an offset.
    is_order_open
        Whether nothing in the values tells the day from the month.
    is_order_mixed
        Whether some values have the day first and others the month.
    separator
        Between day and month, if their order was in question.
    """

    column: TimeColumn
    readable_share: float
    day_share: float = 0.0
    local_share: float = 1.0
    is_order_open: bool = False
    is_order_mixed: bool = False
    separator: str = ""

    @property
    def is_day_resolution(self) -> bool:
        """Whether nearly all values name a day only."""
        return self.day_share >= 0.95


def guess_time(profile: ColumnProfile, *, is_named: bool = False, month_first: bool | None = None) -> TimeGuess | None:
    """Guess how a column writes instants; None if it seems to hold none.

    Parameters
    ----------
    profile
        The column.
    is_named
        Whether someone said that the column holds instants; numbers need that, or a header that speaks of time.
    month_first
        What other columns of the source showed about the order of day and month.
    """
    if profile.is_typed_time:
        return _typed(profile)
    values = [value for value in profile.values if value is not None]
    is_time_like = is_named or TIME_LIKE.search(normalise(profile.name)) is not None
    if not values:
        return None
    numeric = _numeric(profile.name, values) if is_time_like and profile.numeric_share > READABLE_SHARE else None
    if numeric is not None:
        return numeric
    return _written(profile.name, values, is_time_like=is_time_like, month_first=month_first)


def _written(
    name: str, values: Sequence[str], *, is_time_like: bool, month_first: bool | None, is_thorough: bool = False
) -> TimeGuess | None:
    if not any(map(find_shape, values[:_TRIED_FIRST])):
        return None
    tried = values if is_thorough else values[:: -(-len(values) // _TRIED)]
    written = [found for found in map(find_shape, tried) if found is not None]
    if len(written) < READABLE_SHARE * len(tried):
        return None
    is_compact = all(found.shape.pattern == "%Y%m%d" for found in written)
    if is_compact and not is_time_like:
        return None
    guess = _of_shapes(name, written, len(tried), month_first)
    if guess.is_order_open and len(tried) < len(values):
        return _written(name, values, is_time_like=is_time_like, month_first=month_first, is_thorough=True)
    return guess


def _typed(profile: ColumnProfile) -> TimeGuess:
    values = [value for value in profile.values if value is not None]
    days = sum(1 for value in values if re.fullmatch(r"\d{4}-\d\d-\d\d([ T]00:00(:00)?)?", value))
    local = 0.0 if profile.column.kind is ColumnKind.INSTANT else 1.0
    day_share = days / len(values) if values else 0.0
    return TimeGuess(TimeColumn((profile.name,), TimeEncoding.TYPED), 1.0, day_share, local)


def _numeric(name: str, values: Sequence[str]) -> TimeGuess | None:
    numbers = [float(value.replace(",", ".")) for value in values if _WHOLE_NUMBER.fullmatch(value)]
    if len(numbers) < READABLE_SHARE * len(values):
        return None
    for encoding, factor in _EPOCHS.items():
        share = _share(_EARLIEST_EPOCH * factor <= number <= _LATEST_EPOCH * factor for number in numbers)
        if share >= READABLE_SHARE:
            return TimeGuess(TimeColumn((name,), encoding), share, local_share=0.0)
    share = _share(_EXCEL_DAYS[0] <= number <= _EXCEL_DAYS[1] for number in numbers)
    if share < READABLE_SHARE:
        return None
    days = _share(number == int(number) for number in numbers)
    return TimeGuess(TimeColumn((name,), TimeEncoding.EXCEL_DAYS), share, day_share=days)


def _share(tests: Iterable[bool]) -> float:
    results = list(tests)
    return sum(results) / len(results)


def _of_shapes(name: str, written: Sequence[Written], values: int, month_first: bool | None) -> TimeGuess:
    open_ones = [found for found in written if found.shape.is_open]
    day_first_count = sum(1 for found in open_ones if found.one > 12)
    month_first_count = sum(1 for found in open_ones if found.two > 12)
    is_settled = day_first_count + month_first_count > 0
    if is_settled:
        chosen = month_first_count > day_first_count
    elif month_first is not None:
        chosen = month_first
    else:
        # Only Americans write AM and PM after such a date.
        chosen = any("%p" in found.shape.pattern for found in open_ones)
    shapes = Counter(found.shape for found in written)
    column = TimeColumn((name,))
    if not all(shape.is_iso for shape in shapes):
        patterns = dict.fromkeys(shape.resolved(month_first=chosen) for shape, _ in shapes.most_common())
        column = replace(column, encoding=TimeEncoding.PATTERN, patterns=tuple(patterns)[:MAX_PATTERNS])
    return TimeGuess(
        column,
        len(written) / values,
        day_share=_share(not found.shape.has_time for found in written),
        local_share=_share(not found.shape.has_zone for found in written),
        is_order_open=bool(open_ones) and not is_settled and month_first is None,
        is_order_mixed=min(day_first_count, month_first_count) > 0,
        separator=open_ones[0].shape.pattern[2] if open_ones else "",
    )


def guess_times(profiles: Sequence[ColumnProfile]) -> dict[str, TimeGuess]:
    """Guess how every column of instants is written.

    Columns that leave the order of day and month open follow those that tell it.
    """
    guesses = {profile.name: guess for profile in profiles if (guess := guess_time(profile)) is not None}
    month_first = settled_order(guesses.values())
    if month_first is None:
        return guesses
    return {
        profile.name: guess_time(profile, month_first=month_first) or guess
        for profile in profiles
        if (guess := guesses.get(profile.name)) is not None
    }


def settled_order(guesses: Iterable[TimeGuess]) -> bool | None:
    """Return whether the month comes first in the columns where the values tell; None if none tells."""
    settled = [guess for guess in guesses if guess.separator and not guess.is_order_open]
    if not settled:
        return None
    return sum(f"%m{guess.separator}%d" in guess.column.patterns[0] for guess in settled) * 2 > len(settled)


def is_time_of_day(profile: ColumnProfile) -> bool:
    """Tell whether a column holds times of day without a date."""
    values = [value for value in profile.values if value is not None]
    if not values or profile.is_typed_time or not TIME_OF_DAY.fullmatch(values[0]):
        return False
    return _share(TIME_OF_DAY.fullmatch(value) is not None for value in values) >= READABLE_SHARE


def pair_time(date: TimeGuess, time: ColumnProfile) -> TimeGuess:
    """Return a date column joined with its column of times of day."""
    columns = (date.column.columns[0], time.name)
    if date.column.encoding is not TimeEncoding.PATTERN:
        encoding = TimeEncoding.ISO if date.column.encoding is TimeEncoding.TYPED else date.column.encoding
        return replace(date, column=TimeColumn(columns, encoding), day_share=1 - time.filled_share)
    times = dict.fromkeys(_time_pattern(value) for value in time.values if value is not None)
    patterns = [f"{day.split(' %H')[0]} {pattern}" for day in date.column.patterns for pattern in times]
    column = TimeColumn(columns, TimeEncoding.PATTERN, tuple(dict.fromkeys(patterns))[:MAX_PATTERNS])
    return replace(date, column=column, day_share=1 - time.filled_share)


def _time_pattern(value: str) -> str:
    time = value.rpartition(" ")[2]
    mark = next((mark for mark in ".," if mark in time), "")
    return "%H:%M" + (":%S" if time.count(":") > 1 else "") + (f"{mark}%f" if mark else "")
