"""A whole audit made of nothing, for tests of what is said and shown."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from potok.core.calendars import load_calendar
from potok.core.finding import Finding, FindingKind, Place, Waste
from potok.diagnose.further_findings import Diagnosis
from potok.diagnose.growing_queue import GrowingQueue, find_growing_queues
from potok.inference.estimate import Estimate
from potok.inference.survival import SurvivalCurve, kaplan_meier
from potok.measure.activity_times import ActivityTimes, GroupTimes, TimeSummary
from potok.measure.case_durations import CaseDurations, DurationBin
from potok.measure.case_survival import SurvivalSummary, TimeEstimate
from potok.measure.case_times import CaseTimes
from potok.measure.counts import LogCounts
from potok.measure.daily_flow import Period
from potok.measure.endpoints import ActivityCount, Endpoints
from potok.measure.evidence import CaseEvidence
from potok.measure.hand_overs import HandOver, HandOvers
from potok.measure.lead_times import ClockedLeadTimes, DurationSummary, LeadTimeGroup, LeadTimes
from potok.measure.littles_law import LittlesLaw
from potok.measure.load import DayLoad, QueueTrend, QueueVerdict, WorkInProcess
from potok.measure.open_ages import OpenAge, OpenAges
from potok.measure.rework import ActivityRework
from potok.measure.sampling import Sampling
from potok.measure.variants import Variant
from potok.report.measured import Audit, AuditFinding, AuditLoad, AuditTimes, ClockedTimes
from report.made_up_graphs import DAY, HOUR, make_graph

FIRST_US = 1_704_085_200_000_000  # 2024-01-01 08:00 in Moscow
LAST_US = 1_735_646_400_000_000

DURATIONS = CaseDurations(
    closed_cases=1900,
    open_cases=100,
    min_seconds=2 * HOUR,
    median_seconds=17.3 * DAY,
    p90_seconds=48 * DAY,
    max_seconds=214 * DAY,
    mean_seconds=22 * DAY,
    open_median_age_seconds=31 * DAY,
    open_max_age_seconds=190 * DAY,
    total_seconds=2000 * 20 * DAY,
    histogram=(
        DurationBin(0, 10 * 60, 3, 0),
        DurationBin(10 * 60, HOUR, 0, 0),
        DurationBin(HOUR, DAY, 40, 1),
        DurationBin(DAY, 3 * DAY, 190, 4),
        DurationBin(3 * DAY, 7 * DAY, 310, 10),
        DurationBin(7 * DAY, 14 * DAY, 420, 12),
        DurationBin(14 * DAY, 30 * DAY, 560, 23),
        DurationBin(30 * DAY, 60 * DAY, 300, 35),
        DurationBin(60 * DAY, 365 * DAY, 77, 15),
    ),
)


CASE_TIMES = CaseTimes(2000, 100, 0, 0, 0, 0, FIRST_US)
WORKING_DURATIONS = replace(
    DURATIONS,
    min_seconds=HOUR,
    median_seconds=96 * HOUR,
    p90_seconds=260 * HOUR,
    max_seconds=1200 * HOUR,
    mean_seconds=120 * HOUR,
    open_median_age_seconds=168 * HOUR,
    open_max_age_seconds=1040 * HOUR,
)


def make_curve() -> SurvivalCurve:
    """Close a case a day for a hundred days; every tenth stays open."""
    days = np.arange(1, 101)
    return kaplan_meier(days * DAY, days % 10 != 0)


def make_lead_times(*, working: bool = False) -> LeadTimes:
    summary = SurvivalSummary(
        cases=2000,
        open_cases=100,
        late_entries=0,
        median=TimeEstimate(18.1 * DAY, 17.2 * DAY, 19 * DAY),
        p90=TimeEstimate(61 * DAY, 55 * DAY, None),
        restricted_mean=TimeEstimate(25 * DAY, 24 * DAY, 26.2 * DAY),
        restricted_mean_cases=1700,
    )
    closed = DurationSummary(1900, 2 * HOUR, 17.3 * DAY, 48 * DAY, 214 * DAY, 22 * DAY)
    clock = ClockedLeadTimes(90 * DAY, LeadTimeGroup(None, closed, 100, summary, None), ())
    return LeadTimes(CASE_TIMES, Sampling(), 0, None, 0.95, clock, clock if working else None)


def make_summary(seconds: float, *, known_share: float = 1.0) -> TimeSummary:
    return TimeSummary(90, known_share, 0.0, seconds, 3 * seconds, 9 * seconds, 1.2 * seconds, 90 * seconds)


NO_TIME = TimeSummary(0, 0.0, None, None, None, None, None, None)


def make_activity_times(names: list[str], *, has_start_times: bool) -> ActivityTimes:
    return ActivityTimes(
        by="activity",
        enablement="previous",
        has_start_times=has_start_times,
        reasons=("enablement_is_assumed",) if has_start_times else ("no_start_times", "enablement_is_assumed"),
        groups=tuple(
            GroupTimes(
                name,
                1000 - rank,
                waiting=make_summary((rank + 1) * HOUR, known_share=0.9) if has_start_times else NO_TIME,
                processing=make_summary((rank + 1) * 600.0) if has_start_times else NO_TIME,
                sojourn=make_summary((rank + 1) * 4200.0),
            )
            for rank, name in enumerate(names)
        ),
    )


def make_times(names: list[str], *, has_start_times: bool = False, working: bool = False) -> AuditTimes:
    """Make the times of an audit, with working time if wanted."""
    activities = make_activity_times(names, has_start_times=has_start_times)
    calendar_time = ClockedTimes(DURATIONS, make_curve(), activities)
    return AuditTimes(
        lead_times=make_lead_times(working=working),
        calendar_time=calendar_time,
        working_time=ClockedTimes(WORKING_DURATIONS, make_curve(), activities) if working else None,
        calendar=load_calendar("ru") if working else None,
    )


def make_days(number: int) -> tuple[DayLoad, ...]:
    """Open three cases a day and close two, but none on the seventh."""
    inside, days = 0, []
    for place in range(number):
        closed = 0 if place % 7 == 6 else min(inside + 3, 2)
        days.append(DayLoad(date(2024, 1, 1) + timedelta(days=place), inside, 3, closed, inside + 0.5, True))
        inside += 3 - closed
    return tuple(days)


def make_load(days: int = 365) -> AuditLoad:
    by_day = make_days(days)
    period = Period(by_day[0].on, by_day[-1].on + timedelta(days=1))
    growth = Estimate(1.29, 1.1, 1.48, 0.1, 0.95)
    return AuditLoad(
        in_process=WorkInProcess(
            CASE_TIMES, period, 260.5, 469, 470, by_day, QueueTrend(period, growth, QueueVerdict.GROWING, None)
        ),
        law=LittlesLaw(
            period, 12, 260.5, 3.0, 86 * DAY, 258.0, Estimate(2.5, -8.1, 13.1, 5.4, 0.95), -4.0, 6.5, True, ()
        ),
        ages=OpenAges(
            OpenAge(None, 100, 31 * DAY, 120 * DAY, 190 * DAY),
            (
                OpenAge("Юридический отдел", 70, 40 * DAY, 130 * DAY, 190 * DAY),
                OpenAge(None, 30, 12 * DAY, 30 * DAY, 31 * DAY),
            ),
        ),
    )


def make_check(check: str, count: int, of: str = "rows", **more: Any) -> dict[str, Any]:
    return {
        "check": check,
        "count": count,
        "of": of,
        "share": None,
        "severity": "warning",
        "where": "",
        "examples": [],
        "detail": {},
    } | more


def make_manifest(**more: Any) -> dict[str, Any]:
    return {
        "schema": "potok.log/1",
        "potok_version": "0.1.0",
        "source": {
            "format": "csv",
            "files": [{"name": "permits.csv", "size_bytes": 1_234_567, "sha256": "ab" * 32, "first_row": 1}],
            "facts": {},
        },
        "mapping": {"case_id": "Номер дела"},
        "guesses": [
            {"role": "case_id", "column": "Номер дела", "confidence": 0.97, "reason": "header"},
            {"role": "activity", "column": "Действие", "confidence": 0.9, "reason": "header"},
            {"role": "completed_at", "column": "Окончание", "confidence": 0.8, "reason": "values"},
        ],
        "zone": "Europe/Moscow",
        "extraction": {"kind": "unknown", "declared": False},
        "closing": {
            "basis": "guessed",
            "guessed": True,
            "values": ["Выдача разрешения заявителю"],
            "closed_cases": 1900,
            "open_cases": 100,
            "dormant_cases": 7,
            "settled_after_seconds": 40 * DAY,
        },
        "log": {
            "cases": 2000,
            "events": 23_456,
            "activity_instances": 23_456,
            "activities": 12,
            "variants": 3,
            "open_cases": 100,
            "first_us": FIRST_US,
            "last_us": LAST_US,
            "extracted_us": LAST_US,
            "rejected_rows": 31,
        },
        "quality": [
            make_check(
                "rejected_unreadable_time",
                31,
                severity="problem",
                share=0.0013,
                where="Окончание",
                examples=["17", "204"],
            ),
            make_check("tied_order", 420, share=0.0179, examples=["12"]),
            make_check("no_resource", 12, share=0.0005, severity="info"),
            make_check("clock_skew", 0, share=0.0, severity="info"),
            make_check("out_of_order", 0, share=0.0, severity="info"),
            make_check("dormant_open_cases", 7, "cases", share=0.0035),
        ],
        "content_sha256": "cd" * 32,
        "imported_at": "2026-11-22T10:00:00+00:00",
    } | more


def with_details(audit: Audit) -> Audit:
    """Return an audit with tables behind a finding: thirty queues that grow."""
    grown = Estimate(2.0, 1.0, 3.0, 0.5, 0.95)
    queues = tuple(
        GrowingQueue(f"Step {number}", grown, 10, 40, np.arange(40), np.full(40, 10**12)) for number in range(30)
    )
    findings = find_growing_queues(queues)
    shown = tuple(AuditFinding(f"F-{place:012x}", finding, ()) for place, finding in enumerate(findings))
    return replace(audit, further=shown, diagnoses=(Diagnosis("queues", queues, findings),))


def make_audit(number: int = 12, *, has_start_times: bool = False, **changes: Any) -> Audit:
    """Make an audit of a permit service with that many activities."""
    graph = make_graph(number, has_start_times=has_start_times)
    names = [node.activity for node in graph.nodes]
    audit = Audit(
        opened_as="permits",
        manifest=make_manifest(),
        counts=LogCounts(2000, 100, 23_456, len(names), 3, 40, 5, FIRST_US, LAST_US),
        graph=graph,
        variants=make_variants(names),
        endpoints=Endpoints(
            starts=(ActivityCount(names[0], 1800, 90), ActivityCount(names[-1], 200, 10)),
            ends=(ActivityCount(names[-1], 1950, 50), ActivityCount(names[0], 50, 50)),
        ),
        rework=(
            ActivityRework(names[0], 2300, 2000, 250, 300, 0.125),
            ActivityRework(names[-1], 2000, 2000, 0, 0, 0.0),
        ),
        hand_overs=HandOvers(
            between_resources=(HandOver("Иванова", "Петров", 300, 290, 2 * DAY, 900 * DAY),),
            between_units=(HandOver("Отдел приёма", "Юридический отдел", 1200, 1100, 3.2 * DAY, 4100 * DAY),),
        ),
        times=make_times(names, has_start_times=has_start_times),
        load=make_load(),
        findings=make_findings(names),
    )
    return replace(audit, **changes)


def with_durations(durations: CaseDurations) -> Audit:
    """Make an audit of a log whose cases take so long."""
    audit = make_audit()
    clock = replace(audit.times.calendar_time, durations=durations)
    return replace(audit, times=replace(audit.times, calendar_time=clock))


def make_variants(names: list[str]) -> tuple[Variant, ...]:
    return (
        Variant(0, tuple(names[:8]), 1300, 0.65, 14 * DAY),
        Variant(1, (*names[:2], *names[1:5]), 600, 0.3, 20 * DAY),
        Variant(2, tuple(names * 3), 100, 0.05, None),
    )


def make_findings(names: list[str]) -> tuple[AuditFinding, ...]:
    examples = (CaseEvidence(4, "case-0a1b", 61 * DAY, (17, 42)), CaseEvidence(9, "case-77ff", 40 * DAY, (1203, 1211)))
    places = (
        (FindingKind.LONG_WAIT, Waste.WAITING, Place(activity=names[0], next_activity=names[-1]), None),
        (FindingKind.REWORK, Waste.DEFECTS, Place(activity=names[0]), 300 * HOUR),
        (
            FindingKind.HAND_OVER,
            Waste.TRANSPORT,
            Place(org_unit="Отдел приёма", next_org_unit="Юридический отдел"),
            None,
        ),
    )
    return tuple(
        AuditFinding(
            f"F-00000000000{rank}",
            Finding(
                kind, waste, where, 900 - 200 * rank, 1000 - 200 * rank, 4000 * DAY / rank, 0.1 / rank, (4, 9), staff
            ),
            examples,
        )
        for rank, (kind, waste, where, staff) in enumerate(places, start=1)
    )
