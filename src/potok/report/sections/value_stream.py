"""The value-stream map (КПСЦ) of the current state: its picture, figures, problems and table twin."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.measure.enablement import REASONS
from potok.measure.value_stream import StreamStep, ValueStream
from potok.measure.value_stream_steps import StepKind
from potok.report.drawing.map_texts import no_name
from potok.report.drawing.svg import make_visible
from potok.report.drawing.value_stream import draw_value_stream
from potok.report.drawing.value_stream_parts import MOST_CELLS, StreamBox, StreamEnd, StreamFigure, StreamPicture
from potok.report.formats import compose, format_count, format_share
from potok.report.measured import Audit
from potok.report.sections.table import Row, Table, figure_column, make_row, text_column
from potok.report.sections.value_stream_facts import StreamFact, make_facts, say_efficiency, say_value
from potok.report.sections.value_stream_problems import StreamProblem, number_problems, problems_at
from potok.report.sections.value_stream_times import (
    TimeUnit,
    choose_unit,
    format_part,
    format_range,
    hours,
    round_parts,
)


@dataclass(frozen=True, slots=True)
class StepRow:
    """The mean times of a step per closed case, in the map's unit, rounded so that all of them add up."""

    wait: float
    work: float
    undivided: float

    @property
    def total(self) -> float:
        """All of it."""
        return round(self.wait + self.work + self.undivided, 2)


@dataclass(frozen=True, slots=True)
class StreamSection:
    """The map as it is shown.

    Parameters
    ----------
    picture
        The drawing; empty without a closed case.
    unit
        Of all times in it.
    introduction
        What the picture shows.
    rows, after_last, total
        Mean times per closed case: of each step, after the last one, and in all; they add up as shown.
    facts
        The figures of the whole flow.
    problems
        Numbered; those of no single step among them.
    fields
        Who and when: name and value, empty where it has to be filled in.
    steps
        The table twin.
    legend
        Every word and symbol of the map with its meaning.
    notes
        What must be read with it.
    failure
        Why nothing is drawn; empty otherwise.
    """

    picture: Markup
    unit: TimeUnit
    introduction: str
    rows: tuple[StepRow, ...]
    after_last: float
    total: float
    facts: tuple[StreamFact, ...]
    problems: tuple[StreamProblem, ...]
    fields: tuple[tuple[str, str], ...]
    steps: Table
    legend: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    failure: str


def make_value_stream(audit: Audit, *, has_links: bool = True, most_cells: int = MOST_CELLS) -> StreamSection | None:
    """Show the value stream of an audit; None if it was made without one.

    Parameters
    ----------
    has_links
        Whether the picture's parts link to the table and the list of problems.
    most_cells
        Steps in a row of the picture, at most.
    """
    stream = audit.value_stream
    if stream is None:
        return None
    closed = stream.closed_cases
    unit = choose_unit(stream.calendar_time.total_seconds / closed if closed else 0.0)
    rows, after_last = _round_rows(stream, unit)
    total = round(sum(row.total for row in rows) + after_last, 2)
    problems = number_problems(audit, stream)
    drawn = _Drawn(stream, unit, rows, after_last, total, problems)
    failure = "" if closed else _("No case is closed, so there is no lead time to be mapped yet.")
    return StreamSection(
        picture=Markup("")
        if failure
        else draw_value_stream(drawn.picture(), has_links=has_links, most_cells=most_cells),
        unit=unit,
        introduction=compose(
            _(
                "The steps that most cases pass, in order; below them the time ladder of the mean case. "
                "Times in: {unit}."
            ),
            unit=unit.name,
        ),
        rows=rows,
        after_last=after_last,
        total=total,
        facts=() if failure else make_facts(audit, stream, unit, total=total),
        problems=problems,
        fields=_make_fields(audit),
        steps=drawn.table(),
        legend=make_legend(stream, unit),
        notes=_make_notes(stream),
        failure=failure,
    )


def _round_rows(stream: ValueStream, unit: TimeUnit) -> tuple[tuple[StepRow, ...], float]:
    """Return the rows of the ladder and what lies after the last step, as means per closed case."""
    by = unit.seconds * max(1, stream.closed_cases)
    times = [step.calendar_time for step in stream.steps]
    parts = [part for time in times for part in (time.wait_seconds, time.work_seconds, time.undivided_seconds)]
    rounded = round_parts([part / by for part in (*parts, stream.calendar_time.after_last_seconds)])
    rows = tuple(StepRow(*rounded[place : place + 3]) for place in range(0, len(parts), 3))
    return rows, rounded[-1]


def _make_fields(audit: Audit) -> tuple[tuple[str, str], ...]:
    head = audit.head
    return (
        (_("Process"), head.process),
        (_("Owner of the flow"), head.owner),
        (_("Author of the map"), head.author),
        (_("Date"), head.on),
    )


def name_step(step: StreamStep) -> str:
    """Name a step; the one that stands for all others says how many activities it holds."""
    if step.kind is StepKind.OTHER:
        number = len(step.activities)
        text = ngettext("Other steps ({n} activity)", "Other steps ({n} activities)", number)
        return text.format(n=format_count(number))
    return make_visible(step.label) or no_name()


def say_performers(step: StreamStep) -> tuple[str, ...]:
    """Say who does a step: the department with most of it, and how many performers; empty if nothing is known."""
    units = make_visible(step.units[0]) if step.units else ""
    if len(step.units) > 1:
        units = _("{unit} and others").format(unit=units)
    people = ngettext("{n} performer", "{n} performers", step.people).format(n=format_count(step.people))
    return tuple(filter(None, (units, people if step.people else "")))


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A stream with all that its picture and its table are made of."""

    stream: ValueStream
    unit: TimeUnit
    rows: tuple[StepRow, ...]
    after_last: float
    total: float
    problems: tuple[StreamProblem, ...]

    def picture(self) -> StreamPicture:
        """Say what is drawn."""
        return StreamPicture(
            boxes=tuple(self._box(number) for number in range(len(self.rows))),
            end=self._end(),
            legend=_picture_legend(self.stream, self.unit),
            caption=_("Value-stream map: the current state"),
        )

    def _box(self, number: int) -> StreamBox:
        step, row = self.stream.steps[number], self.rows[number]
        before = self.stream.steps[number - 1] if number else None
        is_split = self.stream.is_divided
        return StreamBox(
            label=name_step(step),
            performers=say_performers(step),
            figures=self._figures(step),
            stock=format_count(before.standing_cases) if before and before.standing_cases else "",
            wait=format_part(row.wait + row.undivided),
            work=format_part(row.work) if is_split else "",
            problems=problems_at(self.problems, number),
            is_other=step.kind is StepKind.OTHER,
            title=self._say(step, row),
        )

    def _figures(self, step: StreamStep) -> tuple[StreamFigure, ...]:
        time = step.calendar_time
        lines = [
            StreamFigure(_("LT"), format_range((time.min_seconds, time.median_seconds, time.max_seconds), self.unit))
        ]
        if (working := step.working_time) is not None:
            ends = (working.min_seconds, working.median_seconds, working.max_seconds)
            lines.append(StreamFigure(_("LT, work. h"), format_range(ends, hours())))
        first_time = step.first_time_share
        return (
            *lines,
            StreamFigure(_("VT"), say_value(self.stream, step, self.unit)),
            StreamFigure(_("Cases"), format_share(step.case_share)),
            StreamFigure(_("First time"), "–" if first_time is None else format_share(first_time)),
        )

    def _say(self, step: StreamStep, row: StepRow) -> str:
        return _("“{step}”: {share} of the closed cases; {time} {unit} of the mean lead time of {total} {unit}").format(
            step=name_step(step),
            share=format_share(step.case_share),
            time=format_part(row.total),
            total=format_part(self.total),
            unit=self.unit.name,
        )

    def _end(self) -> StreamEnd:
        last = self.stream.steps[-1].standing_cases if self.stream.steps else 0
        return StreamEnd(
            stock=format_count(last) if last else "",
            wait=format_part(self.after_last) if self.after_last else "",
            totals=self._totals(),
            problems=problems_at(self.problems, None),
            title=_("In all"),
        )

    def _totals(self) -> tuple[StreamFigure, ...]:
        lead = self.stream.calendar_time
        lines = [StreamFigure(_("LT, mean"), format_part(self.total))]
        if self.stream.is_divided:
            work = round(sum(row.work for row in self.rows), 2)
            lines.append(StreamFigure(_("waiting"), format_part(round(self.total - work, 2))))
            lines.append(StreamFigure(_("work"), format_part(work)))
        ends = (lead.min_seconds, lead.median_seconds, lead.max_seconds)
        return (
            *lines,
            StreamFigure(_("LT"), format_range(ends, self.unit)),
            StreamFigure(_("VT"), say_value(self.stream, None, self.unit)),
            StreamFigure(_("VT / LT"), say_efficiency(self.stream)),
            StreamFigure(_("Stock"), format_count(self.stream.open_cases)),
        )

    def table(self) -> Table:
        """Return the table twin of the picture."""
        of_unit = self.unit.name
        columns = (
            text_column(_("Step")),
            text_column(_("Performers")),
            figure_column(_("Waiting before, {unit}").format(unit=of_unit)),
            figure_column(_("Work, {unit}").format(unit=of_unit)),
            figure_column(_("Not told apart, {unit}").format(unit=of_unit)),
            figure_column(_("LT, {unit}").format(unit=of_unit)),
            figure_column(_("LT min–median–max, {unit}").format(unit=of_unit)),
            figure_column(_("VT, {unit}").format(unit=of_unit)),
            figure_column(_("Cases")),
            figure_column(_("First time")),
            figure_column(_("Stock after it")),
            text_column(_("Problems")),
        )
        rows = [self._row(number) for number in range(len(self.rows))]
        rows.append(self._sum_row(_("After the last step"), (self.after_last, 0.0, 0.0)))
        sums = [sum(getattr(row, name) for row in self.rows) for name in ("wait", "work", "undivided")]
        rows.append(self._sum_row(_("In all"), (sums[0] + self.after_last, *sums[1:]), is_whole=True))
        return Table(_("Steps of the value stream, mean times per closed case"), columns, tuple(rows))

    def _row(self, number: int) -> Row:
        step, row = self.stream.steps[number], self.rows[number]
        time, first_time = step.calendar_time, step.first_time_share
        return make_row(
            f"{number + 1}. {name_step(step)}",
            " · ".join(say_performers(step)) or "–",
            *(format_part(part) for part in (row.wait, row.work, row.undivided, row.total)),
            format_range((time.min_seconds, time.median_seconds, time.max_seconds), self.unit),
            say_value(self.stream, step, self.unit),
            format_share(step.case_share),
            "–" if first_time is None else format_share(first_time),
            format_count(step.standing_cases + step.working_cases),
            ", ".join(map(str, problems_at(self.problems, number))),
            anchor=f"stream-step-{number + 1}",
        )

    def _sum_row(self, title: str, parts: Sequence[float], *, is_whole: bool = False) -> Row:
        lead = self.stream.calendar_time
        ends = (lead.min_seconds, lead.median_seconds, lead.max_seconds)
        return make_row(
            title,
            "",
            *(format_part(round(part, 2)) for part in (*parts, sum(parts))),
            format_range(ends, self.unit) if is_whole else "",
            say_value(self.stream, None, self.unit) if is_whole else "",
            "",
            "",
            format_count(self.stream.open_cases) if is_whole else "",
            ", ".join(map(str, problems_at(self.problems, None))) if is_whole else "",
        )


def _picture_legend(stream: ValueStream, unit: TimeUnit) -> tuple[tuple[str, str], ...]:
    ladder = [("together", _("time up to the end of the step: waiting and work together"))]
    if stream.is_divided:
        ladder = [("wait", _("waiting before the step")), ("work", _("work on the step"))]
    other = [("other", _("all steps not shown"))] if _has_others(stream) else []
    stock = [("stock", _("open cases that stand there"))] if stream.open_cases else []
    return (
        *ladder,
        *stock,
        ("problem", _("problem, by its number in the list")),
        *other,
        ("", _("all times in: {unit}").format(unit=unit.name)),
    )


def _has_others(stream: ValueStream) -> bool:
    return any(step.kind is StepKind.OTHER for step in stream.steps)


def make_legend(stream: ValueStream, unit: TimeUnit) -> tuple[tuple[str, str], ...]:
    """Explain every word and symbol of the map."""
    entries = [
        (
            _("LT"),
            _("lead time: minimum, median and maximum of the closed cases that pass the step, {unit}").format(
                unit=unit.name
            ),
        ),
        (
            _("VT"),
            _(
                "value-creating time: work that people have declared to add value, mean per closed case; "
                "“?” where it cannot be told"
            ),
        ),
        (_("Cases"), _("share of the closed cases that pass the step")),
        (_("First time"), _("share of these cases in which nothing of the step is done again")),
        (
            _("Triangle"),
            _("stock: open cases whose last recorded step is the one before it, at the extraction of the log"),
        ),
        (
            _("Ladder"),
            _("mean times per closed case: waiting above, work below; they add up to the mean lead time exactly"),
        ),
        (_("Number in a circle"), _("problem, as numbered in the list of problems")),
    ]
    if stream.working_time is not None:
        entries.insert(1, (_("LT, work. h"), _("the same in hours of working time")))
    if _has_others(stream):
        entries.append(
            (
                _("Dashed box"),
                _("all steps that few cases pass and little time is spent on, summed up; it has no place in the order"),
            )
        )
    return tuple(entries)


def _make_notes(stream: ValueStream) -> tuple[str, ...]:
    notes = [_(REASONS[reason]) for reason in stream.reasons]
    notes.append(
        _(
            "The times of the ladder are means over all closed cases, because only means add up: a sum of medians is "
            "not the median of the sums. Minimum, median and maximum stand beside them and are not to be added."
        )
    )
    if stream.efficiency is None:
        notes.append(
            _(
                "Nobody has declared which steps add value, so value-creating time and flow efficiency cannot be told. "
                "Name them: --value-adding ACTIVITY."
            )
        )
    if stream.open_cases:
        notes.append(_("Open cases are the stock; their time is not in the ladder, as it is not over."))
    return tuple(notes)
