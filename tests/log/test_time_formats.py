"""SQL that reads instants, by tables of what is written and what it means, and against Python's own parsing."""

# ruff: noqa: DTZ001 - wall-clock times without a zone are what is tested here

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potok.engine.duckdb import connect
from potok.log.mapping import TimeColumn, TimeEncoding
from potok.log.sources.base import ColumnKind
from potok.log.time_formats import (
    day_resolution_expression,
    instant_expression,
    is_ambiguous_expression,
    is_nonexistent_expression,
)
from potok.log.time_patterns import TimeFormatError
from potok.log.zones import UnknownZoneError, load_zone

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ISO = TimeColumn(("x",))
Read = Callable[..., Any]


@pytest.fixture(scope="module")
def connection():
    return connect()


@pytest.fixture(scope="module")
def select(connection) -> Read:
    def run(expression: str, *values: Any) -> Any:
        columns = ", ".join(f'? AS "{name}"' for name in ("x", "y")[: len(values)])
        return connection.execute(f"SELECT {expression} FROM (SELECT {columns})", list(values)).fetchone()[0]

    return run


@pytest.fixture(scope="module")
def read(select) -> Read:
    def run(column: TimeColumn, *values: Any, zone: str = "UTC", kind: ColumnKind = ColumnKind.TEXT) -> Any:
        micros = select(instant_expression(column, kinds={"x": kind}, zone=zone), *values)
        return None if micros is None else EPOCH + timedelta(microseconds=micros)

    return run


def pattern(*patterns: str, columns: tuple[str, ...] = ("x",)) -> TimeColumn:
    return TimeColumn(columns, TimeEncoding.PATTERN, patterns)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("2022-01-03 08:00:00+03:00", "2022-01-03 05:00"),
        ("2022-01-03T08:00:00Z", "2022-01-03 08:00"),
        ("2022-01-03T08:00:00+03", "2022-01-03 05:00"),
        ("2022-01-03T08:00:00+0300", "2022-01-03 05:00"),
        ("2022-01-03T08:00:00-03:30", "2022-01-03 11:30"),
        ("2022-01-03 08:00:00 +03:00", "2022-01-03 05:00"),
        ("2022-01-03 08:00:00−03:00", "2022-01-03 11:00"),
        ("2022-01-03 08:00:00 UTC", "2022-01-03 08:00"),
        ("2022-01-03 08:00:00 Asia/Yakutsk", "2022-01-02 23:00"),
        ("2022-01-03t08:00z", "2022-01-03 08:00"),
        ("2022-01-03T08:00:00.123456789+03:00", "2022-01-03 05:00:00.123456"),
        ("2022-01-03", "2022-01-02 21:00"),
        ("2022-1-3", "2022-01-02 21:00"),
        ("2022/01/03", "2022-01-02 21:00"),
        ("2022.01.03 8:00", "2022-01-03 05:00"),
        ("20220103", "2022-01-02 21:00"),
        ("20220103T080001", "2022-01-03 05:00:01"),
        ("20220103 0800", "2022-01-03 05:00"),
        ("2022-01-03T08", "2022-01-03 05:00"),
        ("2022-01-03 8:05", "2022-01-03 05:05"),
        ("2022-01-03 08:00:00.9999999", "2022-01-03 05:00:00.999999"),
        ("2022-01-03 08:00:00,5", "2022-01-03 05:00:00.5"),
        (" 2022-01-03\u00a008:00 ", "2022-01-03 05:00"),
        ("2022-01-03 24:00", "2022-01-03 21:00"),
        ("2022-01-03T24:00:00Z", "2022-01-04 00:00"),
        ("1900-01-01 00:00", "1899-12-31 21:29:43"),
        ("2999-12-31 23:59:59.999999", "2999-12-31 20:59:59.999999"),
    ],
)
def test_iso_in_all_its_forms(text, meaning, read):
    assert read(ISO, text, zone="Europe/Moscow") == utc(meaning)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            None,
            "abc",
            "epoch",
            "infinity",
            "-infinity",
            "24-01-05",
            "0024-01-05",
            "10000-01-01",
            "05-01-2024",
        ),
        *(
            "2024-02-30",
            "2024-13-01",
            "2024-01-05 25:00",
            "2024-01-05 24:01",
            "2024-01-05 10:60",
            "2024-01-05 10:00 PM",
        ),
        *("2024-01-05 (BC)", "2024-01", "2024-W01-1", "2024", "1e3", "2024-01-05T", "+2024-01-05", "0001-01-01"),
        *("0001-01-01T00:00:00Z", "2024-01-05 10:00:00 Nowhere/City"),
    ],
)
def test_what_is_no_instant_is_null(text, read):
    assert read(ISO, text) is None
    assert read(TimeColumn(("x",), TimeEncoding.AUTO), text, zone="Europe/Amsterdam") is None


MIXED = ("%d.%m.%Y %H:%M", "%d.%m.%Y", "%d.%m.%Y %H:%M:%S", "%d.%m.%y")
NAMED = ("%d %B %Y", "%d %b %Y %H:%M")


@pytest.mark.parametrize(
    ("patterns", "text", "meaning"),
    [
        (("%d.%m.%Y",), "5.3.2024", "2024-03-05"),
        (("%d.%m.%Y",), " 05.03.2024 г. ", "2024-03-05"),
        (("%-d.%-m.%Y",), "5.3.2024", "2024-03-05"),
        (("%d.%m.%Y",), "05.03.24", None),
        (("%d.%m.%Y",), "31.02.2024", None),
        (("%d.%m.%Y",), "01.01.0001", None),
        (("%d.%m.%Y",), "", None),
        (("%d.%m.%Y",), "24:00", None),
        (MIXED, "05.03.2024", "2024-03-05"),
        (MIXED, "05.03.24", "2024-03-05"),
        (MIXED, "05.03.2024 8:05", "2024-03-05 08:05"),
        (MIXED, "05.03.2024\u00a08:05:07", "2024-03-05 08:05:07"),
        (MIXED, "31.12.2024 24:00", "2025-01-01"),
        (MIXED, "31.12.2024 24:00:00", "2025-01-01"),
        (MIXED, "31.12.2024 24:01", None),
        (MIXED, "31.12.2024 124:00", None),
        (("%d.%m.%Y %H:%M:%S.%f",), "05.03.2024 08:00:00.5", "2024-03-05 08:00:00.5"),
        (("%d.%m.%Y %H:%M:%S.%f",), "05.03.2024 08:00:00.1234567", "2024-03-05 08:00:00.123456"),
        (("%d.%m.%Y %H:%M:%S.%f",), "05.03.2024 08:00:00,5", "2024-03-05 08:00:00.5"),
        (("%Y-%m-%d %H:%M:%S,%f",), "2024-03-05 08:00:00,123", "2024-03-05 08:00:00.123"),
        (("%d/%m/%Y",), "05/03/2024", "2024-03-05"),
        (("%m/%d/%Y %I:%M %p",), "3/5/2024 8:05 PM", "2024-03-05 20:05"),
        (("%Y%m%d",), "20240305", "2024-03-05"),
        (("%Y-%m-%dT%H:%M",), "2024-03-05T08:05", "2024-03-05 08:05"),
        (("%d.%m.%Y %H:%M%z", "%d.%m.%Y %H:%M"), "05.03.2024 08:00+03:00", "2024-03-05 05:00"),
        (("%d.%m.%Y %H:%M%z", "%d.%m.%Y %H:%M"), "05.03.2024 08:00", "2024-03-05 08:00"),
        (("%d.%m.%Y %H:%M%z",), "05.03.2024 08:00Z", "2024-03-05 08:00"),
        (("%d.%m.%Y %H:%M %z",), "05.03.2024 08:00 UTC", "2024-03-05 08:00"),
        (NAMED, "5 марта 2024 г.", "2024-03-05"),
        (NAMED, "5 мая 2024", "2024-05-05"),
        (NAMED, "05 Сен. 2024 10:00", "2024-09-05 10:00"),
        (NAMED, "5 March 2024", "2024-03-05"),
        (NAMED, "5 mrt 2024", "2024-03-05"),
        (NAMED, "5 абв 2024", None),
    ],
)
def test_patterns(patterns, text, meaning, read):
    assert read(pattern(*patterns), text) == (meaning and utc(meaning))


@pytest.mark.parametrize(
    ("encoding", "kind", "value", "meaning"),
    [
        (TimeEncoding.EPOCH_SECONDS, ColumnKind.TEXT, "1700000000", "2023-11-14 22:13:20"),
        (TimeEncoding.EPOCH_SECONDS, ColumnKind.TEXT, "1700000000,25", "2023-11-14 22:13:20.25"),
        (TimeEncoding.EPOCH_SECONDS, ColumnKind.TEXT, "-1", "1969-12-31 23:59:59"),
        (TimeEncoding.EPOCH_SECONDS, ColumnKind.TEXT, "abc", None),
        (TimeEncoding.EPOCH_SECONDS, ColumnKind.TEXT, "99999999999999", None),
        (TimeEncoding.EPOCH_SECONDS, ColumnKind.INTEGER, 1_700_000_000, "2023-11-14 22:13:20"),
        (TimeEncoding.EPOCH_SECONDS, ColumnKind.INTEGER, 2**62, None),
        (TimeEncoding.EPOCH_SECONDS, ColumnKind.REAL, 1_700_000_000.25, "2023-11-14 22:13:20.25"),
        (TimeEncoding.EPOCH_SECONDS, ColumnKind.REAL, float("nan"), None),
        (TimeEncoding.EPOCH_MILLISECONDS, ColumnKind.TEXT, "1700000000123.5", "2023-11-14 22:13:20.123500"),
        (TimeEncoding.EPOCH_MICROSECONDS, ColumnKind.TEXT, "1700000000123456", "2023-11-14 22:13:20.123456"),
        (TimeEncoding.EXCEL_DAYS, ColumnKind.TEXT, "45000", "2023-03-15"),
        (TimeEncoding.EXCEL_DAYS, ColumnKind.TEXT, "45000,4166666667", "2023-03-15 10:00"),
        (TimeEncoding.EXCEL_DAYS, ColumnKind.REAL, 45_000.5, "2023-03-15 12:00"),
        (TimeEncoding.EXCEL_DAYS, ColumnKind.TEXT, "99999999", None),
        (TimeEncoding.EXCEL_DAYS, ColumnKind.TEXT, "nan", None),
        (TimeEncoding.TYPED, ColumnKind.LOCAL_TIME, datetime(2024, 3, 5, 10), "2024-03-05 10:00"),
        (TimeEncoding.TYPED, ColumnKind.LOCAL_TIME, date(2024, 3, 5), "2024-03-05"),
        (TimeEncoding.TYPED, ColumnKind.LOCAL_TIME, None, None),
        (TimeEncoding.PATTERN, ColumnKind.INSTANT, datetime(2024, 3, 5, 10, tzinfo=UTC), "2024-03-05 10:00"),
        (TimeEncoding.ISO, ColumnKind.INTEGER, 20_240_305, "2024-03-05"),
    ],
)
def test_numbers_and_types(encoding, kind, value, meaning, read):
    assert read(TimeColumn(("x",), encoding), value, kind=kind) == (meaning and utc(meaning))


def test_a_number_with_a_fraction_can_be_a_date_by_pattern(read):
    assert read(pattern("%Y%m%d"), 20_240_305.0, kind=ColumnKind.REAL) == utc("2024-03-05")


def test_an_infinite_typed_time_is_null(select):
    expression = instant_expression(ISO, kinds={"x": ColumnKind.LOCAL_TIME}, zone="UTC")
    assert select(expression.replace('"x"', 'CAST("x" AS TIMESTAMP)'), "infinity") is None


PAIR = pattern("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", columns=("x", "y"))


@pytest.mark.parametrize(
    ("column", "day", "time", "meaning", "has_no_time"),
    [
        (PAIR, "05.03.2024", "10:15", "2024-03-05 10:15", False),
        (PAIR, "05.03.2024", "", "2024-03-05", True),
        (PAIR, "05.03.2024", None, "2024-03-05", True),
        (PAIR, "05.03.2024", "24:00", "2024-03-06", False),
        (PAIR, "", "10:15", None, None),
        (PAIR, None, "10:15", None, None),
        (PAIR, "05.03.2024 00:00:00", "10:15:30", "2024-03-05 10:15:30", False),
        (PAIR, "05.03.2024", "30.12.1899 10:15:00", "2024-03-05 10:15", False),
        (pattern("%m/%d/%Y %I:%M %p", columns=("x", "y")), "3/5/2024", "8:05 PM", "2024-03-05 20:05", False),
        (TimeColumn(("x", "y")), "2024-03-05", "10:15", "2024-03-05 10:15", False),
        (TimeColumn(("x", "y")), "2024-03-05", "10:15+03:00", "2024-03-05 07:15", False),
        (TimeColumn(("x", "y")), "2024-03-05T00:00:00", "9:15", "2024-03-05 09:15", False),
        (TimeColumn(("x", "y"), TimeEncoding.EXCEL_DAYS), "45000", "0,5", "2023-03-15 12:00", False),
        (TimeColumn(("x", "y"), TimeEncoding.EXCEL_DAYS), "45000", None, "2023-03-15", True),
    ],
)
def test_date_and_time_of_day_apart(column, day, time, meaning, has_no_time, read, select):
    assert read(column, day, time) == (meaning and utc(meaning))
    assert select(day_resolution_expression(column, kinds={}), day, time) is has_no_time


def test_typed_date_with_typed_or_written_time(select):
    kinds = {"x": ColumnKind.LOCAL_TIME, "y": ColumnKind.LOCAL_TIME}
    expected = (utc("2024-03-05 10:15") - EPOCH) // timedelta(microseconds=1)
    typed = instant_expression(TimeColumn(("x", "y"), TimeEncoding.TYPED), kinds=kinds, zone="UTC")
    assert select(typed, date(2024, 3, 5), datetime(1899, 12, 31, 10, 15)) == expected
    written = instant_expression(PAIR, kinds={"x": ColumnKind.LOCAL_TIME}, zone="UTC")
    assert select(written, date(2024, 3, 5), "10:15") == expected


@pytest.mark.parametrize(
    ("column", "kind", "value", "expected"),
    [
        (ISO, ColumnKind.TEXT, "2024-03-05", True),
        (ISO, ColumnKind.TEXT, "2024-03-05 00:00", False),
        (ISO, ColumnKind.TEXT, "", None),
        (pattern("%d.%m.%Y"), ColumnKind.TEXT, "05.03.2024", True),
        (pattern("%d.%m.%Y %H:%M"), ColumnKind.TEXT, "05.03.2024 00:00", False),
        (pattern("%d.%m.%Y", "%d.%m.%Y %H:%M"), ColumnKind.TEXT, "05.03.2024", True),
        (pattern("%d.%m.%Y", "%d.%m.%Y %H:%M"), ColumnKind.TEXT, "05.03.2024 00:00", False),
        (pattern("%d.%m.%Y", "%d.%m.%Y %H.%M"), ColumnKind.TEXT, "05.03.2024 00.00", False),
        (pattern("%d.%m.%Y", "%d.%m.%Y %H.%M"), ColumnKind.TEXT, "05.03.2024", True),
        (TimeColumn(("x",), TimeEncoding.EPOCH_SECONDS), ColumnKind.TEXT, "1700000000", False),
        (TimeColumn(("x",), TimeEncoding.EXCEL_DAYS), ColumnKind.TEXT, "45000", True),
        (TimeColumn(("x",), TimeEncoding.EXCEL_DAYS), ColumnKind.TEXT, "45000,25", False),
        (ISO, ColumnKind.LOCAL_TIME, date(2024, 3, 5), True),
        (ISO, ColumnKind.LOCAL_TIME, datetime(2024, 3, 5), False),
        (ISO, ColumnKind.LOCAL_TIME, None, None),
    ],
)
def test_day_resolution(column, kind, value, expected, select):
    assert select(day_resolution_expression(column, kinds={"x": kind}), value) is expected


@pytest.mark.parametrize(
    ("text", "is_ambiguous", "is_nonexistent"),
    [
        ("2021-10-31 02:30:00", True, False),
        ("2021-10-31 02:30:00,5", True, False),
        ("2021-10-31 02:30:00+01:00", False, False),
        ("2021-10-31 03:00:00", False, False),
        ("2021-03-28 02:30:00", False, True),
        ("2021-03-28 03:00:00", False, False),
        ("", False, False),
        ("abc", False, False),
        (None, False, False),
    ],
)
def test_doubtful_wall_clock_times(text, is_ambiguous, is_nonexistent, select):
    arguments = {"kinds": {}, "zone": "Europe/Amsterdam"}
    assert select(is_ambiguous_expression(ISO, **arguments), text) is is_ambiguous
    assert select(is_nonexistent_expression(ISO, **arguments), text) is is_nonexistent


def test_typed_times_can_be_doubtful_and_typed_instants_cannot(select):
    arguments = {"kinds": {"x": ColumnKind.LOCAL_TIME}, "zone": "Europe/Amsterdam"}
    assert select(is_ambiguous_expression(ISO, **arguments), datetime(2021, 10, 31, 2, 30)) is True
    instants = {"kinds": {"x": ColumnKind.INSTANT}, "zone": "Europe/Amsterdam"}
    assert select(is_ambiguous_expression(ISO, **instants), datetime(2021, 10, 31, 2, 30, tzinfo=UTC)) is False


def test_nothing_is_doubtful_in_utc():
    assert is_ambiguous_expression(ISO, kinds={}, zone="UTC") == "false"


@pytest.mark.parametrize(
    ("patterns", "message"),
    [((), "missing"), (("%d.%m.%Q",), "%Q"), (("%H:%M",), "no year"), (("%d.%m.%Y %",), "unknown")],
)
def test_unusable_patterns_are_refused(patterns, message):
    with pytest.raises(TimeFormatError, match=message) as caught:
        instant_expression(pattern(*patterns), kinds={}, zone="UTC")
    assert "%d" in caught.value.remedy


def test_an_unknown_zone_is_refused():
    with pytest.raises(UnknownZoneError, match="Mars/Base"):
        instant_expression(ISO, kinds={}, zone="Mars/Base")


def test_hostile_names_stay_names(connection):
    name = "a\"); DROP TABLE t; --'"
    column = TimeColumn((name,), TimeEncoding.PATTERN, ("%d.%m.%Y 'at' %H:%M",))
    quoted = '"' + name.replace('"', '""') + '"'
    query = f"SELECT {instant_expression(column, kinds={}, zone='UTC')} FROM (SELECT ? AS {quoted})"
    assert connection.execute(query, ["05.03.2024 'at' 10:00"]).fetchone()[0] is not None


ZONED = st.sampled_from([0, 180, -210, 345, 840]).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2999, 12, 30))


@settings(max_examples=10, deadline=None)
@given(moments=st.lists(st.tuples(MOMENTS, st.none() | ZONED, st.sampled_from("T ")), min_size=5, max_size=60))
@pytest.mark.parametrize("zone", ["Europe/Kaliningrad", "America/Sao_Paulo"])
def test_iso_with_and_without_offset_in_one_column(connection, zone, moments):
    texts = [moment.replace(tzinfo=offset).isoformat(separator) for moment, offset, separator in moments]
    expected = [
        (moment.replace(tzinfo=offset or load_zone(zone)) - EPOCH) // timedelta(microseconds=1)
        for moment, offset, _separator in moments
    ]
    query = f"SELECT {instant_expression(ISO, kinds={}, zone=zone)} FROM (SELECT unnest(?) AS x)"
    assert [row[0] for row in connection.execute(query, [texts]).fetchall()] == expected


FORMS = ("%d.%m.%Y %H:%M:%S.%f", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%m/%d/%Y", "%Y%m%d")


@settings(max_examples=5, deadline=None)
@given(moments=st.lists(MOMENTS, min_size=5, max_size=60))
@pytest.mark.parametrize("form", FORMS)
def test_patterns_read_what_python_wrote(connection, form, moments):
    texts = [moment.strftime(form) for moment in moments]
    expected = [datetime.strptime(text, form).replace(tzinfo=UTC) for text in texts]
    query = f"SELECT {instant_expression(pattern(form), kinds={}, zone='UTC')} FROM (SELECT unnest(?) AS x)"
    found = [row[0] for row in connection.execute(query, [texts]).fetchall()]
    assert found == [(moment - EPOCH) // timedelta(microseconds=1) for moment in expected]


@settings(max_examples=30, deadline=None)
@given(texts=st.lists(st.text(alphabet="0123456789-+:.,/ TZzг\u00a0−()", max_size=30), min_size=1, max_size=60))
def test_any_text_is_read_or_null(connection, texts):
    columns = (ISO, pattern(*MIXED))
    parts = ", ".join(f"year(make_timestamp({instant_expression(c, kinds={}, zone='UTC')}))" for c in columns)
    rows = connection.execute(f"SELECT {parts} FROM (SELECT unnest(?) AS x)", [texts]).fetchall()
    assert len(rows) == len(texts)
    assert all(year is None or 999 <= year <= 9999 for row in rows for year in row)
