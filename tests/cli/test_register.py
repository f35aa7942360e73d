"""``potok register``: the example with its known truth, the template, links to logs, and what it refuses."""

import json
from pathlib import Path

import jsonschema
import pytest
from python_calamine import CalamineWorkbook

from cli.running import is_cyrillic, run
from potok.demo.register.accuracy import Accuracy, planted_kinds
from support.registers import write_effect

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "register.xlsx"
SCHEMA = json.loads((ROOT / "docs" / "reference" / "potok.register.schema.json").read_text(encoding="utf-8"))
# The aim for recall, 0.8, is missed here: half of the twins are worded in ways that were held out from tuning.
STATED_PRECISION, STATED_RECALL = 0.9, 0.7
LOG = "case,activity,time\n" + "".join(
    f"k{n},{step},2024-0{n}-01 0{h}:00\n" for n in (1, 2, 3) for h, step in ((8, "A"), (9, "B"))
)


@pytest.fixture(scope="module")
def example() -> dict[str, object]:
    outcome = run("register", EXAMPLE, "--json")
    assert outcome.code == 0, outcome.err
    return outcome.record


@pytest.fixture(scope="module")
def truth() -> dict[str, object]:
    return json.loads((ROOT / "examples" / "register-truth.json").read_text(encoding="utf-8"))


def small(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "register.csv"
    path.write_text(text, encoding="utf-8")
    return path


def accuracy(found: set[object], planted: set[object]) -> Accuracy:
    return Accuracy(len(found & planted), len(found - planted), len(planted - found))


def test_the_example_is_json_by_its_schema(example):
    jsonschema.validate(example, SCHEMA)
    assert [one["rank"] for one in example["proposals"]] == list(range(1, len(example["proposals"]) + 1))
    assert len({one["id"] for one in example["proposals"]}) == len(example["proposals"])


def test_the_list_of_the_example_is_its_truth(example, truth):
    planted = planted_kinds(truth)
    pairs = accuracy({frozenset((p["first"], p["second"])) for p in example["similar_pairs"]}, planted["similar"])
    assert pairs.precision >= STATED_PRECISION
    assert pairs.recall >= STATED_RECALL
    nobody = {(one["code"],) for one in example["serves_nobody"] if one["receiver"] == "nobody"}
    assert nobody == planted["serves_nobody"]
    assert {tuple(chain["processes"]) for chain in example["report_chains"]} == planted["report_chains"]
    assert {(code,) for code in example["without_owner"]} == planted["no_owner"]
    assert {(code,) for code in example["without_act"]} == planted["no_act"]
    assert {frozenset(cycle) for cycle in example["hierarchy_cycles"]} == planted["cycles"]


def test_the_share_of_the_example_is_its_truth(example, truth):
    share = example["share"]
    found = share["to_examine"]["processes"] + share["bound_by_law"]["processes"]
    true = truth["removed_processes"] + truth["merged_processes"]
    assert share["processes"] == truth["processes"]
    assert 0.8 * true <= found <= true / 0.9
    assert share["headline"]["processes"] == 0
    removed = next(row for row in share["rows"] if (row["action"], row["evidence_class"]) == ("remove", "A"))
    assert removed["free"]["processes"] + removed["bound_by_law"]["processes"] == truth["removed_processes"]


def test_no_process_goes_twice_and_none_that_goes_is_kept(example):
    gone = [code for one in example["proposals"] if one["action"] != "automate" for code in one["free"]]
    gone += [b["code"] for one in example["proposals"] if one["action"] != "automate" for b in one["bound_by_law"]]
    assert len(gone) == len(set(gone))
    assert not set(gone) & {one["keep"] for one in example["proposals"]}
    own = {code for one in example["proposals"] for code in one["free"]}
    assert own <= {one["code"] for p in example["proposals"] for one in p["processes"]}


def test_what_law_binds_is_what_no_own_order_governs(example, truth):
    free = {code for one in example["proposals"] for code in one["free"]} - set(truth["no_act"])
    assert free <= set(truth["by_own_order"])
    bound = {one["code"] for p in example["proposals"] for one in p["bound_by_law"]}
    assert not bound & set(truth["by_own_order"])


def test_text_tells_the_minister_first_what_may_be_said():
    lines = run("register", EXAMPLE).out.splitlines()
    assert lines[0] == "The register has 150 processes."
    assert not any(line.startswith("Whether the law binds") for line in lines)
    assert lines[1] == "Shown by verified pilots, may be announced: 0 processes."
    text = "\n".join(lines)
    assert "not a target" in text
    for forbidden in ("useless", "unnecessary", "safe", "without loss"):
        assert forbidden not in text


def test_every_table_is_a_sheet_with_an_explained_heading(tmp_path: Path):
    outcome = run("register", EXAMPLE, "--xlsx", tmp_path / "out.xlsx", "-o", tmp_path / "tables.txt")
    assert outcome.code == 0, outcome.err
    book = CalamineWorkbook.from_path(tmp_path / "out.xlsx")
    assert len(book.sheet_names) == 8
    assert all(len(book.get_sheet_by_name(name).to_python()) > 1 for name in book.sheet_names)
    assert (tmp_path / "tables.txt").read_text(encoding="utf-8").count("\n\n") >= 8


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_template_is_read_back_with_every_field(tmp_path: Path, language: str):
    path = tmp_path / "template.xlsx"
    assert run("--lang", language, "register", "--template", path).code == 0
    book = CalamineWorkbook.from_path(path)
    heads = book.get_sheet_by_index(0).to_python()[0]
    (tmp_path / "filled.csv").write_text("\n".join((";".join(heads), "1;Выдача справок")), encoding="utf-8")
    record = run("register", tmp_path / "filled.csv", "--json").record
    assert len(record["register"]["fields"]) == len(heads)
    assert record["issues"] == []
    if language == "ru" and is_cyrillic(heads[1]):  # once the catalogue has these headings
        assert all(is_cyrillic(head) for head in heads)


def test_the_shipped_template_has_every_field(tmp_path: Path):
    heads = (
        CalamineWorkbook.from_path(ROOT / "examples" / "register-template.xlsx").get_sheet_by_index(0).to_python()[0]
    )
    (tmp_path / "filled.csv").write_text("\n".join((";".join(heads), "1;Выдача справок")), encoding="utf-8")
    assert len(run("register", tmp_path / "filled.csv", "--json").record["register"]["fields"]) == len(heads) == 23


def test_a_linked_log_measures_the_hours(tmp_path: Path):
    (tmp_path / "log.csv").write_text(LOG, encoding="utf-8")
    text = "Код;Процесс;От кого;Журнал событий\n1;Выдача справок;гражданин;log.csv\n2;Приём;гражданин;missing.csv\n"
    path = small(tmp_path, text)
    outcome = run("register", path, "--json", "--plain-ids")
    (log,) = outcome.record["logs"]
    assert (log["code"], log["cases"]) == ("1", 3)
    assert outcome.record["share"]["applicant_hours_known_processes"] == 1
    assert "missing.csv" in outcome.err
    assert any("restricted means" in note for note in outcome.record["notes"])
    linked = run("register", path, "--json", "--plain-ids", "--link", f"Приём={tmp_path / 'log.csv'}").record
    assert [one["code"] for one in linked["logs"]] == ["1", "2"]


def test_a_verified_pilot_is_a_headline(tmp_path: Path):
    path = small(tmp_path, "Код;Процесс;Кому\n1;Обзор газет;нет\n2;Приём;гражданин\n")
    pilots = tmp_path / "pilots.toml"
    sha256 = write_effect(tmp_path / "verification.json")
    entry = f'process = "1"\ndocument = "verification.json"\nsha256 = "{sha256}"\nverdict = "verified"'
    pilots.write_text(f'schema = "potok.pilots/1"\n[[pilots]]\n{entry}\n', encoding="utf-8")
    assert "Whether the law binds 1 of them is not known" in run("register", path).out
    share = run("register", path, "--pilots", pilots, "--json").record["share"]
    assert (share["headline"]["processes"], share["headline"]["process_share"]) == (1, 0.5)
    assert share["to_examine"]["processes"] == 0
    (tmp_path / "verification.json").unlink()
    refused = run("register", path, "--pilots", pilots, "--json")
    assert (refused.code, refused.record["error"]["code"]) == (2, "POTOK-D054")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Код;Процесс\n1;Выдача справок\n", ""),
        ("Код;Кому\n1;гражданин\n", "POTOK-D050"),
        ("Код;Процесс\n;\n", "POTOK-D051"),
    ],
)
def test_poor_registers_get_a_small_answer_or_a_plain_sentence(tmp_path: Path, text: str, message: str):
    outcome = run("register", small(tmp_path, text), "--json")
    record = outcome.record
    if message:
        assert (outcome.code, record["error"]["code"]) == (3, message)
        assert record["error"]["remedy"]
    else:
        assert (outcome.code, record["proposals"], record["share"]["to_examine"]["processes"]) == (0, [], 0)
        assert record["share"]["to_examine"]["applicant"]["share"] is None
        assert run("register", small(tmp_path, text)).code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "POTOK-K048"),
        ([EXAMPLE, "--link", "nonsense"], "POTOK-K049"),
        ([EXAMPLE, "--link", "Полёт на Марс=log.csv"], "POTOK-D053"),
        ([EXAMPLE, "--sheet", "Марс"], "POTOK-L044"),
        ([EXAMPLE, "--pilots", "missing.toml"], "POTOK-D054"),
        (["missing.xlsx"], "POTOK-D052"),
    ],
)
def test_what_cannot_be_is_refused_in_words(arguments: list[object], code: str):
    outcome = run("register", *arguments, "--json")
    assert outcome.code in (2, 3)
    assert (outcome.record["error"]["code"], bool(outcome.record["error"]["remedy"])) == (code, True)
