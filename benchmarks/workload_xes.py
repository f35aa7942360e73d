"""Write the benchmark's log as XES, trace by trace, without holding it in memory."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TextIO
from xml.sax.saxutils import escape

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS_AT_ONCE: Final = 100_000
CASE_TEXTS: Final = ("channel", "service", "region", "priority")
HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
"""


def write_xes(log: pq.ParquetFile, *, path: Path) -> None:
    """Write a log whose rows are in case order."""
    partial = path.with_suffix(".xes.partial")
    with partial.open("w", encoding="utf-8", buffering=1 << 20) as file:
        file.write(HEAD)
        _write_traces(_rows(log), file=file)
        file.write("</trace>\n</log>\n")
    partial.replace(path)


def _rows(log: pq.ParquetFile) -> Iterator[dict[str, Any]]:
    for batch in log.iter_batches(batch_size=ROWS_AT_ONCE):
        columns = batch.to_pydict()
        for name in ("start_time", "end_time"):
            columns[name] = _iso(batch[name])
        for values in zip(*columns.values(), strict=True):
            yield dict(zip(columns, values, strict=True))


def _iso(instants: pa.Array) -> list[str]:
    """Write instants to the millisecond, without their zone."""
    milliseconds = np.array(instants.cast(pa.int64())).astype("datetime64[us]").astype("datetime64[ms]")
    texts: list[str] = milliseconds.astype(str).tolist()
    return texts


def _write_traces(rows: Iterator[dict[str, Any]], *, file: TextIO) -> None:
    previous = None
    for row in rows:
        if row["case_id"] != previous:
            file.write("</trace>\n" if previous is not None else "")
            file.write(_trace_head(row))
            previous = row["case_id"]
        file.write(_event(row))


def _trace_head(row: Mapping[str, Any]) -> str:
    texts = "".join(f'<string key="{name}" value="{escape(row[name])}"/>' for name in CASE_TEXTS)
    return (
        f'<trace><string key="concept:name" value="{row["case_id"]}"/>{texts}<float key="fee" value="{row["fee"]}"/>\n'
    )


def _event(row: Mapping[str, Any]) -> str:
    return (
        f'<event><string key="concept:name" value="{row["activity"]}"/>'
        f'<string key="org:resource" value="{row["resource"]}"/>'
        f'<string key="department" value="{row["department"]}"/>'
        f'<date key="start_timestamp" value="{row["start_time"]}+00:00"/>'
        f'<date key="time:timestamp" value="{row["end_time"]}+00:00"/></event>\n'
    )
