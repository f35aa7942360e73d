"""Texts of cards as vectors of weighted roots, and how alike two cards are in one field."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from potok.diagnose.register.words import document_heads, weak_roots

WEAK_WEIGHT: Final = 0.25

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FieldSpace:
    """One field of all processes as vectors of unit length.

    Parameters
    ----------
    matrix
        One row per process, one column per root (`terms`); a row of zeros where the field says nothing.
    is_filled
        Whether a row is not zero.
    """

    matrix: Any
    terms: tuple[str, ...]
    is_filled: npt.NDArray[np.bool_]

    def cosines(self, first: Integers, second: Integers) -> Floats:
        """Return how alike the processes of each pair are: 0–1, NaN where either says nothing."""
        dots = np.asarray(self.matrix[first].multiply(self.matrix[second]).sum(axis=1)).ravel()
        known = self.is_filled[first] & self.is_filled[second]
        return np.where(known, np.minimum(dots, 1.0), np.nan)


def build_space(cards: Sequence[Sequence[str]], *, weak: frozenset[str] | None = None) -> FieldSpace:
    """Weigh the roots of each card by how few cards have them, and scale each card to unit length.

    Parameters
    ----------
    cards
        Roots of each process, repetitions allowed.
    weak
        Roots that weigh a quarter; None takes what any office does and words for documents as such.

    References
    ----------
    Spärck Jones (1972), "A statistical interpretation of term specificity and its application in retrieval".
    """
    little = weak_roots() | document_heads() if weak is None else weak
    frequency = Counter(one for card in cards for one in set(card))
    terms = tuple(sorted(frequency))
    place = {term: number for number, term in enumerate(terms)}
    count = len(cards)
    weights = np.array(
        [
            (np.log((count + 1) / (frequency[term] + 0.5)) + 0.1) * (WEAK_WEIGHT if term in little else 1.0)
            for term in terms
        ]
    )
    pairs = [(row, place[term]) for row, card in enumerate(cards) for term in sorted(set(card))]
    rows = np.array([row for row, _column in pairs], dtype=np.int64)
    columns = np.array([column for _row, column in pairs], dtype=np.int64)
    data = weights[columns] if len(columns) else np.zeros(0)
    matrix = sparse.csr_matrix((data, (rows, columns)), shape=(count, max(len(terms), 1)))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = sparse.diags(np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0))
    return FieldSpace((scale @ matrix).tocsr(), terms, lengths > 0)
