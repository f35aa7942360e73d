"""Fixtures of the tests of reading."""

from pathlib import Path

import pytest

from support.bad_inputs import GOOD, file


@pytest.fixture
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POTOK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return file("log.csv", GOOD)(tmp_path)
