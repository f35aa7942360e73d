"""What the law asks of a service, as data: terms, steps, order, limits, who decides, outcomes, quality."""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from potok.core.language import gettext as _
from potok.core.language import ngettext, quoted
from potok.core.regulations.errors import UnknownActivitiesError, UnknownTermError
from potok.core.regulations.papers import DocumentRequest, HeldPaper, activities_of_papers

OPENING: Final = "opening"
"""Start of a term that runs from the opening of the case."""
CLOSING: Final = "closing"
"""End of a term that runs to the closing of the case."""
_LATER_PARTS: Final = frozenset({"document_requests", "held_papers"})


class TermUnit(StrEnum):
    """In what a term is counted."""

    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"


class CountedFrom(StrEnum):
    """Whether the day (or hour) of the event counts, or counting begins with the next day (ГК РФ, art. 191)."""

    EVENT = "event"
    DAY_AFTER = "day_after"


class RollOver(StrEnum):
    """What happens to a term in days that ends on a day off: it moves on (ГК РФ, art. 193), back, or stays."""

    FORWARD = "forward"
    BACK = "back"
    NONE = "none"


class Direction(StrEnum):
    """Which way an indicator is good."""

    LOWER_IS_BETTER = "lower_is_better"
    HIGHER_IS_BETTER = "higher_is_better"


class OutcomeKind(StrEnum):
    """What an outcome means for the applicant."""

    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ClockStop:
    """The clock stands from one activity to the next of another; `article` is the rule that allows it."""

    from_activity: str
    to_activity: str
    article: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """An activity that lengthens the term once by `amount` of its unit, if it happens before the term is over."""

    activity: str
    amount: int
    article: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A time limit.

    Parameters
    ----------
    name
        What it is called; unique in its regulation.
    amount, unit
        How long it is.
    counted_from
        From the event itself or from the day after.
    starts
        `OPENING`, or the activity whose first instance starts it.
    ends
        `CLOSING` alone, or activities; the first instance of any of them from the start on ends it.
    clock_stops
        Between which activities the clock stands.
    extension
        What lengthens it; None if nothing does.
    rolls_over
        What happens if its last day is a day off. A term in working days cannot end on one; hours never roll over.
    warn_before
        When the worklist warns: so many days or hours (its unit) before the end.
    article
        The rule that sets it.
    """

    name: str
    amount: int
    unit: TermUnit
    counted_from: CountedFrom = CountedFrom.DAY_AFTER
    starts: str = OPENING
    ends: tuple[str, ...] = (CLOSING,)
    clock_stops: tuple[ClockStop, ...] = ()
    extension: Extension | None = None
    rolls_over: RollOver = RollOver.NONE
    warn_before: int = 0
    article: str = ""

    @property
    def needs_working_days(self) -> bool:
        """Whether its end depends on which days are worked."""
        return self.unit is not TermUnit.CALENDAR_DAYS or self.rolls_over is not RollOver.NONE


@dataclass(frozen=True, slots=True)
class MandatoryStep:
    """An activity that every decided case must have."""

    activity: str
    article: str


@dataclass(frozen=True, slots=True)
class OrderRule:
    """Where both happen, the first instance of `before` precedes the first of `after`."""

    before: str
    after: str
    article: str


@dataclass(frozen=True, slots=True)
class Limit:
    """An activity that may happen at most so many times in a case."""

    activity: str
    at_most: int
    article: str


@dataclass(frozen=True, slots=True)
class DecisionMaker:
    """Who may perform an activity: employees, departments, or both."""

    activity: str
    org_units: tuple[str, ...]
    resources: tuple[str, ...]
    article: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What counts as an outcome: values of the log's outcome column, or activities whose presence decides it."""

    name: str
    kind: OutcomeKind
    values: tuple[str, ...]
    activities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QualityIndicator:
    """A share of cases that must not worsen by more than a margin that is declared beforehand.

    Parameters
    ----------
    name
        What it is called; unique.
    activities, outcomes
        A case counts if it has one of the activities or one of the outcomes (names of `Outcome`).
    direction
        Which way is good.
    margin_share
        Largest acceptable worsening, as a difference of shares, 0–1.
    article
        Why the margin is what it is.
    """

    name: str
    activities: tuple[str, ...]
    outcomes: tuple[str, ...]
    direction: Direction
    margin_share: float
    article: str


@dataclass(frozen=True, slots=True)
class Regulation:
    """What the law asks of a service.

    Parameters
    ----------
    service, act
        The service, and the act that regulates it.
    terms
        Its time limits, at least one.
    calendar
        Name or path of the calendar that the act means; empty if it names none. Not part of the content's hash: a
        calendar has its own.
    source
        The file read, for messages.
    """

    service: str
    act: str
    terms: tuple[Term, ...]
    mandatory_steps: tuple[MandatoryStep, ...] = ()
    order_rules: tuple[OrderRule, ...] = ()
    limits: tuple[Limit, ...] = ()
    decision_makers: tuple[DecisionMaker, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    quality_indicators: tuple[QualityIndicator, ...] = ()
    document_requests: tuple[DocumentRequest, ...] = ()
    held_papers: tuple[HeldPaper, ...] = ()
    calendar: str = field(default="", compare=False)
    source: str = field(default="", compare=False)

    @property
    def regulation_id(self) -> str:
        """SHA-256 over the content, without the file's name and the calendar's."""
        parts = {name: value for name, value in asdict(self).items() if name not in ("calendar", "source")}
        # A regulation that has none of what was added later keeps the id it had before.
        content = {name: value for name, value in parts.items() if value or name not in _LATER_PARTS}
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def term(self, name: str) -> Term:
        """Return a term by its name.

        Raises
        ------
        UnknownTermError
            If there is none of that name.
        """
        for term in self.terms:
            if term.name == name:
                return term
        raise UnknownTermError(
            _("The regulation states no term “{name}”.").format(name=name),
            where=self.source,
            remedy=_("Its terms: {names}.").format(names=", ".join(term.name for term in self.terms)),
        )

    def activities_named(self) -> tuple[tuple[str, str], ...]:
        """Return every activity that is named, with its place, in the order of the file."""
        return tuple(self._iterate_activities())

    def check_activities(self, labels: Collection[str]) -> None:
        """Check that a log has every activity that is named.

        Parameters
        ----------
        labels
            The activities of the log.

        Raises
        ------
        UnknownActivitiesError
            If it lacks some; all are named, with their places and the nearest labels.
        """
        known = set(labels)
        missing: dict[str, list[str]] = {}
        for place, activity in self._iterate_activities():
            if activity not in known:
                missing.setdefault(activity, []).append(place)
        if not missing:
            return
        near = [quoted(close[0]) for name in missing if (close := get_close_matches(name, sorted(known), n=1))]
        raise UnknownActivitiesError(
            ngettext(
                "The regulation names {count} activity that the log does not have: {names}.",
                "The regulation names {count} activities that the log does not have: {names}.",
                len(missing),
            ).format(
                count=len(missing), names=", ".join(f"{quoted(name)} ({places[0]})" for name, places in missing.items())
            ),
            where=self.source,
            remedy=" ".join(
                (
                    _("Write the labels as the log has them, such as {near}.").format(
                        near=", ".join(dict.fromkeys(near))
                    )
                    if near
                    else _("Write the labels as the log has them, or rename the log's activities in the mapping."),
                    _("With --skip-unknown the rules that name them are left out."),
                )
            ),
        )

    def _iterate_activities(self) -> Iterator[tuple[str, str]]:
        for term in self.terms:
            yield from _activities_of_term(term)
        for step in self.mandatory_steps:
            yield "mandatory_steps", step.activity
        for rule in self.order_rules:
            yield "order_rules", rule.before
            yield "order_rules", rule.after
        for limit in self.limits:
            yield "limits", limit.activity
        for maker in self.decision_makers:
            yield "decision_makers", maker.activity
        for outcome in self.outcomes:
            yield from ((f"outcomes {quoted(outcome.name)}", activity) for activity in outcome.activities)
        for indicator in self.quality_indicators:
            yield from ((f"quality_indicators {quoted(indicator.name)}", activity) for activity in indicator.activities)
        yield from activities_of_papers(self.document_requests, self.held_papers)


def _activities_of_term(term: Term) -> Iterator[tuple[str, str]]:
    place = f"terms {quoted(term.name)}"
    if term.starts != OPENING:
        yield f"{place} starts", term.starts
    yield from ((f"{place} ends", activity) for activity in term.ends if activity != CLOSING)
    for stop in term.clock_stops:
        yield f"{place} clock_stops from", stop.from_activity
        yield f"{place} clock_stops to", stop.to_activity
    if term.extension:
        yield f"{place} extension", term.extension.activity
