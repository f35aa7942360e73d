"""Checks that can undo what they look for: how much of the improvement goes when it is undone."""

import numpy as np

from potok.core.language import mark
from potok.verify.checks.contrast import Contrast
from potok.verify.checks.setting import Setting
from potok.verify.checks.weighing import FLAG_SHARE, Answer, Claim, Suspicion, Untold
from potok.verify.study import Floats


def explain_time(setting: Setting, kind: str, hidden: Floats, *, seen: str) -> Answer:
    """Weigh time that cases took beside what the figure counts.

    Parameters
    ----------
    hidden
        Shape (n,): days not counted, at least 0; no more than the horizon is taken of each case.
    """
    claim = setting.time_claim
    amount = np.clip(hidden, 0.0, setting.horizon)
    found = setting.compare(amount)
    if claim is None or found is None:
        return Untold(kind, NOTHING_TO_COMPARE)
    return weigh(kind, found, claim, seen=seen, case_ids=setting.worst_cases(amount))


def weigh(
    kind: str,
    found: Contrast,
    claim: Claim,
    *,
    seen: str,
    case_ids: tuple[str, ...] = (),
    share: float = FLAG_SHARE,
) -> Suspicion:
    """Hold what was found, in the unit of the claim, against the claim."""
    explained = found.change.value
    whole = claim.improvement.value
    return Suspicion(
        kind=kind,
        figure=found.change,
        unit=claim.unit,
        limit=share * claim.scale,
        p_value=found.p_rise,
        is_material=claim.is_material(explained, share=share),
        is_grave=claim.is_undone(explained),
        seen=seen if whole > 0 else MOOT,
        arguments={"explained": explained, "improvement": whole, "undone": whole - explained},
        case_ids=case_ids,
    )


def explain_counted(setting: Setting, kind: str, inside: Floats, *, seen: str) -> Answer:
    """Weigh time that the figure counts, but that an agency may leave out of its own.

    The primary outcome runs through it, so it cannot feign an improvement there. It fails only where nothing beyond the
    promised minimum is left once it is counted.
    """
    claim = setting.time_claim
    found = setting.compare(np.clip(inside, 0.0, setting.horizon))
    if claim is None or found is None:
        return Untold(kind, NOTHING_TO_COMPARE)
    explained, counted = found.change.value, claim.improvement.value
    told = Claim(claim.improvement, claim.minimum, claim.before, claim.unit, claim.can_block)
    scale = max(counted + explained, told.scale)
    minimum = claim.minimum or 0.0
    return Suspicion(
        kind=kind,
        figure=found.change,
        unit="days",
        limit=FLAG_SHARE * scale,
        p_value=found.p_rise,
        is_material=explained >= FLAG_SHARE * scale,
        is_grave=claim.can_block and counted + explained > minimum >= counted,
        seen=seen,
        arguments={"explained": explained, "improvement": counted + explained, "undone": counted},
        case_ids=setting.worst_cases(inside),
    )


MOOT = mark("It could feign an improvement, but the plain comparison of cases shows none.")
NOTHING_TO_COMPARE = mark("Too few months on one side of the change to compare.")
