"""The inductive miner: from the variants of a log to a model that is sound by construction."""

from typing import Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.discover.inductive.miner import Filtering, mine_traces
from potok.discover.process_tree import ProcessTree, simplify
from potok.discover.quality.model_quality import Traces

DEFAULT_NOISE_THRESHOLD: Final = 0.2


class NoiseThresholdError(UsageError):
    """A noise threshold is not from 0 to 1."""

    code = "POTOK-D002"


def discover_process_tree(traces: Traces, *, noise_threshold: float = DEFAULT_NOISE_THRESHOLD) -> ProcessTree:
    """Discover the process tree of traces by the inductive miner, infrequent variant.

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
    if not 0 <= noise_threshold <= 1:
        raise NoiseThresholdError(
            _("The noise threshold cannot be {value}.").format(value=noise_threshold),
            remedy=_("Give a number from 0 to 1."),
        )
    labels = sorted({activity for trace in traces for activity in trace})
    codes = {label: code for code, label in enumerate(labels)}
    log = {tuple(codes[activity] for activity in trace): cases for trace, cases in traces.items() if cases > 0}
    return simplify(mine_traces(log, labels.__getitem__, filtering=Filtering(noise_threshold)))
