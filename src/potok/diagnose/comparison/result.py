"""What is said of groups of cases that are compared."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from potok.core.language import mark
from potok.diagnose.comparison.covariates import LeftOut
from potok.diagnose.drift.result import FeatureChange
from potok.inference.estimate import Estimate

LEAST_CASES: Final = 30
LEAST_OVERLAP: Final = 0.9
LEAST_EFFECTIVE: Final = 30.0


class Verdict(StrEnum):
    """How a group stands to all others together, on cases like its own."""

    SLOWER = "slower"
    FASTER = "faster"
    CANNOT_TELL = "cannot_tell"
    TOO_FEW = "too_few"  # cases
    NOT_COMPARABLE = "not_comparable"  # the others have too few cases of its kind


ASSUMPTIONS: Final = {
    "horizon": mark(
        "Lead times are counted up to the horizon, over cases that were followed so long; whatever takes longer counts "
        "as the horizon."
    ),
    "known": mark("What cases differ by was known when they were opened; what the log does not hold is not adjusted."),
    "weeks": mark("Cases opened in different weeks (in short logs, on different days) are taken to be independent."),
    "closed_only": mark("The log holds closed cases only: the slowest of the last ones may be missing."),
    "no_mix": mark("The log holds nothing that was known at the opening, so that the mix of cases explains nothing."),
    "not_causal": mark("What the mix does not explain is no proof of better or worse work."),
}


@dataclass(frozen=True, slots=True)
class SharePart:
    """A share of cases with its interval; `share` is None without cases."""

    cases: int
    count: int
    share: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class TermPart:
    """How a group keeps a term: over the cases of which it is known whether they kept it."""

    term: str
    in_time: SharePart


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """One group beside all others together.

    Parameters
    ----------
    label
        The group.
    cases, open_cases, used_cases
        Timely cases, those still open, and those followed up to the horizon, on which means rest.
    median
        Time by which half are closed (Kaplan–Meier over all its cases), seconds; None where that cannot be told.
    restricted_mean
        Mean of the lead time up to the horizon, seconds.
    total, explained, unexplained
        Difference to the others' restricted mean, and its parts: by mix, and left over. None unless they can be told.
    explained_share
        ``explained / total``; None where the total's interval holds 0. It may lie outside 0–1: then the mix works
        against the difference.
    overlap_share, effective_cases
        See `potok.inference.decomposition.Decomposition`.
    verdict
        By `unexplained`, adjusted for the number of groups.
    p_value
        Of no unexplained difference, adjusted (Holm).
    pooled
        `unexplained` drawn towards the mean of all groups by its uncertainty.
    rank_lower, rank_upper
        Interval of the place among the groups compared, 1 for the fastest.
    funnel_lower, funnel_upper
        Where `unexplained` of a group of its size would lie, 95 % of the time, if it did not differ from the others.
    first_time
        Closed cases without repetition.
    terms
        How it keeps the terms of the regulation.
    flow
        Steps that it takes more or less often than the others, the largest difference first; `before` are the others.
    """

    label: str
    cases: int
    open_cases: int
    used_cases: int
    median: Estimate | None
    restricted_mean: Estimate | None
    total: Estimate | None
    explained: Estimate | None
    unexplained: Estimate | None
    explained_share: float | None
    overlap_share: float | None
    effective_cases: float | None
    verdict: Verdict
    p_value: float | None
    pooled: Estimate | None
    rank_lower: int | None
    rank_upper: int | None
    funnel_lower: float | None
    funnel_upper: float | None
    first_time: SharePart
    terms: tuple[TermPart, ...]
    flow: tuple[FeatureChange, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Groups of cases compared.

    Parameters
    ----------
    by
        What they are compared by; ``log`` for logs.
    horizon_seconds
        τ up to which lead times count; None if no case was followed long enough.
    groups
        By label: no order of merit.
    unlabelled_cases, unwatched_cases, left_out_groups
        Cases of no group, and those opened before the log was watched; groups beyond the first hundred by size.
    compared_groups
        Groups whose unexplained difference could be told.
    between_sd_seconds
        Standard deviation of true unexplained differences between groups; 0: chance alone explains what is seen.
    covariates
        Names of what the mix was measured by.
    left_out
        What was not used, with the reason.
    assumptions
        Marked sentences.
    """

    by: str
    horizon_seconds: float | None
    groups: tuple[GroupComparison, ...]
    unlabelled_cases: int
    unwatched_cases: int
    left_out_groups: int
    compared_groups: int
    between_sd_seconds: float | None
    covariates: tuple[str, ...]
    left_out: tuple[tuple[str, LeftOut], ...]
    assumptions: tuple[str, ...]
