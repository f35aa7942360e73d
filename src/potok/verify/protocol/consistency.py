"""What a protocol must not contradict."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Final

from potok.core.language import gettext as _
from potok.verify.protocol.errors import BrokenProtocolError
from potok.verify.protocol.model import (
    Clock,
    ComparisonKind,
    Direction,
    OutcomeKind,
    Protocol,
)

_SHARES: Final = (
    OutcomeKind.WITHIN_TERM_SHARE,
    OutcomeKind.FIRST_TIME_THROUGH_SHARE,
    OutcomeKind.ATTRIBUTE_SHARE,
)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What is wrong, at which key, and what to do."""

    key: str
    message: str
    remedy: str


def check_consistency(protocol: Protocol) -> None:
    """Check that a protocol does not contradict itself.

    Raises
    ------
    BrokenProtocolError
        With the first contradiction, in the order of the file.
    """
    found = next(iterate_contradictions(protocol), None)
    if found:
        where = f"{protocol.source}: {found.key}" if protocol.source else found.key
        raise BrokenProtocolError(found.message, where=where, remedy=found.remedy)


def iterate_contradictions(protocol: Protocol) -> Iterator[Contradiction]:
    """Yield what a protocol contradicts itself in, in the order of the file."""
    for check in _CHECKS:
        yield from check(protocol)


def _waves(protocol: Protocol) -> Iterator[Contradiction]:
    waves = protocol.change.waves
    if not waves:
        yield Contradiction(
            "change.waves",
            _("No agency and no day of the change is given."),
            _("Give a table [[change.waves]] with agency and on for each agency."),
        )
    for agency in _repeated(wave.agency for wave in waves):
        yield Contradiction(
            "change.waves",
            _("{agency} stands in two waves.").format(agency=agency),
            _("Give each agency once, with its first day."),
        )


def _horizon(protocol: Protocol) -> Iterator[Contradiction]:
    if not protocol.estimand.horizon_days > 0:
        yield Contradiction(
            "estimand.horizon_days",
            _("A horizon of {days} days leaves nothing to measure.").format(days=protocol.estimand.horizon_days),
            _("Give more days than nearly every case takes, such as 60."),
        )


def _clock(protocol: Protocol) -> Iterator[Contradiction]:
    needs = protocol.estimand.clock is Clock.WORKING_DAYS
    if needs and not protocol.estimand.calendar:
        yield Contradiction(
            "estimand.calendar",
            _("Working days are counted, but no calendar is named."),
            _("Give the calendar’s name or file, such as calendar = “ru”."),
        )
    if protocol.estimand.calendar_id and not protocol.estimand.calendar:
        yield Contradiction(
            "estimand.calendar_id",
            _("A calendar is fixed by its hash, but none is named."),
            _("Give calendar, too, or take calendar_id out."),
        )
    if protocol.estimand.calendar and not needs:
        yield Contradiction(
            "estimand.calendar",
            _("A calendar is named, but calendar days are counted."),
            _("Take the calendar out, or give clock = “working_days”."),
        )


def _own_keys(protocol: Protocol) -> Iterator[Contradiction]:
    """Yield keys of the estimand that the outcome needs and lacks, or that belong to another outcome."""
    estimand = protocol.estimand
    owners = (
        ("term_days", estimand.term_days is not None, OutcomeKind.WITHIN_TERM_SHARE, True),
        ("attribute", bool(estimand.attribute), OutcomeKind.ATTRIBUTE_SHARE, True),
        ("value", bool(estimand.value), OutcomeKind.ATTRIBUTE_SHARE, True),
        ("activity", bool(estimand.activity), OutcomeKind.FIRST_TIME_THROUGH_SHARE, False),
    )
    for key, is_given, owner, is_needed in owners:
        is_own = estimand.outcome is owner
        if is_own and is_needed and not is_given:
            yield Contradiction(
                f"estimand.{key}",
                _("The outcome {outcome} needs “{key}”.").format(outcome=owner.value, key=key),
                _("Give {key}.").format(key=key),
            )
        if is_given and not is_own:
            yield Contradiction(
                f"estimand.{key}",
                _("“{key}” belongs to the outcome {owner}, not to {outcome}.").format(
                    key=key, owner=owner.value, outcome=estimand.outcome.value
                ),
                _("Take {key} out, or give outcome = “{owner}”.").format(key=key, owner=owner.value),
            )


def _term(protocol: Protocol) -> Iterator[Contradiction]:
    term = protocol.estimand.term_days
    if term is not None and not 0 < term <= protocol.estimand.horizon_days:
        yield Contradiction(
            "estimand.term_days",
            _("A term of {days} days cannot be judged within a horizon of {horizon} days.").format(
                days=f"{term:g}", horizon=f"{protocol.estimand.horizon_days:g}"
            ),
            _("Give a term above 0 and a horizon at least as long."),
        )


def _improvement(protocol: Protocol) -> Iterator[Contradiction]:
    estimand = protocol.estimand
    if not 0 <= estimand.minimum_improvement < inf:
        yield Contradiction(
            "estimand.minimum_improvement",
            _("A promised improvement of {found} is none.").format(found=f"{estimand.minimum_improvement:g}"),
            _("Give 0 or more, in the outcome’s unit."),
        )
    if estimand.outcome in _SHARES and estimand.minimum_improvement >= 1:
        yield Contradiction(
            "estimand.minimum_improvement",
            _("A share cannot improve by {found}.").format(found=f"{estimand.minimum_improvement:g}"),
            _("Give a difference of shares between 0 and 1: ten percentage points are 0.1."),
        )
    if estimand.outcome is OutcomeKind.CASE_DURATION and estimand.minimum_improvement >= estimand.horizon_days:
        yield Contradiction(
            "estimand.minimum_improvement",
            _("Cases that are followed for {horizon} days cannot become {found} days faster.").format(
                horizon=f"{estimand.horizon_days:g}", found=f"{estimand.minimum_improvement:g}"
            ),
            _("Give a smaller improvement or a longer horizon."),
        )


def _good_direction(protocol: Protocol) -> Iterator[Contradiction]:
    estimand = protocol.estimand
    wrong = {
        OutcomeKind.CASE_DURATION: Direction.HIGHER_IS_BETTER,
        OutcomeKind.COST: Direction.HIGHER_IS_BETTER,
        OutcomeKind.WITHIN_TERM_SHARE: Direction.LOWER_IS_BETTER,
        OutcomeKind.FIRST_TIME_THROUGH_SHARE: Direction.LOWER_IS_BETTER,
    }
    if wrong.get(estimand.outcome) is estimand.direction:
        yield Contradiction(
            "estimand.direction",
            _("{direction} cannot hold for {outcome}.").format(
                direction=estimand.direction.value, outcome=estimand.outcome.value
            ),
            _("Leave the direction out: it follows from the outcome."),
        )


def _controls(protocol: Protocol) -> Iterator[Contradiction]:
    comparison, changing = protocol.comparison, {wave.agency for wave in protocol.change.waves}
    for agency in sorted(changing.intersection(comparison.controls)):
        yield Contradiction(
            "comparison.controls",
            _("{agency} changes and is to be compared as one that does not.").format(agency=agency),
            _("Take it out of the controls or out of the waves."),
        )
    if comparison.kind is ComparisonKind.OWN_PAST and comparison.controls:
        yield Contradiction(
            "comparison.controls",
            _("Agencies are named for comparison, but each is held against its own past."),
            _("Take the controls out, or give kind = “other_agencies”."),
        )


def _draw(protocol: Protocol) -> Iterator[Contradiction]:
    comparison = protocol.comparison
    if comparison.is_order_drawn and comparison.kind is not ComparisonKind.WAVES:
        yield Contradiction(
            "comparison.is_order_drawn",
            _("Only an order of waves can be drawn."),
            _("Take is_order_drawn out, or give kind = “waves”."),
        )
    if comparison.is_order_drawn and comparison.seed is None:
        yield Contradiction(
            "comparison.seed",
            _("The order was drawn, but not from which number."),
            _("Give the seed that potok protocol draw printed: only so can the draw be repeated."),
        )
    if not comparison.is_order_drawn and (comparison.seed is not None or comparison.strata):
        key = "seed" if comparison.seed is not None else "strata"
        yield Contradiction(
            f"comparison.{key}",
            _("“{key}” describes a draw, but the order was not drawn.").format(key=key),
            _("Take {key} out, or give is_order_drawn = true.").format(key=key),
        )


def _strata(protocol: Protocol) -> Iterator[Contradiction]:
    grouped = [agency for group in protocol.comparison.strata for agency in group]
    changing = {wave.agency for wave in protocol.change.waves}
    if grouped and (_repeated(grouped) or set(grouped) != changing):
        stray = sorted({*_repeated(grouped), *changing.symmetric_difference(grouped)})
        yield Contradiction(
            "comparison.strata",
            _("These agencies do not stand in exactly one stratum each: {agencies}.").format(agencies=", ".join(stray)),
            _("Give every agency of the waves in one stratum, and no other."),
        )


def _names(protocol: Protocol) -> Iterator[Contradiction]:
    for key, names in (
        ("quality", [one.name for one in protocol.quality]),
        ("sentinels", [one.name for one in protocol.sentinels]),
    ):
        for name in _repeated(names):
            yield Contradiction(
                key,
                _("“{name}” is given twice.").format(name=name),
                _("Give each a name of its own."),
            )


def _margins(protocol: Protocol) -> Iterator[Contradiction]:
    for place, margin in enumerate(protocol.quality):
        if not 0 < margin.margin_share < 1:
            yield Contradiction(
                f"quality[{place}].margin_share",
                _("No worsening of “{name}” is as much as {found}.").format(
                    name=margin.name, found=f"{margin.margin_share:g}"
                ),
                _("Give a difference of shares between 0 and 1: two percentage points are 0.02."),
            )


def _days(protocol: Protocol) -> Iterator[Contradiction]:
    look = protocol.look
    if look.last_on < look.on:
        yield Contradiction(
            "look.last_on",
            _("The last day, {last}, lies before the look on {day}.").format(last=look.last_on, day=look.on),
            _("Give a last day that is not earlier."),
        )
    if protocol.change.waves and look.on <= min(wave.on for wave in protocol.change.waves):
        yield Contradiction(
            "look.on",
            _("On {day} nothing has changed yet.").format(day=look.on),
            _("Give a day after the first wave, its transition and the horizon."),
        )


def _complaints(protocol: Protocol) -> Iterator[Contradiction]:
    declared = protocol.declarations
    for key, other in (("complaint_attribute", "complaint_value"), ("complaint_value", "complaint_attribute")):
        if getattr(declared, other) and not getattr(declared, key):
            yield Contradiction(
                f"declarations.{key}",
                _("“{other}” says nothing without “{key}”.").format(other=other, key=key),
                _("Give both or neither."),
            )


def _repeated(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


_CHECKS: Final[tuple[Callable[[Protocol], Iterator[Contradiction]], ...]] = (
    _waves,
    _horizon,
    _clock,
    _own_keys,
    _term,
    _improvement,
    _good_direction,
    _controls,
    _draw,
    _strata,
    _names,
    _margins,
    _days,
    _complaints,
)
