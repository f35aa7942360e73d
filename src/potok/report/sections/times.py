"""How long cases take: closed ones, and those that are still open."""

from dataclasses import dataclass

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.measure.case_durations import CaseDurations
from potok.report.audit import Audit
from potok.report.drawing.duration_chart import draw_durations, label_bin
from potok.report.formats import compose, format_count, format_duration, format_hours
from potok.report.sections.table import Table, figure_column, make_row, text_column


@dataclass(frozen=True, slots=True)
class TimesSection:
    """Durations as sentences, a table and a chart."""

    sentences: tuple[str, ...]
    table: Table
    chart: Markup
    chart_table: Table


def make_times(audit: Audit) -> TimesSection:
    """Show how long cases take."""
    durations = audit.durations
    return TimesSection(
        sentences=tuple(filter(None, (_say_basis(durations), _say_open(durations), _say_total(durations)))),
        table=_make_table(durations),
        chart=draw_durations(durations.histogram),
        chart_table=_make_chart_table(durations),
    )


def _say_basis(durations: CaseDurations) -> str:
    if not durations.closed_cases:
        return _("No case is closed by the rule in force; a closing rule can be given when the log is imported.")
    return ngettext(
        "The duration of a case runs from its first event to its closing, in calendar time; {n} closed case is "
        "counted.",
        "The duration of a case runs from its first event to its closing, in calendar time; {n} closed cases are "
        "counted.",
        durations.closed_cases,
    ).format(n=format_count(durations.closed_cases))


def _say_open(durations: CaseDurations) -> str:
    if not durations.open_cases or durations.open_median_age_seconds is None:
        return ""
    template = ngettext(
        "{n} case is still open, for {age} so far. It is not among the closed ones; as slow cases stay open longer, "
        "the true typical duration may be longer than shown.",
        "{n} cases are still open, half of them for more than {age} so far. They are not among the closed ones; "
        "as slow cases stay open longer, the true typical duration may be longer than shown.",
        durations.open_cases,
    )
    age = format_duration(durations.open_median_age_seconds)
    return compose(template, n=format_count(durations.open_cases), age=age)


def _say_total(durations: CaseDurations) -> str:
    return _("All cases together were open for {hours} (open ones up to the end of the log).").format(
        hours=format_hours(durations.total_seconds)
    )


def _make_table(durations: CaseDurations) -> Table:
    rows = (
        (_("Shortest"), durations.min_seconds),
        (_("Median: half of the cases take no longer"), durations.median_seconds),
        (_("90th percentile: one case in ten takes longer"), durations.p90_seconds),
        (_("Longest"), durations.max_seconds),
        (_("Mean (a few very long cases can raise it far above the median)"), durations.mean_seconds),
        (_("Open cases: median age"), durations.open_median_age_seconds),
        (_("Open cases: greatest age"), durations.open_max_age_seconds),
    )
    return Table(
        caption=_("Duration of cases"),
        columns=(text_column(_("Measure")), figure_column(_("Calendar time"))),
        rows=tuple(make_row(name, format_duration(seconds)) for name, seconds in rows if seconds is not None),
    )


def _make_chart_table(durations: CaseDurations) -> Table:
    return Table(
        caption=_("Cases by duration"),
        columns=(
            text_column(_("Duration")),
            figure_column(_("Closed cases")),
            figure_column(_("Open cases (age so far)")),
        ),
        rows=tuple(
            make_row(
                label_bin(bin_),
                format_count(bin_.closed_cases),
                format_count(bin_.open_cases),
            )
            for bin_ in durations.histogram
        ),
    )
