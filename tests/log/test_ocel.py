"""Object-centric logs become cases of one object type, the same from every encoding, nothing dropped in silence."""

import gzip
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard

from potok.engine.duckdb import connect
from potok.log.sources.arrow_staging import StagingSpaceError
from potok.log.sources.base import ColumnKind, ColumnLevel, Staged, StagingOptions
from potok.log.sources.ocel import stage_ocel
from potok.log.sources.ocel_object_types import ObjectType, ObjectTypeError
from support.ocel_logs import START, Log, event, small_log, thing, write_json, write_sqlite, write_xml

WRITERS = {"json": write_json, "xml": write_xml, "sqlite": write_sqlite}


def stage(path: Path, kind: str = "Заявление") -> Staged:
    folder = path.parent / f"staging-{path.name}"
    folder.mkdir(exist_ok=True)
    return stage_ocel(path, options=StagingOptions(folder, object_type=kind))


def rows_of(staged: Staged) -> list[tuple[Any, ...]]:
    return connect().execute(f"SELECT * FROM {staged.relation}").fetchall()


def rejected_of(staged: Staged) -> list[tuple[Any, ...]]:
    connection = connect()
    connection.execute(
        'CREATE TABLE rejected (source_row BIGINT, line BIGINT, "column" VARCHAR, reason VARCHAR, text VARCHAR)'
    )
    assert staged.rejected is not None
    staged.rejected(connection, "rejected")
    return connection.execute("FROM rejected").fetchall()


@pytest.fixture(params=sorted(WRITERS))
def small(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    write: Callable[[Path, Log], Path] = WRITERS[request.param]
    return write(tmp_path / f"log.{request.param}", small_log())


def test_one_row_per_event_and_object(small: Path) -> None:
    staged = stage(small)
    assert [column.name for column in staged.columns] == [
        "case:concept:name",
        "concept:name",
        "time:timestamp",
        "ocel:eid",
        "ocel:qualifier",
        "ocel:objects:Документ",
        "кто",
        "срок",
        "case:канал",
        "case:статус",
        "case:сумма",
    ]
    at = datetime(2024, 1, 1, 10, tzinfo=UTC)
    assert rows_of(staged) == [
        (1, "З1", "Приём", at, "e1", "подано", 1, "Иванов", None, "МФЦ", "новое", None),
        (2, "З2", "Приём", at.replace(day=2), "e2", None, 2, None, None, "портал", None, None),
        (3, "З1", "Проверка", at.replace(day=3), "e3", "первично; повторно", 0, None, "5", "МФЦ", "в работе", None),
        (4, "З2", "Совет", at.replace(day=4), "e4", None, 0, None, None, "портал", None, "5.0"),
        (4, "З1", "Совет", at.replace(day=4), "e4", None, 0, None, None, "МФЦ", "в работе", None),
    ]
    assert staged.row_column == "__row"
    assert staged.format == "ocel"


def test_levels_and_kinds(small: Path) -> None:
    columns = {column.name: column for column in stage(small).columns}
    assert columns["case:concept:name"].level is ColumnLevel.CASE
    assert columns["case:канал"].level is ColumnLevel.CASE
    assert columns["case:статус"].level is ColumnLevel.EVENT
    assert columns["case:сумма"].level is ColumnLevel.EVENT
    assert columns["кто"].level is ColumnLevel.EVENT
    assert columns["time:timestamp"].kind is ColumnKind.INSTANT
    assert columns["ocel:objects:Документ"].kind is ColumnKind.INTEGER


def test_what_does_not_fit_is_counted_and_handed_on(small: Path) -> None:
    staged = stage(small)
    assert rejected_of(staged) == [(5, None, "", "no_object_of_type", "e5")]
    assert staged.facts == {
        "ocel_version": "2.0",
        "encoding": small.suffix[1:],
        "object_type": "Заявление",
        "object_types": [
            {"type": "Заявление", "objects": 3, "events": 4},
            {"type": "Документ", "objects": 2, "events": 3},
        ],
        "events": 5,
        "events_without_object_of_type": 1,
        "events_in_several_cases": 1,
        "objects_without_events": 1,
        "relations_to_unknown_objects": 1,
        "repeated_event_ids": 0,
        "repeated_object_ids": 0,
        "times_without_offset": 0,
        "unreadable_times": 0,
        "malformed_records": 0,
    }


def test_the_object_type_must_be_named_if_there_are_several(small: Path) -> None:
    with pytest.raises(ObjectTypeError, match="which one is the case") as failure:
        stage(small, "")
    assert failure.value.remedy == (
        "Name one with --object-type: «Заявление» (3 objects, 4 events); «Документ» (2 objects, 3 events). "
        "«Заявление» looks most like a case."
    )
    with pytest.raises(ObjectTypeError, match="no events of the object type «заявка»"):
        stage(small, "заявка")


def test_the_only_object_type_needs_no_name(tmp_path: Path) -> None:
    log = {"objects": [thing("a", "T")], "events": [event("e", "x", "2024-01-01T00:00:00Z", "a")]}
    staged = stage(write_json(tmp_path / "a.json", log), "")
    assert [column.name for column in staged.columns] == [
        "case:concept:name", "concept:name", "time:timestamp", "ocel:eid",
    ]  # fmt: skip


def test_a_log_without_relations_is_said(tmp_path: Path) -> None:
    with pytest.raises(ObjectTypeError, match="No event is related"):
        stage(write_json(tmp_path / "a.json", {"objects": [thing("a", "T")], "events": []}), "T")


def test_likeness_prefers_many_events_of_one_object_each() -> None:
    assert ObjectType("application", 200, 100, 1000, 1000).likeness > ObjectType("clerk", 5, 5, 1000, 3000).likeness
    assert ObjectType("document", 1000, 1000, 1000, 1000).likeness == 0
    assert ObjectType("unused", 3, 0, 0, 0).likeness == 0


def _packed(path: Path, content: bytes, packing: str) -> Path:
    if packing == "gz":
        path.write_bytes(gzip.compress(content))
    elif packing == "zst":
        path.write_bytes(zstandard.compress(content))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("log", content)
    return path


@pytest.mark.parametrize(("encoding", "packing"), [("json", "gz"), ("xml", "zst"), ("sqlite", "zip")])
def test_packed_logs_are_the_same(tmp_path: Path, encoding: str, packing: str) -> None:
    path = WRITERS[encoding](tmp_path / "log", small_log())
    packed = _packed(tmp_path / f"log.{packing}", path.read_bytes(), packing)
    assert rows_of(stage(packed)) == rows_of(stage(path))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_of_json(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(small_log(), ensure_ascii=False), encoding=encoding)
    assert len(rows_of(stage(path))) == 5


@pytest.mark.parametrize(
    ("times", "kind"),
    [
        (["2024-01-01T10:00:00", "2024-01-02"], ColumnKind.LOCAL_TIME),
        (["2024-01-01T10:00:00+03:00", "2024-01-01 10:00:00.5Z"], ColumnKind.INSTANT),
        (["2024-01-01T10:00:00", "2024-01-01T10:00:00Z"], ColumnKind.TEXT),
        (["01.02.2024", "2024-01-01T10:00:00Z"], ColumnKind.TEXT),
        (["", ""], ColumnKind.TEXT),
        (["infinity", "2024-01-01T10:00:00"], ColumnKind.TEXT),
    ],
)
def test_instants_are_typed_only_if_all_are_alike(tmp_path: Path, times: list[str], kind: ColumnKind) -> None:
    log = {"objects": [thing("a", "T")], "events": [event(f"e{i}", "x", t, "a") for i, t in enumerate(times)]}
    staged = stage(write_json(tmp_path / "a.json", log), "T")
    (time,) = [column for column in staged.columns if column.name == "time:timestamp"]
    assert time.kind is kind
    if kind is ColumnKind.TEXT:
        assert [row[3] or "" for row in rows_of(staged)] == times


def test_values_without_a_time_hold_from_the_beginning(tmp_path: Path) -> None:
    log: dict[str, Any] = {
        "objects": [
            {
                "id": "a",
                "type": "T",
                "attributes": [{"name": "v", "value": "1"}, {"name": "w", "time": "когда-то", "value": 2.50}],
            }
        ],
        "events": [event("e", "x", "", "a")],
    }
    staged = stage(write_json(tmp_path / "a.json", log), "T")
    assert rows_of(staged) == [(1, "a", "x", None, "e", "1", "2.5")]


def test_the_last_of_simultaneous_values_holds(tmp_path: Path) -> None:
    then = "2024-01-01T00:00:00Z"
    log = {
        "objects": [thing("a", "T", ("v", START, "1"), ("v", then, "2"), ("v", then, "3"))],
        "events": [event("e", "x", then, "a")],
    }
    assert rows_of(stage(write_json(tmp_path / "a.json", log), "T"))[0][-1] == "3"


def test_names_that_collide_are_numbered(tmp_path: Path) -> None:
    log = {
        "objects": [thing("a", "T", ("V", START, "1"))],
        "events": [event("e", "x", "2024-01-01T00:00:00Z", "a", **{"concept:name": "n", "case:v": "m", "Case:V": "k"})],
    }
    staged = stage(write_json(tmp_path / "a.json", log), "T")
    assert [column.name for column in staged.columns][4:] == ["Case:V", "case:v 2", "concept:name 2", "case:V 3"]
    assert rows_of(staged)[0][-4:] == ("k", "m", "n", "1")


def test_long_logs_are_written_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_json(tmp_path / "a.json", small_log())
    whole = rows_of(stage(path))
    monkeypatch.setattr("potok.log.sources.ocel_tables.BATCH_ROWS", 2)
    assert rows_of(stage(path)) == whole


def test_nothing_is_left_outside_the_folder_for_temporary_files(small: Path) -> None:
    stage(small)
    assert sorted(file.name for file in small.parent.iterdir()) == [small.name, f"staging-{small.name}"]


def test_a_folder_that_cannot_be_written_is_said(small: Path) -> None:
    with pytest.raises(StagingSpaceError, match="Cannot write temporary files"):
        stage_ocel(small, options=StagingOptions(small.parent / "missing", object_type="Заявление"))


def test_repeated_ids_are_counted(tmp_path: Path) -> None:
    log = small_log()
    log["events"].append(event("e1", "Ещё", "2024-01-06T10:00:00Z", "З1"))
    log["objects"].append(thing("З1", "Документ"))
    facts = stage(write_json(tmp_path / "a.json", log)).facts
    assert (facts["repeated_event_ids"], facts["repeated_object_ids"]) == (1, 1)
    assert facts["object_types"][0] == {"type": "Заявление", "objects": 3, "events": 5}


def test_old_logs_in_json(tmp_path: Path) -> None:
    log = {
        "ocel:global-log": {"ocel:version": "1.0", "ocel:object-types": ["T", "D"]},
        "ocel:objects": {
            "a": {"ocel:type": "T", "ocel:ovmap": {"v": 7, "ok": True, "list": [1, "я"]}},
            "d": {"ocel:type": "D"},
        },
        "ocel:events": {
            "1": {
                "ocel:activity": "x",
                "ocel:timestamp": "2024-01-01T00:00:00",
                "ocel:omap": ["a", "d"],
                "ocel:vmap": {"n": 1.50},
            },
            "2": {"ocel:activity": "y", "ocel:timestamp": "2024-01-02T00:00:00", "ocel:omap": "a"},
        },
    }
    path = tmp_path / "a.jsonocel"
    path.write_text(json.dumps(log), encoding="utf-8")
    staged = stage(path, "T")
    assert rows_of(staged) == [
        (1, "a", "x", datetime.fromisoformat("2024-01-01"), "1", 1, "1.5", "7", "true", '["1", "я"]')
    ]
    assert staged.facts["ocel_version"] == "1.0"
    assert rejected_of(staged) == [(2, None, "", "no_object_of_type", "2")]


def _example(shared_data: Path, name: str, tmp_path: Path) -> Staged:
    folder = tmp_path / name
    folder.mkdir()
    return stage_ocel(shared_data / "ocel" / name, options=StagingOptions(folder, object_type="Purchase Order"))


@pytest.mark.data
def test_the_three_encodings_of_the_standards_example_are_the_same(shared_data: Path, tmp_path: Path) -> None:
    names = ("ocel20_example.jsonocel", "ocel20_example.xmlocel", "ocel20_example.sqlite")
    staged = [_example(shared_data, name, tmp_path) for name in names]
    assert len({tuple(column.name for column in one.columns) for one in staged}) == 1
    # The JSON writes instants in UTC, the two others the same instants as local times of Central Europe.
    rows = [
        connect()
        .execute(
            f'SELECT * REPLACE (timezone(\'Europe/Berlin\', "time:timestamp") AS "time:timestamp") FROM {one.relation}'
            if index == 0
            else f"SELECT * FROM {one.relation}"
        )
        .fetchall()
        for index, one in enumerate(staged)
    ]
    assert len(rows[0]) == 5
    assert rows[0] == rows[1] == rows[2]
    assert rows[0][1][-1] == "600"


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "kind", "rows", "cases", "unrelated"),
    [
        ("recruiting-red.jsonocel.gz", "applications", 6607, 916, 0),
        ("logistics.sqlite.gz", "Container", 5336, 510, 3391),
    ],
)
def test_public_logs(
    shared_data: Path, tmp_path: Path, name: str, kind: str, rows: int, cases: int, unrelated: int
) -> None:
    staged = stage_ocel(shared_data / "ocel" / name, options=StagingOptions(tmp_path, object_type=kind))
    counted = (
        connect().execute(f'SELECT count(*), count(DISTINCT "case:concept:name") FROM {staged.relation}').fetchone()
    )
    assert counted == (rows, cases)
    assert staged.facts["events_without_object_of_type"] == unrelated
