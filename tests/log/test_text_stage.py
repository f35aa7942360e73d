"""Staging of sound texts: what DuckDB reads is what stands in the file."""

import csv
import errno
import gzip
import hashlib
import io
import tempfile
import zipfile
from pathlib import Path

import pytest
import zstandard

from potok.core.progress import SilentProgress
from potok.log.sources.archive import UnsafeMemberNameError
from potok.log.sources.base import ColumnKind, ColumnLevel, StagedColumn, StagingOptions
from potok.log.sources.text import stage_text
from potok.log.sources.text.beginning import DifferentHeadersError
from potok.log.sources.text.sinks import StagingSpaceFailureError
from support.texts import Reading, read_text, scan

SMALL = 'case;activity;note\n1;Приём;"a;b"\n1;Отказ;""\n2;Приём;"two\nlines"\n'
ROWS = [("1", "Приём", "a;b"), ("1", "Отказ", None), ("2", "Приём", "two\nlines")]


def zipped(members: dict[str, str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return written.getvalue()


def stage(path: Path, **options: object) -> Reading:
    with tempfile.TemporaryDirectory() as folder:
        return scan(stage_text(path, options=StagingOptions(folder=Path(folder), **options)))


def test_a_plain_text_is_read_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "журнал.csv"
    path.write_text(SMALL, encoding="utf-8")
    folder = tmp_path / "temporary"
    folder.mkdir()
    staged = stage_text(path, options=StagingOptions(folder=folder))
    assert list(folder.iterdir()) == []
    assert str(path) in staged.relation
    assert staged.columns == tuple(
        StagedColumn(name, ColumnKind.TEXT, ColumnLevel.UNKNOWN) for name in ("case", "activity", "note")
    )
    assert (staged.format, staged.row_column, staged.rejected) == ("csv", "", None)
    (file,) = staged.files
    data = path.read_bytes()
    assert (file.name, file.size_bytes, file.sha256) == ("журнал.csv", len(data), hashlib.sha256(data).hexdigest())
    assert staged.facts == {
        "encoding": "utf-8",
        "encoding_guessed": True,
        "had_bom": False,
        "delimiter": ";",
        "quote": '"',
        "spaces_around_quotes": False,
        "line_end": "LF",
        "header_line": 1,
        "skipped_lines": 0,
        "skipped_text": [],
        "renamed_columns": [],
        "lines": 5,
        "blank_lines": 0,
        "rows": 3,
        "rejected_rows": 0,
        "packing": "plain",
        "members": ["журнал.csv"],
        "copied": False,
    }
    assert scan(staged).values == ROWS


@pytest.mark.parametrize(
    ("text", "copied"),
    [
        (SMALL, False),
        (SMALL[:-1], False),
        ("\ufeff" + SMALL, False),
        (SMALL.replace("\n", "\r\n"), False),
        (SMALL.replace("\n", "\r\n").replace("two\r\n", "two\n"), False),  # as Excel writes cells of several lines
        (SMALL.replace("1;Отказ", '1;ООО "О" и "К"'), False),
        (SMALL + "\n", True),
        (SMALL.replace("1;Отказ", "\n1;Отказ"), True),
        (SMALL + "\x1a", True),  # as DOS programs ended texts
        (SMALL.replace("1;Приём", "  \n1;Приём"), True),
        (SMALL.replace("1;Приём", "1; Приём"), False),
        (SMALL.replace('"a;b"\n', '"a;b"\r\n'), True),  # line ends of two kinds
        (SMALL.replace('1;Отказ;""', '1;Отказ; "x" y'), True),
        ("Титул\n" + SMALL, True),
        (SMALL.replace("activity", '"activ\nity"'), True),
        (SMALL.partition("\n")[2], False),
        ("\ufeff" + SMALL.partition("\n")[2], False),
    ],
)
def test_values_are_those_of_the_csv_module_copied_or_not(text: str, copied: bool) -> None:
    for chunk_bytes in (1, 7, None):
        reading = read_text(text, chunk_bytes=chunk_bytes, buffer_bytes=400)
        body = text.strip("\ufeff\x1a\n").replace('""\r', '""')
        expected = [row for row in csv.reader(io.StringIO(body, newline=""), delimiter=";") if len(row) == 3]
        if reading.staged.facts["header_line"]:
            expected = expected[1:]
        assert reading.values == [tuple(value or None for value in row) for row in expected]
        assert (reading.staged.facts["copied"], reading.rejected) == (copied, [])


def test_old_macintosh_line_ends() -> None:
    for chunk_bytes in (1, None):
        reading = read_text(SMALL.replace("\n", "\r"), chunk_bytes=chunk_bytes)
        assert reading.values == ROWS
        assert (reading.staged.facts["line_end"], reading.staged.facts["lines"]) == ("CR", 5)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, lambda data: zipped({"a.csv": data.decode()})])
@pytest.mark.parametrize("name", ["log.csv.gz", "log.csv", "log.csv.zip"])
def test_packed_texts_whatever_their_name(pack: object, name: str) -> None:
    assert callable(pack)
    data = pack(SMALL.encode())
    reading = read_text(data, name=name)
    assert reading.values == ROWS
    (file,) = reading.staged.files
    assert (file.name, file.size_bytes, file.sha256) == (name, len(data), hashlib.sha256(data).hexdigest())
    assert reading.staged.facts["packing"] in {"gzip", "zstd", "zip"}


def test_members_of_a_zip_file_are_one_table() -> None:
    header, _, body = SMALL.partition("\n")
    members = {
        "2024/январь.csv": SMALL,
        "2024/февраль.csv": f"\ufeffТитул\n{header}\n3;Приём;\n4;bad\n",
        "2024/март.txt": f"{header}\r\n5;Отказ;x",
    }
    reading = read_text(zipped(members), name="год.zip")
    assert reading.staged.facts["members"] == list(members)
    assert reading.rows == dict(enumerate([*ROWS, ("3", "Приём", None)], 1)) | {6: ("5", "Отказ", "x")}
    assert reading.rejected == [(5, 4, "", "too_few_fields", "4;bad")]
    assert reading.staged.facts["lines"] == 5 + 4 + 2
    for other in (body, "case;step\n1;2\n", "text\n"):
        with pytest.raises(DifferentHeadersError, match="have different columns: case, activity, note and"):
            read_text(zipped({"a.csv": SMALL, "b.csv": other}))


def test_a_member_is_never_written_under_its_name(tmp_path: Path) -> None:
    path = tmp_path / "log.zip"
    path.write_bytes(zipped({"../escaped.csv": SMALL}))
    with pytest.raises(UnsafeMemberNameError):
        stage(path)
    assert not (tmp_path / "escaped.csv").exists()
    path.write_bytes(zipped({"folder/log.csv": SMALL}))
    assert stage(path).values == ROWS
    assert not list(tmp_path.rglob("folder"))


@pytest.mark.parametrize(
    "name",
    [
        "a*.csv",
        "a?.csv",
        "[ab].csv",
        "it's.csv",
        'quo"ted.csv',
        "a;b, c.csv",
        "{a}.csv",
        "a.csv.gz",
        "a.zst",
        "-",
        "я\n.csv",
        "a\\b.csv",
    ],
)
def test_odd_names_of_files_are_taken_literally(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "year=2024" / "w*[1]"
    folder.mkdir(parents=True)
    for decoy in ("ab.csv", "aa.csv", "a.csv", "b.csv"):
        (folder / decoy).write_text("x;y\n7;8\n")
    path = folder / name
    path.write_text(SMALL, encoding="utf-8")
    reading = stage(path)
    assert reading.values == ROWS
    assert reading.names == ["case", "activity", "note"]


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / b"\xe6\xf3.csv".decode("utf-8", "surrogateescape")
    try:
        path.write_text(SMALL, encoding="utf-8")
    except (OSError, UnicodeError):
        pytest.skip("this system has no such names")
    assert stage(path).values == ROWS


def test_temporary_folders_may_have_odd_names(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(SMALL + "\n", encoding="utf-8")
    folder = tmp_path / "w*[1]?"
    folder.mkdir()
    assert scan(stage_text(tmp_path / "log.csv", options=StagingOptions(folder=folder))).values == ROWS


def test_where_a_link_is_needed_and_refused_the_system_is_to_blame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a\\*.csv"
    path.write_text(SMALL, encoding="utf-8")
    assert stage(path).values == ROWS

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "not permitted")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    with pytest.raises(StagingSpaceFailureError, match="cannot be written: Operation not permitted"):
        stage(path)


@pytest.mark.parametrize(
    "name", ["it's", 'quo"ted', "a{b}", "a, b", "select", "ROWID", "имя", "'': '", "\\", "{'x': 1}", "💥"]
)
def test_odd_names_of_columns_are_taken_literally(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    reading = read_text(f"case;{quoted};source_row\n1;2;3\n4;5\n")
    assert reading.names == ["case", name, "source_row"]
    assert reading.staged.row_column == "source_row_"
    assert reading.rows == {1: ("1", "2", "3")}


def test_records_of_many_megabytes() -> None:
    big = "я" * 2_000_000
    reading = read_text(f'a;b\n1;{big}\n2;"{big}\n"\n3;x\n')
    assert reading.rows == {1: ("1", big), 4: ("3", "x")}
    assert [row[:4] for row in reading.rejected] == [(2, 3, "b", "quote_not_closed"), (3, 4, "a", "quote_not_closed")]


def test_several_files_may_be_staged_into_one_folder(tmp_path: Path) -> None:
    staged = []
    for number in (1, 2):
        path = tmp_path / f"{number}.csv"
        path.write_text(f"a;b\n\n{number};x\n{number}\n")
        staged.append(stage_text(path, options=StagingOptions(folder=tmp_path)))
    assert [scan(one).rows for one in staged] == [{1: ("1", "x")}, {1: ("2", "x")}]
    assert [scan(one).rejected[0][4] for one in staged] == ["1", "2"]


class Recorder(SilentProgress):
    def __init__(self) -> None:
        self.stages: list[tuple[str, int | None, str]] = []
        self.done: list[int] = []
        self.finished = 0

    def start(self, stage: str, *, total: int | None = None, unit: str = "") -> None:
        self.stages.append((stage, total, unit))

    def advance_to(self, done: int) -> None:
        self.done.append(done)

    def finish(self) -> None:
        self.finished += 1


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: zipped({"a": data.decode(), "b": data.decode()})])
def test_progress_ends_where_the_file_does(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    path = tmp_path / "log.csv"
    path.write_bytes(pack(SMALL.encode()))
    recorder = Recorder()
    stage(path, progress=recorder)
    ((name, total, unit),) = recorder.stages
    assert (name, unit, recorder.finished) == ("Reading the text", "bytes", 1)
    assert recorder.done[-1] == total


@pytest.mark.data
def test_public_logs_have_the_rows_that_the_csv_module_sees(shared_data: Path) -> None:
    found = sorted([*shared_data.rglob("*.csv"), *shared_data.rglob("*.csv.gz")])
    files = {path.parent: path for path in found}.values()  # one of each folder
    assert len(files) > 12
    for path in files:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as text:
            reading = stage(path)
            delimiter = reading.staged.facts["delimiter"]
            header, *rows = [row for row in csv.reader(text, delimiter=delimiter, strict=True) if row]
        assert reading.names == [name or f"column_{number}" for number, name in enumerate(header, 1)]
        assert reading.values == [tuple(value or None for value in row) for row in rows]
        assert reading.rejected == []
