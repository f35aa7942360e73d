"""Chains of internal reports: one report feeds the next, which feeds the next, and none leaves the house."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from potok.diagnose.register.hierarchy import find_cycles
from potok.diagnose.register.model import Process, Register
from potok.diagnose.register.parties import Party, parties_of
from potok.diagnose.register.words import report_words, roots

SHORTEST_CHAIN: Final = 3
_TITLE_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class ReportChain:
    """Internal reports that feed each other.

    Parameters
    ----------
    processes
        Numbers along the longest way, from the source to the last reader.
    depth
        How many reports that is.
    feeders
        Other internal reports that feed one of them.
    is_loop
        Whether reports feed each other in a circle, so that there is no first one.
    """

    processes: tuple[int, ...]
    depth: int
    feeders: tuple[int, ...]
    is_loop: bool = False


def is_report(process: Process) -> bool:
    """Return whether the result of a process is a report, by the first words of what goes out."""
    return any(report_words() & set(roots(name)[:_TITLE_WORDS]) for name in process.products)


def find_report_chains(
    register: Register, *, own_units: frozenset[str], supplies: Sequence[tuple[int, int]]
) -> tuple[ReportChain, ...]:
    """Find chains of at least `SHORTEST_CHAIN` internal reports, deepest first.

    A report is internal if all its receivers belong to the ministry. Of several ways through the same reports the
    longest is given; those that only feed it are named as feeders.
    """
    internal = {
        process.number
        for process in register.processes
        if is_report(process) and parties_of(process.result_to, own_units) == {Party.INTERNAL}
    }
    links = [(maker, user) for maker, user in supplies if maker in internal and user in internal]
    loops = find_cycles(len(register.processes), links)
    in_loop = {number for loop in loops for number in loop}
    chains = [ReportChain(loop, len(loop), (), is_loop=True) for loop in loops if len(loop) >= SHORTEST_CHAIN]
    free = [(maker, user) for maker, user in links if not {maker, user} & in_loop]
    for group in _groups(free):
        way = _longest_way([link for link in free if link[0] in group])
        if len(way) >= SHORTEST_CHAIN:
            chains.append(ReportChain(way, len(way), tuple(sorted(group - set(way)))))
    return tuple(sorted(chains, key=lambda chain: (-chain.depth, chain.processes)))


def _groups(links: Sequence[tuple[int, int]]) -> list[set[int]]:
    """Return the connected groups of links."""
    group_of: dict[int, set[int]] = {}
    for one, other in links:
        joined = group_of.get(one, {one}) | group_of.get(other, {other})
        for number in joined:
            group_of[number] = joined
    return list({id(group): group for group in group_of.values()}.values())


def _longest_way(links: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Return the longest way along links that form no cycle; of equal ones that with the lower numbers."""
    users: dict[int, list[int]] = defaultdict(list)
    waiting: dict[int, int] = defaultdict(int)
    for maker, user in sorted(links):
        users[maker].append(user)
        waiting[user] += 1
    best: dict[int, tuple[int, ...]] = {number: (number,) for link in links for number in link}
    ready = sorted(number for number in best if not waiting[number])
    while ready:
        number = ready.pop(0)
        for user in users[number]:
            longer = (*best[number], user)
            if (-len(longer), longer) < (-len(best[user]), best[user]):
                best[user] = longer
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    return min(best.values(), key=lambda way: (-len(way), way))
