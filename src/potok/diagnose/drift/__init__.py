"""Drift: when a process changed, in which respect, and by how much."""
