"""How large the parts of a BPMN diagram are, by the text they hold."""

from dataclasses import dataclass
from typing import Final

from potok.core.language import gettext as _
from potok.discover.bpmn import BpmnNode, NodeKind
from potok.report.drawing.font import measure_text
from potok.report.drawing.svg import make_visible
from potok.report.drawing.wrapping import wrap_label

LABEL_SIZE: Final = 12.0
LABEL_LEADING: Final = 15.0
EVENT_SIZE: Final = 36.0
GATEWAY_SIZE: Final = 40.0

_PADDING: Final = 10.0
_NARROWEST_TASK: Final = 100.0
_LOWEST_TASK: Final = 56.0
# Narrow tasks make short models, so a wider one is tried only if the label does not fit.
_WIDTHS_AND_LINES: Final = ((112.0, 3), (146.0, 4), (186.0, 5))
_SHORTEST_LINE: Final = 3


@dataclass(frozen=True, slots=True)
class NodeSize:
    """Width and height in pixels, and the lines of the label."""

    width: float
    height: float
    lines: tuple[str, ...] = ()


def measure_node(node: BpmnNode) -> NodeSize:
    """Return how large a node is drawn."""
    if node.kind in (NodeKind.START, NodeKind.END):
        return NodeSize(EVENT_SIZE, EVENT_SIZE)
    if node.kind is not NodeKind.TASK:
        return NodeSize(GATEWAY_SIZE, GATEWAY_SIZE)
    lines = _break_label(make_visible(node.name) or _("(no name)"))
    widest = max(measure_text(line, size=LABEL_SIZE, weight="semibold") for line in lines)
    return NodeSize(
        round(max(_NARROWEST_TASK, widest + 2 * _PADDING)),
        round(max(_LOWEST_TASK, LABEL_LEADING * len(lines) + 1.6 * _PADDING)),
        lines,
    )


def _break_label(label: str) -> tuple[str, ...]:
    for width, n_lines in _WIDTHS_AND_LINES[:-1]:
        lines = wrap_label(label, size=LABEL_SIZE, max_width=width, max_lines=n_lines + 1, weight="semibold")
        if len(lines) <= n_lines and min(map(len, lines)) >= _SHORTEST_LINE:
            return lines
    width, n_lines = _WIDTHS_AND_LINES[-1]
    return wrap_label(label, size=LABEL_SIZE, max_width=width, max_lines=n_lines, weight="semibold")
