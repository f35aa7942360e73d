"""Media, machines, batches and repeated entries: what is told from what, and what is not told."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from potok.core.change import Automate
from potok.core.finding import Confidence
from potok.diagnose.digitalisation.automation import find_automation_candidates
from potok.diagnose.digitalisation.batch_registration import compute_batch_registration
from potok.diagnose.digitalisation.findings import (
    find_automation,
    find_batch_registration,
    find_single_entry,
    list_digitalisation_finding_cases,
)
from potok.diagnose.digitalisation.index import compute_digitalisation
from potok.diagnose.digitalisation.single_entry import compute_single_entry
from potok.diagnose.digitalisation.words import Medium, asks_for_papers, guess_medium, is_system
from potok.log.mapping import Mapping, TimeColumn
from potok.measure.evidence import UnknownPlaceError
from potok.report.diagnosis.digitalisation import digitalisation_as_json, digitalisation_tables
from support.importing import import_text
from support.tiny_store import SECOND, TinyEvent, TinyLog, tiny_log, write_store

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "potok.digitalisation.schema.json"
MINUTE, HOUR, DAY = 60, 3_600, 86_400


@pytest.mark.parametrize(
    ("name", "medium"),
    [
        ("Автоматическая проверка", Medium.AUTOMATIC),
        ("Приём заявления в МФЦ", Medium.COUNTER),
        ("Заявление с портала Госуслуг", Medium.DIGITAL),
        ("Запрос через СМЭВ", Medium.DIGITAL),
        ("Печать решения", Medium.PAPER),
        ("Сканирование документов", Medium.PAPER),
        ("Print and send letter", Medium.PAPER),
        ("Desk", Medium.COUNTER),
        ("Internet", Medium.DIGITAL),
        ("Post", Medium.PAPER),
        ("Печать со страницы портала", Medium.UNKNOWN),
        ("Рассмотрение", Medium.UNKNOWN),
    ],
)
def test_media_are_guessed_from_names(name, medium):
    assert guess_medium(name) is medium


@pytest.mark.parametrize("name", ["SYSTEM", "Система", "robot-7", "batch job", "СМЭВ", "auto_01", "Робот Вера"])
def test_machines_are_known_by_their_names(name):
    assert is_system(name)


@pytest.mark.parametrize("name", ["Systemova A.", "Автандил", "Botha", "Resource01", "Иванова"])
def test_people_are_not_machines(name):
    assert not is_system(name)


def test_asking_for_papers_is_known_by_its_name():
    asked = ("Запрос недостающих документов", "Request additional documents", "Ask for proof")
    assert all(map(asks_for_papers, asked))
    assert not any(map(asks_for_papers, ("Request For Payment SUBMITTED", "Регистрация", "Send documents")))


def office(cases: int = 60) -> TinyLog:
    """Each case is filed on the portal, booked in five minutes by day, copied by a machine at night, and considered.

    What follows consideration varies; the machine is called like a person and takes no time.
    """
    events = []
    for case in range(cases):
        at = case * DAY
        considered = 10 + case % 7 * 37
        for start, minutes, activity, resource in (
            (9 * 60, 0, "Filed on the portal", "clerk"),
            (10 * 60, 5, "Book", f"clerk {case % 3}"),
            (26 * 60 + case % 50, 0, "Copy", "nightingale"),
            (34 * 60, considered, "Consider", "expert"),
            (44 * 60, 30, "Grant" if case % 2 else "Refuse", "head"),
        ):
            begun = at + start * MINUTE
            ended = begun + minutes * MINUTE
            events.append(TinyEvent(f"{case:03}", activity, None, begun * SECOND, ended * SECOND, resource))
    return TinyLog(tuple(events))


def test_an_office_is_seen_through(tmp_path):
    store = write_store(office(), tmp_path / "s")
    found = compute_digitalisation(store)
    steps = {step.activity: step for step in found.steps}
    assert (steps["Copy"].medium, steps["Copy"].basis) == (Medium.AUTOMATIC, "behaviour")
    assert steps["Copy"].confidence is Confidence.INFERRED
    assert (steps["Copy"].night_share, steps["Copy"].instant_share) == (1, 1)
    assert steps["Filed on the portal"].medium is Medium.DIGITAL
    assert {steps[name].medium for name in ("Book", "Consider", "Grant", "Refuse")} == {Medium.UNKNOWN}
    assert (found.index, found.known_share) == (None, pytest.approx(0.4))
    assert (found.lower_index, found.upper_index) == (pytest.approx(0.4), pytest.approx(1))

    candidates = find_automation_candidates(store, found.steps)
    (book,) = (one for one in candidates if one.activity == "Book")
    assert (book.is_rule_like, book.is_short, book.is_even) == (True, True, True)
    assert (book.next_activity, book.next_share, book.confidence) == ("Copy", 1, Confidence.INFERRED)
    assert book.staff_seconds == 60 * 5 * MINUTE
    assert not {"Copy", "Consider", "Grant", "Refuse"} & {one.activity for one in candidates}

    findings = find_automation(candidates, store)
    (finding,) = (one for one in findings if one.where.activity == "Book")
    assert finding.changes == (Automate("Book"),)
    listed = list_digitalisation_finding_cases(store, finding)
    assert (len(listed), sum(case.seconds for case in listed)) == (60, finding.affected_seconds)
    assert finding.example_cases == tuple(case.case for case in listed[:10])

    declared = compute_digitalisation(store, declared={name: Medium.PAPER for name in steps if name != "Copy"})
    assert declared.index == pytest.approx(0.2)
    with pytest.raises(UnknownPlaceError, match="Nothing"):
        compute_digitalisation(store, declared={"Nothing": Medium.PAPER})


def registered(minutes_apart: int, *, hour: int = 9, cases: int = 30) -> TinyLog:
    return TinyLog(
        tuple(
            TinyEvent(
                f"{case:03}",
                "Register",
                completed=((case // 10) * DAY + hour * HOUR + (case % 10) * minutes_apart * MINUTE) * SECOND,
                resource="clerk",
            )
            for case in range(cases)
        )
    )


def test_cases_registered_in_one_minute_are_a_batch(tmp_path):
    store = write_store(registered(0), tmp_path / "together")
    found = compute_batch_registration(store)
    (activity,) = found.activities
    assert (activity.batches, activity.batched_cases, activity.largest_batch, found.batched_share) == (3, 30, 10, 1)
    (finding,) = find_batch_registration(found, store)
    assert len(list_digitalisation_finding_cases(store, finding)) == finding.cases == 30
    apart = compute_batch_registration(write_store(registered(7), tmp_path / "apart"))
    assert (apart.batched_share, apart.activities, apart.refusal) == (0, (), None)


def test_without_time_of_day_or_performer_batches_cannot_be_told(tmp_path):
    days = compute_batch_registration(write_store(registered(0, hour=0), tmp_path / "days"))
    assert (days.refusal, days.batched_share) == ("day_resolution", None)
    nobody = tiny_log("case | activity | completed\n 1 | A | 5\n 2 | A | 5")
    found = compute_batch_registration(write_store(nobody, tmp_path / "nobody"))
    assert (found.refusal, found.batched_share) == ("no_performers", None)


def test_values_entered_again_are_found_and_those_in_every_row_are_not(tmp_path):
    """The address is entered again at the decision, the number stands in every row, the paper is asked for twice."""
    lines = ["case,activity,time,address,number,paper"]
    for case in range(8):
        again = f"street {case}" if case < 6 else "elsewhere"
        lines += [
            f"{case},File,2024-01-01 08:00,street {case},{case % 4},",
            f"{case},Request documents,2024-01-01 09:00,,{case % 4},passport {case % 2}",
            f"{case},Request documents,2024-01-01 10:00,,{case % 4 + (case == 7)},passport {case % 2}",
            f"{case},Decide,2024-01-01 11:00,{again},{case % 4},",
        ]
    mapping = Mapping(case_id="case", activity=("activity",), completed_at=TimeColumn(("time",)), zone="UTC")
    store = import_text(tmp_path, "\n".join(lines), mapping=mapping)
    found = compute_single_entry(store)
    entries = {(entry.attribute, entry.activity): entry for entry in found.entries}
    assert set(entries) == {("attr:address", "Decide"), ("attr:paper", "Request documents")}
    address = entries["attr:address", "Decide"]
    assert (address.later_entries, address.same_entries, address.cases, address.same_share) == (8, 6, 6, 0.75)
    assert entries["attr:paper", "Request documents"].is_request
    assert found.carried == ("attr:number",)
    for finding in find_single_entry(found, store):
        assert len(list_digitalisation_finding_cases(store, finding)) == finding.cases
        assert finding.confidence is Confidence.SUPPOSED


def test_the_state_of_a_case_is_not_entered_again(tmp_path):
    """A container's weight stands beside each event from the weighing on; nobody enters it after that."""
    lines = ["case:concept:name,concept:name,time:timestamp,case:weight"]
    for case in range(8):
        known = [(activity, case % 4) for activity in ("Weigh", "Load", "Drive")]
        steps = [("Order", ""), ("Book", ""), *known]
        lines += [f"{case},{step},2024-01-01 {8 + hour:02}:00,{value}" for hour, (step, value) in enumerate(steps)]
    store = import_text(tmp_path, "\n".join(lines), mapping=Mapping(zone="UTC"))
    asked = compute_single_entry(store, attributes=["case:weight"])
    assert {entry.activity for entry in asked.entries} == {"Load", "Drive"}
    found = compute_single_entry(store)
    assert (found.entries, found.attributes, found.left_out) == ((), (), 1)


@pytest.mark.parametrize(
    "text",
    [
        "case | activity | completed\n 1 | A | 0",
        "case | activity | started | completed\n 1 | A | 0 | \n 1 | B | 5 |",
        "case | activity | started | completed\n 1 | A | 5 | 5\n 2 | A | 5 | 5\n 2 | A | 5 | 5",
    ],
    ids=["one instance", "nothing completed", "constant"],
)
def test_little_is_said_of_little(text, tmp_path):
    store = write_store(tiny_log(text, open_cases="1"), tmp_path / "s")
    found = compute_digitalisation(store)
    parts = {
        "candidates": find_automation_candidates(store, found.steps),
        "entries": compute_single_entry(store),
        "batches": compute_batch_registration(store),
    }
    assert (found.index, parts["candidates"], parts["entries"].entries) == (None, (), ())
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(digitalisation_as_json(found, **parts))
    tables = digitalisation_tables(found, **parts)
    assert all(len(row) == len(table.columns) for table in tables for row in table.rows)
