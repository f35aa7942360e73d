"""Distributions as Prosimos draws them.

The meaning of its parameters (those of its library pix-framework, checked against the logs that it wrote): a fixed
value; the mean, least and greatest of an exponential one, which is the least plus an exponential time of mean ``mean -
least``; both ends of a uniform one; mean, standard deviation, least and greatest of a normal one; mean, *variance*,
least and greatest of a gamma and a log-normal one. Draws outside the least and the greatest are drawn again, so the
distribution is conditioned on that range. Older versions wrote SciPy's parameters instead, in lists of bare numbers;
these are refused, because they cannot be told from the others.
"""

import math
from typing import Any, Final

from potok.core.language import gettext as _
from potok.core.toml_reading import TomlTable
from potok.simulate.model import Distribution, DistributionKind, fixed
from potok.simulate.prosimos.errors import NotExportableError
from potok.simulate.prosimos.values import read_number

_FIXED: Final = ("fix", "fixed")
_NEEDED: Final = {
    "fix": 1,
    "fixed": 1,
    "expon": 2,
    "uniform": 2,
    "norm": 2,
    "gamma": 2,
    "lognorm": 2,
}
_KINDS: Final = {
    "norm": DistributionKind.NORMAL,
    "gamma": DistributionKind.GAMMA,
    "lognorm": DistributionKind.LOGNORMAL,
}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}
_FAR: Final = 1e12
"""Written as the greatest where there is none."""

Written = dict[str, Any]


def read_prosimos_distribution(table: TomlTable) -> Distribution:
    """Read a distribution: its name and its parameters."""
    name = table.text("distribution_name")
    if name == "histogram_sampling":
        return _histogram(table.table("histogram_data"))
    if name not in _NEEDED:
        raise table.wrong_value("distribution_name", name, _("one of {names}").format(names=", ".join(_NEEDED)))
    values = [read_number(entry, "value") for entry in table.tables("distribution_params")]
    if len(values) < _NEEDED[name]:
        raise table.failure(
            "distribution_params",
            _("The distribution “{name}” has {found} parameters.").format(name=name, found=len(values)),
            _("Give {count}.").format(count=_NEEDED[name]),
        )
    low, high = _range(name, values)
    if high is not None and not (low < high or (low == high and name != "uniform")):
        raise table.wrong_value("distribution_params", values, _("a greatest value above the least"))
    return _distribution(name, values, low, high or 0.0)


def _range(name: str, values: list[float]) -> tuple[float, float | None]:
    if name in _FIXED:
        return 0.0, None
    if name == "uniform":
        return values[0], values[1]
    first = 1 if name == "expon" else 2
    low = values[first] if len(values) > first else 0.0
    return low, values[first + 1] if len(values) > first + 1 else None


def _distribution(name: str, values: list[float], low: float, high: float) -> Distribution:
    if name in _FIXED:
        return fixed(values[0])
    if low == high > 0.0:
        return fixed(low)
    if name == "uniform":
        return Distribution(DistributionKind.UNIFORM, low_seconds=low, high_seconds=high)
    if name == "expon":
        scale = values[0] - low if values[0] >= low else values[0]
        kind, mean, spread = DistributionKind.EXPONENTIAL, scale, scale
    else:
        kind, mean = _KINDS[name], values[0]
        spread = values[1] if name == "norm" else math.sqrt(values[1])
    if spread == 0.0:
        return fixed(max(mean, low))
    sd = 0.0 if name == "expon" else spread
    return Distribution(kind, mean_seconds=mean, sd_seconds=sd, low_seconds=low, high_seconds=high)


def _histogram(table: TomlTable) -> Distribution:
    expected = _("a list of numbers")
    cumulative, middles = (table.value(key, list, expected) for key in ("cdf", "bin_midpoints"))
    is_good = len(cumulative) == len(middles) > 0 and all(
        isinstance(number, int | float) and number >= 0 for number in (*cumulative, *middles)
    )
    weights = [one - before for one, before in zip(cumulative, [0.0, *cumulative[:-1]], strict=True)] if is_good else []
    if not is_good or min(weights) < 0 or cumulative[-1] <= 0:
        raise table.wrong_value("cdf", cumulative, _("shares that ascend to 1, one for each midpoint"))
    parts = [(weight / cumulative[-1], fixed(float(at))) for weight, at in zip(weights, middles, strict=True) if weight]
    return Distribution(DistributionKind.MIXTURE, parts=tuple(parts))


def write_prosimos_distribution(distribution: Distribution, place: str) -> Written:
    """Write a distribution as Prosimos reads it.

    Parameters
    ----------
    place
        What the error calls it.

    Raises
    ------
    NotExportableError
        If Prosimos has no such distribution.
    """
    kind, mean, low = distribution.kind, distribution.mean_seconds, distribution.low_seconds
    high = distribution.high_seconds or _FAR
    if kind is DistributionKind.FIXED:
        return _written("fix", mean)
    if kind is DistributionKind.UNIFORM:
        return _written("uniform", low, high)
    if kind is DistributionKind.EXPONENTIAL:
        return _written("expon", low + mean, low, high)
    if kind is DistributionKind.NORMAL:
        return _written("norm", mean, distribution.sd_seconds, low, high)
    if kind in _NAMES:
        return _written(_NAMES[kind], mean, distribution.sd_seconds**2, low, high)
    raise NotExportableError(
        _("Prosimos has no distribution of the kind “{kind}”.").format(kind=kind),
        where=place,
        remedy=_("Replace it by a log-normal or gamma distribution of the same mean and deviation."),
    )


def _written(name: str, *values: float) -> Written:
    return {"distribution_name": name, "distribution_params": [{"value": value} for value in values]}
