"""What is read from a workbook: the right table, typed columns, Excel's row numbers, nothing lost in silence."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from potok.engine.duckdb import connect
from potok.log.sources.arrow_staging import StagingSpaceError
from potok.log.sources.base import ColumnKind, Staged, StagingOptions
from potok.log.sources.xlsx import stage_xlsx
from potok.log.sources.xlsx_cells import as_text
from potok.log.sources.xlsx_table import HeadingNotFoundError
from potok.log.sources.xlsx_workbook import EmptyWorkbookError, SheetNotFoundError
from support.workbooks import ErrorCell, Serial, sheet_xml, write_opendocument, write_rows, write_workbook

at = datetime.fromisoformat


def rows_of(staged: Staged) -> list[tuple[Any, ...]]:
    return connect().execute(f"SELECT * FROM {staged.relation}").fetchall()


def stage(path: Path, *, sheet: str = "") -> Staged:
    folder = path.parent / "staging"
    folder.mkdir(exist_ok=True)
    return stage_xlsx(path, options=StagingOptions(folder, sheet=sheet))


def kinds(staged: Staged) -> dict[str, ColumnKind]:
    return {column.name: column.kind for column in staged.columns}


def test_types_are_those_of_the_cells(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "a.xlsx",
        [
            ["Номер", "Дата", "Момент", "Сумма", "Срочно", "Код", "Пусто"],
            [7, date(2024, 1, 31), at("2024-01-31 10:05"), 1.5, True, "007"],
            [8, date(2024, 2, 29), date(2024, 2, 29), 2, False, "я"],
        ],
    )
    staged = stage(path)
    assert kinds(staged) == {
        "Номер": ColumnKind.INTEGER,
        "Дата": ColumnKind.LOCAL_TIME,
        "Момент": ColumnKind.LOCAL_TIME,
        "Сумма": ColumnKind.REAL,
        "Срочно": ColumnKind.BOOLEAN,
        "Код": ColumnKind.TEXT,
        "Пусто": ColumnKind.TEXT,
    }
    assert rows_of(staged) == [
        (2, 7, date(2024, 1, 31), at("2024-01-31 10:05"), 1.5, True, "007", None),
        (3, 8, date(2024, 2, 29), at("2024-02-29"), 2.0, False, "я", None),
    ]
    assert staged.row_column == "__row"
    assert staged.format == "xlsx"
    assert staged.files[0].name == "a.xlsx"
    assert len(staged.files[0].sha256) == 64


def test_mixed_columns_become_text_written_in_one_way(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "a.xlsx",
        [
            ["a", "b", "c"],
            [5, date(2024, 1, 31), True],
            ["x", "31.01.2024", 2.5],
            [1e20, at("2024-01-31 10:05"), time(9, 30)],
        ],
    )
    staged = stage(path)
    assert rows_of(staged) == [
        (2, "5", "2024-01-31", "true"),
        (3, "x", "31.01.2024", "2.5"),
        (4, "1e+20", "2024-01-31 10:05:00", "09:30:00"),
    ]
    assert staged.facts["mixed_columns"] == ["a", "b", "c"]


def test_a_column_of_times_stays_as_text(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.xlsx", [["Дата", "Время"], [date(2024, 1, 31), time(9, 30)]])
    assert rows_of(stage(path)) == [(2, date(2024, 1, 31), "09:30:00")]


def test_placeholders_among_dates_are_empty_and_counted(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "a.xlsx",
        [["id", "Дата"], [1, Serial(0)], [2, Serial(1)], [3, Serial(60)], [4, Serial(61)], [5, date(2024, 1, 31)]],
    )
    staged = stage(path)
    assert [row[2] for row in rows_of(staged)] == [None, None, None, date(1900, 3, 1), date(2024, 1, 31)]
    assert staged.facts["early_dates"] == {"Дата": 2}
    assert staged.facts["times_without_date"] == {"Дата": 1}


def test_early_dates_in_a_mixed_column_are_empty(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.xlsx", [["id", "Дата"], [1, Serial(1)], [2, "нет"]])
    assert rows_of(stage(path)) == [(2, 1, None), (3, 2, "нет")]


def test_error_cells_are_empty_and_counted(tmp_path: Path) -> None:
    rows = [["id", "Срок"], [1, ErrorCell("#N/A")], [2, 5], [3, ErrorCell("#DIV/0!")]]
    staged = stage(write_rows(tmp_path / "a.xlsx", rows))
    assert rows_of(staged) == [(2, 1, None), (3, 2, 5), (4, 3, None)]
    assert staged.facts["error_cells"] == {"Срок": 2}


def test_title_blank_rows_and_column_numbers_are_skipped(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "a.xlsx",
        [
            [],
            ["Отчёт о предоставлении услуг за 2024 год"],
            ["Период:", "01.01.2024 - 31.12.2024"],
            [],
            ["№ заявления", "Этап", "Дата", "Исполнитель"],
            [1, 2, 3, 4],
            ["А-1", "Приём", date(2024, 1, 31), "Иванов"],
            [],
            ["А-2", "Приём", date(2024, 2, 1), "Петров"],
        ],
    )
    staged = stage(path)
    assert [row[:2] for row in rows_of(staged)] == [(7, "А-1"), (9, "А-2")]
    facts = staged.facts
    assert (facts["heading_row"], facts["rows_above_heading"], facts["numbering_row_skipped"]) == (5, 4, True)
    assert (facts["rows"], facts["empty_rows"]) == (2, 1)


def test_two_levels_of_heading_are_joined(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "a.xlsx",
        [
            ["Журнал регистрации", None, None, None, None],
            ["№", "Заявление", None, "Решение", None],
            [None, "дата", "номер", "дата", "номер"],
            [1, date(2024, 1, 31), "5-А", date(2024, 2, 1), "6"],
        ],
        merged=["A1:E1", "A2:A3", "B2:C2", "D2:E2"],
    )
    staged = stage(path)
    assert list(kinds(staged)) == ["№", "Заявление / дата", "Заявление / номер", "Решение / дата", "Решение / номер"]
    assert staged.facts["heading_levels"] == 2
    assert rows_of(staged)[0][0] == 4


def test_two_levels_without_vertical_merges_are_joined(tmp_path: Path) -> None:
    rows = [["Заявление", None, "Решение", None], ["дата", "номер", "дата", "номер"], ["x", "1", "y", "2"]]
    staged = stage(write_rows(tmp_path / "a.xlsx", rows, merged=["A1:B1", "C1:D1"]))
    assert list(kinds(staged)) == ["Заявление / дата", "Заявление / номер", "Решение / дата", "Решение / номер"]


def test_a_title_merged_over_the_table_is_not_its_heading(tmp_path: Path) -> None:
    rows = [["Отчёт", None, None], [None, None, None], ["a", "b", "c"], [1, 2, 3]]
    staged = stage(write_rows(tmp_path / "a.xlsx", rows, merged=["A1:C2"]))
    assert staged.facts["heading_row"] == 3


def test_a_value_merged_over_rows_holds_for_each(tmp_path: Path) -> None:
    rows = [["Дело", "Этап"], ["A", "x"], [None, "y"], ["B", "z"], [None, None], [None, "без дела"]]
    staged = stage(write_rows(tmp_path / "a.xlsx", rows, merged=["A2:A3", "A4:A5", "D2:D6"]))
    assert rows_of(staged) == [(2, "A", "x"), (3, "A", "y"), (4, "B", "z"), (6, None, "без дела")]
    assert staged.facts["merged_cells_filled"] == 1


def test_column_names_are_made_unique_and_given(tmp_path: Path) -> None:
    rows = [["Дата", "дата", "Дата 2", None, "__row", " Срок \n дней "], ["a", "b", "c", "d", "e", 1]]
    staged = stage(write_rows(tmp_path / "a.xlsx", rows))
    assert list(kinds(staged)) == ["Дата", "дата 3", "Дата 2", "column_D", "__row 2", "Срок дней"]
    assert rows_of(staged) == [(2, "a", "b", "c", "d", "e", 1)]
    assert staged.facts["renamed_columns"] == {"дата 3": "дата", "column_D": "", "__row 2": "__row"}


def test_columns_without_name_and_values_are_dropped(tmp_path: Path) -> None:
    staged = stage(write_rows(tmp_path / "a.xlsx", [["a", None, "b"], [1, " ", 2], [3, None, 4]]))
    assert list(kinds(staged)) == ["a", "column_B", "b"]
    staged = stage(write_rows(tmp_path / "b.xlsx", [["a", None, "b"], [1, None, 2]]))
    assert list(kinds(staged)) == ["a", "b"]


def test_a_sheet_is_chosen_by_name_or_the_first_visible_with_rows(tmp_path: Path) -> None:
    sheets = {
        "Пустой": sheet_xml([]),
        "Скрытый": sheet_xml([["h"], [1]]),
        "Данные": sheet_xml([["d"], [2]]),
        "Ещё": sheet_xml([["e"], [3]]),
    }
    path = write_workbook(tmp_path / "a.xlsx", sheets, hidden=["Скрытый"])
    first = stage(path)
    assert first.facts["sheets"] == ["Данные"]
    assert first.facts["other_sheets"] == ["Пустой", "Ещё"]
    assert first.facts["hidden_sheets"] == ["Скрытый"]
    assert rows_of(stage(path, sheet="скрытый ")) == [(2, 1)]
    with pytest.raises(SheetNotFoundError, match="no sheet «Нет»") as failure:
        stage(path, sheet="Нет")
    assert "Данные" in failure.value.remedy


def test_all_sheets_with_the_same_heading_are_joined(tmp_path: Path) -> None:
    sheets = {
        "Январь": sheet_xml([["id", "Дата"], [1, date(2024, 1, 31)]]),
        "Февраль": sheet_xml([["Отчёт"], [], ["id", "Дата"], [2, date(2024, 2, 1), "примечание"]]),
        "Итоги": sheet_xml([["Месяц", "Всего"], ["Январь", 1]]),
    }
    staged = stage(write_workbook(tmp_path / "a.xlsx", sheets), sheet="*")
    assert rows_of(staged) == [
        (2, "Январь", 1, date(2024, 1, 31), None),
        (4, "Февраль", 2, date(2024, 2, 1), "примечание"),
    ]
    assert staged.facts["sheets"] == ["Январь", "Февраль"]
    assert staged.facts["sheets_with_other_columns"] == ["Итоги"]
    assert "sheet" in kinds(staged)


def test_a_table_may_begin_anywhere(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.xlsx", [[], [], [None, None, "id", None], [None, None, 5, "x"]])
    staged = stage(path)
    assert rows_of(staged) == [(4, 5, "x")]
    assert list(kinds(staged)) == ["id", "column_D"]


def test_missing_heading_and_empty_workbook_are_said(tmp_path: Path) -> None:
    with pytest.raises(HeadingNotFoundError, match="looks like a heading") as failure:
        stage(write_rows(tmp_path / "a.xlsx", [[1, 2, 3], [4, 5, 6]]))
    assert "Лист1" in failure.value.remedy
    with pytest.raises(EmptyWorkbookError, match="no rows"):
        stage(write_rows(tmp_path / "b.xlsx", [[None], [" "]]))


def test_many_rows_are_staged_in_pieces(tmp_path: Path) -> None:
    rows: list[list[object]] = [["id", "Этап"], *([i, f"шаг {i % 7}"] for i in range(20_000))]
    staged = stage(write_rows(tmp_path / "a.xlsx", rows))
    total = connect().execute(f"SELECT count(*), sum(id), max(__row) FROM {staged.relation}").fetchone()
    assert total == (20_000, 199_990_000, 20_001)


def test_an_opendocument_workbook_is_read(tmp_path: Path) -> None:
    def text(value: str, extra: str = "") -> str:
        return f'<table:table-cell office:value-type="string" {extra}><text:p>{value}</text:p></table:table-cell>'

    def row(*cells: str, repeats: int = 1) -> str:
        return f'<table:table-row table:number-rows-repeated="{repeats}">{"".join(cells)}</table:table-row>'

    rows = [
        row(text("Отчёт", 'table:number-columns-spanned="2"')),
        row(text("id"), text("Срок")),
        row(
            '<table:table-cell office:value-type="float" office:value="5"/>',
            text("#N/A", 'calcext:value-type="error" office:string-value=""'),
            repeats=2,
        ),
        row('<table:table-cell table:number-columns-repeated="16384"/>', repeats=1048572),
    ]
    path = write_opendocument(tmp_path / "a.ods", f'<table:table table:name="Л">{"".join(rows)}</table:table>')
    staged = stage(path)
    assert rows_of(staged) == [(3, 5, None), (4, 5, None)]
    assert staged.facts["error_cells"] == {"Срок": 1}


def test_durations_are_written_as_excel_shows_them(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="{kind}" office:{value}><text:p>x</text:p></table:table-cell>'
    cells = [
        cell.format(kind="string", value='x="1"'),
        cell.format(kind="time", value='time-value="PT10H05M00S"'),
    ]
    rows = "".join(f"<table:table-row>{content}</table:table-row>" for content in cells)
    path = write_opendocument(tmp_path / "a.ods", f'<table:table table:name="Л">{rows}</table:table>')
    assert rows_of(stage(path)) == [(2, "10:05:00")]
    assert as_text(timedelta(days=1, hours=6)) == "30:00:00"
    assert as_text(timedelta(seconds=-61)) == "-00:01:01"


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.xlsx", [["a"], [1]])
    with pytest.raises(StagingSpaceError, match="Cannot write temporary files"):
        stage_xlsx(path, options=StagingOptions(tmp_path / "missing"))
