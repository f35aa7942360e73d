"""Tables: the same figures whatever they are written as, and no text of a log that could be a formula."""

import csv
import io
import zipfile
from datetime import date, datetime

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from potok.core.language import set_language
from potok.report.tables import Column, ColumnKind, Table
from potok.report.tables.as_csv import as_csv
from potok.report.tables.as_html import as_html
from potok.report.tables.as_parquet import as_parquet
from potok.report.tables.as_record import as_record
from potok.report.tables.as_text import as_text
from potok.report.tables.as_workbook import TooManyRowsError, as_workbook

NOON = 1_704_099_600_000_000  # 2024-01-01 09:00 UTC, 12:00 in Moscow
COLUMNS = (
    Column("activity", "Activity"),
    Column("count", "Count", ColumnKind.COUNT),
    Column("ratio", "Ratio", ColumnKind.NUMBER),
    Column("seconds", "Wait", ColumnKind.DURATION),
    Column("share", "Share", ColumnKind.SHARE),
    Column("due_us", "At", ColumnKind.INSTANT),
    Column("day", "Day", ColumnKind.DAY),
    Column("is_late", "Late", ColumnKind.FLAG),
)
ROW = ("Check", 1234, 2.5, 129_600.0, 0.25, NOON, date(2024, 1, 2), True)
TABLE = Table("waits", "Waits", COLUMNS, (ROW, (None,) * 8), "Europe/Moscow", ("A note.",))
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", '=HYPERLINK("http://x")', "{=1}", "http://example.org", "007")


def sheet(content: bytes, name: str = "Waits") -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name).to_python()


def texts(*values: str) -> Table:
    return Table("t", "T", (Column("a", "A"),), tuple((value,) for value in values))


def test_json_holds_plain_values():
    record = as_record(TABLE)
    assert record["rows"][0] == {
        "activity": "Check",
        "count": 1234,
        "ratio": 2.5,
        "seconds": 129_600.0,
        "share": 0.25,
        "due_at": "2024-01-01T12:00:00+03:00",
        "day": "2024-01-02",
        "is_late": True,
    }
    assert set(record["rows"][1].values()) == {None}


def test_text_is_aligned_and_says_what_is_unknown():
    lines = as_text(TABLE).splitlines()
    assert lines[0] == "Waits"
    assert lines[2].split() == ["Activity", "Count", "Ratio", "Wait", "Share", "At", "Day", "Late"]
    assert "1,234" in lines[3]
    assert "2024-01-01" in lines[3]
    assert lines[4].split() == ["–"] * 8
    assert lines[-1] == "A note."


def test_a_workbook_holds_numbers_dates_and_days():
    head, row, empty, *_rest = sheet(as_workbook([TABLE]))
    assert head == ["Activity", "Count", "Ratio", "Wait, days", "Share", "At (Europe/Moscow)", "Day", "Late"]
    assert row == ["Check", 1234, 2.5, 1.5, 0.25, datetime.fromisoformat("2024-01-01T12:00"), date(2024, 1, 2), "yes"]
    assert set(empty) == {""}


def test_a_workbook_is_the_same_whenever_it_is_written():
    assert as_workbook([TABLE]) == as_workbook([TABLE])


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula_or_a_link_in_a_workbook(text: str):
    content = as_workbook([texts(text)])
    assert [row[0] for row in sheet(content, "T")] == ["A", text]
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        xml = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in xml
        assert "hyperlink" not in xml
        assert 't="s"' in xml


def test_text_that_looks_like_a_formula_is_harmless_in_csv():
    rows = list(csv.reader(io.StringIO(as_csv(texts(*FORMULAS)).removeprefix("\ufeff"))))
    for written, text in zip((row[0] for row in rows[1:]), FORMULAS, strict=True):
        assert written == ("'" + text if text[0] in "=+-@\t" else text)


def test_csv_is_as_excel_reads_it_in_the_language():
    assert as_csv(TABLE).splitlines()[1].startswith("Check,1234,2.5,129600.0,0.25,2024-01-01T12:00:00+03:00")
    set_language("ru")
    assert as_csv(TABLE).splitlines()[1].startswith("Check;1234;2,5;129600,0;0,25;")


def test_negative_numbers_stay_numbers_in_csv():
    table = Table("t", "T", (Column("n", "N", ColumnKind.NUMBER),), ((-1.5,),))
    assert as_csv(table).splitlines()[1] == "-1.5"


def test_parquet_keeps_types():
    read = pq.read_table(io.BytesIO(as_parquet(TABLE)))
    assert read.column_names == [column.key for column in COLUMNS]
    assert read["due_at"][0].as_py().isoformat() == "2024-01-01T09:00:00+00:00"
    assert read["count"].to_pylist() == [1234, None]


def test_html_escapes_what_a_log_holds():
    html = as_html(texts("<script>alert(1)</script>"))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_sheet_names_are_such_as_excel_takes():
    title = "A very long title of a table: with [brackets] / and more"
    tables = [Table("t", title, (Column("a", "A"),), (("x",),)) for _ in range(2)]
    names = CalamineWorkbook.from_filelike(io.BytesIO(as_workbook(tables))).sheet_names
    assert len(set(names)) == 2
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_what_a_sheet_cannot_hold_is_refused_or_shortened():
    long = sheet(as_workbook([texts("x" * 40_000)]), "T")[1][0]
    assert (len(long), long[-1]) == (32_767, "…")
    with pytest.raises(TooManyRowsError):
        as_workbook([texts(*("x" for _ in range(1_000_001)))])
