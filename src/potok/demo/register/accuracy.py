"""How much of what was planted in made-up registers is found, and how much else."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from potok.demo.register.planting import make_register
from potok.demo.register.writing import register_workbook
from potok.diagnose.register.diagnosis import RegisterDiagnosis, diagnose_register
from potok.diagnose.register.duties import Receiver
from potok.diagnose.register.reading import read_register

SINGLE: Final = ("serves_nobody", "addressee_unknown", "no_owner", "no_act", "long_participants", "by_hand")


@dataclass(frozen=True, slots=True)
class Accuracy:
    """One kind of finding: planted and found, found but not planted, planted but not found."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of what was found that was planted; 1 if nothing was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of what was planted that was found; 1 if nothing was planted."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def found_kinds(result: RegisterDiagnosis) -> dict[str, set[object]]:
    """Return what was found, by kind, in codes."""

    def codes(numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(result.process(number).code for number in numbers)

    return {
        "similar": {frozenset(codes((pair.first, pair.second))) for pair in result.similarity.pairs},
        "serves_nobody": {codes([one.process]) for one in result.nobody if one.receiver is Receiver.NOBODY},
        "addressee_unknown": {codes([one.process]) for one in result.nobody if one.receiver is Receiver.NOT_GIVEN},
        "report_chains": {codes(chain.processes) for chain in result.chains},
        "no_owner": {codes([number]) for number in result.without_owner or ()},
        "no_act": {codes([number]) for number in result.without_act or ()},
        "long_participants": {codes([one.process]) for one in result.long_chains},
        "by_hand": {codes([one.process]) for one in result.by_hand},
        "cycles": {frozenset(codes(cycle)) for cycle in result.hierarchy.cycles},
        "held_documents": {name for one in result.documents if one.holder for name in one.wordings},
    }


def planted_kinds(truth: Mapping[str, Any]) -> dict[str, set[object]]:
    """Return what was planted, by kind, in codes, from the record of a truth."""
    return {
        "similar": {frozenset(pair) for cluster in truth["clusters"] for pair in combinations(cluster, 2)},
        **{kind: {(code,) for code in truth[kind]} for kind in SINGLE},
        "report_chains": {tuple(chain) for chain in truth["report_chains"]},
        "cycles": {frozenset(cycle) for cycle in truth["cycles"]},
        "held_documents": set(truth["held_documents"]),
    }


def measure_accuracy(folder: Path, *, seeds: Iterable[int], **options: Any) -> dict[str, Accuracy]:
    """Make up registers, write, read and diagnose them, and add up the accuracy of each kind.

    Parameters
    ----------
    folder
        Where the workbooks are written.
    options
        Of `make_register`, without the seed.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for seed in seeds:
        made = make_register(seed=seed, **options)
        path = folder / f"{seed}.xlsx"
        path.write_bytes(register_workbook(made))
        found = found_kinds(diagnose_register(read_register(path)))
        for kind, true in planted_kinds(made.truth.as_record()).items():
            sizes = {"right": found[kind] & true, "wrong": found[kind] - true, "missed": true - found[kind]}
            counts.update({(kind, name): len(members) for name, members in sizes.items()})
    kinds = {kind for kind, _name in counts}
    return {kind: Accuracy(*(counts[kind, name] for name in ("right", "wrong", "missed"))) for kind in sorted(kinds)}
