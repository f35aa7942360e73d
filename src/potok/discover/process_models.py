"""The model of a log's process, with what it was made of and how well it describes the log."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import ibis

from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.discover.inductive.follow_graph import FollowGraph
from potok.discover.inductive.graph_miner import mine_graph
from potok.discover.inductive_miner import DEFAULT_NOISE_THRESHOLD, check_threshold, discover_process_tree
from potok.discover.process_tree import ProcessTree, simplify
from potok.discover.quality.model_quality import ModelQuality, Traces, measure_quality
from potok.engine.base import Engine
from potok.engine.tables import EVENTS, VARIANTS
from potok.log.store import LogStore
from potok.measure.directly_follows import node_ends
from potok.measure.running import activity_labels, run

# Activity instances in all variants together; splitting more of them takes minutes.
MOST_POSITIONS: Final = 3_000_000
# No reader follows a model of so many, and finding cuts among more takes hours.
MOST_ACTIVITIES: Final = 1_000


class NothingToModelError(BadDataError):
    """The log has no events."""

    code = "POTOK-D003"


class ActivityShareError(UsageError):
    """A share of activities is not over 0 and up to 1."""

    code = "POTOK-D004"


class TooManyActivitiesError(BadDataError):
    """The log has more activities than a model shows."""

    code = "POTOK-D007"


class Miner(StrEnum):
    """Which of the inductive miners found a model."""

    INFREQUENT = "inductive_miner_infrequent"
    DIRECTLY_FOLLOWS = "inductive_miner_directly_follows"


@dataclass(frozen=True, slots=True)
class ProcessModel:
    """A discovered process tree.

    Parameters
    ----------
    tree
        The model.
    miner
        What found it.
    noise_threshold
        What was left out as infrequent (see `potok.discover.inductive_miner`).
    activities, all_activities
        How many activities the model was discovered from, and how many the log has.
    cases
        Cases it was discovered from.
    measured_cases
        Cases that `quality` speaks of: all of them, but of very large logs those of every so-manieth variant.
    quality
        Fitness and precision over these cases, reduced to the activities it was discovered from.
    """

    tree: ProcessTree
    miner: Miner
    noise_threshold: float
    activities: int
    all_activities: int
    cases: int
    measured_cases: int
    quality: ModelQuality


def total_length(variants: ibis.Table) -> ibis.Table:
    """Return one row: `positions`, the activity instances of all variants, each variant counted once."""
    return variants.aggregate(positions=variants.n_events.cast("int64").sum().cast("int64"))


def passage_counts(events: ibis.Table) -> ibis.Table:
    """Return one row per pair of activities that directly follow each other, with their `count`."""
    pairs = events.filter(events.next_activity.notnull())
    return pairs.group_by("activity", "next_activity").aggregate(count=pairs.count().cast("int64"))


def sequences(variants: ibis.Table) -> ibis.Table:
    """Return one row per variant: `activities` (codes joined by commas), `cases`."""
    return variants.select(variants.activities, cases=variants.cases.cast("int64"))


def read_traces(store: LogStore, *, every: int = 1, engine: Engine | None = None) -> dict[tuple[str, ...], int]:
    """Return the distinct traces of a log (activity labels) and their numbers of cases.

    Parameters
    ----------
    every
        Take only every so-manieth variant, from the most to the least frequent.
    """
    variants = VARIANTS if every == 1 else VARIANTS.filter(VARIANTS.variant % every == 0)
    labels = {str(code): label for code, label in activity_labels(store, engine).items()}
    traces: Counter[tuple[str, ...]] = Counter()
    for activities, cases in run(sequences(variants), store, engine):
        traces[tuple(labels[code] for code in activities.split(","))] += cases
    return dict(traces)


def compute_process_model(
    store: LogStore,
    *,
    noise_threshold: float = DEFAULT_NOISE_THRESHOLD,
    activity_share: float = 1.0,
    engine: Engine | None = None,
) -> ProcessModel:
    """Discover the model of a log's process by the inductive miner, infrequent variant, and measure its quality.

    A log whose variants hold more than `MOST_POSITIONS` activity instances is mined by its directly-follows graph,
    unless activities are to be left out, which the graph cannot tell.

    Parameters
    ----------
    noise_threshold
        0 (every case is a run of the model) to 1.
    activity_share
        The most frequent activities that make up this share of all activity instances are taken, over 0 to 1; the
        others are left out of every case.

    Raises
    ------
    NoiseThresholdError, ActivityShareError
        If a share is not in its range.
    NothingToModelError
        If the log has no events.
    TooManyActivitiesError
        If more than `MOST_ACTIVITIES` are taken.
    """
    if not 0 < activity_share <= 1:
        raise ActivityShareError(
            _("The share of activities cannot be {value}.").format(value=activity_share),
            remedy=_("Give a number over 0, at most 1."),
        )
    ((positions,),) = run(total_length(VARIANTS), store, engine)
    if not positions:
        raise NothingToModelError(_("The log has no events to discover a model from."), where=str(store.folder))
    if positions > MOST_POSITIONS and activity_share == 1:
        return _model_by_graph(store, noise_threshold, 1 + positions // MOST_POSITIONS, engine)
    whole = read_traces(store, engine=engine)
    kept = choose_frequent(whole, activity_share=activity_share)
    _check_number(len(kept), store)
    traces = keep_activities(whole, kept)
    tree = discover_process_tree(traces, noise_threshold=noise_threshold)
    cases = sum(traces.values())
    return ProcessModel(
        tree=tree,
        miner=Miner.INFREQUENT,
        noise_threshold=noise_threshold,
        activities=len(kept),
        all_activities=len({activity for trace in whole for activity in trace}),
        cases=cases,
        measured_cases=cases,
        quality=measure_quality(tree, traces),
    )


def _check_number(activities: int, store: LogStore) -> None:
    if activities > MOST_ACTIVITIES:
        raise TooManyActivitiesError(
            _("A model of {n} activities would show nothing; at most {most} can be taken.").format(
                n=activities, most=MOST_ACTIVITIES
            ),
            where=str(store.folder),
            remedy=_(
                "Draw the most frequent ones: potok map --activities 0.8; hold the log against rules or a BPMN model: "
                "potok conform --rules or --model; or name another column with --activity."
            ),
        )


def _model_by_graph(store: LogStore, noise_threshold: float, every: int, engine: Engine | None) -> ProcessModel:
    labels = activity_labels(store, engine)
    ends = {activity: counts for activity, *counts in run(node_ends(VARIANTS), store, engine)}
    _check_number(len(ends), store)
    graph = FollowGraph(
        activities=tuple(sorted(ends)),
        follows={(first, second): count for first, second, count in run(passage_counts(EVENTS), store, engine)},
        starts={activity: starts for activity, (starts, _ends) in ends.items() if starts},
        ends={activity: ends for activity, (_starts, ends) in ends.items() if ends},
    )
    tree = simplify(mine_graph(graph, labels.__getitem__, noise_threshold=check_threshold(noise_threshold)))
    traces = read_traces(store, every=every, engine=engine)
    return ProcessModel(
        tree=tree,
        miner=Miner.DIRECTLY_FOLLOWS,
        noise_threshold=noise_threshold,
        activities=len(ends),
        all_activities=len(ends),
        cases=sum(graph.starts.values()),
        measured_cases=sum(traces.values()),
        quality=measure_quality(tree, traces),
    )


def choose_frequent(traces: Traces, *, activity_share: float) -> frozenset[str]:
    """Return the most frequent activities whose instances make up a share of all; ties go by label."""
    instances: Counter[str] = Counter()
    for trace, cases in traces.items():
        for activity in trace:
            instances[activity] += cases
    wanted = activity_share * instances.total()
    chosen: set[str] = set()
    covered = 0
    for activity, count in sorted(instances.items(), key=lambda item: (-item[1], item[0])):
        if covered >= wanted:
            break
        chosen.add(activity)
        covered += count
    return frozenset(chosen)


def keep_activities(traces: Traces, activities: frozenset[str]) -> dict[tuple[str, ...], int]:
    """Return traces reduced to some activities; a trace may become empty."""
    kept: Counter[tuple[str, ...]] = Counter()
    for trace, cases in traces.items():
        kept[tuple(activity for activity in trace if activity in activities)] += cases
    return dict(kept)
