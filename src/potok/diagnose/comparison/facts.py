"""What is known of cases: channel, service, agency, the unit that opened them, and their attributes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import ibis
import numpy as np
from numpy.typing import NDArray

from potok.engine.base import Engine
from potok.engine.tables import CASES
from potok.log.store import LogStore
from potok.measure.case_groups import COLUMNS, opening_units, read_case_attributes
from potok.measure.running import fetch

OPENING_UNIT: Final = "org_unit"
PLACES: Final = tuple(column for column in COLUMNS if column != "outcome")


@dataclass(frozen=True, slots=True)
class Fact:
    """One column of what is known of cases.

    Parameters
    ----------
    name
        ``channel``, ``service``, ``agency``, ``org_unit`` (of the first activity instance) or ``attr:NAME``.
    values
        Of each case asked for, in that order; None where unknown.
    """

    name: str
    values: tuple[str | None, ...]

    @property
    def varies(self) -> bool:
        """Whether there is more than one value."""
        return len(set(self.values)) > 1


def case_columns(cases: ibis.Table) -> ibis.Table:
    """Return one row per case: `case`, `channel`, `service`, `agency`."""
    return cases.select("case", *PLACES)


def read_facts(store: LogStore, case: NDArray[np.int64], *, engine: Engine | None = None) -> tuple[Fact, ...]:
    """Read what is known of cases; columns that never vary are left out.

    Attributes with more than a thousand values tell nothing of kinds of case, and are left out as well.

    Parameters
    ----------
    case
        Shape (n,): codes of cases.
    """
    rows = fetch(case_columns(CASES), store, engine)
    held = rows["case"].to_numpy()
    facts = [_in_order(name, case, held, rows[name].to_pylist()) for name in PLACES]
    units = fetch(opening_units(), store, engine)
    facts.append(_in_order(OPENING_UNIT, case, units["case"].to_numpy(), units["label"].to_pylist()))
    for name, labels in read_case_attributes(store):
        facts.append(_in_order(name, case, labels["case"].to_numpy(), labels["label"].to_pylist()))
    # A column that fills a role is an attribute as well.
    distinct = {fact.values: fact for fact in reversed(facts)}
    return tuple(fact for fact in facts if fact.varies and distinct[fact.values] is fact)


def _in_order(name: str, case: NDArray[np.int64], held: NDArray[np.int64], labels: Sequence[str | None]) -> Fact:
    by_case = dict(zip(held.tolist(), labels, strict=True))
    return Fact(name, tuple(by_case.get(code) or None for code in case.tolist()))
