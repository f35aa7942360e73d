"""Names that must be known, and must differ."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from math import fsum

from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.simulate.model.documents.taking import SHARE_TOLERANCE
from potok.simulate.model.errors import Problem


def unknown_names(place: str, names: Iterable[str], known: Collection[str], message: str = "") -> Iterator[Problem]:
    """Yield a problem for each name that is not known, with the nearest that is.

    Parameters
    ----------
    message
        A sentence with the placeholder ``{name}``, already translated; by default about an activity.
    """
    for name in dict.fromkeys(names):
        if name not in known:
            near = get_close_matches(name, sorted(known), n=1)
            hint = " " + _("Perhaps {name} is meant.").format(name=quoted(near[0])) if near else ""
            sentence = message or _("There is no activity {name}.")
            yield Problem(place, sentence.format(name=quoted(name)) + hint)


def repeated_names(place: str, names: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem for each name that stands more than once."""
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem(place, _("The name {name} is given {count} times.").format(name=quoted(name), count=count))


def wrong_share(place: str, share: float) -> Iterator[Problem]:
    """Yield a problem unless a share lies between 0 and 1."""
    if not 0.0 <= share <= 1.0:
        yield Problem(place, _("The share {share} does not lie between 0 and 1.").format(share=share))


def wrong_sum(place: str, shares: Iterable[float]) -> Iterator[Problem]:
    """Yield a problem unless shares sum to 1."""
    values = list(shares)
    total = fsum(values)
    if not abs(total - 1.0) <= SHARE_TOLERANCE or any(share < 0 for share in values):
        yield Problem(place, _("The shares sum to {total:.6g}, not to 1.").format(total=total))


def negative(place: str, **numbers: float) -> Iterator[Problem]:
    """Yield a problem for each number that is negative or no number."""
    for name, number in numbers.items():
        if not 0.0 <= number < float("inf"):
            yield Problem(f"{place}.{name}", _("{number} is negative or no number.").format(number=number))
