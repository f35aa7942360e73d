"""The made-up region: its log and its truth agree, counted anew from the written file."""

import csv
import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from potok.core.calendars import load_calendar
from potok.demo.permit_files import DemoFolderError
from potok.demo.region.agencies import AGENCIES, load_agency, make_model
from potok.demo.region.projects import load_projects, projects_of
from potok.demo.region.writing import RegionFiles, make_region, region_period
from potok.simulate.model.checking import check_model
from potok.verify.protocol.drawing import count_orders, is_drawn
from potok.verify.protocol.model import ComparisonKind
from potok.verify.protocol.reading import read_protocol

SCALE = 0.03
SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "reference" / "potok.region_truth.schema.json").read_text(encoding="utf-8")
)
COLLECTED = {project.key: project for project in load_projects()}["daily_signature"].waves


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> RegionFiles:
    return make_region(tmp_path_factory.mktemp("region") / "new", seed=7, scale=SCALE)


@pytest.fixture(scope="module")
def rows(region: RegionFiles) -> list[dict[str, str]]:
    with region.log.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def truth(region: RegionFiles) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(region.truth.read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(content)
    return content


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d.%m.%Y %H:%M:%S")  # noqa: DTZ007 - local clock, as the file has it


def by_case(rows: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    cases = defaultdict(list)
    for row in rows:
        cases[row["Номер заявления"]].append(row)
    return cases


def test_the_log_has_what_the_truth_counts(rows: list[dict[str, str]], truth: dict[str, Any]) -> None:
    assert truth["log"]["rows"] == len(rows)
    assert truth["log"]["cases"] == len(by_case(rows))
    assert truth["log"]["open_cases"] == sum(not case[0]["Результат"] for case in by_case(rows).values())
    assert len({row["Услуга"] for row in rows}) == 20
    assert len({row["Ведомство"] for row in rows}) == len(AGENCIES)


def test_every_waste_is_recounted_from_the_log(rows: list[dict[str, str]], truth: dict[str, Any]) -> None:
    keys = {load_agency(key).name: key for key in AGENCIES}
    opened = {number: min(at(row["Начало"]) for row in case) for number, case in by_case(rows).items()}
    for agency in truth["agencies"]:
        for waste in agency["wastes"]:
            found = [
                row["Номер заявления"]
                for row in rows
                if row["Ведомство"] == agency["name"] and row["Операция"] == waste["activity"]
            ]
            if waste["kind"] == "friday_batch":
                since = COLLECTED[keys[agency["name"]]]
                found = [number for number in found if opened[number].date() < since]
            assert waste["instances"] == len(found) > 0, waste
            assert waste["cases"] == len(set(found))


def test_collected_steps_begin_on_fridays_until_they_are_done_daily(rows: list[dict[str, str]]) -> None:
    agency = load_agency("transport")
    since = COLLECTED["transport"]
    days = [
        at(row["Начало"]).date()
        for row in rows
        if row["Ведомство"] == agency.name and row["Операция"] == "Визирование отделом безопасности"
    ]
    before = [day for day in days if day < since]
    assert sum(day.weekday() >= 4 for day in before) / len(before) > 0.6
    after = [day.weekday() for day in days if day > since]
    assert {0, 1, 2, 3, 4} <= set(after)


def test_projects_do_what_the_truth_says(truth: dict[str, Any], rows: list[dict[str, str]]) -> None:
    known = {project["key"]: project for project in truth["projects"]}
    assert known["daily_signature"]["case_duration_days"]["difference"] < -0.5
    assert known["new_forms"]["case_duration_days"]["difference"] == 0
    assert known["clock_restart"]["case_duration_days"]["difference"] == 0
    assert known["no_legal_review"]["reversed_share"]["difference"] > 0.02
    second = {number for number in by_case(rows) if number.endswith("-2")}
    assert second
    first = [by_case(rows)[number.removesuffix("-2")] for number in second]
    assert all(row["Результат"] == "возвращено" for case in first for row in case)
    again = [sorted(by_case(rows)[number], key=lambda row: at(row["Начало"]))[0] for number in second]
    assert {row["Операция"] for row in again} == {"Подача заявления"}


def test_no_one_reviews_after_the_review_was_dropped(rows: list[dict[str, str]]) -> None:
    project = next(one for one in load_projects() if one.key == "no_legal_review")
    for case in by_case(rows).values():
        if case[0]["Услуга"] in project.services:
            reviewed = any(row["Операция"] == project.activity for row in case)
            opened = min(at(row["Начало"]) for row in case).date()
            assert not (reviewed and opened >= project.waves["social"])


def test_equal_seeds_make_equal_files(region: RegionFiles, tmp_path: Path) -> None:
    again = make_region(tmp_path, seed=7, scale=SCALE)
    for path in (region.log, region.truth, *region.protocols):
        assert (tmp_path / path.relative_to(region.log.parent)).read_bytes() == path.read_bytes()
    assert again.rows == region.rows


def test_protocols_were_written_before_the_change(region: RegionFiles) -> None:
    for path, project in zip(region.protocols, load_projects(), strict=True):
        protocol = read_protocol(path)
        assert not protocol.is_late
        assert protocol.estimand.minimum_improvement == project.minimum_improvement_days
        assert {wave.agency: wave.on for wave in protocol.change.waves} == {
            load_agency(key).name: day for key, day in project.waves.items()
        }


def test_own_past_is_long_enough_and_the_order_of_waves_was_drawn(region: RegionFiles) -> None:
    for protocol in map(read_protocol, region.protocols):
        first, look = min(wave.on for wave in protocol.change.waves), protocol.look.on
        if protocol.comparison.kind is ComparisonKind.WAVES:
            assert is_drawn(protocol)
            assert count_orders(protocol) == 90
            continue
        assert first - timedelta(days=protocol.estimand.transition_before_days) >= date(2025, 1, 1)
        assert look - timedelta(days=protocol.estimand.horizon_days) >= date(2025, 10, 31)


def test_declared_words_occur_in_the_log(region: RegionFiles, rows: list[dict[str, str]]) -> None:
    activities, results = {row["Операция"] for row in rows}, {row["Результат"] for row in rows}
    for protocol in map(read_protocol, region.protocols):
        declared = protocol.declarations
        assert activities >= {declared.registration_activity, *declared.applicant_activities}
        assert results >= {*declared.refusal_values, *declared.withdrawal_values}
        assert {one.attribute for one in protocol.quality} | {declared.applicant_attribute} <= set(rows[0])
        assert set(protocol.change.services) <= {row["Услуга"] for row in rows}


def test_who_files_again_is_seen_by_the_applicant(rows: list[dict[str, str]]) -> None:
    applicants = {row["Номер заявления"]: row["Код заявителя"] for row in rows}
    again = [number for number in applicants if number.endswith("-2")]
    assert again
    assert all(applicants[number] == applicants[number.removesuffix("-2")] for number in again)
    assert 0.5 < len(set(applicants.values())) / len(applicants) < 0.7


@pytest.mark.parametrize("key", AGENCIES)
def test_agencies_are_sound_models(key: str) -> None:
    agency = load_agency(key)
    model = make_model(agency, calendar=load_calendar("ru"), start_at=region_period().warm_up_at)
    check_model(model)
    assert {waste.activity for waste in agency.wastes} <= {one.name for one in model.activities}
    assert all(sum(service.channels.values()) == pytest.approx(1.0) for service in agency.services)
    assert [one.waves[key] for one in projects_of(key)] == sorted(one.waves[key] for one in projects_of(key))
    assert all(project.registered_on < date(2026, 1, 1) for project in projects_of(key))


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(DemoFolderError, match="cannot be written"):
        make_region(tmp_path / "taken", scale=0.01)
