"""Routing and the rules over it in a document."""

from potok.core.language import gettext as _
from potok.core.toml_reading import TomlTable
from potok.discover.bpmn_reading import ElementKind
from potok.simulate.model.documents.taking import (
    Mapped,
    read_numbers_by_name,
    read_pairs,
    rounded_to_one,
    without_defaults,
)
from potok.simulate.model.routing import (
    END,
    Context,
    Flow,
    GraphRouting,
    HistoryRouting,
    Node,
    PlanRules,
    Routing,
)

HISTORY = "history"
GRAPH = "graph"
_LONGEST = 1_000_000
_MOST_RUNS = 10**12
_USUAL_LENGTH = 1000
KINDS = (
    ElementKind.START,
    ElementKind.END,
    ElementKind.TASK,
    ElementKind.EVENT,
    ElementKind.EXCLUSIVE,
    ElementKind.PARALLEL,
    ElementKind.INCLUSIVE,
)
"""Kinds of nodes that a model's graph may have."""


def read_routing(table: TomlTable) -> Routing:
    """Read which activities a case goes through."""
    kind = table.choice("kind", (HISTORY, GRAPH))
    length = table.integer("maximum_length", least=1, most=_LONGEST, default=_USUAL_LENGTH)
    routing: Routing
    if kind == GRAPH:
        nodes = tuple(map(_read_node, table.tables("nodes")))
        routing = GraphRouting(nodes, _read_flows(table, nodes), length)
    else:
        contexts = tuple(map(_read_context, table.tables("contexts")))
        routing = HistoryRouting(contexts, read_pairs(table, "concurrent"), length)
    table.finish()
    return routing


def _read_context(table: TomlTable) -> Context:
    expected = _("a list of activities, the latest last")
    history = table.value("history", list, expected, [])
    if not all(isinstance(name, str) and name.strip() for name in history):
        raise table.wrong_value("history", history, expected)
    # The share of cases that end may stand beside the table, where it is easier to read than an empty name.
    following = list(read_numbers_by_name(table.table("following")))
    if table.has("ends"):
        following.append((END, table.number("ends")))
    shares = rounded_to_one([share for _name, share in following])
    context = Context(
        history=tuple(history),
        following=tuple((name, share) for (name, _share), share in zip(following, shares, strict=True)),
        case_type=table.text("case_type", ""),
        is_start=table.boolean("is_start", default=False),
        runs=table.integer("runs", least=0, most=_MOST_RUNS, default=0),
    )
    table.finish()
    return context


def _read_node(table: TomlTable) -> Node:
    name = table.text("name")
    kind = ElementKind(table.choice("kind", tuple(KINDS), ElementKind.TASK))
    usual = name if kind in (ElementKind.TASK, ElementKind.EVENT) else ""
    node = Node(name, kind, str(table.value("activity", str, _("a text"), usual)))
    table.finish()
    return node


def _read_flows(table: TomlTable, nodes: tuple[Node, ...]) -> tuple[Flow, ...]:
    flows = tuple(map(_read_flow, table.tables("flows")))
    exclusive = {node.name for node in nodes if node.kind is ElementKind.EXCLUSIVE}
    by_source: dict[str, list[int]] = {}
    for place, flow in enumerate(flows):
        by_source.setdefault(flow.source, []).append(place)
    shares = [flow.share for flow in flows]
    for source in exclusive & by_source.keys():
        places = by_source[source]
        for place, share in zip(places, rounded_to_one([shares[place] for place in places]), strict=True):
            shares[place] = share
    return tuple(
        Flow(flow.source, flow.target, share, flow.by_case_type) for flow, share in zip(flows, shares, strict=True)
    )


def _read_flow(table: TomlTable) -> Flow:
    flow = Flow(
        source=table.text("from"),
        target=table.text("to"),
        share=table.number("share", 1.0),
        by_case_type=read_numbers_by_name(table.table("by_case_type")),
    )
    table.finish()
    return flow


def routing_as_mapping(routing: Routing) -> Mapped:
    """Write which activities a case goes through."""
    length: Mapped = without_defaults({"maximum_length": routing.maximum_length}, {"maximum_length": _USUAL_LENGTH})
    if isinstance(routing, GraphRouting):
        nodes, flows = map(_node_as_mapping, routing.nodes), map(_flow_as_mapping, routing.flows)
        return {"kind": GRAPH, **length, "nodes": list(nodes), "flows": list(flows)}
    concurrent = {"concurrent": [list(pair) for pair in routing.concurrent]} if routing.concurrent else {}
    return {"kind": HISTORY, **length, **concurrent, "contexts": list(map(_context_as_mapping, routing.contexts))}


def _context_as_mapping(context: Context) -> Mapped:
    following = dict(context.following)
    # The order of continuations decides what a random number means, so only a share at the end may be moved out.
    ends: Mapped = {}
    if context.following and context.following[-1][0] == END:
        ends["ends"] = following.pop(END)
    values: Mapped = {
        "history": list(context.history),
        "is_start": context.is_start,
        "case_type": context.case_type,
        "following": following,
        **ends,
        "runs": context.runs,
    }
    return without_defaults(values, {"is_start": False, "case_type": "", "following": {}, "runs": 0})


def _node_as_mapping(node: Node) -> Mapped:
    usual = node.name if node.kind in (ElementKind.TASK, ElementKind.EVENT) else ""
    return without_defaults(
        {"name": node.name, "kind": str(node.kind), "activity": node.activity},
        {"kind": str(ElementKind.TASK), "activity": usual},
    )


def _flow_as_mapping(flow: Flow) -> Mapped:
    return without_defaults(
        {"from": flow.source, "to": flow.target, "share": flow.share, "by_case_type": dict(flow.by_case_type)},
        {"share": 1.0, "by_case_type": {}},
    )


def read_rules(table: TomlTable) -> PlanRules:
    """Read what changes do to the plans."""
    rules = PlanRules(
        moved=tuple(map(_read_moved, table.tables("moved"))),
        parallel=read_pairs(table, "parallel"),
        merged=tuple(map(_read_merged, table.tables("merged"))),
        skipped=tuple(map(_read_skipped, table.tables("skipped"))),
    )
    table.finish()
    return rules


def _read_moved(table: TomlTable) -> tuple[str, str]:
    moved = (table.text("activity"), table.text("after"))
    table.finish()
    return moved


def _read_merged(table: TomlTable) -> tuple[tuple[str, ...], str]:
    merged = (table.texts("activities"), table.text("into"))
    table.finish()
    return merged


def _read_skipped(table: TomlTable) -> tuple[str, float, tuple[str, ...]]:
    skipped = (table.text("activity"), table.number("share", 1.0), table.texts("case_types", []))
    table.finish()
    return skipped


def rules_as_mapping(rules: PlanRules) -> Mapped:
    """Write what changes do to the plans; empty if nothing."""
    values: Mapped = {
        "moved": [{"activity": activity, "after": after} for activity, after in rules.moved],
        "parallel": [list(pair) for pair in rules.parallel],
        "merged": [{"activities": list(activities), "into": into} for activities, into in rules.merged],
        "skipped": [
            without_defaults({"activity": activity, "share": share, "case_types": list(types)}, {"case_types": []})
            for activity, share, types in rules.skipped
        ],
    }
    return without_defaults(values, {key: [] for key in values})
