"""Parents and children of a register: which process contains which, and where they go round in a circle."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from potok.diagnose.register.model import Issue, IssueKind, Process, Register


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Which process contains which.

    Parameters
    ----------
    links
        Numbers of parent and child.
    cycles
        Processes each of which is above the others, in the order of the register.
    issues
        Parents and children that the register does not have, or has more than once.
    """

    links: tuple[tuple[int, int], ...]
    cycles: tuple[tuple[int, ...], ...]
    issues: tuple[Issue, ...]


def find_hierarchy(register: Register) -> Hierarchy:
    """Find who is whose parent, by name or code."""
    known: dict[str, list[int]] = defaultdict(list)
    for process in register.processes:
        for name in {_plain(process.name), _plain(process.code)}:
            known[name].append(process.number)
    links: set[tuple[int, int]] = set()
    issues: list[Issue] = []
    for process in register.processes:
        links |= {(other, process.number) for other in _find(process, process.parents, known, issues)}
        links |= {(process.number, other) for other in _find(process, process.children, known, issues)}
    return Hierarchy(tuple(sorted(links)), find_cycles(len(register.processes), sorted(links)), tuple(issues))


def find_cycles(count: int, links: Sequence[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """Return the strongly connected groups of more than one, and those that are linked to themselves."""
    if not links:
        return ()
    heads, tails = np.array(links).T
    graph = sparse.csr_matrix((np.ones(len(links)), (heads, tails)), shape=(count, count))
    _number, labels = sparse.csgraph.connected_components(graph, directed=True, connection="strong")
    groups: dict[int, list[int]] = defaultdict(list)
    for number, label in enumerate(labels.tolist()):
        groups[label].append(number)
    own = {one for one, other in links if one == other}
    return tuple(tuple(group) for group in groups.values() if len(group) > 1 or group[0] in own)


def _find(process: Process, names: Sequence[str], known: dict[str, list[int]], issues: list[Issue]) -> list[int]:
    found = []
    for name in names:
        numbers = known.get(_plain(name), [])
        if len(numbers) == 1:
            found += numbers
        else:
            kind = IssueKind.AMBIGUOUS_PROCESS if numbers else IssueKind.UNKNOWN_PROCESS
            issues.append(Issue(kind, process.where, name[:200], is_rejected=True))
    return found


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("ё", "е").strip(' .«»"').split())
