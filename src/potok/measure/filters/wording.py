"""Filters written out again as the line of text that `potok.measure.filters.expression` reads."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from potok.core.time_units import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS
from potok.measure.filters.base import All, AnyOf, CaseFilter, Not
from potok.measure.filters.kinds import (
    ATTRIBUTE_PREFIX,
    CaseValues,
    Duration,
    Endpoints,
    Follows,
    HasActivity,
    IsOpen,
    TimeWindow,
    TopVariants,
    Variants,
)
from potok.measure.filters.record import filter_as_record
from potok.measure.running import MICROSECONDS

_WINDOWS: Final = {"started": "opened", "completed": "closed", "contained": "within", "intersecting": "touches"}
_UNITS: Final = (("d", DAY_SECONDS), ("h", HOUR_SECONDS), ("min", MINUTE_SECONDS))
_QUOTES: Final = (("“", "”"), ('"', '"'), ("«", "»"), ("'", "'"))
_REPEATED: Final = 2


class _NoWordsError(Exception):
    """A filter that only a record can hold."""


def filter_as_text(case_filter: CaseFilter) -> str:
    """Return a filter as an expression; as a JSON record, if an expression cannot hold it."""
    try:
        return _words(case_filter)
    except _NoWordsError:
        return json.dumps(filter_as_record(case_filter), ensure_ascii=False)


def _words(case_filter: CaseFilter) -> str:
    if isinstance(case_filter, All):
        return " and ".join(_bracketed(part, All | AnyOf) for part in case_filter.filters)
    if isinstance(case_filter, AnyOf):
        return " or ".join(_bracketed(part, AnyOf) for part in case_filter.filters)
    if isinstance(case_filter, Not):
        return f"not {_bracketed(case_filter.part, All | AnyOf)}"
    return _WORDS[type(case_filter)](case_filter)


def _bracketed(case_filter: CaseFilter, kinds: Any) -> str:
    words = _words(case_filter)
    return f"({words})" if isinstance(case_filter, kinds) else words


def _value(text: str) -> str:
    is_plain = re.fullmatch(r"\w[\w .\-/№]*", text) and not re.search(r"\s(and|or)\s|\s$", text)
    if is_plain:
        return text
    for opening, closing in _QUOTES:
        if text and closing not in text:
            return f"{opening}{text}{closing}"
    raise _NoWordsError


def _values(texts: tuple[str, ...]) -> str:
    return ", ".join(map(_value, texts))


def _case_values(chosen: CaseValues) -> str:
    named = tuple(value for value in chosen.values if value is not None)
    if not named:
        return f"unknown({_value(chosen.column)})"
    if len(named) < len(chosen.values):
        raise _NoWordsError
    name = chosen.column
    if name.startswith(ATTRIBUTE_PREFIX):
        name = ATTRIBUTE_PREFIX + _value(name.removeprefix(ATTRIBUTE_PREFIX))
    return f"{name}={_values(named)}"


def _has_activity(chosen: HasActivity) -> str:
    if chosen.times == 1:
        return f"activity={_values(chosen.activities)}"
    if chosen.times == _REPEATED and len(chosen.activities) == 1:
        return f"repeats({_values(chosen.activities)})"
    raise _NoWordsError


def _window(chosen: TimeWindow) -> str:
    name = _WINDOWS[chosen.mode]
    if chosen.ends is None:
        return f"{name}>={chosen.begins}"
    if chosen.begins is None:
        return f"{name}<{chosen.ends}"
    last = chosen.ends
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", last):
        # The last day of a span of dates belongs to it.
        last = (date.fromisoformat(last) - timedelta(days=1)).isoformat()
    return f"{name}={chosen.begins}..{last}"


def _duration(chosen: Duration) -> str:
    lower, upper = chosen.at_least_seconds, chosen.less_than_seconds
    if lower is not None and upper is not None:
        return f"duration={_length(lower)}..{_length(upper)}"
    limit, signs = (lower, (">=", ">")) if lower is not None else (upper, ("<", "<="))
    whole_us = round((limit or 0) * MICROSECONDS)
    # One microsecond above a whole second is how "longer than" is held.
    is_beyond = whole_us % MICROSECONDS == 1
    return f"duration{signs[is_beyond]}{_length((whole_us - is_beyond) / MICROSECONDS)}"


def _length(seconds: float) -> str:
    for unit, size in _UNITS:
        if seconds and seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + "s"


def _share(chosen: TopVariants) -> str:
    text = repr(chosen.share)
    if "e" in text:
        raise _NoWordsError
    return f"top_variants={text}"


_WORDS: Final[dict[type[CaseFilter], Callable[[Any], str]]] = {
    CaseValues: _case_values,
    HasActivity: _has_activity,
    TimeWindow: _window,
    Duration: _duration,
    TopVariants: _share,
    Variants: lambda chosen: "variant=" + ",".join(map(str, chosen.variants)),
    Endpoints: lambda chosen: f"{chosen.end}={_values(chosen.activities)}",
    Follows: lambda chosen: (
        f"{'directly_follows' if chosen.directly else 'follows'}({_values((chosen.first, chosen.second))})"
    ),
    IsOpen: lambda _chosen: "open",
}
