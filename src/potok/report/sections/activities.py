"""How long each activity waits and is worked on, and what the log cannot tell of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from potok.core.language import gettext as _
from potok.measure.activity_times import ActivityTimes, GroupTimes, TimeSummary
from potok.measure.enablement import QUANTITIES, REASONS, Quantity
from potok.measure.filters.kinds import HasActivity
from potok.measure.filters.wording import filter_as_text
from potok.report.drawing.map_texts import no_name
from potok.report.drawing.svg import make_visible
from potok.report.formats import format_count, format_hours, format_share
from potok.report.measured import Audit
from potok.report.sections.clocks import UNKNOWN, Format, format_of, known
from potok.report.sections.commands import cases_command
from potok.report.sections.table import Row, Table, figure_column, make_row, note_of_rest, text_column
from potok.report.sections.times import say_calendar

SHOWN_ACTIVITIES: Final = 20


@dataclass(frozen=True, slots=True)
class ActivitiesSection:
    """Times of activities.

    Parameters
    ----------
    sentences
        What the times mean, and what the log cannot tell.
    table, working_table
        In calendar time and in working time; None where there is nothing to show.
    calendar_note
        On which calendar working time runs; empty without one.
    way
        What lists the cases of an activity; empty without activities.
    """

    sentences: tuple[str, ...]
    table: Table | None
    working_table: Table | None
    calendar_note: str
    way: str


def make_activities(audit: Audit) -> ActivitiesSection:
    """Show waiting, processing and sojourn of each activity."""
    found, working = audit.times.calendar_time.activities, audit.times.working_time
    longest = _by_time(found.groups)
    return ActivitiesSection(
        sentences=(*_say_meaning(found), *(_(REASONS[reason]) for reason in found.reasons)),
        table=_tabulate(found, _("Times of activities, calendar time"), is_working=False),
        working_table=(
            _tabulate(working.activities, _("Times of activities, working time"), is_working=True) if working else None
        ),
        calendar_note=say_calendar(audit),
        way=_say_way(audit, longest[0].label) if longest and longest[0].label else "",
    )


def _say_way(audit: Audit, activity: str) -> str:
    return cases_command(audit, case_filter=filter_as_text(HasActivity((activity,))))


def _say_meaning(found: ActivityTimes) -> tuple[str, ...]:
    if not found.groups:
        return (_("The log holds no activity."),)
    if not found.has_start_times:
        return (_("The time of an activity runs from the moment when it became possible to its end."),)
    return (
        _(
            "Waiting runs from the moment when an activity became possible to its start, processing from start to "
            "end; both together are the time of the activity."
        ),
    )


def _by_time(groups: Sequence[GroupTimes]) -> list[GroupTimes]:
    """Put activities in which cases spend most time first."""
    return sorted(groups, key=lambda group: -(group.sojourn.total_seconds or 0))


@dataclass(frozen=True, slots=True)
class _Shown:
    """A time of which the log tells something, and whether it is unknown for some executions."""

    quantity: Quantity
    is_partial: bool


def _shown(found: ActivityTimes) -> tuple[_Shown, ...]:
    held = [(quantity, [getattr(group, quantity) for group in found.groups]) for quantity in QUANTITIES]
    return tuple(
        _Shown(quantity, any(summary.known_share < 1 for summary in summaries))
        for quantity, summaries in held
        if any(summary.known for summary in summaries)
    )


def _tabulate(found: ActivityTimes, caption: str, *, is_working: bool) -> Table | None:
    shown = _shown(found)
    if not shown:
        return None
    groups = _by_time(found.groups)
    listed = groups[:SHOWN_ACTIVITIES]
    write = format_of(is_working=is_working)
    return Table(
        caption=caption,
        columns=(
            text_column(_("Activity")),
            figure_column(_("Executions")),
            *(figure_column(title) for part in shown for title in _titles(part)),
            figure_column(_("Hours in all")),
        ),
        rows=tuple(_row(group, shown, write) for group in listed),
        note=note_of_rest(listed, len(groups)),
    )


def _titles(shown: _Shown) -> tuple[str, ...]:
    titles = {
        "waiting": (_("Waiting known"), _("Median waiting"), _("P90 of waiting")),
        "processing": (_("Processing known"), _("Median processing"), _("P90 of processing")),
        "sojourn": (_("Time known"), _("Median time"), _("P90 of the time")),
    }[shown.quantity]
    return titles if shown.is_partial else titles[1:]


def _row(group: GroupTimes, shown: Sequence[_Shown], write: Format) -> Row:
    return make_row(
        _("unknown") if group.label is None else make_visible(group.label) or no_name(),
        format_count(group.instances),
        *(cell for part in shown for cell in _cells(getattr(group, part.quantity), part, write)),
        UNKNOWN if group.sojourn.total_seconds is None else format_hours(group.sojourn.total_seconds),
    )


def _cells(summary: TimeSummary, shown: _Shown, write: Format) -> tuple[str, ...]:
    times = known(summary.median_seconds, write), known(summary.p90_seconds, write)
    return (format_share(summary.known_share), *times) if shown.is_partial else times
