"""pm4py's directly-follows graph and variants of logs; runs in the peers' own environment.

    python compare_peer.py SPECIFICATIONS RESULTS

SPECIFICATIONS is a JSON list of logs (`compared_logs.ComparedLog` with ``path``); RESULTS gets a line of JSON per log,
for OCEL one per object type. Rows are ordered by case, then time, then start where there is one, else as in the source:
Potok's documented order.
"""

import gzip
import json
import shutil
import sqlite3
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pm4py
from pm4py.objects.log.importer.xes import importer as xes_importer

warnings.filterwarnings("ignore")  # of pm4py, about optional packages

CASE, ACTIVITY, TIME, START = "case:concept:name", "concept:name", "time:timestamp", "start_timestamp"


def read_csv(path: Path, *, roles: dict[str, str], delimiter: str) -> pd.DataFrame:
    """Read a table as text, empty cells as missing, and parse the times."""
    raw = pd.read_csv(path, sep=delimiter, dtype=str, keep_default_na=False, na_values=[""])
    frame = pd.DataFrame(
        {CASE: raw[roles["case"]], ACTIVITY: raw[roles["activity"]], TIME: _parse(raw[roles["completed"]])}
    )
    if roles["started"]:
        frame[START] = _parse(raw[roles["started"]])
    return frame


def _parse(texts: "pd.Series[str]") -> "pd.Series[Any]":
    return pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")


def read_xes(path: Path, *, is_split_on_trace: bool) -> pd.DataFrame:
    """Read XES with pm4py's own parser, events in the order of the file."""
    log = xes_importer.apply(
        str(path), variant=xes_importer.Variants.ITERPARSE, parameters={"show_progress_bar": False}
    )
    rows = [
        (
            str(number) if is_split_on_trace else trace.attributes.get("concept:name"),
            event.get("concept:name"),
            event.get("time:timestamp"),
            event.get("start_timestamp"),
        )
        for number, trace in enumerate(log)
        for event in trace
    ]
    frame = pd.DataFrame(rows, columns=[CASE, ACTIVITY, TIME, START])
    for name in (TIME, START):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame


def read_ocel(path: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Read an object-centric log and flatten it on every object type."""
    with tempfile.TemporaryDirectory() as scratch:
        plain = path
        if path.suffix == ".gz":
            plain = Path(scratch) / path.stem
            with gzip.open(path) as source, plain.open("wb") as target:
                shutil.copyfileobj(source, target)
        ocel = _read_plain_ocel(plain)
        order = {event: place for place, event in enumerate(_events_as_stored(plain, ocel=ocel))}
    for object_type in sorted(ocel.objects["ocel:type"].unique()):
        flat = pm4py.ocel_flattening(ocel, object_type)
        flat = flat.iloc[flat["ocel:eid"].map(order).argsort(kind="stable")]
        yield object_type, flat[[CASE, ACTIVITY, TIME]].assign(**{TIME: pd.to_datetime(flat[TIME], utc=True)})


def _events_as_stored(path: Path, *, ocel: Any) -> list[str]:
    """Return event ids in the order of the source; from SQLite pm4py reads them type by type."""
    if path.suffix != ".sqlite":
        return list(ocel.events["ocel:eid"])
    with closing(sqlite3.connect(path)) as connection:
        return [event for (event,) in connection.execute("SELECT ocel_id FROM event ORDER BY rowid")]


def _read_plain_ocel(path: Path) -> Any:
    if path.suffix == ".xmlocel":
        return pm4py.read_ocel2_xml(str(path))
    if path.suffix == ".sqlite":
        return pm4py.read_ocel2_sqlite(str(path))
    is_second = b'"objectTypes"' in path.read_bytes()
    return pm4py.read_ocel2_json(str(path)) if is_second else pm4py.read_ocel(str(path))


def summarise(frame: pd.DataFrame) -> dict[str, Any]:
    """Return pm4py's edge counts and variants of the complete rows."""
    if START in frame:
        frame[TIME] = frame[TIME].fillna(frame[START])
    complete = frame.dropna(subset=[CASE, ACTIVITY, TIME]).copy()
    order = [CASE, TIME, START] if START in complete and complete[START].notna().any() else [CASE, TIME]
    ordered = complete.sort_values(order, kind="stable", ignore_index=True)
    for name in (CASE, ACTIVITY):
        ordered[name] = ordered[name].astype(str)
    ordered = ordered[[CASE, ACTIVITY, TIME]]
    edges = pm4py.discover_dfg(ordered)[0]
    variants = pm4py.get_variants(ordered)
    return {
        "rows": len(ordered),
        "incomplete_rows": len(frame) - len(ordered),
        "edges": [[*pair, int(count)] for pair, count in edges.items()],
        "variants": [[list(activities), int(cases)] for activities, cases in variants.items()],
    }


def compute(log: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the summary of a log, or of each of its object types."""
    path = Path(log["path"])
    if log["kind"] == "ocel":
        for object_type, frame in read_ocel(path):
            yield {"name": log["name"], "object_type": object_type, **summarise(frame)}
    elif log["kind"] == "xes":
        frame = read_xes(path, is_split_on_trace=log["is_split_on_trace"])
        yield {"name": log["name"], "object_type": "", **summarise(frame)}
    else:
        frame = read_csv(path, roles=log["roles"], delimiter=log["delimiter"])
        yield {"name": log["name"], "object_type": "", **summarise(frame)}


def main() -> None:
    """Write the summaries of all logs."""
    specifications, results = (Path(argument) for argument in sys.argv[1:3])
    with results.open("w", encoding="utf-8") as file:
        for log in json.loads(specifications.read_text(encoding="utf-8")):
            for summary in compute(log):
                file.write(json.dumps(summary, ensure_ascii=False) + "\n")
                file.flush()


if __name__ == "__main__":
    main()
