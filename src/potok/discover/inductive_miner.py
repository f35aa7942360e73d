"""The inductive miner: from the variants of a log to a model that is sound by construction.

What counts as infrequent can be read in more than one way, and no reading suits every log: where a log does not come
apart, one leaves cases out that another keeps, at the price of a model that allows almost anything. So with a noise
threshold the log is mined by a few readings, and the model that describes it best is kept.
"""

from typing import Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.discover.inductive.follow_graph import Sieve
from potok.discover.inductive.miner import Filtering, Filterings, mine_traces
from potok.discover.process_tree import ProcessTree, simplify
from potok.discover.quality.model_quality import Traces, estimate_quality
from potok.discover.quality.sampling import sample_cases

DEFAULT_NOISE_THRESHOLD: Final = 0.2

# Cases on which the models of the readings are compared: enough to tell them apart, few enough to cost little.
_MOST_COMPARED: Final = 300


class NoiseThresholdError(UsageError):
    """A noise threshold is not from 0 to 1."""

    code = "POTOK-D002"


def check_threshold(noise_threshold: float) -> float:
    """Return a noise threshold that is from 0 to 1.

    Raises
    ------
    NoiseThresholdError
        If it is not.
    """
    if not 0 <= noise_threshold <= 1:
        raise NoiseThresholdError(
            _("The noise threshold cannot be {value}.").format(value=noise_threshold),
            remedy=_("Give a number from 0 to 1."),
        )
    return noise_threshold


def discover_process_tree(traces: Traces, *, noise_threshold: float = DEFAULT_NOISE_THRESHOLD) -> ProcessTree:
    """Discover the process tree of traces by the inductive miner, infrequent variant.

    With a threshold over 0, a few readings of "infrequent" give models. Kept is the one with the greatest F₂ of the
    share of events accepted and precision (`QuickQuality`, on an even sample of the cases), among those that accept at
    least 1 − threshold if there are any; else the one that accepts most.

    Parameters
    ----------
    traces
        Traces (activity labels) and their numbers of cases.
    noise_threshold
        0 (every trace is a run of the tree) to 1: passages rarer than this share of the most frequent way out of
        their activity are left out where the log would else not come apart.

    Raises
    ------
    NoiseThresholdError
        If the threshold is not from 0 to 1.
    """
    check_threshold(noise_threshold)
    labels = sorted({activity for trace in traces for activity in trace})
    codes = {label: code for code, label in enumerate(labels)}
    log = {tuple(codes[activity] for activity in trace): cases for trace, cases in traces.items() if cases > 0}
    filterings = _readings(noise_threshold) if noise_threshold else (Filtering(0.0),)
    trees = map(simplify, mine_traces(log, labels.__getitem__, filterings=filterings))
    return _choose_best(list(dict.fromkeys(trees)), traces, least_accepted=1 - noise_threshold)


def _readings(noise_threshold: float) -> Filterings:
    """Return the readings of "infrequent" to try.

    A passage that must be frequent both ways is left out more often, so there the threshold is taken lower.
    """
    return (
        Filtering(noise_threshold, Sieve.OUT),
        Filtering(noise_threshold, Sieve.CONNECTED, is_filtered_first=True),
        Filtering(noise_threshold / 2, Sieve.BOTH),
        Filtering(noise_threshold / 4, Sieve.BOTH),
    )


def _choose_best(trees: list[ProcessTree], traces: Traces, *, least_accepted: float) -> ProcessTree:
    if len(trees) == 1:
        return trees[0]
    sample = sample_cases(traces, number=_MOST_COMPARED)
    rated = [(estimate_quality(tree, sample), tree) for tree in trees]
    accepting = [(quality, tree) for quality, tree in rated if quality.accepted_share >= least_accepted]
    if accepting:
        return max(accepting, key=lambda pair: pair[0].f2)[1]
    return max(rated, key=lambda pair: pair[0].accepted_share)[1]
