"""How closely a model repeats what it was not learnt from."""

from potok.simulate.validation.distances import Distances, TimedLog, log_distances
from potok.simulate.validation.logs import fetch_timed_log, resample_cases, simulated_timed_log
from potok.simulate.validation.validate import Validation, validate

__all__ = [
    "Distances",
    "TimedLog",
    "Validation",
    "fetch_timed_log",
    "log_distances",
    "resample_cases",
    "simulated_timed_log",
    "validate",
]
