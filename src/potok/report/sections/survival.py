"""How long cases take if those still open are taken into account: curve, table twin and sentences."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from markupsafe import Markup

from potok.core.language import gettext as _
from potok.inference.survival import SurvivalCurve
from potok.measure.lead_times import ClockedLeadTimes
from potok.measure.sampling import SurvivalRefusal
from potok.report.catalogue.load import REFUSALS
from potok.report.drawing.survival_chart import SurvivalStep, draw_survival
from potok.report.formats import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS, compose, format_share
from potok.report.measured import ClockedTimes
from potok.report.sections.clocks import format_of, with_interval
from potok.report.sections.table import Cell, Table, figure_column, make_row, text_column

# Below this change of the share two steps look like one.
FINEST_SHARE: Final = 1 / 400
_DRAWN_SHARE: Final = 0.98
_READABLE: Final = tuple(
    float(number * unit)
    for unit, numbers in (
        (MINUTE_SECONDS, (1, 10)),
        (HOUR_SECONDS, (1, 4, 8)),
        (DAY_SECONDS, (1, 3, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650)),
    )
    for number in numbers
)
_READABLE_WORKING: Final = tuple(
    float(number * HOUR_SECONDS) for number in (1, 4, 8, 16, 24, 40, 80, 160, 320, 480, 960, 1920, 3840, 9600, 19200)
)


@dataclass(frozen=True, slots=True)
class SurvivalSection:
    """Open cases taken into account; without a chart where they cannot be, and then a sentence says why."""

    sentences: tuple[str, ...]
    chart: Markup
    table: Table | None


def make_survival(found: ClockedLeadTimes, times: ClockedTimes, *, is_working: bool) -> SurvivalSection:
    """Show the share of cases still open by the time since their opening."""
    curve = times.curve
    if isinstance(curve, SurvivalRefusal):
        return SurvivalSection((_(REFUSALS[curve]),), Markup(""), None)
    median = curve.median().value
    return SurvivalSection(
        sentences=_say(found, is_working=is_working),
        chart=draw_survival(
            survival_steps(curve),
            until_seconds=_end(curve),
            median_seconds=median if np.isfinite(median) else None,
            in_hours=is_working,
        ),
        table=_tabulate(curve, is_working=is_working),
    )


def survival_steps(curve: SurvivalCurve) -> tuple[SurvivalStep, ...]:
    """Return the steps of a curve, without those that change the share by less than can be seen."""
    shares = curve.survival
    kept = [0] if len(shares) else []
    for place in range(1, len(shares)):
        if shares[kept[-1]] - shares[place] >= FINEST_SHARE or place == len(shares) - 1:
            kept.append(place)
    return tuple(
        SurvivalStep(float(curve.times[at]), float(shares[at]), float(curve.lower[at]), float(curve.upper[at]))
        for at in kept
    )


def _end(curve: SurvivalCurve) -> float:
    """Return by when nearly all closings that the log shows have happened: a few very long cases hide the others."""
    closed = 1 - curve.survival
    return float(curve.times[int(np.argmax(closed >= _DRAWN_SHARE * closed[-1]))])


def _say(found: ClockedLeadTimes, *, is_working: bool) -> tuple[str, ...]:
    write, summary = format_of(is_working=is_working), found.overall.survival
    if summary is None:
        return ()
    if summary.median.seconds is None:
        half = _("Open cases taken into account, fewer than half of the cases are closed as far as the log reaches.")
    else:
        half = compose(
            _("Open cases taken into account (Kaplan–Meier), half of the cases take no longer than {median}."),
            median=with_interval(summary.median, write),
        )
    if summary.restricted_mean is None or found.horizon_seconds is None:
        return (half,)
    mean = compose(
        _("Within {horizon} of its opening, a case is open for {mean} on average. In brackets: 95% intervals."),
        horizon=write(found.horizon_seconds),
        mean=with_interval(summary.restricted_mean, write),
    )
    return half, mean


def _tabulate(curve: SurvivalCurve, *, is_working: bool) -> Table:
    write = format_of(is_working=is_working)
    readable = _READABLE_WORKING if is_working else _READABLE
    first, last = float(curve.times[0]), float(curve.times[-1])
    # The last one of no closing, those in between, and the first by which nothing more happens.
    shown = [at for at in readable if at < last]
    shown = [at for at in shown if at >= first] if any(at >= first for at in shown) else shown[-1:]
    return Table(
        caption=_("Share of cases still open, by the time since their opening"),
        columns=(
            text_column(_("Time since the opening")),
            figure_column(_("Still open")),
            figure_column(_("from")),
            figure_column(_("to")),
        ),
        rows=tuple(
            make_row(write(at), Cell(format_share(share), share), format_share(lower), format_share(upper))
            for at, share, lower, upper in (_read(curve, at) for at in (*shown, last))
        ),
    )


def _read(curve: SurvivalCurve, at: float) -> tuple[float, float, float, float]:
    place = int(np.searchsorted(curve.times, at, side="right")) - 1
    if place < 0:
        return at, 1.0, 1.0, 1.0
    return at, float(curve.survival[place]), float(curve.lower[place]), float(curve.upper[place])
