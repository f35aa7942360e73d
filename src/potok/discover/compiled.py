"""Loops over arrays, compiled to machine code at their first call and kept between runs.

An engine can join and group; it cannot sweep over the work of a resource in linear time, and plain Python takes a
thousand times as long. What is compiled takes arrays and numbers, and gives arrays and numbers.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


def compiled(function: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Compile a function; its Python form stays reachable as ``py_func``."""
    return cast("Callable[Parameters, Answer]", numba.njit(cache=True, nogil=True)(function))
