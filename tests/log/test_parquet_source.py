"""Parquet files are read where they lie, whatever their names and types."""

import contextlib
import decimal
import hashlib
import uuid
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.errors import PotokError
from potok.engine.duckdb import connect
from potok.engine.long_statements import translated_errors
from potok.log.sources.arrow_staging import SourceAccessError
from potok.log.sources.base import ColumnKind, Staged, StagingOptions
from potok.log.sources.parquet import BrokenParquetError, NoParquetFilesError, stage_parquet

AT = datetime.fromisoformat("2024-01-31 10:05")
KEY = uuid.UUID(int=5)


def stage(path: Path) -> Staged:
    return stage_parquet(path, options=StagingOptions(path.parent))


def rows_of(staged: Staged) -> list[tuple[Any, ...]]:
    return connect().execute(f"SELECT * FROM {staged.relation}").fetchall()


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (pa.array(["я"]), ColumnKind.TEXT, "я"),
        (pa.array(["я"]).dictionary_encode(), ColumnKind.TEXT, "я"),
        (pa.array([b"\xd1\x8f"], pa.binary()), ColumnKind.TEXT, "я"),
        (pa.array([b"\xff\x00"], pa.binary()), ColumnKind.TEXT, "FF00"),
        (pa.array([7], pa.int8()), ColumnKind.INTEGER, 7),
        (pa.array([2**32 - 1], pa.uint32()), ColumnKind.INTEGER, 2**32 - 1),
        (pa.array([2**64 - 1], pa.uint64()), ColumnKind.TEXT, str(2**64 - 1)),
        (pa.array([1.5], pa.float32()), ColumnKind.REAL, 1.5),
        (pa.array([decimal.Decimal("1.25")], pa.decimal128(10, 2)), ColumnKind.REAL, 1.25),
        (pa.array([decimal.Decimal(5)], pa.decimal128(10, 0)), ColumnKind.INTEGER, 5),
        (pa.array([decimal.Decimal(10**19 + 1)], pa.decimal128(20, 0)), ColumnKind.TEXT, str(10**19 + 1)),
        (pa.array([True]), ColumnKind.BOOLEAN, True),
        (pa.array([AT], pa.timestamp("ns")), ColumnKind.LOCAL_TIME, AT),
        (pa.array([AT], pa.timestamp("ms")), ColumnKind.LOCAL_TIME, AT),
        (pa.array([AT], pa.timestamp("us", "Europe/Moscow")), ColumnKind.INSTANT, AT.replace(tzinfo=UTC)),
        (pa.array([AT], pa.timestamp("ns", "UTC")), ColumnKind.INSTANT, AT.replace(tzinfo=UTC)),
        (pa.array([AT.date()]), ColumnKind.LOCAL_TIME, date(2024, 1, 31)),
        (pa.array([time(10, 5)]), ColumnKind.TEXT, "10:05:00"),
        (pa.array([{"a": [1, None]}]), ColumnKind.TEXT, '{"a":[1,null]}'),
        (pa.array([[1, 2]]), ColumnKind.TEXT, "[1,2]"),
        (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), ColumnKind.TEXT, '{"a":1}'),
        (pa.array([KEY.bytes], pa.uuid()), ColumnKind.TEXT, str(KEY)),
        (pa.array([None], pa.null()), ColumnKind.TEXT, None),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_types(tmp_path: Path, values: Any, kind: ColumnKind, expected: object) -> None:
    pq.write_table(pa.table({"v": values}), tmp_path / "a.parquet")
    staged = stage(tmp_path / "a.parquet")
    assert staged.columns[0].kind is kind
    assert rows_of(staged) == [(expected,)]


@pytest.mark.parametrize(
    "name", ["it's a 'test'.parquet", "f[1].parquet", "a*.parquet", "q?.parquet", "{a,b}.parquet", "я.pq"]
)
def test_any_name_means_that_file_only(tmp_path: Path, name: str) -> None:
    pq.write_table(pa.table({"v": [1]}), tmp_path / name)
    pq.write_table(pa.table({"v": [2]}), tmp_path / "ab.parquet")
    pq.write_table(pa.table({"v": [3]}), tmp_path / "f1.parquet")
    staged = stage(tmp_path / name)
    assert rows_of(staged) == [(1,)]
    assert staged.files[0].name == name
    assert staged.files[0].sha256 == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()


def test_quotes_in_column_names_are_harmless(tmp_path: Path) -> None:
    name = 'a"; DROP TABLE x; --'
    pq.write_table(pa.table({name: [1], "b": [2]}), tmp_path / "a.parquet")
    staged = stage(tmp_path / "a.parquet")
    assert [column.name for column in staged.columns] == [name, "b"]
    assert rows_of(staged) == [(1, 2)]


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    for year, value in ((2023, 1), (2024, 2)):
        (folder / f"year={year}").mkdir(parents=True)
        pq.write_table(pa.table({"v": [value]}), folder / f"year={year}" / "part-0.parquet")
    pq.write_table(pa.table({"v": [3], "extra": ["x"]}), folder / "year=2024" / "part-1.parquet")
    (folder / "_SUCCESS").write_text("")
    (folder / "_temporary").mkdir()
    (folder / "_temporary" / "x.parquet").write_bytes(b"half")
    (folder / ".hidden.parquet").write_bytes(b"half")
    staged = stage(folder)
    assert [column.name for column in staged.columns] == ["v", "extra", "year"]
    assert rows_of(staged) == [(1, None, "2023"), (2, None, "2024"), (3, "x", "2024")]
    assert [file.name for file in staged.files] == [
        "year=2023/part-0.parquet",
        "year=2024/part-0.parquet",
        "year=2024/part-1.parquet",
    ]
    assert staged.facts["parquet_files"] == 3
    assert staged.facts["rows"] == 3


def test_folders_without_plain_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NoParquetFilesError, match="no Parquet file"):
        stage(tmp_path)
    (tmp_path / "_delta_log").mkdir()
    pq.write_table(pa.table({"v": [1]}), tmp_path / "a.parquet")
    with pytest.raises(NoParquetFilesError, match="outdated files") as failure:
        stage(tmp_path)
    assert failure.value.remedy


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"a;b\n1;2\n", "not a Parquet file"),
        (b"PARE123", "encrypted"),
        (b"PAR1abc", "cannot be read"),
    ],
)
def test_other_files(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(BrokenParquetError, match=message) as failure:
        stage(path)
    assert failure.value.where == str(path)


def test_a_cut_off_file_and_a_missing_one(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"v": list(range(1000))}), path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(BrokenParquetError, match="cannot be read as Parquet"):
        stage(path)
    with pytest.raises(SourceAccessError, match="Cannot read"):
        stage(tmp_path / "none.parquet")


def test_files_of_a_folder_that_contradict_each_other(tmp_path: Path) -> None:
    pq.write_table(pa.table({"v": pa.array([{"a": 1}])}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"v": pa.array([[1]])}), tmp_path / "b.parquet")
    with pytest.raises(PotokError, match="cannot be read"), translated_errors(tmp_path):
        rows_of(stage(tmp_path))


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutations=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8))
def test_mutated_files_raise_only_our_errors(tmp_path: Path, mutations: list[tuple[int, int]]) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"v": [1, 2], "t": ["x", None], "at": [AT, AT]}), path)
    content = bytearray(path.read_bytes())
    for place, value in mutations:
        content[place % len(content)] = value
    path.write_bytes(content)
    with contextlib.suppress(PotokError):
        stage(path)
