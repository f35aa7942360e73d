"""`potok map`: pictures, models, what is said of them, and what is refused."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from cli.running import Outcome, run
from cli.tiny_log import write_tiny_log
from potok.core.errors import EXIT_BAD_DATA, EXIT_USAGE
from potok.discover import process_models
from potok.report.bpmn.map_detail import choose_map_detail
from report.made_up_graphs import make_graph

READING = ("--zone", "Europe/Kaliningrad", "--closed-by-activity", "Hand over", "--plain-ids")
SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "potok.model.schema.json"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny log, imported once; tests only read it."""
    folder = tmp_path_factory.mktemp("stored")
    outcome = run("import", write_tiny_log(folder / "log.csv"), "--into", folder / "store", *READING)
    assert outcome.code == 0, outcome.err
    return folder / "store"


def draw(store: Path, output: Path, *options: object) -> Outcome:
    return run("map", store, "-o", output, *options)


def test_a_picture_of_the_map_is_svg_or_png(store: Path, tmp_path: Path):
    outcome = draw(store, tmp_path / "map.svg")
    assert (outcome.code, outcome.out, outcome.err) == (0, f"{tmp_path / 'map.svg'}\n", "")
    text = (tmp_path / "map.svg").read_text(encoding="utf-8")
    assert "Check papers" in text
    assert "process-map" in text
    assert draw(store, tmp_path / "map.PNG").code == 0
    assert (tmp_path / "map.PNG").read_bytes()[:4] == b"\x89PNG"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "cache") == ["map.PNG", "map.svg"]


def test_a_filter_leaves_only_its_cases_on_the_map(store: Path, tmp_path: Path):
    outcome = draw(store, tmp_path / "map.svg", "--filter", 'not activity="Ask for papers"')
    assert (outcome.code, outcome.err) == (0, "")
    text = (tmp_path / "map.svg").read_text(encoding="utf-8")
    assert "Check papers" in text
    assert "Ask for papers" not in text
    nothing = draw(store, tmp_path / "none.svg", "--filter", "duration>900d")
    assert (nothing.code, nothing.out, (tmp_path / "none.svg").exists()) == (EXIT_USAGE, "", False)


def test_a_model_comes_with_its_fitness_and_precision(store: Path, tmp_path: Path):
    outcome = draw(store, tmp_path / "model.bpmn", "--noise", 0)
    assert outcome.code == 0, outcome.err
    name, fitness, precision, origin = outcome.out.splitlines()
    assert name == str(tmp_path / "model.bpmn")
    assert fitness == "Fitness: 100%; 100% of the cases are runs of the model from beginning to end."
    assert re.fullmatch(r"Precision: \d+(\.\d)?%, over the 100% of all events .*", precision)
    assert origin == "Discovered from 5 of 5 activities, cases: 8; noise threshold 0%."
    process = ElementTree.parse(tmp_path / "model.bpmn").find(f"{BPMN}process")  # noqa: S314 - ours
    assert process.get("name") == "model"
    assert len(process.findall(f"{BPMN}task")) == 5
    assert process.findtext(f"{BPMN}documentation").splitlines() == [fitness, precision, origin]


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_a_picture_of_the_model(store: Path, tmp_path: Path, suffix: str):
    outcome = draw(store, tmp_path / f"model.{suffix}", "--model")
    assert outcome.code == 0, outcome.err
    assert outcome.out.splitlines()[1].startswith("Fitness: ")
    if suffix == "svg":
        assert "process-model" in (tmp_path / "model.svg").read_text(encoding="utf-8")


def test_a_model_as_json_is_what_json_output_says(store: Path, tmp_path: Path):
    outcome = draw(store, tmp_path / "model.json", "--json", "--noise", "0")
    written = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert outcome.record == {**written, "file": str(tmp_path / "model.json")}
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    for record in (written, outcome.record):
        Draft202012Validator(schema).validate(record)
    assert written["quality"]["fitness"] == 1
    assert written["tree"]["operator"] == "sequence"
    assert [node["kind"] for node in written["bpmn"]["nodes"]].count("task") == 5
    assert draw(store, tmp_path / "map.svg", "--json").record["schema"] == "potok.map/1"


def test_a_very_large_log_is_said_to_be(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(process_models, "MOST_POSITIONS", 10)
    outcome = draw(store, tmp_path / "model.bpmn")
    assert outcome.out.splitlines()[-1].startswith("The log is very large: discovered from its directly-follows graph")


def test_fewer_activities_make_a_smaller_model(store: Path, tmp_path: Path):
    outcome = draw(store, tmp_path / "model.json", "--json", "--activities", 0.5)
    assert (outcome.record["activities"], outcome.record["all_activities"]) == (2, 5)
    names = {node["name"] for node in outcome.record["bpmn"]["nodes"]} - {""}
    assert names == {"Check papers", "Register"}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["-o", "x.pdf"], "R011", "does not say what to write"),
        (["-o", "x"], "R011", "does not say what to write"),
        ([], "K005", "--output is missing"),
        (["-o", "x.bpmn", "--noise", "2"], "K007", "from 0 to 1"),
        (["-o", "x.bpmn", "--activities", "0"], "D004", "cannot be 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(store: Path, arguments: list[str], code: str, says: str):
    outcome = run("map", store, *arguments)
    assert (outcome.code, outcome.out) == (EXIT_USAGE, "")
    assert f"POTOK-{code}" in outcome.err
    assert says in outcome.err


def test_a_folder_that_does_not_exist_is_no_place_to_write(store: Path, tmp_path: Path):
    for name in ("model.bpmn", "map.png", "map.svg"):
        outcome = draw(store, tmp_path / "nowhere" / name)
        assert outcome.code != 0
        assert "nowhere" in outcome.err
    assert draw(tmp_path / "none", tmp_path / "x.bpmn", "--plain-ids").code == EXIT_BAD_DATA


def test_shares_given_by_hand_are_meant():
    graph = make_graph(40)
    whole = choose_map_detail(graph, activity_share=1.0, passage_share=1.0)
    assert len(whole.activities) == len(graph.nodes)
    assert len(whole.edges) == len(graph.edges)
    few = choose_map_detail(graph, activity_share=0.3, passage_share=0.0)
    assert 0.3 <= few.activity_share < 0.4
    assert len(few.edges) < len(few.activities) * 2
    overview = choose_map_detail(graph, activity_share=None, passage_share=None)
    assert len(few.activities) < len(overview.activities) < len(whole.activities)
