"""The models of the documentation and the examples, and the JSON Schema that describes all models."""

import json
import re
import tomllib
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from potok.simulate.model import load_model, model_as_mapping, model_from_mapping
from support.process_models import process_models

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "simulation" / "model.md").read_text(encoding="utf-8")
SCHEMA = json.loads((ROOT / "docs" / "reference" / "potok.process_model.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
EXAMPLES = sorted((ROOT / "examples" / "models").glob("*.toml"))


def as_json(text: str):
    """Return a TOML document as its JSON would be: dates and instants as texts."""

    def written(value: object) -> str:
        assert isinstance(value, date | datetime)
        return value.isoformat()

    return json.loads(json.dumps(tomllib.loads(text), default=written))


def documented() -> str:
    return next(re.finditer(r"```toml\n(.*?)```", PAGE, re.DOTALL))[1]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_documented_model_is_a_model() -> None:
    model = model_from_mapping(tomllib.loads(documented()))
    assert [len(pool.people) for pool in model.pools] == [2, 3]
    VALIDATOR.validate(as_json(documented()))
    assert model_from_mapping(as_json(documented())) == model
    assert model_from_mapping(model_as_mapping(model)) == model


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_models(path: Path) -> None:
    model = load_model(path)
    VALIDATOR.validate(as_json(path.read_text(encoding="utf-8")))
    VALIDATOR.validate(model_as_mapping(model))
    assert model_from_mapping(model_as_mapping(model)) == model


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(process_models())
def test_whatever_is_written_is_valid(model) -> None:
    VALIDATOR.validate(model_as_mapping(model))


def test_every_key_is_documented() -> None:
    """Every key that the schema knows stands in the page as code."""
    keys: set[str] = set()
    waiting = [SCHEMA]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            keys |= set(part.get("properties", {}))
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    # Those of terms and calendars have pages of their own.
    elsewhere = set(SCHEMA["$defs"]["term"]["properties"]) | set(SCHEMA["$defs"]["calendar"]["properties"])
    elsewhere |= set(SCHEMA["$defs"]["calendar"]["properties"]["weekly"]["properties"])
    prose = PAGE.replace(documented(), "")
    assert sorted(key for key in keys - elsewhere if not re.search(rf"`{key}[` ]", prose)) == []
