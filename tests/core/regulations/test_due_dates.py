"""When terms end: by hand, minute by minute, and by the tables that engines use."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.calendars import Calendar, load_calendar
from potok.core.calendars.errors import YearNotCoveredError
from potok.core.regulations import (
    CountedFrom,
    Extension,
    RollOver,
    Stop,
    Term,
    TermUnit,
    due_at_us,
    hour_tables,
    term_tables,
    warn_at_us,
)
from potok.core.regulations.due_arrays import NEVER_US, Stops, due_dates_in_days, due_dates_in_hours
from potok.core.regulations.tables import working_instants
from support.calendars import EPOCH, MINUTE_US, local_us, open_minutes, random_calendars
from support.examples import examples
from support.legal_cases import LegalCase, legal_cases

MOSCOW = "Europe/Moscow"
HOUR_US = 60 * MINUTE_US
CASES = legal_cases()
slow = settings(max_examples=examples(52), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_there_are_thirty_and_more():
    assert len(CASES) >= 30
    assert len({case.rule for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=[case.rule for case in CASES])
def test_the_term_worked_out_by_hand(case: LegalCase):
    due = due_at_us(case.term, case.start_us, case.calendar, stopped=case.stops, extended_at_us=case.extended_us)
    assert wall(due, case.calendar) == wall(case.due_us, case.calendar)


@pytest.mark.parametrize("case", CASES, ids=[case.rule for case in CASES])
def test_the_tables_give_the_term_worked_out_by_hand(case: LegalCase):
    (due,) = by_tables(case.term, case.calendar, [(case.start_us, case.stops, case.extended_us)])
    assert wall(due, case.calendar) == wall(case.due_us, case.calendar)


def wall(at_us: int | None, calendar: Calendar) -> str:
    """Return an instant as the wall clock shows it, so that a failure can be read."""
    if at_us is None:
        return "standing"
    day = calendar.local_date(at_us - 1)
    if calendar.day_end_us(day) == at_us:
        return f"{day} 24:00"
    return f"{day} +{timedelta(microseconds=at_us - calendar.day_end_us(day - timedelta(days=1)))}"


def by_tables(term: Term, calendar: Calendar, cases: list[tuple[int, tuple[Stop, ...], tuple[int, ...]]]) -> list:
    """Compute due dates as an engine does, from tables over all instants named."""
    joined = [(start, join(stops), extended) for start, stops, extended in cases]
    instants = [start for start, _stops, _extended in joined]
    instants += [at for _start, stops, _extended in joined for stop in stops for at in stop if at is not None]
    starts = np.array([start for start, _stops, _extended in joined])
    rows = [(row, *stop) for row, (_start, stops, _extended) in enumerate(joined) for stop in stops]
    row, begin, end = (
        np.array([NEVER_US if entry[column] is None else entry[column] for entry in rows], dtype=np.int64)
        for column in range(3)
    )
    extended = np.array([min(at, default=NEVER_US) for _start, _stops, at in joined], dtype=np.int64)
    tabulate, compute = (
        (hour_tables, due_dates_in_hours) if term.unit is TermUnit.WORKING_HOURS else (term_tables, due_dates_in_days)
    )
    tables = tabulate(term, calendar, min(instants), max(instants))
    found = compute(term, tables, starts, stops=Stops(row, begin, end), extended_us=extended)
    pairs = zip(found.due_us.tolist(), found.is_standing.tolist(), strict=True)
    return [None if standing else due for due, standing in pairs]


def join(stops: tuple[Stop, ...]) -> list[Stop]:
    """Join stops that overlap."""
    joined: list[Stop] = []
    for begin, end in sorted(stops, key=lambda stop: stop[0]):
        if joined and (joined[-1][1] is None or begin <= joined[-1][1]):
            before = joined.pop()
            ends = None if before[1] is None or end is None else max(before[1], end)
            joined.append((before[0], ends))
        else:
            joined.append((begin, end))
    return joined


# In Saint John's of 2010 the clock went back over midnight.
ZONES = (
    "Europe/Kaliningrad",
    "Asia/Yakutsk",
    "Europe/Berlin",
    "Europe/London",
    "America/Sao_Paulo",
    "America/St_Johns",
    "UTC",
)
OFFICE = ((540, 780), (840, 1080))
MORNING = ((545, 601), (610, 722))


@st.composite
def situations(draw: st.DrawFn) -> tuple[Term, Calendar, list[tuple[int, tuple[Stop, ...], tuple[int, ...]]]]:
    zone, year = draw(st.sampled_from(ZONES)), draw(st.sampled_from([2010, 2011, 2014, 2018]))
    hours = st.sampled_from([OFFICE, MORNING, ()])
    weekly = (OFFICE, *(draw(hours) for _weekday in range(6)))
    first = date(year, draw(st.sampled_from([3, 10, 12])), 15)
    days = draw(st.dictionaries(st.dates(first, first + timedelta(days=60)), hours, max_size=12))
    calendar = Calendar("random", zone, weekly, days, year - 1, year + 2)
    unit = draw(st.sampled_from(TermUnit))
    rolls = draw(st.sampled_from(RollOver)) if unit is TermUnit.CALENDAR_DAYS else RollOver.NONE
    extension = draw(st.one_of(st.none(), st.integers(1, 8).map(lambda amount: Extension("extend", amount))))
    amount, counted_from = draw(st.integers(1, 25)), draw(st.sampled_from(CountedFrom))
    term = Term("term", amount, unit, counted_from, rolls_over=rolls, extension=extension)
    begin = calendar.day_end_us(first)
    instants = st.integers(begin, begin + 45 * 24 * HOUR_US)
    return term, calendar, draw(st.lists(cases(instants), min_size=1, max_size=4))


@st.composite
def cases(draw: st.DrawFn, instants: st.SearchStrategy[int]) -> tuple[int, tuple[Stop, ...], tuple[int, ...]]:
    edges = sorted(draw(st.lists(instants, max_size=6)))
    stops: list[Stop] = list(zip(edges[::2], edges[1::2], strict=False))
    if len(edges) % 2:
        stops.append((edges[-1], None))
    return draw(instants), tuple(stops), tuple(draw(st.lists(instants, max_size=2)))


@slow
@given(situations())
def test_the_tables_equal_the_reference(situation):
    term, calendar, drawn = situation
    expected = [
        due_at_us(term, start, calendar, stopped=stops, extended_at_us=extended) for start, stops, extended in drawn
    ]
    found = by_tables(term, calendar, drawn)
    assert [wall(due, calendar) for due in found] == [wall(due, calendar) for due in expected]


@settings(max_examples=examples(21), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_calendars(), st.data())
def test_working_hours_equal_minute_by_minute(drawn, data):
    calendar, first, last = drawn
    minutes = (last - first) // MINUTE_US
    edges = sorted(data.draw(st.lists(st.integers(0, minutes), max_size=4)))
    start = first + data.draw(st.integers(0, minutes // 2)) * MINUTE_US
    stops = [
        (first + begin * MINUTE_US, first + end * MINUTE_US)
        for begin, end in zip(edges[::2], edges[1::2], strict=False)
    ]
    counted = [at for at in open_minutes(calendar, start, last) if not any(begin <= at < end for begin, end in stops)]
    hours = data.draw(st.integers(1, 30))
    if len(counted) < hours * 60:
        return
    term = Term("term", hours, TermUnit.WORKING_HOURS, CountedFrom.EVENT)
    assert due_at_us(term, start, calendar, stopped=stops) == counted[hours * 60 - 1] + MINUTE_US


@settings(max_examples=examples(21), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_calendars(), st.data())
def test_the_way_back_from_working_time_is_that_of_the_calendar(drawn, data):
    calendar, first, last = drawn
    table = calendar.day_table(first, last - 1)
    origin = int(table.day[0]) * 24 * HOUR_US
    whole = int(table.worked_us(last - 1))
    bucket_us = data.draw(st.sampled_from([7 * MINUTE_US, HOUR_US, 5 * HOUR_US]))
    instants = working_instants(calendar, first, last - 1, bucket_us=bucket_us)
    # Working times at which something closes are where the next opening could be taken by mistake.
    _starts, ends = calendar.open_intervals(first, last - 1)
    closings = [int(table.worked_us(end)) for end in ends.tolist()]
    drawn_times = data.draw(st.lists(st.integers(1, max(1, whole)), max_size=10))
    for working in [time for time in closings + drawn_times if 0 < time <= whole]:
        instant = int(instants.instant_of(working))
        assert origin < instant <= last
        assert int(table.worked_us(instant - 1)) == working - 1
    assert [int(instants.instant_of(time)) for time in closings if time > 0] == [
        end for end, time in zip(ends.tolist(), closings, strict=True) if time > 0
    ]


def test_days_follow_each_other_where_the_clock_goes_back_over_midnight():
    # On 7 November 2010 at 0:01 in Saint John's it was 23:01 of 6 November again.
    calendar = Calendar("office", "America/St_Johns", (OFFICE,) * 7, {}, 2010, 2010)
    midnight = calendar.day_end_us(date(2010, 11, 6))
    days = [calendar.local_date(midnight + minutes * MINUTE_US) for minutes in range(-120, 180)]
    assert days == [date(2010, 11, 6)] * 120 + [date(2010, 11, 7)] * 180
    term = Term("term", 1, TermUnit.WORKING_DAYS)
    start = midnight + 30 * MINUTE_US  # 23:30 for the second time
    expected = calendar.day_end_us(date(2010, 11, 8))
    assert due_at_us(term, start, calendar) == expected
    assert by_tables(term, calendar, [(start, (), ())]) == [expected]


@slow
@given(situations())
def test_a_term_never_ends_before_it_starts_or_while_its_clock_stands(situation):
    term, calendar, drawn = situation
    for start, stops, _extended in drawn:
        due = due_at_us(term, start, calendar, stopped=stops)
        if due is None:
            assert any(end is None for _begin, end in stops)
        elif term.rolls_over is RollOver.NONE:
            assert due > start
            for begin, end in stops:
                assert (
                    due <= begin
                    or (end is not None and end <= due)
                    or calendar.local_date(due - 1) < (calendar.local_date(begin))
                )


@pytest.mark.parametrize(
    ("unit", "amount", "start", "warn_before", "due", "warned"),
    [
        ("calendar_days", 30, (2025, 3, 3, 10), 5, (2025, 4, 3), (2025, 3, 28)),  # last day 2 April
        ("calendar_days", 30, (2025, 3, 3, 10), 0, (2025, 4, 3), (2025, 4, 2)),  # on the last day itself
        ("working_days", 10, (2025, 7, 7, 10), 3, (2025, 7, 22), (2025, 7, 16)),  # last day Monday 21; 18, 17, 16
        ("working_hours", 9, (2025, 7, 9, 11, 20), 4, (2025, 7, 10, 12, 20), (2025, 7, 9, 17, 20)),  # 3 h 20 + 40 min
        ("working_hours", 9, (2025, 7, 9, 11, 20), 0, (2025, 7, 10, 12, 20), (2025, 7, 10, 12, 20)),
        ("working_hours", 12, (2025, 7, 11, 14), 8, (2025, 7, 14, 18), (2025, 7, 14, 9)),  # Friday 4 h, Monday 8 h
        ("working_hours", 13, (2025, 7, 11, 14), 9, (2025, 7, 15, 10), (2025, 7, 14, 9)),
    ],
)  # fmt: skip
def test_the_warning_comes_before_the_end(unit, amount, start, warn_before, due, warned):
    calendar = load_calendar("ru")
    unit = TermUnit(unit)
    counted_from = CountedFrom.EVENT if unit is TermUnit.WORKING_HOURS else CountedFrom.DAY_AFTER
    term = Term("term", amount, unit, counted_from, warn_before=warn_before)
    found = due_at_us(term, local_us(MOSCOW, *start), calendar)
    assert found == local_us(MOSCOW, *due)
    assert warn_at_us(term, found, calendar) == local_us(MOSCOW, *warned)


def test_a_term_in_plain_calendar_days_needs_no_covered_year():
    calendar = load_calendar("ru@Europe/Rome")
    term = Term("term", 60, TermUnit.CALENDAR_DAYS)
    start = local_us("Europe/Rome", 2000, 2, 29)
    assert due_at_us(term, start, calendar) == local_us("Europe/Rome", 2000, 4, 30)
    assert by_tables(term, calendar, [(start, (), ())]) == [local_us("Europe/Rome", 2000, 4, 30)]


@pytest.mark.parametrize("unit", [TermUnit.WORKING_DAYS, TermUnit.WORKING_HOURS])
def test_a_term_that_leaves_the_covered_years_is_refused(unit):
    calendar = load_calendar("ru")
    start = local_us(MOSCOW, calendar.last_year, 12, 20)
    term = Term("term", 400, unit)
    with pytest.raises(YearNotCoveredError, match=f"{calendar.last_year + 1}-"):
        due_at_us(term, start, calendar)
    with pytest.raises(YearNotCoveredError):
        by_tables(term, calendar, [(start, (), ())])


def test_a_term_may_begin_on_the_first_covered_day():
    calendar = load_calendar("ru")
    start = local_us(MOSCOW, 2013, 1, 1)
    for rolls_over, unit in ((RollOver.NONE, "working_days"), (RollOver.FORWARD, "calendar_days")):
        term = Term("term", 1, TermUnit(unit), CountedFrom.EVENT, rolls_over=rolls_over)
        # 1–8 January are holidays; 9 January 2013 is a Wednesday.
        assert by_tables(term, calendar, [(start, (), ())]) == [local_us(MOSCOW, 2013, 1, 10)]


def test_the_tables_are_small():
    calendar = load_calendar("ru")
    term = Term("term", 30, TermUnit.WORKING_DAYS)
    tables = term_tables(term, calendar, local_us(MOSCOW, 2014, 1, 1), local_us(MOSCOW, 2025, 1, 1))
    assert len(tables.days.day) < 4_200
    assert np.array_equal(np.diff(tables.days.day), np.ones(len(tables.days.day) - 1))
    assert tables.days.working_index[-1] == len(tables.days.index_day) == int(tables.days.is_working.sum())
    local = tables.utc_days.local_day_of([local_us(MOSCOW, 2024, 5, 5), local_us(MOSCOW, 2024, 5, 5) - 1])
    assert local.tolist() == [(date(2024, 5, 5) - EPOCH.date()).days, (date(2024, 5, 4) - EPOCH.date()).days]
