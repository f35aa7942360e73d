"""Compiled loops run as plain Python, for coverage and as a second opinion."""

from types import ModuleType

import pytest


def interpret(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> None:
    """Let modules use the Python form of every compiled function that they define or import."""
    for module in modules:
        for name, value in vars(module).copy().items():
            if hasattr(value, "py_func"):
                monkeypatch.setattr(module, name, value.py_func)
