"""``potok protocol`` on the command line."""

import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cli.running import run
from potok.verify.protocol.reading import read_protocol

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "protocols").glob("*.toml"))
ANSWERS = (
    "name=Опыт",
    "change.what=Подпись в день поступления",
    "change.waves=Минсоц=2027-04-01",
    "estimand.minimum_improvement=1",
    "comparison.kind=own_past",
    "look.on=2028-02-01",
)
SIX = "А; Б; В; Г; Д; Е"
WAVES = "2024-04-01; 2024-09-01; 2025-02-01"


def given(*answers: str) -> list[str]:
    return [part for answer in answers for part in ("--answer", answer)]


def validate(record: dict[str, object], kind: str) -> None:
    schema = json.loads((REFERENCE / f"potok.{kind}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(record)


def test_a_protocol_is_written_checked_and_hashed(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    written = run("protocol", "init", path, *given(*ANSWERS, "registered_on=2027-01-01"))
    assert written.code == 0
    protocol = read_protocol(path)
    assert protocol.sha256 in written.out
    assert run("protocol", "hash", path).out == f"{protocol.sha256}  {path}\n"
    record = run("protocol", "hash", path, "--json").record
    validate(record, "protocol")
    assert record["sha256"] == protocol.sha256
    checked = run("protocol", "check", path, "--json").record
    validate(checked, "protocol_check")
    assert checked["can_be_verified"] is True
    assert [concern["kind"] for concern in checked["concerns"]] == ["no_quality", "no_failure", "undeclared"]
    assert "nobody will see whether quality held" in run("protocol", "check", path).out


def test_a_file_that_is_there_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text("wichtig", encoding="utf-8")
    refused = run("protocol", "init", path, *given(*ANSWERS))
    assert refused.code == 2
    assert "POTOK-V006" in refused.err
    assert path.read_text(encoding="utf-8") == "wichtig"
    forced = run("protocol", "init", path, "--force", "--json", *given(*ANSWERS))
    validate(forced.record, "protocol")
    assert read_protocol(path).name == "Опыт"


def test_what_is_not_answered_leaves_no_file(tmp_path: Path) -> None:
    path, answers = tmp_path / "p.toml", tmp_path / "a.toml"
    missing = run("protocol", "init", path, "--json", *given(*ANSWERS[:-1]))
    assert missing.code == 2
    assert missing.record["error"]["where"] == "look.on"
    assert "POTOK-V008" in run("protocol", "init", path, "--answer", "name").err
    assert list(tmp_path.iterdir()) == []
    answers.write_text("[look]\non = 2028-02-01\n", encoding="utf-8")
    assert run("protocol", "init", path, "--answers", answers, *given(*ANSWERS[:-1])).code == 0


def test_a_late_protocol_and_a_broken_one_are_told(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    run("protocol", "init", path, *given(*ANSWERS, "registered_on=2027-05-01"))
    late = run("protocol", "check", path)
    assert late.code == 0
    assert "As things stand, the verdict cannot be “verified”" in late.out
    path.write_text(path.read_text(encoding="utf-8").replace("horizon_days", "horizon"), encoding="utf-8")
    broken = run("protocol", "check", path)
    assert broken.code == 3
    assert f"{path}: estimand.horizon" in broken.err


def test_an_order_is_drawn_again_from_its_number() -> None:
    drawn = run("protocol", "draw", "--agencies", SIX, "--waves", WAVES, "--seed", "7", "--json").record
    validate(drawn, "protocol_draw")
    assert (drawn["assignments"], drawn["is_enough"], len(drawn["waves"])) == (90, True, 6)
    shown = run("protocol", "draw", "--agencies", "Е;Д;Г;В;Б;А", "--waves", WAVES, "--seed", "7")
    assert "90 possible orders" in shown.out
    assert all(f'agency = "{wave["agency"]}"\non = {wave["on"]}' in shown.out for wave in drawn["waves"])
    strata = run("protocol", "draw", "--strata", "А;Б|В;Г", "--waves", "2024-04-01;2024-09-01", "--seed", "7")
    assert 'strata = [["А", "Б"], ["В", "Г"]]' in strata.out
    assert "That is too few" in strata.out
    sized = run("protocol", "draw", "--agencies", SIX, "--waves", "2024-04-01=1; 2024-09-01=5")
    assert "was taken" in sized.err
    assert "6 possible orders" in sized.out


@pytest.mark.parametrize("waves", ["April", "2024-04-01=x;2024-09-01=1", "2024-04-01=3;2024-09-01"])
def test_days_of_waves_that_cannot_be_read_are_refused(waves: str) -> None:
    refused = run("protocol", "draw", "--agencies", SIX, "--waves", waves)
    assert refused.code == 2
    assert "POTOK-V007" in refused.err


def test_examples_can_be_verified() -> None:
    assert len(EXAMPLES) >= 2
    for path in EXAMPLES:
        checked = run("protocol", "check", path, "--json").record
        validate(checked, "protocol_check")
        # The worked example of a promise made afterwards is late on purpose.
        assert checked["can_be_verified"] is (path.stem != "travel-declarations"), path


class Terminal(io.StringIO):
    """Somebody who types lines."""

    def isatty(self) -> bool:
        return True


def test_a_person_is_asked_and_told_what_each_answer_is_good_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.toml"
    monkeypatch.setattr("sys.stdin", Terminal("\n" * 8 + "demnächst\n2028-02-01\n" + "\n" * 40))
    shown = run("protocol", "init", path, *given(*ANSWERS[:-1], "estimand.outcome=case_duration"))
    assert shown.code == 0, shown.err
    assert read_protocol(path).look.on.isoformat() == "2028-02-01"
    assert "“demnächst” cannot be used." in shown.err
    assert "1  calendar days (calendar_days)" in shown.err
    assert "who looks until the figures please will see them please" in shown.err


def test_logs_of_the_time_before_tell_what_can_be_proved(tmp_path: Path) -> None:
    path, log = tmp_path / "p.toml", tmp_path / "log.csv"
    quality = "quality=Жалобы | Жалоба=да | 0.02 | 60"
    run("protocol", "init", path, *given(*ANSWERS, quality, "registered_on=2027-01-01"))
    rows = ["case,activity,completed,agency,Жалоба"]
    for number in range(120):
        opened = date(2026, 1, 1) + timedelta(days=3 * number)
        complained = "да" if number % 20 == 0 else "нет"
        for activity, day in (("Приём", opened), ("Выдача", opened + timedelta(days=5 + number % 3))):
            rows.append(f"{number},{activity},{day} 10:00:00,Минсоц,{complained}")
    log.write_text("\n".join(rows) + "\n", encoding="utf-8")
    options = ("--plain-ids", "--zone", "UTC", "--extraction", "opened")
    shown = run("protocol", "check", path, log, *options)
    assert shown.code == 0, shown.err
    assert "Cases a month: 10" in shown.out
    assert "5.9% before" in shown.out
    assert "It cannot be proved" in shown.out
    record = run("protocol", "check", path, log, "--json", *options).record
    validate(record, "protocol_check")
    kinds = {concern["kind"] for concern in record["concerns"] if concern["is_fatal"]}
    assert {"few_months_before", "unprovable_margin"} <= kinds
    assert record["can_be_verified"] is False
