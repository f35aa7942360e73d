"""A model as a picture: its flow with who does what, how long it takes on average, and the shares on the arcs."""

from collections.abc import Iterable, Mapping, Sequence
from math import hypot, sqrt
from typing import Final

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.discover.bpmn_reading import ElementKind
from potok.report.drawing.font import measure_text
from potok.report.drawing.layout import Box, Layout, Line, Link, Point, lay_out
from potok.report.drawing.svg import curve_path, element, polygon_path
from potok.report.drawing.wrapping import wrap_label
from potok.report.formats import compose, format_duration, format_share
from potok.report.simulation.model_flow import FlowArc, FlowBox, model_flow
from potok.simulate.model import ModelActivity, ProcessModel
from potok.simulate.model.distributions import mean_seconds

_MARGIN: Final = 10.0
_PADDING: Final = 9.0
_LEADING: Final = 16.0
_BASELINE: Final = 4.4
_LABEL_SIZE: Final = 13.0
_FIGURE_SIZE: Final = 12.0
_WIDEST: Final = 170.0
_MOST_LINES: Final = 3
_CORNER: Final = 7.0
_GATEWAY: Final = 26.0
_END_SIZE: Final = (76.0, 28.0)
_WIDEST_LINE: Final = 4.0
_ALL: Final = 0.9995
_SIGNS: Final = {ElementKind.EXCLUSIVE: "×", ElementKind.PARALLEL: "+", ElementKind.INCLUSIVE: "○"}
_BY_PEOPLE, _AUTOMATIC = 3, 1


def draw_model(model: ProcessModel) -> Markup:
    """Draw a model; its looks are those of a process map (``map.css``), and `make_standalone` makes a file of it.

    Returns
    -------
    Markup
        An ``<svg>`` element; every part says what it is in its title.

    Raises
    ------
    NoLayoutProgramError, LayoutFailedError
        If it cannot be laid out.
    """
    flow = model_flow(model)
    activities = {activity.name: activity for activity in model.activities}
    performers = _performers(model)
    drawn = [_Drawn(box, activities.get(box.activity), performers) for box in flow.boxes]
    places = {box.key: place for place, box in enumerate(flow.boxes)}
    layout = lay_out([one.box for one in drawn], [_link(arc, places) for arc in flow.arcs])
    named = {one.source.key: one.name for one in drawn}
    lines = [_draw_arc(arc, line, named) for arc, line in zip(flow.arcs, layout.lines, strict=True)]
    boxes = [one.draw(middle) for one, middle in zip(drawn, layout.boxes, strict=True)]
    note = [element("desc", _("Histories of several activities are summed up to the last one."))]
    return _frame(layout, [*(note if flow.is_summary else []), *lines, *boxes], label=model.name)


def _performers(model: ProcessModel) -> Mapping[str, tuple[str, ...]]:
    """Return the pools that do each activity."""
    found: dict[str, dict[str, None]] = {activity.name: {} for activity in model.activities}
    for pool in model.pools:
        for person in pool.people:
            for name in person.does or pool.does:
                found[name][pool.name] = None
    return {name: tuple(pools) for name, pools in found.items()}


class _Drawn:
    """A box with its texts and size."""

    def __init__(
        self, source: FlowBox, activity: ModelActivity | None, performers: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.source = source
        self.lines: tuple[str, ...] = ()
        self.figures: tuple[str, ...] = ()
        self.is_automatic = activity is not None and activity.is_automatic
        if activity is None:
            self.title = self.name = _title_of(source.kind)
            size = _END_SIZE if source.kind in (ElementKind.START, ElementKind.END) else (_GATEWAY, _GATEWAY)
            self.width, self.height = size
        else:
            who = _("automatic") if activity.is_automatic else ", ".join(performers[activity.name])
            long = compose(_("mean {time}"), time=format_duration(mean_seconds(activity.duration, shares=2001)))
            self.lines = wrap_label(
                activity.name, size=_LABEL_SIZE, max_width=_WIDEST, max_lines=_MOST_LINES, weight="semibold"
            )
            pools = wrap_label(who, size=_FIGURE_SIZE, max_width=_WIDEST, max_lines=1)
            self.figures = (*pools, long)
            self.name, self.title = activity.name, f"{activity.name}: {who}, {long}"
            widths = [measure_text(line, size=_LABEL_SIZE, weight="semibold") for line in self.lines]
            widths += [measure_text(figure, size=_FIGURE_SIZE) for figure in self.figures]
            self.width = max(widths) + 2 * _PADDING
            self.height = _LEADING * (len(self.lines) + len(self.figures)) + 1.4 * _PADDING

    @property
    def box(self) -> Box:
        """Its size, for the layout."""
        kind = self.source.kind
        return Box(self.width, self.height, is_first=kind is ElementKind.START, is_last=kind is ElementKind.END)

    def draw(self, middle: Point) -> Markup:
        """Draw it around a point."""
        if not self.lines:
            return self._draw_sign(middle)
        first = middle.y - _LEADING * (len(self.lines) + len(self.figures) - 1) / 2 + _BASELINE
        rows = [*self.lines, *self.figures]
        texts = [
            element(
                "text",
                row,
                class_="label" if number < len(self.lines) else "figure",
                x=middle.x,
                y=first + _LEADING * number,
            )
            for number, row in enumerate(rows)
        ]
        shade = _AUTOMATIC if self.is_automatic else _BY_PEOPLE
        return element(
            "g",
            (element("title", self.title), self._rect(middle, _CORNER), *texts),
            class_=f"node shade-{shade}",
            tabindex="0",
            role="img",
        )

    def _draw_sign(self, middle: Point) -> Markup:
        is_end = self.source.kind in (ElementKind.START, ElementKind.END)
        text = self.title if is_end else _SIGNS.get(self.source.kind, "")
        content = (
            element("title", self.title),
            self._rect(middle, self.height / 2 if is_end else 2.0),
            element("text", text, x=middle.x, y=middle.y + _BASELINE),
        )
        return element("g", content, class_="end" if is_end else "node shade-1", role="img")

    def _rect(self, middle: Point, corner: float) -> Markup:
        left, top = middle.x - self.width / 2, middle.y - self.height / 2
        return element("rect", x=left, y=top, width=self.width, height=self.height, rx=corner)


def _title_of(kind: ElementKind) -> str:
    titles = {
        ElementKind.START: _("Start"),
        ElementKind.END: _("End"),
        ElementKind.EXCLUSIVE: _("Exactly one way"),
        ElementKind.PARALLEL: _("All ways, in any order"),
        ElementKind.INCLUSIVE: _("One way or several"),
    }
    return titles[kind]


def _label(arc: FlowArc) -> str:
    return format_share(arc.share) if arc.share < _ALL else ""


def _line_width(arc: FlowArc) -> float:
    return 1.0 + (_WIDEST_LINE - 1.0) * sqrt(arc.share)


def _link(arc: FlowArc, places: Mapping[str, int]) -> Link:
    label = _label(arc)
    width = measure_text(label, size=_FIGURE_SIZE, weight="semibold") + _line_width(arc) + 5.0 if label else 0.0
    return Link(
        source=places[arc.source],
        target=places[arc.target],
        label_width=width,
        label_height=_LEADING,
        flow=max(1, round(100 * arc.share)),
        head_length=5.0 + 1.3 * _line_width(arc),
    )


def _draw_arc(arc: FlowArc, line: Line, named: Mapping[str, str]) -> Markup:
    width = _line_width(arc)
    title = compose(
        _("{source} → {target}: {share}"),
        source=named[arc.source],
        target=named[arc.target],
        share=format_share(arc.share),
    )
    content = [
        element("title", title),
        element("path", class_="line", d=curve_path(line.curve), stroke_width=width),
        element("path", class_="head", d=_head(line, half_width=2.6 + 0.75 * width)),
    ]
    if line.label is not None:
        left = line.label.x - measure_text(_label(arc), size=_FIGURE_SIZE, weight="semibold") / 2
        content.append(element("text", _label(arc), x=left, y=line.label.y + _BASELINE))
    return element("g", content, class_="edge", role="img")


def _head(line: Line, *, half_width: float) -> str:
    base, tip = line.curve[-1], line.tip
    dx, dy = tip.x - base.x, tip.y - base.y
    length = hypot(dx, dy) or 1.0
    across_x, across_y = -dy / length * half_width, dx / length * half_width
    return polygon_path((tip, Point(base.x + across_x, base.y + across_y), Point(base.x - across_x, base.y - across_y)))


def _frame(layout: Layout, content: Iterable[Markup], *, label: str) -> Markup:
    # Curves may swing a little beyond the box that the layout program reports.
    reach: Sequence[Point] = [point for line in layout.lines for point in line.curve]
    left = min([0.0, *(point.x for point in reach)]) - _MARGIN
    right = max([layout.width, *(point.x for point in reach)]) + _MARGIN
    width, height = right - left, layout.height + 2 * _MARGIN
    return element(
        "svg",
        content,
        xmlns="http://www.w3.org/2000/svg",
        class_="process-map",
        viewBox=" ".join(f"{number:.0f}" for number in (left, -_MARGIN, width, height)),
        width=f"{width:.0f}",
        height=f"{height:.0f}",
        role="group",
        aria_label=compose(_("Model of the process: {name}"), name=label),
    )
