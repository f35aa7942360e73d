"""Checks of what is one application: split, re-opened, filed again, or handed to another agency."""

import numpy as np

from potok.core.language import mark
from potok.verify.checks.arrivals import added_cases
from potok.verify.checks.decisions import NEVER_OCCURS
from potok.verify.checks.explained import NOTHING_TO_COMPARE, explain_time, weigh
from potok.verify.checks.links import Link, ended_without, link_cases
from potok.verify.checks.setting import Setting
from potok.verify.checks.surroundings import handed_over
from potok.verify.checks.weighing import Answer, Untold, worse_of
from potok.verify.protocol.model import OutcomeKind
from potok.verify.study import Flags


def cases_split(setting: Setting) -> Answer:
    """Count cases that an applicant opened within three days as one; look whether trifles were added to the others."""
    linked = _linked(setting, "cases_split", Link.SPLIT, seen=_SPLIT)
    return worse_of(linked, added_cases(setting, "cases_split"))


def cases_reopened(setting: Setting) -> Answer:
    """Count a case and the next one of its applicant as one."""
    return _linked(setting, "cases_reopened", Link.REOPENED, seen=_REOPENED)


def refiled(setting: Setting) -> Answer:
    """Count a case that was refused, withdrawn or returned and the next one of its applicant as one."""
    declared = setting.protocol.declarations
    if not (declared.withdrawal_values or declared.refusal_values):
        return Untold("refiled", _NO_VALUES)
    if not ended_without(setting).any():
        return Untold("refiled", NEVER_OCCURS)
    return _linked(setting, "refiled", Link.REFILED, seen=_REFILED)


def wait_to_other_agency(setting: Setting) -> Answer:
    """Count a case and the next one of its applicant in another agency as one; look for cases handed over whole."""
    if len(setting.cases.agency.labels) < 2:
        return Untold("wait_to_other_agency", _ONE_AGENCY)
    linked = _linked(setting, "wait_to_other_agency", Link.OTHER_AGENCY, seen=_OTHER_AGENCY)
    return worse_of(linked, handed_over(setting, "wait_to_other_agency"))


def _linked(setting: Setting, kind: str, link: Link, *, seen: str) -> Answer:
    name = setting.protocol.declarations.applicant_attribute
    applicants = setting.cases.attribute(name) if name else None
    if applicants is None or not (applicants.codes >= 0).any():
        return Untold(kind, _NO_APPLICANTS)
    links = link_cases(setting, applicants)
    if setting.protocol.estimand.outcome is OutcomeKind.FIRST_TIME_THROUGH_SHARE:
        return _sent_round(setting, kind, links.goes_on(setting, link))
    return explain_time(setting, kind, links.hidden_days(setting, link), seen=seen)


def _sent_round(setting: Setting, kind: str, goes_on: Flags) -> Answer:
    """Count cases that go on in another one as not through at the first time."""
    claim, is_through = setting.claim, setting.arms.outcome
    found = setting.compare(np.where(goes_on | np.isnan(is_through), is_through, 0.0))
    if claim is None or found is None:
        return Untold(kind, NOTHING_TO_COMPARE)
    return weigh(kind, found, claim, seen=_SENT_ROUND)


_NO_APPLICANTS = mark("The log does not name applicants, so cases of the same one cannot be seen together.")
_NO_VALUES = mark("The protocol does not say which outcomes mean a refusal, a withdrawal or a return.")
_ONE_AGENCY = mark("The logs hold one agency only.")
_SPLIT = mark(
    "More often than before an applicant has several cases opened within days. Counted as one, {undone:days} of the "
    "improvement of {improvement:days} are left."
)
_REOPENED = mark(
    "More often than before an applicant’s case is followed by another one. Counted as one, {undone:days} of the "
    "improvement of {improvement:days} are left."
)
_REFILED = mark(
    "More often than before a refused, withdrawn or returned application is filed again. Counted from the first "
    "filing, {undone:days} of the improvement of {improvement:days} are left."
)
_SENT_ROUND = mark(
    "More of the cases that are through at the first time go on in another case of the applicant. Counted as not "
    "through, {undone:outcome} of the improvement of {improvement:outcome} are left."
)
_OTHER_AGENCY = mark(
    "More often than before an applicant’s case goes on in another agency. Counted to the end there, {undone:days} of "
    "the improvement of {improvement:days} are left."
)
