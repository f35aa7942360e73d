"""Writing SVG: elements with every text and attribute escaped."""

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape

from potok.report.drawing.layout import Point

# XML forbids control characters, and a parser stops at them; U+FFFD is what editors show in their place.
_VISIBLE: Final = {code: "\ufffd" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF) if chr(code) not in "\t\n\r"}
# These turn the direction of what follows and could make one label look like another.
_VISIBLE.update(dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"))


def make_visible(text: str) -> str:
    """Replace characters that cannot stand in a document, or that disguise the text around them."""
    return text.translate(_VISIBLE).encode("utf-8", errors="replace").decode("utf-8")


def element(name: str, content: Iterable[Markup | str] | Markup | str = "", /, **attributes: object) -> Markup:
    """Write an element.

    Parameters
    ----------
    name
        Tag.
    content
        Children; what is not `Markup` is escaped.
    attributes
        Attributes; None and empty text are left out. ``class_`` stands for ``class``, ``_`` inside a name for ``-``.
    """
    children = (content,) if isinstance(content, str) else content
    inner = Markup("").join(map(_escape, children))
    start = Markup("").join(_attribute(key, value) for key, value in attributes.items())
    if not inner:
        return Markup("<{}{}/>").format(name, start)
    return Markup("<{0}{1}>{2}</{0}>").format(name, start, inner)


def _escape(child: Markup | str) -> Markup:
    return child if isinstance(child, Markup) else escape(make_visible(child))


def _attribute(key: str, value: object) -> Markup:
    if value is None or value == "":
        return Markup("")
    text = format_number(value) if isinstance(value, float) else make_visible(str(value))
    return Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), text)


def format_number(number: float) -> str:
    """Write a coordinate with at most one decimal: finer is invisible and makes files large."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def curve_path(curve: Iterable[Point]) -> str:
    """Write a Bézier spline (first point, then three per piece) as path data."""
    first, *rest = curve
    points = " ".join(_pair(point) for point in rest)
    return f"M{_pair(first)}" + (f"C{points}" if points else "")


def polygon_path(points: Iterable[Point]) -> str:
    """Write a closed polygon as path data."""
    return "M" + "L".join(_pair(point) for point in points) + "Z"


def _pair(point: Point) -> str:
    return f"{format_number(point.x)},{format_number(point.y)}"
