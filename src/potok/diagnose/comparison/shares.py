"""Shares of a group's cases: without repetition, and within a term."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from potok.core.calendars import Calendar
from potok.core.regulations import Regulation
from potok.diagnose.comparison.population import Flags, Population
from potok.diagnose.comparison.result import SharePart, TermPart
from potok.engine.base import Engine
from potok.inference.estimate import normal_quantile
from potok.inference.proportions import wilson_limits
from potok.log.store import LogStore
from potok.measure.deadlines import judge_terms

TermFlags = tuple[str, Flags, Flags]


@dataclass(frozen=True, slots=True)
class Rules:
    """What cases are judged by: a regulation, with the calendar that it needs."""

    regulation: Regulation
    calendar: Calendar


def share_part(count: int, cases: int, *, confidence: float) -> SharePart:
    """Return a share with its score interval (Wilson)."""
    if not cases:
        return SharePart(0, 0, None, None, None)
    lower, upper = wilson_limits(count / cases, cases, z=normal_quantile(confidence))
    return SharePart(cases, count, count / cases, lower, upper)


def repeated_paths(people: Population) -> Flags:
    """Return of each case whether an activity occurs twice in it."""
    repeats = np.array([len(set(path)) < len(path) for path in people.paths], bool)
    return repeats[people.path] if len(repeats) else np.zeros(len(people.case), bool)


def first_time_part(people: Population, chosen: Flags, *, confidence: float) -> SharePart:
    """Return the share of closed cases without repetition."""
    closed = chosen & people.is_closed
    return share_part(int((closed & ~repeated_paths(people)).sum()), int(closed.sum()), confidence=confidence)


def read_term_flags(
    stores: Sequence[LogStore], people: Population, rules: Rules, *, engine: Engine | None = None
) -> tuple[TermFlags, ...]:
    """Judge all cases under all terms: of each its name, which cases are judged, and which kept it.

    Raises
    ------
    UnknownActivitiesError, YearNotCoveredError
        As `potok.measure.deadlines.judge_terms`.
    """
    regulation, calendar = rules.regulation, rules.calendar
    found: dict[str, tuple[Flags, Flags]] = {}
    for number, store in enumerate(stores):
        here = np.flatnonzero(people.log == number)
        codes = people.case[here]
        order = np.argsort(codes)
        for judged in judge_terms(store, regulation, calendar, engine=engine).terms:
            none = (np.zeros(len(people.case), bool), np.zeros(len(people.case), bool))
            is_judged, in_time = found.setdefault(judged.term.name, none)
            place = np.minimum(np.searchsorted(codes[order], judged.found.case), max(len(codes) - 1, 0))
            held = codes[order][place] == judged.found.case if len(codes) else np.zeros(0, bool)
            rows = here[order[place[held]]]
            is_judged[rows] = judged.states.judged[held]
            in_time[rows] = judged.states.in_time[held]
    return tuple((name, is_judged, in_time) for name, (is_judged, in_time) in found.items())


def term_parts(terms: Sequence[TermFlags], chosen: Flags, *, confidence: float) -> tuple[TermPart, ...]:
    """Return how a group keeps each term."""
    return tuple(
        TermPart(name, share_part(int((in_time & chosen).sum()), int((judged & chosen).sum()), confidence=confidence))
        for name, judged, in_time in terms
    )
