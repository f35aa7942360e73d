"""Whoever waits is told once that something is made ready."""

from contextvars import copy_context

import numba

from potok.core.first_use import announce_first_use, listen_for_first_use
from potok.discover import compiled


def test_compiling_is_said_once_to_whoever_listens():
    told = []
    assert compiled.compiled  # importing it is what makes compiling heard

    def work():
        listen_for_first_use(told.append)
        for _ in range(2):
            doubled = numba.njit(lambda number: number + number)  # never kept, unlike what the package compiles
            assert doubled(2) == 4

    copy_context().run(work)
    assert len(told) == 1
    assert "once" in told[0]


def test_where_nobody_listens_nothing_is_said():
    announce_first_use()
