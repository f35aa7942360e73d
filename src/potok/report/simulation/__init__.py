"""Forecasts as tables and as JSON."""
