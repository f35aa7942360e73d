"""Times until something happens, some of them cut off: checked, and counted into risk sets.

A subject is watched from its `entry` (0, unless it came under observation late) until its `duration`, when the event
happens or watching ends (censoring). At each time the **risk set** holds the subjects that entered before it and have
not left before it; those that enter at 0 are in the risk set of time 0, so that a case closed at the instant of its
opening counts. Where events and censorings fall together, events come first.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.core.language import ngettext

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class NoSubjectsError(BadDataError):
    """A sample without a single subject."""

    code = "POTOK-N002"


class InvalidObservationsError(BadDataError):
    """Durations that are negative or not finite, end before they begin, or arrays that do not fit together."""

    code = "POTOK-N003"


class EmptyRiskSetError(BadDataError):
    """Nobody is left under observation before the last subject enters, so that nothing can be said from there on."""

    code = "POTOK-N004"


@dataclass(frozen=True, slots=True)
class RiskSets:
    """Counts at each distinct time at which someone leaves, in order of time.

    Parameters
    ----------
    times
        Shape (k,), ascending.
    at_risk
        Shape (k,): subjects that entered before the time (or at 0) and have not left before it.
    events
        Shape (k, c): events of each cause at the time.
    origin
        Earliest entry. Above 0 nothing is known of earlier times.
    last_entry
        Latest entry.
    """

    times: Floats
    at_risk: Integers
    events: Integers
    origin: float
    last_entry: float


def count_risk_sets(
    durations: ArrayLike, causes: ArrayLike, *, entry: ArrayLike | None = None, n_causes: int = 1
) -> RiskSets:
    """Check observations and count them into risk sets.

    Parameters
    ----------
    durations
        Shape (n,): time at which each subject left, not negative.
    causes
        Shape (n,): 0 for censoring, else the number of the cause, up to `n_causes`; booleans are one cause.
    entry
        Shape (n,): time at which each subject came under observation; 0 by default.

    Raises
    ------
    NoSubjectsError
        If the arrays are empty.
    InvalidObservationsError
        If lengths differ, a time is negative, infinite or nan, a cause is unknown, or a subject does not leave after
        it has entered.
    """
    left, cause = _checked_times(durations, name="durations"), _checked_causes(causes, n_causes)
    entered = np.zeros_like(left) if entry is None else _checked_times(entry, name="entry")
    _check_lengths(left, cause, entered)
    _check_spans(left, entered)
    times, place = np.unique(left, return_inverse=True)
    leaving = np.bincount(place, minlength=times.size)
    has_left_before = np.cumsum(leaving) - leaving
    has_entered = np.searchsorted(np.sort(entered), times, side="left")
    if times[0] == 0:
        has_entered[0] = np.count_nonzero(entered == 0)
    events = np.stack(
        [np.bincount(place[cause == code], minlength=times.size) for code in range(1, n_causes + 1)], axis=1
    )
    return RiskSets(
        times,
        (has_entered - has_left_before).astype(np.int64),
        events.astype(np.int64),
        float(entered.min()),
        float(entered.max()),
    )


def waiting_shares(risk: RiskSets) -> Floats:
    """Return the product-limit estimate: the share still waiting just after each time, shape (k,).

    Raises
    ------
    EmptyRiskSetError
        If it falls to 0 before the last subject has entered: it would stay there, whatever is seen later.
    """
    shares: Floats = np.cumprod(1 - risk.events.sum(axis=1) / np.maximum(risk.at_risk, 1))
    has_ended = shares <= 0
    if has_ended.any():
        ended = float(risk.times[np.argmax(has_ended)])
        if risk.last_entry >= ended > 0:
            raise EmptyRiskSetError(
                _("After {time} nobody is left under observation, but others enter later.").format(time=ended),
                where="entry",
                remedy=_("Begin the observation later, where more subjects are under observation."),
            )
    return shares


def greenwood_terms(events: Integers, at_risk: Integers) -> Floats:
    """Return d / (n (n − d)) at each time; 0 where all at risk are served, as nothing is uncertain after that."""
    left = (at_risk - events).astype(np.float64)
    return np.divide(events, at_risk * left, out=np.zeros(events.size), where=left > 0)


def _checked_times(values: ArrayLike, *, name: str) -> Floats:
    times = np.asarray(values, dtype=np.float64)
    if times.ndim != 1:
        raise InvalidObservationsError(
            _("An array of one dimension is needed, not of {count}.").format(count=times.ndim),
            where=name,
            remedy=_("Give one value for each subject."),
        )
    if times.size == 0:
        raise NoSubjectsError(_("There is nobody to observe."), where=name, remedy=_("Widen the filter or the period."))
    _refuse(~np.isfinite(times), times, name=name, reason=_("not a finite number"))
    _refuse(times < 0, times, name=name, reason=_("negative"))
    return times


def _checked_causes(values: ArrayLike, n_causes: int) -> Integers:
    causes = np.asarray(values)
    if causes.dtype.kind not in "bui":
        raise InvalidObservationsError(
            _("Causes must be whole numbers or booleans, not {kind}.").format(kind=causes.dtype),
            where="causes",
            remedy=_("Number the outcomes from 1, and give 0 to those that are still waiting."),
        )
    _refuse((causes < 0) | (causes > n_causes), causes, name="causes", reason=_("not a known cause"))
    return causes.astype(np.int64)


def _check_lengths(*arrays: NDArray[np.generic]) -> None:
    lengths = [array.size for array in arrays]
    if len(set(lengths)) > 1:
        raise InvalidObservationsError(
            _("The arrays have different lengths: {lengths}.").format(lengths=", ".join(map(str, lengths))),
            where="durations, causes, entry",
            remedy=_("Give one value for each subject."),
        )


def _check_spans(left: Floats, entered: Floats) -> None:
    # Who enters at 0 and leaves at 0 was seen; who enters and leaves at any later instant was not.
    _refuse((entered >= left) & (entered > 0), entered, name="entry", reason=_("not before the end of the observation"))


def _refuse(is_wrong: NDArray[np.bool_], values: NDArray[np.generic], *, name: str, reason: str) -> None:
    count = int(np.count_nonzero(is_wrong))
    if count:
        first = int(np.argmax(is_wrong))
        message = ngettext(
            "{count} value is {reason}, first {value} at position {position}.",
            "{count} values are {reason}, first {value} at position {position}.",
            count,
        )
        raise InvalidObservationsError(
            message.format(count=count, reason=reason, value=values[first], position=first),
            where=name,
            remedy=_("Leave these subjects out, and say how many they are."),
        )
