"""The report in a real browser: nothing asked of the network, nothing complained about, everything in reach."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from potok.report.html import render_audit
from report.made_up_audits import make_audit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["ru", "en"])
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a report to disk."""
    path = tmp_path_factory.mktemp("report") / "audit.html"
    path.write_text(render_audit(make_audit(25), language=request.param), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser: Any, file: Path) -> Iterator[tuple[Any, list[str]]]:
    """Open a report from disk; collect whatever the browser says or asks for."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda asked: heard.append(asked.url) if not asked.url.startswith(("data:", "file:")) else None)
    page.goto(file.as_uri())
    yield page, heard
    page.close()


def test_the_browser_has_nothing_to_say_and_asks_for_nothing(opened: tuple[Any, list[str]]):
    page, heard = opened
    page.evaluate("document.fonts.ready")
    for label in page.locator(".controls label").all():
        label.click()
    for summary in page.locator("summary").all():
        summary.click()
    assert heard == []


def test_the_shipped_font_is_used(opened: tuple[Any, list[str]]):
    page, _ = opened
    loaded = page.evaluate("document.fonts.ready.then(fonts => [...fonts].map(font => font.status))")
    assert loaded == ["loaded", "loaded"]


def test_levels_and_figures_are_switched_without_a_script(opened: tuple[Any, list[str]]):
    page, _ = opened
    assert page.locator(".level-overview").is_visible()
    page.locator("label[for=level-full]").click()
    assert page.locator(".level-full").is_visible()
    assert not page.locator(".level-overview").is_visible()
    frequency = page.locator(".level-full .edge .frequency").first
    assert frequency.is_visible()
    page.locator("label[for=figure-time]").click()
    assert not frequency.is_visible()
    assert page.locator(".level-full .edge .time").first.is_visible()


def test_the_map_is_reached_by_keyboard_and_leads_to_its_table(opened: tuple[Any, list[str]]):
    page, _ = opened
    link = page.locator(".level-overview a.node").first
    link.focus()
    assert page.evaluate("document.activeElement.matches(':focus-visible')")
    page.keyboard.press("Enter")
    row = page.locator(link.get_attribute("href"))
    row.wait_for(state="visible", timeout=5000)


def test_labels_stay_inside_their_boxes(opened: tuple[Any, list[str]]):
    page, _ = opened
    overflow = page.evaluate(
        """() => [...document.querySelectorAll('.level-overview .node')].filter(node => {
            const box = node.querySelector('rect').getBBox();
            return [...node.querySelectorAll('text')].some(text => {
                const label = text.getBBox();
                return label.width && (label.x < box.x || label.x + label.width > box.x + box.width
                    || label.y < box.y || label.y + label.height > box.y + box.height);
            });
        }).length"""
    )
    assert overflow == 0


@pytest.mark.parametrize("width", [390, 820])
def test_nothing_overflows_a_narrow_screen(opened: tuple[Any, list[str]], width: int):
    page, _ = opened
    page.set_viewport_size({"width": width, "height": 800})
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
