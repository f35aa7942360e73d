"""Levels of detail of a process map: which activities and passages to show, and how much that is of all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from potok.measure.directly_follows import DirectlyFollowsGraph
from potok.report.drawing.paths import END, START, Passage, strongest_way_from_start, strongest_way_to_end


class DetailName(StrEnum):
    """How much a map shows."""

    ESSENTIAL = "essential"
    OVERVIEW = "overview"
    DETAILED = "detailed"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class DetailRule:
    """What a level of detail takes in.

    Parameters
    ----------
    name
        The level.
    activity_share
        Share of all activity instances that its activities should cover, 0–1.
    fewest_activities, most_activities
        Bounds on their number, whatever the share.
    passage_share
        Share of the passages between the activities shown that should be drawn, 0–1.
    passages_per_activity
        Bound on the number of passages drawn, a few more apart. Those that keep the map connected are drawn in any
        case.
    """

    name: DetailName
    activity_share: float
    fewest_activities: int
    most_activities: int
    passage_share: float
    passages_per_activity: float


RULES: Final = (
    DetailRule(DetailName.ESSENTIAL, 0.50, 7, 12, 0.60, 1.3),
    DetailRule(DetailName.OVERVIEW, 0.80, 12, 25, 0.80, 1.5),
    DetailRule(DetailName.DETAILED, 0.95, 20, 40, 0.95, 1.8),
    DetailRule(DetailName.FULL, 1.00, 40, 80, 1.00, 2.2),
)

# Small maps can bear a few passages more than their share.
_FURTHER_PASSAGES: Final = 4


@dataclass(frozen=True, slots=True)
class MapDetail:
    """What one level of detail shows.

    Parameters
    ----------
    name
        The level.
    activities
        Positions in the graph's nodes, most frequent first.
    passages
        Passages drawn, with those from `START` and to `END`.
    indirect
        Pairs that keep an activity connected where only activities not shown lie between.
    activity_share, passage_share
        Share of activity instances and of directly-follows passages that is shown, 0–1.
    """

    name: DetailName
    activities: tuple[int, ...]
    passages: tuple[Passage, ...]
    indirect: tuple[tuple[int, int], ...]
    activity_share: float
    passage_share: float

    @property
    def edges(self) -> tuple[int, ...]:
        """Positions in the graph's edges of the passages drawn between activities."""
        return tuple(passage.edge for passage in self.passages if passage.edge is not None)


def choose_details(graph: DirectlyFollowsGraph, *, rules: Sequence[DetailRule] = RULES) -> tuple[MapDetail, ...]:
    """Choose what each level of detail shows; levels that would show the same are given once.

    Returns
    -------
    tuple of MapDetail
        From the least to the most detailed; empty if the graph is.
    """
    if not graph.nodes:
        return ()
    passages = _all_passages(graph)
    details: list[MapDetail] = []
    for rule in rules:
        detail = _choose_detail(graph, passages, rule)
        if details and (detail.activities, detail.passages) == (details[-1].activities, details[-1].passages):
            continue
        details.append(detail)
    return tuple(details)


def _all_passages(graph: DirectlyFollowsGraph) -> tuple[Passage, ...]:
    number = {node.activity: index for index, node in enumerate(graph.nodes)}
    return (
        *(Passage(START, index, node.starts) for index, node in enumerate(graph.nodes) if node.starts),
        *(
            Passage(number[edge.activity], number[edge.next_activity], edge.count, index)
            for index, edge in enumerate(graph.edges)
        ),
        *(Passage(index, END, node.ends) for index, node in enumerate(graph.nodes) if node.ends),
    )


def _choose_detail(graph: DirectlyFollowsGraph, passages: Sequence[Passage], rule: DetailRule) -> MapDetail:
    activities = _choose_activities(graph, rule)
    shown = {*activities, START, END}
    between = [passage for passage in passages if passage.source in shown and passage.target in shown]
    needed, indirect = _connect(activities, between, passages)
    drawn = _add_strongest(between, needed, len(activities), rule)
    return MapDetail(
        name=rule.name,
        activities=activities,
        passages=drawn,
        indirect=indirect,
        activity_share=_share(
            sum(graph.nodes[index].instances for index in activities), sum(node.instances for node in graph.nodes)
        ),
        passage_share=_share(
            sum(passage.count for passage in drawn if passage.edge is not None),
            sum(edge.count for edge in graph.edges),
        ),
    )


def _choose_activities(graph: DirectlyFollowsGraph, rule: DetailRule) -> tuple[int, ...]:
    ranked = sorted(range(len(graph.nodes)), key=lambda index: (-graph.nodes[index].instances, index))
    wanted = rule.activity_share * sum(node.instances for node in graph.nodes)
    covered = 0
    for taken, index in enumerate(ranked):
        if taken >= rule.most_activities or (taken >= rule.fewest_activities and covered >= wanted):
            return tuple(ranked[:taken])
        covered += graph.nodes[index].instances
    return tuple(ranked)


def _connect(
    activities: Collection[int], between: Sequence[Passage], passages: Sequence[Passage]
) -> tuple[set[Passage], tuple[tuple[int, int], ...]]:
    """Find what must be drawn for each activity to have a way from the start and to the end."""
    needed: set[Passage] = set()
    bridges: set[tuple[int, int]] = set()
    for strongest_way, is_forward in ((strongest_way_from_start, True), (strongest_way_to_end, False)):
        near = strongest_way(between)
        needed.update(near.values())
        missing = [activity for activity in activities if activity not in near]
        if missing:
            far = strongest_way(passages)
            for activity in missing:
                _bridge(activity, far, {*activities, START, END}, is_forward, needed, bridges)
    return needed, tuple(sorted(bridges))


def _bridge(
    activity: int,
    tree: dict[int, Passage],
    visible: Collection[int],
    is_forward: bool,
    needed: set[Passage],
    bridges: set[tuple[int, int]],
) -> None:
    """Walk the strongest way until something shown; note the passage if it is direct, else the pair it joins."""
    other = activity
    while other in tree:
        passage = tree[other]
        other = passage.source if is_forward else passage.target
        if other in visible:
            if activity in (passage.source, passage.target):
                needed.add(passage)
            else:
                bridges.add((other, activity) if is_forward else (activity, other))
            return


def _add_strongest(
    between: Sequence[Passage], needed: Collection[Passage], n_activities: int, rule: DetailRule
) -> tuple[Passage, ...]:
    """Add the strongest passages to those needed, up to the level's share and number; keep the graph's order."""
    most = max(len(needed), round(rule.passages_per_activity * n_activities) + _FURTHER_PASSAGES)
    wanted = rule.passage_share * sum(passage.count for passage in between)
    drawn = set(needed)
    covered = sum(passage.count for passage in drawn)
    ranked = sorted(between, key=lambda passage: (-passage.count, passage.source, passage.target))
    for passage in ranked:
        if len(drawn) >= most or covered >= wanted:
            break
        if passage not in drawn:
            drawn.add(passage)
            covered += passage.count
    return tuple(passage for passage in between if passage in drawn)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
