"""All the ways in which chance could have dealt out the dates of a change among agencies.

An **assignment** gives every agency the first place at which it is treated, or `NEVER`. Which dates there are and how
many agencies each has is fixed; chance decides only who has which. Within strata the same holds for each stratum.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from potok.core.language import gettext as _
from potok.inference.observations import Integers
from potok.inference.randomisation.errors import UnfitPanelError

NEVER: Final = -1
MOST_LISTED: Final = 5_000
"""Up to so many assignments all are gone through; of more, a sample is drawn."""
DRAWS: Final = 4_999
FEWEST_ASSIGNMENTS: Final = 40
"""With fewer, no result at all could be rarer than 2.5 % on one side."""


@dataclass(frozen=True, slots=True)
class Assignments:
    """Assignments that a statistic is compared over.

    Parameters
    ----------
    first_treated
        Shape (M, N): the first treated place of each agency, `NEVER` for none. Row 0 is what happened.
    possible
        How many different assignments there are.
    is_exhaustive
        Whether the rows are all of them, each once; otherwise the rows after the first are drawn at random.
    """

    first_treated: Integers
    possible: int
    is_exhaustive: bool

    @property
    def is_applicable(self) -> bool:
        """Whether there are enough to conclude anything at 2.5 % on one side."""
        return self.possible >= FEWEST_ASSIGNMENTS


def count_assignments(first_treated: Integers, *, strata: Integers | None = None) -> int:
    """Count the different ways in which the dates could have been dealt out.

    Parameters
    ----------
    first_treated
        Shape (N,): the first treated place of each agency, `NEVER` for none.
    strata
        Shape (N,): codes of groups within which dates were dealt out; None for one group.

    Raises
    ------
    UnfitPanelError
        If the arrays differ in length.
    """
    groups = _groups(first_treated, strata)
    return math.prod(_count_one(first_treated[group].tolist()) for group in groups)


def list_assignments(
    first_treated: Integers,
    *,
    strata: Integers | None = None,
    seed: int = 0,
    most: int = MOST_LISTED,
    draws: int = DRAWS,
) -> Assignments:
    """List all assignments, or draw some where there are more than `most`.

    Parameters
    ----------
    first_treated, strata
        As in `count_assignments`.
    seed
        Of the draw; without effect where all are listed.
    most, draws
        Up to how many are listed; how many are drawn of more, besides the one that happened.

    Raises
    ------
    UnfitPanelError
        If the arrays differ in length.

    References
    ----------
    Phipson and Smyth (2010), "Permutation p-values should never be zero": why the observed one counts in a sample.
    """
    observed = np.asarray(first_treated, np.int64)
    groups = _groups(observed, strata)
    possible = count_assignments(observed, strata=strata)
    if possible <= most:
        rows = _list_all(observed, groups)
        rows = rows[(rows != observed).any(axis=1)]
    else:
        rows = _draw(observed, groups, draws=draws, generator=np.random.default_rng(seed))
    return Assignments(np.vstack([observed[None, :], rows]), possible, possible <= most)


def _groups(first_treated: Integers, strata: Integers | None) -> list[Integers]:
    agencies = np.arange(len(first_treated))
    if strata is None:
        return [agencies]
    if len(strata) != len(first_treated):
        raise UnfitPanelError(
            _("There are {strata} strata for {agencies} agencies.").format(
                strata=len(strata), agencies=len(first_treated)
            ),
            where="strata",
            remedy=_("Give one stratum per agency."),
        )
    return [agencies[strata == code] for code in np.unique(strata)]


def _count_one(dates: list[int]) -> int:
    return math.factorial(len(dates)) // math.prod(math.factorial(count) for count in Counter(dates).values())


def _list_all(observed: Integers, groups: list[Integers]) -> Integers:
    choices = [list(_arrange(tuple(observed[group].tolist()))) for group in groups]
    rows = np.empty((math.prod(len(choice) for choice in choices), len(observed)), np.int64)
    for row, parts in zip(rows, product(*choices), strict=True):
        for group, part in zip(groups, parts, strict=True):
            row[group] = part
    return rows


def _arrange(dates: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield every different order of `dates`, in lexicographic order."""
    if not dates:
        yield ()
    for date in sorted(set(dates)):
        place = dates.index(date)
        for rest in _arrange(dates[:place] + dates[place + 1 :]):
            yield (date, *rest)


def _draw(observed: Integers, groups: list[Integers], *, draws: int, generator: np.random.Generator) -> Integers:
    rows = np.tile(observed, (draws, 1))
    for group in groups:
        rows[:, group] = generator.permuted(rows[:, group], axis=1)
    return rows
