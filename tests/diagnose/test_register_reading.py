"""Reading a register of processes as offices keep it; what cannot be read is named by its cell."""

from pathlib import Path

import pytest

from potok.core.errors import PotokError
from potok.diagnose.register.cells import read_flag, read_lead_time, read_number, seconds_of, split_list
from potok.diagnose.register.errors import EmptyRegisterError, NoNameColumnError, UnreadableRegisterError
from potok.diagnose.register.headings import field_of, fields_of
from potok.diagnose.register.model import Field, IssueKind, LeadTime, TimeUnit
from potok.diagnose.register.reading import read_register
from support.registers import write_csv
from support.workbooks import sheet_xml, write_rows, write_workbook


def kinds(register) -> list[tuple[IssueKind, str]]:
    return [(issue.kind, issue.where) for issue in register.issues]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Наименование процесса", Field.NAME),
        ("Название услуги", Field.NAME),
        ("Process name", Field.NAME),
        ("Наименование подразделения", None),
        ("№ п/п", None),
        ("Владелец процесса", Field.OWNER),
        ("Ответственный исполнитель", Field.OWNER),
        ("Участники процесса", Field.PARTICIPANTS),
        ("Нормативный правовой акт", Field.ACT),
        ("Основное/дополнительное полномочие", Field.AUTHORITY),
        ("ВПП, рабочих дней", Field.LEAD_TIME),
        ("Единица измерения ВПП", Field.LEAD_TIME_UNIT),
        ("Срок предоставления услуги", Field.LEAD_TIME),
        ("Событие начала процесса", Field.START_EVENT),
        ("От кого", Field.STARTED_BY),
        ("Кому передаётся результат", Field.RESULT_TO),
        ("Результат процесса", Field.RESULT),
        ("Входящие документы", Field.INPUTS),
        ("Документы на выходе", Field.OUTPUTS),
        ("Информационные системы", Field.SYSTEMS),
        ("Уровень исполнения", Field.LEVEL),
        ("Родительский процесс", Field.PARENTS),
        ("Дочерние процессы", Field.CHILDREN),
        ("Известные проблемы", Field.PROBLEMS),
        ("Предложение для включения в программу «Эффективный регион»", Field.PROPOSED),
        ("Количество обращений в год", Field.VOLUME),
        ("Трудоёмкость, чел.-час", Field.STAFF_HOURS),
        ("Трудозатраты на одну услугу, чел.-ч", Field.STAFF_HOURS_PER_CASE),
        ("Staff hours per year", Field.STAFF_HOURS),
        ("Журнал событий", Field.LOG),
        ("Цвет папки", None),
    ],
)
def test_headings_are_known_in_many_wordings(heading: str, field: Field | None):
    assert field_of(heading) is field


def test_a_second_column_for_a_field_is_told():
    found, unknown, twice = fields_of(["№", "Процесс", "Владелец", "Владелец процесса", "Цвет"])
    assert (found, unknown, twice) == ({Field.NAME: 1, Field.OWNER: 2}, [4], [3])


@pytest.mark.parametrize(
    ("text", "unit", "amount", "read_as", "hours"),
    [
        ("5 р.д.", None, 5, TimeUnit.WORKING_DAY, 7 * 24),
        ("5 рабочих дней", None, 5, TimeUnit.WORKING_DAY, 7 * 24),
        ("до 10 дней", None, 10, TimeUnit.DAY, 240),
        ("10 календарных дней", None, 10, TimeUnit.DAY, 240),
        ("2 часа", None, 2, TimeUnit.HOUR, 2),
        ("8 раб. часов", None, 8, TimeUnit.WORKING_HOUR, 33.6),
        ("15 мин", None, 15, TimeUnit.MINUTE, 0.25),
        ("1,5 недели", None, 1.5, TimeUnit.WEEK, 252),
        ("5–7 дней", None, 7, TimeUnit.DAY, 168),
        ("10 working days", None, 10, TimeUnit.WORKING_DAY, 14 * 24),
        ("30", TimeUnit.DAY, 30, TimeUnit.DAY, 720),
        ("3 часа", TimeUnit.DAY, 3, TimeUnit.HOUR, 3),
        ("1 месяц", None, 1, TimeUnit.MONTH, 730.5),
        ("30 дней (210-ФЗ)", None, 30, TimeUnit.DAY, 720),
        ("30 (210-ФЗ)", TimeUnit.DAY, 30, TimeUnit.DAY, 720),
        ("15 дней, п. 7 ст. 12 закона № 59-ФЗ от 02.05.2006", None, 15, TimeUnit.DAY, 360),
        ("до 10 (десяти) рабочих дней со дня подачи", None, 10, TimeUnit.WORKING_DAY, 14 * 24),
        ("1 месяц 10 дней", None, 40.4375, TimeUnit.DAY, 970.5),
        ("2 дня 4 часа", None, 52, TimeUnit.HOUR, 52),
        ("2 ч 30 мин", None, 150, TimeUnit.MINUTE, 2.5),
    ],
)
def test_lead_times_are_read_with_their_units(text, unit, amount, read_as, hours):
    found = read_lead_time(text, unit)
    assert found == LeadTime(amount, read_as)
    assert seconds_of(found) / 3600 == pytest.approx(hours)


@pytest.mark.parametrize(
    "text",
    [
        "30", "по графику", "дней", "0 дней", "", "до 3 часов либо 2 дней", "10 дней или два месяца", "5, 10 дней",
        "4 часа 2 дня", "2 рабочих дня 4 часа", "30 дней (не более 45 дней)", "10 дней 2 раза в год",
    ],
)  # fmt: skip
def test_what_is_no_lead_time_is_none(text: str):
    assert read_lead_time(text, None) is None


def test_lists_are_split_at_semicolons_and_lines_without_bullets_and_repetitions():
    assert split_list("1) паспорт;\n- СНИЛС; Паспорт\nсправка о составе семьи, форма 9;—") == (
        "паспорт",
        "СНИЛС",
        "справка о составе семьи, форма 9",
    )


def test_numbers_and_flags():
    assert [read_number(v) for v in ("1 200", "1200 шт.", 7.0, "5-7", "-3", "много", None)] == [
        1200, 1200, 7, None, None, None, None,
    ]  # fmt: skip
    assert [read_flag(v) for v in ("Да", "нет", "+", "может быть")] == [True, False, True, None]


HEADINGS = ["№", "Наименование процесса", "Владелец", "ВПП", "Входящие документы", "Количество в год"]


def test_titles_merged_cells_blank_rows_sections_and_totals(tmp_path: Path):
    rows = [
        ["Реестр процессов на 2026 год"],
        [],
        HEADINGS,
        ["1", "2", "3", "4", "5", "6"],
        ["Раздел 1. Услуги"],
        [1, "Выдача справок", "Отдел А", "5 р.д.", "заявление; паспорт", 100],
        [],
        [2, "Выдача путёвок", None, 10, "заявление", "сто"],
        [3, "Приём граждан", None, "3 дня", None, 12.5],
        [4, None, "Отдел Б", "3 дня", None, None],
        ["Итого", "Итого", None, None, None, 112.5],
    ]
    register = read_register(write_rows(tmp_path / "r.xlsx", rows, merged=["A1:F1", "C6:C9"]))
    assert [(p.name, p.owner, p.volume_per_year) for p in register.processes] == [
        ("Выдача справок", "Отдел А", 100),
        ("Выдача путёвок", "Отдел А", None),
        ("Приём граждан", "Отдел А", 12.5),
    ]
    assert kinds(register) == [
        (IssueKind.NOT_A_NUMBER, "Лист1!F8"),
        (IssueKind.UNIT_MISSING, "Лист1!D8"),
        (IssueKind.ROW_WITHOUT_NAME, "Лист1!B10"),
    ]
    (sheet,) = register.sheets
    assert (sheet.heading_row, sheet.empty_rows, sheet.filled_cells) == (3, 1, 2)
    assert register.processes[0].where == "Лист1!B6"


def test_a_number_merged_over_several_processes_is_unknown_of_each(tmp_path: Path):
    rows = [
        ["Процесс", "Владелец", "Количество в год", "Трудозатраты в год, чел.-ч", "ВПП, дней"],
        ["Выдача справок", "Отдел А", 100, 900, 5],
        ["Выдача путёвок", None, None, None, None],
        ["Приём граждан", "Отдел Б", 50, 40, 3],
        [None, None, None, None, None],
        ["Учёт писем", "Отдел В", 7, 60, 2],
    ]
    register = read_register(
        write_rows(tmp_path / "r.xlsx", rows, merged=["B2:B3", "C2:C3", "D2:D3", "E2:E3", "D4:D5"])
    )
    assert [(p.owner, p.volume_per_year, p.staff_hours_per_year, p.lead_time.amount) for p in register.processes] == [
        ("Отдел А", None, None, 5),
        ("Отдел А", None, None, 5),
        ("Отдел Б", 50, 40, 3),
        ("Отдел В", 7, 60, 2),
    ]
    assert [(issue.kind, issue.where, issue.value) for issue in register.issues] == [
        (IssueKind.NUMBER_MERGED, "Лист1!C2:C3", "100"),
        (IssueKind.NUMBER_MERGED, "Лист1!D2:D3", "900"),
    ]


def test_totals_are_known_by_how_they_begin(tmp_path: Path):
    names = ["Выдача справок", "Итого по разделу 1", "Всероссийский учёт", "ВСЕГО ПРОЦЕССОВ", "Subtotal 2", "Total:"]
    rows = [["№", "Процесс", "Количество в год"], *([str(n), name, "5"] for n, name in enumerate(names))]
    register = read_register(write_csv(tmp_path / "r.csv", [*rows, ["Итого по листу", "", "30"]]))
    assert [p.name for p in register.processes] == ["Выдача справок", "Всероссийский учёт"]
    assert register.issues == ()


def test_every_visible_sheet_is_read_and_the_others_are_told(tmp_path: Path):
    table = [["Process name", "Owner", "Lead time, working days"], ["Issue permits", "Unit A", 5]]
    russian = [["Название процесса", "Ответственный", "ВПП (дней)"], ["Выдача разрешений", "Отдел А", 7]]
    sheets = {"Ours": sheet_xml(table), "Наши": sheet_xml(russian), "Прочее": sheet_xml([["Словарь", "x"], ["а", "б"]])}
    path = write_workbook(tmp_path / "r.xlsx", sheets | {"Скрытый": sheet_xml(table)}, hidden=["Скрытый"])
    register = read_register(path)
    assert [(p.name, p.lead_time) for p in register.processes] == [
        ("Issue permits", LeadTime(5, TimeUnit.WORKING_DAY)),
        ("Выдача разрешений", LeadTime(7, TimeUnit.DAY)),
    ]
    assert kinds(register) == [(IssueKind.SHEET_NOT_READ, "Прочее"), (IssueKind.SHEET_HIDDEN, "Скрытый")]
    assert [p.name for p in read_register(path, sheet="Наши").processes] == ["Выдача разрешений"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_text_files_in_any_encoding(tmp_path: Path, encoding: str):
    rows = [["Код", "Наименование процесса", "Участники"], ["А-1", "Выдача справок", '"отдел, МФЦ"']]
    (process,) = read_register(write_csv(tmp_path / "r.csv", rows, encoding=encoding)).processes
    assert (process.code, process.name, process.participants) == ("А-1", "Выдача справок", ("отдел", "МФЦ"))


def test_codes_and_rows_that_repeat(tmp_path: Path):
    rows = [
        ["Код", "Наименование процесса", "Владелец", "Цвет папки", "Трудозатраты, чел.-ч"],
        ["7", "Выдача справок", "А", "", "10"],
        ["7", "Выдача путёвок", "А", "", "10"],
        ["7", "Выдача путёвок", "А", "", "10"],
        ["8", "Выдача путёвок", "А", "", "10"],
    ]
    register = read_register(write_csv(tmp_path / "r.csv", rows))
    assert [p.code for p in register.processes] == ["7", "#2", "8"]
    assert [issue.kind for issue in register.issues] == [
        IssueKind.COLUMN_UNKNOWN,
        IssueKind.HOURS_PER_WHAT,
        IssueKind.SAME_ROW_TWICE,
        IssueKind.CODE_TWICE,
    ]
    assert [issue.is_rejected for issue in register.issues] == [True, False, True, False]


def test_hours_per_case_are_multiplied_by_the_volume(tmp_path: Path):
    heads = ["Процесс", "Количество в год", "Трудозатраты на 1 услугу, чел.-ч"]
    rows = [heads, ["Выдача справок", "200", "0,5"], ["Выдача путёвок", "", "0,5"]]
    found = read_register(write_csv(tmp_path / "r.csv", rows)).processes
    assert [p.staff_hours_per_year for p in found] == [100, None]


def test_nobody_as_receiver_is_an_answer_and_a_blank_is_none(tmp_path: Path):
    heads = ["Процесс", "Владелец", "Кому"]
    rows = [heads, ["Журнал", "нет", "нет"], ["Обзор", "-", ""], ["Сводка", "не определён", "—"]]
    found = read_register(write_csv(tmp_path / "r.csv", rows)).processes
    assert [(p.owner, p.result_to) for p in found] == [("", ("нет",)), ("", ()), ("", ("—",))]


def test_a_register_of_one_process(tmp_path: Path):
    path = write_csv(tmp_path / "r.csv", [["Процесс", "Владелец"], ["Выдача справок", "А"]])
    assert len(read_register(path).processes) == 1


def test_without_names_it_is_no_register(tmp_path: Path):
    path = write_csv(tmp_path / "r.csv", [["Владелец", "Кому"], ["А", "гражданин"]])
    with pytest.raises(NoNameColumnError, match=r"No sheet of r\.csv") as failure:
        read_register(path)
    assert "Наименование процесса" in failure.value.remedy


def test_a_heading_without_processes_is_told(tmp_path: Path):
    with pytest.raises(EmptyRegisterError, match="names no process"):
        read_register(write_csv(tmp_path / "r.csv", [["Процесс", "Владелец"], ["", ""]]))


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\x03" * 50, b"PK\x03\x04 broken", b"<html>"])
def test_files_that_are_no_registers_are_refused_in_words(tmp_path: Path, content: bytes):
    for name in ("r.xlsx", "r.csv"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PotokError) as failure:
            read_register(tmp_path / name)
        assert failure.value.remedy


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path):
    for path in (tmp_path / "none.xlsx", tmp_path):
        with pytest.raises(UnreadableRegisterError):
            read_register(path)
