"""Why work did not begin: each microsecond of a wait belongs to the first cause that is true."""

from potok.diagnose.waiting_causes.cases import list_waiting_cause_cases
from potok.diagnose.waiting_causes.results import (
    REASONS,
    CauseSeconds,
    WaitingCauses,
    WaitingGroup,
    compute_waiting_causes,
)
from potok.diagnose.waiting_causes.settings import derive_on_discovered, discover_settings
from potok.diagnose.waiting_causes.sweep import CAUSES
from potok.diagnose.waiting_causes.tables import WaitingSettings, WaitingTables, derive_waiting_causes

__all__ = [
    "CAUSES",
    "REASONS",
    "CauseSeconds",
    "WaitingCauses",
    "WaitingGroup",
    "WaitingSettings",
    "WaitingTables",
    "compute_waiting_causes",
    "derive_on_discovered",
    "derive_waiting_causes",
    "discover_settings",
    "list_waiting_cause_cases",
]
