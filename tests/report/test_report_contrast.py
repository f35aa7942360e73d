"""Colours keep the contrast that WCAG 2.2 asks for, in every theme."""

import re
from pathlib import Path

import pytest

import potok.report
from potok.report.themes import Theme, theme_colours, theme_rules

TEMPLATES = Path(potok.report.__file__).parent / "templates"
TEXT, ENHANCED, GRAPHICS = 4.5, 7.0, 3.0
HIGH_CONTRAST = (Theme.CONTRAST, Theme.CONTRAST_DARK)


def luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXTS = [
    *((text, ground) for text in ("ink", "muted", "accent") for ground in ("surface", "ground", "mark")),
    *((text, ground) for text in ("ink", "muted", "accent") for ground in ("problem-ground", "warning-ground")),
    ("problem", "problem-ground"),
    ("warning", "warning-ground"),
    ("on-accent", "accent"),
    ("end-ink", "end"),
    # Labels of lines take the colour of what is pointed at.
    ("focus", "surface"),
    ("focus", "ground"),
    *((text, f"node-{shade}") for shade in range(1, 6) for text in ("ink",)),
    ("muted", "node-2"),
]
SHAPES = [
    *((f"time-{number}", "surface") for number in range(1, 6)),
    *((name, "surface") for name in ("edge", "node-line", "bar", "bar-open", "strong-line", "end", "accent")),
    *((name, "ground") for name in ("strong-line", "accent", "bar", "bar-open")),
    *(("focus", f"node-{shade}") for shade in range(1, 4)),
    *(("focus", ground) for ground in ("mark", "problem-ground", "warning-ground")),
    ("problem", "surface"),
    ("warning", "surface"),
    ("bar", "bar-ground"),
    ("bar-open", "bar-ground"),
]


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize(("front", "back"), TEXTS, ids=str)
def test_text_stands_out(theme: Theme, front: str, back: str):
    named = theme_colours(theme)
    least = ENHANCED if theme in HIGH_CONTRAST else TEXT
    assert contrast(named[f"--{front}"], named[f"--{back}"]) >= least


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize(("front", "back"), SHAPES, ids=str)
def test_shapes_stand_out(theme: Theme, front: str, back: str):
    named = theme_colours(theme)
    least = TEXT if theme in HIGH_CONTRAST else GRAPHICS
    assert contrast(named[f"--{front}"], named[f"--{back}"]) >= least


def test_all_themes_name_the_same_colours():
    assert len({frozenset(theme_colours(theme)) for theme in Theme}) == 1


def test_style_sheets_use_tokens_only():
    """A colour written elsewhere would escape the themes and the tests above."""
    for sheet in TEMPLATES.glob("*.css"):
        rules = sheet.read_text(encoding="utf-8")
        if sheet.name != "tokens.css":
            assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{}]*\{)|rgba?\(|hsla?\(", rules) == []
            assert set(re.findall(r"var\((--[\w-]+)\)", rules)) <= theme_colours(Theme.LIGHT).keys()


def test_system_colours_stand_in_for_every_token():
    forced = (TEMPLATES / "page.css").read_text(encoding="utf-8").partition("@media (forced-colors: active)")[2]
    assert set(re.findall(r"(--[\w-]+): [A-Z]\w+;", forced)) == theme_colours(Theme.LIGHT).keys()


def test_paper_is_never_dark():
    for media, theme in re.findall(r"@media ([^{]+) \{\n.*?color-scheme: (\w+);", theme_rules(), re.DOTALL):
        assert theme == "light" or media.startswith("screen")


def test_white_on_black_is_as_different_as_can_be():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
