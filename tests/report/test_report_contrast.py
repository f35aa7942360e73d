"""Colours keep the contrast that WCAG 2.2 asks for, in both themes."""

import re
from pathlib import Path

import pytest

import potok.report

TOKENS = (Path(potok.report.__file__).parent / "templates" / "tokens.css").read_text(encoding="utf-8")
LIGHT, _, DARK = TOKENS.partition("@media")
TEXT, GRAPHICS = 4.5, 3.0


def colours(theme: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*#([0-9a-f]{6})", theme))


def luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    *((text, ground, TEXT) for text in ("ink", "muted", "accent") for ground in ("surface", "ground")),
    *(("ink", ground, TEXT) for ground in ("mark", "problem-ground", "warning-ground")),
    *(("muted", ground, TEXT) for ground in ("problem-ground", "warning-ground", "mark")),
    ("problem", "problem-ground", TEXT),
    ("warning", "warning-ground", TEXT),
    ("surface", "accent", TEXT),
    ("end-ink", "end", TEXT),
    *(("ink", f"node-{shade}", TEXT) for shade in range(1, 6)),
    *((f"time-{number}", "surface", GRAPHICS) for number in range(1, 6)),
    *((name, "surface", GRAPHICS) for name in ("edge", "node-line", "bar", "bar-open", "focus", "strong-line", "end")),
    *((name, "ground", GRAPHICS) for name in ("focus", "strong-line")),
    ("bar", "bar-ground", GRAPHICS),
]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS, ids=lambda value: str(value))
def test_contrast(theme: str, front: str, back: str, least: float):
    named = colours(theme)
    assert contrast(named[front], named[back]) >= least


def test_both_themes_name_the_same_colours():
    assert colours(LIGHT).keys() == colours(DARK).keys()


def test_white_on_black_is_as_different_as_can_be():
    assert contrast("ffffff", "000000") == pytest.approx(21)
