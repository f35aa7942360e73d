"""XES event logs, plain or compressed, read as a stream."""

from potok.log.sources.xes.staging import stage_xes

__all__ = ["stage_xes"]
