"""The two ledgers of a register: how long its applicants wait and how long its staff work in a year."""

from dataclasses import dataclass

from potok.diagnose.register.cells import HOUR_SECONDS, seconds_of
from potok.diagnose.register.evidence import Evidence
from potok.diagnose.register.model import Process, Register
from potok.diagnose.register.parties import own_units_of, serves_outsiders


@dataclass(frozen=True, slots=True)
class ProcessHours:
    """Hours of a process in a year.

    Parameters
    ----------
    applicant_hours
        Cases a year times lead time in calendar hours; 0 where nobody outside waits; None if unknown.
    staff_hours
        None if unknown.
    is_measured
        Whether volume and lead time are from a log.
    """

    applicant_hours: float | None
    staff_hours: float | None
    is_measured: bool = False


def process_hours(register: Register, evidence: Evidence) -> tuple[ProcessHours, ...]:
    """Return the hours of every process in a year, from its log if there is one, else from its card."""
    own = own_units_of(register)
    return tuple(_hours(process, own, evidence) for process in register.processes)


def _hours(process: Process, own_units: frozenset[str], evidence: Evidence) -> ProcessHours:
    log = evidence.logs.get(process.number)
    outside = serves_outsiders(process, own_units)
    staff = process.staff_hours_per_year
    if outside is False:
        return ProcessHours(0.0, staff)
    if outside is None:
        return ProcessHours(None, staff)
    if log is not None and log.cases_per_year is not None and log.mean_lead_time_seconds is not None:
        return ProcessHours(log.cases_per_year * log.mean_lead_time_seconds / HOUR_SECONDS, staff, is_measured=True)
    if process.volume_per_year is None or process.lead_time is None:
        return ProcessHours(None, staff)
    return ProcessHours(process.volume_per_year * seconds_of(process.lead_time) / HOUR_SECONDS, staff)
