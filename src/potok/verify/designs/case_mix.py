"""Second opinions from cases instead of months: before against after, adjusted for the mix, and at two quantiles.

Only the agencies that changed take part, cases of the year before the change against those after it. The mix are the
service, the channel and the attributes that the protocol declares; rare kinds are pooled. What else changed at the same
time, trend and season among it, these opinions take for effect: they are shown, and decide nothing.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.core.time_units import DAY_US
from potok.inference.adjusted import Estimand, OneSidedError, Sample, doubly_robust, quantile_effect
from potok.inference.observations import Floats
from potok.verify.designs.answers import as_improvement, sign_of
from potok.verify.effect import SecondOpinion
from potok.verify.protocol.model import OutcomeKind, Protocol
from potok.verify.study import Arms, Flags, Labels, Side, Study

YEAR_US: Final = 365 * DAY_US
MOST_KINDS: Final = 12
"""Kinds of an attribute that get an indicator of their own; the rest are one."""
_FEWEST_CASES: Final = 30


def adjust_case_mix(study: Study, arms: Arms, protocol: Protocol) -> tuple[SecondOpinion, ...]:
    """Compare cases before and after, adjusted for their mix, and at the median and the ninth decile."""
    chosen = _chosen(study, arms)
    is_after = arms.side[chosen] == Side.AFTER
    if min(is_after.sum(), (~is_after).sum()) < _FEWEST_CASES:
        return ()
    sign, outcome, month = sign_of(protocol), arms.outcome[chosen], arms.month[chosen]
    found = []
    covariates = _covariates(study, protocol, chosen)
    if covariates.shape[1]:
        try:
            effect = doubly_robust(Sample(outcome, is_after, covariates, month), estimand=Estimand.TREATED).effect
            found.append(SecondOpinion("case_mix_adjusted", as_improvement(effect, sign), _ADJUSTED))
        except OneSidedError:
            pass
    if protocol.estimand.outcome in (OutcomeKind.CASE_DURATION, OutcomeKind.COST):
        for method, share, note in (("median", 0.5, _MEDIAN), ("ninth_decile", 0.9, _NINTH)):
            effect = quantile_effect(outcome, is_treated=is_after, clusters=month, share=share)
            found.append(SecondOpinion(method, as_improvement(effect, sign), note))
    return tuple(found)


def _chosen(study: Study, arms: Arms) -> Flags:
    """Return the cases after the change, and those of the year before it, of the agencies that change."""
    opened = study.cases.opened_us
    is_before, is_after = arms.side == Side.BEFORE, arms.side == Side.AFTER
    # Where an agency never changes its change lies at the end of time; it is on neither side.
    since = np.where(is_before, arms.change_us, 0) - YEAR_US
    return np.asarray((is_after | (is_before & (opened >= since))) & np.isfinite(arms.outcome))


def _covariates(study: Study, protocol: Protocol, chosen: Flags) -> Floats:
    """Return indicators of the kinds of cases, shape (n, p)."""
    names = dict.fromkeys(("service", "channel", *protocol.comparison.case_mix))
    columns = [column for name in names for column in _indicators(study.cases.attribute(name), chosen)]
    if len(protocol.change.waves) > 1:
        columns += _indicators(study.cases.agency, chosen)
    return np.column_stack(columns) if columns else np.zeros((int(chosen.sum()), 0))


def _indicators(labels: Labels | None, chosen: Flags) -> Iterator[Floats]:
    if labels is None:
        return
    codes = labels.codes[chosen]
    counts = np.bincount(codes + 1, minlength=len(labels.labels) + 1)
    kinds = [kind for kind in np.argsort(-counts, kind="stable")[:MOST_KINDS].tolist() if counts[kind]]
    # The commonest kind is what the others differ from.
    for kind in kinds[1:]:
        yield (codes + 1 == kind).astype(np.float64)


_ADJUSTED = mark("Before and after with the mix of cases made alike (AIPW): takes trend and season for effect.")
_MEDIAN = mark("The usual case, before and after: takes trend and season for effect.")
_NINTH = mark("The time that nine in ten cases keep, before and after: takes trend and season for effect.")
