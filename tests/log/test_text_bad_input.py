"""Files that are no table in text: one clear error each, whatever the bytes."""

import errno
import gzip
import io
import os
import random
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from potok.core.errors import EXIT_BAD_DATA, EXIT_ENVIRONMENT, PotokError
from potok.log.sources.archive import MissingSourceError, NotAFileError, UnpackedSizeError, UnreadableSourceError
from potok.log.sources.base import StagingOptions
from potok.log.sources.text import beginning, stage, stage_text
from potok.log.sources.text.beginning import EmptyTextError, TooLongLineError
from potok.log.sources.text.binary import NotTextError
from potok.log.sources.text.outcome import NoRowsError
from potok.log.sources.text.sinks import StagingSpaceFailureError
from potok.log.sources.unpacking import DamagedArchiveError
from support.texts import read_text

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bytes(13) + zlib.compress(bytes(99))
GOOD = "case;activity;note\n" + "".join(f'{n};Приём;"a;""{n}"""\n' for n in range(30))


def office_document(name: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr(name, "x")
        file.writestr("other", "y")
    return written.getvalue()


@pytest.mark.parametrize(
    ("data", "likeness"),
    [
        (PNG, "a picture (PNG)"),
        (b"SQLite format 3\0" + bytes(100), "an SQLite database"),
        (office_document("[Content_Types].xml"), "an office document, such as an Excel workbook (XLSX)"),
        (office_document("META-INF/manifest.xml"), "an OpenDocument file, such as a spreadsheet (ODS)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "a document of an old office program (XLS or DOC)"),
        (b"%PDF-1.7\n1;2\n", "a PDF document"),
        (b"PAR1" + bytes(100), "a Parquet file"),
        (b'<?xml version="1.0"?><log/>', "an XML document"),
        (b"\xef\xbb\xbf\n<HTML><table><tr>", "a web page (HTML)"),
        (b"<!DOCTYPE html><table>", "a web page (HTML)"),
        (b'[{"case": 1}, {"case": 2}]', "a JSON document"),
        (b'{"case": 1}', "a JSON document"),
        (gzip.compress(b"a.csv" + bytes(252) + b"ustar\x0000" + bytes(99)), "a tar archive"),
        (gzip.compress(PNG), "a picture (PNG)"),
        (gzip.compress(gzip.compress(GOOD.encode())), "a file compressed with gzip"),
    ],
)
def test_what_is_no_text_is_said_to_be_what_it_is(data: bytes, likeness: str) -> None:
    with pytest.raises(NotTextError) as failure:
        read_text(data, name="log.csv")
    assert failure.value.message == f"The file is not text with columns; it looks like {likeness}."
    assert failure.value.where.endswith("log.csv")
    assert failure.value.exit_code == EXIT_BAD_DATA


@pytest.mark.parametrize("data", [bytes(500), bytes(range(32)) * 40, random.Random(1).randbytes(5_000)])
def test_bytes_without_sense_are_no_text(data: bytes) -> None:
    with pytest.raises(NotTextError, match="full of control characters"):
        read_text(data)


@pytest.mark.parametrize("text", ["", "\ufeff", "\n\n\n", " \r\n\t\r\n", "\x1a"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_without_content_is_empty(text: str, pack: object) -> None:
    assert callable(pack)
    with pytest.raises(EmptyTextError, match=r"is empty|nothing but empty lines"):
        read_text(pack(text.encode()))


@pytest.mark.parametrize(
    "text", ["case;activity\n", "case;activity", "case;activity\n\n \n", "\ufeffcase;activity\r\n"]
)
def test_a_header_alone_is_no_log(text: str) -> None:
    with pytest.raises(NoRowsError, match="has a header but no rows"):
        read_text(text)


def test_rows_none_of_which_fits_the_header() -> None:
    with pytest.raises(NoRowsError, match="The only row does not fit the 3 columns of the header") as failure:
        read_text("case;activity;at\n1;2\n")
    assert "“;”" in failure.value.remedy
    with pytest.raises(NoRowsError, match="None of the 3 rows fits the 4 columns"):
        read_text("case\tactivity\tat\tx\n1\n2;4\n3;6;7\n", delimiter="tab")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_first_line_without_end_is_no_tables(monkeypatch: pytest.MonkeyPatch, pack: object) -> None:
    assert callable(pack)
    monkeypatch.setattr(beginning, "MAX_RECORD_BYTES", 2**20)
    data = pack(b"a;b;" * 2**20)
    with pytest.raises(TooLongLineError, match="first line of the file is longer than 1 MiB"):
        read_text(data)
    long_header = f"{'x' * 900_000};b\n1;2\n"
    assert read_text(long_header.encode()).rows == {1: ("1", "2")}


def test_nul_characters_cost_their_row_only() -> None:
    reading = read_text(GOOD.replace("7;Приём", "7;При\0м"))
    assert [(row[0], row[2], row[3]) for row in reading.rejected] == [
        (8, "activity", "nul_character"),
        (18, "activity", "nul_character"),
        (28, "activity", "nul_character"),
    ]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_packed_file_cut_short_stages_nothing(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    path = tmp_path / "log.csv.gz"
    noise = random.Random(1)
    rows = "".join(f"{noise.random()};{noise.random()}\n" for _ in range(150_000))
    path.write_bytes(pack(f"case;activity\n{rows}".encode())[:-20])
    folder = tmp_path / "temporary"
    folder.mkdir()
    with pytest.raises(DamagedArchiveError, match="ends before its data does"):
        stage_text(path, options=StagingOptions(folder=folder))
    assert list(folder.iterdir()) == []


def test_a_bomb_is_stopped_by_the_option(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"case;activity\n" + b"1;2\n" * 1_000_000))
    options = StagingOptions(folder=tmp_path, max_uncompressed_bytes=3 * 2**20)
    with pytest.raises(UnpackedSizeError, match="more than 3 MiB"):
        stage_text(path, options=options)
    assert [file.name for file in tmp_path.iterdir()] == ["bomb.csv.gz"]


def test_what_is_no_file(tmp_path: Path) -> None:
    options = StagingOptions(folder=tmp_path)
    with pytest.raises(MissingSourceError, match="There is no file"):
        stage_text(tmp_path / "missing.csv", options=options)
    with pytest.raises(NotAFileError, match="not a file"):
        stage_text(tmp_path, options=options)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log.csv"
    path.write_text(GOOD, encoding="utf-8")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnreadableSourceError, match=r"log\.csv.*Permission denied") as failure:
        stage_text(path, options=StagingOptions(folder=tmp_path))
    assert failure.value.exit_code == EXIT_ENVIRONMENT


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("text", [GOOD + "\n", GOOD + "31\n"])
def test_a_full_disk_is_no_fault_of_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(text, encoding="utf-8")
    full = tmp_path / "full"

    def make(**_: object) -> tuple[int, str]:
        full.unlink(missing_ok=True)
        full.symlink_to("/dev/full")
        return os.open(os.devnull, os.O_RDONLY), str(full)

    monkeypatch.setattr(stage.tempfile, "mkstemp", make)
    with pytest.raises(StagingSpaceFailureError, match="no room left") as failure:
        stage_text(path, options=StagingOptions(folder=tmp_path))
    assert failure.value.exit_code == EXIT_ENVIRONMENT
    assert not full.is_symlink()
    assert Path("/dev/full").exists()


def test_a_missing_temporary_folder(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(GOOD + "\n", encoding="utf-8")
    with pytest.raises(StagingSpaceFailureError, match="cannot be written: No such file"):
        stage_text(path, options=StagingOptions(folder=tmp_path / "missing"))


PIECES = [
    b'"',
    b'""',
    b"\n",
    b"\r",
    b"\0",
    b";",
    b",",
    b"\t",
    b"\x1a",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b' "',
    b"\xd0",
    b"\x28\xb5",
]


def mutate(data: bytes, choice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(choice.choice([1, 1, 2, 5, 30])):
        place = choice.randrange(len(changed) + 1)
        match choice.randrange(5):
            case 0:
                changed[place : place + 1] = choice.randbytes(1)
            case 1:
                del changed[place : place + choice.choice([1, 3, 50])]
            case 2:
                changed[place:place] = choice.choice(PIECES)
            case 3:
                changed[place:place] = changed[place : place + choice.choice([3, 40])]
            case _:
                del changed[place:]
    return bytes(changed)


def pack(data: bytes, packing: str) -> bytes:
    if packing == "zip":
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("a.csv", data)
            file.writestr("б.csv", data)
        return written.getvalue()
    return {"gz": gzip.compress, "zst": zstandard.compress}.get(packing, bytes)(data)


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1251", "cp866", "utf-32"]),
    packing=st.sampled_from(["", "", "gz", "zst", "zip"]),
)
@example(seed=95, encoding="utf-8", packing="zip")
def test_mutated_files_are_read_or_refused_but_never_crash(seed: int, encoding: str, packing: str) -> None:
    choice = random.Random(seed)
    data = mutate(GOOD.encode(encoding), choice)
    data = pack(data, packing)
    if packing and choice.random() < 0.6:
        data = mutate(data, choice)
    try:
        reading = read_text(data, chunk_bytes=choice.choice([3, 100, None]), encoding=choice.choice(["", "", "cp1251"]))
    except PotokError as error:
        record = error.as_record()
    else:
        record = None
        facts = reading.staged.facts
        assert len(reading.rows) == facts["rows"]
        assert len(reading.rejected) == facts["rejected_rows"]
        assert not set(reading.rows) & {row[0] for row in reading.rejected}
        assert max([*reading.rows, *(row[0] for row in reading.rejected)]) == facts["rows"] + facts["rejected_rows"]
    assert record is None or (record["message"] and record["code"].startswith("POTOK-L0"))


@settings(max_examples=60, deadline=None)
@given(
    data=st.binary(max_size=80) | st.lists(st.sampled_from([*PIECES, b"a", b"1", b"\xcf"]), max_size=30).map(b"".join)
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        reading = read_text(data)
    except PotokError as error:
        record = error.as_record()
    else:
        record = None
        assert len(reading.rows) == reading.staged.facts["rows"] > 0
    assert record is None or (record["message"] and record["code"].startswith("POTOK-L0"))
