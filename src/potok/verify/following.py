"""How long cases took and how they ended, by arm and period, those counted whose end is not yet known.

The primary estimate leaves out what could not be followed for the whole horizon. An auditor also wants to see whether
those cases tell another story, and whether cases were decided more quickly or withdrawn more often: a withdrawal
competes with a decision, so that shares are those of Aalen and Johansen. Intervals take cases as independent.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from potok.core.errors import PotokError
from potok.core.time_units import DAY_US
from potok.inference.estimate import Estimate, normal_quantile
from potok.inference.proportions import wilson_limits
from potok.inference.survival import kaplan_meier, restricted_mean
from potok.verify.arms import NEVER_US, place_by_opening
from potok.verify.effect import ArmFollowUp
from potok.verify.outcomes.follow_up import CONFIDENCE, End, case_ends, end_shares, weighted_share
from potok.verify.outcomes.values import OutcomeValues
from potok.verify.protocol.model import Protocol
from potok.verify.study import Arms, Flags, Floats, Side, Study

YEAR_US: Final = 365 * DAY_US


def follow_arms(study: Study, arms: Arms, protocol: Protocol, *, values: OutcomeValues) -> tuple[ArmFollowUp, ...]:
    """Follow the cases of each arm and period to the horizon.

    Parameters
    ----------
    values
        The outcome of each case, and the cases on the clock.

    Returns
    -------
    tuple[ArmFollowUp, ...]
        Changed agencies before and after, then compared ones; arms without cases are left out, and all of them where a
        log holds closed cases only, from which none of this can be told.
    """
    if arms.is_closed_only:
        return ()
    placed = place_by_opening(study, arms, protocol.estimand, is_unwatched=values.is_unwatched)
    found = _Ends(study, protocol, values)
    return tuple(_follow(found, arm, period, chosen) for arm, period, chosen in _arms(study, placed) if chosen.any())


def _arms(study: Study, placed: Arms) -> Iterator[tuple[str, str, Flags]]:
    opened, side = study.cases.opened_us, placed.side
    is_compared = side == Side.COMPARED
    changes = placed.change_us[placed.change_us != NEVER_US]
    first_us = int(changes.min(initial=NEVER_US))
    # Where an agency never changes its change lies at the end of time; only those before it are asked.
    since = np.where(side == Side.BEFORE, placed.change_us, 0) - YEAR_US
    yield "changed", "before", np.asarray((side == Side.BEFORE) & (opened >= since))
    yield "changed", "after", np.asarray(side == Side.AFTER)
    yield "compared", "before", np.asarray(is_compared & (opened < first_us) & (opened >= first_us - YEAR_US))
    yield "compared", "after", np.asarray(is_compared & (opened >= first_us))


class _Ends:
    """Cases on the clock, how each ended, and what the protocol says of ends."""

    __slots__ = ("cases", "ends", "has_outcomes", "horizon_days", "untold")

    def __init__(self, study: Study, protocol: Protocol, values: OutcomeValues) -> None:
        self.cases, declared = values.cases, protocol.declarations
        self.ends = case_ends(study.cases.outcome, values.cases.is_closed, protocol)
        self.horizon_days = protocol.estimand.horizon_days
        # Without a single outcome on record nothing is known of ends.
        self.has_outcomes = bool(study.cases.outcome.labels)
        told = {End.REFUSED: declared.refusal_values, End.WITHDRAWN: declared.withdrawal_values}
        self.untold = frozenset(end for end, values_of in told.items() if not values_of)


def _follow(found: _Ends, arm: str, period: str, chosen: Flags) -> ArmFollowUp:
    cases = found.cases
    duration, is_closed, entry = cases.duration[chosen], cases.is_closed[chosen], cases.watched_from[chosen]
    shares = end_shares(cases, found.ends, chosen=chosen, horizon_days=found.horizon_days)
    by_end: dict[End, Estimate] = {}
    if shares is not None and found.has_outcomes:
        by_end = {end: _bounded(one, shares.cases) for end, one in zip(End, shares.shares, strict=True)}
    kept = {end: one for end, one in by_end.items() if end not in found.untold}
    return ArmFollowUp(
        arm=arm,
        period=period,
        cases=len(duration),
        left_open=int((~is_closed & (duration < found.horizon_days)).sum()),
        entered_late=int((entry > 0).sum()),
        mean=_mean(duration, is_closed, entry, found.horizon_days),
        decided=kept.get(End.DECIDED),
        refused=kept.get(End.REFUSED),
        withdrawn=kept.get(End.WITHDRAWN),
        untold=kept.get(End.UNTOLD),
        waiting=None if shares is None else shares.waiting,
        refused_of_ended=_refused_of_ended(found, chosen) if End.REFUSED in kept else None,
    )


def _refused_of_ended(found: _Ends, chosen: Flags) -> Estimate | None:
    taken = chosen & (found.cases.watched_from == 0)
    share = weighted_share(
        found.ends[taken] == End.REFUSED,
        known_after=found.cases.duration[taken],
        is_known=found.cases.is_closed[taken],
        horizon_days=found.horizon_days,
    )
    return None if np.isnan(share.value) else share


def _bounded(share: Estimate, cases: int) -> Estimate:
    """Return a share with Wilson's limits where nobody, or everybody, ended in this way: a curve has none there."""
    if 0 < share.value < 1:
        return share
    lower, upper = wilson_limits(share.value, cases, z=normal_quantile(share.confidence))
    return replace(share, lower=lower, upper=upper)


def _mean(duration: Floats, is_closed: Flags, entry: Floats, horizon_days: float) -> Estimate | None:
    try:
        return restricted_mean(kaplan_meier(duration, is_closed, entry=entry, confidence=CONFIDENCE), horizon_days)
    except PotokError:  # nobody was watched from the opening, or nobody up to the horizon
        return None
