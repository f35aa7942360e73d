"""An audit built from a store on disk, through every measure."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from potok.diagnose.first_findings import find_first
from potok.log.store import LogStore
from potok.report import audit as audit_module
from potok.report.audit import FINDINGS_WITH_EXAMPLES, build_audit
from potok.report.audit_json import audit_as_json
from potok.report.html import render_audit
from potok.report.measured import Audit
from report.made_up_audits import make_manifest
from support.tiny_store import TinyLog, tiny_log, write_store

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "reference" / "potok.audit.schema.json"
LOG = tiny_log(
    """
    case | activity | started | completed | resource | org_unit
    1    | Приём    | 0       | 60        | Анна     | Окно
    1    | Проверка | 3660    | 7260      | Борис    | Отдел
    1    | Проверка | 90000   | 93600     | Борис    | Отдел
    1    | Выдача   | 100800  | 100860    | Анна     | Окно
    2    | Приём    | 50      | 110       | Анна     | Окно
    2    | Проверка | 200000  | 203600    | Борис    | Отдел
    3    | Приём    | 70      | 130       | Анна     | Окно
    """,
    open_cases="3",
)


def open_store(log: TinyLog, folder: Path) -> LogStore:
    store = write_store(log, folder)
    manifest = make_manifest()
    counted = manifest["log"] | {"events": len(log.events), "extracted_us": log.extracted_us}
    return LogStore(store.folder, manifest | {"log": counted})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> LogStore:
    return open_store(LOG, tmp_path_factory.mktemp("stores") / "permits.potok")


@pytest.fixture(scope="module")
def audit(store: LogStore) -> Audit:
    return build_audit(store)


def test_an_audit_of_a_store_keeps_to_the_schema(audit: Audit):
    record = json.loads(json.dumps(audit_as_json(audit)))
    Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))).validate(record)
    log = record["log"]
    assert (log["cases"], log["open_cases"], log["activity_instances"], log["activities"]) == (3, 1, 7, 3)
    assert log["first_at"] == "1970-01-01T03:00:00+03:00"
    assert record["measures"]["lead_time"]["total_seconds"] == 100_860 + 203_550 + 203_530


def test_findings_lead_to_their_cases(audit: Audit):
    worst, second = audit.findings[:2]
    assert worst.finding.kind == "hand_over"
    assert worst.finding.applicant_seconds == 199_890 + 3_600
    assert [example.case_id for example in worst.examples] == ["2", "1"]
    assert worst.examples[0].source_rows == (5, 6)
    assert second.finding.kind == "rework"


def test_only_the_first_findings_carry_examples(store: LogStore, monkeypatch: pytest.MonkeyPatch):
    found = find_first(store) * 10
    monkeypatch.setattr(audit_module, "find_first", lambda store, *, late, causes, engine: found)
    monkeypatch.setattr(audit_module, "list_finding_cases", lambda *place, **options: ("an example",))
    examples = [bool(finding.examples) for finding in build_audit(store).findings]
    assert len(examples) > FINDINGS_WITH_EXAMPLES
    assert examples == [rank < FINDINGS_WITH_EXAMPLES for rank in range(len(examples))]


def test_the_same_log_is_audited_the_same_and_named_as_it_was_opened(store: LogStore, audit: Audit):
    again = build_audit(store, opened_as="permits.csv")
    assert (audit.opened_as, again.opened_as) == ("permits.potok", "permits.csv")
    assert [finding.identifier for finding in again.findings] == [finding.identifier for finding in audit.findings]


def test_the_report_of_a_store_is_written(audit: Audit):
    document = render_audit(audit, language="en")
    assert "when “Окно” hands over to “Отдел”" in document
    assert "Time on a line: median from the end of one activity to the start of the next." in document
