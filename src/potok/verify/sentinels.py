"""Grave events of which each needs a review."""

import numpy as np

from potok.verify.protocol.model import Protocol
from potok.verify.study import Arms, Side, Study


def unreviewed(study: Study, arms: Arms, protocol: Protocol) -> tuple[str, ...]:
    """Return the cases after the change with a grave event that nobody has reviewed, sorted.

    Cases opened within the transition window count, too, and so do those too young for the estimate.
    """
    found: set[str] = set()
    is_since = (arms.side != Side.OUTSIDE) & (study.cases.opened_us >= arms.change_us)
    for sentinel in protocol.sentinels:
        labels = study.cases.attribute(sentinel.attribute)
        if labels is not None:
            cases = study.cases.case_ids[np.flatnonzero(is_since & labels.equals(sentinel.value))]
            found |= {str(case) for case in cases} - set(sentinel.reviewed)
    return tuple(sorted(found))
