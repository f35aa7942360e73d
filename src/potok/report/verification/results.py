"""What a verification's pages are made of."""

from dataclasses import dataclass

from potok.inference.estimate import Estimate
from potok.report.verification.drawing.control_chart import ControlChart
from potok.verify.effect import Effect
from potok.verify.protocol.model import Protocol
from potok.verify.study import Arms, Panel, Study


@dataclass(frozen=True, slots=True)
class EffectResults:
    """An effect, its protocol, and what it was computed from as far as that is at hand.

    Parameters
    ----------
    effect, protocol
        The result, and whose promise it judges.
    study, arms, panel
        Cases and monthly means; None where only the stored effect is at hand: pages then have fewer pictures.
    bands
        Simultaneous bands of `effect.estimate.periods`, one for each; empty if there are none.
    control
        A control chart of the outcome; None: months are charted against limits from the months before the change.
    command
        How to compute the effect again, as typed.
    """

    effect: Effect
    protocol: Protocol
    study: Study | None = None
    arms: Arms | None = None
    panel: Panel | None = None
    bands: tuple[Estimate, ...] = ()
    control: ControlChart | None = None
    command: str = ""
