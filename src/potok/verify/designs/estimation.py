"""From a panel and a design to an effect."""

from potok.inference.interrupted_series import TooFewMonthsError
from potok.inference.randomisation import NoContrastError
from potok.inference.synthetic import TooFewControlsError
from potok.verify.designs.answers import Answer
from potok.verify.designs.choice import DesignChoice
from potok.verify.designs.differences import estimate_by_differences
from potok.verify.designs.series import estimate_by_series
from potok.verify.effect import Design
from potok.verify.protocol.model import Protocol
from potok.verify.study import Arms, Panel, Study


def estimate_effect(study: Study, arms: Arms, panel: Panel, protocol: Protocol, *, choice: DesignChoice) -> Answer:
    """Estimate the improvement by the chosen design; with no design or nothing to compare there is no estimate."""
    try:
        if choice.design is Design.INTERRUPTED_SERIES:
            return estimate_by_series(panel, protocol, choice=choice)
        if choice.design is not Design.NONE:
            return estimate_by_differences(study, arms, panel, protocol, choice=choice)
    except (NoContrastError, TooFewControlsError, TooFewMonthsError):
        return Answer(None)
    return Answer(None)
