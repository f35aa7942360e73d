"""A process tree as a workflow net: the Petri net with one source and one sink that has the same runs."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.discover.process_tree import SILENT, Operator, ProcessTree

Marking = frozenset[int]


class TooManyStatesError(BadDataError):
    """A net has more states than were to be looked at."""

    code = "POTOK-D005"


@dataclass(frozen=True, slots=True)
class Transition:
    """A transition, with the places it takes from and gives to; without an activity it is silent."""

    activity: str | None
    takes: frozenset[int]
    gives: frozenset[int]


@dataclass(frozen=True, slots=True)
class WorkflowNet:
    """A net whose places are numbers from 0 to `places` − 1; runs lead from one token in `source` to one in `sink`."""

    places: int
    source: int
    sink: int
    transitions: tuple[Transition, ...]

    @property
    def size(self) -> int:
        """Places, transitions and arcs together."""
        arcs = sum(len(transition.takes) + len(transition.gives) for transition in self.transitions)
        return self.places + len(self.transitions) + arcs


def convert_to_net(tree: ProcessTree) -> WorkflowNet:
    """Convert a process tree to a workflow net."""
    maker = _Maker()
    source, sink = maker.place(), maker.place()
    maker.add(tree, source, sink)
    return WorkflowNet(maker.places, source, sink, tuple(maker.transitions))


@dataclass(slots=True)
class _Maker:
    places: int = 0
    transitions: list[Transition] = field(default_factory=list)

    def place(self) -> int:
        self.places += 1
        return self.places - 1

    def step(self, activity: str | None, takes: list[int], gives: list[int]) -> None:
        self.transitions.append(Transition(activity, frozenset(takes), frozenset(gives)))

    def add(self, tree: ProcessTree, before: int, after: int) -> None:
        """Add a block between two places."""
        match tree.operator:
            case Operator.ACTIVITY:
                self.step(tree.activity, [before], [after])
            case Operator.SILENT:
                self.step(None, [before], [after])
            case Operator.SEQUENCE:
                inner = [self.place() for _child in tree.children[1:]]
                for child, first, last in zip(tree.children, [before, *inner], [*inner, after], strict=True):
                    self.add(child, first, last)
            case Operator.CHOICE:
                for child in tree.children:
                    self.add(child, before, after)
            case Operator.PARALLEL:
                starts = [self.place() for _child in tree.children]
                ends = [self.place() for _child in tree.children]
                self.step(None, [before], starts)
                for child, first, last in zip(tree.children, starts, ends, strict=True):
                    self.add(child, first, last)
                self.step(None, ends, [after])
            case Operator.LOOP:
                self._add_loop(tree, before, after)

    def _add_loop(self, tree: ProcessTree, before: int, after: int) -> None:
        do, redo = tree.children
        # Places of its own, or a way back into them would let a loop around restart before this one ends.
        first = self.place()
        last = first if do == SILENT else self.place()
        self.step(None, [before], [first])
        if do != SILENT:
            self.add(do, first, last)
        self.add(redo, last, first)
        self.step(None, [last], [after])


def is_sound(net: WorkflowNet, *, most_states: int = 100_000) -> bool:
    """Tell whether every run can end, ends with nothing left over, and every transition has a run.

    Looks at every state that can be reached. A place that could hold two tokens makes the net unsound here.

    Raises
    ------
    TooManyStatesError
        If there are more than `most_states`.
    """
    reached: dict[Marking, list[Marking]] = {frozenset((net.source,)): []}
    fired: set[Transition] = set()
    waiting = deque(reached)
    while waiting:
        marking = waiting.popleft()
        for transition, following in _steps(net, marking):
            if following is None or (net.sink in following and len(following) > 1):
                return False
            fired.add(transition)
            if following not in reached:
                reached[following] = []
                waiting.append(following)
            reached[following].append(marking)
        if len(reached) > most_states:
            raise TooManyStatesError(_("The net has more than {number} states.").format(number=most_states))
    return len(fired) == len(set(net.transitions)) and _all_can_end(reached, frozenset((net.sink,)))


def _steps(net: WorkflowNet, marking: Marking) -> Iterator[tuple[Transition, Marking | None]]:
    """Yield the transitions that can fire and the marking after each; None if a place would hold two tokens."""
    for transition in net.transitions:
        if transition.takes <= marking:
            rest = marking - transition.takes
            yield transition, None if rest & transition.gives else rest | transition.gives


def _all_can_end(reached: dict[Marking, list[Marking]], final: Marking) -> bool:
    """Tell whether the final marking can be reached from every other; `reached` gives the markings before each."""
    if final not in reached:
        return False
    can_end, waiting = {final}, [final]
    while waiting:
        for before in reached[waiting.pop()]:
            if before not in can_end:
                can_end.add(before)
                waiting.append(before)
    return len(can_end) == len(reached)
