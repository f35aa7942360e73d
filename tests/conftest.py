"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest

from potok.core import language

SHARED_DATA = Path(os.environ.get("POTOK_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker run all tests on Spark: a session costs more to start than they all do to run."""
    for item in items:
        if item.get_closest_marker("spark"):
            item.add_marker(pytest.mark.xdist_group("spark"))


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name parameters that are bytes alike in every worker: packed ones hold the moment of packing."""
    return "bytes" if isinstance(val, bytes) else None
