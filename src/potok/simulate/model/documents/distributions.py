"""Distributions in a document: the kind, and only the keys that it uses."""

from typing import Final

from potok.core.language import gettext as _
from potok.core.toml_reading import TomlTable
from potok.simulate.model.distributions import Distribution, DistributionKind
from potok.simulate.model.documents.taking import Mapped, read_number_list, rounded_to_one

REQUIRED: Final = {
    DistributionKind.FIXED: ("mean_seconds",),
    DistributionKind.UNIFORM: ("low_seconds", "high_seconds"),
    DistributionKind.TRIANGULAR: ("low_seconds", "mode_seconds", "high_seconds"),
    DistributionKind.EXPONENTIAL: ("mean_seconds",),
    DistributionKind.GAMMA: ("mean_seconds", "sd_seconds"),
    DistributionKind.LOGNORMAL: ("mean_seconds", "sd_seconds"),
    DistributionKind.WEIBULL: ("mean_seconds", "sd_seconds"),
    DistributionKind.NORMAL: ("mean_seconds", "sd_seconds"),
    DistributionKind.EMPIRICAL: (),
    DistributionKind.MIXTURE: (),
}
"""Numbers that each kind needs."""
CUTTABLE: Final = frozenset(
    {
        DistributionKind.EXPONENTIAL,
        DistributionKind.GAMMA,
        DistributionKind.LOGNORMAL,
        DistributionKind.WEIBULL,
        DistributionKind.NORMAL,
    }
)
"""Kinds that may be cut at `low_seconds` and `high_seconds`."""


def read_distribution(table: TomlTable, *, weighted: bool = False) -> Distribution:
    """Read a distribution.

    Parameters
    ----------
    weighted
        Whether it is part of a mixture, so that its table holds its weight too.
    """
    if weighted:
        table.number("weight")
    kind = DistributionKind(table.choice("kind", tuple(DistributionKind)))
    numbers = {key: table.number(key) for key in REQUIRED[kind]}
    if kind in CUTTABLE:
        numbers |= {key: table.number(key, 0.0) for key in ("low_seconds", "high_seconds")}
    quantiles: tuple[float, ...] = ()
    parts: tuple[tuple[float, Distribution], ...] = ()
    if kind is DistributionKind.EMPIRICAL:
        quantiles = read_number_list(table, "quantiles_seconds", ())
    if kind is DistributionKind.MIXTURE:
        parts = _read_parts(table)
    table.finish()
    return Distribution(kind, quantiles_seconds=quantiles, parts=parts, **numbers)


def read_optional_distribution(table: TomlTable, key: str) -> Distribution | None:
    """Read a distribution; None if the key is missing."""
    return read_distribution(table.table(key)) if table.has(key) else None


def read_required_distribution(table: TomlTable, key: str) -> Distribution:
    """Read a distribution; the key must be there."""
    table.value(key, dict, _('a distribution, such as { kind = "exponential", mean_seconds = 900 }'))
    return read_distribution(table.table(key))


def _read_parts(table: TomlTable) -> tuple[tuple[float, Distribution], ...]:
    tables = list(table.tables("parts"))
    weights = rounded_to_one([part.number("weight") for part in tables])
    return tuple((weight, read_distribution(part, weighted=True)) for weight, part in zip(weights, tables, strict=True))


def distribution_as_mapping(distribution: Distribution) -> Mapped:
    """Write a distribution: what its kind does not use is left out."""
    kind = distribution.kind
    mapped: Mapped = {"kind": str(kind)}
    mapped |= {key: getattr(distribution, key) for key in REQUIRED[kind]}
    if kind in CUTTABLE:
        mapped |= {
            key: getattr(distribution, key) for key in ("low_seconds", "high_seconds") if getattr(distribution, key)
        }
    if kind is DistributionKind.EMPIRICAL:
        mapped["quantiles_seconds"] = list(distribution.quantiles_seconds)
    if kind is DistributionKind.MIXTURE:
        mapped["parts"] = [{"weight": weight} | distribution_as_mapping(part) for weight, part in distribution.parts]
    return mapped
