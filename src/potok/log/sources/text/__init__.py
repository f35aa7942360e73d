"""Delimited text: CSV, TSV and their relatives, plain or compressed."""

from potok.log.sources.text.stage import stage_text

__all__ = ["stage_text"]
