"""Lets third-party code run without coverage's tracer, which makes Python take half as long again in it.

Python 3.11 runs traced code without its specialised instructions, and that in every frame, measured or not. Most of
what tests wait for is Ibis building expressions and compiling them, and Numba compiling loops: no line of Potok runs
inside. Outermost calls into them therefore suspend the tracer; Potok's own lines are traced as before.
"""

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from types import FunctionType, ModuleType
from typing import Any

_KEPT = {"__init__", "__init_subclass__", "__new__", "__class_getitem__", "__hash__", "__repr__"}


def untraced(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function during whose calls the tracer of this thread is suspended."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        tracer = sys.gettrace()
        if tracer is None:
            return function(*args, **kwargs)
        sys.settrace(None)
        try:
            return function(*args, **kwargs)
        finally:
            sys.settrace(tracer)
            # Coverage's tracer in C takes over at the next call only; it has to see this one return.
            _nothing()

    call.is_untraced = True  # type: ignore[attr-defined]
    return call


def suspend_within_ibis() -> None:
    """Suspend the tracer wherever Ibis builds expressions and compiles them."""
    import ibis
    import ibis.expr.types
    from ibis.backends.sql.compilers.base import SQLGlotCompiler
    from ibis.common.graph import Node
    from sqlglot.expressions import Expression

    for kind in _expression_types(ibis.expr.types):
        _suspend_in(kind, [name for name, value in vars(kind).items() if isinstance(value, FunctionType)])
    _suspend_in(ibis, [name for name in ibis.__all__ if isinstance(vars(ibis).get(name), FunctionType)])
    _suspend_in(SQLGlotCompiler, ["to_sqlglot"])
    _suspend_in(Node, ["find"])
    _suspend_in(Expression, ["sql"])


def suspend_within_numba() -> None:
    """Suspend the tracer wherever Numba compiles a loop."""
    from numba.core.dispatcher import Dispatcher

    _suspend_in(Dispatcher, ["compile"])


def _expression_types(module: ModuleType) -> Iterator[type]:
    from ibis.expr.types.core import Expr
    from ibis.expr.types.groupby import GroupedTable

    yield GroupedTable
    waiting, seen = [Expr], {Expr}
    while waiting:
        kind = waiting.pop()
        yield kind
        new = [one for one in kind.__subclasses__() if one not in seen]
        seen.update(new)
        waiting += new


def _suspend_in(owner: Any, names: list[str]) -> None:
    for name in names:
        function = vars(owner).get(name, getattr(owner, name))
        if name not in _KEPT and not hasattr(function, "is_untraced"):
            setattr(owner, name, untraced(function))


def _nothing() -> None:
    pass
