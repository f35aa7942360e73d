"""Which activities a case goes through.

Two kinds. `HistoryRouting` draws the next activity by the last ones of the case, the longest known history first; which
of two successive activities may run side by side is said apart. `GraphRouting` moves tokens through a BPMN graph.
Either yields, for each case, its *plan*: activity instances, and which must be complete before which. Queues, people
and hours decide only when an instance of the plan takes place, never which.
"""

from dataclasses import dataclass
from typing import Final

from potok.discover.bpmn_reading import ElementKind

END: Final = ""
"""The next activity of a case that ends."""


@dataclass(frozen=True, slots=True)
class Context:
    """What follows a history.

    Parameters
    ----------
    history
        The last activities of the case, the latest last; empty: any, and of a case that begins, see `is_start`.
    following
        Activity (`END`: the case ends) and share of each continuation; shares sum to 1.
    case_type
        Name; empty: any.
    is_start
        Whether `history` reaches back to the beginning of the case (an empty one then is the beginning itself).
    runs
        How often the history decided in the log; 0 where longer ones always did, or where made by hand.
    """

    history: tuple[str, ...]
    following: tuple[tuple[str, float], ...]
    case_type: str = ""
    is_start: bool = False
    runs: int = 0


@dataclass(frozen=True, slots=True)
class HistoryRouting:
    """The next activity by history, with back-off.

    The context that applies is one that matches the case's type and the end of its history; of these the longest, of
    equally long ones that whose `is_start` is true, then that of the case's own type.

    Parameters
    ----------
    contexts
        For every history that may occur one must apply: the empty one, not `is_start`, always does.
    concurrent
        Unordered pairs of activities that may run side by side: of two instances that follow each other in the history
        the later need not await the earlier. An instance awaits all earlier ones that are not concurrent with it; of an
        activity concurrent with itself, likewise.
    maximum_length
        A case that reaches so many instances ends; this is counted and reported.
    """

    contexts: tuple[Context, ...]
    concurrent: tuple[tuple[str, str], ...] = ()
    maximum_length: int = 1000


@dataclass(frozen=True, slots=True)
class Node:
    """An element of a graph.

    Parameters
    ----------
    name
        Unique.
    kind
        Start, end, task, event (a timer: an activity without people, not written into the log), exclusive, parallel or
        inclusive gateway.
    activity
        Of tasks and events: the activity it stands for; of other kinds empty. Several nodes may share one.
    """

    name: str
    kind: ElementKind
    activity: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow.

    Parameters
    ----------
    source, target
        Names of nodes.
    share
        Out of an exclusive gateway: the share of tokens that take it, summing to 1 over the gateway; out of an
        inclusive one: the share for which it is taken, each on its own (at least one always is). Else 1.
    by_case_type
        Shares that differ from `share` for a case type, by its name.
    """

    source: str
    target: str
    share: float = 1.0
    by_case_type: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class GraphRouting:
    """A BPMN graph with shares.

    Parameters
    ----------
    nodes, flows
        One start node; from every node an end can be reached.
    maximum_length
        A case that reaches so many instances ends; this is counted and reported.
    """

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    maximum_length: int = 1000


Routing = HistoryRouting | GraphRouting


@dataclass(frozen=True, slots=True)
class PlanRules:
    """What changes do to the plans that a routing draws, in this order.

    Parameters
    ----------
    moved
        (activity, after): each instance of the activity is taken out of its place and put right behind the next
        instance of `after` in the case (after the last one before it, if there is none later; left where it is if the
        case has none).
    parallel
        Unordered pairs of activities that no longer await each other, though they did: the later awaits what the
        earlier awaits, and what awaited the later awaits both.
    merged
        (activities, into): instances of the activities that follow each other become one instance of `into`, as long as
        its own duration says: one joins the latest earlier that it awaits directly or that stands right before it,
        unless something else has to be done between the two. An instance that stands alone becomes one of `into` too.
    skipped
        (activity, share, case types): of the instances of the activity that share is left out, drawn case by case, in
        the case types named (all if none is); what awaited a skipped instance awaits what it awaited.
    """

    moved: tuple[tuple[str, str], ...] = ()
    parallel: tuple[tuple[str, str], ...] = ()
    merged: tuple[tuple[tuple[str, ...], str], ...] = ()
    skipped: tuple[tuple[str, float, tuple[str, ...]], ...] = ()
