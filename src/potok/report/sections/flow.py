"""Tables of how cases begin and end, what is done again, and who hands over to whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from potok.core.language import gettext as _
from potok.core.language import pgettext
from potok.measure.endpoints import ActivityCount
from potok.measure.filters.kinds import HasActivity
from potok.measure.filters.wording import filter_as_text
from potok.measure.hand_overs import HandOver
from potok.measure.rework import ActivityRework
from potok.report.drawing.map_texts import no_name
from potok.report.drawing.svg import make_visible
from potok.report.formats import format_count, format_hours, format_known, format_share
from potok.report.measured import Audit
from potok.report.sections.commands import cases_command
from potok.report.sections.table import (
    Cell,
    Row,
    Table,
    figure_column,
    make_row,
    note_of_rest,
    text_column,
)

SHOWN_ENDPOINTS: Final = 10
SHOWN_REWORK: Final = 15
SHOWN_HAND_OVERS: Final = 15


@dataclass(frozen=True, slots=True)
class FlowSection:
    """Tables of starts, ends, rework and hand-overs; None where the log cannot tell or nothing occurred.

    `rework_way` lists the cases in which the most repeated activity is repeated; empty without rework.
    """

    starts: Table
    ends: Table
    rework: Table | None
    rework_way: str
    between_units: Table | None
    between_resources: Table | None


def make_flow(audit: Audit) -> FlowSection:
    """Show starts, ends, rework and hand-overs of an audit."""
    return FlowSection(
        starts=_make_starts(audit),
        ends=_make_ends(audit),
        rework=_make_rework(audit.rework),
        rework_way=_make_rework_way(audit),
        between_units=_make_hand_overs(audit.hand_overs.between_units, _("Hand-overs between departments")),
        between_resources=_make_hand_overs(audit.hand_overs.between_resources, _("Hand-overs between performers")),
    )


def _name(label: str) -> str:
    return make_visible(label) or no_name()


def _make_starts(audit: Audit) -> Table:
    starts = audit.endpoints.starts
    shown = starts[:SHOWN_ENDPOINTS]
    return Table(
        caption=_("First activity of a case"),
        columns=(text_column(_("Activity")), figure_column(_("Cases")), figure_column(_("Share"))),
        rows=tuple(_make_endpoint(start, start.cases, audit.counts.cases) for start in shown),
        note=note_of_rest(shown, len(starts)),
    )


def _make_endpoint(count: ActivityCount, cases: int, total: int) -> Row:
    share = cases / total if total else 0.0
    return make_row(_name(count.activity), format_count(cases), Cell(format_share(share), share))


def _make_ends(audit: Audit) -> Table:
    ends = audit.endpoints.ends
    shown = ends[:SHOWN_ENDPOINTS]
    return Table(
        caption=_("Last activity of a case in the log"),
        columns=(
            text_column(_("Activity")),
            figure_column(_("Closed cases")),
            figure_column(_("Open cases")),
        ),
        rows=tuple(
            make_row(_name(end.activity), format_count(end.cases - end.open_cases), format_count(end.open_cases))
            for end in shown
        ),
        note=note_of_rest(shown, len(ends)),
    )


def _make_rework(rework: Sequence[ActivityRework]) -> Table | None:
    repeated = [activity for activity in rework if activity.rework_cases]
    if not repeated:
        return None
    shown = repeated[:SHOWN_REWORK]
    return Table(
        caption=_("Activities done more than once in a case"),
        columns=(
            text_column(_("Activity")),
            figure_column(_("Executions")),
            figure_column(_("Of them repeats")),
            figure_column(_("Cases")),
            figure_column(_("Of them with repeats")),
            figure_column(_("Share of cases")),
        ),
        rows=tuple(_make_rework_row(activity) for activity in shown),
        note=note_of_rest(shown, len(repeated)),
    )


def _make_rework_way(audit: Audit) -> str:
    repeated = next((activity.activity for activity in audit.rework if activity.rework_cases), "")
    if not repeated:
        return ""
    return cases_command(audit, case_filter=filter_as_text(HasActivity((repeated,), times=2)))


def _make_rework_row(activity: ActivityRework) -> Row:
    return make_row(
        _name(activity.activity),
        format_count(activity.instances),
        format_count(activity.rework_instances),
        format_count(activity.cases),
        format_count(activity.rework_cases),
        Cell(format_share(activity.rework_share), activity.rework_share),
    )


def _make_hand_overs(pairs: Sequence[HandOver], caption: str) -> Table | None:
    across = sorted(
        (pair for pair in pairs if pair.source != pair.target),
        key=lambda pair: (-pair.total_seconds, pair.source, pair.target),
    )
    if not across:
        return None
    shown = across[:SHOWN_HAND_OVERS]
    return Table(
        caption=caption,
        columns=(
            text_column(pgettext("hand-over", "From")),
            text_column(pgettext("hand-over", "To")),
            figure_column(_("Times")),
            figure_column(_("Cases")),
            figure_column(_("Median time between")),
            figure_column(_("Hours in all")),
        ),
        rows=tuple(_make_hand_over(pair) for pair in shown),
        note=note_of_rest(shown, len(across)),
    )


def _make_hand_over(pair: HandOver) -> Row:
    return make_row(
        _name(pair.source),
        _name(pair.target),
        format_count(pair.count),
        format_count(pair.cases),
        format_known(pair.median_seconds),
        format_hours(pair.total_seconds),
    )
