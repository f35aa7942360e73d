"""The model of a log, with its fit and the cases that are open."""

from dataclasses import dataclass

import numpy as np

from potok.discover.enabled_times import EnablementBasis
from potok.discover.resource_calendars.work import UNKNOWN
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.simulate.discovery.case_types import find_case_types
from potok.simulate.discovery.fit import ModelFit
from potok.simulate.discovery.history import History, fetch_history
from potok.simulate.discovery.learning import LearningSettings, learn_with_fit
from potok.simulate.kernel import OpenCases
from potok.simulate.model import ProcessModel


@dataclass(frozen=True, slots=True)
class DiscoveredModel:
    """A model learnt from a log.

    Parameters
    ----------
    model
        The model.
    fit
        How well it fits.
    open_cases
        Cases open when the log was extracted.
    history
        What it was learnt from, for bootstrap samples.
    """

    model: ProcessModel
    fit: ModelFit
    open_cases: OpenCases
    history: History


def discover_model(
    store: LogStore,
    *,
    until_us: int | None = None,
    enablement: EnablementBasis | None = None,
    settings: LearningSettings | None = None,
    engine: Engine | None = None,
) -> DiscoveredModel:
    """Learn the model of a log.

    Parameters
    ----------
    until_us
        As if the log had been extracted at that instant; None for all that it has.
    enablement
        Where to take instants of enablement from; what the log knows best if None.
    settings
        What may be taken from the log; everything if None.

    Raises
    ------
    TooFewCasesError, NoInstantsError, TooManyActivitiesError
        As `fetch_history`.
    """
    history = fetch_history(store, until_us=until_us, enablement=enablement, engine=engine)
    model, fit = learn_with_fit(history, settings=settings)
    types = len(model.case_types) > 1
    return DiscoveredModel(model, fit, open_cases_of(history, is_typed=types), history)


def open_cases_of(history: History, *, is_typed: bool = True) -> OpenCases:
    """Return the cases that were open when the log was extracted.

    Their completed instances are their history; what was begun and not completed will be begun anew. Whether a delay
    had begun to run is not known: it is drawn anew as well.

    Parameters
    ----------
    is_typed
        Whether the model tells types of cases apart.
    """
    types = find_case_types(history).of_case if is_typed else np.zeros(history.cases, np.int64)
    chosen = np.flatnonzero(history.is_open)
    is_taken = history.is_open[history.case] & (history.instances.completed_us[history.order] != UNKNOWN)
    counts = np.bincount(history.case[is_taken], minlength=history.cases)[chosen]
    return OpenCases(
        case_type=types[chosen].astype(np.int32),
        opened_us=history.opened_us[chosen],
        ready_us=np.full(len(chosen), UNKNOWN),
        first_row=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        activity=history.instances.activity[history.order][is_taken].astype(np.int32),
    )
