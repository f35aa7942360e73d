"""Inner loops compiled without counting who holds which array.

Each array that is handed to a compiled function is counted in and out, atomically. A function that is called for every
event with all the tables of a model would do little else. The functions compiled here make no arrays, and so need not
count.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


def inner(function: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Compile a function that makes no arrays; its Python form stays reachable as ``py_func``."""
    return cast("Callable[Parameters, Answer]", numba.njit(cache=True, nogil=True, _nrt=False)(function))


def inmost(function: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Compile a function as `inner` does, to be called by compiled functions only; it is compiled in half the time."""
    return cast(
        "Callable[Parameters, Answer]",
        numba.njit(cache=True, nogil=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function),
    )
