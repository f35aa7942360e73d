"""The A3 as PDF and DOCX: one sheet, readable by other programs, with labels as text and nothing from the network."""

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document

from cli.running import run
from potok.core.change import Automate
from potok.core.finding import Confidence, Finding, FindingKind, Place, Waste
from potok.report.a3.document import MOST_CAUSES, MOST_CHANGES, make_a3
from potok.report.a3.docx import render_a3_docx
from potok.report.a3.fitting import LARGEST, SMALLEST, Piece, count_lines, fit_line, fit_size
from potok.report.a3.fitting import Place as Room
from potok.report.a3.pdf import render_a3_pdf
from potok.report.measured import AuditFinding
from potok.report.typesetting import make_displayable
from report.value_stream_audits import HEAD, SMALL_LOGS, audit_of, audit_permits

TEMPLATE = Path(__file__).parents[2] / "src" / "potok" / "report" / "templates" / "a3.typ"
A3_MM = (420, 297)
LONG = "Согласование проекта межведомственного распоряжения " * 30


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    return audit_permits(tmp_path_factory.mktemp("a3") / "store")


@pytest.fixture
def english(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en")


@pytest.fixture(params=["en", "ru"])
def document(request, audit, monkeypatch):
    monkeypatch.setenv("LANGUAGE", request.param)
    return make_a3(audit)


def crowd(audit):
    """Give an audit as many findings and as long names as could be."""
    findings = tuple(
        AuditFinding(
            f"F-{number}",
            Finding(
                FindingKind.LONG_WAIT,
                Waste.WAITING,
                Place(activity=LONG, next_activity=f"{number} {LONG}"),
                cases=10**6,
                occurrences=10**7,
                applicant_seconds=1e12 - number,
                lead_time_share=0.5,
                confidence=Confidence.SUPPOSED,
                assumption="An assumption that nobody has translated, and that goes on for quite a while. " * 3,
                changes=(Automate(LONG), Automate(f"{number} {LONG}")),
            ),
            (),
        )
        for number in range(40)
    )
    return replace(audit, findings=findings)


def test_it_says_what_is_known_and_leaves_the_rest_to_be_filled_in(audit, english):
    made = make_a3(audit)
    assert len(made.headings) == 7
    assert dict(made.fields)["Author"] == HEAD.author
    assert all(row[2:] == ("", "") for row in made.goal.rows)
    assert made.goal.rows[-1] == ("", "", "", "")
    assert [row[1:] for row in made.plan.rows] == [("", "", "")] * 4
    assert all(set(row[2:]) == {""} for row in made.results.rows)
    assert made.footer.count("cd" * 32) == 1
    assert [item.number for item in made.causes] == [str(number) for number in range(1, len(made.causes) + 1)]


def test_many_findings_are_cut_to_what_a_sheet_holds(audit, english):
    made = make_a3(crowd(audit))
    assert (len(made.causes), len(made.changes)) == (MOST_CAUSES, MOST_CHANGES)
    assert "more problems are in the report" in made.causes_note
    assert max(len(item.text) for item in (*made.causes, *made.changes)) <= 170


def test_the_pdf_is_one_tagged_page_for_the_archive(document):
    content = render_a3_pdf(document, author="А. Автор")
    assert content.startswith(b"%PDF-1.7")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", content)) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 1190\.\d+ 841\.\d+\]", content)
    assert b"/MarkInfo" in content
    assert b"<pdfaid:part>2</pdfaid:part>" in content
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    assert b"GolosText" in content
    assert b"Helvetica" not in content
    assert b"/Alt" in content
    assert content == render_a3_pdf(document, author="А. Автор")


def test_the_docx_is_one_sheet_of_tables_that_can_be_edited(document):
    content = render_a3_docx(document, author="А. Автор")
    made = Document(io.BytesIO(content))
    section = made.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == A3_MM
    heights = sum(table.rows[0].height.mm for table in made.tables)
    assert heights < A3_MM[1] - section.top_margin.mm - section.bottom_margin.mm - 20
    assert all(row.height_rule is not None for table in made.tables for row in table.rows)
    texts = [paragraph.text for table in made.tables for cell in table._cells for paragraph in cell.paragraphs]
    assert {heading in texts for heading in document.headings} == {True}
    assert any("<b>Проверка & «комплектности»</b>" in text for text in texts)
    assert len(made.inline_shapes) == 1
    assert made.core_properties.author == "А. Автор"
    assert content == render_a3_docx(document, author="А. Автор")


def test_nothing_comes_from_elsewhere(document):
    template = TEMPLATE.read_text(encoding="utf-8")
    assert "@preview" not in template
    assert "http" not in template
    with zipfile.ZipFile(io.BytesIO(render_a3_docx(document))) as archive:
        parts = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".rels"))
    assert b'TargetMode="External"' not in parts


@pytest.mark.parametrize("name", SMALL_LOGS)
def test_every_log_has_its_a3(name, tmp_path, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "ru")
    made = make_a3(audit_of(SMALL_LOGS[name], tmp_path / "store"))
    assert bool(made.picture) == (name not in ("no_cases", "no_closed_case"))
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", render_a3_pdf(made))) == 1
    assert Document(io.BytesIO(render_a3_docx(made))).tables


def test_a_crowded_sheet_is_still_one_page(audit, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "ru")
    made = make_a3(crowd(audit))
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", render_a3_pdf(made))) == 1
    assert Document(io.BytesIO(render_a3_docx(made))).tables


def test_letters_that_the_font_lacks_do_not_spoil_the_file(audit, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en")
    head = replace(audit.head, owner="許可 \U0001f600 ﬁle Ṩ ҕҥөһү", process="申請")
    made = make_a3(replace(audit, head=head))
    assert render_a3_pdf(made).startswith(b"%PDF")
    assert make_displayable("許 ﬁ Ё «ө»\n") == "? fi Ё «ө»\n"


def test_sizes_are_chosen_so_that_texts_fit():
    words = [Piece("слово " * 200)]
    size = fit_size(words, Room(60, 60))
    assert SMALLEST < size < LARGEST
    assert count_lines("слово " * 200, size=size, width=60) * size * 1.22 * 25.4 / 72 <= 60
    assert fit_size([Piece("слово")], Room(60, 60)) == LARGEST
    assert fit_size(words, Room(10, 10)) == SMALLEST
    assert count_lines("", size=9, width=10) == 1
    assert count_lines("а" * 100, size=9, width=10) > 10
    assert fit_line("слово", 100) == LARGEST
    assert SMALLEST <= fit_line("слово" * 10, 60) < LARGEST
    assert fit_line("", 10) == LARGEST


@pytest.mark.parametrize("name", ["a3.txt", "a3", "a3.pdf.gz"])
def test_a_name_that_says_nothing_is_refused_before_anything_is_read(name, tmp_path):
    outcome = run("audit", tmp_path / "nothing.csv", "--a3", tmp_path / name, "--json")
    assert (outcome.code, outcome.record["error"]["code"]) == (2, "POTOK-K050")
    assert not (tmp_path / name).exists()


def test_the_command_writes_both(tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("case,activity,time\n1,A,2024-01-01 10:00\n1,B,2024-01-03 10:00\n", encoding="utf-8")
    files = [tmp_path / "a.pdf", tmp_path / "a.docx"]
    options = [option for file in files for option in ("--a3", file)]
    outcome = run("audit", log, "--plain-ids", "--brief", "--owner", "И", *options, "-o", tmp_path / "a.html")
    assert (outcome.code, [file.read_bytes()[:2] for file in files]) == (0, [b"%P", b"PK"])
