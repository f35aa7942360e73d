"""Late starts as tables."""

from typing import Final

from potok.core.language import gettext as _
from potok.diagnose.late_start import ASSUMPTION, REASONS, LateStartedTerm, LateStarts
from potok.inference.proportions import RateBound
from potok.measure.running import seconds
from potok.report.catalogue.entry import count, duration, number, share, text
from potok.report.catalogue.terms import format_length
from potok.report.tables import Table

_POINTS: Final = 100


def late_starts_tables(found: LateStarts, *, zone: str = "UTC") -> tuple[Table, ...]:
    """Tabulate late starts, and how many of those cases missed the term; nothing without terms."""
    if not found.terms:
        return ()
    return late_starts_table(found, zone=zone), missed_after_late_starts_table(found, zone=zone)


def late_starts_table(found: LateStarts, *, zone: str = "UTC") -> Table:
    """Tabulate in how many cases nothing was done in the first half of a term, and for how long after it."""
    columns = (
        text("term", _("Term")),
        text("length", _("Length")),
        count("known_cases", _("Cases of which it is known")),
        count("late_starts", _("Late starts")),
        share("late_start_share", _("Share of late starts")),
        share("lower", _("from")),
        share("upper", _("to")),
        duration("beyond_seconds", _("Time beyond half of the term")),
        count("begun_overdue", _("Nothing done before the due date")),
    )
    rows = tuple(
        (
            *_named(one),
            one.share.trials,
            len(one.case),
            *_bounded(one.share),
            seconds(int(one.beyond_us.sum(dtype=object))),
            one.begun_overdue,
        )
        for one in found.terms
    )
    notes = (
        _("A start is late if more than half of the calendar time from start to due date passed before anything."),
        _("Cases are counted as soon as half of the term has passed: young ones would look better than they are."),
        _(ASSUMPTION),
    )
    return Table("late_starts", _("Late starts"), columns, rows, zone, notes)


def missed_after_late_starts_table(found: LateStarts, *, zone: str = "UTC") -> Table:
    """Tabulate which share of late-started cases missed the term, beside that of the others."""
    columns = (
        text("term", _("Term")),
        text("length", _("Length")),
        count("late_cases", _("Begun late")),
        share("late_missed_share", _("Of them missed")),
        count("other_cases", _("Begun in the first half")),
        share("other_missed_share", _("Of them missed")),
        number("difference_points", _("Difference, percentage points")),
        number("lower", _("from")),
        number("upper", _("to")),
        text("reason", _("Why it cannot be told")),
    )
    rows = tuple(_compared(one) for one in found.terms)
    notes = (
        _("Compared are cases whose due date has passed and in which something was done before it."),
        _(
            "That cases begun late miss the term more often does not say that they would have kept it, had they been "
            "begun in time: what is hard may be begun late."
        ),
    )
    return Table("missed_after_late_starts", _("What became of late starts"), columns, rows, zone, notes)


def _named(one: LateStartedTerm) -> tuple[str, str]:
    term = one.term
    return f"{term.name} ({term.article})" if term.article else term.name, format_length(term.amount, term.unit)


def _bounded(share_of: RateBound) -> tuple[float | None, float | None, float | None]:
    return (share_of.share, share_of.lower, share_of.upper) if share_of.trials else (None, None, None)


def _compared(one: LateStartedTerm) -> tuple[object, ...]:
    arms = ((arm.trials, arm.share) if arm else (0, None) for arm in (one.late, one.others))
    found = one.difference
    points = (found.value, found.lower, found.upper) if found else (None, None, None)
    return (
        *_named(one),
        *(value for arm in arms for value in arm),
        *(None if value is None else _POINTS * value for value in points),
        _(REASONS[one.reason]) if one.reason else None,
    )
