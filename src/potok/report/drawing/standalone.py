"""A map as a file of its own, which any program that shows SVG can open."""

import re
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup

from potok.report.drawing.font import CSS_WEIGHTS, FONT_FAMILY, font_bytes
from potok.report.themes import Theme, theme_colours

_FOLDER: Final = Path(__file__).parent.parent / "templates"


def make_standalone(svg: Markup, *, has_font: bool = True) -> str:
    """Return a map's SVG with its styles inside, in the light theme with fixed colours.

    Parameters
    ----------
    svg
        What `draw_map` returned.
    has_font
        Whether to embed the font, so that labels fit their boxes on every machine (about 60 KB).
    """
    style = (_font_faces() if has_font else "") + _styles()
    opening, _, rest = svg.partition(">")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}><style>\n{style}</style>\n{rest}\n'


@cache
def _styles() -> str:
    colours = theme_colours(Theme.LIGHT)
    rules = (_FOLDER / "map.css").read_text(encoding="utf-8")
    return re.sub(r"var\((--[\w-]+)\)", lambda match: colours[match[1]], rules)


@cache
def _font_faces() -> str:
    return "".join(font_face(weight) for weight in CSS_WEIGHTS)


def font_face(weight: str) -> str:
    """Return the CSS rule that embeds a weight of the font."""
    name = next(known for known in CSS_WEIGHTS if known == weight)
    data = b64encode(font_bytes(name)).decode("ascii")
    return (
        f'@font-face{{font-family:"{FONT_FAMILY}";font-weight:{CSS_WEIGHTS[name]};font-style:normal;'
        f'src:url(data:font/woff2;base64,{data}) format("woff2")}}\n'
    )
