"""Several tests at once."""

import numpy as np
from numpy.typing import ArrayLike

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.inference.observations import Floats


class InvalidProbabilityError(UsageError):
    """A p-value outside 0–1."""

    code = "POTOK-I031"


def holm(p_values: ArrayLike) -> Floats:
    """Adjust p-values so that rejecting all below α errs at most with probability α, whatever their dependence.

    Parameters
    ----------
    p_values
        Shape (m,).

    Returns
    -------
    numpy.ndarray
        Shape (m,): adjusted p-values in the given order.

    Raises
    ------
    InvalidProbabilityError
        If one does not lie within 0–1.

    References
    ----------
    Holm (1979), "A simple sequentially rejective multiple test procedure".
    """
    values = _checked(p_values)
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(values[order] * factors))
    return adjusted


def intersection_union(p_values: ArrayLike) -> float:
    """Return the p-value of the hypothesis that at least one of several null hypotheses holds: the largest of theirs.

    1 without any: what nobody tested is not shown.

    Raises
    ------
    InvalidProbabilityError
        If one does not lie within 0–1.

    References
    ----------
    Berger (1982), "Multiparameter hypothesis testing and acceptance sampling".
    """
    values = _checked(p_values)
    return float(values.max()) if len(values) else 1.0


def _checked(p_values: ArrayLike) -> Floats:
    values = np.asarray(p_values, np.float64).reshape(-1)
    if not ((values >= 0) & (values <= 1)).all():
        raise InvalidProbabilityError(
            _("A p-value does not lie within 0–1."), where="p_values", remedy=_("Give probabilities, not percentages.")
        )
    return values
