"""Whether the cases after a change are of the kinds that there were before it.

An effect is one on cases like those before. Where many cases after the change belong to a service, a channel or another
declared kind that hardly existed before (under one in a hundred), no adjustment can make the two sides alike: there is
nothing to compare the new kinds with. Looked at for each attribute of the mix; the worst one counts.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.inference.estimate import Estimate
from potok.inference.proportions import wilson_limits
from potok.verify.effect import CheckVerdict, HonestyCheck
from potok.verify.protocol.model import Protocol
from potok.verify.study import Arms, Labels, Side, Study

RARE_SHARE: Final = 0.01
NOTED_SHARE: Final = 0.1
FAILED_SHARE: Final = 0.25
_Z: Final = 1.959963984540054


def check_population(study: Study, arms: Arms, protocol: Protocol) -> HonestyCheck:
    """Look what share of the cases after the change is of kinds that were rare before it."""
    is_before, is_after = (arms.side == side for side in (Side.BEFORE, Side.AFTER))
    if not is_before.any() or not is_after.any():
        return HonestyCheck("population", CheckVerdict.CANNOT_TELL, None, "share", None, _NO_SIDES)
    found = []
    for labels in _mix(study, protocol):
        before = np.bincount(labels.codes[is_before] + 1, minlength=len(labels.labels) + 1) / is_before.sum()
        is_new = before[labels.codes[is_after] + 1] < RARE_SHARE
        found.append((float(is_new.mean()), labels.name))
    if not found:
        return HonestyCheck("population", CheckVerdict.CANNOT_TELL, None, "share", None, _NO_KINDS)
    share, name = max(found)
    low, high = wilson_limits(share, float(is_after.sum()), z=_Z)
    verdict = CheckVerdict.PASSED
    if share > NOTED_SHARE:
        verdict = CheckVerdict.FAILED if share > FAILED_SHARE else CheckVerdict.NOTED
    reason = _ALIKE if verdict is CheckVerdict.PASSED else _OTHERS
    figure = Estimate(share, low, high, np.nan, 0.95)
    return HonestyCheck("population", verdict, figure, "share", FAILED_SHARE, reason, {"name": name, "share": share})


def _mix(study: Study, protocol: Protocol) -> Iterator[Labels]:
    """Yield the attributes of the mix that the logs hold and that differ between cases."""
    names = dict.fromkeys(("service", "channel", *protocol.comparison.case_mix))
    for name in names:
        labels = study.cases.attribute(name)
        if labels is not None and 1 < len(labels.labels) <= len(labels.codes) / 10:
            yield labels


_NO_SIDES = mark("There are no cases on one side of the change.")
_NO_KINDS = mark("Nothing is declared by which cases differ, so other kinds of them cannot be seen.")
_ALIKE = mark("{share:share} of the cases after the change are of kinds («{name}») that were rare before.")
_OTHERS = mark(
    "{share:share} of the cases after the change are of kinds («{name}») that were rare before: the change came with "
    "another population, and there is nothing to compare these cases with."
)
