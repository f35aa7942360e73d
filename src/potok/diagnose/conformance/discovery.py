"""Declarative rules that a log keeps, found in one half of its closed cases and tried on the other.

A rule is *activated* in a case by what it is about, and kept there if every activation keeps it. Over cases,

- support = cases that are activated and keep the rule ÷ all cases;
- confidence = cases that are activated and keep the rule ÷ activated cases;
- interest factor = confidence × share of cases that have the activity × share of cases that have the target.

Of many thousand rules that could hold some do by chance. So a rule has to reach its thresholds on the even-numbered
cases, and its confidence again on the odd-numbered ones; the bound given for it there holds for all reported rules at
once (Clopper and Pearson, one-sided 95 %, Bonferroni). What follows from another reported rule is left out.

References
----------
Maggi, Bose, van der Aalst (2012), "Efficient discovery of understandable declarative process models from event logs";
Di Ciccio, Mecella (2015), "On the discovery of declarative control flows for artful processes" (interest factor).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import ibis
import numpy as np

from potok.core.language import mark
from potok.diagnose.conformance.pruning import Candidate, prune
from potok.diagnose.conformance.rules import UNARY, Rule, Template
from potok.diagnose.conformance.trace_rules import SINGLE, CaseWeights, Sequences, judge_pairs, judge_single
from potok.engine.base import Engine
from potok.engine.tables import CASES, VARIANTS
from potok.log.store import LogStore
from potok.measure.running import activity_labels, run

MOST_ACTIVITIES: Final = 100
MOST_POSITIONS: Final = 2_000_000
MOST_RULES: Final = 60
FEWEST_CASES: Final = 20
LEVEL: Final = 0.05

REASONS: Final = {
    "too_few_cases": mark("There are too few closed cases to find rules in one half and try them on the other."),
    "rare_activities_left_out": mark("Rules are about the most frequent activities only."),
    "rare_variants_left_out": mark("The rarest variants are left out: the log is too large to look at all."),
    "rules_left_out": mark("More rules hold than are shown; those of least interest are left out."),
}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a rule has to reach: shares of cases, 0–1."""

    support: float = 0.1
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class DiscoveredRule:
    """A rule that holds in the log.

    Parameters
    ----------
    rule
        The rule.
    activated_cases, support, confidence, interest_factor
        Over the half in which it was found.
    tried_cases, tried_confidence, tried_confidence_low
        Activated cases and confidence in the other half, and the bound above which its true value lies with 95 %
        confidence for all reported rules at once.
    """

    rule: Rule
    activated_cases: int
    support: float
    confidence: float
    interest_factor: float
    tried_cases: int
    tried_confidence: float
    tried_confidence_low: float


@dataclass(frozen=True, slots=True)
class DiscoveredRules:
    """Rules of a log.

    Parameters
    ----------
    rules
        Of greatest interest first.
    cases
        Closed cases, both halves together.
    candidates
        How many rules had the support to be looked at.
    found, failed, implied
        Rules that reached the thresholds in the first half; those of them that did not keep their confidence in the
        second; those left out since they follow from others.
    reasons
        Keys of `REASONS`.
    """

    rules: tuple[DiscoveredRule, ...]
    cases: int
    candidates: int
    found: int
    failed: int
    implied: int
    reasons: tuple[str, ...]


def halved_variants(variants: ibis.Table, cases: ibis.Table) -> ibis.Table:
    """Return one row per variant of closed cases: `activities`, `found_cases`, `tried_cases` (even and odd codes)."""
    closed = cases.filter(cases.closed_us.notnull())
    is_odd = (closed.case % 2) == 1
    counted = closed.group_by("variant").aggregate(
        found_cases=(~is_odd).cast("int64").sum().cast("int64"), tried_cases=is_odd.cast("int64").sum().cast("int64")
    )
    return variants.inner_join(counted, "variant").select("variant", "activities", "found_cases", "tried_cases")


def discover_rules(
    store: LogStore, *, thresholds: Thresholds | None = None, engine: Engine | None = None
) -> DiscoveredRules:
    """Discover the declarative rules that the closed cases of a log keep."""
    thresholds = thresholds or Thresholds()
    sequences, weights, reasons = _read(store, engine)
    cases = int(weights.found.sum() + weights.tried.sum())
    if min(weights.found.sum(), weights.tried.sum()) < FEWEST_CASES:
        return DiscoveredRules((), cases, 0, 0, 0, 0, ("too_few_cases",))
    labels = activity_labels(store, engine)
    every = _candidates(sequences, weights, thresholds)
    reached = [one for one in every if one.confidence >= thresholds.confidence and one.support >= thresholds.support]
    kept = [one for one in reached if one.tried_cases and one.tried_confidence >= thresholds.confidence]
    pruned = prune(kept)
    shown = sorted(pruned, key=lambda one: (-one.interest_factor, one.template, one.activity, one.target or -1))
    if len(shown) > MOST_RULES:
        reasons = (*reasons, "rules_left_out")
    shown = shown[:MOST_RULES]
    return DiscoveredRules(
        rules=tuple(_rule(one, labels, len(shown)) for one in shown),
        cases=cases,
        candidates=len(every),
        found=len(reached),
        failed=len(reached) - len(kept),
        implied=len(kept) - len(pruned),
        reasons=reasons,
    )


def _read(store: LogStore, engine: Engine | None) -> tuple[Sequences, CaseWeights, tuple[str, ...]]:
    rows = sorted(run(halved_variants(VARIANTS, CASES), store, engine), key=lambda row: (-row[2] - row[3], row[0]))
    traces = [np.array(activities.split(","), dtype=np.int32) for _variant, activities, *_halves in rows]
    lengths = np.cumsum([len(trace) for trace in traces]) if traces else np.zeros(0, np.int64)
    taken = int(np.searchsorted(lengths, MOST_POSITIONS, side="right"))
    sequences = Sequences.of(traces[:taken])
    weights = CaseWeights(*(np.array([row[place] for row in rows[:taken]], dtype=np.float64) for place in (2, 3)))
    frequent = sequences.most_frequent(weights.found + weights.tried, most=MOST_ACTIVITIES)
    holds = {
        "rare_activities_left_out": len(frequent) < len(np.unique(sequences.activity)),
        "rare_variants_left_out": taken < len(traces),
    }
    return sequences.about(frequent), weights, tuple(reason for reason, is_so in holds.items() if is_so)


def _candidates(sequences: Sequences, weights: CaseWeights, thresholds: Thresholds) -> list[Candidate]:
    """Return every rule whose activations alone give it the support, with its figures in both halves."""
    totals = (weights.found.sum(), weights.tried.sum())
    shares = sequences.held @ weights.found / totals[0]
    found = []
    for template in SINGLE:
        verdicts = judge_single(sequences, template)
        for place, code in enumerate(sequences.codes):
            # To be done at most once says something only of cases that have it.
            activated = sequences.held[place].astype(np.float64) if template is Template.ABSENCE else None
            kept = verdicts[place] if activated is None else verdicts[place] & sequences.held[place]
            verdict = (kept.astype(np.float64), activated)
            found.append(_candidate(template, (int(code), None), verdict, weights, float(shares[place])))
    for template, activity, target, activated, kept in judge_pairs(sequences, weights.found, thresholds.support):
        interest = float(shares[activity] * shares[target])
        codes = (int(sequences.codes[activity]), int(sequences.codes[target]))
        found.append(_candidate(template, codes, (kept, activated), weights, interest))
    return [one for one in found if one.activated_cases]


def _candidate(
    template: Template,
    codes: tuple[int, int | None],
    verdicts: tuple[np.ndarray, np.ndarray | None],
    weights: CaseWeights,
    interest: float,
) -> Candidate:
    kept, activated = verdicts
    sums = [
        (float(half.sum() if activated is None else activated @ half), float(kept @ half))
        for half in (weights.found, weights.tried)
    ]
    (activated_cases, kept_cases), (tried_cases, tried_kept) = sums
    confidence = kept_cases / activated_cases if activated_cases else 0.0
    return Candidate(
        template=template,
        activity=codes[0],
        target=codes[1],
        activated_cases=int(activated_cases),
        support=kept_cases / float(weights.found.sum()),
        confidence=confidence,
        interest_factor=confidence * interest,
        tried_cases=int(tried_cases),
        tried_kept=int(tried_kept),
    )


def _rule(one: Candidate, labels: Mapping[int, str], n_rules: int) -> DiscoveredRule:
    targets = () if one.target is None or one.template in UNARY else (labels[one.target],)
    times = 2 if one.template is Template.ABSENCE else 1
    return DiscoveredRule(
        rule=Rule(one.template, (labels[one.activity],), targets, times=times),
        activated_cases=one.activated_cases,
        support=one.support,
        confidence=one.confidence,
        interest_factor=one.interest_factor,
        tried_cases=one.tried_cases,
        tried_confidence=one.tried_confidence,
        tried_confidence_low=lowest_share(one.tried_kept, one.tried_cases, level=LEVEL / max(1, n_rules)),
    )


def lowest_share(successes: int, trials: int, *, level: float) -> float:
    """Return the one-sided lower bound of a share after Clopper and Pearson (1934)."""
    from scipy.special import betaincinv

    return float(betaincinv(successes, trials - successes + 1, level)) if successes else 0.0
