"""Times of activities and cases, first-time-through and channels as tables."""

from collections.abc import Mapping
from typing import Any, Final

from potok.core.language import gettext as _
from potok.measure.activity_times import (
    GROUPINGS,
    ActivityTimes,
    Grouping,
    GroupTimes,
    TimeSummary,
    compute_activity_times,
)
from potok.measure.channels import compute_channels
from potok.measure.enablement import REASONS
from potok.measure.first_time_through import CASE_GROUPINGS, CaseGrouping, compute_first_time_through
from potok.measure.temporal_profile import compute_temporal_profile
from potok.measure.unit_waiting import compute_waiting_by_unit
from potok.report.catalogue.entry import Clock, Entry, Request, count, duration, share, text
from potok.report.catalogue.notes import enablement_note, one_calendar_note, own_calendars_note, pauses_note
from potok.report.tables import Column, ColumnKind, Table
from potok.report.tables.model import rows_of

_CASE_PLACES: Final[dict[str, CaseGrouping]] = {place: place for place in CASE_GROUPINGS}
_PLACES: Final[dict[str, Grouping]] = {place: place for place in GROUPINGS}


def _explain(reasons: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_(REASONS[reason]) for reason in reasons)


def activity_times_table(found: ActivityTimes, manifest: Mapping[str, Any]) -> Table:
    """Tabulate waiting, processing and sojourn per activity, or whatever else they are grouped by."""
    titles = {"activity": _("Activity"), "resource": _("Performer"), "org_unit": _("Department")}
    columns = (
        text(found.by, titles[found.by]),
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
    notes = (enablement_note(found.enablement), *_explain(found.reasons), *pauses_note(manifest))
    rows = tuple(map(_times_row, found.groups))
    return Table("activity_times", _("Times of activities"), columns, rows, str(manifest["zone"]), notes)


def _activity_times(request: Request) -> Table:
    by = _PLACES.get(request.by or "activity", "activity")
    found = compute_activity_times(request.store, by=by, calendar=request.clock, engine=request.engine)
    return activity_times_table(found, request.store.manifest)


def _times_row(group: GroupTimes) -> tuple[object, ...]:
    figures = (figure for summary in (group.waiting, group.processing, group.sojourn) for figure in _figures(summary))
    return (group.label or _("unknown"), group.instances, *figures)


def _figures(summary: TimeSummary) -> tuple[float | None, ...]:
    return summary.known_share, summary.median_seconds, summary.p90_seconds, summary.total_seconds


def case_waiting_table(request: Request) -> Table:
    """Tabulate how long cases waited in all."""
    found = compute_waiting_by_unit(request.store, calendar=request.clock, engine=request.engine)
    columns = (
        count("known", _("Cases")),
        duration("min_seconds", _("Shortest")),
        duration("median_seconds", _("Median")),
        duration("p90_seconds", _("P90")),
        duration("max_seconds", _("Longest")),
        duration("mean_seconds", _("Mean")),
        duration("total_seconds", _("Total")),
    )
    notes = (enablement_note(found.enablement), *_explain(found.reasons), *_waiting_clock(request, found.enablement))
    return Table("waiting", _("Waiting per case"), columns, rows_of([found.waiting], columns), request.zone, notes)


def _waiting_clock(request: Request, enablement: str) -> tuple[str, ...]:
    if request.calendars is None:
        return ()
    return own_calendars_note() if enablement == "previous" else one_calendar_note(request.calendars)


def temporal_profile_table(request: Request) -> Table:
    """Tabulate how long after one activity another one follows."""
    found = compute_temporal_profile(request.store, calendar=request.calendar, engine=request.engine)
    columns = (
        text("activity", _("Activity")),
        text("later_activity", _("Later activity")),
        count("count", _("Pairs")),
        count("timed", _("Pairs with a known time")),
        duration("mean_seconds", _("Mean")),
        duration("deviation_seconds", _("Standard deviation")),
    )
    title = _("Temporal profile")
    return Table("temporal_profile", title, columns, rows_of(found.relations, columns), request.zone)


def first_time_through_table(request: Request) -> Table:
    """Tabulate the share of cases without a return."""
    by = _CASE_PLACES[request.by] if request.by else None
    found = compute_first_time_through(request.store, by=by, engine=request.engine)
    columns = (
        text("label", _("Cases")),
        count("closed_cases", _("Closed cases")),
        count("through_cases", _("Without repetition")),
        share("share", _("First-time-through")),
        count("open_cases", _("Open cases")),
        count("open_returned_cases", _("Open cases with repetition")),
    )
    notes = (_("Closed cases in which no activity is repeated; open ones may yet be returned and are not counted."),)
    whole, *groups = rows_of([found.overall, *found.groups], columns)
    rows = ((_("all"), *whole[1:]), *((label or _("unknown"), *row) for label, *row in groups))
    return Table("first_time_through", _("First-time-through"), columns, rows, request.zone, notes)


def channels_table(request: Request) -> Table:
    """Tabulate through which channels cases come, and which of them are digital."""
    found = compute_channels(request.store, engine=request.engine)
    columns = (
        text("channel", _("Channel")),
        count("cases", _("Cases")),
        count("open_cases", _("Open cases")),
        share("share", _("Share")),
        Column("is_digital", _("Digital"), ColumnKind.FLAG),
    )
    notes = (_("Which channels are digital is guessed from their names."),) if found.is_guess else ()
    return Table("channels", _("Channels"), columns, rows_of(found.channels, columns), request.zone, notes)


ENTRIES: Final = (
    Entry("activity_times", _activity_times, groupings=GROUPINGS, clock=Clock.OWN_CALENDARS),
    Entry("waiting", case_waiting_table, clock=Clock.OWN_CALENDARS, tells_clock=True),
    Entry("temporal_profile", temporal_profile_table, clock=Clock.ONE_CALENDAR),
    Entry("first_time_through", first_time_through_table, groupings=CASE_GROUPINGS),
    Entry("channels", channels_table),
)
