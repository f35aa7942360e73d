"""What a picture of a model shows: its boxes and the shares on its arcs, whichever kind of routing it has."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from potok.discover.bpmn_reading import ElementKind
from potok.simulate.model import END, Context, GraphRouting, HistoryRouting, ProcessModel

START_BOX: Final = "\x00start"
END_BOX: Final = "\x00end"
LEAST_SHARE: Final = 0.01
"""Continuations of a history that are rarer are not drawn."""


@dataclass(frozen=True, slots=True)
class FlowBox:
    """A box: an activity by its name, or an end or a gateway, whose activity is empty."""

    key: str
    kind: ElementKind
    activity: str


@dataclass(frozen=True, slots=True)
class FlowArc:
    """An arc between two boxes, and the share of what leaves the first that takes it."""

    source: str
    target: str
    share: float


@dataclass(frozen=True, slots=True)
class ModelFlow:
    """Boxes and arcs; `is_summary` says that histories of several activities were summed up to the last one."""

    boxes: tuple[FlowBox, ...]
    arcs: tuple[FlowArc, ...]
    is_summary: bool


def model_flow(model: ProcessModel) -> ModelFlow:
    """Return the boxes and arcs of a model."""
    routing = model.routing
    if isinstance(routing, GraphRouting):
        boxes = tuple(FlowBox(node.name, node.kind, node.activity) for node in routing.nodes)
        return ModelFlow(boxes, tuple(FlowArc(one.source, one.target, one.share) for one in routing.flows), False)
    following = last_activity_shares(routing)
    arcs = [
        FlowArc(source, END_BOX if target == END else target, share)
        for source, shares in following.items()
        for target, share in shares.items()
        if share >= LEAST_SHARE
    ]
    seen = {arc.target for arc in arcs} | {arc.source for arc in arcs}
    named = [activity.name for activity in model.activities if activity.name in seen]
    boxes = (
        FlowBox(START_BOX, ElementKind.START, ""),
        *(FlowBox(name, ElementKind.TASK, name) for name in named),
        FlowBox(END_BOX, ElementKind.END, ""),
    )
    longest = max((len(context.history) for context in routing.contexts), default=0)
    return ModelFlow(boxes, tuple(arcs), longest > 1)


def last_activity_shares(routing: HistoryRouting) -> Mapping[str, Mapping[str, float]]:
    """Return what follows the beginning (`START_BOX`) and each activity that can come, whatever came before.

    Histories with the same last activity are weighted by how often they were seen; equally, if that is not known.
    """
    by_last: dict[str, list[Context]] = defaultdict(list)
    anywhere: list[Context] = []
    for context in routing.contexts:
        if context.history:
            by_last[context.history[-1]].append(context)
        elif context.is_start:
            by_last[START_BOX].append(context)
        else:
            anywhere.append(context)
    found: dict[str, dict[str, float]] = {}
    waiting = [START_BOX]
    while waiting:
        name = waiting.pop(0)
        if name in found or name == END:
            continue
        found[name] = _weighted(by_last[name] or anywhere)
        waiting += [target for target, share in found[name].items() if share >= LEAST_SHARE]
    return found


def _weighted(contexts: list[Context]) -> dict[str, float]:
    # A longer history's runs are among those of the shorter one that ends alike, so the shortest say it all.
    shortest = min((len(context.history) for context in contexts), default=0)
    chosen = [context for context in contexts if len(context.history) == shortest]
    weights = [context.runs for context in chosen] if any(context.runs for context in chosen) else [1] * len(chosen)
    shares: dict[str, float] = defaultdict(float)
    for context, weight in zip(chosen, weights, strict=True):
        for target, share in context.following:
            shares[target] += share * weight / sum(weights)
    return shares
