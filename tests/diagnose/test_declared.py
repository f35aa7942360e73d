"""What people declare of a process: read strictly, checked against the log, and obeyed by every diagnosis it is for."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from potok.core.calendars import load_calendar_set
from potok.core.calendars.errors import UnknownCalendarError
from potok.diagnose.caused_gaps import derive_gap_causes
from potok.diagnose.declared import (
    BrokenDeclarationError,
    Declared,
    UnknownDeclaredError,
    check_declared,
    declared_from_mapping,
    load_declared,
)
from potok.diagnose.digitalisation.words import Medium
from potok.diagnose.further_findings import diagnose, identify_further, stand_on
from potok.log.mapping import Mapping, TimeColumn
from potok.log.store import LogStore
from support.importing import import_text

MAPPING = Mapping(
    case_id="case",
    activity=("activity",),
    started_at=TimeColumn(("start",)),
    completed_at=TimeColumn(("end",)),
    resource="who",
    channel="channel",
    zone="Europe/Moscow",
)
CASES = 25
WHOLE = {
    "schema": "potok.declared/1",
    "duty_calendar": "around-the-clock",
    "holder": "agency",
    "approvals": {
        "corrections": ["Repair"],
        "tolerance": 0.05,
        "levels": [{"name": "Head", "approvals": ["Sign"]}, {"approvals": ["Stamp"], "refusals": "Repair"}],
    },
    "media": {"paper": ["Sign", "Stamp"], "automatic": ["Repair"]},
    "channel_media": {"digital": "web"},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> LogStore:
    """Cases that are signed in one agency, and stamped in another on the next day at nine, after a night off duty.

    No two waits are alike: waits of one length would be taken for a delay that is laid down."""
    rows = ["case,activity,start,end,who,channel,agency"]
    for number in range(CASES):
        day = date(2024, 4, 1) + timedelta(days=7 * number)
        rows.append(f"{number},Sign,{day} 09:00,{day} 1{number % 7}:{10 + 2 * number},Ann,web,north")
        rows.append(f"{number},Stamp,{day + timedelta(days=1)} 09:00,{day + timedelta(days=1)} 09:30,Bob,web,south")
        rows.append(f"{number},Repair,{day + timedelta(days=1)} 10:00,{day + timedelta(days=1)} 10:30,Ann,web,north")
    return import_text(tmp_path_factory.mktemp("declared"), "\n".join(rows) + "\n", mapping=MAPPING)


def test_a_whole_document_is_read():
    declared = declared_from_mapping(WHOLE)
    head, stamp = declared.approvals.levels
    assert (head.name, head.approvals, head.refusals, head.basis) == ("Head", ("Sign",), (), "declared")
    assert (stamp.name, stamp.refusals) == ("Stamp", ("Repair",))
    assert declared.approvals.tolerance == 0.05
    assert declared.media == {"Sign": Medium.PAPER, "Stamp": Medium.PAPER, "Repair": Medium.AUTOMATIC}
    assert declared.channel_media == {"web": Medium.DIGITAL}
    assert declared.content_id == declared.ledger_id != ""
    assert declared_from_mapping({"schema": "potok.declared/1", "holder": "agency"}).ledger_id == ""


def test_the_documented_example_is_read():
    page = (Path(__file__).parents[2] / "docs" / "diagnosis" / "what-people-declare.md").read_text(encoding="utf-8")
    declared = declared_from_mapping(tomllib.loads(page.split("```toml\n")[1].split("```")[0]))
    assert [level.name for level in declared.approvals.levels] == ["Начальник отдела", "Согласовано юристом"]
    assert {*declared.media.values(), *declared.channel_media.values()} == set(Medium) - {Medium.UNKNOWN}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "potok.regulation/1"}, "schema"),
        ({"duty": "ru"}, "no key “duty”"),
        ({"media": {"papr": ["Sign"]}}, "no key “papr”"),
        ({"media": {"paper": ["Sign"], "digital": ["Sign"]}}, "“Sign” stands here twice"),
        ({"approvals": {"levels": [{"name": "Head"}]}}, "“approvals” is missing"),
        ({"approvals": {"levels": [{"approvals": "Sign"}, {"approvals": "Sign"}]}}, "“Sign” stands here twice"),
        ({"approvals": {"tolerance": 2.0}}, "tolerance"),
    ],
)
def test_what_is_misspelt_or_contradictory_is_named(change, message):
    with pytest.raises(BrokenDeclarationError, match=message):
        declared_from_mapping(WHOLE | change, file="told.toml")


def test_a_file_is_read_with_the_calendar_beside_it(tmp_path: Path):
    with pytest.raises(BrokenDeclarationError, match="cannot be read"):
        load_declared(tmp_path / "none.toml")
    (tmp_path / "told.toml").write_text('schema = "potok.declared/1"\nduty_calendar = "own.toml"\n')
    with pytest.raises(UnknownCalendarError):
        load_declared(tmp_path / "told.toml")


def test_all_that_a_log_lacks_is_named_together(store: LogStore):
    check_declared(declared_from_mapping(WHOLE), store)
    told = WHOLE | {"holder": "ministry", "media": {"paper": ["Sing"]}, "channel_media": {"paper": ["post"]}}
    with pytest.raises(UnknownDeclaredError) as caught:
        stand_on(store, declared=declared_from_mapping(told, file="told.toml"))
    for name in ("Sing", "post", "attr:ministry", "told.toml", "attr:agency"):
        assert name in " ".join((caught.value.message, caught.value.where, caught.value.remedy))


def test_hours_of_duty_decide_what_waits_owe_to_being_off_duty(store: LogStore):
    def off_duty(name: str) -> int:
        causes = derive_gap_causes(store, duty=load_calendar_set(name, zone="Europe/Moscow"))
        return sum(pq.read_table(causes)["unavailability_us"].to_pylist())

    assert off_duty("around-the-clock") == 0
    # Every wait lies across one night, 18:00 to 9:00.
    assert off_duty("ru") >= CASES * 15 * 3600 * 1_000_000


def test_every_diagnosis_obeys_what_is_declared_for_it(store: LogStore):
    declared = declared_from_mapping(WHOLE)
    ground = stand_on(store, declared=declared)
    slow = ("returns", "deviations", "resources", "superfluous", "drift", "differences")
    found = {one.name: one.result for one in diagnose(ground, without=slow)}
    assert found["ping_pong"].holder == "attr:agency" == found["boundaries"].time.holder
    assert [level.level.name for level in found["approvals"].levels] == ["Head", "Stamp"]
    media = {step.activity: (step.medium, step.basis) for step in found["digitalisation"].index.steps}
    assert media["Sign"] == (Medium.PAPER, "declared")
    assert media["Repair"] == (Medium.AUTOMATIC, "declared")


def test_ids_depend_on_what_is_declared(store: LogStore):
    declared, bare = stand_on(store, declared=declared_from_mapping(WHOLE)), stand_on(store)
    assert (bare.holder, bare.declared) == ("resource", Declared())
    (finding, *_others) = next(
        one.findings
        for one in diagnose(bare, without=("returns", "deviations", "digitalisation", "approvals"))
        if one.findings
    )
    assert identify_further(finding, declared) != identify_further(finding, bare)
