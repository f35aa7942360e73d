"""Processes that are the same or overlap: how alike two cards are, field by field, and which could become one.

The score of a pair is a weighted mean of how alike name, result, incoming documents and the card as a whole are
(cosines of root vectors): the whole card sees a word that one author puts into the name and the other into the result.
A field that either card leaves empty counts as `UNKNOWN_FIELD`, which neither helps nor hurts much. A pair of a lower
score counts as similar, too, if it stands alone (`potok.diagnose.register.lone_pairs`). Pairs that are parent and
child, or of which one supplies the other, do different parts of one thing and are no duplicates.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from scipy import sparse

from potok.diagnose.register import lone_pairs
from potok.diagnose.register.model import Process, Register
from potok.diagnose.register.vectors import FieldSpace, Floats, Integers, build_space
from potok.diagnose.register.words import marked_deeds, roots

WEIGHTS: Final = {"name": 0.3, "inputs": 0.2, "result": 0.3, "card": 0.2}
UNKNOWN_FIELD: Final = 0.2
SIMILAR: Final = 0.38
# Every two processes of a cluster are at least so alike.
IN_CLUSTER: Final = 0.30
OTHER_DEED: Final = 0.6
OTHER_PARTIES: Final = 0.8
PARTIES_DIFFER: Final = 0.1
AGREES: Final = 0.3
BLOCK_ROWS: Final = 512
MOST_PER_PROCESS: Final = 40


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """How alike two cards are in one field.

    Parameters
    ----------
    field
        ``name``, ``result``, ``inputs``, ``card`` (all three together) or ``parties``.
    score
        0–1; None where either card says nothing.
    """

    field: str
    score: float | None


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """Two processes that are alike.

    Parameters
    ----------
    first, second
        Numbers in the register, the lower first.
    score
        0–1.
    fields
        By field; which agree explains the score.
    """

    first: int
    second: int
    score: float
    fields: tuple[FieldAgreement, ...]

    @property
    def agreeing(self) -> tuple[FieldAgreement, ...]:
        """The fields that agree, the best first."""
        alike = [one for one in self.fields if one.score is not None and one.score >= AGREES]
        return tuple(sorted(alike, key=lambda one: -(one.score or 0)))


@dataclass(frozen=True, slots=True)
class Similarity:
    """Similar pairs, best first, and the clusters that they form.

    Parameters
    ----------
    clusters
        Numbers of processes all of which are alike, two or more; the most alike first.
    has_cut_pairs
        Whether some process had more similar ones than are compared.
    by_members
        The pairs by the numbers of their processes.
    """

    pairs: tuple[SimilarPair, ...]
    clusters: tuple[tuple[int, ...], ...]
    has_cut_pairs: bool
    by_members: Mapping[tuple[int, int], SimilarPair] = field(default_factory=dict)


class Cards:
    """The compared fields of all processes as vectors."""

    def __init__(self, processes: Sequence[Process]) -> None:
        self.processes = processes
        self.spaces: dict[str, FieldSpace] = {
            "name": build_space([roots(p.name) for p in processes]),
            "inputs": build_space([_bag(p.inputs) for p in processes]),
            "result": build_space([_bag((*p.outputs, p.result)) for p in processes]),
            "card": build_space([_bag((p.name, *p.inputs, *p.outputs, p.result)) for p in processes]),
            "parties": build_space([_bag((*p.started_by, *p.result_to)) for p in processes]),
        }
        self.deeds = [marked_deeds(p.name) for p in processes]

    def near(self) -> tuple[Integers, Integers, bool]:
        """Return pairs whose weighted cosines reach `lone_pairs.FLOOR` before penalties; whether some were cut."""
        joined = sparse.hstack([self.spaces[name].matrix * np.sqrt(w) for name, w in WEIGHTS.items()]).tocsr()
        given = {name: self.spaces[name].is_filled for name in WEIGHTS}
        firsts, seconds = [], []
        was_cut = False
        for start in range(0, joined.shape[0], BLOCK_ROWS):
            block = (joined[start : start + BLOCK_ROWS] @ joined.T).toarray()
            rows = np.arange(start, start + block.shape[0])
            for name, weight in WEIGHTS.items():
                block += weight * UNKNOWN_FIELD * ~(given[name][rows][:, None] & given[name][None, :])
            later = np.arange(joined.shape[0])[None, :] > rows[:, None]
            first, second = np.nonzero((block >= lone_pairs.FLOOR) & later)
            keep, cut = _best_per_row(first, block[first, second])
            was_cut = was_cut or cut
            firsts.append(rows[first[keep]])
            seconds.append(second[keep])
        return np.concatenate(firsts), np.concatenate(seconds), was_cut

    def score(self, first: Integers, second: Integers) -> tuple[Floats, dict[str, Floats]]:
        """Return the scores of pairs and their cosines by field (NaN where either card says nothing)."""
        cosines = {name: space.cosines(first, second) for name, space in self.spaces.items()}
        filled = {name: np.where(np.isnan(cosines[name]), UNKNOWN_FIELD, cosines[name]) for name in WEIGHTS}
        scores = sum((weight * filled[name] for name, weight in WEIGHTS.items()), np.zeros(len(first)))
        same = [self.deeds[a] == self.deeds[b] for a, b in zip(first.tolist(), second.tolist(), strict=True)]
        scores = scores * np.where(np.array(same, dtype=bool), 1.0, OTHER_DEED)
        with np.errstate(invalid="ignore"):
            differ = cosines["parties"] < PARTIES_DIFFER
        return np.where(differ, scores * OTHER_PARTIES, scores), cosines


def find_similar(
    register: Register, *, contains: Sequence[tuple[int, int]] = (), supplies: Sequence[tuple[int, int]] = ()
) -> Similarity:
    """Find processes that are the same or overlap.

    Parameters
    ----------
    contains
        Numbers of parent and child.
    supplies
        Numbers of maker and user of a document. Neither such pairs are duplicates.

    Returns
    -------
    Similarity
        Pairs of at least `SIMILAR` and lone pairs; no pair of a step and the twin of its parent.
    """
    if len(register.processes) < 2:
        return Similarity((), (), has_cut_pairs=False)
    cards = Cards(register.processes)
    first, second, was_cut = cards.near()
    scores, cosines = cards.score(first, second)
    family = _neighbours(contains)
    linked = _neighbours([*contains, *supplies])
    table = {
        (a, b): (score, place)
        for place, (a, b, score) in enumerate(zip(first.tolist(), second.tolist(), scores.tolist(), strict=True))
        if score >= lone_pairs.FLOOR and b not in linked[a]
    }
    strong = [pair for pair, (score, _place) in table.items() if score >= SIMILAR]
    strong += lone_pairs.find_lone_pairs(
        {pair: score for pair, (score, _place) in table.items()},
        parties={pair: float(cosines["parties"][place]) for pair, (_score, place) in table.items()},
        alike=strong,
    )
    kept = [pair for pair in strong if not _belongs_to_a_neighbour(pair, table, family)]
    pairs = [_pair(pair, table[pair], cosines) for pair in kept]
    ordered = tuple(sorted(pairs, key=lambda pair: (-pair.score, pair.first, pair.second)))
    by_members = {(pair.first, pair.second): pair for pair in ordered}
    return Similarity(ordered, _clusters(ordered, table), was_cut, by_members)


def _pair(pair: tuple[int, int], found: tuple[float, int], cosines: dict[str, Floats]) -> SimilarPair:
    score, place = found
    known = {name: float(values[place]) for name, values in cosines.items()}
    fields = tuple(FieldAgreement(name, None if np.isnan(one) else round(one, 4)) for name, one in known.items())
    return SimilarPair(*pair, round(score, 4), fields)


def _neighbours(links: Sequence[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in links:
        found[one].add(other)
        found[other].add(one)
    return found


def _belongs_to_a_neighbour(
    pair: tuple[int, int], table: dict[tuple[int, int], tuple[float, int]], neighbours: dict[int, set[int]]
) -> bool:
    """Return whether one of two processes is linked to a third that is more like the other: a step of its twin."""
    score = table[pair][0]
    for one, other in (pair, pair[::-1]):
        for third in neighbours[one]:
            near = table.get((min(third, other), max(third, other)))
            if near is not None and near[0] > score:
                return True
    return False


def _clusters(
    pairs: Sequence[SimilarPair], table: dict[tuple[int, int], tuple[float, int]]
) -> tuple[tuple[int, ...], ...]:
    """Join pairs, the most alike first, as long as all members of a cluster are alike (complete linkage)."""
    member_of: dict[int, list[int]] = {}
    for pair in pairs:
        left = member_of.get(pair.first, [pair.first])
        right = member_of.get(pair.second, [pair.second])
        if left is right or not all(_is_near((min(a, b), max(a, b)), table, pair) for a in left for b in right):
            continue
        joined = sorted([*left, *right])
        for number in joined:
            member_of[number] = joined
    found: dict[int, list[int]] = {id(members): members for members in member_of.values()}
    return tuple(tuple(members) for members in found.values())


def _is_near(pair: tuple[int, int], table: dict[tuple[int, int], tuple[float, int]], found: SimilarPair) -> bool:
    """Return whether two processes may be in one cluster: they are alike, or are the pair that was found."""
    return pair == (found.first, found.second) or (pair in table and table[pair][0] >= IN_CLUSTER)


def _best_per_row(rows: Integers, scores: Floats) -> tuple[Any, bool]:
    """Return the places of the best `MOST_PER_PROCESS` of each row, and if any of `IN_CLUSTER` was left out."""
    order = np.lexsort((-scores, rows))
    starts = np.searchsorted(rows[order], rows[order], side="left")
    is_kept = np.arange(len(order)) - starts < MOST_PER_PROCESS
    return np.sort(order[is_kept]), bool((scores[order[~is_kept]] >= IN_CLUSTER).any())


def _bag(texts: Sequence[str]) -> list[str]:
    return list(_words(texts))


def _words(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from roots(text)
