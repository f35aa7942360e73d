"""What a protocol cannot prove, or leaves open, as far as the protocol alone shows it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, comb
from typing import Final

from potok.core.language import mark
from potok.verify.effect import Reason
from potok.verify.protocol.drawing import FEWEST_ASSIGNMENTS, count_orders, is_drawn
from potok.verify.protocol.model import Clock, ComparisonKind, LookKind, Protocol

_WORKING_DAYS_A_WEEK: Final = 5
_DAYS_A_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Concern:
    """Something to know before the change begins.

    Parameters
    ----------
    kind
        snake_case name, stable.
    is_fatal
        Whether, as things stand, the verdict cannot be `verified`.
    reason
        What it is: marked text with placeholders.
    """

    kind: str
    is_fatal: bool
    reason: Reason


def check_protocol(protocol: Protocol) -> tuple[Concern, ...]:
    """Say what a protocol cannot prove or leaves open: first what forbids `verified`, then the rest."""
    found = [concern for look in _LOOKS for concern in look(protocol)]
    return tuple(sorted(found, key=lambda concern: not concern.is_fatal))


def first_change(protocol: Protocol) -> date:
    """Return the first day on which anybody works in the new way."""
    return min(wave.on for wave in protocol.change.waves)


def last_opening(protocol: Protocol, look_on: date) -> date:
    """Return the day before which a case must open to be followed for the whole horizon up to a look."""
    days = protocol.estimand.horizon_days
    if protocol.estimand.clock is Clock.WORKING_DAYS:
        days *= _DAYS_A_WEEK / _WORKING_DAYS_A_WEEK
    return look_on + timedelta(days=1 - ceil(days))


def whole_months(since: date, until: date) -> int:
    """Count the calendar months that lie wholly within [since, until)."""
    first = since.year * 12 + since.month - 1 + (since.day > 1)
    return max(until.year * 12 + until.month - 1 - first, 0)


def _late(protocol: Protocol) -> Iterator[Concern]:
    if protocol.is_late:
        days = {"registered_on": protocol.registered_on.isoformat(), "on": first_change(protocol).isoformat()}
        yield Concern("late", True, Reason(_LATE, days))


def _assignments(protocol: Protocol) -> Iterator[Concern]:
    assignments = _count_assignments(protocol)
    if assignments is not None and assignments < FEWEST_ASSIGNMENTS:
        figures = {"assignments": assignments, "least": FEWEST_ASSIGNMENTS, "p": 1 / assignments}
        yield Concern("few_assignments", True, Reason(_FEW_ASSIGNMENTS, figures))


def _count_assignments(protocol: Protocol) -> int | None:
    """Return in how many ways chance could have dealt the change out; None if only the logs can tell."""
    waves, plan = protocol.change.waves, protocol.comparison
    if plan.kind is ComparisonKind.OWN_PAST:
        return None
    if plan.is_order_drawn:
        return count_orders(protocol)
    if not plan.controls:
        return None
    return count_orders(protocol) * comb(len(waves) + len(plan.controls), len(waves))


def _order(protocol: Protocol) -> Iterator[Concern]:
    plan = protocol.comparison
    if plan.kind is ComparisonKind.WAVES and not plan.is_order_drawn:
        yield Concern("order_not_drawn", False, Reason(_ORDER_NOT_DRAWN))
    if plan.is_order_drawn and not is_drawn(protocol):
        yield Concern("order_differs", False, Reason(_ORDER_DIFFERS, {"seed": str(plan.seed)}))


def _waves(protocol: Protocol) -> Iterator[Concern]:
    days = {wave.on for wave in protocol.change.waves}
    if protocol.comparison.kind is ComparisonKind.OWN_PAST and len({(day.year, day.month) for day in days}) > 1:
        yield Concern("own_past_in_waves", True, Reason(_OWN_PAST_IN_WAVES))
    if protocol.comparison.kind is ComparisonKind.WAVES and len(days) == 1 and not protocol.comparison.controls:
        yield Concern("all_at_once", False, Reason(_ALL_AT_ONCE))


def _time(protocol: Protocol) -> Iterator[Concern]:
    """Yield that too few months lie between the last wave and the last opening that can be followed."""
    look = protocol.look
    since = max(wave.on for wave in protocol.change.waves)
    since += timedelta(days=protocol.estimand.transition_after_days)
    day = look.last_on if look.kind is LookKind.SEQUENCE else look.on
    months = whole_months(since, last_opening(protocol, day))
    if months < max(look.minimum_months, 1):
        figures = {"months": months, "minimum": max(look.minimum_months, 1)}
        yield Concern("look_too_early", True, Reason(_LOOK_TOO_EARLY, figures))


def _quality(protocol: Protocol) -> Iterator[Concern]:
    if not protocol.quality:
        yield Concern("no_quality", False, Reason(_NO_QUALITY))
    for margin in protocol.quality:
        if protocol.look.kind is LookKind.FIXED and margin.follow_up_days > protocol.estimand.horizon_days:
            days: dict[str, str | int | float] = {"name": margin.name}
            days |= {"days": margin.follow_up_days, "horizon": protocol.estimand.horizon_days}
            yield Concern("follow_up_too_long", True, Reason(_FOLLOW_UP_TOO_LONG, days))


def _words(protocol: Protocol) -> Iterator[Concern]:
    declared, estimand = protocol.declarations, protocol.estimand
    if estimand.calendar and not estimand.calendar_id:
        yield Concern("calendar_not_fixed", False, Reason(_CALENDAR_NOT_FIXED, {"calendar": estimand.calendar}))
    if not protocol.failure:
        yield Concern("no_failure", False, Reason(_NO_FAILURE))
    if declared.was_chosen_as_worst:
        yield Concern("chosen_as_worst", False, Reason(_CHOSEN_AS_WORST))
    missing = {
        "applicant_attribute": declared.applicant_attribute,
        "registration_activity": declared.registration_activity,
        "applicant_activities": declared.applicant_activities,
        "refusal_values": declared.refusal_values,
        "withdrawal_values": declared.withdrawal_values,
        "complaint_attribute": declared.complaint_attribute,
    }
    if names := ", ".join(name for name, value in missing.items() if not value):
        yield Concern("undeclared", False, Reason(_UNDECLARED, {"names": names}))


_LOOKS: Final[tuple[Callable[[Protocol], Iterator[Concern]], ...]] = (
    _late,
    _assignments,
    _waves,
    _time,
    _quality,
    _order,
    _words,
)

_LATE = mark(
    "The protocol was registered on {registered_on:date}, and the change begins on {on:date}. "
    "A late protocol can never lead to the verdict “verified”."
)
_FEW_ASSIGNMENTS = mark(
    "Chance could deal the change out in {assignments:count} ways only; at least {least:count} are needed. "
    "The smallest p-value that can come out is {p:p_value}. More agencies, or more waves, help."
)
_ORDER_NOT_DRAWN = mark(
    "The order of the waves was not drawn by lot. That any other order was as likely will be an assumption. "
    "potok protocol draw draws it."
)
_ORDER_DIFFERS = mark("The order of the waves is not the one that the number {seed} gives.")
_OWN_PAST_IN_WAVES = mark(
    "The agencies change in different months, and each is to be held against its own past. Give kind = “waves”."
)
_ALL_AT_ONCE = mark(
    "All agencies change on one day. Unless the logs hold agencies that do not change, nothing is left to compare with."
)
_LOOK_TOO_EARLY = mark(
    "Between the last wave and the last case that can be followed up to the look lie {months:count} whole months; "
    "{minimum:count} are needed. Look later."
)
_NO_QUALITY = mark("No quality indicator is declared: nobody will see whether quality held.")
_FOLLOW_UP_TOO_LONG = mark(
    "“{name}” is known {days:days} after the opening, but cases are followed for {horizon:days}. At the look the "
    "youngest ones would still be unknown. Give a horizon that is as long."
)
_CALENDAR_NOT_FIXED = mark(
    "Working days are those of the calendar «{calendar}», whose content may change. Give its hash as calendar_id, and "
    "another version of it cannot be counted by."
)
_NO_FAILURE = mark("It is not said what would count as failure.")
_CHOSEN_AS_WORST = mark(
    "The agency or service was chosen because its figures had been bad. Such figures improve of themselves; "
    "compare with other agencies if you can."
)
_UNDECLARED = mark("Honesty checks that rest on what is not declared cannot tell anything: {names}.")
