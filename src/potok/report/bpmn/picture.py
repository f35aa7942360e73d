"""Pictures as files: SVG with styles and font inside, PNG."""

import re
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Final

import resvg_py
from markupsafe import Markup

from potok.core.errors import EnvironmentFailureError
from potok.core.language import gettext as _
from potok.log.importing.folder import cannot_write, replace_file
from potok.report.bpmn.drawing import model_rules
from potok.report.drawing.font import CSS_WEIGHTS
from potok.report.drawing.plain_font import write_plain_fonts
from potok.report.drawing.standalone import font_face
from potok.report.themes import Theme, theme_colours

# Fine enough to read on paper; larger pictures than this many pixels are refused by common viewers.
_ZOOM: Final = 2.0
_MOST_PIXELS: Final = 80_000_000
_SIZE: Final = re.compile(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"')


class PictureFailedError(EnvironmentFailureError):
    """A picture could not be made into a PNG file."""

    code = "POTOK-R010"


def make_model_standalone(svg: Markup, *, has_font: bool = True) -> str:
    """Return a model's SVG with its styles inside, in the light theme with fixed colours.

    Parameters
    ----------
    svg
        What `draw_bpmn` returned.
    has_font
        Whether to embed the font, so that labels fit their boxes on every machine (about 60 KB).
    """
    faces = "".join(font_face(weight) for weight in CSS_WEIGHTS) if has_font else ""
    colours = theme_colours(Theme.LIGHT)
    rules = re.sub(r"var\((--[\w-]+)\)", lambda match: colours[match[1]], model_rules())
    opening, _closing, rest = svg.partition(">")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}><style>\n{faces}{rules}</style>\n{rest}\n'


def write_picture(file: Path, svg: str) -> None:
    """Write a standalone SVG to a file, as PNG if the file's name says so; nothing is left half written.

    Raises
    ------
    CannotWriteError, PictureFailedError
        If the file cannot be written, or the picture not made.
    """
    if file.suffix.lower() != ".png":
        replace_file(file, svg)
        return
    content = render_png(svg)
    temporary = file.with_name(f".{file.name}.{token_hex(4)}")
    try:
        temporary.write_bytes(content)
        temporary.replace(file)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise cannot_write(error, file) from error


def render_png(svg: str) -> bytes:
    """Return a standalone SVG as a PNG picture on white, at twice its size unless that is too large.

    Raises
    ------
    PictureFailedError
        If it cannot be drawn.
    """
    size = _SIZE.search(svg)
    pixels = float(size[1]) * float(size[2]) if size else 1.0
    zoom = min(_ZOOM, (_MOST_PIXELS / max(pixels, 1.0)) ** 0.5)
    with TemporaryDirectory(prefix="potok-fonts-") as folder:
        write_plain_fonts(Path(folder), is_one_family=True)
        try:
            return bytes(
                resvg_py.svg_to_bytes(
                    svg_string=svg, zoom=zoom, background="#ffffff", skip_system_fonts=True, font_dirs=[folder]
                )
            )
        except ValueError as error:
            raise PictureFailedError(
                _("The picture cannot be made: {reason}.").format(reason=error),
                remedy=_("Ask for an SVG file instead."),
            ) from error
