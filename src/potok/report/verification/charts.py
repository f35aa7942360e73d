"""Charts of a verification, each with its caption, the text that stands for it, and the table that says the same."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, nan

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.core.language import pgettext
from potok.report.catalogue.entry import count, number, share, text
from potok.report.formats import format_decimal, format_share
from potok.report.tables import Table
from potok.report.verification.amounts import Amounts, amounts_for
from potok.report.verification.control import say_special, watch_months
from potok.report.verification.distribution import Distribution, make_distribution
from potok.report.verification.drawing.control_chart import ControlChart, draw_control_chart
from potok.report.verification.drawing.distribution_chart import draw_distribution
from potok.report.verification.drawing.event_study import EventPoint, draw_event_study
from potok.report.verification.drawing.margins_chart import MarginRow, draw_margins
from potok.report.verification.drawing.series_chart import draw_series
from potok.report.verification.results import EffectResults
from potok.report.verification.series import Series, list_points, make_series
from potok.report.verification.words import is_month, name_month, name_outcome
from potok.verify.effect import PeriodEffect


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture.

    Parameters
    ----------
    name
        snake_case English.
    caption
        Under it.
    picture
        An ``<svg>`` element.
    text
        What it shows, in words.
    table
        The same figures; None where another table of the document has them.
    """

    name: str
    caption: str
    picture: Markup
    text: str
    table: Table | None = None


def series_chart(results: EffectResults, *, height: float = 190.0, has_without: bool = True) -> Chart | None:
    """Draw the outcome month by month beside what it would have been; None without a panel.

    Parameters
    ----------
    has_without
        Whether to show what would have been.
    """
    series = make_series(results, has_without=has_without)
    if series is None:
        return None
    amounts = amounts_for(results.effect, results.protocol)
    caption = _("{outcome}: mean by month of opening, {unit}").format(
        outcome=_capital(name_outcome(results.protocol.estimand)), unit=_name_unit(amounts)
    )
    said = _say_series(results, series, amounts)
    write = _axis_writer(amounts)
    picture = draw_series(series, title=caption, description=said, write=write, height=height)
    return Chart("series", caption, picture, said, _series_table(series, caption, amounts))


def _name_unit(amounts: Amounts) -> str:
    if amounts.unit == "days":
        return _("working days") if amounts.is_working else _("calendar days")
    return _("percent") if amounts.unit == "share" else _("money per case")


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]


def _axis_writer(amounts: Amounts) -> Callable[[float], str]:
    def write(value: float) -> str:
        if amounts.unit == "share":
            return format_share(value)
        return format_decimal(value, digits=0 if float(value).is_integer() else 1)

    return write


def _say_series(results: EffectResults, series: Series, amounts: Amounts) -> str:
    known = [point for point in series.points if isfinite(point.observed)]
    template = (
        _("Months {first} to {last}, counted from the change: first {before}, last {after}.")
        if series.is_relative
        else _("From {first} to {last}: first {before}, last {after}.")
    )
    said = template.format(
        first=_name_point(known[0].label),
        last=_name_point(known[-1].label),
        before=_level(known[0].observed, amounts),
        after=_level(known[-1].observed, amounts),
    )
    if isfinite(known[-1].without):
        said += " " + _("Without the change the last would have been {without}.").format(
            without=_level(known[-1].without, amounts)
        )
    return said


def _name_point(label: str) -> str:
    """Name a month, or the number of months since the change."""
    return name_month(label) if is_month(label) else label.replace("-", "−")


def _level(value: float, amounts: Amounts) -> str:
    return format_share(value) if amounts.unit == "share" else amounts.write(value)


def _series_table(series: Series, caption: str, amounts: Amounts) -> Table:
    column = share if amounts.unit == "share" else number
    columns = (
        text("period", _("Month") if not series.is_relative else _("Months since the change")),
        column("observed", _("As it was")),
        column("without", _("Without the change")),
        column("lower", pgettext("bounds", "From")),
        column("upper", pgettext("bounds", "To")),
        count("cases", _("Cases")),
    )
    rows = tuple((_name_point(label), *values) for label, *values in list_points(series))
    return Table("series", caption, columns, rows)


def event_study_chart(results: EffectResults) -> Chart | None:
    """Draw the improvement period by period; None where the design has no periods."""
    estimate = results.effect.estimate
    if estimate is None or not estimate.periods:
        return None
    amounts = amounts_for(results.effect, results.protocol)
    points = _event_points(results, estimate.periods)
    caption = _("Improvement by period: above zero is better")
    after = [point for point in points if not point.is_before]
    above = sum(isfinite(point.lower) and point.lower > 0 for point in after)
    said = _("{above} of {n} periods after the change have an interval wholly above zero.").format(
        above=above, n=len(after)
    )
    picture = draw_event_study(
        points,
        minimum=results.protocol.estimand.minimum_improvement,
        title=caption,
        description=said,
        write=lambda value: amounts.bare(value) if value else "0",
    )
    return Chart("event_study", caption, picture, said)


def _event_points(results: EffectResults, periods: tuple[PeriodEffect, ...]) -> list[EventPoint]:
    bands = results.bands or (None,) * len(periods)
    points = []
    for place, (period, wide) in enumerate(zip(periods, bands, strict=True)):
        one = period.improvement
        at = float(period.label) if period.label.lstrip("+-").isdigit() else float(place)
        points.append(
            EventPoint(
                period.label,
                at,
                period.is_before,
                one.value,
                one.lower,
                one.upper,
                nan if wide is None else wide.lower,
                nan if wide is None else wide.upper,
            )
        )
    return points


def distribution_chart(results: EffectResults) -> Chart | None:
    """Draw durations before and after; None unless the outcome is one and cases are at hand."""
    found = make_distribution(results)
    if found is None:
        return None
    amounts = amounts_for(results.effect, results.protocol)
    caption = _("Cases by duration, before and after the change")
    said = _("Not closed within {horizon}: {before} before, {after} after the change.").format(
        horizon=amounts.write(found.horizon_days, is_genitive=True),
        before=format_share(found.bins[-1].before_share),
        after=format_share(found.bins[-1].after_share),
    )
    picture = draw_distribution(
        found, title=caption, description=said, write=lambda value: f"{value:g}".replace(".", format_decimal(0.5)[1])
    )
    return Chart("distribution", caption, picture, said, _distribution_table(found, caption))


def _distribution_table(found: Distribution, caption: str) -> Table:
    columns = (
        number("from_days", _("From, days")),
        number("to_days", _("To, days")),
        count("before_cases", _("Cases before")),
        share("before_share", _("Share before")),
        count("after_cases", _("Cases after")),
        share("after_share", _("Share after")),
    )
    rows = tuple(
        (
            bin_.from_days,
            None if bin_.is_beyond else bin_.to_days,
            bin_.before_cases,
            bin_.before_share,
            bin_.after_cases,
            bin_.after_share,
        )
        for bin_ in found.bins
    )
    note = _(
        "Plain shares: neither season nor a trend is taken out of them. Cases still open at the horizon stand in the "
        "last row."
    )
    return Table("distribution", caption, columns, rows, notes=(note,))


def margins_chart(results: EffectResults) -> Chart | None:
    """Draw the indicators against their margins; None where none is declared."""
    points = Amounts("share")
    rows = [
        MarginRow(
            one.name,
            f"{points.write_signed(one.harm.value)} ({points.write_range(one.harm)})",
            one.harm.value,
            one.harm.lower,
            one.harm.upper,
            one.margin_share,
        )
        for one in results.effect.quality
    ]
    if not rows:
        return None
    caption = _("Worsening of quality against the margins, percentage points")
    said = "; ".join(f"{row.name}: {row.said}" for row in rows)
    picture = draw_margins(
        rows, title=caption, description=said, write=lambda value: points.bare(value) if value else "0"
    )
    return Chart("margins", caption, picture, said)


def control_chart(results: EffectResults) -> Chart | None:
    """Draw the control chart; None without months enough."""
    found = results.control or watch_months(results)
    if found is None:
        return None
    amounts = amounts_for(results.effect, results.protocol)
    caption = _("The outcome month by month with its natural limits")
    said = _say_special(found)
    picture = draw_control_chart(found, title=caption, description=said, write=_axis_writer(amounts))
    if not picture:
        return None
    column = share if amounts.unit == "share" else number
    columns = (
        text("period", _("Month")),
        column("value", _("Value")),
        column("mean", _("Mean")),
        column("lower", _("Lower limit")),
        column("upper", _("Upper limit")),
        text("signals", _("Not chance, because")),
    )
    rows = tuple(
        (name_month(label), *(value if isfinite(value) else None for value in values), "; ".join(signals))
        for label, signals, *values in zip(
            found.labels, found.signals, found.values, found.means, found.lower, found.upper, strict=True
        )
    )
    return Chart("control", caption, picture, said, Table("control", caption, columns, rows))


def _say_special(found: ControlChart) -> str:
    return say_special([name_month(label) for label in found.labels], [bool(signals) for signals in found.signals])
