"""Charts and marks as pictures of their own, for documents that are not HTML."""

import re
from typing import Final

from markupsafe import Markup

from potok.report.page_shell import TEMPLATES
from potok.report.themes import Theme, theme_colours

_RULE: Final = re.compile(r"^\.(?:chart|mark-sign) [.\w][^{\n]*\{[^}]*\}$", re.MULTILINE)
_FONT: Final = '.chart { font-family: "Golos Text"; font-size: 11.5px; }'
_SHEETS: Final = ("page.css", "effect.css")


def make_picture_standalone(svg: Markup) -> str:
    """Return a picture's SVG with its styles inside, in the light theme with fixed colours and without a font."""
    sheets = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in _SHEETS)
    colours = theme_colours(Theme.LIGHT)
    rules = re.sub(r"var\((--[\w-]+)\)", lambda match: colours[match[1]], "\n".join([_FONT, *_RULE.findall(sheets)]))
    opening, _closing, rest = svg.partition(">")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}><style>\n{rules}\n</style>\n{rest}\n'
