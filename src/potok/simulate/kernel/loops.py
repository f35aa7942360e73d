"""Inner loops compiled without counting who holds which array.

Each array that is handed to a compiled function is counted in and out, atomically. A function that is called for every
event with all the tables of a model would do little else. The functions compiled here make no arrays, and so need not
count.

Nor should they be handed on: the tables of a model are some three hundred words, which every call would copy to the
stack. Those that only compiled functions call are therefore copied to where they are called, which makes a run three
times as fast.
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
    """Compile a function as `inner` does, to be called by compiled functions only, and put in place of the call."""
    return cast(
        "Callable[Parameters, Answer]",
        numba.njit(
            cache=True, nogil=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True
        )(function),
    )
