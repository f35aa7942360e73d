"""The DuckDB adapter: types, odd paths, limits, progress and cancellation."""

import os
import subprocess
import sys
import threading
import time
from contextvars import copy_context
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from potok.core.errors import EXIT_ENVIRONMENT, EXIT_INTEGRITY
from potok.engine import run_duckdb
from potok.engine.base import StoreUnreadableError
from potok.engine.duckdb import DuckDBSettings
from potok.engine.run import default_engine, limit_default_memory
from potok.engine.run_duckdb import DuckDBEngine, MemoryLimitError
from potok.engine.tables import ACTIVITIES, CASES, EVENTS
from support.tiny_store import SECOND, TinyEvent, TinyLog, tiny_log, write_store

LOG = tiny_log("""
    case | activity | started | completed
    1    | A        | 0       | 10
    1    | B        | 30      | 40
    2    | A        |         | 50
""")
SIZE = EVENTS.aggregate(rows=EVENTS.count().cast("int64"), total_us=EVENTS.completed_us.sum().cast("int64"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_store(LOG, tmp_path_factory.mktemp("engine") / "store").folder


@pytest.fixture(scope="module")
def wide_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose events joined with themselves keep DuckDB busy for minutes."""
    events = tuple(TinyEvent(f"{number}", "A", completed=number) for number in range(20_000))
    return write_store(TinyLog(events), tmp_path_factory.mktemp("wide") / "store").folder


def endless():
    first, second, third = (EVENTS.select(**{name: EVENTS.case}) for name in "abc")
    triples = first.cross_join(second).cross_join(third)
    odd = triples.filter((triples.a * triples.b + triples.c) % 7 == 3)
    return odd.aggregate(rows=odd.count().cast("int64"))


def test_answers_have_the_declared_types(folder):
    with DuckDBEngine() as engine:
        answer = engine.run(SIZE, folder=folder)
    # DuckDB itself answers a sum with HUGEINT.
    assert answer.schema == pa.schema({"rows": pa.int64(), "total_us": pa.int64()})
    assert answer.to_pylist() == [{"rows": 3, "total_us": 100 * SECOND}]


def test_a_decimal_sum_passes_64_bits(folder):
    huge = EVENTS.mutate(us=ibis.literal(9 * 10**17).cast("decimal(18, 0)"))
    for _ in range(2):
        huge = huge.cross_join(EVENTS.select(position_right="position")).select("us", "position")
    answer = DuckDBEngine().run(huge.aggregate(total=huge.us.sum().cast("decimal(38, 0)")), folder=folder)
    assert int(answer["total"][0].as_py()) == 27 * 9 * 10**17


def test_paths_with_quotes_and_patterns_are_safe(tmp_path):
    store = write_store(LOG, tmp_path / 'it\'s a "[b]" *? {x} %20 é' / "store")
    with DuckDBEngine() as engine:
        assert engine.run(SIZE, folder=store.folder)["rows"].to_pylist() == [3]


def test_only_the_tables_asked_for_are_read(tmp_path):
    folder = write_store(LOG, tmp_path / "store").folder
    (folder / "events.parquet").unlink()
    with DuckDBEngine() as engine:
        assert engine.run(CASES.aggregate(rows=CASES.count()), folder=folder)["rows"].to_pylist() == [2]


@pytest.mark.parametrize("damage", ["missing", "not Parquet", "lacks a column"])
def test_a_damaged_table_is_named(tmp_path, damage):
    folder = write_store(LOG, tmp_path / "store").folder
    path = folder / "events.parquet"
    if damage == "missing":
        path.unlink()
    elif damage == "not Parquet":
        path.write_text("no", encoding="utf-8")
    else:
        pq.write_table(pa.table({"case": [1]}), path)
    with DuckDBEngine() as engine, pytest.raises(StoreUnreadableError, match="log store is damaged") as caught:
        engine.run(SIZE, folder=folder)
    assert caught.value.where == str(path)
    assert caught.value.exit_code == EXIT_INTEGRITY
    assert "potok import" in caught.value.remedy


def test_one_engine_serves_several_stores_and_threads(folder, tmp_path):
    other = write_store(tiny_log("case | activity | completed\n1 | A | 7"), tmp_path / "store").folder
    answers = {}
    with DuckDBEngine() as engine:

        def ask(key, place):
            answers[key] = engine.run(SIZE, folder=place)["rows"].to_pylist()

        threads = [threading.Thread(target=ask, args=(number, folder if number % 2 else other)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [answers[number] for number in range(6)] == [[1], [3]] * 3


def test_too_little_memory_is_an_error_of_the_environment(wide_folder, tmp_path):
    settings = DuckDBSettings(memory_limit="8MB", threads=1, spill_folder=tmp_path / "spill")
    pairs = EVENTS.cross_join(EVENTS.view())
    medians = pairs.aggregate(median=pairs.completed_us.quantile(0.5))
    with DuckDBEngine(settings=settings) as engine, pytest.raises(MemoryLimitError, match="more memory") as caught:
        engine.run(medians, folder=wide_folder)
    assert caught.value.exit_code == EXIT_ENVIRONMENT
    assert caught.value.remedy


def test_a_file_broken_inside_is_damage(tmp_path):
    folder = write_store(LOG, tmp_path / "store").folder
    path = folder / "events.parquet"
    content = path.read_bytes()
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    path.write_bytes(content[:4] + b"\xff" * (footer - 4) + content[footer:])
    with DuckDBEngine() as engine, pytest.raises(StoreUnreadableError, match="log store is damaged") as caught:
        engine.run(SIZE, folder=folder)
    assert caught.value.where == str(folder)


def test_an_unexpected_error_is_left_as_it_is(folder):
    with DuckDBEngine() as engine, pytest.raises(duckdb.ConversionException):
        engine.run(ACTIVITIES.select(number=ACTIVITIES.label.cast("int32")), folder=folder)


class Recorder:
    """A progress that writes down what it hears, and cancels after so many advances."""

    def __init__(self, cancel_after=10**9):
        self.heard = []
        self.cancel_after = cancel_after

    def start(self, stage, *, total=None, unit=""):
        self.heard.append((stage, total, unit))

    def advance_to(self, done):
        self.heard.append(done)
        if len(self.heard) > self.cancel_after:
            raise TimeoutError("cancelled")

    def finish(self):
        self.heard.append("finished")


def test_a_cancelled_query_stops_and_the_engine_lives_on(wide_folder):
    progress = Recorder(cancel_after=3)
    with DuckDBEngine(progress=progress) as engine:
        began = time.monotonic()
        with pytest.raises(TimeoutError, match="cancelled"):
            engine.run(endless(), folder=wide_folder)
        assert time.monotonic() - began < 30
        assert engine.run(SIZE, folder=wide_folder)["rows"].to_pylist() == [20_000]
    assert progress.heard[0] == ("Computing", 100, "percent")
    assert all(0 <= percent <= 100 for percent in progress.heard[1:4])


INTERRUPTED = """
import os, pathlib, signal, sys, threading
from test_run_duckdb import SIZE, DuckDBEngine, endless
folder = pathlib.Path(sys.argv[1])
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the tests' own parent made of it
with DuckDBEngine() as engine:
    engine.run(SIZE, folder=folder)
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        engine.run(endless(), folder=folder)
    except KeyboardInterrupt:
        sys.exit(engine.run(SIZE, folder=folder)["rows"][0].as_py() != 20_000)
sys.exit(2)
"""


def test_ctrl_c_stops_a_query_and_the_engine_lives_on(wide_folder):
    tests = Path(__file__).parent
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(tests), str(tests.parent)))}
    program = [sys.executable, "-c", INTERRUPTED, str(wide_folder)]
    assert subprocess.run(program, env=environment, check=False, timeout=120).returncode == 0


def test_progress_of_a_slow_query_is_finished(folder, monkeypatch):
    monkeypatch.setattr(run_duckdb, "_POLL_SECONDS", 0)
    progress = Recorder()
    with DuckDBEngine(progress=progress) as engine:
        engine.run(SIZE, folder=folder)
    assert progress.heard[0][0] == "Computing"
    assert progress.heard[-1] == "finished"


def test_the_spill_folder_of_the_engine_is_removed(monkeypatch, tmp_path):
    monkeypatch.setattr(run_duckdb.tempfile, "gettempdir", lambda: str(tmp_path))
    engine = DuckDBEngine()
    spill = engine._settings.spill_folder
    spill.mkdir()
    (spill / "leftover").touch()
    engine.close()
    assert list(tmp_path.iterdir()) == []


def test_the_default_engine_has_the_memory_that_is_asked_for(folder):
    def limited():
        limit_default_memory("321MiB")
        return default_engine()

    engine = copy_context().run(limited)
    assert engine is not default_engine()
    assert engine is copy_context().run(limited)
    assert "321.0 MiB" in engine._database.execute("SELECT current_setting('memory_limit')").fetchone()[0]
    assert engine.run(ACTIVITIES.select("label"), folder=folder)["label"].to_pylist() == ["A", "B"]


def test_the_default_engine_is_shared(folder):
    assert default_engine() is default_engine()
    assert default_engine().run(ACTIVITIES.select("label"), folder=folder)["label"].to_pylist() == ["A", "B"]


def test_a_forked_child_leaves_the_engine_of_its_parent_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(run_duckdb.tempfile, "gettempdir", lambda: str(tmp_path))
    engine = DuckDBEngine()
    engine._settings.spill_folder.mkdir()
    of_parent, parent = default_engine(), os.getpid()
    with monkeypatch.context() as forked:
        forked.setattr(os, "getpid", lambda: parent + 1)
        assert default_engine() is not of_parent
        engine.close()
    assert engine._settings.spill_folder.is_dir()
    assert default_engine() is of_parent


def test_programs_can_be_started_while_the_default_engine_lives(folder):
    default_engine().run(SIZE, folder=folder)
    # With preexec_fn Python forks, and the child runs Python's fork handlers (as when Spark starts its gateway).
    started = subprocess.run([sys.executable, "-c", "pass"], preexec_fn=lambda: None, check=False, timeout=60)
    assert started.returncode == 0
