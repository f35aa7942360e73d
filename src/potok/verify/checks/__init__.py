"""Honesty checks: the known ways in which a figure can be dressed, each looked at."""

from potok.verify.checks.honesty import KINDS, check_honesty

__all__ = ["KINDS", "check_honesty"]
