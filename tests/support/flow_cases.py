"""Cases of a flow log one by one: which have possible times, when they end, and on which local days."""

from datetime import UTC, date, datetime, timedelta

from potok.measure.case_times import CaseTimes
from support.flow_logs import FlowCase, FlowLog
from support.tiny_store import SECOND


def moment(log: FlowLog, at: int) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(log.zone_info)


def midnight(log: FlowLog, day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=log.zone_info).timestamp()) * SECOND


def is_timely(log: FlowLog, case: FlowCase) -> bool:
    return case.opened <= log.extracted and (case.closed is None or case.closed >= case.opened)


def timely(log: FlowLog) -> list[FlowCase]:
    return [case for case in log.cases if is_timely(log, case)]


def end_of(log: FlowLog, case: FlowCase) -> int | None:
    return case.closed if case.closed is not None and case.closed <= log.extracted else None


def compute_case_times(log: FlowLog) -> CaseTimes:
    kept = timely(log)
    backwards = [case for case in log.cases if case.closed is not None and case.closed < case.opened]
    return CaseTimes(
        timely_cases=len(kept),
        open_cases=sum(end_of(log, case) is None for case in kept),
        closed_after_extraction=sum(case.closed is not None and case.closed > log.extracted for case in kept),
        closed_before_opened=len(backwards),
        opened_after_extraction=len(log.cases) - len(kept) - len(backwards),
        opening_unknown=0,
        first_opened_us=min((case.opened for case in kept), default=None),
    )


# --- durations ---
