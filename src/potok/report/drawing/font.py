"""The font shipped with Potok, and how wide a text is in it."""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from fontTools.ttLib import TTFont

FontWeight = Literal["regular", "semibold"]

FONT_FAMILY: Final = "Golos Text"
CSS_WEIGHTS: Final[Mapping[FontWeight, int]] = {"regular": 400, "semibold": 600}

_FOLDER: Final = Path(__file__).parent.parent / "fonts"
# For a letter that the font lacks: about the width of the widest Cyrillic ones; CJK fills the em.
_ABSENT_WIDTH: Final = 0.75
_FULL_WIDTH: Final = 1.0
_FIRST_FULL_WIDTH_CODE: Final = 0x1100


def font_bytes(weight: FontWeight) -> bytes:
    """Return the font file (WOFF2) of a weight."""
    return (_FOLDER / f"golos-text-{weight}.woff2").read_bytes()


def measure_text(text: str, *, size: float, weight: FontWeight = "regular") -> float:
    """Return the width of one line of text, in the unit of `size`.

    Kerning is left out: it makes text narrower, so a box made for this width always holds its text.
    """
    widths = _widths(weight)
    return size * sum(widths.get(character) or _absent_width(character) for character in text)


def _absent_width(character: str) -> float:
    return _FULL_WIDTH if ord(character) >= _FIRST_FULL_WIDTH_CODE else _ABSENT_WIDTH


@cache
def _widths(weight: FontWeight) -> Mapping[str, float]:
    font = TTFont(BytesIO(font_bytes(weight)), lazy=True)
    em = font["head"].unitsPerEm
    metrics = font["hmtx"].metrics
    return {chr(code): metrics[glyph][0] / em for code, glyph in font.getBestCmap().items()}
