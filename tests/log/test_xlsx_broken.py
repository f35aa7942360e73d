"""Files that are no workbooks, or dangerous ones: one clear error, whatever the bytes."""

import contextlib
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.errors import PotokError
from potok.core.progress import SilentProgress
from potok.log.sources import xlsx_container, xlsx_workbook
from potok.log.sources.arrow_staging import SourceAccessError
from potok.log.sources.base import StagingOptions
from potok.log.sources.safe_xml import UnsafeXmlError
from potok.log.sources.xlsx import stage_xlsx
from potok.log.sources.xlsx_container import (
    BrokenWorkbookError,
    EncryptedWorkbookError,
    NotAWorkbookError,
    OversizedWorkbookError,
    check_container,
)
from potok.log.sources.xlsx_extent import column_index, column_letters
from support.workbooks import sheet_xml, write_opendocument, write_rows, write_workbook

OLE = bytes.fromhex("D0CF11E0A1B11AE1")


def stage(path: Path, **options: int) -> None:
    folder = path.parent / "staging"
    folder.mkdir(exist_ok=True)
    stage_xlsx(path, options=StagingOptions(folder, **options))  # type: ignore[arg-type] # only the byte limit is passed


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"id;date\n1;2\n", "is not an Excel workbook"),
        (b"\x00\xff\xfe\x01" * 100, "is not an Excel workbook"),
        (b"\xef\xbb\xbf<html><table>", "is a web page"),
        (b'<?xml version="1.0"?><Workbook/>', "is an XML file"),
    ],
)
def test_other_files_with_the_name_of_a_workbook(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(NotAWorkbookError, match=message) as failure:
        stage(path)
    assert failure.value.remedy
    assert failure.value.where == str(path)


@pytest.mark.parametrize(
    ("member", "message"),
    [("readme.txt", "is an archive"), ("xl/workbook.bin", "xlsb")],
)
def test_other_archives(tmp_path: Path, member: str, message: str) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "x")
    with pytest.raises(NotAWorkbookError, match=message):
        stage(path)


def test_a_cut_off_workbook(tmp_path: Path) -> None:
    whole = write_rows(tmp_path / "whole.xlsx", [["a"], [1]]).read_bytes()
    path = tmp_path / "a.xlsx"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BrokenWorkbookError, match="is damaged"):
        stage(path)


def test_an_old_workbook_that_is_broken(tmp_path: Path) -> None:
    for name in ("a.xls", "a.xlsx"):
        path = tmp_path / name
        path.write_bytes(OLE + b"\0" * 600)
        with pytest.raises(BrokenWorkbookError, match="is damaged"):
            stage(path)


def test_a_protected_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(EncryptedWorkbookError, match="protected by a password"):
        stage(path)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceAccessError, match="Cannot read"):
        stage(tmp_path / "none.xlsx")
    with pytest.raises(SourceAccessError, match="Cannot read"):
        stage(tmp_path)


def test_a_zip_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, {"Л": sheet_xml([["a"], [1]])})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * (xlsx_container.SMALL_BYTES + 1))
    with pytest.raises(OversizedWorkbookError, match="would unpack"):
        stage(path)


def test_the_limit_of_unpacking_holds(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.xlsx", [["a"], [1]])
    with pytest.raises(OversizedWorkbookError, match="would unpack"):
        stage(path, max_uncompressed_bytes=100)


def test_an_archive_that_lies_about_sizes_is_broken(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.xlsx", [["a"], *([i] for i in range(500))])
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        sheet = archive.getinfo("xl/worksheets/sheet1.xml")
    # The central directory states the size a second time, and is believed.
    at = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    content[at + 24 : at + 28] = (sheet.file_size // 2).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(BrokenWorkbookError, match="is damaged"):
        stage(path)


@pytest.mark.parametrize("reference", ['r="XFD1048576"', "r='XFD1048576'", 'r = "XFD1048576"'])
def test_one_cell_in_the_last_corner_is_refused(tmp_path: Path, reference: str) -> None:
    xml = sheet_xml([["a"], [1]]).replace('r="A2"', reference)
    path = write_workbook(tmp_path / "a.xlsx", {"Л": xml})
    with pytest.raises(OversizedWorkbookError, match="spans 17179869184 cells"):
        stage(path)


def test_repeated_cells_of_an_opendocument_are_counted(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="string" table:number-columns-repeated="16000"/>'
    row = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>'
    path = write_opendocument(tmp_path / "a.ods", f'<table:table table:name="Л">{row}</table:table>')
    with pytest.raises(OversizedWorkbookError, match="spans 16000000000 cells"):
        stage(path)


def test_error_cells_are_found_across_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_container, "CHUNK_BYTES", 300)
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="e"><v>#N/A</v></c></row>' for n in range(1, 101))
    xml = sheet_xml([]).replace("<sheetData>", f"<sheetData>{rows}")
    path = write_workbook(tmp_path / "a.xlsx", {"Л": xml})
    extents = check_container(path, max_bytes=10**9, progress=SilentProgress())
    assert [row for row, _column in extents["Л"].errors] == list(range(100))


def test_document_types_are_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    path = write_opendocument(tmp_path / "a.ods", '<table:table table:name="Л"/>')
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml").decode()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content.replace("?>", f"?>{bomb}", 1))
    with pytest.raises(UnsafeXmlError, match="document type") as failure:
        stage(path)
    assert "line 1" in failure.value.where


def test_a_panic_of_the_reader_is_a_broken_workbook(tmp_path: Path) -> None:
    panic = type("PanicException", (BaseException,), {})
    with (
        pytest.raises(BrokenWorkbookError, match="rules of its format"),
        xlsx_workbook.translating(tmp_path / "a.xlsx"),
    ):
        raise panic
    with pytest.raises(KeyboardInterrupt), xlsx_workbook.translating(tmp_path / "a.xlsx"):
        raise KeyboardInterrupt


def test_nothing_is_left_outside_the_folder_for_temporary_files(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.xlsx", [["a"], [1]])
    stage(path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.xlsx", "staging"]


def test_letters_of_columns() -> None:
    assert [column_letters(i) for i in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(column_index(column_letters(i)) == i for i in range(16384))


_fuzzing = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_fuzzing
@given(
    mutations=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.integers(0, 400),
)
def test_mutated_workbooks_raise_only_our_errors(tmp_path: Path, mutations: list[tuple[int, int]], cut: int) -> None:
    rows: list[list[object]] = [["id", "Дата"], [1, "x"], [2.5, None]]
    whole = bytearray(
        write_workbook(tmp_path / "w.xlsx", {"Л": sheet_xml(rows)}, compression=zipfile.ZIP_STORED).read_bytes()
    )
    for place, value in mutations:
        whole[place % len(whole)] = value
    path = tmp_path / "a.xlsx"
    path.write_bytes(whole[: len(whole) - cut if cut > 300 else len(whole)])
    with contextlib.suppress(PotokError):
        stage(path)


@_fuzzing
@given(
    mutations=st.lists(
        st.tuples(st.integers(0, 10**6), st.sampled_from([b"<", b">", b'"', b"9", b"", b"&#0;", b"\xff"])), max_size=6
    )
)
def test_mutated_sheets_raise_only_our_errors(tmp_path: Path, mutations: list[tuple[int, bytes]]) -> None:
    xml = sheet_xml([["id", "Дата"], [1, "x"], [2.5, True]], merged=["A2:A3"]).encode()
    for place, piece in mutations:
        at = place % len(xml)
        xml = xml[:at] + piece + xml[at + 1 :]
    path = tmp_path / "a.xlsx"
    write_workbook(path, {"Л": xml.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()})
    with contextlib.suppress(PotokError):
        stage(path)


def test_the_extent_of_a_wide_sheet_is_exact(tmp_path: Path) -> None:
    rows = [[f"c{i}" for i in range(300)], list(range(300)), [1]]
    path = write_rows(tmp_path / "a.xlsx", rows)
    extent = check_container(path, max_bytes=10**9, progress=SilentProgress())["Лист1"]
    assert (extent.rows, extent.columns) == (3, 300)
