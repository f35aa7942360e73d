"""How much of what is planted in made-up registers is found, and how much else."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from potok.demo.register.planting import make_register
from potok.demo.register.writing import register_workbook
from potok.diagnose.register.diagnosis import RegisterDiagnosis, diagnose_register
from potok.diagnose.register.reading import read_register


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Counts of one kind of finding."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def found_kinds(result: RegisterDiagnosis) -> dict[str, set[object]]:
    """Return what was found, by kind, in codes."""

    def codes(numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(result.process(number).code for number in numbers)

    return {
        "similar": {frozenset(codes((pair.first, pair.second))) for pair in result.similarity.pairs},
        "serves_nobody": {codes([one.process]) for one in result.nobody if one.is_stated},
        "addressee_unknown": {codes([one.process]) for one in result.nobody if one.receiver == "not_given"},
        "report_chains": {codes(chain.processes) for chain in result.chains},
        "no_owner": {codes([number]) for number in result.without_owner or ()},
        "no_act": {codes([number]) for number in result.without_act or ()},
        "long_participants": {codes([one.process]) for one in result.long_chains},
        "by_hand": {codes([one.process]) for one in result.by_hand},
        "cycles": {frozenset(codes(cycle)) for cycle in result.hierarchy.cycles},
        "held_documents": {name for one in result.documents if one.holder for name in one.wordings},
    }


def planted_kinds(truth: dict[str, object]) -> dict[str, set[object]]:
    """Return what was planted, by kind, in codes."""
    pairs = {frozenset((a, b)) for group in truth["clusters"] for a in group for b in group if a < b}  # type: ignore[attr-defined]
    single = ("serves_nobody", "addressee_unknown", "no_owner", "no_act", "long_participants", "by_hand")
    return {
        "similar": pairs,
        **{kind: {(code,) for code in truth[kind]} for kind in single},  # type: ignore[attr-defined]
        "report_chains": {tuple(chain) for chain in truth["report_chains"]},  # type: ignore[attr-defined]
        "cycles": {frozenset(cycle) for cycle in truth["cycles"]},  # type: ignore[attr-defined]
        "held_documents": set(truth["held_documents"]),  # type: ignore[call-overload]
    }


def compare(found: dict[str, set[object]], planted: dict[str, set[object]]) -> dict[str, Accuracy]:
    """Return the accuracy of each kind."""
    return {
        kind: Accuracy(len(found[kind] & true), len(found[kind] - true), len(true - found[kind]))
        for kind, true in planted.items()
    }


def measure_accuracy(folder: Path, *, seeds: Iterable[int], **options: object) -> dict[str, Accuracy]:
    """Make up registers, read and diagnose them, and add up the accuracy of each kind."""
    counts: Counter[tuple[str, str]] = Counter()
    for seed in seeds:
        made = make_register(seed=seed, **options)  # type: ignore[arg-type]
        path = folder / f"{seed}.xlsx"
        path.write_bytes(register_workbook(made))
        result = diagnose_register(read_register(path))
        for kind, one in compare(found_kinds(result), planted_kinds(made.truth.as_record())).items():
            counts.update({(kind, "right"): one.right, (kind, "wrong"): one.wrong, (kind, "missed"): one.missed})
    kinds = {kind for kind, _count in counts}
    return {kind: Accuracy(counts[kind, "right"], counts[kind, "wrong"], counts[kind, "missed"]) for kind in kinds}
