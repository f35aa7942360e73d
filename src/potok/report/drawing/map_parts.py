"""What a process map consists of before it is placed: boxes with their lines of text, links with their labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from potok.core.language import gettext as _
from potok.measure.directly_follows import DirectlyFollowsEdge, DirectlyFollowsGraph, DirectlyFollowsNode
from potok.report.drawing import map_texts
from potok.report.drawing.detail import MapDetail
from potok.report.drawing.font import measure_text
from potok.report.drawing.layout import Box, Link
from potok.report.drawing.paths import END, START, Passage
from potok.report.drawing.svg import make_visible
from potok.report.drawing.wrapping import wrap_label
from potok.report.formats import DAY_SECONDS, HOUR_SECONDS, format_count, format_duration

LABEL_SIZE: Final = 13.0
LABEL_LEADING: Final = 16.0
FIGURE_SIZE: Final = 12.0
PADDING: Final = 11.0
EDGE_LABEL_SIZE: Final = 12.0
EDGE_LABEL_HEIGHT: Final = 16.0
END_SIZE: Final = (92.0, 28.0)

# Narrow boxes make narrow maps, so a wider one is tried only if the label does not fit.
_WIDTHS_AND_LINES: Final = ((112.0, 2), (146.0, 3), (196.0, 4))
_SHORTEST_LINE: Final = 3
_NARROWEST: Final = 64.0
_WIDEST_LINE: Final = 6.0
_N_SHADES: Final = 5
TIME_BOUNDS_SECONDS: Final = (HOUR_SECONDS, DAY_SECONDS, 7 * DAY_SECONDS, 30 * DAY_SECONDS)


@dataclass(frozen=True, slots=True)
class MapBox:
    """An activity, or an end of the process, as it will be drawn.

    Parameters
    ----------
    number
        Position in the graph's nodes, or `START`, `END`.
    lines
        Its label, broken into lines.
    frequency, time
        Figures under the label: executions, and median processing time if known.
    shade
        1 (rare) to 5 (the most frequent); 0 for an end of the process.
    title
        A sentence that says all of it.
    """

    number: int
    lines: tuple[str, ...]
    frequency: str
    time: str
    shade: int
    width: float
    height: float
    title: str

    @property
    def box(self) -> Box:
        """Its size, for the layout."""
        return Box(self.width, self.height, is_first=self.number == START, is_last=self.number == END)


@dataclass(frozen=True, slots=True)
class MapLink:
    """A passage as it will be drawn.

    Parameters
    ----------
    source, target
        Numbers of its boxes (`MapBox.number`).
    edge
        Position in the graph's edges; None from the start, to the end, and where only hidden activities lie between.
    is_indirect
        Whether it stands for a way through activities not shown.
    flow
        How often it was taken; 0 if it is indirect.
    frequency, time
        Labels: how often, and the median time; empty if it has none.
    line_width
        In pixels, by frequency.
    time_class
        1 (under an hour) to 5 (over thirty days); 0 without a time.
    title
        A sentence that says all of it.
    """

    source: int
    target: int
    edge: int | None
    is_indirect: bool
    flow: int
    frequency: str
    time: str
    line_width: float
    time_class: int
    title: str

    @property
    def label_gap(self) -> float:
        """Room kept between the line and its label."""
        return 3.0 + self.line_width

    @property
    def label_width(self) -> float:
        """Width of its label with the gap before it; zero without a label."""
        texts = [text for text in (self.frequency, self.time) if text]
        widths = [measure_text(text, size=EDGE_LABEL_SIZE, weight="semibold") for text in texts]
        return max(widths) + self.label_gap + 2 if widths else 0.0

    def link(self, places: dict[int, int]) -> Link:
        """Its ends and the room for its label, for the layout."""
        return Link(
            source=places[self.source],
            target=places[self.target],
            label_width=self.label_width,
            label_height=EDGE_LABEL_HEIGHT,
            flow=self.flow,
            weight=max(1, round(self.line_width**2 / 2)),
            head_length=5.0 + 1.3 * self.line_width,
        )


def make_boxes(graph: DirectlyFollowsGraph, detail: MapDetail) -> tuple[MapBox, ...]:
    """Make the boxes of a map: the start, its activities in the graph's order, the end."""
    most = max(graph.nodes[index].instances for index in detail.activities)
    return (
        _make_end(START, _("Start"), map_texts.describe_start()),
        *(_make_box(index, graph.nodes[index], most=most) for index in sorted(detail.activities)),
        _make_end(END, _("End"), map_texts.describe_end()),
    )


def _make_end(number: int, label: str, title: str) -> MapBox:
    return MapBox(number, (label,), "", "", 0, *END_SIZE, title)


def _make_box(number: int, node: DirectlyFollowsNode, *, most: int) -> MapBox:
    lines = _break_label(make_visible(node.activity) or map_texts.no_name())
    frequency = format_count(node.instances)
    seconds = node.median_processing_seconds
    time = format_duration(seconds) if seconds is not None else ""
    widths = [measure_text(line, size=LABEL_SIZE, weight="semibold") for line in lines]
    widths += [measure_text(figure, size=FIGURE_SIZE) for figure in (frequency, time)]
    return MapBox(
        number=number,
        lines=lines,
        frequency=frequency,
        time=time,
        shade=max(1, round(_N_SHADES * sqrt(node.instances / most))),
        width=max(_NARROWEST, *widths) + 2 * PADDING,
        height=LABEL_LEADING * (len(lines) + 1) + 1.4 * PADDING,
        title=map_texts.describe_activity(node),
    )


def _break_label(label: str) -> tuple[str, ...]:
    for width, n_lines in _WIDTHS_AND_LINES[:-1]:
        lines = wrap_label(label, size=LABEL_SIZE, max_width=width, max_lines=n_lines + 1, weight="semibold")
        if len(lines) <= n_lines and min(map(len, lines)) >= _SHORTEST_LINE:
            return lines
    width, n_lines = _WIDTHS_AND_LINES[-1]
    return wrap_label(label, size=LABEL_SIZE, max_width=width, max_lines=n_lines, weight="semibold")


def make_links(graph: DirectlyFollowsGraph, detail: MapDetail) -> tuple[MapLink, ...]:
    """Make the links of a map, in the graph's order; those through hidden activities come last."""
    most = max((passage.count for passage in detail.passages), default=1)
    return (
        *(_make_link(graph, passage, most=most) for passage in detail.passages),
        *(_make_indirect_link(graph.nodes, *pair) for pair in detail.indirect),
    )


def _make_link(graph: DirectlyFollowsGraph, passage: Passage, *, most: int) -> MapLink:
    edge = graph.edges[passage.edge] if passage.edge is not None else None
    seconds = edge.median_seconds if edge else None
    return MapLink(
        source=passage.source,
        target=passage.target,
        edge=passage.edge,
        is_indirect=False,
        flow=passage.count,
        frequency=format_count(passage.count),
        time=format_duration(seconds) if seconds is not None else "",
        line_width=1.0 + (_WIDEST_LINE - 1.0) * sqrt(passage.count / most),
        time_class=_time_class(seconds) if seconds is not None else 0,
        title=_describe(graph, passage, edge),
    )


def _describe(graph: DirectlyFollowsGraph, passage: Passage, edge: DirectlyFollowsEdge | None) -> str:
    if edge is not None:
        return map_texts.describe_passage(edge, has_start_times=graph.has_start_times)
    if passage.source == START:
        return map_texts.describe_first(graph.nodes[passage.target])
    return map_texts.describe_last(graph.nodes[passage.source])


def _time_class(seconds: float) -> int:
    return 1 + sum(seconds >= bound for bound in TIME_BOUNDS_SECONDS)


def _make_indirect_link(nodes: Sequence[DirectlyFollowsNode], source: int, target: int) -> MapLink:
    title = map_texts.describe_indirect(
        nodes[source].activity if source >= 0 else _("Start"), nodes[target].activity if target >= 0 else _("End")
    )
    return MapLink(source, target, None, True, 0, "", "", 1.0, 0, title)
