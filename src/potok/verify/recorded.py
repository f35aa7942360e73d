"""Whether an indicator by which quality is judged is recorded at all."""

from typing import Final

import numpy as np

from potok.verify.protocol.model import QualityMargin
from potok.verify.study import UNKNOWN, Arms, Side, Study

MOST_UNRECORDED: Final = 0.15
"""Where more of the cases lie in agencies that never record an indicator, nothing is told of it."""


def unrecorded_share(study: Study, arms: Arms, margin: QualityMargin) -> float:
    """Return which share of the cases of agencies that changed lies in agencies where no case has any value.

    One, if no case of all logs has the value by which the indicator is told: a word that the logs do not write and an
    event that never happens look the same.
    """
    labels = study.cases.attribute(margin.attribute)
    if labels is None or margin.value not in labels.labels:
        return 1.0
    has_changed = (arms.side == Side.BEFORE) | (arms.side == Side.AFTER)
    agency, agencies = study.cases.agency.codes[has_changed], len(study.cases.agency.labels)
    cases = np.bincount(agency, minlength=agencies)
    known = np.bincount(agency[labels.codes[has_changed] != UNKNOWN], minlength=agencies)
    return float(cases[known == 0].sum() / max(cases.sum(), 1))


def is_recorded(study: Study, arms: Arms, margin: QualityMargin) -> bool:
    """Return whether enough is recorded of an indicator for its share to say anything."""
    return unrecorded_share(study, arms, margin) <= MOST_UNRECORDED
