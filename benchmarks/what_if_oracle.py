"""One who knows the structure of a process, and takes only its numbers from the log."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
from scipy.optimize import least_squares

from potok.discover.bpmn_reading import ElementKind
from potok.simulate.changes.demand import multiply_arrivals
from potok.simulate.changes.scaling import with_mean
from potok.simulate.kernel import UNKNOWN, SimulatedLog
from potok.simulate.model import Flow, GraphRouting, ModelActivity, ProcessModel
from what_if_worlds import HIDDEN, World

EARLY = 0.85
PULL = 0.1
"""Weight of the true shares, in cases: it only decides what the log leaves open."""


def fit_oracle(world: World, log: SimulatedLog, *, expected_cases: float) -> ProcessModel:
    """Return the true document with rate of arrivals, shares of types and ways, and means of times as in the log."""
    model = world.model
    seen = len(log.arrived_us)
    counts = np.bincount(log.case_type, minlength=len(model.case_types))
    hidden = sum(one.share for one in model.case_types if one.name == HIDDEN)
    types = tuple(
        one if one.name == HIDDEN else replace(one, share=(1.0 - hidden) * count / seen)
        for one, count in zip(model.case_types, counts, strict=True)
    )
    return replace(
        model,
        arrivals=multiply_arrivals(model.arrivals, seen / expected_cases),
        case_types=types,
        activities=tuple(_timed(one, code, log) for code, one in enumerate(model.activities)),
        routing=_fit_shares(model, log),
    )


def _timed(activity: ModelActivity, code: int, log: SimulatedLog) -> ModelActivity:
    rows = (log.activity == code) & (log.completed_us != UNKNOWN)
    if not rows.any():
        return activity
    timed = replace(activity, duration=with_mean(activity.duration, float(log.worked_us[rows].mean()) / 1e6))
    if activity.delay is None:
        return timed
    # What no log shows: when each delay ended. It makes the oracle stronger than anyone can be.
    waited = (log.ready_us[rows] - log.enabled_us[rows]) / 1e6
    delayed = waited[waited > 0]
    if not len(delayed):
        return timed
    share = len(delayed) / len(waited)
    return replace(
        timed, delay=replace(activity.delay, delay=with_mean(activity.delay.delay, delayed.mean()), share=share)
    )


def _fit_shares(model: ProcessModel, log: SimulatedLog) -> GraphRouting:
    """Return the routing with the shares under which activities are done as often as the log shows, type by type."""
    routing = model.routing
    assert isinstance(routing, GraphRouting)
    case = np.repeat(np.arange(len(log.case_type)), np.diff(log.first_row))
    limit = log.start_us + EARLY * (log.end_us - log.start_us)
    is_used = (log.closed_us != UNKNOWN) & (log.arrived_us < limit)
    fitted: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for code, one in enumerate(model.case_types):
        chosen = is_used & (log.case_type == code)
        if not chosen.any():
            continue
        done = np.bincount(log.activity[chosen[case]], minlength=len(model.activities)) / chosen.sum()
        observed = {activity.name: done[place] for place, activity in enumerate(model.activities)}
        for flow, share in _fit_type(routing, one.name, observed, int(chosen.sum())):
            fitted[flow.source, flow.target].append((one.name, share))
    flows = []
    for flow in routing.flows:
        by_type = tuple(fitted.get((flow.source, flow.target), ()))
        kept = tuple(one for one in flow.by_case_type if one[0] not in dict(by_type))
        if len(model.case_types) == 1 and by_type:
            flows.append(replace(flow, share=by_type[0][1]))
        else:
            flows.append(replace(flow, by_case_type=(*kept, *by_type)))
    return replace(routing, flows=tuple(flows))


def _share(flow: Flow, case_type: str) -> float:
    return dict(flow.by_case_type).get(case_type, flow.share)


def _fit_type(
    routing: GraphRouting, case_type: str, observed: dict[str, float], cases: int
) -> list[tuple[Flow, float]]:
    exclusive = {node.name for node in routing.nodes if node.kind is ElementKind.EXCLUSIVE}
    out: dict[str, list[Flow]] = defaultdict(list)
    for flow in routing.flows:
        if flow.source in exclusive and 0.0 < _share(flow, case_type) < 1.0:
            out[flow.source].append(flow)
    free = [flow for flows in out.values() for flow in flows]
    if not free:
        return []
    ends = np.cumsum([len(flows) for flows in out.values()])[:-1]
    truth = np.log([_share(flow, case_type) for flow in free])
    wanted = [(node.name, observed[node.activity]) for node in routing.nodes if observed.get(node.activity)]

    def shares(logits: np.ndarray) -> np.ndarray:
        return np.concatenate(
            [np.exp(part - part.max()) / np.exp(part - part.max()).sum() for part in np.split(logits, ends)]
        )

    def residuals(logits: np.ndarray) -> np.ndarray:
        given = {(flow.source, flow.target): share for flow, share in zip(free, shares(logits), strict=True)}
        visits = _visits(routing, case_type, given)
        misses = [np.sqrt(cases / max(visits[name], 1e-6)) * (seen - visits[name]) for name, seen in wanted]
        return np.array([*misses, *(np.sqrt(PULL) * (logits - truth))])

    found = shares(least_squares(residuals, truth).x)
    return list(zip(free, found, strict=True))


def _visits(routing: GraphRouting, case_type: str, given: dict[tuple[str, str], float]) -> dict[str, float]:
    """Return how often a case comes to each node: what flows in, over the flows in where a parallel gateway joins."""
    place = {node.name: number for number, node in enumerate(routing.nodes)}
    flows_in = defaultdict(int)
    for flow in routing.flows:
        flows_in[flow.target] += 1
    kinds = {node.name: node.kind for node in routing.nodes}
    matrix = np.eye(len(place))
    for flow in routing.flows:
        share = given.get((flow.source, flow.target), _share(flow, case_type))
        share = share if kinds[flow.source] is ElementKind.EXCLUSIVE else 1.0
        joins = flows_in[flow.target] if kinds[flow.target] is ElementKind.PARALLEL else 1
        matrix[place[flow.target], place[flow.source]] -= share / joins
    begin = np.array([1.0 if kinds[name] is ElementKind.START else 0.0 for name in place])
    return dict(zip(place, np.linalg.solve(matrix, begin), strict=True))
