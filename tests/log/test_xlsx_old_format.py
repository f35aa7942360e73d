"""The old format (.xls), read after a trial in a process of its own."""

import base64
import subprocess
import zlib
from datetime import datetime
from pathlib import Path

import pytest

from potok.engine.duckdb import connect
from potok.log.sources import xls_trial
from potok.log.sources.base import StagingOptions
from potok.log.sources.xlsx import stage_xlsx
from potok.log.sources.xlsx_container import BrokenWorkbookError

# A sheet «Дела» written by xlwt: Номер, Дата; 7, 31.01.2024 10:05; 8 merged over two rows, 01.02.2024, 02.02.2024.
WORKBOOK = (
    "eNrtWE1oE0EU/mZ30iahTZOYCq0aYsGqtYSqCKK2qQXtqaV6qYigrQlUalINXupBq7XeBMGT4qVQBS9VL/7gDwqCHoSKHgRBaBS9eBIUPLRZ"
    "33vdxTRWaEADlv2WeTP7fmbezrz52Xk1FZoev12fQxHaYCJv+VBRwFOUfM5LECS3LC46uZeS5eK/gs9LA1nhwYPql5U8hjzeORi4pZ8SBT5Q"
    "OoBj6B7KpGJlRIf40KfYh1aiCleJE0CdeBUWeljoMqE3RfOh0HbhXBDaSrrTaj+mEt1NW+0o3mc0iCwArveu2LwTzkbU4gVH8emLak7Xg53Z"
    "I31Hl7wgqqswAQqBzlQmleX3WlzjSZ5MxtPp+DAhNjCwLZ2O6hpch79QMI0Ixc0Evlsx4JuzQDyJufzy8hWI/2M+v/IPfC+N7kJ8Hw3uQnz/"
    "AvxLhgZGYB2S+TlG0XJes0SriN6it+sWPUMWPK84eaBW6Ta9g0TtWoN0WnQHJT/vKrIKBeetQtUyO6uIJlEj5ZDUEyTfZ258fd3V35M4KJwR"
    "2Xnm9qc17BMsnGELMg6IRNwS3SahG4SelVpXSLleaIS8pLyxp9Yu7B4VnXMibaR2NgveJNYWlNdReezLnnvRsY+J9VSe7MydjEy+TYyjgfoz"
    "Sfb8jKJZNasrlxn3E06u7LXsvdC639Y1rxG0fbfsTbgGszz9CCGhc2/cO8rWV0X6pwy/8EKIEjWpT9ifMLIrnx/vWv25nW2MIptHtl8h+gb2"
    "Jf6M+4E1zSLNx/TFpu0Nt2SSXgSbSP8TuF1DpHSiMMK4w1XS+vwLfrhw4cKFCxcuXLgoJ5R9LjbtU7LHPn1X2vc6s5Ty7jXJksVeDNFzgv7T"
    "diFDeRbDJcXPcniUU5dapI1zX8jopdazGES/+DFYcvzSX4oq/J5FGwb/3hQqtf18KX7+4/Z/Ankj67o="
)


@pytest.fixture
def content() -> bytes:
    return zlib.decompress(base64.b64decode(WORKBOOK))


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx"])
def test_an_old_workbook_is_read_whatever_its_name(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    staged = stage_xlsx(path, options=StagingOptions(tmp_path))
    rows = connect().execute(f"SELECT * FROM {staged.relation}").fetchall()
    at = datetime.fromisoformat
    assert rows == [(2, 7, at("2024-01-31 10:05")), (3, 8, at("2024-02-01")), (4, 8, at("2024-02-02"))]
    assert staged.facts["error_cells"] is None


def test_a_file_that_ends_the_process_is_broken(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(content)
    monkeypatch.setattr(xls_trial, "_PROGRAM", "import os; os.abort()")
    with pytest.raises(BrokenWorkbookError, match="rules of its format"):
        stage_xlsx(path, options=StagingOptions(tmp_path))


def test_a_file_whose_reading_does_not_end_is_broken(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(content)
    monkeypatch.setattr(xls_trial, "LIMIT_SECONDS", 0.2)
    monkeypatch.setattr(xls_trial, "_PROGRAM", "import time; time.sleep(30)")
    with pytest.raises(BrokenWorkbookError, match="does not end") as failure:
        stage_xlsx(path, options=StagingOptions(tmp_path))
    assert isinstance(failure.value.__cause__, subprocess.TimeoutExpired)


@pytest.mark.parametrize("damage", [{1616: 62}, {1713: 186, 1764: 118}], ids=["sector", "lengths"])
def test_what_fuzzing_found_does_not_end_our_process(tmp_path: Path, content: bytes, damage: dict[int, int]) -> None:
    damaged = bytearray(content)
    for place, value in damage.items():
        damaged[place] = value
    path = tmp_path / "a.xls"
    path.write_bytes(damaged)
    with pytest.raises(BrokenWorkbookError, match="rules of its format"):
        stage_xlsx(path, options=StagingOptions(tmp_path))
