"""Times and work in process of an audit as tables, for its workbook."""

from potok.core.language import gettext as _
from potok.measure.activity_times import ActivityTimes, GroupTimes
from potok.measure.enablement import QUANTITIES, REASONS
from potok.measure.littles_law import LittlesLaw
from potok.measure.load import WorkInProcess
from potok.measure.open_ages import OpenAge, OpenAges
from potok.measure.sampling import SurvivalRefusal
from potok.report.audit import AuditLoad, AuditTimes, ClockedTimes
from potok.report.catalogue import basics
from potok.report.catalogue.entry import count, duration, share, text
from potok.report.catalogue.load import LOAD_REASONS, REFUSALS, lead_times_table
from potok.report.sections.survival import survival_steps
from potok.report.tables import Column, ColumnKind, Table
from potok.report.tables.model import rows_of


def times_tables(times: AuditTimes, zone: str) -> tuple[Table, ...]:
    """Return how long cases and activities take, in calendar time and then in working time."""
    calendar = (_("calendar time"), times.calendar_time)
    clocks = [calendar, *([(_("working time"), times.working_time)] if times.working_time else [])]
    return (
        *(_durations(clock, found, zone) for clock, found in clocks),
        lead_times_table(times.lead_times, zone),
        *(_curve(clock, found, zone) for clock, found in clocks),
        *(_activity_times(clock, found.activities, zone) for clock, found in clocks),
    )


def _titled(title: str, clock: str) -> str:
    return _("{title}, {clock}").format(title=title, clock=clock)


def _durations(clock: str, found: ClockedTimes, zone: str) -> Table:
    table = basics.case_durations_table(found.durations, zone)
    return Table(table.name, _titled(table.title, clock), table.columns, table.rows, zone, table.notes)


def _curve(clock: str, found: ClockedTimes, zone: str) -> Table:
    columns = (
        duration("seconds", _("Time since the opening")),
        share("share", _("Still open")),
        share("lower", _("from")),
        share("upper", _("to")),
    )
    title = _titled(_("Share still open"), clock)
    if isinstance(found.curve, SurvivalRefusal):
        return Table("survival", title, columns, (), zone, (_(REFUSALS[found.curve]),))
    return Table("survival", title, columns, rows_of(survival_steps(found.curve), columns), zone)


def _activity_times(clock: str, found: ActivityTimes, zone: str) -> Table:
    columns = (
        text("activity", _("Activity")),
        count("instances", _("Executions")),
        share("waiting_known_share", _("Waiting known")),
        duration("waiting_median_seconds", _("Median waiting")),
        duration("waiting_p90_seconds", _("P90 of waiting")),
        duration("waiting_total_seconds", _("Total waiting")),
        share("processing_known_share", _("Processing known")),
        duration("processing_median_seconds", _("Median processing")),
        duration("processing_p90_seconds", _("P90 of processing")),
        duration("processing_total_seconds", _("Total processing")),
        share("sojourn_known_share", _("Sojourn known")),
        duration("sojourn_median_seconds", _("Median sojourn")),
        duration("sojourn_p90_seconds", _("P90 of sojourn")),
        duration("sojourn_total_seconds", _("Total sojourn")),
    )
    notes = tuple(_(REASONS[reason]) for reason in found.reasons)
    title = _titled(_("Times of activities"), clock)
    return Table("activity_times", title, columns, tuple(map(_activity_row, found.groups)), zone, notes)


def _activity_row(group: GroupTimes) -> tuple[object, ...]:
    summaries = (getattr(group, quantity) for quantity in QUANTITIES)
    figures = ((s.known_share, s.median_seconds, s.p90_seconds, s.total_seconds) for s in summaries)
    return (group.label, group.instances, *(figure for summary in figures for figure in summary))


def load_tables(load: AuditLoad | None, zone: str) -> tuple[Table, ...]:
    """Return work in process by day, Little's law and the ages of open cases; nothing where they cannot be told."""
    if load is None:
        return ()
    return (_in_process(load.in_process, zone), _law(load.law, zone), _ages(load.ages, zone))


def _in_process(found: WorkInProcess, zone: str) -> Table:
    columns = (
        Column("on", _("Day"), ColumnKind.DAY),
        count("open_at_start", _("Open at midnight")),
        count("arrivals", _("Opened")),
        count("completions", _("Closed")),
        Column("mean_cases", _("Open on average"), ColumnKind.NUMBER),
    )
    notes = (_(LOAD_REASONS[found.trend.reason]),) if found.trend.reason else ()
    return Table("work_in_process", _("Work in process"), columns, rows_of(found.by_day, columns), zone, notes)


def _law(found: LittlesLaw, zone: str) -> Table:
    columns = (
        Column("mean_cases", _("Open on average (L)"), ColumnKind.NUMBER),
        Column("arrivals_per_day", _("Opened a day (λ)"), ColumnKind.NUMBER),
        duration("mean_seconds", _("Mean duration (W)")),
        Column("expected_cases", _("λW"), ColumnKind.NUMBER),
        Column("difference", _("Difference"), ColumnKind.NUMBER),
        Column("lower", _("from"), ColumnKind.NUMBER),
        Column("upper", _("to"), ColumnKind.NUMBER),
        Column("holds", _("Law holds"), ColumnKind.FLAG),
    )
    gap = found.difference
    row = (
        found.mean_cases,
        found.arrivals_per_day,
        found.mean_seconds,
        found.expected_cases,
        *((gap.value, gap.lower, gap.upper) if gap else (None, None, None)),
        found.holds,
    )
    notes = tuple(_(LOAD_REASONS[reason]) for reason in found.reasons)
    return Table("littles_law", _("Little's law"), columns, (row,), zone, notes)


def _ages(found: OpenAges, zone: str) -> Table:
    columns = (
        text("org_unit", _("Department")),
        count("open_cases", _("Open cases")),
        duration("median_seconds", _("Median age")),
        duration("p90_seconds", _("P90 of the age")),
        duration("max_seconds", _("Oldest")),
    )
    units = ((unit.org_unit or _("unknown"), unit) for unit in found.by_unit)
    rows = tuple(_age_row(name, age) for name, age in ((_("all"), found.overall), *units))
    return Table("open_ages", _("Age of open cases"), columns, rows, zone)


def _age_row(name: str, age: OpenAge) -> tuple[object, ...]:
    return (name, age.open_cases, age.median_seconds, age.p90_seconds, age.max_seconds)
