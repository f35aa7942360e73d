"""Drawing the order in which agencies change, so that anybody can repeat the draw.

An agency's lot is the SHA-256 of the text ``potok.draw/1``, the seed and the agency's name on three lines. The agencies
of a stratum are put in the order of their lots and fill the waves from the first on. So the order follows from the seed
and the names alone: neither the order in which agencies are listed nor a version of any library plays a part.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import factorial, prod
from typing import Final

from potok.core.language import gettext as _
from potok.verify.protocol.errors import ImpossibleDrawError
from potok.verify.protocol.model import Protocol, Wave

SCHEME: Final = "potok.draw/1"
FEWEST_ASSIGNMENTS: Final = 40
"""With fewer, no result could be rare enough to speak against chance."""


@dataclass(frozen=True, slots=True)
class Draw:
    """An order of agencies that chance decided.

    Parameters
    ----------
    seed
        The number from which it follows.
    waves
        In the order of days, then of agencies.
    strata
        Groups of agencies within which was drawn; empty: among all of them.
    assignments
        How many different orders there could have been, each as likely.
    """

    seed: int
    waves: tuple[Wave, ...]
    strata: tuple[tuple[str, ...], ...]
    assignments: int

    @property
    def smallest_p_value(self) -> float:
        """The smallest p-value that a test by randomisation can give."""
        return 1.0 / self.assignments

    @property
    def is_enough(self) -> bool:
        """Whether a verdict can rest on randomisation."""
        return self.assignments >= FEWEST_ASSIGNMENTS


def draw_order(
    agencies: Sequence[str],
    days: Sequence[date],
    *,
    seed: int,
    sizes: Sequence[int] = (),
    strata: Sequence[Sequence[str]] = (),
) -> Draw:
    """Draw which agency changes on which day.

    Parameters
    ----------
    agencies
        Different names.
    days
        One for each wave, different.
    seed
        Announced before the draw: who may try several chooses the order.
    sizes
        Agencies in each wave; empty: as equal as possible, the earlier waves being larger. Not with `strata`.
    strata
        Groups that share no agency and hold all of them. Each group is spread over the waves as equally as possible;
        what is left over goes to the waves that are smallest so far, the earlier ones first.

    Raises
    ------
    ImpossibleDrawError
        If there are fewer agencies than waves, names or days repeat, or sizes or strata do not fit.
    """
    groups = [tuple(group) for group in strata] or [tuple(agencies)]
    _check(agencies, days, sizes=sizes, groups=groups, has_strata=bool(strata))
    shares = list(_spread([len(group) for group in groups], len(days))) if not sizes else [tuple(sizes)]
    waves = [
        wave for group, share in zip(groups, shares, strict=True) for wave in _deal(group, sorted(days), share, seed)
    ]
    kept = tuple(sorted(tuple(sorted(group)) for group in strata))
    return Draw(seed, _in_order(waves), kept, prod(_count(share) for share in shares))


def is_drawn(protocol: Protocol) -> bool:
    """Return whether a protocol's order is the one that its seed gives; false if none was drawn.

    With one day there is no order: all agencies change on it whatever the seed.
    """
    comparison, waves = protocol.comparison, protocol.change.waves
    if not comparison.is_order_drawn or comparison.seed is None or count_orders(protocol) < 2:
        return False
    days = sorted({wave.on for wave in waves})
    again: list[Wave] = []
    for group in _groups(protocol):
        counted = Counter(wave.on for wave in waves if wave.agency in group)
        again += _deal(group, days, [counted[day] for day in days], comparison.seed)
    return _in_order(again) == _in_order(waves)


def count_orders(protocol: Protocol) -> int:
    """Return in how many ways a protocol's days could be dealt out among its agencies, within its strata."""
    on = {wave.agency: wave.on for wave in protocol.change.waves}
    return prod(_count(list(Counter(on[agency] for agency in group).values())) for group in _groups(protocol))


def _groups(protocol: Protocol) -> Sequence[Sequence[str]]:
    return protocol.comparison.strata or [[wave.agency for wave in protocol.change.waves]]


def _deal(agencies: Sequence[str], days: Sequence[date], sizes: Sequence[int], seed: int) -> Iterator[Wave]:
    places = [day for day, size in zip(days, sizes, strict=True) for _place in range(size)]
    drawn = sorted(agencies, key=lambda agency: (_lot(seed, agency), agency))
    return (Wave(agency, day) for agency, day in zip(drawn, places, strict=True))


def _lot(seed: int, agency: str) -> str:
    return hashlib.sha256(f"{SCHEME}\n{seed}\n{agency}".encode()).hexdigest()


def _spread(counts: Sequence[int], waves: int) -> Iterator[tuple[int, ...]]:
    """Yield how many agencies of each group go into each wave."""
    totals = [0] * waves
    for count in counts:
        share = [count // waves] * waves
        for wave in sorted(range(waves), key=lambda wave: (totals[wave], wave))[: count % waves]:
            share[wave] += 1
        totals = [total + one for total, one in zip(totals, share, strict=True)]
        yield tuple(share)


def _count(sizes: Sequence[int]) -> int:
    return factorial(sum(sizes)) // prod(map(factorial, sizes))


def _in_order(waves: Sequence[Wave]) -> tuple[Wave, ...]:
    return tuple(sorted(waves, key=lambda wave: (wave.on, wave.agency)))


def _check(
    agencies: Sequence[str],
    days: Sequence[date],
    *,
    sizes: Sequence[int],
    groups: Sequence[Sequence[str]],
    has_strata: bool,
) -> None:
    if len(set(agencies)) != len(agencies) or len(set(days)) != len(days):
        raise ImpossibleDrawError(
            _("An agency or a day is given twice."),
            where="--agencies, --waves",
            remedy=_("Give each agency and each day once."),
        )
    if not days or len(agencies) < max(len(days), 2):
        raise ImpossibleDrawError(
            _("{agencies} agencies cannot be dealt out to {waves} waves.").format(
                agencies=len(agencies), waves=len(days)
            ),
            where="--agencies, --waves",
            remedy=_("Give at least two agencies, and at least one for each wave."),
        )
    if sizes and (has_strata or len(sizes) != len(days) or sum(sizes) != len(agencies) or min(sizes) < 1):
        raise ImpossibleDrawError(
            _("The sizes of the waves do not fit {agencies} agencies.").format(agencies=len(agencies)),
            where="--waves",
            remedy=_("Give sizes for all waves that add up to the agencies, or none; with strata, none."),
        )
    grouped = [agency for group in groups for agency in group]
    if len(set(grouped)) != len(grouped) or set(grouped) != set(agencies):
        raise ImpossibleDrawError(
            _("The strata do not hold each agency once."),
            where="--strata",
            remedy=_("Give every agency in one stratum, and no other."),
        )
