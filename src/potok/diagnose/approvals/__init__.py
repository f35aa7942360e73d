"""Approvals: their levels, how often each alters anything, and how long each decision takes."""
