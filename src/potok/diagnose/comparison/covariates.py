"""What is known of a case at its opening, as numbers: indicators of levels.

Only what was known at the opening may explain anything: what a case became later explains its lead time all too well,
and wrongly. A log does not say when an attribute was written. Left out are therefore attributes

- whose names speak of an end, a state or a result (unless declared as known);
- that hold instants;
- that open cases lack much more often than closed ones: they are evidently filled in later;
- that the reader says were not known.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from potok.core.language import mark
from potok.diagnose.comparison.facts import Fact
from potok.measure.case_groups import ATTRIBUTE_PREFIX

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

LEAST_CASES: Final = 20
LEAST_SHARE: Final = 0.01
MOST_LEVELS: Final = 12
QUARTERS: Final = (0.25, 0.5, 0.75)
LATER_GAP: Final = 0.2
IDENTIFIER_SHARE: Final = 0.8
_LATER_NAME: Final = re.compile(
    r"(?:status|state|outcome|result|phase|stage|end|ended|close|closed|closing|finish|finished|final|last|decision"
    r"|rejected|rejection|duration|throughput"
    r"|статус|состояни[ея]|итог\w*|результат\w*|решени[ея]|заверш\w*|окончани\w*|закрыт\w*|последн\w*|отказ\w*"
    r"|длительност\w*|фактическ\w*)",
    re.IGNORECASE,
)
_WORDS: Final = re.compile(r"[A-ZА-ЯЁ]?[a-zа-яё]+|[A-ZА-ЯЁ]+(?![a-zа-яё])")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}.*)?")


class LeftOut(StrEnum):
    """Why something known of cases is not used to explain."""

    NAME_SPEAKS_OF_LATER = "name_speaks_of_later"
    HOLDS_INSTANTS = "holds_instants"
    FILLED_IN_LATER = "filled_in_later"
    DECLARED_LATER = "declared_later"
    TOO_MANY_VALUES = "too_many_values"
    IS_THE_GROUPING = "is_the_grouping"
    TELLS_THE_GROUP = "tells_the_group"


REASONS: Final = {
    LeftOut.NAME_SPEAKS_OF_LATER: mark("Its name speaks of what is known only later; --known uses it all the same."),
    LeftOut.HOLDS_INSTANTS: mark("It holds instants."),
    LeftOut.FILLED_IN_LATER: mark("Open cases lack it much more often than closed ones: it is filled in later."),
    LeftOut.DECLARED_LATER: mark("It is declared as not known at the opening."),
    LeftOut.TOO_MANY_VALUES: mark("Almost every case has a value of its own."),
    LeftOut.IS_THE_GROUPING: mark("It is what the cases are compared by."),
    LeftOut.TELLS_THE_GROUP: mark("Groups have hardly a value in common, so that it says the same as the group."),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A column of a design: that a fact has a value, or is at least some number.

    ``value`` is the level (empty for unknown or rare ones together, see `is_other`); ``at_least`` the number.
    """

    fact: str
    value: str = ""
    at_least: float | None = None
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Design:
    """Cases as rows of indicators.

    Parameters
    ----------
    columns
        What the columns are.
    values
        (n, p): 0 or 1.
    used
        Names of the facts used.
    left_out
        Names of the others, each with the reason.
    """

    columns: tuple[Condition, ...]
    values: Floats
    used: tuple[str, ...]
    left_out: tuple[tuple[str, LeftOut], ...]


def known_at_opening(
    facts: Collection[Fact], is_closed: Flags, *, known: Collection[str] = (), later: Collection[str] = ()
) -> tuple[tuple[Fact, ...], tuple[tuple[str, LeftOut], ...]]:
    """Return the facts that may explain, and those left out.

    Parameters
    ----------
    facts
        Of cases.
    is_closed
        (n,): whether each of these cases is closed.
    known, later
        Names (with or without ``attr:``) that are declared to be known at the opening, or not.
    """
    kept, dropped = [], []
    for fact in facts:
        names = {fact.name, fact.name.removeprefix(ATTRIBUTE_PREFIX)}
        reason = None if names & set(known) else _suspicion(fact, is_closed)
        if names & set(later):
            reason = LeftOut.DECLARED_LATER
        if reason is None:
            kept.append(fact)
        else:
            dropped.append((fact.name, reason))
    return tuple(kept), tuple(dropped)


def _suspicion(fact: Fact, is_closed: Flags) -> LeftOut | None:
    if fact.name.startswith(ATTRIBUTE_PREFIX) and speaks_of_later(fact.name):
        return LeftOut.NAME_SPEAKS_OF_LATER
    given = [value for value in fact.values if value is not None]
    if given and all(_INSTANT.fullmatch(value) for value in given[:200]):
        return LeftOut.HOLDS_INSTANTS
    lacks = np.array([value is None for value in fact.values])
    has_both = min(is_closed.sum(), (~is_closed).sum()) >= LEAST_CASES
    if has_both and lacks[~is_closed].mean() - lacks[is_closed].mean() > LATER_GAP:
        return LeftOut.FILLED_IN_LATER
    return None


def speaks_of_later(name: str) -> bool:
    """Return whether the name of an attribute speaks of what is known only in the course of a case."""
    return any(map(_LATER_NAME.fullmatch, _WORDS.findall(name.removeprefix(ATTRIBUTE_PREFIX))))


def build_design(facts: Collection[Fact], left_out: tuple[tuple[str, LeftOut], ...] = (), *, cases: int) -> Design:
    """Lay facts out as indicators: a level each, or quarters of what is a number; the commonest level is the base.

    Levels of fewer than twenty cases, or one in a hundred, are taken together with the base. A fact none of whose
    levels is so common is left out.

    Parameters
    ----------
    left_out
        What was left out already.
    cases
        Number of cases.
    """
    columns: list[Condition] = []
    values: list[Flags] = []
    used, dropped = [], list(left_out)
    for fact in facts:
        laid_out = _numeric_columns(fact) or _level_columns(fact)
        if not laid_out:
            dropped.append((fact.name, LeftOut.TOO_MANY_VALUES))
            continue
        used.append(fact.name)
        columns += [condition for condition, _flags in laid_out]
        values += [flags for _condition, flags in laid_out]
    table = np.stack(values, axis=1).astype(np.float64) if values else np.zeros((cases, 0))
    return Design(tuple(columns), table, tuple(used), tuple(dropped))


def with_products(values: Floats) -> Floats:
    """Return indicators with their products, as far as twenty cases have both, so that effects need not add up."""
    count = values.shape[1]
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count)]
    products = [values[:, a] * values[:, b] for a, b in pairs] if count <= MOST_LEVELS else []
    kept = [product for product in products if LEAST_CASES <= product.sum() <= len(values) - LEAST_CASES]
    return np.column_stack([values, *kept]) if kept else values


def _level_columns(fact: Fact) -> list[tuple[Condition, Flags]]:
    held = np.array([value or "" for value in fact.values])
    is_unknown = np.array([value is None for value in fact.values])
    levels, counts = np.unique(held, return_counts=True)
    least = max(LEAST_CASES, LEAST_SHARE * len(held))
    common = [int(place) for place in np.argsort(-counts, kind="stable") if counts[place] >= least]
    if not common:
        return []
    others = common[1 : MOST_LEVELS + 1] if len(common) > 1 or counts[common[0]] == len(held) else common
    return [
        (Condition(fact.name, str(levels[place]), is_unknown=bool(is_unknown[held == levels[place]].all())), flags)
        for place in others
        if (flags := held == levels[place]).any()
    ]


def _numeric_columns(fact: Fact) -> list[tuple[Condition, Flags]]:
    """Return whether a number reaches each of its quarters, if the fact is a number of many values."""
    given = [value for value in fact.values if value is not None]
    if len(set(given)) <= MOST_LEVELS:
        return []
    try:
        known = np.array([np.nan if value is None else float(value) for value in fact.values])
    except ValueError:
        return []
    if not np.isfinite(known[~np.isnan(known)]).all():
        return []
    if _is_identifier(known[~np.isnan(known)]):
        return []
    bounds = np.unique(np.nanquantile(known, QUARTERS))
    columns = [(Condition(fact.name, at_least=float(bound)), known >= bound) for bound in bounds]
    if np.isnan(known).sum() >= LEAST_CASES:
        columns.append((Condition(fact.name, is_unknown=True), np.isnan(known)))
    return [(condition, flags) for condition, flags in columns if 0 < flags.sum() < len(flags)]


def _is_identifier(numbers: Floats) -> bool:
    """Return whether almost every case has a whole number of its own, as running numbers are."""
    return len(np.unique(numbers)) > IDENTIFIER_SHARE * len(numbers) and bool(np.all(numbers == np.round(numbers)))
