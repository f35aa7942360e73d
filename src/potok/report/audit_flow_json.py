"""Times and work in process of an audit as JSON."""

from dataclasses import asdict
from math import isfinite
from typing import Any

from potok.core.calendars import Calendar
from potok.inference.estimate import Estimate
from potok.inference.survival import SurvivalCurve
from potok.measure.activity_times import ActivityTimes
from potok.measure.daily_flow import Period
from potok.measure.lead_times import ClockedLeadTimes
from potok.measure.littles_law import LittlesLaw
from potok.measure.load import WorkInProcess
from potok.report.measured import AuditLoad, AuditTimes, ClockedTimes
from potok.report.sections.survival import survival_steps


def lead_times_record(times: AuditTimes) -> dict[str, Any]:
    """Return how long cases take, closed ones and all, on both clocks."""
    found = times.lead_times
    cases = asdict(found.times)
    cases.pop("first_opened_us")
    return {
        "sampling": str(found.sampling.kind),
        "confidence": found.confidence,
        "cases": {**cases, "unwatched_cases": found.unwatched_cases},
        "calendar": _calendar(times.calendar),
        "calendar_time": _clock(found.calendar_time, times.calendar_time),
        "working_time": (
            _clock(found.working_time, times.working_time) if found.working_time and times.working_time else None
        ),
    }


def _calendar(calendar: Calendar | None) -> dict[str, Any] | None:
    if calendar is None:
        return None
    return {"calendar_id": calendar.calendar_id, "name": calendar.name, "zone": calendar.zone}


def _clock(found: ClockedLeadTimes, times: ClockedTimes) -> dict[str, Any]:
    group = found.overall
    return {
        "closed": asdict(group.closed),
        "open_cases": group.open_cases,
        "horizon_seconds": found.horizon_seconds,
        "survival": None if group.survival is None else asdict(group.survival),
        "refusal": None if group.refusal is None else str(group.refusal),
        "curve": [asdict(step) for step in survival_steps(times.curve)]
        if isinstance(times.curve, SurvivalCurve)
        else [],
    }


def activity_times_record(times: AuditTimes) -> dict[str, Any]:
    """Return waiting, processing and sojourn of each activity on both clocks."""
    found, working = times.calendar_time.activities, times.working_time
    return {
        "enablement": found.enablement,
        "has_start_times": found.has_start_times,
        "reasons": list(found.reasons),
        "calendar_time": _groups(found),
        "working_time": _groups(working.activities) if working else None,
    }


def _groups(found: ActivityTimes) -> list[dict[str, Any]]:
    records = [asdict(group) for group in found.groups]
    return [{"activity": record.pop("label"), **record} for record in records]


def load_records(load: AuditLoad | None) -> dict[str, Any]:
    """Return work in process, Little's law and the ages of open cases by name; null where they cannot be told."""
    if load is None:
        return {"work_in_process": None, "littles_law": None, "open_ages": None}
    ages = load.ages
    overall = asdict(ages.overall)
    overall.pop("org_unit")
    return {
        "work_in_process": _in_process(load.in_process),
        "littles_law": _law(load.law),
        "open_ages": {"overall": overall, "by_unit": [asdict(unit) for unit in ages.by_unit]},
    }


def _in_process(found: WorkInProcess) -> dict[str, Any]:
    trend = found.trend
    return {
        "period": _period(found.period),
        "mean_cases": found.mean_cases,
        "max_cases": found.max_cases,
        "open_at_end": found.open_at_end,
        "trend": {
            "period": _period(trend.period),
            "cases_per_day": _estimate(trend.cases_per_day),
            "verdict": str(trend.verdict),
            "reason": None if trend.reason is None else str(trend.reason),
        },
        "by_day": [asdict(day) | {"on": day.on.isoformat()} for day in found.by_day],
    }


def _law(found: LittlesLaw) -> dict[str, Any]:
    return asdict(found) | {
        "period": _period(found.period),
        "difference": _estimate(found.difference),
        "reasons": [str(reason) for reason in found.reasons],
    }


def _period(period: Period | None) -> dict[str, str] | None:
    if period is None:
        return None
    return {"from_on": period.from_on.isoformat(), "until_on": period.until_on.isoformat()}


def _estimate(estimate: Estimate | None) -> dict[str, float | None] | None:
    if estimate is None:
        return None
    figures = {
        "value": estimate.value,
        "lower": estimate.lower,
        "upper": estimate.upper,
        "confidence": estimate.confidence,
    }
    return {name: figure if isfinite(figure) else None for name, figure in figures.items()}
