"""Exact alignment costs of traces on process trees in which every activity occurs once.

An alignment's cost is the number of events the model cannot take plus the number of activities it needs and the trace
lacks; steps that do nothing are free. Where no activity occurs twice, the blocks of a tree have alphabets of their own,
and the cheapest alignment falls into those of its blocks: parallel blocks share a trace out, a choice pays for the
events of the others, a sequence and a loop pay for the best places to part the trace. So costs are computed block by
block, for all stretches of a trace at once, without a search through the states of the model.

Costs of a block are a matrix: entry (i, j) is that of the events from i up to before j of the trace's projection on the
block's alphabet; entries with j < i are infinite.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.discover.process_tree import Operator, ProcessTree

Costs = npt.NDArray[np.float64]
Codes = tuple[int, ...]


class RepeatedActivityError(BadDataError):
    """A process tree holds an activity more than once, which its quality measures do not provide for."""

    code = "POTOK-D001"


class _Block:
    """A block with its alphabet; results are kept, since different traces look alike to a small block."""

    __slots__ = ("alphabet", "children", "known", "operator")

    def __init__(self, tree: ProcessTree, codes: Mapping[str, int]) -> None:
        self.operator = tree.operator
        self.children = [_Block(child, codes) for child in tree.children]
        self.known: dict[Codes, Costs] = {}
        self.alphabet: frozenset[int] = frozenset().union(*(child.alphabet for child in self.children))
        if tree.operator is Operator.ACTIVITY:
            self.alphabet = frozenset((codes[tree.activity],))

    def costs(self, events: Codes) -> Costs:
        """Return the matrix of a trace's projection on this block's alphabet."""
        if events not in self.known:
            self.known[events] = _COSTS[self.operator](self, events)
        return self.known[events]


class TreeAligner:
    """Aligns traces with a process tree.

    Raises
    ------
    RepeatedActivityError
        If an activity occurs twice in the tree.
    """

    def __init__(self, tree: ProcessTree) -> None:
        labels = tree.activities()
        if len(set(labels)) < len(labels):
            repeated = next(label for label in labels if labels.count(label) > 1)
            raise RepeatedActivityError(
                _("The model holds the activity «{activity}» more than once.").format(activity=repeated),
                remedy=_("Measure fitness and precision of models in which each activity occurs once."),
            )
        self._codes = {label: code for code, label in enumerate(labels)}
        self._root = _Block(tree, self._codes)
        self.shortest_run = self.cost(())
        """Number of activities in the shortest run of the model."""

    def cost(self, trace: tuple[str, ...]) -> int:
        """Return the cost of the cheapest alignment of a trace of activity labels."""
        events = tuple(self._codes[label] for label in trace if label in self._codes)
        return len(trace) - len(events) + int(_whole_cost(self._root, events))


def _whole_cost(block: _Block, events: Codes) -> float:
    """Return the cost of a whole trace, without the matrix of the block itself where its children's will do."""
    match block.operator:
        case Operator.PARALLEL:
            return sum(_whole_cost(child, _project(child, events)) for child in block.children)
        case Operator.CHOICE:
            return min(
                _whole_cost(child, own) + len(events) - len(own)
                for child in block.children
                for own in (_project(child, events),)
            )
        case Operator.SEQUENCE:
            return float(_part_from_start(block, events)[-1])
        case Operator.LOOP:
            do, redo = (_spread(child, events) for child in block.children)
            return float(_repeat_from(do[:1], do, redo)[0, -1])
        case _:
            return float(block.costs(events)[0, -1])


def _part_from_start(block: _Block, events: Codes) -> Costs:
    reached = np.full(len(events) + 1, np.inf)
    reached[0] = 0
    for child in block.children:
        reached = (reached[:, None] + _spread(child, events)).min(axis=0)
    return reached


def _project(block: _Block, events: Codes) -> Codes:
    return tuple(event for event in events if event in block.alphabet)


def _spread(child: _Block, events: Codes) -> Costs:
    """Return a child's costs for all stretches of its parent's events; events of others cost one each."""
    own = np.fromiter((event in child.alphabet for event in events), dtype=bool, count=len(events))
    place = np.concatenate(([0], np.cumsum(own)))
    others = np.arange(len(events) + 1) - place
    costs: Costs = child.costs(_project(child, events))[np.ix_(place, place)] + (others[None, :] - others[:, None])
    costs[np.tril_indices(len(events) + 1, -1)] = np.inf
    return costs


def _silent_costs(_block: _Block, _events: Codes) -> Costs:
    return np.zeros((1, 1))


def _activity_costs(_block: _Block, events: Codes) -> Costs:
    place = np.arange(len(events) + 1, dtype=np.float64)
    length = place[None, :] - place[:, None]
    return np.where(length == 0, 1.0, np.where(length > 0, length - 1, np.inf))


def _choice_costs(block: _Block, events: Codes) -> Costs:
    cheapest: Costs = np.minimum.reduce([_spread(child, events) for child in block.children])
    return cheapest


def _parallel_costs(block: _Block, events: Codes) -> Costs:
    spread = np.zeros((len(events) + 1,) * 2)
    for child in block.children:
        own = np.fromiter((event in child.alphabet for event in events), dtype=bool, count=len(events))
        place = np.concatenate(([0], np.cumsum(own)))
        spread += child.costs(_project(child, events))[np.ix_(place, place)]
    spread[np.tril_indices(len(events) + 1, -1)] = np.inf
    return spread


def _sequence_costs(block: _Block, events: Codes) -> Costs:
    first, *others = (_spread(child, events) for child in block.children)
    for following in others:
        first = np.stack([(row[:, None] + following).min(axis=0) for row in first])
    return first


def _loop_costs(block: _Block, events: Codes) -> Costs:
    do, redo = (_spread(child, events) for child in block.children)
    return _repeat_from(do, do, redo)


def _repeat_from(first: Costs, do: Costs, redo: Costs) -> Costs:
    """Return the costs of stretches, given those of doing once; a row for each place to start from.

    Place by place: what it costs at least to have come so far after doing, and after redoing.
    """
    done = np.full(first.shape, np.inf)
    redone = np.full(first.shape, np.inf)
    for end in range(len(do)):
        redone[:, end] = (done[:, :end] + redo[:end, end]).min(axis=1, initial=np.inf)
        earlier = (redone[:, :end] + do[:end, end]).min(axis=1, initial=np.inf)
        done[:, end] = np.minimum.reduce((first[:, end], earlier, redone[:, end] + do[end, end]))
        redone[:, end] = np.minimum(redone[:, end], done[:, end] + redo[end, end])
    return done


_COSTS = {
    Operator.ACTIVITY: _activity_costs,
    Operator.SILENT: _silent_costs,
    Operator.CHOICE: _choice_costs,
    Operator.PARALLEL: _parallel_costs,
    Operator.SEQUENCE: _sequence_costs,
    Operator.LOOP: _loop_costs,
}
