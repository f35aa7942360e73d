"""Groups of cases compared: lead time and what the mix explains of it, terms, first-time-through, and flow.

Each group is set beside all others together. Two questions are kept apart: how much longer do its cases take (total),
and how much longer do they take than the others need for cases like these (unexplained). Only the second says anything
of the group's work, and only as far as the log holds what makes cases hard. No group is ranked: the place of each is an
interval, and verdicts are adjusted for the number of groups.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.time_units import DAY_US
from potok.diagnose.comparison.covariates import (
    Design,
    LeftOut,
    build_design,
    known_at_opening,
    with_products,
)
from potok.diagnose.comparison.facts import Fact
from potok.diagnose.comparison.flow_differences import Flow, find_flow_differences, read_flow
from potok.diagnose.comparison.population import Flags, Population
from potok.diagnose.comparison.result import (
    ASSUMPTIONS,
    LEAST_CASES,
    LEAST_EFFECTIVE,
    LEAST_OVERLAP,
    Comparison,
    GroupComparison,
    Verdict,
)
from potok.diagnose.comparison.shares import Rules, first_time_part, term_parts
from potok.inference.decomposition import Decomposition, TooFewClustersError, decompose
from potok.inference.estimate import Estimate, normal_quantile
from potok.inference.multiplicity import holm
from potok.inference.shrinkage import PooledGroups, pool_groups
from potok.measure.case_rows import ClockedRows
from potok.measure.case_survival import HORIZON_DAYS, default_horizon, given_horizon, survival_curve
from potok.measure.running import MICROSECONDS, seconds_if_known
from potok.measure.sampling import SurvivalRefusal

MOST_GROUPS: Final = 100
_SAME_VALUES: Final = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a comparison.

    Parameters
    ----------
    by
        What to compare by; None compares logs.
    names
        Of the logs.
    known, later
        What was known at the opening, or not, whatever its name.
    horizon_seconds
        τ; by default one of `potok.measure.case_survival.HORIZON_DAYS`.
    confidence
        Level of the intervals.
    rules
        None without a regulation.
    """

    by: str | None = None
    names: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    horizon_seconds: float | None = None
    confidence: float = 0.95
    rules: Rules | None = None


def compare_population(
    people: Population, asked: Asked, *, terms: Sequence[tuple[str, Flags, Flags]] = ()
) -> Comparison:
    """Compare the groups of cases that were read already.

    Parameters
    ----------
    terms
        Of each term its name, which cases are judged under it, and which of them kept it.

    Raises
    ------
    HorizonTooLongError
        If no case was followed up to the horizon.
    """
    horizon_us = horizon_of(people, asked)
    followed = (people.group >= 0) & (people.age_us >= (horizon_us or 0)) & (horizon_us is not None)
    facts, left_out = known_at_opening(people.facts, people.is_closed, known=asked.known, later=asked.later)
    facts, left_out = _apart_from_groups(people, facts, left_out, asked.by)
    design = build_design(facts, left_out, cases=len(people.case))
    context = _Context(people, asked, horizon_us, followed, with_products(design.values), terms, read_flow(people))
    sizes = np.bincount(people.group[people.group >= 0], minlength=len(people.labels))
    shown = sorted(np.argsort(-sizes, kind="stable")[:MOST_GROUPS].tolist())
    taken_apart = {place: found for place in shown if (found := context.decomposed(place)) is not None}
    judged = _judge(taken_apart, asked.confidence)
    return Comparison(
        by=asked.by or "log",
        horizon_seconds=seconds_if_known(horizon_us),
        groups=tuple(context.group(place, taken_apart.get(place), judged) for place in shown),
        unlabelled_cases=int(np.count_nonzero(people.group < 0)),
        unwatched_cases=people.unwatched_cases,
        left_out_groups=len(people.labels) - len(shown),
        compared_groups=len(judged.places),
        between_sd_seconds=judged.pooled.between_sd if judged.pooled else None,
        covariates=design.used,
        left_out=design.left_out,
        assumptions=_assumptions(people, design),
    )


def _assumptions(people: Population, design: Design) -> tuple[str, ...]:
    names = ["horizon", "known" if design.used else "no_mix", "weeks", "not_causal"]
    return tuple(ASSUMPTIONS[name] for name in names + ["closed_only"] * people.closed_only)


def horizon_of(people: Population, asked: Asked) -> int | None:
    """Return the horizon of restricted means, µs; None if no case was followed long enough."""
    rows = _clocked(people)
    return given_horizon(asked.horizon_seconds, rows) or default_horizon(rows, [days * DAY_US for days in HORIZON_DAYS])


def _clocked(people: Population) -> ClockedRows:
    return ClockedRows(people.lead_us, np.zeros_like(people.lead_us), people.age_us, people.is_closed, people.group)


def _apart_from_groups(
    people: Population, facts: tuple[Fact, ...], left_out: tuple[tuple[str, LeftOut], ...], by: str | None
) -> tuple[tuple[Fact, ...], tuple[tuple[str, LeftOut], ...]]:
    """Leave out the grouping itself, and what says the same: where most cases have a value only their group has."""
    kept, dropped = [], list(left_out)
    for fact in facts:
        if by in (fact.name, fact.name.removeprefix("attr:")):
            dropped.append((fact.name, LeftOut.IS_THE_GROUPING))
        elif _own_value_share(people, fact) > _SAME_VALUES:
            dropped.append((fact.name, LeftOut.TELLS_THE_GROUP))
        else:
            kept.append(fact)
    return tuple(kept), tuple(dropped)


def _own_value_share(people: Population, fact: Fact) -> float:
    _levels, place = np.unique(np.array([value or "" for value in fact.values]), return_inverse=True)
    known = people.group >= 0
    if not known.any():
        return 0.0
    table = np.zeros((int(place.max()) + 1, len(people.labels)), np.int64)
    np.add.at(table, (place[known], people.group[known]), 1)
    is_common = table.sum(axis=1) > 1
    alone = (np.count_nonzero(table, axis=1) == 1) & is_common
    return float(table[alone].sum() / max(1, table[is_common].sum()))


@dataclass(frozen=True, slots=True)
class _Judged:
    """Groups whose unexplained difference could be told: by place, their adjusted p values and pooled values."""

    places: tuple[int, ...]
    p_values: tuple[float, ...]
    pooled: PooledGroups | None


def _judge(taken_apart: dict[int, Decomposition], confidence: float) -> _Judged:
    told = {place: found.unexplained for place, found in taken_apart.items() if _is_comparable(found)}
    told = {place: part for place, part in told.items() if part.standard_error > 0}
    if not told:
        return _Judged((), (), None)
    values = np.array([part.value for part in told.values()])
    errors = np.array([part.standard_error for part in told.values()])
    p_values = holm([math.erfc(abs(z) / math.sqrt(2)) for z in values / errors])
    pooled = pool_groups(values, errors, confidence=confidence) if len(told) > 1 else None
    return _Judged(tuple(told), tuple(p_values.tolist()), pooled)


def _is_comparable(found: Decomposition) -> bool:
    return found.overlap_share >= LEAST_OVERLAP and found.effective_cases >= LEAST_EFFECTIVE


@dataclass(frozen=True, slots=True)
class _Context:
    """What every group is compared with."""

    people: Population
    asked: Asked
    horizon_us: int | None
    followed: Flags
    design: np.ndarray
    terms: Sequence[tuple[str, Flags, Flags]]
    flow: Flow

    def decomposed(self, place: int) -> Decomposition | None:
        """Take the difference between a group and all others apart; None if either has too few cases or weeks."""
        chosen = self.followed
        is_group = self.people.group[chosen] == place
        if min(is_group.sum(), (~is_group).sum()) < LEAST_CASES or self.horizon_us is None:
            return None
        lead = np.minimum(self.people.lead_us[chosen], self.horizon_us) / MICROSECONDS
        try:
            return decompose(
                lead,
                is_group,
                self.design[chosen],
                clusters=self.people.cluster[chosen],
                confidence=self.asked.confidence,
            )
        except TooFewClustersError:
            return None

    def group(self, place: int, found: Decomposition | None, judged: _Judged) -> GroupComparison:
        """Put together what is said of a group."""
        people = self.people
        here = people.group == place
        index = judged.places.index(place) if place in judged.places else None
        is_told = found is not None and index is not None
        p_value = judged.p_values[index] if index is not None else None
        pooled = judged.pooled if index is not None else None
        reach = normal_quantile(self.asked.confidence) * found.unexplained.standard_error if found and is_told else None
        return GroupComparison(
            label=people.labels[place],
            cases=int(here.sum()),
            open_cases=int((here & ~people.is_closed).sum()),
            used_cases=int((here & self.followed).sum()),
            median=self._median(here),
            restricted_mean=self._mean(here & self.followed),
            total=found.total if found else None,
            explained=found.explained if found and is_told else None,
            unexplained=found.unexplained if found and is_told else None,
            explained_share=_explained_share(found) if found and is_told else None,
            overlap_share=found.overlap_share if found else None,
            effective_cases=found.effective_cases if found else None,
            verdict=_verdict(found, p_value, self.asked.confidence),
            p_value=p_value,
            pooled=pooled.values[index] if pooled and index is not None else None,
            rank_lower=int(pooled.rank_lower[index]) if pooled and index is not None else None,
            rank_upper=int(pooled.rank_upper[index]) if pooled and index is not None else None,
            funnel_lower=-reach if reach is not None else None,
            funnel_upper=reach,
            first_time=first_time_part(people, here, confidence=self.asked.confidence),
            terms=term_parts(self.terms, here, confidence=self.asked.confidence),
            flow=find_flow_differences(self.flow, place) if here.sum() >= LEAST_CASES else (),
        )

    def _median(self, here: Flags) -> Estimate | None:
        if self.people.closed_only:
            return None
        curve = survival_curve(_clocked(self.people).where(here), confidence=self.asked.confidence)
        if isinstance(curve, SurvivalRefusal):
            return None
        median = curve.median()
        return median if math.isfinite(median.value) else None

    def _mean(self, chosen: Flags) -> Estimate | None:
        """Return the restricted mean: all these cases were followed up to the horizon, so that it is a plain mean."""
        count = int(chosen.sum())
        if count < 2 or self.horizon_us is None:
            return None
        lead = np.minimum(self.people.lead_us[chosen], self.horizon_us) / MICROSECONDS
        value, error = float(lead.mean()), float(lead.std(ddof=1)) / math.sqrt(count)
        margin = normal_quantile(self.asked.confidence) * error
        return Estimate(value, max(0.0, value - margin), value + margin, error, self.asked.confidence)


def _explained_share(found: Decomposition) -> float | None:
    if found.total.lower <= 0 <= found.total.upper:
        return None
    return found.explained.value / found.total.value


def _verdict(found: Decomposition | None, p_value: float | None, confidence: float) -> Verdict:
    if found is None:
        return Verdict.TOO_FEW
    if p_value is None:
        return Verdict.NOT_COMPARABLE
    if p_value > 1 - confidence:
        return Verdict.CANNOT_TELL
    return Verdict.SLOWER if found.unexplained.value > 0 else Verdict.FASTER
