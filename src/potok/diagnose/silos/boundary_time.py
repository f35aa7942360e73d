"""The share of lead time that cases spend between departments or agencies, and the boundaries at which it is lost.

A gap of the applicants' ledger (`potok.measure.ledger`) lies *between* two holders if both are known and differ,
*within* one if both are known and the same, else it is *unknown*. What of a case's lead time lies in no gap is being
worked on, lies before its first or after its last instance, or cannot be told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import ibis
import numpy as np

from potok.diagnose.rework.asking import Key, asked_rows, at_asked_rows
from potok.diagnose.rework.holders import Ends, code_labels, codes_of, find_examples_between
from potok.diagnose.silos.held_gaps import given_holders, held_gaps, holder_labels, holder_name, unknown_holders
from potok.diagnose.silos.resampling import MOST_GROUPS, Floats, draw_weights, percentile_bounds
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.evidence import CaseEvidence, gap_evidence, read_evidence
from potok.measure.passages import exact_sum
from potok.measure.running import run, seconds, seconds_if_known

FEWEST_CASES: Final = 20
_ENDS: Final = ("source", "target")
MOST_OF_TIME: Final = 0.8


@dataclass(frozen=True, slots=True)
class Boundary:
    """Hand-overs from one holder to another, as part of the applicants' time.

    Parameters
    ----------
    count, cases
        Hand-overs, and cases with at least one.
    seconds, median_seconds
        Gaps at the boundary: in total, and per hand-over with a known gap (None if there is none).
    boundary_share
        Of the time at all boundaries, 0–1.
    """

    source: str
    target: str
    count: int
    cases: int
    seconds: float
    median_seconds: float | None
    boundary_share: float


@dataclass(frozen=True, slots=True)
class BoundaryTime:
    """Lead time between holders and within them, and the boundaries at which most of it is lost.

    Parameters
    ----------
    holder
        ``org_unit``, ``resource`` or ``attr:NAME``.
    cases, lead_seconds
        All cases and their lead time.
    between_seconds, within_seconds, unknown_seconds
        Gaps whose ends lie in different ones, in the same one, or are not known.
    between_share
        `between_seconds` over `lead_seconds`, 0–1; None without lead time.
    lower_share, upper_share
        Its 95 % interval by resampling cases; None below `FEWEST_CASES` cases.
    effective_boundaries
        How many boundaries of equal weight would be as concentrated (the inverse of the Herfindahl index of the time
        at boundaries); None without such time.
    most_of_time_boundaries
        How many boundaries together hold `MOST_OF_TIME` of the time.
    boundaries
        Those with most time first.
    """

    holder: str
    cases: int
    lead_seconds: float
    between_seconds: float
    within_seconds: float
    unknown_seconds: float
    between_share: float | None
    lower_share: float | None
    upper_share: float | None
    effective_boundaries: float | None
    most_of_time_boundaries: int
    boundaries: tuple[Boundary, ...]


def between_sums(held: ibis.Table, cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return one row per group of cases (see `resampling`).

    Returns
    -------
    ibis.Table
        `bucket`, `lead_us`, `between_us`, `within_us`, `unknown_us` (sums, null if there are none), `cases`.
    """
    is_known = held.source.notnull() & held.target.notnull()
    is_between = (held.source != held.target).fill_null(False)
    nothing = ibis.null("int64")
    by_case = held.group_by("case").aggregate(
        between_us=ibis.ifelse(is_between, held.gap_us, nothing).sum().cast("int64"),
        within_us=ibis.ifelse(is_known & ~is_between, held.gap_us, nothing).sum().cast("int64"),
        unknown_us=ibis.ifelse(is_known, nothing, held.gap_us).sum().cast("int64"),
    )
    timed = lead_times(cases, extracted_us=extracted_us).select("case", "lead_us")
    joined = timed.left_join(by_case, "case").mutate(bucket=timed.case % MOST_GROUPS)
    return joined.group_by("bucket").aggregate(
        lead_us=exact_sum(joined.lead_us),
        between_us=exact_sum(joined.between_us),
        within_us=exact_sum(joined.within_us),
        unknown_us=exact_sum(joined.unknown_us),
        cases=joined.count().cast("int64"),
    )


def boundary_sums(held: ibis.Table) -> ibis.Table:
    """Return one row per boundary: `source`, `target` (text), `count`, `cases`, `total_us`, `median_us`."""
    crossing = held.filter((held.source != held.target).fill_null(False))
    figures = crossing.group_by("source", "target").aggregate(
        count=crossing.count().cast("int64"),
        total_us=exact_sum(crossing.gap_us),
        median_us=crossing.gap_us.quantile(0.5).cast("float64"),
    )
    once = crossing.select("source", "target", "case").distinct()
    counted = once.group_by("source", "target").aggregate(cases=once.count().cast("int64"))
    joined = figures.inner_join(counted, ["source", "target"])
    return joined.select("source", "target", "count", "cases", "total_us", "median_us")


def compute_boundary_time(store: LogStore, *, holder: str = "org_unit", engine: Engine | None = None) -> BoundaryTime:
    """Compute the share of lead time between holders, and at which boundaries it is lost.

    Parameters
    ----------
    holder
        ``org_unit``, ``resource``, or an attribute of instances, such as the agency.

    Raises
    ------
    UnknownAttributeError
        If the instances do not have the attribute.
    """
    given, labels = given_holders(store, holder), holder_labels(store, holder, engine)
    held = held_gaps(EVENTS, CASES, holder=holder, extracted_us=store.extracted_us, unknown=unknown_holders(labels))
    sums = between_sums(held, CASES, extracted_us=store.extracted_us)
    rows = sorted(run(sums, store, engine, given=given))
    figures = np.array([[float(value or 0) for value in row[1:]] for row in rows]).reshape(-1, 5)
    lead, between, within, unknown, cases = (seconds(value) for value in figures.sum(axis=0))
    cases = round(figures[:, 4].sum())
    is_told = lead > 0 and unknown < lead  # where nothing is known of who holds cases, no time lies between them
    bounds = share_bounds(figures[:, 1], figures[:, 0]) if cases >= FEWEST_CASES and is_told else None
    boundaries = _boundaries(run(boundary_sums(held), store, engine, given=given), labels)
    shares = [boundary.boundary_share for boundary in boundaries]
    concentration = sum(share**2 for share in shares)
    return BoundaryTime(
        holder=holder_name(holder),
        cases=cases,
        lead_seconds=lead,
        between_seconds=between,
        within_seconds=within,
        unknown_seconds=unknown,
        between_share=between / lead if is_told else None,
        lower_share=bounds[0] if bounds else None,
        upper_share=bounds[1] if bounds else None,
        effective_boundaries=1 / concentration if concentration else None,
        most_of_time_boundaries=_fewest(shares),
        boundaries=boundaries,
    )


def list_boundary_cases(
    store: LogStore,
    source: str,
    target: str,
    *,
    holder: str = "org_unit",
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases handed over from one holder to another, those that lose most there first.

    Their number is the boundary's `cases`, their seconds add up to its `seconds`.

    Raises
    ------
    UnknownPlaceError
        If the log does not have one of the performers or departments.
    UnknownAttributeError
        If the instances do not have the attribute.
    """
    ends = _text_codes((source, target), code_labels(store, holder, engine))
    held = held_gaps(EVENTS, CASES, holder=holder, extracted_us=store.extracted_us)
    evidence = gap_evidence(EVENTS, CASES, at_asked_rows(held, *_ENDS), limit=limit)
    given = {**(given_holders(store, holder) or {}), **asked_rows(_ENDS, ends)}
    return read_evidence(evidence, store, engine, given=given)


def find_boundary_examples(
    store: LogStore, ends: Sequence[tuple[str, str]], *, holder: str, engine: Engine | None = None
) -> dict[tuple[str, str], tuple[int, ...]]:
    """Find the codes of the cases that lose most at each boundary, by its two holders, in one pass."""
    labels = code_labels(store, holder, engine)
    held = held_gaps(EVENTS, CASES, holder=holder, extracted_us=store.extracted_us)
    asked = {pair: _text_codes(pair, labels) for pair in ends}
    given = given_holders(store, holder)
    return find_examples_between(held.select(*_ENDS, "case", "gap_us"), asked, store, engine, given=given)


def share_bounds(parts: Floats, wholes: Floats) -> tuple[float, float] | None:
    """Return the 95 % interval of a ratio of sums over groups of cases, by resampling the groups.

    Parameters
    ----------
    parts, wholes
        Shape (g,): the sums of each group.
    """
    weights = draw_weights(len(parts))
    with np.errstate(invalid="ignore", divide="ignore"):
        return percentile_bounds((weights @ parts) / (weights @ wholes))


def _text_codes(ends: Ends, labels: dict[int, str] | None) -> Key:
    return tuple(map(str, codes_of(ends, labels)))


def _boundaries(rows: Any, labels: Any) -> tuple[Boundary, ...]:
    held = list(rows)
    total = sum(seconds(row[4] or 0) for row in held)
    found = (
        Boundary(
            source=labels[source] if labels else source,
            target=labels[target] if labels else target,
            count=count,
            cases=cases,
            seconds=seconds(total_us or 0),
            median_seconds=seconds_if_known(median_us),
            boundary_share=seconds(total_us or 0) / total if total else 0.0,
        )
        for source, target, count, cases, total_us, median_us in held
    )
    return tuple(sorted(found, key=lambda place: (-place.seconds, -place.count, place.source, place.target)))


def _fewest(shares: Sequence[float]) -> int:
    """Return how many of the shares, largest first, together reach `MOST_OF_TIME`."""
    reached = np.cumsum(np.array(shares))
    return int(np.searchsorted(reached, MOST_OF_TIME - 1e-9) + 1) if sum(shares) > 0 else 0
