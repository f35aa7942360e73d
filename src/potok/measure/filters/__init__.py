"""Filters: which cases a question is about, and a store that holds only those."""
