"""``potok chart``: its figures against counting by hand, its JSON, its picture, and what it refuses."""

import csv
import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from cli.running import run

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "potok.chart.schema.json"
READ = ("--plain-ids", "--zone", "UTC", "--closed-by-activity", "Close")
BEGIN, DAYS = datetime(2024, 1, 1, 9, tzinfo=UTC), 500
HORIZON = 20


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A case a day; from the 300th day on they take half as long, and every fifth is refused."""
    generator = np.random.default_rng(4)
    path = tmp_path_factory.mktemp("chart") / "log.csv"
    lines = ["case,activity,time,refused"]
    for day in range(DAYS):
        opened = BEGIN + timedelta(days=day)
        closed = opened + timedelta(days=float(generator.uniform(8, 12)) * (0.5 if day >= 300 else 1))
        refused = "yes" if day % 5 == 0 else "no"
        for activity, at in (("Open", opened), ("Close", closed)):
            lines.append(f"{day},{activity},{at:%Y-%m-%d %H:%M:%S},{refused}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def by_month(log, value):
    """Months of opening with the mean of a value of each case, told from the file itself."""
    times = defaultdict(list)
    with log.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            times[row["case"]].append((datetime.fromisoformat(row["time"]), row["refused"]))
    found = defaultdict(list)
    for (opened, refused), (closed, _refused) in times.values():
        found[f"{opened:%Y-%m-01}"].append(value((closed - opened) / timedelta(days=1), refused))
    return {month: float(np.mean(values)) for month, values in found.items()}


@pytest.mark.parametrize(
    ("options", "value"),
    [
        (("--horizon-days", HORIZON), lambda days, _refused: min(days, HORIZON)),
        (("--figure", "within_term_share", "--term-days", 10), lambda days, _refused: days <= 10),
        (
            ("--figure", "attribute_share", "--attribute", "refused", "--value", "yes"),
            lambda _days, refused: refused == "yes",
        ),
    ],
)
def test_each_month_holds_the_cases_that_opened_in_it(log, options, value):
    done = run("chart", log, *READ, *map(str, options), "--json")
    assert (done.code, done.err) == (0, "")
    jsonschema.validate(done.record, json.loads(SCHEMA.read_text(encoding="utf-8")))
    expected = by_month(log, value)
    assert len(done.record["periods"]) >= 14
    for period in done.record["periods"]:
        assert period["value"] == pytest.approx(expected[period["from"]], rel=1e-6)


def test_a_halved_duration_is_no_chance_until_the_limits_begin_anew(log):
    plain = run("chart", log, *READ, "--horizon-days", "20", "--fixed-after", "9", "--json").record
    late = [period for period in plain["periods"] if period["from"] >= "2024-11-01"]
    assert all({"rule": "outside_limits", "is_high": False} in period["signals"] for period in late)
    change = (BEGIN + timedelta(days=300)).date()
    anew = run("chart", log, *READ, "--horizon-days", "20", "--rebase", change.isoformat(), "--json").record
    assert [phase["from"] for phase in anew["phases"]] == ["2024-01-01", date(change.year, change.month, 1).isoformat()]
    assert anew["phases"][1]["mean"] < 0.6 * anew["phases"][0]["mean"]


def test_periods_that_cannot_be_known_yet_are_left_out(log):
    months = run("chart", log, *READ, "--horizon-days", "90", "--json").record
    assert months["unknown_periods"] >= 3
    weeks = run("chart", log, *READ, "--by", "week", "--figure", "opened_cases", "--json").record
    assert [period["value"] for period in weeks["periods"]] == [7.0] * (DAYS // 7) + [float(DAYS % 7)]


def test_the_picture_and_the_words(log, tmp_path):
    done = run("chart", log, *READ, "--horizon-days", "20", "--out", tmp_path / "chart.svg")
    assert done.code == 0
    assert "Mean duration of a case in days (counted up to 20)" in done.out
    assert "Not chance" in done.out
    picture = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert picture.count("dot special") > 3


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--figure", "mood"), "POTOK-K001"),
        (("--figure", "within_term_share"), "POTOK-V092"),
        (("--figure", "attribute_share", "--attribute", "refused"), "POTOK-V092"),
        (("--rebase", "soon"), "POTOK-V093"),
        (("--rebase", "1999-01-01"), "POTOK-V092"),
        (("--out", "chart.gif"), "POTOK-V094"),
        (("--horizon-days", "480"), "POTOK-V091"),
    ],
)
def test_what_cannot_be_charted_is_refused(log, options, code):
    done = run("chart", log, *READ, *options)
    assert done.code in {2, 3}
    assert code in done.err
