"""What of a regulation can be judged by a log that lacks some of the activities it names."""

from collections.abc import Collection
from dataclasses import replace
from typing import TypeVar

from potok.core.regulations.papers import DocumentRequest, HeldPaper
from potok.core.regulations.regulation import CLOSING, OPENING, Outcome, QualityIndicator, Regulation, Term


def known_part(regulation: Regulation, labels: Collection[str]) -> tuple[Regulation, tuple[str, ...]]:
    """Leave out what names activities that a log does not have.

    A term goes if its beginning, all of its ends or what takes up its stopped clock are unknown; a rule, if an activity
    of it is; of alternatives the unknown ones.

    Parameters
    ----------
    labels
        The activities of the log.

    Returns
    -------
    tuple
        What is left, and the unknown activities in the order of the file.

    Raises
    ------
    UnknownActivitiesError
        If no term is left.
    """
    known = frozenset(labels)
    unknown = tuple(dict.fromkeys(name for _place, name in regulation.activities_named() if name not in known))
    if not unknown:
        return regulation, ()
    terms = tuple(_shortened(term, known) for term in regulation.terms if _is_judged(term, known))
    if not terms:
        regulation.check_activities(labels)
    outcomes = tuple(filter(None, (_outcome(one, known) for one in regulation.outcomes)))
    named = frozenset(one.name for one in outcomes)
    return (
        replace(
            regulation,
            terms=terms,
            mandatory_steps=tuple(one for one in regulation.mandatory_steps if one.activity in known),
            order_rules=tuple(one for one in regulation.order_rules if {one.before, one.after} <= known),
            limits=tuple(one for one in regulation.limits if one.activity in known),
            decision_makers=tuple(one for one in regulation.decision_makers if one.activity in known),
            outcomes=outcomes,
            quality_indicators=tuple(
                filter(None, (_indicator(one, known, named) for one in regulation.quality_indicators))
            ),
            document_requests=tuple(filter(None, (_papers(one, known) for one in regulation.document_requests))),
            held_papers=tuple(filter(None, (_papers(one, known) for one in regulation.held_papers))),
        ),
        unknown,
    )


def _kept(names: tuple[str, ...], known: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in known)


def _is_judged(term: Term, known: frozenset[str]) -> bool:
    resumes = {stop.to_activity for stop in term.clock_stops if stop.from_activity in known}
    return term.starts in known | {OPENING} and any(end in known | {CLOSING} for end in term.ends) and resumes <= known


def _shortened(term: Term, known: frozenset[str]) -> Term:
    return replace(
        term,
        ends=_kept(term.ends, known | {CLOSING}),
        clock_stops=tuple(stop for stop in term.clock_stops if stop.from_activity in known),
        extension=term.extension if term.extension and term.extension.activity in known else None,
    )


def _outcome(one: Outcome, known: frozenset[str]) -> Outcome | None:
    kept = replace(one, activities=_kept(one.activities, known))
    return kept if kept.activities or kept.values else None


def _indicator(one: QualityIndicator, known: frozenset[str], outcomes: frozenset[str]) -> QualityIndicator | None:
    kept = replace(one, activities=_kept(one.activities, known), outcomes=_kept(one.outcomes, outcomes))
    return kept if kept.activities or kept.outcomes else None


Papers = TypeVar("Papers", DocumentRequest, HeldPaper)


def _papers(one: Papers, known: frozenset[str]) -> Papers | None:
    kept = replace(one, activities=_kept(one.activities, known), replies=_kept(one.replies, known))
    return kept if kept.activities else None
