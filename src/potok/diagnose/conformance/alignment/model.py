"""The net that cases are aligned with."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from potok.discover.process_tree import ProcessTree
from potok.discover.workflow_net import WorkflowNet, convert_to_net

_FIRST_TRANSITION = 1_000_000


@dataclass(frozen=True, slots=True)
class AlignmentModel:
    """A model to align with.

    Parameters
    ----------
    net
        Its runs lead from one token in the source to tokens in the sink alone.
    most_ends
        How many tokens the sink may hold at the end: several where branches end on their own.
    tree
        The process tree that the net was made of; None for a model that was given.
    """

    net: WorkflowNet
    most_ends: int = 1
    tree: ProcessTree | None = None

    @property
    def labels(self) -> frozenset[str]:
        """Activities of the model."""
        return frozenset(step.activity for step in self.net.transitions if step.activity is not None)


def model_of_tree(tree: ProcessTree) -> AlignmentModel:
    """Return the model of a process tree."""
    return AlignmentModel(convert_to_net(tree), tree=tree)


def net_as_record(model: AlignmentModel) -> dict[str, Any]:
    """Return the net as `r4pm` takes it: places and transitions by UUIDs that are numbers here."""
    net = model.net
    arcs = []
    for number, step in enumerate(net.transitions):
        own = transition_name(number)
        arcs += [_arc("PlaceTransition", _place(place), own) for place in sorted(step.takes)]
        arcs += [_arc("TransitionPlace", own, _place(place)) for place in sorted(step.gives)]
    names = map(_place, range(net.places))
    return {
        "places": {name: {"id": name} for name in names},
        "transitions": {
            transition_name(number): {"id": transition_name(number), "label": step.activity}
            for number, step in enumerate(net.transitions)
        },
        "arcs": arcs,
        "initial_marking": {_place(net.source): 1},
        "final_markings": [{_place(net.sink): tokens} for tokens in range(1, model.most_ends + 1)],
    }


def transition_name(number: int) -> str:
    """Return the name of a transition in the record, by its place in the net."""
    return str(UUID(int=_FIRST_TRANSITION + number))


def _place(number: int) -> str:
    return str(UUID(int=number + 1))


def _arc(kind: str, source: str, target: str) -> dict[str, Any]:
    return {"from_to": {"type": kind, "nodes": [source, target]}, "weight": 1}
