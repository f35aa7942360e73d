"""What could be done with the processes of a register: remove, merge, automate; each with its evidence.

A proposal is a question to examine, never a decision. Merging k processes takes k − 1 away. A process that another act
than the ministry's own order binds stands apart, with the act.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from potok.diagnose.register.acts import binding_acts
from potok.diagnose.register.duties import ServesNobody, WorkByHand
from potok.diagnose.register.evidence import Evidence, EvidenceClass
from potok.diagnose.register.hours import ProcessHours
from potok.diagnose.register.model import Process, Register
from potok.diagnose.register.report_chains import ReportChain
from potok.diagnose.register.similarity import Similarity


class Action(StrEnum):
    """What could be done."""

    REMOVE = "remove"
    MERGE = "merge"
    AUTOMATE = "automate"


class Basis(StrEnum):
    """Which analysis proposes it."""

    SERVES_NOBODY = "serves_nobody"
    SIMILAR = "similar"
    REPORT_CHAIN = "report_chain"
    SIMILAR_AND_CHAIN = "similar_and_chain"
    WORK_BY_HAND = "work_by_hand"


@dataclass(frozen=True, slots=True)
class BoundProcess:
    """A process that acts bind which the ministry cannot amend by itself."""

    process: int
    acts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing to examine.

    Parameters
    ----------
    action, basis
        What, and which analysis proposes it.
    processes
        Numbers of all that it concerns.
    keep
        The one that would stay when they are merged; None otherwise.
    free
        Numbers of those that would go (be automated) and that only the ministry's own acts govern, or none.
    bound
        Those that would go (be automated) but are bound by law, with the acts to amend.
    evidence
        Class of the evidence; `lowest_score` that of the least similar pair of a cluster, None if similarity plays
        no part.
    without_act
        Numbers among `free` that name no act at all: whether one binds them has to be found out first.
    """

    action: Action
    basis: Basis
    processes: tuple[int, ...]
    keep: int | None
    free: tuple[int, ...]
    bound: tuple[BoundProcess, ...]
    evidence: EvidenceClass
    lowest_score: float | None = None
    without_act: tuple[int, ...] = ()

    def identifier(self, register: Register) -> str:
        """Return an id that stays the same when the same register is read again."""
        codes = (register.processes[number].code for number in self.processes)
        text = "\x1f".join((self.action, self.basis, *codes))
        return "R-" + hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the analyses of a register found, as far as proposals follow from it."""

    nobody: tuple[ServesNobody, ...]
    similarity: Similarity
    chains: tuple[ReportChain, ...]
    by_hand: tuple[WorkByHand, ...]


def propose(
    register: Register, grounds: Grounds, *, evidence: Evidence, hours: Sequence[ProcessHours]
) -> tuple[Proposal, ...]:
    """Derive proposals; each process goes by one of them at most, removal before merging before automation.

    Returns
    -------
    tuple of Proposal
        Those with most applicant-hours in what would go first, then staff-hours, then processes; bound ones count
        last.
    """
    removed = [one.process for one in grounds.nobody if one.is_stated]
    maker = _Maker(register, evidence)
    proposals = [maker.single(Action.REMOVE, Basis.SERVES_NOBODY, number) for number in removed]
    taken = set(removed)
    merged = maker.mergers(grounds, taken)
    proposals += merged
    taken |= {number for one in merged for number in _gone(one)}
    by_hand = [one.process for one in grounds.by_hand if one.process not in taken]
    proposals += [maker.single(Action.AUTOMATE, Basis.WORK_BY_HAND, number) for number in by_hand]

    def rank(one: Proposal) -> tuple[float, float, int, int, tuple[int, ...]]:
        return (
            -sum(hours[number].applicant_hours or 0 for number in one.free),
            -sum(hours[number].staff_hours or 0 for number in one.free),
            -len(one.free),
            -len(one.bound),
            one.processes,
        )

    return tuple(sorted(proposals, key=rank))


def _gone(one: Proposal) -> tuple[int, ...]:
    return (*one.free, *(bound.process for bound in one.bound))


class _Maker:
    def __init__(self, register: Register, evidence: Evidence) -> None:
        self.register = register
        self.evidence = evidence

    def single(self, action: Action, basis: Basis, number: int) -> Proposal:
        free, bound = self.split((number,))
        supported = action is Action.REMOVE and self.evidence.logs_support_removal(number)
        return Proposal(
            action,
            basis,
            (number,),
            None,
            free,
            bound,
            self.class_of((number,), by_log=supported),
            without_act=self.without_act(free),
        )

    def mergers(self, grounds: Grounds, taken: set[int]) -> list[Proposal]:
        """Return one proposal per group of clusters and chains that share a process, so that k − 1 holds for each."""
        found = [(Basis.SIMILAR, cluster) for cluster in grounds.similarity.clusters]
        found += [(Basis.REPORT_CHAIN, chain.processes) for chain in grounds.chains]
        sources = [(basis, tuple(n for n in members if n not in taken)) for basis, members in found]
        groups = _joined([(basis, members) for basis, members in sources if len(members) > 1])
        scores = {(pair.first, pair.second): pair.score for pair in grounds.similarity.pairs}
        last = {chain.processes[-1] for chain in grounds.chains if not chain.is_loop}
        return [self.merger(members, bases, scores, last) for members, bases in groups]

    def merger(
        self, members: tuple[int, ...], bases: set[Basis], scores: dict[tuple[int, int], float], last: set[int]
    ) -> Proposal:
        keep = min(members, key=lambda number: self.claim_to_stay(number, last))
        free, bound = self.split(tuple(number for number in members if number != keep))
        within = [scores[pair] for pair in combinations(members, 2) if pair in scores]
        by_log = bases == {Basis.SIMILAR} and self.evidence.logs_support_merging(members)
        return Proposal(
            Action.MERGE,
            next(iter(bases)) if len(bases) == 1 else Basis.SIMILAR_AND_CHAIN,
            members,
            keep,
            free,
            bound,
            self.class_of((*free, *(one.process for one in bound)), by_log=by_log),
            min(within) if within else None,
            self.without_act(free),
        )

    def claim_to_stay(self, number: int, last: set[int]) -> tuple[bool, bool, float, int]:
        """Order the members of a group: what law binds stays, then who has the last reader, then the largest."""
        process = self.register.processes[number]
        return (not binding_acts(process), number not in last, -(process.volume_per_year or 0), number)

    def split(self, numbers: Sequence[int]) -> tuple[tuple[int, ...], tuple[BoundProcess, ...]]:
        """Part processes into those that the ministry may change by itself and those that law binds."""
        acts = {number: binding_acts(self.register.processes[number]) for number in numbers}
        bound = tuple(BoundProcess(number, found) for number, found in acts.items() if found)
        return tuple(number for number in numbers if not acts[number]), bound

    def without_act(self, numbers: Sequence[int]) -> tuple[int, ...]:
        return tuple(number for number in numbers if not self.process(number).acts)

    def process(self, number: int) -> Process:
        return self.register.processes[number]

    def class_of(self, numbers: Sequence[int], *, by_log: bool) -> EvidenceClass:
        if self.evidence.has_pilot(numbers):
            return EvidenceClass.PILOT
        return EvidenceClass.LOG if by_log else EvidenceClass.TEXT


def _joined(sources: Sequence[tuple[Basis, tuple[int, ...]]]) -> list[tuple[tuple[int, ...], set[Basis]]]:
    """Join groups that share a member."""
    group_of: dict[int, tuple[set[int], set[Basis]]] = {}
    for basis, members in sources:
        joined, bases = set(members), {basis}
        for others, other_bases in [group_of[number] for number in members if number in group_of]:
            joined |= others
            bases |= other_bases
        for number in joined:
            group_of[number] = (joined, bases)
    groups = {id(group[0]): group for group in group_of.values()}
    return [(tuple(sorted(members)), bases) for members, bases in groups.values()]
