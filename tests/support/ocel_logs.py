"""A tiny object-centric log in every encoding."""

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

Log = dict[str, list[dict[str, Any]]]


def event(id_: str, kind: str, time: str, *objects: str, **attributes: str) -> dict[str, Any]:
    """Return an event; an object may be written ``id=qualifier``."""
    return {
        "id": id_,
        "type": kind,
        "time": time,
        "attributes": [{"name": name, "value": value} for name, value in attributes.items()],
        "relationships": [
            {"objectId": text.partition("=")[0], "qualifier": text.partition("=")[2]} for text in objects
        ],
    }


def thing(id_: str, kind: str, *values: tuple[str, str, str]) -> dict[str, Any]:
    """Return an object with values ``(attribute, time, value)``."""
    return {
        "id": id_,
        "type": kind,
        "attributes": [{"name": name, "time": time, "value": value} for name, time, value in values],
    }


START = "1970-01-01T00:00:00Z"


def small_log() -> Log:
    """Two applications, two documents; e4 belongs to both applications, e5 to none, one object is unknown."""
    return {
        "objects": [
            thing(
                "З1",
                "Заявление",
                ("канал", START, "МФЦ"),
                ("статус", START, "новое"),
                ("статус", "2024-01-03T00:00:00Z", "в работе"),
            ),
            thing("З2", "Заявление", ("канал", START, "портал"), ("сумма", "2024-01-02T12:00:00Z", "5.0")),
            thing("З3", "Заявление"),
            thing("Д1", "Документ"),
            thing("Д2", "Документ"),
        ],
        "events": [
            event("e1", "Приём", "2024-01-01T10:00:00Z", "З1=подано", "Д1", кто="Иванов"),
            event("e2", "Приём", "2024-01-02T10:00:00Z", "З2", "Д1=копия", "Д2"),
            event("e3", "Проверка", "2024-01-03T10:00:00Z", "З1=первично", "З1=повторно", "нет", срок="5"),
            event("e4", "Совет", "2024-01-04T10:00:00Z", "З2", "З1"),
            event("e5", "Уборка", "2024-01-05T10:00:00Z", "Д2"),
        ],
    }


def write_json(path: Path, log: Log) -> Path:
    path.write_text(json.dumps(log, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def write_xml(path: Path, log: Log) -> Path:
    def attributes(item: dict[str, Any]) -> str:
        parts = "".join(
            f"<attribute name={quoteattr(a['name'])} time={quoteattr(a.get('time', ''))}>"
            f"{escape(a['value'])}</attribute>"
            for a in item["attributes"]
        )
        return f"<attributes>{parts}</attributes>"

    objects = "".join(
        f"<object id={quoteattr(o['id'])} type={quoteattr(o['type'])}>{attributes(o)}</object>" for o in log["objects"]
    )
    events = "".join(
        f"<event id={quoteattr(e['id'])} type={quoteattr(e['type'])} time={quoteattr(e['time'])}>"
        + f"{attributes(e)}<objects>"
        + "".join(
            f"<relationship object-id={quoteattr(r['objectId'])} qualifier={quoteattr(r['qualifier'])}/>"
            for r in e["relationships"]
        )
        + "</objects></event>"
        for e in log["events"]
    )
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    path.write_text(f"{declaration}<log><objects>{objects}</objects><events>{events}</events></log>", encoding="utf-8")
    return path


def write_sqlite(path: Path, log: Log) -> Path:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for of, items in (("event", log["events"]), ("object", log["objects"])):
            connection.execute(f'CREATE TABLE "{of}" (ocel_id TEXT, ocel_type TEXT)')
            connection.executemany(f'INSERT INTO "{of}" VALUES (?, ?)', [(i["id"], i["type"]) for i in items])
            connection.execute(f"CREATE TABLE {of}_map_type (ocel_type TEXT, ocel_type_map TEXT)")
            for number, kind in enumerate(sorted({i["type"] for i in items})):
                connection.execute(f"INSERT INTO {of}_map_type VALUES (?, ?)", [kind, f"T{number}"])
                _write_type(connection, f"{of}_T{number}", [i for i in items if i["type"] == kind], of)
        connection.execute("CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT)")
        connection.executemany(
            "INSERT INTO event_object VALUES (?, ?, ?)",
            [(e["id"], r["objectId"], r["qualifier"]) for e in log["events"] for r in e["relationships"]],
        )
        connection.commit()
    return path


def _write_type(connection: sqlite3.Connection, table: str, items: list[dict[str, Any]], of: str) -> None:
    names = sorted({a["name"] for item in items for a in item["attributes"]})
    columns = ["ocel_id", "ocel_time", *(["ocel_changed_field"] if of == "object" else []), *names]
    connection.execute(f"CREATE TABLE {table} ({', '.join(f'{chr(34)}{c}{chr(34)}' for c in columns)})")
    for item in items:
        if of == "event":
            rows = [(item["time"], None, {a["name"]: a["value"] for a in item["attributes"]})]
        else:
            first = {a["name"]: a["value"] for a in item["attributes"] if a["time"] == START}
            changes = [
                (a["time"], a["name"], {a["name"]: a["value"]}) for a in item["attributes"] if a["time"] != START
            ]
            rows = [(START, None, first), *changes]
        for time, changed, values in rows:
            row = [item["id"], time, *([changed] if of == "object" else []), *(values.get(name) for name in names)]
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
