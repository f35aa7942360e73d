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
