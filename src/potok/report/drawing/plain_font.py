"""The shipped font as plain files, for programs that do not read WOFF2."""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont

from potok.report.drawing.font import CSS_WEIGHTS, FONT_FAMILY, FontWeight, font_bytes

# Names of the family in a font file: the usual one, and that of families with more than four styles.
_FAMILY_NAMES: Final = (1, 16)


def plain_fonts(*, is_one_family: bool = False) -> Mapping[FontWeight, bytes]:
    """Return the font's files uncompressed (TrueType), by weight.

    Parameters
    ----------
    is_one_family
        Whether all weights bear the name of one family. The files' own names make each weight a family apart, which
        programs do not find that look for a weight inside a family.
    """
    return {weight: _plain(weight, is_one_family=is_one_family) for weight in CSS_WEIGHTS}


def write_plain_fonts(folder: Path, *, is_one_family: bool = False) -> None:
    """Write the files of `plain_fonts` into a folder."""
    for weight, content in plain_fonts(is_one_family=is_one_family).items():
        (folder / f"{weight}.ttf").write_bytes(content)


@cache
def _plain(weight: FontWeight, *, is_one_family: bool) -> bytes:
    font, content = TTFont(BytesIO(font_bytes(weight))), BytesIO()
    font.flavor = None
    for record in font["name"].names:
        if is_one_family and record.nameID in _FAMILY_NAMES:
            record.string = FONT_FAMILY
    font.save(content)
    return content.getvalue()
