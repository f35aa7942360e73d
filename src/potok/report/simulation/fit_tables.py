"""How a model fits the log that it was learned from, as tables."""

from math import isfinite

from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.report.catalogue.entry import count, duration, number, share, text
from potok.report.formats import format_share
from potok.report.tables import Table
from potok.simulate.discovery.fit import ModelFit
from potok.simulate.model import DistributionKind

POOR_DISTANCE = 0.1
"""Kolmogorov–Smirnov distance from which a distribution is said to describe an activity poorly."""


def fit_tables(fit: ModelFit) -> tuple[Table, ...]:
    """Tabulate the fit of a model: times of activities, delays, and how busy its pools are."""
    return tuple(table for table in (_durations_table(fit), _delays_table(fit), _pools_table(fit)) if table.rows)


def poor_fits(fit: ModelFit) -> tuple[str, ...]:
    """Say which activities' times the model describes poorly, in one sentence; nothing if there are none."""
    poor = sorted((one for one in fit.durations if one.distance >= POOR_DISTANCE), key=lambda one: -one.distance)
    if not poor:
        return ()
    named = ", ".join(f"{quoted(one.activity)} ({format_share(one.distance)})" for one in poor)
    return (
        _("How long these take the model describes poorly (largest difference of shares): {names}.").format(
            names=named
        ),
    )


def _durations_table(fit: ModelFit) -> Table:
    columns = (
        text("activity", _("Activity")),
        count("instances", _("Executions")),
        duration("mean_seconds", _("Mean time in the log")),
        text("kind", _("Described by")),
        number("distance", _("Distance")),
        text("verdict", _("Fit")),
    )
    rows = tuple(
        (
            one.activity,
            one.instances,
            _known(one.mean_seconds),
            _name_kind(one.kind),
            _known(one.distance),
            _("poor") if one.distance >= POOR_DISTANCE else _("good"),
        )
        for one in fit.durations
    )
    note = _(
        "Distance: the largest difference between the share of executions that took up to a time, in the log and in "
        "the model (Kolmogorov–Smirnov). From 0.1 on the fit is called poor."
    )
    return Table("durations_fit", _("How long activities take"), columns, rows, notes=(note,))


def _name_kind(kind: DistributionKind) -> str:
    return {
        DistributionKind.FIXED: _("always the same time"),
        DistributionKind.EXPONENTIAL: _("exponential distribution"),
        DistributionKind.GAMMA: _("gamma distribution"),
        DistributionKind.LOGNORMAL: _("lognormal distribution"),
        DistributionKind.MIXTURE: _("mixture of distributions"),
        DistributionKind.EMPIRICAL: _("the times of the log themselves"),
    }.get(kind, kind.value)


def _delays_table(fit: ModelFit) -> Table:
    columns = (
        text("activity", _("Activity")),
        count("instances", _("Executions")),
        share("share", _("Delayed")),
        duration("mean_seconds", _("Mean delay")),
        duration("waiting_seconds", _("Mean wait in all")),
    )
    rows = tuple(
        (one.activity, one.instances, _known(one.share), _known(one.mean_seconds), _known(one.waiting_seconds))
        for one in fit.delays
    )
    return Table("delays_fit", _("Delays that neither people nor hours explain"), columns, rows)


def _pools_table(fit: ModelFit) -> Table:
    columns = (
        text("pool", _("Pool")),
        count("people", _("People")),
        share("utilisation", _("Busy, in the log")),
    )
    rows = tuple((one.pool, one.people, _known(one.utilisation)) for one in fit.pools)
    return Table("pools_fit", _("How busy people were"), columns, rows)


def _known(value: float) -> float | None:
    return value if isfinite(value) else None
