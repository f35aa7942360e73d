"""Loops over arrays, compiled to machine code at their first call and kept between runs.

An engine can join and group; it cannot sweep over the work of a resource in linear time, and plain Python takes a
thousand times as long. What is compiled takes arrays and numbers, and gives arrays and numbers.
"""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numba.core import event

from potok.core.first_use import announce_first_use

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")

ZERO: Final = cast("int", np.int64(0))
"""Where a compiled loop begins to count what it hands to others: a plain 0 is a type of its own, with its own variant
of each of them to be compiled."""


def compiled(function: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Compile a function; its Python form stays reachable as ``py_func``."""
    return cast("Callable[Parameters, Answer]", numba.njit(cache=True, nogil=True)(function))


class _Announcer(event.Listener):  # type: ignore[misc]  # numba publishes no types
    """Says that loops are compiled; those kept from an earlier run are none of its business."""

    def on_start(self, event: object) -> None:
        del event
        announce_first_use()

    def on_end(self, event: object) -> None:
        del event


event.register("numba:compile", _Announcer())
