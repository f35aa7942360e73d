"""`potok conform` on a small log: what it says, which cases it lists, and what it refuses."""

import json
from pathlib import Path

import jsonschema
import pytest
from python_calamine import CalamineWorkbook

from cli.running import run

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "reference" / "potok.conform.schema.json").read_text(encoding="utf-8")
)

# k1 keeps everything, k2 decides before it checks, k3 asks for papers twice and is never checked.
STEPS = {
    "k1": (("Register", 1), ("Check", 2), ("Decide", 5)),
    "k2": (("Register", 1), ("Decide", 3), ("Check", 6)),
    "k3": (("Register", 1), ("Ask", 2), ("Papers", 4), ("Ask", 10), ("Papers", 13), ("Decide", 15)),
}
PAPERS = {("k3", 2): "plan", ("k3", 10): "extract"}
ROWS = "case,activity,time,department,paper\n" + "".join(
    f"{case},{activity},2024-03-{day:02} 09:00,{'Head' if case != 'k1' else 'Front'},{PAPERS.get((case, day), '')}\n"
    for case, steps in STEPS.items()
    for activity, day in steps
)
REGULATION = """
service = "Permit"
act = "Act 1"
[[terms]]
name = "all"
amount = 30
unit = "calendar_days"
[[order_rules]]
before = "Check"
after = "Decide"
article = "4"
[[mandatory_steps]]
activity = "Check"
article = "5"
[[limits]]
activity = "Papers"
at_most = 0
article = "6"
[[document_requests]]
activities = ["Ask"]
replies = ["Papers"]
article = "7"
[[held_papers]]
document = "Extract"
holder = "Registry"
activities = ["Ask"]
replies = ["Papers"]
attribute = "paper"
values = ["extract"]
article = "8"
[[decision_makers]]
activity = "Decide"
org_units = ["Head"]
article = "9"
"""
RULES = """
schema = "potok.rules/1"
[[rules]]
template = "response"
activities = ["Register"]
targets = ["Check"]
within_days = 2
article = "house rule"
[[rules]]
template = "absence"
activities = "Ask"
times = 2
[[rules.conditions]]
of = "activity"
attribute = "paper"
operator = "one_of"
values = ["extract"]
"""
DAY = 86_400


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    file = tmp_path_factory.mktemp("log") / "log.csv"
    file.write_text(ROWS, encoding="utf-8")
    return (file, "--plain-ids", "--zone", "UTC", "--org-unit", "department", "--closed-by-activity", "Decide",
            "--closed-by-activity", "Check")  # fmt: skip


def write(tmp_path, name, text):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def conform(log, *options):
    outcome = run("conform", *log, *options, "--json")
    assert outcome.code == 0, outcome.err
    record = json.loads(outcome.out)
    jsonschema.validate(record, SCHEMA)
    return record


def test_a_regulation_is_checked_rule_by_rule(log, tmp_path):
    record = conform(log, "--regulation", write(tmp_path, "r.toml", REGULATION))
    found = {check["kind"]: check["counts"] for check in record["checks"]}
    seen = {
        kind: (counts["activated_cases"], counts["violated_cases"], counts["violations"], counts["concerned_seconds"])
        for kind, counts in found.items()
    }
    assert seen == {
        # k2: from the decision to the check three days later.
        "order": (2, 1, 1, 3 * DAY),
        "mandatory_step": (3, 1, 1, None),
        # k3: two and three days from the request to the papers.
        "forbidden_step": (1, 1, 2, 5 * DAY),
        "document_request": (1, 1, 1, 3 * DAY),
        "held_paper": (1, 1, 1, 3 * DAY),
        "decision_maker": (3, 1, 1, None),
    }
    kinds = [finding["kind"] for finding in record["findings"]]
    assert sorted(kinds) == ["deviation"] * 4 + ["repeated_request"] * 2
    assert all(finding["applicant_seconds"] == 0 for finding in record["findings"])
    assert record["model"] is record["discovered_rules"] is record["decisions"] is None


def test_declarative_rules_take_time_and_data_into_account(log, tmp_path):
    record = conform(log, "--rules", write(tmp_path, "rules.toml", RULES))
    first, second = (check["counts"] for check in record["checks"])
    # k1 is checked after a day, k2 after five, k3 never.
    assert (first["activated_cases"], first["violated_cases"], first["concerned_seconds"]) == (3, 2, 3 * DAY)
    assert (second["activated_cases"], second["violated_cases"]) == (3, 0)


def test_cases_of_a_check_are_listed(log, tmp_path):
    options = ("--regulation", write(tmp_path, "r.toml", REGULATION))
    for check in conform(log, *options)["checks"]:
        listed = json.loads(run("conform", *log, *options, "--cases", check["check"], "--json").out)["cases"]
        assert len(listed) == check["counts"]["violated_cases"]
        assert [case["case"] for case in listed] == check["example_cases"]
        if check["counts"]["concerned_seconds"]:
            assert sum(case["seconds"] for case in listed) == check["counts"]["concerned_seconds"]


def test_a_finding_leads_to_its_cases_by_the_rule_it_names(log, tmp_path):
    options = ("--regulation", write(tmp_path, "r.toml", REGULATION))
    findings = conform(log, *options)["findings"]
    for finding in findings:
        listed = json.loads(run("conform", *log, *options, "--cases", finding["where"]["rule"], "--json").out)["cases"]
        assert len(listed) == finding["cases"]
    asked = (*options, "--calendar", "around-the-clock", "--finding", findings[0]["id"])
    behind = json.loads(run("cases", *log, *asked, "--json").out)["cases"]
    assert len(behind) == findings[0]["cases"]


def test_without_a_question_cases_are_laid_against_our_own_model(log):
    record = conform(log, "--noise", "0")
    assert record["model"]["fitting_cases"] == record["model"]["cases"] == 3
    assert record["model"]["reasons"] == ["model_discovered"]
    assert record["findings"] == []


def test_a_given_model_yields_findings_and_their_cases(log, tmp_path):
    model = write(
        tmp_path,
        "m.bpmn",
        '<definitions><process id="p"><startEvent id="s"/><task id="a" name="Register"/><task id="b" name="Check"/>'
        '<task id="c" name="Decide"/><endEvent id="e"/><sequenceFlow id="1" sourceRef="s" targetRef="a"/>'
        '<sequenceFlow id="2" sourceRef="a" targetRef="b"/><sequenceFlow id="3" sourceRef="b" targetRef="c"/>'
        '<sequenceFlow id="4" sourceRef="c" targetRef="e"/></process></definitions>',
    )
    record = conform(log, "--model", model)
    found = {(one["kind"], one["activity"]): one for one in record["model"]["deviations"]}
    assert found["inserted", "Papers"]["sojourn_seconds"] == 5 * DAY
    assert found["skipped", "Check"]["cases"] == 1
    assert record["model"]["unknown_activities"] == ["Ask", "Papers"]
    assert len(record["findings"]) == len(found)
    listed = run("conform", *log, "--model", model, "--cases", "skipped:Check")
    assert "k3" in listed.out
    assert "k1" not in listed.out
    outcome = run("conform", *log, "--model", model, "--cases", "skipped:Chekc", "--json")
    assert (outcome.code, json.loads(outcome.out)["error"]["code"]) == (2, "POTOK-K046")


def test_few_cases_yield_no_rules_but_a_reason(log):
    record = conform(log, "--discover-rules")
    assert record["discovered_rules"]["reasons"] == ["too_few_cases"]
    assert record["decisions"]["branches"] == []


def test_tables_are_text_or_a_workbook(log, tmp_path):
    regulation = write(tmp_path, "r.toml", REGULATION)
    text = run("conform", *log, "--regulation", regulation, "--rules", write(tmp_path, "rules.toml", RULES))
    assert "“Check” comes before “Decide”" in text.out
    assert "“Register” is followed by “Check” at some time; within" in text.out
    book = tmp_path / "x.xlsx"
    assert run("conform", *log, "--discover-rules", "--model", tmp_path / "none.bpmn", "-o", book).code == 3
    assert run("conform", *log, "--noise", "0", "--discover-rules", "-o", book).code == 0
    assert CalamineWorkbook.from_path(book).sheet_names == ["Rules that the log keeps", "What decides the way"]


@pytest.mark.parametrize(
    ("option", "text", "code"),
    [
        ("--regulation", REGULATION.replace('"Check"', '"Chekc"'), "POTOK-C023"),
        ("--rules", RULES.replace('"Check"', '"Chekc"'), "POTOK-D043"),
        ("--rules", RULES.replace('"response"', '"respones"'), "POTOK-D040"),
        ("--rules", RULES.replace('"paper"', '"papre"'), "POTOK-D041"),
        ("--rules", 'schema = "potok.rules/1"', "POTOK-D040"),
        ("--rules", RULES.replace('["Check"]', '["Register"]'), "POTOK-D040"),
        ("--rules", RULES.replace("within_days = 2", "within_days = 2\nwithin_hours = 1"), "POTOK-D040"),
        ("--model", "<process", "POTOK-D045"),
    ],
)
def test_what_cannot_be_is_refused_by_name(log, tmp_path, option, text, code):
    outcome = run("conform", *log, option, write(tmp_path, "given", text), "--json")
    assert outcome.code in (2, 3)
    assert json.loads(outcome.out)["error"]["code"] == code


def test_unknown_activities_may_be_marked_instead(log, tmp_path):
    text = REGULATION.replace('"Check"', '"Chekc"')
    record = conform(log, "--regulation", write(tmp_path, "r.toml", text), "--skip-unknown")
    verdicts = {check["kind"]: (check["verdict"], check["reasons"]) for check in record["checks"]}
    assert verdicts["order"] == verdicts["mandatory_step"] == ("cannot_tell", ["unknown_activity"])
    assert verdicts["forbidden_step"][0] == "violated"


def test_cases_of_nothing_are_refused(log, tmp_path):
    for options, code in (
        (("--discover-rules", "--cases", "C-1"), "POTOK-K045"),
        (("--regulation", write(tmp_path, "r.toml", REGULATION), "--cases", "C-1"), "POTOK-D042"),
    ):
        outcome = run("conform", *log, *options, "--json")
        assert json.loads(outcome.out)["error"]["code"] == code
