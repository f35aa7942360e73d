"""``potok verify``: from a file and a protocol to the same bytes, whatever the order of the file's rows."""

import csv
import io
import json
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

import potok
from cli.running import run
from potok.log.mapping import ClosingBasis, ClosingRule, ExtractionKind, Mapping, TimeColumn
from potok.verify.effect_json import is_untouched
from support.made_up_histories import draw_history

SCHEMAS = Path(__file__).parents[2] / "docs" / "reference"
WAVES = {
    f"Ведомство {number}": on
    for number, on in enumerate(["2024-04-01"] * 2 + ["2024-09-01"] * 2 + ["2025-02-01"] * 2, start=1)
}
READ = ("--plain-ids", "--zone", "UTC", "--closed-by-activity", "Выдача", "--agency", "ведомство")
READ += ("--extraction", "opened", "--extracted-at", "2026-01-01T00:00:00+00:00")
PROTOCOL = """\
schema = "potok.protocol/1"
name = "Визирование в день поступления"
registered_on = 2024-01-15

[change]
what = "Визирование в день поступления вместо пятницы"
{waves}

[estimand]
outcome = "case_duration"
direction = "lower_is_better"
clock = "calendar_days"
horizon_days = 60
minimum_improvement = 0.5
transition_before_days = 30
transition_after_days = 30

[comparison]
kind = "waves"
is_order_drawn = true
seed = 1

[[quality]]
name = "Жалобы"
attribute = "жалоба"
value = "да"
direction = "lower_is_better"
margin_share = 0.03
follow_up_days = 60

[look]
kind = "fixed"
on = 2025-12-30
last_on = 2025-12-31

[failure]
text = "Не быстрее на полдня или больше жалоб."
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verify")
    study = draw_history(6, WAVES, effect=-0.5, per_month=16, seed=11, bad_share=0.005)
    lines = []
    cases = study.cases
    for place in range(len(cases)):
        opened, left = (
            datetime.fromtimestamp(int(at[place]) / 1e6, UTC) + timedelta(microseconds=place % 997)
            for at in (cases.opened_us, cases.left_us)
        )
        agency = cases.agency.labels[cases.agency.codes[place]]
        complained = "да" if cases.attributes[0].codes[place] >= 0 else "нет"
        lines.append((cases.case_ids[place], "Регистрация", opened.isoformat(), agency, complained))
        if cases.is_closed[place]:
            lines.append((cases.case_ids[place], "Выдача", left.isoformat(), agency, complained))
    for name in ("log.csv", "shuffled.csv"):
        if name == "shuffled.csv":
            random.Random(3).shuffle(lines)
        text = io.StringIO()
        csv.writer(text).writerows([("case", "activity", "time", "ведомство", "жалоба"), *lines])
        (folder / name).write_text(text.getvalue(), encoding="utf-8")
    waves = "".join(f'\n[[change.waves]]\nagency = "{agency}"\non = {on}\n' for agency, on in WAVES.items())
    (folder / "protocol.toml").write_text(PROTOCOL.format(waves=waves), encoding="utf-8")
    return folder


def verify(project, log, *options):
    return run("verify", project / log, *READ, "--protocol", project / "protocol.toml", *options)


@pytest.fixture(scope="module")
def first(project):
    done = verify(project, "log.csv", "--json")
    assert done.code == 0, done.err
    return done


def test_the_same_bytes_from_a_shuffled_file(project, first):
    record = first.record
    jsonschema.validate(record, json.loads((SCHEMAS / "potok.effect.schema.json").read_text(encoding="utf-8")))
    assert is_untouched(record)
    assert record["verdict"] == "verified"
    assert record["estimate"]["design"] == "staggered_differences"
    assert record["estimate"]["admissible_assignments"] == 90
    assert verify(project, "shuffled.csv", "--json").out == first.out


def test_pages_and_every_case_are_written(project, first, tmp_path):
    targets = {"--board": "board.pdf", "--auditor": "auditor.xlsx", "--cases-out": "cases.csv"}
    options = [part for option, name in targets.items() for part in (option, tmp_path / name)]
    done = verify(project, "log.csv", *options)
    assert done.code == 0, done.err
    assert "Verified" in done.out
    assert (tmp_path / "board.pdf").read_bytes().startswith(b"%PDF")
    with (tmp_path / "cases.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    sides = first.record["cases"]
    assert {side: sum(row["side"] == side for row in rows) for side in sides} == sides
    assert sum(row["Жалобы"] == "1" for row in rows) > 0


def test_a_bonus_can_hang_on_the_exit_code(project, first):
    again = verify(project, "log.csv", "--fail-on", "not_verified", "--json")
    assert (again.code, again.out) == (0, first.out)
    overruled = verify(project, "log.csv", "--fail-on", "not_verified", "--design", "interrupted_series", "--json")
    assert overruled.code == 1
    assert overruled.record["verdict"] != "verified"


@pytest.mark.parametrize("options", [("abc",), ("0" * 64, "--persistence", "effect.json")])
def test_a_registered_hash_that_cannot_be_is_refused(project, options):
    refused = verify(project, "log.csv", "--registered", *options)
    assert (refused.code, "--registered" in refused.err) == (2, True)


def test_whether_it_lasts(project, first, tmp_path):
    effect = tmp_path / "effect.json"
    effect.write_text(first.out, encoding="utf-8")
    done = verify(project, "log.csv", "--persistence", effect, "--json")
    assert done.code == 0, done.err
    jsonschema.validate(
        done.record, json.loads((SCHEMAS / "potok.persistence.schema.json").read_text(encoding="utf-8"))
    )
    assert {one["lasting"] for one in done.record["later"]} == {"postponed"}
    touched = json.loads(effect.read_text(encoding="utf-8")) | {"looked_on": "2025-01-01"}
    effect.write_text(json.dumps(touched), encoding="utf-8")
    refused = verify(project, "log.csv", "--persistence", effect)
    assert refused.code == 4
    assert "POTOK-V095" in refused.err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--design", "guess"), "POTOK-K001"),
        (("--on", "soon"), "POTOK-V090"),
        (("--board", "page.xlsx"), "POTOK-R050"),
        (("--persistence", "nothing.json"), "POTOK-V097"),
    ],
)
def test_what_cannot_be_asked_is_refused(project, options, code):
    done = verify(project, "log.csv", *options)
    assert done.code in {2, 3}
    assert code in done.err


@pytest.mark.parametrize(
    ("said", "instead", "where"),
    [
        ('name = "Визирование в день поступления"\n', "", "name"),
        ("horizon_days = 60\n", "", "estimand.horizon_days"),
        ("on = 2025-12-30", 'on = "в конце года"', "look.on"),
        ("margin_share = 0.03", "margin_share = 3", "quality[1].margin_share"),
        ("last_on = 2025-12-31", "last_on = 2025-01-01", "look.last_on"),
        ("[failure]", "[fail]", "fail"),
    ],
)
def test_a_broken_promise_is_named_by_its_field(project, tmp_path, said, instead, where):
    path = tmp_path / "broken.toml"
    content = (project / "protocol.toml").read_text(encoding="utf-8")
    assert said in content
    path.write_text(content.replace(said, instead), encoding="utf-8")
    done = run("--lang", "ru", "verify", "nothing.csv", "--protocol", path)
    assert done.code == 3
    assert f"{path}: {where}\n" in done.err
    assert "Что делать: " in done.err


def test_a_notebook_gets_the_same_effect(project, first, tmp_path):
    log = potok.read(
        project / "log.csv",
        mapping=Mapping(
            case_id="case",
            activity=("activity",),
            completed_at=TimeColumn(("time",)),
            agency="ведомство",
            closing=ClosingRule(ClosingBasis.ACTIVITIES, values=("Выдача",)),
            zone="UTC",
            extraction=ExtractionKind.OPENED,
            extracted_at="2026-01-01T00:00:00+00:00",
        ),
        into=tmp_path / "store",
    )
    found = potok.verify_project(log, protocol=project / "protocol.toml", decided_on=date(2025, 12, 31))
    assert found.verdict == "verified"
    assert found.as_json()["estimate"] == first.record["estimate"]
    assert "Verified" in found._repr_html_()
    found.write(tmp_path / "board.html")
    assert "<svg" in (tmp_path / "board.html").read_text(encoding="utf-8")
    assert {table.name for table in found.tables()} >= {"estimate", "quality"}
