"""Pages of a verification in a real browser: one side on paper, nothing cut off, nobody barred."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potok.report.verification.auditor_html import render_auditor_html
from potok.report.verification.board_html import render_board_html
from report.test_report_accessibility import CHECKER, find_barriers
from report.verification.made_up_effects import make_results
from report.verification.test_board import crowded, pages

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def opened(browser: Any, tmp_path_factory: pytest.TempPathFactory):
    """Open a page from disk; collect whatever the browser says or asks for."""
    folder: Path = tmp_path_factory.mktemp("effect")
    page = browser.new_page(viewport={"width": 390, "height": 800}, color_scheme="dark")
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda asked: heard.append(asked.url) if not asked.url.startswith(("data:", "file:")) else None)

    def show(html: str) -> Any:
        path = folder / "page.html"
        path.write_text(html, encoding="utf-8")
        page.goto(path.as_uri())
        page.evaluate("document.fonts.ready")
        return page

    yield show, heard
    page.close()


@pytest.fixture(scope="module")
def checker(missing: Callable[[str], None]) -> str:
    """The source of axe-core."""
    if not CHECKER.is_file():
        missing(f"axe-core is not at {CHECKER}")
    return CHECKER.read_text(encoding="utf-8")


@pytest.mark.parametrize("make", [make_results, crowded])
def test_a_boards_page_prints_on_one_side(opened, make):
    show, heard = opened
    page = show(render_board_html(make(), language="ru"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert pages(page.pdf(prefer_css_page_size=True)) == 1
    assert heard == []


def test_a_chart_stays_large_enough_to_read_on_a_telephone(opened):
    show, _heard = opened
    page = show(render_board_html(make_results(), language="ru"))
    # Units of the picture, of which its letters are 11.5 high.
    assert page.evaluate("document.querySelector('.chart').getScreenCTM().a") * 11.5 >= 9


def test_nobody_is_barred(opened, checker: str):
    show, heard = opened
    page = show(render_board_html(make_results("dressed"), language="ru"))
    assert find_barriers(page, checker) == []
    page = show(render_auditor_html(make_results("dressed"), language="ru"))
    for summary in page.locator("summary").all():
        summary.click()
    page.emulate_media(color_scheme="light", contrast="more")
    assert find_barriers(page, checker) == []
    page.emulate_media(color_scheme="dark", contrast="no-preference")
    assert heard == []


def test_the_auditors_page_fits_a_telephone_and_its_tables_unfold(opened):
    show, heard = opened
    page = show(render_auditor_html(make_results("dressed"), language="ru"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    table = page.locator("details table").first
    assert not table.is_visible()
    page.locator("summary").first.click()
    assert table.is_visible()
    assert heard == []
