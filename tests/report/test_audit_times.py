"""What the sections about times and work in process say, and that tables say what charts show."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from potok.core.calendars import load_calendar
from potok.inference.survival import kaplan_meier
from potok.measure.littles_law import LittlesLaw
from potok.measure.load import DayLoad, LoadReason, QueueTrend, QueueVerdict
from potok.measure.sampling import SurvivalRefusal
from potok.report.sections.activities import make_activities
from potok.report.sections.commands import cases_command, row_command
from potok.report.sections.flow import make_flow
from potok.report.sections.load import make_load as make_load_section
from potok.report.sections.periods import group_days
from potok.report.sections.survival import FINEST_SHARE, survival_steps
from potok.report.sections.times import make_times as make_times_section
from potok.report.sections.variants import make_variants
from report.made_up_audits import make_audit, make_days, make_load, make_times

NAMES = ["Приём", "Проверка"]


def plain(text):
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def cells(table):
    return [[plain(cell.text) for cell in row.cells] for row in table.rows]


def with_law(**changes):
    load = make_load()
    return make_audit(load=replace(load, law=replace(load.law, **changes)))


def with_curve(curve):
    times = make_times(NAMES)
    group = replace(times.lead_times.calendar_time.overall, survival=None, refusal=SurvivalRefusal.CLOSED_ONLY)
    clock = replace(times.lead_times.calendar_time, overall=group)
    lead_times = replace(times.lead_times, calendar_time=clock)
    return make_audit(
        times=replace(times, lead_times=lead_times, calendar_time=replace(times.calendar_time, curve=curve))
    )


class TestOpenCasesTakenIntoAccount:
    def test_median_and_restricted_mean_stand_with_their_intervals(self):
        half, mean = map(plain, make_times_section(make_audit()).calendar_time.survival.sentences)
        assert half.endswith("half of the cases take no longer than 18 d (17 d – 19 d).")
        assert mean.startswith("Within 90 d of its opening, a case is open for 25 d (24 d – 26 d) on average.")

    def test_closed_open_and_all_cases_stand_side_by_side(self):
        table = make_times_section(make_audit()).calendar_time.table
        rows = {row[0].split(":")[0]: row[1:] for row in cells(table)}
        assert rows["Median"] == ["17 d", "31 d", "18 d (17 d – 19 d)"]
        assert rows["90th percentile"] == ["48 d", "–", "61 d (from 55 d)"]
        assert rows["Mean up to 90 d, longer cases counted as so long"] == ["–", "–", "25 d (24 d – 26 d)"]

    def test_what_the_log_does_not_reach_is_said(self):
        audit = make_audit()
        clock = audit.times.lead_times.calendar_time
        unknown = replace(clock.overall.survival.median, seconds=None, lower_seconds=None, upper_seconds=None)
        survival = replace(clock.overall.survival, median=unknown, restricted_mean=None)
        clock = replace(clock, overall=replace(clock.overall, survival=survival))
        lead_times = replace(audit.times.lead_times, calendar_time=clock)
        section = make_times_section(replace(audit, times=replace(audit.times, lead_times=lead_times)))
        assert len(section.calendar_time.survival.sentences) == 1
        assert "fewer than half of the cases are closed" in section.calendar_time.survival.sentences[0]
        assert cells(section.calendar_time.table)[1][-1] == "not reached in the log"

    def test_the_table_holds_what_the_curve_shows(self):
        audit = make_audit()
        curve, table = audit.times.calendar_time.curve, make_times_section(audit).calendar_time.survival.table
        rows = cells(table)
        assert [row[0] for row in rows] == ["1 d", "3 d", "7 d", "14 d", "30 d", "60 d", "90 d", "100 d"]
        assert rows[4][1] == f"{round(curve.at(30 * 86_400) * 100)}%"

    def test_without_an_estimate_it_is_said_why_and_nothing_is_drawn(self):
        section = make_times_section(with_curve(SurvivalRefusal.CLOSED_ONLY)).calendar_time
        assert "closed cases only" in section.survival.sentences[0]
        assert (section.survival.chart, section.survival.table) == ("", None)
        assert [column.title for column in section.table.columns] == ["Measure", "Closed cases", "Open cases, so far"]

    def test_steps_too_small_to_see_are_left_out_but_not_the_last(self):
        durations = np.arange(1.0, 5_001)
        curve = kaplan_meier(durations, np.ones(5_000, bool))
        steps = survival_steps(curve)
        assert 300 < len(steps) <= 1 / FINEST_SHARE + 1
        assert (steps[-1].seconds, steps[-1].share) == (5_000, 0)
        assert all(abs(step.share - curve.at(step.seconds)) < 1e-12 for step in steps)


class TestWorkingTime:
    def test_it_is_given_in_hours_and_its_calendar_is_named(self):
        section = make_times_section(make_audit(times=make_times(NAMES, working=True)))
        assert "Europe/Moscow" in section.calendar_note
        assert "in hours" in section.calendar_note
        assert cells(section.working_time.table)[1][1:3] == ["96 h", "168 h"]
        assert ">1,000\u00a0h<" in str(section.working_time.survival.chart)

    def test_without_a_calendar_there_is_none(self):
        section = make_times_section(make_audit())
        assert (section.working_time, section.calendar_note) == (None, "")

    def test_a_calendar_that_ends_too_early_leaves_a_marked_gap(self):
        times = replace(make_times(NAMES), calendar=load_calendar("ru"))
        audit = make_audit(times=times)
        section = make_times_section(audit)
        assert section.working_time is None
        assert "does not know every year" in section.calendar_note
        assert make_activities(audit).working_table is None


class TestActivities:
    def test_without_starts_only_the_sum_is_shown_and_that_is_said(self):
        section = make_activities(make_audit(times=make_times(NAMES)))
        assert any("cannot be told apart" in sentence for sentence in section.sentences)
        assert [column.title for column in section.table.columns] == [
            "Activity",
            "Executions",
            "Median time",
            "P90 of the time",
            "Hours in all",
        ]

    def test_with_starts_waiting_and_work_stand_apart_and_what_is_unknown_is_said(self):
        section = make_activities(make_audit(times=make_times(NAMES, has_start_times=True)))
        titles = [column.title for column in section.table.columns]
        assert titles[2:7] == [
            "Waiting known",
            "Median waiting",
            "P90 of waiting",
            "Median processing",
            "P90 of processing",
        ]
        # Those in which cases spend most time come first.
        assert cells(section.table)[0][:5] == ["Проверка", "999", "90%", "2 h", "6 h"]

    def test_a_command_lists_the_cases_of_an_activity(self):
        section = make_activities(make_audit(times=make_times(NAMES)))
        assert section.way == "potok cases permits --filter activity=Проверка"

    def test_a_log_without_activities_has_none(self):
        times = make_times([])
        section = make_activities(make_audit(times=times))
        assert (section.table, section.way) == (None, "")
        assert "no activity" in section.sentences[0]


class TestLoad:
    @pytest.mark.parametrize(
        ("verdict", "text"),
        [
            (QueueVerdict.GROWING, "grows by 1.3 a day (95% interval: 1.1 to 1.5)"),
            (QueueVerdict.SHRINKING, "falls"),
            (QueueVerdict.NO_CLEAR_TREND, "no clear trend"),
        ],
    )
    def test_the_trend_is_said_with_its_interval(self, verdict, text):
        load = make_load()
        trend = replace(load.in_process.trend, verdict=verdict)
        section = make_load_section(make_audit(load=replace(load, in_process=replace(load.in_process, trend=trend))))
        assert text in plain(section.sentences[1])

    def test_where_the_trend_cannot_be_told_it_is_said_why(self):
        load = make_load()
        trend = QueueTrend(None, None, QueueVerdict.CANNOT_TELL, LoadReason.TOO_FEW_WEEKS)
        section = make_load_section(make_audit(load=replace(load, in_process=replace(load.in_process, trend=trend))))
        assert section.sentences[1] == (
            "Whether the number of open cases grows cannot be told. The log covers too few weeks."
        )

    def test_littles_law_stands_with_its_parts_and_its_interval(self):
        section = make_load_section(make_audit())
        assert section.law[1] == "Here it holds within its interval."
        assert [row[1] for row in cells(section.law_table)] == [
            "260",
            "3.0",
            "86 d",
            "258",
            "2.5 (−8.1 to 13.1)",
            "−4.0",
            "6.5",
        ]

    def test_what_breaks_the_law_is_named(self):
        section = make_load_section(with_law(holds=False, reasons=(LoadReason.QUEUE_GROWS,)))
        assert section.law[1] == "Here it does not hold. More cases come in than are closed."

    def test_a_law_that_cannot_be_checked_has_no_table(self):
        none = LittlesLaw(None, 0, *([None] * 7), None, (LoadReason.NOTHING_COMPLETED,))
        section = make_load_section(make_audit(load=replace(make_load(), law=none)))
        assert section.law_table is None
        assert section.law[1].startswith("Here it cannot be checked. No case was closed")

    def test_the_table_adds_up_to_the_days_of_the_chart(self):
        load = make_load(365)
        section = make_load_section(make_audit(load=load))
        rows = cells(section.chart_table)
        assert len(rows) == 53
        assert sum(int(row[1]) for row in rows) == sum(day.arrivals for day in load.in_process.by_day)
        assert sum(int(row[2]) for row in rows) == sum(day.completions for day in load.in_process.by_day)

    def test_ages_are_told_by_department(self):
        rows = cells(make_load_section(make_audit()).ages)
        assert [row[0] for row in rows] == ["all", "Юридический отдел", "unknown"]
        assert rows[0][1:] == ["100", "31 d", "120 d", "190 d"]

    def test_commands_list_the_cases_open_at_the_end_on_a_day_and_opened_in_a_month(self):
        commands = [command for _what, command in make_load_section(make_audit()).ways]
        assert commands == [
            "potok cases permits --filter open",
            "potok cases permits --filter touches=2024-12-30",
            "potok cases permits --filter opened=2024-12",
        ]

    def test_a_log_over_more_than_a_hundred_years_has_a_marked_gap(self):
        section = make_load_section(make_audit(load=None))
        assert "more than a hundred years" in section.sentences[0]
        assert (section.chart, section.chart_table, section.figures, section.law) == ("", None, (), ())


class TestPeriods:
    @pytest.mark.parametrize(("days", "number"), [(0, 0), (1, 1), (60, 60), (61, 9), (420, 60), (421, 14), (3_000, 33)])
    def test_days_are_put_into_the_shortest_periods_that_stay_few(self, days, number):
        assert len(group_days(make_days(days))) == number

    def test_a_period_holds_its_days_and_nothing_else(self):
        days = make_days(100)
        weeks = group_days(days)
        assert weeks[0].from_on == date(2024, 1, 1)
        assert all(week.from_on.weekday() == 0 for week in weeks)
        assert [week.until_on for week in weeks[:-1]] == [week.from_on for week in weeks[1:]]
        assert sum(week.arrivals for week in weeks) == 300
        assert weeks[0].mean_cases == pytest.approx(sum(day.mean_cases for day in days[:7]) / 7)
        assert weeks[0].open_at_end == days[7].open_at_start

    def test_a_day_of_no_length_counts_by_its_midnight(self):
        (day,) = group_days([DayLoad(date(2024, 1, 1), 4, 0, 0, None, False)])
        assert day.mean_cases == 4


class TestCommands:
    def test_the_options_of_the_audit_come_along(self):
        asked = {"--filter": "channel=МФЦ or open", "--regulation": "мои сроки.toml", "--calendar": "ru@Europe/Moscow"}
        audit = make_audit(asked_with=asked)
        assert cases_command(audit, finding="F-1") == (
            "potok cases permits --filter 'channel=МФЦ or open' --finding F-1 --regulation 'мои сроки.toml' "
            "--calendar ru@Europe/Moscow"
        )
        assert cases_command(audit, case_filter="open") == (
            "potok cases permits --filter '(channel=МФЦ or open) and (open)'"
        )

    def test_variants_and_repetitions_lead_to_their_cases(self):
        audit = make_audit()
        assert make_variants(audit).way == "potok cases permits --filter variant=0"
        repeated = audit.rework[0].activity
        assert make_flow(audit).rework_way == cases_command(audit, case_filter=f"repeats({repeated})")
        assert make_flow(replace(audit, rework=())).rework_way == ""

    def test_a_row_of_a_measure_is_named_with_the_options_of_the_audit(self):
        command = row_command(
            make_audit(asked_with={"--regulation": "r.toml"}),
            measure="deadlines",
            row={"term": "decision", "org_unit": "all"},
            figure="late",
        )
        assert command == (
            "potok cases permits --measure deadlines --row term=decision --row org_unit=all --figure late "
            "--regulation r.toml"
        )
