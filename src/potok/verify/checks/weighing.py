"""When a figure becomes a flag, and when a failure.

A flag needs evidence and weight: the p-values of all checks that could be made are adjusted together after Holm, so
that an honest project is flagged by any of them in at most one case of twenty; and the figure must reach the limit of
its check. A failure needs more weight: what the check explains is at least half of the improvement, or without it no
more than the promised minimum is left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.inference.estimate import Estimate
from potok.inference.multiplicity import holm
from potok.verify.effect import CheckVerdict, HonestyCheck

FAMILY_LEVEL: Final = 0.05
FLAG_SHARE: Final = 0.2
FAIL_SHARE: Final = 0.5
MOST_CASES: Final = 100


@dataclass(frozen=True, slots=True)
class Claim:
    """The improvement that is looked at.

    Parameters
    ----------
    improvement
        As the log tells it; positive is better.
    minimum
        The promised minimum m in the same unit; None where it is in another.
    before
        Mean before the change.
    unit
        `days`, `share` or `money`.
    can_block
        Whether it is the primary outcome, or moves with it.
    """

    improvement: Estimate
    minimum: float | None
    before: float
    unit: str
    can_block: bool

    @property
    def scale(self) -> float:
        """What explanations are held against: the improvement, but not less than m and a twentieth of the mean."""
        return max(self.improvement.value, self.minimum or 0.0, abs(self.before) / 20, 1e-9)

    def is_material(self, explained: float, *, share: float = FLAG_SHARE) -> bool:
        """Whether an explanation is worth a flag."""
        return explained >= share * self.scale

    def is_undone(self, explained: float) -> bool:
        """Whether an explanation takes away half of the improvement, or all above the promised minimum."""
        whole, minimum = self.improvement.value, self.minimum
        if not self.can_block or whole <= 0:
            return False
        crosses = minimum is not None and whole > minimum >= whole - explained
        return explained >= FAIL_SHARE * self.scale or (crosses and self.is_material(explained))


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a check saw.

    Parameters
    ----------
    kind, figure, unit, limit
        As in `potok.verify.effect.HonestyCheck`.
    p_value
        One-sided, of nothing there; None where chance plays no part.
    is_material, is_grave
        Whether the figure reaches the limit of a flag; of a failure.
    seen
        Marked sentence for a flag or failure.
    arguments
        Values of its placeholders.
    case_ids
        Worst first.
    """

    kind: str
    figure: Estimate | None
    unit: str
    limit: float | None
    p_value: float | None
    is_material: bool
    is_grave: bool
    seen: str
    arguments: Mapping[str, str | int | float] = field(default_factory=dict)
    case_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Untold:
    """A check without a figure, and why: a marked sentence.

    Parameters
    ----------
    is_ruled_out
        Whether what it looks for cannot be, rather than not be told.
    """

    kind: str
    reason: str
    is_ruled_out: bool = False


Answer = Suspicion | Untold


def worse_of(first: Answer, second: Answer) -> Answer:
    """Return the worse of two looks at the same; where the first cannot tell, the second only if it sees something."""
    if isinstance(second, Untold) or (isinstance(first, Untold) and not second.is_material):
        return first
    if isinstance(first, Untold):
        return second
    worst = min((first, second), key=lambda one: (not one.is_material, one.p_value))
    return replace(worst, p_value=min(1.0, 2 * (worst.p_value or 0.0)))


def settle(answers: Sequence[Answer]) -> tuple[HonestyCheck, ...]:
    """Judge all checks of a project together."""
    tested = [one for one in answers if isinstance(one, Suspicion) and one.p_value is not None]
    adjusted = holm(np.asarray([one.p_value for one in tested], np.float64)).tolist() if tested else []
    beyond = {one.kind: bool(p <= FAMILY_LEVEL) for one, p in zip(tested, adjusted, strict=True)}
    return tuple(_settle_one(one, beyond) for one in answers)


def _settle_one(answer: Answer, beyond: Mapping[str, bool]) -> HonestyCheck:
    if isinstance(answer, Untold):
        verdict = CheckVerdict.PASSED if answer.is_ruled_out else CheckVerdict.CANNOT_TELL
        return HonestyCheck(answer.kind, verdict, None, "", None, answer.reason)
    verdict = CheckVerdict.PASSED
    if answer.is_material and beyond.get(answer.kind, True):
        verdict = CheckVerdict.FAILED if answer.is_grave else CheckVerdict.FLAGGED
    is_seen = verdict is not CheckVerdict.PASSED
    return HonestyCheck(
        kind=answer.kind,
        verdict=verdict,
        figure=answer.figure,
        unit=answer.unit,
        limit=answer.limit,
        reason=answer.seen if is_seen else QUIET,
        arguments=answer.arguments if is_seen else {},
        case_ids=answer.case_ids[:MOST_CASES] if is_seen else (),
    )


QUIET: Final = mark("Nothing beyond chance, or too little to matter.")
