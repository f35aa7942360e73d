"""The first measures as tables."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from potok.core.language import gettext as _
from potok.measure.case_durations import CaseDurations, compute_case_durations
from potok.measure.case_times import compute_case_times
from potok.measure.counts import LogCounts, compute_counts
from potok.measure.directly_follows import DirectlyFollowsGraph, compute_directly_follows_graph
from potok.measure.endpoints import Endpoints, compute_endpoints
from potok.measure.hand_overs import HandOvers, compute_hand_overs
from potok.measure.rework import ActivityRework, compute_rework
from potok.measure.variants import Variant, compute_variants
from potok.report.catalogue.entry import Clock, Entry, Request, count, duration, open_cases_note, share, text
from potok.report.formats import format_count
from potok.report.tables import Column, ColumnKind, Table
from potok.report.tables.model import rows_of


def counts_table(found: LogCounts, zone: str) -> Table:
    """Tabulate how much there is in the log."""
    columns = (
        count("cases", _("Cases")),
        count("open_cases", _("Open cases")),
        count("activity_instances", _("Activity instances")),
        count("activities", _("Activities")),
        count("variants", _("Variants")),
        count("resources", _("Performers")),
        count("org_units", _("Departments")),
        Column("first_us", _("First"), ColumnKind.INSTANT),
        Column("last_us", _("Last"), ColumnKind.INSTANT),
    )
    return Table("counts", _("Counts"), columns, rows_of([found], columns), zone)


def case_durations_table(found: CaseDurations, zone: str) -> Table:
    """Tabulate how long cases take."""
    columns = (
        count("closed_cases", _("Closed cases")),
        count("open_cases", _("Open cases")),
        duration("min_seconds", _("Shortest")),
        duration("median_seconds", _("Median")),
        duration("p90_seconds", _("P90")),
        duration("max_seconds", _("Longest")),
        duration("mean_seconds", _("Mean")),
        duration("open_median_age_seconds", _("Median age of open cases")),
        duration("open_max_age_seconds", _("Oldest open case")),
    )
    notes = open_cases_note(found.open_cases)
    return Table("case_durations", _("Case durations"), columns, rows_of([found], columns), zone, notes)


def directly_follows_table(graph: DirectlyFollowsGraph, zone: str) -> Table:
    """Tabulate which activity follows which."""
    columns = (
        text("activity", _("Activity")),
        text("next_activity", _("Next activity")),
        count("count", _("Passages")),
        count("cases", _("Cases")),
        duration("median_seconds", _("Median wait")),
        duration("p90_seconds", _("P90 of the wait")),
        duration("mean_seconds", _("Mean wait")),
        duration("total_seconds", _("Total wait")),
    )
    notes = (*_enablement_note(), *_start_note(graph))
    title = _("Directly-follows graph")
    return Table("directly_follows", title, columns, rows_of(graph.edges, columns), zone, notes)


def _enablement_note() -> tuple[str, ...]:
    return (_("The previous activity is taken for what enabled the next: wrong where work runs side by side."),)


def _start_note(graph: DirectlyFollowsGraph) -> tuple[str, ...]:
    if graph.has_start_times:
        return ()
    return (_("The log has no start times, so waits contain the processing of the next activity."),)


def activities_table(graph: DirectlyFollowsGraph, zone: str) -> Table:
    """Tabulate what is done how often."""
    columns = (
        text("activity", _("Activity")),
        count("instances", _("Executions")),
        count("cases", _("Cases")),
        count("starts", _("Starts cases")),
        count("ends", _("Ends cases")),
        duration("median_processing_seconds", _("Median processing")),
    )
    return Table("activities", _("Activities"), columns, rows_of(graph.nodes, columns), zone, _start_note(graph))


def variants_table(found: Sequence[Variant], zone: str) -> Table:
    """Tabulate which sequences of activities cases take."""
    columns = (
        count("variant", _("Variant")),
        count("cases", _("Cases")),
        share("share", _("Share")),
        duration("median_seconds", _("Median duration")),
        text("activities", _("Activities")),
    )
    return Table("variants", _("Variants"), columns, rows_of(found, columns), zone)


def endpoints_table(found: Endpoints, zone: str) -> Table:
    """Tabulate with which activities cases start and end."""
    columns = (
        text("end", _("Where")),
        text("activity", _("Activity")),
        count("cases", _("Cases")),
        count("open_cases", _("of them open")),
    )
    rows = [
        (end, place.activity, place.cases, place.open_cases)
        for end, places in (("start", found.starts), ("end", found.ends))
        for place in places
    ]
    notes = (_("For an open case the last activity is merely where it stands."),)
    return Table("endpoints", _("Starts and ends"), columns, tuple(rows), zone, notes)


def rework_table(found: Sequence[ActivityRework], zone: str) -> Table:
    """Tabulate which activities are repeated."""
    columns = (
        text("activity", _("Activity")),
        count("instances", _("Executions")),
        count("cases", _("Cases")),
        count("rework_cases", _("Cases with repetition")),
        share("rework_share", _("Share of cases")),
        count("rework_instances", _("Repetitions")),
    )
    notes = (_("A repetition need not be a fault: the log cannot tell a correction from a planned second visit."),)
    return Table("rework", _("Rework"), columns, rows_of(found, columns), zone, notes)


def hand_over_tables(found: HandOvers, zone: str) -> tuple[Table, Table]:
    """Tabulate work handed from one resource to another, and from one unit to another."""
    columns = (
        text("source", _("From")),
        text("target", _("To")),
        count("count", _("Hand-overs")),
        count("cases", _("Cases")),
        duration("median_seconds", _("Median wait")),
        duration("total_seconds", _("Total wait")),
    )
    resources, units = (rows_of(pairs, columns) for pairs in (found.between_resources, found.between_units))
    return (
        Table("resource_hand_overs", _("Hand-overs between performers"), columns, resources, zone),
        Table("unit_hand_overs", _("Hand-overs between departments"), columns, units, zone),
    )


def _case_durations(request: Request) -> CaseDurations:
    return compute_case_durations(request.store, calendar=request.calendar, engine=request.engine)


def _graph(request: Request) -> DirectlyFollowsGraph:
    return compute_directly_follows_graph(request.store, calendar=request.calendar, engine=request.engine)


def _hand_overs(request: Request) -> tuple[Table, Table]:
    found = compute_hand_overs(request.store, calendar=request.clock, engine=request.engine)
    return hand_over_tables(found, request.zone)


def _with_backward_cases(table: Table, request: Request) -> Table:
    """Say which durations are zero because the case closes before it opens."""
    found = compute_case_times(request.store, engine=request.engine).closed_before_opened
    if not found:
        return table
    note = _("Cases that close before they open count as lasting no time here: {n}. Look for a slip in their dates.")
    return replace(table, notes=(*table.notes, note.format(n=format_count(found))))


ENTRIES: Final = (
    Entry("counts", lambda r: counts_table(compute_counts(r.store, engine=r.engine), r.zone)),
    Entry(
        "case_durations",
        lambda r: _with_backward_cases(case_durations_table(_case_durations(r), r.zone), r),
        clock=Clock.ONE_CALENDAR,
    ),
    Entry("activities", lambda r: activities_table(_graph(r), r.zone), clock=Clock.ONE_CALENDAR),
    Entry("directly_follows", lambda r: directly_follows_table(_graph(r), r.zone), clock=Clock.ONE_CALENDAR),
    Entry(
        "variants",
        lambda r: _with_backward_cases(variants_table(compute_variants(r.store, engine=r.engine), r.zone), r),
    ),
    Entry("endpoints", lambda r: endpoints_table(compute_endpoints(r.store, engine=r.engine), r.zone)),
    Entry("rework", lambda r: rework_table(compute_rework(r.store, engine=r.engine), r.zone)),
    Entry("resource_hand_overs", lambda r: _hand_overs(r)[0], clock=Clock.OWN_CALENDARS),
    Entry("unit_hand_overs", lambda r: _hand_overs(r)[1], clock=Clock.OWN_CALENDARS),
)
