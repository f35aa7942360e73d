"""Models as documents: what is written is read back, and what is misspelt is named."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.errors import EnvironmentFailureError
from potok.simulate.model import (
    BrokenModelError,
    HistoryRouting,
    Person,
    load_model,
    model_as_mapping,
    model_from_mapping,
    write_model,
)
from potok.simulate.model.toml_writing import write_toml
from support.process_models import graph_model, process_models, small_model

SHORT = """
name = "Справки"
zone = "Europe/Moscow"

[arrivals]
kind = "poisson"
start_at = 2026-01-12T09:00:00+03:00
per_day = 12
spread_over = "часы"

[routing]
kind = "graph"
nodes = [
    { name = "начало", kind = "start" },
    { name = "Приём" },
    { name = "конец", kind = "end" },
]
flows = [{ from = "начало", to = "Приём" }, { from = "Приём", to = "конец" }]

[[activities]]
name = "Приём"
duration = { kind = "lognormal", mean_seconds = 900, sd_seconds = 600 }

[[pools]]
name = "Окно"
does = ["Приём"]
calendar = "часы"
count = 3

[calendars."часы"]
first_year = 2026
last_year = 2027
days_off = [2026-02-23]
weekly = { monday = ["09:00-13:00"], tuesday = ["09:30-10:00"] }
"""


def short(**changes):
    return model_from_mapping(tomllib.loads(SHORT) | changes)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(process_models())
def test_what_is_written_is_read_back_bit_by_bit(model) -> None:
    content = model_as_mapping(model)
    assert model_from_mapping(content) == model
    assert model_from_mapping(tomllib.loads(write_toml(content))) == model
    assert model_from_mapping(json.loads(json.dumps(content))) == model


VALUES = st.recursive(
    st.text() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_any_document_is_written_as_toml(content) -> None:
    assert tomllib.loads(write_toml(content)) == content


def test_long_lists_are_broken_into_lines() -> None:
    content = {"quantiles_seconds": [number / 7 for number in range(50)]}
    written = write_toml(content)
    assert tomllib.loads(written) == content
    assert 5 < len(written.splitlines()) < 50
    assert max(map(len, written.splitlines())) < 120


@pytest.mark.parametrize("suffix", [".toml", ".json"])
def test_files_hold_models(tmp_path: Path, suffix: str) -> None:
    for model in (small_model(), graph_model()):
        assert load_model(write_model(model, tmp_path / f"model{suffix}")) == model


def test_a_written_document_is_short() -> None:
    lines = write_toml(model_as_mapping(graph_model())).splitlines()
    assert '    { from = "good?", to = "again", share = 0.25 },' in lines
    assert any("count = 2" in line for line in lines)
    assert max(map(len, lines)) < 120


def test_shorthands() -> None:
    model = short()
    assert [person.name for person in model.pools[0].people] == ["Окно 1", "Окно 2", "Окно 3"]
    assert [one.share for one in model.case_types] == [1.0]
    shares = model.arrivals.hour_of_week_shares
    open_hours = {9: 60, 10: 60, 11: 60, 12: 60, 24 + 9: 30}
    assert shares == pytest.approx([open_hours.get(hour, 0) / 270 for hour in range(168)])
    assert not model.calendars["часы"].is_working_day(model.arrivals.start_at.date().replace(month=2, day=23))


def test_people_with_a_count_of_their_own() -> None:
    people = [{"name": "Окно", "count": 2, "cost_per_hour": 500}, {"name": "Иванова", "at_once": 2}]
    pool = {"name": "Зал", "does": ["Приём"], "people": people}
    model = short(pools=[pool])
    assert model.pools[0].people == (
        Person("Окно 1", cost_per_hour=500.0),
        Person("Окно 2", cost_per_hour=500.0),
        Person("Иванова", at_once=2),
    )
    assert [len(entry) for entry in model_as_mapping(model)["pools"][0]["people"]] == [3, 2]


def test_calendars_by_name() -> None:
    assert short(calendars={"часы": "ru"}).calendars["часы"].name == "ru"


def test_rounded_shares_are_made_to_sum_to_one() -> None:
    types = [{"name": name, "share": 0.3333333} for name in "abc"]
    assert sum(one.share for one in short(case_types=types).case_types) == pytest.approx(1.0, abs=1e-15)
    with pytest.raises(BrokenModelError, match=r"shares sum to 0\.9, not to 1"):
        short(case_types=[types[0] | {"share": 0.3}, types[1] | {"share": 0.6}])


def test_a_history_may_say_how_many_cases_end() -> None:
    contexts = [{"following": {"Приём": 0.25}, "ends": 0.75}]
    routing = short(routing={"kind": "history", "contexts": contexts}).routing
    assert isinstance(routing, HistoryRouting)
    assert routing.contexts[0].following == (("Приём", 0.25), ("", 0.75))


def test_an_ending_in_the_middle_keeps_its_place() -> None:
    model = small_model()
    assert isinstance(model.routing, HistoryRouting)
    first = replace(model.routing.contexts[1], following=(("", 0.5), ("intake", 0.5)))
    routing = replace(model.routing, contexts=(model.routing.contexts[0], first, *model.routing.contexts[2:]))
    changed = replace(model, routing=routing)
    assert model_from_mapping(model_as_mapping(changed)).routing == routing


MISTAKES = {
    "pools[1].dose": ({"pools": [{"name": "Окно", "dose": ["Приём"]}]}, "There is no key “dose” here"),
    "activities[1].duration": ({"activities": [{"name": "Приём"}]}, "“duration” is missing"),
    "activities[1].duration.kind": (
        {"activities": [{"name": "Приём", "duration": {"kind": "lognorm"}}]},
        'holds "lognorm"',
    ),
    "activities[1].duration.sd_seconds": (
        {"activities": [{"name": "Приём", "duration": {"kind": "gamma", "mean_seconds": 5, "sd_seconds": -1}}]},
        "holds -1",
    ),
    "activities[1].duration.quantiles_seconds": (
        {"activities": [{"name": "Приём", "duration": {"kind": "empirical", "quantiles_seconds": [1, "2"]}}]},
        "cannot be used",
    ),
    "activities[1].batching.fires_at": (
        {
            "activities": [
                {"name": "Приём", "duration": {"kind": "fixed", "mean_seconds": 1}, "batching": {"fires_at": "пятница"}}
            ]
        },
        'holds "пятница"',
    ),
    "activities[1].batching.size_factors": (
        {
            "activities": [
                {"name": "Приём", "duration": {"kind": "fixed", "mean_seconds": 1}, "batching": {"size_factors": [[1]]}}
            ]
        },
        "cannot be used",
    ),
    "arrivals.start_at": ({"arrivals": {"kind": "poisson", "start_at": "2026-01-12T09:00:00"}}, "cannot be used"),
    "arrivals.growth_per_year": (
        {"arrivals": {"kind": "poisson", "start_at": "2026-01-12T09:00:00Z", "growth_per_year": float("nan")}},
        "holds nan",
    ),
    "arrivals.spread_over": (
        {"arrivals": {"kind": "poisson", "start_at": "2026-01-12T09:00:00Z", "spread_over": "час"}},
        'holds "час"',
    ),
    "arrivals.day_factors.Friday": (
        {"arrivals": {"kind": "poisson", "start_at": "2026-01-12T09:00:00Z", "day_factors": {"Friday": 1}}},
        'holds "Friday"',
    ),
    "routing.concurrent": ({"routing": {"kind": "history", "concurrent": [["Приём"]]}}, "cannot be used"),
    "routing.contexts[1].history": (
        {"routing": {"kind": "history", "contexts": [{"history": [1]}]}},
        "cannot be used",
    ),
    "calendars.часы: weekly.monday": (
        {"calendars": {"часы": {"first_year": 2026, "last_year": 2026, "weekly": {"monday": "9-18"}}}},
        'holds "9-18"',
    ),
    "calendars.часы: нет": ({"calendars": {"часы": "нет"}}, "no calendar “нет”"),
    "term.unit": ({"term": {"unit": "weeks", "amount": 2}}, 'holds "weeks"'),
    "schema": ({"schema": "potok.process_model/2"}, 'holds "potok.process_model/2"'),
}


@pytest.mark.parametrize("place", MISTAKES)
def test_a_mistake_is_named_with_its_place(place: str) -> None:
    changes, message = MISTAKES[place]
    with pytest.raises(BrokenModelError, match=message) as caught:
        short(**changes)
    assert caught.value.where == f"model: {place}"
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("model.json", b"[]", "it holds no object"),
        ("model.json", b'{"name": NaN}', "NaN is no number"),
        ("model.json", b"\xff", "cannot be read"),
        ("model.toml", b"name = ", "cannot be read"),
    ],
)
def test_what_is_no_document(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BrokenModelError, match=message):
        load_model(tmp_path / name)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(BrokenModelError, match="cannot be read"):
        load_model(tmp_path / "none.json")
    with pytest.raises(EnvironmentFailureError, match="cannot be written"):
        write_model(small_model(), tmp_path / "none" / "model.toml")
