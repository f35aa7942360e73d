"""Alignments: where cases depart from a model, and what time that concerns."""
