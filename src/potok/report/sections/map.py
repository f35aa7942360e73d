"""The process map at several levels of detail, what each leaves out, and its table twin."""

from dataclasses import dataclass

from markupsafe import Markup

from potok.core.errors import EnvironmentFailureError
from potok.core.language import gettext as _
from potok.core.language import pgettext
from potok.measure.directly_follows import DirectlyFollowsEdge, DirectlyFollowsGraph, DirectlyFollowsNode
from potok.report.drawing.detail import DetailName, MapDetail, choose_details
from potok.report.drawing.map_texts import no_name
from potok.report.drawing.process_map import draw_map
from potok.report.drawing.svg import make_visible
from potok.report.formats import (
    DAY_SECONDS,
    HOUR_SECONDS,
    format_count,
    format_duration,
    format_hours,
    format_known,
    format_share,
)
from potok.report.sections.table import Table, figure_column, make_row, text_column


@dataclass(frozen=True, slots=True)
class MapLevel:
    """One level of detail: its picture, what it is called and how much of the whole it shows."""

    key: str
    title: str
    picture: Markup
    extent: str
    has_indirect: bool


@dataclass(frozen=True, slots=True)
class MapSection:
    """The map.

    Parameters
    ----------
    levels
        From the least to the most detailed; empty if nothing could be drawn.
    default
        Key of the level shown first.
    failures
        Sentences about levels that could not be drawn.
    time_meaning
        What the times on the lines hold.
    time_legend
        Colour class and the durations it stands for.
    activities, passages
        The table twin: everything that any level shows, and nothing less.
    """

    levels: tuple[MapLevel, ...]
    default: str
    failures: tuple[str, ...]
    time_meaning: str
    time_legend: tuple[tuple[int, str], ...]
    activities: Table
    passages: Table


def make_map(graph: DirectlyFollowsGraph) -> MapSection:
    """Draw the map of a process at each level of detail."""
    details = choose_details(graph)
    levels: list[MapLevel] = []
    failures: list[str] = []
    for detail in details:
        try:
            levels.append(_draw_level(graph, detail))
        except EnvironmentFailureError as error:
            failures.append(" ".join(filter(None, (error.message, error.remedy))))
    return MapSection(
        levels=tuple(levels),
        default=_choose_default(levels),
        failures=tuple(dict.fromkeys(failures)),
        time_meaning=_say_times(graph),
        time_legend=_make_time_legend(),
        activities=_tabulate_activities(graph, details),
        passages=_tabulate_passages(graph, details),
    )


def _choose_default(levels: list[MapLevel]) -> str:
    """Prefer the overview: enough to recognise the process, little enough to read."""
    keys = [level.key for level in levels]
    for wanted in (DetailName.OVERVIEW, DetailName.ESSENTIAL):
        if wanted in keys:
            return wanted
    return keys[0] if keys else ""


def _draw_level(graph: DirectlyFollowsGraph, detail: MapDetail) -> MapLevel:
    return MapLevel(
        key=str(detail.name),
        title=_name_level(detail.name),
        picture=draw_map(graph, detail, has_links=True),
        extent=_say_extent(graph, detail),
        has_indirect=bool(detail.indirect),
    )


def _name_level(name: DetailName) -> str:
    return {
        DetailName.ESSENTIAL: _("Essentials"),
        DetailName.OVERVIEW: _("Overview"),
        DetailName.DETAILED: _("In detail"),
        DetailName.FULL: _("Maximum"),
    }[name]


def _say_extent(graph: DirectlyFollowsGraph, detail: MapDetail) -> str:
    return _(
        "Shown: {activities} of {all_activities} activities ({activity_share} of executions) and {passages} of "
        "{all_passages} passages between them ({passage_share} of all passages made)."
    ).format(
        activities=format_count(len(detail.activities)),
        all_activities=format_count(len(graph.nodes)),
        activity_share=format_share(detail.activity_share),
        passages=format_count(len(detail.edges)),
        all_passages=format_count(len(graph.edges)),
        passage_share=format_share(detail.passage_share),
    )


def _say_times(graph: DirectlyFollowsGraph) -> str:
    if graph.has_start_times:
        return _("Time on a line: median from the end of one activity to the start of the next.")
    return _(
        "Time on a line: median from the end of one activity to the end of the next – waiting and work together, "
        "because the log does not say when work began."
    )


def _make_time_legend() -> tuple[tuple[int, str], ...]:
    hour, day = format_duration(HOUR_SECONDS), format_duration(DAY_SECONDS)
    week, month = format_duration(7 * DAY_SECONDS), format_duration(30 * DAY_SECONDS)
    return (
        (1, _("under {time}").format(time=hour)),
        (2, f"{hour} – {day}"),
        (3, f"{day} – {week}"),
        (4, f"{week} – {month}"),
        (5, _("over {time}").format(time=month)),
    )


def _tabulate_activities(graph: DirectlyFollowsGraph, details: tuple[MapDetail, ...]) -> Table:
    numbers = sorted({index for detail in details for index in detail.activities})
    numbers.sort(key=lambda index: -graph.nodes[index].instances)
    return Table(
        caption=_("Activities on the map"),
        columns=(
            text_column(_("Activity")),
            figure_column(_("Executions")),
            figure_column(_("Cases")),
            figure_column(_("First in a case")),
            figure_column(_("Last in a case")),
            figure_column(_("Median processing time")),
        ),
        rows=tuple(make_row(*_activity_cells(graph.nodes[index]), anchor=f"activity-{index}") for index in numbers),
        note=_say_rest(len(numbers), len(graph.nodes)),
    )


def _activity_cells(node: DirectlyFollowsNode) -> tuple[str, ...]:
    return (
        make_visible(node.activity) or no_name(),
        format_count(node.instances),
        format_count(node.cases),
        format_count(node.starts),
        format_count(node.ends),
        format_known(node.median_processing_seconds),
    )


def _tabulate_passages(graph: DirectlyFollowsGraph, details: tuple[MapDetail, ...]) -> Table:
    numbers = sorted({index for detail in details for index in detail.edges})
    numbers.sort(key=lambda index: -graph.edges[index].count)
    return Table(
        caption=_("Passages on the map"),
        columns=(
            text_column(pgettext("passage", "From")),
            text_column(pgettext("passage", "To")),
            figure_column(_("Times")),
            figure_column(_("Cases")),
            figure_column(_("Median time")),
            figure_column(_("One in ten longer than")),
            figure_column(_("Hours in all")),
        ),
        rows=tuple(make_row(*_passage_cells(graph.edges[index]), anchor=f"passage-{index}") for index in numbers),
        note=_say_rest(len(numbers), len(graph.edges)),
    )


def _passage_cells(edge: DirectlyFollowsEdge) -> tuple[str, ...]:
    return (
        make_visible(edge.activity) or no_name(),
        make_visible(edge.next_activity) or no_name(),
        format_count(edge.count),
        format_count(edge.cases),
        format_known(edge.median_seconds),
        format_known(edge.p90_seconds),
        format_hours(edge.total_seconds),
    )


def _say_rest(shown: int, total: int) -> str:
    if shown >= total:
        return ""
    return _("{shown} of {total}: those drawn at any level of detail. The JSON audit has them all.").format(
        shown=format_count(shown), total=format_count(total)
    )
