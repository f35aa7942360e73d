"""How closely a model repeats what it was not learnt from."""

from potok.simulate.validation.distances import Distances, TimedLog, log_distances

__all__ = ["Distances", "TimedLog", "log_distances"]
