"""Diagnoses a register of processes: every analysis once, and what follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from potok.diagnose.register.documents import AskedDocument, find_asked_documents, supply_links
from potok.diagnose.register.duties import (
    LongChain,
    ServesNobody,
    WorkByHand,
    find_long_chains,
    find_serving_nobody,
    find_without,
    find_work_by_hand,
)
from potok.diagnose.register.evidence import Evidence
from potok.diagnose.register.hierarchy import Hierarchy, find_hierarchy
from potok.diagnose.register.hours import ProcessHours, process_hours
from potok.diagnose.register.model import Field, Process, Register
from potok.diagnose.register.parties import own_units_of
from potok.diagnose.register.proposals import Grounds, Proposal, propose
from potok.diagnose.register.report_chains import ReportChain, find_report_chains
from potok.diagnose.register.share import RegisterShare, count_share
from potok.diagnose.register.similarity import Similarity, find_similar


@dataclass(frozen=True, slots=True)
class RegisterDiagnosis:
    """What was found in a register.

    Parameters
    ----------
    register, evidence
        What it rests on.
    similarity, chains, nobody, documents, hierarchy, long_chains, by_hand
        By analysis; processes are numbers of the register.
    without_owner, without_act
        None if the register has no such column.
    hours
        Of every process.
    proposals, share
        What could be done, and how much of the register that is.
    """

    register: Register
    evidence: Evidence
    similarity: Similarity
    chains: tuple[ReportChain, ...]
    nobody: tuple[ServesNobody, ...]
    documents: tuple[AskedDocument, ...]
    hierarchy: Hierarchy
    long_chains: tuple[LongChain, ...]
    by_hand: tuple[WorkByHand, ...]
    without_owner: tuple[int, ...] | None
    without_act: tuple[int, ...] | None
    hours: tuple[ProcessHours, ...]
    proposals: tuple[Proposal, ...]
    share: RegisterShare

    def process(self, number: int) -> Process:
        """Return a process by its number."""
        return self.register.processes[number]


def diagnose_register(register: Register, *, evidence: Evidence | None = None) -> RegisterDiagnosis:
    """Find what in a register overlaps, serves nobody, is asked twice or has gaps, and the share that could go.

    Parameters
    ----------
    evidence
        Logs and pilots of processes; None if there are none.
    """
    known = evidence or Evidence()
    own_units = own_units_of(register)
    hierarchy = find_hierarchy(register)
    supplies = supply_links(register)
    chains = find_report_chains(register, own_units=own_units, supplies=supplies)
    nobody = find_serving_nobody(register, own_units=own_units, supplies=supplies, contains=hierarchy.links)
    similarity = find_similar(register, contains=hierarchy.links, supplies=[*supplies, *_along(chains)])
    by_hand = find_work_by_hand(register)
    hours = process_hours(register, known)
    proposals = propose(register, Grounds(nobody, similarity, chains, by_hand), evidence=known, hours=hours)
    return RegisterDiagnosis(
        register=register,
        evidence=known,
        similarity=similarity,
        chains=chains,
        nobody=nobody,
        documents=find_asked_documents(register, own_units),
        hierarchy=hierarchy,
        long_chains=find_long_chains(register),
        by_hand=by_hand,
        without_owner=find_without(register, Field.OWNER),
        without_act=find_without(register, Field.ACT),
        hours=hours,
        proposals=proposals,
        share=count_share(proposals, hours),
    )


def _along(chains: Sequence[ReportChain]) -> list[tuple[int, int]]:
    """Return the pairs of a chain, which hang together by feeding each other."""
    return [pair for chain in chains for pair in combinations(chain.processes, 2)]
