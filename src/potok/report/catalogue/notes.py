"""Sentences that stand below more than one table."""

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
