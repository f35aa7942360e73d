"""Boundaries that add waiting of their own, as findings."""

from typing import Final

from potok.core.change import Reroute
from potok.core.finding import Confidence, Finding, FindingKind, Waste
from potok.core.language import mark
from potok.diagnose.holder_places import holders_of_place, place_of_holders
from potok.diagnose.silos.boundary_time import BoundaryTime, find_boundary_examples, list_boundary_cases
from potok.diagnose.silos.silo_index import BoundaryExcess, SiloIndex
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.evidence import CaseEvidence

FEWEST_CROSSINGS: Final = 20
TRIFLE_SHARE: Final = 0.001
MOST_FINDINGS: Final = 5
ASSUMPTION: Final = mark(
    "Waits for the same activity inside one holder are taken to tell how long those at the boundary would otherwise be."
)


def find_silos(
    index: SiloIndex, boundaries: BoundaryTime, store: LogStore, *, engine: Engine | None = None
) -> tuple[Finding, ...]:
    """Return the boundaries at which waits are longer than inside, largest excess first; they claim no ledger time.

    None unless the silo index is above 0 beyond chance. `affected_seconds` is all the waiting at the boundary, of which
    the excess is a part.

    Parameters
    ----------
    boundaries
        Of the same holders.
    """
    if not index.lower or not boundaries.lead_seconds:
        return ()
    least = TRIFLE_SHARE * boundaries.lead_seconds
    chosen = [
        place for place in index.boundaries if place.crossings >= FEWEST_CROSSINGS and place.excess_seconds > least
    ]
    named = chosen[:MOST_FINDINGS]
    ends = [(place.source, place.target) for place in named]
    examples = find_boundary_examples(store, ends, holder=boundaries.holder, engine=engine)
    return tuple(_finding(place, boundaries, examples[place.source, place.target]) for place in named)


def list_silo_finding_cases(
    store: LogStore, finding: Finding, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases behind a finding of `find_silos`; their seconds are those affected.

    Raises
    ------
    UnknownPlaceError, UnknownAttributeError
        If the finding names what the log does not have.
    """
    holder, source, target = holders_of_place(finding.where)
    return list_boundary_cases(store, source, target, holder=holder, limit=limit, engine=engine)


def _finding(place: BoundaryExcess, boundaries: BoundaryTime, examples: tuple[int, ...]) -> Finding:
    holder = boundaries.holder
    known = next(b for b in boundaries.boundaries if (b.source, b.target) == (place.source, place.target))
    return Finding(
        kind=FindingKind.SILO,
        waste=Waste.TRANSPORT,
        where=place_of_holders(holder, place.source, place.target),
        cases=known.cases,
        occurrences=known.count,
        example_cases=examples,
        affected_seconds=known.seconds,
        confidence=Confidence.INFERRED,
        assumption=ASSUMPTION,
        changes=(Reroute(from_unit=place.source, to_unit=place.source),) if holder == "org_unit" else (),
    )
