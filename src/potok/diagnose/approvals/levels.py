"""Levels of approval: declared, or guessed from the names of activities; and the chains they form.

Levels belong to one chain if one directly follows the other in a share `LINK_SHARE` at least of the runs of the rarer
of them. Within a chain they are ordered by which begins first in most cases that have both (Copeland's rule: by the
number of other levels that a level mostly precedes).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import ibis
import pyarrow as pa

from potok.core.language import mark
from potok.diagnose.approvals.words import ApprovalWord, read_name
from potok.engine.base import Given
from potok.measure.sequences import variant_positions

Basis = Literal["declared", "decision_word", "check_word"]

LINK_SHARE: Final = 0.1
MOST_LEVELS: Final = 100
LEVELS: Final = "approval_levels"

BASES: Final = {
    "declared": mark("declared"),
    "decision_word": mark("guessed from a word of decision in the name"),
    "check_word": mark("guessed from a word of checking in the name"),
}


@dataclass(frozen=True, slots=True)
class ApprovalLevel:
    """One level of approval.

    Parameters
    ----------
    name
        Label of the most frequent activity that grants it, unless declared.
    approvals, refusals
        Labels of the activities that record its two answers; a level may have no refusals of its own.
    basis
        How it was recognised.
    """

    name: str
    approvals: tuple[str, ...]
    refusals: tuple[str, ...] = ()
    basis: Basis = "declared"

    @property
    def activities(self) -> tuple[str, ...]:
        """All its activities."""
        return (*self.approvals, *self.refusals)


def guess_levels(counts: Mapping[str, int]) -> tuple[ApprovalLevel, ...]:
    """Return the levels that the names of activities seem to mean, by name; at most `MOST_LEVELS`, the most frequent.

    Parameters
    ----------
    counts
        Instances by label.
    """
    read = {label: named for label in counts if (named := read_name(label))}
    granted, refused = defaultdict(list), defaultdict(list)
    for label, named in sorted(read.items()):
        if named.word in (ApprovalWord.DECISION, ApprovalWord.CHECK):
            granted[named.stem].append(label)
        elif named.word is ApprovalWord.REFUSAL:
            refused[named.stem].append(label)
    levels = []
    for stem, labels in granted.items():
        is_decision = any(read[label].word is ApprovalWord.DECISION for label in labels)
        levels.append(
            ApprovalLevel(
                name=max(labels, key=lambda label: counts[label]),
                approvals=tuple(labels),
                refusals=tuple(refused[stem]),
                basis="decision_word" if is_decision else "check_word",
            )
        )
    ranked = sorted(levels, key=lambda level: (-sum(counts[label] for label in level.activities), level.name))
    return tuple(sorted(ranked[:MOST_LEVELS], key=lambda level: level.name))


def guess_corrections(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the activities whose names say that something is corrected, sorted."""
    read = ((label, read_name(label)) for label in labels)
    return tuple(sorted(label for label, named in read if named and named.word is ApprovalWord.CORRECTION))


def level_table() -> ibis.Table:
    """Return the unbound table of levels: `activity`, `level` (place in the list of levels), `is_refusal`."""
    return ibis.table({"activity": "int32", "level": "int32", "is_refusal": "boolean"}, name=LEVELS)


def given_levels(levels: Sequence[ApprovalLevel], codes: Mapping[str, int]) -> Given:
    """Return the table of levels; see `level_table`. An activity of two levels belongs to the first."""
    rows: dict[int, tuple[int, bool]] = {}
    for place, level in enumerate(levels):
        for label in level.activities:
            rows.setdefault(codes[label], (place, label in level.refusals))
    columns = {
        "activity": pa.array(list(rows), pa.int32()),
        "level": pa.array([place for place, _is_refusal in rows.values()], pa.int32()),
        "is_refusal": pa.array([is_refusal for _place, is_refusal in rows.values()], pa.bool_()),
    }
    return {LEVELS: pa.table(columns)}


def level_positions(variants: ibis.Table) -> ibis.Table:
    """Return one row per variant and run of a level: `variant`, `position`, `level`, `is_refusal`, `cases`."""
    positions = variant_positions(variants)
    joined = positions.inner_join(level_table(), "activity")
    return joined.select("variant", "position", "level", "is_refusal", "cases")


def level_successions(variants: ibis.Table) -> ibis.Table:
    """Return one row per pair of different levels that directly follow each other: `level`, `next_level`, `count`."""
    here = level_positions(variants)
    there = here.select("variant", next_level="level", position=(here.position - 1).cast("int32"))
    pairs = here.inner_join(there, ["variant", "position"])
    pairs = pairs.filter(pairs.level != pairs.next_level)
    return pairs.group_by("level", "next_level").aggregate(count=pairs.cases.sum().cast("int64"))


def level_precedences(variants: ibis.Table) -> ibis.Table:
    """Return one row per ordered pair of levels: `level`, `later_level`, `cases` in which the first begins earlier."""
    held = level_positions(variants)
    firsts = held.group_by("variant", "level", "cases").aggregate(first_position=held.position.min())
    others = firsts.select("variant", later_level="level", later_position="first_position")
    pairs = firsts.inner_join(others, "variant")
    pairs = pairs.filter(pairs.first_position < pairs.later_position)
    return pairs.group_by("level", "later_level").aggregate(cases=pairs.cases.sum().cast("int64"))


def chain_levels(
    runs: Mapping[int, int], successions: Iterable[tuple[int, int, int]], precedences: Iterable[tuple[int, int, int]]
) -> tuple[tuple[int, ...], ...]:
    """Return the chains of levels, each in order; longer chains first, then those with more runs.

    Parameters
    ----------
    runs
        Of each level.
    successions, precedences
        Rows of `level_successions` and `level_precedences`.
    """
    parent = {level: level for level in runs}
    for level, following, count in successions:
        if count >= LINK_SHARE * min(runs[level], runs[following]):
            parent[_root(parent, following)] = _root(parent, level)
    earlier = {(level, later): cases for level, later, cases in precedences}
    members = defaultdict(list)
    for level in runs:
        members[_root(parent, level)].append(level)
    chains = [tuple(sorted(levels, key=_rank(levels, earlier))) for levels in members.values()]
    return tuple(sorted(chains, key=lambda levels: (-len(levels), -sum(runs[level] for level in levels), levels)))


def _root(parent: Mapping[int, int], level: int) -> int:
    while parent[level] != level:
        level = parent[level]
    return level


def _rank(levels: Sequence[int], earlier: Mapping[tuple[int, int], int]) -> Any:
    wins = {
        level: sum(earlier.get((level, other), 0) > earlier.get((other, level), 0) for other in levels)
        for level in levels
    }
    return lambda level: (-wins[level], level)
