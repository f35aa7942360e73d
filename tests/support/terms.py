"""Terms once more, case by case in plain Python: which case has one, when it is due, and how it stands."""

from dataclasses import dataclass
from statistics import median

from potok.core.calendars import Calendar
from potok.core.regulations import CLOSING, OPENING, Regulation, Term, due_at_us, warn_at_us
from potok.measure.deadlines import OpenTerm, TermCompliance, UnitCompliance
from support.reference import quantile, span, traces
from support.tiny_store import SECOND, TinyEvent, TinyLog


@dataclass(frozen=True)
class Judged:
    case: str
    start: int
    due: int | None
    end: int | None
    state: str
    is_late_start: bool
    has_acted: bool
    unit: str | None


def happened(event: TinyEvent) -> int:
    return next(at for at in (event.completed, event.started, event.enabled) if at is not None)


def judge(log: TinyLog, term: Term, calendar: Calendar) -> list[Judged]:
    found = []
    for case, trace in traces(log).items():
        opened, closing, is_open = span(log, case)
        begins = [happened(e) for e in trace if e.activity == term.starts]
        if term.starts == OPENING:
            begins = [opened]
        if not begins:
            continue
        start = min(begins)
        later = [event for event in trace if happened(event) >= start]
        ends = [happened(event) for event in later if event.activity in term.ends]
        end = min(ends, default=None)
        if term.ends == (CLOSING,):
            end = None if is_open else closing
        extended = [happened(e) for e in later if term.extension and e.activity == term.extension.activity]
        due = due_at_us(term, start, calendar, stopped=stops(trace, term), extended_at_us=extended)
        acts = [
            at for event in later if (at := event.started if event.started is not None else happened(event)) > start
        ]
        acted = min(acts, default=None)
        state = state_of(end, due, closed=None if is_open else closing, extracted=log.extracted_us)
        is_missed = state in ("open_late", "unmet")
        late_start = due is not None and (acted is not None or is_missed)
        late_start = late_start and (log.extracted_us if acted is None else acted) > start + int((due - start) * 0.5)
        has_acted = due is not None and (acted is not None or is_missed)
        found.append(Judged(case, start, due, end, state, late_start, has_acted, trace[-1].org_unit))
    return found


def stops(trace: list[TinyEvent], term: Term) -> list[tuple[int, int | None]]:
    found = []
    for stop in term.clock_stops:
        since = None
        for event in trace:
            if event.activity == stop.from_activity and since is None:
                since = happened(event)
            elif event.activity == stop.to_activity and since is not None:
                found.append((since, happened(event)))
                since = None
        if since is not None:
            found.append((since, None))
    return found


def state_of(end: int | None, due: int | None, *, closed: int | None, extracted: int) -> str:
    if end is not None:
        return "in_time" if due is None or end < due else "late"
    if closed is not None:
        return "unmet" if due is not None and due <= closed else "lapsed"
    if due is None:
        return "standing"
    return "open_late" if due <= extracted else "open_in_time"


def compute_deadlines(log: TinyLog, regulation: Regulation, calendar: Calendar) -> tuple[TermCompliance, ...]:
    return tuple(comply(log, term, calendar) for term in regulation.terms)


def comply(log: TinyLog, term: Term, calendar: Calendar) -> TermCompliance:
    found = judge(log, term, calendar)
    lateness = [(case.end - case.due) / SECOND for case in found if case.state == "late"]
    matured = [case for case in found if case.due is not None and case.due <= log.extracted_us]
    units = {case.unit for case in found}
    counted = [unit_compliance(log, term, calendar, [c for c in found if c.unit == unit], unit) for unit in units]
    acted = [case for case in found if case.has_acted]
    late_starts = sum(case.is_late_start for case in found)
    return TermCompliance(
        term=term.name,
        amount=term.amount,
        unit=term.unit,
        article=term.article,
        all_cases=len(traces(log)),
        cases=len(found),
        term_share=len(found) / len(traces(log)),
        **{name: count(found, name) for name in ("in_time", "late", "unmet", "lapsed", "open_late", "open_in_time")},
        standing=count(found, "standing"),
        about_to_breach=len(warned(log, term, calendar, found)),
        in_time_share=share(found),
        matured_share=share(matured),
        late_starts=late_starts,
        late_start_share=late_starts / len(acted) if acted else None,
        median_lateness_seconds=median(lateness) if lateness else None,
        p90_lateness_seconds=quantile(lateness, 0.9),
        units=tuple(sorted(counted, key=lambda unit: (-unit.cases, unit.org_unit is not None, unit.org_unit))),
    )


def unit_compliance(log: TinyLog, term: Term, calendar: Calendar, found: list[Judged], unit: str | None):
    return UnitCompliance(
        org_unit=unit,
        cases=len(found),
        **{name: count(found, name) for name in ("in_time", "late", "unmet", "open_late")},
        about_to_breach=len(warned(log, term, calendar, found)),
        in_time_share=share(found),
    )


def warned(log: TinyLog, term: Term, calendar: Calendar, found: list[Judged]) -> list[Judged]:
    running = [case for case in found if case.state == "open_in_time"]
    return [case for case in running if warn_at_us(term, case.due, calendar) <= log.extracted_us]


def count(found: list[Judged], state: str) -> int:
    return sum(case.state == state for case in found)


def share(found: list[Judged]) -> float | None:
    judged = [case for case in found if case.state in ("in_time", "late", "unmet", "open_late")]
    return count(judged, "in_time") / len(judged) if judged else None


def compute_worklist(log: TinyLog, regulation: Regulation, calendar: Calendar) -> tuple[OpenTerm, ...]:
    listed = [
        OpenTerm(
            case_id=case.case,
            term=term.name,
            org_unit=case.unit,
            started_us=case.start,
            due_us=case.due,
            remaining_seconds=(case.due - log.extracted_us) / SECOND,
            is_late=case.state == "open_late",
        )
        for term in regulation.terms
        for found in [judge(log, term, calendar)]
        for case in [*[c for c in found if c.state == "open_late"], *warned(log, term, calendar, found)]
    ]
    return tuple(sorted(listed, key=lambda case: (case.due_us, case.case_id, case.term)))
