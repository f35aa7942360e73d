"""What the templates about two activities are made of: one-sided demands, each on the instances that activate it.

An instance keeps a demand, breaks it, or leaves it *pending*: its case is open, and what is lacking may still come. It
leaves the demand *undecided* where it would break it by the order of the log alone, since an answer happened at the
same instant.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import ibis

from potok.diagnose.conformance.rules import Template


class Side(StrEnum):
    """Where an answer is looked for."""

    AFTER = "after"
    BEFORE = "before"
    ANYWHERE = "anywhere"


class Closeness(StrEnum):
    """How close it has to be: anywhere there, before the next activating instance, or next to it."""

    ANY = "any"
    ALTERNATE = "alternate"
    CHAIN = "chain"


@dataclass(frozen=True, slots=True)
class Element:
    """A one-sided demand.

    Parameters
    ----------
    side, closeness
        Where the answer has to be.
    is_reversed
        Whether the targets activate it.
    is_negative
        Whether there must be none.
    """

    side: Side
    closeness: Closeness = Closeness.ANY
    is_reversed: bool = False
    is_negative: bool = False


def _pair(closeness: Closeness) -> tuple[Element, Element]:
    return Element(Side.AFTER, closeness), Element(Side.BEFORE, closeness, is_reversed=True)


_ANY, _ALTERNATE, _CHAIN = (_pair(closeness) for closeness in Closeness)

ELEMENTS: Final[dict[Template, tuple[Element, ...]]] = {
    Template.RESPONDED_EXISTENCE: (Element(Side.ANYWHERE),),
    Template.CO_EXISTENCE: (Element(Side.ANYWHERE), Element(Side.ANYWHERE, is_reversed=True)),
    Template.RESPONSE: _ANY[:1],
    Template.PRECEDENCE: _ANY[1:],
    Template.SUCCESSION: _ANY,
    Template.ALTERNATE_RESPONSE: _ALTERNATE[:1],
    Template.ALTERNATE_PRECEDENCE: _ALTERNATE[1:],
    Template.ALTERNATE_SUCCESSION: _ALTERNATE,
    Template.CHAIN_RESPONSE: _CHAIN[:1],
    Template.CHAIN_PRECEDENCE: _CHAIN[1:],
    Template.CHAIN_SUCCESSION: _CHAIN,
    Template.NOT_CO_EXISTENCE: (
        Element(Side.ANYWHERE, is_negative=True),
        Element(Side.ANYWHERE, is_reversed=True, is_negative=True),
    ),
    Template.NOT_SUCCESSION: (Element(Side.AFTER, is_negative=True),),
    Template.NOT_CHAIN_SUCCESSION: (Element(Side.AFTER, Closeness.CHAIN, is_negative=True),),
}


def judged_instances(seen: ibis.Table, element: Element, *, within_us: int | None, extracted_us: int) -> ibis.Table:
    """Judge every activating instance.

    Parameters
    ----------
    seen
        As `potok.diagnose.conformance.marks.seen_around` returns them.
    within_us
        How far an answer may be; None: any time.

    Returns
    -------
    ibis.Table
        One row per instance: `case`, `is_broken`, `is_undecided`, `is_pending`, `concerned_us` (null if unknown: of a
        broken demand the time by which an answer was late, or after which a forbidden one came).
    """
    if element.is_negative:
        found, is_certain = _forbidden(seen, element, within_us)
        states = {
            "is_broken": found & is_certain,
            "is_undecided": found & ~is_certain,
            "is_pending": ibis.literal(False),
        }
    else:
        lacking = ~_answered(seen, element, within_us)
        pending = lacking & _may_still_come(seen, element, within_us, extracted_us)
        states = {
            "is_broken": lacking & ~pending & ~seen.is_tied,
            "is_undecided": lacking & ~pending & seen.is_tied,
            "is_pending": pending,
        }
    concerned = ibis.ifelse(states["is_broken"], _concerned(seen, element, within_us), ibis.null("int64"))
    return seen.select("case", **states, concerned_us=concerned.cast("int64"))


def _is_near(distance_us: ibis.Value, within_us: int | None) -> ibis.Value:
    """Return whether an answer is there and near enough; its distance is null where there is none."""
    return distance_us.notnull() if within_us is None else (distance_us <= within_us).fill_null(False)


def _answered(seen: ibis.Table, element: Element, within_us: int | None) -> ibis.Value:
    after = _is_near(seen.next_us - seen.at_us, within_us)
    before = _is_near(seen.at_us - seen.previous_us, within_us)
    match element.side, element.closeness:
        case Side.ANYWHERE, _:
            return after | before
        case Side.AFTER, Closeness.ALTERNATE:
            return after & (seen.next_position <= seen.next_own).fill_null(True)
        case Side.AFTER, Closeness.CHAIN:
            return after & (seen.next_position == seen.position + 1)
        case Side.BEFORE, Closeness.ALTERNATE:
            return before & (seen.previous_position >= seen.previous_own).fill_null(True)
        case Side.BEFORE, Closeness.CHAIN:
            return before & (seen.previous_position == seen.position - 1)
        case side, _:
            return after if side is Side.AFTER else before


def _may_still_come(seen: ibis.Table, element: Element, within_us: int | None, extracted_us: int) -> ibis.Value:
    if element.side is Side.BEFORE:
        return ibis.literal(False)
    may = seen.is_open
    if within_us is not None:
        may &= seen.at_us + within_us >= extracted_us
    if element.side is Side.AFTER:
        match element.closeness:
            case Closeness.CHAIN:
                may &= seen.position == seen.n_events - 1
            case Closeness.ALTERNATE:
                may &= seen.next_position.isnull() & seen.next_own.isnull()
            case _:
                may &= seen.next_position.isnull()
    return may


def _forbidden(seen: ibis.Table, element: Element, within_us: int | None) -> tuple[ibis.Value, ibis.Value]:
    """Return whether there is a forbidden answer, and whether that holds whatever the order of tied instances."""
    after = _is_near(seen.next_us - seen.at_us, within_us)
    if element.side is Side.ANYWHERE:
        return after | _is_near(seen.at_us - seen.previous_us, within_us), ibis.literal(True)
    is_later = (seen.next_us > seen.at_us).fill_null(False)
    if element.closeness is Closeness.CHAIN:
        return after & (seen.next_position == seen.position + 1), is_later
    last = (seen.last_us > seen.at_us).fill_null(False) & _is_near(seen.last_us - seen.at_us, within_us)
    return after, is_later | last


def _concerned(seen: ibis.Table, element: Element, within_us: int | None) -> ibis.Value:
    unknown = ibis.null("int64")
    after_us, before_us = seen.next_us - seen.at_us, seen.at_us - seen.previous_us
    if element.is_negative:
        return after_us if element.side is Side.AFTER else unknown
    late = {Side.AFTER: after_us, Side.BEFORE: before_us}.get(element.side)
    beyond = unknown
    if late is not None and within_us is not None:
        beyond = ibis.ifelse(late > within_us, late - within_us, unknown)
    if element.side is Side.BEFORE:
        # Nothing before, but something after: the case ran in the wrong order from here to there.
        return ibis.ifelse(seen.previous_us.isnull(), after_us, beyond)
    return beyond
