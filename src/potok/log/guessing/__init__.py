"""Guessing the roles of columns: from headers and values to a complete mapping, with reasons."""

from potok.log.guessing.guess import guess_mapping
from potok.log.guessing.result import Guess, MissingRoleError, Reason

__all__ = ["Guess", "MissingRoleError", "Reason", "guess_mapping"]
