"""Extraneous delay: work that lay though somebody who could have done it was free and on duty."""

from potok.discover.extraneous_delay.delays import (
    ActivityDelay,
    DelayRules,
    ExtraneousDelays,
    LoadResponse,
    discover_extraneous_delays,
)

__all__ = ["ActivityDelay", "DelayRules", "ExtraneousDelays", "LoadResponse", "discover_extraneous_delays"]
