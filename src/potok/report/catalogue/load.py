"""Lead times with open cases taken into account, queues and arrivals as tables."""

from typing import Final

from potok.core.language import gettext as _
from potok.core.language import mark
from potok.measure.arrivals import compute_arrivals
from potok.measure.case_groups import GROUPINGS
from potok.measure.case_survival import TimeEstimate
from potok.measure.lead_times import ClockedLeadTimes, LeadTimeGroup, LeadTimes, compute_lead_times
from potok.measure.littles_law import LittlesLaw, compute_littles_law
from potok.measure.load import LoadReason, WorkInProcess, compute_work_in_process
from potok.measure.open_ages import OpenAges, compute_open_ages
from potok.measure.outcome_shares import compute_outcome_shares
from potok.measure.sampling import SurvivalRefusal
from potok.report.catalogue.entry import Clock, Entry, Request, count, duration, number, share, text
from potok.report.catalogue.notes import impossible_times_notes
from potok.report.formats import format_count, format_duration
from potok.report.tables import Column, ColumnKind, Table
from potok.report.tables.model import rows_of

REFUSALS: Final = {
    SurvivalRefusal.CLOSED_ONLY: mark("The log holds closed cases only; how long cases take cannot be told from them."),
    SurvivalRefusal.WINDOW_START_UNKNOWN: mark("The log does not say since when cases were watched."),
    SurvivalRefusal.OUTCOME_IS_LATER: mark("Open cases have no outcome yet, so they belong to no group."),
    SurvivalRefusal.NO_CASES: mark("No case has times that can be used."),
    SurvivalRefusal.NEVER_FROM_OPENING: mark("Every case came under observation after its opening."),
    SurvivalRefusal.RISK_SET_EMPTIES: mark("At some time no case was under observation, so nothing later can be told."),
}
LOAD_REASONS: Final = {
    LoadReason.CLOSED_ONLY: mark("Open cases are not in the log, so its queue is not that of the agency."),
    LoadReason.TOO_FEW_WEEKS: mark("The log covers too few weeks."),
    LoadReason.WINDOW_TOO_SHORT: mark("The log is too short for cases that take so long."),
    LoadReason.NOTHING_COMPLETED: mark("No case was closed in the period."),
    LoadReason.QUEUE_GROWS: mark("More cases come in than are closed."),
    LoadReason.QUEUE_SHRINKS: mark("More cases are closed than come in."),
    LoadReason.BACKLOG_AGES: mark("Open cases get older than completions explain."),
    LoadReason.BACKLOG_GETS_YOUNGER: mark("Open cases get younger than completions explain."),
}


def lead_times_table(found: LeadTimes, zone: str) -> Table:
    """Tabulate how long cases take, with open ones taken into account."""
    columns = (
        text("label", _("Cases")),
        text("clock", _("Clock")),
        count("closed_cases", _("Closed cases")),
        count("open_cases", _("Open cases")),
        duration("closed_median_seconds", _("Median of closed cases")),
        duration("median_seconds", _("Median with open cases")),
        duration("median_lower_seconds", _("from")),
        duration("median_upper_seconds", _("to")),
        duration("p90_seconds", _("P90 with open cases")),
        duration("p90_lower_seconds", _("from")),
        duration("p90_upper_seconds", _("to")),
        duration("restricted_mean_seconds", _("Restricted mean")),
        duration("restricted_mean_lower_seconds", _("from")),
        duration("restricted_mean_upper_seconds", _("to")),
        duration("horizon_seconds", _("Horizon of the mean")),
    )
    clocks = [("calendar", found.calendar_time), *([("working", found.working_time)] if found.working_time else [])]
    rows = [
        _lead_row(label, group, clock, times)
        for clock, times in clocks
        for label, group in ((_("all"), times.overall), *((one.label or _("unknown"), one) for one in times.groups))
    ]
    refusals = {group.refusal for _clock, times in clocks for group in (times.overall, *times.groups)}
    notes = (
        _("With open cases: by Kaplan and Meier, open cases counted as lasting at least until the log ends."),
        *(_(REFUSALS[refusal]) for refusal in sorted(filter(None, refusals))),
        *impossible_times_notes(found.times),
        *_unwatched_note(found.unwatched_cases),
    )
    return Table("lead_times", _("Lead times"), columns, tuple(rows), zone, notes)


def _unwatched_note(cases: int) -> tuple[str, ...]:
    if not cases:
        return ()
    note = _("Cases left out of what takes open ones into account, as they closed before cases were watched: {n}.")
    return (note.format(n=format_count(cases)),)


def _lead_row(label: str, group: LeadTimeGroup, clock: str, times: ClockedLeadTimes) -> tuple[object, ...]:
    found = group.survival
    return (
        label,
        _("working time") if clock == "working" else _("calendar time"),
        group.closed.cases,
        group.open_cases,
        group.closed.median_seconds,
        *_bounds(found.median if found else None),
        *_bounds(found.p90 if found else None),
        *_bounds(found.restricted_mean if found else None),
        times.horizon_seconds,
    )


def _bounds(estimate: TimeEstimate | None) -> tuple[float | None, ...]:
    if estimate is None:
        return None, None, None
    return estimate.seconds, estimate.lower_seconds, estimate.upper_seconds


def _lead_times(request: Request) -> Table:
    found = compute_lead_times(request.store, by=request.by, calendar=request.calendar, engine=request.engine)
    return lead_times_table(found, request.zone)


def work_in_process_table(found: WorkInProcess, zone: str) -> Table:
    """Tabulate open, opened and closed cases by day."""
    columns = (
        Column("on", _("Day"), ColumnKind.DAY),
        count("open_at_start", _("Open at midnight")),
        count("arrivals", _("Opened")),
        count("completions", _("Closed")),
        number("mean_cases", _("Open on average")),
    )
    reason = (_(LOAD_REASONS[found.trend.reason]),) if found.trend.reason else ()
    notes = (*reason, *impossible_times_notes(found.times))
    rows = rows_of(found.by_day, columns)
    return Table("work_in_process", _("Work in process"), columns, rows, zone, notes)


def littles_law_table(found: LittlesLaw, zone: str) -> Table:
    """Tabulate the parts of Little's law, and whether it holds."""
    columns = (
        number("mean_cases", _("Open on average (L)")),
        number("arrivals_per_day", _("Opened a day (λ)")),
        duration("mean_seconds", _("Mean duration (W)")),
        number("expected_cases", _("λW")),
        number("difference", _("Difference")),
        number("lower", _("from")),
        number("upper", _("to")),
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


def open_ages_table(found: OpenAges, zone: str) -> Table:
    """Tabulate how old open cases are, by the department that holds them."""
    columns = (
        text("org_unit", _("Department")),
        count("open_cases", _("Open cases")),
        duration("median_seconds", _("Median age")),
        duration("p90_seconds", _("P90 of the age")),
        duration("max_seconds", _("Oldest")),
    )
    rows = [
        (name, age.open_cases, age.median_seconds, age.p90_seconds, age.max_seconds)
        for name, age in (
            (_("all"), found.overall),
            *((unit.org_unit or _("unknown"), unit) for unit in found.by_unit),
        )
    ]
    return Table("open_ages", _("Age of open cases"), columns, tuple(rows), zone)


def _arrivals(request: Request) -> Table:
    found = compute_arrivals(request.store, calendar=request.calendar, engine=request.engine)
    columns = (
        Column("from_day", _("Week from"), ColumnKind.DAY),
        count("arrivals", _("Opened")),
        count("completions", _("Closed")),
        Column("is_complete", _("Complete"), ColumnKind.FLAG),
    )
    rows = tuple((week.period.from_on, week.arrivals, week.completions, week.is_complete) for week in found.by_week)
    notes: tuple[str, ...] = impossible_times_notes(found.times)
    if found.takt and found.takt.takt_seconds is not None:
        takt = format_duration(found.takt.takt_seconds)
        sentence = (
            _("Takt: one case in {time} of working time.")
            if found.takt.clock == "working"
            else _("On average one case comes in {time} of calendar time; a takt needs a calendar.")
        )
        notes = (sentence.format(time=takt), *notes)
    return Table("arrivals", _("Arrivals and throughput"), columns, rows, request.zone, notes)


def _outcome_shares(request: Request) -> Table:
    found = compute_outcome_shares(request.store, calendar=request.calendar, engine=request.engine)
    columns = (
        text("outcome", _("Outcome")),
        count("closed_cases", _("Closed cases")),
        share("share", _("Share within the horizon")),
        share("lower", _("from")),
        share("upper", _("to")),
    )
    notes = [_(REFUSALS[found.refusal])] if found.refusal else []
    if found.horizon_seconds:
        notes.append(_("Horizon: {time} from the opening.").format(time=format_duration(found.horizon_seconds)))
    rows = tuple(
        (row.outcome or _("unknown"), row.closed_cases, row.share, row.lower, row.upper) for row in found.by_outcome
    )
    return Table("outcome_shares", _("Outcomes"), columns, rows, request.zone, tuple(notes))


ENTRIES: Final = (
    Entry("lead_times", _lead_times, groupings=GROUPINGS, groups_by_attributes=True, clock=Clock.ONE_CALENDAR),
    Entry(
        "work_in_process",
        lambda r: work_in_process_table(compute_work_in_process(r.store, engine=r.engine), r.zone),
    ),
    Entry("littles_law", lambda r: littles_law_table(compute_littles_law(r.store, engine=r.engine), r.zone)),
    Entry("open_ages", lambda r: open_ages_table(compute_open_ages(r.store, engine=r.engine), r.zone)),
    Entry("arrivals", _arrivals, clock=Clock.ONE_CALENDAR),
    Entry("outcome_shares", _outcome_shares, clock=Clock.ONE_CALENDAR),
)
