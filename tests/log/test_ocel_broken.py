"""Object-centric logs that are damaged, dangerous or none: one clear error, whatever the bytes."""

import contextlib
import gzip
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.errors import PotokError
from potok.engine.database_batches import BrokenDatabaseError, UnreadableValueError
from potok.engine.duckdb import connect
from potok.log.sources.arrow_staging import SourceAccessError
from potok.log.sources.base import StagingOptions
from potok.log.sources.ocel import stage_ocel
from potok.log.sources.ocel_json import NotOcelError
from potok.log.sources.ocel_json_stream import JsonMembers, JsonSyntaxError
from potok.log.sources.ocel_stream import BrokenOcelError, OversizedOcelError
from potok.log.sources.safe_xml import UnsafeXmlError
from support.ocel_logs import event, small_log, thing, write_json, write_sqlite, write_xml


def stage(path: Path, **options: Any) -> Any:
    folder = path.parent / "staging"
    folder.mkdir(exist_ok=True)
    return stage_ocel(path, options=StagingOptions(folder, **({"object_type": "Заявление"} | options)))


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"", BrokenOcelError, "is empty"),
        (b" \n", BrokenOcelError, "is empty"),
        (b"id;date\n", NotOcelError, "neither JSON nor XML"),
        (b"[1, 2]", NotOcelError, "neither JSON nor XML"),
        (b'{"a": [1], "b": {"c": 2}, "d": null}', NotOcelError, "a JSON file without events"),
        (b'{"events": [', BrokenOcelError, "Expecting value"),
        (b'{"events": [{"id": 1}, x]}', BrokenOcelError, "Expecting value"),
        (b'{"events": [1 2]}', BrokenOcelError, "a comma or ] was expected"),
        (b'{"events": [1], 2: 3}', BrokenOcelError, "a name was expected"),
        (b'{"events" [1]}', BrokenOcelError, ": was expected"),
        (b'{"events": []} x', BrokenOcelError, "text after the end"),
        (b'{"events": ["' + b"a" * 1000, BrokenOcelError, "Unterminated string"),
        (b'{"events": [' + b"[" * 100_000, BrokenOcelError, "nested too deeply"),
        (b'{"events": ["\xff"]}', BrokenOcelError, "can't decode byte 0xff"),
        (b"<log><trace/></log>", NotOcelError, "an XML file without events"),
        (b"<log><events>", BrokenOcelError, "no element found"),
        (b"<log><events></log>", BrokenOcelError, "mismatched tag"),
        (b'<?xml version="1.0" encoding="klingon"?><log/>', BrokenOcelError, "unknown encoding"),
        (b'<log><events><event><string key="id" value="1"/></event></events></log>', NotOcelError, "OCEL 1.0 in XML"),
        (b"SQLite format 3\x00" + b"\xff" * 100, BrokenDatabaseError, "damaged"),
        (b"\x1f\x8b" + b"\x00" * 30, BrokenOcelError, "is damaged"),
        (b"\x28\xb5\x2f\xfd" + b"\xff" * 30, BrokenOcelError, "is damaged"),
        (b"PK\x03\x04" + b"\x00" * 30, BrokenOcelError, "is damaged"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes, error: type[PotokError], message: str) -> None:
    path = tmp_path / "a.jsonocel"
    path.write_bytes(content)
    with pytest.raises(error, match=message) as failure:
        stage(path)
    assert failure.value.where
    assert failure.value.remedy


def test_the_line_of_an_error_is_told(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.json", small_log())
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"type": "Совет"', '"type": Совет'), encoding="utf-8")
    line = text[: text.index('"type": "Совет"')].count("\n") + 1
    with pytest.raises(BrokenOcelError, match="Expecting value") as failure:
        stage(path)
    assert failure.value.where == f"{path}, line {line}"


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE log SYSTEM "http://127.0.0.1:1/x.dtd">',
    ],
)
def test_entities_and_document_types_are_refused(tmp_path: Path, declaration: str) -> None:
    path = write_xml(tmp_path / "a.xml", small_log())
    path.write_text(path.read_text(encoding="utf-8").replace("<log>", f"{declaration}<log>", 1), encoding="utf-8")
    with pytest.raises(UnsafeXmlError, match="document type") as failure:
        stage(path)
    assert "line 1" in failure.value.where


def test_a_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonocel.gz"
    path.write_bytes(gzip.compress(b'{"events": [' + b" " * 5_000_000))
    with pytest.raises(OversizedOcelError, match="more than is allowed"):
        stage(path, max_uncompressed_bytes=1_000_000)


def test_a_cut_off_archive_is_damaged(tmp_path: Path) -> None:
    packed = gzip.compress(write_json(tmp_path / "a.json", small_log()).read_bytes())
    path = tmp_path / "a.json.gz"
    path.write_bytes(packed[:-20])
    with pytest.raises(BrokenOcelError, match="is damaged"):
        stage(path)


def test_an_archive_of_several_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "{}")
        archive.writestr("b", "{}")
    with pytest.raises(BrokenOcelError, match="2 files instead of one"):
        stage(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceAccessError, match="Cannot read"):
        stage(tmp_path / "none.json")


def test_other_databases_are_no_logs(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE event (ocel_id, ocel_type)")
        connection.commit()
        with pytest.raises(NotOcelError, match="without a table object") as failure:
            stage(path)
        assert "--query" in failure.value.remedy
        connection.execute("CREATE TABLE object (ocel_id)")
        connection.execute("CREATE TABLE event_object (ocel_event_id, ocel_object_id)")
        connection.commit()
        with pytest.raises(NotOcelError, match="table object has no column ocel_type"):
            stage(path)


def test_databases_with_less_than_the_standard_demands(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "a.sqlite", small_log())
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (table,) = connection.execute("SELECT ocel_type_map FROM event_map_type WHERE ocel_type = 'Приём'").fetchone()
        connection.execute(f'ALTER TABLE "event_{table}" RENAME TO "event_приём"')
        for of in ("event", "object"):
            connection.execute(f"DROP TABLE {of}_map_type")
        connection.execute("ALTER TABLE event_object DROP COLUMN ocel_qualifier")
        connection.commit()
    staged = stage(path)
    rows = connect().execute(f'SELECT "ocel:eid", "time:timestamp" IS NULL FROM {staged.relation}').fetchall()
    # Only the event type whose table is named after it has details; the others have no time.
    assert rows == [("e1", False), ("e2", False), ("e3", True), ("e4", True), ("e4", True)]


def test_records_of_the_wrong_shape_are_counted_or_empty(tmp_path: Path) -> None:
    log: dict[str, Any] = {
        "objects": [thing("З1", "Заявление"), 7, {"type": "Заявление"}, {"id": "x", "type": None, "attributes": 5}],
        "events": [
            event("e1", "Приём", "2024-01-01T00:00:00Z", "З1", текст="\ud800"),
            "нет",
            {"relationships": [{"objectId": "З1"}, 5, {"qualifier": "никто"}], "attributes": [{"value": 1}, None]},
        ],
    }
    path = tmp_path / "a.json"
    path.write_text(json.dumps(log), encoding="utf-8")
    staged = stage(path)
    rows = connect().execute(f"SELECT * FROM {staged.relation}").fetchall()
    assert [row[0] for row in rows] == [1, 3]
    assert rows[0][-2:] == ("?", None)
    assert rows[1][1:] == ("З1", None, None, None, None, "1")
    assert staged.facts["malformed_records"] == 2


def members(text: str, *, piece: int) -> list[tuple[str, str | None, Any]]:
    stream = io.BytesIO(text.encode())
    return list(JsonMembers(lambda _size: stream.read(piece)))


_scalars = st.none() | st.booleans() | st.integers().map(str) | st.text(max_size=20)
_names = st.text(max_size=5)
_values = st.recursive(_scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names, inner))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    document=st.dictionaries(_names, _values, max_size=4),
    piece=st.integers(1, 40),
    indent=st.none() | st.integers(0, 2),
)
def test_any_document_is_read_alike_in_pieces(document: dict[str, Any], piece: int, indent: int | None) -> None:
    expected: list[tuple[str, str | None, Any]] = []
    for key, value in document.items():
        if isinstance(value, list):
            expected += [(key, None, item) for item in value]
        elif isinstance(value, dict):
            expected += [(key, name, item) for name, item in value.items()]
        else:
            expected.append((key, None, value))
    for ascii_only in (True, False):
        text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
        try:
            assert members(text, piece=piece) == expected
        except UnicodeEncodeError:
            pytest.fail("text strategies give no surrogates")


def test_numbers_are_kept_as_written_across_pieces() -> None:
    text = '{"a": [1.50, -2e5, 12345678901234567890, true], "b": 7'
    assert members(text + "}", piece=3) == [
        ("a", None, "1.50"),
        ("a", None, "-2e5"),
        ("a", None, "12345678901234567890"),
        ("a", None, True),
        ("b", None, "7"),
    ]
    with pytest.raises(JsonSyntaxError, match="a comma or } was expected"):
        members(text, piece=3)


_fuzzing = settings(
    max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_bytes = st.integers(0, 255) | st.sampled_from(b'"{}[]:,<>/= 0e')
_mutations = st.lists(st.tuples(st.integers(0, 10**6), _bytes), min_size=1, max_size=8)


def _mutate(content: bytes, mutations: list[tuple[int, int]]) -> bytes:
    mutated = bytearray(content)
    for place, value in mutations:
        mutated[place % len(mutated)] = value
    return bytes(mutated)


@_fuzzing
@given(mutations=_mutations)
@pytest.mark.parametrize("write", [write_json, write_xml], ids=["json", "xml"])
def test_mutated_texts_raise_only_our_errors(tmp_path: Path, write: Any, mutations: list[tuple[int, int]]) -> None:
    path = write(tmp_path / "a.log", small_log())
    path.write_bytes(_mutate(path.read_bytes(), mutations))
    with contextlib.suppress(PotokError):
        stage(path)


@settings(_fuzzing, max_examples=12)
@given(mutations=_mutations)
def test_mutated_databases_raise_only_our_errors(tmp_path: Path, mutations: list[tuple[int, int]]) -> None:
    whole = tmp_path / "whole.sqlite"
    if not whole.exists():
        write_sqlite(whole, small_log())
    path = tmp_path / "a.sqlite"
    path.write_bytes(_mutate(whole.read_bytes(), mutations))
    with contextlib.suppress(PotokError):
        stage(path)


def test_a_column_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "a.sqlite", small_log())
    content = path.read_bytes()
    # The first byte of a letter in the text of the schema.
    path.write_bytes(content.replace('"статус"'.encode(), b'"\xff' + '"статус"'.encode()[2:]))
    with pytest.raises(UnreadableValueError, match="decode byte 0xff"):
        stage(path)
