"""What ``potok map --json`` says of a picture keeps to its documented schema, and that refuses what it should."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from cli.running import run
from cli.tiny_log import write_tiny_log

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "potok.map.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_the_record_of_a_picture_keeps_to_the_schema(tmp_path: Path):
    log = write_tiny_log(tmp_path / "log.csv")
    outcome = run("map", log, "-o", tmp_path / "map.svg", "--json", "--plain-ids", "--zone", "Europe/Kaliningrad")
    assert outcome.code == 0, outcome.err
    VALIDATOR.check_schema(VALIDATOR.schema)
    VALIDATOR.validate(outcome.record)
    assert Path(outcome.record["file"]).read_text(encoding="utf-8").startswith("<")


@pytest.mark.parametrize("change", [{"schema": "potok.map/2"}, {"file": "map.bpmn"}, {"file": ""}, {"extra": 1}])
def test_the_schema_refuses_what_it_should(change: dict[str, object]):
    with pytest.raises(ValidationError):
        VALIDATOR.validate({"schema": "potok.map/1", "file": "map.svg"} | change)
