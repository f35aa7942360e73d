"""All honesty checks, in a fixed order."""

from collections.abc import Callable
from typing import Final

from potok.core.language import mark
from potok.verify.checks.applications import cases_reopened, cases_split, refiled, wait_to_other_agency
from potok.verify.checks.arrivals import applications_discouraged, cases_merged
from potok.verify.checks.baseline import backlog_starved, baseline_slowed, regression_to_mean, season
from potok.verify.checks.clocks import (
    clock_restarted,
    clock_started_later,
    clock_stopped,
    wait_before_registration,
    wait_to_applicant,
)
from potok.verify.checks.codes import codes_changed
from potok.verify.checks.decisions import closed_before_completion, complaints_harder, refusals_up
from potok.verify.checks.missing import rows_missing
from potok.verify.checks.mix import case_mix, hard_cases_parked
from potok.verify.checks.promise import off_protocol
from potok.verify.checks.recording import recording_changed, times_back_dated
from potok.verify.checks.setting import Setting
from potok.verify.checks.surroundings import common_shock, simultaneous_projects, wait_to_neighbours
from potok.verify.checks.weighing import Answer, settle
from potok.verify.checks.work import extra_staff, overtime
from potok.verify.effect import CheckVerdict, HonestyCheck
from potok.verify.protocol.model import Protocol
from potok.verify.study import Arms, Panel, Study

CHECKS: Final[tuple[Callable[[Setting], Answer], ...]] = (
    case_mix,
    clock_restarted,
    clock_stopped,
    clock_started_later,
    cases_split,
    cases_merged,
    cases_reopened,
    refiled,
    wait_before_registration,
    wait_to_other_agency,
    wait_to_applicant,
    wait_to_neighbours,
    refusals_up,
    hard_cases_parked,
    backlog_starved,
    applications_discouraged,
    baseline_slowed,
    extra_staff,
    overtime,
    times_back_dated,
    rows_missing,
    complaints_harder,
    closed_before_completion,
    codes_changed,
    off_protocol,
    regression_to_mean,
    season,
    recording_changed,
    simultaneous_projects,
    common_shock,
)
KINDS: Final = tuple(check.__name__ for check in CHECKS)


def check_honesty(study: Study, arms: Arms, protocol: Protocol, panel: Panel) -> tuple[HonestyCheck, ...]:
    """Look for every known way of dressing the figure, in the order of `KINDS`.

    Parameters
    ----------
    study, arms, protocol, panel
        What is verified.

    Returns
    -------
    tuple of HonestyCheck
        One per kind. Levels are adjusted over all of them together (Holm), so that an honest project is flagged by any
        in at most one case of twenty.
    """
    if not len(study.cases):
        return tuple(HonestyCheck(kind, CheckVerdict.CANNOT_TELL, None, "", None, NO_CASES) for kind in KINDS)
    setting = Setting(study, arms, protocol, panel)
    return settle([check(setting) for check in CHECKS])


NO_CASES: Final = mark("The logs hold no cases.")
