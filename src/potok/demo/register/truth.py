"""What was planted in a made-up register."""

from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any


@dataclass(slots=True)
class RegisterTruth:
    """What a diagnosis of the register should find; processes are named by their codes.

    Parameters
    ----------
    processes
        How many the register has.
    clusters
        Processes that are the same, worded differently.
    serves_nobody, addressee_unknown
        Whose result goes to nobody, as the register says; of which it says nothing.
    report_chains
        Internal reports, each feeding the next.
    no_owner, no_act, long_participants, by_hand
        Codes.
    cycles
        Processes that are each other's parents.
    held_documents
        Documents that applicants bring although the state holds them.
    by_own_order
        Processes under an order of the ministry itself; another act binds all others that have one.
    """

    processes: int = 0
    clusters: list[list[str]] = field(default_factory=list)
    serves_nobody: list[str] = field(default_factory=list)
    addressee_unknown: list[str] = field(default_factory=list)
    report_chains: list[list[str]] = field(default_factory=list)
    no_owner: list[str] = field(default_factory=list)
    no_act: list[str] = field(default_factory=list)
    long_participants: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)
    cycles: list[list[str]] = field(default_factory=list)
    held_documents: list[str] = field(default_factory=list)
    by_own_order: list[str] = field(default_factory=list)

    def pairs(self) -> set[frozenset[str]]:
        """Return the pairs of processes that are the same."""
        return {frozenset(pair) for cluster in self.clusters for pair in combinations(cluster, 2)}

    def merged_processes(self) -> int:
        """Return how many processes merging would take away: k processes become one."""
        groups = [set(group) for group in (*self.clusters, *self.report_chains)]
        return sum(len(group) for group in groups) - len(groups)

    def as_record(self) -> dict[str, Any]:
        """Return the truth as JSON holds it."""
        taken_away = len(self.serves_nobody) + self.merged_processes()
        return {
            "schema": "potok.register-truth/1",
            **asdict(self),
            "removed_processes": len(self.serves_nobody),
            "merged_processes": self.merged_processes(),
            "share_of_processes": taken_away / self.processes if self.processes else None,
        }
