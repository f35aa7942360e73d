"""Charts and marks as pictures of their own, for documents that are not HTML."""

import re
from typing import Final

from markupsafe import Markup

from potok.report.page_shell import TEMPLATES
from potok.report.themes import Theme, theme_colours

_RULE: Final = re.compile(r"^\.(?:chart|mark-sign) [.\w][^{\n]*\{[^}]*\}$", re.MULTILINE)
_FONT: Final = '.chart { font-family: "Golos Text"; font-size: 11.5px; }'
_BOX: Final = re.compile(r'viewBox="0 0 (\d+) (\d+)" width="\d+" height="\d+"')
_MARGIN: Final = 4
_SHEETS: Final = ("page.css", "effect.css")


def make_picture_standalone(svg: Markup) -> str:
    """Return a picture's SVG with its styles inside, in the light theme with fixed colours and without a font."""
    sheets = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in _SHEETS)
    colours = theme_colours(Theme.LIGHT)
    rules = re.sub(r"var\((--[\w-]+)\)", lambda match: colours[match[1]], "\n".join([_FONT, *_RULE.findall(sheets)]))
    opening, _closing, rest = _with_margin(svg).partition(">")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}><style>\n{rules}\n</style>\n{rest}\n'


def _with_margin(svg: str) -> str:
    """Leave some room around a chart, so that no line touches the edge of its picture."""
    if 'class="chart' not in svg.partition(">")[0]:
        return svg

    def widen(match: re.Match[str]) -> str:
        width, height = (int(length) + 2 * _MARGIN for length in match.groups())
        return f'viewBox="{-_MARGIN} {-_MARGIN} {width} {height}" width="{width}" height="{height}"'

    return _BOX.sub(widen, svg, count=1)
