"""The first measures as tables."""

from dataclasses import asdict

from potok.core.language import gettext as _
from potok.measure.case_durations import compute_case_durations
from potok.measure.counts import compute_counts
from potok.measure.directly_follows import DirectlyFollowsGraph, compute_directly_follows_graph
from potok.measure.endpoints import compute_endpoints
from potok.measure.hand_overs import HandOver, compute_hand_overs
from potok.measure.rework import compute_rework
from potok.measure.variants import compute_variants
from potok.report.catalogue.entry import Entry, Request, count, duration, open_cases_note, share, text
from potok.report.tables import Column, ColumnKind, Table
from potok.report.tables.model import rows_of


def counts(request: Request) -> Table:
    """Tabulate how much there is in the log."""
    found = compute_counts(request.store, engine=request.engine)
    columns = (
        count("cases", _("Cases")),
        count("open_cases", _("Open cases")),
        count("activity_instances", _("Activity instances")),
        count("activities", _("Activities")),
        count("variants", _("Variants")),
        count("resources", _("Resources")),
        count("org_units", _("Units")),
        Column("first_us", _("First"), ColumnKind.INSTANT),
        Column("last_us", _("Last"), ColumnKind.INSTANT),
    )
    return Table("counts", _("Counts"), columns, rows_of([found], columns), request.zone)


def case_durations(request: Request) -> Table:
    """Tabulate how long cases take."""
    found = compute_case_durations(request.store, engine=request.engine)
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
    return Table("case_durations", _("Case durations"), columns, rows_of([found], columns), request.zone, notes)


def directly_follows(request: Request) -> Table:
    """Tabulate which activity follows which."""
    graph = compute_directly_follows_graph(request.store, calendar=request.calendar, engine=request.engine)
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
    name, title = "directly_follows", _("Directly-follows graph")
    return Table(name, title, columns, rows_of(graph.edges, columns), request.zone, notes)


def _enablement_note() -> tuple[str, ...]:
    return (_("The previous activity is taken for what enabled the next: wrong where work runs side by side."),)


def _start_note(graph: DirectlyFollowsGraph) -> tuple[str, ...]:
    if graph.has_start_times:
        return ()
    return (_("The log has no start times, so waits contain the processing of the next activity."),)


def activities(request: Request) -> Table:
    """Tabulate what is done how often."""
    graph = compute_directly_follows_graph(request.store, calendar=request.calendar, engine=request.engine)
    columns = (
        text("activity", _("Activity")),
        count("instances", _("Instances")),
        count("cases", _("Cases")),
        count("starts", _("Starts cases")),
        count("ends", _("Ends cases")),
        duration("median_processing_seconds", _("Median processing")),
    )
    rows = rows_of(graph.nodes, columns)
    return Table("activities", _("Activities"), columns, rows, request.zone, _start_note(graph))


def variants(request: Request) -> Table:
    """Tabulate which sequences of activities cases take."""
    found = compute_variants(request.store, engine=request.engine)
    columns = (
        count("variant", _("Variant")),
        count("cases", _("Cases")),
        share("share", _("Share")),
        duration("median_seconds", _("Median duration")),
        text("activities", _("Activities")),
    )
    return Table("variants", _("Variants"), columns, rows_of(found, columns), request.zone)


def endpoints(request: Request) -> Table:
    """Tabulate with which activities cases start and end."""
    found = compute_endpoints(request.store, engine=request.engine)
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
    return Table("endpoints", _("Starts and ends"), columns, tuple(rows), request.zone, notes)


def rework(request: Request) -> Table:
    """Tabulate which activities are repeated."""
    found = compute_rework(request.store, engine=request.engine)
    columns = (
        text("activity", _("Activity")),
        count("instances", _("Instances")),
        count("cases", _("Cases")),
        count("rework_cases", _("Cases with repetition")),
        share("rework_share", _("Share of cases")),
        count("rework_instances", _("Repetitions")),
    )
    notes = (_("A repetition need not be a fault: the log cannot tell a correction from a planned second visit."),)
    return Table("rework", _("Rework"), columns, rows_of(found, columns), request.zone, notes)


def _hand_over_columns() -> tuple[Column, ...]:
    return (
        text("source", _("From")),
        text("target", _("To")),
        count("count", _("Hand-overs")),
        count("cases", _("Cases")),
        duration("median_seconds", _("Median wait")),
        duration("total_seconds", _("Total wait")),
    )


def _hand_overs(name: str, title: str, found: tuple[HandOver, ...], request: Request) -> Table:
    columns = _hand_over_columns()
    rows = tuple(tuple(asdict(pair)[column.name] for column in columns) for pair in found)
    return Table(name, title, columns, rows, request.zone)


def resource_hand_overs(request: Request) -> Table:
    """Tabulate work handed from one resource to another."""
    found = compute_hand_overs(request.store, calendar=request.calendar, engine=request.engine).between_resources
    return _hand_overs("resource_hand_overs", _("Hand-overs between resources"), found, request)


def unit_hand_overs(request: Request) -> Table:
    """Tabulate work handed from one unit to another."""
    found = compute_hand_overs(request.store, calendar=request.calendar, engine=request.engine).between_units
    return _hand_overs("unit_hand_overs", _("Hand-overs between units"), found, request)


ENTRIES = (
    Entry("counts", counts),
    Entry("case_durations", case_durations),
    Entry("activities", activities),
    Entry("directly_follows", directly_follows),
    Entry("variants", variants),
    Entry("endpoints", endpoints),
    Entry("rework", rework),
    Entry("resource_hand_overs", resource_hand_overs),
    Entry("unit_hand_overs", unit_hand_overs),
)
