"""Control charts: what is ordinary scatter of a process, and what has a special cause."""

from potok.inference.control_charts.charts import (
    Chart,
    ChartKind,
    Phase,
    UnusableRebaseError,
    UnusableSeriesError,
    p_chart,
    u_chart,
    xmr_chart,
)
from potok.inference.control_charts.rules import Rule, Signal, find_signals

__all__ = [
    "Chart",
    "ChartKind",
    "Phase",
    "Rule",
    "Signal",
    "UnusableRebaseError",
    "UnusableSeriesError",
    "find_signals",
    "p_chart",
    "u_chart",
    "xmr_chart",
]
