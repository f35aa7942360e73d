"""Documents of a verification: everything is in them, the same each time, and nothing is half written."""

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from potok.log.mapping import ExtractionKind
from potok.report.tables.as_text import as_text
from potok.report.verification.auditor import make_auditor_report
from potok.report.verification.auditor_docx import render_auditor_docx
from potok.report.verification.auditor_html import render_auditor_html
from potok.report.verification.auditor_pdf import render_auditor_pdf
from potok.report.verification.board import make_board
from potok.report.verification.board_docx import render_board_docx
from potok.report.verification.board_fitting import fit_board
from potok.report.verification.board_html import render_board_html
from potok.report.verification.study_tables import flow_table
from potok.report.verification.tables import describe_rule, effect_tables
from potok.report.verification.text import effect_as_text
from potok.report.verification.words import (
    name_check_verdict,
    name_clock,
    name_comparison,
    name_design,
    name_direction,
    name_extraction,
    name_look,
    name_side,
    name_verdict,
)
from potok.report.verification.workbook import render_workbook
from potok.report.verification.writing import SUFFIXES, EffectNameError, PageKind, write_effect
from potok.verify.effect import CheckVerdict, Design, Verdict
from potok.verify.protocol.model import Clock, ComparisonKind, Direction, LookKind
from potok.verify.study import Side
from report.verification.made_up_effects import endless, make_effects, make_results, make_waves
from report.verification.test_board import crowded


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def words_of(document: bytes) -> str:
    xml = ZipFile(BytesIO(document)).read("word/document.xml").decode()
    text = re.sub(r"<[^>]*>", "", xml.replace("</w:p>", "\n"))
    return plain(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


@pytest.mark.parametrize(
    ("enumeration", "name"),
    [
        (Verdict, name_verdict),
        (Design, name_design),
        (CheckVerdict, name_check_verdict),
        (Side, name_side),
        (ExtractionKind, name_extraction),
        (ComparisonKind, name_comparison),
        (LookKind, name_look),
        (Direction, name_direction),
        (Clock, name_clock),
    ],
)
def test_every_value_has_a_name_of_its_own(enumeration, name):
    names = [name(value) for value in enumeration]
    assert len(set(names)) == len(names)
    assert all(names)


@pytest.mark.parametrize("name", [*make_effects(), "waves"])
def test_tables_hold_every_reason_indicator_check_and_hash(name: str):
    results = make_waves() if name == "waves" else make_results(name)
    effect = results.effect
    tables = effect_tables(effect, results.protocol)
    text = plain("\n".join(str(cell) for table in tables for row in table.rows for cell in row))
    for needed in (
        describe_rule(effect.decision.rule),
        effect.protocol_sha256,
        *effect.sources,
        *(one.name for one in effect.quality),
        *(case for check in effect.checks for case in check.case_ids),
        *effect.unreviewed_sentinels,
    ):
        assert needed in text
    assert text.count("What would change it") == len(effect.decision.remedies)
    assert len({table.name for table in tables}) == len(tables)
    assert all(len(row) == len(table.columns) for table in tables for row in table.rows)
    assert all(as_text(table) for table in tables)


def test_an_open_interval_is_said_to_be_open():
    results = make_results()
    text = plain(effect_as_text(endless(results.effect), results.protocol))
    assert "at least 3.1 days" in text
    assert "inf" not in text.replace("information", "")


def test_no_case_is_lost_on_the_way():
    results = make_results()
    table = flow_table(results.arms)
    assert sum(table.column("cases")) == len(results.study.cases)
    assert sum(table.column("share")) == pytest.approx(1.0)
    assert table.column("cases")[Side.AFTER] == (results.arms.side == Side.AFTER).sum()


def test_the_terminal_says_the_verdict_first_and_the_tables_that_decide():
    results = make_results("early")
    lines = effect_as_text(results.effect, results.protocol).splitlines()
    assert lines[0].startswith("Cannot tell yet. Fewer than 24 months with cases before")
    for title in ("Primary outcome", "Quality", "Honesty checks", "What this does not say", "What to do now"):
        assert title in lines


@pytest.fixture(scope="module")
def report():
    return make_auditor_report(make_results("dressed"))


def test_the_auditor_gets_everything_in_the_order_of_an_audit(report):
    anchors = [section.anchor for section in report.sections]
    assert anchors == [
        "decision",
        "protocol",
        "sources",
        "estimate",
        "periods",
        "durations",
        "quality",
        "checks",
        "again",
    ]
    assert {chart.name for section in report.sections for chart in section.charts} == {
        "series",
        "control",
        "event_study",
        "distribution",
        "margins",
    }
    assert "potok verify minimushchestvo" in report.sections[-1].texts[0]


def test_the_auditors_page_holds_all_tables_and_runs_nothing(report):
    page = render_auditor_html(make_results("dressed"), language="en")
    assert "<script" not in page
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert "default-src" in policy
    assert "script-src" not in policy
    for section in report.sections:
        for table in (*section.tables, *section.further):
            assert f">{table.title}</caption>" in page.replace("&#39;", "'").replace("&amp;", "&")
    assert page.count("<svg") >= 6
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_auditors_documents_are_the_same_each_time():
    short = make_auditor_report(make_results("empty"))
    assert render_auditor_docx(short) == render_auditor_docx(short)
    assert render_auditor_pdf(short) == render_auditor_pdf(short)


def test_the_auditors_documents_hold_what_is_said(report):
    assert render_auditor_pdf(report).startswith(b"%PDF-")
    text = words_of(render_auditor_docx(report))
    for section in report.sections:
        assert section.title in text
        for said in section.texts:
            assert plain(said) in text


@pytest.mark.parametrize("name", ["verified", "empty"])
def test_the_boards_page_says_the_same_in_word(name: str):
    board = make_board(make_results(name))
    word = render_board_docx(board)
    assert name == "verified" or word == render_board_docx(board)
    text = words_of(word)
    for said in (board.sentence, *board.unsaid, *board.next_steps, board.foot):
        assert plain(said) in text
    # Whoever cannot see the marks hears them.
    assert 'descr="in order"' in ZipFile(BytesIO(word)).read("word/document.xml").decode() or name == "empty"


def test_the_more_there_is_the_smaller_it_is_set():
    assert fit_board(make_board(crowded()))[0] < fit_board(make_board(make_results()))[0]
    page = render_board_html(crowded(), language="en")
    assert 'class="board small"' in page
    assert 'class="board full"' in render_board_html(make_results(), language="en")


def test_the_workbook_has_figures_as_numbers():
    results = make_results()
    book = CalamineWorkbook.from_filelike(BytesIO(render_workbook(results)))
    rows = book.get_sheet_by_name("All figures").to_python()
    improvement = next(row for row in rows if row[0] == "Improvement")
    assert improvement[3:6] == pytest.approx([5.24, 3.06, 7.42])
    harms = {row[1]: row[3:7] for row in rows if row[0] == "Worsening"}
    for one in results.effect.quality:
        assert harms[one.name] == pytest.approx([one.harm.value, one.harm.lower, one.harm.upper, one.margin_share])
    short = make_results("empty")
    assert render_workbook(short) == render_workbook(short)


@pytest.mark.parametrize("kind", PageKind)
def test_the_name_of_the_file_says_what_is_written(tmp_path: Path, kind: PageKind):
    begins = {".html": b"<!DOCTYPE html>", ".pdf": b"%PDF-", ".docx": b"PK", ".xlsx": b"PK"}
    for suffix in SUFFIXES[kind]:
        target = tmp_path / f"page{suffix.upper()}"
        write_effect(target, make_results("empty"), kind=kind)
        assert target.read_bytes().startswith(begins[suffix])
    with pytest.raises(EffectNameError, match=r"«page\.txt»"):
        write_effect(tmp_path / "page.txt", make_results("empty"), kind=kind)
    assert not (tmp_path / "page.txt").exists()
    assert len(list(tmp_path.iterdir())) == len(SUFFIXES[kind])


def test_hostile_names_stay_text():
    results = make_results()
    protocol = replace(results.protocol, name="<img src=x onerror=alert(1)>")
    for page in (
        render_board_html(replace(results, protocol=protocol), language="en"),
        render_auditor_html(replace(results, protocol=protocol), language="en"),
    ):
        assert "<img" not in page
        assert "&lt;img" in page
