"""Learning the model of a process from a log."""

from potok.simulate.discovery.discovered import DiscoveredModel, discover_model, open_cases_of
from potok.simulate.discovery.errors import NoInstantsError, TooFewCasesError, TooManyActivitiesError
from potok.simulate.discovery.fit import ModelFit
from potok.simulate.discovery.history import History, fetch_history
from potok.simulate.discovery.learning import LearningSettings, draw_case_weights, learn_model, learn_with_fit

__all__ = [
    "DiscoveredModel",
    "History",
    "LearningSettings",
    "ModelFit",
    "NoInstantsError",
    "TooFewCasesError",
    "TooManyActivitiesError",
    "discover_model",
    "draw_case_weights",
    "fetch_history",
    "learn_model",
    "learn_with_fit",
    "open_cases_of",
]
