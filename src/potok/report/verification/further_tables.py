"""What stands beside the primary outcome and decides nothing: ratio, E-values, open cases, quality by agency."""

from collections.abc import Iterator
from math import isfinite

from potok.core.language import gettext as _
from potok.inference.estimate import Estimate
from potok.report.catalogue.entry import text
from potok.report.formats import format_count, format_decimal, format_share
from potok.report.tables import Table
from potok.report.verification.amounts import UNKNOWN, Amounts
from potok.report.verification.reasons import say
from potok.report.verification.words import name_method, write_probability
from potok.verify.effect import ArmFollowUp, ClusteredHarm, Effect

Row = tuple[str, ...]
_RATIO_DIGITS = 2


def further_tables(effect: Effect, amounts: Amounts) -> tuple[Table, ...]:
    """Tabulate the ratio, how strong something unrecorded would have to be, and the cases of each arm and period."""
    return ratio_table(effect, amounts), unmeasured_table(effect), follow_up_table(effect, amounts), ends_table(effect)


def ratio_table(effect: Effect, amounts: Amounts) -> Table:
    """Tabulate the primary outcome as a ratio."""
    rows: list[Row] = []
    if effect.ratio is not None:
        one = effect.ratio
        rows = [
            (_("With the change ÷ without it"), _ratio(one.ratio.value), _ratio_range(one.ratio)),
            (
                _("Improvement, share of what it would have been"),
                _signed(one.improvement.value),
                _range(one.improvement),
            ),
            (_("p-value of no change, two-sided"), write_probability(one.p_value), ""),
            (_("How it was estimated"), say(one.note, {}, amounts), ""),
        ]
    columns = text("what", _("What")), text("said", _("Value")), text("range", _("Interval"))
    note = _("Shown beside the primary outcome, never in its place.")
    return Table("ratio", _("By how many per cent"), columns, tuple(rows), notes=(note,))


def unmeasured_table(effect: Effect) -> Table:
    """Tabulate E-values."""
    found = [(_("Primary outcome"), effect.estimate.e_value)] if effect.estimate is not None else []
    found += [(name_method(one.method), one.e_value) for one in effect.second_opinions]
    rows = tuple((name, _strength(value.estimate), _strength(value.limit)) for name, value in found if value)
    columns = (
        text("of", _("Of")),
        text("figure_estimate", _("E-value of the estimate")),
        text("figure_limit", _("E-value of the interval")),
    )
    note = _(
        "So many times more often would something that nobody recorded have to go with the change, and so many times "
        "more often with a good outcome, to explain the figure, or to bring its interval to nothing; 1 means that "
        "nothing is needed. Where chance dealt out the dates there is none."
    )
    return Table("unmeasured", _("What something unrecorded would have to be"), columns, rows, notes=(note,))


def _strength(strength: float) -> str:
    return format_decimal(strength, digits=_RATIO_DIGITS) if isfinite(strength) else "∞"


def follow_up_table(effect: Effect, amounts: Amounts) -> Table:
    """Tabulate how long cases of each arm and period took, open ones counted for as long as they were watched."""
    columns = (
        text("arm", _("Agencies and period")),
        text("cases", _("Cases")),
        text("left_open", _("Still open")),
        text("entered_late", _("Watched after opening")),
        text("figure_mean", _("Mean time")),
        text("figure_mean_interval", _("Interval")),
    )
    rows = tuple(_follow_up_row(one, amounts) for one in effect.follow_up)
    note = _("Mean time up to the horizon (Kaplan–Meier with delayed entry); cases count as independent.")
    return Table("follow_up", _("Times with open cases"), columns, rows, notes=(note,))


def ends_table(effect: Effect) -> Table:
    """Tabulate how the cases of each arm and period had ended by the horizon."""
    columns = (
        text("arm", _("Agencies and period")),
        text("figure_decided", _("Decided")),
        text("figure_refused", _("Refused")),
        text("figure_withdrawn", _("Withdrawn")),
        text("figure_untold", _("Outcome empty")),
        text("figure_waiting", _("Open at the horizon")),
        text("figure_refused_of_ended", _("Refused of those ended")),
    )
    rows = tuple(_ends_row(one) for one in effect.follow_up if one.decided is not None)
    notes = (
        _("Shares by the horizon, with intervals: one end competes with the others (Aalen–Johansen)."),
        _("Refused of those ended: weighted by the inverse of the probability of having been followed so long."),
    )
    return Table("ends", _("How cases had ended by the horizon"), columns, rows, notes=notes)


def _follow_up_row(one: ArmFollowUp, amounts: Amounts) -> Row:
    days = Amounts("days", amounts.is_working)
    return (
        _name_arm(one),
        format_count(one.cases),
        format_count(one.left_open),
        format_count(one.entered_late),
        UNKNOWN if one.mean is None else days.write(one.mean.value),
        "" if one.mean is None else days.write_range(one.mean),
    )


def _ends_row(one: ArmFollowUp) -> Row:
    return (
        _name_arm(one),
        *map(_share_and_range, (one.decided, one.refused, one.withdrawn, one.untold)),
        UNKNOWN if one.waiting is None else format_share(one.waiting),
        _share_and_range(one.refused_of_ended),
    )


def _name_arm(one: ArmFollowUp) -> str:
    return {
        ("changed", "before"): _("agencies that changed, the year before"),
        ("changed", "after"): _("agencies that changed, after"),
        ("compared", "before"): _("compared agencies, the year before the first change"),
        ("compared", "after"): _("compared agencies, after the first change"),
    }[one.arm, one.period]


def clustered_table(effect: Effect) -> Table:
    """Tabulate quality plainly before and after, cases of an agency or month counting as alike."""
    columns = (
        text("name", _("Indicator")),
        text("clusters", _("Counted as alike")),
        text("figure_worsening", _("Worsening")),
        text("figure_worsening_interval", _("Interval")),
        text("figure_ratio", _("After ÷ before")),
        text("figure_ratio_interval", _("Interval of the ratio")),
        text("figure_ratio_margin", _("Margin as a ratio")),
        text("p_difference", _("p-value of reaching the margin")),
        text("p_equivalent", _("p-value of moving by the margin either way")),
    )
    rows = tuple(_clustered_rows(effect))
    note = _(
        "Shown beside the indicators, never in their place; a small p-value (below 0.025) shows that quality held."
    )
    return Table("quality_clustered", _("Quality by agency or month"), columns, rows, notes=(note,))


def _clustered_rows(effect: Effect) -> Iterator[Row]:
    points = Amounts("share")
    for quality in effect.quality:
        one = quality.clustered
        if one is None:
            continue
        yield (
            quality.name,
            _name_clusters(one),
            points.write_signed(one.harm.value),
            points.write_range(one.harm),
            UNKNOWN if one.ratio is None else _ratio(one.ratio.value),
            "" if one.ratio is None else _ratio_range(one.ratio),
            UNKNOWN if one.ratio_margin is None else _ratio(one.ratio_margin),
            write_probability(one.p_difference),
            write_probability(one.p_equivalent),
        )


def _name_clusters(one: ClusteredHarm) -> str:
    said = _("agencies: {n}") if one.clustered_by == "agency" else _("months: {n}")
    return said.format(n=format_count(one.clusters))


def _ratio(value: float) -> str:
    return format_decimal(value, digits=_RATIO_DIGITS) if isfinite(value) else UNKNOWN


def _ratio_range(one: Estimate) -> str:
    if not isfinite(one.lower) or not isfinite(one.upper):
        return UNKNOWN
    return _("{lower} to {upper}").format(lower=_ratio(one.lower), upper=_ratio(one.upper))


def _signed(value: float) -> str:
    return ("−" if value < 0 else "") + format_share(abs(value)) if isfinite(value) else UNKNOWN


def _range(one: Estimate) -> str:
    return _("{lower} to {upper}").format(lower=_signed(one.lower), upper=_signed(one.upper))


def _share_and_range(one: Estimate | None) -> str:
    if one is None or not isfinite(one.value):
        return UNKNOWN
    if not isfinite(one.lower) or not isfinite(one.upper):
        return format_share(one.value)
    return _("{value} ({lower} to {upper})").format(
        value=format_share(one.value), lower=format_share(one.lower), upper=format_share(one.upper)
    )
