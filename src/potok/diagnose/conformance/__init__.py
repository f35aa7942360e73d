"""Conformance: where cases depart from the regulation, from declarative rules, and from a model."""
