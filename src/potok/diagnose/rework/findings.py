"""Return loops and ping-pong as findings."""

from typing import Final

from potok.core.finding import Confidence, Finding, FindingKind, Place, Waste
from potok.core.language import mark
from potok.diagnose.holder_places import holders_of_place, place_of_holders
from potok.diagnose.rework.ping_pong import PingPong, PingPongPair, find_ping_pong_examples, list_ping_pong_cases
from potok.diagnose.rework.return_loops import ReturnLoop, ReturnLoops, find_loop_examples, list_return_cases
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.evidence import CaseEvidence

FEWEST_CASES: Final = 5
TRIFLE_SHARE: Final = 0.001
MOST_FINDINGS: Final = 10

ASSUMPTIONS: Final = {
    "return": mark("Going back is taken for a correction; a planned second visit looks the same in the log."),
    "ping_pong": mark("Passing to and fro is taken for a detour; a consultation that is asked for looks the same."),
}


def find_return_loops(found: ReturnLoops, store: LogStore, *, engine: Engine | None = None) -> tuple[Finding, ...]:
    """Return the loops worth naming, those that take most time first; they claim no time of the ledger.

    Loops that are not against the usual order, of fewer than `FEWEST_CASES` cases, or of less than `TRIFLE_SHARE` of
    the lead time, are left out, and of the others all but the first `MOST_FINDINGS`.
    """
    least = TRIFLE_SHARE * found.lead_seconds
    chosen = [
        loop
        for loop in found.loops
        if loop.reach != "no_usual_order" and loop.cases >= FEWEST_CASES and loop.loop_seconds > least
    ]
    named = chosen[:MOST_FINDINGS]
    examples = find_loop_examples(store, named, engine=engine)
    return tuple(_loop_finding(loop, examples[loop.source, loop.target]) for loop in named)


def find_ping_pong(
    found: PingPong, store: LogStore, *, lead_seconds: float, engine: Engine | None = None
) -> tuple[Finding, ...]:
    """Return the pairs worth naming, as `find_return_loops` chooses them, those that take most time first.

    Parameters
    ----------
    lead_seconds
        Lead time of all cases.
    """
    least = TRIFLE_SHARE * lead_seconds
    ranked = sorted(found.pairs, key=lambda pair: (-pair.seconds, pair.first, pair.second))
    chosen = [pair for pair in ranked if pair.cases >= FEWEST_CASES and pair.seconds > least]
    named = chosen[:MOST_FINDINGS]
    examples = find_ping_pong_examples(store, named, holder=found.holder, engine=engine)
    return tuple(_pair_finding(pair, found.holder, examples[pair.first, pair.second]) for pair in named)


def list_rework_finding_cases(
    store: LogStore, finding: Finding, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases behind a finding of `find_return_loops` or `find_ping_pong`; their seconds are those affected.

    Raises
    ------
    UnknownPlaceError, UnknownAttributeError
        If the finding names what the log does not have.
    """
    place = finding.where
    if finding.kind is FindingKind.RETURN_LOOP:
        return list_return_cases(store, place.activity, place.next_activity, limit=limit, engine=engine)
    holder, first, second = holders_of_place(place)
    return list_ping_pong_cases(store, first, second, holder=holder, limit=limit, engine=engine)


def _loop_finding(loop: ReturnLoop, examples: tuple[int, ...]) -> Finding:
    return Finding(
        kind=FindingKind.RETURN_LOOP,
        waste=Waste.DEFECTS,
        where=Place(activity=loop.source, next_activity=loop.target),
        cases=loop.cases,
        occurrences=loop.returns,
        example_cases=examples,
        staff_seconds=loop.staff_seconds,
        affected_seconds=loop.loop_seconds,
        confidence=Confidence.COUNTED,
        assumption=ASSUMPTIONS["return"],
    )


def _pair_finding(pair: PingPongPair, holder: str, examples: tuple[int, ...]) -> Finding:
    return Finding(
        kind=FindingKind.PING_PONG,
        waste=Waste.TRANSPORT,
        where=place_of_holders(holder, pair.first, pair.second),
        cases=pair.cases,
        occurrences=pair.episodes,
        example_cases=examples,
        affected_seconds=pair.seconds,
        confidence=Confidence.COUNTED,
        assumption=ASSUMPTIONS["ping_pong"],
    )
