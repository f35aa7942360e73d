"""How one time column is read: SQL for its wall clock, for its instant, and for the text tried when these fail.

A *reading* yields wall-clock microseconds for values without an offset and UTC microseconds for values with one; each
is NULL for the other. The renderer in `potok.log.time_formats` makes one expression of both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from potok.engine.sql import quote_identifier
from potok.log.mapping import TimeColumn, TimeEncoding
from potok.log.sources.base import ColumnKind
from potok.log.time_patterns import (
    check_patterns,
    closing_midnight,
    date_part,
    has_time_of_day,
    is_zoned,
    normalised,
    numbered_months,
    pattern_timestamp,
    time_part,
)
from potok.log.zone_sql import is_readable

Kinds = Mapping[str, ColumnKind]
EPOCH_FACTORS: Final = {
    TimeEncoding.EPOCH_SECONDS: 1_000_000,
    TimeEncoding.EPOCH_MILLISECONDS: 1_000,
    TimeEncoding.EPOCH_MICROSECONDS: 1,
}
_EXCEL_DAY_OF_1970: Final = 25_569
_TYPED_KINDS: Final = (ColumnKind.INSTANT, ColumnKind.LOCAL_TIME)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is read.

    Parameters
    ----------
    source
        SQL for what is read: text, number or typed column. NULL where there is no value.
    wall, absolute
        From SQL of the source to SQL for microseconds; None if values are never so.
    repaired
        From SQL of the source to SQL of what is read when both fail; None if there is nothing to try.
    wall_of_repaired
        As `wall`, for what was repaired; None if it is `wall`.
    is_absolute
        From SQL of the source to SQL that is surely true only of values with an offset; None if only reading tells.
    """

    source: str
    wall: Callable[[str], str] | None
    absolute: Callable[[str], str] | None
    repaired: Callable[[str], str] | None = None
    wall_of_repaired: Callable[[str], str] | None = None
    is_absolute: Callable[[str], str] | None = None


def read_column(column: TimeColumn, *, kinds: Kinds) -> Reading:
    """Choose how a column is read; a typed column is read by its type whatever the encoding says.

    Raises
    ------
    TimeFormatError
        If a pattern cannot be used.
    """
    kind = kinds.get(column.columns[0], ColumnKind.TEXT)
    is_pair = len(column.columns) > 1
    if kind in _TYPED_KINDS and not is_pair:
        return _typed(quote_identifier(column.columns[0]), kind)
    if column.encoding is TimeEncoding.EXCEL_DAYS:
        return _excel(column, kinds)
    if column.encoding in EPOCH_FACTORS:
        return _epoch(quote_identifier(column.columns[0]), kind, EPOCH_FACTORS[column.encoding])
    if column.encoding is TimeEncoding.PATTERN:
        check_patterns(column.patterns)
        source = _pair_text(column, kinds) if is_pair else _whole_text(column.columns[0], kind)
        patterns = column.patterns + tuple(map(date_part, column.patterns)) if is_pair else column.patterns
        return _pattern(source, tuple(dict.fromkeys(patterns)))
    return _iso(_pair_text(column, kinds) if is_pair else _plain_text(column.columns[0], kind))


def _plain_text(name: str, kind: ColumnKind) -> str:
    quoted = quote_identifier(name)
    return quoted if kind is ColumnKind.TEXT else f"CAST({quoted} AS VARCHAR)"


def _whole_text(name: str, kind: ColumnKind) -> str:
    """Return SQL for text; workbooks hold 20240305 as a number with a fraction."""
    quoted = quote_identifier(name)
    return f"CAST(TRY_CAST({quoted} AS BIGINT) AS VARCHAR)" if kind is ColumnKind.REAL else _plain_text(name, kind)


def _typed(name: str, kind: ColumnKind) -> Reading:
    if kind is ColumnKind.INSTANT:
        return Reading(name, None, lambda c: f"CASE WHEN isfinite({c}) THEN epoch_us({c}) END")
    timestamp = f"TRY_CAST({name} AS TIMESTAMP)"
    return Reading(timestamp, lambda c: f"CASE WHEN isfinite({c}) THEN epoch_us({c}) END", None)


def _iso(text: str) -> Reading:
    return Reading(text, _iso_wall, _iso_absolute, _iso_repaired, is_absolute=_has_zone)


def _has_zone(text: str) -> str:
    # CAST AS TIMESTAMP drops an offset or a zone's name in silence. A minus after a colon is one, a final letter too.
    return f"(contains({text}, '+') OR {text}[-1] > '9' OR {text} LIKE '%:%-%')"


def _iso_wall(text: str) -> str:
    return f"epoch_us(TRY_CAST(CASE WHEN {_has_zone(text)} THEN NULL ELSE {text} END AS TIMESTAMP))"


def _iso_absolute(text: str) -> str:
    four_digits = f"{text} >= '1' AND {text} LIKE '____-%'"
    return f"epoch_us(TRY_CAST(CASE WHEN {four_digits} THEN {text} END AS TIMESTAMPTZ))"


def _iso_repaired(text: str) -> str:
    """Return SQL that writes other forms of ISO 8601 as the engine reads them."""
    text = f"upper(trim(translate({text}, '−\u00a0\u202f\u2009', '-   ')))"
    text = f"regexp_replace({text}, '^(\\d{{4}})(\\d\\d)(\\d\\d)($|[T ])', '\\1-\\2-\\3\\4')"
    text = f"regexp_replace({text}, '^(\\d{{4}})[./](\\d{{1,2}})[./](\\d{{1,2}})', '\\1-\\2-\\3')"
    text = f"regexp_replace({text}, '([T ]\\d\\d)(\\d\\d)(\\d\\d)', '\\1:\\2:\\3')"
    text = f"regexp_replace({text}, '([T ]\\d\\d)(\\d\\d)($|[-+Z ])', '\\1:\\2\\3')"
    text = f"regexp_replace({text}, '([T ]\\d{{1,2}})($|[-+Z ])', '\\1:00\\2')"
    text = f"regexp_replace({text}, '(:\\d\\d),(\\d)', '\\1.\\2')"
    return f"regexp_replace({text}, '(:[\\d.]+) +(Z$|[-+]\\d)', '\\1\\2')"


def _pattern(text: str, patterns: tuple[str, ...]) -> Reading:
    zoned = tuple(pattern for pattern in patterns if is_zoned(pattern))
    naive = tuple(pattern for pattern in patterns if not is_zoned(pattern))

    def wall(source: str) -> str:
        return f"epoch_us({pattern_timestamp(source, naive)})"

    def wall_of_repaired(source: str) -> str:
        return f"coalesce({wall(source)}, epoch_us({closing_midnight(source, naive)}))"

    def absolute(source: str) -> str:
        return _in_range(f"epoch_us({pattern_timestamp(source, zoned)})")

    return Reading(
        numbered_months(text, patterns),
        wall if naive else None,
        absolute if zoned else None,
        lambda source: normalised(source, patterns),
        wall_of_repaired if any(map(has_time_of_day, naive)) else None,
    )


def _epoch(name: str, kind: ColumnKind, factor: int) -> Reading:
    if kind is ColumnKind.INTEGER:
        return Reading(name, None, lambda c: _in_range(f"TRY_CAST(CAST({c} AS HUGEINT) * {factor} AS BIGINT)"))
    if kind is ColumnKind.REAL:
        return Reading(name, None, lambda c: _in_range(f"TRY_CAST(round({c} * {factor}) AS BIGINT)"))
    scale = len(str(factor)) - 1
    number = f"TRY_CAST(replace(CAST({name} AS VARCHAR), ',', '.') AS DECIMAL(18, {scale}))"
    # In 18 digits the product would overflow.
    return Reading(number, None, lambda c: _in_range(f"CAST(CAST({c} AS DECIMAL(30, {scale})) * {factor} AS BIGINT)"))


def _in_range(instant: str) -> str:
    return f"CASE WHEN {is_readable(instant)} THEN {instant} END"


def _excel(column: TimeColumn, kinds: Kinds) -> Reading:
    numbers = [
        quote_identifier(name)
        if kinds.get(name, ColumnKind.TEXT) in (ColumnKind.REAL, ColumnKind.INTEGER)
        else f"TRY_CAST(replace(CAST({quote_identifier(name)} AS VARCHAR), ',', '.') AS DOUBLE)"
        for name in column.columns
    ]
    days = numbers[0] if len(numbers) == 1 else f"{numbers[0]} + coalesce({numbers[1]}, 0)"

    def wall(source: str) -> str:
        # A day number holds about a microsecond, its decimal text less: whole milliseconds are what was meant.
        elapsed = f"CAST(round(({source} - {_EXCEL_DAY_OF_1970}) * 86400000) AS BIGINT) * 1000"
        return f"CASE WHEN {source} BETWEEN 1 AND 2958466 THEN {elapsed} END"

    return Reading(f"({days})", wall, None)


def _pair_text(column: TimeColumn, kinds: Kinds) -> str:
    """Return SQL for “DATE TIME”, or for “DATE” where there is no time of day."""
    date_name, time_name = column.columns[:2]
    pattern = column.patterns[0] if column.encoding is TimeEncoding.PATTERN else "%Y-%m-%d %H:%M:%S.%f"
    date = _date_text(date_name, kinds.get(date_name, ColumnKind.TEXT), date_part(pattern))
    time = _time_text(time_name, kinds.get(time_name, ColumnKind.TEXT), time_part(pattern))
    return f"CASE WHEN coalesce({time}, '') = '' THEN {date} ELSE {date} || ' ' || {time} END"


def _date_text(name: str, kind: ColumnKind, pattern: str) -> str:
    quoted = quote_identifier(name)
    if kind in _TYPED_KINDS:
        return f"strftime({quoted}, '{pattern}')"
    text = f"trim({_whole_text(name, kind)})"
    # Workbooks export a date as 05.03.2024 00:00:00.
    return f"CASE WHEN contains({text}, ':') THEN regexp_extract({text}, '^[^ T]+') ELSE {text} END"


def _time_text(name: str, kind: ColumnKind, pattern: str) -> str:
    quoted = quote_identifier(name)
    if kind in _TYPED_KINDS:
        return f"strftime({quoted}, '{pattern}')"
    text = f"trim({_plain_text(name, kind)})"
    # … and a time of day as 30.12.1899 10:15:00.
    return text if "%p" in pattern else f"regexp_extract({text}, '[^ T]*$')"


def carries_no_time(column: TimeColumn, *, kinds: Kinds) -> str:
    """Return SQL that is true where a value names a day and no time of day; NULL where there is no value."""
    name, kind = column.columns[0], kinds.get(column.columns[0], ColumnKind.TEXT)
    quoted = quote_identifier(name)
    if len(column.columns) > 1:
        return _pair_carries_no_time(column, kinds)
    if kind in _TYPED_KINDS:
        return f"CASE WHEN {quoted} IS NOT NULL THEN typeof({quoted}) = 'DATE' END"
    if column.encoding is TimeEncoding.EXCEL_DAYS:
        days = _excel(column, kinds).source
        return f"({days} = floor({days}))"
    text = _plain_text(name, kind)
    test = "false" if column.encoding in EPOCH_FACTORS else f"NOT (contains({text}, ':') OR contains({text}, 'T'))"
    if column.encoding is TimeEncoding.PATTERN:
        test = _no_time_by_pattern(text, column.patterns)
    return f"CASE WHEN {text} <> '' THEN {test} END"


def _pair_carries_no_time(column: TimeColumn, kinds: Kinds) -> str:
    date, time = (_plain_text(name, kinds.get(name, ColumnKind.TEXT)) for name in column.columns[:2])
    return f"CASE WHEN {date} <> '' THEN coalesce(trim({time}), '') = '' END"


def _no_time_by_pattern(text: str, patterns: tuple[str, ...]) -> str:
    timed = [pattern for pattern in patterns if has_time_of_day(pattern)]
    if len(timed) in (0, len(patterns)):
        return "false" if timed else "true"
    if all(":" in pattern for pattern in timed):
        return f"NOT contains({text}, ':')"
    days = [pattern for pattern in patterns if not has_time_of_day(pattern)]
    return f"({pattern_timestamp(numbered_months(text, patterns), days)}) IS NOT NULL"
