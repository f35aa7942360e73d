"""Boundaries between departments, agencies or people: the time lost at them, and how far they make work wait."""
