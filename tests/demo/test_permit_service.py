"""The truth about the made-up permit service is recounted here from the rows of its export alone."""

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from potok.core.finding import Waste
from potok.demo.permit_log import TooFewCasesError
from potok.demo.permit_service import PermitFiles, generate, write_permit_log
from potok.demo.permit_simulation import hire_staff

FRONT_OFFICE = "Отдел приёма заявлений"
TECHNICAL = "Технический отдел"
UNTIL = datetime.fromisoformat("2026-01-01")
CASES = 1_500


class Row(NamedTuple):
    case: str
    operation: str
    started: datetime
    completed: datetime | None
    employee: str
    unit: str
    result: str
    outcome: str


Traces = dict[str, list[Row]]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(f"{text[6:10]}-{text[3:5]}-{text[:2]} {text[11:]}")


def _read(path: Path, *, encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> PermitFiles:
    return write_permit_log(tmp_path_factory.mktemp("demo") / "new" / "folder", log=generate(CASES))


@pytest.fixture(scope="module")
def truth(files: PermitFiles) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(files.truth.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def rows(files: PermitFiles) -> list[Row]:
    return [
        Row(
            case=row["Номер заявления"],
            operation=row["Операция"],
            started=_instant(row["Начало"]),
            completed=_instant(row["Окончание"]) if row["Окончание"] else None,
            employee=row["Исполнитель"],
            unit=row["Подразделение"],
            result=row["Результат операции"],
            outcome=row["Результат"],
        )
        for row in _read(files.utf8)
    ]


@pytest.fixture(scope="module")
def traces(rows: list[Row]) -> Traces:
    traces: Traces = defaultdict(list)
    for row in rows:
        traces[row.case].append(row)
    return dict(traces)


def _seconds(since: datetime | None, until: datetime | None) -> int:
    assert since is not None
    assert until is not None
    return round((until - since).total_seconds())


def _passages(traces: Traces, *, takes: Callable[[Row, Row], bool], to_end: bool = False) -> Iterator[tuple[Row, int]]:
    """Yield the second row and the seconds of every taken pair of neighbouring rows."""
    for trace in traces.values():
        for before, row in pairwise(trace):
            if takes(before, row) and not (to_end and row.completed is None):
                yield row, _seconds(before.completed, row.completed if to_end else row.started)


def _loops(traces: Traces, *, operation: str, result: str) -> Iterator[tuple[Row, int]]:
    """Yield the repeated row and the seconds from each `operation` that ended in `result` to the end of the next."""
    for trace in traces.values():
        same = [row for row in trace if row.operation == operation]
        for before, row in pairwise(same):
            if before.result == result and row.completed is not None:
                yield row, _seconds(before.completed, row.completed)


def _instances(traces: Traces, *, waste: str) -> list[tuple[Row, int]]:
    recount = {
        "friday_batch": lambda: _passages(traces, takes=lambda _, row: row.operation.startswith("Направление результ")),
        "inert_approval": lambda: _passages(
            traces, takes=lambda _, row: row.operation == "Согласование заместителем руководителя", to_end=True
        ),
        "re_keying": lambda: _passages(traces, takes=lambda _, row: row.operation.startswith("Ввод"), to_end=True),
        "waiting_hand_over": lambda: _passages(
            traces, takes=lambda before, row: (before.unit, row.unit) == (FRONT_OFFICE, TECHNICAL)
        ),
        "ping_pong": lambda: _loops(traces, operation="Правовая экспертиза", result="Возвращено в технический отдел"),
        "missing_documents": lambda: _loops(traces, operation="Проверка комплектности", result="Не хватает документов"),
    }
    return list(recount[waste]())


WASTES = ["friday_batch", "inert_approval", "ping_pong", "missing_documents", "re_keying", "waiting_hand_over"]


def _working_seconds(since: datetime, until: datetime, *, calendar: dict[str, Any]) -> int:
    total, day = 0, since.date()
    while day <= until.date():
        if day.isoweekday() in calendar["weekdays"] and f"{day:%m-%d}" not in calendar["holidays"]:
            for opens, closes in calendar["hours"]:
                begin = max(since, datetime.fromisoformat(f"{day} {opens}"))
                end = min(until, datetime.fromisoformat(f"{day} {closes}"))
                total += max(0, round((end - begin).total_seconds()))
        day += timedelta(days=1)
    return total


def test_all_wastes_are_in_the_truth(truth: dict[str, Any]) -> None:
    assert truth["schema"] == "potok.truth/1"
    assert [waste["id"] for waste in truth["wastes"]] == WASTES
    assert {waste["waste"] for waste in truth["wastes"]} <= set(Waste)


@pytest.mark.parametrize("name", WASTES)
def test_each_waste_can_be_recounted_from_the_rows(name: str, truth: dict[str, Any], traces: Traces) -> None:
    stated = next(waste for waste in truth["wastes"] if waste["id"] == name)
    found = _instances(traces, waste=name)
    assert stated["instances"] == len(found) > 200
    assert stated["cases"] == len({row.case for row, _ in found})
    assert stated["total_seconds"] == sum(seconds for _, seconds in found)


@pytest.mark.parametrize("name", ["inert_approval", "re_keying"])
def test_staff_time_can_be_recounted_with_the_calendar(name: str, truth: dict[str, Any], traces: Traces) -> None:
    stated = next(waste for waste in truth["wastes"] if waste["id"] == name)
    worked = (
        _working_seconds(row.started, row.completed, calendar=truth["calendar"])
        for row, _ in _instances(traces, waste=name)
        if row.completed is not None
    )
    assert stated["staff_seconds"] == sum(worked)


def test_wastes_never_claim_the_same_instant(traces: Traces, truth: dict[str, Any]) -> None:
    spans: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for name in WASTES:
        for row, seconds in _instances(traces, waste=name):
            ends_at_start = name in {"friday_batch", "waiting_hand_over"}
            end = row.started if ends_at_start else row.completed
            assert end is not None
            spans[row.case].append((end - timedelta(seconds=seconds), end))
    assert len(spans) <= truth["log"]["cases"]
    for of_case in spans.values():
        assert all(before[1] <= after[0] for before, after in pairwise(sorted(of_case)))


def test_the_log_is_counted_right(truth: dict[str, Any], rows: list[Row], traces: Traces) -> None:
    outcomes = Counter(trace[0].outcome for trace in traces.values())
    assert truth["log"] == {
        "cases": len(traces),
        "rows": len(rows),
        "activities": len({row.operation for row in rows}),
        "employees": len({row.employee for row in rows} - {""}),
        "open_cases": outcomes.pop(""),
        "outcomes": outcomes,
    }
    assert len(traces) == CASES
    assert 25 <= truth["log"]["employees"] <= 40
    assert len({row.unit for row in rows} - {""}) == 5
    assert truth["log"]["open_cases"] > 20
    assert min(outcomes.values()) > 30


def test_a_case_is_open_exactly_if_its_last_operation_does_not_end_it(traces: Traces) -> None:
    final = {"Направление результата заявителю", "Отзыв заявления заявителем"}
    for trace in traces.values():
        last = trace[-1]
        assert (last.operation in final and last.completed is not None) == bool(last.outcome)


def test_the_deputy_never_alters_the_outcome_but_the_head_of_department_does(rows: list[Row]) -> None:
    results = {
        name: {row.result for row in rows if row.operation == name and row.completed}
        for name in ("Согласование заместителем руководителя", "Согласование начальником отдела")
    }
    assert results["Согласование заместителем руководителя"] == {"Согласовано"}
    assert results["Согласование начальником отдела"] == {"Согласовано", "Возвращено на доработку"}


def test_results_are_sent_on_fridays_from_three_o_clock(rows: list[Row]) -> None:
    sent = [row.started for row in rows if row.operation == "Направление результата заявителю"]
    assert {moment.isoweekday() for moment in sent} == {5}
    assert min(moment.hour for moment in sent) == 15


def test_only_paper_is_typed_in_again(files: PermitFiles) -> None:
    channels = Counter(row["Канал подачи"] for row in _read(files.utf8) if row["Операция"].startswith("Ввод данных"))
    assert set(channels) == {"МФЦ", "лично", "почта"}


def test_employees_work_in_opening_hours_and_on_one_thing_at_a_time(rows: list[Row], truth: dict[str, Any]) -> None:
    spans: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in rows:
        if row.employee and row.completed:
            assert _working_seconds(row.started, row.started + timedelta(seconds=1), calendar=truth["calendar"]) == 1
            spans[row.employee].append((row.started, row.completed))
    for of_employee in spans.values():
        assert all(before[1] <= after[0] for before, after in pairwise(sorted(of_employee)))


def test_operations_of_a_case_follow_one_another(traces: Traces) -> None:
    for trace in traces.values():
        assert trace[0].operation == "Подача заявления"
        for before, row in pairwise(trace):
            assert before.completed is not None
            assert before.completed <= row.started < UNTIL
        ends = [row.completed for row in trace if row.completed]
        assert ends == sorted(set(ends))
        assert all(end <= UNTIL for end in ends)


def test_applications_arrive_over_three_years_mostly_on_weekdays(traces: Traces) -> None:
    arrivals = [trace[0].started for trace in traces.values()]
    assert {moment.year for moment in arrivals} == {2023, 2024, 2025}
    by_month = Counter(moment.month for moment in arrivals)
    assert by_month[1] < by_month[4]
    assert sum(moment.isoweekday() > 5 for moment in arrivals) / len(arrivals) < 0.2


def test_the_counter_and_the_post_bring_nothing_on_holidays(files: PermitFiles) -> None:
    seen: dict[str, list[datetime]] = defaultdict(list)
    for row in _read(files.utf8):
        if row["Операция"] == "Подача заявления":
            seen[row["Канал подачи"]].append(_instant(row["Начало"]))
    assert set(seen) == {"ЕПГУ", "МФЦ", "лично", "почта"}
    assert all(moment.isoweekday() <= 5 for moment in (*seen["лично"], *seen["почта"]))
    assert not any(moment.date() == date(2024, 3, 8) for moment in (*seen["лично"], *seen["почта"]))
    assert any(moment.hour >= 20 for moment in seen["ЕПГУ"])


def test_the_twin_holds_the_same_rows(files: PermitFiles) -> None:
    assert files.utf8.read_text(encoding="utf-8") == files.cp1251.read_text(encoding="cp1251")
    assert files.utf8.read_bytes() != files.cp1251.read_bytes()


def test_the_export_looks_like_one(files: PermitFiles) -> None:
    header, first, *_ = files.utf8.read_bytes().decode().split("\r\n")
    assert header == (
        "Номер заявления;Услуга;Канал подачи;Операция;Начало;Окончание;Исполнитель;Подразделение;"
        "Результат операции;Пошлина;Результат"
    )
    assert re.fullmatch(
        r"РЗ-2023-00001;Выдача разрешения [^;]+;ЕПГУ;Подача заявления;[^;]+;[^;]+;;;;\d+,\d\d;.*", first
    )


def test_no_digits_that_could_be_a_person(files: PermitFiles) -> None:
    rows = _read(files.utf8)
    assert all(re.fullmatch(r"(ТН-\d{4})?", row["Исполнитель"]) for row in rows)
    assert all(re.fullmatch(r"РЗ-\d{4}-\d{5}", row["Номер заявления"]) for row in rows)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first = write_permit_log(tmp_path / "a", log=generate(200, seed=5))
    again = write_permit_log(tmp_path / "b", log=generate(200, seed=5))
    other = write_permit_log(tmp_path / "c", log=generate(200, seed=6))
    for name in ("utf8", "cp1251", "truth"):
        assert getattr(first, name).read_bytes() == getattr(again, name).read_bytes()
        assert getattr(first, name).read_bytes() != getattr(other, name).read_bytes()
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        "permits-cp1251.csv",
        "permits.csv",
        "truth.json",
    ]


def test_more_cases_have_more_employees() -> None:
    few, many = (sum(map(len, hire_staff(cases).free.values())) for cases in (5_000, 5_001))
    assert (few, many) == (28, 56)


def test_a_log_needs_a_case() -> None:
    with pytest.raises(TooFewCasesError, match="at least one case, not 0"):
        generate(0)


def test_one_case_is_enough() -> None:
    log = generate(1)
    assert len(log.cases) == 1
    assert log.steps[0].case == 0
