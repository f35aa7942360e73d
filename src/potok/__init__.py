"""Potok: evidence for faster public services."""

__version__ = "0.1.0"
