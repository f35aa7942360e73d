"""The audit as JSON keeps to its documented schema."""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from potok.report.audit_json import LISTED_VARIANTS, audit_as_json
from report.made_up_audits import make_audit

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "reference" / "potok.audit.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(VALIDATOR.schema)


def test_an_audit_keeps_to_the_schema():
    record = audit_as_json(make_audit())
    VALIDATOR.validate(json.loads(json.dumps(record)))
    assert list(record) == ["schema", "log", "quality", "measures", "value_stream", "findings", "further_findings"]


def test_what_is_promised_is_there():
    record = audit_as_json(make_audit())
    log = record["log"]
    assert (log["cases"], log["events"], log["open_cases"], log["rejected_rows"]) == (2000, 23_456, 100, 31)
    assert log["first_at"] == "2024-01-01T08:00:00+03:00"
    assert record["measures"]["lead_time"]["total_seconds"] == 2000 * 20 * 86400
    assert record["measures"]["directly_follows_graph"]["enablement"] == "previous"
    assert record["findings"][0]["where"].keys() == {"activity", "next_activity"}
    assert record["findings"][0]["examples"][0] == {
        "case_id": "case-0a1b",
        "seconds": 61 * 86400,
        "source_rows": [17, 42],
    }


def test_staff_time_is_absent_where_the_log_cannot_tell():
    findings = audit_as_json(make_audit())["findings"]
    assert ["staff_seconds" in finding for finding in findings] == [False, True, False]


@pytest.mark.usefixtures("russian")
def test_enumerations_are_english_whatever_the_language():
    findings = audit_as_json(make_audit())["findings"]
    assert [(finding["kind"], finding["waste"]) for finding in findings] == [
        ("long_wait", "waiting"),
        ("rework", "defects"),
        ("hand_over", "transport"),
    ]


def test_many_variants_are_counted_but_not_all_listed():
    audit = make_audit()
    many = make_audit(variants=audit.variants * 50)
    assert len(audit_as_json(many)["measures"]["variants"]["listed"]) == LISTED_VARIANTS


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "potok.audit/2"),
        (("log", "first_at"), "2024-01-01 08:00"),
        (("log", "cases"), -1),
        (("findings", 0, "kind"), "долгое ожидание"),
        (("findings", 0, "applicant_seconds"), -1),
        (("findings", 0, "lead_time_share"), 1.2),
        (("measures", "lead_time", "total_seconds"), None),
        (("extra",), 1),
    ],
)
def test_the_schema_refuses_what_it_should(path: tuple, value: object):
    record = json.loads(json.dumps(audit_as_json(make_audit())))
    place = record
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ValidationError):
        VALIDATOR.validate(record)


@pytest.mark.parametrize(
    "path",
    [
        *(("log", key) for key in ("cases", "events", "activity_instances", "activities", "variants", "open_cases")),
        *(("log", key) for key in ("first_at", "last_at", "rejected_rows")),
        ("measures", "lead_time"),
        *(("findings", 0, key) for key in ("id", "kind", "waste", "where", "cases", "applicant_seconds")),
    ],
)
def test_nothing_promised_may_be_missing(path: tuple):
    record = copy.deepcopy(json.loads(json.dumps(audit_as_json(make_audit()))))
    place = record
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    with pytest.raises(ValidationError):
        VALIDATOR.validate(record)
