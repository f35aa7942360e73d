"""Nobody is barred from the report: axe-core finds nothing, in both languages, every theme, wide and narrow."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from potok.report.html import render_audit
from potok.report.themes import Theme, theme_colours
from report.made_up_audits import make_audit, with_details

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
CHECKER = Path(os.environ.get("POTOK_AXE_CORE", ROOT / "build" / "axe-core")) / "axe.min.js"
# Pixels between the margins of a page.
A4_WIDTH = 688
# What the device asks for, what the reader chooses, and the theme that comes of it.
CHOICES = [
    ({}, "device", Theme.LIGHT),
    ({"color_scheme": "dark"}, "device", Theme.DARK),
    ({"color_scheme": "dark", "contrast": "more"}, "device", Theme.CONTRAST_DARK),
    ({"contrast": "more"}, "device", Theme.CONTRAST),
    ({"color_scheme": "dark"}, "light", Theme.LIGHT),
    ({}, "dark", Theme.DARK),
    ({}, "contrast", Theme.CONTRAST),
    ({"color_scheme": "dark"}, "contrast", Theme.CONTRAST_DARK),
]


@pytest.fixture(scope="module")
def checker(missing: Callable[[str], None]) -> str:
    """The source of axe-core."""
    if not CHECKER.is_file():
        missing(f"axe-core is not at {CHECKER.relative_to(ROOT) if CHECKER.is_relative_to(ROOT) else CHECKER}")
    return CHECKER.read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=["ru", "en"])
def page(request: pytest.FixtureRequest, browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A report with everything unfolded."""
    file = tmp_path_factory.mktemp("report") / "audit.html"
    file.write_text(render_audit(with_details(make_audit(25)), language=request.param), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.set_default_timeout(5000)
    page.heard = []
    page.on("console", lambda message: page.heard.append(message.text))
    page.on("pageerror", lambda error: page.heard.append(str(error)))
    page.on("request", lambda asked: page.heard.append(asked.url) if not asked.url.startswith("data:") else None)
    page.goto(file.as_uri())
    assert page.heard == [file.as_uri()]
    page.heard.clear()
    for summary in page.locator("summary").all():
        summary.click()
    yield page
    page.close()


def choose(page: Any, device: dict[str, str], choice: str) -> None:
    usual = {"media": "screen", "color_scheme": "light", "contrast": "no-preference", "forced_colors": "none"}
    page.emulate_media(**usual | device)
    # Not by a click: the choice is out of sight where it has no effect.
    page.evaluate("id => { document.getElementById(id).checked = true }", f"theme-{choice}")


def colour(page: Any, selector: str, name: str) -> str:
    red, green, blue = page.evaluate(
        """([selector, name]) => getComputedStyle(document.querySelector(selector))[name].match(/\\d+/g).slice(0, 3)""",
        [selector, name],
    )
    return f"#{int(red):02x}{int(green):02x}{int(blue):02x}"


def find_barriers(page: Any, checker: str) -> list[str]:
    # The document's own policy forbids scripts; the browser's debugger is not bound by it.
    page.evaluate(checker + "; undefined")
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    assert found["passes"], "nothing was checked"
    return [f"{problem['id']}: {node['target']}" for problem in found["violations"] for node in problem["nodes"]]


@pytest.mark.parametrize(("device", "choice", "theme"), CHOICES)
def test_the_theme_is_the_readers_choice_or_the_devices(page: Any, device: dict, choice: str, theme: Theme):
    choose(page, device, choice)
    colours = theme_colours(theme)
    assert colour(page, "html", "backgroundColor") == colours["--ground"]
    assert colour(page, ".level-overview .shade-5 rect", "fill") == colours["--node-5"]
    assert colour(page, ".level-overview .edge .line", "stroke") == colours["--edge"]
    assert colour(page, ".chart .closed", "fill") == colours["--bar"]
    assert page.heard == []


@pytest.mark.parametrize(("device", "choice"), [({}, "light"), ({}, "dark"), ({}, "contrast")])
@pytest.mark.parametrize("width", [1200, 390])
def test_no_barrier_is_found(page: Any, checker: str, device: dict, choice: str, width: int):
    page.set_viewport_size({"width": width, "height": 900})
    choose(page, device, choice)
    assert find_barriers(page, checker) == []
    assert page.heard == []


def test_barriers_are_found_where_there_are_any(browser: Any, checker: str):
    page = browser.new_page()
    page.set_content('<html><body><img src="data:,"><p style="color:#ccc;background:#fff">pale</p></body></html>')
    assert {problem.split(":")[0] for problem in find_barriers(page, checker)} >= {"image-alt", "color-contrast"}
    page.close()


def test_paper_is_light_and_has_no_controls(page: Any):
    choose(page, {"color_scheme": "dark"}, "dark")
    page.set_viewport_size({"width": A4_WIDTH, "height": 900})
    page.emulate_media(media="print")
    assert colour(page, ".chart text", "fill") == theme_colours(Theme.LIGHT)["--ink"]
    for selector in (".theme", ".controls", "nav", ".skip"):
        assert not page.locator(selector).is_visible()
    # Nothing scrolls on paper, so nothing may be cut off.
    assert page.evaluate(
        "[...document.querySelectorAll('.scroll, .canvas')].every(box => box.scrollWidth <= innerWidth)"
    )


def test_the_theme_is_chosen_by_keyboard(page: Any):
    choose(page, {}, "device")
    page.locator("#theme-device").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert colour(page, "html", "backgroundColor") == theme_colours(Theme.DARK)["--ground"]


def test_the_report_becomes_a_pdf(page: Any):
    choose(page, {}, "device")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF-")
    assert page.heard == []


def test_with_system_colours_nothing_is_invisible(page: Any):
    choose(page, {"forced_colors": "active"}, "device")
    shapes = (".level-overview .node rect", ".level-overview .edge .line")
    ground = colour(page, "html", "backgroundColor")
    assert all(colour(page, shape, "stroke") != ground for shape in shapes)
    assert colour(page, ".chart .closed", "fill") != ground
    assert colour(page, ".level-overview .node .label", "fill") != ground


@pytest.mark.parametrize("choice", ["light", "dark", "contrast"])
def test_the_focus_is_visible(page: Any, choice: str):
    choose(page, {}, choice)
    focus = theme_colours(Theme(choice))["--focus"]
    page.keyboard.press("Tab")
    for selector, part in (("nav a", "nav a"), ("summary", "summary"), (".scroll", ".scroll"), (".canvas", ".canvas")):
        page.locator(selector).first.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outline")
        assert "solid" in style, part
        assert colour(page, ":focus", "outlineColor") == focus
