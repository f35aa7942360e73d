"""The model of a log's process, with what it was made of and how well it describes the log."""

from collections import Counter
from dataclasses import dataclass

import ibis

from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.discover.inductive_miner import DEFAULT_NOISE_THRESHOLD, discover_process_tree
from potok.discover.process_tree import ProcessTree
from potok.discover.quality.model_quality import ModelQuality, Traces, measure_quality
from potok.engine.base import Engine
from potok.engine.tables import VARIANTS
from potok.log.store import LogStore
from potok.measure.running import activity_labels, run


class NothingToModelError(BadDataError):
    """The log has no events."""

    code = "POTOK-D003"


class ActivityShareError(UsageError):
    """A share of activities is not over 0 and up to 1."""

    code = "POTOK-D004"


@dataclass(frozen=True, slots=True)
class ProcessModel:
    """A discovered process tree.

    Parameters
    ----------
    tree
        The model.
    noise_threshold
        What was left out as infrequent (see `potok.discover.inductive_miner`).
    activities, all_activities
        How many activities the model was discovered from, and how many the log has.
    cases
        Cases it was discovered from.
    quality
        Fitness and precision over the cases, reduced to the activities it was discovered from.
    """

    tree: ProcessTree
    noise_threshold: float
    activities: int
    all_activities: int
    cases: int
    quality: ModelQuality


def sequences(variants: ibis.Table) -> ibis.Table:
    """Return one row per variant: `activities` (codes joined by commas), `cases`."""
    return variants.select(variants.activities, cases=variants.cases.cast("int64"))


def read_traces(store: LogStore, *, engine: Engine | None = None) -> dict[tuple[str, ...], int]:
    """Return the distinct traces of a log (activity labels) and their numbers of cases."""
    labels = {str(code): label for code, label in activity_labels(store, engine).items()}
    traces: Counter[tuple[str, ...]] = Counter()
    for activities, cases in run(sequences(VARIANTS), store, engine):
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
    """
    if not 0 < activity_share <= 1:
        raise ActivityShareError(
            _("The share of activities cannot be {value}.").format(value=activity_share),
            remedy=_("Give a number over 0, at most 1."),
        )
    whole = read_traces(store, engine=engine)
    if not any(whole):
        raise NothingToModelError(_("The log has no events to discover a model from."), where=str(store.folder))
    kept = choose_frequent(whole, activity_share=activity_share)
    traces = keep_activities(whole, kept)
    tree = discover_process_tree(traces, noise_threshold=noise_threshold)
    return ProcessModel(
        tree=tree,
        noise_threshold=noise_threshold,
        activities=len(kept),
        all_activities=len({activity for trace in whole for activity in trace}),
        cases=sum(traces.values()),
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
