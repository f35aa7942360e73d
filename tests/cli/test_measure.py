"""``potok measure``: every measure as every kind of table, and what it refuses."""

import csv
import io
import json
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from cli.rules import RULES
from cli.running import run
from potok.report.catalogue.catalogue import ENTRIES
from potok.report.catalogue.need import Need

ROWS = "case,activity,start,time,resource,department,channel,cost\n" + "".join(
    f"{case},{activity},2024-03-{day:02} 09:00,2024-03-{day:02} {9 + hours}:00,{who},{unit},{channel},{cost}\n"
    for case, channel in (("k1", "portal"), ("k2", "office"), ("k3", "portal"))
    for activity, day, hours, who, unit, cost in (
        ("=Register", 4, 1, "Anna", "Front", 10),
        ("Check", 5, 3, "Boris", "Legal", 20),
        ("Check", 6, 2, "Anna", "Legal", 20),
        ("Decide", 11, 1, "Vera", "Head", 5),
    )
)
SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "potok.measure.schema.json"

TARIFFS = """
schema = "potok.tariffs/1"
currency = "RUB"
per_hour = 100
[org_units]
"Legal" = 300
"Archive" = 50
"""
MODEL = """
schema = "potok.cost-model/1"
currency = "RUB"
tariff_per_hour = 400
[[duties]]
name = "form"
minutes = 30
population = 1000
frequency_per_year = 2
acquisitions_per_year = 50000
"""


@pytest.fixture(scope="module")
def written_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file for all, so that it is imported once."""
    path = tmp_path_factory.mktemp("measured") / "log.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.fixture
def log(written_log: Path) -> Path:
    for name, text in (("rules", RULES), ("tariffs", TARIFFS), ("model", MODEL)):
        written_log.with_name(f"{name}.toml").write_text(text, encoding="utf-8")
    return written_log


def measure(log: Path, name: str, *options: object):
    return run(*arguments(log, name), *options)


def declared(log: Path, need: Need) -> list[object]:
    return {
        Need.REGULATION: ["--regulation", log.with_name("rules.toml")],
        Need.TARIFFS: ["--tariffs", log.with_name("tariffs.toml")],
        Need.COST_MODEL: ["--cost-model", log.with_name("model.toml")],
        Need.VALUE_ADDING: ["--value-adding", "Check", "--value-adding", "Decide"],
    }[need]


def arguments(log: Path, name: str) -> list[object]:
    needed = [option for need in ENTRIES[name].needs for option in declared(log, need)]
    roles = ["--started", "start", "--completed", "time", "--zone", "Europe/Moscow"]
    return ["measure", log, "--plain-ids", *roles, "--measure", name, *needed]


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_measure_is_json_by_its_schema(log: Path, name: str):
    outcome = measure(log, name, "--json")
    assert outcome.code == 0, outcome.err
    jsonschema.validate(outcome.record, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert outcome.record["measure"] == name


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_measure_is_a_table_in_russian(log: Path, name: str):
    outcome = run("--lang", "ru", *arguments(log, name))
    assert outcome.code == 0, outcome.err
    assert len(outcome.out.splitlines()) >= 3


def test_one_table_in_every_format(log: Path, tmp_path: Path):
    expected = measure(log, "activity_times", "--json").record["rows"]
    for suffix in ("json", "csv", "xlsx", "parquet", "txt"):
        outcome = measure(log, "activity_times", "-o", tmp_path / f"t.{suffix}")
        assert (outcome.code, outcome.out.strip()) == (0, str(tmp_path / f"t.{suffix}")), outcome.err
    assert json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))["rows"] == expected
    assert pq.read_table(tmp_path / "t.parquet").to_pylist() == expected
    written = list(csv.reader(io.StringIO((tmp_path / "t.csv").read_text(encoding="utf-8-sig"))))
    assert "'=Register" in [row[0] for row in written]
    sheet = CalamineWorkbook.from_path(tmp_path / "t.xlsx").get_sheet_by_index(0).to_python()
    assert "=Register" in [row[0] for row in sheet]


def test_terms_follow_the_calendar(log: Path):
    (row, *_units) = measure(log, "deadlines", "--json").record["rows"]
    # From Monday 4 March: 5, 6 and 7 March; the 8th is a holiday. Decided on the 11th: late.
    assert (row["cases"], row["in_time"], row["late"], row["in_time_share"]) == (3, 0, 3, 0.0)


def test_staff_costs_are_time_at_the_tariff_of_the_department(log: Path):
    record = measure(log, "staff_costs", "--by", "org_unit", "--json").record
    # Three cases: an hour at the front, five at Legal, one at the head's.
    assert {row["label"]: (row["seconds"], row["amount"]) for row in record["rows"]} == {
        "all": (75_600.0, 5_100.0),
        "Legal": (54_000.0, 4_500.0),
        "Front": (10_800.0, 300.0),
        "Head": (10_800.0, 300.0),
    }
    assert "Tariffs whose name does not occur in the log: Archive." in record["notes"]
    by_activity = {row["label"]: row["amount"] for row in measure(log, "staff_costs", "--json").record["rows"]}
    assert by_activity == {"all": 5_100.0, "Check": 4_500.0, "=Register": 300.0, "Decide": 300.0}


def test_what_applicants_bear_is_time_people_and_fees(log: Path):
    rows = measure(log, "standard_cost", "--json").record["rows"]
    expected = {"hours": 1_000.0, "time_cost": 400_000.0, "acquisitions": 50_000.0, "cost": 450_000.0}
    assert rows == [{"name": name, **expected} for name in ("all", "form")]


def test_value_is_added_by_what_is_declared(log: Path):
    record = measure(log, "flow_efficiency", "--closed-by-activity", "Decide", "--json").record
    (row,) = record["rows"]
    # From 4 March 9:00 to 11 March 10:00: 169 hours, of which six are checked or decided in.
    assert row["share"] == pytest.approx(6 / 169, rel=1e-12)
    assert "Declared to add value: Check, Decide." in record["notes"]
    unknown = run("measure", log, "--plain-ids", "--measure", "flow_efficiency", "--value-adding", "Dream")
    assert (unknown.code, unknown.out) == (2, "")
    assert "Dream" in unknown.err


@pytest.mark.parametrize(
    ("name", "options", "labels"),
    [
        ("lead_times", ["--by", "channel"], ["all", "office", "portal"]),
        ("lead_times", ["--by", "org_unit"], ["all", "Front"]),
        ("lead_times", ["--cohort", "month"], ["all", "2024-03"]),
        ("lead_times", ["--cohort", "quarter"], ["all", "2024-Q1"]),
        ("lead_times", ["--cohort", "year"], ["all", "2024"]),
        ("first_time_through", ["--by", "channel"], ["all", "office", "portal"]),
    ],
)
def test_groups_stand_below_the_whole(log: Path, name: str, options: list[str], labels: list[str]):
    outcome = measure(log, name, *options, "--json")
    assert outcome.code == 0, outcome.err
    assert [row["label"] for row in outcome.record["rows"]] == labels


def test_times_are_grouped_by_department(log: Path):
    rows = measure(log, "activity_times", "--by", "org_unit", "--json").record["rows"]
    assert {row["org_unit"]: row["processing_total_seconds"] for row in rows} == {
        "Front": 10_800.0,
        "Legal": 54_000.0,
        "Head": 10_800.0,
    }


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("counts", ["--by", "channel"], "POTOK-K031"),
        ("counts", ["--value-adding", "Check"], "POTOK-K031"),
        ("activity_times", ["--by", "channel"], "POTOK-K032"),
        ("lead_times", ["--by", "colour"], "POTOK-M045"),
        ("lead_times", ["--by", "channel", "--cohort", "month"], "POTOK-K033"),
        ("lead_times", ["--cohort", "week"], "POTOK-K033"),
        ("staff_costs", [], "POTOK-K030"),
        ("standard_cost", [], "POTOK-K030"),
        ("flow_efficiency", [], "POTOK-K030"),
        ("staff_costs", ["--tariffs", "nowhere.toml"], "POTOK-M036"),
        ("standard_cost", ["--cost-model", "nowhere.toml"], "POTOK-M047"),
    ],
)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_a_measure_does_not_take_is_refused(log: Path, name: str, options: list[str], code: str, language: str):
    outcome = run("--lang", language, "measure", log, "--plain-ids", "--measure", name, *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert code in outcome.err


@pytest.mark.parametrize(
    ("duty", "said"),
    [
        ("minutes = 5\nhours = 1\npopulation = 3", "in minutes and in hours"),
        ("population = 3", "The time of a duty is missing"),
        ("minutes = 5", "“population” is missing"),
        ('minutes = 5\npopulation = "many"', '“population” holds "many"'),
        ("minutes = -5\npopulation = 3", "“minutes” holds -5.0"),
        ("minutes = 5\npopulation = 3\ncolour = 1", "no key “colour”"),
        ('minutes = 5\npopulation = "log"', "covers less than a year"),
    ],
)
def test_a_cost_model_says_what_is_wrong_with_it(log: Path, duty: str, said: str):
    head = 'currency = "RUB"\ntariff_per_hour = 400\n[[duties]]\nname = "form"\n'
    log.with_name("model.toml").write_text(head + duty, encoding="utf-8")
    outcome = measure(log, "standard_cost")
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


SET = """
schema = "potok.calendar-set/1"
name = "far apart"
default = "ru"
[units]
"Head" = "ru@Asia/Kamchatka"
"""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("activity_times", "the calendar of the department that the case waits for"),
        ("waiting", "the calendar of the department that the case waits for"),
        ("unit_hand_overs", "the calendar of the department that the case waits for"),
        ("lead_times", "on one calendar, “ru”"),
        ("counts", ""),
    ],
)
def test_departments_have_calendars_of_their_own(log: Path, name: str, said: str):
    file = log.with_name("set.toml")
    file.write_text(SET, encoding="utf-8")
    own = measure(log, name, "--calendar", file, "--json").record
    single = measure(log, name, "--calendar", "ru", "--json").record
    assert [note for note in own["notes"] if note not in single["notes"]] == [note for note in own["notes"] if
                                                                             said and said in note]  # fmt: skip
    is_own = said.startswith("the calendar of")
    assert (own["calendar"] != single["calendar"]) == is_own
    assert (own["rows"] != single["rows"]) == is_own
    filtered = measure(log, name, "--calendar", file, "--filter", "channel=portal", "--json")
    assert filtered.code == 0, filtered.err


def test_the_audit_does_not_leave_out_calendars_in_silence(log: Path):
    file = log.with_name("set.toml")
    file.write_text(SET, encoding="utf-8")
    outcome = run("audit", log, "--plain-ids", "--calendar", file, "-o", log.with_name("a.html"))
    assert (outcome.code, outcome.out, log.with_name("a.html").exists()) == (2, "", False)
    assert "POTOK-K034" in outcome.err


def test_a_calendar_for_a_department_that_is_not_there_is_refused(log: Path):
    file = log.with_name("set.toml")
    file.write_text(SET.replace("Head", "Heads"), encoding="utf-8")
    outcome = measure(log, "activity_times", "--calendar", file)
    assert (outcome.code, outcome.out) == (2, "")
    assert "POTOK-C017" in outcome.err
    assert "“Head”" in outcome.err


def test_a_filter_leaves_only_its_cases(log: Path):
    record = measure(log, "counts", "--filter", "channel=portal", "--json").record
    assert record["rows"][0]["cases"] == 2
    nothing = measure(log, "counts", "--filter", "channel=post")
    assert (nothing.code, nothing.out) == (2, "")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--measure", "speed"], "POTOK-R003"),
        (["--measure", "deadlines"], "POTOK-R004"),
        (["--format", "xlsx"], "POTOK-K020"),
        (["--format", "docx"], "POTOK-K021"),
        (["-o", "x.docx"], "POTOK-K021"),
        (["--calendar", "mars"], "POTOK-C010"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(log: Path, options: list[str], code: str):
    outcome = run("measure", log, "--plain-ids", *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert code in outcome.err


def test_an_audit_as_a_workbook_holds_every_table(log: Path, tmp_path: Path):
    rules = log.with_name("rules.toml")
    outcome = run(
        "audit",
        log,
        "--plain-ids",
        "-o",
        tmp_path / "a.html",
        "--xlsx",
        tmp_path / "a.xlsx",
        "--regulation",
        rules,
    )
    assert outcome.code == 0, outcome.err
    names = CalamineWorkbook.from_path(tmp_path / "a.xlsx").sheet_names
    assert names[0] == "Findings"
    assert {"Terms", "Open cases by due date", "Rework"} <= set(names)
    assert {"Return loops", "Silo index", "Digitalisation", "Steps by five gates"} <= set(names)
    assert 'id="terms"' in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_pauses_are_said_to_be_part_of_the_processing(tmp_path: Path):
    log = tmp_path / "pauses.csv"
    steps = (("start", 9), ("suspend", 10), ("resume", 12), ("complete", 13))
    rows = "".join(f"k{case},Check,2024-03-0{case} {hour:02}:00,{step}\n" for case in (4, 5) for step, hour in steps)
    log.write_text(f"case,activity,time,transition\n{rows}", encoding="utf-8")
    options = ("--plain-ids", "--zone", "UTC", "--lifecycle-column", "transition", "--measure", "activity_times")
    record = run("measure", log, *options, "--json").record
    assert record["rows"][0]["processing_median_seconds"] == 4 * 3_600
    assert "Pauses between suspend and resume (2) are part of the processing here." in record["notes"]


def test_a_single_activity_may_be_named(tmp_path: Path):
    log = tmp_path / "single.csv"
    rows = "".join(f"k{row % 40},Work,2024-03-{1 + row % 28:02} 10:00\n" for row in range(200))
    log.write_text(f"case,activity,time\n{rows}", encoding="utf-8")
    outcome = run("measure", log, "--plain-ids", "--zone", "UTC", "--activity", "activity", "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.record["rows"][0]["activities"] == 1


@pytest.mark.parametrize("options", [("--encoding", "cp9999"), ("--delimiter", ";"), ("--delimiter", "abc")])
def test_a_text_that_cannot_be_read_is_named(log: Path, options: tuple[str, str]):
    outcome = run("measure", log, "--plain-ids", *options)
    assert (outcome.code != 0, outcome.out) == (True, "")
    assert f"Where: {log}" in outcome.err


def test_active_cases_are_told_of_once_the_watch_is_declared(tmp_path: Path):
    log = tmp_path / "active.csv"
    # Watched from 10 March; the first case had run eight days by then, the last had closed.
    spans = (("k1", 2, 14), ("k2", 11, 14), ("k3", 11, 20), ("k4", 3, 9))
    rows = "".join(
        f"{case},{a},2024-03-{day:02} 00:00\n" for case, *days in spans for a, day in zip("AB", days, strict=True)
    )
    log.write_text(f"case,activity,time\n{rows}", encoding="utf-8")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        '[times]\nzone = "Europe/Kaliningrad"\n[cases]\nextraction = "active"\nwatched_from = "2024-03-10"\n'
        'extracted_at = "2024-04-10"\n[closing]\nbasis = "activities"\nvalues = ["B"]\n',
        encoding="utf-8",
    )
    options = ("--plain-ids", "--mapping", mapping, "--measure", "lead_times", "--json")
    declared = run("measure", log, *options).record
    day = 86_400.0
    # At three days one of two under observation closes, at nine one of two, at twelve the last.
    assert [declared["rows"][0][key] for key in ("median_seconds", "p90_seconds")] == [3 * day, 12 * day]
    assert any("before cases were watched: 1." in note for note in declared["notes"])
    mapping.write_text(
        mapping.read_text(encoding="utf-8").replace('watched_from = "2024-03-10"\n', ""), encoding="utf-8"
    )
    undeclared = run("measure", log, *options).record
    assert undeclared["rows"][0]["median_seconds"] is None
    assert "The log does not say since when cases were watched." in undeclared["notes"]
    given = run("measure", log, *options, "--watched-from", "2024-03-10").record
    assert given["rows"] == declared["rows"]


@pytest.mark.parametrize("how", ["option", "mapping"])
def test_a_zone_that_is_named_draws_no_note_even_if_it_is_utc(log: Path, how: str, own_cache: Path):
    file = log.with_name("mapping.toml")
    file.write_text('[times]\nzone = "UTC"\n', encoding="utf-8")
    named = ("--zone", "UTC") if how == "option" else ("--mapping", file)
    roles = ("--completed", "time", "--started", "start")
    assert "taken for UTC" in run("measure", log, "--plain-ids", *roles).err
    assert run("measure", log, "--plain-ids", *roles, *named).err == ""
