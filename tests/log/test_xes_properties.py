"""Whatever a log holds comes back from staging, value by value."""

import gzip
import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from potok.core.progress import SilentProgress
from potok.log.sources.archive import MissingSourceError
from potok.log.sources.arrow_staging import StagingSpaceError
from potok.log.sources.base import ColumnLevel
from potok.log.sources.xes import parser, segments, source_bytes
from support.xes_files import SMALL_LOG, StagedLog, attribute, log, stage, stage_text


@dataclass(frozen=True)
class Made:
    """One generated attribute; nested ones are in `inner`."""

    key: str
    kind: str
    value: str
    inner: tuple["Made", ...] = ()

    def written(self) -> str:
        return attribute(self.key, self.value, kind=self.kind, inner="".join(made.written() for made in self.inner))

    def flat(self, *parents: str) -> Iterator[tuple[str, str]]:
        path = (*parents, self.key)
        yield "/".join(path), self.value
        for made in self.inner:
            yield from made.flat(*path)


LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="/") | st.sampled_from("\t\n\r<&\"'")
KEYS = st.sampled_from(["concept:name", "time:timestamp", "Cost", "cost", "ключ", "Ключ", "@trace", ""]) | st.text(
    LETTERS, min_size=1, max_size=5
)
KINDS = st.sampled_from(["string", "date", "int", "float", "boolean", "id"])
VALUES = st.text(LETTERS, max_size=8)
LEAVES = st.builds(Made, KEYS.filter(lambda key: "/" not in key), KINDS, VALUES)
ATTRIBUTES = st.lists(
    st.builds(Made, KEYS, KINDS, VALUES, st.just(())) | st.builds(Made, KEYS, KINDS, VALUES, st.tuples(LEAVES)),
    max_size=4,
    unique_by=lambda made: made.key,
)
EVENTS = st.lists(ATTRIBUTES, max_size=4)
TRACES = st.lists(st.tuples(ATTRIBUTES, EVENTS), max_size=5)


def write_log(traces: list[tuple[list[Made], list[list[Made]]]], stray: list[list[Made]]) -> str:
    def event(made: list[Made]) -> str:
        return "<event>" + "".join(one.written() for one in made) + "</event>"

    parts = [
        "<trace>" + "".join(one.written() for one in of_trace) + "".join(map(event, events)) + "</trace>\n"
        for of_trace, events in traces
    ]
    return log(*parts, *map(event, stray))


def expected_rows(
    traces: list[tuple[list[Made], list[list[Made]]]], stray: list[list[Made]]
) -> list[tuple[int | None, dict[str, str], dict[str, str]]]:
    def flat(attributes: list[Made]) -> dict[str, str]:
        return {path: value for made in attributes for path, value in made.flat()}

    rows: list[tuple[int | None, dict[str, str], dict[str, str]]] = [
        (index, flat(of_trace), flat(event)) for index, (of_trace, events) in enumerate(traces) for event in events
    ]
    return rows + [(None, {}, flat(event)) for event in stray]


def rows_by_attribute(staged: StagedLog) -> list[tuple[int | None, dict[str, Any], dict[str, Any]]]:
    def of_level(row: dict[str, Any], level: ColumnLevel) -> dict[str, Any]:
        names = [name for name in row if staged.columns.get(name) is level]
        prefix = "case:" if level is ColumnLevel.CASE else ""
        return {renamed.get(name, name.removeprefix(prefix)): row[name] for name in names}

    renamed = staged.facts["renamed_columns"]
    return [
        (row.get("@trace"), of_level(row, ColumnLevel.CASE), of_level(row, ColumnLevel.EVENT)) for row in staged.rows
    ]


@settings(max_examples=30, deadline=None)
@given(
    traces=TRACES,
    stray=EVENTS.filter(bool),
    chunk_bytes=st.sampled_from([1, 13, 100, 1 << 18]),
    batch_events=st.sampled_from([1, 3, 50_000]),
)
def test_every_value_comes_back(
    traces: list[tuple[list[Made], list[list[Made]]]], stray: list[list[Made]], chunk_bytes: int, batch_events: int
) -> None:
    with (
        TemporaryDirectory() as folder,
        patch.object(source_bytes, "PIECE_BYTES", chunk_bytes),
        patch.object(segments, "MAX_PATTERNS", 3),
        patch.multiple(parser, MIN_BATCH_EVENTS=batch_events, MAX_BATCH_EVENTS=batch_events),
    ):
        staged = stage_text(write_log(traces, stray), Path(folder))

    assert rows_by_attribute(staged) == expected_rows(traces, stray)
    assert [row["__row"] for row in staged.rows] == list(range(1, len(staged.rows) + 1))
    assert staged.facts["traces"] == len(traces)
    assert staged.facts["empty_traces"]["count"] == sum(not events for _, events in traces)


class RecordingProgress(SilentProgress):
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def start(self, stage: str, *, total: int | None = None, unit: str = "") -> None:
        self.calls.append(("start", stage, total, unit))

    def advance_to(self, done: int) -> None:
        self.calls.append(("advance_to", done))

    def finish(self) -> None:
        self.calls.append(("finish",))


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz", "log.xes.zst", "log.zip"])
def test_the_file_is_hashed_as_it_lies_on_disk_and_progress_is_told(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    text = SMALL_LOG.encode()
    if name.endswith("zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("log.xes", text)
    else:
        path.write_bytes({".xes": text, ".gz": gzip.compress(text), ".zst": zstandard.compress(text)}[path.suffix])
    progress = RecordingProgress()

    source = stage(path, progress=progress).staged.files[0]

    assert (source.name, source.size_bytes) == (name, path.stat().st_size)
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    total = len(text) if name.endswith("zip") else path.stat().st_size
    assert progress.calls == [("start", f"Reading {name}", total, "bytes"), ("advance_to", total), ("finish",)]


def test_the_same_file_gives_the_same_columns_and_rows(tmp_path: Path) -> None:
    first, second = stage_text(SMALL_LOG, tmp_path), stage_text(SMALL_LOG, tmp_path)

    assert first.rows == second.rows
    assert first.staged.columns == second.staged.columns
    assert first.staged.relation != second.staged.relation


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingSourceError, match=r"nothing\.xes"):
        stage(tmp_path / "nothing.xes", into=tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with (
        patch("potok.log.sources.xes.writer.mkdtemp", side_effect=PermissionError(13, "Permission denied")),
        pytest.raises(StagingSpaceError, match="Permission denied"),
    ):
        stage_text(SMALL_LOG, tmp_path)


def test_a_full_disk_is_named_and_an_interrupt_passes(tmp_path: Path) -> None:
    writer = "potok.log.sources.xes.writer.pq.ParquetWriter"
    full = OSError(28, "No space left on device")
    with (
        patch(f"{writer}.write_table", side_effect=full),
        patch(f"{writer}.close", side_effect=full),
        pytest.raises(StagingSpaceError, match="No space left on device"),
    ):
        stage_text(SMALL_LOG, tmp_path)
    with patch(f"{writer}.write_table", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        stage_text(SMALL_LOG, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"log.xes", "staged"}
