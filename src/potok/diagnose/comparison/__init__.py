"""Comparison: how groups of cases differ, how much of it their mix explains, and what goes with lateness."""
