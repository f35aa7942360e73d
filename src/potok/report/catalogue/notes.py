"""Sentences that stand below more than one table."""

from collections.abc import Mapping
from typing import Any

from potok.core.calendars import CalendarSet
from potok.core.language import gettext as _
from potok.measure.case_times import CaseTimes
from potok.report.formats import format_count


def enablement_note(enablement: str) -> str:
    """Say what a wait is counted from."""
    return {
        "given": _("Waits count from the enablement that the log states."),
        "previous": _("Waits count from the previous activity: wrong where work runs side by side."),
        "concurrent": _("Waits count from the activity that enabled the next one, as found from the log."),
    }[enablement]


def impossible_times_notes(times: CaseTimes) -> tuple[str, ...]:
    """Say which cases were left out because their times cannot be."""
    counts = (
        (times.closed_before_opened, _("Cases left out because they close before they open: {n}.")),
        (times.opened_after_extraction, _("Cases left out because they open after the log ends: {n}.")),
        (times.opening_unknown, _("Cases left out because their opening is unknown: {n}.")),
    )
    return tuple(note.format(n=format_count(found)) for found, note in counts if found)


def pauses_note(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Say that pauses are part of the processing, if the log has any."""
    lifecycle = manifest.get("lifecycle", {})
    pauses = dict(lifecycle.get("transitions", ())).get("suspend", 0)
    if not (pauses and lifecycle.get("paired")):
        return ()
    return (
        _("Pauses between suspend and resume ({n}) are part of the processing here.").format(n=format_count(pauses)),
    )


def own_calendars_note() -> tuple[str, ...]:
    """Say that each time is on the calendar of its department."""
    return (_("Times are counted on the calendar of the department that the case waits for."),)


def one_calendar_note(calendars: CalendarSet) -> tuple[str, ...]:
    """Say that all times are on the default calendar of a set."""
    note = _("Times are counted on one calendar, “{name}”: departments' own calendars are not used here.")
    return (note.format(name=calendars.default.name),)
