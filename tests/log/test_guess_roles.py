"""Which column plays which role: headers in three languages, values, presets, and what is said about it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pyarrow
import pytest

from potok.core.language import gettext
from potok.log.guessing import Guess, MissingRoleError, guess_mapping
from potok.log.guessing.candidates import TEXT_ROLES
from potok.log.mapping import ClosingBasis, ClosingRule, Mapping, TimeColumn, TimeEncoding
from potok.log.presets import load_preset
from potok.log.sources.base import ColumnKind, ColumnLevel, StagedColumn

# ruff: noqa: DTZ001 - sources hold wall-clock times without a zone

ACTIVITIES = ("Регистрация", "Проверка", "Запрос", "Решение", "Выдача")
WHEN = "%d.%m.%Y %H:%M"


def events(cases: int = 20) -> list[dict[str, Any]]:
    """A small regular log: five activities a case."""
    rows = []
    for case in range(cases):
        moment = datetime(2024, 1, 9, 9) + timedelta(hours=9 * case)
        for number, activity in enumerate(ACTIVITIES):
            start, moment = moment, moment + timedelta(hours=5 + 7 * number + case % 3)
            rows.append(
                {"case": f"2024-{case:04}", "activity": activity, "start": start, "end": moment, "n": case * 7 + number}
            )
    return rows


ROWS = events()


def column(field: str, form: str = "") -> list[str]:
    return [row[field].strftime(form) if form else str(row[field]) for row in ROWS]


def cycle(*values: str) -> list[str]:
    return [values[row["n"] % len(values)] for row in ROWS]


def constant(*values: str) -> list[str]:
    return [values[int(row["case"][-4:]) % len(values)] for row in ROWS]


def guess(
    sample: dict[str, list[Any]],
    *,
    given: Mapping | None = None,
    levels: dict[str, ColumnLevel] | None = None,
    **more: Any,
) -> Guess:
    columns = [StagedColumn(name, level=(levels or {}).get(name, ColumnLevel.UNKNOWN)) for name in sample]
    return guess_mapping(columns, sample, given=given or Mapping(), **more)


def roles(mapping: Mapping) -> dict[str, Any]:
    """The roles that are set, times by their columns."""
    names = ("case_id", "activity", *TEXT_ROLES)
    found = {name: getattr(mapping, name) for name in names if getattr(mapping, name)}
    times = {role: getattr(mapping, role) for role in ("completed_at", "started_at", "enabled_at")}
    return found | {role: time.columns for role, time in times.items() if time}


RUSSIAN = {
    "№ заявления": column("case"),
    "Наименование услуги": constant("Жильё", "Земля"),
    "Дата подачи заявления": constant("01.12.2023", "13.12.2023"),
    "Этап": column("activity"),
    "Дата начала": column("start", WHEN),
    "Дата окончания": column("end", WHEN),
    "Срок исполнения": column("end", WHEN),
    "Исполнитель": cycle("Иванов", "Петров", "Сидоров", "Яковлева", "Орлова"),
    "Подразделение": cycle("Отдел 1", "Отдел 2"),
    "Ведомство": constant("Минстрой"),
    "Канал подачи": constant("МФЦ", "ЕПГУ"),
    "Результат": constant("Предоставлено", "Отказ"),
    "Стоимость": cycle("10,50", "1 200,00"),
}


def test_a_russian_export():
    found = guess(RUSSIAN)
    assert roles(found.mapping) == {
        "case_id": "№ заявления",
        "activity": ("Этап",),
        "started_at": ("Дата начала",),
        "completed_at": ("Дата окончания",),
        "resource": "Исполнитель",
        "org_unit": "Подразделение",
        "agency": "Ведомство",
        "channel": "Канал подачи",
        "outcome": "Результат",
        "service": "Наименование услуги",
        "cost": "Стоимость",
    }
    assert found.mapping.decimal == ","
    assert found.mapping.completed_at == TimeColumn(("Дата окончания",), TimeEncoding.PATTERN, (WHEN,))


def test_every_guess_has_a_reason_in_plain_words():
    reasons = {reason.role: reason for reason in guess(RUSSIAN).reasons}
    assert set(reasons) == {*roles(guess(RUSSIAN).mapping), "decimal"}
    assert reasons["case_id"].text == "“№ заявления” is taken for the case because of its name."
    assert reasons["completed_at"].text.endswith("It is read as %d.%m.%Y %H:%M.")
    assert reasons["decimal"].columns == ("Стоимость",)
    assert all(0 < reason.confidence <= 1 for reason in reasons.values())


def test_dutch_headers():
    sample = {
        "Zaaknummer": column("case"),
        "Activiteit": column("activity"),
        "Starttijd": column("start", "%d-%m-%Y %H:%M:%S"),
        "Eindtijd": column("end", "%d-%m-%Y %H:%M:%S"),
        "Behandelaar": cycle("Jan", "Piet", "Marie"),
        "Afdeling": cycle("Bouw", "Milieu"),
        "Kanaal": constant("Balie", "Internet"),
        "Kosten": cycle("10,5", "3,25"),
    }
    assert roles(guess(sample).mapping) == {
        "case_id": "Zaaknummer",
        "activity": ("Activiteit",),
        "started_at": ("Starttijd",),
        "completed_at": ("Eindtijd",),
        "resource": "Behandelaar",
        "org_unit": "Afdeling",
        "channel": "Kanaal",
        "cost": "Kosten",
    }


def test_english_headers_in_camel_case():
    sample = {
        "caseId": column("case"),
        "startTime": column("start", "%Y-%m-%dT%H:%M:%S"),
        "endTime": column("end", "%Y-%m-%dT%H:%M:%S"),
        "AssignedTime": column("start", "%Y-%m-%dT%H:%M:%S"),
        "activityName": column("activity"),
        "userName": cycle("a", "b", "c"),
        "taskId": [str(i) for i in range(len(ROWS))],
        "lifecycle": cycle("start", "complete"),
        "decision": constant("yes", "no"),
    }
    assert roles(guess(sample).mapping) == {
        "case_id": "caseId",
        "activity": ("activityName",),
        "started_at": ("startTime",),
        "completed_at": ("endTime",),
        "enabled_at": ("AssignedTime",),
        "resource": "userName",
        "instance": "taskId",
        "lifecycle": "lifecycle",
        "outcome": "decision",
    }


def test_standard_keys_win_over_headers():
    sample = {
        "Activity": column("activity"),
        "Resource": cycle("a", "b"),
        "case:concept:name": column("case"),
        "case:group": constant("x", "y"),
        "concept:name": column("activity"),
        "org:resource": cycle("a", "b"),
        "time:timestamp": column("end", "%Y-%m-%dT%H:%M:%S+03:00"),
        "startTime": column("start", "%Y-%m-%dT%H:%M:%S+03:00"),
        "case:startdate": column("start", "%Y-%m-%dT%H:%M:%S+03:00"),
        "case:channel": constant("x", "y"),
        "@@index": [str(i) for i in range(len(ROWS))],
    }
    found = guess(sample, levels={"case:group": ColumnLevel.CASE})
    assert roles(found.mapping) == {
        "case_id": "case:concept:name",
        "activity": ("concept:name",),
        "started_at": ("startTime",),
        "completed_at": ("time:timestamp",),
        "resource": "org:resource",
        "channel": "case:channel",
    }
    assert found.reasons[0].code == "standard_key"
    assert found.warnings == ()


def test_traces_are_the_cases_if_no_attribute_names_them():
    sample = {
        "@trace": column("case"),
        "concept:name": column("activity"),
        "time:timestamp": column("end", "%Y-%m-%dT%H:%M:%SZ"),
    }
    assert guess(sample).mapping.case_id == "@trace"
    named = sample | {"case:concept:name": [None] * len(ROWS), "case:id": column("case")}
    assert guess(named).mapping.case_id == "case:id"


def test_date_and_time_of_day_in_two_columns():
    sample = {
        "Номер дела": column("case"),
        "Операция": column("activity"),
        "Дата начала": column("start", "%d.%m.%Y"),
        "Дата окончания": column("end", "%d.%m.%Y 00:00:00"),
        "Время начала": column("start", "%H:%M"),
        "Время окончания": column("end", "%H:%M"),
    }
    found = guess(sample).mapping
    assert found.started_at == TimeColumn(("Дата начала", "Время начала"), TimeEncoding.PATTERN, (WHEN,))
    assert found.completed_at == TimeColumn(("Дата окончания", "Время окончания"), TimeEncoding.PATTERN, (WHEN,))


def test_a_time_of_day_beside_its_date_is_joined_and_another_is_not():
    base = {"Номер дела": column("case"), "Операция": column("activity")}
    beside = base | {"День": column("end", "%d.%m.%Y"), "Час": column("end", "%H:%M")}
    assert roles(guess(beside).mapping)["completed_at"] == ("День", "Час")
    apart = base | {"Час": column("end", "%H:%M"), "Дата окончания": column("end", WHEN)}
    assert roles(guess(apart).mapping)["completed_at"] == ("Дата окончания",)


def test_times_that_never_differ_within_a_case_are_those_of_the_case():
    sample = {
        "Номер дела": column("case"),
        "Статус": column("activity"),
        "Дата регистрации": constant("01.12.2023", "13.12.2023"),
        "Дата завершения": constant("01.12.2024", "13.12.2024"),
        "Дата": column("end", WHEN),
    }
    assert roles(guess(sample).mapping)["completed_at"] == ("Дата",)
    without = {name: values for name, values in sample.items() if name != "Дата"}
    assert roles(guess(without).mapping)["completed_at"] == ("Дата завершения",)


@pytest.mark.parametrize(
    ("one", "two", "started", "completed"),
    [("start", "end", "a", "b"), ("end", "start", "b", "a"), ("start", "start", None, "a")],
)
def test_without_telling_headers_the_values_decide(one, two, started, completed):
    sample = {
        "k": column("case"),
        "w": column("activity"),
        "a": column(one, WHEN),
        "b": column(two, WHEN),
        "note": ["x"] * len(ROWS),
        "sum": [f"{row['n']}.5" for row in ROWS],
    }
    found = guess(sample)
    assert found.mapping.case_id == "k"
    assert found.mapping.activity == ("w",)
    assert found.mapping.completed_at is not None
    assert found.mapping.completed_at.columns == (completed,)
    assert (found.mapping.started_at.columns[0] if found.mapping.started_at else None) == started
    assert {reason.code for reason in found.reasons} == {"values"}
    assert "its name does not say it" in found.reasons[0].text


def test_a_row_counter_is_not_the_case():
    sample = {
        "ID": [str(i) for i in range(len(ROWS))],
        "k": column("case"),
        "Этап": column("activity"),
        "Дата": column("end", WHEN),
    }
    assert guess(sample).mapping.case_id == "k"


def test_doubtful_roles_are_said():
    sample = {
        "case": [str(i) for i in range(len(ROWS))],
        "activity": column("activity"),
        "time": column("end", "%Y-%m-%dT%H:%M:%SZ"),
        "user": cycle("a", "b", "c"),
        "team": cycle("p", "q", "r", "s", "t"),
    }
    assert [warning.split("“")[1].split("”")[0] for warning in guess(sample).warnings] == ["case", "team"]


def test_what_is_open_in_the_times_is_said():
    sample = {
        "case": ["1", "1", "2", "2"],
        "activity": ["a", "b", "a", "b"],
        "start": ["13/01/2024", "01/14/2024", "15/01/2024", "16/01/2024"],
        "end": ["2024-01-13 10:00+03:00", "2024-01-14", "2024-01-15 10:00+03:00", "2024-01-15 10:00+03:00"],
    }
    warnings = "\n".join(guess(sample).warnings)
    assert "some dates have the day first and others the month" in warnings
    assert "“end” 25.0 % of the values looked at have no time of day" in warnings
    assert "“end” some times have an offset and others have none" in warnings
    assert "Times in “end”, “start” have no offset and are taken for UTC" in warnings
    sample["start"] = ["01/02/2024", "02/02/2024", "03/02/2024", "04/02/2024"]
    sample["end"] = ["01/02/2024"] * 4
    open_order = guess(sample, given=Mapping(zone="Asia/Yakutsk")).warnings
    assert len(open_order) == 2
    assert "nothing tells the day from the month; it is read as %d/%m/%Y" in open_order[0]


def test_unreadable_values_are_said():
    times = column("end", WHEN)
    times[0] = "скоро"
    sample = {"case": column("case"), "activity": column("activity"), "time": times}
    assert "“time” 1.0 % of the values looked at are not times" in guess(sample).warnings[0]


def test_a_rival_column_is_named():
    sample = {
        "case": column("case"),
        "Операция": column("activity"),
        "Этап": cycle("1", "2"),
        "time": column("end", WHEN),
    }
    found = guess(sample)
    assert found.mapping.activity == ("Операция",)
    reason = next(reason for reason in found.reasons if reason.role == "activity")
    assert "“Этап” would fit nearly as well" in reason.text


def test_what_is_given_stays_and_takes_its_columns():
    given = Mapping(
        case_id="Исполнитель", activity=("Этап", "Подразделение"), resource="№ заявления", zone="Asia/Yakutsk"
    )
    found = guess(RUSSIAN, given=given)
    assert found.mapping.case_id == "Исполнитель"
    assert found.mapping.activity == ("Этап", "Подразделение")
    assert found.mapping.resource == "№ заявления"
    assert found.mapping.org_unit == ""
    assert not {"case_id", "activity", "resource"} & {reason.role for reason in found.reasons}
    assert found.warnings == ()


def test_a_dropped_column_has_no_role():
    assert guess(RUSSIAN, given=Mapping(drop=("Результат",))).mapping.outcome == ""


def test_a_given_decimal_comma_stays():
    assert guess(RUSSIAN, given=Mapping(decimal=",")).mapping.decimal == ","


def test_the_encoding_of_given_times_is_guessed():
    given = Mapping(
        completed_at=TimeColumn(("Срок исполнения",), TimeEncoding.AUTO),
        started_at=TimeColumn(("Дата начала",), TimeEncoding.ISO),
        closing=ClosingRule(ClosingBasis.FIELD, "Дата окончания", encoding=TimeEncoding.AUTO),
    )
    found = guess(RUSSIAN, given=given)
    assert found.mapping.completed_at == TimeColumn(("Срок исполнения",), TimeEncoding.PATTERN, (WHEN,))
    assert found.mapping.started_at == given.started_at
    assert found.mapping.closing.patterns == (WHEN,)
    assert {reason.role for reason in found.reasons if reason.code == "given"} == {"completed_at", "closing"}


def test_given_date_and_time_columns_and_unreadable_ones():
    sample = {
        "case": column("case"),
        "activity": column("activity"),
        "d": column("end", "%d.%m.%Y"),
        "t": column("end", "%H:%M"),
        "w": column("activity"),
        "e": [None] * len(ROWS),
    }

    def completed(*names: str) -> Guess:
        return guess(sample, given=Mapping(completed_at=TimeColumn(names, TimeEncoding.AUTO)))

    assert completed("d", "t").mapping.completed_at == TimeColumn(("d", "t"), TimeEncoding.PATTERN, (WHEN,))
    assert completed("w").mapping.completed_at == TimeColumn(("w",), TimeEncoding.ISO)
    assert "100.0 % of the values looked at are not times" in completed("w").warnings[0]
    assert completed("e").warnings == ()
    assert completed("none").mapping.completed_at == TimeColumn(("none",), TimeEncoding.AUTO)


def test_missing_roles_are_named_with_columns_examples_and_options():
    with pytest.raises(MissingRoleError, match="No column was found for the case, the activity, the time") as caught:
        guess({"x": ["1", "2", "3"], "y": [None, None, None]})
    assert "“x” (1, 2, 3); “y” (empty)" in caught.value.where
    assert "--case COLUMN --activity COLUMN --completed COLUMN" in caught.value.remedy
    assert caught.value.exit_code == 3


def test_the_list_of_columns_is_cut():
    with pytest.raises(MissingRoleError) as caught:
        guess({f"x{i}": ["1"] for i in range(40)})
    assert "and 10 more" in caught.value.where


def test_an_empty_source_misses_every_role():
    with pytest.raises(MissingRoleError):
        guess_mapping([], {}, given=Mapping())


def test_an_arrow_table_serves_as_sample():
    table = pyarrow.table(
        {
            "case": column("case"),
            "activity": column("activity"),
            "end": [row["end"] for row in ROWS],
            "n": [1] * len(ROWS),
        }
    )
    columns = [StagedColumn("case"), StagedColumn("activity"), StagedColumn("end", ColumnKind.LOCAL_TIME)]
    found = guess_mapping(columns, table, given=Mapping())
    assert found.mapping.completed_at == TimeColumn(("end",), TimeEncoding.TYPED)


def test_a_column_missing_from_the_sample_counts_as_empty():
    sample = {"case": column("case"), "activity": column("activity"), "time": column("end", WHEN)}
    columns = [*map(StagedColumn, sample), StagedColumn("user")]
    assert guess_mapping(columns, sample, given=Mapping()).mapping.resource == ""


PORTAL = {
    "orderId": column("case"),
    "statusId": cycle("17", "21", "2", "6", "3"),
    "statusDate": column("end", "%Y-%m-%dT%H:%M:%S"),
}


def test_a_preset_names_columns_labels_and_final_activities():
    preset = load_preset("epgu")
    found = guess(PORTAL, preset=preset)
    assert roles(found.mapping) == {"case_id": "orderId", "activity": ("statusId",), "completed_at": ("statusDate",)}
    assert found.reasons[0].code == "preset"
    assert found.mapping.renames == preset.renames
    assert found.mapping.closing == ClosingRule(ClosingBasis.ACTIVITIES, values=preset.closing_values)


def test_what_is_given_wins_over_a_preset():
    given = Mapping(
        renames=(("17", "x"),), closing=ClosingRule(ClosingBasis.ALL), case_id="statusId", activity=("orderId",)
    )
    found = guess(PORTAL, given=given, preset=load_preset("epgu")).mapping
    assert found == replace(found, renames=given.renames, closing=given.closing, case_id="statusId")


def test_a_preset_without_final_activities_leaves_closing_open():
    preset: Any = SimpleNamespace(column_candidates={}, renames=(), closing_values=())
    assert guess(PORTAL, preset=preset).mapping.closing == ClosingRule()


VALUES_AGAINST: Sequence[tuple[str, list[str], str]] = [
    ("cost", ["высокая"] * len(ROWS), "cost"),
    ("lifecycle", cycle("ждёт", "идёт"), "lifecycle"),
    ("instance", cycle("1", "2"), "instance"),
    ("result", [f"текст {i}" for i in range(len(ROWS))], "outcome"),
    ("user", [str(i) for i in range(len(ROWS))], "resource"),
]


@pytest.mark.parametrize(("name", "values", "role"), VALUES_AGAINST)
def test_values_can_speak_against_a_header(name, values, role):
    sample = {"case": column("case"), "activity": column("activity"), "time": column("end", WHEN), name: values}
    assert not getattr(guess(sample).mapping, role)


@pytest.mark.parametrize("values", [[f"текст {i}" for i in range(100)], constant("Жильё", "Земля")])
def test_an_activity_is_neither_free_text_nor_the_same_throughout_a_case(values):
    sample = {"case": column("case"), "status": values, "w": column("activity"), "time": column("end", WHEN)}
    assert guess(sample).mapping.activity == ("w",)


def test_reasons_are_in_the_users_language():
    assert guess(RUSSIAN).reasons[0].text == gettext("“{column}” is taken for {role} because of its name.").format(
        column="№ заявления", role=gettext("the case")
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("1700000000", "seconds since 1970"),
        ("1700000000123", "milliseconds since 1970"),
        ("1700000000123456", "microseconds since 1970"),
        ("45000,5", "day number of a workbook"),
        ("2024-03-05", "ISO 8601"),
    ],
)
def test_how_a_time_is_read_is_said(value, words):
    sample = {"case": ["1", "1"], "activity": ["a", "b"], "timestamp": [value, value]}
    reason = next(reason for reason in guess(sample).reasons if reason.role == "completed_at")
    assert words in reason.text


def test_a_closing_field_that_is_not_there_is_left_to_the_importer():
    given = Mapping(closing=ClosingRule(ClosingBasis.FIELD, "нет", encoding=TimeEncoding.AUTO))
    assert guess(RUSSIAN, given=given).mapping.closing == given.closing


def test_a_column_headed_activity_is_one_even_if_hardly_two_are_alike():
    sample = {
        "case": column("case"),
        "activity": [f"Step {number}" for number in range(len(ROWS))],
        "end": column("end", WHEN),
        "unit": cycle("Front office", "Back office", "Archive"),
    }
    found = guess(sample)
    assert found.mapping.activity == ("activity",)
    assert next(reason for reason in found.reasons if reason.role == "activity").confidence < 0.6
