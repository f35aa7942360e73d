"""Changes read from files and applied to a model."""

from potok.simulate.changes.apply import apply_changes
from potok.simulate.changes.reading import Scenario, load_changes, load_scenarios, scenarios_from_mapping

__all__ = ["Scenario", "apply_changes", "load_changes", "load_scenarios", "scenarios_from_mapping"]
