"""Work in process: how many cases are open day by day, whether Little's law holds, and how old the open cases are."""

from dataclasses import dataclass
from math import ceil
from typing import Final

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.inference.estimate import Estimate
from potok.measure.littles_law import LittlesLaw
from potok.measure.load import DayLoad, QueueTrend, QueueVerdict, WorkInProcess
from potok.measure.open_ages import OpenAge, OpenAges
from potok.report.catalogue.load import LOAD_REASONS
from potok.report.drawing.load_chart import MOST_POINTS, LoadBar, LoadPoint, draw_load
from potok.report.drawing.map_texts import count_cases, no_name
from potok.report.drawing.svg import make_visible
from potok.report.formats import format_count, format_day, format_decimal, format_duration, format_known
from potok.report.measured import Audit, AuditLoad
from potok.report.sections.commands import cases_command
from potok.report.sections.headline import KeyFigure
from potok.report.sections.periods import PeriodLoad, group_days, put_together
from potok.report.sections.table import Row, Table, figure_column, make_row, note_of_rest, text_column

SHOWN_UNITS: Final = 15


@dataclass(frozen=True, slots=True)
class LoadSection:
    """Work in process.

    Parameters
    ----------
    sentences
        Whether the queue grows, or why nothing can be told.
    figures
        What is to be seen at once.
    chart, chart_table
        Open cases, openings and closings over time, and the table twin; None without a day.
    law
        Little's law in words.
    law_table
        Its parts; None where it cannot be told.
    ages
        Ages of open cases, by department; None without open cases.
    ways
        What a command lists, and the command.
    """

    sentences: tuple[str, ...]
    figures: tuple[KeyFigure, ...]
    chart: Markup
    chart_table: Table | None
    law: tuple[str, ...]
    law_table: Table | None
    ages: Table | None
    ways: tuple[tuple[str, str], ...]


def make_load(audit: Audit) -> LoadSection:
    """Show the work in process of an audit."""
    found = audit.load
    if found is None:
        sentence = _("The log reaches over more than a hundred years: look for a slip in a date.")
        return LoadSection((sentence,), (), Markup(""), None, (), None, None, ())
    days = found.in_process.by_day if found.in_process.times.timely_cases else ()
    periods = group_days(days)
    return LoadSection(
        sentences=_say_trend(found.in_process),
        figures=_make_figures(found),
        chart=draw_load(_points(days), [_bar(period) for period in periods]),
        chart_table=_tabulate(periods) if periods else None,
        law=_say_law(found.law),
        law_table=_tabulate_law(found.law),
        ages=_tabulate_ages(found.ages),
        ways=_make_ways(audit, found.in_process),
    )


def _say_trend(found: WorkInProcess) -> tuple[str, ...]:
    meaning = _("A case is in process from its opening to its closing, or up to the end of the log.")
    if not found.times.timely_cases:
        return (meaning, _("No case has times that can be used."))
    impossible = found.times.impossible_cases
    left_out = _("Left out, because their times cannot be: {cases}.").format(cases=count_cases(impossible))
    return (meaning, _say_verdict(found.trend), *((left_out,) if impossible else ()))


def _say_verdict(trend: QueueTrend) -> str:
    growth = trend.cases_per_day
    if growth is None or trend.verdict is QueueVerdict.CANNOT_TELL:
        reason = _(LOAD_REASONS[trend.reason]) if trend.reason else ""
        return " ".join(filter(None, (_("Whether the number of open cases grows cannot be told."), reason)))
    sentence = {
        QueueVerdict.GROWING: _("The number of open cases grows by {value} a day (95% interval: {lower} to {upper})."),
        QueueVerdict.SHRINKING: _(
            "The number of open cases falls: it changes by {value} a day (95% interval: {lower} to {upper})."
        ),
        QueueVerdict.NO_CLEAR_TREND: _(
            "The number of open cases has no clear trend: it changes by {value} a day (95% interval: {lower} to "
            "{upper})."
        ),
    }[trend.verdict]
    return sentence.format(value=_number(growth.value), lower=_number(growth.lower), upper=_number(growth.upper))


def _write_estimate(estimate: Estimate) -> str:
    return _("{value} ({lower} to {upper})").format(
        value=_number(estimate.value), lower=_number(estimate.lower), upper=_number(estimate.upper)
    )


def _number(value: float) -> str:
    """Write a number with as many decimals as tell it from 0, at most three."""
    size = abs(value)
    return format_decimal(value, digits=0 if size >= 100 else 1 if size >= 1 or size == 0 else 2 if size >= 0.1 else 3)


def _make_figures(found: AuditLoad) -> tuple[KeyFigure, ...]:
    load, oldest = found.in_process, found.ages.overall.max_seconds
    if load.mean_cases is None:
        return ()
    return (
        KeyFigure(_("Open on average"), _number(load.mean_cases), _("cases, over the whole log")),
        KeyFigure(_("Most at once"), format_count(load.max_cases or 0), _("cases, at a midnight")),
        KeyFigure(_("Open at the end"), format_count(load.times.open_cases), _("cases, when the log ends")),
        KeyFigure(_("Oldest open case"), format_known(oldest), _("since its opening")),
    )


def _points(days: tuple[DayLoad, ...]) -> list[LoadPoint]:
    """Return open cases by day; where there are more days than points, each point is the mean of several."""
    length = max(1, ceil(len(days) / MOST_POINTS))
    parts = [days[start : start + length] for start in range(0, len(days), length)]
    return [LoadPoint(part[0].on, put_together(part).mean_cases) for part in parts]


def _bar(period: PeriodLoad) -> LoadBar:
    return LoadBar(period.from_on, period.until_on, period.arrivals, period.completions)


def _tabulate(periods: tuple[PeriodLoad, ...]) -> Table:
    return Table(
        caption=_("Work in process by period"),
        columns=(
            text_column(_("From")),
            figure_column(_("Opened")),
            figure_column(_("Closed")),
            figure_column(_("Open on average")),
            figure_column(_("Open at the end")),
        ),
        rows=tuple(
            make_row(
                format_day(period.from_on),
                format_count(period.arrivals),
                format_count(period.completions),
                _number(period.mean_cases),
                format_count(period.open_at_end),
            )
            for period in periods
        ),
        note=_("The JSON audit and the workbook hold every day."),
    )


def _say_law(law: LittlesLaw) -> tuple[str, ...]:
    meaning = _(
        "Little’s law: in a stable queue as many cases are open on average as come in per day times the days that a "
        "case takes. Where it fails, the log’s window does not show what cases will take."
    )
    reasons = tuple(_(LOAD_REASONS[reason]) for reason in law.reasons)
    if law.difference is None:
        return (meaning, " ".join((_("Here it cannot be checked."), *reasons)))
    holds = _("Here it holds within its interval.") if law.holds else _("Here it does not hold.")
    return (meaning, " ".join((holds, *reasons)))


def _tabulate_law(law: LittlesLaw) -> Table | None:
    if law.difference is None or law.period is None:
        return None
    rows = (
        (_("Open on average, L"), _number(law.mean_cases or 0)),
        (_("Opened a day, λ"), _number(law.arrivals_per_day or 0)),
        (_("Mean duration of the cases closed, W"), format_known(law.mean_seconds)),
        ("λ · W", _number(law.expected_cases or 0)),
        ("L − λ · W", _write_estimate(law.difference)),
        (_("of it, because more (+) or fewer (−) cases were closed than opened"), _number(law.from_queue_growth or 0)),
        (_("of it, because open cases got older (+) or younger (−)"), _number(law.from_backlog_age or 0)),
    )
    return Table(
        caption=_("Little’s law, from {first} to before {last}").format(
            first=format_day(law.period.from_on), last=format_day(law.period.until_on)
        ),
        columns=(text_column(_("Measure")), figure_column(_("Value"))),
        rows=tuple(make_row(*row) for row in rows),
        note=_("In brackets: 95% intervals."),
    )


def _tabulate_ages(ages: OpenAges) -> Table | None:
    if not ages.overall.open_cases:
        return None
    shown = ages.by_unit[:SHOWN_UNITS] if len(ages.by_unit) > 1 else ()
    return Table(
        caption=_("Age of open cases, by the department that had them last") if shown else _("Age of open cases"),
        columns=(
            text_column(_("Department")),
            figure_column(_("Open cases")),
            figure_column(_("Median age")),
            figure_column(_("P90 of the age")),
            figure_column(_("Oldest")),
        ),
        rows=(
            _age_row(_("all"), ages.overall),
            *(_age_row(_name(unit.org_unit), unit) for unit in shown),
        ),
        note=note_of_rest(shown, len(ages.by_unit)) if shown else "",
    )


def _name(unit: str | None) -> str:
    return _("unknown") if unit is None else make_visible(unit) or no_name()


def _age_row(name: str, age: OpenAge) -> Row:
    times = (age.median_seconds, age.p90_seconds, age.max_seconds)
    return make_row(
        name,
        format_count(age.open_cases),
        *("–" if seconds is None else format_duration(seconds) for seconds in times),
    )


def _make_ways(audit: Audit, found: WorkInProcess) -> tuple[tuple[str, str], ...]:
    if not found.times.timely_cases or not found.by_day:
        return ()
    busiest = max(found.by_day, key=lambda day: (day.open_at_start, day.on)).on
    ways = []
    if found.times.open_cases:
        ways.append((_("Cases open at the end:"), cases_command(audit, case_filter="open")))
    ways.append((_("Cases open on a day:"), cases_command(audit, case_filter=f"touches={busiest.isoformat()}")))
    month = f"{busiest.year:04}-{busiest.month:02}"
    ways.append((_("Cases opened in a month:"), cases_command(audit, case_filter=f"opened={month}")))
    return tuple(ways)
