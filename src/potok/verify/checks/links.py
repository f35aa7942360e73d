"""Cases of one applicant that follow one another: one application told as several.

Two cases of an applicant are linked if the second opened within the horizon after the first. Whether they are linked
does not depend on how long the first took, so that an honest improvement does not make links more frequent.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from potok.core.time_units import DAY_US
from potok.verify.checks.setting import Setting
from potok.verify.study import Flags, Floats, Integers, Labels

SPLIT_DAYS: Final = 3.0
MOST_CASES: Final = 20
"""Applicants with more cases are agents and firms, whose cases are many applications."""


class Link(IntEnum):
    """How a case goes on in the next one of its applicant."""

    NONE = 0
    SPLIT = 1
    """Opened within three days, in the same agency and service."""
    REFILED = 2
    """Later, after a refusal, a withdrawal or a return."""
    REOPENED = 3
    """Later, after another end or none."""
    OTHER_AGENCY = 4
    """In another agency."""


@dataclass(frozen=True, slots=True)
class Links:
    """Links between cases, in the order of applicants and openings.

    Parameters
    ----------
    order
        Shape (k,): places of the cases whose applicant is known.
    kind
        Shape (k,): `Link` of each to the next in that order.
    """

    order: Integers
    kind: Integers

    def goes_on(self, setting: Setting, kind: Link) -> Flags:
        """Return which cases go on in the next one of their applicant, (n,)."""
        found = np.zeros(len(setting.cases), np.bool_)
        found[self.order[self.kind == kind]] = True
        return found

    def hidden_days(self, setting: Setting, kind: Link) -> Floats:
        """Return by how much a case is shorter than the whole chain of its links of a kind, (n,), in days.

        A chain runs from its first opening to its last closing. An agency is not charged for the time before a case
        came to it from another.
        """
        cases, hidden = setting.cases, np.zeros(len(setting.cases))
        if not len(self.order):
            return hidden
        is_new = np.concatenate([[True], self.kind[:-1] != kind])
        chain = np.cumsum(is_new) - 1
        starts = np.flatnonzero(is_new)
        opened = np.minimum.reduceat(cases.opened_us[self.order], starts)
        left = np.maximum.reduceat(cases.left_us[self.order], starts)
        since = opened[chain] if kind is not Link.OTHER_AGENCY else cases.opened_us[self.order]
        whole = setting.clock.days(since, np.maximum(left[chain], since))
        hidden[self.order] = np.maximum(whole - setting.duration[self.order], 0.0)
        return hidden


def is_linkable(applicants: Labels) -> Flags:
    """Return the cases whose applicant is known and no agent or firm, (n,)."""
    known = applicants.codes >= 0
    many = np.bincount(applicants.codes[known], minlength=len(applicants.labels) + 1) > MOST_CASES
    return np.asarray(known & ~many[applicants.codes])


def link_cases(setting: Setting, applicants: Labels) -> Links:
    """Link the cases of each applicant."""
    cases, horizon_us = setting.cases, int(setting.horizon * DAY_US)
    known = np.flatnonzero(is_linkable(applicants))
    order = known[np.lexsort((known, cases.opened_us[known], applicants.codes[known]))]
    following = np.roll(order, -1)
    gap_us = cases.opened_us[following] - cases.opened_us[order]
    is_linked = (applicants.codes[following] == applicants.codes[order]) & (gap_us >= 0) & (gap_us <= horizon_us)
    if len(order):
        is_linked[-1] = False
    is_home = cases.agency.codes[following] == cases.agency.codes[order]
    is_same = is_home & (cases.service.codes[following] == cases.service.codes[order])
    ended = ended_without(setting)[order]
    kind = np.select(
        [~is_linked, ~is_home, ~is_same, gap_us <= SPLIT_DAYS * DAY_US, ended],
        [Link.NONE, Link.OTHER_AGENCY, Link.NONE, Link.SPLIT, Link.REFILED],
        Link.REOPENED,
    )
    return Links(order, kind.astype(np.int64))


def ended_without(setting: Setting) -> Flags:
    """Return which cases ended in a refusal, a withdrawal or a return, (n,)."""
    declared, outcome = setting.protocol.declarations, setting.cases.outcome
    found = np.zeros(len(setting.cases), np.bool_)
    for value in (*declared.refusal_values, *declared.withdrawal_values):
        found |= outcome.equals(value)
    return found
