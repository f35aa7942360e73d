"""A value-stream map as a picture of its own, for documents that are not HTML."""

import re
from pathlib import Path
from typing import Final

from markupsafe import Markup

from potok.report.themes import Theme, theme_colours

_RULES: Final = Path(__file__).parent.parent / "templates" / "value_stream.css"


def make_stream_standalone(svg: Markup) -> str:
    """Return a map's SVG with its styles inside, in the light theme with fixed colours and without a font.

    Parameters
    ----------
    svg
        What `draw_value_stream` returned.
    """
    colours = theme_colours(Theme.LIGHT)
    rules = re.sub(r"var\((--[\w-]+)\)", lambda match: colours[match[1]], _RULES.read_text(encoding="utf-8"))
    opening, _closing, rest = svg.partition(">")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}><style>\n{rules}</style>\n{rest}\n'
