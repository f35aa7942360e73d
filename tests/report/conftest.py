"""Fixtures of the report's tests."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from potok.core import language

GOLDEN = Path(__file__).parent / "golden"
BROWSER_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@pytest.fixture(scope="session")
def missing() -> Callable[[str], None]:
    """Skip for want of a program, but fail in continuous integration, which must have everything."""

    def give_up(what: str) -> None:
        if os.environ.get("CI"):
            pytest.fail(f"{what}; continuous integration must have it")
        pytest.skip(what)

    return give_up


@pytest.fixture(scope="module")
def browser(missing: Callable[[str], None]) -> Iterator[Any]:
    """Chromium without a window."""
    sync_api = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        missing("Chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def russian_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the Russian messages as they stand now, so that tests see the source and not an old compilation."""
    folder = tmp_path_factory.mktemp("locale")
    target = folder / "ru" / "LC_MESSAGES" / "potok.mo"
    target.parent.mkdir(parents=True)
    merged = Catalog(locale="ru")
    for part in sorted((language.CATALOGUE_FOLDER / "ru" / "LC_MESSAGES").glob("*.po")):
        for message in read_po(part.open("rb"), locale="ru"):
            if message.id:
                merged.add(message.id, message.string, context=message.context)
    with target.open("wb") as file:
        write_mo(file, merged)
    return folder


@pytest.fixture
def russian(russian_catalogue: Path, monkeypatch: pytest.MonkeyPatch):
    """Messages in Russian."""
    monkeypatch.setattr(language, "CATALOGUE_FOLDER", russian_catalogue)
    monkeypatch.setenv("LANGUAGE", "ru")
    language._catalogue.cache_clear()
    yield
    language._catalogue.cache_clear()


@pytest.fixture
def matches_golden() -> Callable[[str, str], None]:
    """Compare a text with a stored one; POTOK_UPDATE_GOLDEN=1 stores it instead."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("POTOK_UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{name} differs; look at it, then set POTOK_UPDATE_GOLDEN=1"

    return compare
