"""Queries on SQLite: read-only, one SELECT, types by what is there, clear refusals."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.errors import PotokError
from potok.engine.database_batches import (
    BrokenDatabaseError,
    CannotConnectError,
    QueryFailedError,
    ResultColumn,
    UnreadableValueError,
    as_batch,
)
from potok.engine.database_urls import DatabaseUrlError, PostgresqlUrl, parse_database_url
from potok.engine.databases import QueryNotAllowedError, only_select, stream_query
from potok.engine.duckdb import connect
from potok.log.sources.base import ColumnKind, Staged, StagingOptions
from potok.log.sources.database import QueryMissingError, stage_database


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "Дела 2024%20[1].db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE events (id INTEGER, step TEXT, at TEXT, cost, note BLOB, n)")
        connection.executemany(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)",
            [
                (1, "Приём", "2024-01-31", 1, b"\xd1\x8f", 1),
                (2, "Отказ", "2024-02-01", 1.5, b"\xff", "x"),
                (3, None, None, None, None, None),
            ],
        )
        connection.commit()
    return f"sqlite:///{path}"


def read(url: str, query: str, *, batch_rows: int = 2) -> list[dict[str, Any]]:
    return pa.Table.from_batches(stream_query(url, query, batch_rows=batch_rows)).to_pylist()


def test_types_are_those_that_occur(database: str) -> None:
    batches = list(stream_query(database, "SELECT *, NULL AS missing FROM events ORDER BY id; -- all", batch_rows=2))
    assert [batch.num_rows for batch in batches] == [2, 1]
    assert [str(field.type) for field in batches[0].schema] == [
        "int64", "string", "string", "double", "string", "string", "string",
    ]  # fmt: skip
    assert pa.Table.from_batches(batches).to_pylist()[:2] == [
        {"id": 1, "step": "Приём", "at": "2024-01-31", "cost": 1.0, "note": "я", "n": "1", "missing": None},
        {"id": 2, "step": "Отказ", "at": "2024-02-01", "cost": 1.5, "note": "ff", "n": "x", "missing": None},
    ]


def test_an_empty_result_still_has_columns(database: str) -> None:
    (batch,) = stream_query(database, "WITH none AS (SELECT * FROM events WHERE 0) SELECT id, step FROM none")
    assert batch.num_rows == 0
    assert batch.schema.names == ["id", "step"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "empty"),
        (" ; ", "empty"),
        ("DELETE FROM events", "not a SELECT"),
        ("PRAGMA table_info(events)", "not a SELECT"),
        ("SELECT 1; DROP TABLE events", "several statements"),
        ("SELECT 'unclosed", "cannot be understood"),
    ],
)
def test_only_one_select_is_run(database: str, query: str, message: str) -> None:
    with pytest.raises(QueryNotAllowedError, match=message):
        list(stream_query(database, query))


def test_semicolons_in_texts_and_brackets_are_no_statements() -> None:
    assert only_select("(SELECT ';') -- ;", dialect="sqlite") == "(SELECT ';') -- ;"
    assert only_select("SELECT 'я;' ;\n", dialect="postgres") == "SELECT 'я;' "
    assert only_select("SELECT $$;$$", dialect="postgres") == "SELECT $$;$$"


def test_a_database_cannot_be_written(database: str) -> None:
    with pytest.raises(QueryFailedError, match="refuses the query"):
        list(stream_query(database, "WITH x AS (SELECT 1) DELETE FROM events"))
    assert len(read(database, "SELECT * FROM events")) == 3


def test_unknown_tables_are_named(database: str) -> None:
    with pytest.raises(QueryFailedError, match="no such table: nope"):
        list(stream_query(database, "SELECT * FROM nope"))


def test_missing_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(CannotConnectError, match="no database file"):
        list(stream_query(f"sqlite:///{tmp_path}/none.db", "SELECT 1"))
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "a.db").write_bytes(b"SQLite format 3\x00" + b"\xff" * 200)
    with pytest.raises(BrokenDatabaseError, match="is damaged"):
        list(stream_query(f"sqlite:///{tmp_path}/a.db", "SELECT * FROM t"))


def test_a_locked_database_is_said(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("potok.engine.sqlite.BUSY_SECONDS", 0.1)
    path = database.removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CannotConnectError, match="locked"):
            list(stream_query(database, "SELECT * FROM events"))


def test_text_that_is_not_utf8_is_refused_not_mended(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute("INSERT INTO t VALUES (CAST(x'cff0e8' AS TEXT))")
        connection.commit()
    with pytest.raises(UnreadableValueError, match="UTF-8") as failure:
        list(stream_query(f"sqlite:///{tmp_path}/a.db", "SELECT a FROM t"))
    assert "CAST" in failure.value.remedy


def test_a_value_that_does_not_fit_names_its_column() -> None:
    with pytest.raises(UnreadableValueError, match="cannot be read") as failure:
        as_batch([("x",)], [ResultColumn("n", pa.int64(), int)], where="sqlite:///a.db")
    assert failure.value.where == "sqlite:///a.db, n"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:secret@h/d",
        "sqlite:///",
        "postgresql:/u:secret@h/d",
        "postgresql://u:sec/ret@h/d",
        "postgresql://u:sec#ret@h/d",
        "postgresql://u:secret@h:99999999/d",
        "postgresql://u:secret@[h/d",
        "postgresql://u@h/d?secret=secret",
    ],
)
def test_a_wrong_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(DatabaseUrlError) as failure:
        list(stream_query(url, "SELECT 1"))
    assert "secret" not in str(failure.value.as_record())
    assert "ret@" not in str(failure.value.as_record())


def test_an_address_is_shown_without_credentials() -> None:
    url = parse_database_url("postgres://me:p%40ss@host:5433/дела?sslmode=require&user=other")
    assert isinstance(url, PostgresqlUrl)
    assert url.parameters == {
        "host": "host", "port": "5433", "user": "other", "password": "p@ss", "dbname": "дела", "sslmode": "require",
    }  # fmt: skip
    assert url.shown == "postgresql://host:5433/%D0%B4%D0%B5%D0%BB%D0%B0"
    assert "p@ss" not in repr(url)
    assert url.scrub("no p@ss or p%40ss\n here") == "no *** or *** here"


def test_a_path_may_be_written_with_escapes(tmp_path: Path) -> None:
    (tmp_path / "a b.db").touch()
    assert parse_database_url(f"sqlite:///{tmp_path}/a%20b.db").shown == f"sqlite:///{tmp_path}/a b.db"


def stage(url: str, folder: Path, query: str) -> Staged:
    return stage_database(url, options=StagingOptions(folder, query=query))


def test_a_query_is_staged(database: str, tmp_path: Path) -> None:
    staged = stage(database, tmp_path, "SELECT id, step AS Id, at, cost FROM events ORDER BY events.id")
    assert [(column.name, column.kind) for column in staged.columns] == [
        ("id", ColumnKind.INTEGER),
        ("Id 2", ColumnKind.TEXT),
        ("at", ColumnKind.TEXT),
        ("cost", ColumnKind.REAL),
    ]
    rows = connect().execute(f"SELECT * FROM {staged.relation}").fetchall()
    assert rows[0] == (1, "Приём", "2024-01-31", 1.0)
    assert staged.facts["rows"] == 3
    assert staged.files[0].name == database
    assert staged.format == "database"
    assert staged.row_column == ""


def test_the_hash_is_that_of_the_rows_not_of_the_batches(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "SELECT id, step FROM events ORDER BY id"
    whole = stage(database, tmp_path, query).files[0]
    monkeypatch.setattr(stream_query, "__kwdefaults__", {"batch_rows": 1})
    assert stage(database, tmp_path, query).files[0] == whole
    assert stage(database, tmp_path, query + " DESC").files[0].sha256 != whole.sha256
    other = "SELECT id, coalesce(step, '') AS step FROM events ORDER BY id"
    assert stage(database, tmp_path, other).files[0].sha256 != whole.sha256


def test_a_missing_query_is_said(database: str, tmp_path: Path) -> None:
    with pytest.raises(QueryMissingError, match="what to read"):
        stage(database, tmp_path, "  ")


def test_kinds_of_databases_with_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    types = {
        "i": pa.int64(), "r": pa.float64(), "b": pa.bool_(), "d": pa.date32(), "l": pa.timestamp("us"),
        "z": pa.timestamp("us", "UTC"), "t": pa.string(),
    }  # fmt: skip
    batch = pa.record_batch([pa.array([None], kind) for kind in types.values()], names=list(types))
    monkeypatch.setattr("potok.log.sources.database.stream_query", lambda _url, _query: iter([batch]))
    staged = stage("sqlite:///x", tmp_path, "SELECT 1")
    assert [column.kind.value for column in staged.columns] == [
        "integer", "real", "boolean", "local_time", "local_time", "instant", "text",
    ]  # fmt: skip


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutations=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=20))
def test_mutated_databases_raise_only_our_errors(
    database: str, tmp_path: Path, mutations: list[tuple[int, int]]
) -> None:
    content = bytearray(Path(database.removeprefix("sqlite:///")).read_bytes())
    for place, value in mutations:
        content[place % len(content)] = value
    path = tmp_path / "mutated.db"
    path.write_bytes(content)
    with contextlib.suppress(PotokError):
        read(f"sqlite:///{path}", "SELECT * FROM events")
