"""Calendars, regulations, filters and logs that cannot be measured: an error or a marked gap, in both languages."""

from pathlib import Path

import pytest

from cli.running import RUSSIAN_IS_READY, is_cyrillic, run
from potok.core.errors import EXIT_BAD_DATA, EXIT_USAGE

ROWS = "case,activity,start,time,department,cost\n" + "".join(
    f"{case},{activity},2024-03-{day:02} 09:00,2024-03-{day:02} 10:00,{unit},{cost}\n"
    for case, first in (("k1", 4), ("k2", 12))
    for activity, unit, day, cost in (("Register", "Front", first, "100 RUB"), ("Decide", "Head", first + 2, "9 USD"))
)
CALENDAR = 'schema = "potok.calendar/1"\nname = "x"\nzone = "UTC"\nfirst_year = 2024\nlast_year = 2024\n'
REGULATION = 'service = "S"\nact = "A"\ncalendar = "ru"\n[[terms]]\nname = "t"\n'
TERM = 'amount = 3\nunit = "working_days"\nends = ["Decide"]\n'
LANGUAGES = [
    "en",
    pytest.param("ru", marks=pytest.mark.skipif(not RUSSIAN_IS_READY, reason="the catalogue is not compiled")),
]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "log.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def refused(log: Path, *options: object, language: str, exit_code: int) -> str:
    outcome = run("--lang", language, "measure", log, "--plain-ids", "--zone", "UTC", *options)
    assert (outcome.code, outcome.out) == (exit_code, ""), outcome.err
    message = next(line for line in outcome.err.splitlines() if "POTOK-" in line)
    assert is_cyrillic(message) == (language == "ru")
    assert "Traceback" not in outcome.err
    return outcome.err


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("hours", "code", "place"),
    [
        ("[weekly]\n", "POTOK-C012", "calendar"),
        ('[weekly]\nmonday = ["09:00-13:00", "12:00-18:00"]\n', "POTOK-C013", "calendar.toml: weekly.monday"),
        ('[weekly]\nmonday = ["09:00-25:00"]\n', "POTOK-C011", "calendar.toml: weekly.monday"),
        ('[weekly]\nmonday = "09:00-18:00"\nlast_year = 2025\n', "POTOK-C011", "calendar.toml"),
    ],
)
def test_a_calendar_that_cannot_be(log: Path, language: str, hours: str, code: str, place: str):
    file = log.with_name("calendar.toml")
    file.write_text(CALENDAR + hours, encoding="utf-8")
    said = refused(log, "--calendar", file, language=language, exit_code=EXIT_BAD_DATA)
    assert code in said
    assert place in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("measure", ["case_durations", "activity_times", "lead_times", "arrivals", "temporal_profile"])
def test_a_year_that_the_calendar_does_not_cover(log: Path, language: str, measure: str):
    file = log.with_name("calendar.toml")
    file.write_text(CALENDAR.replace("2024", "2025") + '[weekly]\nmonday = "09:00-18:00"\n', encoding="utf-8")
    said = refused(log, "--calendar", file, "--measure", measure, language=language, exit_code=EXIT_BAD_DATA)
    assert "POTOK-C014" in said
    assert "2024" in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("term", "code", "named"),
    [
        (TERM.replace("Decide", "Dream"), "POTOK-C023", "Dream"),
        (TERM.replace("3", "0"), "POTOK-C020", "terms[1].amount"),
        (TERM.replace("working_days", "fortnights"), "POTOK-C020", "terms[1].unit"),
        ('starts = "Decide"\n' + TERM, "POTOK-C021", "terms[1].ends"),
        (TERM + 'rolls_over = "forward"\n', "POTOK-C022", "terms[1].rolls_over"),
        (
            TERM + '[terms.extension]\nactivity = "Register"\namount = 1\nunit = "calendar_days"\n',
            "POTOK-C022",
            "terms[1].extension.unit",
        ),
    ],
)
@pytest.mark.parametrize("measure", ["deadlines", "worklist"])
def test_a_regulation_that_cannot_be(log: Path, language: str, term: str, code: str, named: str, measure: str):
    file = log.with_name("rules.toml")
    file.write_text(REGULATION + term, encoding="utf-8")
    options = ("--measure", measure, "--regulation", file)
    said = refused(log, *options, language=language, exit_code=EXIT_BAD_DATA)
    assert code in said
    assert named in said
    assert "rules.toml" in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("expression", "code"),
    [("duration>900d", "POTOK-M033"), ("duration>900", "POTOK-M031"), ("activity=Dream", "POTOK-M032")],
)
@pytest.mark.parametrize("measure", ["counts", "lead_times"])
def test_a_filter_that_leaves_nothing(log: Path, language: str, expression: str, code: str, measure: str):
    said = refused(log, "--filter", expression, "--measure", measure, language=language, exit_code=EXIT_USAGE)
    assert code in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("column", "value"), [("cost", "100 RUB"), ("start", "2024-03-04 09:00")])
def test_a_cost_that_is_no_number(log: Path, language: str, column: str, value: str):
    """Amounts with different currencies, and times: never a log that "records no costs"."""
    options = ("--cost", column, "--completed", "time", "--measure", "recorded_costs")
    said = refused(log, *options, language=language, exit_code=EXIT_USAGE)
    assert "POTOK-L035" in said
    assert f"--cost {column}" in said
    assert value in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_column_that_is_missing_is_told_with_its_option(log: Path, language: str):
    options = ("--closed-by-status", "fate=done", "--org-unit", "desk")
    said = refused(log, *options, language=language, exit_code=EXIT_USAGE)
    assert "POTOK-L003" in said
    assert "--org-unit, --closed-by-status" in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("measure", ["case_durations", "lead_times", "variants", "work_in_process", "arrivals"])
def test_cases_closed_before_they_open_are_marked(tmp_path: Path, language: str, measure: str):
    log = tmp_path / "backwards.csv"
    rows = "".join(f"k{n},{a},2024-03-{day:02} 10:00,2024-03-0{3 + 5 * n}\n" for n in (0, 1) for a, day in
                   (("A", 4), ("B", 6)))  # fmt: skip
    log.write_text(f"case,activity,time,closed\n{rows}", encoding="utf-8")
    options = ("--plain-ids", "--zone", "UTC", "--closed-by-field", "closed", "--completed", "time")
    outcome = run("--lang", language, "measure", log, *options, "--measure", measure, "--json")
    assert outcome.code == 0, outcome.err
    said = " ".join(outcome.record["notes"])
    assert ": 1." in said
    assert is_cyrillic(said) == (language == "ru")
