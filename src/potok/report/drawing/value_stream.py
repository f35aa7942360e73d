"""Value-stream maps as SVG: steps with their data, stock between them, and the time ladder below."""

from collections.abc import Iterable, Sequence
from typing import Final

from markupsafe import Markup

from potok.report.drawing.font import measure_text
from potok.report.drawing.layout import Point
from potok.report.drawing.svg import element, polygon_path
from potok.report.drawing.value_stream_parts import (
    BOX_WIDTH,
    COLUMN_WIDTH,
    GAP_WIDTH,
    LABEL_LEADING,
    MOST_CELLS,
    PADDING,
    TEXT_LEADING,
    TEXT_SIZE,
    BoxText,
    RowSize,
    StreamBox,
    StreamFigure,
    StreamPicture,
    size_row,
    split_rows,
    wrap_box,
)

_MARGIN: Final = 8.0
_BASELINE: Final = 4.0
_BURST: Final = 10.0
_BURSTS_ABOVE: Final = 15.0
_LADDER_GAP: Final = 24.0
_LADDER_DROP: Final = 20.0
_ROW_END: Final = 34.0
_TRIANGLE: Final = (34.0, 30.0)
_LEGEND_LEADING: Final = 20.0
_LEGEND_SYMBOL: Final = 30.0
_LEGEND_SPACE: Final = 22.0


def draw_value_stream(picture: StreamPicture, *, has_links: bool = False, most_cells: int = MOST_CELLS) -> Markup:
    """Draw a value-stream map.

    Parameters
    ----------
    has_links
        Whether steps and problems link to ``#stream-step-N`` and ``#problem-N`` (from 1), as in a document that holds
        the table and the list of them. Without, they take the keyboard focus all the same.
    most_cells
        Steps in a row, at most; the totals take the place of one.

    Returns
    -------
    Markup
        An ``<svg>`` element; its looks are in ``value_stream.css``.
    """
    texts = [wrap_box(box) for box in picture.boxes]
    lines = len(picture.boxes[0].figures) if picture.boxes else 0
    rows = [size_row(texts, *ends, figures=lines) for ends in split_rows(len(picture.boxes), most_cells=most_cells)]
    width = _width(rows)
    content: list[Markup] = []
    top = _MARGIN + _BURSTS_ABOVE
    for row in rows:
        content += _draw_row(picture, texts, row, top=top, has_links=has_links)
        top += row.box + _LADDER_GAP + _LADDER_DROP + _ROW_END + _BURSTS_ABOVE
    legend, bottom = _draw_legend(picture.legend, top=top - _BURSTS_ABOVE + 8, width=width)
    return element(
        "svg",
        [*content, *legend],
        xmlns="http://www.w3.org/2000/svg",
        class_="value-stream",
        viewBox=f"0 0 {width:.0f} {bottom:.0f}",
        width=f"{width:.0f}",
        height=f"{bottom:.0f}",
        role="group",
        aria_label=picture.caption,
    )


def _width(rows: Sequence[RowSize]) -> float:
    last = len(rows) - 1
    columns = [row.last - row.first + (number == last) for number, row in enumerate(rows)]
    return max(columns) * COLUMN_WIDTH + 2 * _MARGIN


def _draw_row(
    picture: StreamPicture, texts: Sequence[BoxText], row: RowSize, *, top: float, has_links: bool
) -> list[Markup]:
    drawn: list[Markup] = []
    left = _MARGIN
    for place in range(row.first, row.last):
        box = picture.boxes[place]
        drawn += _draw_gap(box.stock, left=left, top=top, row=row)
        drawn.append(_draw_box(place, box, texts[place], Point(left + GAP_WIDTH, top), row, has_links=has_links))
        drawn += _draw_bursts(box.problems, Point(left + GAP_WIDTH, top), has_links=has_links)
        left += COLUMN_WIDTH
    ladder = top + row.box + _LADDER_GAP
    drawn += _draw_ladder(picture.boxes[row.first : row.last], top=ladder)
    if row.last == len(picture.boxes):
        drawn += _draw_gap(picture.end.stock, left=left, top=top, row=row)
        drawn += _draw_totals(picture, Point(left + GAP_WIDTH, top), has_links=has_links)
        drawn += _draw_level(picture.end.wait, left=left, right=left + GAP_WIDTH, y=ladder, kind="wait")
    return drawn


def _draw_gap(stock: str, *, left: float, top: float, row: RowSize) -> list[Markup]:
    """Draw what lies between two steps: an arrow, and the stock if there is any."""
    middle, y = left + GAP_WIDTH / 2, top + row.name - PADDING
    tip = left + GAP_WIDTH - 2
    drawn = [
        element("path", class_="flow", d=f"M{left + 3:.1f},{y:.1f}H{tip - 7:.1f}", fill="none"),
        element(
            "path", class_="flow-head", d=polygon_path((Point(tip, y), Point(tip - 8, y - 4), Point(tip - 8, y + 4)))
        ),
    ]
    if stock:
        drawn.append(_triangle(middle, top))
        drawn.append(_text(stock, middle, top + _TRIANGLE[1] + 12, class_="stock-figure", anchor="middle"))
    return drawn


def _triangle(middle: float, top: float, *, scale: float = 1.0) -> Markup:
    half, height = _TRIANGLE[0] / 2 * scale, _TRIANGLE[1] * scale
    corners = (Point(middle, top), Point(middle + half, top + height), Point(middle - half, top + height))
    return element("path", class_="stock", d=polygon_path(corners))


def _draw_box(place: int, box: StreamBox, text: BoxText, at: Point, row: RowSize, *, has_links: bool) -> Markup:
    right, centre = at.x + BOX_WIDTH, at.x + BOX_WIDTH / 2
    first = at.y + (row.name - LABEL_LEADING * len(text.label)) / 2 + LABEL_LEADING / 2 + _BASELINE
    content = [
        element("title", box.title),
        element("rect", class_="data", x=at.x, y=at.y, width=BOX_WIDTH, height=row.box),
        element("rect", class_="name", x=at.x, y=at.y, width=BOX_WIDTH, height=row.name),
        *(
            _text(line, centre, first + LABEL_LEADING * number, class_="label", anchor="middle")
            for number, line in enumerate(text.label)
        ),
        *(
            _text(line, centre, at.y + row.name + TEXT_LEADING * (number + 0.5) + _BASELINE + 2, anchor="middle")
            for number, line in enumerate(text.performers)
        ),
    ]
    top = at.y + row.name + row.performers
    if row.performers:
        content.append(element("path", class_="rule", d=f"M{at.x:.1f},{top:.1f}H{right:.1f}", fill="none"))
    content += _draw_figures(box.figures, at.x, top)
    kind = "step other" if box.is_other else "step"
    return _focusable(content, class_=kind, target=f"#stream-step-{place + 1}" if has_links else None)


def _draw_figures(figures: Sequence[StreamFigure], left: float, top: float) -> list[Markup]:
    drawn = []
    for number, figure in enumerate(figures):
        y = top + TEXT_LEADING * (number + 0.5) + _BASELINE + 2
        drawn.append(_text(figure.name, left + PADDING, y, class_="figure-name"))
        drawn.append(_text(figure.value, left + BOX_WIDTH - PADDING, y, class_="figure", anchor="end"))
    return drawn


def _draw_bursts(problems: Sequence[int], at: Point, *, has_links: bool) -> list[Markup]:
    """Draw the numbers of problems over the upper edge of a box, from its left; they shrink together if many."""
    step = min(2 * _BURST + 3, (BOX_WIDTH - 2 * _BURST) / max(1, len(problems) - 1)) if len(problems) > 1 else 0.0
    return [
        _burst(number, Point(at.x + _BURST + step * place, at.y - 4), has_links=has_links)
        for place, number in enumerate(problems)
    ]


def _burst(number: int, at: Point, *, has_links: bool) -> Markup:
    content = [
        element("circle", cx=at.x, cy=at.y, r=_BURST),
        _text(str(number), at.x, at.y + _BASELINE, anchor="middle"),
    ]
    if has_links:
        return element("a", content, class_="problem", href=f"#problem-{number}", aria_label=str(number))
    return element("g", content, class_="problem")


def _draw_totals(picture: StreamPicture, at: Point, *, has_links: bool) -> list[Markup]:
    end = picture.end
    height = LABEL_LEADING + 2 * PADDING + TEXT_LEADING * len(end.totals)
    return [
        element("rect", class_="totals", x=at.x, y=at.y, width=BOX_WIDTH, height=height),
        _text(end.title, at.x + BOX_WIDTH / 2, at.y + PADDING + 11, class_="label", anchor="middle"),
        *_draw_figures(end.totals, at.x, at.y + LABEL_LEADING + PADDING - 2),
        *_draw_bursts(end.problems, at, has_links=has_links),
    ]


def _draw_ladder(boxes: Sequence[StreamBox], *, top: float) -> list[Markup]:
    drawn: list[Markup] = []
    for place, box in enumerate(boxes):
        left = _MARGIN + place * COLUMN_WIDTH
        step, right = left + GAP_WIDTH, left + COLUMN_WIDTH
        if box.work:
            low = top + _LADDER_DROP
            drawn += _draw_level(box.wait, left=left, right=step, y=top, kind="wait")
            drawn.append(element("path", class_="rung", d=f"M{step:.1f},{top:.1f}V{low:.1f}", fill="none"))
            drawn += _draw_level(box.work, left=step, right=right, y=low, kind="work")
            drawn.append(element("path", class_="rung", d=f"M{right:.1f},{low:.1f}V{top:.1f}", fill="none"))
        else:
            drawn += _draw_level(box.wait, left=left, right=right, y=top, kind="together")
    return drawn


def _draw_level(label: str, *, left: float, right: float, y: float, kind: str) -> list[Markup]:
    """Draw a level of the ladder with its label: above a wait, below work."""
    if not label:
        return []
    text_y = y + 15 if kind == "work" else y - 6
    return [
        element("path", class_=f"level {kind}", d=f"M{left:.1f},{y:.1f}H{right:.1f}", fill="none"),
        _text(label, (left + right) / 2, text_y, class_="time", anchor="middle"),
    ]


def _draw_legend(entries: Sequence[tuple[str, str]], *, top: float, width: float) -> tuple[list[Markup], float]:
    """Draw the symbols with their meanings, line by line; return them and where they end."""
    drawn: list[Markup] = []
    x, y = _MARGIN, top + _LEGEND_LEADING / 2
    for symbol, meaning in entries:
        indent = _LEGEND_SYMBOL if symbol else 0.0
        needed = indent + measure_text(meaning, size=TEXT_SIZE) + _LEGEND_SPACE
        if x > _MARGIN and x + needed > width:
            x, y = _MARGIN, y + _LEGEND_LEADING
        drawn += _symbol(symbol, x, y) if symbol else []
        drawn.append(_text(meaning, x + indent, y + _BASELINE, class_="meaning"))
        x += needed
    return drawn, y + _LEGEND_LEADING / 2 + _MARGIN


def _symbol(symbol: str, x: float, y: float) -> list[Markup]:
    match symbol:
        case "stock":
            return [_triangle(x + 12, y - 7, scale=0.5)]
        case "problem":
            return [element("g", [element("circle", cx=x + 12, cy=y, r=7.0)], class_="problem")]
        case "step" | "other":
            kind = "step other" if symbol == "other" else "step"
            return [element("g", [element("rect", class_="name", x=x, y=y - 6, width=24.0, height=12.0)], class_=kind)]
        case _:
            return [element("path", class_=f"level {symbol}", d=f"M{x:.1f},{y:.1f}H{x + 24:.1f}", fill="none")]


def _text(text: str, x: float, y: float, *, class_: str = "", anchor: str = "") -> Markup:
    return element("text", text, class_=class_, x=x, y=y, text_anchor=anchor)


def _focusable(content: Iterable[Markup], *, class_: str, target: str | None) -> Markup:
    if target:
        return element("a", content, class_=class_, href=target)
    return element("g", content, class_=class_, tabindex="0", role="img")
