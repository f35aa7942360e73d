"""Experiments with models: forecasts with intervals, comparison, sensitivity, sizing and search."""
