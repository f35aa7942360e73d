"""Protocols are read strictly, written back, and hashed by what they say."""

import hashlib
import json
from dataclasses import replace
from datetime import date
from math import nan
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from potok.core.toml_reading import MAXIMUM_BYTES
from potok.verify.protocol.canonical import canonical_json, is_registered, protocol_as_mapping, protocol_sha256
from potok.verify.protocol.consistency import iterate_contradictions
from potok.verify.protocol.errors import BrokenProtocolError
from potok.verify.protocol.model import ComparisonKind, ComparisonPlan, Declarations, Direction, OutcomeKind, Protocol
from potok.verify.protocol.reading import read_protocol
from potok.verify.protocol.writing import render_protocol
from verify.protocol.example import FULL

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "docs" / "reference" / "potok.protocol.schema.json").read_text(encoding="utf-8")
)
SMALL = """\
schema = "potok.protocol/1"
name = "Опыт"
registered_on = 2024-01-15

[change]
what = "Подпись в день поступления"
[[change.waves]]
agency = "А"
on = 2024-04-01

[estimand]
outcome = "case_duration"
horizon_days = 60
minimum_improvement = 0.5

[comparison]
kind = "own_past"

[look]
on = 2025-03-01
last_on = 2025-12-31
"""
TWICE = '[[quality]]\nname = "Ж"\nattribute = "Ж"\nvalue = "да"\ndirection = "lower_is_better"\nmargin_share = 0.1\n'
TWICE = (TWICE + "follow_up_days = 1\n") * 2


def read(tmp_path: Path, text: str) -> Protocol:
    path = tmp_path / "p.toml"
    path.write_text(text, encoding="utf-8")
    return read_protocol(path)


@pytest.mark.parametrize(
    "protocol",
    [
        FULL,
        replace(FULL, quality=(), sentinels=(), declarations=Declarations(), failure="", replicates=""),
        replace(
            FULL,
            comparison=ComparisonPlan(ComparisonKind.OTHER_AGENCIES),
            estimand=replace(
                FULL.estimand,
                outcome=OutcomeKind.ATTRIBUTE_SHARE,
                term_days=None,
                attribute="Отказ",
                value="да",
                direction=Direction.LOWER_IS_BETTER,
            ),
        ),
    ],
)
def test_what_is_written_reads_back_equal(tmp_path: Path, protocol: Protocol) -> None:
    again = read(tmp_path, render_protocol(protocol))
    assert replace(again, source="", sha256="") == protocol
    assert again.sha256 == protocol_sha256(protocol)
    assert again.source == str(tmp_path / "p.toml")
    Draft202012Validator(SCHEMA).validate(protocol_as_mapping(protocol))


def test_a_small_protocol_has_the_usual_values(tmp_path: Path) -> None:
    protocol = read(tmp_path, SMALL)
    assert protocol.estimand.direction is Direction.LOWER_IS_BETTER
    assert protocol.look.minimum_months == 3
    assert protocol.declarations.was_chosen_as_worst is None
    assert not protocol.is_late


def test_comments_order_and_spelt_out_usual_values_do_not_change_the_hash(tmp_path: Path) -> None:
    lists = {"services": FULL.change.services[::-1], "waves": FULL.change.waves[::-1]}
    turned = replace(
        FULL,
        change=replace(FULL.change, **lists),
        quality=FULL.quality[::-1],
        comparison=replace(FULL.comparison, strata=(("Г", "Б"), ("В", "А"))),
        declarations=replace(FULL.declarations, applicant_activities=("Подача", "Ожидание")),
    )
    assert protocol_sha256(turned) == protocol_sha256(FULL)
    tables = ("# Обещание\n" + render_protocol(FULL)).split("\n\n")
    shuffled = read(tmp_path, "\n\n".join([tables[0], *tables[:0:-1]]))
    assert shuffled.sha256 == protocol_sha256(FULL)
    spelt = SMALL.replace(
        "horizon_days = 60", 'horizon_days = 60.0\nclock = "calendar_days"\ntransition_after_days = 0'
    )
    assert read(tmp_path, spelt).sha256 == read(tmp_path, SMALL).sha256


def test_reviews_come_after_the_promise_and_leave_its_hash(tmp_path: Path) -> None:
    unreviewed = replace(FULL, sentinels=(replace(FULL.sentinels[0], reviewed=()),))
    assert protocol_sha256(unreviewed) == protocol_sha256(FULL)
    assert protocol_sha256(replace(FULL, sentinels=())) != protocol_sha256(FULL)


def test_the_hash_is_that_of_sorted_compact_json(tmp_path: Path) -> None:
    written: dict[str, Any] = {
        "schema": "potok.protocol/1",
        "name": "Опыт",
        "registered_on": "2024-01-15",
        "change": {"what": "Подпись в день поступления", "waves": [{"agency": "А", "on": "2024-04-01"}]},
        "estimand": {
            "outcome": "case_duration",
            "direction": "lower_is_better",
            "clock": "calendar_days",
            "horizon_days": 60,
            "minimum_improvement": 0.5,
        },
        "comparison": {"kind": "own_past"},
        "look": {"kind": "fixed", "on": "2025-03-01", "last_on": "2025-12-31"},
    }
    expected = json.dumps(written, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    protocol = read(tmp_path, SMALL)
    assert canonical_json(protocol) == expected
    assert protocol.sha256 == hashlib.sha256(expected.encode()).hexdigest()


@pytest.mark.parametrize(
    "changed",
    [
        replace(FULL, name="Иное"),
        replace(FULL, registered_on=date(2024, 1, 16)),
        replace(FULL, estimand=replace(FULL.estimand, minimum_improvement=0.06)),
        replace(FULL, quality=FULL.quality[:1]),
        replace(FULL, look=replace(FULL.look, on=date(2025, 3, 2))),
        replace(FULL, declarations=replace(FULL.declarations, was_chosen_as_worst=None)),
    ],
)
def test_every_change_of_the_promise_changes_the_hash(changed: Protocol) -> None:
    assert protocol_sha256(changed) != protocol_sha256(FULL)


def test_a_promise_rewritten_afterwards_is_not_the_registered_one() -> None:
    registered = replace(FULL, sha256=protocol_sha256(FULL))
    reviewed = replace(registered, sentinels=(replace(FULL.sentinels[0], reviewed=("9",)),))
    longer = replace(registered, estimand=replace(FULL.estimand, horizon_days=90))
    assert is_registered(reviewed, registered.sha256)
    assert not is_registered(longer, longer.sha256)


def test_a_protocol_of_the_day_of_the_change_is_late(tmp_path: Path) -> None:
    assert read(tmp_path, SMALL.replace("2024-01-15", "2024-04-01")).is_late


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("potok.protocol/1", "potok.protocol/2", "schema", '"potok.protocol/2", which cannot be used'),
        ('name = "Опыт"', 'nam = "Опыт"', "name", "missing"),
        ("2024-01-15", '"15.01.2024"', "registered_on", "cannot be used"),
        ("horizon_days = 60", "horizon_days = 60\nhorison = 1", "estimand.horison", "no key"),
        ("horizon_days = 60", "horizon_days = 0", "estimand.horizon_days", "nothing to measure"),
        ("case_duration", "duration", "estimand.outcome", "cannot be used"),
        ("case_duration", "attribute_share", "estimand.direction", "missing"),
        ("case_duration", "within_term_share", "estimand.term_days", "needs"),
        ("horizon_days = 60", "horizon_days = 60\nterm_days = 20", "estimand.term_days", "belongs to the outcome"),
        ("horizon_days = 60", 'horizon_days = 60\nactivity = "П"', "estimand.activity", "belongs to the outcome"),
        ("horizon_days = 60", "horizon_days = nan", "estimand.horizon_days", "cannot be used"),
        ("= 0.5", "= -1", "estimand.minimum_improvement", "cannot be used"),
        ("= 0.5", "= 60", "estimand.minimum_improvement", "cannot become 60 days faster"),
        ("= 0.5", '= 0.5\nclock = "working_days"', "estimand.calendar", "no calendar"),
        ("= 0.5", '= 0.5\ncalendar = "ru"', "estimand.calendar", "calendar days are counted"),
        ("= 0.5", '= 0.5\ncalendar_id = "ab"', "estimand.calendar_id", "none is named"),
        ("= 0.5", '= 0.5\ndirection = "higher_is_better"', "estimand.direction", "cannot hold"),
        ("own_past", "own_past_", "comparison.kind", "cannot be used"),
        ('"own_past"', '"own_past"\ncontrols = ["Б"]', "comparison.controls", "own past"),
        ('"own_past"', '"other_agencies"\ncontrols = ["А"]', "comparison.controls", "does not"),
        ('"own_past"', '"own_past"\nis_order_drawn = true', "comparison.is_order_drawn", "order of waves"),
        ('"own_past"', '"waves"\nis_order_drawn = true', "comparison.seed", "from which number"),
        ('"own_past"', '"waves"\nseed = 1', "comparison.seed", "was not drawn"),
        ('"own_past"', '"waves"\nstrata = "А"', "comparison.strata", "cannot be used"),
        ('"own_past"', '"waves"\nstrata = [[]]', "comparison.strata", "cannot be used"),
        ('"own_past"', '"waves"\nis_order_drawn = true\nseed = 1\nstrata = [["Б"]]', "comparison.strata", "А, Б"),
        ("2025-12-31", "2025-02-01", "look.last_on", "before the look"),
        ("2025-03-01", "2024-04-01", "look.on", "nothing has changed"),
        ("2025-03-01", "2025-03-01T00:00:00Z", "look.on", "2025-03-01 00:00:00+00:00, which cannot be used"),
        ("2025-03-01", "{ a = [true, 'б'] }", "look.on", '{a = [true, "б"]}, which cannot be used'),
        ("[[change.waves]]", "[change.waves]", "change.waves", "cannot be used"),
        (
            "[look]",
            '[declarations]\ncomplaint_value = "да"\n[look]',
            "declarations.complaint_attribute",
            "says nothing",
        ),
        ("[look]", f"{TWICE}[look]", "quality", "given twice"),
        ("[look]", f"{TWICE.replace('0.1', '1.0')}[look]", "quality[1].margin_share", "share above 0"),
        ("[look]", '[failures]\ntext = "x"\n[look]', "failures", "no key"),
        ('name = "Опыт"', 'name = "Опыт"\nreplicates = "abc"', "replicates", "cannot be used"),
    ],
)
def test_an_error_names_the_place(tmp_path: Path, old: str, new: str, place: str, message: str) -> None:
    with pytest.raises(BrokenProtocolError) as caught:
        read(tmp_path, SMALL.replace(old, new, 1))
    assert caught.value.where == f"{tmp_path / 'p.toml'}: {place}"
    assert message in caught.value.message + (caught.value.remedy or "")
    assert caught.value.remedy


def test_agencies_are_given_once_and_at_all(tmp_path: Path) -> None:
    twice = '[[change.waves]]\nagency = "А"\non = 2024-05-01\n\n[estimand]'
    with pytest.raises(BrokenProtocolError, match="А stands in two waves"):
        read(tmp_path, SMALL.replace("[estimand]", twice))
    with pytest.raises(BrokenProtocolError, match="No agency"):
        read(tmp_path, SMALL.replace('[[change.waves]]\nagency = "А"\non = 2024-04-01\n', ""))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"name = ", b"", b"#" * (MAXIMUM_BYTES + 1)])
def test_what_is_no_protocol_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.toml"
    path.write_bytes(content)
    with pytest.raises(BrokenProtocolError) as caught:
        read_protocol(path)
    assert str(path) in str(caught.value.where)
    with pytest.raises(BrokenProtocolError, match="cannot be read"):
        read_protocol(tmp_path)


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        (replace(FULL, estimand=replace(FULL.estimand, minimum_improvement=-0.1)), "estimand.minimum_improvement"),
        (
            replace(FULL, estimand=replace(FULL.estimand, minimum_improvement=nan)),
            "estimand.minimum_improvement",
        ),
        (replace(FULL, quality=(replace(FULL.quality[0], margin_share=nan),)), "quality[0].margin_share"),
    ],
)
def test_numbers_that_no_file_could_hold_are_contradictions(changed: Protocol, key: str) -> None:
    assert [one.key for one in iterate_contradictions(changed)] == [key]
