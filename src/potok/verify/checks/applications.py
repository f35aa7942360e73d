"""Checks of what is one application: split, re-opened, filed again, or handed to another agency."""

from potok.core.language import mark
from potok.verify.checks.explained import explain_time
from potok.verify.checks.links import Link, link_cases
from potok.verify.checks.setting import Setting
from potok.verify.checks.weighing import Answer, Untold


def cases_split(setting: Setting) -> Answer:
    """Count cases that an applicant opened within three days as one."""
    return _linked(setting, "cases_split", Link.SPLIT, seen=_SPLIT)


def cases_reopened(setting: Setting) -> Answer:
    """Count a case and the next one of its applicant as one."""
    return _linked(setting, "cases_reopened", Link.REOPENED, seen=_REOPENED)


def refiled(setting: Setting) -> Answer:
    """Count a case that was refused, withdrawn or returned and the next one of its applicant as one."""
    declared = setting.protocol.declarations
    if not (declared.withdrawal_values or declared.refusal_values):
        return Untold("refiled", _NO_VALUES)
    return _linked(setting, "refiled", Link.REFILED, seen=_REFILED)


def wait_to_other_agency(setting: Setting) -> Answer:
    """Count a case and the next one of its applicant in another agency as one."""
    if len(setting.cases.agency.labels) < 2:
        return Untold("wait_to_other_agency", _ONE_AGENCY)
    return _linked(setting, "wait_to_other_agency", Link.OTHER_AGENCY, seen=_OTHER_AGENCY)


def _linked(setting: Setting, kind: str, link: Link, *, seen: str) -> Answer:
    name = setting.protocol.declarations.applicant_attribute
    applicants = setting.cases.attribute(name) if name else None
    if applicants is None or not (applicants.codes >= 0).any():
        return Untold(kind, _NO_APPLICANTS)
    hidden = link_cases(setting, applicants).hidden_days(setting, link)
    return explain_time(setting, kind, hidden, seen=seen)


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
_OTHER_AGENCY = mark(
    "More often than before an applicant’s case goes on in another agency. Counted to the end there, {undone:days} of "
    "the improvement of {improvement:days} are left."
)
