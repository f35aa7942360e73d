"""Fixtures that every test may use."""

import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from potok.core import language
from potok.core.errors import EnvironmentFailureError
from potok.engine.base import Engine
from potok.engine.spark import SparkEngine, SparkSettings, start_session
from support.untraced import suspend_within_ibis, suspend_within_numba
from support.warming import compile_loops

# Tiny data in a short-lived process: starting, planning and compiling cost more than running, so as little of them as
# possible. The Java options alone halve the time.
FAST_OPTIONS = {
    "spark.buffer.pageSize": "1m",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:MetaspaceSize=256m",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.ui.showConsoleProgress": "false",
}

GROUPS: Final = ("spark", "test_bpmn_programs")
"""What ids of tests hold that one worker should run."""

UNTRACED: Final = (
    "tests/fuzz/",
    "tests/spec/",
    "tests/test_examples.py",
    "tests/test_notebook.py",
    "tests/log/test_bad_input.py",
    "tests/measure/test_filter_stores.py",
    "tests/measure/test_invariance.py",
    "tests/measure/test_load.py",
    "tests/report/test_a3_documents.py",
    "tests/report/test_audit_browser.py",
    "tests/report/test_audit_extremes.py",
    "tests/report/test_report_accessibility.py",
)
"""Tests of whole commands, and comparisons of all measures: what they run through, tests nearer to it cover."""

SHARED_DATA = Path(os.environ.get("POTOK_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


def pytest_configure() -> None:
    """Let Ibis and Numba run without coverage's tracer where coverage is measured."""
    if sys.gettrace() is not None:
        suspend_within_ibis()
        suspend_within_numba()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile what is compiled once, before workers start."""
    if getattr(session.config.option, "numprocesses", None):
        compile_loops()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse tests on Spark that the scheduler cannot tell by their ids: each would start a Java of its own."""
    for item in items:
        if "spark_engine" in getattr(item, "fixturenames", ()) and "spark" not in item.nodeid:
            raise pytest.UsageError(f"{item.nodeid}: a test on Spark needs `spark` in its name")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let some tests run without coverage's tracer, which makes them take up to twice as long.

    They are `UNTRACED` and those on the public logs: what is covered must not depend on logs that may be absent.
    """
    is_traced = "shared_data" not in getattr(item, "fixturenames", ()) and not item.nodeid.startswith(UNTRACED)
    tracer = None if is_traced else sys.gettrace()
    if tracer is None:
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are cores: tests wait for Java, a browser or a process of their own."""
    return min((os.cpu_count() or 1) + 1, 4)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the public event logs; they are not part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the public event logs are not at {SHARED_DATA} (set POTOK_SHARED_DATA)")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages in English unless a test sets another language; what a test before has set is forgotten."""
    monkeypatch.setenv("LANGUAGE", "en")
    language._language.set(None)


@pytest.fixture(scope="session")
def spark_engine() -> Iterator[Engine]:
    """Return the one Spark session of a test run; without Spark or Java skip, unless CI must not."""
    settings = SparkSettings(master="local[2]", options=FAST_OPTIONS)
    try:
        start_session(settings)
    except EnvironmentFailureError as failure:
        if "CI" in os.environ:
            raise
        pytest.skip(failure.message)
    engine = SparkEngine(settings=settings)
    yield engine
    engine.close()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let one worker run all tests on Spark, and one all that need the same models: making these costs most.

    Groups by marks do not work: xdist 3.8 writes them into ids that pytest 9.2 does not read again. A group of many
    tests comes first, so that other workers are busy meanwhile and not idle at the end.
    """
    from xdist.scheduler import LoadScopeScheduling

    class GroupScheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((group for group in GROUPS if group in nodeid), nodeid)

    return GroupScheduling(config, log)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name parameters that are bytes alike in every worker: packed ones hold the moment of packing."""
    return "bytes" if isinstance(val, bytes) else None
