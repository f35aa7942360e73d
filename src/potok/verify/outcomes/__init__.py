"""From log stores and a protocol to one row per case with its outcome, as of the day of the look."""

from potok.verify.outcomes.reading import read_study
from potok.verify.outcomes.values import OutcomeValues, outcome_values

__all__ = ["OutcomeValues", "outcome_values", "read_study"]
