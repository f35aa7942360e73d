"""A process at a load, with or without what spoils forecasts, and the logs it leaves."""

import tempfile
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from potok.core.time_units import DAY_US
from potok.discover.bpmn_reading import ElementKind
from potok.simulate.changes.demand import multiply_arrivals
from potok.simulate.changes.scaling import scale
from potok.simulate.discovery import History, fetch_history
from potok.simulate.experiments.frames import cases_per_day
from potok.simulate.kernel import UNKNOWN, SimulatedLog, compile_model, simulate, write_simulated_store
from potok.simulate.model import (
    CaseType,
    ExtraneousDelay,
    Flow,
    GraphRouting,
    LoadResponse,
    ModelActivity,
    Node,
    ProcessModel,
    exponential,
)
from what_if_models import DAY, HOUR, START, Subject

START_US = int(START.timestamp() * 1e6)
CASES = 1200
HIDDEN = "hidden"
HIDDEN_SHARE = 0.3
FASTER = 0.75
PROBE_CASES = 2000
SECOND_US = 1e6


class Condition(StrEnum):
    """What is true beside the process itself.

    ``hidden``: people also work on cases that the log does not show. ``drift``: in the first half of the log all work
    took a quarter less time.
    """

    PLAIN = "plain"
    DELAYS = "delays"
    HIDDEN = "hidden"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True)
class World:
    """The true model at its load, and the time that its log and all forecasts cover."""

    subject: Subject
    load: float
    condition: Condition
    model: ProcessModel
    end_us: int

    @property
    def key(self) -> str:
        """Name of the cell."""
        return f"{self.subject.name}|{self.load:g}|{self.condition.value}"


def make_world(subject: Subject, load: float, condition: Condition, *, cases: int = CASES) -> World:
    """Return a process whose busiest pool is loaded as said."""
    model = subject.model
    if condition is Condition.DELAYS:
        model = _with_delays(model, subject.delayed)
    if condition is Condition.HIDDEN:
        model = _with_hidden(model, subject.shared_pool)
    offered = max(offered_loads(model).values())
    model = replace(model, arrivals=multiply_arrivals(model.arrivals, load / offered))
    shown = (1.0 - HIDDEN_SHARE) if condition is Condition.HIDDEN else 1.0
    weeks = max(int(np.ceil(cases / shown / cases_per_day(model) / 7)), 1)
    return World(subject, load, condition, model, START_US + weeks * 7 * DAY_US)


def offered_loads(model: ProcessModel) -> dict[str, float]:
    """Return, for each pool, the work that comes to it over its hours; from one long run at a low load."""
    slow = replace(model, arrivals=multiply_arrivals(model.arrivals, 0.5))
    end_us = START_US + int(np.ceil(PROBE_CASES / cases_per_day(slow))) * DAY_US
    log = simulate(compile_model(slow, start_us=START_US, end_us=end_us), seed=9)
    found, first = {}, 0
    for pool in model.pools:
        worked = log.worked_us[(log.person >= first) & (log.person < first + len(pool.people))].sum()
        first += len(pool.people)
        open_us = 0.0
        for person in pool.people:
            calendar = model.calendars.get(person.calendar or pool.calendar)
            if calendar is None:
                open_us += end_us - START_US
            else:
                opened, closed = calendar.open_intervals(START_US, end_us)
                open_us += float((closed - opened).sum())
        found[pool.name] = 2.0 * float(worked) / open_us
    return found


def _with_delays(model: ProcessModel, names: tuple[str, ...]) -> ProcessModel:
    """Let half of the instances of some activities wait a day that neither people nor hours explain."""
    delay = ExtraneousDelay(exponential(DAY), 0.5, LoadResponse.FIXED)
    return replace(
        model, activities=tuple(replace(one, delay=delay) if one.name in names else one for one in model.activities)
    )


def _with_hidden(model: ProcessModel, pool_name: str) -> ProcessModel:
    """Let a pool also work on cases of a type that the log will not show."""
    routing = model.routing
    assert isinstance(routing, GraphRouting)
    begin = next(node.name for node in routing.nodes if node.kind is ElementKind.START)
    first = next(flow for flow in routing.flows if flow.source == begin)
    end = next(node.name for node in routing.nodes if node.kind is ElementKind.END)
    flows = (
        Flow(begin, "?hidden"),
        Flow("?hidden", first.target, 1.0, ((HIDDEN, 0.0),)),
        Flow("?hidden", HIDDEN, 0.0, ((HIDDEN, 1.0),)),
        Flow(HIDDEN, end),
        *(flow for flow in routing.flows if flow is not first),
    )
    nodes = (*routing.nodes, Node("?hidden", ElementKind.EXCLUSIVE), Node(HIDDEN, ElementKind.TASK, HIDDEN))
    kept = tuple(replace(one, share=one.share * (1.0 - HIDDEN_SHARE)) for one in model.case_types)
    pools = tuple(replace(pool, does=(*pool.does, HIDDEN)) if pool.name == pool_name else pool for pool in model.pools)
    return replace(
        model,
        routing=replace(routing, nodes=nodes, flows=flows),
        case_types=(*kept, CaseType(HIDDEN, HIDDEN_SHARE)),
        activities=(*model.activities, ModelActivity(HIDDEN, exponential(1.5 * HOUR))),
        pools=pools,
    )


def run_log(world: World, number: int) -> SimulatedLog:
    """Return a log of the process as it is, cut at its end, cases open; without those that are hidden."""
    window = {"start_us": START_US, "end_us": world.end_us}
    seed = 1000 + number
    if world.condition is not Condition.DRIFT:
        whole = simulate(compile_model(world.model, **window, drain=False), seed=seed)
        return _only(whole, _shown(whole, world.model))
    middle = START_US + (world.end_us - START_US) // 2
    quick = tuple(replace(one, duration=scale(one.duration, FASTER)) for one in world.model.activities)
    before = replace(world.model, activities=quick)
    first = simulate(compile_model(before, start_us=START_US, end_us=middle, drain=False), seed=seed)
    # Of two logs one after another: what was open at the break is left out of the first.
    first = _only(first, first.closed_us != UNKNOWN)
    second = simulate(compile_model(world.model, start_us=middle, end_us=world.end_us, drain=False), seed=seed + 500)
    return _joined(first, second)


def _shown(log: SimulatedLog, model: ProcessModel) -> np.ndarray:
    names = [one.name for one in model.case_types]
    return log.case_type != names.index(HIDDEN) if HIDDEN in names else np.ones(len(log.case_type), bool)


def _only(log: SimulatedLog, is_kept: np.ndarray) -> SimulatedLog:
    """Return a log with some of its cases."""
    lengths = np.diff(log.first_row)
    rows = np.repeat(is_kept, lengths)
    kept = {}
    for column in fields(SimulatedLog):
        values = getattr(log, column.name)
        if column.name == "first_row":
            kept[column.name] = np.concatenate([[0], np.cumsum(lengths[is_kept])])
        elif isinstance(values, np.ndarray) and column.name not in ("busy_us", "duty_us"):
            kept[column.name] = values[is_kept if len(values) == len(is_kept) else rows]
    return replace(log, **kept)


def _joined(first: SimulatedLog, second: SimulatedLog) -> SimulatedLog:
    joined = {}
    for column in fields(SimulatedLog):
        one, other = getattr(first, column.name), getattr(second, column.name)
        if column.name == "first_row":
            joined[column.name] = np.concatenate([one, one[-1] + other[1:]])
        elif isinstance(one, np.ndarray) and column.name not in ("busy_us", "duty_us"):
            joined[column.name] = np.concatenate([one, other])
    return replace(second, start_us=first.start_us, **joined)


def learn_from(world: World, log: SimulatedLog) -> History:
    """Return what discovery makes of a log that has starts, ends, people and closings, but not since when work waited.

    It is written as a store and read again, as any other log would be.
    """
    seen = replace(log, enabled_us=np.full_like(log.enabled_us, UNKNOWN))
    with tempfile.TemporaryDirectory() as scratch:
        return fetch_history(write_simulated_store(seen, world.model, Path(scratch) / "log"))


def figures(log: SimulatedLog, model: ProcessModel) -> tuple[float, float, float]:
    """Return mean and P90 of case durations in hours, first start to last completion, and how many; hidden left out."""
    is_shown = _shown(log, model)
    counts = (log.completed_us != UNKNOWN) & (log.started_us != UNKNOWN) & np.repeat(is_shown, np.diff(log.first_row))
    # A row behind the last, so that a last case without instances has a place.
    used = np.append(counts, False)
    # Of a case without instances `reduceat` would return what lies at its place: it has none that counts.
    is_empty = np.diff(log.first_row) == 0
    begins = log.first_row[:-1]
    started = np.where(used, np.append(log.started_us, 0), np.iinfo(np.int64).max)
    completed = np.where(used, np.append(log.completed_us, 0), UNKNOWN)
    first = np.minimum.reduceat(started, begins)
    last = np.where(is_empty, UNKNOWN, np.maximum.reduceat(completed, begins))
    has_any = last != UNKNOWN
    hours = (last[has_any] - first[has_any]) / (SECOND_US * HOUR)
    return float(hours.mean()), float(np.quantile(hours, 0.9)), float(is_shown.sum())


def run_figures(model: ProcessModel, end_us: int, *, seed: int, replications: range) -> np.ndarray:
    """Return (r, 3) mean, P90 and number of cases of each replication."""
    compiled = compile_model(model, start_us=START_US, end_us=end_us)
    return np.array([figures(simulate(compiled, seed=seed, replication=one), model) for one in replications])
