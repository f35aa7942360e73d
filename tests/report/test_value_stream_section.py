"""The value-stream map in the report and the workbook: sums, numbers, names, and what cannot be told."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from lxml import etree
from python_calamine import CalamineWorkbook

from potok.core.change import Automate
from potok.core.finding import Finding, FindingKind, Place, Waste
from potok.measure.value_stream import compute_value_stream
from potok.report.audit_json import audit_as_json
from potok.report.audit_workbook import render_workbook
from potok.report.diagnosis.value_stream import value_stream_as_json, value_stream_tables
from potok.report.drawing.value_stream_file import make_stream_standalone
from potok.report.drawing.value_stream_parts import split_rows
from potok.report.html import render_audit
from potok.report.measured import AuditFinding
from potok.report.sections.value_stream import make_value_stream
from potok.report.sections.value_stream_problems import find_step
from potok.report.sections.value_stream_times import choose_unit, format_compact, round_parts
from report.value_stream_audits import HOSTILE, SMALL_LOGS, audit_of, audit_permits, open_made

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "potok.value_stream.schema.json"


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    return audit_permits(tmp_path_factory.mktemp("stream") / "store")


@pytest.fixture
def english(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en")


@pytest.mark.parametrize("total", [0.0, 1.0, 22.995, 1e6])
def test_rounded_parts_add_up_as_they_are_shown(total):
    parts = [total / 7] * 7 + [0.004, 0.0049, 1 / 3]
    rounded = round_parts(parts)
    assert round(sum(rounded), 2) == pytest.approx(round(sum(parts) + 1e-9, 2), abs=0.0101)
    assert sum(map(round, (100 * part for part in rounded))) == int(sum(parts) * 100 + 0.5)
    assert all(abs(after - before) < 0.01 + 1e-9 for before, after in zip(parts, rounded, strict=True))


def test_rows_after_the_last_and_total_are_equal_wherever_they_are_shown(audit, english):
    shown = make_value_stream(audit)
    whole = audit.value_stream.calendar_time
    assert shown.total == round(whole.total_seconds / 2 / shown.unit.seconds, 2)
    assert round(sum(row.total for row in shown.rows) + shown.after_last, 2) == shown.total
    assert shown.facts[0].number == shown.total
    steps, figures, *_rest = value_stream_tables(audit)
    means = steps.column("lead_seconds")
    assert sum(means[:-1]) == pytest.approx(means[-1])
    assert figures.column("number")[0] == pytest.approx(means[-1] / shown.unit.seconds, abs=0.01)
    for kind in ("wait_seconds", "work_seconds", "undivided_seconds"):
        assert sum(steps.column(kind)[:-1]) == pytest.approx(steps.column(kind)[-1])
    assert sum(steps.column("value_seconds")[:3]) == pytest.approx(steps.column("value_seconds")[-1])


def test_problems_are_numbered_without_gaps_and_placed_at_their_step(audit, english):
    shown = make_value_stream(audit)
    assert [problem.number for problem in shown.problems] == list(range(1, len(shown.problems) + 1))
    assert all(problem.title and problem.extent for problem in shown.problems)
    drawn = re.findall(r'class="problem" href="#problem-(\d+)"', shown.picture)
    assert sorted(map(int, drawn)) == [problem.number for problem in shown.problems]
    repeated = next(problem for problem in shown.problems if problem.audited.finding.kind is FindingKind.REWORK)
    assert audit.value_stream.steps[repeated.step].label == HOSTILE


def test_findings_that_claim_no_time_of_the_ledger_follow_the_others(audit, english):
    further = Finding(
        FindingKind.AUTOMATION,
        Waste.TALENT,
        Place(activity="Выдача"),
        cases=2,
        occurrences=2,
        applicant_seconds=0,
        lead_time_share=0,
        affected_seconds=36_000,
        changes=(Automate("Выдача"),),
    )
    shown = make_value_stream(replace(audit, further=(AuditFinding("F-further", further, ()),)))
    last = shown.problems[-1]
    assert (last.number, last.audited.identifier) == (len(audit.findings) + 1, "F-further")
    assert "overlap" in last.extent
    assert audit.value_stream.steps[last.step].label == "Выдача"


def test_a_place_is_a_step_or_the_flow_as_a_whole(audit):
    stream = audit.value_stream
    assert stream.steps[find_step(Place(activity="Приём", next_activity=HOSTILE), stream)].label == HOSTILE
    assert stream.steps[find_step(Place(org_unit="Окно", next_org_unit="Отдел"), stream)].label == HOSTILE
    assert find_step(Place(org_unit="Окно", next_org_unit="nowhere"), stream) is None
    assert find_step(Place(term="decision"), stream) is None


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_report_links_only_to_what_it_holds_and_shows_labels_as_text(audit, language):
    document = render_audit(audit, language=language)
    section = document[document.index('<section id="value-stream"') : document.index('<section id="findings"')]
    targets = set(re.findall(r'href="#([^"]+)"', section))
    assert {"stream-step-1", "problem-1"} <= targets
    assert all(f'id="{target}"' in document for target in targets)
    assert "<b>Проверка" not in document
    assert "\u202e" not in document
    assert 'class="blank"' not in section.replace("stream-facts", "")


def test_the_picture_stands_alone_and_holds_every_step(audit, english):
    shown = make_value_stream(audit, has_links=False)
    root = etree.fromstring(make_stream_standalone(shown.picture).encode())
    titles = [element.text for element in root.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == len(audit.value_stream.steps)
    assert "var(" not in make_stream_standalone(shown.picture)
    assert "href" not in shown.picture
    boxes = [element for element in root.iter() if element.get("tabindex") == "0"]
    assert len(boxes) == len(titles)


def test_without_a_declaration_value_cannot_be_told_but_is_bounded(tmp_path, english):
    shown = make_value_stream(audit_permits(tmp_path / "store", value_adding=()))
    efficiency = next(fact for fact in shown.facts if "VT / LT" in fact.title)
    assert (efficiency.value, efficiency.number) == ("cannot tell", None)
    # Eight of 287 hours of lead time are work.
    assert efficiency.note.startswith("no more than 2.8%")
    assert any("Nobody has declared" in note for note in shown.notes)


def test_the_workbook_has_the_four_sheets(audit, english):
    book = CalamineWorkbook.from_filelike(io.BytesIO(render_workbook(audit)))
    wanted = {"Value-stream map", "Figures of the value stream", "Problems of the value stream", "Symbols"}
    assert wanted <= set(book.sheet_names)
    rows = book.get_sheet_by_name("Problems of the value stream").to_python()
    numbers = [row[0] for row in rows[1:] if isinstance(row[0], float)]
    assert numbers == [float(place) for place in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("name", SMALL_LOGS)
def test_small_and_wide_logs_have_a_map_or_say_why_not(name, tmp_path, english):
    audit = audit_of(SMALL_LOGS[name], tmp_path / "store")
    shown = make_value_stream(audit)
    assert len(shown.rows) <= 11
    assert bool(shown.picture) == (audit.value_stream.closed_cases > 0)
    assert bool(shown.failure) == (not shown.picture)
    assert round(sum(row.total for row in shown.rows) + shown.after_last, 2) == shown.total
    assert 'id="value-stream"' in render_audit(audit, language="en")
    assert len(value_stream_tables(audit)) == 4


def test_json_is_by_its_schema(audit, tmp_path):
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    validator.check_schema(validator.schema)
    for stream in (audit.value_stream, compute_value_stream(open_made(SMALL_LOGS["no_cases"], tmp_path / "store"))):
        validator.validate(json.loads(json.dumps(value_stream_as_json(stream))))
    assert audit_as_json(audit)["value_stream"] == value_stream_as_json(audit.value_stream)


@pytest.mark.parametrize(
    ("number", "most", "rows"), [(0, 5, 1), (1, 5, 1), (4, 5, 1), (5, 5, 2), (11, 5, 3), (11, 6, 2)]
)
def test_rows_are_of_like_length_and_leave_room_for_the_totals(number, most, rows):
    found = split_rows(number, most_cells=most)
    assert len(found) == rows
    assert [place for first, last in found for place in range(first, last)] == list(range(number))
    lengths = [last - first for first, last in found]
    assert max(lengths) <= most
    assert lengths[-1] < most


def test_the_unit_is_the_largest_with_two_of_it():
    assert [choose_unit(seconds).seconds for seconds in (0, 119, 7_199, 172_799, 172_800)] == [1, 1, 60, 3600, 86_400]
    day = choose_unit(200_000)
    assert [format_compact(86_400 * value, day) for value in (0, 0.001, 0.25, 3.14, 99.6)] == [
        "0",
        "<0.01",
        "0.25",
        "3.1",
        "100",
    ]
