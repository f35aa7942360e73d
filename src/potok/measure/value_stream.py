"""The current state of a value stream: its steps in order, with the lead time cut at them.

What a value-stream map (КПСЦ) shows, as data. All times are sums over the closed cases, so that the parts of the steps
and what lies after the last one add up to the lead time exactly; medians and extremes stand beside them, over the cases
that pass the step, and are never added. See `potok.measure.value_stream_parts` for how a case is cut, and
`potok.measure.value_stream_steps` for which steps are shown.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from potok.core.calendars import Calendar
from potok.engine.base import Engine, Given
from potok.engine.tables import ACTIVITIES, CASES, EVENTS, VARIANTS
from potok.log.store import LogStore
from potok.measure.case_durations import duration_statistics
from potok.measure.enablement import TimeKnowledge, compute_time_knowledge
from potok.measure.evidence import find_code
from potok.measure.first_time_through import compute_first_time_through
from potok.measure.flow_efficiency import FlowEfficiency, compute_flow_efficiency
from potok.measure.running import MICROSECONDS, run, seconds, seconds_if_known, unit_labels
from potok.measure.sampling import sampling_of
from potok.measure.value_stream_parts import (
    STEPS,
    activity_shares,
    boundary_steps,
    demand,
    standing_cases,
    step_figures,
    step_performers,
    step_units,
    value_figures,
)
from potok.measure.value_stream_steps import (
    ORDERING_VARIANTS,
    ChosenStep,
    KnownActivity,
    StepKind,
    choose_steps,
    order_steps,
)
from potok.measure.working_time import case_days

NAMED_UNITS: Final = 3
KNOWN_BOUNDARIES: Final = 2_000


@dataclass(frozen=True, slots=True)
class StepTime:
    """The time that falls to a step, on one clock.

    Parameters
    ----------
    wait_seconds, work_seconds, undivided_seconds
        Sums over all closed cases: waiting before it, work on it, and both where the log does not tell them apart.
    min_seconds, median_seconds, max_seconds
        Of all three together, over the closed cases that pass the step; None if none does.
    """

    wait_seconds: float
    work_seconds: float
    undivided_seconds: float
    min_seconds: float | None
    median_seconds: float | None
    max_seconds: float | None

    @property
    def total_seconds(self) -> float:
        """All time that falls to the step."""
        return self.wait_seconds + self.work_seconds + self.undivided_seconds


NO_TIME: Final = StepTime(0.0, 0.0, 0.0, None, None, None)


@dataclass(frozen=True, slots=True)
class StreamStep:
    """One step.

    Parameters
    ----------
    kind, label, activities
        What it stands for, its name (empty for the others), and the labels of its activities.
    cases, case_share
        Closed cases that pass it, and as a share of all closed ones, 0–1.
    repeated_cases
        Those of them in which an activity of it is done more than once.
    units
        The organisational units with most instances of it, most first.
    people
        Distinct performers; 0 if the log names none.
    standing_cases, working_cases
        Open cases whose last activity belongs to it: those that wait for whatever comes next, and those in which it is
        being worked on.
    calendar_time, working_time
        Its time on either clock; working time only with a calendar.
    value_seconds
        Value-adding time in it, summed over closed cases; None where no activities were declared to add value.
    """

    kind: StepKind
    label: str
    activities: tuple[str, ...]
    cases: int
    case_share: float
    repeated_cases: int
    units: tuple[str, ...]
    people: int
    standing_cases: int
    working_cases: int
    calendar_time: StepTime
    working_time: StepTime | None
    value_seconds: float | None

    @property
    def first_time_share(self) -> float | None:
        """Share of the cases passing it in which nothing of it is done again, 0–1; None if no case passes it."""
        return 1 - self.repeated_cases / self.cases if self.cases else None


@dataclass(frozen=True, slots=True)
class StreamLead:
    """Lead time of the closed cases on one clock.

    Parameters
    ----------
    total_seconds
        Their sum; the steps and `after_last_seconds` add up to it.
    min_seconds, median_seconds, max_seconds
        None without closed cases.
    after_last_seconds
        Between the last completion and the closing, summed.
    """

    total_seconds: float
    min_seconds: float | None
    median_seconds: float | None
    max_seconds: float | None
    after_last_seconds: float


@dataclass(frozen=True, slots=True)
class Takt:
    """Available time by demand.

    Parameters
    ----------
    seconds
        Between two cases, if they came evenly: `available_seconds` by `arrivals`.
    available_seconds
        From the first opening to the extraction: working time with a calendar, else calendar time.
    arrivals
        Cases opened in it.
    is_working_time
        On which clock.
    """

    seconds: float
    available_seconds: float
    arrivals: int
    is_working_time: bool


@dataclass(frozen=True, slots=True)
class StreamBoundary:
    """Where cases pass from one organisational unit to another.

    Parameters
    ----------
    org_unit, next_org_unit
        Labels.
    step
        Position of the step that comes after the boundary for most of the time that passes at it.
    """

    org_unit: str
    next_org_unit: str
    step: int


@dataclass(frozen=True, slots=True)
class ValueStream:
    """The current state of a value stream.

    Parameters
    ----------
    steps
        In order; the one that stands for all others comes last.
    closed_cases, open_cases
        All times are over the closed ones; the open ones are the stock.
    is_divided
        Whether the log tells waiting from work anywhere.
    reasons
        What keeps times from being known: keys of `potok.measure.enablement.REASONS`.
    calendar_time, working_time
        Lead time on either clock; working time only with a calendar.
    efficiency
        Flow efficiency in calendar time; None where no activities were declared to add value.
    takt
        None where demand cannot be told: no case, or an extract of closed cases alone.
    first_time_share
        Share of closed cases in which no activity is done twice, 0–1; None without closed cases.
    boundaries
        Those of units that lie before one step more than before all others together.
    """

    steps: tuple[StreamStep, ...]
    closed_cases: int
    open_cases: int
    is_divided: bool
    reasons: tuple[str, ...]
    calendar_time: StreamLead
    working_time: StreamLead | None
    efficiency: FlowEfficiency | None
    takt: Takt | None
    first_time_share: float | None
    boundaries: tuple[StreamBoundary, ...] = ()

    @property
    def work_seconds(self) -> float:
        """All work of closed cases, whether or not it adds value; work side by side counts once."""
        return sum(step.calendar_time.work_seconds for step in self.steps)


def compute_value_stream(
    store: LogStore,
    *,
    value_adding: Collection[str] = (),
    calendar: Calendar | None = None,
    engine: Engine | None = None,
) -> ValueStream:
    """Compute what a value-stream map shows.

    Parameters
    ----------
    value_adding
        Labels of the activities that add value, as people declare it; none if nobody has.
    calendar
        Times are given in working time on it as well.

    Raises
    ------
    UnknownPlaceError
        If the log does not have one of the activities.
    YearNotCoveredError
        If the log reaches into a year that the calendar does not know.

    References
    ----------
    Rother and Shook (1999), "Learning to See": the map, its time ladder and its data boxes; ГОСТ Р 57524-2017.
    """
    activities, cases = _known_activities(store, engine), _count_cases(store, engine)
    chosen = order_steps(choose_steps(activities, cases=sum(cases)), _variants(store, engine))
    knowledge = compute_time_knowledge(store, engine=engine)
    asked = _Asked(store, engine, chosen, is_divided=knowledge.is_worked)
    labels = {one.activity: one.label for one in activities}
    codes = tuple(sorted({find_code(labels, label) for label in value_adding}))
    clocks = [asked.clock(None), *([asked.clock(calendar)] if calendar else [])]
    return ValueStream(
        steps=_make_steps(asked, clocks, labels, codes),
        closed_cases=cases[0],
        open_cases=cases[1],
        is_divided=knowledge.is_worked,
        reasons=_reasons(knowledge),
        calendar_time=clocks[0].lead,
        working_time=clocks[1].lead if calendar else None,
        efficiency=compute_flow_efficiency(store, activities=value_adding, engine=engine) if codes else None,
        takt=_takt(store, calendar, engine),
        first_time_share=compute_first_time_through(store, engine=engine).overall.share,
        boundaries=_boundaries(asked),
    )


def _known_activities(store: LogStore, engine: Engine | None) -> tuple[KnownActivity, ...]:
    times = dict(run(activity_shares(EVENTS), store, engine))
    columns = ("activity", "label", "phase", "instances", "cases")
    rows = run(ACTIVITIES.select(*columns), store, engine)
    found = (
        KnownActivity(code, label, phase or "", instances, cases, seconds(times.get(code) or 0))
        for code, label, phase, instances, cases in rows
    )
    return tuple(sorted(found, key=lambda one: one.activity))


def _count_cases(store: LogStore, engine: Engine | None) -> tuple[int, int]:
    """Return the numbers of closed and open cases."""
    statistics = duration_statistics(CASES, extracted_us=store.extracted_us, days=None)
    counts = {bool(is_open): cases for is_open, cases, *_rest in run(statistics, store, engine)}
    return counts.get(False, 0), counts.get(True, 0)


def _variants(store: LogStore, engine: Engine | None) -> Iterable[tuple[tuple[int, ...], int]]:
    frequent = VARIANTS.filter(VARIANTS.variant < ORDERING_VARIANTS).select("activities", "cases")
    for activities, cases in run(frequent, store, engine):
        yield tuple(int(code) for code in activities.split(",")), cases


def _reasons(knowledge: TimeKnowledge) -> tuple[str, ...]:
    # Nothing here rests on when an instance could have begun.
    return tuple(reason for reason in knowledge.reasons("previous") if reason != "enablement_is_assumed")


@dataclass(frozen=True, slots=True)
class _Clock:
    times: Mapping[int, tuple[int, int, StepTime]]
    lead: StreamLead


@dataclass(frozen=True, slots=True)
class _Asked:
    """A store, and the steps that are asked about."""

    store: LogStore
    engine: Engine | None
    steps: tuple[ChosenStep, ...]
    is_divided: bool

    @property
    def given(self) -> Given:
        """Which activity belongs to which step, for the engine."""
        pairs = [(code, number) for number, step in enumerate(self.steps) for code in step.activities]
        table = {
            "activity": pa.array([code for code, _number in pairs], pa.int32()),
            "step": pa.array([number for _code, number in pairs], pa.int32()),
        }
        return {STEPS.get_name(): pa.table(table)}

    def ask(self, expression: Any, given: Given | None = None) -> list[tuple[Any, ...]]:
        """Run an analysis that reads the steps, and perhaps a calendar's days."""
        return list(run(expression, self.store, self.engine, given={**self.given, **(given or {})}))

    def clock(self, calendar: Calendar | None) -> _Clock:
        """Measure all steps, and the lead time, on one clock."""
        days, given = case_days(self.store, calendar, self.engine)
        rows = self.ask(step_figures(EVENTS, CASES, STEPS, days=days, is_divided=self.is_divided), given)
        times = {step: (cases, repeated, _step_time(figures)) for step, cases, repeated, *figures in rows}
        statistics = duration_statistics(CASES, extracted_us=self.store.extracted_us, days=days)
        known = {bool(is_open): row for is_open, *row in run(statistics, self.store, self.engine, given=given)}
        _cases, least, median, _p90, most, total_us = known.get(False, (0, None, None, None, None, 0))
        passed_us = sum(sum(figures[:3]) for _step, _cases, _repeated, *figures in rows)
        lead = StreamLead(
            total_seconds=seconds(total_us),
            min_seconds=seconds_if_known(least),
            median_seconds=seconds_if_known(median),
            max_seconds=seconds_if_known(most),
            after_last_seconds=seconds(total_us - passed_us),
        )
        return _Clock(times, lead)


def _step_time(figures: list[Any]) -> StepTime:
    wait, work, undivided, least, median, most = figures
    return StepTime(seconds(wait), seconds(work), seconds(undivided), *map(seconds_if_known, (least, median, most)))


def _make_steps(
    asked: _Asked, clocks: list[_Clock], labels: Mapping[int, str], codes: tuple[int, ...]
) -> tuple[StreamStep, ...]:
    people = dict(asked.ask(step_performers(EVENTS, STEPS)))
    units = _units_by_step(asked)
    standing = {row[0]: row[1:] for row in run(standing_cases(EVENTS, CASES), asked.store, asked.engine)}
    value: dict[Any, Any] = dict(asked.ask(value_figures(EVENTS, CASES, STEPS, codes=codes))) if codes else {}
    closed = _count_cases(asked.store, asked.engine)[0]
    made = []
    for number, step in enumerate(asked.steps):
        cases, repeated, calendar_time = clocks[0].times.get(number, (0, 0, NO_TIME))
        still = [standing[code] for code in step.activities if code in standing]
        unfinished = sum(row[1] for row in still)
        made.append(
            StreamStep(
                kind=step.kind,
                label=step.label,
                activities=tuple(sorted(labels[code] for code in step.activities)),
                cases=cases,
                case_share=cases / closed if closed else 0.0,
                repeated_cases=repeated,
                units=units.get(number, ()),
                people=people.get(number, 0),
                standing_cases=sum(row[0] for row in still) - unfinished,
                working_cases=unfinished,
                calendar_time=calendar_time,
                working_time=clocks[1].times.get(number, (0, 0, NO_TIME))[2] if len(clocks) > 1 else None,
                value_seconds=seconds(value.get(number, 0)) if codes else None,
            )
        )
    return tuple(made)


def _units_by_step(asked: _Asked) -> dict[int, tuple[str, ...]]:
    """Return the units with most instances of each step, most first."""
    labels = unit_labels(asked.store, asked.engine)
    rows = sorted(asked.ask(step_units(EVENTS, STEPS)), key=lambda row: (row[0], -row[2], labels[row[1]]))
    found: dict[int, tuple[str, ...]] = {}
    for step, unit, _instances in rows:
        found[step] = (*found.get(step, ()), labels[unit])
    return {step: units[:NAMED_UNITS] for step, units in found.items()}


def _boundaries(asked: _Asked) -> tuple[StreamBoundary, ...]:
    labels = unit_labels(asked.store, asked.engine)
    passed: dict[tuple[int, int], dict[int, Any]] = defaultdict(dict)
    for unit, next_unit, step, passed_us in asked.ask(boundary_steps(EVENTS, STEPS, limit=KNOWN_BOUNDARIES)):
        passed[unit, next_unit][step] = passed_us or 0
    return tuple(
        StreamBoundary(labels[unit], labels[next_unit], step)
        for (unit, next_unit), times in passed.items()
        for step, time in times.items()
        if 2 * time > sum(times.values())
    )


def _takt(store: LogStore, calendar: Calendar | None, engine: Engine | None) -> Takt | None:
    if sampling_of(store).is_closed_only:
        return None
    ((arrivals, first_us),) = run(demand(CASES, extracted_us=store.extracted_us), store, engine)
    if not arrivals or store.extracted_us <= first_us:
        return None
    available_us = store.extracted_us - first_us
    if calendar is not None:
        available_us = int(calendar.working_us([first_us], [store.extracted_us])[0])
    available = available_us / MICROSECONDS
    return Takt(available / arrivals, available, arrivals, is_working_time=calendar is not None)
