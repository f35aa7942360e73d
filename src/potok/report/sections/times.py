"""How long cases take: closed ones, those that are still open, and all of them taken together."""

from dataclasses import dataclass

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.measure.case_durations import CaseDurations
from potok.measure.lead_times import ClockedLeadTimes
from potok.report.drawing.duration_chart import draw_durations, label_bin
from potok.report.formats import compose, format_count, format_duration, format_hours
from potok.report.measured import Audit, ClockedTimes
from potok.report.sections.clocks import UNKNOWN, Format, format_of, known, with_interval
from potok.report.sections.commands import cases_command
from potok.report.sections.survival import SurvivalSection, make_survival
from potok.report.sections.table import Table, figure_column, make_row, text_column


@dataclass(frozen=True, slots=True)
class ClockTimes:
    """Durations on one clock, with open cases and with them taken into account."""

    table: Table
    survival: SurvivalSection


@dataclass(frozen=True, slots=True)
class TimesSection:
    """Durations as sentences, tables and charts.

    Parameters
    ----------
    sentences
        Over which cases, and how much time in all.
    calendar_time, working_time
        On either clock; working time None without a calendar that knows the log's years.
    calendar_note
        On which calendar working time runs, or why there is none; empty if no calendar was given.
    chart, chart_table
        Cases by duration, in calendar time, and its table twin.
    way
        What lists the cases of a duration.
    """

    sentences: tuple[str, ...]
    calendar_time: ClockTimes
    working_time: ClockTimes | None
    calendar_note: str
    chart: Markup
    chart_table: Table
    way: str


def make_times(audit: Audit) -> TimesSection:
    """Show how long cases take."""
    durations, times = audit.durations, audit.times
    working, lead_times = times.working_time, times.lead_times.working_time
    return TimesSection(
        sentences=tuple(filter(None, (_say_basis(durations), _say_open(durations), _say_total(durations)))),
        calendar_time=_make_clock(times.lead_times.calendar_time, times.calendar_time, is_working=False),
        working_time=_make_clock(lead_times, working, is_working=True) if working and lead_times else None,
        calendar_note=say_calendar(audit),
        chart=draw_durations(durations.histogram),
        chart_table=_make_chart_table(durations),
        way=cases_command(audit, case_filter=f"duration>{max(1, round((durations.p90_seconds or 0) / 86_400))}d"),
    )


def say_calendar(audit: Audit) -> str:
    """Say on which calendar working time runs, or why it cannot be told; nothing without a calendar."""
    calendar = audit.times.calendar
    if calendar is None:
        return ""
    if audit.times.is_calendar_short:
        return _("Working time cannot be told: the calendar “{name}” does not know every year of the log.").format(
            name=calendar.name
        )
    return _("Working time runs on the calendar “{name}” ({zone}) and is given in hours.").format(
        name=calendar.name, zone=calendar.zone
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


def _make_clock(found: ClockedLeadTimes, times: ClockedTimes, *, is_working: bool) -> ClockTimes:
    return ClockTimes(
        table=_make_table(found, times.durations, is_working=is_working),
        survival=make_survival(found, times, is_working=is_working),
    )


def _make_table(found: ClockedLeadTimes, durations: CaseDurations, *, is_working: bool) -> Table:
    """Set closed cases, open ones and all of them side by side; what has nothing to say is left out."""
    write = format_of(is_working=is_working)
    has_all = found.overall.survival is not None and durations.open_cases > 0
    has = (durations.closed_cases > 0, durations.open_cases > 0, has_all)
    titles = (_("Closed cases"), _("Open cases, so far"), _("All, open ones taken into account"))
    return Table(
        caption=_("Duration of cases in working time") if is_working else _("Duration of cases"),
        columns=(
            text_column(_("Measure")),
            *(figure_column(title) for title, is_shown in zip(titles, has, strict=True) if is_shown),
        ),
        rows=tuple(
            make_row(name, *(cell for cell, is_shown in zip(cells, has, strict=True) if is_shown))
            for name, cells in _list_measures(found, durations, write)
            if any(cell != UNKNOWN for cell, is_shown in zip(cells, has, strict=True) if is_shown)
        ),
        note=_("In brackets: 95% intervals.") if has_all else "",
    )


def _list_measures(
    found: ClockedLeadTimes, durations: CaseDurations, write: Format
) -> tuple[tuple[str, tuple[str, str, str]], ...]:
    summary = found.overall.survival
    rows = [
        (_("Shortest"), durations.min_seconds, None, None),
        (
            _("Median: half of the cases take no longer"),
            durations.median_seconds,
            durations.open_median_age_seconds,
            summary.median if summary else None,
        ),
        (
            _("90th percentile: one case in ten takes longer"),
            durations.p90_seconds,
            None,
            summary.p90 if summary else None,
        ),
        (_("Longest"), durations.max_seconds, durations.open_max_age_seconds, None),
        (_("Mean (a few very long cases can raise it far above the median)"), durations.mean_seconds, None, None),
    ]
    if summary and summary.restricted_mean and found.horizon_seconds:
        name = _("Mean up to {time}, longer cases counted as so long").format(time=write(found.horizon_seconds))
        rows.append((name, None, None, summary.restricted_mean))
    return tuple(
        (name, (known(closed, write), known(still_open, write), with_interval(every, write)))
        for name, closed, still_open, every in rows
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
