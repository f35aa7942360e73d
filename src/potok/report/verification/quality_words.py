"""What happened to a quality indicator, in one plain sentence and a mark."""

from dataclasses import dataclass
from enum import StrEnum

from potok.core.language import gettext as _
from potok.verify.effect import QualityEffect


class Mark(StrEnum):
    """What a mark on a page means."""

    GOOD = "good"
    OPEN = "open"
    BAD = "bad"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A mark and the sentence that says the same."""

    mark: Mark
    sentence: str


def judge_quality(one: QualityEffect) -> Judgement:
    """Say whether an indicator was kept, worsened, or cannot be told yet.

    The judgement follows the rule of the verdict: kept needs the whole interval below the margin and complete
    follow-up; worsened needs the adjusted lower limit above zero and an upper limit not below the margin.
    """
    if one.harm.upper < one.margin_share:
        if not one.is_complete:
            return Judgement(Mark.OPEN, _("so far kept; late cases are still being followed"))
        if one.harm.lower > 0:
            return Judgement(Mark.GOOD, _("slightly worse, but by less than the margin"))
        return Judgement(Mark.GOOD, _("kept, not worse than the margin allows"))
    if one.lower_adjusted > 0:
        return Judgement(Mark.BAD, _("has worsened"))
    if not one.is_recorded:
        return Judgement(Mark.OPEN, _("hardly recorded, so that nothing can be told"))
    return Judgement(Mark.OPEN, _("too few cases to rule out that it has worsened"))
