"""Themes of the report: which colours there are, and when which of them apply without a script."""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final


class Theme(StrEnum):
    """A set of colours; the high-contrast ones follow the device between black on white and white on black."""

    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"
    CONTRAST_DARK = "contrast-dark"


_FILE: Final = Path(__file__).parent / "templates" / "tokens.css"
_BLOCK: Final = re.compile(r"^([\w-]+) \{\n(.*?)\n\}", re.MULTILINE | re.DOTALL)
_TOKEN: Final = re.compile(r"(--[\w-]+):\s*(#[0-9a-f]{6})")

# First what the device asks for, then what the reader has chosen in the page. All rules weigh the same, so that the
# last one that applies wins, and system colours (in page.css) win over all. Paper is never dark.
_RULES: Final = (
    ("", ":root", Theme.LIGHT),
    ("screen and (prefers-color-scheme: dark)", ":root", Theme.DARK),
    ("(prefers-contrast: more)", ":root", Theme.CONTRAST),
    ("screen and (prefers-contrast: more) and (prefers-color-scheme: dark)", ":root", Theme.CONTRAST_DARK),
    ("all", ":root:where(:has(#theme-light:checked))", Theme.LIGHT),
    ("screen", ":root:where(:has(#theme-dark:checked))", Theme.DARK),
    ("all", ":root:where(:has(#theme-contrast:checked))", Theme.CONTRAST),
    ("screen and (prefers-color-scheme: dark)", ":root:where(:has(#theme-contrast:checked))", Theme.CONTRAST_DARK),
)


def theme_colours(theme: Theme) -> Mapping[str, str]:
    """Return the colour (``#rrggbb``) of each token (``--name``) in a theme."""
    return dict(_TOKEN.findall(_blocks()[theme]))


def theme_rules() -> str:
    """Return the CSS rules that give the page's root the tokens of the theme that applies."""
    return "".join(_rule(*rule) for rule in _RULES)


def _rule(media: str, selector: str, theme: Theme) -> str:
    rule = f"{selector} {{\n{_blocks()[theme]}\n}}"
    return f"@media {media} {{\n{rule}\n}}\n" if media else f"{rule}\n"


@cache
def _blocks() -> Mapping[Theme, str]:
    return {Theme(name): body for name, body in _BLOCK.findall(_FILE.read_text(encoding="utf-8"))}
