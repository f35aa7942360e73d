"""Cases that move over the process map of a run: the map drawn here, their times for the page's script."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from potok.core.errors import EnvironmentFailureError
from potok.core.language import current_language, ngettext
from potok.core.language import gettext as _
from potok.core.time_units import DAY_US, SECOND_US
from potok.measure.directly_follows import DirectlyFollowsGraph, compute_directly_follows_graph
from potok.report.drawing.detail import DetailName, MapDetail, choose_details
from potok.report.drawing.map_parts import make_links
from potok.report.drawing.process_map import draw_map
from potok.report.drawing.svg import make_visible
from potok.report.formats import compose, format_count, format_date, format_known
from potok.report.sections.table import Table, figure_column, make_row, text_column
from potok.simulate.changes import apply_changes
from potok.simulate.experiments.forecast import Forecast
from potok.simulate.experiments.frames import Frame, Runner
from potok.simulate.kernel.simulated_log import UNKNOWN, SimulatedLog
from potok.simulate.model import ProcessModel

MOST_CASES: Final = 200
MOST_RUNS: Final = 4
_MOST_ROWS: Final = 40
_FEW_ACTIVITIES: Final = 12
_DURATIONS: Final = 2.0


@dataclass(frozen=True, slots=True)
class AnimatedRun:
    """One run of one model.

    Parameters
    ----------
    title
        Of the model: as is, or its scenario.
    picture
        The map as ``<svg>``.
    extent
        What the map shows and what is left out.
    passages
        The map as a table.
    """

    title: str
    picture: Markup
    extent: str
    passages: Table


@dataclass(frozen=True, slots=True)
class Animation:
    """What a page needs to move cases over maps.

    Parameters
    ----------
    runs
        As is first; all cover the same time with the same arrivals.
    note
        Which time and which cases are shown.
    record
        JSON for the script: the window, and of each run its lines and the cases' times in whole seconds since its
        beginning.
    failures
        Sentences about maps that could not be drawn.
    has_due
        Whether cases have due dates.
    """

    runs: tuple[AnimatedRun, ...]
    note: str
    record: Markup
    failures: tuple[str, ...]
    has_due: bool


@dataclass(frozen=True, slots=True)
class Window:
    """The time shown, and that one case in `stride` is.

    Parameters
    ----------
    start_us, end_us
        Microseconds UTC.
    """

    start_us: int
    end_us: int
    stride: int


def make_animation(forecast: Forecast, run: Runner) -> Animation:
    """Run the model, and up to three scenarios, once more under the same random numbers, and draw their maps."""
    frame = forecast.chosen.frame
    shown = [one.scenario for one in forecast.scenarios[: MOST_RUNS - 1]]
    named = [(_("as is"), forecast.model)]
    named += [(one.name, apply_changes(forecast.model, one.changes)) for one in shown]
    logs = [_run_once(model, run, frame, forecast.settings.seed) for _name, model in named]
    window = choose_window(logs, frame)
    runs: list[AnimatedRun] = []
    records: list[dict[str, Any]] = []
    failures: list[str] = []
    for (title, model), log in zip(named, logs, strict=True):
        try:
            drawn, record = _animate(title, model, log, window)
        except EnvironmentFailureError as error:
            failures.append(" ".join(filter(None, (error.message, error.remedy))))
            continue
        runs.append(drawn)
        records.append(record)
    whole = {
        "start_ms": window.start_us // 1000,
        "seconds": (window.end_us - window.start_us) // SECOND_US,
        "zone": forecast.model.zone,
        "language": current_language(),
        "runs": records,
    }
    return Animation(
        tuple(runs),
        _note(window, zone=forecast.model.zone),
        _as_script_data(whole),
        tuple(dict.fromkeys(failures)),
        any((log.due_us != UNKNOWN).any() for log in logs),
    )


def _run_once(model: ProcessModel, run: Runner, frame: Frame, seed: int) -> SimulatedLog:
    (log,) = run(model, frame, seed=seed, replications=range(1))
    return log


def choose_window(logs: Sequence[SimulatedLog], frame: Frame) -> Window:
    """Choose a time long enough to see cases come and go, and of so many cases so few that they can be followed."""
    closed = [log.closed_us != UNKNOWN for log in logs]
    durations = [
        (log.closed_us[is_closed] - log.arrived_us[is_closed]) for log, is_closed in zip(logs, closed, strict=True)
    ]
    longest = max((float(one.mean()) for one in durations if len(one)), default=float(DAY_US))
    days = max(1, ceil(_DURATIONS * longest / DAY_US))
    start_us = frame.count_from_us
    end_us = min(start_us + days * DAY_US, max(frame.end_us, start_us + DAY_US))
    most = max(int(_is_seen(log, start_us, end_us).sum()) for log in logs)
    return Window(start_us, end_us, max(1, ceil(most / MOST_CASES)))


def _is_seen(log: SimulatedLog, start_us: int, end_us: int) -> npt.NDArray[np.bool_]:
    is_open_then: npt.NDArray[np.bool_] = (log.closed_us > start_us) | (log.closed_us == UNKNOWN)
    return is_open_then & (log.arrived_us < end_us)


def _note(window: Window, *, zone: str) -> str:
    shown = compose(
        _("One run, from {since} to {until}."),
        since=format_date(window.start_us, zone=zone),
        until=format_date(window.end_us, zone=zone),
    )
    if window.stride == 1:
        return shown + " " + _("Every case is shown.")
    thinned = ngettext(
        "So that they can be followed, one case in {n} is shown.",
        "So that they can be followed, one case in {n} is shown.",
        window.stride,
    )
    return shown + " " + thinned.format(n=format_count(window.stride))


def _as_script_data(record: dict[str, Any]) -> Markup:
    """Write JSON that no text in it can end early."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704 - escaped


def _animate(title: str, model: ProcessModel, log: SimulatedLog, window: Window) -> tuple[AnimatedRun, dict[str, Any]]:
    graph = _graph_of(log, model)
    detail = _choose_detail(graph)
    run = AnimatedRun(make_visible(title), draw_map(graph, detail), _say_extent(graph, detail), _tabulate(graph))
    boxes = (-1, *sorted(detail.activities), -2)
    places = {number: place for place, number in enumerate(boxes)}
    # As `draw_map` draws them: loops last, else in their order.
    links = sorted(make_links(graph, detail), key=lambda link: link.source == link.target)
    record = {
        "lines": [[places[link.source], places[link.target]] for link in links],
        "cases": _cases(log, _box_of_activity(graph, model, places), window),
    }
    return run, record


def _choose_detail(graph: DirectlyFollowsGraph) -> MapDetail:
    """Show as much of a small process as can be, and of a large one as much as can be followed."""
    details = choose_details(graph)
    if len(graph.nodes) <= _FEW_ACTIVITIES:
        return details[-1]
    return next((detail for detail in details if detail.name is DetailName.OVERVIEW), details[-1])


def _graph_of(log: SimulatedLog, model: ProcessModel) -> DirectlyFollowsGraph:
    from potok.simulate.kernel import write_simulated_store

    with tempfile.TemporaryDirectory(prefix="potok-run-") as folder:
        store = write_simulated_store(log, model, Path(folder) / "run")
        return compute_directly_follows_graph(store)


def _say_extent(graph: DirectlyFollowsGraph, detail: MapDetail) -> str:
    if len(detail.activities) == len(graph.nodes) and len(detail.edges) == len(graph.edges):
        return ""
    return _(
        "The map shows {activities} of {all_activities} activities and {passages} of {all_passages} passages; cases "
        "go straight where no line is drawn."
    ).format(
        activities=format_count(len(detail.activities)),
        all_activities=format_count(len(graph.nodes)),
        passages=format_count(len(detail.edges)),
        all_passages=format_count(len(graph.edges)),
    )


def _tabulate(graph: DirectlyFollowsGraph) -> Table:
    rows = tuple(
        make_row(
            make_visible(edge.activity),
            make_visible(edge.next_activity),
            format_count(edge.count),
            format_known(edge.median_seconds),
            format_known(edge.p90_seconds),
        )
        for edge in graph.edges[:_MOST_ROWS]
    )
    columns = (
        text_column(_("Activity")),
        text_column(_("Next activity")),
        figure_column(_("Times")),
        figure_column(_("Median time")),
        figure_column(_("One in ten longer than")),
    )
    left = len(graph.edges) - len(rows)
    note = _("{n} rarer passages are left out.").format(n=format_count(left)) if left > 0 else ""
    return Table(_("Passages of this run"), columns, rows, note)


def _box_of_activity(graph: DirectlyFollowsGraph, model: ProcessModel, places: dict[int, int]) -> dict[int, int]:
    """Return the box of each activity (by its code in the model) that is drawn."""
    number = {node.activity: index for index, node in enumerate(graph.nodes)}
    codes = {code: number.get(one.name, -9) for code, one in enumerate(model.activities)}
    return {code: places[index] for code, index in codes.items() if index in places}


def _cases(log: SimulatedLog, boxes: dict[int, int], window: Window) -> list[list[Any]]:
    """Return of each case its arrival, closing, due time and the box, start and end of each instance drawn.

    Instances that end before the window are left out but for the last, and those that begin after it but for the first.
    """
    seen = np.flatnonzero(_is_seen(log, window.start_us, window.end_us))
    return [_case(log, int(case), boxes, window) for case in seen if case % window.stride == 0]


def _case(log: SimulatedLog, case: int, boxes: dict[int, int], window: Window) -> list[Any]:
    rows = range(int(log.first_row[case]), int(log.first_row[case + 1]))
    drawn = [row for row in rows if int(log.activity[row]) in boxes and log.started_us[row] != UNKNOWN]
    passed = [row for row in drawn if UNKNOWN < log.completed_us[row] <= window.start_us]
    coming = sorted((row for row in drawn if log.started_us[row] >= window.end_us), key=lambda row: log.started_us[row])
    left_out = {*sorted(passed, key=lambda row: log.completed_us[row])[:-1], *coming[1:]}

    def seconds(at_us: Any) -> int | None:
        return None if at_us == UNKNOWN else int((int(at_us) - window.start_us) // SECOND_US)

    flat = [
        value
        for row in drawn
        if row not in left_out
        for value in (boxes[int(log.activity[row])], seconds(log.started_us[row]), seconds(log.completed_us[row]))
    ]
    return [seconds(log.arrived_us[case]), seconds(log.closed_us[case]), seconds(log.due_us[case]), flat]
